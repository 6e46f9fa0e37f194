package app

import (
	"fmt"
	"time"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

const minutesPerDay = 24 * 60

// RulesCalendar lets rules count in a calendar: days from 1970-01-01, minutes from its midnight as the district's clocks show them.
func RulesCalendar(cal *calendar.Calendar) workflows.Calendar {
	term := func(t workflows.Term) calendar.Term { return calendar.Term{N: t.N, Unit: calendar.Unit(t.Unit)} }
	return workflows.Calendar{
		Shift: func(day int, t workflows.Term) (int, error) {
			d, err := cal.Shift(calendar.Date(day), term(t))
			return int(d), err
		},
		Due: func(day int, t workflows.Term) (int, error) {
			d, err := cal.Due(calendar.Date(day), term(t))
			return int(d), err
		},
		Workdays: func(from, to int) int { return cal.Workdays(calendar.Date(from), calendar.Date(to)) },
		Hours:    func(minute int, t workflows.Term) (int, error) { return officeHours(cal, minute, t) },
	}
}

// RuleMinute is the minute that the district's clocks show, as rules count it.
func RuleMinute(cal *calendar.Calendar, t time.Time) int {
	local := t.In(cal.Location())
	return int(cal.Today(t))*minutesPerDay + local.Hour()*60 + local.Minute()
}

// officeHours counts hours by the clock, or hours in which the office is open.
func officeHours(cal *calendar.Calendar, minute int, t workflows.Term) (int, error) {
	left := t.N * 60
	switch {
	case t.Unit == "hour":
		return minute + left, nil
	case t.Unit != "workhour":
		return 0, fmt.Errorf("%s can't be counted in hours", t)
	case t.N < 0:
		return 0, fmt.Errorf("%s: hours of the office are counted forward only", t)
	}
	opens, closes := cal.Hours()
	from, to := opens.Hour*60+opens.Minute, closes.Hour*60+closes.Minute
	day, at := calendar.Date(minute/minutesPerDay), minute%minutesPerDay
	if at >= to {
		day++
		at = from
	}
	if open := cal.Roll(day); open != day {
		day, at = open, from
	}
	at = max(at, from)
	for left > to-at {
		left -= to - at
		day, at = cal.Roll(day+1), from
	}
	return int(day)*minutesPerDay + at + left, nil
}
