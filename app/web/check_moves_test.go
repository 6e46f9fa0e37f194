package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
	"battlemap/workflows"
)

// mover is a person who tries moves, with the role that they hold on the ticket of the check, "" for none.
type mover struct {
	account string
	role    workflows.Role
	triage  bool // may open the triage desk
}

// triers are one for each role on a ticket of task force 1 and unit zjj, and those whose task force or unit is another.
func triers() []mover {
	return []mover{{"admin", workflows.RoleAdministrator, false}, {"leader", workflows.RoleDistrictLeader, false}, {"dir", workflows.RoleSupervisionDirector, true},
		{"sup", workflows.RoleSupervisor, true}, {"insp", workflows.RoleInspector, false}, {"tf1", workflows.RoleTaskforceLeader, true}, {"tf1m", workflows.RoleTaskforceMember, false},
		{"zjj.lead", workflows.RoleUnitLeader, true}, {"zjj.hand", workflows.RoleUnitHandler, false}, {"tf10", "", true}, {"gxj.lead", "", true}, {"gxj.hand", "", false}, {"guar", "", false}}
}

// may tells whether the definition lets a person make a move from a state. Nobody here is of a unit or task force that a recusal names, beyond what their role rules out:
// app has those (TestCheck39WhoMayMoveATicket).
func (m mover) may(move workflows.Move, state string) bool {
	draft := state == "draft" || state == "pending"
	if draft && (m.role == workflows.RoleUnitLeader || m.role == workflows.RoleUnitHandler) {
		return false // it is not there yet for the units that will receive it
	}
	return m.role != "" && slices.Contains(move.From, state) && slices.Contains(move.By, m.role)
}

// pathway is a way in which a browser asks for a move: the ticket's form, the board's drag and the keyboard and the palette, which send the same, several at once, and the triage desk.
type pathway struct {
	name, path string
	item       string // how the ticket is named in the form, with what stands for its number and version
	move       string // the field of the move
	json, desk bool
}

func pathways() []pathway {
	return []pathway{
		{"the ticket's form", "/tickets/NO/move", "", "move", false, false},
		{"the board's drag", "/move", "ticket/NO", "move", true, false},
		{"the short form", "/move", "ticket/NO", "move", false, false},
		{"several at once", "/moves", "ticket/NO@VERSION", "move", false, false},
		{"several at once on the board", "/moves", "ticket/NO@VERSION", "move", true, false},
		{"the triage desk", "/triage/NO", "", "act", false, true},
	}
}

// moving is the ticket that everybody tries every move on.
type moving struct {
	*arena
	id, no         string
	tried, allowed map[string]int
}

// put makes the ticket what it would be on its way into a state before a move.
func (m *moving) put(state, move string) {
	m.t.Helper()
	closed, pause := "", "asked"
	if state == "closed" {
		closed = "2023-03-13"
	}
	if state == "paused" {
		pause = "running"
	}
	asked := "0"
	if state != "paused" && move != "ask_pause" {
		asked = "1"
	}
	if m.postgres != "" {
		asked = map[string]string{"0": "false", "1": "true"}[asked]
	}
	for _, statement := range []string{
		"UPDATE tickets SET state = '" + state + "', issued_on = '2023-03-13', due_on = '2023-06-13', baseline_on = '2023-06-13', judged_on = '2023-06-13', closed_on = '" + closed + "', pause_asked = " + asked + " WHERE id = " + m.id,
		"DELETE FROM pauses WHERE ticket_id = " + m.id,
		"UPDATE ticket_units SET accepted_on = '', accepted_by = 0 WHERE ticket_id = " + m.id,
	} {
		_, err := m.db.Exec(statement)
		apptest.Must(m.t, err, "%s", statement)
	}
	if move == "ask_pause" {
		return
	}
	_, err := m.db.Exec(`INSERT INTO pauses (version, ticket_id, state, reason_code, reason, expected_end, asked_by, asked_on, decided_by, decided_on, note, review_on, reviews, ended_by,
ended_on, workdays) VALUES (1, ` + m.id + `, '` + pause + `', 'other', '示例', '2023-05-31', 0, '2023-03-13', 0, '2023-03-13', '', '', 0, 0, '', 0)`)
	apptest.Must(m.t, err, "put a pause")
}

// now is all that a refused move must leave alone.
func (m *moving) now() string {
	return strings.Join(append(m.lines("SELECT * FROM tickets WHERE id = "+m.id), m.one("SELECT COUNT(*) FROM journal")), "\n")
}

// request asks for a move by a pathway, with everything that any move asks for.
func (m *moving) request(p pathway, account, move, version string) said {
	m.t.Helper()
	words := strings.NewReplacer("NO", m.no, "VERSION", version)
	form := url.Values{p.move: {move}, "version": {version}, "sure": {"1"}, "reason": {"示例"}, "feedback": {"示例"}, "note": {"示例"}, "reason_code": {"other"},
		"expected_end": {"2023-05-31"}, "shown_to_leader": {"2023-03-13"}}
	if p.item != "" {
		form.Set("item", words.Replace(p.item))
	}
	r, err := http.NewRequest(http.MethodPost, m.srv.URL+words.Replace(p.path), strings.NewReader(form.Encode()))
	apptest.Must(m.t, err, "post")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if p.json {
		r.Header.Set("Accept", "application/json")
	}
	r.AddCookie(&http.Cookie{Name: "battlemap", Value: m.keys[account]})
	return m.send(r)
}

