package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// What became of a transaction is told by when it ended and by what the database said: asked to commit and no answer is unsure, whatever came before that is unsaved, and an answer
// is believed.
func TestWhatBecameOfATransaction(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	answer := func(severity, code string) error {
		return fmt.Errorf("append: %w", &pgconn.PgError{Severity: severity, Code: code})
	}
	for _, c := range []struct {
		name  string
		ctx   context.Context
		asked bool
		err   error
		want  error // nil for none of them
	}{
		{"the link broke before the commit", context.Background(), false, io.ErrUnexpectedEOF, ErrUnsaved},
		{"the link broke in the commit", context.Background(), true, io.ErrUnexpectedEOF, ErrUnsure},
		{"given up before the commit", over, false, context.Canceled, ErrUnsaved},
		{"given up in the commit", over, true, context.Canceled, ErrUnsure},
		{"the server is stopped, before the commit", context.Background(), false, answer("FATAL", "57P01"), ErrUnsaved},
		{"the server is stopped, in the commit", context.Background(), true, answer("FATAL", "57P01"), ErrUnsure},
		{"the commit was refused", context.Background(), true, answer("ERROR", "23505"), nil},
		{"the commit was a rollback", context.Background(), true, pgx.ErrTxCommitRollback, nil},
		{"a conflict in the commit", context.Background(), true, answer("ERROR", "40001"), nil},
		{"a statement was refused", context.Background(), false, answer("ERROR", "22001"), nil},
		{"PostgreSQL's disk is full", context.Background(), false, answer("ERROR", "53100"), ErrDiskFull},
		{"a fault", over, false, refused("late", nil), nil},
		{"something else", context.Background(), false, errNothing, nil},
	} {
		got := saved(c.ctx, c.asked, c.err)
		if !errors.Is(got, c.err) {
			t.Errorf("%s: %v does not hold %v", c.name, got, c.err)
		}
		for _, one := range []error{ErrUnsaved, ErrUnsure, ErrDiskFull} {
			if errors.Is(got, one) != (one == c.want) {
				t.Errorf("%s: %v", c.name, got)
			}
		}
	}
	if err := saved(over, true, nil); err != nil {
		t.Errorf("no error became %v", err)
	}
}
