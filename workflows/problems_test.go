package workflows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// spoken says which argument of which function is a message in English.
func spoken() map[string]int {
	return map[string]int{"say": 0, "fail": 1, "failAt": 2, "must": 1, "faultAt": 1, "says": 0, "add": 1, "called": 0, "choice": 1, "choices": 1, "compile": 3}
}

// messages are the English formats of the package.
func messages(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			at, ok := spoken()[name]
			if !ok || at >= len(call.Args) {
				return true
			}
			if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, text)
			}
			return true
		})
	}
	for _, more := range [][]string{Scopes(), Periods(), lightNames(), {"day", "time", "int", "percent", "amount", "bool", "text", "yes", "no",
		"number", "true/false", "reaches", "exceeds", "is below", "is at most", "is", "is not", "is one of", "is none of"}} {
		list = append(list, more...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var verbs = regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)

// Every message of the package has a Chinese translation with the same holes, and the table has no others.
func TestEveryMessageIsSaidInChinese(t *testing.T) {
	table := problemsIn("zh")
	known := map[string]bool{}
	for _, english := range messages(t) {
		known[english] = true
		words := regexp.MustCompile(`[a-z]{2}`).MatchString(verbs.ReplaceAllString(english, ""))
		chinese, ok := table[english]
		if !ok {
			if words {
				t.Errorf("no Chinese for %q", english)
			}
			continue
		}
		if a, b := len(verbs.FindAllString(english, -1)), len(verbs.FindAllString(chinese, -1)); a != b {
			t.Errorf("%q has %d holes, %q has %d", english, a, chinese, b)
		}
	}
	for english := range table {
		if !known[english] {
			t.Errorf("nobody says %q", english)
		}
	}
}
