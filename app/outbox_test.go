package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// withMail restarts the App with a mail server configured.
func withMail(t *testing.T, w *apptest.World) *stage {
	t.Helper()
	w.Options.Mail = true
	w.Reopen(t)
	return newStage(t, w)
}

// issue issues n tickets to unit gxj: a reminder by mail to its leader and one to its handler for each, beside those to the approvers.
func (st *stage) issue(n int) {
	st.t.Helper()
	for i := range n {
		name := fmt.Sprint("T", len(st.tickets), ".", i)
		for _, line := range []string{"ticket " + name + ` term="3 months"`, "move " + name + " submit_draft as=sup", "move " + name + " approve as=dir"} {
			apptest.Must(st.t, st.line(line), "%s", line)
		}
	}
}

// mails lists "status attempts" of the mail reminders with how many there are of each.
func mails(side aside) map[string]int {
	side.t.Helper()
	out := map[string]int{}
	for _, row := range side.rows("SELECT status, attempts FROM reminders WHERE channel = 'mail'") {
		out[strings.NewReplacer("status=", "", "attempts=", "").Replace(row)]++
	}
	return out
}

func claim(t *testing.T, a *app.App, limit int) []app.Delivery {
	t.Helper()
	d, err := a.ClaimMail(context.Background(), limit)
	apptest.Must(t, err, "claim")
	return d
}

// Two nodes on one database: each reminder is claimed by one of them, once.
func TestTwoNodesClaimEachReminderOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issue(10)
		side := lookAside(t, w)
		want := side.number("SELECT COUNT(*) FROM reminders WHERE channel = 'mail'")
		opt := w.Options
		opt.Node = "second"
		other, err := app.Open(context.Background(), opt)
		apptest.Must(t, err, "second node")
		defer func() { apptest.Must(t, other.Close(), "close") }()
		var mu sync.Mutex
		seen := map[int64]int{}
		errs := together(8, func(i int) error {
			node := []*app.App{w.App, other}[i%2]
			for range 20 {
				got, err := node.ClaimMail(context.Background(), 3)
				if err != nil {
					return err
				}
				mu.Lock()
				for _, d := range got {
					seen[d.Reminder.ID]++
					if d.Reminder.Attempts != 1 || d.Recipient.ID != d.Reminder.RecipientID || d.Recipient.Email == "" {
						err = fmt.Errorf("claimed %+v", d)
					}
				}
				mu.Unlock()
				if err != nil {
					return err
				}
			}
			return nil
		})
		apptest.Must(t, errors.Join(errs...), "claim")
		if int64(len(seen)) != want || want < 20 || slices.Max(slices.Collect(maps.Values(seen))) != 1 {
			t.Errorf("%d of %d reminders claimed: %v", len(seen), want, seen)
		}
		if got := mails(side); got["sending 1"] != len(seen) {
			t.Errorf("marks %v", got)
		}
	})
}

