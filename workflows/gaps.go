package workflows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
)

// Gap is one thing that keeps a step from being reached, or (Step "") a rule from holding: a comparison that fails, or the day on which the step begins.
type Gap struct {
	Step    string
	Light   Light  // of that step
	Measure string // a measure, or what was computed, as the rule writes it
	Title   Words  // of the measure; nil where it was computed
	Type    string // of the measure
	Value   any    // what it is
	Op      string // "<" "<=" ">" ">=" "==" "!=" "in" "not in"; "run" (Value periods in a row of Limit); "once"; "begins"; "absent" (nobody has entered it)
	Limit   any    // what it would have to be compared with
	On      int    // the day on which the step begins, for "begins"
	Begins  int    // its minute, where hours are counted
}

// gaps says why the next step of a finding is not reached; of a rule that does not hold, why it does not.
func (l *look) gaps(f Finding) ([]Gap, error) {
	if !l.holds {
		return l.unheld()
	}
	if f.Next == nil {
		return nil, nil
	}
	step := *f.Next
	var gaps []Gap
	if l.r.Anchor != "" && f.NextOn > l.today() {
		gaps = append(gaps, Gap{Op: "begins", On: f.NextOn})
	}
	i := slices.IndexFunc(l.r.Steps, func(s Step) bool { return s.ID == step.ID })
	if step.cond = l.r.Steps[i].cond; step.cond != nil {
		more, err := l.unmet(step.cond.tree, true)
		if err != nil {
			return nil, l.r.at(i, err)
		}
		gaps = append(gaps, more...)
	}
	if step.Run > 1 && len(gaps) == 0 {
		n, err := l.periodsHeld(i)
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, Gap{Op: "run", Value: n, Limit: step.Run})
	}
	if len(gaps) == 0 && step.Once != "" {
		gaps = append(gaps, Gap{Op: "once", Limit: step.Once})
	}
	for g := range gaps {
		gaps[g].Step, gaps[g].Light = step.ID, step.Light
	}
	return gaps, nil
}

// periodsHeld counts the periods in a row, this one with them, at whose end a step's condition held.
func (l *look) periodsHeld(i int) (int, error) {
	probe := *l
	rule := *l.r
	rule.Steps = slices.Clone(l.r.Steps)
	probe.r = &rule
	n := 0
	for ; n < l.r.Steps[i].Run; n++ {
		rule.Steps[i].Run = n + 1
		if ok, err := probe.ranOn(i); err != nil || !ok {
			return n, err
		}
	}
	return n, nil
}

// unheld says why the rule does not hold.
func (l *look) unheld() ([]Gap, error) {
	if len(l.lacks) > 0 {
		var gaps []Gap
		for _, m := range l.lacks {
			gaps = append(gaps, Gap{Measure: m.Name, Title: m.Title, Type: m.Type, Op: "absent"})
		}
		return gaps, nil
	}
	if l.exempt {
		m, _ := l.r.scope.measure("exempt")
		return []Gap{{Measure: "exempt", Title: m.Title, Type: "bool", Value: true, Op: "==", Limit: false}}, nil
	}
	if l.r.when != nil {
		gaps, err := l.unmet(l.r.when.tree, true)
		if err != nil || len(gaps) > 0 {
			return gaps, err
		}
	}
	m, ok := l.r.scope.measure(l.r.Anchor)
	if !ok {
		return nil, nil
	}
	return []Gap{{Measure: m.Name, Title: m.Title, Type: m.Type, Value: l.env[m.Name], Op: "!=", Limit: 0}}, nil
}

// unmet lists the comparisons that keep a condition from being what is wanted of it.
func (l *look) unmet(n ast.Node, want bool) ([]Gap, error) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return l.unmet(n.Node, !want)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "and", "&&", "or", "||":
			left, err := l.unmet(n.Left, want)
			if err != nil {
				return nil, err
			}
			right, err := l.unmet(n.Right, want)
			either := (n.Operator == "or" || n.Operator == "||") == want
			if either && (len(left) == 0 || len(right) == 0) {
				return nil, err
			}
			return append(left, right...), err
		}
	}
	return l.leaf(n, want)
}

