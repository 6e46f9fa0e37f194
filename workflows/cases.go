package workflows

import (
	"errors"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Case is an example that a rule set carries for one of its rules: on this day, with these facts, this step and no graver one.
type Case struct {
	Name   string
	On     int
	Facts  Facts
	Expect string // the id of a step, or "none"

	at Problem // where it stands
}

// Prove runs the cases of all rules and requests, and joins those that do not come out, one *Problem each.
func (s *Ruleset) Prove(cal Calendar) error {
	var wrong []error
	for i := range s.Requests {
		for _, c := range s.Requests[i].Cases {
			if problem := s.Requests[i].prove(c, cal); problem != nil {
				wrong = append(wrong, problem)
			}
		}
	}
	for i := range s.Rules {
		for _, c := range s.Rules[i].Cases {
			if problem := s.Rules[i].prove(c, cal.Shift); problem != nil {
				wrong = append(wrong, problem)
			}
		}
	}
	return errors.Join(wrong...)
}

func (r *Rule) prove(c Case, shift Shift) error {
	got := "none"
	var finding *Finding
	var err error
	if r.Every != "" {
		finding, err = r.JudgeMonth(c.Facts, c.On)
	} else {
		var reached []Finding
		if reached, err = r.Reached(c.Facts, c.On, shift); len(reached) > 0 {
			finding = &reached[len(reached)-1]
		}
	}
	if finding != nil {
		got = finding.Step.ID
	}
	problem := c.at
	switch {
	case err != nil:
		problem.said = say("case %q of rule %q can't be judged: %v", c.Name, r.ID, err)
	case got != c.Expect:
		problem.said = say("case %q of rule %q: on %s it expects %s, and the rule says %s", c.Name, r.ID, dayText(c.On), c.Expect, got)
	default:
		return nil
	}
	problem.Text = problem.said.Error()
	return &problem
}

// readCases reads the examples of a rule; a fact that is not written is false, 0, empty, or follows from its formula.
func readCases(rule table, r *Rule) []Case {
	var list []Case
	for _, row := range rule.rows("cases") {
		t := rule.table(row, say("a case of %s", rule.what), "name", "date", "facts", "expect")
		c := Case{Name: t.text("name"), Expect: t.must("expect", "name the step that is reached, or none")}
		if c.Name != "" {
			t.what = say("case %q of %s", c.Name, rule.what)
		}
		c.at = Problem{File: t.file, Line: row.Line, Column: row.Column}
		steps := []string{"none"}
		for _, step := range r.Steps {
			steps = append(steps, step.ID)
		}
		if c.Expect != "" && !slices.Contains(steps, c.Expect) {
			t.fail(t.at("expect"), "%s: unknown step %q%s", t.what, c.Expect, choose(c.Expect, steps))
		}
		if text := t.must("date", "write the day, such as 2023-03-31"); text != "" {
			day, err := parseDay(text)
			if err != nil {
				t.fail(t.at("date"), "%s: %v", t.what, asPhrase(err))
			} else if r.Every != "" && !lastOfMonth(day) {
				t.fail(t.at("date"), "%s: the rule is judged every month, and %s is not the last day of one", t.what, text)
			}
			c.On = day
		}
		if c.Name == "" {
			c.Name = t.text("date")
		}
		c.Facts = readFacts(t, r.scope)
		list = append(list, c)
	}
	return list
}

func readFacts(c table, sc *scope) Facts {
	f := Facts{}
	for _, m := range sc.measures {
		if m.Formula == "" {
			f[m.Name] = m.zero()
		}
	}
	if !c.has("facts") {
		return f
	}
	t := c.table(c.at("facts"), say("%s: facts", c.what), sc.names("")...)
	for _, m := range sc.measures {
		cell := t.cells[m.Name]
		if cell == nil {
			continue
		}
		value, err := m.parse(cell)
		if err != nil {
			t.fail(cell, "%s: %q %v", c.what, m.Name, asPhrase(err))
			continue
		}
		f[m.Name] = value
	}
	return f
}

// parse reads a value as a case writes it.
func (m Measure) parse(cell *yaml.Node) (any, error) {
	if cell.Kind != yaml.ScalarNode {
		return nil, say("must be one value")
	}
	text := cell.Value
	switch m.Type {
	case "day":
		return parseDay(text)
	case "time":
		return parseTime(text)
	case "int":
		if n, err := strconv.Atoi(text); err == nil {
			return n, nil
		}
		return nil, say("is %q, must be a whole number", text)
	case "percent", "amount":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return m.normal(n)
		}
		return nil, say("is %q, must be a number", text)
	case "bool":
		if text == "true" || text == "false" {
			return text == "true", nil
		}
		return nil, say("is %q, must be true or false", text)
	}
	if len(m.Values) > 0 && !slices.Contains(m.Values, text) {
		return nil, say("is never %q%s", text, choose(text, m.Values))
	}
	return text, nil
}
