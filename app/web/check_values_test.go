package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"battlemap/app/apptest"
	"battlemap/app/web"
)

// sources are the functions of the package by name, and the table of routes.
type sources struct {
	funcs map[string][]*ast.FuncDecl
	known map[string]map[string]bool
}

func parseSources(t *testing.T) *sources {
	t.Helper()
	s := &sources{funcs: map[string][]*ast.FuncDecl{}, known: map[string]map[string]bool{}}
	files, err := filepath.Glob("*.go")
	apptest.Must(t, err, "list the sources")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		apptest.Must(t, err, "parse %s", name)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				s.funcs[f.Name.Name] = append(s.funcs[f.Name.Name], f)
			}
		}
	}
	return s
}

// handlers are the functions that a row of the table names.
func (s *sources) handlers(t *testing.T, r web.Row) (out []string) {
	t.Helper()
	find := func(n ast.Node) bool {
		row, ok := n.(*ast.CompositeLit)
		if !ok || len(row.Elts) != 7 || literal(row.Elts[1]) != r.Path {
			return true
		}
		if method, ok := row.Elts[0].(*ast.Ident); !ok || !strings.EqualFold(method.Name, r.Method) {
			return true
		}
		ast.Inspect(row.Elts[5], func(n ast.Node) bool {
			if m, ok := n.(*ast.SelectorExpr); ok {
				out = append(out, m.Sel.Name)
			}
			return true
		})
		return false
	}
	for _, f := range s.funcs["table"] {
		ast.Inspect(f, find)
	}
	if len(out) == 0 {
		t.Fatalf("no handler of %s %s was found in the source", r.Method, r.Path)
	}
	return out
}

func literal(e ast.Expr) string {
	if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
		text, _ := strconv.Unquote(l.Value)
		return text
	}
	return ""
}

// reads are the names of the fields that a function reads from its form, by itself or by what it calls: rather one too many than one too few, because functions go by name only.
func (s *sources) reads(name string, seen map[string]bool, into map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	readers := []string{"text", "number", "day", "month", "wan", "wanIf", "on", "all", "file", "Get", "FormValue"}
	for _, f := range s.funcs[name] {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called := ""
			switch f := call.Fun.(type) {
			case *ast.Ident:
				called = f.Name
			case *ast.SelectorExpr:
				called = f.Sel.Name
			}
			if len(call.Args) > 0 && slices.Contains(readers, called) && literal(call.Args[0]) != "" {
				into[literal(call.Args[0])] = true
			}
			s.reads(called, seen, into)
			return true
		})
	}
}

// declared are the fields that the form of a route may hold.
func (s *sources) declared(t *testing.T, r web.Row) map[string]bool {
	t.Helper()
	out, seen := map[string]bool{}, map[string]bool{}
	for _, name := range s.handlers(t, r) {
		s.reads(name, seen, out)
	}
	return out
}

// columnsOf are the names of all columns of all tables.
func (a *arena) columnsOf() []string {
	if a.postgres != "" {
		return a.column("SELECT DISTINCT column_name::text FROM information_schema.columns WHERE table_schema = current_schema()")
	}
	return a.column("SELECT DISTINCT c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'")
}

// spellings are a column's name as it could stand in a form, in a field of Go, and in a command.
func spellings(column string) []string {
	pascal, goName := "", ""
	for _, word := range strings.Split(column, "_") {
		if word == "" {
			continue
		}
		title := strings.ToUpper(word[:1]) + word[1:]
		pascal += title
		if word == "id" {
			title = "ID"
		}
		goName += title
	}
	out := []string{column, strings.ToUpper(column), pascal, goName, strings.ToLower(pascal[:1]) + pascal[1:], "-" + column, column + "[]"}
	slices.Sort(out)
	return slices.Compact(out)
}

// tempting is a value that a column would take.
func tempting(column string) string {
	switch {
	case column == "role":
		return "administrator"
	case column == "state":
		return "closed"
	case column == "stage":
		return "completed"
	case column == "scope" || column == "scopes":
		return "district"
	case strings.HasSuffix(column, "_on") || strings.HasSuffix(column, "_from") || strings.HasSuffix(column, "_to"):
		return "2020-01-02"
	case strings.HasSuffix(column, "_at"):
		return "2020-01-02T03:04:05Z"
	}
	return "7"
}

