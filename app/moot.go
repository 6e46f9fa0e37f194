package app

import (
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

	"battlemap/workflows"
)

// Before a reminder goes out it is asked once more whether it still has a reason, inside the transaction that lets it go. The rows that decide are locked against
// change until then: who closes, acknowledges, hands over or shuts an account is either quicker, and nothing goes out, or comes after it.

// poison is an error of one row's own data. The row fails by itself; errors of the database are not poison.
type poison struct{ error }

// spoilt makes a row that is missing, though another points at it, an error of the row that points.
func spoilt(err error) error {
	if f, ok := errors.AsType[*Fault](err); ok && f.Kind == Missing {
		return poison{fmt.Errorf("a row that it is about is missing: %w", err)}
	}
	return err
}

// errBusy means that somebody is changing what a reminder is about at this moment: the next bell asks again. A delivery never waits for a person's change, so
// the two can't wait for each other.
var errBusy = errors.New("a neighbour is changing what the reminder is about")

// steady reads a row and keeps it from changing until the end of the transaction (SQLite's single writer needs no lock and drops the clause).
func steady[T any](t *tx, id int64) (*T, error) {
	r, err := table[T](t.db, clause.Locking{Strength: "SHARE", Options: "SKIP LOCKED"}).Where("id = ?", id).First(t.ctx)
	if !noRow(err) {
		return &r, err
	}
	if _, err := look[T](t, id); err != nil {
		return nil, spoilt(err)
	}
	return nil, errBusy
}

// stillDue tells whether a reminder still has a reason. One that has none is withdrawn and says why.
func (t *tx) stillDue(r *Reminder) (bool, error) {
	why, err := t.moot(r)
	if err != nil || why == "" {
		return err == nil, err
	}
	n, err := table[Reminder](t.db).Where("id = ? AND status IN ('queued', 'digested')", r.ID).
		Change(t.ctx, map[string]any{"status": "withdrawn", "withdrawn_why": why, "settled_at": t.now.Unix()})
	if err != nil || n == 0 || why != "handed_over" || r.EscalationID == 0 {
		return false, err
	}
	return false, t.readdress(r)
}

// moot says why a reminder must not go out any more, "" while it may.
func (t *tx) moot(r *Reminder) (string, error) {
	u, err := steady[User](t, r.RecipientID)
	switch {
	case err != nil:
		return "", err
	case u.Disabled:
		return "account_shut", nil
	case r.Channel == "mail" && u.Email == "":
		return "no_address", nil
	case r.ItemKind == "digest":
		return "", nil
	}
	k, err := t.holdItem(r)
	if err != nil {
		return "", err
	}
	if r.EscalationID != 0 {
		return t.mootLight(r, k)
	}
	if k == nil {
		return "", nil
	}
	return t.mootEvent(r, k, u)
}

// holdItem keeps the item from changing, and returns the ticket when it is one.
func (t *tx) holdItem(r *Reminder) (*Ticket, error) {
	switch r.ItemKind {
	case "ticket":
		return steady[Ticket](t, r.ItemID)
	case "project":
		_, err := steady[Project](t, r.ItemID)
		return nil, err
	case "milestone":
		m, err := look[Milestone](t, r.ItemID)
		if err != nil {
			return nil, spoilt(err)
		}
		_, err = steady[Project](t, m.ProjectID)
		return nil, err
	case "receiving_unit":
		u, err := look[TicketUnit](t, r.ItemID)
		if err != nil {
			return nil, spoilt(err)
		}
		return steady[Ticket](t, u.TicketID)
	case "task_force", "unit", "district":
		_, err := steady[Subject](t, r.ItemID)
		return nil, err
	}
	return nil, nil
}

func (t *tx) over(k *Ticket) bool {
	s, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	return s.Kind == workflows.KindDone || s.Kind == workflows.KindEnded
}

// mootLight asks the escalation: is it lit, or part of a ladder of which a rung is, and does the recipient still stand on it?
func (t *tx) mootLight(r *Reminder, k *Ticket) (string, error) {
	if k != nil && t.over(k) {
		return "closed", nil
	}
	e, err := steady[Escalation](t, r.EscalationID)
	if err != nil {
		return "", err
	}
	switch {
	case e.LiftedOn.IsZero():
	case e.LiftedWhy != "superseded":
		return e.LiftedWhy, nil
	default:
		if why, err := t.mootRung(e); err != nil || why != "" {
			return why, err
		}
	}
	if held, err := t.promised(e); err != nil || held {
		return "acknowledged", err
	}
	if r.Subject != "escalation" { // a paper or a summons goes to whom it names
		return "", nil
	}
	to, _, err := t.onRung(e)
	if err != nil || slices.Contains(to, r.RecipientID) {
		return "", err
	}
	return "handed_over", nil
}

