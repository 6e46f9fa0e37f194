package workflows

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The four rates have their published goals, and each is a measure of task forces that rules may ask for.
func TestRateGoalsOfTheProduct(t *testing.T) {
	g, err := LoadRateGoals()
	if err != nil {
		t.Fatal(err)
	}
	voc, err := readVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"start_rate": 90, "invest_rate": 80, "funds_rate": 80, "completion_rate": 100}
	for _, r := range g.List {
		if r.Goal != want[r.ID] {
			t.Errorf("%s has the goal %d, want %d", r.ID, r.Goal, want[r.ID])
		}
		if !slices.ContainsFunc(voc.scopes["task_force"].measures, func(m Measure) bool { return m.Name == r.ID }) {
			t.Errorf("%s is no measure of task forces", r.ID)
		}
		delete(want, r.ID)
	}
	if len(want) > 0 {
		t.Errorf("without a goal: %v", want)
	}
}

func TestRateGoalsSayWhatIsWrong(t *testing.T) {
	text, err := rateFiles.ReadFile("rates.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{{"goal: 90", "goal: 190", "share of 100"}, {"id: start_rate", "id: start_rat", `unknown rate "start_rat"`}, {"id: funds_rate", "id: start_rate", "duplicate"}} {
		broken := strings.Replace(string(text), c[0], c[1], 1)
		if _, err := loadRateGoals(fstest.MapFS{"rates.yaml": {Data: []byte(broken)}}, "rates.yaml"); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v, want %s", c[1], err, c[2])
		}
	}
}
