package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// tale plays lines of a story.
func (st *stage) tale(story string) {
	st.t.Helper()
	for _, line := range strings.Split(story, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := st.line(line); err != nil {
			st.t.Fatalf("%s: %v", line, err)
		}
	}
}

// issued is a ticket that was issued.
const issued = `
ticket T term="15 workdays"
move T submit_draft as=sup
move T approve as=dir
move T accept
move T start
`

// evidence asks whether a record is there, and what it did.
func (st *stage) evidence(no int64, action string) {
	st.t.Helper()
	r, err := st.w.App.JournalProof(context.Background(), st.w.As(st.t, "insp"), no)
	if err != nil || r.Row.Action != action {
		st.t.Errorf("record %d is %q (%v), want %s", no, r.Row.Action, err, action)
	}
}

func TestQuestionsAreForInspectors(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		ask := map[string]func(app.Actor) error{
			"dates":      func(as app.Actor) error { return second(w.App.DatesMoved(ctx, as, app.QuestionFilter{})) },
			"lights":     func(as app.Actor) error { return second(w.App.LightsLifted(ctx, as, app.QuestionFilter{})) },
			"amounts":    func(as app.Actor) error { return second(w.App.AmountsApart(ctx, as, app.QuestionFilter{})) },
			"late":       func(as app.Actor) error { return second(w.App.FactsBackDated(ctx, as, app.QuestionFilter{})) },
			"same_unit":  func(as app.Actor) error { return second(w.App.JudgedBySameUnit(ctx, as, app.QuestionFilter{})) },
			"disputed":   func(as app.Actor) error { return second(w.App.DisputedAndWithdrawn(ctx, as, app.QuestionFilter{})) },
			"exemptions": func(as app.Actor) error { return second(w.App.ReasonsAccepted(ctx, as, app.QuestionFilter{})) },
			"reminders":  func(as app.Actor) error { return second(w.App.RemindersNotArrived(ctx, as, app.QuestionFilter{})) },
			"vacancies":  func(as app.Actor) error { return second(w.App.PostsVacant(ctx, as, app.QuestionFilter{})) },
			"grants":     func(as app.Actor) error { return second(w.App.GrantsOn(ctx, as, app.QuestionFilter{})) },
		}
		for name, question := range ask {
			for _, may := range []string{"insp", "dir"} {
				apptest.Must(t, question(w.As(t, may)), "%s by %s", name, may)
			}
			for account := range st.s.Users {
				if account != "insp" && account != "dir" {
					wantKind(t, name+" by "+account, question(w.As(t, account)), app.Denied, "denied")
				}
			}
		}
	})
}

func TestQuestionDatesMoved(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(issued + `
project P-001 stage=building start=2023-03-01 year=1
milestone P-001 主体封顶 2023-04-28
milestone P-001 竣工验收 2023-10-31       # set, and never moved
at 2023-03-20
extend T to=2023-04-10 reason=示例:等待图审 progress=示例:七成
decide_extension T grant as=dir
at 2023-05-08
revise P-001 主体封顶 2023-06-30 reason=示例:汛期
revise P-001 主体封顶 2023-07-15 reason=示例:再延
`)
		got, err := w.App.DatesMoved(ctx, w.As(t, "insp"), app.QuestionFilter{From: date("2023-03-01"), To: date("2023-12-31")})
		apptest.Must(t, err, "ask")
		if len(got) != 3 {
			t.Fatalf("%d dates moved, want 3: %+v", len(got), got)
		}
		ticket, first, again := got[0], got[1], got[2]
		st.evidence(ticket.No(), "ticket.grant_extension")
		st.evidence(ticket.Ask.No(), "ticket.ask_extension")
		if ticket.Late >= 0 || ticket.Asked != date("2023-03-20") || ticket.Record.Actor.Name != "示例督查主任" {
			t.Errorf("the extension: late %d, asked %s, by %s", ticket.Late, ticket.Asked, ticket.Record.Actor.Name)
		}
		st.evidence(first.No(), "milestone.revise")
		if first.Late != 10 || first.Times != 1 || again.Times != 2 || again.Change.FromOn != date("2023-06-30") || again.No() <= first.No() {
			t.Errorf("revisions: late %d, times %d and %d", first.Late, first.Times, again.Times)
		}
		if late, err := w.App.DatesMoved(ctx, w.As(t, "insp"), app.QuestionFilter{From: date("2023-05-09")}); err != nil || len(late) != 0 {
			t.Errorf("after the period: %d, %v", len(late), err)
		}
		gxj, err := w.App.DatesMoved(ctx, w.As(t, "insp"), app.QuestionFilter{Unit: st.s.Units["zjj"]})
		if err != nil || len(gxj) != 0 {
			t.Errorf("another unit's: %d, %v", len(gxj), err)
		}
	})
}

