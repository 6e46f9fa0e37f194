package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// ticketRecord is one record of the journal with its changes unpacked.
type ticketRecord struct {
	no            int64
	at            int64
	record        audit.Record
	before, after map[string]any
}

func readRecords(rows []app.JournalRow) ([]ticketRecord, error) {
	var out []ticketRecord
	for _, row := range rows {
		r, err := row.Decoded()
		if err != nil {
			return nil, fmt.Errorf("read journal record %d: %w", row.No, err)
		}
		one := ticketRecord{no: row.No, at: row.At, record: r}
		for _, half := range []struct {
			raw  json.RawMessage
			into *map[string]any
		}{{r.Before, &one.before}, {r.After, &one.after}} {
			if len(half.raw) == 0 {
				continue
			}
			if err := json.Unmarshal(half.raw, half.into); err != nil {
				return nil, fmt.Errorf("read changes of journal record %d: %w", row.No, err)
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// text is a changed column before or after, "" where it is no text.
func text(m map[string]any, column string) string {
	s, _ := m[column].(string)
	return s
}

// entered is the record with which the ticket last came into a state.
func (w *ticketWords) entered(state string) (ticketRecord, bool) {
	for _, r := range w.records {
		if strings.HasPrefix(r.record.Action, "ticket.") && text(r.after, "state") == state {
			return r, true
		}
	}
	return ticketRecord{}, false
}

// steps draws the main line of the workflow with the days on which the ticket came there; a state beside the line is noted where the line goes on.
func (w *ticketWords) steps() []templates.Step {
	c, k, path := w.c, &w.f.Ticket, w.machine.Path()
	at := w.place(k.State, len(w.machine.States))
	var steps []templates.Step
	for i, state := range path {
		step := templates.Step{Name: state.Title.In(c.Lang), State: "next"}
		if i < at || i == at && state.Kind == workflows.KindDone {
			step.State = "done"
		} else if i == at {
			step.State = "now"
		}
		if r, ok := w.entered(state.ID); ok && i <= at {
			step.Date = c.ShortDay(c.dayOf(r.at))
		}
		if i == at && k.State != state.ID {
			step.Note = c.T("ticket.beside", "State", c.ticketState(k.State), "Day", c.ShortDay(k.StateSince))
		}
		steps = append(steps, step)
	}
	return steps
}

// place is where on the main line a state stands, counted from 0: a state beside it stands where its way leads back, one without a way back where it was left.
func (w *ticketWords) place(state string, depth int) int {
	if rank := w.machine.Rank(state); rank > 0 || depth == 0 {
		return rank - 1
	}
	if move, ok := expected(w.machine, state); ok {
		return w.place(move.To, depth-1)
	}
	if r, ok := w.entered(state); ok {
		return w.place(text(r.before, "state"), depth-1)
	}
	return -1
}

func (c *call) dayOf(unix int64) calendar.Date {
	return c.s.App.Calendar().Today(time.Unix(unix, 0))
}

// ofRule tells whether a record was written by a rule and not by a person.
func (r ticketRecord) ofRule() bool { return r.record.Actor.Kind != "user" }

// who is who did it, named as the journal's own page names them.
func (r ticketRecord) who(c *call) (name, unit string) {
	name, unit, _ = (&ledger{c: c}).who(r.record.Actor)
	return name, unit
}

func (r ticketRecord) what(c *call) string { return (&ledger{c: c}).what(r.record.Action) }

// views are the parts of the history: all of it, what people did, what rules did.
func (w *ticketWords) views() []templates.Segment {
	var out []templates.Segment
	list := []struct{ name, key string }{{"", "ticket.history_all"}, {"people", "ticket.history_people"}, {"rules", "ticket.history_rules"}}
	for _, k := range historyKinds() {
		list = append(list, struct{ name, key string }{k.name, "ticket.history_" + k.name})
	}
	for _, view := range list {
		href := "/tickets/" + w.f.Ticket.No
		if view.name != "" {
			href += "?history=" + view.name
		}
		out = append(out, templates.Segment{Text: w.c.T(view.key), Href: href + "#history", On: w.c.QueryParam("history") == view.name})
	}
	return out
}

func (w *ticketWords) events() ([]templates.Event, error) {
	view := w.c.QueryParam("history")
	records, err := w.listed()
	if err != nil {
		return nil, err
	}
	var out []templates.Event
	for _, r := range records {
		if view == "people" && r.ofRule() || view == "rules" && !r.ofRule() {
			continue
		}
		e, err := w.event(r)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (w *ticketWords) event(r ticketRecord) (templates.Event, error) {
	c := w.c
	e := templates.Event{No: c.Count(int(r.no)), Href: "/journal/" + id64(r.no), Proof: c.T("ticket.proof"), At: c.when(r.at), What: r.what(c),
		Text: r.record.Reason, System: r.ofRule()}
	e.Who, e.Unit = r.who(c)
	if strings.HasPrefix(r.record.Action, "escalation.") {
		return e, w.lightEvent(&e, r)
	}
	if was, is := text(r.before, "state"), text(r.after, "state"); was != "" && is != "" {
		e.Before, e.After = c.recordState(r, was), c.recordState(r, is)
	}
	if feedback := text(r.after, "feedback"); feedback != "" && e.Text == "" {
		e.Text = feedback
	}
	switch r.record.Action {
	case "comment.add":
		e.Text = text(r.after, "body")
	case "attachment.add":
		e.Text = strings.TrimSpace(text(r.after, "name") + " " + text(r.after, "caption"))
	}
	if r.record.Action == "ticket.hand" {
		e.Before, e.After = w.person(r.before["handler_id"]), w.person(r.after["handler_id"])
	}
	return e, nil
}

// recordState words a state of what a record is about: a ticket, a paper and a project each have their own.
func (c *call) recordState(r ticketRecord, state string) string {
	return (&ledger{c: c}).text(r.record.Object.Kind, "state", state, nil)
}

// lightEvent words what a rule did: which rule, which light, and why.
func (w *ticketWords) lightEvent(e *templates.Event, r ticketRecord) error {
	c := w.c
	_, id, _ := strings.Cut(r.record.Rule, "/")
	id, _, _ = strings.Cut(id, "@")
	e.Text = id
	if rule, ok := c.s.App.Ruleset().Rule(id); ok {
		e.Text = rule.Title.In(c.Lang)
	}
	if light := text(r.after, "light"); light != "" {
		e.Light = c.Light(workflows.Light(light))
	}
	if finding := text(r.after, "finding"); finding != "" {
		f, err := app.Escalation{Finding: finding}.Explain()
		if err != nil {
			return fmt.Errorf("read the finding of journal record %d: %w", r.no, err)
		}
		e.Text = c.T("ticket.rule_says", "Rule", e.Text, "Why", f.Sentence(c.Lang, c.DayNumber))
	}
	if r.record.Action == "escalation.lift" {
		if r.record.Reason == "superseded" { // the light does not go out: a graver step of the same rule takes its place
			e.What = c.T("ticket.stepped_up")
		}
		e.Text = c.T("ticket.rule_says", "Rule", e.Text, "Why", c.T("lifted."+r.record.Reason))
	}
	return nil
}

// person names the user whose number stands in a record.
func (w *ticketWords) person(id any) string {
	n, _ := id.(float64)
	if name := w.dir.Users[int64(n)].Name; name != "" {
		return name
	}
	return w.c.T("ticket.nobody")
}
