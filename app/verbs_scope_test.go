package app_test

import (
	"context"

	"battlemap/app"
)

// scopeVerbs are the verbs about figures and about the parts of units in tickets.
func (c *scene) scopeVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"EnterFigures", "sup", func(as app.Actor) error {
			cmd := figures(c.s.Forces["1"], "示例报表", "", 0, "85")
			return a.EnterFigures(ctx, as, cmd)
		}},
	}
}
