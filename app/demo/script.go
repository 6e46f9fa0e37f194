package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
)

// reportDay is the day of the month from which a month is reported: early enough to be verified before the month is judged.
const reportDay = 20

// course is the script of one project: which day its people do what.
type course struct {
	*Play
	project *project
	began   calendar.Date // when it starts in truth
	first   time.Month    // of which something is done
	done    [12]int64     // reported amounts, in fen
	out     map[calendar.Date][]act
	err     error // the first day that could not be counted
}

// script works out everything that the people of the script will do, by day; the order within a day is that of the files.
func (p *Play) script() (map[calendar.Date][]act, error) {
	out := map[calendar.Date][]act{}
	for _, x := range p.district.projects {
		c := &course{Play: p, project: x, out: out}
		c.plan()
		if c.err != nil {
			return nil, fmt.Errorf("script of %s: %w", x.Code, c.err)
		}
	}
	for _, k := range p.district.tickets {
		if err := p.scriptTicket(k, out); err != nil {
			return nil, fmt.Errorf("script of %s: %w", k.Title, err)
		}
	}
	if err := p.scriptTalk(out); err != nil {
		return nil, fmt.Errorf("script of the meetings: %w", err)
	}
	return out, nil
}

// add puts an act on its day; what lies behind the end of the script, such as a milestone of next year, is left out.
func (c *course) add(day calendar.Date, part Part, what string, do func(context.Context) error) {
	if c.Over(day) {
		return
	}
	c.out[day] = append(c.out[day], act{part: part, what: c.project.Code + " " + what, do: do})
}

// workday is the nth working day after d; n == 0 is d or the next working day.
func (c *course) workday(d calendar.Date, n int) calendar.Date {
	got, err := c.cal.AddWorkdays(d, n)
	if err != nil && c.err == nil {
		c.err = err
	}
	return got
}

func (c *course) plan() {
	x := c.project
	if x.planned() {
		c.began = c.workday(x.Start.on.AddMonths(x.Behave.Late), 0)
		c.first = time.Month(c.began.Month().Number())
		if c.began > c.reportOn(c.first) {
			c.first++
		}
		c.done = x.done(c.district.planUpTo(x), c.first)
		c.planStart()
		c.planReports()
	}
	c.planStages()
	c.planMilestones()
	if e := x.Behave.Exempt; e != nil {
		c.add(e.Day, Supervision, "exempt", func(ctx context.Context) error { return c.exempt(ctx, e) })
	}
	if h := x.Handover; h != nil {
		c.add(h.Day, Supervision, "hand over", func(ctx context.Context) error { return c.handOver(ctx, h) })
	}
}

// planStart claims the start; the collective start is verified on the day, others on the next working day. A rejected claim is made again a week later.
func (c *course) planStart() {
	day := c.began
	if reason := c.project.Behave.Rejected; reason != "" {
		c.claimOn(day, "start", handOf(c.project.Unit), "")
		c.decideOn(c.workday(day, 1), "start", reason)
		day = c.workday(day, 6)
	}
	c.claimOn(day, "start", handOf(c.project.Unit), "")
	if c.project.Start.spring {
		c.decideOn(day, "start", "")
	} else {
		c.decideOn(c.workday(day, 1), "start", "")
	}
}

// planStages claims the later stages. A project of the plan is 在建 two months after its start where nothing is said.
func (c *course) planStages() {
	x := c.project
	if x.planned() && x.Stages["build"].IsZero() {
		c.stageOn(c.workday(c.began.AddMonths(2), x.index%4), "build")
	}
	for _, move := range []string{"land", "build", "complete", "produce"} {
		if day := x.Stages[move]; !day.IsZero() {
			c.stageOn(day, move)
		}
	}
	if s := x.Behave.Suspended; s != nil {
		c.claimOn(s.From, "suspend", leadOf(x.Unit), s.Reason)
		c.decideOn(c.workday(s.From, 1), "suspend", "")
		c.claimOn(s.To, "resume", handOf(x.Unit), s.Resume)
	}
}

func (c *course) stageOn(day calendar.Date, move string) {
	c.claimOn(day, move, handOf(c.project.Unit), "")
	c.decideOn(c.workday(day, 1), move, "")
}

func (c *course) claimOn(day calendar.Date, move, account, reason string) {
	c.add(day, Units, "claim "+move, func(ctx context.Context) error { return c.claim(ctx, move, account, reason) })
}

// decideOn lets the claim be verified, or rejected for a reason.
func (c *course) decideOn(day calendar.Date, move, rejection string) {
	c.add(day, Verification, "decide "+move, func(ctx context.Context) error { return c.decide(ctx, move, rejection) })
}

// reportOn is the day on which the project's unit reports a month: from the 20th on, by turns on three working days.
func (c *course) reportOn(m time.Month) calendar.Date {
	return c.workday(c.workday(calendar.MakeDate(c.district.year(), m, reportDay), 0), c.project.index%3)
}

func (c *course) planReports() {
	b := c.project.Behave
	for m := time.Month(c.project.Start.on.Month().Number()); m <= time.December; m++ {
		day := c.reportOn(m)
		if day < c.project.Start.on || slices.Contains(b.Silent, m) {
			continue
		}
		c.reportOnDay(day, m)
		day = c.workday(day, 1)
		if slices.Contains(b.Returned, m) {
			c.add(day, Verification, "return "+m.String(), func(ctx context.Context) error { return c.verify(ctx, m, false) })
			c.reportOnDay(c.workday(day, 1), m)
			day = c.workday(day, 2)
		}
		c.add(day, Verification, "verify "+m.String(), func(ctx context.Context) error { return c.verify(ctx, m, true) })
	}
}

func (c *course) reportOnDay(day calendar.Date, m time.Month) {
	c.add(day, Units, "report "+m.String(), func(ctx context.Context) error { return c.report(ctx, m) })
}

// planMilestones reaches each milestone: on the day that is written, or a few working days before its baseline.
func (c *course) planMilestones() {
	for i, m := range c.project.Milestones {
		if r := m.Revised; r != nil {
			c.add(r.Day, Units, "revise "+m.Name, func(ctx context.Context) error { return c.revise(ctx, m) })
		}
		day := m.Reached
		if day.IsZero() {
			day = c.workday(m.On, -1-(c.project.index+i)%4)
		}
		c.add(day, Units, "reach "+m.Name, func(ctx context.Context) error { return c.reach(ctx, m.Name) })
	}
}

// verifier is who verifies the project's reports and claims: by turns, and never of its own task force or units.
func (c *course) verifier() string {
	x, d := c.project, c.district
	f := d.force(x.Force)
	for i := range d.Verifiers {
		account := d.Verifiers[(x.index+i)%len(d.Verifiers)]
		if unit := d.person(account).Unit; unit != f.Unit && unit != x.Unit {
			return account
		}
	}
	return d.Verifiers[0]
}

// dossier reads the project as it is now; the script looks at everything, and acts as the people that it acts for.
func (c *course) dossier(ctx context.Context) (app.Dossier, error) {
	return c.app.ProjectDossier(ctx, app.System("demo"), c.project.Code)
}
