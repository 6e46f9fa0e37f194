package app

import (
	"context"
	"slices"
)

// TakenBack is an objection, or something that was withdrawn.
type TakenBack struct {
	Told         // the record of the objection or the withdrawal
	Origin  Told // what was withdrawn, where it has a record of its own
	Outcome Told // how the objection was decided, without a number while it is open
	Days    int  // working days from the objection to its outcome, or to today
	Open    bool // an objection that nobody has decided
	Dispute bool
}

// withdrawals lists the actions by which people or rules take something back.
func withdrawals() []string {
	return []string{"ticket.withdraw", "ticket.terminate", "ticket.withdraw_extension", "ticket.withdraw_pause", "ticket.undo", "comment.withdraw", "attachment.withdraw", "paper.end", "law.withdraw"}
}

// DisputedAndWithdrawn answers which tickets were objected to and with what outcome, and what was withdrawn: tickets, requests, moves, comments, files, and papers
// that a rule ended before they were done with. The unit is that of who objected or withdrew.
func (a *App) DisputedAndWithdrawn(ctx context.Context, actor Actor, f QuestionFilter) ([]TakenBack, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	told, err := a.told(ctx, f, append(withdrawals(), "ticket.dispute")...)
	if err != nil {
		return nil, err
	}
	decided, err := a.toldAbout(ctx, "ticket_id", aboutOf(told, ticketOf), "ticket.uphold", "ticket.withdraw", "ticket.terminate", "comment.add", "attachment.add", "paper.issue")
	if err != nil {
		return nil, err
	}
	begun, err := a.toldAbout(ctx, "project_id", aboutOf(told, projectOf), "comment.add", "attachment.add", "paper.issue")
	if err != nil {
		return nil, err
	}
	ofTicket, origins := grouped(decided, ticketOf), grouped(decided, objectOf)
	for about, list := range grouped(begun, objectOf) {
		if len(origins[about]) == 0 {
			origins[about] = list
		}
	}
	var out []TakenBack
	for _, t := range told {
		if unit != "" && t.Record.Actor.Unit != unit || t.Row.Action == "paper.end" && t.Record.Reason == "superseded" { // the graver paper took its place
			continue
		}
		b := TakenBack{Told: t}
		if t.Row.Action == "ticket.dispute" {
			a.settledBy(&b, ofTicket[t.Row.TicketID])
		} else if t.Row.ObjectKind != "ticket" {
			b.Origin = newest(origins[objectOf(t.Row)], t.No(), func(Told) bool { return true })
		}
		out = append(out, b)
	}
	slices.Reverse(out)
	return out, nil
}

// settledBy finds the decision on an objection among those on its ticket.
func (a *App) settledBy(b *TakenBack, decided []Told) {
	b.Dispute = true
	b.Outcome = next(decided, b.No(), func(o Told) bool { return o.Row.ObjectKind == "ticket" })
	until := a.Today()
	if b.Open = b.Outcome.No() == 0; !b.Open {
		until = a.dayOf(b.Outcome.Row.At)
	}
	b.Days = a.CalendarFor(b.Row.TaskForceID).Workdays(a.dayOf(b.Row.At), until)
}
