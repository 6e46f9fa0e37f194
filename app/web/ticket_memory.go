package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// memory words the deadlines of a ticket; nil while it is a draft, which has none yet.
func (w *ticketWords) memory() (*templates.TicketMemory, error) {
	if w.c.ticketKind(w.f.Ticket.State) == workflows.KindDraft {
		return nil, nil
	}
	records, err := readRecords(w.m.Events)
	if err != nil {
		return nil, err
	}
	out := &templates.TicketMemory{Note: w.askNote(), Dates: w.c.dateTable(w.m.Dates, w.dir, false), Counts: w.counts(), Pauses: w.pauses(), Paused: len(w.m.Pauses) > 0}
	for _, e := range w.m.Extensions {
		out.Requests = append(out.Requests, w.request(e))
	}
	for _, r := range records {
		e, err := w.event(r)
		if err != nil {
			return nil, err
		}
		out.Events = append(out.Events, e)
	}
	out.Forms = w.extensionForms()
	return out, nil
}

// askNote says until when an extension can be asked for, or why it can't.
func (w *ticketWords) askNote() string {
	c, ask := w.c, w.m.Ask
	switch {
	case ask == nil:
		return ""
	case ask.Problem != nil:
		if faults := app.AsFaults(ask.Problem); faults != nil {
			return c.sentence(faults[0])
		}
		return ""
	case ask.Last.IsZero():
		return c.T("memory.may_ask")
	}
	return c.T("memory.may_ask_until", "Day", c.due(ask.Last))
}

// extensionForms are the forms that the actor may send now.
func (w *ticketWords) extensionForms() []templates.MemoryForm {
	var out []templates.MemoryForm
	if w.m.Ask != nil && w.m.Ask.Problem == nil {
		out = append(out, w.askForm())
	}
	if w.m.Waiting != nil && w.m.Waiting.Mine {
		out = append(out, w.decideForm())
	}
	if w.m.Waiting != nil && w.m.Waiting.Withdraw {
		out = append(out, w.form(withdrawExtension, "withdraw", []templates.Field{w.typedField(withdrawExtension, "reason", "memory.withdraw_reason", "")},
			templates.MemoryButton{Title: w.c.T("move.withdraw_extension"), Primary: true}))
	}
	return out
}

// form is a form with what was typed into it and what was wrong.
func (w *ticketWords) form(id, path string, fields []templates.Field, buttons ...templates.MemoryButton) templates.MemoryForm {
	f := templates.MemoryForm{ID: "move-" + id, Title: w.c.T("move." + id), Path: "/tickets/" + w.f.Ticket.No + "/extension", Fields: fields, Buttons: buttons, Open: w.typed.move == id}
	if path != "" {
		f.Path += "/" + path
	}
	if i := slices.IndexFunc(f.Fields, func(f templates.Field) bool { return f.Error != "" }); i >= 0 {
		f.Fields[i].Focus = true
	}
	if w.typed.form != nil && f.Open && !w.typed.stale {
		f.Problem = strings.TrimSpace(w.typed.faults[""] + w.typed.faults["verdict"])
	}
	return f
}

func (w *ticketWords) typedField(move, name, label, otherwise string) templates.Field {
	f := w.c.Field(name, label, w.typed.value(move, name, otherwise))
	f.ID = "f-" + move + "-" + name
	if w.typed.move == move {
		f = f.Fails(w.typed.faults)
	}
	return f
}

func (w *ticketWords) askForm() templates.MemoryForm {
	c, k, ask := w.c, &w.f.Ticket, w.m.Ask
	latest := ""
	if !ask.Latest.IsZero() {
		latest = ask.Latest.String()
	}
	wanted := w.typedField(askExtension, "wanted_on", "memory.wanted_on", "").As("date").Between(k.DueOn.AddDays(1).String(), latest).Need()
	if latest != "" {
		wanted.Hint = c.T("memory.latest", "Day", c.due(ask.Latest))
	}
	f := w.form(askExtension, "", []templates.Field{wanted, w.typedField(askExtension, "reason", "memory.reason", "").Lines(3).Need(),
		w.typedField(askExtension, "progress", "memory.progress", "").Lines(3).Need()}, templates.MemoryButton{Title: c.T("memory.send_ask"), Primary: true})
	f.Facts = append(f.Facts, templates.Def{Name: c.T("memory.rule"), Text: ask.Rule.In(c.Lang), Note: ask.Stamp},
		templates.Def{Name: c.T("memory.decided_by"), Text: w.roleList(ask.Decide)})
	f.Hint = c.T("memory.ask_hint", "Day", c.due(k.JudgedOn))
	return f
}

