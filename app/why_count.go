package app

import (
	"errors"
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Count is one count of an explanation: how a deadline, the first day of a step, or the last day to answer a paper came about.
type Count struct {
	What  string          // "deadline", "step" (that was reached), "next" (step) or "answer"
	Light workflows.Light // of the step
	Term  workflows.Term
	Days  []calendar.Step // every day from the first to the last, counted or not; empty where hours are counted
	Hours []HourStep      // every day with the part of it that counts; empty where days are counted
}

// HourStep is one day of a count in hours. Minutes is how much of it counts, Sum what has counted up to its end.
type HourStep struct {
	calendar.Day
	From, To     int // minutes of the day between which is counted
	Minutes, Sum int
}

// counter counts a rule's days out again in the calendar of one item. A count that does not come to the day on record (the calendar was amended since, or the
// ladder started higher) is left out: it would explain another day.
type counter struct {
	cal  *calendar.Calendar
	rule *workflows.Rule
	f    workflows.Finding
	out  []Count
}

// counts are the counts behind a finding; answered is the last day to answer the paper of the step before, 0 where it is not known.
func (t *tx) countsOf(it item, r *workflows.Rule, f workflows.Finding, answered calendar.Date) ([]Count, error) {
	c := counter{cal: t.calendar(it.taskForce), rule: r, f: f}
	if r == nil || !f.Holds() {
		return nil, nil
	}
	for _, count := range []func(calendar.Date) error{c.deadline, c.step, c.next, c.answer} {
		if err := count(answered); err != nil {
			return nil, fmt.Errorf("count rule %s: %w", r.ID, err)
		}
	}
	return c.out, nil
}

// deadline counts from the anchor to the rule's own deadline.
func (c *counter) deadline(calendar.Date) error {
	for _, fact := range c.f.Facts {
		anchor, ok := fact.Value.(int)
		if fact.Name != c.rule.Anchor || !ok {
			continue
		}
		for _, clause := range c.rule.Due {
			if fact.Type == "time" {
				ok = c.hours("deadline", "", anchor, c.f.DueAt, clause.Term)
			} else {
				var err error
				if ok, err = c.days("deadline", "", calendar.Date(anchor), calendar.Date(c.f.Due), clause.Term, true); err != nil {
					return err
				}
			}
			if ok {
				return nil
			}
		}
	}
	return nil
}

// step counts to the day on which the step that was reached has begun.
func (c *counter) step(answered calendar.Date) error {
	return c.begin("step", c.f.Step, answered, c.f.On, c.f.Begins)
}

// next counts to the day on which the next step begins.
func (c *counter) next(calendar.Date) error {
	if c.f.Next == nil || c.f.NextOn == 0 {
		return nil
	}
	from := calendar.Date(c.f.AnswerBy)
	if from.IsZero() {
		from = calendar.Date(c.f.On)
	}
	return c.begin("next", *c.f.Next, from, c.f.NextOn, 0)
}

// begin counts to a step's first day; minute is its first minute where hours are counted and it is known.
func (c *counter) begin(what string, s workflows.Step, answered calendar.Date, on, minute int) error {
	if c.rule.Anchor == "" || s.ID == "" {
		return nil
	}
	from, term, end := calendar.Date(c.f.Due), workflows.Term{N: 1, Unit: "workday"}, calendar.Date(on)
	switch {
	case s.After != nil:
		term, end = *s.After, end-1
	case s.At != nil:
		term = *s.At
	case !s.Follows:
		return nil
	}
	if s.Follows {
		from = answered
	}
	if from.IsZero() {
		return nil
	}
	if c.f.DueAt != 0 && !s.Follows {
		if minute == 0 {
			to, err := officeHours(c.cal, c.f.DueAt, term)
			if err != nil {
				return err
			}
			minute = to
		}
		c.hours(what, s.Light, c.f.DueAt, minute, term)
		return nil
	}
	_, err := c.days(what, s.Light, from, end, term, false)
	return err
}

// answer counts the days to answer the paper of the step that was reached.
func (c *counter) answer(calendar.Date) error {
	if c.f.Step.Answer == nil || c.f.AnswerBy == 0 {
		return nil
	}
	_, err := c.days("answer", c.f.Step.Light, c.cal.Roll(calendar.Date(c.f.On)), calendar.Date(c.f.AnswerBy), *c.f.Step.Answer, true)
	return err
}

// days adds a count in days when it comes to the day on record; roll says that its last day moves off a rest day.
func (c *counter) days(what string, light workflows.Light, from, to calendar.Date, term workflows.Term, roll bool) (bool, error) {
	steps, err := c.cal.Counted(from, calendar.Term{N: term.N, Unit: calendar.Unit(term.Unit)})
	if errors.Is(err, calendar.ErrUnit) || errors.Is(err, calendar.ErrRange) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for !roll && len(steps) > 1 && (steps[len(steps)-1].Date > to || steps[len(steps)-1].Mark == calendar.MarkMoved) {
		steps = steps[:len(steps)-1] // a step begins on a rest day too
	}
	if steps[len(steps)-1].Date != to {
		return false, nil
	}
	steps[len(steps)-1].Mark = calendar.MarkDue
	c.out = append(c.out, Count{What: what, Light: light, Term: term, Days: steps})
	return true, nil
}

// hours adds a count in hours between two minutes, day by day.
func (c *counter) hours(what string, light workflows.Light, from, to int, term workflows.Term) bool {
	end, err := officeHours(c.cal, from, term)
	if err != nil || end != to || to < from {
		return false
	}
	count, sum := Count{What: what, Light: light, Term: term}, 0
	for day := from / minutesPerDay; day*minutesPerDay < to; day++ {
		one := HourStep{Day: c.cal.Day(calendar.Date(day)), From: max(from, day*minutesPerDay) - day*minutesPerDay, To: min(to, (day+1)*minutesPerDay) - day*minutesPerDay}
		one.Minutes = one.To - one.From
		if term.Unit == "workhour" {
			one.Minutes = c.cal.WorkMinutes(ruleInstant(c.cal, day*minutesPerDay+one.From), ruleInstant(c.cal, day*minutesPerDay+one.To))
		}
		sum += one.Minutes
		one.Sum = sum
		count.Hours = append(count.Hours, one)
	}
	c.out = append(c.out, count)
	return true
}
