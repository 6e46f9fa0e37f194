package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// A transaction that is run again must not remember its first run: the number that was given in vain is given again, and the counter knows.
func TestProjectNumbersSurviveARerun(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		add := func(name string) error {
			return second(w.App.AddProject(ctx, w.As(t, "tf1"), app.AddProject{Name: name, Level: "city", TaskForceID: s.Forces["1"], InvestFen: 1, Year: 2023}))
		}
		lookAside(t, w).pushAside("journal", 1)
		apptest.Must(t, add("示例甲"), "add a project after being pushed aside")
		apptest.Must(t, add("示例乙"), "add another project")
	})
}

// REPLACE deletes and inserts. SQLite runs delete triggers for it only where recursive_triggers is on, so an insert has to be guarded as well.
func TestThePastIsNotReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		_, side := past(t, w)
		attacks := []string{"TRUNCATE journal_head", "TRUNCATE journal_head CASCADE"}
		if !side.postgres {
			attacks = []string{
				"REPLACE INTO journal SELECT no, 0, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record FROM journal WHERE no = 1",
				"REPLACE INTO journal_hashes SELECT id, zeroblob(32) FROM journal_hashes WHERE id = 0",
				"REPLACE INTO checkpoints SELECT size, 0, note FROM checkpoints",
				"REPLACE INTO judgements SELECT id, project_id, month, 'green', schedule_bp, done_bp, ruleset, judged_at FROM judgements WHERE id = 1",
				"REPLACE INTO journal_head (id, size, at) VALUES (1, 0, 0)",
				"REPLACE INTO milestones SELECT id, version, project_id, position, name, '2023-12-31', revised_on, actual_on, owner_id, evidence, light, light_rule, light_since, next_check_at FROM milestones WHERE id = 1",
			}
		}
		for _, attack := range attacks {
			if err := side.try(attack); err == nil {
				t.Errorf("%.40s…: went through", attack)
			}
		}
	})
}

// A trigger that fires for replicas only does not fire for anybody else.
func TestTheDoctorNamesTheReplicaOnlyGuard(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		lookAside(t, w).exec("ALTER TABLE journal ENABLE REPLICA TRIGGER journal_no_delete")
		run, err := w.App.Examine(context.Background(), app.System("doctor"), false)
		apptest.Must(t, err, "examine")
		if run.Sound || !strings.Contains(run.Findings, "journal_no_delete") {
			t.Errorf("the guard does not fire, and the doctor says %s", run.Findings)
		}
	})
}

// design.md section 5: the version is compared before the machine is asked, so who comes late to a move hears who was quicker, not that the move is not in the law.
func TestLateMoverHearsWhoWasQuicker(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		for _, line := range []string{`ticket T term="3 months"`, "move T submit_draft as=sup"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		k, err := st.find("T")
		apptest.Must(t, err, "find")
		dir, stale := w.As(t, "dir"), 0
		for _, err := range together(20, func(int) error {
			return second(w.App.MoveTicket(context.Background(), dir, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"}))
		}) {
			if f := app.AsFaults(err); len(f) == 1 && f[0].Kind == app.Stale && f[0].Args["Who"].(audit.Actor).Name == dir.Name {
				stale++
			}
		}
		if stale != 19 {
			t.Errorf("%d of 19 late movers heard that they were late", stale)
		}
	})
}

// Who may not see a project must not hear who changed it last: a wrong version is no way in.
func TestOldVersionTellsStrangersNothing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx, stranger := w.Seed(t), context.Background(), w.As(t, "kpb.hand")
		p := addProject(t, w, s, "P-001", "gxj")
		for name, err := range map[string]error{
			"MoveProject": w.App.MoveProject(ctx, stranger, app.MoveProject{Project: p.ID, Version: 99, Move: "complete"}),
			"SetPlan":     w.App.SetPlan(ctx, stranger, app.SetPlan{Project: p.ID, Version: 99}),
			"Assign":      w.App.Assign(ctx, stranger, app.Assign{Project: p.ID, Version: 99}),
		} {
			if f := app.AsFaults(err); len(f) != 1 || f[0].Kind != app.Denied && f[0].Kind != app.Missing {
				t.Errorf("%s: %v, want denied or missing", name, err)
			}
		}
	})
}

