package workflows_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"battlemap/workflows"
)

const secondsPerDay = 24 * 60 * 60

func day(t testing.TB, s string) int {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return int(d.Unix() / secondsPerDay)
}

func text(day int) string { return time.Unix(int64(day)*secondsPerDay, 0).UTC().Format(time.DateOnly) }

// calendar2023 counts the working days of the first half of 2023 (国办发明电〔2022〕16号), as far as these tests go; the
// product hands in its own calendar.
func calendar2023(day int, term workflows.Term) (int, error) {
	t := time.Unix(int64(day)*secondsPerDay, 0).UTC()
	switch term.Unit {
	case "day":
		return day + term.N, nil
	case "month":
		return int(t.AddDate(0, term.N, 0).Unix() / secondsPerDay), nil
	case "workday":
	default:
		return 0, fmt.Errorf("no %ss here", term.Unit)
	}
	step, left := 1, term.N
	if left < 0 {
		step, left = -1, -left
	}
	for left > 0 {
		t = t.AddDate(0, 0, step)
		if working2023(t) {
			left--
		}
	}
	return int(t.Unix() / secondsPerDay), nil
}

// rules2023 is that calendar as rules see it; it knows no hours.
func rules2023() workflows.Calendar {
	due := func(day int, term workflows.Term) (int, error) {
		last, err := calendar2023(day, term)
		for !working2023(time.Unix(int64(last)*secondsPerDay, 0).UTC()) {
			last++
		}
		return last, err
	}
	workdays := func(from, to int) int {
		n, sign := 0, 1
		if to < from {
			from, to, sign = to, from, -1
		}
		for d := from + 1; d <= to; d++ {
			if working2023(time.Unix(int64(d)*secondsPerDay, 0).UTC()) {
				n++
			}
		}
		return n * sign
	}
	return workflows.Calendar{Shift: calendar2023, Due: due, Workdays: workdays}
}

func working2023(t time.Time) bool {
	off := []string{"04-05", "05-01", "05-02", "05-03", "06-22", "06-23"}
	on := []string{"04-23", "05-06", "06-25"}
	d := t.Format("01-02")
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return slices.Contains(on, d) || !weekend && !slices.Contains(off, d)
}

func ruleset(t testing.TB) *workflows.Ruleset {
	t.Helper()
	sets, err := workflows.LoadRulesets(workflows.Rulesets(), ".")
	if err != nil {
		t.Fatal(err)
	}
	return sets["default"]
}

func rule(t testing.TB, id string) *workflows.Rule {
	t.Helper()
	r, ok := ruleset(t).Rule(id)
	if !ok {
		t.Fatalf("there is no rule %q", id)
	}
	return r
}

// Every rule set that ships proves its own cases, and every step of every rule is the outcome of at least one.
func TestShippedRulesetsProveTheirCases(t *testing.T) {
	sets, err := workflows.LoadRulesets(workflows.Rulesets(), "rulesets")
	if err != nil {
		t.Fatal(err)
	}
	for id, set := range sets {
		if id != "default" {
			continue // their days lie in other years: cmd/battlemap proves them with the product's calendar
		}
		if err := set.Prove(rules2023()); err != nil {
			t.Errorf("%s:\n%v", id, err)
		}
		for _, r := range set.Rules {
			expected := map[string]bool{}
			for _, c := range r.Cases {
				expected[c.Expect] = true
			}
			for _, step := range r.Steps {
				if !expected[step.ID] || !expected["none"] {
					t.Errorf("%s: rule %s has no case for none or for the step %s", id, r.ID, step.ID)
				}
			}
		}
	}
}

