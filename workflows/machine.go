package workflows

import (
	"fmt"
	"slices"
	"time"
)

// Machine is one state machine: the states that a kind of thing can be in, and the moves between them.
type Machine struct {
	ID      string
	Version int
	Title   Words
	Source  string
	Scope   string // vocabulary of the conditions on needs: "project", "milestone", "ticket" or "" for none
	Units   bool   // the thing has one row per receiving unit
	Initial string
	Begin   []string // states in which a new thing may be entered; only Initial when the file names none
	Dates   []Named  // the dates that a window may count from
	States  []State
	Moves   []Move
	Text    string // the file as it was read, with the line ends of Unix
}

// The kinds of states.
const (
	KindDraft  = "draft"  // not in force yet
	KindOpen   = "open"   // in force, and the clock runs
	KindPaused = "paused" // in force, and the clock stands
	KindDone   = "done"   // finished
	KindEnded  = "ended"  // given up
)

// State is one state of a machine; Kind is one of the Kind constants.
type State struct {
	ID        string
	Title     Words
	Kind      string
	LimitDays int // calendar days that a thing is expected to stay in it at most; 0 for no limit
}

// Targets of a move that are not states.
const (
	Same   = "same"   // the move leaves the state as it is; Open and Next already answer with that state
	Before = "before" // the move leads back to the state before the pause, which the caller keeps; see Move.Target
)

// Need is something that must be given with a move; Type is "text", "date", "amount", "choice", "unit" or "user".
type Need struct {
	Field    string
	Type     string
	Title    Words
	Optional bool
	Options  []Named // what a choice chooses from
	If       string  // the need is asked for only where this condition holds; "" for always

	asked *condition
	scope *scope
}

// Asked says whether the need applies to a thing with these facts; only the measures that If names must be among them.
func (n Need) Asked(f Facts) (bool, error) {
	if n.asked == nil {
		return true, nil
	}
	env, err := n.scope.values(f, n.asked.uses)
	if err != nil {
		return false, fmt.Errorf("ask whether %q is needed: %w", n.Field, err)
	}
	return n.asked.holds(env)
}

// Window says that a move must be made within Term of the date called Of (a date of the machine).
type Window struct {
	Of   string
	Term Term
}

// Last returns the last day on which the move is in time, for the day of the date Of; shift is the calendar's
// counting of deadlines (the start is not counted, a last day on a rest day moves on: 民法典 201 and 203).
func (w Window) Last(day int, shift Shift) (int, error) {
	last, err := shift(day, w.Term)
	if err != nil {
		return 0, fmt.Errorf("count %s from %s: %w", w.Term, w.Of, err)
	}
	return last, nil
}

// Move is one way from a state to another, with everything the law asks of it.
type Move struct {
	ID         string
	Title      Words
	From       []string
	To         string // a state, Same or Before
	By         []Role // who may make the move; any one of these
	VerifiedBy []Role // who must verify it before it counts; empty when nobody need
	Needs      []Need
	Within     *Window
	Recuse     []string // whose own people may not make it (or, where it is verified, may not verify it): "lead_unit", "receiving_unit", "task_force"
	EachUnit   bool     // each receiving unit makes it for its own row, and the state changes when all have
	Usual      bool     // the move that normally comes next
	Grave      bool     // ask once more before it is done
	Tell       []string // roles that are told of it, because it is their turn now or because it ends the matter for them
	// Undo is how long who made the move may take it back while nothing has come of it: nobody was told yet, no light and no date changed; 0 for not at all.
	Undo time.Duration
}

// Allows says whether one of the roles may make the move.
func (v Move) Allows(roles []Role) bool { return overlap(v.By, roles) }

// AllowsVerifying says whether one of the roles may verify the move; nobody can where it is not verified.
func (v Move) AllowsVerifying(roles []Role) bool { return overlap(v.VerifiedBy, roles) }

func overlap(a, b []Role) bool {
	return slices.ContainsFunc(a, func(r Role) bool { return slices.Contains(b, r) })
}

// Target returns the state that the move leads to, for the state it starts from and the state before the last pause.
func (v Move) Target(state, before string) string {
	switch v.To {
	case Same:
		return state
	case Before:
		return before
	}
	return v.To
}

// Asks returns the needs that apply to a thing with these facts, the optional ones among them.
func (v Move) Asks(f Facts) ([]Need, error) {
	var list []Need
	for _, n := range v.Needs {
		asked, err := n.Asked(f)
		if err != nil {
			return nil, fmt.Errorf("move %q: %w", v.ID, err)
		}
		if asked {
			list = append(list, n)
		}
	}
	return list, nil
}

// Refusal says why a move was refused: Code is "unknown_move", "not_from_here" or "not_allowed".
type Refusal struct {
	Code, Machine, State, Move string
}

// Error writes the refusal for a log; pages word it by its Code.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: move %q from state %q: %s", r.Machine, r.Move, r.State, r.Code)
}

// State returns the state of that name.
func (m *Machine) State(id string) (State, bool) {
	i := slices.IndexFunc(m.States, func(s State) bool { return s.ID == id })
	if i < 0 {
		return State{}, false
	}
	return m.States[i], true
}

// Move returns the move of that name, its To as the definition writes it.
func (m *Machine) Move(id string) (Move, bool) {
	i := slices.IndexFunc(m.Moves, func(v Move) bool { return v.ID == id })
	if i < 0 {
		return Move{}, false
	}
	return m.Moves[i], true
}

// Open returns the moves that these roles may make from a state, the usual ones first, otherwise in the order of the
// definition; windows, recusal and needs are the caller's to ask.
func (m *Machine) Open(state string, roles []Role) []Move {
	var usual, others []Move
	for _, v := range m.Moves {
		v, err := m.Next(state, v.ID, roles)
		switch {
		case err != nil:
		case v.Usual:
			usual = append(usual, v)
		default:
			others = append(others, v)
		}
	}
	return append(usual, others...)
}

// Next returns the move when these roles may make it from this state, and otherwise a *Refusal.
func (m *Machine) Next(state, move string, roles []Role) (Move, error) {
	v, ok := m.Move(move)
	switch {
	case !ok:
		return Move{}, &Refusal{"unknown_move", m.ID, state, move}
	case !slices.Contains(v.From, state):
		return Move{}, &Refusal{"not_from_here", m.ID, state, move}
	case !v.Allows(roles):
		return Move{}, &Refusal{"not_allowed", m.ID, state, move}
	}
	if v.To == Same {
		v.To = state
	}
	return v, nil
}

// Path returns the main line: the states from the initial one along the first usual move of each.
func (m *Machine) Path() []State {
	var path []State
	seen := map[string]bool{}
	for id := m.Initial; id != "" && !seen[id]; id = m.usualAfter(id) {
		seen[id] = true
		if s, ok := m.State(id); ok {
			path = append(path, s)
		}
	}
	return path
}

// Rank returns the place of a state on the main line, counted from 1; 0 when it lies beside it.
func (m *Machine) Rank(state string) int {
	return 1 + slices.IndexFunc(m.Path(), func(s State) bool { return s.ID == state })
}

func (m *Machine) usualAfter(state string) string {
	for _, v := range m.Moves {
		if v.Usual && slices.Contains(v.From, state) && v.To != Same && v.To != Before {
			return v.To
		}
	}
	return ""
}
