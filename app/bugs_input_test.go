package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// impatient opens the App so that PostgreSQL does not wait long for a lock.
func impatient(t *testing.T, w *apptest.World) {
	t.Helper()
	w.Options.Database += "&lock_timeout=300"
	w.Reopen(t)
}

// Units, people and task forces are only looked up by the verbs for tickets and projects. Locking them makes neighbours wait for each other in any
// order: 8 writers on 8 tickets met 28 deadlocks in 240 writes, each a second long.
func TestLookingUpDoesNotLock(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		impatient(t, w)
		busy, err := lookAside(t, w).db.Begin()
		apptest.Must(t, err, "begin")
		defer func() { _ = busy.Rollback() }()
		for _, table := range []string{"units", "users", "task_forces"} {
			_, err := busy.Exec("SELECT 1 FROM " + table + " FOR NO KEY UPDATE") // what an UPDATE of these rows holds
			apptest.Must(t, err, "lock %s", table)
		}
		for _, v := range append(c.projectVerbs(), c.ticketVerbs()...) {
			apptest.Must(t, v.call(w.As(t, v.by)), "%s while somebody edits units, people and task forces", v.name)
		}
	})
}

// An error of the database is not the fault of the person who typed: it must stay unknown, or a conflict is not run again and the person is told to choose.
func TestDatabaseErrorIsNobodysFault(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		impatient(t, w)
		side, ctx, s := lookAside(t, w), context.Background(), c.s
		for table, call := range map[string]func() error{
			"users": func() error {
				return w.App.HandTicket(ctx, w.As(t, "gxj.lead"), app.HandTicket{Ticket: c.running, Version: c.ticket(c.running).Version, HandlerID: s.Users["gxj.hand"]})
			},
			"units": func() error {
				return second(w.App.AddUser(ctx, app.Setup("test"), app.AddUser{Account: "somebody", Name: "示例", UnitID: s.Units["gxj"]}))
			},
			"task_forces": func() error {
				return second(w.App.AddProject(ctx, w.As(t, "tf1"), app.AddProject{Code: "P-007", Name: "示例", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 1, Year: 2023}))
			},
		} {
			busy, err := side.db.Begin()
			apptest.Must(t, err, "begin")
			_, err = busy.Exec("SELECT 1 FROM " + table + " FOR NO KEY UPDATE")
			apptest.Must(t, err, "lock")
			if err := call(); app.AsFaults(err) != nil {
				t.Errorf("a lock on %s that did not come is told to the person as %v", table, err)
			}
			apptest.Must(t, busy.Rollback(), "let go")
		}
	})
}

// Two commits may tell the hub in the other order; the listener's newest size must not go back.
func TestHubNeverGoesBack(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	news, stop := w.App.Listen()
	defer stop()
	app.Tell(w.App, 11)
	app.Tell(w.App, 10)
	if got := <-news; got != 11 {
		t.Errorf("the newest size is %d, want 11", got)
	}
}

// What can't be stored as text on every database is refused when it is typed, not by one of the databases with an unknown error.
func TestTextIsText(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		for i, name := range []string{"甲\x00乙", "甲\xff乙"} {
			err := second(w.App.AddUnit(context.Background(), w.As(t, "admin"), app.AddUnit{Code: fmt.Sprint("u", i), Name: name, Kind: "bureau"}))
			wantKind(t, fmt.Sprintf("%q", name), err, app.Invalid, "")
		}
		_, err := enter(w, "su\x00p", goodPassword, "10.0.0.1", "browser")
		wantKind(t, "an account with a NUL", err, app.Invalid, "wrong_password")
	})
}

// Who is named must exist: a task force led by nobody can't escalate anything, since the look-up of its leader fails in every sweep.
func TestPeopleWhoAreNamedExist(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		p := addProject(t, w, s, "P-001", "gxj")
		assign := func(cmd app.Assign) error {
			cmd.Project, cmd.Reason = p.ID, "示例"
			if cmd.UnitID == 0 {
				cmd.UnitID = s.Units["gxj"]
			}
			return w.App.Assign(ctx, w.As(t, "tf1"), cmd)
		}
		for name, err := range map[string]error{
			"leader of a task force":      second(w.App.AddTaskForce(ctx, w.As(t, "admin"), app.AddTaskForce{Code: "4", Name: "兴金融", LeaderID: 999})),
			"deputy of a task force":      second(w.App.AddTaskForce(ctx, w.As(t, "admin"), app.AddTaskForce{Code: "5", Name: "创意设计", LeaderID: s.Users["tf1"], DeputyID: 999})),
			"new leader of a task force":  w.App.ChangeTaskForce(ctx, w.As(t, "admin"), app.ChangeTaskForce{ID: s.Forces["10"], Version: 1, LeaderID: 999, Reason: "示例"}),
			"responsible person":          assign(app.Assign{ResponsibleID: 999}),
			"guarantee leader":            assign(app.Assign{GuaranteeLeaderID: 999}),
			"unit of an assignment":       assign(app.Assign{UnitID: 999}),
			"leader who gave instruction": second(w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "instruction", Title: "示例", Basis: "示例", Instruction: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays", LeaderID: 999})),
		} {
			if f := app.AsFaults(err); len(f) == 0 || f[0].Kind != app.Invalid {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
	})
}

// A term that no date can be worked out from is refused when the ticket is drafted; later nobody could approve the ticket.
func TestDueTermsCanBeWorkedOut(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		for i, term := range []string{"2 hours", "-5 workdays"} {
			name := fmt.Sprint("T", i)
			err := st.line("ticket " + name + ` term="` + term + `"`)
			if err == nil {
				apptest.Must(t, st.line("move "+name+" submit_draft as=sup"), "submit")
				err = st.line("move " + name + " approve as=dir")
				t.Errorf("%s was taken for a term; approving says %v", term, err)
				continue
			}
			wantKind(t, term, err, app.Invalid, "due_needed")
		}
	})
}

// "fields that the move does not need are ignored": what nobody asked for must not fill the journal.
func TestUnneededFieldsAreIgnored(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		apptest.Must(t, st.line(`ticket T term="3 months"`), "draft")
		move := func(as string, cmd app.MoveTicket) {
			k, err := st.find("T")
			apptest.Must(t, err, "find")
			cmd.Ticket, cmd.Version = k.ID, k.Version
			apptest.Must(t, second(w.App.MoveTicket(context.Background(), w.As(t, as), cmd)), "%s with fields that it does not need", cmd.Move)
		}
		move("sup", app.MoveTicket{Move: "submit_draft", Reason: strings.Repeat("长", 100_000), Note: "示例"})
		all := records(t, w)
		if got := all[len(all)-1].Reason; got != "" {
			t.Errorf("the record's reason has %d bytes that nobody asked for", len(got))
		}
		move("dir", app.MoveTicket{Move: "approve", ShownOn: date("2024-01-01"), ExpectedEnd: date("2020-01-01")})
	})
}

// A search finds the same on both databases, whatever the case of what was typed.
func TestSearchIgnoresCase(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s := w.Seed(t)
		addProject(t, w, s, "P-001", "gxj")
		for _, text := range []string{"P-001", "p-001"} {
			if found, err := w.App.Projects(context.Background(), w.As(t, "dir"), app.ProjectFilter{Text: text}); err != nil || len(found) != 1 {
				t.Errorf("%q finds %d projects, %v", text, len(found), err)
			}
		}
	})
}
