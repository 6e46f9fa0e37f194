package calendar

import (
	"errors"
	"fmt"
	"strings"
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

// Break is a pause in the middle of the working day, such as lunch; zero means none.
type Break struct {
	From, To Clock
}

// Hours are when a working day opens and closes; nobody works in the lunch break.
type Hours struct {
	Opens, Closes Clock
	Lunch         Break
}

// String returns "08:30-17:30" or "08:30-12:00 13:30-17:30".
func (h Hours) String() string {
	if h.Lunch == (Break{}) {
		return h.Opens.String() + "-" + h.Closes.String()
	}
	return h.Opens.String() + "-" + h.Lunch.From.String() + " " + h.Lunch.To.String() + "-" + h.Closes.String()
}

// ParseHours reads what Hours.String writes; its errors wrap ErrFormat, or ErrData and
// ErrNoWorkingTime where the hours leave no time to work.
func ParseHours(s string) (Hours, error) {
	var clocks []Clock
	spans := strings.Fields(s)
	for _, span := range spans {
		from, to, ok := strings.Cut(span, "-")
		opens, err1 := ParseClock(from)
		closes, err2 := ParseClock(to)
		if !ok || err1 != nil || err2 != nil {
			return Hours{}, fmt.Errorf("%w: %q is not like 08:30-17:30 or 08:30-12:00 13:30-17:30", ErrFormat, s)
		}
		clocks = append(clocks, opens, closes)
	}
	switch len(spans) {
	case 1:
		h := Hours{Opens: clocks[0], Closes: clocks[1]}
		return h, h.check()
	case 2:
		h := Hours{Opens: clocks[0], Closes: clocks[3], Lunch: Break{From: clocks[1], To: clocks[2]}}
		return h, h.check()
	}
	return Hours{}, fmt.Errorf("%w: %q is not like 08:30-17:30 or 08:30-12:00 13:30-17:30", ErrFormat, s)
}

// check refuses hours that are no times of day or that leave no time to work.
func (h Hours) check() error {
	var faults []error
	if !h.Opens.valid() || !h.Closes.valid() {
		faults = append(faults, fmt.Errorf("%w: %s to %s are not times of day", ErrData, h.Opens, h.Closes))
	}
	if h.Opens.minutes() >= h.Closes.minutes() {
		faults = append(faults, fmt.Errorf("%w: %w: open from %s to %s", ErrData, ErrNoWorkingTime, h.Opens, h.Closes))
	}
	if l := h.Lunch; l != (Break{}) {
		inside := l.From.valid() && l.To.valid() && l.From.minutes() > h.Opens.minutes() && l.To.minutes() < h.Closes.minutes()
		if !inside || l.From.minutes() >= l.To.minutes() {
			faults = append(faults, fmt.Errorf("%w: the break from %s to %s does not lie inside %s to %s", ErrData, l.From, l.To, h.Opens, h.Closes))
		}
	}
	return errors.Join(faults...)
}

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
	return c.hours.open(local.Hour()*60 + local.Minute())
}

func (h Hours) open(minute int) bool {
	if minute >= h.Lunch.From.minutes() && minute < h.Lunch.To.minutes() {
		return false
	}
	return minute >= h.Opens.minutes() && minute < h.Closes.minutes()
}

// NextOpen returns t when it is open, else the next opening instant, in the district's zone; it is
// the zero time when t lies outside the years 1 to 9999.
func (c *Calendar) NextOpen(t time.Time) time.Time {
	if c.Open(t) {
		return t
	}
	// One or two rounds are enough, but for a clock change that swallows a whole opening.
	for d := c.Today(t); d >= minDate && d <= maxDate; d = c.roll(d + 1) {
		for _, start := range c.hours.starts() {
			opening := instant(d, start.Hour, start.Minute, c.loc)
			if opening.After(t) && c.Open(opening) {
				return opening
			}
		}
	}
	return time.Time{}
}

// starts are the clocks at which work begins: in the morning, and after lunch.
func (h Hours) starts() []Clock {
	if h.Lunch == (Break{}) {
		return []Clock{h.Opens}
	}
	return []Clock{h.Opens, h.Lunch.To}
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
