package app

import (
	"context"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// ProgressEntry is one month's progress: what the unit reported and what a supervisor verified never merge. Amounts are cumulative from January, in fen.
type ProgressEntry struct {
	Row
	ProjectID   int64
	Month       calendar.Month
	State       string // "reported", "verified" or "returned"
	ReportedFen int64
	Text        string
	Problems    string
	NextStep    string
	ReportedBy  int64
	ReportedAt  int64
	VerifiedFen int64
	VerifiedBy  int64
	VerifiedAt  int64
	VerifyNote  string
	// Funds in place from January on, nil where none were reported.
	ReportedFundsFen *int64
	VerifiedFundsFen *int64
}

// TableName is the table of progress entries.
func (ProgressEntry) TableName() string { return "progress_entries" }

// reporters may report progress, stages and milestones of a project.
func reporters() []workflows.Role {
	return []workflows.Role{workflows.RoleUnitHandler, workflows.RoleUnitLeader, workflows.RoleTaskforceMember, workflows.RoleTaskforceLeader}
}

// verifiers may verify what units report, when they come from elsewhere.
func verifiers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector}
}

// ReportProgress is the command with which a unit reports a month once.
type ReportProgress struct {
	Project  int64
	Version  int64 // of the entry when a returned or unverified one is corrected; 0 for the first report
	Month    calendar.Month
	Fen      int64 // completed from January to the end of Month
	Text     string
	Problems string
	NextStep string
	FundsFen *int64 // in place from January to the end of Month; nil reports none
}

// ReportProgress files or corrects a month's report until it is verified.
func (a *App) ReportProgress(ctx context.Context, actor Actor, cmd ReportProgress) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), reporters()...); err != nil {
			return err
		}
		entries, err := list[ProgressEntry](t, "month", "project_id = ?", p.ID)
		if err != nil {
			return err
		}
		if err := t.checkReport(p, entries, cmd); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		e, was := entryOf(entries, p.ID, cmd.Month)
		if e.ID != 0 && e.Version != cmd.Version {
			return t.stale(recordsOfProject, p.ID)
		}
		e.State, e.ReportedFen, e.Text, e.Problems, e.NextStep = "reported", cmd.Fen, strings.TrimSpace(cmd.Text), strings.TrimSpace(cmd.Problems), strings.TrimSpace(cmd.NextStep)
		e.ReportedBy, e.ReportedAt, e.ReportedFundsFen = t.actor.ID, t.now.Unix(), cmd.FundsFen
		if err := t.storeEntry(p, "progress.report", e, was, ""); err != nil {
			return err
		}
		if err := t.reportedLate(p, cmd.Month, was == nil); err != nil {
			return err
		}
		if len(entries) == 0 || cmd.Month >= entries[len(entries)-1].Month { // a corrected earlier month is not the newest
			p.ReportedFen = cmd.Fen
		}
		return t.saveProject(p)
	})
}

// reportedLate notes that a month's first report came after its day.
func (t *tx) reportedLate(p *Project, m calendar.Month, first bool) error {
	if begun := firstReport(p); !first || begun == 0 || m < begun {
		return nil
	}
	due, err := t.reportDue(m)
	if err == nil && t.today > due {
		t.happens(projectItem(p), "reported_late")
	}
	return err
}

// entryOf finds the month's entry, or begins one; was is its former state, nil when it is new.
func entryOf(entries []ProgressEntry, project int64, m calendar.Month) (e *ProgressEntry, was any) {
	for i := range entries {
		if entries[i].Month == m {
			return &entries[i], entries[i]
		}
	}
	return &ProgressEntry{ProjectID: project, Month: m}, nil
}

func (t *tx) storeEntry(p *Project, action string, e *ProgressEntry, was any, reason string) error {
	save := update[ProgressEntry]
	if e.ID == 0 {
		save = insert[ProgressEntry]
	}
	if err := save(t, e); err != nil {
		return err
	}
	c := t.projectChange(action, p, was)
	c.kind, c.id, c.no, c.after, c.reason = "progress", e.ID, p.Code+" "+e.Month.String(), e, reason
	t.record(c)
	return nil
}

