package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// chartQuery is a choice of projects and months as the address says it.
type chartQuery struct {
	c      *call
	filter app.ChartFilter
	set    url.Values // what differs from the usual choice
	faults templates.Faults
}

// chartMonths is the longest period of the charts.
const chartMonths = 36

// chartQuery reads the address: without a period, from January of this year to this month.
func (c *call) chartQuery() chartQuery {
	today := c.s.App.Today()
	q := chartQuery{c: c, set: url.Values{}, faults: templates.Faults{}}
	q.filter = app.ChartFilter{TaskForce: number(c.QueryParam("force")), From: calendar.MakeMonth(today.Year(), 1), To: today.Month()}
	if q.filter.TaskForce > 0 {
		q.set.Set("force", id64(q.filter.TaskForce))
	}
	for name, month := range map[string]*calendar.Month{"from": &q.filter.From, "to": &q.filter.To} {
		text := strings.TrimSpace(c.QueryParam(name))
		if text == "" {
			continue
		}
		m, err := calendar.ParseMonth(text)
		if err != nil {
			q.faults[name] = c.T("fault.month_form")
			continue
		}
		if m != *month {
			q.set.Set(name, text)
		}
		*month = m
	}
	switch {
	case len(q.faults) > 0:
	case q.filter.To < q.filter.From:
		q.faults["to"] = c.T("fault.ends_before_start")
	case q.filter.From > today.Month():
		q.faults["from"] = c.T("fault.in_future")
	case q.filter.To >= q.filter.From.Add(chartMonths):
		q.faults["to"] = c.T("chart.too_long", "N", chartMonths)
	}
	return q
}

// last is the day as of which rates stand: the last of the period that is not after today.
func (q *chartQuery) last() calendar.Date { return min(q.filter.To.Last(), q.c.s.App.Today()) }

func (q *chartQuery) fields(dir app.Directory) []templates.Field {
	c := q.c
	forces := []templates.Option{{Text: c.T("chart.all_forces")}}
	for _, tf := range dir.TaskForceList() {
		forces = append(forces, templates.Option{Value: id64(tf.ID), Text: tf.Name})
	}
	month := func(name, key string, m calendar.Month) templates.Field {
		value := m.String()
		if q.faults[name] != "" {
			value = c.QueryParam(name)
		}
		return c.Field(name, key, value).As("month").Between("", c.s.App.Today().Month().String()).Fails(q.faults)
	}
	return []templates.Field{c.Field("force", "chart.force", chosen(q.filter.TaskForce)).Choose(forces), month("from", "chart.from", q.filter.From), month("to", "chart.to", q.filter.To)}
}

// drawers make the charts by their names in addresses, in the order of the page.
func (q *chartQuery) drawers() []struct {
	id   string
	draw func() (templates.Chart, error)
} {
	return []struct {
		id   string
		draw func() (templates.Chart, error)
	}{{"rates", q.rates}, {"invest", q.invest}, {"lights", q.lights}, {"ages", q.ages}, {"overdue", q.overdue}}
}

// draw makes one chart and gives it what all have.
func (q *chartQuery) draw(id string, draw func() (templates.Chart, error)) (templates.Chart, error) {
	chart, err := draw()
	if err != nil {
		return chart, fmt.Errorf("draw chart %s: %w", id, err)
	}
	chart.ID, chart.File = "chart-"+id, id+"-"+q.last().String()
	chart.CSV = "/charts/" + id + "/csv"
	if len(q.set) > 0 {
		chart.CSV += "?" + q.set.Encode()
	}
	if !speaks(chart) {
		chart.Rows = nil
		chart.Empty = []templates.Empty{{Icon: "chart-gantt", Text: q.c.T("chart.empty"), Next: q.c.T("chart.empty_next")}}
		chart.CSV = ""
	}
	return chart, nil
}

// speaks tells whether there is anything to draw: a chart of nothing but gaps shows axes and explains nothing.
func speaks(chart templates.Chart) bool {
	for _, row := range chart.Rows {
		for i, cell := range row.Cells {
			if chart.Series[i].Draw != "" && cell.Value != "" && cell.Value != "0" {
				return true
			}
		}
	}
	return false
}

func (s *server) chartsPage(c *call) error {
	q := c.chartQuery()
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.ChartsPage{Fields: q.fields(dir)}
	if len(q.set) > 0 || len(q.faults) > 0 {
		page.Reset = "/charts"
	}
	status := statusPage
	if len(q.faults) > 0 {
		status = statusInvalid
	} else {
		for _, d := range q.drawers() {
			chart, err := q.draw(d.id, d.draw)
			if err != nil {
				return err
			}
			page.Charts = append(page.Charts, chart)
		}
	}
	base, err := c.base(c.T("nav.charts"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "charts", c.whose()
	return showBase(c, status, s.Set.Pages.Charts.List, base, page)
}

// chartCSV sends a chart's table for a spreadsheet, with the mark by which Excel knows UTF-8.
func (s *server) chartCSV(c *call) error {
	q := c.chartQuery()
	all := q.drawers()
	i := slices.IndexFunc(all, func(d struct {
		id   string
		draw func() (templates.Chart, error)
	}) bool {
		return d.id == c.Param("id")
	})
	if i < 0 || len(q.faults) > 0 {
		return missingPage()
	}
	chart, err := q.draw(all[i].id, all[i].draw)
	if err != nil {
		return err
	}
	return c.sendCSV(chart.File, chartLines(chart))
}

// chartLines are a chart's table: plain numbers where there are some.
func chartLines(chart templates.Chart) [][]string {
	head := []string{chart.Row}
	for _, series := range chart.Series {
		head = append(head, series.Name)
	}
	lines := [][]string{head}
	for _, row := range chart.Rows {
		line := []string{row.Name}
		for _, cell := range row.Cells {
			switch _, err := strconv.ParseFloat(cell.Value, 64); {
			case err == nil:
				line = append(line, cell.Value)
			default:
				line = append(line, cell.Text)
			}
		}
		lines = append(lines, line)
	}
	return lines
}
