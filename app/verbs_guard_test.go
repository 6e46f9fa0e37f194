package app_test

import (
	"context"
	"io"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// guardVerbs are the verbs of retention, disposal and the archive. The disposal that waits was asked for by the administrator.
func (c *scene) guardVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"SetRetention", "admin", func(as app.Actor) error { return a.SetRetention(ctx, as, 24) }},
		{"AskDisposal", "admin", func(as app.Actor) error {
			_, err := a.AskDisposal(ctx, as, app.AskDisposal{BeforeOn: date("2021-01-01"), Basis: "示例文", Reason: "示例"})
			return err
		}},
		{"DecideDisposal", "dir", func(as app.Actor) error {
			return a.DecideDisposal(ctx, as, app.DecideDisposal{Disposal: c.disposal, Version: 1, Approve: false, Note: "示例"})
		}},
		{"ExportArchive", "insp", func(as app.Actor) error {
			r, err := a.OpenArchive(ctx, app.Setup("test"), 2023)
			if err != nil {
				return err
			}
			return a.ExportArchive(ctx, as, r, nil, io.Discard)
		}},
	}
}

// askDisposal asks for a disposal, so that there is one to decide on.
func (c *scene) askDisposal(t *testing.T) {
	t.Helper()
	ctx, admin := context.Background(), c.w.As(t, "admin")
	apptest.Must(t, c.w.App.SetRetention(ctx, admin, 12), "set the retention")
	d, err := c.w.App.AskDisposal(ctx, admin, app.AskDisposal{BeforeOn: date("2021-01-01"), Basis: "示例文", Reason: "示例"})
	apptest.Must(t, err, "ask for a disposal")
	c.disposal = d.ID
}
