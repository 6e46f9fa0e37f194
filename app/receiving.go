package app

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// A unit's part in a ticket is an item of its own where the rule set of the ticket has rules about receiving units: it has a due date, steps, papers and a light.

// partItem is a unit's part in a ticket.
func (t *tx) partItem(k *Ticket, u *TicketUnit) (item, error) {
	unit, err := look[Unit](t, u.UnitID)
	if err != nil {
		return item{}, err
	}
	return item{kind: "receiving_unit", id: u.ID, no: k.No, title: k.Title + " · " + unit.Name, taskForce: k.TaskForceID, project: k.ProjectID, ticket: k.ID}, nil
}

// partFacts are what a rule may ask about a unit's part. The lead unit replies by submitting the ticket, an assisting unit by its own reply.
func (t *tx) partFacts(k *Ticket, u *TicketUnit) (workflows.Facts, error) {
	f, err := t.ticketFacts(k)
	if err != nil {
		return nil, err
	}
	f = maps.Clone(f)
	replied := u.RepliedOn
	if u.Part == "lead" {
		replied = k.SubmittedOn
	}
	due := u.DueOn
	if due.IsZero() {
		due = k.DueOn
	}
	f["part"], f["due_on"], f["exempt"] = u.Part, int(due), false
	f["accepted"], f["accepted_on"] = !u.AcceptedOn.IsZero(), int(u.AcceptedOn)
	f["replied"], f["replied_on"] = !replied.IsZero(), int(replied)
	return f, nil
}

// partWatch is a unit's part as the rules look at it under which the ticket was issued.
func (t *tx) partWatch(k *Ticket, u *TicketUnit) (*watch, error) {
	it, err := t.partItem(k, u)
	if err != nil {
		return nil, err
	}
	w := &watch{t: t, item: it, law: func(calendar.Date) *workflows.Ruleset { return t.rulesOf(k.Ruleset) }}
	w.facts = func(*workflows.Rule, calendar.Date, calendar.Date) (workflows.Facts, error) { return t.partFacts(k, u) }
	w.past = func(_ *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		then, err := t.pastOf(recordsOfTicket, k.ID, last)
		if err != nil || then.tickets[k.ID] == nil || then.tickets[k.ID].IssuedOn.IsZero() {
			return nil, err
		}
		return t.partFacts(then.tickets[k.ID], u.asOf(last))
	}
	return w, nil
}

// asOf is the part as it stood at the end of a day.
func (u TicketUnit) asOf(day calendar.Date) *TicketUnit {
	for _, on := range []*calendar.Date{&u.AcceptedOn, &u.RepliedOn} {
		if *on > day {
			*on = 0
		}
	}
	return &u
}

// eachPart visits the parts of an issued ticket whose rule set has rules about them. The ticket's row is locked, so its parts are too.
func (t *tx) eachPart(k *Ticket, visit func(*TicketUnit, *watch) error) error {
	if k.ID == 0 || k.IssuedOn.IsZero() || len(t.rulesOf(k.Ruleset).For("receiving_unit")) == 0 {
		return nil
	}
	parts, err := t.ticketUnits(k.ID)
	if err != nil {
		return err
	}
	for i := range parts {
		w, err := t.partWatch(k, &parts[i])
		if err != nil {
			return err
		}
		if err := visit(&parts[i], w); err != nil {
			return err
		}
	}
	return nil
}

// settleParts raises what the parts of a ticket have reached by now.
func (t *tx) settleParts(k *Ticket) error {
	return t.eachPart(k, func(u *TicketUnit, w *watch) error {
		if err := t.settlePapers(w.item); err != nil {
			return err
		}
		return w.settle(&u.NextCheckAt)
	})
}

// saveParts works out the lights, due dates and alarm clocks of the parts of a ticket that was settled before. Only lamps change: the version of a part stays.
func (t *tx) saveParts(k *Ticket) error {
	return t.eachPart(k, func(u *TicketUnit, w *watch) error {
		calm := lamp{t.calmTicket(k), "", t.today}
		if err := t.partDue(k, u, w); err != nil {
			return err
		}
		set, err := w.relight(calm, lamp{u.Light, u.LightRule, u.LightSince})
		if err != nil {
			return err
		}
		u.NextCheckAt = 0 // it was settled before
		if err := w.wind(&u.NextCheckAt); err != nil {
			return err
		}
		return execute(t.ctx, t.db, "UPDATE ticket_units SET due_on = ?, light = ?, light_rule = ?, light_since = ?, next_check_at = ? WHERE id = ?",
			u.DueOn, set.light, set.rule, set.since, u.NextCheckAt, u.ID)
	})
}

