package app_test

import (
	"context"

	"battlemap/app"
)

// scopeVerbs are the verbs about figures and about the parts of units in tickets.
func (c *scene) scopeVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	var part app.TicketUnit
	read := func() {
		f, err := a.TicketFile(ctx, app.System("test"), c.ticket(c.running).No)
		if err != nil {
			panic(err)
		}
		part = f.Units[len(f.Units)-1]
	}
	return []verb{
		{"ReplyPart", "zjj.hand", func(as app.Actor) error {
			read()
			return a.ReplyPart(ctx, as, app.ReplyPart{Part: part.ID, Version: part.Version, Text: "示例"})
		}},
		{"EnterFigures", "sup", func(as app.Actor) error {
			cmd := figures(c.s.Forces["1"], "示例报表", "", 0, "85")
			return a.EnterFigures(ctx, as, cmd)
		}},
	}
}
