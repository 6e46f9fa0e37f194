package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// stage is a district on a database, with the clock and the play on it.
type stage struct {
	t      testing.TB
	dir    string
	db     string
	public string
	clock  *Clock
	app    *app.App
	play   *Play
}

// emptyStage opens a database in dir, with the clock where its file says.
func emptyStage(t testing.TB, dir string) *stage {
	t.Helper()
	return openStage(t, dir, "sqlite:"+filepath.Join(dir, "demo.db"))
}

func openStage(t testing.TB, dir, db string) *stage {
	t.Helper()
	opt, _ := apptest.Options(t, db)
	clock, err := NewClock(opt.Calendar, filepath.Join(dir, "clock"))
	apptest.Must(t, err, "clock")
	opt.Now = clock.Now
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open")
	st := &stage{t: t, dir: dir, db: db, clock: clock, app: a, public: opt.PublicKey}
	t.Cleanup(func() {
		if err := st.app.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// loadedOnce loads the district once for all tests and returns the folder; a restart of the file is what every test begins with.
var loadedOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "battlemap-demo-*")
	return dir, err
})

// TestMain removes the folder that the tests share.
func TestMain(m *testing.M) {
	code := m.Run()
	dir, err := loadedOnce()
	if err := errors.Join(err, os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// newStage is a loaded district on a copy of its own, ready to be played.
func newStage(t testing.TB) *stage {
	t.Helper()
	shared, err := loadedOnce()
	apptest.Must(t, err, "shared folder")
	file := filepath.Join(shared, "demo.db")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		first := emptyStage(t, t.TempDir())
		apptest.Must(t, Load(context.Background(), first.app), "load")
		apptest.Must(t, first.app.Close(), "close") // the last connection writes everything into the one file
		apptest.Must(t, os.Rename(filepath.Join(first.dir, "demo.db"), file), "keep the loaded district")
	}
	dir := t.TempDir()
	data, err := os.ReadFile(file)
	apptest.Must(t, err, "read the loaded district")
	apptest.Must(t, os.WriteFile(filepath.Join(dir, "demo.db"), data, 0o600), "copy the loaded district")
	st := emptyStage(t, dir)
	st.start()
	return st
}

func (st *stage) start() {
	st.t.Helper()
	var err error
	st.play, err = New(context.Background(), st.app, st.clock, st.ring)
	apptest.Must(st.t, err, "new play")
}

// restart closes everything and opens it again: the position comes from the clock's file and the journal.
func (st *stage) restart() {
	st.t.Helper()
	apptest.Must(st.t, st.app.Close(), "close")
	again := openStage(st.t, st.dir, st.db)
	st.app, st.clock = again.app, again.clock
	st.start()
}

// ring does what the jobs of that name do; app/jobs is a neighbour and not imported.
func (st *stage) ring(ctx context.Context, job string) error {
	switch job {
	case "sweep":
		swept, err := st.app.Sweep(ctx, app.System(job), 0)
		if err == nil && swept.Failed > 0 {
			err = fmt.Errorf("%d items failed", swept.Failed)
		}
		return err
	case "deliver":
		_, err := st.app.DeliverInbox(ctx)
		return err
	case "checkpoint":
		return st.app.SignCheckpoint(ctx)
	}
	return fmt.Errorf("no job %q", job)
}

func (st *stage) as(account string) app.Actor {
	st.t.Helper()
	a, err := st.app.Actor(context.Background(), account)
	apptest.Must(st.t, err, "actor %s", account)
	return a
}

// records are the stored bytes of the journal from the first record on.
func (st *stage) records() [][]byte {
	st.t.Helper()
	ctx := context.Background()
	size, err := st.app.JournalSize(ctx)
	apptest.Must(st.t, err, "journal size")
	var out [][]byte
	for record, err := range st.app.JournalRecords(ctx, size) {
		apptest.Must(st.t, err, "journal")
		out = append(out, record)
	}
	return out
}

func (st *stage) cards() []app.Card {
	st.t.Helper()
	cards, err := st.app.Projects(context.Background(), app.System("test"), app.ProjectFilter{})
	apptest.Must(st.t, err, "projects")
	return cards
}

func (st *stage) tickets() []app.Ticket {
	st.t.Helper()
	tickets, err := st.app.Tickets(context.Background(), app.System("test"), app.TicketFilter{})
	apptest.Must(st.t, err, "tickets")
	return tickets
}

func (st *stage) dossier(code string) app.Dossier {
	st.t.Helper()
	d, err := st.app.ProjectDossier(context.Background(), app.System("test"), code)
	apptest.Must(st.t, err, "dossier of %s", code)
	return d
}

func day(m time.Month, d int) calendar.Date { return calendar.MakeDate(2023, m, d) }
