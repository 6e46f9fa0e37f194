package workflows

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// A condition is a small part of the language of expr-lang: measures, numbers, quoted texts, true and false; comparisons,
// also in a row (10 <= behind <= 30); and, or, not, in [...]; + - * / %; and the functions of functions.go. No loops: its cost
// is its length. A comparison with something that is not there (the days since a date that is absent, a division by zero) is false.
type condition struct {
	source  string
	uses    []string // measures, in the order of their first mention
	calls   []string // functions
	program *vm.Program
	tree    ast.Node
	scope   *scope
}

const (
	maxConditionRunes = 500
	maxConditionNodes = 150
	conditionMemory   = 10_000 // of expr's own counter; a condition of this language allocates nearly nothing
)

// conditionFault says what is wrong with a condition, and how many characters after its start.
type conditionFault struct {
	offset int
	text   phrase
}

func compileCondition(source string, sc *scope) (*condition, *conditionFault) {
	return compile(source, sc, expr.AsBool(), "a condition must come out true or false, such as behind >= 10 or not started")
}

func compileFormula(source string, sc *scope) (*condition, *conditionFault) {
	return compile(source, sc, expr.AsFloat64(), "a formula must come out as a number, such as schedule - done")
}

func compile(source string, sc *scope, result expr.Option, right string) (*condition, *conditionFault) {
	if strings.TrimSpace(source) == "" {
		return nil, &conditionFault{0, say("the condition is empty: %s", say(right))}
	}
	if len([]rune(source)) > maxConditionRunes {
		return nil, &conditionFault{0, say("the condition is longer than %d characters: split the rule", maxConditionRunes)}
	}
	config := conf.New(sc.sampleEnv())
	for name := range config.Builtins {
		config.Disabled[name] = true
	}
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, faultOf(err, say("write comparisons such as behind >= 10, joined by and, or, not"))
	}
	check := conditionCheck{scope: sc}
	if fault := check.node(tree.Node); fault != nil {
		return nil, fault
	}
	exact := expr.Function("exact", exactNumber, new(func(float64) float64))
	program, err := expr.Compile(source, expr.Env(sc.sampleEnv()), expr.DisableAllBuiltins(), expr.MaxNodes(maxConditionNodes),
		result, exact, expr.Patch(exactComparisons{}))
	if err != nil {
		return nil, faultOf(err, say("%s%s", say(right), check.types()))
	}
	return &condition{source: source, uses: check.uses, calls: check.calls, program: program, tree: tree.Node, scope: sc}, nil
}

// run evaluates the condition; env holds at least the measures it uses.
func (c *condition) run(env map[string]any) (any, error) {
	machine := vm.VM{MemoryBudget: conditionMemory}
	out, err := machine.Run(c.program, env)
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", c.source, err)
	}
	return out, nil
}

func (c *condition) holds(env map[string]any) (bool, error) {
	out, err := c.run(env)
	if err != nil {
		return false, err
	}
	holds, ok := out.(bool)
	if !ok {
		return false, fmt.Errorf("evaluate %q: it came out as a %T, not true or false", c.source, out)
	}
	return holds, nil
}

// sampleEnv gives expr the type of every measure.
func (s *scope) sampleEnv() map[string]any {
	env := map[string]any{}
	for _, m := range s.measures {
		env[m.Name] = m.zero()
	}
	for name, f := range functions(nil) {
		env[name] = f
	}
	return env
}

func (m Measure) zero() any {
	switch m.Type {
	case "bool":
		return false
	case "text":
		return ""
	case "percent", "amount":
		return 0.0
	}
	return 0
}

