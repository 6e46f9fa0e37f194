// Package jobs rings the bells: robfig/cron wakes a job up, a lease decides which node runs it, the database decides what is due.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"battlemap/app"
)

// Bells is the running timetable of one node.
type Bells struct {
	app  *app.App
	log  *slog.Logger
	jobs []Job
	cron *cron.Cron
	stop context.CancelFunc // breaks running jobs off
	last context.CancelFunc // lets running jobs begin nothing new
}

// ending is the key of the context that is over when a node is about to stop: a job finishes what it has begun then and begins no other letter.
type ending struct{}

// New checks the timetable; nothing rings before Start.
func New(a *app.App, log *slog.Logger, jobs []Job) (*Bells, error) {
	b := &Bells{app: a, log: log, jobs: jobs}
	end, last := context.WithCancel(context.Background())
	ctx, stop := context.WithCancel(context.WithValue(context.Background(), ending{}, end))
	b.stop, b.last = stop, last
	// The order matters: with Recover outside, one panic would leave SkipIfStillRunning's token taken and the job silent for ever.
	chain := cron.WithChain(cron.SkipIfStillRunning(cron.DiscardLogger), cron.Recover(cronLog{log}))
	b.cron = cron.New(cron.WithLocation(a.Calendar().Location()), chain)
	for _, job := range jobs {
		schedule, err := parse(job.Spec, a.Now().In(a.Calendar().Location()))
		if err != nil {
			stop()
			last()
			return nil, fmt.Errorf("timetable: job %s: %w", job.Name, err)
		}
		b.cron.Schedule(schedule, cron.FuncJob(func() { b.ring(ctx, job) }))
	}
	return b, nil
}

// parse refuses what cron/v3 would take and never ring, or die of.
func parse(spec string, now time.Time) (cron.Schedule, error) {
	if strings.HasPrefix(spec, "TZ=") || strings.HasPrefix(spec, "CRON_TZ=") {
		return nil, fmt.Errorf("%q: the zone is the district's", spec)
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, err
	}
	if schedule.Next(now).IsZero() {
		return nil, fmt.Errorf("%q never rings", spec)
	}
	return schedule, nil
}

// Start lets the bells ring.
func (b *Bells) Start() { b.cron.Start() }

// Silence rings no more, and lets the jobs that run come to their end with what they have begun.
func (b *Bells) Silence() {
	b.last()
	b.cron.Stop()
}

// Stop is Silence, and waits for running jobs until ctx is over; then it breaks them off and waits until they have noted that.
func (b *Bells) Stop(ctx context.Context) {
	b.last()
	done := b.cron.Stop()
	defer b.stop()
	select {
	case <-done.Done():
		return
	case <-ctx.Done():
	}
	b.stop()
	select {
	case <-done.Done():
	case <-time.After(noteLimit):
		b.log.Error("a job could not be broken off")
	}
}

func (b *Bells) ring(ctx context.Context, job Job) {
	if err := b.run(ctx, job); err != nil && !errors.Is(err, app.ErrLeaseHeld) && ctx.Err() == nil {
		b.log.Error("job failed", "job", job.Name, "error", err)
	}
}

// Once runs the named job now, under its lease.
func (b *Bells) Once(ctx context.Context, name string) error {
	for _, job := range b.jobs {
		if job.Name == name {
			return b.run(ctx, job)
		}
	}
	return fmt.Errorf("no job %q; there are %s", name, strings.Join(b.Names(), ", "))
}

// Names lists the jobs.
func (b *Bells) Names() []string {
	var out []string
	for _, job := range b.jobs {
		out = append(out, job.Name)
	}
	return out
}

// run does the job under its lease and within its lease's time: whoever waits for an answer that never comes would keep the bell silent for ever. What was not
// reached is still due at the next bell.
func (b *Bells) run(ctx context.Context, job Job) error {
	limited, done := context.WithTimeout(ctx, job.Lease)
	defer done()
	lease, err := b.app.Acquire(limited, job.Name, job.Lease)
	if err != nil {
		return err
	}
	err = b.shielded(limited, job, lease)
	if ctx.Err() != nil || errors.Is(err, app.ErrLeaseLost) {
		return err // another node has the job, or this one stops
	}
	failed := err
	if errors.Is(err, errPart) {
		failed = nil
	}
	last, enough := context.WithTimeout(ctx, noteLimit)
	defer enough()
	if noted := b.app.NoteJob(last, job.Name, failed); noted != nil && !errors.Is(noted, context.DeadlineExceeded) {
		b.log.Error("how a job ended could not be noted", "job", job.Name, "error", noted)
	}
	return err
}

// errPart means that a job came to its end but for things that are shown by themselves.
var errPart = errors.New("the job came to its end in part")

// noteLimit is how long a short note about a job or a letter may take that is made although its time is over.
const noteLimit = 30 * time.Second

// shielded runs the job; a panic goes on to cron's chain, which writes it down, and is noted before.
func (b *Bells) shielded(ctx context.Context, job Job, lease *app.Lease) error {
	ended := false
	defer func() {
		if ended {
			return
		}
		last, enough := context.WithTimeout(context.WithoutCancel(ctx), noteLimit)
		defer enough()
		if noted := b.app.NoteJob(last, job.Name, errors.New("panic; the log has it")); noted != nil {
			b.log.Error("how a job ended could not be noted", "job", job.Name, "error", noted)
		}
	}()
	err := job.Run(ctx, app.System(job.Name).Under(lease))
	ended = true
	return err
}

// cronLog writes the panics that cron recovers into the operations log.
type cronLog struct{ log *slog.Logger }

// Info is cron's chatter; it is dropped.
func (cronLog) Info(string, ...any) {}

// Error is a recovered panic.
func (c cronLog) Error(err error, msg string, keysAndValues ...any) {
	c.log.Error("cron: "+msg, append(keysAndValues, "error", err)...)
}
