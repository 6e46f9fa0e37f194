package app_test

import (
	"context"

	"battlemap/app"
)

// triageVerbs are the verbs about a ticket beside its moves.
func (c *scene) triageVerbs() []verb {
	ctx, a, s := context.Background(), c.w.App, c.s
	now := func(id int64) int64 { return c.ticket(id).Version }
	return []verb{
		{"LinkTickets", "sup", func(as app.Actor) error {
			return a.LinkTickets(ctx, as, app.LinkTickets{Ticket: c.running, Version: now(c.running), Other: c.withdrawn, Reason: "示例"})
		}},
		{"UnlinkTickets", "sup", func(as app.Actor) error {
			return a.UnlinkTickets(ctx, as, app.UnlinkTickets{Ticket: c.running, Version: now(c.running), Link: 1})
		}},
		{"RaiseLevel", "gxj.lead", func(as app.Actor) error {
			return a.RaiseLevel(ctx, as, app.RaiseLevel{Ticket: c.running, Version: now(c.running), Level: 3, DecisionFrom: "示例区领导", Reason: "示例"})
		}},
		{"SplitTicket", "tf1m", func(as app.Actor) error {
			part := app.ChildDraft{Title: "示例", LeadUnitID: s.Units["gxj"]}
			return second(a.SplitTicket(ctx, as, app.SplitTicket{Ticket: c.running, Version: now(c.running), Reason: "示例", Children: []app.ChildDraft{part, part}}))
		}},
		{"ReassignTicket", "dir", func(as app.Actor) error {
			return a.ReassignTicket(ctx, as, app.ReassignTicket{Ticket: c.withdrawn, Version: now(c.withdrawn), LeadUnitID: s.Units["gxj"], Reason: "示例"})
		}},
		{"MarkDuplicate", "dir", func(as app.Actor) error {
			return a.MarkDuplicate(ctx, as, app.MarkDuplicate{Ticket: c.extended, Version: now(c.extended), Original: c.withdrawn, Reason: "示例"})
		}},
	}
}
