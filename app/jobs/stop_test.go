package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// A node that is told to stop ends the letter that it is sending, which would be unknown otherwise, and begins no other: the next node finds the rest untouched.
func TestStopBeginsNoOtherLetter(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 3)
		far := newFarEnd()
		var b *Bells
		stopping := func(ctx context.Context, d app.Delivery) (app.Outcome, error) {
			b.Silence()
			if ctx.Err() != nil {
				t.Error("the letter that is being sent is broken off")
			}
			return far.post(ctx, d)
		}
		var err error
		b, err = New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, stopping)[1:2])
		apptest.Must(t, err, "timetable")
		for _, entry := range b.cron.Entries() {
			entry.WrappedJob.Run()
		}
		b.Stop(context.Background())
		if len(far.got) != 1 {
			t.Fatalf("%d letters were sent, want the one that was begun", len(far.got))
		}
		w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
		ring(t, w, "deliver", far.post)
		if len(far.got) < 6 {
			t.Errorf("%d letters arrived after the next bell, want those of three tickets", len(far.got))
		}
		for id, n := range far.got {
			if n != 1 {
				t.Errorf("%s arrived %d times", id, n)
			}
		}
	})
}
