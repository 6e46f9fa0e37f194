package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/workflows"
)

// Unsupplied is a rule that can't be judged, because it asks for what the application does not know and nobody is asked to enter.
type Unsupplied struct {
	Rule     *workflows.Rule
	Measures []workflows.Measure
}

// Unsupplied lists the rules about projects, milestones and tickets that ask for such measures. Their examples come out all the same; in force they would say nothing.
func (a *App) Unsupplied(ctx context.Context, rules *workflows.Ruleset) ([]Unsupplied, error) {
	t := a.view(ctx, System("preview"))
	var out []Unsupplied
	for i := range rules.Rules {
		r := &rules.Rules[i]
		facts, err := t.blankFacts(r)
		if err != nil {
			return nil, fmt.Errorf("ask what is known for rule %s: %w", r.ID, err)
		}
		if facts == nil {
			continue
		}
		less := slices.DeleteFunc(r.Lacks(facts), func(m workflows.Measure) bool {
			return m.Name == "exempt" || slices.ContainsFunc(rules.Inputs, func(in workflows.Input) bool { return in.Scope == r.Scope && in.Name == m.Name })
		})
		if len(less) > 0 {
			out = append(out, Unsupplied{r, less})
		}
	}
	return out, nil
}

// blankFacts are the facts of a thing of which nothing was entered yet; nil for scopes whose measures are summed up elsewhere.
func (t *tx) blankFacts(r *workflows.Rule) (workflows.Facts, error) {
	p := &Project{MachineVersion: t.machineNow("project").Version}
	switch r.Scope {
	case "project":
		return t.projectFacts(p, projectHistory{}, r, t.today, t.today)
	case "milestone":
		return milestoneFacts(p, &Milestone{}), nil
	case "ticket":
		machine := t.machineNow("ticket")
		return t.ticketFacts(&Ticket{MachineVersion: machine.Version, State: machine.Initial})
	}
	return nil, nil
}
