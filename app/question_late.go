package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
)

// BackDated is a fact that was entered after it happened.
type BackDated struct {
	Told                   // the record of the entry
	Sort     string        // one of BackDatedSorts
	Happened calendar.Date // the day that was entered as that of the fact; of a month's report the month's last day
	Entered  calendar.Date
	Workdays int // from the day after the fact to the day of the entry
}

// BackDatedSorts lists what facts people enter with a day of their own.
func BackDatedSorts() []string {
	return []string{"stage", "milestone", "progress", "figure", "shown", "file"}
}

// usualLate is after how many working days an entry counts as late unless the asker says otherwise [P].
const usualLate = 5

// UsualLate is after how many working days an entry is shown as late where the asker names no other number.
func UsualLate() int { return usualLate }

// FactsBackDated answers which facts were entered more than so many working days after the day that they bear, the latest first. The unit is that of who entered.
func (a *App) FactsBackDated(ctx context.Context, actor Actor, f QuestionFilter) ([]BackDated, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	told, err := a.told(ctx, f, "project.claim", "project.move", "project.verify", "milestone.reach", "progress.report", "figure.enter", "figure.correct", "ticket.close", "attachment.add")
	if err != nil {
		return nil, err
	}
	verified := map[int64]Told{}
	var out []BackDated
	for _, t := range told {
		if t.Row.Action == "project.verify" {
			verified[t.Row.ProjectID] = t
			continue
		}
		b := BackDated{Told: t, Entered: a.dayOf(t.Row.At)}
		if b.Sort, b.Happened = factOf(t, verified); b.Sort == "" || b.Happened.IsZero() || t.Row.ActorKind != "user" {
			continue
		}
		if b.Entered > b.Happened {
			b.Workdays = a.CalendarFor(t.Row.TaskForceID).Workdays(b.Happened, b.Entered)
		}
		if b.Workdays > f.Days && (f.Sort == "" || f.Sort == b.Sort) && (unit == "" || t.Record.Actor.Unit == unit) {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(x, y BackDated) int { return y.Workdays - x.Workdays })
	return out, nil
}

// factOf is the day that a record gives to a fact, and what sort of fact it is; "" where it gives none. A move that only carries out what was claimed and verified
// is not entered a second time.
func factOf(t Told, verified map[int64]Told) (string, calendar.Date) {
	switch t.Row.Action {
	case "project.claim":
		return "stage", t.Is.Day("occurred_on")
	case "project.move":
		if v := verified[t.Row.ProjectID]; v.No() != 0 && v.Row.At == t.Row.At && t.No()-v.No() <= nearby {
			return "", 0
		}
		return "stage", t.Is.Day("stage_since")
	case "milestone.reach":
		return "milestone", t.Is.Day("actual_on")
	case "progress.report":
		m, err := calendar.ParseMonth(t.Is.Text("month"))
		if err != nil { // a correction names only what changed, and the month did not
			return "", 0
		}
		return "progress", m.Last()
	case "figure.enter", "figure.correct":
		return "figure", t.Is.Day("last_on")
	case "ticket.close":
		return "shown", t.Is.Day("shown_on")
	case "attachment.add":
		return "file", t.Is.Day("dated_on")
	}
	return "", 0
}
