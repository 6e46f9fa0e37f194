package app_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

func rateGoals(t *testing.T) *workflows.RateGoals {
	t.Helper()
	goals, err := workflows.LoadRateGoals()
	apptest.Must(t, err, "read the goals")
	return goals
}

// Five projects on 30 April, worked out by hand.
func TestRatesOfByHand(t *testing.T) {
	funds := func(fen int64) *int64 { return &fen }
	project := func(stage, start, started, finish, finished string, year int64) app.Project {
		return app.Project{Stage: stage, PlannedStartOn: date(start), StartedOn: date(started), PlannedFinishOn: date(finish), FinishedOn: date(finished), Year: 2023, YearPlanFen: year}
	}
	list := []app.Rated{
		{Project: project("building", "2023-03-01", "2023-03-10", "2023-12-31", "", 1000), PlanFen: 400, DoneFen: 300, FundsFen: funds(320)},
		{Project: project("landed", "2023-04-30", "", "", "", 500), PlanFen: 100}, // due that day, not started, no funds reported
		{Project: project("completed", "2022-05-01", "2022-05-01", "2023-04-15", "2023-04-15", 200), PlanFen: 200, DoneFen: 200, FundsFen: funds(100)},
		{Project: project("completed", "2022-05-01", "2022-05-01", "2023-04-15", "2023-04-20", 0)},                                     // too late
		{Project: project("suspended", "2023-03-01", "", "2023-04-01", "", 300), PlanFen: 100, DoneFen: 0},                             // its days do not count, its plan does
		{Project: project("removed", "2023-03-01", "", "2023-04-01", "", 9000), PlanFen: 9000, DoneFen: 9000, FundsFen: funds(9000)},   // counts nowhere
		{Project: project("landed", "2023-05-01", "", "", "", 0)},                                                                      // not due yet
		{Project: app.Project{Stage: "building", Year: 2022, YearPlanFen: 700, StartedOn: date("2022-01-01")}, PlanFen: 0, DoneFen: 0}, // last year's plan
	}
	want := map[string]struct{ part, whole, year, silent int64 }{
		"start_rate": {3, 4, 0, 0}, "invest_rate": {500, 800, 2000, 0}, "funds_rate": {420, 600, 1200, 2}, "completion_rate": {1, 2, 0, 0},
	}
	for _, r := range app.RatesOf(list, date("2023-04-30"), rateGoals(t)) {
		w := want[r.ID]
		if r.Part != w.part || r.Whole != w.whole || r.YearFen != w.year || int64(r.Silent) != w.silent {
			t.Errorf("%s: %d of %d, year %d, silent %d; want %+v", r.ID, r.Part, r.Whole, r.YearFen, r.Silent, w)
		}
		if got, is := r.Percent(), float64(w.part)*100/float64(w.whole); math.Abs(got-is) > 1e-9 || r.Reached() != (is >= float64(r.Goal)) || !r.Known() {
			t.Errorf("%s: %v%%, reached %v, known %v", r.ID, got, r.Reached(), r.Known())
		}
	}
	for _, r := range app.RatesOf(nil, date("2023-04-30"), rateGoals(t)) {
		if r.Known() || r.Reached() || r.Percent() != 0 || r.Schedule() != 0 {
			t.Errorf("%s of nothing: %+v", r.ID, r)
		}
	}
}

// ratesWorld has P-001 in task force 1 with verified funds, and P-010 in task force 10 without a report.
func ratesWorld(t *testing.T, w *apptest.World) *apptest.Small {
	t.Helper()
	s, ctx := w.Seed(t), context.Background()
	w.At(t, "2023-03-13 09:00")
	for code, force := range map[string]string{"P-001": "1", "P-010": "10"} {
		p, err := w.App.AddProject(ctx, app.System("test"), app.AddProject{Code: code, Name: "示例" + code, Level: "city", TaskForceID: s.Forces[force], InPlan: true,
			InvestFen: 2400, YearPlanFen: 1200, Year: 2023, Stage: "building", PlannedStartOn: date("2023-03-01")})
		apptest.Must(t, err, "add %s", code)
		unit := map[string]string{"P-001": "gxj", "P-010": "kpb"}[code]
		apptest.Must(t, w.App.Assign(ctx, app.System("test"), app.Assign{Project: p.ID, UnitID: s.Units[unit], LeadUnitID: s.Units[unit]}), "assign %s", code)
		d, err := w.App.ProjectDossier(ctx, app.System("test"), code)
		apptest.Must(t, err, "read %s", code)
		months := [12]int64{}
		for i := range months {
			months[i] = 100
		}
		apptest.Must(t, w.App.SetPlan(ctx, app.System("test"), app.SetPlan{Project: p.ID, Version: d.Project.Version, Months: months}), "plan %s", code)
	}
	d, err := w.App.ProjectDossier(ctx, app.System("test"), "P-001")
	apptest.Must(t, err, "read P-001")
	funds, less := int64(180), int64(150)
	apptest.Must(t, w.App.ReportProgress(ctx, w.As(t, "gxj.hand"), app.ReportProgress{Project: d.Project.ID, Month: calendar.MakeMonth(2023, 2), Fen: 190, FundsFen: &funds}), "report")
	d, err = w.App.ProjectDossier(ctx, app.System("test"), "P-001")
	apptest.Must(t, err, "read P-001")
	e := d.Months[1].Entry
	apptest.Must(t, w.App.VerifyProgress(ctx, w.As(t, "sup"), app.VerifyProgress{Entry: e.ID, Version: e.Version, Accept: true, Fen: 170, FundsFen: &less, Note: "示例"}), "verify")
	d, err = w.App.ProjectDossier(ctx, app.System("test"), "P-001")
	apptest.Must(t, err, "read P-001")
	if e := d.Months[1].Entry; *e.ReportedFundsFen != 180 || *e.VerifiedFundsFen != 150 || e.ReportedFen != 190 || e.VerifiedFen != 170 {
		t.Fatalf("reported and verified merged: %+v", e)
	}
	return s
}

