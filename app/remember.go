package app

import (
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// remembered is what rules remember of an item: the cards that it was shown, what else happened to it, and what each rule lit at the ends of periods.
type remembered struct {
	cards  []workflows.Card
	events []workflows.Event
	lights map[string]map[calendar.Date]workflows.Light
}

func (m *remembered) light(rule string, last int) workflows.Light {
	return m.lights[rule][calendar.Date(last)]
}

// happening is something that happens to an item in this transaction and that rules may be judged on.
type happening struct {
	kind  string // of the item
	id    int64
	event workflows.Event
	card  int64 // the escalation, where the event is a card
	date  int64 // the change of a date, where it is one
	heard bool
}

// happens notes that something happens to an item today; its rules are asked when its light is worked out.
func (t *tx) happens(it item, kind string) {
	t.happenings = append(t.happenings, happening{kind: it.kind, id: it.id, event: workflows.Event{Kind: kind, On: int(t.today)}})
}

// remembered reads the item's past, without what this transaction has not told the rules yet.
func (w *watch) remembered() (*remembered, error) {
	if w.seen != nil {
		return w.seen, nil
	}
	m := &remembered{lights: map[string]map[calendar.Date]workflows.Light{}}
	w.seen = m
	if w.item.id == 0 {
		return m, nil
	}
	if err := w.readCards(m); err != nil {
		return nil, fmt.Errorf("read the cards of %s %s: %w", w.item.kind, w.item.no, err)
	}
	if err := w.readEvents(m); err != nil {
		return nil, fmt.Errorf("read what happened to %s %s: %w", w.item.kind, w.item.no, err)
	}
	for _, h := range w.t.happenings {
		if h.heard && (h.card == 0 || w.t.unheard(h.card)) && h.kind == w.item.kind && h.id == w.item.id &&
			(w.item.kind != "project" || !slices.Contains(m.events, h.event)) { // a report that is late or missing follows from the months as well
			m.events = append(m.events, h.event)
		}
	}
	if !w.until.IsZero() {
		m.events = slices.DeleteFunc(m.events, func(e workflows.Event) bool { return e.On > int(w.until) })
	}
	return m, nil
}

// unheard says whether rules have still to be asked about something that a card brought.
func (t *tx) unheard(card int64) bool {
	return slices.ContainsFunc(t.happenings, func(h happening) bool { return !h.heard && h.card == card })
}

func (w *watch) readCards(m *remembered) error {
	rows, err := list[Escalation](w.t, "id", "item_kind = ? AND item_id = ?", w.item.kind, w.item.id)
	if err != nil {
		return err
	}
	for _, e := range rows {
		unheard := w.t.unheard(e.ID)
		late := !w.until.IsZero() && w.t.calendar(0).Today(unixTime(e.RecordedAt)) > w.until
		if unheard || late {
			continue
		}
		excused := e.LiftedWhy == "exempted"
		also, err := e.also()
		if err != nil {
			return err
		}
		m.cards = append(m.cards, workflows.Card{Rule: e.RuleID, Step: e.Step, Light: e.Light, About: int(e.DueOn), On: int(e.BeganOn), Deadline: int(e.AnswerBy), Also: also, Excused: excused})
		if excused {
			continue
		}
		if m.lights[e.RuleID] == nil {
			m.lights[e.RuleID] = map[calendar.Date]workflows.Light{}
		}
		m.lights[e.RuleID][e.DueOn] = e.Light
	}
	return nil
}

// ticketEvents says which records of the journal are events for the rules, by the record's action.
func ticketEvents() map[string]string {
	return map[string]string{"ticket.return": "returned", "ticket.reopen": "redone", "ticket.grant_extension": "extended", "ticket.dispute": "disputed"}
}

// readEvents reads what the journal and the history of dates tell; what happens in this transaction is in neither of them, or left out.
func (w *watch) readEvents(m *remembered) error {
	switch w.item.kind {
	case "ticket":
		if err := w.readMoves(m); err != nil {
			return err
		}
	case "project":
		return w.readReports(m)
	}
	rows, err := list[DateChange](w.t, "id", "item_kind = ? AND item_id = ? AND cause IN ('extension', 'revise')", w.item.kind, w.item.id)
	if err != nil {
		return err
	}
	for _, c := range rows {
		if !slices.ContainsFunc(w.t.happenings, func(h happening) bool { return h.date == c.ID }) {
			m.events = append(m.events, workflows.Event{Kind: "date_changed", On: int(w.t.calendar(0).Today(unixTime(c.ChangedAt)))})
		}
	}
	return nil
}

func (w *watch) readMoves(m *remembered) error {
	kinds := ticketEvents()
	actions := make([]string, 0, len(kinds))
	for action := range kinds {
		actions = append(actions, action)
	}
	rows, err := list[JournalRow](w.t, "no", recordsOfTicket+" AND action IN ?", w.item.id, actions)
	for _, row := range rows {
		m.events = append(m.events, workflows.Event{Kind: kinds[row.Action], On: int(w.t.calendar(0).Today(unixTime(row.At)))})
	}
	return err
}

// readReports finds the months that were reported late or not at all.
func (w *watch) readReports(m *remembered) error {
	p, err := look[Project](w.t, w.item.id)
	if err != nil {
		return err
	}
	firsts, err := w.t.firstReports(p.ID)
	if err != nil {
		return err
	}
	for month := firstReport(p); !month.IsZero() && month <= w.t.today.Month(); month = month.Add(1) {
		on, reported := firsts[month]
		due, err := w.t.reportDue(month)
		if err != nil {
			return err
		}
		missed := missingOn(month)
		event := workflows.Event{}
		switch {
		case reported && on > due:
			event = workflows.Event{Kind: "reported_late", On: int(on)}
		case !reported && missed < w.t.today:
			event = workflows.Event{Kind: "report_missing", On: int(missed)}
		default:
			continue
		}
		unheard := slices.ContainsFunc(w.t.happenings, func(h happening) bool { return h.id == w.item.id && h.event == event && !h.heard })
		if !unheard {
			m.events = append(m.events, event)
		}
	}
	slices.SortStableFunc(m.events, func(x, y workflows.Event) int { return x.On - y.On })
	return nil
}

// firstReport is the first month whose progress a project owes: that of its start; zero before that.
func firstReport(p *Project) calendar.Month {
	if p.StartedOn.IsZero() {
		return 0
	}
	return p.StartedOn.Month()
}

// reportDue is the last day to report a month's progress: its last day, or the working day after that [P].
func (t *tx) reportDue(m calendar.Month) (calendar.Date, error) {
	return t.calendar(0).Due(m.Last(), calendar.Term{N: 0, Unit: calendar.UnitDay})
}

// missingOn is the day on which a month's progress counts as not reported at all: the last of the following month [P].
func missingOn(m calendar.Month) calendar.Date { return m.Add(1).Last() }

// firstReports is when each month of a project was first reported.
func (t *tx) firstReports(project int64) (map[calendar.Month]calendar.Date, error) {
	var rows []struct {
		Month calendar.Month
		At    int64
	}
	err := t.db.Raw(`SELECT e.month AS month, MIN(j.at) AS at FROM journal j JOIN progress_entries e ON e.id = j.object_id
WHERE j.project_id = ? AND j.project_id > 0 AND j.action = 'progress.report' AND e.project_id = ? GROUP BY e.month`, project, project).Scan(&rows).Error
	out := make(map[calendar.Month]calendar.Date, len(rows))
	for _, r := range rows {
		out[r.Month] = t.calendar(0).Today(unixTime(r.At))
	}
	return out, err
}

// hear asks the rules that are judged on events about each that happened in this transaction, in order; what they light may be an event for others.
func (w *watch) hear() error {
	for i := 0; i < len(w.t.happenings); i++ {
		h := &w.t.happenings[i]
		if h.heard || h.kind != w.item.kind || h.id != w.item.id {
			continue
		}
		w.seen = nil // what was heard before belongs to the past now
		event := h.event
		for _, r := range w.rules(calendar.Date(event.On)) {
			if !slices.Contains(r.On, event.Kind) {
				continue
			}
			s, err := w.subject(r, calendar.Date(event.On), calendar.Date(event.On))
			if err != nil {
				return w.failed(r, err)
			}
			f, err := r.OnEvent(s, event, w.counts())
			if err != nil {
				return w.failed(r, err)
			}
			if f == nil {
				continue
			}
			if err := w.raise(*f, true); err != nil {
				return err
			}
		}
		w.t.happenings[i].heard = true
		w.seen = nil
	}
	return nil
}
