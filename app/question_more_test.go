package app_test

import (
	"context"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

func TestQuestionDisputedAndWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(issued + `
ticket U term="15 workdays"
move U submit_draft as=sup
move U approve as=dir
move U dispute as=gxj.lead reason=示例:不属本局职责
ticket V term="15 workdays"
move V submit_draft as=sup
move V approve as=dir
at 2023-03-15
move U uphold as=dir reason=示例:属本局职责
move V dispute as=gxj.lead reason=示例
`)
		apptest.Must(t, second(w.App.AddComment(ctx, w.As(t, "gxj.hand"), app.AddComment{ItemKind: "ticket", Item: st.tickets["T"], Body: "示例:说错了"})), "comment")
		apptest.Must(t, second(w.App.AddComment(ctx, w.As(t, "gxj.hand"), app.AddComment{ItemKind: "ticket", Item: st.tickets["T"], Body: "示例:这条留着"})), "comment")
		apptest.Must(t, w.App.WithdrawComment(ctx, w.As(t, "gxj.hand"), app.WithdrawComment{ItemKind: "ticket", Item: st.tickets["T"], Comment: lookAside(t, w).number("SELECT MIN(id) FROM comments")}), "withdraw")
		got, err := w.App.DisputedAndWithdrawn(ctx, w.As(t, "insp"), app.QuestionFilter{})
		apptest.Must(t, err, "ask")
		if len(got) != 3 {
			t.Fatalf("disputed and withdrawn: %+v", got)
		}
		word, open, settled := got[0], got[1], got[2]
		st.evidence(word.No(), "comment.withdraw")
		st.evidence(word.Origin.No(), "comment.add")
		if word.Dispute || word.Origin.Is.Text("body") != "示例:说错了" {
			t.Errorf("the withdrawn comment: %+v", word)
		}
		if !open.Dispute || !open.Open || open.Row.TicketID != st.tickets["V"] {
			t.Errorf("the open objection: %+v", open)
		}
		st.evidence(settled.Outcome.No(), "ticket.uphold")
		if settled.Open || settled.Days != 2 {
			t.Errorf("the decided objection: %+v", settled)
		}
	})
}

func TestQuestionReasonsAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale(`
project P-001 stage=building start=2023-03-01 year=1 plan=0,0,10,10,10,10,10,10,10,10,10,10
exempt P-001 project.behind 2023-03 reason=示例:汛期停工
at 2023-03-14
ticket T term="3 months"
move T submit_draft as=sup
move T approve as=dir
move T accept
move T start
ticket U term="3 months"
move U submit_draft as=sup
move U approve as=dir
move U accept
move U start
at 2023-04-26
issue T blue_slip facts="示例:进展缓慢"
issue U blue_slip facts="示例:进展缓慢"
at 2023-05-05
answer T text="示例:汛期不具备施工条件"
answer U text="示例:已整改"
settle T exempt note="示例:经核属实" as=dir
settle U accept as=sup          # an answer that was accepted is no accepted reason
`)
		got, err := w.App.ReasonsAccepted(ctx, w.As(t, "insp"), app.QuestionFilter{})
		apptest.Must(t, err, "ask")
		if len(got) != 2 {
			t.Fatalf("reasons accepted: %+v", got)
		}
		paper, month := got[0], got[1]
		st.evidence(paper.No(), "paper.exempt")
		st.evidence(month.No(), "exemption.accept")
		if !paper.FromAnswer || paper.Rule == "" || len(paper.PutOut) != 1 || paper.Record.Actor.Name != "示例督查主任" || paper.Row.TicketID != st.tickets["T"] {
			t.Errorf("by an answer: %+v", paper)
		}
		st.evidence(paper.PutOut[0], "escalation.lift")
		if month.FromAnswer || month.Rule != "project.behind" || month.About != "2023-03" || month.Reason != "示例:汛期停工" {
			t.Errorf("by itself: %+v", month)
		}
	})
}

func TestQuestionRemindersNotArrived(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := withMail(t, w), context.Background()
		st.issue(1)
		st.outcome(map[string]app.Outcome{"gxj.lead": "failed", "gxj.hand": "unknown"})
		ask := func() []app.NotArrived {
			t.Helper()
			got, err := w.App.RemindersNotArrived(ctx, w.As(t, "insp"), app.QuestionFilter{})
			apptest.Must(t, err, "ask")
			return got
		}
		got := ask()
		whys := map[string]int{}
		for _, n := range got {
			whys[n.Why]++
			if len(n.Attempts) < 2 || n.Reminder.Channel != "mail" {
				t.Errorf("a letter without its attempts: %+v", n)
			}
		}
		if len(got) != 2 || whys["failed"] != 1 || whys["unknown"] != 1 {
			t.Fatalf("not arrived: %v", whys)
		}
		rows, letters := st.dead("sup")
		one := letters[slices.IndexFunc(rows, func(r app.Reminder) bool { return r.Status == "unknown" })]
		apptest.Must(t, w.App.LettersArrived(ctx, w.As(t, "sup"), app.LettersArrived{Letters: []app.DeadLetter{one}, How: "phone", Reason: "示例:来电确认"}), "arrived")
		got = ask()
		i := slices.IndexFunc(got, func(n app.NotArrived) bool { return n.Why == "said" })
		if len(got) != 2 || i < 0 || len(got[i].Decided) != 1 {
			t.Fatalf("what somebody says: %+v", got)
		}
		st.evidence(got[i].Decided[0], "reminder.arrived")
	})
}