func (w *ticketWords) decideForm() templates.MemoryForm {
	c, e := w.c, w.m.Waiting.Extension
	latest := e.WantedOn
	if !e.GrantedOn.IsZero() {
		latest = e.GrantedOn
	}
	granted := w.typedField(decideExtension, "granted_on", "memory.granted_on", latest.String()).As("date").Between(e.OldOn.AddDays(1).String(), latest.String())
	note := w.typedField(decideExtension, "note", "memory.note", "").Lines(2).Hinted("memory.note_hint")
	f := w.form(decideExtension, "decide", []templates.Field{granted, note}, templates.MemoryButton{Title: c.T("memory.grant"), Name: "verdict", Value: "grant", Primary: true},
		templates.MemoryButton{Title: c.T("memory.refuse"), Name: "verdict", Value: "refuse"})
	f.Primary = true
	f.Hint = c.T("memory.decide_hint", "Day", c.due(w.f.Ticket.JudgedOn))
	return f
}

func (w *ticketWords) roleList(roles []workflows.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, w.c.Role(r))
	}
	return strings.Join(names, " → ")
}

// request is one request with its chain of approval: who decided, whose turn it is, who comes after.
func (w *ticketWords) request(e app.Extension) templates.MemoryRequest {
	c := w.c
	tones := map[string]string{"asked": "yellow", "granted": "green", "refused": "red"}
	r := templates.MemoryRequest{Title: c.T("memory.request", "From", c.ShortDay(e.OldOn), "To", c.due(e.WantedOn)), State: templates.Tag{Text: c.T("extension." + e.State), Tone: tones[e.State]}}
	r.Facts = []templates.Def{{Name: c.T("memory.asked_by"), Text: w.dir.Users[e.AskedBy].Name, Note: w.dir.Units[e.UnitID].Name + " · " + c.at(e.AskedAt)},
		{Name: c.T("memory.reason"), Text: e.Reason}, {Name: c.T("memory.progress"), Text: e.Progress}}
	if e.State == "granted" {
		r.Facts = append(r.Facts, templates.Def{Name: c.T("memory.granted_on"), Text: c.due(e.GrantedOn)})
	}
	r.Facts = append(r.Facts, templates.Def{Name: c.T("memory.basis"), Text: w.ruleTitle(e), Note: e.Rule})
	for _, d := range w.m.Decisions {
		if d.ExtensionID == e.ID {
			r.Chain = append(r.Chain, w.decided(d))
		}
	}
	if e.State != "asked" || w.m.Waiting == nil {
		return r
	}
	r.Chain = append(r.Chain, w.turn()...)
	return r
}

// ruleTitle names the rule under which an extension was asked for, with the last day on which it could be.
func (w *ticketWords) ruleTitle(e app.Extension) string {
	if e.LastOn.IsZero() {
		return w.c.T("memory.no_limit")
	}
	return w.c.T("memory.limit", "Day", w.c.due(e.LastOn))
}

func (w *ticketWords) decided(d app.ExtensionDecision) templates.Holder {
	c := w.c
	verdict := c.T("memory.was_refused", "At", c.at(d.DecidedAt))
	if d.Granted {
		verdict = c.T("memory.was_granted", "Day", c.ShortDay(d.GrantedOn), "At", c.at(d.DecidedAt))
	}
	if d.Note != "" {
		verdict += " " + d.Note
	}
	if d.StandsFor != "" {
		verdict += " " + c.T("memory.stood_for", "Who", w.roleNames(d.StandsFor))
	}
	u := w.dir.Users[d.DecidedBy]
	return templates.Holder{Role: c.Role(d.Role), Name: u.Name, Unit: w.dir.Units[u.UnitID].Name, Since: verdict}
}

