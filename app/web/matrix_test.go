package web_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
	"battlemap/app/web"
)

// block is one request of the matrix with what becomes of it, by place and person.
type block struct {
	line               int
	method, path       string
	ask, send          string // query and form, with words in braces
	file               string // a file that comes with the form: its name and its text
	shows              string // what an answer with the object holds
	rows               map[string]string
	places             []string // of the rows, in order
	answers            map[string]said
	observed, expected map[string][]string
}

// readMatrix reads testdata/matrix.txt.
func readMatrix(t *testing.T) []*block {
	t.Helper()
	text, err := os.ReadFile("testdata/matrix.txt")
	apptest.Must(t, err, "read the matrix")
	var out []*block
	for i, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		switch {
		case word == "" || strings.HasPrefix(word, "#"):
		case word == "GET" || word == "POST":
			out = append(out, &block{line: i + 1, method: word, path: rest, rows: map[string]string{}})
		case len(out) == 0:
			t.Fatalf("matrix line %d stands before any route", i+1)
		case word == "ask":
			out[len(out)-1].ask = rest
		case word == "send":
			out[len(out)-1].send = rest
		case word == "file":
			out[len(out)-1].file = rest
		case word == "shows":
			out[len(out)-1].shows = rest
		case slices.Contains(matrixPlaces(), word):
			b := out[len(out)-1]
			b.rows[word], b.places = rest, append(b.places, word)
		default:
			t.Fatalf("matrix line %d is not understood: %s", i+1, line)
		}
	}
	return out
}

// fill puts the words of a place into a text.
func fill(text string, words map[string]string) string {
	for strings.Contains(text, "{") {
		before, rest, _ := strings.Cut(text, "{")
		name, after, ok := strings.Cut(rest, "}")
		if _, known := words[name]; !ok || !known {
			return "UNKNOWN " + name
		}
		text = before + words[name] + after
	}
	return text
}

// at is the request at a place.
func (b *block) at(words map[string]string) (path, form string) {
	path = fill(b.path, words)
	if b.ask != "" {
		path += "?" + fill(b.ask, words)
	}
	return path, fill(b.send, words)
}

// route is the row of the table that a block is about.
func (b *block) route() (web.Row, bool) {
	for _, r := range web.Table() {
		if r.Method == b.method && fits(r.Path, b.path) {
			return r, true
		}
	}
	return web.Row{}, false
}

// rowOf is the row of the table that a block must be about.
func (b *block) rowOf(t *testing.T) web.Row {
	t.Helper()
	r, ok := b.route()
	if !ok {
		t.Fatalf("matrix line %d: %s %s is no route of the table", b.line, b.method, b.path)
	}
	return r
}

// fits tells whether the path of a block, with its words, is that of a route; a route without parameters goes first in the table of none that has one there.
func fits(route, path string) bool {
	have, want := strings.Split(route, "/"), strings.Split(path, "/")
	if strings.HasSuffix(route, "/*") && len(want) >= len(have) {
		have, want = have[:len(have)-1], want[:len(have)-1]
	}
	return slices.EqualFunc(have, want, func(r, p string) bool {
		return r == p || strings.HasPrefix(r, ":") && strings.Contains(p, "{")
	})
}

// outcome is one cell as it was seen.
func (a *arena) outcome(b *block, place, account string) (cell string, path string, got said, touched []string) {
	a.t.Helper()
	path, form := b.at(a.words[place])
	if strings.Contains(path+form, "UNKNOWN") {
		a.t.Fatalf("matrix line %d at %s: %s %s", b.line, place, path, form)
	}
	if b.file != "" {
		got = a.hand(account, path, form, b.file)
	} else {
		got = a.ask(account, b.method, path, form)
	}
	touched = a.changed()
	switch {
	case got.status == http.StatusSeeOther && strings.HasPrefix(got.location, "/login") && account == "nobody" && len(touched) == 0 && !strings.HasPrefix(path, "/setup") && !strings.HasPrefix(path, "/login"):
		return ">", path, got, touched
	case got.status == http.StatusNotFound:
		return "-", path, got, touched
	case got.status == http.StatusUnprocessableEntity || got.status == http.StatusConflict || got.status == http.StatusBadRequest || got.status == http.StatusTooManyRequests:
		return "!", path, got, touched
	case got.status >= 400:
		return fmt.Sprint(got.status), path, got, touched
	case b.shows != "" && !strings.Contains(got.body, fill(b.shows, a.words[place])):
		return "0", path, got, touched
	case b.shows == "" && b.method == http.MethodPost && len(touched) == 0:
		return "0", path, got, touched
	}
	return "+", path, got, touched
}