func TestQuestionLightsLifted(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(`
ticket T term="5 workdays"
move T submit_draft as=sup
move T approve as=dir
move T accept
move T start
ticket U term="5 workdays"     # its light stays on
move U submit_draft as=sup
move U approve as=dir
daily 2023-03-24
at 2023-03-24 23:00
move T submit as=gxj.lead feedback=示例
`)
		got, err := w.App.LightsLifted(ctx, w.As(t, "insp"), app.QuestionFilter{From: date("2023-03-24")})
		apptest.Must(t, err, "ask")
		if len(got) != 1 || got[0].Row.TicketID != st.tickets["T"] {
			t.Fatalf("lights lifted: %+v", got)
		}
		l := got[0]
		st.evidence(l.No(), "escalation.lift")
		st.evidence(l.By.No(), "ticket.submit")
		st.evidence(l.Lit.No(), "escalation.raise")
		if l.Why != "cured" || l.By.Record.Actor.Name != "示例工信局长" || l.Light == "" || l.DaysLit < 1 {
			t.Errorf("lifted by %q, %s, %s, %d days", l.Why, l.By.Record.Actor.Name, l.Light, l.DaysLit)
		}
		if all, err := w.App.LightsLifted(ctx, w.As(t, "insp"), app.QuestionFilter{}); err != nil || slices.ContainsFunc(all, func(l app.LightLift) bool { return l.Why == "superseded" }) {
			t.Errorf("a light that gave way to a graver one counts as out: %v", err)
		}
		if other, err := w.App.LightsLifted(ctx, w.As(t, "insp"), app.QuestionFilter{From: date("2023-03-24"), Unit: st.s.Units["zjj"]}); err != nil || len(other) != 0 {
			t.Errorf("by another unit: %d, %v", len(other), err)
		}
	})
}

func TestQuestionAmountsApart(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		const plan = " stage=building start=2023-03-01 year=1 plan=0,0,10,10,10,10,10,10,10,10,10,10\n"
		st.tale("at 2023-03-27\nproject P-001" + plan + "project P-002" + plan + "project P-003" + plan + `
report P-001 2023-03 9%
verify P-001 2023-03 8% note=示例:一台设备未到场
report P-002 2023-03 9%           # verified as reported
verify P-002 2023-03 9%
report P-003 2023-03 10%          # returned, corrected, then verified as corrected
return P-003 2023-03 0% note=示例:请附凭证
report P-003 2023-03 5%
verify P-003 2023-03 5%
`)
		got, err := w.App.AmountsApart(ctx, w.As(t, "insp"), app.QuestionFilter{})
		apptest.Must(t, err, "ask")
		if len(got) != 2 {
			t.Fatalf("%d amounts apart: %+v", len(got), got)
		}
		if o := got[0]; o.Over() != 5e8 || o.HighestFen != 10e8 || o.ReportedFen != 5e8 || len(o.Returned) != 1 || o.Month.String() != "2023-03" {
			t.Errorf("the corrected one: %+v", o)
		}
		if o := got[1]; o.Over() != 1e8 || o.ReportedFen != 9e8 || o.VerifiedFen != 8e8 || o.Unit != "示例工信局" {
			t.Errorf("the overstated one: %+v", o)
		}
		st.evidence(got[1].No(), "progress.verify")
		st.evidence(got[1].Report.No(), "progress.report")
		st.evidence(got[0].Returned[0], "progress.return")
	})
}

