package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Swept counts what one sweep did.
type Swept struct {
	Checked int // items whose alarm clock had rung
	Failed  int // items that could not be checked; the log has their errors and they stay due, put off longer with every failure
}

// due is an item whose alarm clock has rung.
type due struct {
	Kind        string
	ID          int64
	NextCheckAt int64
}

// sweepBatch is how many due items one sweep takes at most when its caller names no number; the rest stays due for the next bell.
const sweepBatch = 5000

// Sweep checks every item whose alarm clock has rung, each in its own write, in order of time. One bad item does not stop the rest, and a sweep that is
// killed half way leaves the rest due and the done ones done. It takes at most limit items, 5000 when limit is 0.
func (a *App) Sweep(ctx context.Context, actor Actor, limit int) (Swept, error) {
	var s Swept
	if !actor.trusted() {
		return s, denied()
	}
	if limit <= 0 {
		limit = sweepBatch
	}
	// An amended calendar whose dates are not all moved yet comes first: nobody is judged by a day that became a rest day.
	if err := caught(func() error { return a.MoveDates(ctx, actor) }); err != nil {
		if errors.Is(err, ErrLeaseLost) || ctx.Err() != nil {
			return s, err
		}
		a.logFailure("sweep: moving dates under the new calendar", err)
	}
	if err := caught(func() error { return a.wakeSubjects(ctx) }); err != nil {
		if errors.Is(err, ErrLeaseLost) || ctx.Err() != nil {
			return s, err
		}
		a.logFailure("sweep: waking the subjects of rules", err)
	}
	stuck, err := a.stuckOf(ctx, "sweep")
	if err == nil {
		err = a.forgetChanged(ctx, stuck)
	}
	if err != nil {
		return s, fmt.Errorf("read what was put off: %w", err)
	}
	rung, err := a.dueItems(ctx, limit+len(stuck))
	if err != nil {
		return s, fmt.Errorf("find due items: %w", err)
	}
	for _, d := range rung {
		was, known := stuck[due{Kind: d.Kind, ID: d.ID}]
		switch {
		case s.Checked+s.Failed == limit:
			return s, nil
		case known && was.AlarmAt == d.NextCheckAt && was.NextAt > a.Now().Unix():
			continue
		}
		if err := a.trySweep(ctx, actor, d, known, &s); err != nil {
			return s, err
		}
	}
	return s, nil
}

// trySweep checks one item and notes what became of it. It returns an error only where the sweep can't go on.
func (a *App) trySweep(ctx context.Context, actor Actor, d due, known bool, s *Swept) error {
	err := caught(func() error { return a.checkItem(ctx, actor, d) })
	if errors.Is(err, ErrLeaseLost) || err != nil && ctx.Err() != nil {
		return err
	}
	if err == nil {
		s.Checked++
		if known {
			err = a.unstick(ctx, "sweep", d)
		}
		return err
	}
	s.Failed++
	a.logFailure("sweep: item failed", err, "kind", d.Kind, "id", d.ID)
	if !ownFault(ctx, err) {
		return nil // the next bell tries again
	}
	if noted := a.stick(ctx, actor, "sweep", d, err); noted != nil {
		if errors.Is(noted, ErrLeaseLost) || ctx.Err() != nil {
			return noted
		}
		a.logFailure("sweep: a failure could not be noted", noted, "kind", d.Kind, "id", d.ID)
	}
	return nil
}