// mootRung says why a rung that gave way needs not be told any more: no higher rung of its rule is lit, or a rule that says of the same date that it has passed
// took its place.
func (t *tx) mootRung(e *Escalation) (string, error) {
	lit, err := t.lit(item{kind: e.ItemKind, id: e.ItemID})
	if err != nil {
		return "", err
	}
	why := "cured"
	for _, other := range lit {
		if other.RuleID == e.RuleID {
			return "", nil
		}
		if other.DueOn == e.DueOn {
			why = "superseded"
		}
	}
	return why, nil
}

// promised tells whether the unit has promised, on the paper of this rung or of the rung that took its place, to cure the matter by a date that has not passed.
func (t *tx) promised(e *Escalation) (bool, error) {
	rule := "none"
	if !e.LiftedOn.IsZero() {
		rule = e.RuleID
	}
	lives, err := table[PaperLife](t.db, clause.Locking{Strength: "SHARE", Options: "SKIP LOCKED"}).
		Where("item_kind = ? AND item_id = ? AND paper_id IN (SELECT id FROM papers WHERE escalation_id = ? OR rule_id = ?)", e.ItemKind, e.ItemID, e.ID, rule).
		Order("id").Find(t.ctx)
	return slices.ContainsFunc(lives, func(l PaperLife) bool { return l.promising(t.today) }), err
}

// onRung finds who stands on an escalation's rung now.
func (t *tx) onRung(e *Escalation) (to []int64, vacant []Standing, err error) {
	f, err := e.Explain()
	if err != nil {
		return nil, nil, poison{fmt.Errorf("read the finding of escalation %d: %w", e.ID, err)}
	}
	it := item{kind: e.ItemKind, id: e.ItemID, taskForce: e.TaskForceID, project: e.ProjectID, ticket: e.TicketID}
	rungs, err := t.standing(it, f.Step.Tell)
	if err != nil {
		return nil, nil, spoilt(err)
	}
	to, vacant = everybody(rungs)
	return to, vacant, nil
}

// readdress tells those who stand on the rung now, where somebody else did when it was reached.
func (t *tx) readdress(r *Reminder) error {
	e, err := look[Escalation](t, r.EscalationID)
	if err != nil {
		return err
	}
	to, vacant, err := t.onRung(e)
	if err != nil {
		return err
	}
	n, err := r.Notice()
	if err != nil {
		return poison{err}
	}
	it := item{kind: e.ItemKind, id: e.ItemID, no: n.No, title: n.Title, taskForce: e.TaskForceID, project: e.ProjectID, ticket: e.TicketID}
	return t.tell(event{item: it, rule: e.RuleID, step: e.Step, due: e.DueOn, escalation: e.ID, light: e.Light, subject: r.Subject, vacant: vacant}, to)
}

// mootEvent asks the ticket: a closing is told although it is closed, nothing else is; what a unit has accepted is not asked of it again; and who is told of a
// move must still be one of those whom the move names.
func (t *tx) mootEvent(r *Reminder, k *Ticket, u *User) (string, error) {
	n, err := r.Notice()
	if err != nil {
		return "", poison{fmt.Errorf("read the notice: %w", err)}
	}
	machine := t.machine("ticket", k.MachineVersion)
	move, known := machine.Move(n.Move)
	if r.Subject == "comment.mention" { // words to a person wait for them, whatever becomes of the ticket
		return "", nil
	}
	to, _ := machine.State(move.To)
	ends := known && (to.Kind == workflows.KindDone || to.Kind == workflows.KindEnded)
	switch {
	case t.over(k) && !ends:
		return "closed", nil
	case n.Move == "hand" && k.HandlerID != r.RecipientID:
		return "handed_over", nil
	case !known:
		return "", nil
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return "", err
	}
	if move.ID == "approve" && slices.ContainsFunc(units, func(row TicketUnit) bool { return row.UnitID == u.UnitID && !row.AcceptedOn.IsZero() }) {
		return "acknowledged", nil
	}
	for _, rung := range move.Tell {
		people, err := t.told(k, rung, ticketPlace(k, units))
		if err != nil {
			return "", spoilt(err)
		}
		if slices.Contains(people, r.RecipientID) {
			return "", nil
		}
	}
	return "handed_over", nil
}
