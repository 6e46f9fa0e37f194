package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
)

// DraftTicket is the command that drafts a ticket.
type DraftTicket struct {
	Kind, Title, Basis, Instruction string
	TaskForceID, ProjectID          int64
	LeadUnitID                      int64
	AssistUnitIDs                   []int64
	LeaderID                        int64
	DueTerm                         string
	DueOn                           calendar.Date // instead of DueTerm
	Cause, DecisionFrom             string
	CoordinationLevel               int
	Complex                         bool
	Urgency, Importance             string // "" for normal
}

// DraftTicket drafts a ticket in its task force; it does not exist for the units until it is issued.
func (a *App) DraftTicket(ctx context.Context, actor Actor, cmd DraftTicket) (*Ticket, error) {
	k := cmd.ticket(actor)
	asked := *k
	err := a.write(ctx, actor, func(t *tx) error {
		*k = asked // a second run begins where the first one did
		return t.draftTicket(k, cmd)
	})
	return k, err
}

// draft stores a checked draft with its number and its receiving units.
func (t *tx) draft(k *Ticket, assist []int64) error {
	machine := t.machineNow("ticket")
	k.State, k.StateSince, k.MachineVersion, k.CreatedAt = machine.Initial, t.today, machine.Version, t.now.Unix()
	n, err := t.next(fmt.Sprintf("ticket %d", t.today.Year()))
	if err != nil {
		return err
	}
	k.No = fmt.Sprintf("%d-%03d", t.today.Year(), n)
	if err := t.roomFor("tickets", k.TaskForceID, k.State); err != nil {
		return err
	}
	if err := insert(t, k); err != nil {
		return err
	}
	if err := t.addUnits(k, assist); err != nil {
		return err
	}
	c := t.ticketChange("ticket.draft", k, nil)
	c.basis = k.Basis
	t.record(c)
	return nil
}

// ticket is the draft as the command asks for it.
func (cmd DraftTicket) ticket(actor Actor) *Ticket {
	return &Ticket{Kind: cmd.Kind, Title: strings.TrimSpace(cmd.Title), Basis: strings.TrimSpace(cmd.Basis), Instruction: strings.TrimSpace(cmd.Instruction),
		TaskForceID: cmd.TaskForceID, ProjectID: cmd.ProjectID, LeadUnitID: cmd.LeadUnitID, LeaderID: cmd.LeaderID, DueTerm: cmd.DueTerm, DueOn: cmd.DueOn,
		Cause: cmd.Cause, DecisionFrom: cmd.DecisionFrom, CoordinationLevel: cmd.CoordinationLevel, IssuerUnitID: actor.UnitID, CreatedBy: actor.ID, Complex: cmd.Complex,
		Urgency: cmp.Or(cmd.Urgency, "normal"), Importance: cmp.Or(cmd.Importance, "normal")}
}

// draftTicket checks and stores a draft.
func (t *tx) draftTicket(k *Ticket, cmd DraftTicket) error {
	if err := t.checkDraft(k, cmd); err != nil {
		return err
	}
	if err := t.require(place{taskForce: k.TaskForceID}, drafters()...); err != nil {
		return err
	}
	return t.draft(k, cmd.AssistUnitIDs)
}

func (t *tx) checkDraft(k *Ticket, cmd DraftTicket) error {
	var c check
	if !slices.Contains(TicketKinds(), k.Kind) {
		c.add("kind", "choose", nil)
	}
	c.text("title", k.Title, 80, false)
	c.text("basis", k.Basis, 200, false)
	c.text("instruction", k.Instruction, 2000, k.Kind != "instruction")
	if k.LeadUnitID == 0 {
		c.add("lead_unit_id", "choose", nil)
	}
	if k.Kind == "blocker" && !slices.Contains(Causes(), k.Cause) {
		c.add("cause", "choose", nil)
	}
	if !slices.Contains(Urgencies(), k.Urgency) {
		c.add("urgency", "choose", nil)
	}
	if !slices.Contains(Importances(), k.Importance) {
		c.add("importance", "choose", nil)
	}
	if k.CoordinationLevel < 0 || k.CoordinationLevel > 4 {
		c.add("coordination_level", "choose", nil)
	}
	if term, err := calendar.ParseTerm(k.DueTerm); k.DueTerm != "" && (err != nil || term.N <= 0 || term.Unit == calendar.UnitHour) || (k.DueTerm == "") == k.DueOn.IsZero() {
		c.add("due_on", "due_needed", nil)
	}
	if !k.DueOn.IsZero() && k.DueOn < t.today {
		c.add("due_on", "in_past", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	return t.checkDraftRows(k, cmd.AssistUnitIDs)
}

func (t *tx) checkDraftRows(k *Ticket, assist []int64) error {
	if _, err := chosen[TaskForce](t, "task_force_id", k.TaskForceID); err != nil {
		return err
	}
	if err := optional[User](t, "leader_id", k.LeaderID); err != nil {
		return err
	}
	for _, unit := range append([]int64{k.LeadUnitID}, assist...) {
		if _, err := chosen[Unit](t, "lead_unit_id", unit); err != nil {
			return err
		}
	}
	if k.ProjectID == 0 {
		return nil
	}
	p, err := chosen[Project](t, "project_id", k.ProjectID)
	if err != nil {
		return err
	}
	if p.TaskForceID != k.TaskForceID {
		return invalid("project_id", "project_elsewhere", nil)
	}
	return nil
}

func (t *tx) addUnits(k *Ticket, assist []int64) error {
	if err := insert(t, &TicketUnit{TicketID: k.ID, UnitID: k.LeadUnitID, Part: "lead"}); err != nil {
		return err
	}
	for _, unit := range assist {
		if unit == k.LeadUnitID {
			continue
		}
		if err := insert(t, &TicketUnit{TicketID: k.ID, UnitID: unit, Part: "assist"}); err != nil {
			return taken(err, "assist_unit_ids")
		}
	}
	return nil
}