// unasked are fields for every column that a form does not declare, in all spellings.
func unasked(columns []string, declared map[string]bool, sent url.Values, path string) url.Values {
	out := url.Values{}
	params := regexp.MustCompile(`:(\w+)`).FindAllStringSubmatch(path, -1)
	for _, column := range columns {
		for _, name := range spellings(column) {
			if declared[name] || sent.Has(name) || slices.ContainsFunc(params, func(p []string) bool { return p[1] == name }) {
				continue
			}
			out.Set(name, tempting(column))
		}
	}
	return out
}

// random are values that differ each time.
var random = regexp.MustCompile(`[0-9a-f]{16,}|[A-Za-z0-9+/_-]{20,}={0,2}`)

// rows are the rows of the tables that a request has changed, with what is random left out.
func (a *arena) rows(tables []string) (out []string) {
	a.t.Helper()
	for _, name := range tables {
		if name == "journal_hashes" || name == "journal_head" { // they follow from the journal
			continue
		}
		for _, line := range a.lines("SELECT * FROM " + name) {
			out = append(out, name+": "+random.ReplaceAllString(line, "X"))
		}
	}
	slices.Sort(out)
	return out
}

// posted sends a form to a fresh database and gives the tables that it has changed.
func (a *arena) posted(account, path, form string) (status int, rows []string) {
	a.t.Helper()
	a.restore()
	got := a.ask(account, http.MethodPost, path, form)
	return got.status, a.rows(a.changed())
}

// Check 37: a form sets what it declares and nothing else. Every form of the matrix is sent twice to the same database: as it is, and with every column of every table that it
// does not declare, with values that such a column would take, in the letters of the table, of a form, and of Go. Both must leave the same rows. The short form takes every
// other route.
func TestCheck37FormsSetNoOtherColumns(t *testing.T) { engines(t, setColumns) }

func setColumns(t *testing.T, postgres string, whole bool) {
	a := newArena(t, postgres, columns()[1:]...)
	src, all := parseSources(t), a.columnsOf()
	for _, want := range []string{"id", "role", "state", "version", "created_at", "owner_id", "project_id", "password_hash", "token_hash"} {
		if !slices.Contains(all, want) {
			t.Errorf("no table has a column %s", want)
		}
	}
	forms, extras, least := map[web.Row]int{}, 0, len(all)
	table := web.Table()
	for _, b := range readMatrix(t) {
		i, r := slices.Index(b.cells("own"), "+"), b.rowOf(t)
		if b.method != http.MethodPost || i < 1 || b.file != "" || !whole && (forms[r] > 0 || slices.Index(table, r)%2 > 0) {
			continue
		}
		forms[r]++
		path, form := b.at(a.words["own"])
		sent, err := url.ParseQuery(form)
		apptest.Must(t, err, "read the form of %s", path)
		more := unasked(all, src.declared(t, r), sent, r.Path)
		extras, least = extras+len(more), min(least, len(more))
		status, rows := a.posted(columns()[i], path, form)
		with, same := a.posted(columns()[i], path, strings.TrimPrefix(form+"&"+more.Encode(), "&"))
		if len(rows) == 0 {
			t.Errorf("POST %s: %d, and nothing has changed", path, status)
		}
		if status != with || !slices.Equal(rows, same) {
			t.Errorf("POST %s with the columns of all tables: %d instead of %d\n%s", path, with, status, apart(rows, same))
		}
	}
	t.Logf("%s: the forms of %d routes, with %d fields that they do not declare, %d at least", a.engine(), len(forms), extras, least)
	if len(forms) < 25 || least < 300 {
		t.Errorf("only %d routes got forms, and one only %d fields more", len(forms), least)
	}
	path := fill("/tickets/{ticket}/comments", a.words["own"])
	if _, x := a.posted("dir", path, "body=x"); true {
		if _, y := a.posted("dir", path, "body=y"); slices.Equal(x, y) || apart(x, y) == "" {
			t.Error("two comments leave the same rows: nothing would be seen")
		}
	}
}

// apart are the rows that are on one side only.
func apart(before, after []string) string {
	var out []string
	for _, line := range before {
		if !slices.Contains(after, line) {
			out = append(out, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			out = append(out, "+ "+line)
		}
	}
	return strings.Join(out, "\n")
}
