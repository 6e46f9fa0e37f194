package workflows_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"battlemap/workflows"
)

func TestExplain(t *testing.T) {
	for name, tc := range map[string]struct {
		rule       string
		facts      workflows.Facts
		today      string
		step, next string
		nextOn     string
		threshold  string // of the next step
		zh, en     string
		about      string
	}{
		"no light yet": {
			rule: "project.behind", facts: workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 40.8}, today: "2023-06-15",
			next: "yellow", threshold: "behind >= 10", about: "2023-06-15",
			zh: "序时进度 50%，核验进度 40.8%，落后 9.2 个百分点。",
			en: "The schedule asks for 50%, 40.8% are verified, 9.2 percentage points behind.",
		},
		"yellow": {
			rule: "project.behind", facts: workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 40.0}, today: "2023-06-30",
			step: "yellow", next: "red", threshold: "behind > 30", about: "2023-06-30",
			zh: "序时进度 50%，核验进度 40%，落后 10 个百分点。",
			en: "The schedule asks for 50%, 40% are verified, 10 percentage points behind.",
		},
		"does not hold": {
			rule: "project.behind", facts: workflows.Facts{"stage": "landed", "exempt": false, "schedule": 50.0, "done": 0.0}, today: "2023-06-30", about: "2023-06-30",
			zh: "序时进度 50%，核验进度 0%，落后 50 个百分点。",
			en: "The schedule asks for 50%, 0% are verified, 50 percentage points behind.",
		},
		"month-ends": {
			rule: "project.not_started", facts: notStarted(t, nil), today: "2023-04-30",
			step: "yellow", next: "red", threshold: "months_not_started >= 3", about: "2023-04-30",
			zh: "计划 2023-03-15 开工，至 2023-04-30 已连续 2 个月应开工未开工，且无已认可的正当理由。",
			en: "The start was planned for 2023-03-15; by 2023-04-30 it has been due and missing at 2 month-ends in a row, without an accepted reason.",
		},
		"before the first step": {
			rule: "ticket.overdue", facts: overdue(t, nil), today: "2023-04-28",
			next: "yellow", nextOn: "2023-05-04", threshold: "1 workday", about: "2023-04-28",
			zh: "原定办理期限为 2023-04-28，考核期限 2023-04-28（现行期限 2023-04-28），至 2023-04-28 未反馈。",
			en: "Feedback was originally due on 2023-04-28, is judged by 2023-04-28 (date in force 2023-04-28) and was not submitted by 2023-04-28.",
		},
		"last step": {
			rule: "ticket.overdue", facts: overdue(t, workflows.Facts{"due_on": day(t, "2023-06-30")}), today: "2023-05-10",
			step: "red", about: "2023-04-28",
			zh: "原定办理期限为 2023-04-28，考核期限 2023-04-28（现行期限 2023-06-30），至 2023-05-09 未反馈。",
			en: "Feedback was originally due on 2023-04-28, is judged by 2023-04-28 (date in force 2023-06-30) and was not submitted by 2023-05-09.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := rule(t, tc.rule).Explain(workflows.Subject{Facts: tc.facts}, workflows.EndOf(day(t, tc.today)), rules2023())
			if err != nil {
				t.Fatal(err)
			}
			next, threshold, nextOn := "", "", ""
			if f.Next != nil {
				next, threshold = f.Next.ID, f.Next.Threshold()
			}
			if f.NextOn != 0 {
				nextOn = text(f.NextOn)
			}
			got := []string{f.Step.ID, next, threshold, nextOn, text(f.Due), f.Sentence("zh-CN", text), f.Sentence("en", text)}
			want := []string{tc.step, tc.next, tc.threshold, tc.nextOn, tc.about, tc.zh, tc.en}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if f.Holds() != (name != "does not hold") {
				t.Errorf("holds: %v", f.Holds())
			}
			if f.RuleTitle.In("zh") == "" || f.Source == "" || f.Version != 1 {
				t.Errorf("the finding does not name its rule: %+v", f)
			}
		})
	}
}

func TestFindingCarriesTheFactsItLookedAt(t *testing.T) {
	found, err := rule(t, "ticket.overdue").Reached(workflows.Subject{Facts: overdue(t, workflows.Facts{"lead": "示例单位"})}, workflows.EndOf(day(t, "2023-05-04")), rules2023())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	var got []string
	for _, fact := range found[0].Facts {
		got = append(got, fact.Name+" "+fact.Type)
		if fact.Title.In("zh") == "" || fact.Title.In("en") == "" || fact.Value == nil {
			t.Errorf("fact %s has no title or value: %+v", fact.Name, fact)
		}
	}
	want := "open bool, paused bool, disputed bool, submitted bool, due_on day, baseline_on day, exempt bool, judged_on day"
	if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if stamp := found[0].Stamp(); stamp != "ticket.overdue@1" {
		t.Errorf("stamp %q", stamp)
	}
}

// Every sentence of every shipped rule fills all its holes, in both languages.
func TestSentencesHaveNoHoles(t *testing.T) {
	for _, r := range ruleset(t).Rules {
		facts := workflows.Facts{}
		for _, m := range workflows.Measures(r.Scope) {
			facts[m.Name] = map[string]any{"day": day(t, "2023-03-13"), "time": 0, "int": 1, "percent": 1.5, "amount": 1.5, "bool": true, "text": "x"}[m.Type]
		}
		f, err := r.Explain(workflows.Subject{Facts: facts}, workflows.EndOf(day(t, "2023-05-31")), rules2023())
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range []string{"zh", "en"} {
			if s := f.Sentence(lang, text); s == "" || strings.ContainsAny(s, "{}") {
				t.Errorf("%s in %s: %q", r.ID, lang, s)
			}
		}
	}
}
