package app

import (
	"cmp"
	"context"
	"strings"

	"battlemap/workflows"
)

// maxLevel is the highest level of coordination: the district's first leader.
const maxLevel = 4

// RaiseLevel is the command that takes a ticket to a higher level of coordination.
type RaiseLevel struct {
	Ticket, Version int64
	Level           int // 1 to 4, above the present one
	DecisionFrom    string
	Reason          string
}

// RaiseLevel says that the matter needs a decision from further up, and tells who holds that level: the project's responsible person, the head of the lead unit,
// the district leader who guarantees the project, the district's first leaders (分级协调, 桐庐).
func (a *App) RaiseLevel(ctx context.Context, actor Actor, cmd RaiseLevel) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, _, err := t.forAct(cmd.Ticket, cmd.Version, ActRaise)
		if err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, false)
		c.text("decision_from", cmd.DecisionFrom, 60, false)
		if cmd.Level <= k.CoordinationLevel || cmd.Level > maxLevel {
			c.add("level", "level_higher", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		was := *k
		k.CoordinationLevel, k.DecisionFrom = cmd.Level, strings.TrimSpace(cmd.DecisionFrom)
		if err := t.saveTicket(k); err != nil {
			return err
		}
		record := t.ticketChange("ticket.raise", k, was)
		record.reason = strings.TrimSpace(cmd.Reason)
		t.record(record)
		holders, err := t.levelHolders(k)
		if err != nil {
			return err
		}
		e := eventOf(k, ActRaise, k.Version)
		e.reason = record.reason
		return t.tellOthers(e, holders)
	})
}

// levelHolders are the people who hold the ticket's level of coordination; where a ticket has no project, or a post on it is vacant, the next post that stands
// in for it.
func (t *tx) levelHolders(k *Ticket) ([]int64, error) {
	find, err := t.finder(ticketItem(k))
	if err != nil {
		return nil, err
	}
	for _, rung := range [][]string{1: {"responsible_person", "unit_handler"}, 2: {"unit_leader"}, 3: {"guarantee_leader", "district_leader"}, 4: {"district_leader"}}[k.CoordinationLevel] {
		people, err := find(rung)
		if err != nil || len(people) > 0 {
			return people, err
		}
	}
	return nil, nil
}

// ReassignTicket is the command that gives a ticket to another lead unit.
type ReassignTicket struct {
	Ticket, Version int64
	LeadUnitID      int64
	Reason          string
}

// ReassignTicket gives a ticket that nobody has accepted to another lead unit, be it that the first one objects; it is issued to the new one, with the same term.
func (a *App) ReassignTicket(ctx context.Context, actor Actor, cmd ReassignTicket) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, units, err := t.forAct(cmd.Ticket, cmd.Version, ActReassign)
		if err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, false)
		if cmd.LeadUnitID == k.LeadUnitID {
			c.add("lead_unit_id", "same_unit", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		unit, err := chosen[Unit](t, "lead_unit_id", cmd.LeadUnitID)
		if err != nil {
			return err
		}
		if !unit.ValidTo.IsZero() && unit.ValidTo < t.today {
			return invalid("lead_unit_id", "choose", nil)
		}
		was, place := withUnits{*k, receivers(units)}, ticketPlace(k, units)
		if err := t.giveLead(k, units, unit.ID); err != nil {
			return err
		}
		now, err := t.ticketUnits(k.ID)
		if err != nil {
			return err
		}
		record := t.ticketChange("ticket.reassign", k, was)
		record.after = withUnits{*k, receivers(now)}
		record.reason = strings.TrimSpace(cmd.Reason)
		t.record(record)
		return t.tellReassigned(k, place, record.reason)
	})
}

// giveLead makes a unit the lead of a ticket, which then waits for it to accept; if it assisted, its own row goes, and the first unit has no row any more.
func (t *tx) giveLead(k *Ticket, units []TicketUnit, unit int64) error {
	for i := range units {
		u := &units[i]
		switch {
		case u.Part == "lead":
			continue
		case u.UnitID == unit:
			if _, err := table[TicketUnit](t.db).Where("id = ?", u.ID).Delete(t.ctx); err != nil {
				return err
			}
		}
	}
	for i := range units {
		if u := &units[i]; u.Part == "lead" {
			u.UnitID, u.AcceptedOn, u.AcceptedBy = unit, 0, 0
			if err := update(t, u); err != nil {
				return err
			}
		}
	}
	was := k.State
	k.LeadUnitID, k.HandlerID = unit, 0
	k.HandOvers++
	accept, ok := t.machine("ticket", k.MachineVersion).Move("accept")
	if issued := cmp.Or(accept.From...); ok && issued != "" && k.State != issued {
		k.State, k.StateSince = issued, t.today
		if err := t.lapse(k, was); err != nil {
			return err
		}
	}
	return t.saveTicket(k)
}

// tellReassigned tells the unit that the ticket is theirs now, and the one that it is theirs no more.
func (t *tx) tellReassigned(k *Ticket, before place, reason string) error {
	e := eventOf(k, ActReassign, k.Version)
	e.reason = reason
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return err
	}
	var people [][]int64
	for _, where := range []place{ticketPlace(k, units), before} {
		for _, role := range []workflows.Role{workflows.RoleUnitLeader, workflows.RoleUnitHandler} {
			told, err := t.holders(role, where)
			if err != nil {
				return err
			}
			people = append(people, told)
		}
	}
	return t.tellOthers(e, people...)
}
