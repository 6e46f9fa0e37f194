package calendar

import (
	"slices"
	"time"
	_ "time/tzdata" // Asia/Shanghai must load on a machine without zone files
)

// Kind says why a day is worked or not.
type Kind string

// The kinds of day: weekday and make_up are worked, weekend and holiday are not.
const (
	KindWeekday Kind = "weekday"
	KindWeekend Kind = "weekend"
	KindHoliday Kind = "holiday"
	KindMakeUp  Kind = "make_up"
)

// Day is what a Calendar knows of one date; Name is the holiday's Chinese name and empty on other
// kinds of day, Provisional says that no notice for that day is loaded.
type Day struct {
	Date        Date
	Working     bool
	Kind        Kind
	Name        string
	Provisional bool
}

// NamedDay is a day off with the Chinese name of its holiday.
type NamedDay struct {
	Date Date
	Name string
}

// Calendar answers questions about working days and office hours; it is made by New or Default,
// never changes, and may be used by many goroutines at once.
type Calendar struct {
	version       string
	loc           *time.Location
	opens, closes Clock
	first, last   Date
	off           []NamedDay // sorted by date
	kinds         []dayKind  // one for each day from first to last
	worked        []int32    // working days from first up to and with that day
}

// dayKind is a Kind in one byte, for the lookup table.
type dayKind uint8

const (
	weekday dayKind = iota
	weekend
	holiday
	makeUp
)

func (k dayKind) working() bool { return k == weekday || k == makeUp }

func (k dayKind) kind() Kind {
	switch k {
	case weekend:
		return KindWeekend
	case holiday:
		return KindHoliday
	case makeUp:
		return KindMakeUp
	}
	return KindWeekday
}

// Location returns the zone of the district's clocks.
func (c *Calendar) Location() *time.Location { return c.loc }

// Version names the data, for example "chinese-days-1.5.7".
func (c *Calendar) Version() string { return c.version }

// Covers returns the first and the last day that the data decides; days outside are provisional.
func (c *Calendar) Covers() (first, last Date) { return c.first, c.last }

// Hours returns when a working day opens and closes on the district's clocks.
func (c *Calendar) Hours() (opens, closes Clock) { return c.opens, c.closes }

// Day describes d; the zero Date gives the zero Day.
func (c *Calendar) Day(d Date) Day {
	if d.IsZero() {
		return Day{}
	}
	return c.describe(d)
}

// Days lists every day after from up to and with to, the days that Workdays counts, so that a page
// can show which holidays were skipped; it is nil when to is not after from or one of them is no
// date of the years 1 to 9999.
func (c *Calendar) Days(from, to Date) []Day {
	if from.check() != nil || to.check() != nil || to <= from {
		return nil
	}
	days := make([]Day, 0, int(to)-int(from))
	for d := from + 1; d <= to; d++ {
		days = append(days, c.describe(d))
	}
	return days
}

func (c *Calendar) describe(d Date) Day {
	k := c.kindOf(d)
	day := Day{Date: d, Working: k.working(), Kind: k.kind(), Provisional: d < c.first || d > c.last}
	if k == holiday {
		i, _ := slices.BinarySearchFunc(c.off, d, byDate)
		day.Name = c.off[i].Name
	}
	return day
}

func (c *Calendar) kindOf(d Date) dayKind {
	if d >= c.first && d <= c.last {
		return c.kinds[d-c.first]
	}
	return plainKind(d)
}

func (c *Calendar) working(d Date) bool { return c.kindOf(d).working() }

// plainKind is the Monday to Friday rule for days that no notice decides.
func plainKind(d Date) dayKind {
	switch d.Weekday() {
	case time.Saturday, time.Sunday:
		return weekend
	}
	return weekday
}

func byDate(day NamedDay, d Date) int { return int(day.Date) - int(d) }
