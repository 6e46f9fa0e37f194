package app

import (
	"context"
	"slices"

	"battlemap/workflows"
)

// What may be done with a ticket beside the moves of its workflow. A workflow says what follows what; these say who works on it, what belongs to it and who
// decides, and leave its state alone, except that a duplicate ends by the workflow's own termination.
const (
	ActHand      = "hand"      // 转交承办人: to somebody of the lead unit
	ActReassign  = "reassign"  // 改派: to another lead unit
	ActSplit     = "split"     // 拆分
	ActDuplicate = "duplicate" // 标记重复
	ActLink      = "link"      // 关联前置事项
	ActRaise     = "raise"     // 提级协调
)

// TicketActs lists them in the order in which pages offer them.
func TicketActs() []string {
	return []string{ActHand, ActReassign, ActSplit, ActRaise, ActLink, ActDuplicate}
}

// raisers may take a ticket to a higher level of coordination.
func raisers() []workflows.Role {
	return append(drafters(), workflows.RoleUnitLeader)
}

// linkers may say that a ticket waits for another: those who work on it too, who know it first.
func linkers() []workflows.Role {
	return append(raisers(), workflows.RoleUnitHandler)
}

// reassigners may give a ticket that nobody has accepted to another lead unit; never on the objection of their own unit.
func reassigners() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleTaskforceLeader}
}

// mayAct fails unless the actor may do this with the ticket as it is now.
func (t *tx) mayAct(k *Ticket, units []TicketUnit, act string) error {
	if err := t.ticketVisible(k, units); err != nil {
		return err
	}
	where := ticketPlace(k, units)
	machine := t.machine("ticket", k.MachineVersion)
	switch act {
	case ActHand:
		if err := t.mayHand(k); err != nil {
			return err
		}
	case ActSplit:
		if err := t.require(place{taskForce: k.TaskForceID}, drafters()...); err != nil {
			return err
		}
	case ActLink:
		if err := t.require(where, linkers()...); err != nil {
			return err
		}
	case ActRaise:
		if err := t.require(where, raisers()...); err != nil {
			return err
		}
		if k.CoordinationLevel >= maxLevel {
			return refused("highest_level", nil)
		}
	case ActReassign:
		return t.mayReassign(k, where, machine)
	case ActDuplicate:
		_, err := t.allowedMove(k, units, "terminate")
		return err
	}
	if state, _ := machine.State(k.State); state.Kind != workflows.KindOpen && state.Kind != workflows.KindPaused {
		return refused("not_from_here", nil)
	}
	return nil
}

// mayReassign asks that nobody works on the ticket yet: its units may still accept it, or object and be heard.
func (t *tx) mayReassign(k *Ticket, where place, machine *workflows.Machine) error {
	if err := t.require(where, reassigners()...); err != nil {
		return err
	}
	own, err := t.ofUnits(where.units...)
	if err != nil {
		return err
	}
	if own {
		return refused("recused", nil)
	}
	for _, id := range []string{"accept", "withdraw"} {
		if move, ok := machine.Move(id); ok && slices.Contains(move.From, k.State) {
			return nil
		}
	}
	return refused("not_from_here", nil)
}

// forAct reads a ticket for an act: it must be there for the actor, theirs to act on, and as the person saw it.
func (t *tx) forAct(id, version int64, act string) (*Ticket, []TicketUnit, error) {
	k, err := get[Ticket](t, id)
	if err != nil {
		return nil, nil, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, nil, err
	}
	err = t.mayAct(k, units, act)
	if fault := AsFaults(err); err != nil && (fault == nil || fault[0].Kind != Refused) {
		return nil, nil, err
	}
	if version != k.Version {
		return nil, nil, t.stale(recordsOfTicket, k.ID)
	}
	if err != nil {
		return nil, nil, err
	}
	return k, units, t.settleTicket(k)
}

// otherTicket reads the ticket that an act names beside its own; one out of sight is not on the list.
func (t *tx) otherTicket(field string, id int64) (*Ticket, error) {
	k, err := chosen[Ticket](t, field, id)
	if err != nil {
		return nil, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, err
	}
	err = t.ticketVisible(k, units)
	if fault := AsFaults(err); fault != nil {
		return nil, invalid(field, "choose", nil)
	}
	return k, err
}

// tellOthers tells people of an act, each once, and nobody of what they did themselves.
func (t *tx) tellOthers(e event, people ...[]int64) error {
	var to []int64
	for _, p := range slices.Concat(people...) {
		if p != t.actor.ID && !slices.Contains(to, p) {
			to = append(to, p)
		}
	}
	return t.tell(e, to)
}

// MayAct tells whether the actor may do one thing with a ticket beside its moves.
func (a *App) MayAct(ctx context.Context, actor Actor, k Ticket, act string) (bool, error) {
	t := a.view(ctx, actor)
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return false, err
	}
	err = t.mayAct(&k, units, act)
	return err == nil, only(err)
}

// Acts lists what the actor may do with a ticket beside its moves, asking the very functions that the door asks.
func (a *App) Acts(ctx context.Context, actor Actor, k Ticket) ([]string, error) {
	t := a.view(ctx, actor)
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, err
	}
	return t.acts(&k, units)
}

func (t *tx) acts(k *Ticket, units []TicketUnit) ([]string, error) {
	var out []string
	for _, act := range TicketActs() {
		err := t.mayAct(k, units, act)
		switch {
		case err == nil:
			out = append(out, act)
		case AsFaults(err) == nil:
			return nil, err
		}
	}
	return out, nil
}
