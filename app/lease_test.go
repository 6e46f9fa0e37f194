package app_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// node opens the App once more on the world's database, as another machine does.
func node(t *testing.T, w *apptest.World, name string) *app.App {
	t.Helper()
	opt := w.Options
	opt.Node = name
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open node %s", name)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// One node holds a job; after the lease ran out another takes over, and what the first still tries to write is refused.
func TestLeaseGoesToOneNode(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		st.issueOne()
		ctx, side := context.Background(), lookAside(t, w)
		first, other := node(t, w, "one"), node(t, w, "two")
		begin := w.Clock.Now()
		l1, err := first.Acquire(ctx, "sweep", 5*time.Minute)
		apptest.Must(t, err, "acquire")
		if _, err := other.Acquire(ctx, "sweep", 5*time.Minute); !errors.Is(err, app.ErrLeaseHeld) {
			t.Fatalf("the second node: %v, want %v", err, app.ErrLeaseHeld)
		}
		if _, err := other.Acquire(ctx, "deliver", 5*time.Minute); err != nil {
			t.Errorf("another job: %v", err)
		}
		w.Clock.Set(begin.Add(4 * time.Minute))
		renewed, err := first.Acquire(ctx, "sweep", 5*time.Minute)
		apptest.Must(t, err, "renew")
		w.Clock.Set(begin.Add(9*time.Minute - time.Second))
		if _, err := other.Acquire(ctx, "sweep", time.Minute); !errors.Is(err, app.ErrLeaseHeld) || renewed.Fence != l1.Fence {
			t.Errorf("renewed with fence %d after %d; the second node: %v", renewed.Fence, l1.Fence, err)
		}
		w.At(t, "2023-03-17 09:00") // the ticket waits for acceptance since two working days; the first node sleeps
		l2, err := other.Acquire(ctx, "sweep", 5*time.Minute)
		apptest.Must(t, err, "take over")
		if l2.Fence <= l1.Fence || l2.Holder != "two" {
			t.Errorf("taken over as %+v after %+v", l2, l1)
		}
		before := side.dump()
		swept, err := first.Sweep(ctx, app.System("sweep").Under(l1), 0)
		if !errors.Is(err, app.ErrLeaseLost) || swept.Checked != 0 {
			t.Errorf("a sweep under a lost lease: %+v, %v; want %v", swept, err, app.ErrLeaseLost)
		}
		if _, err := first.AddUnit(ctx, app.Setup("late").Under(renewed), app.AddUnit{Code: "late", Name: "迟到", Kind: "bureau"}); !errors.Is(err, app.ErrLeaseLost) {
			t.Errorf("a write under a lost lease: %v", err)
		}
		if !reflect.DeepEqual(before, side.dump()) {
			t.Error("something was written under a lost lease")
		}
		if _, err := first.Acquire(ctx, "sweep", time.Minute); !errors.Is(err, app.ErrLeaseHeld) {
			t.Errorf("the first node wakes up and gets %v", err)
		}
		swept, err = other.Sweep(ctx, app.System("sweep").Under(l2), 0)
		if err != nil || swept.Checked != 1 || swept.Failed != 0 {
			t.Errorf("the sweep of the holder: %+v, %v", swept, err)
		}
	})
}

// issueOne issues ticket T to unit gxj.
func (st *stage) issueOne() {
	st.t.Helper()
	for _, line := range []string{`ticket T term="3 months"`, "move T submit_draft as=sup", "move T approve as=dir"} {
		apptest.Must(st.t, st.line(line), "%s", line)
	}
}

