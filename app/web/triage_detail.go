package web

import (
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// triageFragment is the preview of a ticket alone, as triage.js asks for it.
func (s *server) triageFragment(c *call) error {
	if !c.rights.Triage {
		return missingPage()
	}
	return s.showTriageDetail(c, statusPage, c.Param("no"), typedMove{move: c.QueryParam("do")})
}

func (s *server) showTriageDetail(c *call, status int, no string, typed typedMove) error {
	d, err := s.triageDetail(c, no, typed)
	if err != nil {
		return err
	}
	return showStatus(c, status, s.Set.Pages.Triage.Detail, d.Title, *d)
}

// eventsShown is how many lines of its history a preview shows.
const eventsShown = 5

// triageDetail draws a ticket beside the queue; typed is what was typed into one of its forms, or which form to open.
func (s *server) triageDetail(c *call, no string, typed typedMove) (*templates.TriageDetail, error) {
	f, err := s.App.TicketFile(c.ctx(), c.actor, no)
	if err != nil {
		return nil, err
	}
	w := &ticketWords{c: c, f: f, machine: s.App.MachineOf("ticket", f.Ticket.MachineVersion), typed: typed}
	if w.v, err = s.App.TicketView(c.ctx(), c.actor, f); err != nil {
		return nil, err
	}
	if w.m, err = s.App.TicketMemory(c.ctx(), c.actor, f); err != nil {
		return nil, err
	}
	if w.dir, err = s.App.Directory(c.ctx()); err != nil {
		return nil, err
	}
	if w.records, err = readRecords(f.Journal); err != nil {
		return nil, err
	}
	k := &f.Ticket
	d := &templates.TriageDetail{Locale: c.Locale, Title: k.Title, Ref: k.No, Head: c.TicketNo(k.No), Light: c.Asked(c.Light(k.Light), whyPath("ticket", k.No)), Tags: w.tags(), Version: k.Version,
		Quote: k.Instruction, About: w.about(), Feedback: k.Feedback, Turn: c.ticketTurn(k, w.dir, w.notAccepted())}
	d.Seen = c.visit.Journal // as it was before anything was read
	day, words, late := c.ticketDue(k)
	d.Due, d.Late = day+" "+words, late
	if err := w.triageWhy(d); err != nil {
		return nil, err
	}
	if d.Kin, err = c.kinDefs(*k); err != nil {
		return nil, err
	}
	if d.Acts, err = w.acts(); err != nil {
		return nil, err
	}
	w.refusedAct(d)
	d.Events, err = w.events()
	d.Events = d.Events[:min(len(d.Events), eventsShown)]
	return d, err
}

// triageWhy says the gravest rule that is lit, with its facts.
func (w *ticketWords) triageWhy(d *templates.TriageDetail) error {
	var worst *app.Escalation
	for i := range w.f.Escalations {
		if e := &w.f.Escalations[i]; e.LiftedOn.IsZero() && (worst == nil || e.Light.Worse(worst.Light)) {
			worst = e
		}
	}
	if worst == nil {
		return nil
	}
	f, err := worst.Explain()
	if err != nil {
		return err
	}
	d.Why = f.Sentence(w.c.Lang, w.c.DayNumber)
	return nil
}

// kinDefs names the tickets that belong to one: the whole and its parts, the original, and what waits for what.
func (c *call) kinDefs(k app.Ticket) ([]templates.Def, error) {
	kin, err := c.s.App.TicketKin(c.ctx(), c.actor, k)
	if err != nil {
		return nil, err
	}
	var defs []templates.Def
	add := func(key string, list ...app.Ticket) {
		for i := range list {
			defs = append(defs, templates.Def{Name: c.T(key), Text: c.ticketTitle(&list[i]), Href: "/tickets/" + list[i].No, Note: c.ticketState(list[i].State)})
		}
	}
	if kin.Parent != nil {
		add("triage.parent", *kin.Parent)
	}
	if kin.Original != nil {
		add("triage.original", *kin.Original)
	}
	add("triage.child", kin.Children...)
	add("triage.duplicates", kin.Duplicates...)
	for _, l := range kin.Before {
		add("triage.first", l.Ticket)
	}
	for _, l := range kin.After {
		add("triage.after", l.Ticket)
	}
	return defs, nil
}

// refusedAct says what was refused, and keeps what was typed where its form is gone.
func (w *ticketWords) refusedAct(d *templates.TriageDetail) {
	c, t := w.c, w.typed
	if t.form == nil {
		return
	}
	at := slices.IndexFunc(d.Acts, func(a templates.TriageAct) bool { return a.ID == t.move })
	offered := at >= 0 && !d.Acts[at].Plain
	switch {
	case t.stale:
		n := templates.Notice{Tone: "warn", Text: c.T("ticket.stale"), Detail: c.T("ticket.stale_next"), Items: w.changesSince(t.seen)}
		if !offered {
			n.Detail = c.T("ticket.stale_gone")
		}
		d.Notices = append(d.Notices, n)
	case t.faults[""] != "" && !offered:
		d.Notices = append(d.Notices, templates.Notice{Tone: "bad", Text: t.faults[""]})
	case t.faults[""] != "":
		d.Acts[at].Problem = t.faults[""]
	}
	if offered {
		return
	}
	for name, values := range c.Request().PostForm {
		if slices.Contains([]string{"act", "version", "seen", "next"}, name) {
			continue
		}
		for _, v := range values {
			if strings.TrimSpace(v) != "" {
				d.Kept = append(d.Kept, templates.Def{Name: c.T("triage.kept"), Text: v})
			}
		}
	}
}

// keyOf is the key that does a thing on the triage desk; usual is the workflow's next move.
func keyOf(id string, usual bool) string {
	if usual {
		return "a"
	}
	return map[string]string{app.ActHand: "g", app.ActReassign: "u", "send_back": "r", "return": "r", app.ActSplit: "s", app.ActDuplicate: "d", app.ActRaise: "l", app.ActLink: "b",
		"dispute": "c", "uphold": "c", "withdraw": "w"}[id]
}

// acts are the moves and the other acts that the person may do now, the usual move first.
func (w *ticketWords) acts() ([]templates.TriageAct, error) {
	c := w.c
	var out []templates.TriageAct
	usual, has := usualMove(w.f.Moves)
	for _, m := range w.moves() {
		first := has && m.ID == usual.ID
		out = append(out, templates.TriageAct{ID: m.ID, Key: keyOf(m.ID, first), Title: m.Title, Usual: first, Grave: m.Grave, Plain: m.Plain, Open: m.Open, Note: m.Note, Problem: m.Problem,
			Fields: m.Fields})
	}
	choices, err := c.s.App.ActChoices(c.ctx(), c.actor, w.f.Ticket)
	if err != nil {
		return nil, err
	}
	for _, id := range choices.Acts {
		a := templates.TriageAct{ID: id, Key: keyOf(id, false), Title: c.T("act." + id), Open: w.typed.move == id, Grave: id == app.ActDuplicate}
		a.Fields = w.actFields(id, choices)
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b templates.TriageAct) int { // what ends a ticket stands apart, at the end
		switch {
		case a.Grave == b.Grave:
			return 0
		case a.Grave:
			return 1
		}
		return -1
	})
	return out, nil
}

