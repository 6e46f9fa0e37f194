package main_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const module = "battlemap"

// floors says who stands on whom: an import goes to a lower floor. cmd/* is on floor 4; testOnly packages have rules of their own.
func floors() map[string]int {
	return map[string]int{
		"workflows": 0, "app/audit": 0, "app/calendar": 0, "app/media": 0,
		"app":       1,
		"templates": 2,
		"app/web":   3, "app/jobs": 3, "app/notify": 3, "app/demo": 3,
	}
}

const cmdFloor = 4

// testOnly packages: tests (never the product) import app/apptest; nobody imports e2e.
const (
	apptest = "app/apptest"
	e2e     = "e2e"
)

// libraries says which packages of ours may import a library.
func libraries() map[string][]string {
	return map[string][]string{
		"github.com/labstack/echo": {"app/web"},
		"github.com/robfig/cron":   {"app/jobs"},
		"gorm.io":                  {"app", apptest},
	}
}

// impure packages are not imported on floor 0.
func impure() []string { return []string{"net", "net/http", "database/sql"} }

// outsideCmd lists what only cmd may touch, and what to do instead.
func outsideCmd() map[string]string {
	list := map[string]string{}
	for why, names := range map[string]string{
		"the time comes from Options.Now":        "time.Now time.Since time.Until time.Sleep",
		"only cmd reads the environment":         "os.Getenv os.LookupEnv os.Environ os.ExpandEnv",
		"log to the *slog.Logger that is passed": "slog.Default slog.SetDefault slog.SetLogLoggerLevel slog.With slog.Log slog.LogAttrs slog.Debug slog.Info slog.Warn slog.Error slog.DebugContext slog.InfoContext slog.WarnContext slog.ErrorContext",
	} {
		for _, name := range strings.Fields(names) {
			list[name] = why
		}
	}
	return list
}

func topFolders() []string {
	return []string{"cmd", "app", "workflows", "templates", "docs", "e2e", ".ci", ".github", ".git"}
}

func emptyNames() []string {
	return []string{"util", "utils", "common", "models", "services", "internal", "pkg", "helpers"}
}

const (
	maxFileLines = 450
	maxFuncLines = 80
)

var longReason = regexp.MustCompile(`(?m)^\s*// long: \S`)

// file is one Go file of the tree with what the rules ask about it.
type file struct {
	pkg    string // folder under the module root, such as "app/web"
	name   string // path under the module root
	source []byte
	fset   *token.FileSet
	tree   *ast.File
	gorm   bool // some file of the package imports gorm
}

func (f *file) test() bool { return strings.HasSuffix(f.name, "_test.go") }

// product is false for tests and for packages that only tests use.
func (f *file) product() bool { return !f.test() && f.pkg != apptest && f.pkg != e2e }

func (f *file) cmd() bool { return strings.HasPrefix(f.pkg, "cmd/") }

func (f *file) at(pos token.Pos, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.name, f.fset.Position(pos).Line, fmt.Sprintf(format, args...))
}

// imports gives each import's path by the name that the file uses for it.
func (f *file) imports() map[string]string {
	names := map[string]string{}
	for _, spec := range f.tree.Imports {
		full := importPath(spec)
		name := path.Base(full)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = full
	}
	return names
}

func importPath(spec *ast.ImportSpec) string {
	full, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(err) // the parser has read it as a string
	}
	return full
}

func parse(pkg, name string, source []byte) (*file, error) {
	f := &file{pkg: pkg, name: name, source: source, fset: token.NewFileSet()}
	var err error
	f.tree, err = parser.ParseFile(f.fset, name, source, parser.ParseComments|parser.SkipObjectResolution)
	return f, err
}

// rules are the checks of one file, by name; each returns "file:line: what is wrong".
func rules() map[string]func(*file) []string {
	return map[string]func(*file) []string{
		"floors":    checkFloors,
		"libraries": checkLibraries,
		"cmd only":  checkCmdOnly,
		"init":      checkInit,
		"gorm":      checkGorm,
		"globals":   checkGlobals,
		"length":    checkLength,
		"names":     checkNames,
	}
}

func checkFloors(f *file) (wrong []string) {
	if _, known := floors()[f.pkg]; !known && !f.cmd() && f.pkg != apptest && f.pkg != e2e {
		wrong = append(wrong, f.at(f.tree.Package, "%s has no floor: give it one in floors()", f.pkg))
	}
	for _, spec := range f.tree.Imports {
		full := importPath(spec)
		if spec.Name != nil && spec.Name.Name == "." {
			wrong = append(wrong, f.at(spec.Pos(), "dot import of %s hides where names come from", full))
		}
		if to, ours := strings.CutPrefix(full, module+"/"); ours && !mayImport(f.pkg, to, f.test()) {
			wrong = append(wrong, f.at(spec.Pos(), "%s may not import %s: imports only point down the floors", f.pkg, to))
		}
		if floor, ok := floors()[f.pkg]; ok && floor == 0 && !f.test() && slices.Contains(impure(), full) {
			wrong = append(wrong, f.at(spec.Pos(), "%s is pure and may not import %s", f.pkg, full))
		}
	}
	return wrong
}

