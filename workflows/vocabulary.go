package workflows

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Measure is one thing that can be known about a thing of one of the Scopes, and that a rule may ask for.
type Measure struct {
	Name    string
	Type    string // "day" "time" "percent" "int" "bool" "text" "amount" (万元)
	Title   Words
	Values  []string // the only texts it takes; empty for any
	Formula string   // how it follows from other measures when Facts lack it; empty for none

	known   bool // the program knows it by itself
	entered bool // people enter it: an input of the rule set
}

// Facts are the values of measures by name: day (days from 1970-01-01), time (minutes from then, in the district) and int as int, percent and amount as float64,
// bool as bool, text as string; a date that is not known is 0.
type Facts map[string]any

// Measures returns the vocabulary of one of the Scopes, and nothing for any other.
func Measures(scope string) []Measure {
	voc, err := readVocabulary()
	if err != nil || voc.scopes[scope] == nil {
		return nil
	}
	return slices.Clone(voc.scopes[scope].measures)
}

// Judging returns the measures that every rule may ask besides those of its scope; Asking those of every request.
func Judging() []Measure {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	return slices.Clone(voc.judging)
}

// Asking returns the measures that every request may ask besides those of its scope.
func Asking() []Measure {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	return slices.Clone(voc.asking)
}

// Recipients returns who can be told of a light or hold an interview.
func Recipients() []Named {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	return slices.Clone(voc.recipients)
}

// Upward returns who answers where nobody is held to be a recipient, the next one first. Where nobody stands above it, that is the one that it stands above.
func Upward(recipient string) []string {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	var up []string
	for next := voc.above[recipient]; next != "" && !slices.Contains(up, next); next = voc.above[next] {
		up = append(up, next)
	}
	if len(up) == 0 {
		for _, below := range voc.recipients {
			if voc.above[below.ID] == recipient {
				return []string{below.ID}
			}
		}
	}
	return up
}

// Posts returns the recipients that a person is by a grant of their own and that have no part in any workflow, such as the discipline inspection.
func Posts() []Role {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	return slices.Clone(voc.posts)
}

// Papers returns the papers that a step of a rule can send.
func Papers() []Named {
	voc, err := readVocabulary()
	if err != nil {
		return nil
	}
	return slices.Clone(voc.papers)
}

type vocabulary struct {
	scopes     map[string]*scope
	judging    []Measure // what conditions of rules may ask besides
	asking     []Measure // what conditions of requests may ask besides
	recipients []Named
	above      map[string]string // of a recipient: who answers where it is vacant
	posts      []Role
	papers     []Named
}

// scope is what can be said about one kind of thing.
type scope struct {
	name     string
	measures []Measure
	formulas map[string]*condition
}

func (s *scope) measure(name string) (Measure, bool) {
	i := slices.IndexFunc(s.measures, func(m Measure) bool { return m.Name == name })
	if i < 0 {
		return Measure{}, false
	}
	return s.measures[i], true
}

// with returns the scope with more measures; those that it has already stay as they are.
func (s *scope) with(more []Measure) *scope {
	out := &scope{name: s.name, measures: slices.Clone(s.measures), formulas: s.formulas}
	for _, m := range more {
		if _, ok := out.measure(m.Name); !ok {
			out.measures = append(out.measures, m)
		}
	}
	return out
}

// Scopes returns the kinds of things that rules can be about.
func Scopes() []string {
	return []string{"project", "milestone", "ticket", "receiving_unit", "task_force", "unit", "district"}
}

func (v *vocabulary) scopeNames() []string {
	return slices.DeleteFunc(Scopes(), func(name string) bool { return v.scopes[name] == nil })
}

// names returns the measures of one type, or all of them for "".
func (s *scope) names(kind string) []string {
	var list []string
	for _, m := range s.measures {
		if kind == "" || m.Type == kind {
			list = append(list, m.Name)
		}
	}
	return list
}

// values takes the named measures out of the facts, checked, rounded, and computed where they follow from others.
func (s *scope) values(f Facts, names []string) (map[string]any, error) {
	env := make(map[string]any, len(names))
	for _, name := range names {
		value, err := s.value(f, name)
		if err != nil {
			return nil, err
		}
		env[name] = value
	}
	return env, nil
}

func (s *scope) value(f Facts, name string) (any, error) {
	m, ok := s.measure(name)
	if !ok {
		return nil, fmt.Errorf("there is no measure %q of a %s", name, s.name)
	}
	given, ok := f[name]
	if !ok && m.Formula == "" {
		return nil, fmt.Errorf("the facts of the %s lack %q", s.name, name)
	}
	if !ok {
		formula := s.formulas[name]
		env, err := s.values(f, formula.uses)
		if err != nil {
			return nil, fmt.Errorf("compute %q: %w", name, err)
		}
		if given, err = formula.run(env); err != nil {
			return nil, fmt.Errorf("compute %q: %w", name, err)
		}
	}
	return m.normal(given)
}

