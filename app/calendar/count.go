package calendar

import "fmt"

// Roll returns d when it is worked, else the next working day; no date stays no date.
func (c *Calendar) Roll(d Date) Date {
	if d.IsZero() {
		return 0
	}
	return c.roll(d)
}

// roll ends because New refuses data with a year of rest days, and outside the data every week is worked.
func (c *Calendar) roll(d Date) Date {
	for !c.working(d) {
		d++
	}
	return d
}

// AddWorkdays returns the nth working day after d, or before it when n is negative; d itself is not
// counted, and n == 0 rolls d forward. A missing date, or a result outside the years 1 to 9999, is
// an ErrRange.
func (c *Calendar) AddWorkdays(d Date, n int) (Date, error) {
	if err := d.check(); err != nil {
		return 0, fmt.Errorf("adding %d working days: %w", n, err)
	}
	ahead := c.workedUpTo(maxDate) - c.workedUpTo(d)
	behind := c.workedUpTo(d-1) - c.workedUpTo(minDate-1)
	if n > ahead || n < -behind {
		return 0, fmt.Errorf("%w: %d working days from %s lie outside the years 1 to 9999", ErrRange, n, d)
	}
	result := c.roll(d)
	if n != 0 {
		result = c.step(d, n)
	}
	if err := result.check(); err != nil {
		return 0, fmt.Errorf("adding %d working days to %s: %w", n, d, err)
	}
	return result, nil
}

// step walks to the nth working day from d; the caller has made sure that there are as many.
func (c *Calendar) step(d Date, n int) Date {
	way := Date(1)
	if n < 0 {
		way = -1
	}
	for n != 0 {
		d += way
		if c.working(d) {
			n -= int(way)
		}
	}
	return d
}

// Workdays counts the working days after from up to and with to, and is negative when to lies
// before from; it is 0 when one of them is zero. It takes the same short time for any span.
func (c *Calendar) Workdays(from, to Date) int {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return c.workedUpTo(to) - c.workedUpTo(from)
}

// workedUpTo counts working days up to and with d from a fixed origin; only differences mean something.
func (c *Calendar) workedUpTo(d Date) int {
	if d < c.first {
		return weekdaysUpTo(d)
	}
	before := weekdaysUpTo(c.first - 1)
	if d <= c.last {
		return before + int(c.worked[d-c.first])
	}
	return before + int(c.worked[c.last-c.first]) + weekdaysUpTo(d) - weekdaysUpTo(c.last)
}

// weekdaysUpTo counts the days from Monday to Friday since Monday 1969-12-29 up to and with d.
func weekdaysUpTo(d Date) int {
	n := int(d) + 4 // days from that Monday up to and with d
	weeks, rest := n/7, n%7
	if rest < 0 {
		weeks, rest = weeks-1, rest+7
	}
	return weeks*5 + min(rest, 5)
}

// Due returns the last day of a deadline: the start day is not counted (民法典 201), and a last day
// that is a rest day moves to the next working day (民法典 203). A negative term is an ErrRange, a
// term in hours an ErrUnit.
func (c *Calendar) Due(start Date, t Term) (Date, error) {
	if t.N < 0 {
		return 0, fmt.Errorf("%w: a deadline of %s ends before it starts", ErrRange, t)
	}
	last, err := c.Shift(start, t)
	if err != nil {
		return 0, err
	}
	due := c.roll(last)
	if err := due.check(); err != nil {
		return 0, fmt.Errorf("counting %s from %s: %w", t, start, err)
	}
	return due, nil
}

// Shift returns the day that lies t after d, or before it when t is negative: like Due, but
// calendar days, weeks, months, quarters and years stay where they fall, also on a rest day.
func (c *Calendar) Shift(d Date, t Term) (Date, error) {
	if err := d.check(); err != nil {
		return 0, fmt.Errorf("counting %s: %w", t, err)
	}
	var shifted Date
	switch t.Unit {
	case UnitWorkday:
		return c.AddWorkdays(d, t.N)
	case UnitDay:
		shifted = d.AddDays(t.N)
	case UnitWeek:
		shifted = d.AddDays(7 * t.N)
	case UnitMonth:
		shifted = d.AddMonths(t.N)
	case UnitQuarter:
		shifted = d.AddMonths(3 * t.N)
	case UnitYear:
		shifted = d.AddMonths(12 * t.N)
	default:
		return 0, fmt.Errorf("%w: %q cannot be counted in days", ErrUnit, t)
	}
	if err := shifted.check(); err != nil {
		return 0, fmt.Errorf("counting %s from %s: %w", t, d, err)
	}
	return shifted, nil
}
