package web

import (
	"slices"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// life is the project from its signing to its end in one drawing: what was planned, how long each stage took, what is late, and the milestones.
func (p projectSheet) life() templates.LifeLine {
	c, row, today := p.c, p.d.Project, p.c.s.App.Today()
	var spans []templates.LifeSpan
	var text []templates.Def
	if !row.PlannedStartOn.IsZero() && !row.PlannedFinishOn.IsZero() {
		spans = append(spans, templates.LifeSpan{Kind: "plan", Name: c.T("life.planned", "From", c.ShortDay(row.PlannedStartOn), "To", c.FullDay(row.PlannedFinishOn)), From: row.PlannedStartOn, To: row.PlannedFinishOn})
		text = append(text, templates.Def{Name: c.T("life.plan"), Text: c.FullDay(row.PlannedStartOn) + "–" + c.FullDay(row.PlannedFinishOn)})
	}
	begun := p.begun()
	for i, b := range begun {
		end := today
		if i+1 < len(begun) {
			end = begun[i+1].on
		}
		note := c.T("life.days", "N", int(end-b.on))
		if b.done {
			note = ""
		}
		spans = append(spans, templates.LifeSpan{Kind: "done", Name: b.name, From: b.on, To: end})
		text = append(text, templates.Def{Name: b.name, Text: c.FullDay(b.on), Note: note})
	}
	spans = append(spans, p.late(today)...)
	var stones []templates.LifeStone
	for _, m := range p.byDate() {
		s := templates.LifeStone{On: m.ActualOn, Name: m.Name, Tone: "done"}
		word := c.T("life.reached")
		if s.On.IsZero() {
			s.On, s.Tone, word = m.DueOn(), "", c.T("life.waits")
			if s.On < today {
				s.Tone, word = "late", c.T("life.overdue")
			}
		}
		stones = append(stones, s)
		text = append(text, templates.Def{Name: m.Name, Text: c.FullDay(s.On), Note: word})
	}
	return c.LifeLine(c.T("life.label", "Name", row.Name), today, spans, stones, text)
}

func (p projectSheet) byDate() []app.Milestone {
	stones := slices.Clone(p.d.Milestones)
	on := func(m app.Milestone) calendar.Date {
		if !m.ActualOn.IsZero() {
			return m.ActualOn
		}
		return m.DueOn()
	}
	slices.SortStableFunc(stones, func(a, b app.Milestone) int { return int(on(a) - on(b)) })
	return stones
}

// begunStage is a stage with the day on which it began.
type begunStage struct {
	name string
	on   calendar.Date
	done bool
}

// begun lists the stages of the main line that the project came into, in order, as far as their days are known.
func (p projectSheet) begun() []begunStage {
	machine := p.c.s.App.Machine("project")
	here := p.d.Project.Stage
	if machine.Rank(here) == 0 {
		here = p.d.Project.ResumeStage
	}
	var out []begunStage
	for _, st := range machine.Path() {
		on := p.reachedOn(st.ID)
		if on.IsZero() || machine.Rank(st.ID) > machine.Rank(here) || len(out) > 0 && on < out[len(out)-1].on {
			continue
		}
		out = append(out, begunStage{st.Title.In(p.c.Lang), on, st.Kind == workflows.KindDone})
	}
	return out
}

// late are the times by which the project began or ended, or still waits to, after the planned day.
func (p projectSheet) late(today calendar.Date) []templates.LifeSpan {
	row := p.d.Project
	var out []templates.LifeSpan
	for _, one := range []struct{ planned, actual calendar.Date }{{row.PlannedStartOn, row.StartedOn}, {row.PlannedFinishOn, row.FinishedOn}} {
		end := one.actual
		if end.IsZero() {
			end = today
		}
		if !one.planned.IsZero() && end > one.planned {
			out = append(out, templates.LifeSpan{Kind: "late", From: one.planned, To: end})
		}
	}
	return out
}

// blockers are the open tickets that hold the project up, with their level and how long they have stood.
func (p projectSheet) blockers() []templates.Table {
	c := p.c
	t := templates.Table{Columns: []templates.Column{{Text: c.T("blocker.what")}, {Text: c.T("blocker.cause")}, {Text: c.T("blocker.level")}, {Text: c.T("blocker.days"), Num: true}, {Text: c.T("blocker.unit")}, {Text: c.T("blocker.state")}}}
	for i := range p.d.Tickets {
		k := &p.d.Tickets[i]
		kind := c.ticketKind(k.State)
		if k.Kind != "blocker" || kind == workflows.KindDone || kind == workflows.KindEnded || k.IssuedOn.IsZero() {
			continue
		}
		cause := ""
		if k.Cause != "" {
			cause = c.T("cause." + k.Cause)
		}
		level := c.T("blocker.no_level")
		if k.CoordinationLevel > 0 {
			level = c.T("coordination." + id64(int64(k.CoordinationLevel)))
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.ticketTitle(k), Href: "/tickets/" + k.No, Class: "name", Light: c.Light(k.Light).Bare()}, {Text: cause}, {Text: level},
			{Text: c.Count(int(c.s.App.Today() - k.IssuedOn)), Class: "num"}, {Text: p.dir.Units[k.LeadUnitID].Name}, {Text: c.ticketState(k.State)}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	headed(&t)
	return []templates.Table{t}
}
