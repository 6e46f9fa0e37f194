package workflows_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"battlemap/workflows"
)

// The names and types are a contract with the application, which hands the values in; the first measures of each scope are
// those of the product's own rules.
func TestMeasures(t *testing.T) {
	for scope, want := range map[string]string{
		"project": "stage text, stage_rank int, planned_start_on day, started bool, months_not_started int, exempt bool, schedule percent, " +
			"done percent, reported percent, behind percent, last_progress_on day, level text, investment amount, sample bool",
		"milestone": "due_on day, baseline_on day, done bool, project_stage text, suspended bool",
		"ticket": "state text, open bool, paused bool, disputed bool, submitted bool, accepted bool, issued_on day, due_on day, " +
			"baseline_on day, kind text, level int, lead text",
		"meeting": "",
	} {
		var got []string
		for _, m := range workflows.Measures(scope) {
			got = append(got, m.Name+" "+m.Type)
			if m.Title["zh"] == "" || m.Title["en"] == "" {
				t.Errorf("%s.%s has no title", scope, m.Name)
			}
		}
		if all := strings.Join(got, ", "); !strings.HasPrefix(all+", ", want+", ") && want != all {
			t.Errorf("%s: %s, want it to begin with %s", scope, all, want)
		}
	}
	for _, scope := range workflows.Scopes() {
		if len(workflows.Measures(scope)) == 0 {
			t.Errorf("nothing is known of a %s", scope)
		}
	}
}

// A stage or state that a rule may ask for is one that the machine has, and the other way round.
func TestStatesOfTheVocabularyAreThoseOfTheMachines(t *testing.T) {
	for _, tc := range []struct{ scope, measure, machine string }{
		{"project", "stage", "project"}, {"milestone", "project_stage", "project"}, {"ticket", "state", "ticket"}, {"receiving_unit", "state", "ticket"},
	} {
		var states []string
		for _, st := range machine(t, tc.machine).States {
			states = append(states, st.ID)
		}
		measures := workflows.Measures(tc.scope)
		i := slices.IndexFunc(measures, func(m workflows.Measure) bool { return m.Name == tc.measure })
		values := slices.Clone(measures[i].Values)
		slices.Sort(states)
		slices.Sort(values)
		if diff := cmp.Diff(states, values); diff != "" {
			t.Errorf("%s of a %s (-machine +vocabulary):\n%s", tc.measure, tc.scope, diff)
		}
	}
}

func TestRecipientsAndPapers(t *testing.T) {
	list := func(named []workflows.Named) string {
		var names []string
		for _, n := range named {
			names = append(names, n.ID)
			if n.Title["zh"] == "" || n.Title["en"] == "" {
				t.Errorf("%s has no title", n.ID)
			}
		}
		return strings.Join(names, " ")
	}
	want := "responsible_person unit_handler unit_leader guarantee_leader taskforce_leader supervisor supervision_director district_leader taskforce_office linked_leader top_leader evaluation_office organization_office discipline_office"
	if diff := cmp.Diff(want, list(workflows.Recipients())); diff != "" {
		t.Errorf("recipients (-want +got):\n%s", diff)
	}
	if papers := list(workflows.Papers()); !strings.Contains(papers, "reminder ") || !strings.Contains(papers, "yellow_slip") || !strings.Contains(papers, "red_slip") {
		t.Errorf("papers: %s", papers)
	}
}

// Every recipient has a place: who stands in for a vacant one is told, level after level, up to the one at the top.
func TestEveryRecipientHasSomebodyAbove(t *testing.T) {
	tops := 0
	for _, r := range workflows.Recipients() {
		up := workflows.Upward(r.ID)
		if len(up) == 0 || slices.Contains(up, r.ID) {
			t.Errorf("who answers for a vacant %s: %v", r.ID, up)
			continue
		}
		if last := up[len(up)-1]; last != "top_leader" {
			tops++
		}
	}
	if tops != 1 {
		t.Errorf("%d recipients have nobody above them, want one", tops)
	}
	for of, want := range map[string]string{
		"unit_handler":     "responsible_person unit_leader taskforce_leader guarantee_leader supervision_director linked_leader district_leader top_leader",
		"linked_leader":    "district_leader top_leader",
		"top_leader":       "district_leader",
		"taskforce_office": "taskforce_leader guarantee_leader supervision_director linked_leader district_leader top_leader",
		"nobody":           "",
	} {
		if got := strings.Join(workflows.Upward(of), " "); got != want {
			t.Errorf("above %s: %s, want %s", of, got, want)
		}
	}
	if diff := cmp.Diff([]workflows.Role{"linked_leader", "top_leader", "evaluation_office", "organization_office", "discipline_office"}, workflows.Posts()); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	for _, post := range workflows.Posts() {
		if slices.Contains(workflows.Roles(), post) {
			t.Errorf("%s is a role and a post", post)
		}
	}
}

func TestWords(t *testing.T) {
	w := workflows.Words{"zh": "督办", "en": "supervision"}
	for lang, want := range map[string]string{"zh": "督办", "zh-CN": "督办", "EN-gb": "supervision", "fr": "督办", "": "督办"} {
		if got := w.In(lang); got != want {
			t.Errorf("in %q: %q, want %q", lang, got, want)
		}
	}
}

func TestParseTerm(t *testing.T) {
	for in, want := range map[string]string{
		"5 workdays": "5 workdays", "+1 workday": "1 workday", "1 workdays": "1 workday", "-3 workdays": "-3 workdays", "-1 workday": "-1 workday",
		"30 days": "30 days", "2 months": "2 months", "2 hours": "2 hours", "0 days": "0 days",
		"": "", "5": "", "5workdays": "", "5 working days": "", "five days": "", "1.5 days": "", "5 days ": "", "99999 days": "", "5 weeks": "5 weeks", "1 year": "1 year", "2 workhours": "2 workhours", "3 decades": "", "５ days": "",
	} {
		term, err := workflows.ParseTerm(in)
		if (err != nil) != (want == "") || err == nil && term.String() != want {
			t.Errorf("%q: %v, %v; want %q", in, term, err, want)
		}
		if again, err2 := workflows.ParseTerm(term.String()); err == nil && (err2 != nil || again != term) {
			t.Errorf("%q is written as %q, which reads as %v", in, term, again)
		}
	}
}

func TestLightOrder(t *testing.T) {
	order := append([]workflows.Light{workflows.LightNone}, workflows.Lights()...)
	for i, a := range order {
		for j, b := range order {
			if a.Worse(b) != (i > j) {
				t.Errorf("%q worse than %q: %v", a, b, a.Worse(b))
			}
		}
	}
	if workflows.Light("purple").Worse(workflows.LightGreen) {
		t.Error("an unknown light is worse than green")
	}
}
