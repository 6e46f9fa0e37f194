package workflows

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// functionNames lists what a condition may call.
func functionNames() []string { return slices.Sorted(maps.Keys(usages())) }

// usages shows each function as a clerk writes it.
func usages() map[string]string {
	return map[string]string{
		"count": `count("yellow") or count("yellow", "year")`, "in_row": `in_row("yellow")`,
		"days_since": "days_since(planned_start_on)", "workdays_since": "workdays_since(received_on)", "months_since": "months_since(started_on)",
		"hours_since": "hours_since(received_at)", "days_between": "days_between(baseline_on, due_on)", "workdays_between": "workdays_between(received_on, replied_on)",
		"year": "year(planned_start_on)", "month": "month(today)", "quarter": "quarter(today)",
		"min": "min(done, 100)", "max": "max(done, reported)", "abs": "abs(done - reported)", "round": "round(done)",
	}
}

func usageOf(name string) string { return usages()[name] }

// spans of count, besides terms such as "90 days".
func spans() []string { return []string{"month", "quarter", "half_year", "year"} }

// call checks a call of a function and what stands in its brackets.
func (c *conditionCheck) call(n *ast.CallNode) *conditionFault {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || usageOf(id.Value) == "" {
		return faultAt(n, "%q has no place in a condition: write measures, numbers, quoted texts, comparisons, and, or, not, in [...], or one of %s",
			n.String(), strings.Join(functionNames(), ", "))
	}
	if !slices.Contains(c.calls, id.Value) {
		c.calls = append(c.calls, id.Value)
	}
	usage := func(at ast.Node) *conditionFault {
		return faultAt(at, "%s is not written like this: write it like %s", id.Value, usageOf(id.Value))
	}
	switch args := n.Arguments; id.Value {
	case "count":
		return c.countCall(n, usage)
	case "in_row":
		if text, ok := stringAt(args, 0); !ok || len(args) != 1 || !slices.Contains(lightNames(), text) {
			return usage(n)
		}
	case "days_between", "workdays_between":
		return c.dates(args, 2, "day", usage(n))
	case "hours_since":
		return c.dates(args, 1, "time", usage(n))
	case "min", "max", "abs", "round":
		if want := map[string]int{"min": 2, "max": 2, "abs": 1, "round": 1}[id.Value]; len(args) != want {
			return usage(n)
		}
		for _, arg := range args {
			if fault := c.node(arg); fault != nil {
				return fault
			}
		}
	default:
		return c.dates(args, 1, "day", usage(n))
	}
	return nil
}

func (c *conditionCheck) countCall(n *ast.CallNode, usage func(ast.Node) *conditionFault) *conditionFault {
	kind, ok := stringAt(n.Arguments, 0)
	if !ok || len(n.Arguments) > 2 {
		return usage(n)
	}
	if !slices.Contains(EventKinds(), kind) {
		return faultAt(n.Arguments[0], "%q can't be counted%s", kind, choose(kind, EventKinds()))
	}
	if len(n.Arguments) == 1 {
		return nil
	}
	span, ok := stringAt(n.Arguments, 1)
	term, err := ParseTerm(span)
	if !ok || !slices.Contains(spans(), span) && (err != nil || term.hourly() || term.N < 1) {
		return faultAt(n.Arguments[1], `%s is not a span to count in: write "month", "quarter", "half_year", "year" or a term such as "90 days"`, n.Arguments[1].String())
	}
	return nil
}

// dates checks that the arguments are measures of a type.
func (c *conditionCheck) dates(args []ast.Node, want int, kind string, usage *conditionFault) *conditionFault {
	if len(args) != want {
		return usage
	}
	for _, arg := range args {
		id, ok := arg.(*ast.IdentifierNode)
		if !ok {
			return usage
		}
		if fault := c.identifier(id); fault != nil {
			return fault
		}
		if m, _ := c.scope.measure(id.Value); m.Type != kind {
			return faultAt(arg, "%q is a measure of the type %s, and here stands a %s: write one of %s", m.Name, say(m.Type), say(kind), strings.Join(c.scope.names(kind), ", "))
		}
	}
	return nil
}

