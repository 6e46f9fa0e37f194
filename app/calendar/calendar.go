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
// kinds of day, Provisional says that no notice for that day is loaded, Notice is the number of the
// document that was layered over the base for this day, and empty where the base decides.
type Day struct {
	Date        Date
	Working     bool
	Kind        Kind
	Name        string
	Provisional bool
	Notice      string
}

// NamedDay is a day off with the Chinese name of its holiday.
type NamedDay struct {
	Date Date
	Name string
}

// Calendar answers questions about working days and office hours; it is made by New, Default or
// With, never changes, and may be used by many goroutines at once.
type Calendar struct {
	version     string
	loc         *time.Location
	hours       Hours
	first, last Date
	off         []NamedDay     // sorted by date
	kinds       []dayKind      // one for each day from first to last
	by          []int16        // who decided that day: 0 nobody, else a number in sources, negative where the notice names the day
	worked      []int32        // working days from first up to and with that day
	sources     []string       // document numbers; 0 stands for nobody and 1 for the base
	notices     map[int]string // of the base: by year, the documents it was made from
}

// The two numbers in Calendar.by that are no layered notice.
const (
	undecided int16 = 0
	fromBase  int16 = 1
)

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
func (c *Calendar) Hours() (opens, closes Clock) { return c.hours.Opens, c.hours.Closes }

// Office returns the office hours with their lunch break.
func (c *Calendar) Office() Hours { return c.hours }

// Sources names the documents that decide days of a year: those of the base first, then the layered
// notices in their order; it is empty where none is known.
func (c *Calendar) Sources(year int) []string {
	var out []string
	if base := c.notices[year]; base != "" {
		out = append(out, base)
	}
	seen := make([]bool, len(c.sources))
	for d := max(c.first, MakeDate(year, 1, 1)); d <= min(c.last, MakeDate(year, 12, 31)); d++ {
		seen[c.decidedBy(d)] = true
	}
	for i := int(fromBase) + 1; i < len(seen); i++ {
		if seen[i] {
			out = append(out, c.sources[i])
		}
	}
	return out
}

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
	day := Day{Date: d, Working: k.working(), Kind: k.kind(), Provisional: c.provisional(d)}
	if by := c.decidedBy(d); by > fromBase {
		day.Notice = c.sources[by]
	}
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

// lateDecember is the first day of December that next year's notice has ever been able to decide:
// the new year's holiday has at most three days, and its make-up days lie in the week before.
const lateDecember = 25

// provisional tells whether a later notice may still change the day: none is loaded for it, or it
// lies in the last days of December and the next year's notice, which decides those too, is not.
func (c *Calendar) provisional(d Date) bool {
	if d < c.first || d > c.last || c.by[d-c.first] == undecided {
		return true
	}
	if c.by[d-c.first] < 0 {
		return false
	}
	_, month, day := d.utc().Date()
	if month != time.December || day < lateDecember {
		return false
	}
	return c.decidedBy(MakeDate(d.utc().Year()+1, 1, 1)) == undecided
}

func (c *Calendar) decidedBy(d Date) int16 {
	if d < c.first || d > c.last {
		return undecided
	}
	return max(c.by[d-c.first], -c.by[d-c.first])
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