func (t *tx) checkReport(p *Project, entries []ProgressEntry, cmd ReportProgress) error {
	var c check
	c.text("text", cmd.Text, 2000, true)
	c.text("problems", cmd.Problems, 2000, true)
	c.text("next_step", cmd.NextStep, 2000, true)
	if cmd.Fen < 0 {
		c.add("amount", "negative", nil)
	}
	if cmd.Month.Year() != p.Year || cmd.Month.First() > t.today {
		c.add("month", "month_outside", map[string]any{"Year": p.Year})
	}
	for _, e := range entries {
		switch {
		case e.Month == cmd.Month && e.State == "verified":
			c.add("month", "month_verified", nil)
		case e.Month < cmd.Month && e.ReportedFen > cmd.Fen:
			c.add("amount", "amount_shrinks", map[string]any{"Fen": e.ReportedFen, "Month": e.Month})
		case e.Month > cmd.Month && e.ReportedFen < cmd.Fen:
			c.add("amount", "amount_beyond_later", map[string]any{"Fen": e.ReportedFen, "Month": e.Month})
		}
	}
	checkFunds(&c, entries, cmd)
	planned, err := t.plannedTo(p, cmd.Month)
	if err != nil {
		return err
	}
	if cmd.Fen > planned && strings.TrimSpace(cmd.Text) == "" {
		c.add("text", "amount_over_plan", map[string]any{"Fen": cmd.Fen, "Plan": planned})
	}
	return c.err()
}

// checkFunds holds that funds in place grow from month to month, like the investment.
func checkFunds(c *check, entries []ProgressEntry, cmd ReportProgress) {
	if cmd.FundsFen == nil {
		return
	}
	if *cmd.FundsFen < 0 {
		c.add("funds", "negative", nil)
	}
	for _, e := range entries {
		switch {
		case e.ReportedFundsFen == nil:
		case e.Month < cmd.Month && *e.ReportedFundsFen > *cmd.FundsFen:
			c.add("funds", "funds_shrink", map[string]any{"Fen": *e.ReportedFundsFen, "Month": e.Month})
		case e.Month > cmd.Month && *e.ReportedFundsFen < *cmd.FundsFen:
			c.add("funds", "funds_beyond_later", map[string]any{"Fen": *e.ReportedFundsFen, "Month": e.Month})
		}
	}
}

// plannedTo is the planned investment from January to the end of a month, in fen.
func (t *tx) plannedTo(p *Project, m calendar.Month) (int64, error) {
	plans, err := list[MonthlyPlan](t, "month", "project_id = ?", p.ID)
	return plannedTo(plans, p.Year, m), err
}

func plannedTo(plans []MonthlyPlan, year int, m calendar.Month) int64 {
	var sum int64
	for _, plan := range plans {
		if plan.Month.Year() == year && plan.Month <= m {
			sum += plan.AmountFen
		}
	}
	return sum
}

// VerifyProgress is the command that verifies a report or returns it.
type VerifyProgress struct {
	Entry, Version int64
	Accept         bool
	Fen            int64 // the verified amount, which may differ from the reported one
	Note           string
	FundsFen       *int64 // the verified funds in place, which are asked for where some were reported, and only there
}

// VerifyProgress verifies a month's report with the verifier's own amount, or returns it with a reason; never by the project's own units or task force.
func (a *App) VerifyProgress(ctx context.Context, actor Actor, cmd VerifyProgress) error {
	return a.write(ctx, actor, func(t *tx) error {
		e, err := get[ProgressEntry](t, cmd.Entry)
		if err != nil {
			return err
		}
		p, err := get[Project](t, e.ProjectID)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), verifiers()...); err != nil {
			return err
		}
		if err := t.outside(p, []string{"task_force"}); err != nil {
			return err
		}
		if err := t.anotherHand(e.ReportedBy); err != nil {
			return err
		}
		if e.State != "reported" || e.Version != cmd.Version {
			return t.stale(recordsOfProject, p.ID)
		}
		if err := checkVerdict(e, cmd); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		if err := t.storeVerdict(p, e, cmd); err != nil {
			return err
		}
		return t.saveProject(p)
	})
}

