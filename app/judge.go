package app

import (
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Seen is the light that a rule set gives an item on a day, and the rule it comes from; green and none come from no rule.
type Seen struct {
	Light workflows.Light
	Rule  string
	Title workflows.Words // of the rule
}

// factsOf are an item's facts as one rule asks for them.
type factsOf func(*workflows.Rule) workflows.Facts

// reachedStep is the last step of an anchored rule that has begun by the end of a day, nil where none has.
func (a *App) reachedStep(r *workflows.Rule, f workflows.Facts, day calendar.Date) (*workflows.Finding, error) {
	found, err := r.Reached(workflows.Subject{Facts: f}, workflows.EndOf(int(day)), RulesCalendar(a.Calendar()))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[len(found)-1], nil
}

// worse keeps the graver of two lights.
func (s *Seen) worse(f *workflows.Finding) {
	if f != nil && f.Step.Light.Worse(s.Light) {
		*s = Seen{f.Step.Light, f.Rule, f.RuleTitle}
	}
}

// seenByDay is what the anchored rules of a scope say of an item at the end of a day.
func (a *App) seenByDay(rules *workflows.Ruleset, scope string, day calendar.Date, calm workflows.Light, facts factsOf) (Seen, error) {
	out := Seen{Light: calm}
	for _, r := range rules.For(scope) {
		if r.Anchor == "" {
			continue
		}
		f, err := a.reachedStep(r, facts(r), day)
		if err != nil {
			return out, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		out.worse(f)
	}
	return out, nil
}

// monthFacts are the facts of a month rule after the month's end: judged by the month, cured by what has been verified since.
func (h projectHistory) monthFacts(a *App, p *Project, rule string, judged, now calendar.Month) workflows.Facts {
	f, is := h.facts(a, p, rule, judged), h.facts(a, p, rule, now)
	f["started"], f["done"], f["reported"] = is["started"], is["done"], is["reported"]
	if done, ok := is["done"].(float64); ok {
		f["behind"] = float64(h.schedule(p, judged))/100 - done
	}
	if started, ok := is["started"].(bool); ok && started {
		f["months_not_started"] = 0
	}
	return f
}

// subject is a project as a month rule looks at it: its facts, and those of the months before, from the planned start on.
func (h projectHistory) subject(a *App, p *Project, rule string, judged, now calendar.Month) workflows.Subject {
	earlier := func(last int) (workflows.Facts, error) {
		m := calendar.Date(last).Month()
		if p.PlannedStartOn.IsZero() || m < p.PlannedStartOn.Month() {
			return nil, nil
		}
		return h.facts(a, p, rule, m), nil
	}
	return workflows.Subject{Facts: h.monthFacts(a, p, rule, judged, now), At: earlier}
}

// seenProject is what a rule set says of a project at the end of a day, judged being the last month that ended.
func (a *App) seenProject(rules *workflows.Ruleset, p *Project, h projectHistory, judged calendar.Month, day calendar.Date) (Seen, error) {
	if s, ok := a.MachineOf("project", p.MachineVersion).State(p.Stage); !ok || s.Kind != workflows.KindOpen {
		return Seen{}, nil
	}
	calm := workflows.LightNone
	if !p.PlannedStartOn.IsZero() {
		calm = workflows.LightGreen
	}
	out, err := a.seenByDay(rules, "project", day, calm, func(r *workflows.Rule) workflows.Facts { return h.facts(a, p, r.ID, day.Month()) })
	if err != nil || p.PlannedStartOn.IsZero() {
		return out, err
	}
	for _, r := range rules.For("project") {
		if r.Every != "month" {
			continue
		}
		f, err := r.Judge(h.subject(a, p, r.ID, judged, day.Month()), int(judged.Last()), RulesCalendar(a.CalendarFor(p.TaskForceID)))
		if err != nil {
			return out, fmt.Errorf("rule %s: %w", r.ID, err)
		}
		out.worse(f)
	}
	return out, nil
}

// seenTicket is what a rule set says of a ticket at the end of a day.
func (a *App) seenTicket(rules *workflows.Ruleset, facts workflows.Facts, day calendar.Date) (Seen, error) {
	calm := workflows.LightNone
	if open, ok := facts["open"].(bool); ok && open {
		calm = workflows.LightGreen
	}
	return a.seenByDay(rules, "ticket", day, calm, func(*workflows.Rule) workflows.Facts { return facts })
}

// seenMilestone is what a rule set says of a milestone at the end of a day.
func (a *App) seenMilestone(rules *workflows.Ruleset, p *Project, m *Milestone, day calendar.Date) (Seen, error) {
	return a.seenByDay(rules, "milestone", day, workflows.LightGreen, func(*workflows.Rule) workflows.Facts { return milestoneFacts(p, m) })
}
