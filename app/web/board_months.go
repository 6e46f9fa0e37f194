package web

import (
	"bytes"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// mostMonths is how many months the months view shows at most.
const mostMonths = 24

// planMonths plans every project as a line over the months, task force by task force. Outline is the plan, fill what was done, hatch what is late.
func (k *sketch) planMonths(g app.Grid[app.Card]) {
	first, last := k.span(g)
	heads := k.MonthsBetween(first, last, k.Today)
	k.add("head", mark(uint64(k.Epoch), int64(g.Shown), int64(first), int64(last)), func(out *bytes.Buffer) error {
		return piece(k, out, k.s.Set.Pages.Board.Head, templates.BoardHead{Corner: k.T("months.row"), Count: k.Count(g.Shown), Months: heads})
	})
	for i, row := range g.Rows {
		var cards []app.Card
		m := mark(uint64(k.Epoch), begins(i), int64(first), int64(last))
		for _, cell := range row.Cells {
			cards = append(cards, cell...)
			for _, card := range cell {
				m = mark(m, card.Drawn)
			}
		}
		k.add(row.TaskForce.Code, m, func(out *bytes.Buffer) error {
			if err := k.rowHead(out, row.TaskForce, row.Lights, len(heads)+1, i == 0); err != nil {
				return err
			}
			for _, card := range cards {
				if err := piece(k, out, k.s.Set.Pages.Board.Track, k.track(row.TaskForce, card, first, last)); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// span is the first and the last month that any plan, date or milestone of the cards falls in, the year of today at least.
func (k *sketch) span(g app.Grid[app.Card]) (first, last calendar.Month) {
	first, last = calendar.MakeMonth(k.Today.Month().Year(), 1), calendar.MakeMonth(k.Today.Month().Year(), 12)
	see := func(d calendar.Date) {
		if !d.IsZero() {
			first, last = min(first, d.Month()), max(last, d.Month())
		}
	}
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			for _, card := range cell {
				p := card.Project
				for _, d := range []calendar.Date{p.PlannedStartOn, p.StartedOn, p.PlannedFinishOn, p.FinishedOn} {
					see(d)
				}
				for _, m := range card.Stones {
					see(m.DueOn())
				}
			}
		}
	}
	first = max(first, k.Today.Month().Add(-12))
	return first, min(last, first.Add(mostMonths-1))
}

// track is one project's line.
func (k *sketch) track(tf app.TaskForce, card app.Card, first, last calendar.Month) templates.BoardTrack {
	p := card.Project
	t := templates.BoardTrack{Row: tf.Code, ID: "card-" + p.Code, Item: "project/" + p.Code, At: p.Stage, Version: id64(p.Version), Name: p.Name, Href: projectPath(p.Code),
		Mark: k.Asked(k.Light(p.Light).Bare(), k.thenWhy(whyPath("project", p.Code))), Span: int(last-first) + 1, Folded: k.filter.folded(tf.Code)}
	var words []string
	for _, word := range []string{p.Code, k.stageName(p.Stage), card.Person} {
		if word != "" {
			words = append(words, word)
		}
	}
	t.Meta = strings.Join(words, " · ")
	if p.YearPlanFen > 0 {
		done, plan := percent(p.VerifiedFen, p.YearPlanFen), percent(card.PlanFen, p.YearPlanFen)
		t.Note, t.Late = k.T("board.done_plan", "Done", k.Percent(done), "Plan", k.Percent(plan)), done < plan
	}
	spans, said := k.spans(p)
	stones, told := k.stones(card.Stones)
	t.Track = templates.NewTrack(strings.Join(append(append([]string{p.Name}, said...), told...), k.T("project.comma")), first, last, k.Today, spans, stones)
	return t
}

// spans are the plan, what was done of it, and what is late: not started when it should have been, or not finished. The words say the same.
func (k *sketch) spans(p app.Project) (spans []templates.Span, words []string) {
	add := func(kind string, from, to calendar.Date, key string) {
		if from.IsZero() || to.IsZero() || to < from {
			return
		}
		spans = append(spans, templates.Span{Kind: kind, From: from, To: to})
		words = append(words, k.T(key, "From", k.Day(from), "To", k.Day(to)))
	}
	add("plan", p.PlannedStartOn, p.PlannedFinishOn, "board.span_plan")
	end := k.Today
	if !p.FinishedOn.IsZero() {
		end = p.FinishedOn
	}
	add("done", p.StartedOn, end, "board.span_done")
	switch {
	case p.StartedOn.IsZero() && !p.PlannedStartOn.IsZero() && p.PlannedStartOn < k.Today:
		add("late", p.PlannedStartOn, k.Today, "board.span_not_started")
	case !p.StartedOn.IsZero() && !p.PlannedFinishOn.IsZero() && p.PlannedFinishOn < end:
		add("late", p.PlannedFinishOn.AddDays(1), end, "board.span_not_finished")
	}
	return spans, words
}

// stones are the milestones: reached, due, or past and not reached.
func (k *sketch) stones(all []app.Milestone) (stones []templates.Stone, words []string) {
	for _, m := range all {
		s := templates.Stone{On: m.DueOn(), Title: k.T("board.stone", "Name", m.Name, "Day", k.Day(m.DueOn()))}
		switch {
		case !m.ActualOn.IsZero():
			s.On, s.Tone, s.Title = m.ActualOn, "done", k.T("board.stone_reached", "Name", m.Name, "Day", k.Day(m.ActualOn))
		case m.DueOn() < k.Today:
			s.Tone, s.Title = "late", k.T("board.stone_late", "Name", m.Name, "Day", k.Day(m.DueOn()))
		}
		stones, words = append(stones, s), append(words, s.Title)
	}
	return stones, words
}

// stageName is what a stage is called.
func (c *call) stageName(id string) string {
	if st, ok := c.s.App.Machine("project").State(id); ok {
		return st.Title.In(c.Lang)
	}
	return id
}