func TestDefaultRuleset(t *testing.T) {
	set := ruleset(t)
	if set.Version != 1 || set.Effective != "2023-01-01" {
		t.Errorf("version %d from %s", set.Version, set.Effective)
	}
	var ids []string
	for _, scope := range []string{"project", "milestone", "ticket"} {
		for _, r := range set.For(scope) {
			ids = append(ids, r.ID)
			if r.Scope != scope {
				t.Errorf("rule %s is about a %s, not a %s", r.ID, r.Scope, scope)
			}
			if !strings.Contains(r.Source, "[P]") {
				t.Errorf("rule %s does not say which of its parts are defaults of the product", r.ID)
			}
		}
	}
	want := "project.not_started project.behind project.stalled milestone.near_due milestone.overdue ticket.near_due ticket.overdue ticket.pause_review ticket.not_accepted"
	if diff := cmp.Diff(want, strings.Join(ids, " ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The ladder: every step tells somebody who stands higher than anybody the step before told, and red means an interview.
func TestLadderRises(t *testing.T) {
	level := map[string]int{
		"responsible_person": 1, "unit_handler": 1, "supervisor": 2, "unit_leader": 2, "taskforce_leader": 2,
		"guarantee_leader": 3, "supervision_director": 3, "district_leader": 4,
	}
	for _, r := range ruleset(t).Rules {
		before := 0
		for _, step := range r.Steps {
			top := 0
			for _, who := range step.Tell {
				if level[who] == 0 {
					t.Errorf("%s/%s: nobody knows where %s stands", r.ID, step.ID, who)
				}
				top = max(top, level[who])
			}
			if top <= before {
				t.Errorf("%s/%s tells level %d after level %d", r.ID, step.ID, top, before)
			}
			before = top
			if (step.Light == workflows.LightRed) != (step.Interview != "") {
				t.Errorf("%s/%s: light %s with interview %q", r.ID, step.ID, step.Light, step.Interview)
			}
		}
	}
}

func TestReached(t *testing.T) {
	r := rule(t, "project.stalled")
	facts := func(more workflows.Facts) workflows.Facts {
		f := workflows.Facts{"stage": "building", "last_progress_on": day(t, "2023-03-13")}
		maps.Copy(f, more)
		return f
	}
	for name, tc := range map[string]struct {
		facts workflows.Facts
		today string
		want  string // step@day, ...
		next  string
	}{
		"before":        {facts(nil), "2023-04-17", "", "2023-04-18"},
		"first":         {facts(nil), "2023-04-18", "stale@2023-04-18", "2023-05-04"},
		"after an idle": {facts(nil), "2023-06-30", "stale@2023-04-18 yellow@2023-05-04 red@2023-05-24", ""},
		"does not hold": {facts(workflows.Facts{"stage": "completed"}), "2023-06-30", "", ""},
		"no anchor":     {facts(workflows.Facts{"last_progress_on": 0}), "2023-06-30", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := r.Reached(workflows.Subject{Facts: tc.facts}, workflows.EndOf(day(t, tc.today)), rules2023())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, f := range found {
				got = append(got, f.Step.ID+"@"+text(f.On))
				if f.Due != day(t, "2023-03-13") || f.Rule != r.ID || f.Ruleset != "default" || f.Version != 1 {
					t.Errorf("finding %s is about %s", f.Stamp(), text(f.Due))
				}
				if i > 0 && (found[i-1].Next.ID != f.Step.ID || found[i-1].NextOn != f.On) {
					t.Errorf("%s announces %s on %s", found[i-1].Key(), found[i-1].Next.ID, text(found[i-1].NextOn))
				}
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			next, err := r.Next(workflows.Subject{Facts: tc.facts}, workflows.EndOf(day(t, tc.today)), rules2023())
			if err != nil || tc.next == "" && next.Day != 0 || tc.next != "" && text(next.Day) != tc.next {
				t.Errorf("next day %s (%v), want %q", text(next.Day), err, tc.next)
			}
		})
	}
}

func TestMonthRule(t *testing.T) {
	r := rule(t, "project.behind")
	f := workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 9.5, "behind": 40.5}
	finding, err := r.Judge(workflows.Subject{Facts: f}, day(t, "2023-06-30"), rules2023())
	if err != nil || finding == nil {
		t.Fatal(finding, err)
	}
	if finding.Step.ID != "red" || finding.Key() != "project.behind@1/red/2023-06-30" || finding.On != finding.Due || finding.Next != nil {
		t.Errorf("%s on %s", finding.Key(), text(finding.On))
	}
	if _, err := r.Judge(workflows.Subject{Facts: f}, day(t, "2023-06-29"), rules2023()); err == nil {
		t.Error("a month was judged before its end")
	}
	if found, err := r.Reached(workflows.Subject{Facts: f}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); found != nil || err != nil {
		t.Errorf("a month rule has no steps by day: %v, %v", found, err)
	}
	if next, err := r.Next(workflows.Subject{Facts: f}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); next.Day != 0 || err != nil {
		t.Errorf("a month rule has no next day: %d, %v", next.Day, err)
	}
	if finding, err := rule(t, "project.stalled").Judge(workflows.Subject{Facts: f}, day(t, "2023-06-30"), rules2023()); finding != nil || err != nil {
		t.Errorf("an anchored rule was judged by the month: %v, %v", finding, err)
	}
}

func TestCured(t *testing.T) {
	for name, tc := range map[string]struct {
		rule  string
		facts workflows.Facts
		want  bool
	}{
		"still behind":          {"project.behind", workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 40.0}, false},
		"caught up":             {"project.behind", workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 41.0}, true},
		"completed":             {"project.behind", workflows.Facts{"stage": "completed", "exempt": false, "schedule": 50.0, "done": 0.0}, true},
		"accepted reason":       {"project.not_started", notStarted(t, workflows.Facts{"exempt": true}), true},
		"started":               {"project.not_started", notStarted(t, workflows.Facts{"started": true}), true},
		"not started":           {"project.not_started", notStarted(t, nil), false},
		"overdue":               {"ticket.overdue", overdue(t, nil), false},
		"feedback":              {"ticket.overdue", overdue(t, workflows.Facts{"submitted": true}), true},
		"closed":                {"ticket.overdue", overdue(t, workflows.Facts{"open": false}), true},
		"a new date":            {"ticket.overdue", overdue(t, workflows.Facts{"due_on": day(t, "2023-12-29")}), false},
		"date was taken away":   {"ticket.overdue", overdue(t, workflows.Facts{"judged_on": 0}), true},
		"nothing ever promised": {"ticket.near_due", overdue(t, workflows.Facts{"due_on": 0}), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rule(t, tc.rule).Cured(workflows.Subject{Facts: tc.facts}, workflows.EndOf(day(t, "2023-06-30")), rules2023())
			if err != nil || got != tc.want {
				t.Errorf("cured %v (%v), want %v", got, err, tc.want)
			}
		})
	}
}

