package app

import (
	"errors"
	"fmt"
	"strconv"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// figuresOf are the figures that a rule knows of a thing on a day, by input: each of the last period that has ended by then, as it stands now. What was not entered is
// absent, and a rule that asks for it can't be judged (workflows.Rule.Lacks).
func (t *tx) figuresOf(scope string, id int64, day calendar.Date) (workflows.Facts, error) {
	return t.figuresKnown(scope, id, day, t.now.Unix())
}

// figuresKnown is figuresOf with what had been entered by an instant only.
func (t *tx) figuresKnown(scope string, id int64, day calendar.Date, until int64) (workflows.Facts, error) {
	rows, err := table[Figure](t.db).Where("scope = ? AND subject_id = ? AND last_on <= ? AND entered_at <= ?", scope, id, day, until).Order("last_on, edition").Find(t.ctx)
	if err != nil {
		return nil, fmt.Errorf("read the figures of %s %d: %w", scope, id, err)
	}
	out := workflows.Facts{}
	for _, f := range rows {
		if f.LastOn != lastEndedPeriod(f.Every, day) {
			continue
		}
		value, err := f.fact()
		if err != nil {
			return nil, err
		}
		out[f.Input] = value
	}
	return out, nil
}

// lastEndedPeriod is the last day of the last period that has ended by the end of a day.
func lastEndedPeriod(every string, day calendar.Date) calendar.Date {
	last := workflows.PeriodEnd(every, int(day))
	if last > int(day) {
		last = workflows.PeriodBefore(every, last)
	}
	return calendar.Date(last)
}

// fact is the figure as rules know it.
func (f Figure) fact() (any, error) {
	var value any = f.Value
	var err error
	switch f.Type {
	case "percent", "amount":
		value, err = strconv.ParseFloat(f.Value, 64)
	case "int":
		value, err = strconv.Atoi(f.Value)
	case "bool":
		value = f.Value == "true"
	case "day":
		var d calendar.Date
		d, err = calendar.ParseDate(f.Value)
		value = int(d)
	}
	if err != nil {
		err = errors.Join(fmt.Errorf("figure %d", f.ID), err)
	}
	return value, err
}
