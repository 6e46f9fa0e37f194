package jobs

import (
	"context"
	"slices"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// postBox keeps the letters that arrived for one account, in order.
type postBox struct {
	account string
	letters []app.Delivery
}

func (b *postBox) post(_ context.Context, d app.Delivery) (app.Outcome, error) {
	if d.Recipient.Account == b.account {
		b.letters = append(b.letters, d)
	}
	return "accepted", nil
}

func later(w *apptest.World, d time.Duration) { w.Clock.Set(w.Clock.Now().Add(d)) }

// What piled up while nothing could be sent comes as one letter a person, and no message of it comes by itself too.
func TestOneLetterAfterDowntime(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 5)
		later(w, time.Hour)
		far, box := newFarEnd(), &postBox{account: "gxj.lead"}
		both := func(ctx context.Context, d app.Delivery) (app.Outcome, error) {
			_, _ = box.post(ctx, d)
			return far.post(ctx, d)
		}
		for range 3 {
			ring(t, w, "deliver", both)
			later(w, time.Minute)
		}
		for _, account := range []string{"dir", "tf1", "gxj.lead", "gxj.hand"} {
			if far.tries[account] != 1 {
				t.Errorf("%s got %d letters, want one", account, far.tries[account])
			}
		}
		if len(box.letters) != 1 || len(box.letters[0].Carried) != 5 || box.letters[0].Thread("x.example") != "" {
			t.Errorf("the leader's letters: %+v", box.letters)
		}
	})
}

// Lights that are not red come in one letter a working day: it waits for the sweep to end, but not for ever, and what is lit after it waits for the next working day.
func TestOneLetterAWorkingDay(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx, box := context.Background(), &postBox{account: "gxj.hand"}
		mailing(t, w, 3)
		ring(t, w, "deliver", newFarEnd().post)
		w.At(t, "2023-03-15 08:30")
		_, err := w.App.Sweep(ctx, app.System("sweep"), 1)
		apptest.Must(t, err, "sweep one of three")
		ring(t, w, "deliver", box.post)
		if len(box.letters) != 0 {
			t.Errorf("the day's letter did not wait for the sweep: %d letters", len(box.letters))
		}
		w.At(t, "2023-03-15 09:00")
		ring(t, w, "deliver", box.post)
		if len(box.letters) != 1 || box.letters[0].Reminder.ItemKind != "ticket" || box.letters[0].Thread("x.example") == "" {
			t.Fatalf("after half an hour: %+v, want the one that is there", box.letters)
		}
		ring(t, w, "sweep", nil)
		for _, at := range []string{"2023-03-15 09:01", "2023-03-15 17:29", "2023-03-15 20:00"} {
			w.At(t, at)
			ring(t, w, "deliver", box.post)
		}
		if len(box.letters) != 1 {
			t.Errorf("%d letters on one day, want one", len(box.letters))
		}
		w.At(t, "2023-03-16 08:30")
		ring(t, w, "deliver", box.post)
		ring(t, w, "deliver", box.post)
		if len(box.letters) != 2 || len(box.letters[1].Carried) != 2 {
			t.Errorf("on the next day: %+v, want one letter that carries two", box.letters)
		}
	})
}

// A red light waits for nothing: found after a long silence it goes with the same bell, in the one letter that makes up for the silence.
func TestRedGoesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		ring(t, w, "deliver", newFarEnd().post)
		w.At(t, "2023-07-20 09:00")
		ring(t, w, "sweep", nil)
		var lights []workflows.Light
		ring(t, w, "deliver", func(_ context.Context, d app.Delivery) (app.Outcome, error) {
			lights = append(lights, d.Reminder.Light) // of a letter that carries several, the gravest
			return "accepted", nil
		})
		if !slices.Contains(lights, workflows.LightRed) {
			t.Errorf("no red light went out: %v", lights)
		}
	})
}

// A mail server that is down loses nothing, is nobody's failed attempt, and afterwards everything arrives once.
func TestDownServerLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 2)
		far := newFarEnd()
		for _, account := range []string{"dir", "tf1", "gxj.lead", "gxj.hand"} {
			far.answers[account] = "down"
		}
		for range 20 {
			ringInVain(t, w, far.post)
			later(w, 5*time.Minute)
		}
		if tries := far.tries["dir"] + far.tries["tf1"] + far.tries["gxj.lead"] + far.tries["gxj.hand"]; tries != 20 {
			t.Errorf("a server that is down was asked %d times by 20 bells", tries)
		}
		clear(far.answers)
		for range 10 {
			later(w, 5*time.Minute)
			ring(t, w, "deliver", far.post)
		}
		if len(far.got) != 8 {
			t.Errorf("%d of 8 letters arrived", len(far.got))
		}
		for id, n := range far.got {
			if n != 1 {
				t.Errorf("message %s arrived %d times", id, n)
			}
		}
	})
}

// What loses its reason while the letter that carries it waits for the mail server is taken out of it; a letter that has nothing left is not sent.
func TestLetterDropsWhatIsDone(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		box := &postBox{account: "gxj.hand"}
		mailing(t, w, 3)
		ring(t, w, "deliver", newFarEnd().post)
		w.At(t, "2023-03-15 08:30")
		ring(t, w, "sweep", nil)
		down := func(_ context.Context, d app.Delivery) (app.Outcome, error) { return "down", context.DeadlineExceeded }
		ringInVain(t, w, down)
		accept := func(no string) {
			f, err := w.App.TicketFile(context.Background(), w.As(t, "gxj.lead"), no)
			apptest.Must(t, err, "find")
			_, err = w.App.MoveTicket(context.Background(), w.As(t, "gxj.lead"), app.MoveTicket{Ticket: f.Ticket.ID, Version: f.Ticket.Version, Move: "accept"})
			apptest.Must(t, err, "accept")
		}
		accept("2023-001")
		later(w, 5*time.Minute)
		kept := 0
		ringInVain(t, w, func(ctx context.Context, d app.Delivery) (app.Outcome, error) {
			kept = max(kept, len(d.Carried))
			return down(ctx, d)
		})
		if kept != 2 {
			t.Errorf("the letter carries %d after one of three was accepted", kept)
		}
		accept("2023-002")
		accept("2023-003")
		for range 3 {
			later(w, 5*time.Minute)
			ring(t, w, "deliver", box.post)
		}
		for _, d := range box.letters { // that the tickets were accepted is told
			if d.Reminder.ItemKind == "digest" || d.Escalation != nil {
				t.Errorf("sent for nothing: %+v", d)
			}
		}
	})
}
