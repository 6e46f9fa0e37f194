package demo

import (
	"time"

	"battlemap/app/calendar"
)

// Part is what a moment of the day is for.
type Part string

// The parts of a day.
const (
	Bells        Part = "bells"        // only the bells ring
	Units        Part = "units"        // units accept, claim and report
	Supervision  Part = "supervision"  // supervisors draft, directors and task-force leaders approve
	Verification Part = "verification" // reports, claims and feedback are verified from outside
	Feedback     Part = "feedback"     // leaders of units sign their feedback
	Judgement    Part = "judgement"    // the bell that judges a month that ends
	Evening      Part = "evening"      // the day's last bells and its checkpoint
)

// Moment is an instant at which something happens in the demonstration.
type Moment struct {
	Day  calendar.Date
	At   time.Time
	Part Part
}

type slot struct {
	hour, minute int
	part         Part
}

// timetable is the course of a working day.
func timetable() []slot {
	return []slot{{8, 30, Bells}, {9, 30, Units}, {11, 0, Supervision}, {14, 30, Verification}, {16, 0, Feedback}, {17, 0, Judgement}, {17, 20, Evening}}
}

// restDay is the course of a rest day: nobody acts. A month that ends on one is judged at its hour all the same.
func restDay(last bool) []slot {
	slots := []slot{{9, 0, Bells}}
	if last {
		slots = append(slots, slot{17, 0, Judgement})
	}
	return slots
}

// Moments are the moments of a day, in order.
func (p *Play) Moments(day calendar.Date) []Moment {
	slots := timetable()
	if !p.cal.Day(day).Working {
		slots = restDay(day == day.Month().Last())
	}
	out := make([]Moment, len(slots))
	for i, s := range slots {
		out[i] = Moment{Day: day, At: p.cal.At(day, s.hour, s.minute), Part: s.part}
	}
	return out
}

// present is the moment at which the clock stands; false when it stands between two.
func (p *Play) present() (Moment, bool) {
	now := p.clock.Now()
	for _, m := range p.Moments(p.cal.Today(now)) {
		if m.At.Equal(now) {
			return m, true
		}
	}
	return Moment{}, false
}

// following is the first moment after the clock's time.
func (p *Play) following() Moment {
	now := p.clock.Now()
	for day := p.cal.Today(now); ; day = day.AddDays(1) { // every day has a moment
		for _, m := range p.Moments(day) {
			if m.At.After(now) {
				return m
			}
		}
	}
}

// last tells whether the moment is its day's last.
func (p *Play) last(m Moment) bool {
	all := p.Moments(m.Day)
	return m.At.Equal(all[len(all)-1].At)
}
