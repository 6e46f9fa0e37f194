package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// rateFigure is one of the four rates as map and wall show it, under the name that the goals give it; the tick of its bar stands at the goal.
func (c *call) rateFigure(r app.Rate) templates.Figure {
	f := templates.Figure{Value: "—", Label: r.Title.In(c.Lang), Note: c.T("wall.goal", "Goal", r.Goal)}
	if r.Known() {
		f.Value, f.Bar = c.Percent(r.Percent()), c.Invest(r.Percent(), float64(r.Goal), "")
		f.Bar.Label = f.Label + " " + f.Value
	}
	if r.Known() && !r.Reached() {
		f.Tone = "behind"
	}
	return f
}

// rateFigures are the four rates, each with what it is made of.
func (c *call) rateFigures(rates []app.Rate) []templates.Figure {
	var out []templates.Figure
	for _, r := range rates {
		f := c.rateFigure(r)
		if r.Known() {
			f.Note, f.Hint = c.rateParts(r)
		} else {
			f.Note = ""
		}
		out = append(out, f)
	}
	return out
}

// scheduleNote says what the plan asks for by the end of a month.
func (c *call) scheduleNote(planned, plan int64, month calendar.Month) string {
	return c.T("map.schedule", "Month", c.ShortMonth(month), "Value", c.Percent(percent(planned, plan)))
}

// bar is a figure with a bar: done against a goal, both in points of a hundred.
func (c *call) bar(label string, done, goal float64, note string) templates.Figure {
	return templates.Figure{Label: c.T(label), Value: c.Percent(done), Note: note, Bar: c.Invest(done, goal, "")}
}

// rateParts is what a rate is made of: in figures, and in a sentence.
func (c *call) rateParts(r app.Rate) (figures, sentence string) {
	part, whole := strconv.FormatInt(r.Part, 10), strconv.FormatInt(r.Whole, 10)
	figures = part + "/" + whole
	if r.Money {
		part, whole, figures = c.Money(r.Part), c.Money(r.Whole), c.PartOf(r.Part, r.Whole)
	}
	return figures, c.T("rate.made."+r.ID, "Part", part, "Whole", whole, "Goal", r.Goal)
}
