package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"battlemap/app"
)

// Job is one bell: what it does when it rings, and when it rings. Every job may ring twice or late; the database decides what is due.
type Job struct {
	Name  string
	Spec  string        // five fields of cron, in the district's zone
	Lease time.Duration // how long its lease lasts; a job that takes longer loses it and its late writes are refused
	Run   func(context.Context, app.Actor) error
}

// Post sends one mail and says what became of it.
type Post func(context.Context, app.Delivery) (app.Outcome, error)

// Timetable is the whole timetable. post is nil when no mail server is configured.
func Timetable(a *app.App, post Post) []Job {
	return []Job{
		{Name: "sweep", Spec: "* * * * *", Lease: 5 * time.Minute, Run: sweep(a)},
		{Name: "deliver", Spec: "* * * * *", Lease: 5 * time.Minute, Run: deliver(a, post)},
		{Name: "checkpoint", Spec: "*/10 * * * *", Lease: time.Minute, Run: func(ctx context.Context, _ app.Actor) error {
			return errors.Join(a.TryDisk(ctx), a.SignCheckpoint(ctx))
		}},
		{Name: "doctor", Spec: "10 2 * * *", Lease: time.Hour, Run: doctor(a)},
		{Name: "tidy", Spec: "30 3 * * *", Lease: time.Minute, Run: func(ctx context.Context, _ app.Actor) error {
			return errors.Join(a.PurgeSessions(ctx), a.RemoveDisposed(ctx))
		}},
	}
}

// doctor examines the whole database at night. What it found is stored and shown; a database that is not sound is an error of the bell too, for the log.
func doctor(a *app.App) func(context.Context, app.Actor) error {
	return func(ctx context.Context, actor app.Actor) error {
		run, err := a.Examine(ctx, actor, true)
		if err == nil && !run.Sound {
			return fmt.Errorf("doctor: run %d found the database broken; no checkpoint is signed until a clean run: %w", run.ID, errPart)
		}
		return err
	}
}

// Carry takes one checkpoint to one witness and says what became of it.
type Carry func(context.Context, app.Publication) app.Answer

// Publishing is the bell that takes checkpoints to the witnesses outside; it stands beside the timetable because it needs its own way out.
func Publishing(a *app.App, carry Carry) Job {
	return Job{Name: "publish", Spec: "* * * * *", Lease: 5 * time.Minute, Run: publish(a, carry)}
}

// publishBatch is how many deliveries one ring of the bell makes at most.
const publishBatch = 20

func publish(a *app.App, carry Carry) func(context.Context, app.Actor) error {
	return func(ctx context.Context, _ app.Actor) error {
		if _, err := a.QueueWitnesses(ctx); err != nil {
			return err
		}
		var unsettled error
		begun, over := beginning(ctx)
		defer over()
		for range publishBatch {
			if begun.Err() != nil {
				return errors.Join(unsettled, ctx.Err())
			}
			p, err := a.ClaimPublication(ctx)
			if err != nil || p == nil {
				return errors.Join(unsettled, err)
			}
			answer := carried(ctx, carry, *p)
			// One that can't be settled is looked after when its claim runs out; the others do not wait for it.
			unsettled = errors.Join(unsettled, lastly(ctx, func(ctx context.Context) error { return a.SettlePublication(ctx, *p, answer) }))
		}
		return unsettled
	}
}

// lastly notes what became of something that went out: even when the process was told to stop meanwhile, or the job's time is over, but not for ever.
func lastly(ctx context.Context, note func(context.Context) error) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), noteLimit)
	defer done()
	return note(ctx)
}

// carried makes one delivery; a panic is that delivery's own and leaves it unknown.
func carried(ctx context.Context, carry Carry, p app.Publication) (answer app.Answer) {
	defer func() {
		if r := recover(); r != nil {
			answer = app.Answer{Outcome: "unknown", Text: fmt.Sprintf("panic while sending: %v", r)}
		}
	}()
	return carry(ctx, p)
}

func sweep(a *app.App) func(context.Context, app.Actor) error {
	return func(ctx context.Context, actor app.Actor) error {
		s, err := a.Sweep(ctx, actor, 0)
		if err == nil && s.Failed > 0 {
			return fmt.Errorf("sweep: %d of %d items failed; they are tried again: %w", s.Failed, s.Failed+s.Checked, errPart)
		}
		return err
	}
}

// mailBatch is how many mails one ring of the bell sends at most.
const mailBatch = 50

func deliver(a *app.App, post Post) func(context.Context, app.Actor) error {
	return func(ctx context.Context, _ app.Actor) error {
		if _, err := a.DeliverInbox(ctx); err != nil {
			return err
		}
		if post == nil {
			return nil
		}
		// One at a time: a process that dies leaves one mail unknown, not a batch; one bad recipient does not stop the others.
		silent := 0
		begun, over := beginning(ctx)
		defer over()
		for range mailBatch {
			if begun.Err() != nil {
				return ctx.Err()
			}
			claimed, err := a.ClaimMail(ctx, 1)
			if err != nil || len(claimed) == 0 {
				return err
			}
			outcome, cause := safely(ctx, post, claimed[0])
			if err := lastly(ctx, func(ctx context.Context) error { return a.Settle(ctx, claimed[0], outcome, cause) }); err != nil {
				return err
			}
			if outcome == "unknown" {
				silent++
			}
			// The server and not the letter is at fault: the next bell tries again, the rest has not been touched.
			if outcome == "down" || silent == mailSilent {
				return fmt.Errorf("mail server can't be used: %w", cause)
			}
		}
		return nil
	}
}

// sendingTime is how long a bell begins new deliveries: well within its lease, so that none is cut off in its middle, which would leave it unknown.
const sendingTime = 2 * time.Minute

// beginning is the time in which a bell may begin new deliveries: sendingTime, unless the node is about to stop.
func beginning(ctx context.Context) (context.Context, context.CancelFunc) {
	begun, over := context.WithTimeout(ctx, sendingTime)
	end, ok := ctx.Value(ending{}).(context.Context)
	if !ok {
		return begun, over
	}
	forget := context.AfterFunc(end, over)
	return begun, func() { forget(); over() }
}

// mailSilent is how many letters may go without an answer before the rest waits for the next bell.
const mailSilent = 3

// safely posts one letter; a panic is that letter's own and leaves it unknown.
func safely(ctx context.Context, post Post, d app.Delivery) (outcome app.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			outcome, err = "unknown", fmt.Errorf("panic while sending: %v", r)
		}
	}()
	return post(ctx, d)
}
