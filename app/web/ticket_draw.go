package web

import (
	"cmp"
	"slices"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// drawing is the ticket's state machine with the dates on which it came through each state, and the moves that the reader may make now.
func (w *ticketWords) drawing() templates.States {
	c, k := w.c, &w.f.Ticket
	at := w.place(k.State, len(w.machine.States))
	taken := map[int]bool{}
	var nodes []templates.StateNode
	for i, st := range w.machine.Path() {
		n := templates.StateNode{ID: st.ID, Name: st.Title.In(c.Lang), Rank: i + 1, State: "next"}
		if i < at || st.Kind == workflows.KindDone && st.ID == k.State {
			n.State = "done"
		}
		nodes = append(nodes, w.dated(n))
	}
	for _, st := range w.machine.States {
		if w.machine.Rank(st.ID) > 0 || st.Kind == workflows.KindEnded && st.ID != k.State && !w.leadsTo(st.ID) {
			continue
		}
		rank := w.beside(st.ID)
		for taken[rank] && rank > 1 {
			rank--
		}
		taken[rank] = true
		nodes = append(nodes, w.dated(templates.StateNode{ID: st.ID, Name: st.Title.In(c.Lang), Rank: rank, Beside: true, State: "next"}))
	}
	return templates.DrawStates(c.T("states.label", "State", c.ticketState(k.State), "Days", int(c.s.App.Today()-k.StateSince)), nodes, w.ways(), w.drawnWords())
}

// dated marks the state in which the ticket is, and says when it came into a state last.
func (w *ticketWords) dated(n templates.StateNode) templates.StateNode {
	k := &w.f.Ticket
	if n.ID == k.State {
		n.State, n.Date = "now", w.c.ShortDay(k.StateSince)
		return n
	}
	if r, ok := w.entered(n.ID); ok && (n.Beside || n.State == "done") {
		n.Date = w.c.ShortDay(w.c.dayOf(r.at))
	}
	return n
}

// beside is the place of the main line below which a state hangs: the last one from which a move leads to it.
func (w *ticketWords) beside(state string) int {
	rank := 1
	for _, m := range w.machine.Moves {
		if m.To != state {
			continue
		}
		for _, from := range m.From {
			rank = max(rank, w.machine.Rank(from))
		}
	}
	return rank
}

func (w *ticketWords) leadsTo(state string) bool {
	return slices.ContainsFunc(w.f.Moves, func(m workflows.Move) bool { return m.To == state && !m.Grave && !w.tooLate(m) })
}

// ways are the main line, the ways beside it, and by name the moves that the reader may make now.
func (w *ticketWords) ways() []templates.StateWay {
	k := &w.f.Ticket
	var out []templates.StateWay
	add := func(one templates.StateWay) {
		i := slices.IndexFunc(out, func(o templates.StateWay) bool { return o.From == one.From && o.To == one.To })
		switch {
		case one.From == one.To:
		case i < 0:
			out = append(out, one)
		case one.Open && !out[i].Open:
			out[i] = one
		}
	}
	for _, m := range w.f.Moves {
		if w.tooLate(m) {
			continue
		}
		to := m.To
		if to == workflows.Same {
			to = k.State
		}
		add(templates.StateWay{From: k.State, To: to, Name: m.Title.In(w.c.Lang), Open: true})
	}
	path := w.machine.Path()
	for i := range path[:len(path)-1] {
		add(templates.StateWay{From: path[i].ID, To: path[i+1].ID})
	}
	for _, m := range w.machine.Moves {
		for _, from := range m.From {
			onLine, aside := w.machine.Rank(from) > 0, w.machine.Rank(m.To) == 0
			if m.To != workflows.Same && m.To != workflows.Before && (onLine && aside && w.machine.Rank(from) == w.beside(m.To) || !onLine && !aside) {
				add(templates.StateWay{From: from, To: m.To})
			}
		}
	}
	return out
}

// drawnWords say the drawing in words: where the ticket stands and what can be done.
func (w *ticketWords) drawnWords() []string {
	c, k := w.c, &w.f.Ticket
	out := []string{c.T("states.now", "State", c.ticketState(k.State), "Day", c.FullDay(k.StateSince), "Days", int(c.s.App.Today()-k.StateSince))}
	for _, m := range w.f.Moves {
		if w.tooLate(m) {
			continue
		}
		key, to := "states.can", m.To
		if to == workflows.Same || to == k.State {
			key = "states.can_stay"
		}
		out = append(out, c.T(key, "Move", m.Title.In(c.Lang), "State", c.ticketState(to)))
	}
	return out
}

// clocks are the clocks beside the due date: days in the state, days that the clock stood, and the original date where it was moved.
func (w *ticketWords) clocks() []templates.Def {
	c, k := w.c, &w.f.Ticket
	defs := []templates.Def{{Name: c.T("clock.in_state"), Text: c.T("clock.days", "N", int(c.s.App.Today()-k.StateSince)), Note: c.ticketState(k.State)}}
	if !k.IssuedOn.IsZero() {
		end := cmp.Or(k.ClosedOn, c.s.App.Today())
		defs = append(defs, templates.Def{Name: c.T("clock.elapsed"), Text: c.T("clock.workdays", "N", c.s.App.CalendarFor(k.TaskForceID).Workdays(k.IssuedOn, end)), Note: c.T("clock.since", "Day", c.FullDay(k.IssuedOn))})
	}
	if k.Pauses > 0 || k.PausedDays > 0 {
		defs = append(defs, templates.Def{Name: c.T("clock.paused"), Text: c.T("clock.workdays", "N", k.PausedDays), Note: c.T("clock.pauses", "N", k.Pauses)})
	}
	if !k.BaselineOn.IsZero() && k.BaselineOn != k.DueOn {
		defs = append(defs, templates.Def{Name: c.T("clock.original"), Text: c.due(k.BaselineOn), Note: c.T("clock.moved", "N", k.DateChanges)})
	}
	return defs
}

// historyKinds are the parts of the history beside who did it: what it is about, by the beginning of the journal's action.
func historyKinds() []struct{ name, prefix string } {
	return []struct{ name, prefix string }{{"moves", "ticket."}, {"talk", "comment."}, {"files", "attachment."}, {"papers", "paper."}, {"lights", "escalation."}}
}

// listed are the records of the part of the history that was asked for: of one kind all are read, not only the newest of all.
func (w *ticketWords) listed() ([]ticketRecord, error) {
	for _, k := range historyKinds() {
		if w.c.QueryParam("history") != k.name {
			continue
		}
		rows, err := w.c.s.App.Journal(w.c.ctx(), w.c.actor, app.JournalFilter{Ticket: w.f.Ticket.ID, Prefix: k.prefix, Limit: 200})
		if err != nil {
			return nil, err
		}
		return readRecords(rows)
	}
	return w.records, nil
}
