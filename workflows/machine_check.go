package workflows

import (
	"slices"
	"strings"
)

// checkGraph reports what only the whole drawing shows: states nobody can reach, states nobody can leave, and a main
// line that stops half way.
func (r *machineReader) checkGraph(top table) {
	edges := r.m.edges()
	reached := map[string]bool{}
	follow(edges, r.m.Initial, reached)
	leaves := map[string]bool{}
	back := map[string][]string{}
	for from, list := range edges {
		for _, to := range list {
			back[to] = append(back[to], from)
		}
	}
	for _, st := range r.m.States {
		if st.Kind == KindDone || st.Kind == KindEnded {
			follow(back, st.ID, leaves)
		}
	}
	for _, st := range r.m.States {
		at := r.states[st.ID]
		if !reached[st.ID] {
			r.fail(at, "state %q can't be reached from %q: add a move that leads to it, or remove it", st.ID, r.m.Initial)
		}
		if !leaves[st.ID] && len(edges[st.ID]) == 0 {
			r.fail(at, "state %q is a dead end: add a move that leads on, or make its kind done or ended", st.ID)
		} else if !leaves[st.ID] {
			r.fail(at, "from state %q no way leads to a state of the kind done or ended: add a move that does", st.ID)
		}
	}
	r.checkMainLine(top)
}

func (r *machineReader) checkMainLine(top table) {
	if !slices.ContainsFunc(r.m.Moves, func(v Move) bool { return v.Usual }) {
		return
	}
	path := r.m.Path()
	last := path[len(path)-1]
	if last.Kind == KindDone {
		return
	}
	var names []string
	for _, st := range path {
		names = append(names, st.ID)
	}
	r.fail(top.at("initial"), "the usual moves lead %s and never to a state of the kind done: mark the next move usual", strings.Join(names, " > "))
}

// edges returns the states that can follow each state; a move that leaves the state alone leads nowhere.
func (m *Machine) edges() map[string][]string {
	next := map[string][]string{}
	for _, v := range m.Moves {
		for _, from := range v.From {
			for _, to := range m.targets(v, from) {
				if to != from && !slices.Contains(next[from], to) {
					next[from] = append(next[from], to)
				}
			}
		}
	}
	return next
}

// targets lists where a move can end that starts in from: one state, or every state from which a pause can begin.
func (m *Machine) targets(v Move, from string) []string {
	if v.To != Before {
		return []string{v.Target(from, "")}
	}
	var list []string
	for _, st := range m.States {
		if slices.ContainsFunc(m.Moves, func(pause Move) bool { return pause.To == from && slices.Contains(pause.From, st.ID) }) {
			list = append(list, st.ID)
		}
	}
	return list
}

func follow(edges map[string][]string, state string, seen map[string]bool) {
	if seen[state] {
		return
	}
	seen[state] = true
	for _, next := range edges[state] {
		follow(edges, next, seen)
	}
}
