package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	// maxSpan bounds what an uploaded file can make us allocate: about 200 years.
	maxSpan = 200 * 366

	// maxRest is the longest row of rest days that New accepts. The longest decreed holiday was ten
	// days; a year without work is a broken file, and the limit is what makes every search end.
	maxRest = 366
)

// Options are what a Calendar is made from. Off and MakeUp need no order; the days from First to
// Last that neither names follow Monday to Friday and count as decided. Lunch may be left zero;
// Notices names by year the documents that the days were taken from.
type Options struct {
	Version       string
	Location      *time.Location
	Opens, Closes Clock
	Lunch         Break
	Notices       map[int]string
	Off           []NamedDay
	MakeUp        []Date
	First, Last   Date
}

// New makes a Calendar and keeps no reference to o; its error wraps ErrData, names all faulty days at
// once, and wraps ErrNoWorkingTime too when there are no office hours or no working day for a year.
func New(o Options) (*Calendar, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Calendar{
		version: o.Version, loc: o.Location, hours: Hours{Opens: o.Opens, Closes: o.Closes, Lunch: o.Lunch},
		first: o.First, last: o.Last, off: slices.Clone(o.Off), sources: []string{"", ""}, notices: maps.Clone(o.Notices),
	}
	slices.SortFunc(c.off, func(a, b NamedDay) int { return cmp.Compare(a.Date, b.Date) })
	c.fill(o.MakeUp)
	if err := c.checkRest(); err != nil {
		return nil, err
	}
	return c, nil
}

// checkRest refuses a calendar in which a search for working time would find none for a year.
func (c *Calendar) checkRest() error {
	if rest, from := c.longestRest(); rest > maxRest {
		return fmt.Errorf("%w: %w: %d rest days in a row from %s", ErrData, ErrNoWorkingTime, rest, from)
	}
	return nil
}

// check joins what is wrong with o, apart from rows of rest days.
func (o Options) check() error {
	if err := o.checkFrame(); err != nil {
		return err // without a sound span every single day would look wrong
	}
	var faults []error
	seen := make(map[Date]string, len(o.Off)+len(o.MakeUp))
	note := func(d Date, as string) {
		if d.IsZero() || d < o.First || d > o.Last {
			faults = append(faults, fmt.Errorf("%w: %s %q lies outside %s to %s", ErrData, as, d, o.First, o.Last))
		}
		if before := seen[d]; before != "" {
			faults = append(faults, fmt.Errorf("%w: %s is %s and also %s", ErrData, d, before, as))
		}
		seen[d] = as
	}
	for _, day := range o.Off {
		note(day.Date, "a day off")
		if day.Name == "" {
			faults = append(faults, fmt.Errorf("%w: the day off %s has no name", ErrData, day.Date))
		}
	}
	for _, d := range o.MakeUp {
		note(d, "a make-up day")
		if plainKind(d) == weekday {
			faults = append(faults, fmt.Errorf("%w: the make-up day %s is a %s, which is worked anyway", ErrData, d, d.Weekday()))
		}
	}
	return errors.Join(faults...)
}

// checkFrame joins what is wrong with the parts of o that are not lists.
func (o Options) checkFrame() error {
	var faults []error
	if o.Version == "" {
		faults = append(faults, fmt.Errorf("%w: the calendar has no version", ErrData))
	}
	if o.Location == nil {
		faults = append(faults, fmt.Errorf("%w: the calendar has no location", ErrData))
	}
	if err := (Hours{Opens: o.Opens, Closes: o.Closes, Lunch: o.Lunch}).check(); err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(o.First.check(), o.Last.check()); err != nil {
		return errors.Join(append(faults, fmt.Errorf("%w: first and last day: %w", ErrData, err))...)
	}
	if o.Last < o.First || int(o.Last)-int(o.First) >= maxSpan {
		faults = append(faults, fmt.Errorf("%w: %s to %s is not a span of up to %d days", ErrData, o.First, o.Last, maxSpan))
	}
	return errors.Join(faults...)
}

// fill builds the tables of the base.
func (c *Calendar) fill(makeUps []Date) {
	c.kinds = make([]dayKind, c.last-c.first+1)
	for i := range c.kinds {
		c.kinds[i] = plainKind(c.first + Date(i))
	}
	for _, day := range c.off {
		c.kinds[day.Date-c.first] = holiday
	}
	for _, d := range makeUps {
		c.kinds[d-c.first] = makeUp
	}
	c.by = make([]int16, len(c.kinds))
	for i := range c.by {
		c.by[i] = fromBase
	}
	c.count()
}

// count builds the running count of working days.
func (c *Calendar) count() {
	c.worked = make([]int32, len(c.kinds))
	var sum int32
	for i, k := range c.kinds {
		if k.working() {
			sum++
		}
		c.worked[i] = sum
	}
}

// longestRest returns the length and the first day of the longest row of rest days in the data.
func (c *Calendar) longestRest() (length int, from Date) {
	run := 0
	for i, k := range c.kinds {
		run++
		if k.working() {
			run = 0
		}
		if run > length {
			length, from = run, c.first+Date(i-run+1)
		}
	}
	return length, from
}
