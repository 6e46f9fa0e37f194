package workflows

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// LoadMachines reads and checks every YAML file below dir, and returns the machines by ID. The error joins everything
// that is wrong, one *Problem each, as "file:line: what is wrong and what would be right".
func LoadMachines(fsys fs.FS, dir string) (map[string]*Machine, error) {
	return loadAll(fsys, dir, false, readMachine, func(m *Machine) string { return m.ID }, func(s *sheet, at *yaml.Node, id, first string) {
		s.fail(at, "duplicate machine %q, also in %s: give each its own name", id, first)
	})
}

// machineReader fills one machine and remembers where everything was written.
type machineReader struct {
	*sheet
	m      *Machine
	scope  *scope
	dates  map[string]*yaml.Node
	states map[string]*yaml.Node
	moves  map[string]*yaml.Node
	broken bool // a state name does not fit, so the graph cannot be judged
}

func readMachine(s *sheet, root *yaml.Node, voc *vocabulary) *Machine {
	r := &machineReader{
		sheet: s, m: &Machine{Text: s.text},
		dates: map[string]*yaml.Node{}, states: map[string]*yaml.Node{}, moves: map[string]*yaml.Node{},
	}
	m := r.m
	top := s.table(root, say("the machine"), "machine", "version", "title", "source", "scope", "units", "initial", "begin", "dates", "states", "moves")
	if root.Kind != yaml.MappingNode {
		return m
	}
	m.ID = top.id("machine", map[string]*yaml.Node{})
	m.Version = top.count("version")
	m.Title = top.words("title")
	m.Source = strings.TrimSpace(top.text("source"))
	m.Scope = top.choice("scope", "scope", []string{"project", "milestone", "ticket"})
	r.scope = voc.scopes[m.Scope]
	m.Units = top.flag("units")
	for _, row := range top.rows("dates") {
		t := s.table(row, say("a date"), "id", "title")
		m.Dates = append(m.Dates, Named{ID: t.id("id", r.dates), Title: t.words("title")})
	}
	for _, row := range top.rows("states") {
		r.state(row)
	}
	if len(m.States) == 0 {
		s.fail(root, "the machine has no states: list them under states")
	}
	m.Initial = top.must("initial", "name the state in which a new one begins")
	r.known(m.Initial, top.at("initial"), "initial")
	for _, it := range top.items("begin") {
		r.known(it.text, it.at, "begin")
		m.Begin = append(m.Begin, it.text)
	}
	if len(m.Begin) == 0 {
		m.Begin = []string{m.Initial}
	}
	for _, row := range top.rows("moves") {
		r.move(row)
	}
	if !r.broken {
		r.checkGraph(top)
	}
	return m
}

func (r *machineReader) state(row *yaml.Node) {
	t := r.table(row, say("a state"), "id", "kind", "title", "limit_days")
	st := State{ID: t.id("id", r.states)}
	t.called("state", st.ID)
	if st.ID == Same || st.ID == Before {
		t.fail(t.at("id"), "%q is a word of the language: call the state otherwise", st.ID)
	}
	t.must("kind", "write draft, open, paused, done or ended")
	st.Kind = t.choice("kind", "kind", []string{KindDraft, KindOpen, KindPaused, KindDone, KindEnded})
	st.Title = t.words("title")
	if t.has("limit_days") {
		st.LimitDays = t.count("limit_days")
	}
	if st.ID == "" || st.Kind == "" {
		r.broken = true
	}
	r.m.States = append(r.m.States, st)
}

// known reports a state name that does not exist.
func (r *machineReader) known(state string, at *yaml.Node, where string) {
	if r.states[state] != nil {
		return
	}
	r.broken = true
	if state != "" {
		r.fail(at, "unknown state %q in %q%s", state, where, choose(state, r.stateNames()))
	}
}

func (r *machineReader) stateNames() []string {
	var names []string
	for _, st := range r.m.States {
		names = append(names, st.ID)
	}
	return names
}

func (r *machineReader) move(row *yaml.Node) {
	t := r.table(row, say("a move"), "id", "title", "from", "to", "by", "verified_by", "needs", "within", "recuse", "each_unit", "usual", "grave", "tell", "undo")
	if row.Kind != yaml.MappingNode {
		r.broken = true
		return
	}
	v := Move{ID: t.id("id", r.moves)}
	t.called("move", v.ID)
	v.Title = t.words("title")
	for _, it := range t.items("from") {
		r.known(it.text, it.at, "from")
		v.From = append(v.From, it.text)
	}
	if len(v.From) == 0 {
		r.broken = true
		t.fail(t.at("from"), "%s has no \"from\": list the states it starts in", t.what)
	}
	v.To = t.must("to", "name the state it leads to, or same")
	if v.To != Same && v.To != Before {
		r.known(v.To, t.at("to"), "to")
	}
	if v.To == Before && slices.ContainsFunc(v.From, r.notPaused) {
		r.broken = true
		t.fail(t.at("to"), "%s leads to the state \"before\", but starts in a state that is not paused: name the state it leads to", t.what)
	}
	v.By = rolesOf(t, "by")
	if t.empty("by") {
		t.fail(t.at("by"), "%s has no \"by\": list the roles that may make it", t.what)
	}
	v.VerifiedBy = rolesOf(t, "verified_by")
	v.Recuse = t.choices("recuse", "recusal", []string{"lead_unit", "receiving_unit", "task_force"})
	v.EachUnit, v.Usual, v.Grave = t.flag("each_unit"), t.flag("usual"), t.flag("grave")
	if !r.m.Units && v.EachUnit {
		t.fail(t.at("each_unit"), "%s has each_unit, but the machine has no receiving units: set units: true, or remove it", t.what)
	}
	if !r.m.Units && slices.Contains(v.Recuse, "receiving_unit") {
		t.fail(t.at("recuse"), "%s recuses the receiving_unit, but the machine has no receiving units: set units: true, or remove it", t.what)
	}
	v.Tell = t.choices("tell", "role", roleNames())
	v.Needs = r.needs(t)
	v.Within = r.window(t)
	v.Undo = undoOf(t, &v)
	r.m.Moves = append(r.m.Moves, v)
}

