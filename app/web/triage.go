package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) triagePage(c *call) error {
	var notices []templates.Notice
	if no := c.QueryParam("done"); no != "" {
		notices = c.triageDone(no)
	}
	return s.showTriage(c, statusPage, notices, c.QueryParam("no"), typedMove{move: c.QueryParam("do")})
}

// triageDone says where a ticket stands after an act that was sent without JavaScript.
func (c *call) triageDone(no string) []templates.Notice {
	f, err := c.s.App.TicketFile(c.ctx(), c.actor, no)
	if err != nil {
		return nil // typed into the address, or out of sight by the act
	}
	return []templates.Notice{{Tone: "good", Text: c.triageSays(f), Href: "/tickets/" + no, Action: c.T("desk.show")}}
}

// triageWords is what the lines of the desk are worded with.
type triageWords struct {
	c   *call
	dir app.Directory
}

// showTriage draws the whole desk; no is the ticket beside the queue, "" for the first.
func (s *server) showTriage(c *call, status int, notices []templates.Notice, no string, typed typedMove) error {
	items, err := s.App.Triage(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	w := triageWords{c: c}
	if w.dir, err = s.App.Directory(c.ctx()); err != nil {
		return err
	}
	page := templates.TriagePage{Notices: notices, Count: len(items), Chosen: no != "", Keys: c.triageKeys(),
		Empty: templates.Empty{Icon: "check", Text: c.T("triage.empty"), Next: c.T("triage.empty_next"), Href: "/tickets", Action: c.T("desk.all_tickets")}}
	if no == "" && len(items) > 0 {
		no = items[0].Ticket.No
	}
	for _, id := range app.TriageParts() {
		part := templates.TriagePart{ID: id, Name: c.T("triage_part." + id)}
		for i := range items {
			if items[i].Part != id {
				continue
			}
			line, err := w.line(&items[i])
			if err != nil {
				return err
			}
			line.On = line.Ref == no
			part.Lines = append(part.Lines, line)
		}
		part.Note = c.T("desk.count", "N", len(part.Lines))
		page.Parts = append(page.Parts, part)
	}
	if no != "" {
		if page.Detail, err = s.triageDetail(c, no, typed); err != nil {
			return err
		}
	}
	base, err := c.base(c.T("nav.triage"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "triage", c.T("triage.lead", "Who", c.user.Name, "N", len(items))
	return showBase(c, status, s.Set.Pages.Triage.Desk, base, page)
}

// line words one ticket of the queue.
func (w triageWords) line(it *app.TriageItem) (templates.TriageLine, error) {
	c, k := w.c, &it.Ticket
	l := templates.TriageLine{No: c.TicketNo(k.No), Ref: k.No, Title: k.Title, Light: c.Light(k.Light), Href: "/triage?no=" + k.No, Version: k.Version}
	var waiting []int64
	for _, u := range it.Units {
		if u.AcceptedOn.IsZero() {
			waiting = append(waiting, u.UnitID)
		}
	}
	l.Turn = c.T("triage.turn", "Turn", c.ticketTurn(k, w.dir, waiting), "Day", c.ShortDay(k.StateSince), "N", it.Days)
	if k.CoordinationLevel > 0 {
		l.Tags = append(l.Tags, templates.Tag{Text: c.T("triage.level", "N", k.CoordinationLevel), Tone: "line"})
	}
	if k.Urgency != "normal" {
		l.Tags = append(l.Tags, templates.Tag{Text: c.T("urgency." + k.Urgency), Tone: "yellow"})
	}
	if usual, ok := usualMove(it.Moves); ok && !asksFacts(k, usual) {
		l.Usual = usual.ID
	}
	var err error
	l.Why, err = w.why(it)
	return l, err
}

// why says in one sentence what the ticket is held up by: the rule and its facts where a rule says so, else what it waits for.
func (w triageWords) why(it *app.TriageItem) (string, error) {
	c, k := w.c, &it.Ticket
	var parts []string
	switch {
	case it.Part == app.TriageNew && k.State == "pending":
		parts = append(parts, c.T("triage.why_pending", "Unit", w.dir.Units[k.LeadUnitID].Name))
	case it.Part == app.TriageNew:
		parts = append(parts, c.T("triage.why_issued", "Day", c.ShortDay(k.IssuedOn)))
	case it.Part == app.TriageDisputed:
		parts = append(parts, c.T("triage.why_disputed", "Unit", w.dir.Units[k.LeadUnitID].Name, "Day", c.ShortDay(k.StateSince)))
	case k.Cause != "" && k.DecisionFrom != "":
		parts = append(parts, c.T("triage.why_decision", "Cause", c.T("cause."+k.Cause), "From", k.DecisionFrom))
	case k.Cause != "":
		parts = append(parts, c.T("triage.why_cause", "Cause", c.T("cause."+k.Cause)))
	}
	if len(it.First) > 0 {
		parts = append(parts, c.T("triage.why_first", "Ticket", c.ticketTitle(&it.First[0])))
	}
	if it.Lit != nil {
		f, err := it.Lit.Explain()
		if err != nil {
			return "", err
		}
		parts = append(parts, f.Sentence(c.Lang, c.DayNumber))
	} else if _, words, late := c.ticketDue(k); late {
		parts = append(parts, words)
	}
	return strings.Join(parts, c.T("triage.semicolon")), nil
}

// usualMove is the move that normally comes next, if the actor may make it.
func usualMove(moves []workflows.Move) (workflows.Move, bool) {
	i := slices.IndexFunc(moves, func(m workflows.Move) bool { return m.Usual && !m.Grave })
	if i < 0 {
		return workflows.Move{}, false
	}
	return moves[i], true
}

// triageKeys says what the keys of the page do, for its foot and for "?".
func (c *call) triageKeys() []templates.TriageKey {
	var out []templates.TriageKey
	for _, k := range [][2]string{{"j / k", "walk"}, {"Enter", "open"}, {"a", "usual"}, {"g", "hand"}, {"u", "reassign"}, {"r", "return"}, {"s", "split"}, {"d", "duplicate"}, {"l", "raise"},
		{"b", "link"}, {"c", "decide"}, {"w", "withdraw"}, {"x", "select"}, {"e", "next"}, {"Ctrl Enter", "send"}, {"Esc", "close"}} {
		out = append(out, templates.TriageKey{Key: k[0], Text: c.T("triage_key." + k[1])})
	}
	return out
}
