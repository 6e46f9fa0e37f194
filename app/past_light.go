package app

import (
	"fmt"
	"reflect"
	"strings"

	"battlemap/app/audit"
	"battlemap/workflows"
)

// isRung tells whether a record is about a rung; such records bear the kind and number of the item that reached it.
func isRung(action string) bool { return strings.HasPrefix(action, "escalation.") }

// applyRung adds a rung, or changes the one that a record is about. A record's object is the item: which rung of the rule it was, its step and date tell, or, in the
// records of earlier versions, what stood on it before.
func (p *past) applyRung(row JournalRow, r audit.Record) error {
	key := subjectKey{row.ObjectKind, row.ObjectID}
	e := &Escalation{}
	if row.Action == "escalation.raise" {
		if err := p.set(e, r.After); err != nil {
			return err
		}
		e.Finding = "" // the longest column by far, and no card shows it
		p.rungs[key] = append(p.rungs[key][:len(p.rungs[key]):len(p.rungs[key])], e)
		p.dark[key] = true
		return nil
	}
	at, err := p.rungOf(p.rungs[key], r)
	if err != nil || at < 0 {
		return err
	}
	rungs := append([]*Escalation(nil), p.rungs[key]...)
	*e = *rungs[at]
	if err := p.set(e, r.After); err != nil {
		return err
	}
	rungs[at] = e
	p.rungs[key] = rungs
	p.dark[key] = true
	return nil
}

// rungOf finds the newest rung of the record's rule that stood as the record says that it stood before; -1 when there is none.
func (p *past) rungOf(rungs []*Escalation, r audit.Record) (int, error) {
	for i := len(rungs) - 1; i >= 0; i-- {
		e := rungs[i]
		if r.Rule != fmt.Sprintf("%s/%s@%d", e.Ruleset, e.RuleID, e.RulesetVersion) {
			continue
		}
		before := *e
		if err := p.set(&before, r.Before); err != nil {
			return -1, err
		}
		if reflect.DeepEqual(before, *e) {
			return i, nil
		}
	}
	return -1, nil
}

// light works out the lights of the items that a step touched. What one transaction wrote is one step: its records bear the same second and request.
func (p *past) light() {
	for key := range p.dark {
		switch key.kind {
		case "project":
			p.relightProject(key.id)
		case "milestone":
			p.relightMilestone(key.id)
		case "ticket":
			p.relightTicket(key.id)
		}
	}
	clear(p.dark)
}

func (p *past) relightProject(id int64) {
	alter(p.projects, id, func(q *Project) {
		s, ok := p.app.MachineOf("project", q.MachineVersion).State(q.Stage)
		calm := workflows.LightNone
		if ok && s.Kind == workflows.KindOpen && !q.PlannedStartOn.IsZero() {
			calm = workflows.LightGreen
		}
		set := worst(p.lit(subjectKey{"project", id}), lamp{calm, "", p.today()}, lamp{q.Light, q.LightRule, q.LightSince})
		q.Light, q.LightRule, q.LightSince = set.light, set.rule, set.since
	})
}

func (p *past) relightMilestone(id int64) {
	alter(p.milestones, id, func(m *Milestone) {
		set := worst(p.lit(subjectKey{"milestone", id}), lamp{workflows.LightGreen, "", p.today()}, lamp{m.Light, m.LightRule, m.LightSince})
		m.Light, m.LightRule, m.LightSince = set.light, set.rule, set.since
	})
}

func (p *past) relightTicket(id int64) {
	alter(p.tickets, id, func(k *Ticket) {
		s, _ := p.app.MachineOf("ticket", k.MachineVersion).State(k.State)
		calm := workflows.LightNone
		if s.Kind == workflows.KindOpen || s.Kind == workflows.KindPaused {
			calm = workflows.LightGreen
		}
		set := worst(p.lit(subjectKey{"ticket", id}), lamp{calm, "", p.today()}, lamp{k.Light, k.LightRule, k.LightSince})
		k.Light, k.LightRule, k.LightSince = set.light, set.rule, set.since
	})
}

// lit are the rungs of an item that are not lifted.
func (p *past) lit(key subjectKey) []Escalation {
	var out []Escalation
	for _, e := range p.rungs[key] {
		if e.LiftedOn.IsZero() {
			out = append(out, *e)
		}
	}
	return out
}
