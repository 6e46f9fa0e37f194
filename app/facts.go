package app

import (
	"fmt"
	"maps"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// projectHistory is what the facts of a project at any month end are worked out from.
type projectHistory struct {
	plans   []MonthlyPlan
	entries []ProgressEntry
	exempt  []Exemption
}

func (t *tx) projectHistory(p *Project) (projectHistory, error) {
	var h projectHistory
	var err error
	if p.ID == 0 {
		return h, nil
	}
	if h.plans, err = list[MonthlyPlan](t, "month", "project_id = ?", p.ID); err != nil {
		return h, err
	}
	if h.entries, err = list[ProgressEntry](t, "month", "project_id = ?", p.ID); err != nil {
		return h, err
	}
	h.exempt, err = list[Exemption](t, "month", "project_id = ?", p.ID)
	return h, err
}

func (h projectHistory) exempted(rule string, m calendar.Month) bool {
	return slices.ContainsFunc(h.exempt, func(e Exemption) bool { return e.RuleID == rule && e.Month == m })
}

// schedule is the planned share of the year's plan at the end of a month, in basis points.
func (h projectHistory) schedule(p *Project, m calendar.Month) int64 {
	switch {
	case p.YearPlanFen == 0 || m.Year() < p.Year:
		return 0
	case m.Year() > p.Year:
		return 10000
	}
	return plannedTo(h.plans, p.Year, m) * 10000 / p.YearPlanFen
}

// done is the share of the year's plan that was reported and that was verified by the end of a month, in basis points.
func (h projectHistory) done(p *Project, m calendar.Month) (reported, verified int64) {
	if p.YearPlanFen == 0 {
		return 0, 0
	}
	for _, e := range h.entries {
		if e.Month > m {
			break
		}
		reported = e.ReportedFen * 10000 / p.YearPlanFen
		if e.State == "verified" {
			verified = e.VerifiedFen * 10000 / p.YearPlanFen
		}
	}
	return reported, verified
}

// monthsNotStarted counts consecutive month ends up to m, since the planned start month, at which the project had not started and no reason was accepted.
func (h projectHistory) monthsNotStarted(p *Project, rule string, m calendar.Month) int {
	if p.PlannedStartOn.IsZero() {
		return 0
	}
	n := 0
	for month := p.PlannedStartOn.Month(); month <= m; month = month.Add(1) {
		n++
		if h.exempted(rule, month) || startedBy(p, month.Last()) {
			n = 0
		}
	}
	return n
}

func startedBy(p *Project, day calendar.Date) bool {
	return !p.StartedOn.IsZero() && p.StartedOn <= day
}

// facts are what the plan and the verified progress say of the project at the end of month m.
func (h projectHistory) facts(p *Project, rule string, m calendar.Month) workflows.Facts {
	schedule := h.schedule(p, m)
	reported, verified := h.done(p, m)
	_, before := h.done(p, m.Add(-1))
	planned := int64(0)
	if p.YearPlanFen > 0 && m.Year() == p.Year {
		planned = schedule - h.schedule(p, m.Add(-1))
		if m.Add(-1).Year() < p.Year {
			planned = schedule
		}
	}
	return workflows.Facts{
		"started":             startedBy(p, m.Last()),
		"months_not_started":  h.monthsNotStarted(p, rule, m),
		"exempt":              h.exempted(rule, m),
		"schedule":            float64(schedule) / 100,
		"done":                float64(verified) / 100,
		"reported":            float64(reported) / 100,
		"behind":              float64(schedule-verified) / 100,
		"invest_rate":         rate(verified, 10000),
		"plan_rate":           rate(verified, schedule),
		"month_rate":          rate(verified-before, planned),
		"reported_this_month": slices.ContainsFunc(h.entries, func(e ProgressEntry) bool { return e.Month == m }),
		"unmoved_months":      h.unmovedMonths(p, m),
	}
}

// rate is a part of a whole in per cent; what nothing was planned for is done.
func rate(part, whole int64) float64 {
	if whole <= 0 {
		return 100
	}
	return float64(part) * 100 / float64(whole)
}

// unmovedMonths counts consecutive months up to m, since the start of construction, in which the verified progress did not grow.
func (h projectHistory) unmovedMonths(p *Project, m calendar.Month) int {
	if p.StartedOn.IsZero() {
		return 0
	}
	n := 0
	for ; m >= p.StartedOn.Month(); m = m.Add(-1) {
		_, is := h.done(p, m)
		_, was := h.done(p, m.Add(-1))
		if m.Year() > m.Add(-1).Year() {
			was = 0 // amounts are cumulative from January
		}
		if is > was {
			return n
		}
		n++
	}
	return n
}

// projectFacts are what a rule may ask about a project: about the month of a day, as things stand on another. What a later month has verified cures a light that
// an earlier one lit.
func (t *tx) projectFacts(p *Project, h projectHistory, r *workflows.Rule, about, now calendar.Date) (workflows.Facts, error) {
	m := about.Month()
	if r.Every == "day" || r.Every == "week" { // nobody is behind the plan of a month that has not ended
		m = monthEnded(about)
	}
	f := h.facts(p, r.ID, m)
	if current := now.Month(); current > m && r.Every != "" && r.Every != "day" && r.Every != "week" {
		is := h.facts(p, r.ID, current)
		f["started"], f["done"], f["reported"], f["invest_rate"] = is["started"], is["done"], is["reported"], is["invest_rate"]
		_, done := h.done(p, current)
		f["behind"] = float64(h.schedule(p, m)-done) / 100
		f["plan_rate"] = rate(done, h.schedule(p, m))
		if is["started"].(bool) {
			f["months_not_started"] = 0
		}
	}
	maps.Copy(f, workflows.Facts{
		"stage": p.Stage, "stage_rank": t.machine("project", p.MachineVersion).Rank(p.Stage),
		"planned_start_on": int(p.PlannedStartOn), "started_on": int(p.StartedOn), "planned_finish_on": int(p.PlannedFinishOn),
		"finished": !p.FinishedOn.IsZero(), "finished_on": int(p.FinishedOn), "signed_on": int(p.SignedOn),
		"registered": !p.RegisteredOn.IsZero(), "registered_on": int(p.RegisteredOn), "in_plan": p.InPlan, "field": p.Field, "level": p.Level, "sample": p.Sample,
		"last_progress_on": int(p.LastProgressOn), "investment": float64(p.InvestFen) / 1e6, "year_plan": float64(p.YearPlanFen) / 1e6,
	})
	return f, t.dearFacts(f, p, r, m, now)
}

// monthEnded is the last month that has ended by the end of a day.
func monthEnded(day calendar.Date) calendar.Month {
	if m := day.Month(); day == m.Last() {
		return m
	}
	return day.Month().Add(-1)
}

// dearFacts adds what costs a search, where the rule asks for it.
func (t *tx) dearFacts(f workflows.Facts, p *Project, r *workflows.Rule, m calendar.Month, now calendar.Date) error {
	count := func(name, query string, args ...any) error {
		if !r.Asks(name) {
			return nil
		}
		var n int
		err := single(t.ctx, t.db, []any{&n}, query, args...)
		f[name] = n
		return err
	}
	if err := count("open_blockers", `SELECT COUNT(*) FROM tickets WHERE project_id = ? AND kind = 'blocker' AND issued_on <> '' AND issued_on <= ? AND state <> 'terminated'
AND (closed_on = '' OR closed_on > ?)`, p.ID, now, now); err != nil {
		return fmt.Errorf("count the open blockers: %w", err)
	}
	if err := count("overdue_milestones", `SELECT COUNT(*) FROM milestones WHERE project_id = ? AND CASE WHEN lawful_on <> '' THEN lawful_on ELSE baseline_on END < ?
AND (actual_on = '' OR actual_on > ?)`, p.ID, now, now); err != nil {
		return fmt.Errorf("count the overdue milestones: %w", err)
	}
	if r.Asks("landed_on") {
		claims, err := list[StageClaim](t, "id", "project_id = ? AND to_stage = 'landed' AND state = 'verified' AND occurred_on <= ?", p.ID, now)
		if err != nil {
			return err
		}
		f["landed_on"] = 0
		for _, c := range claims {
			f["landed_on"] = int(c.OccurredOn)
		}
	}
	if r.Asks("report_days_late") {
		late, err := t.reportDaysLate(p, m, now)
		f["report_days_late"] = late
		return err
	}
	return nil
}

// reportDaysLate is by how many days a month's report came late, or is late by now; 0 for one that is not owed.
func (t *tx) reportDaysLate(p *Project, m calendar.Month, now calendar.Date) (int, error) {
	if first := firstReport(p); first == 0 || m < first {
		return 0, nil
	}
	due, err := t.reportDue(m)
	if err != nil {
		return 0, err
	}
	firsts, err := t.firstReports(p.ID)
	on, reported := firsts[m]
	if !reported || on > now {
		on = now
	}
	return max(int(on-due), 0), err
}

// projectWatch is a project as its rules look at it: by the law in force, month by month.
func (t *tx) projectWatch(p *Project, h projectHistory) *watch {
	w := &watch{t: t, item: projectItem(p), law: t.rulesOn}
	w.facts = func(r *workflows.Rule, about, now calendar.Date) (workflows.Facts, error) {
		return t.projectFacts(p, h, r, about, now)
	}
	w.past = func(r *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		if first := h.first(p); first == 0 || last.Month() < first {
			return nil, nil
		}
		return t.projectFacts(p, h, r, last, last)
	}
	return w
}

// first is the first month that anything is known of: of the plan, else of a report.
func (h projectHistory) first(p *Project) calendar.Month {
	switch {
	case !p.PlannedStartOn.IsZero():
		return p.PlannedStartOn.Month()
	case len(h.plans) > 0:
		return h.plans[0].Month
	case len(h.entries) > 0:
		return h.entries[0].Month
	}
	return 0
}

func milestoneFacts(p *Project, m *Milestone) workflows.Facts {
	facts := workflows.Facts{
		"due_on":        int(m.DueOn()),
		"baseline_on":   int(m.JudgedOn()),
		"done":          !m.ActualOn.IsZero(),
		"project_stage": p.Stage,
		"suspended":     p.Stage == "suspended",
		"level":         p.Level,
		"exempt":        false,
	}
	maps.Copy(facts, milestoneMemory(m))
	return facts
}

// milestoneWatch is a milestone as the rules look at it under which it was added.
func (t *tx) milestoneWatch(p *Project, m *Milestone) *watch {
	w := &watch{t: t, item: milestoneItem(p, m), law: func(calendar.Date) *workflows.Ruleset { return t.rulesOf(m.Ruleset) }}
	w.facts = func(*workflows.Rule, calendar.Date, calendar.Date) (workflows.Facts, error) {
		return milestoneFacts(p, m), nil
	}
	w.past = func(_ *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		then, err := t.pastOf(recordsOfProject, p.ID, last)
		if err != nil || then.milestones[m.ID] == nil || then.projects[p.ID] == nil {
			return nil, err
		}
		return milestoneFacts(then.projects[p.ID], then.milestones[m.ID]), nil
	}
	return w
}

// pastOf is what the journal says of one item at the end of a day.
func (t *tx) pastOf(where string, id int64, day calendar.Date) (*past, error) {
	rows, err := t.app.pastRecords(t.ctx, t.calendar(0).At(day.AddDays(1), 0, 0).Unix()-1, where, id)
	if err != nil {
		return nil, err
	}
	p := newPast(t.app)
	for _, row := range rows {
		if err := p.apply(row); err != nil {
			return nil, err
		}
	}
	p.light()
	return p, nil
}

// factsSeen are facts of a ticket with what they were worked out from.
type factsSeen struct {
	of    Ticket
	times *timebook
	facts workflows.Facts
}

// ticketFacts are what rules and moves may ask about a ticket. They are shared with whoever asks about the same row again: add to a clone.
func (t *tx) ticketFacts(k *Ticket) (workflows.Facts, error) {
	if seen, ok := t.facts[k.ID]; ok && seen.times == t.times && seen.of == *k {
		return seen.facts, nil
	}
	facts, err := t.factsOfTicket(k)
	if err != nil {
		return nil, err
	}
	if t.facts == nil {
		t.facts = map[int64]factsSeen{}
	}
	t.facts[k.ID] = factsSeen{of: *k, times: t.times, facts: facts}
	return facts, nil
}

func (t *tx) factsOfTicket(k *Ticket) (workflows.Facts, error) {
	state, ok := t.machine("ticket", k.MachineVersion).State(k.State)
	if !ok {
		return nil, fmt.Errorf("ticket %s is in unknown state %q", k.No, k.State)
	}
	lead := ""
	if k.LeadUnitID != 0 {
		unit, err := look[Unit](t, k.LeadUnitID)
		if err != nil {
			return nil, err
		}
		lead = unit.Name
	}
	minute := func(at int64) int {
		if at == 0 {
			return 0
		}
		return RuleMinute(t.calendar(0), unixTime(at))
	}
	dueAt := 0
	if !k.DueOn.IsZero() {
		dueAt = minute(t.closing(k.TaskForceID, k.DueOn))
	}
	facts := workflows.Facts{
		"state": k.State, "open": state.Kind == workflows.KindOpen || state.Kind == workflows.KindPaused, "paused": state.Kind == workflows.KindPaused,
		"disputed": k.State == "disputed", "solved": state.Kind == workflows.KindDone,
		"submitted": !k.SubmittedOn.IsZero(), "submitted_on": int(k.SubmittedOn), "replied": !k.SubmittedOn.IsZero(), "replied_on": int(k.SubmittedOn),
		"accepted": !k.AcceptedOn.IsZero(), "accepted_on": int(k.AcceptedOn), "contacted": !k.AcceptedOn.IsZero(),
		"issued_on": int(k.IssuedOn), "received_on": int(k.IssuedOn), "issued_at": minute(k.IssuedAt), "received_at": minute(k.IssuedAt),
		"due_on": int(k.DueOn), "due_at": dueAt, "baseline_on": int(k.BaselineOn), "closed_on": int(k.ClosedOn), "last_progress_on": int(k.StateSince),
		"kind": k.Kind, "level": k.CoordinationLevel, "lead": lead, "complex": k.Complex, "urgency": k.Urgency, "importance": k.Importance,
		"begun": !k.BegunOn.IsZero(), "begun_on": int(k.BegunOn), "slip_on": int(k.SlipOn), "exempt": false,
	}
	maps.Copy(facts, memoryFacts(k))
	return facts, nil
}

// closing is the instant at which the office closes on a day.
func (t *tx) closing(taskForce int64, day calendar.Date) int64 {
	cal := t.calendar(taskForce)
	_, closes := cal.Hours()
	return cal.At(day, closes.Hour, closes.Minute).Unix()
}

// ticketWatch is a ticket as the rules look at it under which it was issued.
func (t *tx) ticketWatch(k *Ticket) *watch {
	w := &watch{t: t, item: ticketItem(k), law: func(calendar.Date) *workflows.Ruleset { return t.rulesOf(k.Ruleset) }}
	w.facts = func(*workflows.Rule, calendar.Date, calendar.Date) (workflows.Facts, error) { return t.ticketFacts(k) }
	w.past = func(_ *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		then, err := t.pastOf(recordsOfTicket, k.ID, last)
		if err != nil || then.tickets[k.ID] == nil || then.tickets[k.ID].IssuedOn.IsZero() {
			return nil, err
		}
		return t.ticketFacts(then.tickets[k.ID])
	}
	w.coordinate = func(level int) { k.CoordinationLevel = max(k.CoordinationLevel, level) }
	return w
}
