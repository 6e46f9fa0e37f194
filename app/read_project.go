package app

import (
	"context"

	"battlemap/workflows"
)

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
	return table[Assignment](a.db.read).Where("valid_to = '' AND ? IN (guarantee_leader_id, responsible_id, officer_id)", actor.ID).Count(ctx, "id")
}

// PlanForces lists the task forces in which the actor may put projects on the map, in their order.
func (a *App) PlanForces(ctx context.Context, actor Actor) ([]TaskForce, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	all, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
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
