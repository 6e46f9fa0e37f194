package app_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// behind holds the writer of SQLite busy with one transaction until the others wait for it, so that they share the next COMMIT.
func behind(t *testing.T, w *apptest.World, others ...func() error) []error {
	t.Helper()
	held, begun, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
			select {
			case <-begun:
			default:
				close(begun)
			}
			<-held
			app.Note(tx, "test.first")
			return nil
		})
	}()
	<-begun
	errs := make([]error, len(others))
	var wg sync.WaitGroup
	for i, other := range others {
		wg.Go(func() { errs[i] = other() })
		for app.Waiting(w.App) <= i {
			runtime.Gosched() // until it stands in the queue, in this order
		}
	}
	close(held)
	wg.Wait()
	apptest.Must(t, <-first, "the first")
	return errs
}

func lite(t *testing.T) *apptest.World {
	w := apptest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	w.Seed(t)
	return w
}

func noting(w *apptest.World, action string) func() error {
	return func() error {
		return app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, action)
			return nil
		})
	}
}

// Those who share a COMMIT don't share their fate: one that fails, one that panics and one that nobody waits for any more leave no trace, and the others theirs.
func TestNeighboursOfACommit(t *testing.T) {
	w := lite(t)
	before := sound(t, w)
	side := lookAside(t, w)
	gone, leave := context.WithCancel(context.Background())
	bad := errors.New("bad")
	spoil := func(ctx context.Context, then func()) error {
		return app.Write(ctx, w.App, app.System("test"), func(tx *app.Tx) error {
			if err := app.Exec(tx, "UPDATE units SET name = 'stolen' WHERE code = 'gxj'"); err != nil {
				return err
			}
			app.Note(tx, "test.bad")
			then()
			return bad
		})
	}
	errs := behind(t, w,
		noting(w, "test.a"),
		func() error { return spoil(context.Background(), func() {}) },
		func() (err error) {
			defer func() { err = fmt.Errorf("panicked: %v", recover()) }()
			return spoil(context.Background(), func() { panic("示例") })
		},
		noting(w, "test.b"),
		func() error { defer leave(); return spoil(gone, func() {}) },
		noting(w, "test.c"),
	)
	leave()
	if errs[0] != nil || !errors.Is(errs[1], bad) || !strings.Contains(fmt.Sprint(errs[2]), "panicked: 示例") || errs[3] != nil || !errors.Is(errs[4], bad) || errs[5] != nil {
		t.Errorf("answers: %v", errs)
	}
	if got := side.rows("SELECT action FROM journal WHERE no > ? ORDER BY no", before); !slices.Equal(got, []string{"action=test.first", "action=test.a", "action=test.b", "action=test.c"}) {
		t.Errorf("the journal has %v", got)
	}
	if n := side.number("SELECT COUNT(*) FROM units WHERE name = 'stolen'"); n != 0 {
		t.Error("what failed was stored")
	}
	sound(t, w)
}

// Who has given up before the turn came changes nothing.
func TestNobodyWaitsForTheTurn(t *testing.T) {
	w := lite(t)
	before := sound(t, w)
	gone, leave := context.WithCancel(context.Background())
	errs := behind(t, w, noting(w, "test.a"), func() error {
		go leave()
		<-gone.Done()
		return app.Write(gone, w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, "test.late")
			return nil
		})
	}, noting(w, "test.b"))
	if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil {
		t.Errorf("answers: %v", errs)
	}
	if n := sound(t, w) - before; n != 3 {
		t.Errorf("%d records", n)
	}
}

// When SQLite takes the whole transaction back, the one in which that happened fails and its neighbours run again.
func TestTheOthersRunAgain(t *testing.T) {
	w := lite(t)
	before := sound(t, w)
	errs := behind(t, w, noting(w, "test.a"), func() error {
		return app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, "test.lost")
			if err := app.Exec(tx, "ROLLBACK"); err != nil { // as SQLite does when the disk is full
				return err
			}
			return errors.New("the disk is full")
		})
	}, noting(w, "test.b"))
	if errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Errorf("answers: %v", errs)
	}
	if got := lookAside(t, w).rows("SELECT action FROM journal WHERE no > ? ORDER BY no", before); !slices.Equal(got, []string{"action=test.first", "action=test.a", "action=test.b"}) {
		t.Errorf("the journal has %v", got)
	}
	sound(t, w)
}

// What a COMMIT could not keep is told to everyone who shared it, and nothing of it is remembered: not a role, not a name.
func TestAFailedCommitIsEverybodys(t *testing.T) {
	w := lite(t)
	before := sound(t, w)
	rename := func(name string) func() error {
		return func() error {
			return app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
				app.Note(tx, "test.rename")
				return app.Exec(tx, "UPDATE units SET name = ? WHERE code = 'gxj'", name)
			})
		}
	}
	seen := ""
	look := func() error {
		return app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
			app.Note(tx, "test.look")
			var err error
			seen, err = app.UnitName(tx, 1)
			// A row that refers to nobody is found out at the COMMIT.
			return errors.Join(err, app.Exec(tx, "PRAGMA defer_foreign_keys = on"), app.Exec(tx, "INSERT INTO ticket_units (id, version, ticket_id, unit_id, part, accepted_on, accepted_by) VALUES (999, 1, 999, 999, 'lead', '', 0)"))
		})
	}
	errs := behind(t, w, rename("示例新名"), look)
	if errs[0] == nil || errs[1] == nil || seen != "示例新名" {
		t.Errorf("answers: %v, saw %q", errs, seen)
	}
	lookAside(t, w).exec("UPDATE units SET name = '示例再名' WHERE code = 'gxj'") // the next version, by somebody else
	apptest.Must(t, app.Write(context.Background(), w.App, app.System("test"), func(tx *app.Tx) error {
		app.Note(tx, "test.look")
		var err error
		seen, err = app.UnitName(tx, 1)
		return err
	}), "look again")
	if seen != "示例再名" {
		t.Errorf("a name that never was committed is remembered: %q", seen)
	}
	if n := sound(t, w) - before; n != 2 {
		t.Errorf("%d records", n)
	}
}

// The register follows every change, whoever makes it: this node, its neighbour, and somebody with a database tool.
func TestTheRegisterIsNeverOld(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		other := node(t, w, "second")
		name := func(a *app.App) (name string) {
			apptest.Must(t, app.Write(context.Background(), a, app.System("test"), func(tx *app.Tx) error {
				app.Note(tx, "test.look")
				var err error
				name, err = app.UnitName(tx, 1)
				return err
			}), "look")
			return name
		}
		old := name(w.App)
		if name(other) != old {
			t.Fatal("two nodes, two names")
		}
		lookAside(t, w).exec("UPDATE units SET name = '示例改名' WHERE id = 1")
		if name(w.App) != "示例改名" || name(other) != "示例改名" {
			t.Errorf("after a change by hand: %q and %q", name(w.App), name(other))
		}
		_, err := w.App.AddUnit(context.Background(), app.Setup("test"), app.AddUnit{Code: "new", Name: "示例新局", Kind: "bureau"})
		apptest.Must(t, err, "add a unit")
		if name(w.App) != "示例改名" {
			t.Error("the register lost what it knew")
		}
	})
}
