package app

import (
	"fmt"

	"battlemap/app/calendar"
)

// moveAnswer moves the day by which a paper that is still lit must be answered.
func (t *tx) moveAnswer(v *CalendarVersion, id int64) error {
	e, err := get[Escalation](t, id)
	if err != nil {
		return err
	}
	return t.realignAnswer(v, e)
}

// newAnswer is the day by which a rung's paper is to be answered under the calendar in force.
func (t *tx) newAnswer(e *Escalation) (calendar.Date, error) {
	if !t.times.touches(e.TaskForceID) || !e.LiftedOn.IsZero() || e.AnswerBy.IsZero() {
		return e.AnswerBy, nil
	}
	f, err := e.Explain()
	if err != nil {
		return 0, fmt.Errorf("the finding of escalation %d: %w", e.ID, err)
	}
	term, start := "", calendar.Date(0)
	if f.Step.Answer != nil {
		before := t.times.before(e.TaskForceID)
		term = calendar.Term{N: f.Step.Answer.N, Unit: calendar.Unit(f.Step.Answer.Unit)}.String()
		start = before.Today(before.NextOpen(unixTime(e.RecordedAt)))
	}
	return t.lawful(e.TaskForceID, start, term, e.AnswerBy), nil
}

// answerDay is the day by which a paper is to be answered: as issued, or as an amended calendar has moved it since.
func (t *tx) answerDay(p *Paper) (calendar.Date, error) {
	if p.EscalationID == 0 {
		return p.DeadlineOn, nil
	}
	e, err := look[Escalation](t, p.EscalationID)
	if err != nil || e.AnswerBy.IsZero() {
		return p.DeadlineOn, err
	}
	return t.newAnswer(e)
}

// rewindPapers winds the alarm clocks of the papers of a rung whose answer day has moved.
func (t *tx) rewindPapers(e *Escalation) error {
	papers, err := list[Paper](t, "id", "escalation_id = ?", e.ID)
	if err != nil {
		return err
	}
	for i := range papers {
		l, err := t.lockLife(&papers[i])
		if err != nil {
			return err
		}
		if err := t.windPaper(&papers[i], l); err != nil {
			return err
		}
		if err := t.setAlarm("paper_lives", l.ID, l.NextCheckAt); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) realignAnswer(v *CalendarVersion, e *Escalation) error {
	was := *e
	day, err := t.newAnswer(e)
	if err != nil || day == was.AnswerBy {
		return err
	}
	e.AnswerBy = day
	it, rung, err := t.itemOf(e)
	if err != nil {
		return err
	}
	if err := update(t, e); err != nil {
		return err
	}
	c := escalationChange("escalation.calendar", it, was, e, "")
	c.basis, c.by = v.Number, calendarActor()
	t.record(c)
	if err := t.keepMove(CalendarMove{ItemKind: "escalation", ItemID: e.ID, TaskForceID: e.TaskForceID, ProjectID: e.ProjectID, TicketID: e.TicketID, No: it.no, Title: it.title,
		FromOn: was.AnswerBy, ToOn: e.AnswerBy}); err != nil {
		return err
	}
	if err := t.rewindPapers(e); err != nil {
		return err
	}
	return t.tellMoved(v, "escalation", e.ID, it, rung)
}

// itemOf finds what an escalation is about, and the rung that answers for it.
func (t *tx) itemOf(e *Escalation) (item, string, error) {
	if e.TicketID != 0 {
		k, err := look[Ticket](t, e.TicketID)
		if err != nil {
			return item{}, "", err
		}
		return ticketItem(k), "unit_handler", nil
	}
	p, err := look[Project](t, e.ProjectID)
	if err != nil {
		return item{}, "", err
	}
	it := projectItem(p)
	it.kind, it.id = e.ItemKind, e.ItemID
	return it, "responsible_person", nil
}