func (w *ticketWords) roleNames(list string) string {
	var names []string
	for _, name := range strings.Split(list, ",") {
		names = append(names, w.c.Role(workflows.Role(name)))
	}
	return strings.Join(names, w.c.T("work.and"))
}

// turn is whose turn it is, and who comes after.
func (w *ticketWords) turn() []templates.Holder {
	c, wait := w.c, w.m.Waiting
	var names []string
	h := templates.Holder{Role: c.Role(wait.Role), Since: c.T("memory.waits")}
	for _, id := range wait.People {
		names = append(names, w.dir.Users[id].Name)
		h.Unit = w.dir.Units[w.dir.Users[id].UnitID].Name
	}
	h.Name = strings.Join(names, c.T("work.and"))
	if len(names) == 0 {
		h.Vacant = c.T("ticket.vacant")
	}
	if len(wait.Vacant) > 0 {
		h.Since += " " + c.T("memory.stands_for", "Who", w.roleNames(strings.Join(wait.Vacant, ",")))
	}
	out := []templates.Holder{h}
	after := wait.Extension.Step + 1 + len(wait.Vacant)
	for i, role := range wait.Extension.Roles() {
		if i >= after {
			out = append(out, templates.Holder{Role: c.Role(role), Since: c.T("memory.later")})
		}
	}
	return out
}

// counts say how often the ticket went back and forth.
func (w *ticketWords) counts() []templates.Tag {
	c, k := w.c, &w.f.Ticket
	var out []templates.Tag
	for _, one := range []struct {
		key string
		n   int
	}{{"memory.n_extensions", k.Extensions}, {"memory.n_pauses", k.Pauses}, {"memory.n_disputes", k.Disputes}, {"memory.n_returns", k.Returns},
		{"memory.n_hand_overs", k.HandOvers}, {"memory.n_reopens", k.Reopens}, {"memory.n_paused_days", k.PausedDays}} {
		if one.n > 0 {
			out = append(out, templates.Tag{Text: c.T(one.key, "N", one.n), Tone: "line"})
		}
	}
	return out
}

// pauses lists what was asked for and granted, the newest first.
func (w *ticketWords) pauses() templates.Table {
	c := w.c
	t := templates.Table{Columns: []templates.Column{{Text: c.T("memory.pause_asked")}, {Text: c.T("memory.pause_why")}, {Text: c.T("memory.pause_state")},
		{Text: c.T("memory.pause_span")}, {Text: c.T("memory.pause_days"), Num: true}, {Text: c.T("memory.pause_review")}}}
	for _, p := range w.m.Pauses {
		state := templates.Cell{Text: c.T("pause." + p.State), Note: strings.TrimSpace(w.dir.Users[p.DecidedBy].Name + " " + c.ShortDay(p.DecidedOn))}
		span, days := "", ""
		if p.State == "running" || p.State == "ended" {
			span = c.T("memory.pause_from", "From", c.ShortDay(p.DecidedOn), "To", c.ShortDay(p.ExpectedEnd))
		}
		if p.State == "ended" {
			span, days = c.T("work.span", "From", c.ShortDay(p.DecidedOn), "To", c.ShortDay(p.EndedOn)), c.Count(p.Workdays)
		}
		review := templates.Cell{Text: c.due(p.ReviewOn)}
		if p.Reviews > 0 {
			review.Note = c.T("memory.reviews", "N", p.Reviews)
		}
		if p.State != "running" {
			review.Text = ""
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.Day(p.AskedOn), Note: w.dir.Users[p.AskedBy].Name, Class: "name"}, {Text: w.pauseGround(p.ReasonCode), Note: p.Reason}, state,
			{Text: span}, {Text: days, Class: "num"}, review})
	}
	headed(&t)
	return t
}