// A draft is not there for the units until it is issued, neither through the project that they answer for nor by trying moves on it.
func TestDraftsAreHiddenFromUnits(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		p := addProject(t, w, s, "P-001", "gxj") // gxj.hand is its responsible person
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "拟办中", Basis: "示例依据", TaskForceID: s.Forces["1"], ProjectID: p.ID,
			LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"})
		apptest.Must(t, err, "draft")
		hand := w.As(t, "gxj.hand")
		if seen := look(t, w, "gxj.hand"); len(seen.tickets) != 0 || slices.Contains(seen.journal, "ticket "+k.No) {
			t.Errorf("the responsible person sees %v, and in the journal %v", seen.tickets, seen.journal)
		}
		wantKind(t, "the draft's page", second(w.App.TicketFile(ctx, hand, k.No)), app.Missing, "missing")
		wantKind(t, "a move on the draft", second(w.App.MoveTicket(ctx, hand, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "accept"})), app.Missing, "missing")
		if f := app.AsFaults(w.App.HandTicket(ctx, hand, app.HandTicket{Ticket: k.ID, Version: 99, HandlerID: hand.ID})); len(f) != 1 || f[0].Kind != app.Denied && f[0].Kind != app.Missing {
			t.Errorf("handing the draft on: %v, want denied or missing", f)
		}
	})
}

// Guesses that come at once count like guesses that come one after the other.
func TestCheck22ParallelGuessesAreThrottled(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		compared := 0
		for _, err := range together(32, func(i int) error {
			return second(enter(w, "sup", fmt.Sprint("wrong-Password-", i), "10.0.0.9", "browser"))
		}) {
			if f := app.AsFaults(err); len(f) == 1 && f[0].Key == "wrong_password" {
				compared++
			}
		}
		if compared > 8 {
			t.Errorf("%d of 32 passwords were compared, want 8 at most", compared)
		}
	})
}

// The first link makes the first administrator, not another one beside accounts that came otherwise (a restored backup, the command line).
func TestCheck23FirstLinkDiesWithTheFirstAccount(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		link, err := w.App.FirstLink(context.Background())
		apptest.Must(t, err, "first link")
		w.Seed(t)
		cmd := first()
		cmd.Unit = "示例冒充单位"
		if err := w.App.CompleteSetup(context.Background(), link, "10.0.0.1", cmd); err == nil || app.AsFaults(err) == nil {
			t.Errorf("a second administrator was made by the first link: %v", err)
		}
	})
}

// Many Chinese characters begin with the same byte: no reason to call a line of verse weak.
func TestChinesePasswordIsNotWeak(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	link, err := w.App.FirstLink(context.Background())
	apptest.Must(t, err, "first link")
	cmd := first()
	cmd.Password, cmd.Again = "春江潮水连海平海上明月共潮生", "春江潮水连海平海上明月共潮生"
	apptest.Must(t, w.App.CompleteSetup(context.Background(), link, "10.0.0.1", cmd), "a line of verse as a password")
}

// Tokens are 256 random bits whatever reader the bits come from: a reader may give fewer bytes than asked for.
func TestTokensAreWholeWhateverTheReader(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	w.Options.Rand = iotest.OneByteReader(rand.Reader)
	w.Reopen(t)
	link, err := w.App.FirstLink(context.Background())
	apptest.Must(t, err, "first link")
	if strings.HasSuffix(link, "AAAAAAAA") {
		t.Errorf("the token is %s", link)
	}
}

// Ending a grant that has ended must not make it last longer in hindsight.
func TestRevokeDoesNotProlong(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx, admin := w.Seed(t), context.Background(), w.As(t, "admin")
		g, err := w.App.Grant(ctx, admin, app.Grant{UserID: s.Users["sup"], Role: workflows.RoleInspector, Scope: "district", ValidTo: date("2023-03-14")})
		apptest.Must(t, err, "grant")
		w.At(t, "2023-06-01 09:00")
		if err := w.App.Revoke(ctx, admin, g.ID); err != nil && app.AsFaults(err) == nil {
			t.Fatal(err)
		}
		if got := lookAside(t, w).text("SELECT valid_to FROM role_grants WHERE id = ?", g.ID); got != "2023-03-14" {
			t.Errorf("a grant that ended on 14 March now ends on %s", got)
		}
	})
}

// The sweep is the machine's: nobody's name may stand on it.
func TestPeopleDoNotSweep(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		st.issueOne()
		w.At(t, "2023-03-17 09:00")
		side := lookAside(t, w)
		before := side.sums()
		_, err := w.App.Sweep(context.Background(), w.As(t, "insp"), 0)
		wantKind(t, "a sweep by the inspector", err, app.Denied, "denied")
		if changed := differ(before, side.sums()); len(changed) > 0 {
			t.Errorf("the inspector's sweep changed %v", changed)
		}
	})
}

