package app

import (
	"context"
	"slices"
)

// NotArrived is a reminder that never reached the person whom it was for, as far as the system knows.
type NotArrived struct {
	Reminder Reminder
	Why      string    // one of NotArrivedWhys
	Attempts []Attempt // what was tried and decided; nothing changes them
	Raised   Told      // the record of the light that it told of, without a number for a move's
	Decided  []int64   // numbers of what people decided about it
}

// NotArrivedWhys lists why a reminder is in the answer: the other side refused it, it may have arrived, it waits for longer than a working day, there was no
// address or no account to send it to, or somebody says that it arrived although the system can't tell.
func NotArrivedWhys() []string {
	return []string{"failed", "unknown", "waiting", "no_address", "account_shut", "said"}
}

// RemindersNotArrived answers which reminders never arrived, the newest first. The unit is that of the person whom it was for.
func (a *App) RemindersNotArrived(ctx context.Context, actor Actor, f QuestionFilter) ([]NotArrived, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	late := a.opt.Calendar.At(a.Today().AddDays(-1), 0, 0).Unix()
	if before, err := a.opt.Calendar.AddWorkdays(a.Today(), -1); err == nil {
		late = a.opt.Calendar.At(before, a.Now().In(a.opt.Calendar.Location()).Hour(), 0).Unix()
	}
	q := table[Reminder](a.db.read).Where(`(status IN ('failed', 'unknown') OR status = 'withdrawn' AND withdrawn_why IN ('no_address', 'account_shut') OR status IN ('queued', 'sending') AND not_before < ?
OR status = 'accepted' AND channel = 'mail' AND id IN (SELECT reminder_id FROM reminder_attempts WHERE outcome = 'arrived'))`, late)
	if !f.From.IsZero() {
		q = q.Where("created_at >= ?", a.opt.Calendar.At(f.From, 0, 0).Unix())
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", a.opt.Calendar.At(f.To.AddDays(1), 0, 0).Unix())
	}
	if f.TaskForce != 0 {
		q = q.Where("task_force_id = ?", f.TaskForce)
	}
	if f.Unit != 0 {
		q = q.Where("unit_id = ?", f.Unit)
	}
	rows, err := q.Order("created_at DESC, id DESC").Limit(maxTold + 1).Find(ctx)
	if err == nil && len(rows) > maxTold {
		err = invalid("from", "question_too_long", map[string]any{"N": maxTold})
	}
	if err != nil {
		return nil, err
	}
	return a.notArrived(ctx, rows)
}

// notArrived finds what is known of each: its attempts, the light that it told of, and what was decided.
func (a *App) notArrived(ctx context.Context, rows []Reminder) ([]NotArrived, error) {
	var numbers []int64
	cards := map[int64]bool{}
	for _, r := range rows {
		numbers, cards[r.EscalationID] = append(numbers, r.ID), true
	}
	where, arg := among(a.db.read, "reminder_id", numbers)
	attempts, err := table[Attempt](a.db.read).Where(where, arg).Order("id").Find(ctx)
	if err != nil {
		return nil, err
	}
	where, arg = among(a.db.read, "object_id", numbers)
	decided, err := tellAll(ctx, table[JournalRow](a.db.read).Where("object_kind = 'reminder'").Where(where, arg))
	if err != nil {
		return nil, err
	}
	raised, err := a.raisings(ctx, cards)
	if err != nil {
		return nil, err
	}
	tried := map[int64][]Attempt{}
	for _, t := range attempts {
		tried[t.ReminderID] = append(tried[t.ReminderID], t)
	}
	about := grouped(decided, objectOf)
	out := make([]NotArrived, len(rows))
	for i, r := range rows {
		n := NotArrived{Reminder: r, Why: whyNotArrived(r), Raised: raised[r.EscalationID], Attempts: tried[r.ID]}
		for _, t := range about[subjectKey{"reminder", r.ID}] {
			n.Decided = append(n.Decided, t.No())
		}
		out[i] = n
	}
	return out, nil
}

func whyNotArrived(r Reminder) string {
	switch r.Status {
	case "withdrawn":
		return r.WithdrawnWhy
	case "queued", "sending":
		return "waiting"
	case "accepted":
		return "said"
	}
	return r.Status
}

// raisings finds the records that lit some cards.
func (a *App) raisings(ctx context.Context, cards map[int64]bool) (map[int64]Told, error) {
	var numbers []int64
	for id := range cards {
		if id != 0 {
			numbers = append(numbers, id)
		}
	}
	slices.Sort(numbers)
	where, arg := among(a.db.read, "id", numbers)
	rows, err := table[Escalation](a.db.read).Where(where, arg).Find(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	first := rows[0].RecordedAt
	for _, e := range rows {
		first = min(first, e.RecordedAt)
	}
	lit, err := a.told(ctx, QuestionFilter{From: a.dayOf(first)}, "escalation.raise")
	if err != nil {
		return nil, err
	}
	lamps, out := litBy(lit), map[int64]Told{}
	for _, e := range rows {
		out[e.ID] = next(lamps[lampOf{e.ItemKind, e.ItemID, e.Ruleset + "/" + e.RuleID}], 0, func(t Told) bool {
			return t.Row.At >= e.RecordedAt && t.Is.Text("step") == e.Step && t.Is.Day("due_on") == e.DueOn
		})
	}
	return out, nil
}
