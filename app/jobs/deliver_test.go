package jobs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// mailing is a district in which n tickets were issued to unit gxj: for each, a mail to its leader and one to its handler, and before that one to each approver.
func mailing(t *testing.T, w *apptest.World, n int) {
	t.Helper()
	w.Options.Mail = true
	w.Reopen(t)
	w.Seed(t)
	for range n {
		issue(t, w)
	}
}

// issue issues one ticket of the first task force to unit gxj.
func issue(t *testing.T, w *apptest.World) {
	t.Helper()
	ctx, lead := context.Background(), w.As(t, "gxj.lead")
	d, err := w.App.Directory(ctx)
	apptest.Must(t, err, "directory")
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例事项", Basis: "示例依据", TaskForceID: d.TaskForceList()[0].ID,
		LeadUnitID: lead.UnitID, DueTerm: "3 months"})
	apptest.Must(t, err, "draft")
	k, err = w.App.MoveTicket(ctx, w.As(t, "sup"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "submit_draft"})
	apptest.Must(t, err, "submit")
	_, err = w.App.MoveTicket(ctx, w.As(t, "dir"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})
	apptest.Must(t, err, "approve")
}

// farEnd is the other side of the wire: it keeps what arrived, and answers each account as it is told to.
type farEnd struct {
	answers map[string]app.Outcome // by account; "accepted" where nothing is said
	got     map[string]int         // by message id
	tries   map[string]int         // by account
}

func newFarEnd() *farEnd {
	return &farEnd{answers: map[string]app.Outcome{}, got: map[string]int{}, tries: map[string]int{}}
}

func (f *farEnd) post(_ context.Context, d app.Delivery) (app.Outcome, error) {
	f.tries[d.Recipient.Account]++
	answer := f.answers[d.Recipient.Account]
	if answer == "" {
		f.got[d.MessageID("battlemap.example")]++
		return "accepted", nil
	}
	return answer, fmt.Errorf("far end says %s", answer)
}

// ring rings the named job once.
func ring(t *testing.T, w *apptest.World, name string, post Post) {
	t.Helper()
	b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, post))
	apptest.Must(t, err, "timetable")
	apptest.Must(t, b.Once(context.Background(), name), "ring %s", name)
}

// ringInVain rings the bell of the post while the mail server can't be used, which the job says.
func ringInVain(t *testing.T, w *apptest.World, post Post) {
	t.Helper()
	b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, post))
	apptest.Must(t, err, "timetable")
	if err := b.Once(context.Background(), "deliver"); err == nil || !strings.Contains(err.Error(), "mail server can't be used") {
		t.Errorf("ring deliver: %v, want that the mail server can't be used", err)
	}
}

func TestOneBadRecipientStopsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 2)
		far := newFarEnd()
		far.answers["dir"], far.answers["gxj.lead"] = "failed", "retry"
		ring(t, w, "deliver", far.post)
		if len(far.got) != 4 || far.tries["dir"] != 2 || far.tries["gxj.lead"] != 2 || far.tries["gxj.hand"] != 2 || far.tries["tf1"] != 2 {
			t.Errorf("arrived %v after %v tries", far.got, far.tries)
		}
		ring(t, w, "deliver", far.post)
		if far.tries["dir"] != 2 || far.tries["gxj.lead"] != 2 || far.tries["tf1"] != 2 {
			t.Errorf("tried again at once: %v", far.tries)
		}
		delete(far.answers, "gxj.lead")
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		ring(t, w, "deliver", far.post)
		if far.tries["dir"] != 2 || far.tries["gxj.lead"] != 4 || len(far.got) != 6 {
			t.Errorf("after a minute: tries %v, arrived %v", far.tries, far.got)
		}
		for id, n := range far.got {
			if n != 1 {
				t.Errorf("message %s arrived %d times", id, n)
			}
		}
	})
}

