package app

import (
	"context"
	"errors"
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Realigning moves what an amended calendar moves by law. A date that was counted from a term is counted again; a date that somebody named stays, unless it has
// become a rest day (民法典 203). Every item is looked at once, in batches that survive the death of the process, and an item that anybody touches before its
// turn is realigned first, so that nobody is ever judged by the former date.

// CalendarMove is one date that an amended calendar moved: the date in force, and the one that judges. It never changes.
type CalendarMove struct {
	ID           int64 `gorm:"primaryKey"`
	CalendarID   int64
	ItemKind     string // "ticket", "milestone" or "escalation" (the day by which to answer)
	ItemID       int64
	TaskForceID  int64
	ProjectID    int64
	TicketID     int64
	No           string
	Title        string
	FromOn       calendar.Date
	ToOn         calendar.Date
	JudgedFromOn calendar.Date // zero where nothing judges
	JudgedToOn   calendar.Date
	MovedAt      int64
}

// moveBatch is how many items are looked at in one transaction.
const moveBatch = 50

// movingOrder is the order in which the kinds of item are looked at.
func movingOrder() []string { return []string{"ticket", "milestone", "escalation"} }

// MoveDates goes on with the dates that an approved calendar moves until none is left. It may be called at any time and by any node, again and again.
func (a *App) MoveDates(ctx context.Context, actor Actor) error {
	if !actor.trusted() {
		return denied()
	}
	limit := moveBatch
	for {
		if a.view(ctx, actor).times.moving == nil {
			return nil
		}
		err := a.moveSome(ctx, actor, limit)
		switch {
		case err == nil:
			limit = moveBatch
		case errors.Is(err, ErrLeaseLost) || ctx.Err() != nil:
			return err
		case limit > 1:
			limit = 1 // look for the bad item
		default:
			a.opt.Log.Error("calendar: an item could not be moved and is left as it is", "error", err)
			if err := a.skipOne(ctx); err != nil {
				return err
			}
			limit = moveBatch
		}
	}
}

// moveSome takes one batch, in one transaction with the mark of how far it came.
func (a *App) moveSome(ctx context.Context, actor Actor, limit int) error {
	move := func(t *tx) error { return t.moveSome(limit) }
	return a.writeOr(ctx, actor, move, move)
}

func (t *tx) moveSome(limit int) error {
	if t.times.moving == nil {
		return nil
	}
	v, err := get[CalendarVersion](t, t.times.moving.ID)
	if err != nil || v.Moving == "" {
		return err
	}
	next, err := t.openItems(v, limit)
	if err != nil {
		return err
	}
	for _, id := range next {
		if err := t.moveOne(v, id); err != nil {
			return fmt.Errorf("%s %d: %w", v.Moving, id, err)
		}
		v.MovedTo = id
	}
	if len(next) < limit {
		return t.nextKind(v)
	}
	return t.markMoved(v)
}

// nextKind goes on with the next kind of item, or ends the moving with its one record.
func (t *tx) nextKind(v *CalendarVersion) error {
	order := movingOrder()
	was := *v
	v.MovedTo = 0
	for i, kind := range order {
		if kind == v.Moving && i+1 < len(order) {
			v.Moving = order[i+1]
			return t.markMoved(v)
		}
	}
	v.Moving = ""
	n, err := table[CalendarMove](t.db).Where("calendar_id = ?", v.ID).Count(t.ctx, "id")
	if err != nil {
		return err
	}
	v.Moved = n
	if err := update(t, v); err != nil {
		return err
	}
	t.record(versionChange("calendar.moved", v, was))
	return t.readOwnTimes()
}

// markMoved keeps how far the moving has come; it is no change of what people see.
func (t *tx) markMoved(v *CalendarVersion) error {
	return execute(t.ctx, t.db, "UPDATE calendar_versions SET moving = ?, moved_to = ? WHERE id = ?", v.Moving, v.MovedTo, v.ID)
}

// skipOne passes over an item that can't be moved; the log has said why.
func (a *App) skipOne(ctx context.Context) error {
	return a.chore(ctx, func(t *tx) error {
		if t.times.moving == nil {
			return nil
		}
		v, err := get[CalendarVersion](t, t.times.moving.ID)
		if err != nil {
			return err
		}
		next, err := t.openItems(v, 1)
		if err != nil || len(next) == 0 {
			return err
		}
		v.MovedTo = next[0]
		return t.markMoved(v)
	})
}

// openItems finds the next items of the kind whose turn it is.
func (t *tx) openItems(v *CalendarVersion, limit int) ([]int64, error) {
	query := map[string]string{
		"ticket":     "SELECT id FROM tickets WHERE id > ? AND due_on <> '' AND closed_on = ''",
		"milestone":  "SELECT m.id FROM milestones m JOIN projects p ON p.id = m.project_id WHERE m.id > ? AND m.actual_on = ''",
		"escalation": "SELECT id FROM escalations WHERE id > ? AND answer_by <> '' AND lifted_on = ''",
	}[v.Moving]
	args := []any{v.MovedTo}
	if v.TaskForceID != 0 {
		query, args = query+" AND task_force_id = ?", append(args, v.TaskForceID)
	}
	id := "id"
	if v.Moving == "milestone" {
		id = "m.id"
	}
	var out []int64
	err := t.db.Raw(query+" ORDER BY "+id+" LIMIT ?", append(args, limit)...).Scan(&out).Error
	return out, err
}

// moveOne realigns one item, winds its alarm clock by the new calendar, and tells who answers for it if its date has moved.
func (t *tx) moveOne(v *CalendarVersion, id int64) error {
	switch v.Moving {
	case "ticket":
		return t.moveTicketDates(v, id)
	case "milestone":
		return t.moveMilestoneDates(v, id)
	}
	return t.moveAnswer(v, id)
}

func (t *tx) moveTicketDates(v *CalendarVersion, id int64) error {
	k, err := get[Ticket](t, id)
	if err != nil {
		return err
	}
	before := len(t.records)
	if err := t.settleTicket(k); err != nil {
		return err
	}
	if len(t.records) > before {
		if err := t.saveTicket(k); err != nil {
			return err
		}
	} else if err := t.rewind(due{Kind: "ticket", ID: id}); err != nil {
		return err
	}
	return t.tellMoved(v, "ticket", id, ticketItem(k), "unit_handler")
}

func (t *tx) moveMilestoneDates(v *CalendarVersion, id int64) error {
	m, err := get[Milestone](t, id)
	if err != nil {
		return err
	}
	p, err := look[Project](t, m.ProjectID)
	if err != nil {
		return err
	}
	before := len(t.records)
	if err := t.settleMilestone(p, m); err != nil {
		return err
	}
	if len(t.records) > before {
		if err := t.saveMilestone(p, m); err != nil {
			return err
		}
	} else if err := t.rewind(due{Kind: "milestone", ID: id}); err != nil {
		return err
	}
	return t.tellMoved(v, "milestone", id, milestoneItem(p, m), "responsible_person")
}

// tellMoved tells the people on a rung once for the whole notice, however many of their dates moved [P].
func (t *tx) tellMoved(v *CalendarVersion, kind string, id int64, it item, rung string) error {
	n, err := table[CalendarMove](t.db).Where("calendar_id = ? AND item_kind = ? AND item_id = ?", v.ID, kind, id).Count(t.ctx, "id")
	if err != nil || n == 0 {
		return err
	}
	standing, err := t.standing(it, []string{rung})
	if err != nil {
		return err
	}
	to, _ := everybody(standing)
	approver, err := look[User](t, v.ApprovedBy)
	if err != nil && v.ApprovedBy != 0 {
		return err
	}
	was := t.actor
	if approver != nil {
		t.actor = Actor{Kind: "user", ID: approver.ID, Name: approver.Name, UnitID: approver.UnitID} // the letter names who approved the notice
	}
	err = t.tell(event{item: item{kind: "calendar", id: v.ID, no: v.Number, title: v.Title, path: fmt.Sprintf("/calendar/versions/%d", v.ID)}, rule: ruleOfMoves, step: "calendar_moved", subject: "calendar.moved", move: "calendar_moved"}, to)
	t.actor = was
	return err
}

// lawful is where a date belongs under the calendar in force: counted again when it came from the term, moved on when it was named and is a rest day now.
// A term that became shorter never ends before tomorrow: nobody is late by a notice of today [P].
func (t *tx) lawful(taskForce int64, start calendar.Date, text string, on calendar.Date) calendar.Date {
	if on.IsZero() {
		return on
	}
	before, now := t.times.before(taskForce), t.calendar(taskForce)
	if term, err := calendar.ParseTerm(text); err == nil && !start.IsZero() {
		if counted, err := before.Due(start, term); err == nil && counted == on {
			if again, err := now.Due(start, term); err == nil {
				if again < on && again <= t.today {
					return min(on, now.Roll(t.today.AddDays(1)))
				}
				return again
			}
		}
	}
	if before.Day(on).Working && !now.Day(on).Working {
		return now.Roll(on)
	}
	return on
}

// judging is the date of a ticket by which it is judged.
func (k *Ticket) judging() *calendar.Date { return &k.JudgedOn }

// realignTicket moves the dates of an open ticket while an amended calendar that concerns it is moving; otherwise it does nothing.
func (t *tx) realignTicket(k *Ticket) error {
	if !t.times.touches(k.TaskForceID) || k.ID == 0 || k.IssuedOn.IsZero() {
		return nil
	}
	state, ok := t.app.Machine("ticket").State(k.State)
	if !ok || state.Kind != workflows.KindOpen && state.Kind != workflows.KindPaused {
		return nil
	}
	was := *k
	judged := k.judging()
	k.DueOn, *judged = t.lawful(k.TaskForceID, k.IssuedOn, k.DueTerm, k.DueOn), t.lawful(k.TaskForceID, k.IssuedOn, k.DueTerm, *judged)
	if k.DueOn == was.DueOn && *judged == *was.judging() {
		return nil
	}
	c := t.ticketChange("ticket.calendar", k, was)
	c.basis, c.by = t.times.moving.Number, calendarActor()
	t.record(c)
	if err := t.remember(DateChange{ItemKind: "ticket", ItemID: k.ID, TicketID: k.ID, TaskForceID: k.TaskForceID, ProjectID: k.ProjectID, FromOn: was.DueOn, ToOn: k.DueOn, JudgedOn: *judged}); err != nil {
		return err
	}
	return t.keepMove(CalendarMove{ItemKind: "ticket", ItemID: k.ID, TaskForceID: k.TaskForceID, ProjectID: k.ProjectID, TicketID: k.ID, No: k.No, Title: k.Title,
		FromOn: was.DueOn, ToOn: k.DueOn, JudgedFromOn: *was.judging(), JudgedToOn: *judged})
}

// calendarActor is who moves a date: the notice does, in whoever's transaction it falls.
func calendarActor() *Actor {
	a := System("calendar")
	return &a
}

// remember keeps the change in the item's memory. The law made it, nobody did, so it does not count among the changes that somebody asked for.
func (t *tx) remember(c DateChange) error {
	v := t.times.moving
	c.Cause, c.Reason, c.Basis, c.ChangedAt = "calendar", v.Title, v.Number, t.now.Unix()
	return create(t, &c)
}

func (t *tx) keepMove(m CalendarMove) error {
	m.CalendarID, m.MovedAt = t.times.moving.ID, t.now.Unix()
	t.last = &m
	return create(t, &m)
}

// moved tells whether a date has been moved since another was the last one.
func (t *tx) moved(last *CalendarMove) bool { return t.last != last }

// realignMilestone moves the date of a milestone that is not reached; the baseline itself never changes, the day that judges stands beside it.
func (t *tx) realignMilestone(p *Project, m *Milestone) error {
	if !t.times.touches(p.TaskForceID) || m.ID == 0 || !m.ActualOn.IsZero() {
		return nil
	}
	was := *m
	if due := t.lawful(p.TaskForceID, 0, "", m.DueOn()); due != m.DueOn() {
		m.RevisedOn = due
	}
	if judged := t.lawful(p.TaskForceID, 0, "", m.JudgedOn()); judged != m.JudgedOn() {
		m.LawfulOn = judged
	}
	if m.RevisedOn == was.RevisedOn && m.LawfulOn == was.LawfulOn {
		return nil
	}
	c := t.projectChange("milestone.calendar", p, was)
	c.kind, c.id, c.no, c.after, c.basis, c.by = "milestone", m.ID, p.Code+" "+m.Name, m, t.times.moving.Number, calendarActor()
	t.record(c)
	if err := t.remember(DateChange{ItemKind: "milestone", ItemID: m.ID, TaskForceID: p.TaskForceID, ProjectID: p.ID, FromOn: was.DueOn(), ToOn: m.DueOn(), JudgedOn: m.JudgedOn()}); err != nil {
		return err
	}
	return t.keepMove(CalendarMove{ItemKind: "milestone", ItemID: m.ID, TaskForceID: p.TaskForceID, ProjectID: p.ID, No: p.Code, Title: p.Name + " · " + m.Name,
		FromOn: was.DueOn(), ToOn: m.DueOn(), JudgedFromOn: was.JudgedOn(), JudgedToOn: m.JudgedOn()})
}
