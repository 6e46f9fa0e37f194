package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
)

// ErrNotLoaded means that the database does not hold the example district.
var ErrNotLoaded = errors.New("the database does not hold the example district; load it into an empty one")

// Ring runs the named job now: "sweep", "deliver" or "checkpoint".
type Ring func(ctx context.Context, job string) error

// Play plays the year of the example district on one App; safe for concurrent use, moments are played one at a time.
type Play struct {
	app      *app.App
	clock    *Clock
	ring     Ring
	cal      *calendar.Calendar
	district *district
	people   map[string]int64 // by account
	units    map[string]int64 // by code
	forces   map[string]int64 // by code
	projects map[string]int64 // by public number
	acts     map[calendar.Date][]act

	turn   sync.Mutex           // held while a moment is played
	acted  bool                 // the present moment has been played to its end
	actors map[string]app.Actor // by account

	mu       sync.Mutex // guards what follows
	paused   bool
	ended    bool // paused once because the year is over
	dayEvery time.Duration
	wake     chan struct{} // closed and replaced when the pace changes
	refused  []string
}

// act is one thing that somebody of the script does at a part of a day.
type act struct {
	part Part
	what string
	do   func(context.Context) error
}

// New gets the year of a loaded district ready to be played from where the clock stands, or from the journal's newest record when that is later;
// ErrNotLoaded when the district is not there. a must have been opened with clock.Now as its clock.
func New(ctx context.Context, a *app.App, clock *Clock, ring Ring) (*Play, error) {
	d, err := parse()
	if err != nil {
		return nil, err
	}
	loaded, err := Loaded(ctx, a)
	if err != nil {
		return nil, err
	}
	if !loaded {
		return nil, ErrNotLoaded
	}
	p := &Play{app: a, clock: clock, ring: ring, cal: a.Calendar(), district: d, people: map[string]int64{}, units: map[string]int64{},
		forces: map[string]int64{}, projects: map[string]int64{}, actors: map[string]app.Actor{}, wake: make(chan struct{})}
	if err := p.findNumbers(ctx); err != nil {
		return nil, err
	}
	if err := p.catchUp(ctx); err != nil {
		return nil, err
	}
	_, at := p.present()
	p.acted = !at // a moment that was cut short is played again: what it did already is not done twice
	p.acts, err = p.script()
	return p, err
}

// findNumbers looks up the numbers that names of the script have in the database.
func (p *Play) findNumbers(ctx context.Context) error {
	dir, err := p.app.Directory(ctx)
	if err != nil {
		return fmt.Errorf("read the directory: %w", err)
	}
	for _, u := range dir.Users {
		p.people[u.Account] = u.ID
	}
	for _, u := range dir.Units {
		p.units[u.Code] = u.ID
	}
	for _, f := range dir.TaskForces {
		p.forces[f.Code] = f.ID
	}
	cards, err := p.app.Projects(ctx, app.System("demo"), app.ProjectFilter{})
	for _, c := range cards {
		p.projects[c.Project.Code] = c.Project.ID
	}
	return err
}

// catchUp winds the clock to the newest record, in case its position was lost.
func (p *Play) catchUp(ctx context.Context) error {
	rows, err := p.app.Journal(ctx, app.System("demo"), app.JournalFilter{Limit: 1})
	if err != nil {
		return fmt.Errorf("read the newest record: %w", err)
	}
	if len(rows) == 0 {
		return ErrNotLoaded
	}
	if newest := time.Unix(rows[0].At, 0); newest.After(p.clock.Now()) {
		return p.clock.wind(newest.In(p.cal.Location()))
	}
	return nil
}

// Over tells whether the script has ended on that day: bells go on to ring, but nobody of the script acts.
func (p *Play) Over(day calendar.Date) bool { return day >= p.district.Over }

// Act winds the clock to a moment and plays it: the scripted people do what the database says is still to do, then the bells ring. Playing it
// twice does nothing twice. A verb that refuses somebody (because a visitor was quicker, for instance) is noted and the rest goes on; any other
// error ends it.
func (p *Play) Act(ctx context.Context, m Moment) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	return p.play(ctx, m)
}

func (p *Play) play(ctx context.Context, m Moment) error {
	if err := p.clock.wind(m.At); err != nil {
		return err
	}
	p.acted = false
	if !p.Over(m.Day) {
		for _, a := range p.acts[m.Day] {
			if a.part != m.Part {
				continue
			}
			if err := p.try(ctx, m, a); err != nil {
				return err
			}
		}
	}
	if err := p.papers(ctx, m); err != nil {
		return err
	}
	if err := p.bells(ctx, m); err != nil {
		return err
	}
	p.acted = true
	return nil
}

// try lets one person act. The refusal of a verb does not stop the play.
func (p *Play) try(ctx context.Context, m Moment, a act) error {
	err := a.do(ctx)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s %s: %w", m.At.Format("2006-01-02 15:04"), a.what, err)
	if app.AsFaults(err) == nil {
		return err
	}
	p.note(err.Error())
	return nil
}

// maxRefused is how many refusals are kept.
const maxRefused = 100

func (p *Play) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refused = append(p.refused, text)
	if len(p.refused) > maxRefused {
		p.refused = slices.Delete(p.refused, 0, len(p.refused)-maxRefused)
	}
}

// Refused lists the newest acts of the script that a verb refused, at most 100; for the log, it is empty when nobody interferes.
func (p *Play) Refused() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.refused)
}

// bells lets the rules look, the inbox fill, and once a day a checkpoint be signed.
func (p *Play) bells(ctx context.Context, m Moment) error {
	jobs := []string{"sweep", "deliver"}
	if p.last(m) {
		jobs = append(jobs, "checkpoint")
	}
	for _, job := range jobs {
		// Another node that holds the lease does the same job.
		if err := p.ring(ctx, job); err != nil && !errors.Is(err, app.ErrLeaseHeld) {
			return fmt.Errorf("ring %s at %s: %w", job, m.At.Format("2006-01-02 15:04"), err)
		}
	}
	return nil
}

// as is the actor that a person of the script is.
func (p *Play) as(ctx context.Context, account string) (app.Actor, error) {
	if a, ok := p.actors[account]; ok {
		return a, nil
	}
	a, err := p.app.Actor(ctx, account)
	if err != nil {
		return a, fmt.Errorf("%s of the script: %w", account, err)
	}
	p.actors[account] = a
	return a, nil
}