func TestQuestionPostsVacant(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		st.tale("project P-001 stage=building year=1\nproject P-002 stage=building year=1")
		assign := func(code string, officer, responsible string) {
			t.Helper()
			d, err := st.dossier(code)
			apptest.Must(t, err, "dossier")
			apptest.Must(t, w.App.Assign(ctx, w.As(t, "tf1"), app.Assign{Project: d.Project.ID, Version: d.Project.Version, UnitID: st.s.Units["gxj"], LeadUnitID: st.s.Units["gxj"], ResponsibleID: st.s.Users[responsible],
				GuaranteeLeaderID: st.s.Users["guar"], OfficerID: st.s.Users[officer], Reason: "示例"}), "assign")
		}
		assign("P-001", "tf1m", "gxj.hand") // on the day of its entry: no gap
		st.tale("at 2023-03-20")
		assign("P-002", "tf1m", "gxj.hand") // its officer was missing for a week
		st.tale("at 2023-04-03\ndisable gxj.hand\nat 2023-04-13")
		assign("P-001", "tf1m", "gxj.lead")
		got, err := w.App.PostsVacant(ctx, w.As(t, "insp"), app.QuestionFilter{})
		apptest.Must(t, err, "ask")
		if len(got) != 3 {
			t.Fatalf("posts vacant: %+v", got)
		}
		find := func(code, post string) app.Vacant {
			i := slices.IndexFunc(got, func(v app.Vacant) bool { return v.Post == post && v.Why != "" && projectCode(t, st, v) == code })
			if i < 0 {
				t.Fatalf("%s of %s is not in %+v", post, code, got)
			}
			return got[i]
		}
		officer := find("P-002", "service_officer")
		st.evidence(officer.No(), "assignment.make")
		st.evidence(officer.End.No(), "assignment.hand_over")
		if officer.Days != 7 || officer.Why != "empty" || officer.Since != date("2023-03-13") || officer.Until != date("2023-03-20") {
			t.Errorf("the officer: %+v", officer)
		}
		var shut []app.Vacant
		for _, v := range got {
			if v.Why == "shut" {
				shut = append(shut, v)
			}
		}
		if len(shut) != 2 || shut[0].Days != 10 || shut[1].Days != 10 || shut[0].Until.IsZero() == shut[1].Until.IsZero() {
			t.Errorf("a shut account: %+v", shut)
		}
		st.evidence(shut[0].No(), "user.disable")
		if early, err := w.App.PostsVacant(ctx, w.As(t, "insp"), app.QuestionFilter{From: date("2023-03-21")}); err != nil || len(early) != 2 {
			t.Errorf("after the officer came: %d, %v", len(early), err)
		}
	})
}

// projectCode is the code of the project on which a post is vacant, "" for an account's record.
func projectCode(t *testing.T, st *stage, v app.Vacant) string {
	t.Helper()
	for _, code := range []string{"P-001", "P-002"} {
		d, err := st.dossier(code)
		apptest.Must(t, err, "dossier")
		if d.Project.ID == v.Project {
			return code
		}
	}
	return ""
}

func TestQuestionGrantsOn(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		held := func(on, account string) []app.Granted {
			t.Helper()
			got, err := w.App.GrantsOn(ctx, w.As(t, "insp"), app.QuestionFilter{To: date(on), Person: st.s.Users[account]})
			apptest.Must(t, err, "ask")
			return got
		}
		st.tale("at 2023-04-03")
		given, err := w.App.Grant(ctx, w.As(t, "admin"), app.Grant{UserID: st.s.Users["guar"], Role: workflows.RoleSupervisor, Scope: "district", ValidFrom: date("2023-03-15")})
		apptest.Must(t, err, "grant")
		if got := held("2023-04-02", "guar"); len(got) != 0 {
			t.Errorf("a role that was given later with an earlier date was held before it was given: %+v", got)
		}
		got := held("2023-04-03", "guar")
		if len(got) != 1 || got[0].Role != workflows.RoleSupervisor || !slices.ContainsFunc(got[0].Moves, func(m workflows.Move) bool { return m.ID == "verify" }) {
			t.Fatalf("on the day: %+v", got)
		}
		st.evidence(got[0].No(), "grant.give")
		st.tale("at 2023-04-10")
		apptest.Must(t, w.App.Revoke(ctx, w.As(t, "admin"), given.ID), "revoke")
		st.tale("disable gxj.hand\nat 2023-04-11")
		if got := held("2023-04-10", "guar"); len(got) != 1 || got[0].End.No() == 0 {
			t.Errorf("held until it was ended that day: %+v", got)
		}
		if got := held("2023-04-11", "guar"); len(got) != 0 {
			t.Errorf("after it was ended: %+v", got)
		}
		if got := held("2023-04-09", "guar"); len(got) != 1 || got[0].End.No() != 0 || !got[0].To.IsZero() {
			t.Errorf("the day before, as it stood then: %+v", got)
		}
		if before, after := held("2023-04-09", "gxj.hand"), held("2023-04-11", "gxj.hand"); len(before) != 1 || before[0].Shut.No() != 0 || len(after) != 1 || after[0].Shut.No() == 0 {
			t.Errorf("a shut account: %+v, then %+v", before, after)
		}
	})
}
