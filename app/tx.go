package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"battlemap/app/calendar"
)

// tx is one transaction behind the door: its clock stands still and everything it changes is recorded.
type tx struct {
	ctx        context.Context
	app        *App
	db         *gorm.DB
	actor      Actor
	now        time.Time // UTC, whole seconds
	today      calendar.Date
	records    []change
	happenings []happening                      // what rules may be judged on
	grants     map[int64][]RoleGrant            // of users asked about in this transaction
	reading    bool                             // a page asks the same questions as the door, without locks
	times      *timebook                        // the calendars as this transaction sees them
	last       *CalendarMove                    // the last date that was moved under an amended calendar
	lamps      bool                             // a sweep: only lamps and alarm clocks change, so the version that people's forms carry stays
	book       *lawbook                         // the law as this transaction sees it
	read       map[readKey]any                  // rows as this transaction read them
	reasons    map[registerKey][]AcceptedReason // accepted for an item, as this transaction sees them
	facts      map[int64]factsSeen              // of tickets, as this transaction worked them out
	register   *register                        // what is known of people and units; nil once this transaction has changed some of it
}

// errNothing means a write that recorded nothing: a bug, since every change owes the journal a record.
var errNothing = errors.New("write: nothing was recorded")

// write is the one door: it opens the transaction, fixes the time, runs fn, fails if nothing was recorded, appends the records to the Merkle log,
// commits all or nothing and then tells the live hub. fn may run again after a conflict, so it must not touch anything outside the database.
func (a *App) write(ctx context.Context, actor Actor, fn func(*tx) error) error {
	var size int64
	err := a.transaction(ctx, func(ctx context.Context, db *gorm.DB) error {
		var err error
		t := a.newTx(ctx, db, actor)
		if err := t.fence(); err != nil {
			return err
		}
		if err := t.open(); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		if len(t.records) == 0 {
			return errNothing
		}
		size, err = t.append()
		return err
	})
	if err != nil {
		return err
	}
	a.hub.tell(size)
	return nil
}

// chore is the small sister for what is no business fact: sessions, login counters, leases, delivery marks and alarm clocks. A test lists its callers.
func (a *App) chore(ctx context.Context, fn func(*tx) error) error {
	return a.transaction(ctx, func(ctx context.Context, db *gorm.DB) error {
		t := a.newTx(ctx, db, System("chore"))
		if err := t.open(); err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		if len(t.records) > 0 {
			return errors.New("chore: a business change belongs through write")
		}
		return nil
	})
}

// writeOr is write for a job that may find nothing to record: what fn did is then undone, and only the marks of the job (alarm clocks, how far it came) are
// kept by mark, in a chore of the same actor, under the same fence, law and calendars.
func (a *App) writeOr(ctx context.Context, actor Actor, fn, mark func(*tx) error) error {
	err := a.write(ctx, actor, fn)
	if !errors.Is(err, errNothing) {
		return err
	}
	return a.chore(ctx, func(t *tx) error {
		t.actor = actor
		if err := t.fence(); err != nil {
			return err
		}
		return mark(t)
	})
}

func (a *App) newTx(ctx context.Context, db *gorm.DB, actor Actor) *tx {
	now := a.Now()
	return &tx{ctx: ctx, app: a, db: db, actor: actor, now: now, today: a.opt.Calendar.Today(now), book: a.known.Load(), times: a.times.Load()}
}

// view is the reading side of the door: pages offer a button by asking the very functions that the door asks.
func (a *App) view(ctx context.Context, actor Actor) *tx {
	t := a.newTx(ctx, a.db.read.WithContext(ctx), actor)
	t.reading = true
	if err := t.open(); err != nil { // the page's own queries will fail too, and say so
		a.opt.Log.Error("read the calendars", "error", err)
	}
	return t
}

