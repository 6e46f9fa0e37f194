package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// poisoned runs a test twice on each database: with a program that panics at a row, and with a database that answers with an error there.
func poisoned(t *testing.T, f func(t *testing.T, w *apptest.World, p *app.Poison)) {
	t.Helper()
	for _, panics := range []bool{true, false} {
		t.Run(map[bool]string{true: "panic", false: "error"}[panics], func(t *testing.T) {
			each(t, func(t *testing.T, w *apptest.World) { f(t, w, &app.Poison{Panics: panics}) })
		})
	}
}

// spoil poisons a row, from the next statement on.
func spoil(t *testing.T, w *apptest.World, p *app.Poison, table string, id int64) {
	t.Helper()
	p.Table, p.ID = table, id
	app.Spoil(w.App, p)
}

// An item that can't be checked stops no other, is tried again later and later, is set aside where people see it, then tried once a day; and its light comes
// when it can be checked at last.
func TestPoisonInTheSweep(t *testing.T) {
	poisoned(t, func(t *testing.T, w *apptest.World, p *app.Poison) {
		st := withMail(t, w)
		st.issue(3)
		ctx, side := context.Background(), lookAside(t, w)
		w.At(t, "2023-03-15 09:00") // nobody has accepted for two working days
		insp, sup := w.As(t, "insp"), w.As(t, "sup")
		spoil(t, w, p, "FROM tickets WHERE id", 1)
		lit := func() []string {
			return side.rows("SELECT ticket_id FROM escalations WHERE rule_id = 'ticket.not_accepted' ORDER BY ticket_id")
		}
		sweep := func(checked, failed int) {
			t.Helper()
			if s, err := w.App.Sweep(ctx, app.System("sweep"), 0); err != nil || s.Checked != checked || s.Failed != failed {
				t.Fatalf("swept %+v, %v; want %d checked, %d failed", s, err, checked, failed)
			}
		}
		sweep(2, 1)
		if got := lit(); !slices.Equal(got, []string{"ticket_id=2", "ticket_id=3"}) {
			t.Errorf("lit are %v", got)
		}
		if log := w.Log.String(); !strings.Contains(log, "sweep: item failed") || strings.Contains(log, "stack=") != p.Panics {
			t.Errorf("the log says\n%s", log)
		}
		pause := time.Minute
		for n := 1; n < 8; n++ {
			if shown, err := w.App.StuckItems(ctx, insp, 10); err != nil || len(shown) != 0 {
				t.Errorf("shown after %d failures: %+v, %v", n, shown, err)
			}
			w.Clock.Set(w.Clock.Now().Add(pause - time.Second))
			sweep(0, 0)
			w.Clock.Set(w.Clock.Now().Add(time.Second))
			sweep(0, 1)
			pause *= 2
		}
		shown, err := w.App.StuckItems(ctx, insp, 10)
		if err != nil || len(shown) != 1 || shown[0].Kind != "ticket" || shown[0].No != "2023-001" || shown[0].Failures != 8 || !shown[0].Aside() || shown[0].Error == "" {
			t.Errorf("shown are %+v, %v", shown, err)
		}
		if _, err := w.App.StuckItems(ctx, sup, 10); len(app.AsFaults(err)) != 1 {
			t.Errorf("a supervisor reads the doctor's page: %v", err)
		}
		w.Clock.Set(w.Clock.Now().Add(24*time.Hour - time.Second))
		sweep(0, 0)
		p.Healed = true
		w.Clock.Set(w.Clock.Now().Add(time.Second))
		sweep(1, 0)
		if n := side.number("SELECT COUNT(*) FROM stuck_items"); n != 0 || len(lit()) < 3 {
			t.Errorf("%d are stuck after it could be checked, lit are %v", n, lit())
		}
		sound(t, w)
	})
}

// spoiltTicket is a due ticket that no sweep can check until it is healed.
func spoiltTicket(t *testing.T, w *apptest.World) (*app.Poison, aside) {
	withMail(t, w).issue(1)
	w.At(t, "2023-03-15 09:00")
	p := &app.Poison{Panics: true}
	spoil(t, w, p, "FROM tickets WHERE id", 1)
	return p, lookAside(t, w)
}

// What was set aside is looked at when somebody changes it, without waiting for the day's try.
func TestChangedItemIsNotPutOff(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		p, side := spoiltTicket(t, w)
		for range 8 {
			s, err := w.App.Sweep(ctx, app.System("sweep"), 0)
			if err != nil || s.Failed != 1 {
				t.Fatalf("swept %+v, %v", s, err)
			}
			w.Clock.Set(time.Unix(side.number("SELECT next_at FROM stuck_items"), 0))
		}
		w.Clock.Set(w.Clock.Now().Add(-time.Hour))
		p.Healed = true
		side.exec("UPDATE tickets SET next_check_at = next_check_at + 1 WHERE id = 1") // as a change of the item winds its clock anew
		if s, err := w.App.Sweep(ctx, app.System("sweep"), 0); err != nil || s.Checked != 1 || side.number("SELECT COUNT(*) FROM stuck_items") != 0 {
			t.Errorf("swept %+v, %v", s, err)
		}
	})
}

