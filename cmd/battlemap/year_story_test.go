package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// The district of the year: 12 projects with plans and milestones, a ticket every ninth day, and people who report, miss, accept, answer and forget by a
// seeded script. What they do at a day depends on the day alone, so it is the same whatever happens to the machines.

const yearProjects = 12

// found founds the district on its first morning.
func (y *year) found() {
	y.t.Helper()
	ctx, w := context.Background(), y.world
	y.small = w.Seed(y.t)
	chief := w.As(y.t, "tf1")
	dice := rand.New(rand.NewPCG(1, 1))
	for i := range yearProjects {
		begin := calendar.MakeDate(2023, time.Month(1+i%5), 10+i)
		stage := []string{"building", "landed", "building", "started"}[i%4]
		p, err := w.App.AddProject(ctx, chief, app.AddProject{Code: fmt.Sprintf("P-%03d", i+1), Name: fmt.Sprint("示例项目", i+1), Level: "city", TaskForceID: y.small.Forces["1"],
			Sample: true, InPlan: true, InvestFen: 3e10, YearPlanFen: 1e10, Year: 2023, Stage: stage, PlannedStartOn: begin, Enterprise: "示例企业"})
		apptest.Must(y.t, err, "project %d", i)
		apptest.Must(y.t, w.App.Assign(ctx, chief, app.Assign{Project: p.ID, UnitID: y.small.Units["gxj"], LeadUnitID: y.small.Units["gxj"],
			ResponsibleID: y.small.Users["gxj.hand"], GuaranteeLeaderID: y.small.Users["guar"]}), "assign")
		plan := app.SetPlan{Project: p.ID}
		for m := range plan.Months {
			plan.Months[m] = 833_000_000
		}
		plan.Months[11] += 1e10 - 12*plan.Months[0]
		apptest.Must(y.t, w.App.SetPlan(ctx, chief, plan), "plan")
		for n := range 6 {
			on := calendar.MakeDate(2023, time.January, 20).AddDays(dice.IntN(330))
			apptest.Must(y.t, w.App.AddMilestone(ctx, chief, app.AddMilestone{Project: p.ID, Name: fmt.Sprint("节点", n+1), BaselineOn: on}), "milestone")
		}
	}
}

// people do what the script has for the day, and what became of each act is noted: a refusal too, since it must be the same in every playing.
func (y *year) people(day calendar.Date) {
	y.t.Helper()
	dice := rand.New(rand.NewPCG(2, uint64(day)))
	if day.Day() == 24 {
		y.reports(day, dice)
	}
	if int(day)%4 == 2 {
		y.reach(day, dice)
	}
	if int(day)%9 == 5 {
		y.issue(dice)
	}
	for _, ticket := range y.tickets {
		y.work(ticket, dice)
	}
}

func (y *year) note(act string, err error) {
	if err != nil {
		act += ": " + fmt.Sprint(app.AsFaults(err))
		if len(app.AsFaults(err)) == 0 {
			y.t.Fatalf("%s: %v", act, err)
		}
	}
	y.acts = append(y.acts, act)
}

// reports enters and verifies the month's figure of most projects.
func (y *year) reports(day calendar.Date, dice *rand.Rand) {
	ctx, w := context.Background(), y.world
	for i := range yearProjects {
		lag := int64(dice.IntN(25))
		if dice.IntN(10) < 3 {
			continue
		}
		code := fmt.Sprintf("P-%03d", i+1)
		d, err := w.App.ProjectDossier(ctx, app.System("test"), code)
		apptest.Must(y.t, err, "dossier")
		amount := max(d.Project.ReportedFen, (int64(day.Month().Number())*100/12-lag)*1e8)
		err = w.App.ReportProgress(ctx, w.As(y.t, "gxj.hand"), app.ReportProgress{Project: d.Project.ID, Month: day.Month(), Fen: amount})
		y.note(fmt.Sprint(day, " report ", code), err)
		d, err = w.App.ProjectDossier(ctx, app.System("test"), code)
		apptest.Must(y.t, err, "dossier")
		if entry := d.Months[day.Month().Number()-1].Entry; entry != nil && dice.IntN(10) < 8 {
			err := w.App.VerifyProgress(ctx, w.As(y.t, "sup"), app.VerifyProgress{Entry: entry.ID, Version: entry.Version, Accept: true, Fen: entry.ReportedFen})
			y.note(fmt.Sprint(day, " verify ", code), err)
		}
	}
}

