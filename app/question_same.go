package app

import (
	"context"
	"slices"
)

// SameUnit is work that was judged by somebody of the unit that did it.
type SameUnit struct {
	Told              // the record of the judgement
	Work       Told   // the newest record of work before it by that unit
	Sort       string // "ticket", "progress", "stage" or "paper"
	Unit       string // as both records name it
	SamePerson bool
}

// judging is one sort of judgement with the work that it judges.
type judging struct {
	sort        string
	judge, work []string // actions
}

// judgings lists what must be judged by others than those who did it.
func judgings() []judging {
	return []judging{
		{"ticket", []string{"ticket.verify", "ticket.close"}, []string{"ticket.accept", "ticket.start", "ticket.draft_feedback", "ticket.submit", "ticket.resume_work"}},
		{"progress", []string{"progress.verify"}, []string{"progress.report"}},
		{"stage", []string{"project.verify"}, []string{"project.claim"}},
		{"paper", []string{"paper.accept"}, []string{"paper.answer"}},
	}
}

// subject tells apart what work is about: a report and a paper are things of their own, a ticket and a project's stage are what the row says.
func (j judging) subject(r JournalRow) int64 {
	switch j.sort {
	case "ticket":
		return r.TicketID
	case "stage":
		return r.ProjectID
	}
	return r.ObjectID
}

// JudgedBySameUnit answers what was verified, closed or accepted by people of the unit that did the work, by the units that the records name: those in which people
// were at that time. The unit of the filter is that unit.
func (a *App) JudgedBySameUnit(ctx context.Context, actor Actor, f QuestionFilter) ([]SameUnit, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	var out []SameUnit
	for _, j := range judgings() {
		judged, err := a.told(ctx, f, j.judge...)
		if err != nil {
			return nil, err
		}
		work, err := a.toldOf(ctx, judged, j.work...) // not by the period: work may be older than its judgement by far
		if err != nil {
			return nil, err
		}
		by := grouped(work, j.subject)
		for _, t := range judged {
			of := t.Record.Actor.Unit
			done := newest(by[j.subject(t.Row)], t.No(), func(w Told) bool { return of != "" && w.Record.Actor.Unit == of && w.Row.ActorKind == "user" })
			if done.No() != 0 && (unit == "" || of == unit) {
				out = append(out, SameUnit{Told: t, Work: done, Sort: j.sort, Unit: of, SamePerson: done.Row.ActorID == t.Row.ActorID})
			}
		}
	}
	slices.SortFunc(out, func(x, y SameUnit) int { return int(y.No() - x.No()) })
	return out, nil
}
