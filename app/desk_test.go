package app_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// A desk asks as many questions for thirty reports, claims, milestones and requests as for one of each: 200 people open theirs in the same minute.
func TestDeskAsksOnceHoweverMuchWaits(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "desk.db"))
	asked := app.CountReads(w.App)
	s, ctx := w.Seed(t), context.Background()
	_, err := w.App.Grant(ctx, app.Setup("test"), app.Grant{UserID: s.Users["gxj.hand"], Role: workflows.RoleUnitLeader, Scope: "unit", ScopeID: s.Units["gxj"]})
	apptest.Must(t, err, "grant")
	more := func(from, to int) {
		for i := from; i < to; i++ {
			waitOnDesks(t, w, s, i)
		}
	}
	look := func(account string) (items, questions int) {
		actor := w.As(t, account)
		_, err := w.App.Desk(ctx, actor) // so that nothing of the people is asked for the first time
		apptest.Must(t, err, "desk of %s", account)
		before := asked()
		desk, err := w.App.Desk(ctx, actor)
		apptest.Must(t, err, "desk of %s", account)
		return len(desk), asked() - before
	}
	more(0, 1)
	few := map[string][2]int{}
	for _, account := range []string{"sup", "gxj.hand", "tf1"} {
		items, questions := look(account)
		few[account] = [2]int{items, questions}
	}
	more(1, 30)
	for account, was := range few {
		items, questions := look(account)
		if was[0] == 0 || items < 30*was[0] {
			t.Errorf("%s has %d lines, and %d of thirty times as much", account, was[0], items)
		}
		if was[1] == 0 || questions != was[1] {
			t.Errorf("%s: %d questions for %d lines, and %d for %d", account, was[1], was[0], questions, items)
		}
		t.Logf("%s: %d questions for %d lines", account, questions, items)
	}
}

// waitOnDesks lets one report, one milestone and one ticket wait.
func waitOnDesks(t *testing.T, w *apptest.World, s *apptest.Small, i int) {
	t.Helper()
	ctx, tf := context.Background(), w.As(t, "tf1")
	p, err := w.App.AddProject(ctx, tf, app.AddProject{Code: fmt.Sprintf("D-%03d", i), Name: fmt.Sprint("示例项目", i), Level: "city", TaskForceID: s.Forces["1"], Sample: true, InPlan: true,
		InvestFen: 3_000_000_00, YearPlanFen: 1_200_000_00, Year: 2023, Stage: "building", PlannedStartOn: calendar.MakeDate(2023, 1, 5)})
	apptest.Must(t, err, "add a project")
	apptest.Must(t, w.App.Assign(ctx, tf, app.Assign{Project: p.ID, UnitID: s.Units["gxj"], LeadUnitID: s.Units["gxj"], ResponsibleID: s.Users["gxj.lead"]}), "assign")
	apptest.Must(t, w.App.ReportProgress(ctx, w.As(t, "gxj.hand"), app.ReportProgress{Project: p.ID, Month: calendar.MakeMonth(2023, 2), Fen: 100, Text: "示例"}), "report")
	apptest.Must(t, w.App.AddMilestone(ctx, tf, app.AddMilestone{Project: p.ID, Name: "示例节点", BaselineOn: w.App.Today() + 1}), "add a milestone")
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: fmt.Sprint("示例事项", i), Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "15 workdays"})
	apptest.Must(t, err, "draft")
	for _, step := range []struct{ as, move string }{{"sup", "submit_draft"}, {"dir", "approve"}, {"gxj.hand", "accept"}, {"gxj.hand", "start"}} {
		k, err = w.App.MoveTicket(ctx, w.As(t, step.as), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
		apptest.Must(t, err, "%s", step.move)
	}
	apptest.Must(t, w.App.AskExtension(ctx, w.As(t, "gxj.lead"), app.AskExtension{Ticket: k.ID, Version: k.Version, WantedOn: k.DueOn + 7, Reason: "示例", Progress: "示例"}), "ask for a later date")
}