// A temporary failure is tried again after 1, 2, 4, … minutes and fails for good at the eighth.
func TestRetriesBackOff(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		apptest.Must(t, st.line(`ticket T term="3 months"`), "draft")
		apptest.Must(t, st.line("move T submit_draft as=sup"), "submit") // one mail to the director, one to the leader of the task force
		ctx, side, begin := context.Background(), lookAside(t, w), w.Clock.Now()
		wait := time.Duration(0)
		for attempt := 1; attempt <= 8; attempt++ {
			got := claim(t, w.App, 10)
			if len(got) != 2 || got[0].Reminder.Attempts != attempt {
				t.Fatalf("attempt %d: claimed %d", attempt, len(got))
			}
			for _, d := range got {
				apptest.Must(t, w.App.Settle(ctx, d, "retry", errors.New("451 greylisted")), "settle")
			}
			if attempt == 8 {
				break
			}
			if again := claim(t, w.App, 10); len(again) != 0 {
				t.Fatalf("attempt %d is repeated at once", attempt)
			}
			wait = time.Minute << (attempt - 1)
			w.Clock.Set(w.Clock.Now().Add(wait - time.Second))
			if again := claim(t, w.App, 10); len(again) != 0 {
				t.Fatalf("attempt %d is repeated before %s are over", attempt, wait)
			}
			w.Clock.Set(w.Clock.Now().Add(time.Second))
		}
		if got := w.Clock.Now().Sub(begin); got != 127*time.Minute || wait != 64*time.Minute {
			t.Errorf("eight attempts took %s", got)
		}
		for _, day := range []string{"2023-03-13 17:00", "2023-03-14 09:00", "2023-04-14 09:00"} {
			w.At(t, day)
			if again := claim(t, w.App, 10); len(again) != 0 {
				t.Errorf("claimed again after it failed for good")
			}
		}
		if got := side.rows("SELECT status, attempts, error FROM reminders WHERE channel = 'mail'"); !slices.Equal(got, []string{"status=failed attempts=8 error=451 greylisted", "status=failed attempts=8 error=451 greylisted"}) {
			t.Errorf("at the end %v", got)
		}
	})
}

// A retry whose time falls into the night waits for the morning, and into a holiday for its end.
func TestRetriesWaitForWorkingTime(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		w.At(t, "2023-04-28 17:29") // the Friday before the May holiday
		apptest.Must(t, st.line(`ticket T term="3 months"`), "draft")
		apptest.Must(t, st.line("move T submit_draft as=sup"), "submit")
		for _, d := range claim(t, w.App, 10) {
			apptest.Must(t, w.App.Settle(context.Background(), d, "retry", errors.New("busy")), "settle")
		}
		for _, at := range []string{"2023-04-28 17:30", "2023-04-29 09:00", "2023-05-03 09:00", "2023-05-04 08:29"} {
			w.At(t, at)
			if got := claim(t, w.App, 10); len(got) != 0 {
				t.Errorf("%d claimed at %s", len(got), at)
			}
		}
		w.At(t, "2023-05-04 08:30")
		if got := lookAside(t, w).number("SELECT MIN(not_before) FROM reminders WHERE channel = 'mail'"); got != w.Clock.Now().Unix() {
			t.Errorf("the ledger says that it waits until %s", time.Unix(got, 0).UTC())
		}
		if got := claim(t, w.App, 10); len(got) != 2 {
			t.Errorf("%d claimed on the first working morning, want 2", len(got))
		}
	})
}

// A sender that died while sending leaves a message that may have arrived: it is shown as unknown, and nobody sends it again by itself.
func TestDeadSendersMessageIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issue(1)
		side := lookAside(t, w)
		dead := claim(t, w.App, 1)[0]
		rest := len(claim(t, w.App, 100))
		apptest.Must(t, w.App.Settle(context.Background(), dead, "accepted", nil), "settle") // this one lived
		begin := w.Clock.Now()
		w.Clock.Set(begin.Add(2 * time.Minute))
		if got := claim(t, w.App, 100); len(got) != 0 || mails(side)["sending 1"] != rest {
			t.Errorf("two minutes: claimed %d, marks %v", len(got), mails(side))
		}
		for _, later := range []time.Duration{2*time.Minute + time.Second, time.Hour, 24 * time.Hour, 30 * 24 * time.Hour} {
			w.Clock.Set(begin.Add(later))
			if got := claim(t, w.App, 100); len(got) != 0 {
				t.Errorf("%d messages of a dead sender are sent again after %s", len(got), later)
			}
		}
		if got := mails(side); got["unknown 1"] != rest || got["accepted 1"] != 1 || len(got) != 2 {
			t.Errorf("marks %v, want %d unknown", got, rest)
		}
	})
}

