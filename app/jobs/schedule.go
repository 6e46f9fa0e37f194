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
			return fmt.Errorf("doctor: run %d found the database broken; no checkpoint is signed until a clean run", run.ID)
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
		for range publishBatch {
			p, err := a.ClaimPublication(ctx)
			if err != nil || p == nil {
				return err
			}
			answer := carried(ctx, carry, *p)
			// What became of it is noted even when the process was told to stop meanwhile.
			if err := a.SettlePublication(context.WithoutCancel(ctx), *p, answer); err != nil {
				return err
			}
		}
		return nil
	}
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
			return fmt.Errorf("sweep: %d of %d items failed; they stay due", s.Failed, s.Failed+s.Checked)
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
		for range mailBatch {
			claimed, err := a.ClaimMail(ctx, 1)
			if err != nil || len(claimed) == 0 {
				return err
			}
			outcome, cause := safely(ctx, post, claimed[0])
			// What became of it is noted even when the process was told to stop meanwhile.
			if err := a.Settle(context.WithoutCancel(ctx), claimed[0], outcome, cause); err != nil {
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
