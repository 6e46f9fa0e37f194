package app

import (
	"context"
	"strconv"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// maxChildren is into how many a ticket can be split at once.
const maxChildren = 8

// ChildDraft is one of the duties that a ticket is split into.
type ChildDraft struct {
	Title       string
	Instruction string // "" takes over the ticket's own
	LeadUnitID  int64
	DueOn       calendar.Date // not later than the ticket's; zero takes over the ticket's
}

// SplitTicket is the command that splits a ticket of several duties.
type SplitTicket struct {
	Ticket, Version int64
	Reason          string
	Children        []ChildDraft
}

// SplitTicket drafts a ticket for each duty. The ticket itself goes on and can't be closed before they are over: whoever issued it sees that all was done.
func (a *App) SplitTicket(ctx context.Context, actor Actor, cmd SplitTicket) ([]Ticket, error) {
	var out []Ticket
	err := a.write(ctx, actor, func(t *tx) error {
		out = nil
		k, units, err := t.forAct(cmd.Ticket, cmd.Version, ActSplit)
		if err != nil {
			return err
		}
		if err := t.checkSplit(k, cmd); err != nil {
			return err
		}
		was := *k
		for _, child := range cmd.Children {
			d := Ticket{Kind: k.Kind, Title: strings.TrimSpace(child.Title), Basis: k.Basis, Instruction: strings.TrimSpace(child.Instruction), TaskForceID: k.TaskForceID,
				ProjectID: k.ProjectID, IssuerUnitID: t.actor.UnitID, LeadUnitID: child.LeadUnitID, LeaderID: k.LeaderID, CreatedBy: t.actor.ID, DueOn: child.DueOn,
				Complex: k.Complex, Urgency: k.Urgency, Importance: k.Importance, Cause: k.Cause, CoordinationLevel: k.CoordinationLevel, DecisionFrom: k.DecisionFrom,
				ParentTicketID: k.ID}
			if d.Instruction == "" {
				d.Instruction = k.Instruction
			}
			if d.DueOn.IsZero() {
				d.DueOn = k.DueOn
			}
			if err := t.draft(&d, nil); err != nil {
				return err
			}
			out = append(out, d)
		}
		if err := t.saveTicket(k); err != nil {
			return err
		}
		record := t.ticketChange("ticket.split", k, was)
		record.reason = strings.TrimSpace(cmd.Reason)
		t.record(record)
		return t.tellSplit(k, units, record.reason)
	})
	return out, err
}

// checkSplit names the faults of each duty at its own fields: "title-1" is the first one's title.
func (t *tx) checkSplit(k *Ticket, cmd SplitTicket) error {
	if k.DueOn < t.today {
		return refused("split_overdue", map[string]any{"Day": k.DueOn})
	}
	var c check
	c.text("reason", cmd.Reason, 500, false)
	if n := len(cmd.Children); n < 2 || n > maxChildren {
		field := "title-" + strconv.Itoa(min(n+1, maxChildren))
		c.add(field, "split_count", map[string]any{"Max": maxChildren})
	}
	for i, child := range cmd.Children {
		n := "-" + strconv.Itoa(i+1)
		c.text("title"+n, child.Title, 80, false)
		c.text("instruction"+n, child.Instruction, 2000, true)
		switch {
		case child.DueOn.IsZero():
		case child.DueOn < t.today:
			c.add("due_on"+n, "in_past", nil)
		case child.DueOn > k.DueOn:
			c.add("due_on"+n, "after_parent", map[string]any{"Day": k.DueOn})
		}
		if child.LeadUnitID == 0 {
			c.add("lead_unit_id"+n, "choose", nil)
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	for i, child := range cmd.Children {
		if _, err := chosen[Unit](t, "lead_unit_id-"+strconv.Itoa(i+1), child.LeadUnitID); err != nil {
			return err
		}
	}
	return nil
}

// tellSplit tells those who work on the ticket that it is done in parts, and those who submit drafts that some wait.
func (t *tx) tellSplit(k *Ticket, units []TicketUnit, reason string) error {
	e := eventOf(k, ActSplit, k.Version)
	e.reason = reason
	where := ticketPlace(k, units)
	var people [][]int64
	for _, rung := range []string{"unit_leader", "unit_handler", "taskforce_member"} {
		told, err := t.told(k, rung, where)
		if err != nil {
			return err
		}
		people = append(people, told)
	}
	return t.tellOthers(e, people...)
}

// childrenDone refuses to finish a ticket whose parts are still open.
func (t *tx) childrenDone(k *Ticket, move workflows.Move) error {
	machine := t.machine("ticket", k.MachineVersion)
	if to, _ := machine.State(move.To); to.Kind != workflows.KindDone {
		return nil
	}
	children, err := list[Ticket](t, "id", "parent_ticket_id = ? AND parent_ticket_id > 0", k.ID)
	if err != nil {
		return err
	}
	var open []string
	for i := range children {
		if !t.over(&children[i]) {
			open = append(open, children[i].No)
		}
	}
	if len(open) > 0 {
		return refused("children_open", map[string]any{"N": len(open), "Nos": strings.Join(open, "、")})
	}
	return nil
}
