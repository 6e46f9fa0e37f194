package templates

import (
	"strings"

	"battlemap/workflows"
)

// Card is the argument of "card": a project or ticket on the map.
type Card struct {
	Locale
	ID       string // id of the element, so that htmx can replace this one card
	Href     string // the page of the thing
	Panel    string // address of its side panel, or ""
	Why      string // address of the explanation of its light, or ""
	Light    workflows.Light
	Name     string
	Code     string
	Person   string
	Unit     string
	Days     int    // in this stage, in days
	Limit    int    // allowed in this stage, 0 for no limit
	Next     string // next milestone and its date
	NextWhy  string // address of the explanation of that date, or ""
	NextPast bool
	Tags     []Tag
	Invest   *Bar   // this year's investment against the plan, nil for things without money
	Item     string // "project/P-001" or "ticket/2023-001"; "" where nothing can be moved
	At       string // the stage or state that it stands in
	Version  string
	Ticket   bool // the days are those in a ticket's state
}

// Mark is the light without its word, which stands at the end of the line; it leads to its explanation.
func (c Card) Mark() LightMark {
	mark := c.Locale.Light(c.Light).Bare()
	if c.Why == "" {
		return mark
	}
	return c.Asked(mark, c.Why)
}

// Meta joins code, person and unit.
func (c Card) Meta() string {
	var parts []string
	for _, part := range []string{c.Code, c.Person, c.Unit} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, " · ")
}

// TooLong says whether the stage has lasted longer than allowed.
func (c Card) TooLong() bool { return c.Limit > 0 && c.Days > c.Limit }

// DaysText writes the days in the stage against the limit.
func (c Card) DaysText() string {
	switch {
	case c.Ticket:
		return c.T("card.days_state", "N", c.Days)
	case c.Limit == 0:
		return c.T("card.days", "N", c.Days)
	}
	return c.T("card.days_of", "N", c.Days, "Limit", c.Limit)
}

// DaysBar draws the days in the stage against the limit.
func (c Card) DaysBar() *Bar {
	bar := &Bar{Tone: "quiet", Label: c.T("card.in_stage")}
	if c.Limit > 0 {
		bar.Done = 100 * float64(c.Days) / float64(c.Limit)
	}
	if c.TooLong() {
		bar.Tone = "red"
	}
	return bar
}

// Invest returns the bar of a card or figure: done against plan in points of a hundred, red or yellow by tone, with both in words.
func (l Locale) Invest(done, plan float64, tone string) *Bar {
	return &Bar{
		Done: done, Plan: plan, Tick: true, Tone: tone, DoneText: l.Percent(done),
		Label: l.T("card.invest", "Done", l.Percent(done), "Plan", l.Percent(plan)),
	}
}
