package app

import (
	"context"
	"database/sql"
	"errors"

	"gorm.io/gorm"
)

// witness is a pool of connections that tells a test of each statement.
type witness struct {
	gorm.ConnPool
	before func(pool gorm.ConnPool, text string, args []any) error // an error is the statement's
	after  func(text string)                                       // it went well
}

// watched lets a test see every statement of a pool.
func watched(db *gorm.DB, before func(gorm.ConnPool, string, []any) error, after func(string)) {
	db.Statement.ConnPool = &witness{ConnPool: db.Statement.ConnPool, before: before, after: after}
}

// writes is the pool behind the door.
func (d *database) writes() *gorm.DB {
	if d.writer != nil {
		return d.writer.door
	}
	return d.write
}

// ExecContext runs a statement before the eyes of the test.
func (w *witness) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if err := w.before(w.ConnPool, text, args); err != nil {
		return nil, err
	}
	done, err := w.ConnPool.ExecContext(ctx, text, args...)
	if err == nil {
		w.after(text)
	}
	return done, err
}

// QueryContext runs a query before the eyes of the test.
func (w *witness) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := w.before(w.ConnPool, text, args); err != nil {
		return nil, err
	}
	rows, err := w.ConnPool.QueryContext(ctx, text, args...)
	if err == nil {
		w.after(text)
	}
	return rows, err
}

// BeginTx opens a transaction whose statements the test sees too.
func (w *witness) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	var inner gorm.ConnPool
	var err error
	switch pool := w.ConnPool.(type) {
	case gorm.ConnPoolBeginner:
		inner, err = pool.BeginTx(ctx, opts)
	case gorm.TxBeginner:
		inner, err = pool.BeginTx(ctx, opts)
	default:
		err = errors.New("this pool begins no transaction")
	}
	return &witnessTx{witness{ConnPool: inner, before: w.before, after: w.after}}, err
}

// GetDBConn is the pool itself, for gorm.
func (w *witness) GetDBConn() (*sql.DB, error) {
	switch pool := w.ConnPool.(type) {
	case *sql.DB:
		return pool, nil
	case gorm.GetDBConnector:
		return pool.GetDBConn()
	}
	return nil, errors.New("this pool is none of database/sql")
}

// witnessTx is a transaction of such a pool: what can commit counts as one with gorm.
type witnessTx struct{ witness }

// Commit ends the transaction.
func (w *witnessTx) Commit() error { return w.ConnPool.(gorm.TxCommitter).Commit() }

// Rollback takes the transaction back.
func (w *witnessTx) Rollback() error { return w.ConnPool.(gorm.TxCommitter).Rollback() }
