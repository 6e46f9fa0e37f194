package app

import (
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// A published rule of slips (三明市2017年三色督办单) begins on the day on which a supervisor finds a matter slow or poor. Where the rule set of a ticket has one, the
// slip that the supervisor issues is the rule's own: its step is recorded, and the next colour follows by the rule, from the deadline that stands on the paper.

// slipDay is the measure on which a rule of slips is anchored.
const slipDay = "slip_on"

// slipFinding is what the ticket's rule of slips says if the matter is found slow or poor today and the form is the paper that this begins with; nil where there
// is no such rule, or its ladder begins with another paper.
func (t *tx) slipFinding(it item, form workflows.PaperForm) (*workflows.Finding, error) {
	if it.kind != "ticket" {
		return nil, nil
	}
	k, err := get[Ticket](t, it.id)
	if err != nil {
		return nil, err
	}
	k.SlipOn = t.today
	w := t.ticketWatch(k)
	for _, r := range w.rules(t.today) {
		if r.Anchor != slipDay {
			continue
		}
		s, err := w.subject(r, t.today, t.today)
		if err != nil {
			return nil, w.failed(r, err)
		}
		found, err := r.Reached(s, workflows.EndOf(int(t.today)), w.counts())
		if err != nil {
			return nil, w.failed(r, err)
		}
		if n := len(found); n > 0 && found[n-1].Step.Paper == form.ID {
			return &found[n-1], nil
		}
	}
	return nil, nil
}

// issueSlip marks the ticket as slow or poor from today on and issues the rule's first paper with what the supervisor wrote.
func (t *tx) issueSlip(it item, form workflows.PaperForm, f workflows.Finding, h handOrder) (*Paper, error) {
	if err := t.markSlip(it, t.today, h.facts); err != nil {
		return nil, err
	}
	return t.issueFinding(it, form, f, h)
}

// markSlip sets the day from which a ticket's rule of slips runs; zero ends it.
func (t *tx) markSlip(it item, on calendar.Date, why string) error {
	k, err := get[Ticket](t, it.id)
	if err != nil {
		return err
	}
	was, action := *k, "ticket.slip"
	if on.IsZero() {
		action = "ticket.end_slip"
	}
	k.SlipOn = on
	if err := update(t, k); err != nil {
		return err
	}
	c := t.ticketChange(action, k, was)
	c.reason = why
	t.record(c)
	return nil
}

// isSlip tells whether a rule of slips issued a paper: a supervisor who accepts the answer ends it, as with a paper outside any rule.
func (t *tx) isSlip(p *Paper) bool {
	law, found := t.book.of("ruleset", p.Ruleset, p.RulesetVersion)
	if !found {
		return false
	}
	r, found := law.rules.Rule(p.RuleID)
	return found && r.Anchor == slipDay
}

// answerWaits tells whether the step that a rule would go on to follows a paper whose answer is there and not decided on yet: nobody is late who waits for us.
func (t *tx) answerWaits(it item, f workflows.Finding) (bool, error) {
	if !f.Step.Follows {
		return false, nil
	}
	_, lives, err := t.papersOf(it, f.Rule)
	for _, l := range lives {
		if l.State == "answered" {
			return true, err
		}
	}
	return false, err
}