// partDue works out the part's due date: the deadline of the first rule that gives it one and applies, else that of the ticket. One that no rule applies to any more,
// since the unit has replied, stays on record.
func (t *tx) partDue(k *Ticket, u *TicketUnit, w *watch) error {
	ruled := false
	for _, r := range w.rules(t.today) {
		if r.Anchor == "" || len(r.Due) == 0 {
			continue
		}
		f, err := w.explain(r, t.momentOn(t.today))
		if err != nil {
			return err
		}
		if f.Holds() {
			u.DueOn = calendar.Date(f.Due)
			return nil
		}
		ruled = true
	}
	if !ruled || u.DueOn.IsZero() {
		u.DueOn = k.DueOn
	}
	return nil
}

// itemUnit is the unit that an item itself names, 0 where it names none.
func (t *tx) itemUnit(it item) (int64, error) {
	switch it.kind {
	case "receiving_unit":
		u, err := look[TicketUnit](t, it.id)
		if err != nil {
			return 0, err
		}
		return u.UnitID, nil
	case "task_force", "unit":
		return t.subjectUnit(it)
	}
	return 0, nil
}

// lockPart locks the ticket that a part belongs to.
func (t *tx) lockPart(id int64) (*Ticket, error) {
	u, err := look[TicketUnit](t, id)
	if err != nil {
		return nil, err
	}
	return get[Ticket](t, u.TicketID)
}

// checkPartItem settles the ticket of a part whose alarm clock has rung.
func (t *tx) checkPartItem(id int64) error {
	k, err := t.lockPart(id)
	if err != nil {
		return err
	}
	if err := t.settleTicket(k); err != nil {
		return err
	}
	return t.saveTicket(k)
}

// rewindPart only winds a part's alarm clock.
func (t *tx) rewindPart(id int64) error {
	k, err := t.lockPart(id)
	if err != nil {
		return err
	}
	u, err := look[TicketUnit](t, id)
	if err != nil {
		return err
	}
	w, err := t.partWatch(k, u)
	if err != nil {
		return err
	}
	u.NextCheckAt = 0
	if err := w.wind(&u.NextCheckAt); err != nil {
		return err
	}
	return t.setAlarm("ticket_units", id, u.NextCheckAt)
}

// ReplyPart is the command with which an assisting unit replies for its part; the lead unit replies by submitting the ticket.
type ReplyPart struct {
	Part, Version int64
	Text          string
}

// ReplyPart files the reply of an assisting unit, once; its handler or leader may, after accepting, while the ticket is worked on.
func (a *App) ReplyPart(ctx context.Context, actor Actor, cmd ReplyPart) error {
	return a.write(ctx, actor, func(t *tx) error {
		u, err := look[TicketUnit](t, cmd.Part)
		if err != nil {
			return err
		}
		k, err := get[Ticket](t, u.TicketID)
		if err != nil {
			return err
		}
		if err := t.require(place{units: []int64{u.UnitID}}, workflows.RoleUnitHandler, workflows.RoleUnitLeader); err != nil {
			return err
		}
		if u, err = get[TicketUnit](t, u.ID); err != nil {
			return err
		}
		if err := t.mayReply(k, u); err != nil {
			return err
		}
		if u.Version != cmd.Version {
			return t.stale(recordsOfTicket, k.ID)
		}
		var c check
		c.text("reply", cmd.Text, 2000, false)
		if err := c.err(); err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		was := *u
		u.RepliedOn, u.RepliedBy, u.Reply = t.today, t.actor.ID, strings.TrimSpace(cmd.Text)
		if err := update(t, u); err != nil {
			return err
		}
		it, err := t.partItem(k, u)
		if err != nil {
			return err
		}
		t.record(change{action: "ticket_unit.reply", kind: "ticket_unit", id: u.ID, no: it.no, taskForce: it.taskForce, project: it.project, ticket: it.ticket, before: was, after: u})
		if err := t.saveTicket(k); err != nil {
			return fmt.Errorf("light ticket %s after a reply: %w", k.No, err)
		}
		return nil
	})
}

// mayReply refuses a reply that is not asked for here: the page offers the form by asking the same.
func (t *tx) mayReply(k *Ticket, u *TicketUnit) error {
	s, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	switch {
	case s.Kind == workflows.KindDraft:
		return missing()
	case u.Part != "assist":
		return refused("part_lead", nil)
	case s.Kind != workflows.KindOpen && s.Kind != workflows.KindPaused:
		return refused("not_from_here", nil)
	case !u.RepliedOn.IsZero():
		return refused("part_replied", nil)
	}
	return nil
}

// MayReply lists the parts of a ticket's file that the actor may reply for now.
func (a *App) MayReply(ctx context.Context, actor Actor, f TicketFile) ([]TicketUnit, error) {
	t := a.view(ctx, actor)
	var out []TicketUnit
	for i := range f.Units {
		u := &f.Units[i]
		if t.actor.trusted() || t.mayReply(&f.Ticket, u) != nil {
			continue
		}
		err := t.require(place{units: []int64{u.UnitID}}, workflows.RoleUnitHandler, workflows.RoleUnitLeader)
		if err == nil {
			out = append(out, *u)
		} else if AsFaults(err) == nil {
			return nil, err
		}
	}
	return out, nil
}
