package app

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"
)

// Something that a job can't do must not stop the rest, must not be tried every minute for ever, and must not be forgotten: it is put off longer and longer, and
// set aside at the eighth failure, where people see it. Set aside means asked once a day; whoever changes the item has it looked at at once.

// StuckItem is what a job could not do. A row goes when it is done.
type StuckItem struct {
	Job      string `gorm:"primaryKey"`
	Kind     string `gorm:"primaryKey"` // of the item, or "job" for a job that fails as a whole
	ItemID   int64  `gorm:"primaryKey"`
	AlarmAt  int64  // the item's alarm clock as it failed; another one means that somebody has changed the item since
	Failures int64  // one after the other
	FirstAt  int64
	LastAt   int64
	NextAt   int64  // when it is tried again
	Error    string // the last one, for the operator
	No       string `gorm:"-"` // public number of a ticket or project, "" for others; filled in by StuckItems
}

// jobKind is the kind of a job that fails as a whole.
const jobKind = "job"

const (
	setAsideAfter = 8              // failures after which an item is set aside
	jobShownAfter = 3              // failures after which people see that a job fails as a whole
	asidePause    = 24 * time.Hour // between two tries of an item that was set aside
)

// Aside tells whether people are to see it.
func (s StuckItem) Aside() bool {
	return s.Failures >= setAsideAfter || s.Kind == jobKind && s.Failures >= jobShownAfter
}

// fail counts one more failure.
func (s *StuckItem) fail(now time.Time, alarm int64, cause error) {
	if s.Failures == 0 || s.AlarmAt != alarm {
		s.Failures, s.FirstAt = 0, now.Unix()
	}
	s.Failures++
	pause := asidePause
	if s.Failures < setAsideAfter {
		pause = retryBase << (s.Failures - 1)
	}
	s.AlarmAt, s.LastAt, s.NextAt, s.Error = alarm, now.Unix(), now.Add(pause).Unix(), clip(cause.Error(), 500)
}

// StuckItems lists what jobs have set aside, at most limit, what failed longest first; for those who read the doctor's findings.
func (a *App) StuckItems(ctx context.Context, actor Actor, limit int) ([]StuckItem, error) {
	if err := a.view(ctx, actor).require(place{}, doctorReaders()...); err != nil {
		return nil, err
	}
	rows, err := table[StuckItem](a.db.read).Where("failures >= ? OR kind = ? AND failures >= ?", setAsideAfter, jobKind, jobShownAfter).
		Order("first_at, job, kind, item_id").Limit(limit).Find(ctx)
	for i := range rows {
		column := map[string]string{"ticket": "no", "project": "code"}[rows[i].Kind]
		if err != nil || column == "" {
			continue
		}
		err = a.db.read.WithContext(ctx).Raw("SELECT i."+column+" FROM "+rows[i].Kind+"s i WHERE i.id = ?", rows[i].ItemID).Scan(&rows[i].No).Error
	}
	return rows, err
}

// stuckOf reads what a job could not do, by item.
func (a *App) stuckOf(ctx context.Context, job string) (map[due]StuckItem, error) {
	rows, err := table[StuckItem](a.db.read).Where("job = ? AND kind <> ?", job, jobKind).Find(ctx)
	out := map[due]StuckItem{}
	for _, s := range rows {
		out[due{Kind: s.Kind, ID: s.ItemID}] = s
	}
	return out, err
}

// forgetChanged forgets the items of a sweep whose alarm clock is not the one that failed: somebody has changed them since, or ended them.
func (a *App) forgetChanged(ctx context.Context, stuck map[due]StuckItem) error {
	kinds := map[string]bool{}
	for d := range stuck {
		kinds[d.Kind] = true
	}
	for kind := range kinds {
		var changed []int64
		err := a.db.read.WithContext(ctx).Raw(`SELECT item_id FROM stuck_items s WHERE job = 'sweep' AND kind = ?
AND NOT EXISTS (SELECT 1 FROM `+dueTable(kind)+" i WHERE i.id = s.item_id AND i.next_check_at = s.alarm_at)", kind).Scan(&changed).Error
		if err != nil {
			return err
		}
		for _, id := range changed {
			d := due{Kind: kind, ID: id}
			if err := a.unstick(ctx, "sweep", d); err != nil {
				return err
			}
			delete(stuck, d)
		}
	}
	return nil
}

