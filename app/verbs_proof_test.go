package app_test

import (
	"context"
	"io"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// standWitness enters a witness, so that there is one to revoke.
func (c *scene) standWitness(t *testing.T) {
	t.Helper()
	_, err := c.w.App.AddWitness(context.Background(), c.w.As(t, "dir"), app.AddWitness{Name: "示例见证人", Kind: "https", Address: "https://witness.example/one", Rhythm: "daily"})
	apptest.Must(t, err, "enter a witness")
}

// proofVerbs are the verbs about checkpoints and witnesses.
func (c *scene) proofVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"AddWitness", "dir", func(as app.Actor) error {
			return second(a.AddWitness(ctx, as, app.AddWitness{Name: "示例", Kind: "https", Address: "https://witness.example/two", Rhythm: "demand"}))
		}},
		{"RevokeWitness", "dir", func(as app.Actor) error {
			return a.RevokeWitness(ctx, as, app.RevokeWitness{ID: 1, Version: 1, Reason: "示例"})
		}},
		{"ExportCase", "dir", func(as app.Actor) error {
			read, err := a.OpenCase(ctx, as, "ticket", c.ticket(c.running).No)
			if err != nil {
				return err
			}
			return a.ExportCase(ctx, as, read, nil, io.Discard)
		}},
		{"PublishCheckpoint", "dir", func(as app.Actor) error { return a.PublishCheckpoint(ctx, as) }},
	}
}

// pastOfWitnesses gives the tables about witnesses a past.
func pastOfWitnesses(t *testing.T, w *apptest.World, side aside) {
	t.Helper()
	ctx := context.Background()
	_, err := w.App.AddWitness(ctx, w.As(t, "dir"), app.AddWitness{Name: "示例见证人", Kind: "https", Address: "https://witness.example/one", Rhythm: "daily"})
	apptest.Must(t, err, "enter a witness")
	apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
	if p, err := w.App.ClaimPublication(ctx); p == nil || err != nil {
		t.Fatalf("claimed %v, %v", p, err)
	}
	side.exec("INSERT INTO cosignatures (size, witness_id, at, line) SELECT MAX(size), 1, 1, 'example' FROM checkpoints")
	side.exec("INSERT INTO signing_keys (public_key, previous, from_size, statement, at) VALUES (?, 'y', 1, 'z', 1)", w.Options.PublicKey)
}