// transaction runs fn and runs it again when the database says that a neighbour was in the way.
func (a *App) transaction(ctx context.Context, fn func(context.Context, *gorm.DB) error) error {
	const tries = 5
	var err error
	for range tries {
		if err := a.db.usable(); err != nil {
			return err
		}
		err = a.db.once(ctx, fn)
		if err == nil || !again(err) || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("after %d tries: %w", tries, err)
}

// row is what every updatable table begins with.
type row interface{ key() *Row }

// Row is the identity of a stored thing: its number in the database and how often it was changed.
type Row struct {
	ID      int64 `gorm:"primaryKey"`
	Version int64
}

func (r *Row) key() *Row { return r }

// pointer lets generic code reach the Row inside a T.
type pointer[T any] interface {
	*T
	row
}

// insert stores a new row with version 1 under the next number of its table, and fills that in.
func insert[T any, P pointer[T]](t *tx, p P) error {
	t.unsettle(p)
	p.key().Version = 1
	if err := textOnly(p); err != nil {
		return err
	}
	if err := t.numberRow(p, &p.key().ID); err != nil {
		return err
	}
	if err := storeNew(t.ctx, t.db, (*T)(p)); err != nil {
		return err
	}
	return t.index(p, nil)
}

// keep stores a row whose lamp and alarm clock were set anew. In a sweep nothing that a person entered has changed, so the version stays and the forms that
// are open go through; the row is locked since it was read (get), so nobody's change is lost.
func keep[T any, P pointer[T]](t *tx, p P) error {
	if !t.lamps {
		return update[T](t, p)
	}
	k := p.key()
	return store[T](t, p, k.Version)
}

// update stores what changed of the row, or all of it where this transaction did not read it alone, if nobody changed it since it was read, and counts its version up.
func update[T any, P pointer[T]](t *tx, p P) error {
	t.unsettle(p)
	if err := textOnly(p); err != nil {
		return err
	}
	k := p.key()
	was := t.before(p, k.ID)
	k.Version++
	if err := store[T](t, p, k.Version-1); err != nil {
		return err
	}
	return t.index(p, was)
}

// store writes the changed columns of a row whose stored version is known.
func store[T any, P pointer[T]](t *tx, p P, version int64) error {
	id := p.key().ID
	was := t.before((*T)(p), id) // nil when it was not read alone
	if read, ok := was.(P); ok && read.key().Version != version {
		return &Fault{Kind: Stale, Key: "stale"}
	}
	n, err := storeChanged(t.ctx, t.db, (*T)(p), was, id, version)
	if err == nil && n != 1 {
		err = &Fault{Kind: Stale, Key: "stale"}
	}
	if err != nil {
		return err
	}
	noteRead(t, id, *p)
	return nil
}

// maxText is the longest text of any column in characters; forms have shorter limits of their own.
const maxText = 4000

// textOnly refuses what one of the databases could not store as text, and what no form may fill the journal with, at the field of the same name.
func textOnly(row any) error {
	v := reflect.Indirect(reflect.ValueOf(row))
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Type.Kind() != reflect.String || !told(field) {
			continue
		}
		text := v.Field(i).String()
		if isText(text) && utf8.RuneCountInString(text) <= maxText {
			continue
		}
		switch name := columnName(field); {
		case name == "finding" || name == "days": // a finding is written by a rule, the days of a notice by its reader
		case !isText(text):
			return invalid(name, "not_text", nil)
		default:
			return invalid(name, "too_long", map[string]any{"Limit": maxText, "N": utf8.RuneCountInString(text)})
		}
	}
	return nil
}

// get reads a row and locks it until the end of the transaction (SQLite's single writer needs no lock and drops the clause).
func get[T any](t *tx, id int64) (*T, error) {
	if t.reading {
		return look[T](t, id)
	}
	return found(locked[T](t, id))
}

// look reads a row that this transaction does not change, without a lock: neighbours who look up the same unit or person do not wait for each other.
func look[T any](t *tx, id int64) (*T, error) {
	read := func() (T, error) { return readRow[T](t.ctx, t.db, id, false) }
	if kind := registerKind[T](); kind != "" {
		return found(recall(t, registerKey{kind: kind, id: id}, read))
	}
	return found(read())
}

func found[T any](r T, err error) (*T, error) {
	if noRow(err) {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// chosen looks up a row that a person picked from a list: a number that is not on it is a fault at the field, an error of the database is not.
func chosen[T any](t *tx, field string, id int64) (*T, error) {
	r, err := look[T](t, id)
	if fault, ok := errors.AsType[*Fault](err); ok && fault.Kind == Missing {
		return nil, invalid(field, "choose", nil)
	}
	return r, err
}

// optional is chosen for a row that may be left out: 0 is nobody.
func optional[T any](t *tx, field string, id int64) error {
	if id == 0 {
		return nil
	}
	_, err := chosen[T](t, field, id)
	return err
}

// byNumber reads the few rows that match, in the order of their numbers: to sort them costs SQLite more than to find them.
func byNumber[T any, P pointer[T]](t *tx, where string, args ...any) ([]T, error) {
	rows, err := readRows[T](t.ctx, t.db, where, args...)
	slices.SortFunc(rows, func(x, y T) int { return cmp.Compare(P(&x).key().ID, P(&y).key().ID) })
	return rows, err
}

// list reads the rows that match.
func list[T any](t *tx, order, where string, args ...any) ([]T, error) {
	return readRows[T](t.ctx, t.db, where+" ORDER BY "+order, args...)
}