func TestRatesRespectSight(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ratesWorld(t, w)
		for _, c := range []struct {
			who                 string
			forces              int
			done, plan, year    int64
			funds, of           int64
			silent, start, goal int64
		}{
			{"sup", 2, 170, 400, 2400, 150, 200, 1, 2, 90},
			{"tf1", 1, 170, 200, 1200, 150, 200, 0, 1, 90},
			{"tf10", 1, 0, 200, 1200, 0, 0, 1, 1, 90},
			{"zjj.hand", 0, 0, 0, 0, 0, 0, 0, 0, 90},
		} {
			sheet, err := w.App.Rates(context.Background(), w.As(t, c.who), app.ProjectFilter{})
			apptest.Must(t, err, "rates for %s", c.who)
			start, invest, funds := sheet.All[0], sheet.All[1], sheet.All[2]
			if len(sheet.Forces) != c.forces || invest.Part != c.done || invest.Whole != c.plan || invest.YearFen != c.year || funds.Part != c.funds || funds.Whole != c.of ||
				int64(funds.Silent) != c.silent || start.Whole != c.start || int64(start.Goal) != c.goal {
				t.Errorf("%s: %+v", c.who, sheet)
			}
		}
		narrowed, err := w.App.Rates(context.Background(), w.As(t, "sup"), app.ProjectFilter{TaskForce: 2})
		apptest.Must(t, err, "narrowed")
		if len(narrowed.Forces) != 1 || narrowed.All[1].YearFen != 1200 {
			t.Errorf("narrowed to a task force: %+v", narrowed)
		}
	})
}

// sameRates asks map, wall, journal and charts for the four rates that a person sees.
func sameRates(t *testing.T, w *apptest.World, who string) []app.Rate {
	t.Helper()
	ctx, actor := context.Background(), w.As(t, who)
	sheet, err := w.App.Rates(ctx, actor, app.ProjectFilter{})
	apptest.Must(t, err, "rates for %s", who)
	board, err := w.App.BoardCards(ctx, actor)
	apptest.Must(t, err, "the board of %s", who)
	onMap, err := w.App.MapRates(ctx, board)
	apptest.Must(t, err, "rates on the map of %s", who)
	wall, err := w.App.Wall(ctx, actor)
	apptest.Must(t, err, "the wall of %s", who)
	past, err := w.App.CardsAt(ctx, actor, w.App.Today())
	apptest.Must(t, err, "the day of %s", who)
	then, err := w.App.MapRates(ctx, past)
	apptest.Must(t, err, "rates of the day of %s", who)
	for name, rates := range map[string][]app.Rate{"map": onMap, "wall": wall.Rates, "journal": then} {
		if fmt.Sprint(rates) != fmt.Sprint(sheet.All) {
			t.Errorf("%s: the %s says %+v, the charts %+v", who, name, rates, sheet.All)
		}
	}
	return onMap
}

// Map, wall and charts tell the same four rates, and a past map tells those of its day. What the map remembers follows every write.
func TestTheFourRatesAreTheSameEverywhere(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s := ratesWorld(t, w)
		ctx := context.Background()
		w.At(t, "2023-04-20 09:00")
		for _, who := range []string{"sup", "tf1", "tf10", "zjj.hand"} {
			sameRates(t, w, who)
		}
		w.At(t, "2023-04-20 10:00")
		p10, err := w.App.ProjectDossier(ctx, app.System("test"), "P-010")
		apptest.Must(t, err, "read P-010")
		funds := int64(90)
		apptest.Must(t, w.App.ReportProgress(ctx, w.As(t, "kpb.hand"), app.ReportProgress{Project: p10.Project.ID, Month: calendar.MakeMonth(2023, 3), Fen: 110, FundsFen: &funds}), "report P-010")
		sameRates(t, w, "sup")
		p10, err = w.App.ProjectDossier(ctx, app.System("test"), "P-010")
		apptest.Must(t, err, "read P-010 again")
		e := p10.Months[2].Entry
		apptest.Must(t, w.App.VerifyProgress(ctx, w.As(t, "sup"), app.VerifyProgress{Entry: e.ID, Version: e.Version, Accept: true, Fen: 105, FundsFen: &funds, Note: "示例"}), "verify P-010")
		if rates := sameRates(t, w, "sup"); rates[1].Part != 275 || rates[2].Part != 240 || rates[2].Silent != 0 {
			t.Errorf("after the verification: %+v", rates)
		}
		_, err = w.App.AddProject(ctx, app.System("test"), app.AddProject{Code: "P-011", Name: "示例", Level: "city", TaskForceID: s.Forces["1"], InPlan: true,
			InvestFen: 2400, YearPlanFen: 0, Year: 2023, Stage: "building", PlannedStartOn: date("2023-03-01")})
		apptest.Must(t, err, "add P-011")
		if rates := sameRates(t, w, "tf1"); rates[0].Whole != 2 {
			t.Errorf("after a third project: %+v", rates)
		}
		before, err := w.App.CardsAt(ctx, w.As(t, "sup"), date("2023-03-13"))
		apptest.Must(t, err, "13 March")
		then, err := w.App.MapRates(ctx, before)
		apptest.Must(t, err, "rates of 13 March")
		if then[1].Part != 170 || then[1].Whole != 400 || then[0].Whole != 2 {
			t.Errorf("13 March: %+v", then)
		}
	})
}
