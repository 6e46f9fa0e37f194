package app_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// While every transaction that can be open is stuck, and as many wait behind them, people still read their pages, and are not signed out.
func TestReadersDoNotWaitForWriters(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // a backstop: a reader that waits for a writer waits for ever
		defer cancel()
		w.Seed(t)
		sup := w.As(t, "sup")
		password(t, w, "sup", goodPassword)
		token, err := enter(w, "sup", goodPassword, "10.0.0.1", "")
		apptest.Must(t, err, "sign in")
		n, err := app.WritingConns(w.App)
		apptest.Must(t, err, "count the writers")
		if strings.HasPrefix(w.Options.Database, "postgres") {
			w.Clock.Set(w.Clock.Now().Add(2 * time.Minute)) // a page notes now that the person is active, which is a write
		}
		began, release := make(chan struct{}, 2*n), make(chan struct{})
		var writers sync.WaitGroup
		for range 2 * n {
			writers.Go(func() {
				err := app.Write(ctx, w.App, sup, func(tx *app.Tx) error {
					began <- struct{}{}
					<-release
					app.Note(tx, "test.note")
					return nil
				})
				if err != nil {
					t.Errorf("a writer that was stuck: %v", err)
				}
			})
		}
		for range n {
			<-began
		}
		_, visitErr := w.App.Visit(ctx, token, false)
		_, boardErr := w.App.BattleMap(ctx, sup, app.ProjectFilter{})
		_, deskErr := w.App.Desk(ctx, sup)
		close(release)
		writers.Wait()
		if err := errors.Join(visitErr, boardErr, deskErr); err != nil {
			t.Errorf("read while all writers are stuck: %v", err)
		}
	})
}

// Somebody who leaves while all connections are taken does not get the next one.
func TestWhoeverLeavesWaitsForNoConnection(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		token, err := enter(w, "sup", goodPassword, "10.0.0.1", "")
		apptest.Must(t, err, "sign in")
		release, err := app.TakeReaders(ctx, w.App)
		apptest.Must(t, err, "take every connection")
		before, err := app.ReadersWaited(w.App)
		apptest.Must(t, err, "look at the pool")
		there, leave := context.WithCancel(ctx)
		visited := make(chan error, 1)
		go func() {
			_, err := w.App.Visit(there, token, true)
			visited <- err
		}()
		for now := before; now == before; runtime.Gosched() {
			now, err = app.ReadersWaited(w.App)
			apptest.Must(t, err, "look at the pool")
		}
		leave()
		if err := <-visited; !errors.Is(err, context.Canceled) {
			t.Errorf("a visit that was left: %v", err)
		}
		apptest.Must(t, release(), "give the connections back")
		if _, err := w.App.Visit(ctx, token, true); err != nil {
			t.Errorf("the next visit: %v", err)
		}
	})
}
