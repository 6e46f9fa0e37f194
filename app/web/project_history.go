package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// events are the last records about the project, in the words of the journal. That a rung went out because the next one was reached is left out: the next one says so.
func (p projectSheet) events() ([]templates.Event, error) {
	l, err := newLedger(p.c, p.d.Journal)
	if err != nil {
		return nil, err
	}
	var out []templates.Event
	for _, row := range p.d.Journal {
		r, err := row.Decoded()
		if err == nil && r.Action == "escalation.lift" && r.Reason == "superseded" {
			continue
		}
		out = append(out, p.event(l, row, r))
	}
	return out, nil
}

// event is a record as a line of the history: what was done to what, the change that matters, and the words that were given with it.
func (p projectSheet) event(l *ledger, row app.JournalRow, r audit.Record) templates.Event {
	line := l.line(row, 1)
	e := templates.Event{No: line.No, Href: line.Href, Proof: p.c.T("project.proof"), At: line.At, Who: line.Who, Unit: line.Unit, What: line.What, Text: line.Reason, System: line.System}
	if line.Damaged {
		return e
	}
	if part := p.part(l, row, r); part != "" {
		e.What += " " + part
	}
	if line.Rule != "" {
		e.Unit = line.Rule
	}
	before, after := object(r.Before), object(r.After)
	switch {
	case r.Action == "escalation.raise":
		e.Light, e.Text = l.c.Light(workflows.Light(rawText(after["light"]))), l.explained(rawText(after["finding"]))
	case r.Action == "project.judge":
		e.Light, e.Text = l.c.Light(workflows.Light(rawText(after["light"]))), p.c.T("project.judge_text", "Schedule", l.value("", "schedule_bp", after), "Done", l.value("", "done_bp", after))
	case len(before) == 0:
		e.Text = l.told(r.Object.Kind, after, e.Text)
	case !strings.HasPrefix(r.Action, "escalation."):
		e.Before, e.After = l.turned(r.Object.Kind, before, after)
	}
	return e
}

// part is what of the project a record is about: a ticket, a month's report or a milestone.
func (p projectSheet) part(l *ledger, row app.JournalRow, r audit.Record) string {
	if k := l.tickets[row.TicketID]; k.No != "" {
		return l.c.TicketNo(k.No) + " " + k.Name
	}
	if r.Object.Kind == "milestone" {
		if i := slices.IndexFunc(p.d.Milestones, func(m app.Milestone) bool { return m.ID == r.Object.ID }); i >= 0 {
			return p.d.Milestones[i].Name
		}
	}
	_, name, _ := strings.Cut(r.Object.No, " ")
	if m, err := calendar.ParseMonth(name); err == nil {
		return l.c.Month(m)
	}
	return name
}

// turned is the column that matters most among those that changed, before and after.
func (l *ledger) turned(kind string, before, after map[string]any) (was, is string) {
	for _, column := range []string{"stage", "state", "actual_on", "revised_on", "responsible_id", "unit_id", "guarantee_leader_id", "handler_id", "due_on"} {
		if _, changed := after[column]; changed {
			return l.column(kind, column) + " " + l.orNone(l.value(kind, column, before)), l.orNone(l.value(kind, column, after))
		}
	}
	return "", ""
}

// told is what a new thing says: its figures and dates, then the words that were given with it.
func (l *ledger) told(kind string, after map[string]any, reason string) string {
	var pieces []string
	for _, column := range []string{"reported_fen", "from_stage", "to_stage", "occurred_on", "criterion", "baseline_on", "responsible_id", "rule_id", "text", "evidence", "reason", "title"} {
		value := l.value(kind, column, after)
		if value == "" || value == reason {
			continue
		}
		pieces = append(pieces, l.column(kind, column)+" "+value)
	}
	if reason != "" {
		pieces = append(pieces, reason)
	}
	return strings.Join(pieces, l.c.T("project.semicolon"))
}
