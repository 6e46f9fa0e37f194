package templates

import (
	"strconv"
	"strings"
	"time"

	"battlemap/app/calendar"
)

// MonthFigures is one month of a project: planned and done in fen. Done counts only up to the month that Now marks.
type MonthFigures struct {
	Month      calendar.Month
	Plan, Done int64
}

// Months is the argument of "months"; make it with Locale.Months.
type Months struct {
	Locale
	Caption            string
	Columns            []MonthColumn
	Rows               []MonthRow
	Width              int // of the drawing, 100 a month; its height is 100
	PlanLine, DoneLine string
}

// MonthColumn is the drawing of one month in units of the 100 high view box.
type MonthColumn struct {
	Name                                   string
	Now, Behind                            bool
	Left, BarX, PlanY, PlanH, DoneY, DoneH string
}

// MonthRow is one line of figures under the drawing.
type MonthRow struct {
	Name, Class string
	Cells       []Cell
	// Draw and Tone say how charts.js draws the row, as ChartSeries does; Right draws it against the axis on the right.
	Draw, Tone string
	Right      bool
}

// Months draws plan against actual for consecutive months; now is the last month with actual figures, later ones stay blank.
func (l Locale) Months(figures []MonthFigures, now calendar.Month) Months {
	m := Months{Locale: l, Caption: l.T("months.caption"), Width: 100 * len(figures)}
	top, total := monthScale(figures)
	plan, done, cumPlan, cumDone, behind := l.row("months.plan"), l.row("months.done"), l.row("months.cum_plan"), l.row("months.cum_done"), l.row("months.behind")
	behind.Class = "sum"
	plan.Draw, plan.Tone, done.Draw, done.Tone = "frame", "ink-3", "bar", "accent"
	cumPlan.Draw, cumPlan.Tone, cumPlan.Right, cumDone.Draw, cumDone.Tone, cumDone.Right = "dashes", "ink-3", true, "line", "ink", true
	var planSum, doneSum int64
	var planLine, doneLine []string
	for i, f := range figures {
		planSum, doneSum = planSum+f.Plan, doneSum+f.Done
		known := f.Month <= now
		m.Columns = append(m.Columns, l.column(i, f, known, f.Month == now, top))
		plan.Cells = append(plan.Cells, Cell{Text: l.Wan(f.Plan, 0)})
		cumPlan.Cells = append(cumPlan.Cells, Cell{Text: l.Wan(planSum, 0)})
		at := strconv.Itoa(100*i+50) + ","
		planLine = append(planLine, at+height(100-scaled(planSum, total)))
		if !known {
			for _, row := range []*MonthRow{&done, &cumDone, &behind} {
				row.Cells = append(row.Cells, Cell{})
			}
			continue
		}
		doneLine = append(doneLine, at+height(100-scaled(doneSum, total)))
		done.Cells = append(done.Cells, Cell{Text: l.Wan(f.Done, 0)})
		cumDone.Cells = append(cumDone.Cells, Cell{Text: l.Wan(doneSum, 0)})
		behind.Cells = append(behind.Cells, l.shortfall(planSum, doneSum))
	}
	m.PlanLine, m.DoneLine = strings.Join(planLine, " "), strings.Join(doneLine, " ")
	m.Rows = []MonthRow{plan, done, cumPlan, cumDone, behind}
	return m
}

func (l Locale) row(key string) MonthRow { return MonthRow{Name: l.T(key)} }

// shortfall writes the points of a hundred by which the cumulative amount stands below (or above) its plan.
func (l Locale) shortfall(plan, done int64) Cell {
	if plan == 0 {
		return Cell{}
	}
	points := 100 * float64(done-plan) / float64(plan)
	text := strconv.FormatFloat(points, 'f', 1, 64)
	if points < 0 {
		return Cell{Text: "−" + text[1:], Class: "late"}
	}
	return Cell{Text: "+" + text}
}

func (l Locale) column(i int, f MonthFigures, known, now bool, top int64) MonthColumn {
	c := MonthColumn{Name: l.ShortMonth(f.Month), Now: now, Left: strconv.Itoa(100 * i), BarX: strconv.Itoa(100*i + 28)}
	plan, done := scaled(f.Plan, top), 0.0
	if known {
		done, c.Behind = scaled(f.Done, top), f.Done < f.Plan
	}
	c.PlanY, c.PlanH, c.DoneY, c.DoneH = height(100-plan), height(plan), height(100-done), height(done)
	return c
}

// monthScale returns the amount that fills the height for single months, and for the cumulative lines.
func monthScale(figures []MonthFigures) (top, total int64) {
	var planSum, doneSum int64
	for _, f := range figures {
		top = max(top, f.Plan, f.Done)
		planSum, doneSum = planSum+f.Plan, doneSum+f.Done
	}
	return top * 2, max(planSum, doneSum) // columns take the lower half, the lines the whole
}

// scaled returns n in units of the view box, leaving four units of air at the top.
func scaled(n, top int64) float64 {
	if top == 0 {
		return 0
	}
	return 96 * float64(n) / float64(top)
}

func height(units float64) string { return strconv.FormatFloat(units, 'f', 2, 64) }

// Span is one bar of a track. Kind is "plan", "done" or "late"; From and To are days, To included.
type Span struct {
	Kind     string
	From, To calendar.Date
}

// Stone is a milestone of a track. Tone is "", "done" or "late"; Title says name and date.
type Stone struct {
	On          calendar.Date
	Tone, Title string
}

// Track is the argument of "track"; make it with NewTrack.
type Track struct {
	Label  string
	Spans  []DrawnSpan
	Stones []DrawnStone
	Today  string
}

// DrawnSpan is a span in SVG lengths.
type DrawnSpan struct{ Kind, X, W, Y, H string }

// DrawnStone is a milestone in SVG lengths.
type DrawnStone struct{ X, Tone, Title string }

// NewTrack draws spans and milestones of one project between two months, both included; what lies outside is cut off.
// Label says the same in words. A zero today draws no line.
func NewTrack(label string, first, last calendar.Month, today calendar.Date, spans []Span, stones []Stone) Track {
	from, to := first.First(), last.Last()
	place := func(d calendar.Date) float64 { return 100 * float64(d-from) / float64(to-from+1) }
	t := Track{Label: label}
	for _, s := range spans {
		a, b := max(s.From, from), min(s.To, to)
		if a > b {
			continue
		}
		d := DrawnSpan{Kind: s.Kind, X: share(place(a)), W: share(place(b+1) - place(a)), Y: "25%", H: "50%"}
		if s.Kind == "done" {
			d.Y, d.H = "38%", "24%"
		}
		t.Spans = append(t.Spans, d)
	}
	for _, s := range stones {
		if s.On >= from && s.On <= to {
			t.Stones = append(t.Stones, DrawnStone{X: share(place(s.On)), Tone: s.Tone, Title: s.Title})
		}
	}
	if today >= from && today <= to {
		t.Today = share(place(today))
	}
	return t
}

// MonthsBetween lists the heads of a months view, both ends included, with the month of today marked.
func (l Locale) MonthsBetween(first, last calendar.Month, today calendar.Date) []MonthHead {
	var heads []MonthHead
	for m := first; m <= last; m = m.Add(1) {
		heads = append(heads, MonthHead{Name: l.ShortMonth(m), Year: strconv.Itoa(m.Year()), Now: !today.IsZero() && today.Month() == m, Opens: m == first || m.Number() == int(time.January)})
	}
	return heads
}

// MonthHead is the head of one month; Opens says that the year is to be printed with it.
type MonthHead struct {
	Name, Year string
	Now, Opens bool
}
