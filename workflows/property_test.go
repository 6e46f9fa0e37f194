package workflows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"battlemap/workflows"
)

// rounds is how many rule sets each property is tried on; the seeds are fixed, so that a failure comes again.
const rounds = 150

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// anyCondition is a condition on tickets; with time it may ask what changes as days go by.
func anyCondition(r *rand.Rand, time bool) string {
	if r.IntN(3) == 0 {
		return anyCondition(r, time) + pick(r, " and ", " or ") + anyCondition(r, time)
	}
	list := []string{"open", "not submitted", "paused", "complex", `urgency == "urgent"`, `importance in ["important", "special"]`, "returns >= 2", "1 <= level <= 3",
		"done < 40", "max(done, 10) * 2 > 50", "days_between(issued_on, due_on) > 10", "month(issued_on) == 3", `kind not in ["appeal"]`}
	if time {
		list = append(list, "days_since(issued_on) > 20", "workdays_since(due_on) >= 5", `count("yellow") >= 2`, `count("returned", "90 days") == 1`, "months_since(issued_on) > 1", "today > due_on")
	}
	return list[r.IntN(len(list))]
}

// anyRules writes a rule set with one rule on tickets; steady conditions do not change as days go by.
func anyRules(r *rand.Rand, steady bool) string {
	var b strings.Builder
	b.WriteString("ruleset: any\nversion: 1\ntitle: any\nsource: any\neffective: 2023-01-01\napproved_by: any\nrules:\n  - id: any\n    scope: ticket\n    title: any\n    source: any\n    why: '{due} {on}'\n")
	if r.IntN(2) == 0 {
		fmt.Fprintf(&b, "    when: '%s'\n", anyCondition(r, !steady))
	}
	every := r.IntN(3) == 0
	if every {
		fmt.Fprintf(&b, "    every: %s\n", pick(r, workflows.Periods()...))
	} else {
		fmt.Fprintf(&b, "    anchor: %s\n", pick(r, "due_on", "received_on", "slip_on", "baseline_on"))
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "    due:\n      - {if: '%s', %s}\n      - {term: %d %s}\n", anyCondition(r, !steady), pick(r, "term: 7 workdays", "until: due_on"), 1+r.IntN(20), pick(r, "days", "workdays", "months"))
		}
	}
	b.WriteString("    steps:\n")
	lights, at, answered := []string{"blue", "yellow", "orange", "red"}, r.IntN(10)-5, false
	for i := range 1 + r.IntN(4) {
		fmt.Fprintf(&b, "      - {id: s%d, light: %s, tell: [unit_leader]", i, lights[i])
		switch {
		case every:
			fmt.Fprintf(&b, ", if: '%s'", anyCondition(r, !steady))
		case answered && r.IntN(2) == 0:
			b.WriteString(", follows: answer")
		default:
			at += 1 + r.IntN(10)
			fmt.Fprintf(&b, ", at: %d workdays", at)
		}
		if !every && r.IntN(4) == 0 {
			fmt.Fprintf(&b, ", if: '%s'", anyCondition(r, !steady))
		}
		if every && !steady && r.IntN(3) == 0 {
			fmt.Fprintf(&b, ", run: %d", 2+r.IntN(3))
		}
		if answered = r.IntN(2) == 0; answered {
			fmt.Fprintf(&b, ", paper: reminder_letter, answer: %d workdays", 1+r.IntN(5))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// anySubject knows something of every measure of a ticket.
func anySubject(r *rand.Rand, first int) workflows.Subject {
	facts := workflows.Facts{}
	for _, m := range workflows.Measures("ticket") {
		switch m.Type {
		case "day":
			facts[m.Name] = max(0, first+r.IntN(120)-30)
			if r.IntN(5) == 0 {
				facts[m.Name] = 0
			}
		case "time":
			facts[m.Name] = (first + r.IntN(60)) * 1440
		case "int":
			facts[m.Name] = r.IntN(5)
		case "percent", "amount":
			facts[m.Name] = float64(r.IntN(120))
		case "bool":
			facts[m.Name] = r.IntN(2) == 0
		case "text":
			facts[m.Name] = pick(r, append(m.Values, "")...)
		}
	}
	return workflows.Subject{Facts: facts}
}

func anyRule(t *testing.T, r *rand.Rand, steady bool) (*workflows.Rule, string) {
	t.Helper()
	text := anyRules(r, steady)
	set, err := workflows.ReadRuleset("any.yaml", text)
	if err != nil {
		if strings.Contains(err.Error(), "rising gravity") || strings.Contains(err.Error(), "same condition") || strings.Contains(err.Error(), "long") || strings.Contains(err.Error(), "follows the answer") {
			return nil, text
		}
		t.Fatalf("%v\n%s", err, text)
	}
	return &set.Rules[0], text
}

// Time only adds: with the facts unchanged a step that was reached stays reached, and what Explain announces comes on its day.
func TestReachedOnlyGrows(t *testing.T) {
	cal, first, tried := rules2023(), day(t, "2023-03-01"), 0
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		rule, text := anyRule(t, r, true)
		if rule == nil || rule.Anchor == "" {
			continue
		}
		tried++
		s := anySubject(r, first)
		var before []string
		announced := map[string]int{}
		for on := first; on < first+100; on += 1 + r.IntN(4) {
			found, err := rule.Reached(s, workflows.EndOf(on), cal)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			var now []string
			for _, f := range found {
				now = append(now, f.Step.ID)
				if f.On > on {
					t.Errorf("seed %d: %s is reached on %d and begins on %d\n%s", seed, f.Step.ID, on, f.On, text)
				}
			}
			for _, id := range before {
				if !slices.Contains(now, id) {
					t.Fatalf("seed %d: step %s was reached and is not on day %d\n%s%v", seed, id, on, text, s.Facts)
				}
			}
			for id, begins := range announced {
				if begins <= on && !slices.Contains(now, id) {
					t.Fatalf("seed %d: step %s was announced for %d and is not reached on %d\n%s", seed, id, begins, on, text)
				}
			}
			e, err := rule.Explain(s, workflows.EndOf(on), cal)
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			if last := lastOf(now); e.Step.ID != last || e.Holds() != (last != "" || e.Next != nil) {
				t.Fatalf("seed %d: explained as %q, reached %q on %d\n%s", seed, e.Step.ID, last, on, text)
			}
			if e.Next != nil && e.NextOn > on && e.Next.If == "" {
				announced[e.Next.ID] = e.NextOn
			}
			before = now
		}
	}
	if tried < rounds/3 {
		t.Errorf("only %d rules were tried", tried)
	}
}

func lastOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// What Explain says at the end of a period is what Judge lights, and whatever is asked of a rule there is an answer or an error, never a panic.
func TestExplainAgreesWithJudge(t *testing.T) {
	cal, first, tried := rules2023(), day(t, "2023-03-01"), 0
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 2))
		rule, text := anyRule(t, r, false)
		if rule == nil {
			continue
		}
		s := anySubject(r, first)
		past := anySubject(r, first)
		s.At = func(int) (workflows.Facts, error) { return past.Facts, nil }
		s.Lights = func(string, int) workflows.Light { return workflows.LightYellow }
		s.Events = []workflows.Event{{Kind: "returned", On: first + r.IntN(60)}}
		s.Cards = []workflows.Card{{Rule: "other", Step: "x", Light: workflows.LightYellow, On: first + r.IntN(60)}}
		on := first + r.IntN(100)
		if rule.Every == "" {
			// Nothing to compare here; every question is asked of it all the same.
			if _, err := rule.Reached(s, workflows.EndOf(on), cal); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			if _, err := rule.Next(s, workflows.EndOf(on), cal); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
		} else {
			tried++
			on = workflows.PeriodEnd(rule.Every, on)
			f, err := rule.Judge(s, on, cal)
			e, err2 := rule.Explain(s, workflows.EndOf(on), cal)
			if err != nil || err2 != nil {
				t.Fatalf("seed %d: %v, %v\n%s", seed, err, err2, text)
			}
			judged := ""
			if f != nil {
				judged = f.Step.ID
			}
			if e.Step.ID != judged {
				t.Errorf("seed %d: judged %q, explained %q on %d\n%s", seed, judged, e.Step.ID, on, text)
			}
		}
		if _, err := rule.Cured(s, workflows.EndOf(on), cal); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		for name := range s.Facts { // a fact that is missing is an error at the worst
			delete(s.Facts, name)
			_, _ = rule.Explain(s, workflows.EndOf(on), cal)
			_, _ = rule.Reached(s, workflows.EndOf(on), cal)
			break
		}
	}
	if tried < rounds/6 {
		t.Errorf("only %d rules were tried", tried)
	}
}

