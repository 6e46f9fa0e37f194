package web

import (
	"net/url"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) ticketPage(c *call) error {
	f, err := s.App.TicketFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	return s.showTicket(c, statusPage, f, typedMove{move: c.QueryParam("do")})
}

// ticketWords is what the page of a ticket is worded with.
type ticketWords struct {
	c       *call
	f       app.TicketFile
	v       app.TicketView
	m       app.TicketMemory
	why     explained
	dir     app.Directory
	machine *workflows.Machine
	records []ticketRecord // newest first
	typed   typedMove
}

// showTicket draws the page of a ticket; typed is what was typed into one of its forms, or which form to open.
func (s *server) showTicket(c *call, status int, f app.TicketFile, typed typedMove) error {
	w := &ticketWords{c: c, f: f, machine: s.App.MachineOf("ticket", f.Ticket.MachineVersion), typed: typed}
	var err error
	if w.v, err = s.App.TicketView(c.ctx(), c.actor, f); err != nil {
		return err
	}
	if w.m, err = s.App.TicketMemory(c.ctx(), c.actor, f); err != nil {
		return err
	}
	if w.dir, err = s.App.Directory(c.ctx()); err != nil {
		return err
	}
	if w.why, err = c.explained("ticket", f.Ticket.No); err != nil {
		return err
	}
	if w.records, err = readRecords(f.Journal); err != nil {
		return err
	}
	page, err := w.page()
	if err != nil {
		return err
	}
	page.Seen = c.visit.Journal // as it was before anything was read: what happens meanwhile is news
	if page.Told, err = c.toldBox(f.Reminders, w.dir, f.Ticket.No); err != nil {
		return err
	}
	if page.Kin, err = c.kinDefs(f.Ticket); err != nil {
		return err
	}
	if page.Unlink, err = w.unlink(); err != nil {
		return err
	}
	if page.Undo, err = w.undo(); err != nil {
		return err
	}
	if c.rights.Triage && len(f.Moves) > 0 {
		page.Triage = "/triage?no=" + url.QueryEscape(f.Ticket.No)
	}
	if c.rights.Journal {
		page.Case = page.Path + "/case.zip"
	}
	if page.Issued, err = c.paperBox("ticket", f.Ticket.ID, f.Ticket.No); err != nil {
		return err
	}
	if page.Talk, _, err = c.talkBox("ticket", f.Ticket.ID, page.Path, w.dir, refused{anchor: typed.move, form: typed.form, faults: typed.faults}); err != nil {
		return err
	}
	base, err := c.base(f.Ticket.Title)
	if err != nil {
		return err
	}
	base.Kind = "ticket"
	base.Crumbs = []templates.Crumb{{Text: c.T("tickets.heading"), Href: "/tickets"}, {Text: f.TaskForce.Name, Href: "/taskforces/" + f.TaskForce.Code}, {Text: page.No}}
	return showBase(c, status, s.Set.Pages.Work.Ticket, base, page)
}

func (w *ticketWords) page() (templates.TicketPage, error) {
	c, k := w.c, &w.f.Ticket
	p := templates.TicketPage{No: c.TicketNo(k.No), Light: c.Asked(c.Light(k.Light), whyPath("ticket", k.No)), Tags: w.tags(), Path: "/tickets/" + k.No, Version: k.Version, Steps: w.steps(),
		Quote: k.Instruction, QuoteBy: w.quoteBy(), Feedback: k.Feedback, FeedNote: w.feedNote(), About: w.about(), Due: w.due(), Chain: w.chain(),
		Hand: w.hand(), Law: w.law(), Why: w.why.brief}
	p.Moves, p.Drawing = w.moves(), w.drawing()
	if len(p.Moves) == 0 {
		p.MoveNote = c.ticketTurn(k, w.dir, w.notAccepted())
	}
	p.Notices, p.Kept = w.notices(p.Moves)
	var err error
	if p.Units, err = w.units(); err != nil {
		return p, err
	}
	if p.Events, err = w.events(); err != nil {
		return p, err
	}
	if p.Memory, err = w.memory(); err != nil {
		return p, err
	}
	p.Views = w.views()
	if len(w.records) == recordsShown {
		p.Older = "/journal?ticket=" + k.No
	}
	return p, nil
}

