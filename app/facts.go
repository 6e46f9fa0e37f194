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

// facts are what a rule may ask about the project, as of the end of month m.
func (h projectHistory) facts(a *App, p *Project, rule string, m calendar.Month) workflows.Facts {
	schedule := h.schedule(p, m)
	reported, verified := h.done(p, m)
	return workflows.Facts{
		"stage":              p.Stage,
		"stage_rank":         a.MachineOf("project", p.MachineVersion).Rank(p.Stage),
		"planned_start_on":   int(p.PlannedStartOn),
		"started":            startedBy(p, m.Last()),
		"months_not_started": h.monthsNotStarted(p, rule, m),
		"exempt":             h.exempted(rule, m),
		"schedule":           float64(schedule) / 100,
		"done":               float64(verified) / 100,
		"reported":           float64(reported) / 100,
		"behind":             float64(schedule-verified) / 100,
		"last_progress_on":   int(p.LastProgressOn),
		"level":              p.Level,
		"investment":         float64(p.InvestFen) / 1e6,
		"sample":             p.Sample,
	}
}

func milestoneFacts(p *Project, m *Milestone) workflows.Facts {
	facts := workflows.Facts{
		"due_on":        int(m.DueOn()),
		"baseline_on":   int(m.JudgedOn()),
		"done":          !m.ActualOn.IsZero(),
		"project_stage": p.Stage,
		"suspended":     p.Stage == "suspended",
	}
	maps.Copy(facts, milestoneMemory(m))
	return facts
}

func (t *tx) ticketFacts(k *Ticket) (workflows.Facts, error) {
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
	facts := workflows.Facts{
		"state":       k.State,
		"open":        state.Kind == workflows.KindOpen || state.Kind == workflows.KindPaused,
		"paused":      state.Kind == workflows.KindPaused,
		"disputed":    k.State == "disputed",
		"submitted":   !k.SubmittedOn.IsZero(),
		"accepted":    !k.AcceptedOn.IsZero(),
		"issued_on":   int(k.IssuedOn),
		"due_on":      int(k.DueOn),
		"baseline_on": int(k.BaselineOn),
		"kind":        k.Kind,
		"level":       k.CoordinationLevel,
		"lead":        lead,
	}
	maps.Copy(facts, memoryFacts(k))
	return facts, nil
}
