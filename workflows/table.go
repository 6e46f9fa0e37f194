package workflows

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// table is one mapping of a sheet with the fields that it may have.
type table struct {
	*sheet
	node  *yaml.Node
	what  phrase // how a message calls it, such as `move "accept"`
	cells map[string]*yaml.Node
}

// item is one text of a list and where it stands.
type item struct {
	text string
	at   *yaml.Node
}

// table reads a mapping, and reports fields that are unknown or written twice.
func (s *sheet) table(n *yaml.Node, what phrase, fields ...string) table {
	t := table{sheet: s, node: n, what: what, cells: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		s.fail(n, "%s must be written as fields: %s", what, strings.Join(fields, ", "))
		return t
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(fields, key.Value):
			s.fail(key, "%s has an unknown field %q%s", what, key.Value, choose(key.Value, fields))
		case t.cells[key.Value] != nil:
			s.fail(key, "%s has the field %q twice: keep one", what, key.Value)
		default:
			t.cells[key.Value] = value
		}
	}
	return t
}

// at returns the node of a field, or that of the whole table where the field is absent.
func (t table) at(field string) *yaml.Node {
	if n := t.cells[field]; n != nil {
		return n
	}
	return t.node
}

func (t table) has(field string) bool { return t.cells[field] != nil }

// empty says whether a field is absent, or holds nothing.
func (t table) empty(field string) bool {
	n := t.cells[field]
	return n == nil || len(n.Content) == 0 && n.Value == ""
}

// text returns a one-value field, "" when it is absent or left empty.
func (t table) text(field string) string {
	n := t.cells[field]
	if n == nil || n.Tag == "!!null" {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		t.fail(n, "%s: %q must be one text", t.what, field)
		return ""
	}
	return n.Value
}

// must returns a one-value field and reports it when it is absent or empty; right says what to write.
func (t table) must(field, right string, args ...any) string {
	if t.node.Kind != yaml.MappingNode {
		return "" // reported already
	}
	if !t.has(field) {
		t.fail(t.node, "%s has no %q: %s", t.what, field, say(right, args...))
		return ""
	}
	before := len(t.problems)
	text := strings.TrimSpace(t.text(field))
	if text == "" && len(t.problems) == before {
		t.fail(t.at(field), "%s has an empty %q: %s", t.what, field, say(right, args...))
	}
	return text
}

