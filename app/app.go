// Package app is the product: its types, its verbs, and the one door for writes.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"battlemap/app/calendar"
	"battlemap/app/media"
	"battlemap/workflows"
)

// Options holds everything an App needs from outside; only cmd and tests fill it.
type Options struct {
	Database    string                        // "sqlite:PATH" or a PostgreSQL URL
	Now         func() time.Time              // the only clock
	Rand        io.Reader                     // session tokens and keys; crypto/rand.Reader in production
	Log         *slog.Logger                  // operations log; never the journal
	Calendar    *calendar.Calendar            // working days of the district
	Machines    map[string]*workflows.Machine // the first versions, or newer ones that come with a newer program; see laws
	Ruleset     *workflows.Ruleset
	SigningKey  string        // private note key of the checkpoints; empty: no checkpoint is signed
	PublicKey   string        // the public half, for exports
	Node        string        // name of this process in leases
	Mail        bool          // an SMTP server is configured: reminders are queued for mail too
	SessionIdle time.Duration // a session unused for longer is dead
	SessionMax  time.Duration // a session older than this is dead
	ConfirmFor  time.Duration // how long a password counts as just given, for what asks for it once more; 0 is a quarter of an hour
	BaseURL     string        // where links in mail point
	Files       string        // folder of uploaded photos and documents; "": nothing can be uploaded
	Spare       func()        // gives memory back that a password hash took; nil leaves that to the runtime
	// WitnessFolders are the folders outside that may be named as witnesses.
	WitnessFolders []string
}

// App is one district's product on one database; safe for concurrent use.
type App struct {
	opt       Options
	db        *database
	hub       *hub
	newsstand newsstand
	// forms is how papers are written and numbered.
	forms *workflows.PaperForms
	// rates are the goals of the four rates.
	rates *workflows.RateGoals
	// passwords allows two password hashes at a time: each takes 64 MiB.
	passwords chan struct{}
	files     *media.Store // nil: uploads are not set up
	// pictures allows one photo at a time to be drawn anew: each may take 200 MB.
	pictures chan struct{}
	times    atomic.Pointer[timebook] // the newest calendars that were read
	leases   leases
	compiled compiled
	known    atomic.Pointer[lawbook]  // the newest that was read, for pages
	register atomic.Pointer[register] // the newest that was read
	pasts    pasts
	visitors visitors
	boards   boards // every card, as the newest board needed it
	rated    keptRated
}

// Open connects to the database, and brings its schema up to date. Whether the journal is guarded is the doctor's question: an office must not stand still because a trigger is gone.
func Open(ctx context.Context, opt Options) (*App, error) {
	a, err := newApp(opt)
	if err != nil {
		return nil, err
	}
	if a.db, err = openDatabase(ctx, opt.Database); err != nil {
		return nil, err
	}
	if a.db.postgres {
		a.hub.follow = a.follow
	}
	if err := a.prepare(ctx); err != nil {
		return nil, errors.Join(err, a.db.close())
	}
	return a, nil
}

// newApp checks the options; the App has no database yet.
func newApp(opt Options) (*App, error) {
	if opt.Now == nil || opt.Calendar == nil || opt.Ruleset == nil || opt.Log == nil || opt.Rand == nil {
		return nil, errors.New("open app: Now, Rand, Log, Calendar and Ruleset are required")
	}
	if opt.ConfirmFor == 0 {
		opt.ConfirmFor = confirmFor
	}
	for _, id := range []string{"ticket", "project"} {
		if opt.Machines[id] == nil {
			return nil, fmt.Errorf("open app: no workflow definition %q", id)
		}
	}
	forms, err := workflows.LoadPaperForms()
	if err != nil {
		return nil, fmt.Errorf("open app: %w", err)
	}
	rates, err := workflows.LoadRateGoals()
	if err != nil {
		return nil, fmt.Errorf("open app: %w", err)
	}
	a := &App{opt: opt, hub: newHub(), forms: forms, rates: rates, passwords: make(chan struct{}, 2), pictures: make(chan struct{}, 1), leases: leases{fences: map[string]int64{}}, compiled: compiled{by: map[string]enacted{}}}
	if opt.Files != "" {
		if a.files, err = media.OpenStore(opt.Files); err != nil {
			return nil, fmt.Errorf("open app: %w", err)
		}
	}
	a.known.Store(shippedBook(opt))
	a.times.Store(newTimebook(opt.Calendar, 0, nil))
	return a, nil
}

func (a *App) prepare(ctx context.Context) error {
	if err := a.db.migrate(ctx); err != nil {
		return err
	}
	if err := a.db.openWriter(ctx, a.opt.Log, a.forgetUncommitted); err != nil {
		return err
	}
	if err := a.KeepUp(ctx); err != nil {
		return err
	}
	if err := a.prepareVisits(ctx); err != nil {
		return err
	}
	if err := a.seedLaws(ctx); err != nil {
		return err
	}
	return a.indexAll(ctx)
}

// Close ends all connections.
func (a *App) Close() error { return a.db.close() }

// Ready answers nil when the database answers and takes writes.
func (a *App) Ready(ctx context.Context) error {
	if err := a.db.usable(); err != nil {
		return err
	}
	_, err := a.JournalSize(ctx)
	return err
}

// Now is the product's clock, in whole seconds.
func (a *App) Now() time.Time { return a.opt.Now().UTC().Truncate(time.Second) }

// Today is the district's day.
func (a *App) Today() calendar.Date { return a.opt.Calendar.Today(a.Now()) }

// Calendar is the district's calendar as it was when this node last looked, which every page and every write does.
func (a *App) Calendar() *calendar.Calendar { return a.times.Load().of(0) }

// CalendarFor is the calendar of a task force, which is the district's unless it has notices of its own.
func (a *App) CalendarFor(taskForce int64) *calendar.Calendar { return a.times.Load().of(taskForce) }

// PaperForms is how papers are written and numbered.
func (a *App) PaperForms() *workflows.PaperForms { return a.forms }

// JournalSize is the number of records in the journal.
func (a *App) JournalSize(ctx context.Context) (int64, error) {
	var size int64
	err := scanOne(a.db.read.WithContext(ctx).Raw("SELECT size FROM journal_head WHERE id = 1"), &size)
	return size, err
}