// recordsShown is how many records TicketFile reads; where there are as many, the journal has more.
const recordsShown = 50

func (w *ticketWords) tags() []templates.Tag {
	c, k := w.c, &w.f.Ticket
	tags := []templates.Tag{{Text: c.ticketState(k.State), Tone: "blue"}, {Text: c.T("kind." + k.Kind), Tone: "line"}}
	if k.CoordinationLevel > 0 {
		tags = append(tags, templates.Tag{Text: c.T("coordination." + id64(int64(k.CoordinationLevel))), Tone: "line"})
	}
	if k.Urgency != "normal" {
		tags = append(tags, templates.Tag{Text: c.T("urgency." + k.Urgency), Tone: "yellow"})
	}
	if k.Importance != "normal" {
		tags = append(tags, templates.Tag{Text: c.T("importance." + k.Importance), Tone: "yellow"})
	}
	if k.Complex {
		tags = append(tags, templates.Tag{Text: c.T("ticket.complex"), Tone: "line"})
	}
	if k.PauseAsked {
		tags = append(tags, templates.Tag{Text: c.T("ticket.pause_tag"), Tone: "yellow", Icon: "pause"})
	}
	return tags
}

func (w *ticketWords) quoteBy() string {
	c, k := w.c, &w.f.Ticket
	var parts []string
	if name := w.dir.Users[k.LeaderID].Name; name != "" {
		parts = append(parts, name)
	}
	if !k.IssuedOn.IsZero() {
		parts = append(parts, c.T("ticket.issued_on", "Day", c.Day(k.IssuedOn)))
	}
	return strings.Join(parts, " · ")
}

// feedNote says whether the feedback is signed, a draft, or one that was returned.
func (w *ticketWords) feedNote() string {
	c, k := w.c, &w.f.Ticket
	if k.Feedback == "" {
		return ""
	}
	if !k.SubmittedOn.IsZero() {
		return c.T("ticket.feedback_signed", "Day", c.Day(k.SubmittedOn))
	}
	written := slices.IndexFunc(w.records, func(r ticketRecord) bool {
		return r.record.Action == "ticket.submit" || r.record.Action == "ticket.draft_feedback"
	})
	if written >= 0 && w.records[written].record.Action == "ticket.submit" {
		return c.T("ticket.feedback_returned", "Day", c.Day(c.dayOf(w.records[written].at)))
	}
	return c.T("ticket.feedback_draft")
}

func (w *ticketWords) about() []templates.Def {
	c, k := w.c, &w.f.Ticket
	defs := []templates.Def{{Name: c.T("ticket_new.basis"), Text: k.Basis}}
	if w.f.Project != nil {
		defs = append(defs, templates.Def{Name: c.T("ticket_new.project"), Text: w.f.Project.Code + " " + w.f.Project.Name, Href: "/projects/" + w.f.Project.Code})
	}
	defs = append(defs, templates.Def{Name: c.T("ticket_new.task_force"), Text: w.f.TaskForce.Name, Href: "/taskforces/" + w.f.TaskForce.Code})
	if k.Cause != "" {
		defs = append(defs, templates.Def{Name: c.T("ticket_new.cause"), Text: c.T("cause." + k.Cause)})
	}
	if k.DecisionFrom != "" {
		defs = append(defs, templates.Def{Name: c.T("ticket_new.decision"), Text: k.DecisionFrom})
	}
	if issuer := w.dir.Units[k.IssuerUnitID].Name; issuer != "" {
		drafter := templates.Def{Name: c.T("ticket.drafted_by"), Text: issuer, Note: w.dir.Users[k.CreatedBy].Name + " " + c.at(k.CreatedAt)}
		defs = append(defs, drafter)
	}
	return defs
}

func (w *ticketWords) notAccepted() []int64 {
	var out []int64
	for _, u := range w.f.Units {
		if u.AcceptedOn.IsZero() {
			out = append(out, u.UnitID)
		}
	}
	return out
}

