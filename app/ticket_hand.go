package app

import (
	"context"
	"strings"

	"battlemap/workflows"
)

// HandTicket is the command that makes somebody of the lead unit the handler.
type HandTicket struct {
	Ticket, Version, HandlerID int64
	Reason                     string
}

// HandTicket hands a ticket to a handler of its lead unit; the unit's leader and the present handler may.
func (a *App) HandTicket(ctx context.Context, actor Actor, cmd HandTicket) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, err := get[Ticket](t, cmd.Ticket)
		if err != nil {
			return err
		}
		if err := t.mayHand(k); err != nil {
			return err
		}
		if cmd.Version != k.Version {
			return t.stale(recordsOfTicket, k.ID)
		}
		if s, _ := t.machine("ticket", k.MachineVersion).State(k.State); s.Kind != workflows.KindOpen && s.Kind != workflows.KindPaused {
			return refused("not_from_here", nil)
		}
		var c check
		c.text("reason", cmd.Reason, 500, true)
		if err := c.err(); err != nil {
			return err
		}
		user, err := chosen[User](t, "handler_id", cmd.HandlerID)
		if err != nil {
			return err
		}
		if user.UnitID != k.LeadUnitID || user.Disabled {
			return invalid("handler_id", "choose", nil)
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		was := *k
		k.HandlerID = user.ID
		k.HandOvers++
		if err := t.saveTicket(k); err != nil {
			return err
		}
		record := t.ticketChange("ticket.hand", k, was)
		record.reason = strings.TrimSpace(cmd.Reason)
		t.record(record)
		return t.tell(eventOf(k, "hand", k.Version), []int64{user.ID})
	})
}

// mayHand lets the lead unit's leader hand a ticket on, and its present handler; while it has none, every handler of the unit.
func (t *tx) mayHand(k *Ticket) error {
	roles := []workflows.Role{workflows.RoleUnitLeader}
	if k.HandlerID == 0 || k.HandlerID == t.actor.ID {
		roles = append(roles, workflows.RoleUnitHandler)
	}
	if state, _ := t.machine("ticket", k.MachineVersion).State(k.State); state.Kind == workflows.KindDraft {
		return missing()
	}
	return t.require(place{units: []int64{k.LeadUnitID}}, roles...)
}