func notStarted(t testing.TB, more workflows.Facts) workflows.Facts {
	f := workflows.Facts{
		"stage": "landed", "started": false, "exempt": false, "months_not_started": 2, "planned_start_on": day(t, "2023-03-15"),
	}
	maps.Copy(f, more)
	return f
}

func overdue(t testing.TB, more workflows.Facts) workflows.Facts {
	f := workflows.Facts{
		"open": true, "submitted": false, "paused": false, "disputed": false, "exempt": false,
		"baseline_on": day(t, "2023-04-28"), "judged_on": day(t, "2023-04-28"), "due_on": day(t, "2023-04-28"),
	}
	maps.Copy(f, more)
	return f
}

func TestAnchorDay(t *testing.T) {
	if got, err := rule(t, "ticket.overdue").DueDay(workflows.Subject{Facts: overdue(t, nil)}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); err != nil || text(got) != "2023-04-28" {
		t.Errorf("counts from %s, %v", text(got), err)
	}
	if got, err := rule(t, "project.not_started").DueDay(workflows.Subject{Facts: notStarted(t, nil)}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); err != nil || got != 0 {
		t.Errorf("a month rule counts from %d, %v", got, err)
	}
}

// What nobody has entered keeps the rule from being judged: nothing is reached, nothing goes out, and the explanation says what is lacking.
func TestLackingFactsAreNotJudged(t *testing.T) {
	r := rule(t, "project.behind")
	for name, facts := range map[string]workflows.Facts{"missing": {"stage": "building", "exempt": false, "schedule": 50.0}, "none": nil} {
		s := workflows.Subject{Facts: facts}
		if finding, err := r.Judge(s, day(t, "2023-06-30"), rules2023()); err != nil || finding != nil {
			t.Errorf("%s: judged as %v, %v", name, finding, err)
		}
		if cured, err := r.Cured(s, workflows.EndOf(day(t, "2023-06-30")), rules2023()); err != nil || cured {
			t.Errorf("%s: cured %v, %v", name, cured, err)
		}
		f, err := r.Explain(s, workflows.EndOf(day(t, "2023-06-30")), rules2023())
		if err != nil || f.Holds() || !f.Unknown() || !strings.Contains(f.WhyNot("zh", text), "核验进度尚无数据") {
			t.Errorf("%s: explained as %+v (%s), %v", name, f, f.WhyNot("zh", text), err)
		}
	}
	if lacks := r.Lacks(workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": 40.0}); len(lacks) > 0 {
		t.Errorf("what follows by a formula is not lacking: %v", lacks)
	}
}

