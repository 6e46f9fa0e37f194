package workflows

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// requestReader fills one request.
type requestReader struct {
	*sheet
	req Request
}

func readRequests(top table, set *Ruleset, voc *vocabulary) {
	for _, row := range top.rows("requests") {
		r := &requestReader{sheet: top.sheet, req: Request{ruleset: set.ID, version: set.Version}}
		r.read(row, voc)
		set.Requests = append(set.Requests, r.req)
	}
}

func (r *requestReader) read(row *yaml.Node, voc *vocabulary) {
	t := r.table(row, say("a request"), "id", "scope", "title", "source", "when", "from", "until", "times", "longest", "needs", "by", "decide", "cases")
	req := &r.req
	req.ID = t.name("id", map[string]*yaml.Node{}, idPattern)
	t.called("request", req.ID)
	req.Title = t.words("title")
	req.Source = t.must("source", "name the document it comes from, or say that it is a default of this product")
	t.must("scope", "say what it is about, such as ticket")
	req.Scope = t.choice("scope", "scope", voc.scopeNames())
	sc := voc.scopes[req.Scope]
	if sc == nil {
		return // nothing below can be read without knowing which measures there are
	}
	req.scope = sc.with(voc.asking)
	req.When = t.text("when")
	req.when = t.condition("when", req.scope)
	req.From, req.Until = r.edge(t, "from"), r.edge(t, "until")
	if t.has("times") {
		req.Times = t.count("times")
	}
	req.Longest = t.clauses("longest", req.scope, false, nil)
	req.Needs = r.wanted(t, "needs", "field")
	req.By = rolesOf(t, "by")
	req.Chain = r.wanted(t, "decide", "role")
	for _, who := range req.Chain {
		if !slices.Contains(roleNames(), who.Name) {
			t.fail(t.at("decide"), "%s: unknown %s %q in %q%s", t.what, say("role"), who.Name, "decide", choose(who.Name, roleNames()))
		}
	}
	r.cases(t)
}

// edge reads {of: due_on, term: -1 workday}.
func (r *requestReader) edge(req table, field string) *Window {
	if !req.has(field) {
		return nil
	}
	t := r.table(req.at(field), say("%s: %s", req.what, field), "of", "term")
	of := t.must("of", "name the date it counts from")
	t.must("term", `write how long, such as "5 workdays", or "-1 workday" for a day before it`)
	known := slices.Concat(r.req.scope.names("day"), r.req.scope.names("time"))
	if of != "" && !slices.Contains(known, of) {
		t.fail(t.at("of"), "%s: %q is not a day of a %s%s", t.what, of, r.req.Scope, choose(of, known))
		return nil
	}
	m, _ := r.req.scope.measure(of)
	term := t.termOf("term", m.Type == "time")
	if of == "" || term == nil {
		return nil
	}
	return &Window{Of: of, Term: *term}
}

// wanted reads a list of names, each alone or as {field: decision, if: final}.
func (r *requestReader) wanted(req table, field, key string) []Wanted {
	var list []Wanted
	n := req.cells[field]
	if n == nil {
		return nil
	}
	rows := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		rows = n.Content
	}
	for _, row := range rows {
		if row.Kind == yaml.ScalarNode && strings.TrimSpace(row.Value) != "" {
			list = append(list, Wanted{Name: row.Value})
			continue
		}
		t := r.table(row, say("%s: an entry of %s", req.what, field), key, "if")
		w := Wanted{Name: t.must(key, "write its name"), If: t.text("if"), cond: t.condition("if", r.req.scope)}
		list = append(list, w)
	}
	return list
}

// condition compiles a field where it is written; nil where it is not, or is wrong and reported.
func (t table) condition(field string, sc *scope) *condition {
	n := t.cells[field]
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil
	}
	cond, fault := compileCondition(t.text(field), sc)
	if fault != nil {
		line, column := t.locate(n, fault.offset)
		t.failAt(line, column, "%s: %s: %s", t.what, field, fault.text)
		return nil
	}
	return cond
}

// clauses reads a term, or a list of terms with conditions of which the first that holds applies; a deadline may also be a day that is known, one of until.
func (t table) clauses(field string, sc *scope, hours bool, until []string) []Clause {
	n := t.cells[field]
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		if term := t.positive(field, hours); term != nil {
			return []Clause{{Term: *term}}
		}
		return nil
	}
	var list []Clause
	rows := t.rows(field)
	for i, row := range rows {
		one := t.table(row, say("%s: an entry of %s", t.what, field), "if", "term", "until")
		if one.has("until") {
			one.until(until)
		} else {
			one.must("term", `write how long, such as "5 workdays"`)
		}
		c := Clause{If: one.text("if"), cond: one.condition("if", sc)}
		if c.If == "" && i < len(rows)-1 {
			one.fail(row, "%s: only the last entry may do without \"if\", because the first that holds applies: add if, or put it last", one.what)
		}
		if term := one.positive("term", hours); term != nil {
			c.Term = *term
			list = append(list, c)
		} else if slices.Contains(until, one.text("until")) {
			c.Until = one.text("until")
			list = append(list, c)
		}
	}
	return list
}

// until checks an entry whose deadline is a day that is known.
func (t table) until(days []string) {
	switch {
	case len(days) == 0:
		t.fail(t.at("until"), "%s: until has no place here: write term", t.what)
	case t.has("term"):
		t.fail(t.at("until"), "%s has term and until: keep term for a deadline that is counted, or until for one that is known", t.what)
	case !slices.Contains(days, t.text("until")):
		t.fail(t.at("until"), "%s: until: %q is not a day that is known%s", t.what, t.text("until"), choose(t.text("until"), days))
	}
}

// positive reads a term of at least one unit.
func (t table) positive(field string, hours bool) *Term {
	term := t.termOf(field, hours)
	if term != nil && term.N < 1 {
		t.fail(t.at(field), "%s: the term %q must be at least 1", t.what, t.text(field))
		return nil
	}
	return term
}