// leaf is the gap of one comparison, or of one measure that is true or false.
func (l *look) leaf(n ast.Node, want bool) ([]Gap, error) {
	cond, fault := compileCondition(n.String(), l.r.scope)
	if fault != nil {
		return nil, fault.text
	}
	holds, err := cond.holds(l.env)
	if err != nil || holds == want {
		return nil, err
	}
	if id, ok := n.(*ast.IdentifierNode); ok {
		m, _ := l.r.scope.measure(id.Value)
		return []Gap{{Measure: m.Name, Title: m.Title, Type: "bool", Value: holds, Op: "==", Limit: want}}, nil
	}
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return []Gap{{Measure: n.String(), Type: "bool", Value: holds, Op: "==", Limit: want}}, nil
	}
	g := Gap{Measure: b.Left.String(), Op: b.Operator}
	side, other := b.Left, b.Right
	if _, ok := side.(*ast.IdentifierNode); !ok {
		if _, ok := other.(*ast.IdentifierNode); ok { // 10 <= behind reads as behind >= 10
			side, other, g.Op = other, side, turned(b.Operator)
		}
	}
	g.Measure = side.String()
	if id, ok := side.(*ast.IdentifierNode); ok {
		m, _ := l.r.scope.measure(id.Value)
		g.Title, g.Type = m.Title, m.Type
	}
	if !want {
		g.Op = negated(g.Op)
	}
	if g.Value, err = l.valueOf(side); err == nil {
		g.Limit, err = l.valueOf(other)
	}
	return []Gap{g}, err
}

func (l *look) valueOf(n ast.Node) (any, error) {
	program, err := expr.Compile(n.String(), expr.Env(l.r.scope.sampleEnv()), expr.DisableAllBuiltins(), expr.MaxNodes(maxConditionNodes))
	if err != nil {
		return nil, fmt.Errorf("compute %s: %w", n.String(), err)
	}
	out, err := (&condition{source: n.String(), program: program}).run(l.env)
	if f, ok := out.(float64); ok {
		out = round(f, 1e6)
	}
	return out, err
}

func turned(op string) string {
	return map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}[op]
}

func negated(op string) string {
	return map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "in": "not in"}[op]
}

// WhyNot says in one language why the next step is not reached, or why the rule does not hold; "" where nothing is open. Day writes a day number
// as the reader expects it.
func (f Finding) WhyNot(lang string, day func(int) string) string {
	translation := problemsIn(lang)
	var parts []string
	for _, g := range f.Gaps {
		parts = append(parts, g.phrase(lang, day).in(translation))
	}
	return strings.Join(parts, say("; ").in(translation))
}

func (g Gap) phrase(lang string, day func(int) string) phrase {
	then := say("the rule applies")
	if g.Step != "" && g.Light != LightNone {
		then = say("the %s light comes on", say(string(g.Light)))
	} else if g.Step != "" {
		then = say("step %s comes", g.Step)
	}
	name, unit := g.name(lang)
	value, limit := "", ""
	if g.Op != "absent" {
		value, limit = g.text(g.Value, day), g.text(g.Limit, day)
	}
	switch g.Op {
	case "begins":
		return say("from %s on %s", moment(g.On, g.Begins, day), then)
	case "run":
		return say("%v periods in a row so far, at %v %s", g.Value, g.Limit, then)
	case "absent":
		return say("%s is not known, so the rule can't be judged", name)
	case "once":
		return say("it has come before, and comes only once")
	}
	if g.Type == "bool" {
		return say("%s: %s now; when it is %s, %s", name, say(value), say(limit), then)
	}
	op, ok := map[string]string{">=": "reaches", ">": "exceeds", "<": "is below", "<=": "is at most", "==": "is", "!=": "is not", "in": "is one of", "not in": "is none of"}[g.Op]
	if !ok {
		op = "is"
	}
	return say("%s is %s%s; when it %s %s%s, %s", name, value, unit, say(op), limit, unit, then)
}

// name is the title of the measure without its unit, which stands in brackets at the end of many titles.
func (g Gap) name(lang string) (name, unit string) {
	if g.Title == nil {
		return g.Measure, ""
	}
	title := g.Title.In(lang)
	for _, brackets := range []string{"（）", "()"} {
		pair := []rune(brackets)
		if start := strings.IndexRune(title, pair[0]); start > 0 && strings.HasSuffix(title, string(pair[1])) {
			unit = strings.TrimSuffix(title[start+len(string(pair[0])):], string(pair[1]))
			if unit != "%" {
				unit = " " + unit
			}
			return strings.TrimSpace(title[:start]), unit
		}
	}
	return title, ""
}

func (g Gap) text(value any, day func(int) string) string {
	switch v := value.(type) {
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, g.text(one, day))
		}
		return strings.Join(parts, ", ")
	}
	return Fact{Type: g.Type, Value: value}.text(day)
}