var (
	idPattern     = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	dottedPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`) // of rules: project.behind
)

// id returns a plain name; see name.
func (t table) id(field string, seen map[string]*yaml.Node) string {
	return t.name(field, seen, idPattern)
}

// called makes the messages name the entry, once its id is known.
func (t *table) called(kind, id string) {
	if id != "" {
		t.what = say("%s %q", say(kind), id)
	}
}

// name returns a name that must be well-formed and not taken; seen remembers where each was written.
func (t table) name(field string, seen map[string]*yaml.Node, pattern *regexp.Regexp) string {
	id := t.must(field, "write a short name in small letters, such as in_progress")
	if id == "" {
		return ""
	}
	if !pattern.MatchString(id) {
		t.fail(t.at(field), "%q is not a name for %q: write small letters, digits and _, beginning with a letter", id, field)
		return ""
	}
	if first := seen[id]; first != nil {
		t.fail(t.at(field), "duplicate %s %q, first written in line %d: give each its own name", field, id, first.Line)
		return ""
	}
	seen[id] = t.at(field)
	return id
}

// words reads a text in Chinese and English; one that is written without a language is Chinese.
func (t table) words(field string) Words {
	if t.node.Kind != yaml.MappingNode {
		return nil // reported already
	}
	if !t.has(field) {
		t.fail(t.node, "%s has no %q: add %s: {zh: ..., en: ...}", t.what, field, field)
		return nil
	}
	if n := t.at(field); n.Kind == yaml.ScalarNode && strings.TrimSpace(t.text(field)) != "" {
		return Words{"zh": strings.TrimSpace(n.Value)}
	}
	cells := t.sheet.table(t.at(field), say("%s: %s", t.what, field), "zh", "en")
	w := Words{}
	for _, lang := range []string{"zh", "en"} {
		if text := strings.TrimSpace(cells.text(lang)); text != "" {
			w[lang] = text
		} else if cells.node.Kind == yaml.MappingNode {
			t.fail(cells.node, "%s has no %s in %q: add %s.%s", t.what, field, lang, field, lang)
		}
	}
	return w
}

func (t table) flag(field string) bool {
	text := t.text(field)
	if text != "" && text != "true" && text != "false" {
		t.fail(t.at(field), "%s: %q is %q, must be true or false", t.what, field, text)
	}
	return text == "true"
}

// count reads a whole number from 1 up.
func (t table) count(field string) int {
	text := t.must(field, "write a whole number from 1 up")
	n, err := strconv.Atoi(text)
	if text != "" && (err != nil || n < 1) {
		t.fail(t.at(field), "%s: %q is %q, must be a whole number from 1 up", t.what, field, text)
	}
	return n
}

// term reads a length of time; hours have no place where days are counted.
func (t table) term(field string) *Term { return t.termOf(field, false) }

// termOf reads a length of time, which may be in hours where an instant is counted from.
func (t table) termOf(field string, hours bool) *Term {
	if !t.has(field) {
		return nil
	}
	term, err := ParseTerm(t.text(field))
	switch {
	case err != nil:
		t.fail(t.at(field), "%s: %v", t.what, asPhrase(err))
	case term.hourly() && !hours:
		t.fail(t.at(field), "%s: %q is in hours, but days are counted here: write workdays, days or months", t.what, t.text(field))
	default:
		return &term
	}
	return nil
}

// lengthOfTime reads a term that must be longer than nothing, such as a deadline.
func (t table) lengthOfTime(field string) *Term {
	term := t.term(field)
	if term != nil && term.N < 1 {
		t.fail(t.at(field), "%s: the term %q must be at least 1", t.what, t.text(field))
		return nil
	}
	return term
}

// instant reads a day, or a day and a time of day (the minute is 0 where none is written).
func (t table) instant(field string) (day, minute int) {
	text := t.text(field)
	if text == "" {
		return 0, 0
	}
	if minute, err := parseTime(text); err == nil {
		return dayOf(minute), minute
	}
	day, err := parseDay(text)
	if err != nil {
		t.fail(t.at(field), "%s: %v", t.what, asPhrase(err))
	}
	return day, 0
}

// items reads a list of texts; one text alone is a list of one.
func (t table) items(field string) []item {
	n := t.cells[field]
	if n == nil {
		return nil
	}
	nodes := n.Content
	if n.Kind == yaml.ScalarNode {
		nodes = []*yaml.Node{n}
	} else if n.Kind != yaml.SequenceNode {
		t.fail(n, "%s: %q must be a list such as [a, b]", t.what, field)
		return nil
	}
	var list []item
	for _, node := range nodes {
		switch {
		case node.Kind != yaml.ScalarNode || node.Tag == "!!null":
			t.fail(node, "%s: %q must list texts", t.what, field)
		case slices.ContainsFunc(list, func(i item) bool { return i.text == node.Value }):
			t.fail(node, "%s: %q lists %q twice: keep one", t.what, field, node.Value)
		default:
			list = append(list, item{node.Value, node})
		}
	}
	return list
}

// choices reads a list of which every text must be one of the known.
func (t table) choices(field, kind string, known []string) []string {
	var list []string
	for _, it := range t.items(field) {
		if slices.Contains(known, it.text) {
			list = append(list, it.text)
			continue
		}
		t.fail(it.at, "%s: unknown %s %q in %q%s", t.what, say(kind), it.text, field, choose(it.text, known))
	}
	return list
}

// choice reads one text that must be one of the known; an absent field is "".
func (t table) choice(field, kind string, known []string) string {
	text := t.text(field)
	if text == "" || slices.Contains(known, text) {
		return text
	}
	t.fail(t.at(field), "%s: unknown %s %q in %q%s", t.what, say(kind), text, field, choose(text, known))
	return ""
}

// rows reads a list of mappings.
func (t table) rows(field string) []*yaml.Node {
	n := t.cells[field]
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		t.fail(n, "%s: %q must be a list, each entry beginning with a dash", t.what, field)
		return nil
	}
	return n.Content
}

// choose says what would be right in place of an unknown name: the nearest names, or all of them.
func choose(name string, known []string) phrase {
	var near []string
	for _, k := range known {
		if d := distance(name, k); d <= 1+len(k)/3 || len(name) > 3 && strings.Contains(k, name) {
			near = append(near, k)
		}
	}
	if len(near) > 0 {
		return say(": did you mean %s?", strings.Join(near, " / "))
	}
	return say(": it may be %s", strings.Join(known, ", "))
}

// distance is the number of letters to insert, drop or exchange to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
