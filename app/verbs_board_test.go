package app_test

import (
	"context"

	"battlemap/app"
)

// boardVerbs are the verbs about the boards themselves.
func (c *scene) boardVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"SetCellLimit", "tf1", func(as app.Actor) error {
			return a.SetCellLimit(ctx, as, app.SetCellLimit{Board: "tickets", TaskForceID: c.s.Forces["1"], State: "submitted", Most: 9, Reason: "示例"})
		}},
	}
}
