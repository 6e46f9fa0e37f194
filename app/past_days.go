package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"battlemap/app/calendar"
)

// pastKept is how many pasts are kept in memory, and dayKept how many days with their cards. A past shares all rows with its neighbours that did not change.
const (
	pastKept = 24
	dayKept  = 12
)

// pastStride is after how many records of a long fold a past is kept on the way, so that an earlier day is near one too.
const pastStride = 5000

// pasts keeps the district as it was after some records of the journal. What is written there never changes, so what was put together from it stays right.
type pasts struct {
	mu    sync.Mutex
	kept  []*past // in order of their records
	days  []*dayCards
	spans []*happenedThen
}

// pastAt is the district after a record. It is led on from the nearest past that is kept; whoever asks meanwhile waits, because they want the same work done.
func (a *App) pastAt(ctx context.Context, no int64) (*past, error) {
	c := &a.pasts
	c.mu.Lock()
	defer c.mu.Unlock()
	i, found := slices.BinarySearchFunc(c.kept, no, func(p *past, no int64) int { return int(p.no - no) })
	if found {
		p := c.kept[i].clone()
		p.light()
		return p, nil
	}
	p := newPast(a)
	if i > 0 {
		p = c.kept[i-1].clone()
	}
	for p.no < no {
		if err := a.leadOn(ctx, p, min(no, p.no+pastStride)); err != nil {
			return nil, err
		}
		c.keep(p)
		p = p.clone()
	}
	p.light() // not in the one that is kept: its last step may go on behind it
	return p, nil
}

// keep keeps a past, and forgets the one that is the nearest to the one before it, because that is the quickest to put together again.
func (c *pasts) keep(p *past) {
	i, _ := slices.BinarySearchFunc(c.kept, p.no, func(q *past, no int64) int { return int(q.no - no) })
	c.kept = slices.Insert(c.kept, i, p)
	if len(c.kept) <= pastKept {
		return
	}
	least, gap := -1, int64(0)
	for j := range c.kept {
		before := int64(0)
		if j > 0 {
			before = c.kept[j-1].no
		}
		if g := c.kept[j].no - before; j != i && (least < 0 || g < gap) {
			least, gap = j, g
		}
	}
	c.kept = slices.Delete(c.kept, least, least+1)
}

// leadOn adds the records up to one to a past, one by one as they come.
func (a *App) leadOn(ctx context.Context, p *past, no int64) error {
	rows, err := a.db.read.WithContext(ctx).Raw(`SELECT no, at, action, object_kind, object_id, project_id, record FROM journal WHERE no > ? AND no <= ?
AND (object_kind IN ('task_force', 'project', 'assignment', 'milestone', 'ticket', 'progress', 'exemption', 'cell_limit') OR action IN ('escalation.raise', 'escalation.lift', 'escalation.relight', 'escalation.calendar'))
ORDER BY no`, p.no, no).Rows()
	if err != nil {
		return fmt.Errorf("read the journal's past: %w", err)
	}
	for rows.Next() {
		var r JournalRow
		err := rows.Scan(&r.No, &r.At, &r.Action, &r.ObjectKind, &r.ObjectID, &r.ProjectID, &r.Record)
		if err == nil {
			err = p.apply(r)
		}
		if err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	p.no = no // the records between are about something else
	return errors.Join(rows.Err(), rows.Close())
}

// lastRecord is the number of the last record that was written by the end of a day, 0 when there is none. The journal's time never goes back, so its numbers are searched by halves.
func (a *App) lastRecord(ctx context.Context, day calendar.Date) (int64, error) {
	size, err := a.JournalSize(ctx)
	if err != nil || day >= a.Today() {
		return size, err
	}
	end := a.opt.Calendar.At(day.AddDays(1), 0, 0).Unix()
	low, high := int64(0), size // the answer lies between, both included
	for low < high {
		middle := (low + high + 1) / 2
		var at int64
		if err := scanOne(a.db.read.WithContext(ctx).Raw("SELECT at FROM journal WHERE no = ?", middle), &at); err != nil {
			return 0, fmt.Errorf("find the last record of %s: %w", day, err)
		}
		if at < end {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// FirstDay is the day of the journal's first record, and so the first that can be looked back on; today while there is none.
func (a *App) FirstDay(ctx context.Context) (calendar.Date, error) {
	var at []int64
	if err := a.db.read.WithContext(ctx).Raw("SELECT at FROM journal WHERE no = 1").Scan(&at).Error; err != nil || len(at) == 0 {
		return a.Today(), err
	}
	return a.opt.Calendar.Today(unixTime(at[0])), nil
}

// lookBack checks a day that somebody wants to look back on; field is where the form has it.
func (a *App) lookBack(ctx context.Context, field string, day calendar.Date) error {
	if day.IsZero() {
		return invalid(field, "required", nil)
	}
	if today := a.Today(); day > today {
		return invalid(field, "past_in_future", map[string]any{"Day": day, "Today": today})
	}
	first, err := a.FirstDay(ctx)
	if err == nil && day < first {
		return invalid(field, "past_before_records", map[string]any{"Day": day, "First": first})
	}
	return err
}
