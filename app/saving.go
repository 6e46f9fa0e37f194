package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnsaved means that a write was given up before anything of it was kept, because the database could not be reached or did not answer in time: it may be sent again.
var ErrUnsaved = errors.New("nothing was saved")

// ErrUnsure means that the database was asked to commit a write and its answer never came: nobody knows whether it is kept, so whoever sent it has to look first.
var ErrUnsure = errors.New("whether it was saved is not known")

// Unbegun is an error that came before a request had begun to write anything: an ErrUnsaved when the database could not be reached or did not answer in time.
func Unbegun(ctx context.Context, err error) error { return saved(ctx, false, err) }

// saved says what became of a transaction that ended with an error: asked tells whether the database had been asked to commit it. What people are told anyway (a fault, a
// disk that is full or has failed) and what is run again stays as it is.
func saved(ctx context.Context, asked bool, err error) error {
	pg, answered := errors.AsType[*pgconn.PgError](err)
	answered = answered && pg.Severity == "ERROR" // anything graver ends the connection, at whatever moment
	switch {
	case err == nil, again(err), notStored(err), AsFaults(err) != nil:
		return err
	case answered && pg.Code == "53100": // disk_full
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	case answered, errors.Is(err, pgx.ErrTxCommitRollback):
		return err
	case asked && !pgconn.SafeToRetry(err):
		return fmt.Errorf("%w: %w", ErrUnsure, err)
	case asked, ctx.Err() != nil, lostLink(err), pg != nil:
		return fmt.Errorf("%w: %w", ErrUnsaved, err)
	}
	return err
}
