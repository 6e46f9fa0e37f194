package workflows

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LoadRulesets reads and checks every YAML file below dir, and returns the rule sets by ID. The error joins everything
// that is wrong, one *Problem each, as "file:line:column: what is wrong and what would be right".
func LoadRulesets(fsys fs.FS, dir string) (map[string]*Ruleset, error) {
	return loadAll(fsys, dir, true, readRuleset, func(set *Ruleset) string { return set.ID }, func(s *sheet, at *yaml.Node, id, first string) {
		s.fail(at, "duplicate rule set %q, also in %s: give each its own name", id, first)
	})
}

func readRuleset(s *sheet, root *yaml.Node, voc *vocabulary) *Ruleset {
	top := s.table(root, say("the rule set"), "ruleset", "version", "title", "source", "effective", "approved_by", "inputs", "rules", "requests", "cases")
	if root.Kind != yaml.MappingNode {
		return &Ruleset{}
	}
	set := &Ruleset{
		Text:       s.text,
		ID:         top.id("ruleset", map[string]*yaml.Node{}),
		Version:    top.count("version"),
		Title:      top.words("title"),
		Source:     top.must("source", "name the document it comes from, or say that it is a default of this product"),
		Effective:  top.must("effective", "write the first day it holds, such as 2023-01-01"),
		ApprovedBy: top.must("approved_by", "say who approved it"),
	}
	if _, err := parseDay(set.Effective); set.Effective != "" && err != nil {
		top.fail(top.at("effective"), "the rule set: effective: %v", asPhrase(err))
	}
	voc = readInputs(top, set, voc)
	readRequests(top, set, voc)
	rules := top.rows("rules")
	if len(rules) == 0 && len(set.Requests) == 0 {
		s.fail(top.at("rules"), "the rule set has no rules: list them under rules")
	}
	seen := map[string]*yaml.Node{}
	for _, row := range rules {
		r := &ruleReader{sheet: s, voc: voc, rule: Rule{ruleset: set.ID, version: set.Version}}
		r.read(row, seen)
		set.Rules = append(set.Rules, r.rule)
	}
	readSetCases(top, set, voc)
	return set
}

// readInputs reads the figures that people enter, and returns the vocabulary with them.
func readInputs(top table, set *Ruleset, voc *vocabulary) *vocabulary {
	out := *voc
	out.scopes = maps.Clone(voc.scopes)
	seen := map[string]*yaml.Node{}
	for _, row := range top.rows("inputs") {
		t := top.table(row, say("an input"), "name", "scope", "type", "every", "title", "values")
		in := Input{Measure: Measure{Name: t.id("name", seen)}}
		t.called("input", in.Name)
		in.Title, in.entered = t.words("title"), true
		t.must("scope", "say what it is about, such as project")
		in.Scope = t.choice("scope", "scope", voc.scopeNames())
		t.must("type", "say what it holds")
		in.Type = t.choice("type", "type", []string{"day", "int", "percent", "amount", "bool", "text"})
		t.must("every", "say how often it is entered, such as month")
		in.Every = t.choice("every", "rhythm", Periods())
		for _, it := range t.items("values") {
			in.Values = append(in.Values, it.text)
		}
		sc := out.scopes[in.Scope]
		if sc == nil || in.Name == "" || in.Type == "" {
			continue
		}
		if _, taken := sc.measure(in.Name); taken || usageOf(in.Name) != "" {
			t.fail(t.at("name"), "%s: %q is known of a %s already: use it, or give the input another name", t.what, in.Name, in.Scope)
			continue
		}
		out.scopes[in.Scope] = sc.with([]Measure{in.Measure})
		set.Inputs = append(set.Inputs, in)
	}
	return &out
}

// ruleReader fills one rule.
type ruleReader struct {
	*sheet
	voc  *vocabulary
	rule Rule
	uses []string // measures named anywhere in the rule

	unsure bool // it is not clear what the rule is judged by, so neither is how its steps begin
}