func (w *ticketWords) unitDefs() []templates.Def {
	c := w.c
	issued := c.ticketKind(w.f.Ticket.State) != workflows.KindDraft
	var defs []templates.Def
	for _, u := range w.f.Units {
		d := templates.Def{Name: c.T("part." + u.Part), Text: w.dir.Units[u.UnitID].Name}
		switch {
		case !u.AcceptedOn.IsZero():
			d.Note = c.T("ticket.accepted", "Day", c.ShortDay(u.AcceptedOn), "Who", w.dir.Users[u.AcceptedBy].Name)
		case issued:
			d.Note = c.T("ticket.not_accepted")
			if w.f.Ticket.State == "issued" {
				d.Tone = "late"
			}
		}
		defs = append(defs, d)
	}
	return defs
}

// chain lists who answers, from the top down.
func (w *ticketWords) chain() []templates.Holder {
	c, k := w.c, &w.f.Ticket
	var chain []templates.Holder
	if leader, ok := w.dir.Users[k.LeaderID]; ok {
		chain = append(chain, templates.Holder{Role: c.T("ticket.instructing_leader"), Name: leader.Name, Unit: w.dir.Units[leader.UnitID].Name})
	}
	for _, rung := range w.v.Rungs {
		h := templates.Holder{Role: titleOf(workflows.Recipients(), rung.Name, c.Lang)}
		var names []string
		for _, id := range rung.Users {
			names = append(names, w.dir.Users[id].Name)
			h.Unit = w.dir.Units[w.dir.Users[id].UnitID].Name
		}
		h.Name = strings.Join(names, c.T("work.and"))
		switch {
		case len(names) == 0:
			h.Vacant = c.T("ticket.vacant")
		case rung.Name == "unit_handler" && k.HandlerID == 0 && len(names) > 1:
			h.Since = c.T("ticket.no_handler")
		}
		chain = append(chain, h)
	}
	return chain
}

// titleOf is the title of one entry of a list of the vocabulary, or its id when the list has lost it.
func titleOf(list []workflows.Named, id, lang string) string {
	for _, n := range list {
		if n.ID == id {
			return n.Title.In(lang)
		}
	}
	return id
}

func (w *ticketWords) law() []templates.Def {
	c, rules := w.c, w.c.s.App.RulesetBy(w.f.Ticket.Ruleset)
	return []templates.Def{
		{Name: c.T("ticket.workflow"), Text: w.machine.Title.In(c.Lang), Note: c.T("ticket.version", "ID", w.machine.ID, "Version", w.f.Ticket.MachineVersion)},
		{Name: c.T("ticket.ruleset"), Text: rules.Title.In(c.Lang), Href: "/rules", Note: c.T("ticket.version", "ID", rules.ID, "Version", rules.Version)},
		{Name: c.T("ticket.calendar"), Text: c.s.App.CalendarFor(w.f.Ticket.TaskForceID).Version(), Note: c.T("ticket.calendar_note")},
	}
}

// due is the due date, how far it is, and how it was counted.
func (w *ticketWords) due() templates.TicketDue {
	c, k := w.c, &w.f.Ticket
	d := templates.TicketDue{Href: whyPath("ticket", k.No) + "#due"}
	d.Day, d.Words, d.Late = c.ticketDue(k)
	if d.Words == "" {
		d.Day, d.Words = "", d.Day
	}
	d.Defs = w.clocks()
	page := w.why.page
	if len(page.Due) == 0 {
		return d
	}
	d.Defs = slices.Concat(d.Defs, page.Due[1:]) // the first is the date itself
	for _, count := range page.DueCounts {
		d.Defs = append(d.Defs, templates.Def{Name: count.Head, Text: count.Sentence})
	}
	if k.Reopens > 0 {
		d.Defs = append(d.Defs, templates.Def{Name: c.T("ticket_due.term"), Text: c.dueTerm(k.DueTerm), Note: c.T("memory.reopened_term")})
	}
	return d
}
