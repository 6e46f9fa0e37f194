package web

import (
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// meetingForm is the form of a meeting's page that was refused, with what was typed.
type meetingForm struct {
	what  string // "decision", "add", "issue", "carry" or "finish"
	id    int64  // of the agenda item or the decision
	typed *form
}

// meetingWords words one meeting.
type meetingWords struct {
	c      *call
	f      *app.MeetingFile
	dir    app.Directory
	path   string
	again  meetingForm
	faults templates.Faults
	units  []templates.Option
	forces []templates.Option
}

// showMeeting draws the page of a meeting; again is the form that was refused.
func (s *server) showMeeting(c *call, status int, again meetingForm, faults templates.Faults) error {
	f, err := s.App.MeetingFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	w := &meetingWords{c: c, f: &f, dir: dir, path: meetingPath(f.Meeting.No), again: again, faults: faults}
	m := f.Meeting
	page := templates.MeetingPage{Path: w.path, Version: m.Version, State: templates.Tag{Text: c.T("meeting_state." + m.State), Tone: map[string]string{"held": "green", "planned": "blue"}[m.State]},
		Facts: w.facts(), Hold: f.May && m.State == "planned", Close: f.May && m.State == "held", None: c.T("meeting.no_decisions"),
		Prints: []templates.Segment{{Text: c.T("meeting.print_agenda"), Href: w.path + "/agenda", Icon: "printer"}, {Text: c.T("meeting.print_pack"), Href: w.path + "/pack", Icon: "printer"}}}
	if m.State != "planned" {
		page.Prints = append(page.Prints, templates.Segment{Text: c.T("meeting.print_minutes"), Href: w.path + "/minutes", Icon: "printer"})
	}
	if text := faults[""]; text != "" && again.what != "decision" {
		page.Notices = []templates.Notice{{Tone: "bad", Text: text}}
	}
	w.fill(&page)
	base, err := c.base(m.Title)
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "meeting", m.No+" · "+c.T("meeting_kind."+m.Kind)+" · "+c.meetingScope(m, dir)
	base.Crumbs = []templates.Crumb{{Text: c.T("nav.meetings"), Href: "/meetings"}, {Text: m.No}}
	return showBase(c, status, s.Set.Pages.Meet.Meeting, base, page)
}

func (w *meetingWords) facts() []templates.Def {
	c, m := w.c, w.f.Meeting
	out := []templates.Def{{Name: c.T("meetings.day"), Text: c.Day(m.HeldOn)}, {Name: c.T("meetings.chair"), Text: w.dir.Users[m.ChairID].Name}}
	for _, d := range []templates.Def{{Name: c.T("meetings.place"), Text: m.Place}, {Name: c.T("meetings.attendees"), Text: m.Attendees}} {
		if d.Text != "" {
			out = append(out, d)
		}
	}
	if m.OpenedAt != 0 {
		out = append(out, templates.Def{Name: c.T("meeting.frozen"), Text: c.at(m.OpenedAt)})
	}
	if p := w.f.Previous; p != nil {
		out = append(out, templates.Def{Name: c.T("meeting.previous"), Text: p.No, Note: c.ShortDay(p.HeldOn)})
	}
	return out
}

func (w *meetingWords) fill(page *templates.MeetingPage) {
	c, m := w.c, w.f.Meeting
	for _, u := range w.dir.UnitList() {
		w.units = append(w.units, templates.Option{Value: id64(u.ID), Text: u.Name})
	}
	for _, tf := range w.dir.TaskForceList() {
		if m.TaskForceID == 0 || m.TaskForceID == tf.ID {
			w.forces = append(w.forces, templates.Option{Value: id64(tf.ID), Text: tf.Name})
		}
	}
	page.Groups = []templates.AgendaGroup{{ID: "last", Title: c.T("meeting.last"), Empty: c.T("meeting.last_none")}, {ID: "red", Title: c.T("meeting.red"), Empty: c.T("meeting.red_none")},
		{ID: "others", Title: c.T("meeting.others"), Empty: c.T("meeting.others_none")}}
	at := map[string]int{"decision": 0, "red": 1, "manual": 2}
	for i := range w.f.Agenda {
		it := &w.f.Agenda[i]
		g := &page.Groups[at[it.Kind]]
		g.Lines = append(g.Lines, w.line(it, i+1))
	}
	for i := range w.f.Decisions {
		page.Decisions = append(page.Decisions, w.decided(&w.f.Decisions[i]))
	}
	if !w.f.May {
		return
	}
	if m.State == "held" {
		page.Free = w.decisionForm(nil)
	}
	if m.State != "closed" {
		page.Add = w.addForm()
	}
}

// line is one item of the agenda with its frozen facts, and with what it is now where it is a decision.
func (w *meetingWords) line(it *app.AgendaItem, n int) templates.AgendaLine {
	c := w.c
	l := templates.AgendaLine{ID: "item-" + id64(it.ID), N: strconv.Itoa(n), Title: w.title(it), Href: agendaHref(it), Facts: w.itemFacts(it)}
	if it.ID == 0 {
		l.ID = "ahead-" + strconv.Itoa(n)
	}
	if it.ItemKind != "" {
		l.Light = c.Light(it.Light)
	}
	if it.Kind == "decision" {
		l.Facts = append(l.Facts, w.nowOf(it.DecisionID)...)
	}
	if w.f.May && w.f.Meeting.State == "held" {
		l.Form = w.decisionForm(it)
		if r := w.earlier(it.DecisionID); it.Kind == "decision" && r != nil && r.Open() {
			l.Carry = w.carryForm(r)
		}
	}
	return l
}

func (w *meetingWords) title(it *app.AgendaItem) string {
	switch {
	case it.Kind == "decision" || it.ItemKind == "":
		return it.Title
	case it.ItemKind == "ticket":
		return w.c.TicketNo(it.ItemNo) + " " + it.Title
	}
	return it.ItemNo + " " + it.Title
}

func agendaHref(it *app.AgendaItem) string {
	switch it.ItemKind {
	case "ticket":
		return "/tickets/" + it.ItemNo
	case "project":
		return "/projects/" + it.ItemNo
	}
	return ""
}

func (w *meetingWords) earlier(id int64) *app.DecisionRow {
	for i := range w.f.Earlier {
		if w.f.Earlier[i].Decision.ID == id {
			return &w.f.Earlier[i]
		}
	}
	return nil
}

// nowOf says what an earlier decision is at this moment, beside what was frozen.
func (w *meetingWords) nowOf(id int64) []templates.Def {
	r := w.earlier(id)
	if r == nil {
		return nil
	}
	out := []templates.Def{{Name: w.c.T("meeting.of"), Text: r.Meeting + " #" + strconv.Itoa(r.Decision.Position)}}
	if r.Ticket != nil {
		out = append(out, templates.Def{Name: w.c.T("meeting.now"), Text: w.c.ticketState(r.Ticket.State), Note: w.c.Light(r.Ticket.Light).Word})
	}
	return out
}

// itemFacts are the facts of an agenda item as they were frozen.
func (w *meetingWords) itemFacts(it *app.AgendaItem) []templates.Def {
	c := w.c
	var out []templates.Def
	add := func(key, text, note string) {
		if text != "" {
			out = append(out, templates.Def{Name: c.T(key), Text: text, Note: note})
		}
	}
	state := ""
	switch it.ItemKind {
	case "ticket":
		state = c.ticketState(it.State)
		add("meeting.ticket", c.TicketNo(it.ItemNo), "")
	case "project":
		state = c.stage(it.State)
	}
	add("meeting.state", state, "")
	lit := ""
	if it.Days > 0 {
		lit = c.T("meeting.days", "N", it.Days)
	}
	add("meeting.rule", c.ruleName(it.RuleID), lit)
	if c.Lang == "zh-CN" || it.Kind == "manual" {
		add("meeting.why", it.Why, "")
	}
	add("meeting.due", c.due(it.DueOn), "")
	add("meeting.unit", w.dir.Units[it.UnitID].Name, "")
	add("meeting.leader", w.dir.Users[it.LeaderID].Name, "")
	add("meeting.blockers", it.Blockers, "")
	add("meeting.needs", it.DecisionFrom, "")
	add("meeting.done", it.Done, "")
	return out
}

// ruleName is the title of a rule in force, its id when it is not any more.
func (c *call) ruleName(id string) string {
	if r, ok := c.s.App.Ruleset().Rule(id); ok {
		return r.Title.In(c.Lang)
	}
	return id
}

// decided is one decision of this meeting.
func (w *meetingWords) decided(r *app.DecisionRow) templates.DecisionLine {
	c, d := w.c, r.Decision
	l := templates.DecisionLine{ID: "decision-" + id64(d.ID), N: strconv.Itoa(d.Position), Text: d.Text, Path: w.path + "/decisions/" + id64(d.ID), Version: d.Version,
		Tag: templates.Tag{Text: c.T("decision_state." + d.State), Tone: map[string]string{"done": "green"}[d.State]}}
	add := func(key, text, note, href string) {
		if text != "" {
			l.Facts = append(l.Facts, templates.Def{Name: c.T(key), Text: text, Note: note, Href: href})
		}
	}
	add("meeting.unit", w.dir.Units[d.LeadUnitID].Name, "", "")
	if k := r.Ticket; k != nil {
		l.Light = c.Light(k.Light)
		due, note, _ := c.ticketDue(k)
		add("meeting.ticket", c.TicketNo(k.No), c.ticketState(k.State), "/tickets/"+k.No)
		add("meeting.due", due, note, "")
		add("meeting.done", k.Feedback, "", "")
		if r.Open() != (d.State == "open") {
			l.Tag = templates.Tag{Text: c.T("decision_state.done"), Tone: "green"}
		}
	} else if d.State == "open" {
		add("meeting.term", c.dueTerm(d.Term), c.T("meeting.no_ticket"), "")
	}
	add("meeting.note_text", d.Note, "", "")
	if w.again.id == d.ID && w.again.what == "issue" {
		l.Problem = joined(w.faults)
	}
	if w.f.May && d.State == "open" && (r.Ticket == nil || !r.Open()) {
		l.Issue = r.Ticket == nil
		l.Finish = w.finishForm(&d)
	}
	return l
}

// joined are the sentences of a refusal in one line.
func joined(faults templates.Faults) string {
	var all []string
	for _, text := range faults {
		all = append(all, text)
	}
	return strings.Join(all, " ")
}