func faultOf(err error, right phrase) *conditionFault {
	var at *file.Error
	if errors.As(err, &at) {
		return &conditionFault{at.From, say("%s; %s", plainWords(at.Message), right)}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return &conditionFault{0, say("%s; %s", plainWords(first), right)}
}

var (
	endPattern      = regexp.MustCompile(`unexpected token EOF`)
	tokenPattern    = regexp.MustCompile(`unexpected token \w+\((".*")\)`)
	mismatchPattern = regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (\S+) and (\S+)\)$`)
	goTypePattern   = regexp.MustCompile(`\b(float64|int|string|bool)\b`)
)

// plainWords says a message of expr without the words of programmers.
func plainWords(message string) phrase {
	if endPattern.MatchString(message) {
		return say("it ends too early")
	}
	if parts := tokenPattern.FindStringSubmatch(message); parts != nil {
		return say("%s does not belong here", parts[1])
	}
	if parts := mismatchPattern.FindStringSubmatch(message); parts != nil {
		return say("%s does not go between a %s and a %s", parts[1], say(plainType(parts[2])), say(plainType(parts[3])))
	}
	return say("%s", goTypePattern.ReplaceAllStringFunc(message, plainType))
}

func plainType(t string) string {
	switch t {
	case "string":
		return "text"
	case "bool":
		return "true/false"
	case "int", "float64":
		return "number"
	}
	return t
}

// conditionCheck walks over a parsed condition, and knows what the vocabulary and the language allow.
type conditionCheck struct {
	scope *scope
	uses  []string
	calls []string
}

func (c *conditionCheck) node(n ast.Node) *conditionFault {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode:
		return nil
	case *ast.IdentifierNode:
		return c.identifier(n)
	case *ast.UnaryNode:
		return c.node(n.Node)
	case *ast.CallNode:
		return c.call(n)
	case *ast.BinaryNode:
		return c.binary(n)
	}
	return faultAt(n, "%q has no place in a condition: write measures, numbers, quoted texts, comparisons, and, or, not, in [...], or one of %s", n.String(), strings.Join(functionNames(), ", "))
}

func (c *conditionCheck) identifier(n *ast.IdentifierNode) *conditionFault {
	if _, ok := c.scope.measure(n.Value); !ok {
		if slices.Contains(functionNames(), n.Value) {
			return faultAt(n, "%q is a function: write it with brackets, such as %s", n.Value, usageOf(n.Value))
		}
		return faultAt(n, "unknown measure %q of a %s%s", n.Value, c.scope.name, choose(n.Value, c.scope.names("")))
	}
	if !slices.Contains(c.uses, n.Value) {
		c.uses = append(c.uses, n.Value)
	}
	return nil
}

func (c *conditionCheck) binary(n *ast.BinaryNode) *conditionFault {
	switch n.Operator {
	case "in":
		return c.membership(n)
	case "==", "!=":
		if fault := c.knownValue(n.Left, n.Right); fault != nil {
			return fault
		}
		if fault := c.knownValue(n.Right, n.Left); fault != nil {
			return fault
		}
	case "and", "or", "&&", "||", "<", "<=", ">", ">=", "+", "-", "*", "/", "%":
	default:
		return faultAt(n, "the sign %q has no place in a condition: write < <= > >= == != and or not in + - * / %%", n.Operator)
	}
	if fault := c.node(n.Left); fault != nil {
		return fault
	}
	return c.node(n.Right)
}

// membership allows `measure in [a, b]` for texts and whole numbers; the others are compared, because they are rounded.
func (c *conditionCheck) membership(n *ast.BinaryNode) *conditionFault {
	if fault := c.node(n.Left); fault != nil {
		return fault
	}
	id, ok := n.Left.(*ast.IdentifierNode)
	list, isList := n.Right.(*ast.ArrayNode)
	if !ok || !isList {
		return faultAt(n, `write "in" with a measure and a list, such as stage in ["started", "building"]`)
	}
	m, _ := c.scope.measure(id.Value)
	for _, element := range list.Nodes {
		_, isText := element.(*ast.StringNode)
		_, isInt := element.(*ast.IntegerNode)
		if !(isText && m.Type == "text" || isInt && (m.Type == "int" || m.Type == "day")) {
			return faultAt(element, "%s does not fit into the list: %q is a measure of the type %s, and \"in\" takes texts or whole numbers",
				element.String(), m.Name, m.Type)
		}
		if fault := c.knownValue(id, element); fault != nil {
			return fault
		}
	}
	return nil
}

// knownValue refuses a text that the measure never takes, because such a condition would never hold.
func (c *conditionCheck) knownValue(measure, value ast.Node) *conditionFault {
	id, ok := measure.(*ast.IdentifierNode)
	text, isText := value.(*ast.StringNode)
	if !ok || !isText {
		return nil
	}
	m, _ := c.scope.measure(id.Value)
	if len(m.Values) == 0 || slices.Contains(m.Values, text.Value) {
		return nil
	}
	return faultAt(text, "%q is never %q%s", m.Name, text.Value, choose(text.Value, m.Values))
}

// types explains a type error: what the measures of the condition hold.
func (c *conditionCheck) types() phrase {
	var parts []phrase
	for _, name := range c.uses {
		m, _ := c.scope.measure(name)
		parts = append(parts, say("%s is %s", name, say(m.Type)))
	}
	if len(parts) == 0 {
		return say("")
	}
	return say(" (%s)", parts)
}

func faultAt(n ast.Node, format string, args ...any) *conditionFault {
	return &conditionFault{n.Location().From, say(format, args...)}
}

// exactComparisons rounds what is computed before it is compared: doubles make 50.1 - 40.1 a little less than 10.
type exactComparisons struct{}

// Visit wraps the computed sides of a comparison; expr calls it for every node once the types are known.
func (exactComparisons) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || !slices.Contains([]string{"<", "<=", ">", ">=", "==", "!="}, n.Operator) {
		return
	}
	for _, side := range []*ast.Node{&n.Left, &n.Right} {
		if computed(*side) && (*side).Type().Kind() == reflect.Float64 {
			ast.Patch(side, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "exact"}, Arguments: []ast.Node{*side}})
		}
	}
}

func computed(n ast.Node) bool {
	switch n.(type) {
	case *ast.BinaryNode, *ast.UnaryNode, *ast.CallNode:
		return true
	}
	return false
}

// exactNumber rounds to a millionth, which is finer than any measure and coarser than any error of doubles.
func exactNumber(params ...any) (any, error) {
	value, ok := params[0].(float64)
	if !ok {
		return nil, errors.New("the calculation has no result")
	}
	if math.IsInf(value, 0) { // a division by zero: no comparison with it holds
		value = math.NaN()
	}
	return round(value, 1e6), nil
}
