package app

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Project is a key project 重点项目. Money is in fen.
type Project struct {
	Row
	Code            string // public number, P-001
	NationalCode    string // GB/T 40058-2021, 24 characters, "" when not given yet
	Name            string
	TaskForceID     int64
	EnterpriseID    int64
	Level           string // "province", "city" or "district"
	Field           string
	Site            string
	Sample          bool // 示例: not a real project
	InPlan          bool // in the year's plan of key projects
	SpringStart     bool // in the collective start of the spring
	SignedOn        calendar.Date
	InvestFen       int64 // total investment
	Year            int
	YearPlanFen     int64 // planned for Year
	PlannedStartOn  calendar.Date
	StartedOn       calendar.Date // verified start of construction
	PlannedFinishOn calendar.Date
	FinishedOn      calendar.Date
	RegisteredOn    calendar.Date // 纳统
	MachineVersion  int
	Stage           string
	ResumeStage     string // where a suspended project goes on
	StageSince      calendar.Date
	LeadUnitID      int64 // of the assignment in force
	UnitID          int64 // responsible unit of the assignment in force
	ReportedFen     int64 // newest reported amount of the year to date
	VerifiedFen     int64 // newest verified amount of the year to date
	LastProgressOn  calendar.Date
	Light           workflows.Light
	LightRule       string
	LightSince      calendar.Date
	JudgedMonth     calendar.Month `journal:"-"` // last month that month rules judged
	NextCheckAt     int64          `journal:"-"` // when a rule may change its mind; 0: never
}

// Enterprise is the owner of a project.
type Enterprise struct {
	Row
	Name       string
	CreditCode string
	Contact    string
}

// Milestone is a 节点; its baseline date is immutable and judges.
type Milestone struct {
	Row
	ProjectID    int64
	Position     int
	Name         string
	BaselineOn   calendar.Date
	RevisedOn    calendar.Date
	LawfulOn     calendar.Date // where an amended calendar made the baseline a rest day: the day that judges instead
	ActualOn     calendar.Date
	OwnerID      int64
	Evidence     string
	Final        bool   // the project's last date: moving it far needs a decision on record
	DateChanges  int    // how often it was revised
	ChangeReason string // of the last revision
	Decision     string // on record for the last revision, "" when none was needed
	Ruleset      string // under which it was added, such as "default@1"; its lights go by that version
	Light        workflows.Light
	LightRule    string
	LightSince   calendar.Date
	NextCheckAt  int64 `journal:"-"`
}

// JudgedOn is the date that judges: the baseline, or the next working day where an amended calendar made the baseline a rest day.
func (m Milestone) JudgedOn() calendar.Date {
	if m.LawfulOn.IsZero() {
		return m.BaselineOn
	}
	return m.LawfulOn
}

// DueOn is the date in force: the revised one when there is one.
func (m Milestone) DueOn() calendar.Date {
	if m.RevisedOn.IsZero() {
		return m.BaselineOn
	}
	return m.RevisedOn
}

// MonthlyPlan is the investment planned for one month, in fen.
type MonthlyPlan struct {
	Row
	ProjectID int64
	Month     calendar.Month
	AmountFen int64
}

