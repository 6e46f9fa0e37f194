package app

import (
	"encoding/json"
	"fmt"

	"battlemap/app/calendar"
)

// waiting tells whether the unit owes something on the paper: an answer that lies with the issuing side stops the clocks.
func (l PaperLife) waiting() bool { return l.Open() && l.State != "answered" }

// promiseEnds is the instant from which a promised date has passed.
func (t *tx) promiseEnds(l *PaperLife) int64 {
	if !l.waiting() || l.PromisedOn.IsZero() || !l.PromiseExpiredOn.IsZero() {
		return 0
	}
	return t.calendar(0).At(l.PromisedOn.AddDays(1), stepHour, stepMinute).Unix()
}

// climbs is the day on which the next form follows a supervisor's own paper, 0 when none does.
func (t *tx) climbs(p *Paper, l *PaperLife) (calendar.Date, error) {
	form, ok := t.app.forms.Form(p.Kind)
	if !ok || p.RuleID != handRule || form.Next == "" || p.DeadlineOn.IsZero() || !l.waiting() {
		return 0, nil
	}
	deadline, err := t.answerDay(p) // an amended calendar moves it, the paper stays as it was issued
	if err != nil {
		return 0, err
	}
	day, err := t.counts(p.TaskForceID).Shift(int(deadline), *form.NextAt)
	if err != nil {
		return 0, fmt.Errorf("count what follows %s: %w", p.No, err)
	}
	return calendar.Date(day), nil
}

// windPaper sets the paper's alarm clock to the next instant at which something happens to it by itself.
func (t *tx) windPaper(p *Paper, l *PaperLife) error {
	day, err := t.climbs(p, l)
	if err != nil {
		return err
	}
	l.NextCheckAt = t.promiseEnds(l)
	if !day.IsZero() {
		l.NextCheckAt = earlier(l.NextCheckAt, t.calendar(0).At(day, stepHour, stepMinute).Unix())
	}
	return nil
}

// settlePaper records what has begun by now: an acknowledgement that has expired, and the next form where nobody answered.
func (t *tx) settlePaper(p *Paper, l *PaperLife) error {
	if at := t.promiseEnds(l); at != 0 && at <= t.now.Unix() {
		if err := t.expirePromise(p, l); err != nil {
			return err
		}
	}
	day, err := t.climbs(p, l)
	if err != nil || day.IsZero() || day > t.ruleDay() {
		return err
	}
	if err := t.climb(p, day); err != nil {
		return err
	}
	now, err := t.lifeOf(p.ID)
	if err == nil {
		*l = *now
	}
	return err
}

// expirePromise records, once, that the promised date has passed without a cure, and tells the next superior.
func (t *tx) expirePromise(p *Paper, l *PaperLife) error {
	was := *l
	l.PromiseExpiredOn = t.today
	if l.State == "promised" {
		l.State = "received"
	}
	if err := t.paperDone("paper.expire", p, was, l, PaperAct{Day: l.PromisedOn, More: l.NextStep}); err != nil {
		return err
	}
	to, vacant, err := t.superiors(p)
	if err != nil {
		return err
	}
	e := paperEvent(p, l, "expire", l.NextStep)
	e.due, e.vacant = l.PromisedOn, vacant
	return t.tell(e, to)
}

// superiors are the people one rung above those who were told of the paper, and the leader of the unit that promised.
func (t *tx) superiors(p *Paper) (to []int64, vacant []Standing, err error) {
	var told []string
	if err := json.Unmarshal([]byte(p.Told), &told); err != nil {
		return nil, nil, fmt.Errorf("read who was told of %s: %w", p.No, err)
	}
	find, err := t.finder(p.itemOf())
	if err != nil {
		return nil, nil, err
	}
	top := topRung(append(told, "unit_leader"))
	next, _, err := above(top, find)
	if err != nil {
		return nil, nil, err
	}
	if topRung([]string{top, next}) == top {
		next = top // nobody stands above the highest
	}
	standing, err := t.standing(p.itemOf(), []string{next, "unit_leader"})
	if err != nil {
		return nil, nil, err
	}
	to, vacant = everybody(standing)
	return to, vacant, nil
}

// settlePapers settles the papers on an item whose alarm clock has rung, before anything else changes the item.
func (t *tx) settlePapers(it item) error {
	if it.id == 0 || t.reading {
		return nil
	}
	rung, err := byNumber[PaperLife](t, "item_kind = ? AND item_id = ? AND next_check_at > 0 AND next_check_at <= ?", it.kind, it.id, t.now.Unix())
	if err != nil {
		return err
	}
	for i := range rung {
		p, err := look[Paper](t, rung[i].PaperID)
		if err != nil {
			return err
		}
		l, err := t.lockLife(p)
		if err != nil {
			return err
		}
		if err := t.settlePaper(p, l); err != nil {
			return err
		}
	}
	return nil
}

// checkPaperItem settles one paper whose alarm clock has rung.
func (t *tx) checkPaperItem(id int64) error {
	l, err := look[PaperLife](t, id)
	if err != nil {
		return err
	}
	p, err := look[Paper](t, l.PaperID)
	if err != nil {
		return err
	}
	if err := t.lockItem(p); err != nil {
		return err
	}
	if err := t.settlePapers(p.itemOf()); err != nil {
		return err
	}
	return t.saveItem(p.itemOf())
}

// rewindPaper only winds the paper's alarm clock.
func (t *tx) rewindPaper(id int64) error {
	l, err := get[PaperLife](t, id)
	if err != nil {
		return err
	}
	p, err := look[Paper](t, l.PaperID)
	if err != nil {
		return err
	}
	if err := t.windPaper(p, l); err != nil {
		return err
	}
	return t.setAlarm("paper_lives", id, l.NextCheckAt)
}
