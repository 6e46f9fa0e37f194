package app_test

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// meets plans one meeting, and opens three more, the first of them with decisions noted.
func (c *scene) meets(t *testing.T) {
	t.Helper()
	ctx, sup := context.Background(), c.w.As(t, "sup")
	for i := range c.meetings {
		m, err := c.w.App.PlanMeeting(ctx, sup, app.PlanMeeting{Kind: "dispatch", Title: "示例调度会", HeldOn: c.w.App.Today(), ChairID: c.s.Users["dir"]})
		apptest.Must(t, err, "plan a meeting")
		c.meetings[i] = m.ID
		if i > 0 {
			apptest.Must(t, c.w.App.HoldMeeting(ctx, sup, app.HoldMeeting{Meeting: m.ID, Version: 1}), "hold a meeting")
		}
	}
	for i := range c.decisions {
		d, err := c.w.App.RecordDecision(ctx, sup, c.decided())
		apptest.Must(t, err, "record a decision")
		c.decisions[i] = d.ID
	}
}

func (c *scene) decided() app.RecordDecision {
	return app.RecordDecision{Meeting: c.meetings[1], Text: "示例议定", TaskForceID: c.s.Forces["1"], LeadUnitID: c.s.Units["gxj"]}
}

// meetVerbs are the verbs about meetings, in the order of a meeting.
func (c *scene) meetVerbs() []verb {
	ctx, a, s := context.Background(), c.w.App, c.s
	return []verb{
		{"PlanMeeting", "sup", func(as app.Actor) error {
			return second(a.PlanMeeting(ctx, as, app.PlanMeeting{Kind: "dispatch", Title: "示例调度会", HeldOn: a.Today(), ChairID: s.Users["dir"]}))
		}},
		{"AddAgendaItem", "sup", func(as app.Actor) error {
			return a.AddAgendaItem(ctx, as, app.AddAgendaItem{Meeting: c.meetings[0], Title: "示例事项"})
		}},
		{"HoldMeeting", "sup", func(as app.Actor) error {
			return a.HoldMeeting(ctx, as, app.HoldMeeting{Meeting: c.meetings[0], Version: 1})
		}},
		{"RecordDecision", "sup", func(as app.Actor) error { return second(a.RecordDecision(ctx, as, c.decided())) }},
		{"IssueDecision", "sup", func(as app.Actor) error {
			return second(a.IssueDecision(ctx, as, app.IssueDecision{Decision: c.decisions[0], Version: 1}))
		}},
		{"CarryDecision", "sup", func(as app.Actor) error {
			return a.CarryDecision(ctx, as, app.CarryDecision{Decision: c.decisions[1], Version: 1, Meeting: c.meetings[2]})
		}},
		{"FinishDecision", "sup", func(as app.Actor) error {
			return a.FinishDecision(ctx, as, app.FinishDecision{Decision: c.decisions[2], Version: 1, Note: "示例"})
		}},
		{"CloseMeeting", "sup", func(as app.Actor) error {
			return a.CloseMeeting(ctx, as, app.CloseMeeting{Meeting: c.meetings[3], Version: 2})
		}},
	}
}
