// Package apptest gives tests a real database, a hand-wound clock and a small district with people in it.
package apptest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops the schemas

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Clock is wound by hand.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set winds the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// World is one test's district.
type World struct {
	App     *app.App
	Clock   *Clock
	Options app.Options
	Public  string // key that verifies the checkpoints
	Log     *bytes.Buffer
}

// Each runs f on SQLite, and on PostgreSQL when postgres is the URL of a server; without one the PostgreSQL half is reported as skipped.
func Each(t *testing.T, postgres string, f func(*testing.T, *World)) {
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))) })
	t.Run("postgres", func(t *testing.T) {
		if postgres == "" {
			t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
		}
		f(t, Open(t, Schema(t, postgres)))
	})
}

// Schema makes an empty schema for one test and returns a URL that uses it; the schema is dropped when the test ends.
func Schema(t testing.TB, postgres string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(t.Name() + rand.Text()))
	name := "t_" + hex.EncodeToString(sum[:8])
	db, err := sql.Open("pgx", postgres)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(postgres)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// Key is the signing key of all tests, made from a fixed seed.
func Key(t testing.TB) (private, public string) {
	t.Helper()
	private, public, err := audit.NewKey("test.battlemap", bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

// law is what a district begins with: read once, because every test asks for it and nobody may change it.
type law struct {
	calendar *calendar.Calendar
	machines map[string]*workflows.Machine
	rulesets map[string]*workflows.Ruleset
}

var readLaw = sync.OnceValues(func() (l law, err error) {
	if l.calendar, err = calendar.Default(); err != nil {
		return l, err
	}
	if l.machines, err = workflows.LoadMachines(workflows.Definitions(), "definitions"); err != nil {
		return l, err
	}
	l.rulesets, err = workflows.LoadRulesets(workflows.Rulesets(), "rulesets")
	return l, err
})

// Options are the options of a test on a database.
func Options(t testing.TB, database string) (app.Options, *Clock) {
	t.Helper()
	l, err := readLaw()
	if err != nil {
		t.Fatal(err)
	}
	private, public := Key(t)
	clock := &Clock{now: l.calendar.At(calendar.MakeDate(2023, time.March, 13), 9, 0)}
	return app.Options{Database: database, Now: clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Calendar: l.calendar, Machines: maps.Clone(l.machines),
		Ruleset: l.rulesets["default"], SigningKey: private, PublicKey: public, Node: "test", SessionIdle: 8 * time.Hour, SessionMax: 7 * 24 * time.Hour, Files: t.TempDir()}, clock
}

// Open opens an empty district on a database; it is closed when the test ends.
func Open(t testing.TB, database string) *World {
	t.Helper()
	opt, clock := Options(t, database)
	w := &World{Clock: clock, Options: opt, Log: &bytes.Buffer{}}
	_, w.Public = Key(t)
	w.Options.Log = slog.New(slog.NewTextHandler(w.Log, nil))
	w.Reopen(t)
	if strings.HasPrefix(database, "postgres") {
		scatter(t, database)
	}
	t.Cleanup(func() {
		if err := w.App.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// scatter moves every sequence of a PostgreSQL database on, each to a place of its own, as transactions do that are rolled back: what people and the journal see
// must not depend on it.
func scatter(t testing.TB, database string) {
	t.Helper()
	db, err := sql.Open("pgx", database)
	Must(t, err, "open %s", database)
	defer db.Close()
	_, err = db.Exec(`SELECT setval((quote_ident(sequencename))::regclass, 7000000 + 10000 * row_number() OVER (ORDER BY sequencename)) FROM pg_sequences WHERE schemaname = current_schema()`)
	Must(t, err, "scatter the sequences")
}

// Reopen closes the App, if one is open, and opens another on the same database: a restart.
func (w *World) Reopen(t testing.TB) {
	t.Helper()
	if w.App != nil {
		if err := w.App.Close(); err != nil {
			t.Fatal(err)
		}
	}
	a, err := app.Open(context.Background(), w.Options)
	if err != nil {
		t.Fatal(err)
	}
	w.App = a
}

// At winds the clock to a wall-clock time in the district, "2023-03-31 17:00".
func (w *World) At(t testing.TB, text string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, w.Options.Calendar.Location())
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(at)
}

// As is the actor with that account.
func (w *World) As(t testing.TB, account string) app.Actor {
	t.Helper()
	a, err := w.App.Actor(context.Background(), account)
	if err != nil {
		t.Fatalf("actor %s: %v", account, err)
	}
	return a
}

// Must stops the test on an error.
func Must(t testing.TB, err error, doing string, args ...any) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", fmt.Sprintf(doing, args...), err)
	}
}
