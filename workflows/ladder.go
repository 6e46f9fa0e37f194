package workflows

import (
	"fmt"
	"slices"
)

// begins works out where each step of an anchored rule begins; the day is 0 for those below the one that the ladder starts at.
func (l *look) begins() ([]point, error) {
	first, err := l.start()
	if err != nil {
		return nil, err
	}
	points := make([]point, len(l.r.Steps))
	for i := first; i < len(points); i++ {
		step := l.r.Steps[i]
		if i == first {
			step = l.r.Steps[0]
		}
		from := l.base
		if step.Follows && i > first {
			if from, err = l.answered(i-1, points[i-1]); err != nil {
				return nil, l.r.at(i, err)
			}
		}
		if points[i], err = l.begin(step, from); err != nil {
			return nil, l.r.at(i, fmt.Errorf("count %s from %s: %w", step.Threshold(), dayText(from.day), err))
		}
	}
	return points, nil
}

// start is the step at which the ladder starts.
func (l *look) start() (int, error) {
	for _, s := range l.r.Start {
		applies, err := l.and(true, s.cond)
		if err != nil {
			return 0, fmt.Errorf("rule %s: start: %w", l.r.ID, err)
		}
		if applies {
			return max(slices.IndexFunc(l.r.Steps, func(step Step) bool { return step.ID == s.At }), 0), nil
		}
	}
	return 0, nil
}

func (l *look) begin(step Step, from point) (point, error) {
	if step.After != nil {
		p, err := l.cal.after(from, *step.After, false)
		if p.timed {
			p.minute++
			p.day = dayOf(p.minute)
		} else {
			p.day++
		}
		return p, err
	}
	at := Term{N: 1, Unit: "workday"}
	if step.At != nil {
		at = *step.At
	}
	return l.cal.after(from, at, false)
}

// answered is the last day to answer the paper of a step: as it was recorded when the card was shown, or as it follows from the day on
// which the step begins.
func (l *look) answered(i int, began point) (point, error) {
	step := l.r.Steps[i]
	for _, c := range l.s.Cards {
		if c.Rule == l.r.ID && c.Step == step.ID && c.About == l.base.day && c.Deadline != 0 {
			return point{day: c.Deadline}, nil
		}
	}
	day, err := l.deadline(step, began.day)
	return point{day: day}, err
}

// deadline is the last day to answer a step's paper that is shown on a day, or on the first working day after it.
func (l *look) deadline(step Step, day int) (int, error) {
	if step.Answer == nil {
		return day, nil
	}
	return AnswerBy(step, day, l.cal)
}

// AnswerBy is the last day to answer the paper of a step that is shown on a day, or on the first working day after it; 0 where it asks for no answer.
func AnswerBy(step Step, day int, cal Calendar) (int, error) {
	if step.Answer == nil {
		return 0, nil
	}
	open, err := cal.Due(day, Term{N: 0, Unit: "day"})
	if err != nil {
		return 0, err
	}
	return cal.Due(open, step.Answer.plain())
}

// Reached returns one finding for every step of an anchored rule that has begun by now, in rising gravity: none where the rule does not
// hold, the anchor is absent, or the rule is not judged by the day.
func (r *Rule) Reached(s Subject, now Moment, cal Calendar) ([]Finding, error) {
	if r.Anchor == "" {
		return nil, nil
	}
	l, err := r.looking(s, now, 0, cal)
	if err != nil || !l.holds {
		return nil, err
	}
	return l.reached()
}

func (l *look) reached() ([]Finding, error) {
	points, err := l.begins()
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i, p := range points {
		if p.day == 0 || !p.passed(l.now) {
			continue
		}
		if ok, err := l.step(i, l.base.day); err != nil {
			return nil, err
		} else if !ok {
			continue
		}
		f := l.finding(i, l.base, p)
		if f.Points, err = l.points(i); err != nil {
			return nil, err
		}
		if i+1 < len(points) {
			f.NextOn = points[i+1].day
		}
		if f.AnswerBy, err = AnswerBy(l.r.Steps[i], p.day, l.cal); err != nil {
			return nil, l.r.at(i, err)
		}
		found = append(found, f)
	}
	return found, nil
}