func (r *ruleReader) read(row *yaml.Node, seen map[string]*yaml.Node) {
	t := r.table(row, say("a rule"), "id", "title", "why", "source", "scope", "when", "anchor", "due", "every", "day", "delay", "on", "start", "exemption", "steps", "cases")
	rule := &r.rule
	rule.ID = t.name("id", seen, dottedPattern)
	t.called("rule", rule.ID)
	rule.Title = t.words("title")
	rule.Why = t.words("why")
	rule.Source = t.must("source", "name the document it comes from, or say that it is a default of this product")
	t.must("scope", "say what it is about: project, milestone, ticket, receiving_unit, task_force, unit or district")
	rule.Scope = t.choice("scope", "scope", r.voc.scopeNames())
	if r.voc.scopes[rule.Scope] == nil {
		return // nothing below can be read without knowing which measures there are
	}
	rule.scope = r.voc.scopes[rule.Scope].with(r.voc.judging)
	rule.When = t.text("when")
	rule.when = r.condition(t, "when")
	r.rhythm(t)
	r.exemption(t)
	r.steps(t)
	r.start(t)
	r.placeholders(t)
	slices.Sort(r.uses)
	rule.asks = slices.Compact(r.uses)
	for _, name := range rule.asks {
		m, _ := rule.scope.measure(name)
		rule.knows = rule.knows || m.known
	}
	rule.Cases = readCases(t, rule)
}

// condition compiles one field where it is written, and reports what is wrong at its place in the file.
func (r *ruleReader) condition(t table, field string) *condition {
	cond := t.condition(field, r.rule.scope)
	if cond == nil {
		return nil
	}
	r.uses = append(r.uses, cond.uses...)
	r.rule.calls = r.rule.calls || len(cond.calls) > 0
	if looksBack := cond.usesCall("in_row") || cond.usesMeasure("previous"); looksBack && r.rule.Every == "" && !r.unsure && field != "when" {
		t.fail(t.at(field), "%s: %s: previous and in_row look back on periods, and the rule is not judged every period: write every, or use count", t.what, field)
	}
	if cond.usesMeasure("event") && len(r.rule.On) == 0 && !r.unsure && field != "when" {
		t.fail(t.at(field), "%s: %s: event is what has just happened, and the rule is not judged on events: write on, or use count", t.what, field)
	}
	return cond
}

// rhythm reads what the rule is judged by: an anchor, a period, or events.
func (r *ruleReader) rhythm(t table) {
	rule := &r.rule
	rule.Every = t.choice("every", "rhythm", Periods())
	rule.Anchor = t.text("anchor")
	rule.On = t.choices("on", "event", EventKinds())
	n := 0
	for _, field := range []string{"anchor", "every", "on"} {
		if t.has(field) {
			n++
		}
	}
	r.unsure = n != 1 || t.has("every") && rule.Every == "" || t.has("on") && len(rule.On) == 0
	anchors := slices.DeleteFunc(slices.Concat(rule.scope.names("day"), rule.scope.names("time")), func(name string) bool { return name == "today" })
	switch {
	case t.has("every") && t.has("anchor"):
		t.fail(t.at("every"), "%s has both an anchor and every: keep the anchor for days, or every for periods", t.what)
	case n > 1:
		t.fail(t.at("on"), "%s has on and something else that it is judged by: keep one of anchor, every and on", t.what)
	case n == 0:
		t.fail(t.node, "%s has neither an anchor nor every nor on: write anchor: and one of %s; or every: and one of %s; or on: and one of %s", t.what,
			strings.Join(anchors, ", "), strings.Join(Periods(), ", "), strings.Join(EventKinds(), ", "))
	case t.has("anchor"):
		if slices.Contains(anchors, rule.Anchor) {
			r.uses = append(r.uses, rule.Anchor)
		} else {
			t.fail(t.at("anchor"), "%s: the anchor %q is not a day of a %s%s", t.what, rule.Anchor, rule.Scope, choose(rule.Anchor, anchors))
			r.unsure = true
		}
	}
	r.due(t)
	r.dayOf(t)
	if rule.Delay = t.lengthOfTime("delay"); rule.Delay != nil && rule.Every == "" {
		t.fail(t.at("delay"), "%s: delay is for rules that are judged every period: write every, or remove delay", t.what)
	}
}

