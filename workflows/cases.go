package workflows

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Case is an example that a rule set carries for one of its rules: one look, or a story of several days. On, Facts and Expect are those of its last day.
type Case struct {
	Name   string
	On     int
	Facts  Facts
	Expect string // the id of a step, or "none"
	Days   []CaseDay
	From   int // the story is played from this day on; 0 for from its first day

	base Facts
	at   Problem // where it stands
}

// CaseDay is one day of a story: what changes, what happens, and what is expected then.
type CaseDay struct {
	On     int
	Minute int               // the minute of the day that is looked at; that of the day's end where none is written
	Facts  Facts             // those that change on this day
	Event  string            // one of EventKinds, or ""
	Expect map[string]Expect // by the id of the rule; nothing is asked of rules that are not among them

	at Problem
}

// Expect is what must come out: the step, and of the finding what is written.
type Expect struct {
	Step   string            // the id of a step, or "none"
	Fields map[string]string // the other fields, as they are written; see expectFields

	at Problem
}

// SetCase is a story in which several rules about one kind of thing act together.
type SetCase struct {
	Scope string
	Case
}

// expectFields lists what an example may expect besides the step.
func expectFields() []string {
	return []string{"step", "light", "due", "on", "next", "answer_by", "paper", "interview", "points", "notice", "coordination", "exempt"}
}

// readCases reads the examples of a rule; a fact that is not written is false, 0, empty, or follows from its formula.
func readCases(rule table, r *Rule) []Case {
	var list []Case
	for _, row := range rule.rows("cases") {
		t := rule.table(row, say("a case of %s", rule.what), "name", "from", "date", "event", "facts", "expect", "days")
		c := Case{Name: t.text("name")}
		if c.Name != "" {
			t.what = say("case %q of %s", c.Name, rule.what)
		}
		one := caseReader{scope: r.scope, expect: func(t table) map[string]Expect {
			e, ok := readExpect(t, t.at("expect"), r)
			if !ok {
				return nil
			}
			return map[string]Expect{r.ID: e}
		}, judged: func(t table, day int) {
			if r.Every != "" && r.Delay == nil && r.Day == 0 && t.has("expect") && PeriodEnd(r.Every, day) != day {
				t.fail(t.at("date"), "%s: the rule is judged every %s, and %s is not the last day of one", t.what, say(r.Every), dayText(day))
			}
		}}
		one.read(t, &c)
		if n := len(c.Days); n > 0 {
			c.Expect = c.Days[n-1].Expect[r.ID].Step
		}
		list = append(list, c)
	}
	return list
}

// readSetCases reads the stories of a whole set.
func readSetCases(top table, set *Ruleset, voc *vocabulary) {
	for _, row := range top.rows("cases") {
		t := top.table(row, say("a case of %s", top.what), "name", "scope", "from", "date", "event", "facts", "expect", "days")
		c := SetCase{Case: Case{Name: t.text("name")}}
		if c.Name != "" {
			t.what = say("case %q of %s", c.Name, top.what)
		}
		t.must("scope", "say what it is about, such as project")
		c.Scope = t.choice("scope", "scope", voc.scopeNames())
		if voc.scopes[c.Scope] == nil {
			continue
		}
		one := caseReader{scope: voc.scopes[c.Scope].with(voc.judging), expect: func(t table) map[string]Expect { return set.expects(t, c.Scope) }, judged: func(table, int) {}}
		one.read(t, &c.Case)
		set.Cases = append(set.Cases, c)
	}
}

// expects reads {rule: step, ...}.
func (s *Ruleset) expects(t table, scope string) map[string]Expect {
	var known []string
	for _, r := range s.For(scope) {
		known = append(known, r.ID)
	}
	e := t.table(t.at("expect"), say("%s: expect", t.what), known...)
	out := map[string]Expect{}
	for id, n := range e.cells {
		r, _ := s.Rule(id)
		if one, ok := readExpect(t, n, r); ok {
			out[id] = one
		}
	}
	return out
}

// caseReader reads the days of an example.
type caseReader struct {
	scope  *scope
	expect func(t table) map[string]Expect
	judged func(t table, day int) // reports a day on which the rule is not judged
}