// actField is one control of an act's form with what was typed into it.
func (w *ticketWords) actField(act, name, label, otherwise string) templates.Field {
	f := w.c.Field(name, label, w.typed.value(act, name, otherwise))
	f.ID = "f-" + act + "-" + name
	if w.typed.move == act {
		f.Error = w.typed.faults[name]
	}
	return f
}

func (w *ticketWords) actFields(act string, choices app.ActChoices) []templates.Field {
	reason := w.actField(act, "reason", "triage.reason", "").Lines(2).Need()
	switch act {
	case app.ActHand:
		return []templates.Field{w.actField(act, "handler_id", "ticket.handler", "").Choose(w.handlerOptions()).Need(), w.actField(act, "reason", "ticket.hand_reason", "")}
	case app.ActReassign:
		return []templates.Field{w.actField(act, "lead_unit_id", "ticket_new.lead_unit", "").Choose(w.unitOptions()).Need(), reason}
	case app.ActSplit:
		return w.splitFields(reason)
	case app.ActRaise:
		levels := []templates.Option{}
		for n := w.f.Ticket.CoordinationLevel + 1; n <= 4; n++ {
			levels = append(levels, templates.Option{Value: strconv.Itoa(n), Text: w.c.T("coordination." + strconv.Itoa(n))})
		}
		return []templates.Field{reason, w.actField(act, "decision_from", "ticket_new.decision", w.f.Ticket.DecisionFrom).Need(), w.actField(act, "level", "ticket_new.level", "").Choose(levels).Need()}
	case app.ActLink:
		ways := []templates.Option{{Value: "after", Text: w.c.T("triage.link_after")}, {Value: "before", Text: w.c.T("triage.link_before")}}
		return []templates.Field{w.actField(act, "other", "triage.other", "").Choose(w.ticketOptions(choices.Tickets)).Need(), w.actField(act, "way", "triage.way", "after").Choose(ways), w.actField(act, "reason", "triage.link_reason", "")}
	}
	return []templates.Field{w.actField(act, "original", "triage.original", "").Choose(w.ticketOptions(choices.Tickets)).Need(), reason}
}

// splitRows is how many duties the form of the split offers; without JavaScript more are split off in a second step.
const splitRows = 3

func (w *ticketWords) splitFields(reason templates.Field) []templates.Field {
	fields := []templates.Field{reason}
	for i := 1; i <= splitRows; i++ {
		n := "-" + strconv.Itoa(i)
		title := w.actField(app.ActSplit, "title"+n, "triage.part_title", "")
		title.Label = w.c.T("triage.part_title", "N", i)
		due := w.actField(app.ActSplit, "due_on"+n, "triage.part_due", w.f.Ticket.DueOn.String()).As("date").Between(w.c.s.App.Today().String(), w.f.Ticket.DueOn.String())
		fields = append(fields, title, w.actField(app.ActSplit, "lead_unit_id"+n, "ticket_new.lead_unit", "").Choose(w.unitOptions()), due)
	}
	return fields
}

func (w *ticketWords) handlerOptions() []templates.Option {
	options := []templates.Option{{Text: w.c.T("work.choose")}}
	for _, u := range w.f.Handlers {
		o := templates.Option{Value: id64(u.ID), Text: u.Name}
		if u.ID == w.f.Ticket.HandlerID {
			o.Text += w.c.T("ticket.handler_now")
		}
		options = append(options, o)
	}
	return options
}

func (w *ticketWords) unitOptions() []templates.Option {
	options := []templates.Option{{Text: w.c.T("work.choose")}}
	for _, u := range w.dir.UnitList() {
		if u.ValidTo.IsZero() || u.ValidTo >= w.c.s.App.Today() {
			options = append(options, templates.Option{Value: id64(u.ID), Text: u.Name})
		}
	}
	return options
}

func (w *ticketWords) ticketOptions(tickets []app.Ticket) []templates.Option {
	options := []templates.Option{{Text: w.c.T("work.choose")}}
	for i := range tickets {
		options = append(options, templates.Option{Value: id64(tickets[i].ID), Text: w.c.ticketTitle(&tickets[i]) + " · " + w.c.ticketState(tickets[i].State)})
	}
	return options
}
