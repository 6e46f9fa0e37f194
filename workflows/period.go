package workflows

import "time"

// Periods returns the rhythms in which rules can be judged.
func Periods() []string { return []string{"day", "week", "month", "quarter", "half_year", "year"} }

// PeriodEnd returns the last day of the period that a day lies in: a week ends on Sunday.
func PeriodEnd(period string, day int) int {
	d := date(day)
	next := func(months int) int {
		first := (int(d.Month()) - 1) / months * months
		return dayNumber(time.Date(d.Year(), time.Month(first+months+1), 1, 0, 0, 0, 0, time.UTC)) - 1
	}
	switch period {
	case "week":
		return day + (7-int(d.Weekday()))%7
	case "month":
		return next(1)
	case "quarter":
		return next(3)
	case "half_year":
		return next(6)
	case "year":
		return next(12)
	}
	return day
}

// periodStart returns the first day of the period that a day lies in.
func periodStart(period string, day int) int {
	return periodBefore(period, PeriodEnd(period, day)) + 1
}

// periodBefore returns the last day of the period before the one that ends on last.
func periodBefore(period string, last int) int {
	months := map[string]int{"month": 1, "quarter": 3, "half_year": 6, "year": 12}[period]
	switch {
	case period == "week":
		return last - 7
	case months == 0:
		return last - 1
	}
	d := date(last)
	return dayNumber(time.Date(d.Year(), d.Month()-time.Month(months)+1, 1, 0, 0, 0, 0, time.UTC)) - 1
}

func dayNumber(t time.Time) int { return int(t.Unix() / secondsPerDay) }