// cells are the expected cells of a row, one for each person.
func (b *block) cells(place string) []string {
	cells := strings.Fields(b.rows[place])
	if len(cells) != len(columns()) {
		return nil
	}
	return cells
}

// readings are the tables in which the look of an inspector, or what is taken away, leaves its record.
func readings() []string {
	return []string{"journal", "journal_head", "journal_hashes", "counters"}
}

// engines runs a check on SQLite in its short form, as make check does, or, when make matrix asks for it, whole on SQLite and on PostgreSQL.
func engines(t *testing.T, check func(t *testing.T, postgres string, whole bool)) {
	t.Helper()
	whole := os.Getenv("BATTLEMAP_TEST_MATRIX") != ""
	t.Run("sqlite", func(t *testing.T) { check(t, "", whole) })
	if !whole {
		return
	}
	t.Run("postgres", func(t *testing.T) {
		postgres := os.Getenv("BATTLEMAP_TEST_POSTGRES")
		if postgres == "" {
			t.Fatal("the whole form is tried on both engines, and no PostgreSQL server is given in BATTLEMAP_TEST_POSTGRES; make matrix starts one")
		}
		check(t, postgres, true)
	})
}

// Check 35: every route, role and object. The short form tries each person once on each route, the next person at the next place (sample).
func TestCheck35Matrix(t *testing.T) { engines(t, tryMatrix) }

// trial is one try of the matrix.
type trial struct {
	*arena
	whole  bool
	picked map[cell]bool // by the short form
	dirty  bool
	tried  map[string]int // cells, by what they hold
}

func tryMatrix(t *testing.T, postgres string, whole bool) {
	blocks := readMatrix(t)
	wellFormed(t, blocks)
	everyRoute(t, blocks)
	x := &trial{arena: newArena(t, postgres, columns()[1:]...), whole: whole, picked: sample(t, blocks), tried: map[string]int{}}
	for at, b := range blocks {
		b.answers, b.observed = map[string]said{}, map[string][]string{}
		for i := len(b.places) - 1; i >= 0; i-- { // what is not there first: it is what the denied ones must look like
			x.row(b, at, i, false)
		}
	}
	for at, b := range blocks {
		for i := range b.places {
			x.row(b, at, i, true)
		}
	}
	cells := 0
	for _, b := range blocks {
		x.report(b)
	}
	for _, n := range x.tried {
		cells += n
	}
	t.Logf("%s: %d cells of %d blocks tried, by what they gave %v; the database put back %d times", x.engine(), cells, len(blocks), x.tried, x.restored)
	if cells < 1900 || x.tried["+"] < 400 || x.tried["-"] < 800 {
		t.Errorf("too few cells were tried to mean much: %d, %v", cells, x.tried)
	}
	x.bites(t)
}

// wellFormed fails when a row does not have a known cell for every person.
func wellFormed(t *testing.T, blocks []*block) {
	t.Helper()
	for _, b := range blocks {
		b.rowOf(t)
		for _, place := range b.places {
			cells := b.cells(place)
			if cells == nil || slices.ContainsFunc(cells, func(c string) bool { return !strings.Contains("+0-!>", c) }) {
				t.Fatalf("matrix line %d: the row %s of %s %s does not say what each of %d persons gets: %s", b.line, place, b.method, b.path, len(columns()), b.rows[place])
			}
		}
	}
}

// cell is one cell of the matrix: a block, one of its places, and a person, by their numbers.
type cell struct{ block, place, person int }