// reach reaches the first open milestone of a project, on time or not.
func (y *year) reach(day calendar.Date, dice *rand.Rand) {
	ctx, w := context.Background(), y.world
	d, err := w.App.ProjectDossier(ctx, app.System("test"), fmt.Sprintf("P-%03d", 1+dice.IntN(yearProjects)))
	apptest.Must(y.t, err, "dossier")
	for _, m := range d.Milestones {
		if m.ActualOn.IsZero() {
			err := w.App.MoveMilestone(ctx, w.As(y.t, "gxj.hand"), app.MoveMilestone{Milestone: m.ID, Version: m.Version, ActualOn: day})
			y.note(fmt.Sprint(day, " reach ", m.Name), err)
			return
		}
	}
}

func (y *year) issue(dice *rand.Rand) {
	ctx, w := context.Background(), y.world
	name := fmt.Sprint("示例事项", len(y.tickets)+1)
	lead := []string{"gxj", "zjj", "kpb"}[dice.IntN(3)]
	k, err := w.App.DraftTicket(ctx, w.As(y.t, "sup"), app.DraftTicket{Kind: "assignment", Title: name, Basis: "示例依据", TaskForceID: y.small.Forces["1"],
		LeadUnitID: y.small.Units[lead], DueTerm: fmt.Sprint(5+dice.IntN(25), " workdays")})
	apptest.Must(y.t, err, "draft")
	y.tickets = append(y.tickets, &errand{id: k.ID, lead: lead})
	for _, step := range []struct{ move, as string }{{"submit_draft", "sup"}, {"approve", "dir"}} {
		y.note(name+" "+step.move, y.move(k.ID, step.move, step.as))
	}
}

// errand is a ticket of the story and the unit that leads it.
type errand struct {
	id   int64
	lead string
}

func (y *year) move(id int64, move, as string) error {
	ctx := context.Background()
	all, err := y.world.App.Tickets(ctx, app.System("test"), app.TicketFilter{})
	apptest.Must(y.t, err, "tickets")
	for _, k := range all {
		if k.ID == id {
			_, err := y.world.App.MoveTicket(ctx, y.world.As(y.t, as), app.MoveTicket{Ticket: id, Version: k.Version, Move: move, Feedback: "示例反馈", Note: "示例", Reason: "示例"})
			return err
		}
	}
	return fmt.Errorf("no ticket %d", id)
}

// work moves a ticket on, on one day in six.
func (y *year) work(e *errand, dice *rand.Rand) {
	if dice.IntN(6) > 0 {
		return
	}
	all, err := y.world.App.Tickets(context.Background(), app.System("test"), app.TicketFilter{})
	apptest.Must(y.t, err, "tickets")
	for _, k := range all {
		next, ok := map[string]struct{ move, as string }{"issued": {"accept", e.lead + ".hand"}, "accepted": {"start", e.lead + ".hand"}, "in_progress": {"submit", e.lead + ".lead"},
			"submitted": {"verify", "sup"}, "verified": {"close", "dir"}}[k.State]
		if k.ID == e.id && ok {
			if k.State == "submitted" && dice.IntN(3) == 0 {
				next.move = "return"
			}
			y.note(k.No+" "+next.move, y.move(k.ID, next.move, next.as))
		}
		if k.ID == e.id && k.State == "returned" {
			y.note(k.No+" resume", y.move(k.ID, "resume_work", e.lead+".hand"))
		}
	}
}
