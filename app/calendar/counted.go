package calendar

import "fmt"

// Mark says what counting a term does with a day.
type Mark string

// The marks of a Step. A term of months has no days between its start and its last day.
const (
	MarkStart   Mark = "start"   // the day of the event, not counted (民法典 201)
	MarkCounted Mark = "counted" // counts towards the term
	MarkSkipped Mark = "skipped" // a rest day, in a term of working days
	MarkLast    Mark = "last"    // the term's last day falls here, on a rest day
	MarkMoved   Mark = "moved"   // a further rest day over which the last day moves (民法典 203)
	MarkDue     Mark = "due"     // the day the term comes to
)

// Step is one day that was looked at in counting a term; N is how many of the term's days, working
// or not, are over with it, and stays the same on a day that does not count.
type Step struct {
	Day
	Mark Mark
	N    int
}

// Counted tells how a due date came about: the start day and every day after it up to the due date,
// counted or skipped, each with the name of its holiday. The last step is the due date. A term
// before the start (N < 0) is counted back and ends where Shift does, on a rest day too when it
// counts days; a term in hours is an ErrUnit.
func (c *Calendar) Counted(start Date, t Term) ([]Step, error) {
	last, err := c.Shift(start, t)
	if err != nil {
		return nil, err
	}
	due := last
	if t.N >= 0 {
		if due, err = c.Due(start, t); err != nil {
			return nil, err
		}
	}
	const most = 3700 // ten years of days are more than a page can hold or a reader check
	if far := int(due) - int(start); far > most || far < -most {
		return nil, fmt.Errorf("%w: %s from %s pass over more than %d days", ErrRange, t, start, most)
	}
	steps := []Step{{Day: c.describe(start), Mark: MarkStart}}
	if due == start {
		return append(steps, Step{Day: c.describe(due), Mark: MarkDue}), nil
	}
	if t.Unit == UnitWorkday && t.N != 0 {
		return c.countWorkdays(steps, due), nil
	}
	return c.countDays(steps, t, last, due), nil
}

func (c *Calendar) countWorkdays(steps []Step, due Date) []Step {
	n, way := 0, Date(1)
	start := steps[0].Date
	if due < start {
		way = -1
	}
	for d := start + way; ; d += way {
		step := Step{Day: c.describe(d), Mark: MarkSkipped}
		if step.Working {
			n++
			step.Mark = MarkCounted
		}
		step.N = n
		if d == due {
			step.Mark = MarkDue
			return append(steps, step)
		}
		steps = append(steps, step)
	}
}

// countDays goes through calendar days one by one; weeks too. Of months, quarters and years only
// the corresponding day counts (民法典 202).
func (c *Calendar) countDays(steps []Step, t Term, last, due Date) []Step {
	start, way, n := steps[0].Date, Date(1), 0
	if due < start {
		way = -1
	}
	single := t.Unit == UnitDay || t.Unit == UnitWeek
	for d := start + way; single && d != last+way && t.N != 0 && d != due; d += way {
		n++
		mark := MarkCounted
		if d == last {
			mark = MarkLast
		}
		steps = append(steps, Step{Day: c.describe(d), Mark: mark, N: n})
	}
	switch {
	case single && last == due:
		n++
	case !single:
		n = max(t.N, -t.N)
		if last != due && last != start {
			steps = append(steps, Step{Day: c.describe(last), Mark: MarkLast, N: n})
		}
	}
	for d := last + 1; d < due; d++ {
		steps = append(steps, Step{Day: c.describe(d), Mark: MarkMoved, N: n})
	}
	return append(steps, Step{Day: c.describe(due), Mark: MarkDue, N: n})
}
