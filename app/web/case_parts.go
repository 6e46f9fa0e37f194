package web

import (
	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// ticketParts are the parts of a case that only a ticket has.
func (w caseWords) ticketParts() ([]templates.CasePart, error) {
	c := w.c
	f, err := c.s.App.TicketFile(c.ctx(), c.actor, w.one.No)
	if err != nil {
		return nil, err
	}
	t := &ticketWords{c: c, f: f, dir: w.dir, machine: c.s.App.MachineOf("ticket", f.Ticket.MachineVersion)}
	if t.v, err = c.s.App.TicketView(c.ctx(), c.actor, f); err != nil {
		return nil, err
	}
	if t.m, err = c.s.App.TicketMemory(c.ctx(), c.actor, f); err != nil {
		return nil, err
	}
	k := &f.Ticket
	object := templates.CasePart{Name: "object", Defs: append([]templates.Def{{Name: c.T("case.kind"), Text: c.T("kind." + k.Kind)}, {Name: c.T("case.state"), Text: c.ticketState(k.State), Note: c.lit(k.Light)}}, t.about()...)}
	if k.Instruction != "" {
		object.Texts = append(object.Texts, templates.CaseText{Head: c.T("case.instruction"), Body: k.Instruction, Note: t.quoteBy()})
	}
	if k.Feedback != "" {
		object.Texts = append(object.Texts, templates.CaseText{Head: c.T("case.feedback"), Body: k.Feedback})
	}
	chain := templates.CasePart{Name: "chain", Defs: append(holders(t.chain()), t.unitDefs()...)}
	return []templates.CasePart{object, chain, w.ticketDates(t), w.lights(f.Escalations)}, nil
}

// lit is a light in words, "" for none.
func (c *call) lit(light workflows.Light) string {
	if light == "" {
		return ""
	}
	return c.T("light." + string(light))
}

// ticketDates are the dates of a ticket, with those that were in force before, and the requests to move them.
func (w caseWords) ticketDates(t *ticketWords) templates.CasePart {
	c, k := w.c, &t.f.Ticket
	part := templates.CasePart{Name: "dates"}
	if k.DueTerm != "" {
		part.Defs = append(part.Defs, templates.Def{Name: c.T("ticket_due.term"), Text: c.dueTerm(k.DueTerm)})
	}
	for _, d := range []struct {
		key string
		on  calendar.Date
	}{{"case.issued_on", k.IssuedOn}, {"case.accepted_on", k.AcceptedOn}, {"case.baseline_on", k.BaselineOn}, {"case.judged_on", k.JudgedOn}, {"case.due_on", k.DueOn},
		{"case.submitted_on", k.SubmittedOn}, {"case.verified_on", k.VerifiedOn}, {"case.closed_on", k.ClosedOn}} {
		if !d.on.IsZero() {
			part.Defs = append(part.Defs, templates.Def{Name: c.T(d.key), Text: c.FullDay(d.on)})
		}
	}
	part.Defs = append(part.Defs, templates.Def{Name: c.T("case.counts"), Text: c.T("case.counts_of", "Dates", k.DateChanges, "Extensions", k.Extensions, "Pauses", k.Pauses, "Returns", k.Returns,
		"Disputes", k.Disputes, "HandOvers", k.HandOvers, "Reopens", k.Reopens)})
	return part
}

// projectParts are the parts of a case that only a project has.
func (w caseWords) projectParts() ([]templates.CasePart, error) {
	c := w.c
	d, err := c.s.App.ProjectDossier(c.ctx(), c.actor, w.one.No)
	if err != nil {
		return nil, err
	}
	p := projectSheet{c: c, d: d, dir: w.dir, offered: map[string]bool{}}
	state, _ := c.s.App.Machine("project").State(d.Project.Stage)
	object := templates.CasePart{Name: "object", Defs: append([]templates.Def{{Name: c.T("case.state"), Text: state.Title.In(c.Lang), Note: c.lit(d.Project.Light)}}, p.facts()...)}
	chain := templates.CasePart{Name: "chain", Defs: holders(p.chain())}
	parts := []templates.CasePart{object, chain}
	for _, t := range p.handed() {
		parts[1].Table = t
	}
	dates := templates.CasePart{Name: "milestones", Empty: c.T("case.no_milestones")}
	for _, t := range p.stones() {
		dates.Table, dates.Empty = t, ""
	}
	tickets := templates.CasePart{Name: "tickets", Empty: c.T("case.no_tickets")}
	for _, t := range c.ticketTable(d.Tickets, w.dir) {
		tickets.Table, tickets.Empty = t, ""
	}
	return append(parts, dates, w.months(d), w.lights(d.Escalations), tickets), nil
}

// months lists the months that were reported: what was reported, what was verified, and what was said.
func (w caseWords) months(d app.Dossier) templates.CasePart {
	c := w.c
	part := templates.CasePart{Name: "months"}
	for _, m := range d.Months {
		e := m.Entry
		if e == nil {
			continue
		}
		text := templates.CaseText{Head: c.T("case.month", "Month", c.Month(m.Month), "Plan", c.Money(m.PlanSum), "Reported", c.Money(e.ReportedFen)), Body: e.Text}
		if e.Problems != "" {
			text.Body += "\n" + e.Problems
		}
		text.Note = c.T("case.reported", "Name", w.person(e.ReportedBy), "At", c.at(e.ReportedAt))
		if e.VerifiedAt != 0 {
			text.Note += " " + c.T("case.verified", "Sum", c.Money(e.VerifiedFen), "Name", w.person(e.VerifiedBy), "At", c.at(e.VerifiedAt), "Note", e.VerifyNote)
		}
		part.Texts = append(part.Texts, text)
	}
	if len(part.Texts) == 0 {
		part.Empty = c.T("case.no_months")
	}
	return part
}
