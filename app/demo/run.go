package demo

import (
	"context"
	"errors"
	"time"

	"battlemap/app/calendar"
)

// ErrRunning means that the play is not paused, so it can't be stepped.
var ErrRunning = errors.New("the demonstration is running: pause it before stepping")

// Status is where the play stands.
type Status struct {
	Day      calendar.Date
	Now      time.Time // the district's time
	Paused   bool
	Over     bool          // the script has ended
	DayEvery time.Duration // how long a day takes, 0 before Run
}

// Status tells where the play stands.
func (p *Play) Status() Status {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	day := p.cal.Today(now)
	return Status{Day: day, Now: now, Paused: p.paused, Over: p.Over(day), DayEvery: p.dayEvery}
}

// Pause lets the clock stand.
func (p *Play) Pause() { p.setPaused(true) }

// Resume lets the clock go on.
func (p *Play) Resume() { p.setPaused(false) }

func (p *Play) setPaused(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paused == paused {
		return
	}
	p.paused = paused
	close(p.wake)
	p.wake = make(chan struct{})
}

// pace is whether the play is paused, how long the present day's moments last, and a channel that is closed when that changes.
func (p *Play) pace() (paused bool, wait time.Duration, changed <-chan struct{}) {
	moments := len(p.Moments(p.cal.Today(p.clock.Now())))
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paused, p.dayEvery / time.Duration(moments), p.wake
}

// Run plays moment after moment until ctx is over, a day's moments spread evenly over dayEvery; after is time.After or a test's. When the script
// ends it pauses once; resumed, the clock goes on with bells only.
func (p *Play) Run(ctx context.Context, dayEvery time.Duration, after func(time.Duration) <-chan time.Time) error {
	p.mu.Lock()
	p.dayEvery = dayEvery
	p.mu.Unlock()
	if err := p.replay(ctx); err != nil {
		return unlessOver(ctx, err)
	}
	for {
		p.pauseAtEnd()
		if !p.await(ctx, after) {
			return nil
		}
		if err := p.advance(ctx); err != nil {
			return unlessOver(ctx, err)
		}
	}
}

// unlessOver drops an error that only says that ctx ended in the middle of a moment: it will be played again.
func unlessOver(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (p *Play) pauseAtEnd() {
	if !p.Over(p.cal.Today(p.clock.Now())) {
		return
	}
	p.mu.Lock()
	first := !p.ended
	p.ended = true
	p.mu.Unlock()
	if first {
		p.Pause()
	}
}

// await waits until the next moment's turn has come; false when ctx is over.
func (p *Play) await(ctx context.Context, after func(time.Duration) <-chan time.Time) bool {
	for {
		paused, wait, changed := p.pace()
		var tick <-chan time.Time // nil while paused: it never comes
		if !paused {
			tick = after(wait)
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		case <-tick:
			return true
		}
	}
}

// replay plays the present moment to its end if it was cut short.
func (p *Play) replay(ctx context.Context) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	return p.finish(ctx)
}

func (p *Play) finish(ctx context.Context) error {
	m, ok := p.present()
	if p.acted || !ok {
		return nil
	}
	return p.play(ctx, m)
}

// advance plays the next moment.
func (p *Play) advance(ctx context.Context) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	if err := p.finish(ctx); err != nil {
		return err
	}
	return p.next(ctx, true)
}

// next plays the next moment. The position is kept before anybody acts: a moment that is cut short is played again.
func (p *Play) next(ctx context.Context, keep bool) error {
	m := p.following()
	if err := p.clock.wind(m.At); err != nil {
		return err
	}
	p.acted = false
	if keep {
		if err := p.clock.save(); err != nil {
			return err
		}
	}
	return p.play(ctx, m)
}

// Step plays on to the end of the day, or of the next day when this one has ended; ErrRunning unless the play is paused.
func (p *Play) Step(ctx context.Context) error {
	if !p.Status().Paused {
		return ErrRunning
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	if err := p.finish(ctx); err != nil {
		return err
	}
	return p.playTo(ctx, p.following().Day)
}

// FastForward plays without waiting to the end of the day until; it does nothing when that day has ended.
func (p *Play) FastForward(ctx context.Context, until calendar.Date) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	if err := p.finish(ctx); err != nil {
		return err
	}
	return p.playTo(ctx, until)
}

func (p *Play) playTo(ctx context.Context, until calendar.Date) error {
	for day := p.cal.Today(p.clock.Now()); p.following().Day <= until; {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := p.following().Day != day // once a day is enough: a lost position is found again in the journal
		day = p.following().Day
		if err := p.next(ctx, first); err != nil {
			return err
		}
	}
	return p.clock.save()
}