// A rule set into which somebody typed anything at all is refused or accepted; reading it never panics, and every problem names its line.
func TestReadingNeverPanics(t *testing.T) {
	text := []rune(anyRules(rand.New(rand.NewPCG(7, 7)), false) + "    cases:\n      - {name: a, date: 2023-04-20, facts: {open: true, due_on: 2023-04-12}, expect: s0}\n")
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 3))
		typed := slices.Clone(text)
		for range 1 + r.IntN(4) {
			at, junk := r.IntN(len(typed)), []rune(pick(r, "", ":", "：", "{", "}", "[", "\n", "  ", "\t", "'", `"`, "-", "0", "9999999999999999999", "&a", "*a", "!!", "null", "日"))
			typed = slices.Replace(typed, at, min(len(typed), at+r.IntN(6)), junk...)
		}
		_, err := workflows.ReadRuleset("typed.yaml", string(typed))
		if err == nil {
			continue
		}
		problems := workflows.Problems(err)
		if len(problems) == 0 {
			t.Errorf("seed %d: %v names no place\n%s", seed, err, string(typed))
		}
		for _, p := range problems {
			if p.Line < 1 || p.File != "typed.yaml" || p.In("zh") == "" {
				t.Errorf("seed %d: %v", seed, p)
			}
		}
	}
}