// A person who holds a role in the lead unit is of that unit when it comes to judging, whatever unit the account belongs to.
func TestRecusalFollowsRoles(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
		ctx, setup := context.Background(), app.Setup("test")
		_, err := w.App.Grant(ctx, setup, app.Grant{UserID: st.s.Users["sup"], Role: workflows.RoleUnitLeader, Scope: "unit", ScopeID: st.s.Units["zjj"]})
		apptest.Must(t, err, "grant")
		for _, line := range []string{`ticket T lead=zjj term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir", "move T accept as=zjj.hand", "move T start as=zjj.hand",
			"move T submit as=sup feedback=示例", "refuse recused move T verify as=sup"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		p := addProject(t, w, st.s, "P-001", "zjj")
		apptest.Must(t, w.App.ReportProgress(ctx, w.As(t, "sup"), app.ReportProgress{Project: p.ID, Month: calendar.MakeMonth(2023, 3)}), "report")
		d, err := w.App.ProjectDossier(ctx, w.As(t, "sup"), "P-001")
		apptest.Must(t, err, "dossier")
		e := d.Months[2].Entry
		wantKind(t, "verifying one's own report", w.App.VerifyProgress(ctx, w.As(t, "sup"), app.VerifyProgress{Entry: e.ID, Version: e.Version, Accept: true}), app.Refused, "recused")
	})
}

// The doc of HandTicket: the unit's leader and the present handler may, not everybody of the unit.
func TestOnlyThePresentHandlerHandsOn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		ctx := context.Background()
		_, err := w.App.Grant(ctx, app.Setup("test"), app.Grant{UserID: c.extra, Role: workflows.RoleUnitHandler, Scope: "unit", ScopeID: c.s.Units["gxj"]})
		apptest.Must(t, err, "grant")
		hand := func(as string, to int64) error {
			return w.App.HandTicket(ctx, w.As(t, as), app.HandTicket{Ticket: c.running, Version: c.ticket(c.running).Version, HandlerID: to})
		}
		apptest.Must(t, hand("gxj.lead", c.s.Users["gxj.hand"]), "the leader hands it to a handler")
		wantKind(t, "a colleague takes it away", hand("extra", c.extra), app.Denied, "denied")
		apptest.Must(t, hand("gxj.hand", c.extra), "the present handler hands it on")
	})
}

// A claim that nobody can decide any more must not block the project for ever.
func TestForgottenClaimDoesNotBlockTheProject(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		p := addProject(t, w, s, "P-001", "gxj")
		read := func() app.Dossier {
			d, err := w.App.ProjectDossier(ctx, app.System("test"), "P-001")
			apptest.Must(t, err, "dossier")
			return d
		}
		claim := func(as, move string) error {
			return w.App.MoveProject(ctx, w.As(t, as), app.MoveProject{Project: p.ID, Version: read().Project.Version, Move: move, OccurredOn: date("2023-03-13"), Criterion: "accepted",
				Evidence: "示例", Reason: "示例"})
		}
		decide := func(accept bool) error {
			c := read().Claims[0]
			return w.App.DecideStage(ctx, w.As(t, "dir"), app.DecideStage{Claim: c.ID, Version: c.Version, Accept: accept, Note: "示例"})
		}
		apptest.Must(t, claim("tf1", "suspend"), "claim a suspension")
		apptest.Must(t, decide(true), "accept it")
		apptest.Must(t, claim("tf1", "remove"), "claim the removal")
		if err := claim("gxj.hand", "resume"); err != nil {
			return // refused while a claim waits: nothing is blocked
		}
		if err := decide(false); err != nil {
			t.Errorf("the claim can't even be rejected: %v", err)
		}
		if err := claim("gxj.hand", "complete"); err != nil {
			t.Errorf("the project can't go on: %v", err)
		}
	})
}

// A mail that was in the air when its light went out, and came back for another try, stays at home.
func TestRetryOfALiftedLightIsWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issueOne()
		claim(t, w.App, 100)
		w.At(t, "2023-03-15 08:30")
		st.sweep()
		ctx, inTheAir := context.Background(), claim(t, w.App, 100)
		if len(inTheAir) == 0 {
			t.Fatal("nothing was claimed")
		}
		apptest.Must(t, st.line("move T accept as=gxj.lead"), "accept")
		for _, d := range inTheAir {
			apptest.Must(t, w.App.Settle(ctx, d, "retry", errors.New("451 later")), "settle")
		}
		w.Clock.Set(w.Clock.Now().Add(5 * time.Minute))
		for _, d := range claim(t, w.App, 100) {
			if d.Reminder.EscalationID != 0 {
				t.Errorf("reminder %d is sent for a light that is out", d.Reminder.ID)
			}
		}
	})
}

// Who lost the account between queueing and sending gets no mail.
func TestNoMailToAShutAccount(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issueOne()
		apptest.Must(t, st.line("disable gxj.lead"), "disable")
		for _, d := range claim(t, w.App, 100) {
			if d.Recipient.Disabled {
				t.Errorf("a mail goes to %s, whose account is shut", d.Recipient.Account)
			}
		}
	})
}
