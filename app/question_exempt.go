package app

import (
	"context"
	"slices"
)

// Exempted is a reason that was accepted: a rule does not light for it.
type Exempted struct {
	Told              // the record of the acceptance
	Rule       string // the rule's id
	About      string // the month or the due date that is excused, as it was written, "" for whatever the rule says of the item
	Reason     string
	PutOut     []int64 // numbers of the lights that went out with it
	FromAnswer bool    // by a paper's answer, not by a reason entered by itself
}

// ReasonsAccepted answers which reasons were accepted and by whom. The unit is that of who accepted.
func (a *App) ReasonsAccepted(ctx context.Context, actor Actor, f QuestionFilter) ([]Exempted, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	told, err := a.told(ctx, f, "exemption.accept", "paper.exempt", "escalation.lift")
	if err != nil {
		return nil, err
	}
	var out []Exempted
	for _, t := range told {
		last := len(out) - 1
		switch {
		case t.Row.Action == "escalation.lift":
			if last >= 0 && t.Is.Text("lifted_why") == "exempted" && together(out[last].Told, t) {
				out[last].PutOut = append(out[last].PutOut, t.No())
			}
		case t.Row.Action == "exemption.accept" && last >= 0 && out[last].FromAnswer && together(out[last].Told, t):
			out[last].Rule, out[last].About = t.Is.Text("rule_id"), excuses(t) // one decision, two records
		default:
			out = append(out, Exempted{Told: t, Rule: t.Is.Text("rule_id"), About: excuses(t), Reason: t.Record.Reason, FromAnswer: t.Row.Action == "paper.exempt"})
		}
	}
	out = slices.DeleteFunc(out, func(e Exempted) bool { return unit != "" && e.Record.Actor.Unit != unit })
	slices.Reverse(out)
	return out, nil
}

// together tells whether two records were written in one transaction about one ticket or project.
func together(x, y Told) bool {
	return x.Row.At == y.Row.At && y.No()-x.No() <= nearby && x.Record.Request == y.Record.Request && x.Row.ProjectID == y.Row.ProjectID && x.Row.TicketID == y.Row.TicketID
}

// excuses is the month or the due date that an accepted reason is about.
func excuses(t Told) string {
	if month := t.Is.Text("month"); month != "" {
		return month
	}
	return t.Is.Text("due_on")
}