// What was settled stays settled: a second answer, or one for a message that nobody is sending, changes nothing.
func TestSettleOnlyOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issue(1)
		ctx, side := context.Background(), lookAside(t, w)
		for i, outcome := range []app.Outcome{"accepted", "failed", "unknown"} {
			d := claim(t, w.App, 1)[0]
			apptest.Must(t, w.App.Settle(ctx, d, outcome, errors.New(strings.Repeat("长", 400))), "settle")
			for _, late := range []app.Outcome{"retry", "accepted", "failed"} {
				apptest.Must(t, w.App.Settle(ctx, d, late, nil), "settle late")
			}
			if got := side.text("SELECT status FROM reminders WHERE id = ?", d.Reminder.ID); got != string(outcome) {
				t.Errorf("%d: %s became %s", i, outcome, got)
			}
		}
	})
}

// Nothing reaches anybody outside working time, by mail or in the inbox.
func TestNothingGoesOutAtNight(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		w.At(t, "2023-04-22 20:00") // Saturday night; the Sunday is a make-up working day
		st.issue(1)
		ctx, sup := context.Background(), w.As(t, "dir")
		for _, at := range []string{"2023-04-22 20:00", "2023-04-22 23:59", "2023-04-23 00:00", "2023-04-23 08:29"} {
			w.At(t, at)
			n, err := w.App.DeliverInbox(ctx)
			apptest.Must(t, err, "deliver")
			if got := claim(t, w.App, 100); n != 0 || len(got) != 0 {
				t.Errorf("at %s %d appeared and %d were claimed", at, n, len(got))
			}
			if unread, err := w.App.Unread(ctx, sup); unread != 0 || err != nil {
				t.Errorf("at %s the inbox shows %d, %v", at, unread, err)
			}
		}
		w.At(t, "2023-04-23 08:30")
		n, err := w.App.DeliverInbox(ctx)
		apptest.Must(t, err, "deliver")
		if got := claim(t, w.App, 100); n != 4 || len(got) != 4 {
			t.Errorf("on the make-up Sunday %d appeared and %d were claimed, want 4 and 4", n, len(got))
		}
		if unread, err := w.App.Unread(ctx, sup); unread != 1 || err != nil {
			t.Errorf("the inbox shows %d, %v", unread, err)
		}
		// Queued by day and claimed by night: the morning takes it.
		w.At(t, "2023-04-24 17:29")
		st.issue(1)
		w.At(t, "2023-04-24 17:30")
		if got := claim(t, w.App, 100); len(got) != 0 {
			t.Errorf("%d were claimed at closing time", len(got))
		}
		w.At(t, "2023-04-25 08:30")
		if got := claim(t, w.App, 100); len(got) != 4 {
			t.Errorf("%d were claimed in the morning, want 4", len(got))
		}
	})
}

// A reminder whose light was put out before it went out does not go out any more.
func TestLiftedBeforeItWentOut(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		st.issue(1)
		ctx, side := context.Background(), lookAside(t, w)
		deliver := func() int {
			n, err := w.App.DeliverInbox(ctx)
			apptest.Must(t, err, "deliver")
			return n + len(claim(t, w.App, 100))
		}
		deliver()
		w.At(t, "2023-03-15 08:30")
		st.sweep() // not accepted for two working days: the handler is to be told
		escalations := "SELECT channel, status FROM reminders WHERE escalation_id > 0 ORDER BY channel"
		if got := side.rows(escalations); !slices.Equal(slices.Compact(got), []string{"channel=inbox status=queued", "channel=mail status=queued"}) {
			t.Fatalf("queued %v", got)
		}
		apptest.Must(t, st.line("move T0.0 accept as=gxj.lead"), "accept")
		deliver()
		if got := side.rows(escalations); !slices.Equal(slices.Compact(got), []string{"channel=inbox status=withdrawn", "channel=mail status=withdrawn"}) {
			t.Errorf("after the light went out %v", got)
		}
		if got := st.reminders(); slices.ContainsFunc(got, func(r app.Reminder) bool { return r.EscalationID != 0 }) {
			t.Errorf("somebody was reminded of what was done: %+v", got)
		}
	})
}
