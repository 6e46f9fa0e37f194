package app_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// view is what an account's lists show, by public number; the journal by "kind number".
type view struct{ projects, tickets, journal []string }

func look(t *testing.T, w *apptest.World, account string) view {
	t.Helper()
	ctx, as := context.Background(), w.As(t, account)
	var v view
	cards, err := w.App.Projects(ctx, as, app.ProjectFilter{})
	apptest.Must(t, err, "projects")
	for _, c := range cards {
		v.projects = append(v.projects, c.Project.Code)
	}
	tickets, err := w.App.Tickets(ctx, as, app.TicketFilter{})
	apptest.Must(t, err, "tickets")
	for _, k := range tickets {
		v.tickets = append(v.tickets, k.Title)
	}
	rows, err := w.App.Journal(ctx, as, app.JournalFilter{Limit: 1000})
	apptest.Must(t, err, "journal")
	for _, r := range rows {
		record, err := r.Decoded()
		apptest.Must(t, err, "decode")
		v.journal = append(v.journal, record.Object.Kind+" "+record.Object.No)
	}
	for _, list := range []*[]string{&v.projects, &v.tickets, &v.journal} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return v
}

// stages two units at work for task force 1: each has a project and an issued ticket, and the drafts are still nobody's but the task force's.
func twoUnits(t *testing.T, w *apptest.World) *stage {
	t.Helper()
	st := &stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}
	addProject(t, w, st.s, "P-001", "gxj")
	addProject(t, w, st.s, "P-002", "zjj")
	for _, line := range []string{
		`ticket 甲 lead=gxj term="3 months"`, "move 甲 submit_draft as=sup", "move 甲 approve as=dir",
		`ticket 乙 lead=zjj term="3 months"`, "move 乙 submit_draft as=sup", "move 乙 approve as=dir",
		`ticket 甲拟 lead=gxj term="3 months"`, `ticket 乙审 lead=zjj assist=gxj term="3 months"`, "move 乙审 submit_draft as=sup",
		`ticket 考 tf=10 lead=kpb term="3 months"`,
	} {
		apptest.Must(t, st.line(line), "%s", line)
	}
	return st
}

func TestListsShowWhatIsOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		twoUnits(t, w)
		all := view{projects: []string{"P-001", "P-002"}, tickets: []string{"乙", "乙审", "甲", "甲拟", "考"}}
		for account, want := range map[string]view{
			"gxj.hand": {projects: []string{"P-001"}, tickets: []string{"甲"}, journal: []string{"assignment P-001", "project P-001", "ticket 2023-001"}},
			"gxj.lead": {projects: []string{"P-001"}, tickets: []string{"甲"}, journal: []string{"assignment P-001", "project P-001", "ticket 2023-001"}},
			"zjj.hand": {projects: []string{"P-002"}, tickets: []string{"乙"}, journal: []string{"assignment P-002", "project P-002", "ticket 2023-002"}},
			"kpb.hand": {},
			"tf1m": {projects: []string{"P-001", "P-002"}, tickets: []string{"乙", "乙审", "甲", "甲拟"}, journal: []string{"assignment P-001", "assignment P-002",
				"project P-001", "project P-002", "task_force 1", "ticket 2023-001", "ticket 2023-002", "ticket 2023-003", "ticket 2023-004"}},
			"tf10": {tickets: []string{"考"}, journal: []string{"task_force 10", "ticket 2023-005"}},
			"sup":  all, "dir": all, "leader": all, "insp": all,
		} {
			got := look(t, w, account)
			if !slices.Equal(got.projects, want.projects) || !slices.Equal(got.tickets, want.tickets) || want.journal != nil && !slices.Equal(got.journal, want.journal) {
				t.Errorf("%s sees\n     %v\nwant %v", account, got, want)
			}
			if size, _ := w.App.JournalSize(context.Background()); want.journal == nil && account != "kpb.hand" {
				if rows, err := w.App.Journal(context.Background(), w.As(t, account), app.JournalFilter{Limit: 1000}); err != nil || int64(len(rows)) != size {
					t.Errorf("%s sees %d of %d records, %v", account, len(rows), size, err)
				}
			} else if account == "kpb.hand" && len(got.journal) != 0 {
				t.Errorf("a stranger sees %v", got.journal)
			}
		}
	})
}