func checkVerdict(e *ProgressEntry, cmd VerifyProgress) error {
	var c check
	// A note explains a return and an amount that differs from the reported one.
	c.text("note", cmd.Note, 500, cmd.Accept && cmd.Fen == e.ReportedFen && sameFen(cmd.FundsFen, e.ReportedFundsFen))
	if cmd.Accept && cmd.Fen < 0 {
		c.add("amount", "negative", nil)
	}
	switch {
	case !cmd.Accept:
	case e.ReportedFundsFen != nil && cmd.FundsFen == nil:
		c.add("funds", "required", nil)
	case e.ReportedFundsFen == nil && cmd.FundsFen != nil:
		c.add("funds", "funds_not_reported", nil)
	case cmd.FundsFen != nil && *cmd.FundsFen < 0:
		c.add("funds", "negative", nil)
	}
	return c.err()
}

// sameFen tells whether two amounts are equal, or both not there.
func sameFen(x, y *int64) bool { return x == y || x != nil && y != nil && *x == *y }

func (t *tx) storeVerdict(p *Project, e *ProgressEntry, cmd VerifyProgress) error {
	was := *e
	e.VerifiedBy, e.VerifiedAt, e.VerifyNote = t.actor.ID, t.now.Unix(), cmd.Note
	if !cmd.Accept {
		e.State = "returned"
		return t.storeEntry(p, "progress.return", e, was, cmd.Note)
	}
	e.State, e.VerifiedFen, e.VerifiedFundsFen = "verified", cmd.Fen, cmd.FundsFen
	if err := t.storeEntry(p, "progress.verify", e, was, cmd.Note); err != nil {
		return err
	}
	newest, err := list[ProgressEntry](t, "month DESC", "project_id = ? AND state = 'verified'", p.ID)
	if err != nil {
		return err
	}
	p.VerifiedFen, p.LastProgressOn = newest[0].VerifiedFen, t.today
	return nil
}

// Exemption is an accepted reason 正当理由: the rule does not light the project for that month.
type Exemption struct {
	Row
	ProjectID  int64
	RuleID     string
	Month      calendar.Month
	Reason     string
	ApprovedBy int64
	ApprovedAt int64
}

// AcceptReason is the command that exempts a project from a month rule for one month.
type AcceptReason struct {
	Project int64
	RuleID  string
	Month   calendar.Month
	Reason  string
}

// AcceptReason accepts a reason; the supervision director only, and not for their own task force.
func (a *App) AcceptReason(ctx context.Context, actor Actor, cmd AcceptReason) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), workflows.RoleSupervisionDirector); err != nil {
			return err
		}
		if err := t.outside(p, []string{"task_force"}); err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, false)
		if cmd.Month.IsZero() {
			c.add("month", "required", nil)
		}
		if !t.monthRule(cmd.RuleID) {
			c.add("rule_id", "choose", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		e := &Exemption{ProjectID: p.ID, RuleID: cmd.RuleID, Month: cmd.Month, Reason: strings.TrimSpace(cmd.Reason), ApprovedBy: t.actor.ID, ApprovedAt: t.now.Unix()}
		if err := insert(t, e); err != nil {
			return taken(err, "month")
		}
		record := t.projectChange("exemption.accept", p, nil)
		record.kind, record.id, record.after, record.reason = "exemption", e.ID, e, cmd.Reason
		t.record(record)
		return t.saveProject(p)
	})
}

func (t *tx) monthRule(id string) bool {
	for _, r := range t.rulesOn(t.today).For("project") {
		if r.ID == id && r.Every == "month" {
			return true
		}
	}
	return false
}