// An alarm clock that rang for nothing is not wound under a lost lease either.
func TestLostLeaseWindsNoAlarm(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := newStage(t, w)
		st.issueOne()
		ctx, side := context.Background(), lookAside(t, w)
		side.exec("UPDATE tickets SET next_check_at = 1")
		first, other := node(t, w, "one"), node(t, w, "two")
		lost, err := first.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire")
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		held, err := other.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "take over")
		if _, err := first.Sweep(ctx, app.System("sweep").Under(lost), 0); !errors.Is(err, app.ErrLeaseLost) || side.number("SELECT next_check_at FROM tickets") != 1 {
			t.Errorf("under a lost lease: %v, next check at %d", err, side.number("SELECT next_check_at FROM tickets"))
		}
		size := sound(t, w)
		swept, err := other.Sweep(ctx, app.System("sweep").Under(held), 0)
		if err != nil || swept.Checked != 1 || side.number("SELECT next_check_at FROM tickets") <= w.Clock.Now().Unix() || sound(t, w) != size {
			t.Errorf("under the lease: %+v, %v, next check at %d", swept, err, side.number("SELECT next_check_at FROM tickets"))
		}
	})
}

// Winding an alarm clock that rang for nothing goes through the small sister, after the door found nothing to record: a lease lost between the two counts.
func TestLeaseLostBetweenTheDoors(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) { // on SQLite nobody else writes while a transaction is open, so nothing can come between
		st := newStage(t, w)
		st.issueOne()
		ctx, side, other := context.Background(), lookAside(t, w), node(t, w, "two")
		side.exec("UPDATE tickets SET next_check_at = 1")
		const last = 7
		clock, asked := w.Options.Now, 0
		armed := *w
		armed.Options.Now = func() time.Time {
			if asked++; asked == last { // after the lease was taken: dates to move, who is judged, what is due, and the door, which asks twice; then its sister
				w.Clock.Set(clock().Add(time.Minute))
				apptest.Must(t, second(other.Acquire(ctx, "sweep", time.Minute)), "take over")
			}
			return clock()
		}
		first := node(t, &armed, "one")
		lease, err := first.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire")
		if _, err := first.Sweep(ctx, app.System("sweep").Under(lease), 0); !errors.Is(err, app.ErrLeaseLost) || asked != last {
			t.Errorf("the sweep asked for the time %d times and says %v, want %v", asked, err, app.ErrLeaseLost)
		}
		if at := side.number("SELECT next_check_at FROM tickets"); at != 1 {
			t.Errorf("the alarm was wound to %d under a lost lease", at)
		}
	})
}

// A node that comes back after its lease ran out has a new fence, even when nobody else held it meanwhile: its earlier life is over.
func TestLapsedLeaseHasANewFence(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		l1, err := w.App.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire")
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		l2, err := w.App.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire again")
		if l2.Fence != l1.Fence+1 {
			t.Errorf("fence %d after %d", l2.Fence, l1.Fence)
		}
		_, err = w.App.AddUnit(ctx, app.Setup("late").Under(l1), app.AddUnit{Code: "late", Name: "迟到", Kind: "bureau"})
		if !errors.Is(err, app.ErrLeaseLost) {
			t.Errorf("the earlier life writes: %v", err)
		}
		// Four nodes want one job at once.
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		nodes := []*app.App{node(t, w, "a"), node(t, w, "b"), node(t, w, "c"), node(t, w, "d")}
		errs, won := together(len(nodes), func(i int) error { return second(nodes[i].Acquire(ctx, "sweep", time.Minute)) }), 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, app.ErrLeaseHeld) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d nodes got the job: %v", won, len(nodes), errs)
		}
	})
}

// Two processes of one name, such as a bell and a command on the same machine, never act under the same fence.
func TestTwoLivesOfOneNodeHaveTwoFences(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		early, late := node(t, w, "one"), node(t, w, "one")
		l1, err := early.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire")
		l2, err := late.Acquire(ctx, "sweep", time.Minute)
		apptest.Must(t, err, "acquire in the second life")
		_, err = early.AddUnit(ctx, app.Setup("late").Under(l1), app.AddUnit{Code: "late", Name: "迟到", Kind: "bureau"})
		if l2.Fence <= l1.Fence || !errors.Is(err, app.ErrLeaseLost) {
			t.Errorf("fence %d after %d; the earlier life writes: %v", l2.Fence, l1.Fence, err)
		}
		again, err := late.Acquire(ctx, "sweep", time.Minute)
		if err != nil || again.Fence != l2.Fence {
			t.Errorf("renewed as %+v, %v", again, err)
		}
	})
}

