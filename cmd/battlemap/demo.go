package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/app/demo"
	"battlemap/app/jobs"
	"battlemap/app/web"
	"battlemap/templates"
)

// demoClock is the file in the folder of a demonstration that keeps its simulated time.
const demoClock = "demo-clock"

type demoCommand struct {
	Listen   string        `help:"Address to listen on." default:"127.0.0.1:8080" env:"BATTLEMAP_LISTEN" placeholder:"HOST:PORT"`
	Data     string        `help:"Folder to keep the demonstration in, so that it goes on at the next start; a temporary one when empty." type:"path"`
	DayEvery time.Duration `help:"How long a simulated day takes." default:"20s"`
	At       string        `help:"Play forward to this day before showing the page." placeholder:"DATE"`
	Pause    bool          `help:"Begin with the clock paused."`
}

// Run creates the example district, or goes on with it, and plays its year until it is told to stop.
func (c *demoCommand) Run(ctx context.Context, log *slog.Logger) (err error) {
	if c.DayEvery < time.Second {
		return fmt.Errorf("--day-every %s: a day takes a second at least", c.DayEvery)
	}
	until, err := c.until()
	if err != nil {
		return err
	}
	if c.Data == "" {
		if c.Data, err = os.MkdirTemp("", "battlemap-demo-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }()
	}
	a, play, err := c.stage(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if until != 0 {
		if err := play.FastForward(ctx, until); err != nil {
			return err
		}
	}
	if c.Pause {
		play.Pause()
	}
	if _, err := a.Examine(ctx, app.System("doctor"), true); err != nil {
		return err
	}
	return c.show(ctx, a, play, log)
}

func (c *demoCommand) until() (calendar.Date, error) {
	if c.At == "" {
		return 0, nil
	}
	day, err := calendar.ParseDate(c.At)
	if err != nil {
		return 0, fmt.Errorf("--at: %w", err)
	}
	return day, nil
}

// stage opens the database on the simulated clock and loads the district when it is empty.
func (c *demoCommand) stage(ctx context.Context, log *slog.Logger) (*app.App, *demo.Play, error) {
	cal, err := calendar.Default()
	if err != nil {
		return nil, nil, err
	}
	s := storage{Data: c.Data, Node: "demo", KeyName: "nangang-demo.battlemap"} // a fixed node finds its own lease again after a restart
	if _, err := s.database(); err != nil {
		return nil, nil, err
	}
	clock, err := demo.NewClock(cal, filepath.Join(c.Data, demoClock))
	if err != nil {
		return nil, nil, err
	}
	opt, err := s.options(log, clock.Now)
	if err != nil {
		return nil, nil, err
	}
	// Beside the data, so that a witness can be tried; a real one stands on another machine.
	witness := filepath.Join(c.Data, "witness")
	if err := os.MkdirAll(witness, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the folder of a witness: %w", err)
	}
	opt.WitnessFolders = []string{witness}
	// Simulated days pass in seconds: a session measured on that clock would end while somebody reads.
	opt.SessionIdle, opt.SessionMax, opt.ConfirmFor = 100*365*24*time.Hour, 100*365*24*time.Hour, 100*365*24*time.Hour
	a, err := app.Open(ctx, opt)
	if err != nil {
		return nil, nil, err
	}
	play, err := c.load(ctx, a, clock, log)
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return a, play, nil
}

func (c *demoCommand) load(ctx context.Context, a *app.App, clock *demo.Clock, log *slog.Logger) (*demo.Play, error) {
	loaded, err := demo.Loaded(ctx, a)
	if err != nil {
		return nil, err
	}
	if !loaded {
		if err := demo.Load(ctx, a); err != nil {
			return nil, fmt.Errorf("load the example district: %w", err)
		}
	}
	w := witnessing{WitnessFolder: a.Reach().Folders, WitnessWait: time.Second}
	publishing, err := w.publishing(a, mailer{app: a}, log)
	if err != nil {
		return nil, err
	}
	bells, err := jobs.New(a, log, append(jobs.Timetable(a, nil), publishing))
	if err != nil {
		return nil, err
	}
	ring := func(ctx context.Context, job string) error {
		if err := bells.Once(ctx, job); err != nil || job != "checkpoint" {
			return err
		}
		return bells.Once(ctx, publishing.Name)
	}
	return demo.New(ctx, a, clock, ring)
}

// show prints the address and one line a role, and serves until ctx is over.
func (c *demoCommand) show(ctx context.Context, a *app.App, play *demo.Play, log *slog.Logger) error {
	set, err := templates.New(templates.Options{})
	if err != nil {
		return err
	}
	l := listening{Listen: c.Listen, PlainHTTP: true} // there is nothing to steal in an invented district
	ln, err := l.listen()
	if err != nil {
		return err
	}
	site, err := l.site(ctx, a, set, log)
	if err != nil {
		return err
	}
	site.Demo = simulation{play}
	accounts, err := demo.Accounts()
	if err != nil {
		return err
	}
	if site.Samples, err = samples(ctx, a, accounts); err != nil {
		return err
	}
	handler, err := web.New(site)
	if err != nil {
		return err
	}
	fmt.Println(l.address(ln))
	for _, who := range accounts {
		fmt.Printf("%s\t%s\t%s\n", who.Role, who.Account, who.Password)
	}
	playing, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		err := play.Run(playing, c.DayEvery, time.After)
		if err != nil {
			log.Error("the simulated clock stopped", "error", err)
		}
		ended <- err
	}()
	err = serve(ctx, ln, handler, log)
	stop()
	return errors.Join(err, <-ended)
}

// samples are the people whom a visitor of the demonstration may be with one click.
func samples(ctx context.Context, a *app.App, accounts []demo.Account) ([]templates.SampleAccount, error) {
	var out []templates.SampleAccount
	for _, who := range accounts {
		actor, err := a.Actor(ctx, who.Account)
		if err != nil {
			return nil, err
		}
		out = append(out, templates.SampleAccount{Account: who.Account, Password: who.Password, Name: actor.Name, Role: string(who.Role), Unit: actor.Unit})
	}
	return out, nil
}

// simulation lets the bar on the page drive the play.
type simulation struct{ play *demo.Play }

// State is what the bar shows.
func (s simulation) State() web.DemoState {
	st := s.play.Status()
	return web.DemoState{Paused: st.Paused, Over: st.Over, Speed: st.DayEvery.String()}
}

// Do pauses, goes on, or plays one day.
func (s simulation) Do(ctx context.Context, action string) error {
	switch action {
	case "pause":
		s.play.Pause()
	case "resume":
		s.play.Resume()
	case "step":
		s.play.Pause()
		return s.play.Step(ctx)
	}
	return nil
}
