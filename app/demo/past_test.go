package demo

import (
	"context"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// TestPast plays the example and keeps what the boards show at the end of every day. Whatever day is asked for later, in whatever order and by a process that
// knows nothing yet, the journal tells the same.
func TestPast(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { lookBack(t, newStage(t), day(time.August, 31)) })
	t.Run("postgres", func(t *testing.T) {
		postgres := os.Getenv("BATTLEMAP_TEST_POSTGRES")
		if postgres == "" {
			t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
		}
		st := openStage(t, t.TempDir(), apptest.Schema(t, postgres))
		apptest.Must(t, Load(context.Background(), st.app), "load")
		st.start()
		lookBack(t, st, day(time.May, 10))
	})
}

func lookBack(t *testing.T, st *stage, last calendar.Date) {
	ctx := context.Background()
	first, err := st.app.FirstDay(ctx)
	apptest.Must(t, err, "first day")
	var days []apptest.Shown
	lit := 0
	for d := first; d <= last; d = d.AddDays(1) {
		apptest.Must(t, st.play.FastForward(ctx, d), "play to %s", d)
		live := apptest.ShownLive(t, st.app, app.System("test"))
		if differs := live.Differs(apptest.ShownAt(t, st.app, app.System("test"), d)); differs != "" {
			t.Fatalf("at the end of %s the boards are not what the journal tells:\n%s", d, differs)
		}
		days = append(days, live)
		lit = max(lit, live.Lit(workflows.LightRed))
	}
	if lit == 0 {
		t.Error("nothing was ever red: this history proves nothing")
	}
	st.restart()
	for _, i := range rand.Perm(len(days)) {
		d := first.AddDays(i)
		if differs := days[i].Differs(apptest.ShownAt(t, st.app, app.System("test"), d)); differs != "" {
			t.Fatalf("looked back on from %s, %s is not what it was:\n%s", last, d, differs)
		}
	}
}