// Facts that do not fit are errors, never a light that is silently off.
func TestBadFactsAreErrors(t *testing.T) {
	type kind string
	for name, facts := range map[string]workflows.Facts{
		"int percent":    {"stage": "building", "exempt": false, "schedule": 50, "done": 40.0},
		"text for a day": {"stage": "building", "exempt": false, "schedule": "50", "done": 40.0},
		"own type":       {"stage": kind("building"), "schedule": 50.0, "done": 40.0},
		"not a number":   {"stage": "building", "exempt": false, "schedule": 50.0, "done": 0.0, "behind": nan()},
		"nil":            {"stage": nil, "schedule": 50.0, "done": 0.0},
	} {
		t.Run(name, func(t *testing.T) {
			r := rule(t, "project.behind")
			if finding, err := r.Judge(workflows.Subject{Facts: facts}, day(t, "2023-06-30"), rules2023()); err == nil {
				t.Errorf("judged as %v", finding)
			}
			if cured, err := r.Cured(workflows.Subject{Facts: facts}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); err == nil || cured {
				t.Errorf("cured %v, %v", cured, err)
			}
			if _, err := r.Explain(workflows.Subject{Facts: facts}, workflows.EndOf(day(t, "2023-06-30")), rules2023()); err == nil {
				t.Error("explained")
			}
		})
	}
	broken := func(int, workflows.Term) (int, error) { return 0, errors.New("no calendar for that year") }
	r := rule(t, "ticket.overdue")
	if _, err := r.Reached(workflows.Subject{Facts: overdue(t, nil)}, workflows.EndOf(day(t, "2023-06-30")), workflows.Calendar{Shift: broken, Due: broken}); err == nil {
		t.Error("Reached lost an error of the calendar")
	}
	if _, err := r.Next(workflows.Subject{Facts: overdue(t, nil)}, workflows.EndOf(day(t, "2023-06-30")), workflows.Calendar{Shift: broken, Due: broken}); err == nil {
		t.Error("Next lost an error of the calendar")
	}
	if _, err := r.Explain(workflows.Subject{Facts: overdue(t, nil)}, workflows.EndOf(day(t, "2023-06-30")), workflows.Calendar{Shift: broken, Due: broken}); err == nil {
		t.Error("Explain lost an error of the calendar")
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

// With progress in basis points the light is exactly the published one; no rounding error of doubles shows.
func TestBehindIsExact(t *testing.T) {
	r := rule(t, "project.behind")
	last := day(t, "2023-06-30")
	rapid.Check(t, func(t *rapid.T) {
		schedule, done := rapid.IntRange(0, 10000).Draw(t, "schedule"), rapid.IntRange(0, 10000).Draw(t, "done")
		if rapid.Bool().Draw(t, "on the edge") {
			done = max(schedule-rapid.SampledFrom([]int{999, 1000, 1001, 2999, 3000, 3001}).Draw(t, "behind"), 0)
		}
		finding, err := r.Judge(workflows.Subject{Facts: workflows.Facts{
			"stage": "building", "exempt": false, "schedule": float64(schedule) / 100, "done": float64(done) / 100,
		}}, last, rules2023())
		if err != nil {
			t.Fatal(err)
		}
		got, want := workflows.LightNone, workflows.LightNone
		if finding != nil {
			got = finding.Step.Light
		}
		switch behind := schedule - done; {
		case behind > 3000:
			want = workflows.LightRed
		case behind >= 1000:
			want = workflows.LightYellow
		}
		if got != want {
			t.Fatalf("schedule %d, done %d basis points: light %q, want %q", schedule, done, got, want)
		}
	})
}

// Day by day: steps are only added, each on the day that Next announced.
func TestReachedGrowsOnTheAnnouncedDays(t *testing.T) {
	r := rule(t, "project.stalled")
	rapid.Check(t, func(rt *rapid.T) {
		anchor := day(t, "2023-01-03") + rapid.IntRange(0, 60).Draw(rt, "anchor")
		today := anchor + rapid.IntRange(-5, 80).Draw(rt, "today")
		f := workflows.Facts{"stage": "started", "last_progress_on": anchor}
		before, err := r.Reached(workflows.Subject{Facts: f}, workflows.EndOf(today), rules2023())
		if err != nil {
			rt.Fatal(err)
		}
		upcoming, err := r.Next(workflows.Subject{Facts: f}, workflows.EndOf(today), rules2023())
		if err != nil {
			rt.Fatal(err)
		}
		next := upcoming.Day
		after, err := r.Reached(workflows.Subject{Facts: f}, workflows.EndOf(max(next, today)), rules2023())
		if err != nil {
			rt.Fatal(err)
		}
		if next == 0 && len(before) != len(r.Steps) {
			rt.Fatalf("no day follows %s, but only %d steps were reached", text(today), len(before))
		}
		if next != 0 && (next <= today || len(after) != len(before)+1 || after[len(before)].On != next) {
			rt.Fatalf("from %s the next day is %s, but then %d steps are reached after %d", text(today), text(next), len(after), len(before))
		}
	})
}

// Compiled rules are shared by all requests.
func TestRulesAreSafeForConcurrentUse(t *testing.T) {
	r := rule(t, "project.behind")
	last := day(t, "2023-06-30")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 50 {
				done := float64((i*7 + n) % 50)
				finding, err := r.Judge(workflows.Subject{Facts: workflows.Facts{"stage": "building", "exempt": false, "schedule": 50.0, "done": done}}, last, rules2023())
				if err != nil || (finding != nil) != (50-done >= 10) {
					t.Errorf("done %v: %v, %v", done, finding, err)
				}
			}
		})
	}
	wg.Wait()
}

// A case that does not come out is reported with its place in the file.
func TestProveNamesTheCase(t *testing.T) {
	data, err := fs.ReadFile(workflows.Rulesets(), "rulesets/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), "if: behind >= 10\n", "if: behind >= 11\n", 1)
	sets, err := workflows.LoadRulesets(fstest.MapFS{"changed.yaml": {Data: []byte(changed)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	line := 1 + strings.Count(changed[:strings.Index(changed, "10 points are included")], "\n")
	err = sets["default"].Prove(rules2023())
	want := fmt.Sprintf(`changed.yaml:%d:9: case "10 points are included" of rule "project.behind": on 2023-06-30 it expects yellow, and the rule says none`, line)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want it to name\n%s", err, want)
	}
	broken := func(int, workflows.Term) (int, error) { return 0, errors.New("no calendar for that year") }
	if err := ruleset(t).Prove(workflows.Calendar{Shift: broken, Due: broken, Workdays: func(int, int) int { return 0 }}); err == nil || !strings.Contains(err.Error(), "can't be judged") {
		t.Errorf("a broken calendar: %v", err)
	}
}