// pauseGround is the title of a pause's ground, as the workflow lists them.
func (w *ticketWords) pauseGround(code string) string {
	move, _ := w.machine.Move("ask_pause")
	for _, need := range move.Needs {
		if need.Field == "reason_code" {
			return titleOf(need.Options, code, w.c.Lang)
		}
	}
	return code
}

// dateTable lists every setting and moving of a date: when, by whom, from what to what, why, and on what basis. With names the first column says of which milestone.
func (c *call) dateTable(changes []app.DateChange, dir app.Directory, names bool, of ...func(app.DateChange) string) templates.Table {
	t := templates.Table{Columns: []templates.Column{{Text: c.T("memory.on")}, {Text: c.T("memory.from")}, {Text: c.T("memory.to")}, {Text: c.T("memory.by")}, {Text: c.T("memory.why")},
		{Text: c.T("memory.on_basis")}}}
	if names {
		t.Columns = append([]templates.Column{{Text: c.T("project.stone")}}, t.Columns...)
	}
	for _, d := range changes {
		on := ""
		if d.ChangedAt > 0 {
			on = c.at(d.ChangedAt)
		}
		by := templates.Cell{Text: c.T("memory.system")}
		if u, ok := dir.Users[d.ChangedBy]; ok {
			by = templates.Cell{Text: u.Name, Note: dir.Units[u.UnitID].Name}
		}
		to := templates.Cell{Text: c.due(d.ToOn)}
		if !d.FromOn.IsZero() {
			to.Note = c.T("memory.moved", "N", signed(float64(d.ToOn-d.FromOn)), "Workdays", signed(float64(c.s.App.CalendarFor(d.TaskForceID).Workdays(d.FromOn, d.ToOn))))
		}
		if d.JudgedOn != d.ToOn && !d.JudgedOn.IsZero() {
			to.Note = strings.TrimSpace(to.Note + " " + c.T("memory.judged", "Day", c.ShortDay(d.JudgedOn)))
		}
		row := []templates.Cell{{Text: on, Class: "name"}, {Text: c.due(d.FromOn)}, to, by, {Text: c.T("date_cause." + d.Cause), Note: d.Reason}, {Text: d.Basis, Note: d.Rule}}
		if names {
			row = append([]templates.Cell{{Text: of[0](d), Class: "name"}}, row...)
		}
		t.Rows = append(t.Rows, row)
	}
	headed(&t)
	return t
}

// memoryOffered tells whether the form about an extension that was sent is still there to be sent again.
func (w *ticketWords) memoryOffered(move string) bool {
	return slices.ContainsFunc(w.extensionForms(), func(f templates.MemoryForm) bool { return f.ID == "move-"+move })
}

// memoryKept is what was typed into a form about an extension that is not there any more.
func (w *ticketWords) memoryKept() []templates.Def {
	c := w.c
	var out []templates.Def
	for _, field := range []struct{ name, label string }{{"wanted_on", c.T("memory.wanted_on")}, {"granted_on", c.T("memory.granted_on")}, {"reason", c.T("memory.reason")},
		{"progress", c.T("memory.progress")}, {"note", c.T("memory.note")}} {
		if value := w.typed.form.text(field.name); value != "" {
			out = append(out, templates.Def{Name: field.label, Text: value})
		}
	}
	return out
}

// pausedStanding says of a paused ticket why it is, until when, and what becomes of its date.
func (w *ticketWords) pausedStanding() []templates.Notice {
	c, k := w.c, &w.f.Ticket
	if c.ticketKind(k.State) != workflows.KindPaused || w.m.Resumed.IsZero() {
		return nil
	}
	text := c.T("memory.resumed_same", "Now", c.due(k.DueOn), "Original", c.due(k.BaselineOn))
	if w.m.Resumed != k.DueOn {
		text = c.T("memory.resumed", "Day", c.due(w.m.Resumed), "Now", c.due(k.DueOn), "Original", c.due(k.BaselineOn))
	}
	return []templates.Notice{{Text: text, Detail: c.T("memory.reviewed", "Ground", w.pauseGround(k.PauseCode), "Day", c.due(k.ReviewOn))}}
}
