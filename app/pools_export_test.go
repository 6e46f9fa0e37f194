package app

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// WritingConns is how many transactions can be open at a time.
func WritingConns(a *App) (int, error) {
	pool, err := a.db.write.DB()
	if err != nil {
		return 0, err
	}
	return pool.Stats().MaxOpenConnections, nil
}

// TakeReaders takes every connection that reads; release gives them back.
func TakeReaders(ctx context.Context, a *App) (release func() error, err error) {
	pool, err := a.db.read.DB()
	if err != nil {
		return nil, err
	}
	var all []*sql.Conn
	release = func() error {
		var errs []error
		for _, c := range all {
			errs = append(errs, c.Close())
		}
		return errors.Join(errs...)
	}
	for range pool.Stats().MaxOpenConnections {
		c, err := pool.Conn(ctx)
		if err != nil {
			return nil, errors.Join(err, release())
		}
		all = append(all, c)
	}
	return release, nil
}

// ReadersWaited is how often somebody had to wait for a connection that reads.
func ReadersWaited(a *App) (int64, error) {
	pool, err := a.db.read.DB()
	if err != nil {
		return 0, err
	}
	return pool.Stats().WaitCount, nil
}

// CountReads counts the statements that go to the reading pool from now on.
func CountReads(a *App) func() int {
	n := 0
	watched(a.db.read, func(gorm.ConnPool, string, []any) error { n++; return nil }, func(string) {})
	return func() int { return n }
}