// sample are the cells of the short form: each person has one place of one block of each route, the next person the next one. A denial there takes the missing object along,
// because they must look the same.
func sample(t *testing.T, blocks []*block) map[cell]bool {
	t.Helper()
	places := map[web.Row][]cell{}
	for i, b := range blocks {
		for j := range b.places {
			places[b.rowOf(t)] = append(places[b.rowOf(t)], cell{block: i, place: j})
		}
	}
	out := map[cell]bool{}
	for n, r := range web.Table() {
		for person := range columns() {
			if len(places[r]) == 0 {
				continue
			}
			at := places[r][(n+person)%len(places[r])]
			at.person = person
			out[at] = true
			b := blocks[at.block]
			if missing := slices.Index(b.places, "none"); missing >= 0 && b.cells(b.places[at.place])[person] == "-" {
				out[cell{at.block, missing, person}] = true
			}
		}
	}
	return out
}

// row tries the cells of a row that are expected to change nothing, or the others.
func (x *trial) row(b *block, at, in int, changing bool) {
	x.t.Helper()
	place := b.places[in]
	cells := b.cells(place)
	if b.observed[place] == nil {
		b.observed[place] = slices.Clone(cells) // what is not tried stays as the file says
	}
	for i, account := range columns() {
		if changing != (b.method == http.MethodPost && cells[i] == "+") || !x.whole && !x.picked[cell{at, in, i}] {
			continue
		}
		if x.dirty && !changing {
			x.restore()
			x.dirty = false
		}
		seen, path, got, touched := x.outcome(b, place, account)
		if x.dirty && seen != "+" { // what another cell has changed may be in the way
			x.restore()
			x.dirty = false
			seen, path, got, touched = x.outcome(b, place, account)
		}
		x.dirty = x.dirty || len(touched) > 0
		x.tried[seen]++
		b.observed[place][i] = seen
		x.judge(b, place, account, seen, path, got, touched)
	}
}

// judge holds an answer against what must be true of every cell.
func (x *trial) judge(b *block, place, account, cell, path string, got said, touched []string) {
	x.t.Helper()
	name := fmt.Sprintf("matrix line %d: %s %s as %s at %s", b.line, b.method, path, account, place)
	if b.path == "/login" || b.path == "/me/password" { // a wrong password is counted, at the door on record too
		touched = nil
	}
	if b.method == http.MethodGet {
		touched = slices.DeleteFunc(touched, func(table string) bool {
			return (account == "insp" || strings.HasSuffix(b.path, "csv")) && slices.Contains(readings(), table)
		})
	}
	if cell != "+" && len(touched) > 0 || b.method == http.MethodGet && len(touched) > 0 {
		x.t.Errorf("%s: %d, and tables changed: %v", name, got.status, touched)
	}
	if cell != "-" {
		return
	}
	if place == "none" {
		b.answers[account] = said{status: got.status, head: got.head, body: got.without(path)}
		return
	}
	if missing, ok := b.answers[account]; ok && got.without(path) != missing.body {
		x.t.Errorf("%s: the answer differs from that for what does not exist:\n%s\n----\n%s", name, got.without(path), missing.body)
	}
}

// report compares the cells of a block, and prints the rows as they were seen where they differ, to be read and not only pasted.
func (x *trial) report(b *block) {
	x.t.Helper()
	for _, place := range b.places {
		if got := strings.Join(b.observed[place], " "); got != strings.Join(b.cells(place), " ") {
			x.t.Errorf("matrix line %d: %s %s is\n  %-6s %s\nand the file says\n  %-6s %s", b.line, b.method, b.path, place, got, place, b.rows[place])
		}
	}
}

// everyRoute fails when a route of the table has no block, or one with an object in its path has no row for each place that the object has.
func everyRoute(t *testing.T, blocks []*block) {
	t.Helper()
	for _, r := range web.Table() {
		i := slices.IndexFunc(blocks, func(b *block) bool { have, ok := b.route(); return ok && have == r })
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodPost:
		case i < 0:
			t.Errorf("the matrix has no block for %s %s", r.Method, r.Path)
		case strings.Contains(r.Path, ":") && !slices.Contains(blocks[i].places, "none"):
			t.Errorf("the matrix has no row for a missing %s of %s %s", r.Thing, r.Method, r.Path)
		}
	}
}
