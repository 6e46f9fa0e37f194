package app

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"battlemap/workflows"
)

// ProjectOutlook says how the rules about projects see p today: the step that each stands on, if any, and the one that comes next. Rules that do not apply
// are left out; month rules do not apply to a project without a planned start.
func (a *App) ProjectOutlook(ctx context.Context, p Project) ([]workflows.Finding, error) {
	t := a.view(ctx, System("pages"))
	if !t.judged(&p) {
		return nil, nil
	}
	h, err := t.projectHistory(&p)
	if err != nil {
		return nil, fmt.Errorf("read the history of project %s: %w", p.Code, err)
	}
	var out []workflows.Finding
	w := t.projectWatch(&p, h)
	for _, r := range w.rules(t.ruleDay()) {
		if r.Every != "" && p.PlannedStartOn.IsZero() {
			continue
		}
		f, err := w.explain(r, t.momentOn(t.ruleDay()))
		if err != nil {
			return nil, fmt.Errorf("look ahead: %w", err)
		}
		if f.Holds() {
			out = append(out, f)
		}
	}
	return out, nil
}

// MonthRules lists the rules of which an accepted reason can exempt a project for a month.
func (a *App) MonthRules() []*workflows.Rule {
	var out []*workflows.Rule
	for _, r := range a.Ruleset().For("project") {
		if r.Every == "month" {
			out = append(out, r)
		}
	}
	return out
}

// OwnProjects counts the projects that the actor guarantees, answers for or serves today.
func (a *App) OwnProjects(ctx context.Context, actor Actor) (int64, error) {
	return gorm.G[Assignment](a.db.read).Where("valid_to = '' AND ? IN (guarantee_leader_id, responsible_id, officer_id)", actor.ID).Count(ctx, "id")
}

// PlanForces lists the task forces in which the actor may put projects on the map, in their order.
func (a *App) PlanForces(ctx context.Context, actor Actor) ([]TaskForce, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	all, err := gorm.G[TaskForce](a.db.read).Order("position").Find(ctx)
	if err != nil {
		return nil, err
	}
	var out []TaskForce
	for _, f := range all {
		if s.may(place{taskForce: f.ID}, planners()...) {
			out = append(out, f)
		}
	}
	return out, nil
}