// What failed once and needs no look any more, since somebody has closed it, is not put off for ever.
func TestWhatIsNoLongerDueIsNotPutOff(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		p, side := spoiltTicket(t, w)
		if s, err := w.App.Sweep(ctx, app.System("sweep"), 0); err != nil || s.Failed != 1 {
			t.Fatalf("swept %+v, %v", s, err)
		}
		p.Healed = true
		apptest.Must(t, second(w.App.Sweep(ctx, app.System("sweep"), 0)), "sweep")
		if n := side.number("SELECT COUNT(*) FROM stuck_items"); n != 1 {
			t.Errorf("%d items are put off, want 1: its time has not come", n)
		}
		side.exec("UPDATE tickets SET next_check_at = 0 WHERE id = 1") // as its closing does
		apptest.Must(t, second(w.App.Sweep(ctx, app.System("sweep"), 0)), "sweep")
		if n := side.number("SELECT COUNT(*) FROM stuck_items"); n != 0 {
			t.Errorf("%d items are put off that nobody has to look at", n)
		}
	})
}

// A reminder that can't be asked whether it still has a reason stops no other in the inbox or at the post; it is tried eight times and given up, where people see it and may send it again.
func TestPoisonInTheOutbox(t *testing.T) {
	poisoned(t, func(t *testing.T, w *apptest.World, p *app.Poison) {
		st := withMail(t, w)
		st.issue(3)
		ctx, side := context.Background(), lookAside(t, w)
		spoil(t, w, p, "tickets", 1)
		state := func() []string {
			return side.rows("SELECT channel, item_id, status, MAX(attempts) FROM reminders GROUP BY channel, item_id, status ORDER BY channel, item_id, status")
		}
		post := func() {
			t.Helper()
			apptest.Must(t, second(w.App.DeliverInbox(ctx)), "fill the inboxes")
			claimed, err := w.App.ClaimMail(ctx, 100)
			apptest.Must(t, err, "claim")
			for _, d := range claimed {
				apptest.Must(t, w.App.Settle(ctx, d, "accepted", nil), "settle")
			}
		}
		post()
		want := []string{"channel=inbox item_id=1 status=queued max=1", "channel=inbox item_id=2 status=accepted max=0", "channel=inbox item_id=3 status=accepted max=0",
			"channel=mail item_id=1 status=queued max=1", "channel=mail item_id=2 status=accepted max=1", "channel=mail item_id=3 status=accepted max=1"}
		wantState := func(what string) {
			t.Helper()
			got := state()
			for i := range got {
				got[i] = strings.Replace(got[i], "MAX(attempts)", "max", 1)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s:\n got %v\nwant %v", what, got, want)
			}
		}
		wantState("after the first bell")
		for range 20 {
			if side.number("SELECT COUNT(*) FROM reminders WHERE status = 'queued'") == 0 {
				break
			}
			w.Clock.Set(time.Unix(side.number("SELECT MIN(not_before) FROM reminders WHERE status = 'queued'"), 0))
			post()
		}
		want[0], want[3] = "channel=inbox item_id=1 status=failed max=8", "channel=mail item_id=1 status=failed max=8"
		wantState("after eight times")
		if n := side.number("SELECT COUNT(*) FROM reminder_attempts WHERE outcome = 'failed'"); n == 0 {
			t.Error("the history does not say that it was given up")
		}
		p.Healed = true
		var again []app.DeadLetter
		for _, row := range side.rows("SELECT r.id, MAX(a.id) AS seen FROM reminders r JOIN reminder_attempts a ON a.reminder_id = r.id WHERE r.status = 'failed' GROUP BY r.id") {
			var l app.DeadLetter
			_, err := fmt.Sscanf(row, "id=%d seen=%d", &l.Reminder, &l.Seen)
			apptest.Must(t, err, "read %s", row)
			again = append(again, l)
		}
		apptest.Must(t, w.App.SendAgain(ctx, w.As(t, "dir"), again), "send again")
		post()
		if n := side.number("SELECT COUNT(*) FROM reminders WHERE status <> 'accepted'"); n != 0 {
			t.Errorf("%d did not go out after they were healed: %v", n, state())
		}
		sound(t, w)
	})
}

