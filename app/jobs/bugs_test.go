package jobs

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// A node that is stopped in the middle of its post must not lose what it had not begun to send: only the mail in the air is unknown.
func TestStopInTheMiddleLosesNoMail(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 2)
		ctx, stop := context.WithCancel(context.Background())
		attempted := map[int64]bool{}
		b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, func(ctx context.Context, d app.Delivery) (app.Outcome, error) {
			if ctx.Err() != nil {
				return "retry", ctx.Err() // as app/notify does: nothing was handed over
			}
			attempted[d.Reminder.ID] = true
			stop()
			return "accepted", nil
		}))
		apptest.Must(t, err, "timetable")
		if err := b.Once(ctx, "deliver"); err == nil && len(attempted) != 1 {
			t.Fatalf("posted %v before the stop", attempted)
		}
		far := newFarEnd()
		for range 5 { // the next life of the node
			w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
			ring(t, w, "deliver", far.post)
		}
		if len(far.got) != 7 {
			t.Errorf("%d of the 7 mails that were never sent went out after the restart", len(far.got))
		}
	})
}

// A process that dies while it sends leaves one mail unknown, not the whole batch that it had claimed.
func TestDeathInTheMiddleLosesOneMail(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 2)
		posted := 0
		ring := bells(t, w.App, io.Discard, slices.DeleteFunc(Timetable(w.App, func(context.Context, app.Delivery) (app.Outcome, error) {
			if posted++; posted == 3 {
				panic("killed") // what is claimed and not settled stays so
			}
			return "accepted", nil
		}), func(j Job) bool { return j.Name != "deliver" })...)
		ring(0)
		for range 5 {
			w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
			ring(0)
		}
		if posted != 8 {
			t.Errorf("%d of 8 mails were posted once", posted)
		}
	})
}