func (c caseReader) read(t table, out *Case) {
	out.at = Problem{File: t.file, Line: t.node.Line, Column: t.node.Column}
	out.base = readFacts(t, c.scope)
	out.From, _ = t.instant("from")
	rows := t.rows("days")
	switch {
	case t.has("days") && (t.has("date") || t.has("expect") || t.has("event")):
		t.fail(t.at("days"), "%s has days beside date, event or expect: write those in the days", t.what)
	case t.has("days"):
		for _, row := range rows {
			day := t.table(row, say("a day of %s", t.what), "date", "facts", "event", "expect")
			d := c.day(day)
			d.Facts = writtenFacts(day, c.scope)
			out.Days = append(out.Days, d)
		}
	default:
		if t.node.Kind == yaml.MappingNode {
			if t.at("expect").Kind != yaml.MappingNode || !t.has("expect") {
				t.must("expect", "name the step that is reached, or none")
			}
			out.Days = []CaseDay{c.day(t)}
		}
	}
	out.Facts = Facts{}
	for _, facts := range append([]Facts{out.base}, factsOf(out.Days)...) {
		for name, value := range facts {
			out.Facts[name] = value
		}
	}
	for i, d := range out.Days {
		if i > 0 && d.On < out.Days[i-1].On && d.On != 0 {
			d.at.fail(t, "%s: the days must stand in the order in which they come", t.what)
		}
	}
	if n := len(out.Days); n > 0 {
		out.On = out.Days[n-1].On
		if first := out.first(); first != 0 && out.On-first > longestStory {
			t.fail(t.node, "%s: the story is longer than %d days", t.what, longestStory)
		}
	}
	if out.Name == "" && t.has("date") {
		out.Name = t.text("date")
	}
}

const longestStory = 2000

func (p Problem) fail(t table, format string, args ...any) {
	t.failAt(p.Line, p.Column, format, args...)
}

// first is the day from which the story is played.
func (c *Case) first() int {
	if c.From != 0 {
		return c.From
	}
	if len(c.Days) == 0 {
		return 0
	}
	return c.Days[0].On
}

func factsOf(days []CaseDay) []Facts {
	var list []Facts
	for _, d := range days {
		list = append(list, d.Facts)
	}
	return list
}

// day reads the date of a look, what happens then, and what is expected.
func (c caseReader) day(t table) CaseDay {
	d := CaseDay{Event: t.choice("event", "event", EventKinds()), at: Problem{File: t.file, Line: t.node.Line, Column: t.node.Column}}
	if t.must("date", "write the day, such as 2023-03-31") != "" {
		day, minute := t.instant("date")
		d.On, d.Minute = day, minute
		if minute == 0 {
			d.Minute = EndOf(day).Minute
		}
		if day != 0 {
			c.judged(t, day)
		}
	}
	if t.has("expect") {
		d.Expect = c.expect(t)
	}
	return d
}

// readExpect reads the id of a step, none, or a mapping of what must come out.
func readExpect(t table, n *yaml.Node, r *Rule) (Expect, bool) {
	e := Expect{Fields: map[string]string{}, at: Problem{File: t.file, Line: n.Line, Column: n.Column}}
	steps := []string{"none"}
	for _, step := range r.Steps {
		steps = append(steps, step.ID)
	}
	at := n
	if n.Kind == yaml.MappingNode {
		m := t.table(n, say("%s: expect", t.what), expectFields()...)
		for name, cell := range m.cells {
			e.Fields[name] = cell.Value
		}
		e.Step, at = e.Fields["step"], m.at("step")
		delete(e.Fields, "step")
		if e.Step == "" {
			return e, true // only the fields are asked for
		}
	} else {
		e.Step = n.Value
	}
	if n.Kind == yaml.ScalarNode && e.Step == "" {
		return e, false // reported by must
	}
	if !slices.Contains(steps, e.Step) {
		t.fail(at, "%s: unknown step %q%s", t.what, e.Step, choose(e.Step, steps))
		return e, false
	}
	return e, true
}

func readFacts(c table, sc *scope) Facts {
	f := Facts{}
	for _, m := range sc.measures {
		if m.Formula == "" && !m.known {
			f[m.Name] = m.zero()
		}
	}
	for name, value := range writtenFacts(c, sc) {
		f[name] = value
	}
	return f
}

// writtenFacts reads the facts that an example writes, and no others.
func writtenFacts(c table, sc *scope) Facts {
	f := Facts{}
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
		if text == "" || text == "none" {
			return 0, nil
		}
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

// text writes what the example says of a day, for messages.
func (d CaseDay) text() string {
	if d.Minute != EndOf(d.On).Minute && d.Minute != 0 {
		return timeText(d.Minute)
	}
	return dayText(d.On)
}