// maxUndo is the longest time in which a move can be taken back; after that it is a matter for a move of its own.
const maxUndo = 10 * time.Minute

var undoPattern = regexp.MustCompile(`^[1-9][0-9]{0,2}s$`)

// undoOf reads how long a move may be taken back. What somebody else verifies, and what is grave, is decided and not taken back.
func undoOf(t table, v *Move) time.Duration {
	text := t.text("undo")
	if text == "" {
		return 0
	}
	long, err := time.ParseDuration(text)
	switch {
	case err != nil || !undoPattern.MatchString(text) || long > maxUndo:
		t.fail(t.at("undo"), `%s: undo %q is no number of seconds up to 600: write for example "60s"`, t.what, text)
	case len(v.VerifiedBy) > 0 || v.Grave:
		t.fail(t.at("undo"), "%s is verified or grave, so it can't be taken back: remove undo", t.what)
	case v.To == Before:
		t.fail(t.at("undo"), `%s leads to the state "before", so it can't be taken back: remove undo`, t.what)
	}
	return long
}

func (r *machineReader) notPaused(state string) bool {
	st, ok := r.m.State(state)
	return ok && st.Kind != KindPaused
}

func roleNames() []string {
	var names []string
	for _, role := range Roles() {
		names = append(names, string(role))
	}
	return names
}

func rolesOf(t table, field string) []Role {
	var list []Role
	for _, name := range t.choices(field, "role", roleNames()) {
		list = append(list, Role(name))
	}
	return list
}

func (r *machineReader) window(move table) *Window {
	if !move.has("within") {
		return nil
	}
	t := r.table(move.at("within"), say("%s: within", move.what), "of", "term")
	var known []string
	for _, d := range r.m.Dates {
		known = append(known, d.ID)
	}
	t.must("of", "name the date it counts from")
	t.must("term", `write how long, such as "5 workdays"`)
	of := t.text("of")
	switch {
	case of != "" && len(known) == 0:
		t.fail(t.at("of"), "%s: unknown date %q: list the dates of the machine under dates", t.what, of)
	case of != "" && !slices.Contains(known, of):
		t.fail(t.at("of"), "%s: unknown date %q%s", t.what, of, choose(of, known))
	}
	if t.text("term") == "" {
		return nil
	}
	term := t.lengthOfTime("term")
	if term == nil {
		return nil
	}
	return &Window{Of: of, Term: *term}
}

func (r *machineReader) needs(move table) []Need {
	var list []Need
	seen := map[string]*yaml.Node{}
	for _, row := range move.rows("needs") {
		t := r.table(row, say("%s: a need", move.what), "field", "type", "title", "optional", "options", "if")
		n := Need{Field: t.id("field", seen), Title: t.words("title"), Optional: t.flag("optional"), If: t.text("if")}
		t.must("type", "say what is asked for")
		n.Type = t.choice("type", "type", []string{"text", "date", "amount", "choice", "unit", "user"})
		options := map[string]*yaml.Node{}
		for _, row := range t.rows("options") {
			o := r.table(row, say("%s: an option", move.what), "id", "title")
			n.Options = append(n.Options, Named{ID: o.id("id", options), Title: o.words("title")})
		}
		if n.Type == "choice" && len(n.Options) < 2 {
			t.fail(t.node, "%s: the choice %q needs at least two options", move.what, n.Field)
		}
		if n.Type != "choice" && len(n.Options) > 0 {
			t.fail(t.at("options"), "%s: %q has options but is not a choice: set type: choice, or remove them", move.what, n.Field)
		}
		if t.has("if") {
			r.needCondition(&n, t, move.what)
		}
		list = append(list, n)
	}
	return list
}

func (r *machineReader) needCondition(n *Need, t table, move phrase) {
	if r.scope == nil {
		t.fail(t.at("if"), "%s: \"if\" asks for measures, but the machine names no scope: set scope: ticket, project or milestone", move)
		return
	}
	cond, fault := compileCondition(n.If, r.scope)
	if fault != nil {
		line, _ := r.locate(t.at("if"), fault.offset)
		t.failAt(line, 0, "%s: %s", move, fault.text)
		return
	}
	n.asked, n.scope = cond, r.scope
}
