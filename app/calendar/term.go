package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unit is what a Term counts.
type Unit string

// The units a published rule counts in; hours and office hours are units of instants, never of days.
const (
	UnitWorkday  Unit = "workday"
	UnitDay      Unit = "day"
	UnitWeek     Unit = "week"
	UnitMonth    Unit = "month"
	UnitQuarter  Unit = "quarter"
	UnitYear     Unit = "year"
	UnitHour     Unit = "hour"
	UnitWorkhour Unit = "workhour"
)

// Units lists every unit that ParseTerm reads.
func Units() []Unit {
	return []Unit{UnitWorkday, UnitDay, UnitWeek, UnitMonth, UnitQuarter, UnitYear, UnitHour, UnitWorkhour}
}

// maxTerm keeps N far from overflow; a million days are more than 2,700 years.
const maxTerm = 1_000_000

// Term is a length of time such as "5 workdays"; N is negative in steps before a date.
type Term struct {
	N    int
	Unit Unit
}

// ParseTerm reads "5 workdays", "-3 workdays", "1 month" or "2 hours"; its errors wrap ErrFormat.
func ParseTerm(s string) (Term, error) {
	number, word, found := strings.Cut(s, " ")
	n, err := strconv.Atoi(number)
	if !found || err != nil || strings.HasPrefix(number, "+") || n < -maxTerm || n > maxTerm {
		return Term{}, fmt.Errorf("%w: %q is not a term like \"5 workdays\"", ErrFormat, s)
	}
	unit := Unit(strings.TrimSuffix(word, "s"))
	if slices.Contains(Units(), unit) {
		return Term{N: n, Unit: unit}, nil
	}
	return Term{}, fmt.Errorf("%w: %q counts in %q, not in workdays, days, weeks, months, quarters, years, hours or workhours", ErrFormat, s, word)
}

// String returns the text that ParseTerm reads, and "" for the zero Term.
func (t Term) String() string {
	switch {
	case t == Term{}:
		return ""
	case t.N == 1 || t.N == -1:
		return fmt.Sprintf("%d %s", t.N, t.Unit)
	}
	return fmt.Sprintf("%d %ss", t.N, t.Unit)
}