// codePattern is what a public number may look like: it stands in addresses.
var codePattern = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,19}$`)

// Levels lists the levels of a project.
func Levels() []string { return []string{"province", "city", "district"} }

func (t *tx) projectPlace(p *Project) place {
	return place{taskForce: p.TaskForceID, project: p.ID, units: []int64{p.UnitID, p.LeadUnitID}}
}

// AddProject is the command that puts a project on the map.
type AddProject struct {
	Code, NationalCode, Name, Level, Field, Site, Enterprise string
	TaskForceID                                              int64
	Sample, InPlan, SpringStart                              bool
	SignedOn, PlannedStartOn, PlannedFinishOn                calendar.Date
	InvestFen, YearPlanFen                                   int64
	Year                                                     int
	Stage                                                    string // where it stands today; "" is the first stage
}

// AddProject puts a project on the map; task-force leaders and members in their task force, the supervision director everywhere.
func (a *App) AddProject(ctx context.Context, actor Actor, cmd AddProject) (*Project, error) {
	p := &Project{Code: strings.TrimSpace(cmd.Code), NationalCode: cmd.NationalCode, Name: strings.TrimSpace(cmd.Name), TaskForceID: cmd.TaskForceID, Level: cmd.Level,
		Field: cmd.Field, Site: cmd.Site, Sample: cmd.Sample, InPlan: cmd.InPlan, SpringStart: cmd.SpringStart, SignedOn: cmd.SignedOn, InvestFen: cmd.InvestFen,
		Year: cmd.Year, YearPlanFen: cmd.YearPlanFen, PlannedStartOn: cmd.PlannedStartOn, PlannedFinishOn: cmd.PlannedFinishOn, Stage: cmd.Stage}
	asked := *p
	err := a.write(ctx, actor, func(t *tx) error {
		*p = asked // a second run begins where the first one did
		if err := t.require(place{taskForce: p.TaskForceID}, planners()...); err != nil {
			return err
		}
		if err := t.checkProject(p); err != nil {
			return err
		}
		if err := t.projectNumber(p); err != nil {
			return err
		}
		if err := t.owner(p, cmd.Enterprise); err != nil {
			return err
		}
		p.StageSince, p.LastProgressOn, p.JudgedMonth = t.today, t.today, t.today.Month().Add(-1)
		if machine := t.machineNow("project"); machine.Rank(p.Stage) >= machine.Rank("started") {
			p.StartedOn = t.today
		}
		if err := errors.Join(t.roomFor("stages", p.TaskForceID, p.Stage), t.wind(p)); err != nil {
			return err
		}
		if err := insert(t, p); err != nil {
			return taken(err, "code")
		}
		t.record(t.projectChange("project.add", p, nil))
		return nil
	})
	return p, err
}

func (t *tx) checkProject(p *Project) error {
	machine := t.machineNow("project")
	if p.Stage == "" {
		p.Stage = machine.Initial
	}
	p.MachineVersion = machine.Version
	var c check
	c.text("name", p.Name, 60, false)
	if p.Code != "" && !codePattern.MatchString(p.Code) {
		c.add("code", "code_form", nil)
	}
	c.text("field", p.Field, 40, true)
	c.text("site", p.Site, 80, true)
	if !slices.Contains(machine.Begin, p.Stage) && p.Stage != machine.Initial {
		c.add("stage", "choose", nil)
	}
	if !slices.Contains(Levels(), p.Level) {
		c.add("level", "choose", nil)
	}
	if p.InvestFen <= 0 {
		c.add("invest", "positive", nil)
	}
	if p.YearPlanFen < 0 || p.YearPlanFen > p.InvestFen {
		c.add("year_plan", "year_plan_over_total", nil)
	}
	if !p.PlannedFinishOn.IsZero() && p.PlannedFinishOn < p.PlannedStartOn {
		c.add("planned_finish_on", "ends_before_start", nil)
	}
	if n := len(p.NationalCode); n != 0 && n != 24 {
		c.add("national_code", "national_code", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	_, err := chosen[TaskForce](t, "task_force_id", p.TaskForceID)
	return err
}

// projectNumber gives the next public number unless one was given.
func (t *tx) projectNumber(p *Project) error {
	if p.Code != "" {
		return nil
	}
	n, err := t.next("project")
	p.Code = fmt.Sprintf("P-%03d", n)
	return err
}

// next counts a named counter up; its row is locked, so numbers have no gap.
func (t *tx) next(counter string) (int64, error) {
	var n int64
	err := single(t.ctx, t.db, []any{&n}, "INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value", counter)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", counter, err)
	}
	return n, nil
}

func (t *tx) owner(p *Project, name string) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return nil
	}
	var c check
	c.text("enterprise", name, 80, false)
	if err := c.err(); err != nil {
		return err
	}
	found, err := list[Enterprise](t, "id", "name = ?", name)
	if err != nil {
		return err
	}
	if len(found) == 1 {
		p.EnterpriseID = found[0].ID
		return nil
	}
	e := &Enterprise{Name: name}
	if err := insert(t, e); err != nil {
		return err
	}
	p.EnterpriseID = e.ID
	t.record(change{action: "enterprise.add", kind: "enterprise", id: e.ID, after: e})
	return nil
}

// projectChange describes a change of a project for the journal.
func (t *tx) projectChange(action string, p *Project, was any) change {
	return change{action: action, kind: "project", id: p.ID, no: p.Code, taskForce: p.TaskForceID, project: p.ID, before: was, after: p}
}

// SetPlan is the command that sets a year's plan, one amount a month from January, in fen.
type SetPlan struct {
	Project, Version int64
	Months           [12]int64
	Reason           string // needed when a plan is there already
}

// SetPlan sets the monthly plan of the project's year; the sum must be the year's plan, months that were judged can't change.
func (a *App) SetPlan(ctx context.Context, actor Actor, cmd SetPlan) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), planners()...); err != nil {
			return err
		}
		if err := t.fresh(p, cmd.Version); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		old, err := list[MonthlyPlan](t, "month", "project_id = ?", p.ID)
		if err != nil {
			return err
		}
		if err := checkPlan(p, cmd, old); err != nil {
			return err
		}
		if err := t.storePlan(p, cmd, old); err != nil {
			return err
		}
		return t.saveProject(p)
	})
}

func checkPlan(p *Project, cmd SetPlan, old []MonthlyPlan) error {
	var c check
	var sum int64
	for i, amount := range cmd.Months {
		if amount < 0 {
			c.add(monthField(i+1), "negative", nil)
		}
		sum += amount
	}
	if sum != p.YearPlanFen {
		c.add("month_12", "plan_sum", map[string]any{"Sum": sum, "Plan": p.YearPlanFen})
	}
	c.text("reason", cmd.Reason, 500, len(old) == 0)
	for _, o := range old {
		if o.Month <= p.JudgedMonth && o.Month.Year() == p.Year && o.AmountFen != cmd.Months[o.Month.Number()-1] {
			c.add(monthField(o.Month.Number()), "month_judged", nil)
		}
	}
	return c.err()
}

// monthField is the form field of a month, from 1.
func monthField(n int) string { return fmt.Sprintf("month_%d", n) }

func (t *tx) storePlan(p *Project, cmd SetPlan, old []MonthlyPlan) error {
	before, after := map[string]any{}, map[string]any{}
	for i, amount := range cmd.Months {
		month := calendar.MakeMonth(p.Year, 1).Add(i)
		after[month.String()] = amount
		at := slices.IndexFunc(old, func(m MonthlyPlan) bool { return m.Month == month })
		if at < 0 {
			if err := insert(t, &MonthlyPlan{ProjectID: p.ID, Month: month, AmountFen: amount}); err != nil {
				return err
			}
			continue
		}
		before[month.String()] = old[at].AmountFen
		old[at].AmountFen = amount
		if err := update(t, &old[at]); err != nil {
			return err
		}
	}
	c := t.projectChange("project.plan", p, nil)
	c.before, c.after, c.reason = before, after, cmd.Reason
	t.record(c)
	return nil
}

// fresh compares the version that the person had on the screen; 0 skips the comparison. It comes after the question of who may, because it names who changed the row.
func (t *tx) fresh(p *Project, version int64) error {
	if version != 0 && version != p.Version {
		return t.stale(recordsOfProject, p.ID)
	}
	return nil
}

// stale says who changed the row meanwhile, and what; where finds its records in the journal; a sweep's records are passed over where somebody else has one, since a sweep makes no form stale.
func (t *tx) stale(where string, id int64) error {
	rows, err := table[JournalRow](t.db).Where(where, id).Order("CASE actor_kind WHEN 'system' THEN 1 ELSE 0 END, no DESC").Limit(1).Find(t.ctx)
	if err != nil || len(rows) == 0 {
		return errOr(err, &Fault{Kind: Stale, Key: "stale"})
	}
	r, err := rows[0].Decoded()
	if err != nil {
		return err
	}
	return &Fault{Kind: Stale, Key: "stale_by", Args: map[string]any{"Who": r.Actor, "Action": r.Action, "At": rows[0].At, "No": rows[0].No}}
}

func errOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// saveProject puts out what is cured, winds the alarm clock and stores the row.
func (t *tx) saveProject(p *Project) error {
	if err := t.relightProject(p); err != nil {
		return err
	}
	if err := t.wind(p); err != nil {
		return err
	}
	return keep(t, p)
}