// stick notes that a job could not do an item.
func (a *App) stick(ctx context.Context, actor Actor, job string, d due, cause error) error {
	return a.chore(ctx, func(t *tx) error {
		t.actor = actor
		if err := t.fence(); err != nil {
			return err
		}
		was, err := table[StuckItem](t.db).Where("job = ? AND kind = ? AND item_id = ?", job, d.Kind, d.ID).Find(ctx)
		if err != nil {
			return err
		}
		s := StuckItem{Job: job, Kind: d.Kind, ItemID: d.ID}
		if len(was) > 0 {
			s = was[0]
		}
		s.fail(t.now, d.NextCheckAt, cause)
		if s.Aside() {
			a.opt.Log.Error("set aside, people see it on the doctor's page", "job", job, "kind", d.Kind, "id", d.ID, "failures", s.Failures, "error", s.Error)
		}
		return execute(ctx, t.db, `INSERT INTO stuck_items (job, kind, item_id, alarm_at, failures, first_at, last_at, next_at, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (job, kind, item_id) DO UPDATE SET alarm_at = excluded.alarm_at, failures = excluded.failures, first_at = excluded.first_at, last_at = excluded.last_at,
next_at = excluded.next_at, error = excluded.error`, s.Job, s.Kind, s.ItemID, s.AlarmAt, s.Failures, s.FirstAt, s.LastAt, s.NextAt, s.Error)
	})
}

// unstick notes that it was done after all.
func (a *App) unstick(ctx context.Context, job string, d due) error {
	return a.chore(ctx, func(t *tx) error {
		_, err := table[StuckItem](t.db).Where("job = ? AND kind = ? AND item_id = ?", job, d.Kind, d.ID).Delete(ctx)
		return err
	})
}

// NoteJob notes whether a job came to its end, so that people see one that fails again and again; nil is its good end. A job is rung by the clock whatever is noted.
func (a *App) NoteJob(ctx context.Context, job string, failed error) error {
	d := due{Kind: jobKind}
	if failed != nil {
		return a.stick(ctx, System(job), job, d, failed)
	}
	n, err := table[StuckItem](a.db.read).Where("job = ? AND kind = ?", job, jobKind).Count(ctx, "job")
	if err != nil || n == 0 {
		return err
	}
	return a.unstick(ctx, job, d)
}

// panicked is a panic that was caught, with where it happened.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// caught makes an error of a panic.
func caught(fn func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{r, debug.Stack()}
		}
	}()
	return fn()
}

// logFailure writes what an item failed of into the log, with the place of a panic.
func (a *App) logFailure(what string, err error, args ...any) {
	args = append(args, "error", err)
	if p, ok := errors.AsType[*panicked](err); ok {
		args = append(args, "stack", string(p.stack))
	}
	a.opt.Log.Error(what, args...)
}

// apart runs what concerns one row so that its failure is its own: what it wrote is undone, a panic is an error, and the transaction goes on with the next row.
// A failure that is no row's own (ownFault) ends the transaction, as it would without.
func (t *tx) apart(fn func() error) error {
	if err := execute(t.ctx, t.db, "SAVEPOINT one_row"); err != nil {
		return err
	}
	failed := caught(fn)
	if failed == nil || errors.Is(failed, errBusy) { // busy: nothing was written, the caller goes on with the next row
		return errors.Join(failed, execute(t.ctx, t.db, "RELEASE SAVEPOINT one_row"))
	}
	if !ownFault(t.ctx, failed) {
		return failed
	}
	if err := errors.Join(execute(t.ctx, t.db, "ROLLBACK TO SAVEPOINT one_row"), execute(t.ctx, t.db, "RELEASE SAVEPOINT one_row")); err != nil {
		return errors.Join(failed, err) // the connection is gone
	}
	t.read, t.reasons = nil, nil // what was remembered may have been taken back
	return rowFault{failed}
}

// rowFault is an error that apart has undone: the transaction can go on.
type rowFault struct{ error }

func (f rowFault) Unwrap() error { return f.error }

// ownFault tells whether an error may be that of the row that was being worked on. A neighbour in the way, a lease that was lost, a caller that is gone and a
// database in trouble are not.
func ownFault(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil || again(err) || errors.Is(err, ErrLeaseLost) || errors.Is(err, errBusy) || lostLink(err) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code[:2] {
		case "22", "23", "P0": // the data, a key or a check, an exception that a trigger raised
			return true
		}
		return false
	}
	if lite, ok := errors.AsType[sqlite3.Error](err); ok {
		switch lite.Code {
		case sqlite3.ErrConstraint, sqlite3.ErrMismatch, sqlite3.ErrRange, sqlite3.ErrTooBig, sqlite3.ErrError:
			return true
		}
		return false
	}
	return true
}

// lostLink tells whether the connection to the database is gone.
func lostLink(err error) bool {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	return connecting || network || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone)
}
