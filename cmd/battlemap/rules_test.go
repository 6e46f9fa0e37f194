package main

import (
	"testing"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Every rule set that ships proves its examples with the calendar of the product, and each of its steps comes in at least one.
func TestShippedRulesetsProveTheirCases(t *testing.T) {
	sets, err := workflows.LoadRulesets(workflows.Rulesets(), "rulesets")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	if len(sets) < 7 {
		t.Errorf("only %d rule sets", len(sets))
	}
	for id, set := range sets {
		for _, r := range set.Test(app.RulesCalendar(cal)) {
			if r.Wrong != nil {
				t.Errorf("%s: %v", id, r.Wrong)
			}
		}
		for _, r := range set.Rules {
			seen := map[string]bool{}
			for _, c := range r.Cases {
				for _, d := range c.Days {
					seen[d.Expect[r.ID].Step] = true
				}
			}
			for _, step := range r.Steps {
				if !seen[step.ID] {
					t.Errorf("%s: no case of rule %s comes to step %s", id, r.ID, step.ID)
				}
			}
			if len(seen) < 2 || !seen["none"] {
				t.Errorf("%s: no case of rule %s comes to none", id, r.ID)
			}
		}
	}
}
