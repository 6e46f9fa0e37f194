package app_test

import (
	"context"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// A sweep that lights a lamp changes nothing that a person entered: a form that was opened before it goes through, and the door still refuses a form that a
// person's change has made stale.
func TestSweepMakesNoFormStale(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		for _, line := range []string{`ticket T term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir", "project P-001 unit=gxj start=2023-03-14",
			"milestone P-001 封顶 2023-03-14"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		open, err := st.find("T")
		apptest.Must(t, err, "open the form")
		before, err := st.dossier("P-001")
		apptest.Must(t, err, "open the project")
		w.At(t, "2023-03-31 17:00")
		st.sweep()
		lit, err := st.find("T")
		apptest.Must(t, err, "look again")
		after, err := st.dossier("P-001")
		apptest.Must(t, err, "look at the project again")
		if lit.Light == open.Light || lit.Version != open.Version {
			t.Errorf("ticket: light %q after %q, version %d after %d", lit.Light, open.Light, lit.Version, open.Version)
		}
		if after.Project.Light == before.Project.Light || after.Project.Version != before.Project.Version {
			t.Errorf("project: light %q after %q, version %d after %d", after.Project.Light, before.Project.Light, after.Project.Version, before.Project.Version)
		}
		if m, was := after.Milestones[0], before.Milestones[0]; m.Light == was.Light || m.Version != was.Version {
			t.Errorf("milestone: light %q after %q, version %d after %d", m.Light, was.Light, m.Version, was.Version)
		}
		ctx, lead := context.Background(), w.As(t, "gxj.lead")
		accept := app.MoveTicket{Ticket: open.ID, Version: open.Version, Move: "accept"}
		apptest.Must(t, second(w.App.MoveTicket(ctx, lead, accept)), "send the form that was open during the sweep")
		err = second(w.App.MoveTicket(ctx, lead, accept))
		wantKind(t, "send it a second time", err, app.Stale, "stale_by")
	})
}

// What an open page asks by itself is no activity: the idle time-out comes although the page refreshes for hours.
func TestGlancingDoesNotKeepASessionAlive(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		token, ctx := signIn(t, w, "sup"), context.Background()
		for range 16 {
			w.Clock.Set(w.Clock.Now().Add(30*time.Minute - time.Second))
			if _, _, err := w.App.Glance(ctx, token); err != nil {
				t.Fatalf("a glance within the idle time: %v", err)
			}
		}
		w.Clock.Set(w.Clock.Now().Add(16 * time.Second))
		if _, _, err := w.App.Glance(ctx, token); err == nil || alive(t, w, token) {
			t.Error("the session outlived its idle time because a page looked at it")
		}
	})
}
