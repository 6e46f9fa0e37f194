package workflows

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LoadRulesets reads and checks every YAML file below dir, and returns the rule sets by ID. The error joins everything
// that is wrong, one *Problem each, as "file:line:column: what is wrong and what would be right".
func LoadRulesets(fsys fs.FS, dir string) (map[string]*Ruleset, error) {
	voc, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	names, err := yamlFiles(fsys, dir)
	if err != nil {
		return nil, err
	}
	sets, files := map[string]*Ruleset{}, map[string]string{}
	var problems []error
	for _, name := range names {
		s, root, err := openSheet(fsys, name, true)
		if err != nil {
			return nil, err
		}
		if root != nil {
			set := readRuleset(s, root, voc)
			if first := files[set.ID]; first != "" && set.ID != "" {
				s.fail(root, "duplicate rule set %q, also in %s: give each its own name", set.ID, first)
			}
			sets[set.ID], files[set.ID] = set, name
		}
		problems = append(problems, s.errors()...)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return sets, nil
}

func readRuleset(s *sheet, root *yaml.Node, voc *vocabulary) *Ruleset {
	top := s.table(root, say("the rule set"), "ruleset", "version", "title", "source", "effective", "approved_by", "rules", "requests")
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
	return set
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
	t := r.table(row, say("a rule"), "id", "title", "why", "source", "scope", "when", "anchor", "every", "steps", "cases")
	rule := &r.rule
	rule.ID = t.name("id", seen, dottedPattern)
	t.called("rule", rule.ID)
	rule.Title = t.words("title")
	rule.Why = t.words("why")
	rule.Source = t.must("source", "name the document it comes from, or say that it is a default of this product")
	t.must("scope", "write project, milestone or ticket")
	rule.Scope = t.choice("scope", "scope", []string{"project", "milestone", "ticket"})
	if rule.scope = r.voc.scopes[rule.Scope]; rule.scope == nil {
		return // nothing below can be read without knowing which measures there are
	}
	rule.When = t.text("when")
	if t.has("when") {
		rule.when = r.condition(t, "when")
	}
	r.rhythm(t)
	r.steps(t)
	r.placeholders(t)
	slices.Sort(r.uses)
	rule.asks = slices.Compact(r.uses)
	rule.Cases = readCases(t, rule)
}

// condition compiles one field, and reports what is wrong at its place in the file.
func (r *ruleReader) condition(t table, field string) *condition {
	n := t.at(field)
	if n.Kind != yaml.ScalarNode {
		return nil // reported when the text was read
	}
	cond, fault := compileCondition(t.text(field), r.rule.scope)
	if fault != nil {
		line, column := r.locate(n, fault.offset)
		t.failAt(line, column, "%s: %s: %s", t.what, field, fault.text)
		return nil
	}
	r.uses = append(r.uses, cond.uses...)
	return cond
}

// rhythm reads what the rule is judged by: an anchor or the months.
func (r *ruleReader) rhythm(t table) {
	rule := &r.rule
	rule.Every = t.choice("every", "rhythm", []string{"month"})
	rule.Anchor = t.text("anchor")
	r.unsure = t.has("every") == t.has("anchor") || t.has("every") && rule.Every == ""
	switch {
	case t.has("every") && t.has("anchor"):
		t.fail(t.at("every"), "%s has both an anchor and every: keep the anchor for days, or every for months", t.what)
	case !t.has("every") && !t.has("anchor"):
		t.fail(t.node, "%s has neither an anchor nor every: write anchor: and one of %s, or every: month", t.what,
			strings.Join(rule.scope.names("day"), ", "))
	case t.has("anchor"):
		if days := rule.scope.names("day"); slices.Contains(days, rule.Anchor) {
			r.uses = append(r.uses, rule.Anchor)
		} else {
			t.fail(t.at("anchor"), "%s: the anchor %q is not a day of a %s%s", t.what, rule.Anchor, rule.Scope, choose(rule.Anchor, days))
		}
	}
}

func (r *ruleReader) steps(rule table) {
	rows := rule.rows("steps")
	if len(rows) == 0 {
		rule.fail(rule.at("steps"), "%s has no steps: list at least one", rule.what)
	}
	seen := map[string]*yaml.Node{}
	for _, row := range rows {
		t := r.table(row, say("a step of %s", rule.what), "id", "at", "if", "light", "tell", "paper", "interview", "answer")
		if row.Kind != yaml.MappingNode {
			continue
		}
		step := Step{ID: t.id("id", seen)}
		if step.ID != "" {
			t.what = say("step %q of %s", step.ID, rule.what)
		}
		step.Tell = t.choices("tell", "recipient", ids(r.voc.recipients))
		if step.ID == "none" {
			t.fail(t.at("id"), "%s: \"none\" stands for no step: call it otherwise", t.what)
		}
		step.Light = r.light(t)
		step.Paper = t.choice("paper", "paper", ids(r.voc.papers))
		step.Interview = t.choice("interview", "recipient", ids(r.voc.recipients))
		step.Answer = t.lengthOfTime("answer")
		r.begins(t, &step)
		if t.has("paper") && t.empty("tell") {
			t.fail(t.at("paper"), "%s: the paper goes to nobody: add tell", t.what)
		}
		if t.has("answer") && !t.has("paper") {
			t.fail(t.at("answer"), "%s: there is a time to answer but no paper: add paper, or remove answer", t.what)
		}
		r.ascending(t, step)
		r.rule.Steps = append(r.rule.Steps, step)
	}
}

func (r *ruleReader) light(t table) Light {
	var known []string
	for _, l := range Lights() {
		known = append(known, string(l))
	}
	t.must("light", "write one of "+strings.Join(known, ", "))
	return Light(t.choice("light", "light", known))
}

// begins reads where a step begins: a term from the anchor, or a condition.
func (r *ruleReader) begins(t table, step *Step) {
	step.At, step.If = t.term("at"), t.text("if")
	switch {
	case r.unsure:
	case r.rule.Every == "" && t.has("if"):
		t.fail(t.at("if"), "%s: the steps of a rule with an anchor begin by day: write at instead, such as at: +10 workdays", t.what)
	case r.rule.Every == "" && !t.has("at"):
		t.fail(t.node, "%s has no \"at\": write when it begins, such as at: +10 workdays", t.what)
	case r.rule.Every != "" && t.has("at"):
		t.fail(t.at("at"), "%s: the steps of a rule judged every month begin by condition: write if instead", t.what)
	case r.rule.Every != "" && !t.has("if"):
		t.fail(t.node, "%s has no \"if\": write the condition under which it is lit", t.what)
	case t.has("if"):
		r.rule.ifs = append(r.rule.ifs, r.condition(t, "if"))
	}
}

// ascending reports a step that is milder or earlier than the one before; days and working days can't be compared here.
func (r *ruleReader) ascending(t table, step Step) {
	if len(r.rule.Steps) == 0 {
		return
	}
	before := r.rule.Steps[len(r.rule.Steps)-1]
	if before.Light.Worse(step.Light) && step.Light != LightNone {
		t.fail(t.at("light"), "%s: %s is milder than %s of the step before: put the steps in rising gravity", t.what, step.Light, before.Light)
	}
	if before.At != nil && step.At != nil && before.At.Unit == step.At.Unit && step.At.N <= before.At.N {
		t.fail(t.at("at"), "%s: %s is not after %s of the step before: put the steps in the order in which they begin", t.what, step.At, before.At)
	}
}

// placeholders reads which measures the explanation names in braces; besides there are {due} and {on}.
func (r *ruleReader) placeholders(t table) {
	if !t.has("why") || t.at("why").Kind != yaml.MappingNode {
		return
	}
	why := t.at("why").Content
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
			case m.Type == "bool" || len(m.Values) > 0:
				t.failAt(line, column, "%s: why names {%s}, which is a code and not a word for readers: say it in words", t.what, name)
			default:
				r.uses = append(r.uses, name)
			}
		}
	}
}
