package calendar

import (
	"fmt"
	"time"
)

// Clock is a time of day in whole minutes, from 00:00 to 23:59.
type Clock struct {
	Hour, Minute int
}

// ParseClock reads "08:30" and nothing looser; its errors wrap ErrFormat.
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return Clock{}, fmt.Errorf("%w: %q is not a time of day like 08:30", ErrFormat, s)
	}
	return Clock{Hour: t.Hour(), Minute: t.Minute()}, nil
}

// String returns "08:30".
func (k Clock) String() string { return fmt.Sprintf("%02d:%02d", k.Hour, k.Minute) }

func (k Clock) minutes() int { return k.Hour*60 + k.Minute }

func (k Clock) valid() bool {
	return k.Hour >= 0 && k.Hour <= 23 && k.Minute >= 0 && k.Minute <= 59
}

// Today returns the day that the district's calendar shows at instant t.
func (c *Calendar) Today(t time.Time) Date { return DateOf(t.In(c.loc)) }

// Open reports whether t lies in the working hours of a working day; the closing minute is outside.
func (c *Calendar) Open(t time.Time) bool {
	local := t.In(c.loc)
	if !c.working(DateOf(local)) {
		return false
	}
	now := local.Hour()*60 + local.Minute()
	return now >= c.opens.minutes() && now < c.closes.minutes()
}

// NextOpen returns t when it is open, else the next opening instant, in the district's zone; it is
// the zero time when t lies outside the years 1 to 9999.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	// One or two rounds are enough, but for a clock change that swallows a whole opening.
	for d := c.Today(t); d >= minDate && d <= maxDate; d = c.roll(d + 1) {
		opening := instant(d, c.opens.Hour, c.opens.Minute, c.loc)
		if opening.After(t) && c.Open(opening) {
			return opening
		}
	}
	return time.Time{}
}

// At returns the instant at which the district's clocks show hour and minute on d, or the end of
// the gap where they skip it; the zero Date gives the zero time.
func (c *Calendar) At(d Date, hour, minute int) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return instant(d, hour, minute, c.loc)
}

// instant finds a wall-clock time. Where the clocks are set forward over it, time.Date may answer
// on either side of the gap, even on the day before; the end of the gap is then the right answer.
func instant(d Date, hour, minute int, loc *time.Location) time.Time {
	year, month, day := d.utc().Date()
	want := time.Date(year, month, day, hour, minute, 0, 0, time.UTC) // carries 24:00 over
	got := time.Date(year, month, day, hour, minute, 0, 0, loc)
	wall := time.Date(got.Year(), got.Month(), got.Day(), got.Hour(), got.Minute(), got.Second(), 0, time.UTC)
	if wall.Equal(want) {
		return got
	}
	start, end := got.ZoneBounds()
	if wall.Before(want) {
		return end
	}
	return start
}