func mayImport(from, to string, test bool) bool {
	below := func(floor int) bool {
		f, known := floors()[to]
		return known && f < floor
	}
	floor, known := floors()[from]
	switch {
	case from == to: // an external test of the package itself
		return test
	case to == apptest:
		return from == e2e || test && (strings.HasPrefix(from, "cmd/") || known && floor > 0)
	case from == "cmd/auditverify": // evidence does not depend on the accused
		return to == "app/audit"
	case strings.HasPrefix(from, "cmd/"), from == e2e:
		return below(cmdFloor)
	case from == apptest:
		return below(floors()["app"] + 1)
	}
	return known && below(floor)
}

func checkLibraries(f *file) (wrong []string) {
	for _, spec := range f.tree.Imports {
		full := importPath(spec)
		for library, homes := range libraries() {
			if (full == library || strings.HasPrefix(full, library+"/")) && !slices.Contains(homes, f.pkg) {
				wrong = append(wrong, f.at(spec.Pos(), "%s is imported only in %s", library, strings.Join(homes, " and ")))
			}
		}
	}
	return wrong
}

func checkCmdOnly(f *file) (wrong []string) {
	if !f.product() || f.cmd() {
		return nil
	}
	imports, forbidden := f.imports(), outsideCmd()
	ast.Inspect(f.tree, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && imports[x.Name] != "" {
				name := path.Base(imports[x.Name]) + "." + sel.Sel.Name
				if why, ok := forbidden[name]; ok {
					wrong = append(wrong, f.at(sel.Pos(), "%s outside cmd: %s", name, why))
				}
			}
		}
		return true
	})
	return wrong
}

func checkInit(f *file) (wrong []string) {
	if !f.product() || f.cmd() {
		return nil
	}
	for _, d := range f.tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			wrong = append(wrong, f.at(fn.Pos(), "init() outside cmd: only cmd wires"))
		}
	}
	return wrong
}

// checkGorm holds in tests too: AutoMigrate rebuilds tables and drops their triggers, Save inserts when an update hits nothing.
func checkGorm(f *file) (wrong []string) {
	if !f.gorm {
		return nil
	}
	imports := f.imports()
	ast.Inspect(f.tree, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "AutoMigrate" && sel.Sel.Name != "Save" {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); !ok || imports[x.Name] == "" { // a method, not another package's function
			wrong = append(wrong, f.at(sel.Sel.Pos(), "gorm's %s is not used: migrations are versioned, updates name their columns", sel.Sel.Name))
		}
		return true
	})
	return wrong
}

func checkGlobals(f *file) (wrong []string) {
	if !f.product() {
		return nil
	}
	imports := f.imports()
	for _, d := range f.tree.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			continue
		}
		for _, s := range group.Specs {
			spec := s.(*ast.ValueSpec)
			named := slices.ContainsFunc(spec.Names, func(n *ast.Ident) bool { return n.Name != "_" })
			if named && !embedded(group.Doc) && !embedded(spec.Doc) && !constantAtHeart(spec, f.constants(), imports) {
				wrong = append(wrong, f.at(spec.Pos(), "global %s: package-level var is for embeds, compiled regexps and sentinel errors", spec.Names[0].Name))
			}
		}
	}
	return wrong
}

func embedded(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// constants are the calls that make something which never changes: compiled regexps, sentinel errors, and in pure packages and the tests' own what is read once of an embed.
func (f *file) constants() []string {
	calls := []string{"regexp.MustCompile", "errors.New"}
	if floor, ok := floors()[f.pkg]; ok && floor == 0 || f.pkg == apptest {
		calls = append(calls, "sync.OnceValues")
	}
	return calls
}

// constantAtHeart reports whether every name gets its value from one of these calls.
func constantAtHeart(spec *ast.ValueSpec, constants []string, imports map[string]string) bool {
	for _, value := range spec.Values {
		call, ok := value.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		x, ok := sel.X.(*ast.Ident)
		if !ok || !slices.Contains(constants, imports[x.Name]+"."+sel.Sel.Name) {
			return false
		}
	}
	return len(spec.Values) == len(spec.Names)
}

func checkLength(f *file) (wrong []string) {
	if f.test() {
		return nil
	}
	if n := bytes.Count(f.source, []byte("\n")); n > maxFileLines && !longReason.Match(f.source) {
		wrong = append(wrong, fmt.Sprintf("%s:%d: %d lines, at most %d without a line \"// long: <reason>\"", f.name, n, n, maxFileLines))
	}
	for _, d := range f.tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Type.Func).Line + 1
		if n > maxFuncLines && !reasoned(fn.Doc) {
			wrong = append(wrong, f.at(fn.Type.Func, "%s has %d lines, at most %d without \"// long: <reason>\" in its comment", fn.Name.Name, n, maxFuncLines))
		}
	}
	return wrong
}

func reasoned(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return longReason.MatchString(c.Text) })
}

func checkNames(f *file) (wrong []string) {
	for _, name := range append(strings.Split(f.pkg, "/"), f.tree.Name.Name) {
		if slices.Contains(emptyNames(), name) {
			wrong = append(wrong, f.at(f.tree.Name.Pos(), "package name %q says nothing of its duty", name))
		}
	}
	return slices.Compact(wrong)
}

// stray returns the folders that do not belong at the top.
func stray(folders []string) []string {
	return slices.DeleteFunc(folders, func(name string) bool { return slices.Contains(topFolders(), name) })
}

// accused returns what auditverify depends on, at any depth, although evidence must not.
func accused(deps []string) []string {
	return slices.DeleteFunc(deps, func(dep string) bool {
		return !strings.HasPrefix(dep, module+"/") || dep == module+"/app/audit"
	})
}
