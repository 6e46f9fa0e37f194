package app_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"battlemap/app/apptest"
	"battlemap/workflows"
)

// Whoever publishes a rule hears beforehand that nobody could judge it.
func TestRulesThatNobodyCanJudge(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		text, err := os.ReadFile("testdata/laws/content.yaml")
		apptest.Must(t, err, "read")
		rules, err := workflows.ReadRuleset("content.yaml", string(text))
		apptest.Must(t, err, "read the rule set")
		for set, want := range map[*workflows.Ruleset][]string{rules: {"ticket.content"}, w.App.Ruleset(): nil} {
			list, err := w.App.Unsupplied(context.Background(), set)
			apptest.Must(t, err, "ask")
			var got []string
			for _, u := range list {
				got = append(got, u.Rule.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v can't be judged, want %v", set.Title["en"], got, want)
			}
		}
	})
}
