package calendar

import (
	"fmt"
	"time"
)

// AddHours returns the instant that lies n hours after t, or before it when n is negative. Hours by
// the clock (UnitHour) run through nights and rest days; office hours (UnitWorkhour) run only while
// the office is open, so that a term begins at the next opening and may end at a closing. Another
// unit is an ErrUnit, a result outside the years 1 to 9999 an ErrRange.
func (c *Calendar) AddHours(t time.Time, n int, unit Unit) (time.Time, error) {
	term := Term{N: n, Unit: unit}
	if n < -maxTerm || n > maxTerm {
		return time.Time{}, fmt.Errorf("%w: %s are too many", ErrRange, term)
	}
	if err := c.Today(t).check(); err != nil {
		return time.Time{}, fmt.Errorf("counting %s: %w", term, err)
	}
	var end time.Time
	switch unit {
	case UnitHour:
		end = t.In(c.loc).Add(time.Duration(n) * time.Hour)
	case UnitWorkhour:
		var err error
		if end, err = c.addWorkSeconds(t, n*3600); err != nil {
			return time.Time{}, fmt.Errorf("counting %s: %w", term, err)
		}
	default:
		return time.Time{}, fmt.Errorf("%w: %q cannot be counted in hours", ErrUnit, term)
	}
	if err := c.Today(end).check(); err != nil {
		return time.Time{}, fmt.Errorf("counting %s: %w", term, err)
	}
	return end, nil
}

// WorkMinutes counts the whole minutes between two instants in which the office is open; it is
// negative when to lies before from, and takes the same short time for any span.
func (c *Calendar) WorkMinutes(from, to time.Time) int {
	return int(c.workSecondsUpTo(to)-c.workSecondsUpTo(from)) / 60
}

// workSecondsUpTo counts office time up to t from a fixed origin; only differences mean something.
func (c *Calendar) workSecondsUpTo(t time.Time) int64 {
	local := t.In(c.loc)
	d := DateOf(local)
	sum := int64(c.workedUpTo(d-1)) * int64(c.hours.seconds())
	if c.working(d) {
		sum += int64(c.hours.elapsed(secondOf(local)))
	}
	return sum
}

func (c *Calendar) addWorkSeconds(t time.Time, n int) (time.Time, error) {
	local := t.In(c.loc)
	d, done := DateOf(local), 0
	if c.working(d) {
		done = c.hours.elapsed(secondOf(local))
	}
	switch {
	case n == 0:
		return c.NextOpen(t), nil
	case n > 0:
		return c.ahead(d, done, n)
	}
	return c.back(d, done, -n)
}

// ahead ends n seconds of office time after the office has worked done seconds on d.
func (c *Calendar) ahead(d Date, done, n int) (time.Time, error) {
	whole := c.hours.seconds()
	if c.working(d) && n <= whole-done {
		return c.atSecond(d, c.hours.reached(done+n)), nil
	}
	if c.working(d) {
		n -= whole - done
	}
	days := (n + whole - 1) / whole
	end, err := c.AddWorkdays(d, days)
	if err != nil {
		return time.Time{}, err
	}
	return c.atSecond(end, c.hours.reached(n-(days-1)*whole)), nil
}

// back begins n seconds of office time before the office has worked done seconds on d.
func (c *Calendar) back(d Date, done, n int) (time.Time, error) {
	if c.working(d) && n <= done {
		return c.atSecond(d, c.hours.left(done-n)), nil
	}
	n -= done
	whole := c.hours.seconds()
	days := (n + whole - 1) / whole
	begin, err := c.AddWorkdays(d, -days)
	if err != nil {
		return time.Time{}, err
	}
	return c.atSecond(begin, c.hours.left(days*whole-n)), nil
}

func (c *Calendar) atSecond(d Date, second int) time.Time {
	return c.At(d, second/3600, second/60%60).Add(time.Duration(second%60) * time.Second)
}

func secondOf(local time.Time) int { return local.Hour()*3600 + local.Minute()*60 + local.Second() }

// seconds is how long the office is open on a working day; check has made sure that it is some time.
func (h Hours) seconds() int {
	return 60 * (h.Closes.minutes() - h.Opens.minutes() - h.Lunch.To.minutes() + h.Lunch.From.minutes())
}

// elapsed is the office time of a working day that is over at a second of the day.
func (h Hours) elapsed(second int) int {
	opens, closes := 60*h.Opens.minutes(), 60*h.Closes.minutes()
	from, to := 60*h.Lunch.From.minutes(), 60*h.Lunch.To.minutes()
	at := min(max(second, opens), closes)
	return at - opens - min(max(at-from, 0), to-from)
}

// reached is the earliest second of the day at which so much of its office time is over.
func (h Hours) reached(elapsed int) int {
	at := 60*h.Opens.minutes() + elapsed
	if h.Lunch != (Break{}) && at > 60*h.Lunch.From.minutes() {
		at += 60 * (h.Lunch.To.minutes() - h.Lunch.From.minutes())
	}
	return at
}

// left is the latest second of the day at which only so much of its office time is over.
func (h Hours) left(elapsed int) int {
	at := 60*h.Opens.minutes() + elapsed
	if h.Lunch != (Break{}) && at >= 60*h.Lunch.From.minutes() {
		at += 60 * (h.Lunch.To.minutes() - h.Lunch.From.minutes())
	}
	return at
}