// dayOf reads the day of the period on which the rule is judged.
func (r *ruleReader) dayOf(t table) {
	if !t.has("day") {
		return
	}
	longest := map[string]int{"week": 7, "month": 31, "quarter": 92, "half_year": 184, "year": 366}[r.rule.Every]
	r.rule.Day = t.count("day")
	switch {
	case longest == 0 && !r.unsure:
		t.fail(t.at("day"), "%s: day names a day of a period, and the rule is not judged every week, month, quarter, half_year or year: remove it", t.what)
	case t.has("delay"):
		t.fail(t.at("day"), "%s has day and delay: keep day for a day within the period, or delay for a day after it", t.what)
	case r.rule.Day > longest && longest > 0:
		t.fail(t.at("day"), "%s: day: a %s has at most %d days", t.what, say(r.rule.Every), longest)
	}
}

// timed says whether the rule counts from an instant, so that it may count hours.
func (r *ruleReader) timed() bool {
	m, _ := r.rule.scope.measure(r.rule.Anchor)
	return m.Type == "time"
}

func (r *ruleReader) due(t table) {
	if !t.has("due") {
		return
	}
	if r.rule.Anchor == "" {
		t.fail(t.at("due"), "%s: due is counted from an anchor: write anchor, or remove due", t.what)
		return
	}
	kind := "day"
	if r.timed() {
		kind = "time"
	}
	r.rule.Due = t.clauses("due", r.rule.scope, r.timed(), r.rule.scope.names(kind))
	for _, c := range r.rule.Due {
		if c.Until != "" {
			r.uses = append(r.uses, c.Until)
		}
		if c.cond != nil {
			r.uses = append(r.uses, c.cond.uses...)
			r.rule.calls = r.rule.calls || len(c.cond.calls) > 0
		}
	}
}

func (r *ruleReader) exemption(rule table) {
	if !rule.has("exemption") {
		return
	}
	t := r.table(rule.at("exemption"), say("%s: exemption", rule.what), "by", "covers", "title")
	e := &Exemption{By: rolesOf(t, "by"), Covers: t.choice("covers", "extent", []string{"period", "step", "item"})}
	if t.empty("by") {
		t.fail(t.at("by"), "%s has no \"by\": list the roles that may accept a reason", t.what)
	}
	if e.Covers == "" {
		e.Covers = "period"
	}
	if t.has("title") {
		e.Title = t.words("title")
	}
	if _, ok := r.rule.scope.measure("exempt"); ok {
		r.uses = append(r.uses, "exempt")
	}
	r.rule.Exemption = e
}

func (r *ruleReader) start(rule table) {
	var steps []string
	for _, step := range r.rule.Steps {
		steps = append(steps, step.ID)
	}
	for _, row := range rule.rows("start") {
		t := r.table(row, say("%s: an entry of %s", rule.what, "start"), "if", "at")
		st := Start{If: t.must("if", "write where the ladder starts higher, such as importance == \"special\""), cond: r.condition(t, "if")}
		t.must("at", "name the step that it starts at")
		st.At = t.choice("at", "step", steps)
		r.rule.Start = append(r.rule.Start, st)
	}
	if rule.has("start") && r.rule.Anchor == "" && !r.unsure {
		rule.fail(rule.at("start"), "%s: only a rule with an anchor has a ladder that can start higher: give the steps an if instead", rule.what)
	}
}

// placeholders reads which measures the explanation names in braces; besides there are {due} and {on}.
func (r *ruleReader) placeholders(t table) {
	if !t.has("why") {
		return
	}
	why := t.at("why").Content
	if t.at("why").Kind == yaml.ScalarNode {
		why = []*yaml.Node{nil, t.at("why")}
	}
	for i := 1; i < len(why); i += 2 {
		for _, hole := range placeholderPattern.FindAllStringSubmatchIndex(why[i].Value, -1) {
			name := why[i].Value[hole[2]:hole[3]]
			if name == "due" || name == "on" {
				continue
			}
			line, column := r.locate(why[i], len([]rune(why[i].Value[:hole[0]])))
			m, ok := r.rule.scope.measure(name)
			switch {
			case !ok:
				t.failAt(line, column, "%s: why names an unknown measure {%s}%s", t.what, name, choose(name, r.rule.scope.names("")))
			case m.Type == "bool" || len(m.Values) > 0 && m.Name != "previous":
				t.failAt(line, column, "%s: why names {%s}, which is a code and not a word for readers: say it in words", t.what, name)
			default:
				r.uses = append(r.uses, name)
			}
		}
	}
}