// A person whose letter of the day can't be put together keeps nobody else from theirs, and has the reminders one by one.
func TestPoisonInTheDigest(t *testing.T) {
	poisoned(t, func(t *testing.T, w *apptest.World, p *app.Poison) {
		st := withMail(t, w)
		st.issue(3)
		ctx, side := context.Background(), lookAside(t, w)
		w.At(t, "2023-03-15 09:00")
		apptest.Must(t, second(w.App.Sweep(ctx, app.System("sweep"), 0)), "sweep")
		w.At(t, "2023-03-15 09:45")
		spoil(t, w, p, "item_kind = 'digest'", st.s.Users["gxj.hand"]) // the question for the letters that they had today
		claimed, err := w.App.ClaimMail(ctx, 100)
		apptest.Must(t, err, "claim")
		digests, alone := map[string]int{}, map[string]int{}
		for _, d := range claimed {
			if len(d.Carried) > 0 {
				digests[d.Recipient.Account] += len(d.Carried)
			} else {
				alone[d.Recipient.Account]++
			}
		}
		if digests["gxj.lead"] == 0 || digests["gxj.hand"] != 0 || alone["gxj.hand"] == 0 {
			t.Errorf("in letters of the day %v, by themselves %v; waiting %v", digests, alone, side.rows("SELECT recipient_id, status, daily FROM reminders WHERE channel = 'mail' AND status = 'queued'"))
		}
	})
}

// A delivery to a witness that can't be made ready does not hold up the one behind it; it is put off, and given up at the sixteenth time.
func TestPoisonInPublishing(t *testing.T) {
	poisoned(t, func(t *testing.T, w *apptest.World, p *app.Poison) {
		ctx := context.Background()
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		bad, good := stand(t, w, "every", ""), stand(t, w, "demand", "")
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		side := lookAside(t, w)
		_, err := w.App.QueueWitnesses(ctx)
		apptest.Must(t, err, "queue")
		spoil(t, w, p, "FROM witnesses WHERE id", bad.ID)
		next, err := w.App.ClaimPublication(ctx)
		if err != nil || next == nil || next.Witness.ID != good.ID {
			t.Fatalf("claimed %+v, %v; want the one of witness %d", next, err, good.ID)
		}
		apptest.Must(t, w.App.SettlePublication(ctx, *next, app.Answer{Outcome: "accepted"}), "settle")
		for range 20 {
			if side.number("SELECT COUNT(*) FROM witness_deliveries WHERE status = 'queued'") == 0 {
				break
			}
			w.Clock.Set(time.Unix(side.number("SELECT MIN(not_before) FROM witness_deliveries WHERE status = 'queued'"), 0))
			if next, err := w.App.ClaimPublication(ctx); err != nil || next != nil {
				t.Fatalf("claimed %+v, %v", next, err)
			}
		}
		if got := side.rows("SELECT status, attempts FROM witness_deliveries ORDER BY witness_id"); !slices.Equal(got, []string{"status=failed attempts=16", "status=accepted attempts=1"}) {
			t.Errorf("deliveries %v", got)
		}
	})
}

// A POST of which its sender dies every time is not tried for ever.
func TestDeadlyPublicationIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		stand(t, w, "demand", "")
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		claimed := 0
		for range 40 {
			p, err := w.App.ClaimPublication(ctx) // and nobody hears of the sender again
			apptest.Must(t, err, "claim")
			if p != nil {
				claimed++
			}
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
		}
		if got := lookAside(t, w).rows("SELECT status, attempts FROM witness_deliveries"); claimed != 16 || !slices.Equal(got, []string{"status=failed attempts=16"}) {
			t.Errorf("claimed %d times, deliveries %v", claimed, got)
		}
	})
}

// A check of the doctor that panics is a finding, and the others are made all the same.
func TestPoisonAtTheDoctor(t *testing.T) {
	poisoned(t, func(t *testing.T, w *apptest.World, p *app.Poison) {
		st := withMail(t, w)
		st.issue(1)
		ctx := context.Background()
		run, err := w.App.Examine(ctx, app.System("doctor"), true)
		if err != nil || !run.Sound {
			t.Fatalf("before: %+v, %v", run, err)
		}
		healthy, err := run.Found()
		apptest.Must(t, err, "findings")
		spoil(t, w, p, "WHERE no > ", 0) // the walk over the tree
		run, err = w.App.Examine(ctx, app.System("doctor"), true)
		apptest.Must(t, err, "examine")
		found, err := run.Found()
		apptest.Must(t, err, "findings")
		if run.Sound || len(found) != len(healthy) {
			t.Errorf("sound %v with %d findings of %d", run.Sound, len(found), len(healthy))
		}
	})
}
