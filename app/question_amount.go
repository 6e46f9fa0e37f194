package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
)

// Overstated is a month's report whose amount is not the one that was verified. Amounts are cumulative from January, in fen.
type Overstated struct {
	Told                    // the record of the verification
	Report   Told           // the report that was verified
	Highest  Told           // the report that named the highest amount
	Returned []int64        // numbers of the returns in between
	Month    calendar.Month // reported on
	Project  int64
	Unit     string // of who reported, as it was called
	// What was reported in the end, at its highest, and what was verified.
	ReportedFen, HighestFen, VerifiedFen int64
}

// Over is by how much the verified amount was overstated at the highest; negative where more was verified than reported.
func (o Overstated) Over() int64 {
	if o.HighestFen > o.VerifiedFen {
		return o.HighestFen - o.VerifiedFen
	}
	return o.ReportedFen - o.VerifiedFen
}

// AmountsApart answers which verified amounts are not the reported ones, the most overstated first. The unit is that of who reported.
func (a *App) AmountsApart(ctx context.Context, actor Actor, f QuestionFilter) ([]Overstated, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	unit, err := a.unitName(ctx, f.Unit)
	if err != nil {
		return nil, err
	}
	verified, err := a.told(ctx, f, "progress.verify")
	if err != nil {
		return nil, err
	}
	steps, err := a.toldAbout(ctx, "project_id", aboutOf(verified, projectOf), "progress.report", "progress.return")
	if err != nil {
		return nil, err
	}
	by := grouped(steps, objectOf)
	var out []Overstated
	for _, v := range verified {
		o := overstated(v, by[objectOf(v.Row)])
		if (o.ReportedFen != o.VerifiedFen || o.HighestFen > o.VerifiedFen) && (unit == "" || o.Unit == unit) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(x, y Overstated) int { return int(min(max(y.Over()-x.Over(), -1), 1)) })
	return out, nil
}

// overstated follows what was reported of a month until it was verified: a corrected report names only what changed.
func overstated(v Told, steps []Told) Overstated {
	o := Overstated{Told: v, Project: v.Row.ProjectID, VerifiedFen: v.Is.Number("verified_fen")}
	for _, t := range steps {
		if t.No() > v.No() {
			break
		}
		if t.Row.Action == "progress.return" {
			o.Returned = append(o.Returned, t.No())
			continue
		}
		o.Report, o.Unit = t, t.Record.Actor.Unit
		if m, err := calendar.ParseMonth(t.Is.Text("month")); err == nil {
			o.Month = m
		}
		if t.Is.Has("reported_fen") {
			o.ReportedFen = t.Is.Number("reported_fen")
		}
		if o.Highest.No() == 0 || o.ReportedFen > o.HighestFen {
			o.Highest, o.HighestFen = t, o.ReportedFen
		}
	}
	return o
}
