package app

import (
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
	end, err := cal.AddHours(ruleInstant(cal, minute), t.N, calendar.Unit(t.Unit))
	if err != nil {
		return 0, err
	}
	return RuleMinute(cal, end), nil
}

// ruleInstant is the instant of a minute that rules count.
func ruleInstant(cal *calendar.Calendar, minute int) time.Time {
	return cal.At(calendar.Date(minute/minutesPerDay), minute%minutesPerDay/60, minute%60)
}

// counts lets rules count in the calendar in force for a task force's items, 0 for the district's.
func (t *tx) counts(taskForce int64) workflows.Calendar { return RulesCalendar(t.calendar(taskForce)) }

// momentOn is now as rules see it, or the end of an earlier day: day is the last whose steps have begun.
func (t *tx) momentOn(day calendar.Date) workflows.Moment {
	now := workflows.EndOf(int(day))
	now.Minute = min(now.Minute, RuleMinute(t.calendar(0), t.now))
	if day == t.ruleDay() {
		now.Minute = RuleMinute(t.calendar(0), t.now)
	}
	return now
}
