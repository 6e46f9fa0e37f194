package app

import (
	"fmt"
	"slices"
	"sync"
)

// register is what every transaction asks for and what seldom changes: people, units, roles, task forces, cell limits, the law and the calendars, as of one
// version of the database's count of such changes (which counts those of assignments, settings and the doctor's findings too, for visits). Rows are read when they are first asked for. Under the next version everything is read anew.
type register struct {
	version int64
	book    *lawbook
	times   *timebook
	mu      sync.Mutex
	rows    map[registerKey]any
}

// registerKey names what was asked for: a row by its number, or the grants of a user or a role.
type registerKey struct {
	kind string
	id   int64
	name string
}

// open gives the transaction the law and the calendars that are committed now, and what is known of the rest.
func (t *tx) open() error {
	var version int64
	if err := single(t.ctx, t.db, []any{&version}, "SELECT version FROM register WHERE id = 1"); err != nil {
		return fmt.Errorf("ask for the version of the register: %w", err)
	}
	if s := t.app.register.Load(); s != nil && s.version == version {
		t.register, t.book, t.times = s, s.book, s.times
		return nil
	}
	var err error
	if t.book, err = t.app.readLaws(t.ctx, t.db); err != nil {
		return err
	}
	if err := t.openTimes(); err != nil {
		return err
	}
	t.register = &register{version: version, book: t.book, times: t.times, rows: map[registerKey]any{}}
	t.app.register.Store(t.register)
	return nil
}

// forgetUncommitted is called when a COMMIT failed: who shared it may have remembered what was never kept, under a version that another change will bear.
func (a *App) forgetUncommitted() {
	a.register.Store(nil)
	seen := a.times.Load()
	a.times.Store(newTimebook(seen.base, unknownTimes, seen.list))
}

// unsettle is called before a row of the register is changed: from there on this transaction asks the database, and tells nobody what it finds.
func (t *tx) unsettle(row any) {
	switch row.(type) {
	case *User, *Unit, *TaskForce, *RoleGrant, *CellLimit, *Assignment:
		t.register, t.facts = nil, nil
	case *AcceptedReason:
		t.reasons = nil
	}
}

// recall is what read gives, from memory where it is known. What it returns is shared and must not be changed.
func recall[T any](t *tx, key registerKey, read func() (T, error)) (T, error) {
	s := t.register
	if s == nil {
		return read()
	}
	s.mu.Lock()
	found, ok := s.rows[key]
	s.mu.Unlock()
	if ok {
		return found.(T), nil
	}
	row, err := read() // at least as new as the version: whoever finds the next version does not ask here
	if err != nil {
		return row, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) >= mostRegister {
		clear(s.rows)
	}
	s.rows[key] = row
	return row, nil
}

// mostRegister bounds the memory of a province's people; a district has some hundreds of them.
const mostRegister = 50_000

// registerKind names the tables whose rows are recalled by their number, "" for all others.
func registerKind[T any]() string {
	switch any((*T)(nil)).(type) {
	case *User:
		return "user"
	case *Unit:
		return "unit"
	case *TaskForce:
		return "task_force"
	}
	return ""
}

// limitsOf are the limits of a board's cells.
func (t *tx) limitsOf(board string) ([]CellLimit, error) {
	return recall(t, registerKey{kind: "limits", name: board}, func() ([]CellLimit, error) { return list[CellLimit](t, "id", "board = ?", board) })
}

// limited tells whether a cell may have a limit at all.
func (t *tx) limited(board, state string, taskForce int64) (bool, error) {
	all, err := t.limitsOf(board)
	return slices.ContainsFunc(all, func(l CellLimit) bool {
		return l.State == state && (l.TaskForceID == 0 || l.TaskForceID == taskForce)
	}), err
}