// Pages, filters, searches and proofs obey the same rule as the lists: what is not listed is missing.
func TestPagesOfWhatIsNotListedAreMissing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := twoUnits(t, w)
		ctx, a, hand := context.Background(), w.App, w.As(t, "gxj.hand")
		for code, seen := range map[string]bool{"P-001": true, "P-002": false, "P-003": false, "": false, "%": false} {
			d, err := a.ProjectDossier(ctx, hand, code)
			if seen {
				apptest.Must(t, err, "dossier")
				continue
			}
			wantKind(t, "project "+code, err, app.Missing, "missing")
			if d.Project.ID != 0 {
				t.Errorf("project %s is missing and shown: %+v", code, d.Project)
			}
		}
		for no, seen := range map[string]bool{"2023-001": true, "2023-002": false, "2023-003": false, "2023-004": false, "2023-005": false, "2023-999": false} {
			f, err := a.TicketFile(ctx, hand, no)
			if seen {
				apptest.Must(t, err, "ticket file")
				continue
			}
			wantKind(t, "ticket "+no, err, app.Missing, "missing")
			if f.Ticket.ID != 0 {
				t.Errorf("ticket %s is missing and shown: %+v", no, f.Ticket)
			}
		}
		foreign := []app.TicketFilter{{Unit: st.s.Units["zjj"]}, {TaskForce: st.s.Forces["10"]}, {State: "draft"}, {State: "pending"}, {Text: "乙"}, {Text: "2023-002"}}
		for _, f := range foreign {
			if found, err := a.Tickets(ctx, hand, f); err != nil || len(found) != 0 {
				t.Errorf("tickets %+v: %d found, %v", f, len(found), err)
			}
		}
		for _, f := range []app.ProjectFilter{{Unit: st.s.Units["zjj"]}, {Text: "P-002"}, {TaskForce: st.s.Forces["10"]}} {
			if found, err := a.Projects(ctx, hand, f); err != nil || len(found) != 0 {
				t.Errorf("projects %+v: %d found, %v", f, len(found), err)
			}
		}
		m, err := a.BattleMap(ctx, hand, app.ProjectFilter{})
		apptest.Must(t, err, "map")
		if m.Totals.Planned != 1 || len(m.Rows) != 1 {
			t.Errorf("the map counts %d projects in %d rows, want its own one", m.Totals.Planned, len(m.Rows))
		}
		desk, err := a.Desk(ctx, hand)
		apptest.Must(t, err, "desk")
		for _, item := range desk {
			if item.No != "2023-001" && item.No != "P-001" {
				t.Errorf("somebody else's %s lies on the desk", item.No)
			}
		}
		proofs(t, w, hand)
	})
}

// proofs asks for every record's proof: exactly the listed ones are given.
func proofs(t *testing.T, w *apptest.World, as app.Actor) {
	t.Helper()
	ctx := context.Background()
	rows, err := w.App.Journal(ctx, as, app.JournalFilter{Limit: 1000})
	apptest.Must(t, err, "journal")
	size, given := sound(t, w), 0
	for no := range size + 2 {
		_, err := w.App.JournalProof(ctx, as, no)
		listed := slices.ContainsFunc(rows, func(r app.JournalRow) bool { return r.No == no })
		if listed != (err == nil) {
			t.Errorf("record %d listed %t, its proof: %v", no, listed, err)
		}
		if err == nil {
			given++
		} else {
			wantKind(t, fmt.Sprint("record ", no), err, app.Missing, "missing")
		}
	}
	if given == 0 || int64(given) == size {
		t.Errorf("%d of %d proofs were given", given, size)
	}
}

// Reminders are private, and a hand-over changes who sees what from then on.
func TestSightFollowsTheWork(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := twoUnits(t, w)
		ctx, a := context.Background(), w.App
		_, err := a.DeliverInbox(ctx)
		apptest.Must(t, err, "deliver")
		for _, account := range []string{"gxj.hand", "zjj.hand", "kpb.hand"} {
			as := w.As(t, account)
			inbox, err := a.Inbox(ctx, as, 0, 100)
			apptest.Must(t, err, "inbox")
			for _, r := range inbox {
				if r.RecipientID != as.ID {
					t.Errorf("%s reads a reminder to user %d", account, r.RecipientID)
				}
			}
			if want := map[string]int{"gxj.hand": 1, "zjj.hand": 1}[account]; len(inbox) != want {
				t.Errorf("%s has %d reminders, want %d", account, len(inbox), want)
			}
		}
		d, err := a.ProjectDossier(ctx, w.As(t, "gxj.hand"), "P-001")
		apptest.Must(t, err, "dossier")
		apptest.Must(t, a.Assign(ctx, w.As(t, "tf1"), app.Assign{Project: d.Project.ID, UnitID: st.s.Units["zjj"], LeadUnitID: st.s.Units["zjj"],
			ResponsibleID: st.s.Users["zjj.hand"], Reason: "示例:职责调整"}), "hand over")
		if got := look(t, w, "gxj.hand").projects; len(got) != 0 {
			t.Errorf("after the hand-over the old unit sees %v", got)
		}
		if got := look(t, w, "zjj.hand").projects; !slices.Equal(got, []string{"P-001", "P-002"}) {
			t.Errorf("after the hand-over the new unit sees %v", got)
		}
		wantKind(t, "a report by the old unit", a.ReportProgress(ctx, w.As(t, "gxj.hand"), app.ReportProgress{Project: d.Project.ID, Month: calendar.MakeMonth(2023, 3)}), app.Denied, "denied")
	})
}