// dueItems lists the items whose alarm clock has rung, the earliest first. Each kind is asked for on its own, in the order of its partial index, and read by
// hand: one query over all kinds makes the database sort, and reading through gorm costs as much as the search.
func (a *App) dueItems(ctx context.Context, limit int) ([]due, error) {
	var out []due
	now := a.Now().Unix()
	for _, kind := range []string{"milestone", "project", "ticket", "receiving_unit", "paper", "subject"} {
		rows, err := a.db.read.WithContext(ctx).Raw(dueQuery(kind), now, limit).Rows()
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			d := due{Kind: kind}
			if err := rows.Scan(&d.ID, &d.NextCheckAt); err != nil {
				return nil, errors.Join(err, rows.Close())
			}
			out = append(out, d)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(out, func(a, b due) int { return cmp.Compare(a.NextCheckAt, b.NextCheckAt) })
	return out[:min(limit, len(out))], nil
}

// dueTable is the table of a kind with alarm clocks: it bears the kind's name, that of a paper its life's, that of a unit's part its row's.
func dueTable(kind string) string {
	switch kind {
	case "paper":
		return "paper_lives"
	case "receiving_unit":
		return "ticket_units"
	}
	return kind + "s"
}

// dueQuery finds the due items of a kind. The first condition is the partial index's own, word by word.
func dueQuery(kind string) string {
	return "SELECT id, next_check_at FROM " + dueTable(kind) + " WHERE next_check_at > 0 AND next_check_at <= ? ORDER BY next_check_at, id LIMIT ?"
}

// checkItem settles one item. When no rule had anything to say, only its alarm clock is wound again.
func (a *App) checkItem(ctx context.Context, actor Actor, d due) error {
	return a.writeOr(ctx, actor, func(t *tx) error { return t.checkItem(d) }, func(t *tx) error { return t.rewind(d) })
}

func (t *tx) checkItem(d due) error {
	t.lamps = true
	switch d.Kind {
	case "project":
		return t.checkProjectItem(d.ID)
	case "milestone":
		return t.checkMilestoneItem(d.ID)
	case "paper":
		return t.checkPaperItem(d.ID)
	case "receiving_unit":
		return t.checkPartItem(d.ID)
	case "subject":
		return t.checkSubjectItem(d.ID)
	case "ticket":
		k, err := get[Ticket](t, d.ID)
		if err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		return t.saveTicket(k)
	}
	return fmt.Errorf("unknown kind of item %q", d.Kind)
}

func (t *tx) checkProjectItem(id int64) error {
	p, err := get[Project](t, id)
	if err != nil {
		return err
	}
	if err := t.settleProject(p); err != nil {
		return err
	}
	return t.saveProject(p)
}

func (t *tx) checkMilestoneItem(id int64) error {
	m, err := get[Milestone](t, id)
	if err != nil {
		return err
	}
	p, err := look[Project](t, m.ProjectID)
	if err != nil {
		return err
	}
	if err := t.settleMilestone(p, m); err != nil {
		return err
	}
	return t.saveMilestone(p, m)
}

// rewind only winds the alarm clock; the row's version stays, since nothing that people see has changed.
func (t *tx) rewind(d due) error {
	switch d.Kind {
	case "project":
		p, err := get[Project](t, d.ID)
		if err != nil {
			return err
		}
		p.NextCheckAt = 0 // it was answered
		if err := t.wind(p); err != nil {
			return err
		}
		return t.setAlarm("projects", d.ID, p.NextCheckAt)
	case "milestone":
		m, err := get[Milestone](t, d.ID)
		if err != nil {
			return err
		}
		p, err := look[Project](t, m.ProjectID)
		if err != nil {
			return err
		}
		m.NextCheckAt = 0
		if err := t.windMilestone(p, m); err != nil {
			return err
		}
		return t.setAlarm("milestones", d.ID, m.NextCheckAt)
	case "paper":
		return t.rewindPaper(d.ID)
	case "receiving_unit":
		return t.rewindPart(d.ID)
	case "subject":
		return t.rewindSubject(d.ID)
	}
	k, err := get[Ticket](t, d.ID)
	if err != nil {
		return err
	}
	k.NextCheckAt = 0
	if err := t.windTicket(k); err != nil {
		return err
	}
	return t.setAlarm("tickets", d.ID, k.NextCheckAt)
}

func (t *tx) setAlarm(table string, id, at int64) error {
	return execute(t.ctx, t.db, "UPDATE "+table+" SET next_check_at = ? WHERE id = ?", at, id)
}

// create stores a row that is never updated.
func create[T any](t *tx, r *T) error { return storeNew(t.ctx, t.db, r) }
