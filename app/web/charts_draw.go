package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// plainFloat writes a number for a drawing with as few digits as say it.
func plainFloat(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// wanCell is an amount in whole 万元.
func (c *call) wanCell(fen int64) templates.ChartCell {
	return templates.ChartCell{Text: c.Wan(fen, 0), Value: plainFloat(float64(fen) / fenPerWan)}
}

func countCell(n int) templates.ChartCell {
	return templates.ChartCell{Text: strconv.Itoa(n), Value: strconv.Itoa(n)}
}

// rateCell is a rate in per cent, or a dash where there is nothing to divide by.
func (c *call) rateCell(r app.Rate) templates.ChartCell {
	if !r.Known() {
		return templates.ChartCell{Text: "—"}
	}
	cell := templates.ChartCell{Text: c.Percent(r.Percent()), Value: strconv.FormatFloat(r.Percent(), 'f', 1, 64)}
	if !r.Reached() {
		cell.Class = "late"
	}
	return cell
}

// partCell says what a rate is made of.
func (c *call) partCell(r app.Rate) templates.ChartCell {
	part, whole := strconv.FormatInt(r.Part, 10), strconv.FormatInt(r.Whole, 10)
	if r.Money {
		part, whole = c.Wan(r.Part, 0), c.Wan(r.Whole, 0)
	}
	return templates.ChartCell{Text: c.T("chart.part_of", "Part", part, "Whole", whole)}
}

// rates is the four rates: of all projects together, and by task force.
func (q *chartQuery) rates() (templates.Chart, error) {
	c := q.c
	sheet, err := c.s.App.RatesOn(c.ctx(), c.actor, app.ProjectFilter{TaskForce: q.filter.TaskForce}, q.last())
	if err != nil {
		return templates.Chart{}, err
	}
	chart := templates.Chart{Kind: "bars", Title: c.s.App.RateGoals().Title.In(c.Lang), Unit: "%", Row: c.T("chart.force"), Note: c.T("chart.rates_note", "Day", c.FullDay(q.last()), "Month", c.Month(sheet.Month))}
	tones := map[string]string{"start_rate": "blue", "invest_rate": "accent", "funds_rate": "green", "completion_rate": "orange"}
	for _, g := range c.s.App.RateGoals().List {
		name := g.Title.In(c.Lang)
		chart.Series = append(chart.Series, templates.ChartSeries{Name: name, Draw: "bar", Tone: tones[g.ID], Goal: strconv.Itoa(g.Goal), GoalText: c.T("chart.goal", "Goal", g.Goal)},
			templates.ChartSeries{Name: c.T("chart.part", "Rate", name, "Goal", g.Goal)})
	}
	row := func(name string, rates []app.Rate) {
		line := templates.ChartRow{Name: name}
		for _, r := range rates {
			line.Cells = append(line.Cells, c.rateCell(r), c.partCell(r))
		}
		chart.Rows = append(chart.Rows, line)
	}
	if len(sheet.Forces) > 1 {
		row(c.T("chart.together"), sheet.All)
	}
	for _, f := range sheet.Forces {
		row(f.TaskForce.Name, f.Rates)
	}
	chart.Label = c.T("chart.rates_label", "N", len(chart.Rows))
	if silent := silentOf(sheet.All); silent > 0 {
		chart.Note += c.T("chart.silent", "N", silent)
	}
	return chart, nil
}

func silentOf(rates []app.Rate) int {
	n := 0
	for _, r := range rates {
		n += r.Silent
	}
	return n
}

// invest is the verified investment against what the plan asks for by the last month-end, by task force.
func (q *chartQuery) invest() (templates.Chart, error) {
	c := q.c
	sheet, err := c.s.App.RatesOn(c.ctx(), c.actor, app.ProjectFilter{TaskForce: q.filter.TaskForce}, q.last())
	if err != nil {
		return templates.Chart{}, err
	}
	chart := templates.Chart{Kind: "bars", Title: c.T("chart.invest"), Unit: c.T("project.wan"), Row: c.T("chart.force"), Note: c.T("chart.invest_note", "Month", c.Month(sheet.Month))}
	chart.Series = []templates.ChartSeries{{Name: c.T("chart.plan_to_date"), Draw: "frame", Tone: "ink-3"}, {Name: c.T("chart.verified"), Draw: "bar", Tone: "accent"},
		{Name: c.T("chart.gap")}, {Name: c.T("chart.of_schedule")}, {Name: c.T("chart.year_plan")}, {Name: c.T("chart.done_of_year")}}
	for _, f := range sheet.Forces {
		for _, r := range f.Rates {
			if r.ID != "invest_rate" || r.YearFen == 0 {
				continue
			}
			gap := c.wanCell(r.Part - r.Whole)
			if r.Part < r.Whole {
				gap.Class = "late"
			}
			rate, done := c.rateCell(r), templates.ChartCell{Text: c.Percent(r.Done()), Value: strconv.FormatFloat(r.Done(), 'f', 1, 64)}
			chart.Rows = append(chart.Rows, templates.ChartRow{Name: f.TaskForce.Name, Cells: []templates.ChartCell{c.wanCell(r.Whole), c.wanCell(r.Part), gap, rate, c.wanCell(r.YearFen), done}})
		}
	}
	chart.Label = c.T("chart.invest_label", "N", len(chart.Rows))
	return chart, nil
}

// lightSeries are the columns of counts by light, the calm ones first.
func (c *call) lightSeries(calm string) []templates.ChartSeries {
	var out []templates.ChartSeries
	for _, light := range workflows.Lights() {
		name := c.T("light." + string(light))
		if light == workflows.LightGreen && calm != "" {
			name = calm
		}
		out = append(out, templates.ChartSeries{Name: name, Draw: "bar", Tone: string(light)})
	}
	return out
}

// lightCells are counts in the order of lightSeries; tickets that no rule covers count as green.
func lightCells(n map[workflows.Light]int) []templates.ChartCell {
	var out []templates.ChartCell
	for _, light := range workflows.Lights() {
		count := n[light]
		if light == workflows.LightGreen {
			count += n[workflows.LightNone]
		}
		out = append(out, countCell(count))
	}
	return out
}

// lights is how many projects showed each light, week by week.
func (q *chartQuery) lights() (templates.Chart, error) {
	c := q.c
	weeks, err := c.s.App.LightsOverTime(c.ctx(), c.actor, q.filter)
	if err != nil {
		return templates.Chart{}, err
	}
	chart := templates.Chart{Kind: "stack", Title: c.T("chart.lights"), Unit: c.T("chart.projects"), Row: c.T("chart.week_end"), Note: c.T("chart.lights_note"), Label: c.T("chart.lights_label", "N", len(weeks))}
	chart.Series = append(c.lightSeries(c.T("chart.calm")), templates.ChartSeries{Name: c.T("chart.all_projects")})
	for _, w := range weeks {
		chart.Rows = append(chart.Rows, templates.ChartRow{Name: w.On.String(), Cells: append(lightCells(w.Lights), countCell(w.Projects))})
	}
	return chart, nil
}

// ages is how long open tickets have been out.
func (q *chartQuery) ages() (templates.Chart, error) {
	all, err := q.c.s.App.TicketAges(q.c.ctx(), q.c.actor, q.filter.TaskForce)
	chart := q.bucketChart(all.Age, all.Open)
	chart.Title, chart.Note = q.c.T("chart.ages"), q.c.T("chart.ages_note", "Day", q.c.FullDay(q.c.s.App.Today()), "N", all.Open)
	chart.Label = q.c.T("chart.ages_label", "N", all.Open)
	return chart, err
}

// overdue is how long open tickets are overdue, of those that are.
func (q *chartQuery) overdue() (templates.Chart, error) {
	all, err := q.c.s.App.TicketAges(q.c.ctx(), q.c.actor, q.filter.TaskForce)
	chart := q.bucketChart(all.Over, all.Overdue)
	chart.Title, chart.Note = q.c.T("chart.overdue"), q.c.T("chart.overdue_note", "Day", q.c.FullDay(q.c.s.App.Today()), "N", all.Overdue)
	chart.Label = q.c.T("chart.overdue_label", "N", all.Overdue)
	return chart, err
}

// bucketChart stacks the lights of tickets by age; it has no rows where there is no ticket.
func (q *chartQuery) bucketChart(all []app.AgeBucket, n int) templates.Chart {
	c := q.c
	chart := templates.Chart{Kind: "stack", Unit: c.T("chart.tickets"), Row: c.T("chart.workdays"), Series: append(c.lightSeries(""), templates.ChartSeries{Name: c.T("chart.all_tickets")})}
	if n == 0 {
		return chart
	}
	for _, b := range all {
		name := c.T("chart.days_between", "From", b.From, "To", b.To)
		if b.To == 0 {
			name = c.T("chart.days_over", "N", b.From-1)
		}
		chart.Rows = append(chart.Rows, templates.ChartRow{Name: name, Cells: append(lightCells(b.Lights), countCell(b.N))})
	}
	return chart
}