func TestQuestionFactsBackDated(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(`
project P-001 stage=landed start=2023-03-20 year=1 plan=0,0,10,10,10,10,10,10,10,10,10,10
milestone P-001 主体封顶 2023-06-28
milestone P-001 设备进场 2023-06-28
at 2023-03-20
report P-001 2023-03 5%                # in its month
at 2023-04-17
reach P-001 主体封顶 2023-04-07 reason=示例:验收单     # six working days ago
reach P-001 设备进场 2023-04-10 reason=示例:验收单     # five
claim P-001 start on=2023-03-20 criterion=foundation_pit evidence=示例:施工许可证
decide P-001 accept as=sup
report P-001 2023-04 9%
`)
		ask := func(f app.QuestionFilter) []app.BackDated {
			t.Helper()
			got, err := w.App.FactsBackDated(ctx, w.As(t, "insp"), f)
			apptest.Must(t, err, "ask")
			return got
		}
		got := ask(app.QuestionFilter{Days: app.UsualLate()})
		if len(got) != 2 || got[0].Sort != "stage" || got[1].Sort != "milestone" {
			t.Fatalf("back-dated: %+v", got)
		}
		st.evidence(got[0].No(), "project.claim")
		st.evidence(got[1].No(), "milestone.reach")
		if m := got[1]; m.Workdays != 6 || m.Happened != date("2023-04-07") || m.Entered != date("2023-04-17") || m.Record.Actor.Name != "示例工信经办" {
			t.Errorf("the milestone: %+v", m)
		}
		if n := len(ask(app.QuestionFilter{Days: 4, Sort: "milestone"})); n != 2 {
			t.Errorf("beyond four working days: %d milestones", n)
		}
		st.tale("at 2023-05-31\nreport P-001 2023-04 10%\nat 2023-06-20\nreport P-001 2023-05 15%")
		if got := ask(app.QuestionFilter{Days: 5, Sort: "progress"}); len(got) != 1 || got[0].Happened != date("2023-05-31") {
			t.Errorf("a month's report: a correction counts, or a late one does not: %+v", got)
		}
	})
}

func TestQuestionJudgedBySameUnit(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		// A person of the inspection office signs for the industry bureau: the recusal looks at the bureau, the records name the office.
		u, err := w.App.AddUser(ctx, app.Setup("test"), app.AddUser{Account: "lent", Name: "示例借调", UnitID: st.s.Units["dcs"]})
		apptest.Must(t, err, "lent")
		st.s.Users["lent"] = u.ID
		_, err = w.App.Grant(ctx, app.Setup("test"), app.Grant{UserID: u.ID, Role: workflows.RoleUnitLeader, Scope: "unit", ScopeID: st.s.Units["gxj"]})
		apptest.Must(t, err, "grant")
		st.tale(issued + `
ticket U term="15 workdays"
move U submit_draft as=sup
move U approve as=dir
move U accept
move U start
move U submit as=gxj.lead feedback=示例
move U verify as=sup
move U close as=dir
move T submit as=lent feedback=示例
move T verify as=kpb.sup
move T close as=dir
`)
		got, err := w.App.JudgedBySameUnit(ctx, w.As(t, "insp"), app.QuestionFilter{})
		apptest.Must(t, err, "ask")
		if len(got) != 1 {
			t.Fatalf("judged by the same unit: %+v", got)
		}
		s := got[0]
		st.evidence(s.No(), "ticket.close")
		st.evidence(s.Work.No(), "ticket.submit")
		if s.Sort != "ticket" || s.Row.TicketID != st.tickets["T"] || s.Unit != "示例政府督查室" || s.SamePerson {
			t.Errorf("judged by the same unit: %+v", s)
		}
		if other, err := w.App.JudgedBySameUnit(ctx, w.As(t, "insp"), app.QuestionFilter{Unit: st.s.Units["gxj"]}); err != nil || len(other) != 0 {
			t.Errorf("of another unit: %d, %v", len(other), err)
		}
	})
}

// In a journal of many years the period narrows what is judged, so a question about one month is answered however much was recorded about other things before.
func TestQuestionsOfAFullJournal(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(issued + `
daily 2023-03-24
at 2023-03-24 23:00
move T submit as=gxj.lead feedback=示例
`)
		series := "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n <= 50000) SELECT"
		side := lookAside(t, w)
		for i, action := range []string{"escalation.raise", "ticket.accept", "progress.report"} {
			side.exec(fmt.Sprintf("INSERT INTO journal (no, at, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record) %s n + %d, 0, 'user', 1, '%s', 'ticket', 900000 + n, 0, 0, 0, '' FROM s",
				series, 1_000_000*(i+1), action))
		}
		f := app.QuestionFilter{From: date("2023-03-24"), To: date("2023-03-24")}
		for name, ask := range map[string]func() error{
			"lights": func() error { _, err := w.App.LightsLifted(ctx, w.As(t, "insp"), f); return err },
			"same": func() error {
				_, err := w.App.JudgedBySameUnit(ctx, w.As(t, "insp"), app.QuestionFilter{From: f.From})
				return err
			},
		} {
			if err := ask(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
