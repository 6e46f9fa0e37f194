package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// FigureSheet is the table in which an input of a period is entered.
type FigureSheet struct {
	Inputs  []workflows.Input // all that may be entered
	Input   workflows.Input   // the one that is shown
	Periods []calendar.Date   // last days, the newest first
	Last    calendar.Date     // the one that is shown
	Rows    []FigureRow
	May     bool // the actor may enter some of them
}

// FigureRow is one subject of a sheet.
type FigureRow struct {
	Subject FigureSubject
	Now     *Figure  // what counts, nil when nothing was entered
	Before  []Figure // the editions that it replaced, the newest first
	May     bool     // the actor may enter it
}

// figurePeriods is how many periods a sheet offers [P].
func figurePeriods(every string) int {
	return map[string]int{"day": 31, "week": 26, "month": 13, "quarter": 8, "half_year": 4, "year": 3}[every]
}

// FigureSheet reads the sheet of an input and period; zero values choose the first input, and the last period that has ended. An input or period that there is
// not is missing, and so is everything for those who neither enter figures nor see the whole district.
func (a *App) FigureSheet(ctx context.Context, actor Actor, scope, input string, last calendar.Date) (FigureSheet, error) {
	var sheet FigureSheet
	s, err := a.sight(ctx, actor)
	if err != nil {
		return sheet, err
	}
	if !s.all && !slices.ContainsFunc(s.grants, func(g RoleGrant) bool { return slices.Contains(figureEnterers(), g.Role) }) {
		return sheet, missing()
	}
	t := a.view(ctx, actor)
	sheet.Inputs = t.inputs()
	if len(sheet.Inputs) == 0 {
		return sheet, nil
	}
	sheet.Input = sheet.Inputs[0]
	if input != "" {
		var ok bool
		if sheet.Input, ok = t.input(scope, input); !ok {
			return sheet, missing()
		}
	}
	every := sheet.Input.Every
	for day := workflows.PeriodEnd(every, int(t.today)); len(sheet.Periods) < figurePeriods(every); day = workflows.PeriodBefore(every, day) {
		sheet.Periods = append(sheet.Periods, calendar.Date(day))
	}
	sheet.Last = last
	if last.IsZero() {
		sheet.Last = lastEndedPeriod(every, t.today)
	} else if !slices.Contains(sheet.Periods, last) {
		return sheet, missing()
	}
	return sheet, t.figureRows(&sheet, s)
}

func (t *tx) figureRows(sheet *FigureSheet, s sight) error {
	subjects, err := t.figureSubjects(sheet.Input.Scope)
	if err != nil {
		return err
	}
	figures, err := table[Figure](t.db).Where("scope = ? AND input = ? AND last_on = ?", sheet.Input.Scope, sheet.Input.Name, sheet.Last).Order("edition DESC").Find(t.ctx)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		row := FigureRow{Subject: subject, May: t.actor.trusted() || s.may(subject.place, figureEnterers()...)}
		if !row.May && !s.all {
			continue
		}
		sheet.May = sheet.May || row.May
		for i := range figures {
			switch {
			case figures[i].SubjectID != subject.ID:
			case row.Now == nil:
				row.Now = &figures[i]
			default:
				row.Before = append(row.Before, figures[i])
			}
		}
		sheet.Rows = append(sheet.Rows, row)
	}
	return nil
}
