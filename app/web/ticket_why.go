package web

import (
	"cmp"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// why explains every light that is on, the worst first, with the facts that the rule looked at on that day.
func (w *ticketWords) why() ([]templates.TicketWhy, error) {
	c := w.c
	lit := slices.DeleteFunc(slices.Clone(w.f.Escalations), func(e app.Escalation) bool { return !e.LiftedOn.IsZero() })
	slices.SortStableFunc(lit, func(a, b app.Escalation) int {
		switch {
		case a.Light.Worse(b.Light):
			return -1
		case b.Light.Worse(a.Light):
			return 1
		}
		return 0
	})
	var out []templates.TicketWhy
	for _, e := range lit {
		f, err := e.Explain()
		if err != nil {
			return nil, err
		}
		out = append(out, templates.TicketWhy{Light: c.Light(e.Light), Since: c.T("ticket.since", "Day", c.Day(e.BeganOn)), Sentence: f.Sentence(c.Lang, c.DayNumber),
			Facts: c.findingFacts(f), Brings: c.Consequences(e, f)})
	}
	return out, nil
}

// calm says why nothing is lit.
func (w *ticketWords) calm() string {
	switch w.c.ticketKind(w.f.Ticket.State) {
	case workflows.KindDraft:
		return w.c.T("ticket.calm_draft")
	case workflows.KindDone, workflows.KindEnded:
		return w.c.T("ticket.calm_done")
	case workflows.KindPaused:
		return w.c.T("ticket.calm_paused")
	}
	return w.c.T("ticket.calm")
}

// next lists what the rules will do if nothing changes, the nearest first.
func (w *ticketWords) next() []templates.TicketNext {
	c := w.c
	ahead := slices.DeleteFunc(slices.Clone(w.v.Outlook), func(f workflows.Finding) bool { return f.Next == nil || f.NextOn == 0 })
	slices.SortStableFunc(ahead, func(a, b workflows.Finding) int { return cmp.Compare(a.NextOn, b.NextOn) })
	var out []templates.TicketNext
	for _, f := range ahead {
		var told []string
		for _, id := range f.Next.Tell {
			told = append(told, titleOf(workflows.Recipients(), id, c.Lang))
		}
		brief := c.T("ticket.next_tell", "Who", strings.Join(told, c.T("work.and")))
		if f.Next.Paper != "" {
			brief = titleOf(workflows.Papers(), f.Next.Paper, c.Lang) + " · " + brief
		}
		if f.Next.Interview != "" {
			brief += " · " + c.T("ticket.next_interview", "Who", titleOf(workflows.Recipients(), f.Next.Interview, c.Lang))
		}
		out = append(out, templates.TicketNext{Light: c.Light(f.Next.Light), On: c.due(calendar.Date(f.NextOn)), Rule: f.RuleTitle.In(c.Lang), Brief: brief})
	}
	return out
}

func (w *ticketWords) moveTitle(id string) string {
	if m, ok := w.machine.Move(id); ok {
		return m.Title.In(w.c.Lang)
	}
	return w.c.T("move." + id)
}
