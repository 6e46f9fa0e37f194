package app

import (
	"context"

	"battlemap/app/calendar"
)

// DateMove is a due date that was changed.
type DateMove struct {
	Told                 // the record by which the date moved; without a number where no record fits, which the page shows
	Change DateChange    // the row that keeps it
	Ask    Told          // of an extension: the request
	Asked  calendar.Date // when it was asked for, or moved where nobody asks
	Late   int           // days by which that was after the date that moved; negative before it
	Times  int           // how many times the date of this item had moved by then
}

// DatesMoved answers which due dates were changed, by whom, how often, and how late they were asked for. The unit is that of who asked or moved.
func (a *App) DatesMoved(ctx context.Context, actor Actor, f QuestionFilter) ([]DateMove, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	changes, err := a.dateChanges(ctx, f)
	if err != nil {
		return nil, err
	}
	tickets, projects := map[int64]bool{}, map[int64]bool{}
	for _, c := range changes {
		tickets[c.TicketID] = true
		if c.TicketID == 0 {
			projects[c.ProjectID] = true
		}
	}
	of, err := a.toldAbout(ctx, "ticket_id", tickets, "ticket.ask_extension", "ticket.approve_extension", "ticket.grant_extension", "ticket.reopen", "ticket.resume", "ticket.end_pause", "ticket.calendar")
	if err != nil {
		return nil, err
	}
	stones, err := a.toldAbout(ctx, "project_id", projects, "milestone.revise", "milestone.calendar")
	if err != nil {
		return nil, err
	}
	moved, err := a.timesMoved(ctx, changes)
	if err != nil {
		return nil, err
	}
	ofTicket, ofStone := grouped(of, ticketOf), grouped(stones, objectOf)
	var out []DateMove
	for _, c := range changes {
		m := a.dateMove(c, ofTicket[c.ItemID], ofStone[subjectKey{c.ItemKind, c.ItemID}])
		m.Times = moved[c.ID]
		if unit == "" || m.Record.Actor.Unit == unit || m.Ask.Record.Actor.Unit == unit {
			out = append(out, m)
		}
	}
	return out, nil
}

// dateChanges are the moves of dates, not the first ones.
func (a *App) dateChanges(ctx context.Context, f QuestionFilter) ([]DateChange, error) {
	q := table[DateChange](a.db.read).Where("from_on <> ''")
	if !f.From.IsZero() {
		q = q.Where("changed_at >= ?", a.opt.Calendar.At(f.From, 0, 0).Unix())
	}
	if !f.To.IsZero() {
		q = q.Where("changed_at < ?", a.opt.Calendar.At(f.To.AddDays(1), 0, 0).Unix())
	}
	if f.TaskForce != 0 {
		q = q.Where("task_force_id = ?", f.TaskForce)
	}
	rows, err := q.Order("id").Limit(maxTold + 1).Find(ctx)
	if err == nil && len(rows) > maxTold {
		err = invalid("from", "question_too_long", map[string]any{"N": maxTold})
	}
	return rows, err
}

// timesMoved counts, for each change, how many times the same item's date had moved by then.
func (a *App) timesMoved(ctx context.Context, changes []DateChange) (map[int64]int, error) {
	var items []int64
	asked := map[subjectKey]bool{}
	for _, c := range changes {
		if key := (subjectKey{c.ItemKind, c.ItemID}); !asked[key] {
			asked[key], items = true, append(items, c.ItemID)
		}
	}
	where, arg := among(a.db.read, "item_id", items)
	all, err := table[DateChange](a.db.read).Where("from_on <> ''").Where(where, arg).Order("id").Find(ctx)
	times, out := map[subjectKey]int{}, map[int64]int{}
	for _, c := range all {
		key := subjectKey{c.ItemKind, c.ItemID}
		times[key]++
		out[c.ID] = times[key]
	}
	return out, err
}

// dateMove finds the records of a change among those of its ticket or of its milestone: the first after it that sets the very date, and the request that it answers.
func (a *App) dateMove(c DateChange, tickets, stones []Told) DateMove {
	m := DateMove{Change: c, Asked: a.dayOf(c.ChangedAt)}
	switch c.ItemKind {
	case "ticket":
		m.Told = next(tickets, 0, func(t Told) bool {
			return t.Row.TicketID == c.ItemID && t.Row.At >= c.ChangedAt && t.Is.Day("due_on") == c.ToOn
		})
		if c.Cause == "extension" {
			m.Ask = next(tickets, 0, func(t Told) bool {
				return t.Row.Action == "ticket.ask_extension" && t.Row.TicketID == c.ItemID && t.Is.Number("extension") == c.SourceID
			})
		}
	default:
		m.Told = next(stones, 0, func(t Told) bool {
			return t.Row.ObjectID == c.ItemID && t.Row.At >= c.ChangedAt && (t.Is.Day("revised_on") == c.ToOn || t.Is.Day("baseline_on") == c.ToOn)
		})
	}
	if m.Ask.No() != 0 {
		m.Asked = a.dayOf(m.Ask.Row.At)
	}
	m.Late = int(m.Asked - c.FromOn)
	return m
}
