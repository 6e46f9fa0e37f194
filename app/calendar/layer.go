package calendar

import (
	"errors"
	"fmt"
	"slices"
)

// Notice is a document that is layered over a calendar: a yearly notice, or an amendment of one in
// the middle of the year. The days that it does not name stay as they are; between First and Last
// they count as decided from then on.
type Notice struct {
	Title, Number string
	First, Last   Date // what a yearly notice decides; both zero for an amendment
	Rest          []NamedDay
	Work          []Date
	Office        *Hours // nil leaves the office hours as they are
}

// With returns the calendar as it is under the notice too; c stays what it was. Its error wraps
// ErrData, names all faulty days at once, and wraps ErrNoWorkingTime too when nothing would be left
// to search for.
func (c *Calendar) With(n Notice) (*Calendar, error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	out := *c
	out.version = c.version + "+" + n.Number
	out.sources = append(slices.Clone(c.sources), n.Number)
	if n.Office != nil {
		out.hours = *n.Office
	}
	if err := out.widen(n); err != nil {
		return nil, err
	}
	out.decide(n, int16(len(out.sources)-1))
	out.count()
	if err := out.checkRest(); err != nil {
		return nil, err
	}
	return &out, nil
}

// Days lists every day that the notice names, in order.
func (n Notice) Days() []Date {
	days := slices.Clone(n.Work)
	for _, day := range n.Rest {
		days = append(days, day.Date)
	}
	slices.Sort(days)
	return days
}

func (n Notice) check() error {
	var faults []error
	fault := func(form string, args ...any) {
		faults = append(faults, fmt.Errorf("%w: "+form, append([]any{ErrData}, args...)...))
	}
	if n.Number == "" {
		fault("the notice has no document number")
	}
	if n.First.IsZero() != n.Last.IsZero() || n.Last < n.First {
		fault("%q to %q is not a span of days", n.First, n.Last)
	}
	days := n.Days()
	for i, d := range days {
		if err := d.check(); err != nil {
			fault("%w", err)
		} else if i > 0 && days[i-1] == d {
			fault("%s is named twice", d)
		}
	}
	for _, day := range n.Rest {
		if day.Name == "" {
			fault("the day off %s has no name", day.Date)
		}
	}
	if len(days) == 0 && n.First.IsZero() && n.Office == nil {
		fault("the notice changes nothing")
	}
	if n.Office != nil {
		if err := n.Office.check(); err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// widen copies the tables with room for every day of the notice; days in between are undecided.
func (c *Calendar) widen(n Notice) error {
	first, last := c.first, c.last
	for _, d := range append(n.Days(), n.First, n.Last) {
		if !d.IsZero() {
			first, last = min(first, d), max(last, d)
		}
	}
	if int(last)-int(first) >= maxSpan {
		return fmt.Errorf("%w: %s to %s is not a span of up to %d days", ErrData, first, last, maxSpan)
	}
	kinds, by := make([]dayKind, last-first+1), make([]int16, last-first+1)
	for i := range kinds {
		kinds[i] = plainKind(first + Date(i))
	}
	copy(kinds[c.first-first:], c.kinds)
	copy(by[c.first-first:], c.by)
	c.first, c.last, c.kinds, c.by = first, last, kinds, by
	return nil
}

// decide writes the notice into the tables as the source with the given number.
func (c *Calendar) decide(n Notice, source int16) {
	if !n.First.IsZero() {
		for d := n.First; d <= n.Last; d++ {
			if c.by[d-c.first] >= undecided && c.by[d-c.first] <= fromBase {
				c.by[d-c.first] = source
			}
		}
	}
	for _, d := range n.Work {
		c.kinds[d-c.first], c.by[d-c.first] = weekday, -source
		if plainKind(d) == weekend {
			c.kinds[d-c.first] = makeUp
		}
	}
	for _, day := range n.Rest {
		c.kinds[day.Date-c.first], c.by[day.Date-c.first] = holiday, -source
	}
	named := n.Days()
	c.off = slices.DeleteFunc(slices.Clone(c.off), func(day NamedDay) bool {
		_, again := slices.BinarySearch(named, day.Date)
		return again
	})
	c.off = append(c.off, n.Rest...)
	slices.SortFunc(c.off, func(a, b NamedDay) int { return int(a.Date) - int(b.Date) })
}
