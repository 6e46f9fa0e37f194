package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// The desk counts what is late by unit with last week beside it, lists rungs, reminders and papers, and prepares a slip where a rule has lit a light and no paper is open.
func TestSupervisionDesk(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := newStage(t, w), context.Background()
		for _, line := range []string{`ticket T term="5 workdays"`, "move T submit_draft as=sup", "move T approve as=dir", "move T accept", "daily 2023-03-23"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		w.At(t, "2023-03-24 09:00")
		d, err := w.App.SupervisionDesk(ctx, w.As(t, "sup"))
		apptest.Must(t, err, "desk")
		if len(d.Units) != 1 || d.Units[0].UnitID != st.s.Units["gxj"] || d.Units[0].Tickets != 1 || d.Units[0].Before != 0 || d.Units[0].Days != 4 {
			t.Errorf("overdue by unit: %+v", d.Units)
		}
		if len(d.Rungs) == 0 || len(d.Rungs[0].Items) != 1 || d.Rungs[0].Items[0].No != "2023-001" {
			t.Errorf("rungs: %+v", d.Rungs)
		}
		if len(d.Sent) != 5 || d.Sent[0].Day != date("2023-03-24") || d.Sent[4].Day != date("2023-03-20") || d.Sent[3].Counts["accepted"] == 0 {
			t.Errorf("sent: %+v", d.Sent)
		}
		if len(d.Due) != 0 || len(d.Papers) != 1 || d.Papers[0].Late || d.Papers[0].Paper.Kind != "yellow_slip" {
			t.Errorf("the rule's slip may be answered until today: due %+v, papers %+v", d.Due, d.Papers)
		}
		w.At(t, "2023-03-27 09:00")
		d, err = w.App.SupervisionDesk(ctx, w.As(t, "sup"))
		apptest.Must(t, err, "desk after the deadline")
		if len(d.Papers) != 1 || !d.Papers[0].Late || d.Papers[0].Decide || len(d.Due) != 1 {
			t.Fatalf("papers %+v, due %+v", d.Papers, d.Due)
		}
		due := d.Due[0]
		if !due.May || due.Form != "red_slip" || due.Late == nil || due.AnswerBy != date("2023-03-30") || !strings.Contains(due.Facts, "逾期未回复") || due.Require == "" {
			t.Errorf("due for a slip: %+v", due)
		}
		p, err := w.App.IssuePaper(ctx, w.As(t, "sup"), app.IssuePaper{ItemKind: due.Kind, Item: due.ID, Form: due.Form, Facts: due.Facts, Require: due.Require, DeadlineOn: due.AnswerBy, Anyway: true})
		apptest.Must(t, err, "issue what the desk prepared")
		w.At(t, "2023-03-28 09:00")
		d, err = w.App.SupervisionDesk(ctx, w.As(t, "insp"))
		apptest.Must(t, err, "desk of the inspector")
		if len(d.Due) != 0 || !slices.ContainsFunc(d.Papers, func(r app.PaperWaiting) bool { return r.Paper.No == p.No && !r.Late }) || d.Units[0].Before != 1 {
			t.Errorf("after the slip: %d due, %d papers, units %+v", len(d.Due), len(d.Papers), d.Units)
		}
		for _, account := range []string{"tf1", "gxj.lead", "admin", "leader"} {
			_, err = w.App.SupervisionDesk(ctx, w.As(t, account))
			wantKind(t, "desk of "+account, err, app.Denied, "denied")
		}
	})
}