// normal checks the Go type of a value and rounds it to what its measure keeps, so that comparisons are exact.
func (m Measure) normal(given any) (any, error) {
	switch value := given.(type) {
	case int:
		if m.Type == "int" || m.Type == "day" || m.Type == "time" {
			return value, nil
		}
	case bool:
		if m.Type == "bool" {
			return value, nil
		}
	case string:
		if m.Type == "text" {
			return value, nil
		}
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("the fact %q is not a number", m.Name)
		}
		if m.Type == "percent" {
			return round(value, 100), nil
		}
		if m.Type == "amount" {
			return round(value, 1e6), nil
		}
	}
	return nil, fmt.Errorf("the fact %q is a %T, which is not what a measure of the type %s holds", m.Name, given, m.Type)
}

// round keeps a value to the given number of parts of one. The quotient of two whole numbers is the same double as
// the decimal that a rule writes, so 50.1 - 40.1 is exactly 10 afterwards.
func round(value, parts float64) float64 {
	if r := math.Round(value*parts) / parts; !math.IsInf(r, 0) {
		return r
	}
	return value
}

// readVocabulary is the vocabulary that is built into the program: read once, since pages ask for it with every word. What it hands out is never changed.
var readVocabulary = sync.OnceValues(func() (*vocabulary, error) { return readVocabularyFrom(vocabularyFile, "vocabulary.yaml") })

func readVocabularyFrom(fsys fs.FS, name string) (*vocabulary, error) {
	s, root, err := openSheet(fsys, name, true)
	if err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	voc := &vocabulary{scopes: map[string]*scope{}}
	if root != nil {
		top := s.table(root, say("the vocabulary"), "scopes", "judging", "asking", "recipients", "papers")
		voc.readRecipients(top)
		voc.papers = readNamed(top, "papers")
		scopes := s.table(top.at("scopes"), say("scopes"), Scopes()...)
		for name := range scopes.cells {
			voc.scopes[name] = readScope(scopes, name)
		}
		voc.judging = readScope(top, "judging").measures
		voc.asking = readScope(top, "asking").measures
		for _, list := range [][]Measure{voc.judging, voc.asking} {
			for i := range list {
				list[i].known = true
			}
		}
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, fmt.Errorf("read the vocabulary: %w", err)
	}
	return voc, nil
}

func (v *vocabulary) readRecipients(top table) {
	seen := map[string]*yaml.Node{}
	var rows []table
	for _, row := range top.rows("recipients") {
		t := top.table(row, say("an entry of %s", "recipients"), "id", "title", "above", "post")
		v.recipients = append(v.recipients, Named{ID: t.id("id", seen), Title: t.words("title")})
		rows = append(rows, t)
	}
	v.above = map[string]string{}
	for i, t := range rows {
		id := v.recipients[i].ID
		if t.has("above") {
			v.above[id] = t.choice("above", "recipient", ids(v.recipients))
		}
		if t.flag("post") {
			v.posts = append(v.posts, Role(id))
		}
	}
}

func readNamed(top table, field string) []Named {
	seen := map[string]*yaml.Node{}
	var list []Named
	for _, row := range top.rows(field) {
		t := top.table(row, say("an entry of %s", field), "id", "title")
		list = append(list, Named{ID: t.id("id", seen), Title: t.words("title")})
	}
	return list
}

func readScope(scopes table, name string) *scope {
	sc := &scope{name: name, formulas: map[string]*condition{}}
	seen := map[string]*yaml.Node{}
	formulas := map[string]*yaml.Node{}
	for _, row := range scopes.rows(name) {
		t := scopes.table(row, say("a measure of a %s", name), "name", "type", "title", "values", "formula")
		m := Measure{Name: t.id("name", seen), Title: t.words("title"), Formula: t.text("formula")}
		t.must("type", "say what it holds")
		m.Type = t.choice("type", "type", []string{"day", "time", "int", "percent", "amount", "bool", "text"})
		for _, it := range t.items("values") {
			m.Values = append(m.Values, it.text)
		}
		if m.Formula != "" {
			formulas[m.Name] = t.at("formula")
		}
		sc.measures = append(sc.measures, m)
	}
	for measure, at := range formulas {
		cond, fault := compileFormula(at.Value, sc)
		if fault != nil {
			line, column := scopes.locate(at, fault.offset)
			scopes.failAt(line, column, "measure %q: %s", measure, fault.text)
		}
		if cond != nil && slices.ContainsFunc(cond.uses, func(used string) bool { return formulas[used] != nil }) {
			scopes.fail(at, "measure %q: a formula may only use measures that are handed in", measure)
		}
		sc.formulas[measure] = cond
	}
	return sc
}

func ids(list []Named) []string {
	var names []string
	for _, n := range list {
		names = append(names, n.ID)
	}
	return names
}