// Mail and inbox are apart: without a mail server the inbox still fills, and a mail server that is down does not empty it.
func TestInboxDoesNotWaitForMail(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		far := newFarEnd()
		for _, account := range []string{"dir", "tf1", "gxj.lead", "gxj.hand"} {
			far.answers[account] = "unknown"
		}
		ringInVain(t, w, far.post) // three letters without an answer: the fourth waits for the next bell
		ring(t, w, "deliver", far.post)
		for account := range far.answers {
			if n, err := w.App.Unread(context.Background(), w.As(t, account)); n != 1 || err != nil {
				t.Errorf("%s has %d unread, %v", account, n, err)
			}
		}
		w.Clock.Set(w.Clock.Now().Add(time.Hour))
		ring(t, w, "deliver", far.post)
		if far.tries["dir"] != 1 || far.tries["tf1"] != 1 || far.tries["gxj.lead"] != 1 || far.tries["gxj.hand"] != 1 {
			t.Errorf("a mail that may have arrived was sent again: %v", far.tries)
		}
	})
}

// Nothing leaves the house at night or on a rest day, however often the bell rings.
func TestNothingIsPostedAtNight(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		far := newFarEnd()
		for _, at := range []string{"2023-03-13 17:30", "2023-03-14 08:29", "2023-03-18 10:00", "2023-04-29 10:00"} {
			w.At(t, at)
			ring(t, w, "deliver", far.post)
			if len(far.tries) > 0 {
				t.Fatalf("at %s: posted to %v", at, far.tries)
			}
		}
		w.At(t, "2023-04-23 08:30") // a make-up Sunday
		ring(t, w, "deliver", far.post)
		if len(far.got) != 4 {
			t.Errorf("arrived %v, want 4", far.got)
		}
	})
}

// What the sweep raises goes out with the next delivery, with the escalation that its text needs.
func TestSweepThenDeliver(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		ring(t, w, "deliver", newFarEnd().post)
		w.At(t, "2023-03-15 08:30")
		ring(t, w, "sweep", nil)
		var sent []app.Delivery
		ring(t, w, "deliver", func(_ context.Context, d app.Delivery) (app.Outcome, error) {
			sent = append(sent, d)
			return "accepted", nil
		})
		if !slices.ContainsFunc(sent, func(d app.Delivery) bool { return d.Recipient.Account == "gxj.hand" }) {
			t.Errorf("the handler got no mail: %+v", sent)
		}
		for _, d := range sent {
			n, err := d.Reminder.Notice()
			apptest.Must(t, err, "notice")
			if d.Escalation == nil || d.Escalation.RuleID != "ticket.not_accepted" || n.No != "2023-001" || n.Rule != "ticket.not_accepted" {
				t.Errorf("sent %+v with notice %+v", d, n)
				continue
			}
			if f, err := d.Escalation.Explain(); err != nil || f.Ruleset != "default" || len(f.Facts) == 0 {
				t.Errorf("explained as %+v, %v", f, err)
			}
		}
	})
}

// A sweep that could not check an item says so, and the item is tried again a minute later.
func TestFailedItemIsReported(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		w.At(t, "2023-03-15 08:30")
		b, err := New(w.App, slog.New(slog.DiscardHandler), Timetable(w.App, nil))
		apptest.Must(t, err, "timetable")
		w.Past(t, "UPDATE tickets SET state = 'nowhere'")
		if err := b.Once(context.Background(), "sweep"); err == nil {
			t.Error("a sweep that failed on its only item says nothing")
		}
		w.Past(t, "UPDATE tickets SET state = 'issued'")
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		if swept, err := w.App.Sweep(context.Background(), app.System("sweep"), 0); err != nil || swept.Checked != 1 {
			t.Errorf("swept %+v, %v; want the item that stayed due", swept, err)
		}
	})
}

// A far end that panics takes one bell with it, not the timetable; nobody knows what became of that mail.
func TestPanicAtTheFarEnd(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		calls := 0
		ring := bells(t, w.App, io.Discard, Timetable(w.App, func(context.Context, app.Delivery) (app.Outcome, error) {
			if calls++; calls == 1 {
				panic("far end")
			}
			return "accepted", nil
		})...)
		for i := range 4 {
			ring(i)
		}
		issue(t, w)
		for i := range 4 {
			ring(i)
		}
		if calls < 5 {
			t.Errorf("posted %d mails, want the one of the panic and the four of the ticket after it: the job fell silent", calls)
		}
	})
}