func stringAt(args []ast.Node, i int) (string, bool) {
	if i >= len(args) {
		return "", false
	}
	s, ok := args[i].(*ast.StringNode)
	if !ok {
		return "", false
	}
	return s.Value, true
}

func lightNames() []string {
	var names []string
	for _, l := range Lights() {
		names = append(names, string(l))
	}
	return names
}

// functions are the functions of conditions as one look at an item answers them; a nil look only gives their types. What counts
// from an absent day is not a number, and no comparison with it holds.
func functions(l *look) map[string]any {
	since := func(count func(from, to int) float64) func(int) float64 {
		return func(day int) float64 {
			if day == 0 {
				return math.NaN()
			}
			return count(day, l.today())
		}
	}
	between := func(count func(from, to int) float64) func(int, int) float64 {
		return func(from, to int) float64 {
			if from == 0 || to == 0 {
				return math.NaN()
			}
			return count(from, to)
		}
	}
	days := func(from, to int) float64 { return float64(to - from) }
	workdays := func(from, to int) float64 { return float64(l.cal.Workdays(from, to)) }
	return map[string]any{
		"count":      func(kind string, span ...string) (int, error) { return l.count(kind, span) },
		"in_row":     func(light string) int { return l.inRow(Light(light)) },
		"days_since": since(days), "workdays_since": since(workdays), "months_since": since(monthsBetween),
		"days_between": between(days), "workdays_between": between(workdays),
		"hours_since": func(minute int) float64 {
			if minute == 0 {
				return math.NaN()
			}
			return float64(l.now.Minute-minute) / 60
		},
		"year":    func(day int) float64 { return partOf(day, func() int { return date(day).Year() }) },
		"month":   func(day int) float64 { return partOf(day, func() int { return int(date(day).Month()) }) },
		"quarter": func(day int) float64 { return partOf(day, func() int { return (int(date(day).Month()) + 2) / 3 }) },
		"min":     math.Min, "max": math.Max, "abs": math.Abs, "round": math.Round,
	}
}

func partOf(day int, part func() int) float64 {
	if day == 0 {
		return math.NaN()
	}
	return float64(part())
}

// monthsBetween counts completed months: from the 5th of March to the 4th of May is one.
func monthsBetween(from, to int) float64 {
	a, b := date(from), date(to)
	n := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if b.Day() < a.Day() && !lastOfMonth(to) {
		n--
	}
	return float64(n)
}

// count counts the cards and other events of one kind up to now, in the calendar period or the term that ends now.
func (l *look) count(kind string, span []string) (int, error) {
	from := math.MinInt
	if len(span) > 0 {
		var err error
		if from, err = l.spanStart(span[0]); err != nil {
			return 0, err
		}
	}
	n, now := 0, l.today()
	for _, c := range l.s.Cards {
		if slices.Contains(c.brings(), kind) && !c.Excused && c.On >= from && c.On <= now {
			n++
		}
	}
	for _, e := range l.s.Events {
		if e.Kind == kind && e.On >= from && e.On <= now {
			n++
		}
	}
	return n, nil
}

// spanStart is the first day of the span that ends now.
func (l *look) spanStart(span string) (int, error) {
	if slices.Contains(spans(), span) {
		return periodStart(span, l.today()), nil
	}
	term, err := ParseTerm(span)
	if err != nil {
		return 0, err
	}
	term = term.plain()
	term.N = -term.N
	day, err := l.cal.Shift(l.today(), term)
	return day + 1, err
}

// inRow counts the periods just before this one, in a row, in which this rule lit a light or a worse one.
func (l *look) inRow(light Light) int {
	if l.s.Lights == nil || l.last == 0 {
		return 0
	}
	n := 0
	for last := periodBefore(l.r.Every, l.last); n < longestRow; last = periodBefore(l.r.Every, last) {
		if was := l.s.Lights(l.r.ID, last); was == LightNone || light.Worse(was) {
			break
		}
		n++
	}
	return n
}

const longestRow = 400 // periods that are looked back on at most

// usesCall says whether a condition calls one of the functions.
func (c *condition) usesCall(names ...string) bool {
	return c != nil && slices.ContainsFunc(c.calls, func(call string) bool { return slices.Contains(names, call) })
}

func (c *condition) usesMeasure(name string) bool { return c != nil && slices.Contains(c.uses, name) }
