package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// UndoMove is the command that takes back the actor's own last move of a ticket.
type UndoMove struct{ Ticket, Version int64 }

// Undo is the offer to take a move back.
type Undo struct {
	Move workflows.Move
	Left time.Duration // for how long it can still be done
}

// undone is the move that is taken back, with its record.
type undone struct {
	move   workflows.Move
	row    JournalRow
	before map[string]json.RawMessage
	left   time.Duration
}

// restorable are the columns that taking a move back may set to what they were; a light that no rule has lit or put out follows the state. A move that has changed
// any other has frozen a date, counted something or judged.
func restorable() []string {
	return []string{"version", "state", "state_since", "accepted_on", "begun_on", "feedback", "light", "light_since"}
}

// UndoMove takes the actor's last move of a ticket back while the workflow allows it and nothing has come of it. The past stays: this is a record of its own.
func (a *App) UndoMove(ctx context.Context, actor Actor, cmd UndoMove) (*Ticket, error) {
	var k *Ticket
	err := a.write(ctx, actor, func(t *tx) error {
		row, units, err := t.ticketAsSeen(cmd.Ticket, cmd.Version)
		if err != nil {
			return err
		}
		k = row
		u, err := t.undoable(k, units)
		if err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		return t.undo(k, units, u)
	})
	return k, err
}

// MayUndo says which move of the ticket the actor may still take back; nil when there is none.
func (a *App) MayUndo(ctx context.Context, actor Actor, ticket int64) (*Undo, error) {
	t := a.view(ctx, actor)
	k, err := look[Ticket](t, ticket)
	if err != nil {
		return nil, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, err
	}
	u, err := t.undoable(k, units)
	if AsFaults(err) != nil {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Undo{Move: u.move, Left: u.left}, nil
}

// undoable finds the move that would be taken back, or the fault that says why none can be: it is the newest record about the ticket, it is the actor's own, it is
// recent, the workflow lets it be undone, and nobody has been told of it.
func (t *tx) undoable(k *Ticket, units []TicketUnit) (undone, error) {
	var u undone
	rows, err := list[JournalRow](t, "no DESC", "no > (SELECT size FROM journal_head WHERE id = 1) - 2000 AND ticket_id = ?", k.ID)
	if err != nil {
		return u, fmt.Errorf("read what happened to ticket %s: %w", k.No, err)
	}
	mine := slices.ContainsFunc(rows, func(r JournalRow) bool { return r.ActorKind == "user" && r.ActorID == t.actor.ID })
	if !mine { // nobody takes back what others did
		return u, denied()
	}
	if rows[0].ActorKind != "user" || rows[0].ActorID != t.actor.ID || rows[0].ObjectKind != "ticket" {
		return u, refused("undo_moved_on", nil)
	}
	u.row = rows[0]
	known := false
	if u.move, known = t.machine("ticket", k.MachineVersion).Move(strings.TrimPrefix(u.row.Action, "ticket.")); !known || u.move.Undo == 0 {
		return u, refused("undo_none", nil)
	}
	if u.left = u.move.Undo - time.Duration(t.now.Unix()-u.row.At)*time.Second; u.left < 0 {
		return u, refused("undo_late", map[string]any{"N": int(u.move.Undo / time.Second)})
	}
	roles, err := t.roles(ticketPlace(k, units))
	if err != nil {
		return u, err
	}
	if !u.move.Allows(roles) {
		return u, denied()
	}
	if err := u.read(k, rows[1:]); err != nil {
		return u, err
	}
	told, err := table[Reminder](t.db).Where("item_kind = 'ticket' AND item_id = ? AND rule_id = 'event' AND step = ? AND status NOT IN ('queued', 'withdrawn')", k.ID, u.step(k)).Count(t.ctx, "id")
	if err == nil && told > 0 {
		err = refused("undo_told", nil)
	}
	return u, err
}

// step is the key of the reminders that told of the move.
func (u undone) step(k *Ticket) string { return eventOf(k, u.move.ID, k.Version).step }

// read unpacks what the move changed. It must be all that has changed, and no light or paper may have come or gone with it.
func (u *undone) read(k *Ticket, older []JournalRow) error {
	r, err := u.row.Decoded()
	if err != nil {
		return fmt.Errorf("read journal record %d: %w", u.row.No, err)
	}
	var after struct{ Version int64 }
	for raw, into := range map[*json.RawMessage]any{&r.Before: &u.before, &r.After: &after} {
		if err := json.Unmarshal(*raw, into); err != nil {
			return fmt.Errorf("read changes of journal record %d: %w", u.row.No, err)
		}
	}
	if after.Version != k.Version {
		return refused("undo_moved_on", nil)
	}
	for _, column := range slices.Sorted(maps.Keys(u.before)) {
		if !slices.Contains(restorable(), column) {
			return refused("undo_none", nil)
		}
	}
	if slices.ContainsFunc(older, func(o JournalRow) bool { return o.At == u.row.At && !strings.HasPrefix(o.Action, "ticket.") }) {
		return refused("undo_none", nil) // a light or a paper came or went in the same breath
	}
	return nil
}

// undo sets what the move changed to what it was, takes back what still waits to be told, and records that.
func (t *tx) undo(k *Ticket, units []TicketUnit, u undone) error {
	was := *k
	step := u.step(k)
	delete(u.before, "version")
	places := map[string][]int{}
	placesOf(reflect.TypeFor[Ticket](), nil, places)
	if err := setColumns(reflect.ValueOf(k).Elem(), u.before, places); err != nil {
		return fmt.Errorf("restore ticket %s: %w", k.No, err)
	}
	if k.State != was.State {
		if err := t.roomFor("tickets", k.TaskForceID, k.State); err != nil {
			return err
		}
	}
	if u.move.EachUnit {
		if err := t.undoRow(units, t.app.opt.Calendar.Today(time.Unix(u.row.At, 0))); err != nil {
			return err
		}
	}
	if err := t.withdrawn("undone", "item_kind = 'ticket' AND item_id = ? AND rule_id = 'event' AND step = ?", k.ID, step); err != nil {
		return err
	}
	if err := t.saveTicket(k); err != nil {
		return err
	}
	c := t.ticketChange("ticket.undo", k, was)
	c.basis = fmt.Sprintf("journal/%d ticket.%s", u.row.No, u.move.ID)
	t.record(c)
	return nil
}

// undoRow takes back that the actor's unit has accepted its row.
func (t *tx) undoRow(units []TicketUnit, on calendar.Date) error {
	for i := range units {
		u := &units[i]
		if u.UnitID != t.actor.UnitID || u.AcceptedBy != t.actor.ID || u.AcceptedOn != on {
			continue
		}
		u.AcceptedOn, u.AcceptedBy = 0, 0
		if err := update(t, u); err != nil {
			return err
		}
	}
	return nil
}