// A node whose clock was a year ahead took the job and died: the others don't wait a year for its lease to run out.
func TestLeaseOfAWrongClockDoesNotLast(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx, begin := context.Background(), w.Clock.Now()
		w.Clock.Set(begin.AddDate(1, 0, 0))
		wrong, err := node(t, w, "wrong").Acquire(ctx, "sweep", 5*time.Minute)
		apptest.Must(t, err, "acquire")
		w.Clock.Set(begin)
		right, err := node(t, w, "right").Acquire(ctx, "sweep", 5*time.Minute)
		if err != nil || right.Fence <= wrong.Fence {
			t.Fatalf("acquired %+v, %v after %+v", right, err, wrong)
		}
		_, err = w.App.AddUnit(ctx, app.Setup("late").Under(wrong), app.AddUnit{Code: "late", Name: "迟到", Kind: "bureau"})
		if !errors.Is(err, app.ErrLeaseLost) {
			t.Errorf("the wrong clock's late write: %v", err)
		}
	})
}

// A process that is stopped in the middle of a transaction holds the journal's head. The server ends that transaction, and the district goes on.
func TestStoppedInTheMiddleOfAWrite(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		stopped := *w
		stopped.Options.Database += "&idle_in_transaction_session_timeout=300"
		first := node(t, &stopped, "one")
		lease, err := first.Acquire(ctx, "sweep", time.Hour)
		apptest.Must(t, err, "acquire")
		w.Clock.Set(w.Clock.Now().Add(2 * time.Hour))
		err = app.Write(ctx, first, app.System("sweep").Under(lease), func(tx *app.Tx) error {
			apptest.Must(t, app.Exec(tx, "SELECT size FROM journal_head FOR UPDATE"), "lock the head")
			// Here the process stands still. Others need the lease's row and the head, and get them without its doing.
			held, err := w.App.Acquire(ctx, "sweep", time.Hour)
			apptest.Must(t, err, "take over")
			_, err = w.App.AddUnit(ctx, app.Setup("other").Under(held), app.AddUnit{Code: "other", Name: "示例", Kind: "bureau"})
			apptest.Must(t, err, "write")
			app.Note(tx, "late.write")
			return nil
		})
		if err == nil {
			t.Error("the write that was stopped was acknowledged")
		}
		if _, err := first.AddUnit(ctx, app.Setup("late").Under(lease), app.AddUnit{Code: "late", Name: "迟到", Kind: "bureau"}); !errors.Is(err, app.ErrLeaseLost) {
			t.Errorf("its next write: %v, want %v", err, app.ErrLeaseLost)
		}
		if got := lookAside(t, w).rows("SELECT code FROM units"); len(got) != 1 {
			t.Errorf("units %v", got)
		}
	})
}

// Without a limit of its own, the product asks for one.
func TestTransactionsMayNotStandStill(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		apptest.Must(t, app.Chore(context.Background(), w.App, func(tx *app.Tx) error {
			return app.Exec(tx, "SELECT 1 / (CASE current_setting('idle_in_transaction_session_timeout') WHEN '30s' THEN 1 ELSE 0 END)")
		}), "the limit is half a minute")
	})
}

// A broken connection is an error and not a panic: gorm's Row answers nil, so nobody asks for it.
func TestBrokenConnectionIsAnError(t *testing.T) {
	if got := named(source(t), func(f function) bool {
		return slices.ContainsFunc(f.calls, func(c string) bool { return strings.HasSuffix(c, ".Row") })
	}); len(got) > 0 {
		t.Errorf("%v ask gorm for a Row instead of scanOne", got)
	}
	each(t, func(t *testing.T, w *apptest.World) {
		a, err := app.Open(context.Background(), w.Options)
		apptest.Must(t, err, "open")
		apptest.Must(t, a.Close(), "close")
		if err := a.Ready(context.Background()); err == nil {
			t.Error("ready without a database")
		}
	})
}
