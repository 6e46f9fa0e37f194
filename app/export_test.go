package app

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// What tests may see of this package's inside. They live in package app_test, because apptest imports app.

// Tx is a transaction behind the door.
type Tx = tx

// ErrNothing is the door's answer when nothing was recorded.
var ErrNothing = errNothing

// Write opens the door for writes.
func Write(ctx context.Context, a *App, actor Actor, fn func(*Tx) error) error {
	return a.write(ctx, actor, fn)
}

// Chore opens the door's small sister.
func Chore(ctx context.Context, a *App, fn func(*Tx) error) error { return a.chore(ctx, fn) }

// Note records a change of nothing in particular.
func Note(t *Tx, action string) { t.record(change{action: action, kind: "test"}) }

// Exec runs a statement inside the transaction.
func Exec(t *Tx, query string, args ...any) error { return t.db.Exec(query, args...).Error }

// OlderVersion compares dotted numbers.
func OlderVersion(have, want string) bool { return olderVersion(have, want) }

// DueItems lists, as "kind id", the items whose alarm clock has rung, in the order in which a sweep takes them.
func DueItems(ctx context.Context, a *App) ([]string, error) {
	rung, err := a.dueItems(ctx, sweepBatch)
	var out []string
	for _, d := range rung {
		out = append(out, fmt.Sprint(d.Kind, " ", d.ID))
	}
	return out, err
}

// DueQuery is the search for due items of a kind.
func DueQuery(kind string) string { return dueQuery(kind) }

// DueCount counts what DueItems lists, without making words of it.
func DueCount(ctx context.Context, a *App) (int, error) {
	rung, err := a.dueItems(ctx, sweepBatch)
	return len(rung), err
}

// Tell tells the hub of a journal size.
func Tell(a *App, size int64) { a.hub.tell(size) }

// LedgerQuery is the search of one page of the reminder ledger, for EXPLAIN.
func LedgerQuery(a *App, f LedgerFilter, where string, args ...any) (string, []any) {
	return f.query(a.Calendar(), where, args)
}

// Retitle gives a ticket another title, as no verb does yet.
func Retitle(t *Tx, ticket int64, title string) error {
	k, err := get[Ticket](t, ticket)
	if err != nil {
		return err
	}
	k.Title = title
	return update(t, k)
}

// Unsound tells whether the doctor's word stops checkpoints.
func Unsound(ctx context.Context, a *App) (bool, error) { return a.unsound(ctx) }

// Waiting is how many transactions wait for SQLite's writer.
func Waiting(a *App) int {
	w := a.db.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.waiting)
}

// UnitName is the name of a unit as a transaction knows it.
func UnitName(t *Tx, id int64) (string, error) {
	u, err := look[Unit](t, id)
	if err != nil {
		return "", err
	}
	return u.Name, nil
}

// UnknownHashCost are the parameters of the hash that is compared where there is no account.
func UnknownHashCost() string {
	p, salt, key, err := argon2id.DecodeHash(unknownHash)
	return fmt.Sprintf("%+v %d %d %v", *p, len(salt), len(key), err)
}

// PasswordCost are the parameters of the hashes of passwords.
func PasswordCost() string {
	p := passwordParams()
	return fmt.Sprintf("%+v %d %d %v", *p, p.SaltLength, p.KeyLength, error(nil))
}

// Guessable tells whether a password is refused for whoever about describes.
func Guessable(password string, about []string) bool { return guessable(password, about) }
