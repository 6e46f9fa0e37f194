package app

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Rated is what the four rates are made of, of one project as of a day. Amounts are from January to the end of the last month that had ended, in fen.
type Rated struct {
	Project  Project
	PlanFen  int64
	DoneFen  int64  // verified
	FundsFen *int64 // verified funds in place; nil while none were reported
}

// Rate is one of the four rates 四率 of a set of projects.
type Rate struct {
	workflows.RateGoal
	Money       bool  // Part and Whole are fen; else they count projects
	Part, Whole int64 // Whole is 0 where there is nothing to divide by
	YearFen     int64 // of a rate of money: the plans of the whole year
	Silent      int   // projects left out of it, since they have not reported what it is made of
}

// Known tells whether there is anything to divide by.
func (r Rate) Known() bool { return r.Whole > 0 }

// Percent is the rate in per cent, 0 where it is not known.
func (r Rate) Percent() float64 { return share(r.Part, r.Whole) }

// Reached tells whether the goal is reached; false where the rate is not known.
func (r Rate) Reached() bool { return r.Known() && r.Part*100 >= int64(r.Goal)*r.Whole }

// Schedule is the share of the year's plans that is planned by then, and Done the share that is there, in per cent; 0 for rates that count projects.
func (r Rate) Schedule() float64 { return share(r.Whole, r.YearFen) }

// Done is the share of the year's plans that is there, in per cent; 0 for rates that count projects.
func (r Rate) Done() float64 { return share(r.Part, r.YearFen) }

func share(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) * 100 / float64(whole)
}

// RatesOf works the four rates out as of a day, in the order of the goals.
func RatesOf(list []Rated, day calendar.Date, goals *workflows.RateGoals) []Rate {
	out := make([]Rate, len(goals.List))
	for i, g := range goals.List {
		r := Rate{RateGoal: g, Money: g.ID == "invest_rate" || g.ID == "funds_rate"}
		for j := range list {
			r.add(&list[j], day)
		}
		out[i] = r
	}
	return out
}

// add counts one project in. Removed projects count nowhere, suspended ones not where a day is kept.
func (r *Rate) add(x *Rated, day calendar.Date) {
	p := &x.Project
	running := p.Stage != "removed" && p.Stage != "suspended"
	planned := p.Stage != "removed" && p.YearPlanFen > 0 && p.Year == monthEnded(day).Year()
	count := func(in, part bool) {
		if in {
			r.Whole++
		}
		if in && part {
			r.Part++
		}
	}
	switch r.ID {
	case "start_rate":
		count(running && !p.PlannedStartOn.IsZero() && p.PlannedStartOn <= day, startedBy(p, day))
	case "completion_rate":
		count(running && !p.PlannedFinishOn.IsZero() && p.PlannedFinishOn <= day, !p.FinishedOn.IsZero() && p.FinishedOn <= p.PlannedFinishOn)
	case "invest_rate":
		if planned {
			r.Part, r.Whole, r.YearFen = r.Part+x.DoneFen, r.Whole+x.PlanFen, r.YearFen+p.YearPlanFen
		}
	case "funds_rate":
		switch {
		case planned && x.FundsFen != nil:
			r.Part, r.Whole, r.YearFen = r.Part+*x.FundsFen, r.Whole+x.PlanFen, r.YearFen+p.YearPlanFen
		case planned && x.PlanFen > 0:
			r.Silent++
		}
	}
}

// rated reads what the rates of projects are made of as of a day: one query each for all of them.
func rated(ctx context.Context, db *gorm.DB, projects []Project, day calendar.Date) ([]Rated, error) {
	amounts, err := ratedAmounts(ctx, db, nil, day)
	if err != nil {
		return nil, err
	}
	out := make([]Rated, len(projects))
	for i, p := range projects {
		out[i] = amounts[p.ID]
		out[i].Project = p
	}
	return out, nil
}

// ratedAmounts reads the amounts of what the rates are made of as of a day, by project: of those with a number in only, or of all when it is nil.
func ratedAmounts(ctx context.Context, db *gorm.DB, only []int64, day calendar.Date) (map[int64]Rated, error) {
	last := monthEnded(day)
	where, args := "month >= ? AND month <= ?", []any{calendar.MakeMonth(last.Year(), 1), last}
	if only != nil {
		where, args = "project_id IN ? AND "+where, append([]any{only}, args...)
	}
	out := map[int64]Rated{}
	for _, query := range []struct {
		sql string
		set func(x *Rated, fen int64)
	}{
		{"SELECT project_id, SUM(amount_fen) AS fen FROM monthly_plans WHERE " + where + " GROUP BY project_id", func(x *Rated, fen int64) { x.PlanFen = fen }},
		{newestVerified("verified_fen", where), func(x *Rated, fen int64) { x.DoneFen = fen }},
		{newestVerified("verified_funds_fen", where), func(x *Rated, fen int64) { x.FundsFen = &fen }},
	} {
		var rows []struct{ ProjectID, Fen int64 }
		if err := db.WithContext(ctx).Raw(query.sql, args...).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("read the amounts of the rates to %s: %w", last, err)
		}
		for _, row := range rows {
			x := out[row.ProjectID]
			query.set(&x, row.Fen)
			out[row.ProjectID] = x
		}
	}
	return out, nil
}

// newestVerified asks for an amount of each project's newest verified report that has it.
func newestVerified(column, where string) string {
	return "SELECT e.project_id AS project_id, e." + column + " AS fen FROM progress_entries e JOIN " +
		"(SELECT project_id, MAX(month) AS month FROM progress_entries WHERE " + where + " AND state = 'verified' AND " + column + " IS NOT NULL GROUP BY project_id) n " +
		"ON n.project_id = e.project_id AND n.month = e.month"
}

// ForceRates are the rates of one task force's projects.
type ForceRates struct {
	TaskForce TaskForce
	Rates     []Rate
}

// RateSheet is the four rates of the projects that the actor may see, of all together and by task force, in the task forces' order.
type RateSheet struct {
	On     calendar.Date
	Month  calendar.Month // the last that had ended: investment and funds are measured at its end
	All    []Rate
	Forces []ForceRates
}

// Rates works the four rates out as of today for the projects that the actor may see and the filter leaves.
func (a *App) Rates(ctx context.Context, actor Actor, f ProjectFilter) (RateSheet, error) {
	return a.RatesOn(ctx, actor, f, a.Today())
}

// RatesOn is Rates as of the end of a day, by the records and verifications of now: a start that was verified later counts from the day on which it was.
func (a *App) RatesOn(ctx context.Context, actor Actor, f ProjectFilter, day calendar.Date) (RateSheet, error) {
	sheet := RateSheet{On: day, Month: monthEnded(day)}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return sheet, err
	}
	projects, err := s.findProjects(ctx, a.db.read, f)
	if err != nil {
		return sheet, err
	}
	list, err := rated(ctx, a.db.read, projects, day)
	if err != nil {
		return sheet, err
	}
	forces, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
	if err != nil {
		return sheet, err
	}
	sheet.All = RatesOf(list, day, a.rates)
	byForce := map[int64][]Rated{}
	for _, x := range list {
		byForce[x.Project.TaskForceID] = append(byForce[x.Project.TaskForceID], x)
	}
	for _, tf := range forces {
		if own := byForce[tf.ID]; len(own) > 0 {
			sheet.Forces = append(sheet.Forces, ForceRates{tf, RatesOf(own, day, a.rates)})
		}
	}
	return sheet, nil
}

// RateGoals are the goals of the four rates and where they come from.
func (a *App) RateGoals() *workflows.RateGoals { return a.rates }
