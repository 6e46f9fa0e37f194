package workflows

// Calendar counts time for the rules. Days are counted from 1970-01-01, minutes from its midnight in the district's time.
// Terms reach it in workdays, days and months only (and Hours in hours and workhours); weeks, quarters and years are
// turned into those before.
type Calendar struct {
	Shift    func(day int, t Term) (int, error)    // the day that lies a term after a day, or before it
	Due      func(day int, t Term) (int, error)    // the last day of a deadline: 民法典 201 and 203
	Workdays func(from, to int) int                // working days after from, up to and with to; negative when to lies before from
	Hours    func(minute int, t Term) (int, error) // the minute that lies so many hours, or hours of the office, after a minute
}

// Moment is an instant as the rules see it: Day is the last day whose steps have begun, Minute the minute that it is now.
type Moment struct {
	Day, Minute int
}

// EndOf is the moment at the end of a day.
func EndOf(day int) Moment { return Moment{Day: day, Minute: day*minutesPerDay + minutesPerDay - 1} }

const minutesPerDay = 24 * 60

// Card is what a rule showed to an item before, and what ladders, counts and "once" remember: About is the day that its
// finding was about (Finding.Due), On the day on which it was shown, Deadline the last day to answer its paper (0: none).
type Card struct {
	Rule, Step          string
	Light               Light
	About, On, Deadline int
	Also                []string // what else the step brought, as Step.Also tells
	Excused             bool     // an accepted reason covers it: it does not count
}

// Event is something that happened to an item on a day; Kind is one of EventKinds.
type Event struct {
	Kind string
	On   int
}

// EventKinds returns what can happen to an item, as rules judged "on" something name it; the first four are cards, the next four are what else a step of a rule
// brings: a public notice, an interview, a reminder letter, a supervision form.
func EventKinds() []string {
	return []string{"blue", "yellow", "orange", "red", "noticed", "interviewed", "reminder_letter", "supervision_form",
		"returned", "redone", "extended", "disputed", "reported_late", "report_missing", "report_false", "date_changed"}
}

// Also lists the kinds of events that a step brings besides its light.
func (s Step) Also() []string {
	var kinds []string
	if s.Notice != "" || s.Paper == "public_notice" {
		kinds = append(kinds, "noticed")
	}
	if s.Interview != "" {
		kinds = append(kinds, "interviewed")
	}
	if s.Paper == "reminder_letter" || s.Paper == "supervision_form" {
		kinds = append(kinds, s.Paper)
	}
	return kinds
}

// brings lists the kinds of events that a card is: its light, and what else the step brought.
func (c Card) brings() []string { return append([]string{string(c.Light)}, c.Also...) }

// Subject is all that rules may know of one item: its facts now, those at earlier ends of periods, the light of a rule at an
// earlier end of a period, the cards that it was shown (oldest first), and what else happened to it. Only Facts must be given.
type Subject struct {
	Facts  Facts
	At     func(last int) (Facts, error)     // as of the end of an earlier period; nil facts: it was not known then
	Lights func(rule string, last int) Light // what the rule lit at the end of an earlier period
	Cards  []Card                            // without cards of the moment that is being judged
	Events []Event                           // cards are not repeated here

	event string // what a rule judged on events is asked about
}

// plain turns weeks, quarters and years into the units that a calendar counts.
func (t Term) plain() Term {
	switch t.Unit {
	case "week":
		return Term{N: 7 * t.N, Unit: "day"}
	case "quarter":
		return Term{N: 3 * t.N, Unit: "month"}
	case "year":
		return Term{N: 12 * t.N, Unit: "month"}
	}
	return t
}

// hourly says whether the term counts hours, which only instants have.
func (t Term) hourly() bool { return t.Unit == "hour" || t.Unit == "workhour" }

// point is a day, or (timed) a minute.
type point struct {
	day, minute int
	timed       bool
}

// pointOf reads the value of a measure of the type day or time.
func pointOf(m Measure, value int) point {
	if m.Type == "time" {
		return point{day: dayOf(value), minute: value, timed: true}
	}
	return point{day: value}
}

func dayOf(minute int) int {
	if minute < 0 {
		return (minute+1)/minutesPerDay - 1
	}
	return minute / minutesPerDay
}

// after counts a term from a point: as a deadline, whose last day moves on from a rest day, or as it falls. Hours are only
// counted from instants; any other term leads to a day.
func (c Calendar) after(p point, t Term, deadline bool) (point, error) {
	if t.hourly() {
		if !p.timed {
			return point{}, say("hours can only be counted from an instant, and %s is a day", dayText(p.day))
		}
		minute, err := c.Hours(p.minute, t)
		return point{day: dayOf(minute), minute: minute, timed: true}, err
	}
	count := c.Shift
	if deadline && t.N >= 0 {
		count = c.Due
	}
	day, err := count(p.day, t.plain())
	return point{day: day}, err
}

// passed says whether the point lies at or before the moment.
func (p point) passed(m Moment) bool {
	if p.timed {
		return p.minute <= m.Minute
	}
	return p.day <= m.Day
}