// try asks for a move by a pathway and holds what became of the ticket against the definition.
func (m *moving) try(p pathway, who mover, move workflows.Move, state string) {
	m.t.Helper()
	want := who.may(move, state) && (who.triage || !p.desk)
	version, before := m.one("SELECT version FROM tickets WHERE id = "+m.id), m.now()
	got := m.request(p, who.account, move.ID, version)
	m.tried[p.name]++
	name := who.account + " makes " + move.ID + " from " + state + " by " + p.name
	if got.status >= 500 {
		m.t.Errorf("%s: %d", name, got.status)
	}
	now := m.now()
	switch {
	case !want && now != before:
		m.t.Errorf("%s: the definition does not let them, %d, and the ticket went from\n%s\nto\n%s", name, got.status, before, now)
	case want && now == before:
		m.t.Errorf("%s: the definition lets them, %d, and nothing changed", name, got.status)
	case want:
		m.allowed[p.name]++
		if to, is := move.Target(state, ""), m.one("SELECT state FROM tickets WHERE id = "+m.id); is != to {
			m.t.Errorf("%s led to %s, not to %s", name, is, to)
		}
		if is := m.one("SELECT version FROM tickets WHERE id = " + m.id); number64(is) != number64(version)+1 {
			m.t.Errorf("%s: version %s became %s", name, version, is)
		}
	}
	if now != before {
		m.put(state, move.ID)
	}
}

// Check 39: every move, from every state, by every role, by every pathway of the pages: only what the definition declares is made, whichever way it is asked for. In the short form
// each of them takes one pathway, the next person the next one, and from a state where the move does not start only one person asks, who may make it elsewhere.
func TestCheck39EveryPathwayMakesDeclaredMovesOnly(t *testing.T) { engines(t, moveByAll) }

func moveByAll(t *testing.T, postgres string, whole bool) {
	var accounts []string
	for _, who := range triers() {
		accounts = append(accounts, who.account)
	}
	a := newArena(t, postgres, accounts...)
	words := a.words["unit"]
	m := &moving{arena: a, id: words["ticket.id"], no: words["ticket"], tried: map[string]int{}, allowed: map[string]int{}}
	machine, turn := a.w.App.Machine("ticket"), 0
	for _, move := range machine.Moves {
		for _, state := range machine.States {
			m.put(state.ID, move.ID)
			asked := false
			for _, who := range triers() {
				starts := slices.Contains(move.From, state.ID)
				if !whole && !starts && (asked || !slices.Contains(move.By, who.role)) {
					continue
				}
				asked = true
				for i, p := range pathways() {
					if whole || i == turn%len(pathways()) {
						m.try(p, who, move, state.ID)
					}
				}
				turn++
			}
		}
	}
	m.offDesk(t, machine, whole)
	t.Logf("%s: moves tried %v, made %v", a.engine(), m.tried, m.allowed)
	for _, p := range pathways() {
		if m.tried[p.name] < 100 || m.allowed[p.name] < 5 {
			t.Errorf("by %s only %d moves were tried, and %d made", p.name, m.tried[p.name], m.allowed[p.name])
		}
	}
}

// offDesk tries what names no move: the usual move of a selected ticket, and taking the last move back. The first makes a declared move or none; the second makes none here, as
// nobody has made one.
func (m *moving) offDesk(t *testing.T, machine *workflows.Machine, whole bool) {
	usual := pathway{name: "the usual move of several", path: "/triage", item: "NO:VERSION", move: "nothing"}
	back := pathway{name: "taking back", path: "/move/undo", item: "ticket/NO", move: "nothing"}
	for i, state := range machine.States {
		for j, who := range triers() {
			if !whole && (i+j)%2 > 0 {
				continue
			}
			m.put(state.ID, "ask_pause")
			for _, p := range []pathway{usual, back} {
				version, before := m.one("SELECT version FROM tickets WHERE id = "+m.id), m.now()
				got := m.request(p, who.account, "", version)
				m.tried[p.name]++
				if m.now() == before {
					continue
				}
				m.allowed[p.name]++
				to := m.one("SELECT state FROM tickets WHERE id = " + m.id)
				if p.name == back.name || !who.triage || !slices.ContainsFunc(machine.Moves, func(v workflows.Move) bool { return v.Usual && who.may(v, state.ID) && v.Target(state.ID, "") == to }) {
					t.Errorf("%s by %s: %d, and from %s the ticket went to %s", p.name, who.account, got.status, state.ID, to)
				}
				m.put(state.ID, "ask_pause")
			}
		}
	}
	if m.allowed[usual.name] == 0 {
		t.Errorf("nobody made a usual move")
	}
}
