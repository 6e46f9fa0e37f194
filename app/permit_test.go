package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// person holds one role. Where the role is for a unit or a task force, the account's name says which; a district role is held by people of three units:
// "out" has nothing to do with the ticket, "in" is of its lead unit, "office" of the unit that keeps its task force's office.
type person struct {
	account string
	role    workflows.Role
	unit    string
	force   string // "" or the code of the task force that the role is for
}

// The ticket of the matrix is of task force 1, whose office unit gxj keeps, and its lead unit is zjj.
const matrixLead, matrixOffice, matrixForce = "zjj", "gxj", "1"

func (p person) district() bool { return p.force == "" && !strings.HasPrefix(string(p.role), "unit_") }

// holds tells whether the role reaches the ticket.
func (p person) holds() bool {
	return p.district() || p.force == matrixForce || p.force == "" && p.unit == matrixLead
}

// own tells whether a recusal of the definition hits the person.
func (p person) own(recuse []string) bool {
	for _, name := range recuse {
		switch name {
		case "lead_unit", "receiving_unit":
			if p.unit == matrixLead {
				return true
			}
		case "task_force":
			if p.unit == matrixOffice || p.force == matrixForce {
				return true
			}
		default:
			panic("unknown recusal " + name)
		}
	}
	return false
}

// outcome is what the definition lets a person do: "ok" or the key of the fault.
func (p person) outcome(move workflows.Move, state string) string {
	switch {
	case !p.holds():
		return "missing"
	case (state == "draft" || state == "pending") && (p.role == workflows.RoleUnitLeader || p.role == workflows.RoleUnitHandler):
		return "missing" // a draft is not there yet for the units that will receive it
	case !slices.Contains(move.From, state):
		return "not_from_here"
	case !slices.Contains(move.By, p.role):
		return "denied"
	case p.own(move.Recuse):
		return "recused"
	}
	return "ok"
}

// matrix is the ticket that everybody tries every move on, put into any state past the App.
type matrix struct {
	t      *testing.T
	w      *apptest.World
	side   aside
	people []person
	actors map[string]app.Actor
	ticket int64
}

func newMatrix(t *testing.T, w *apptest.World) *matrix {
	t.Helper()
	s, ctx, setup := w.Seed(t), context.Background(), app.Setup("test")
	m := &matrix{t: t, w: w, side: lookAside(t, w), actors: map[string]app.Actor{}, people: []person{
		{"tf1", workflows.RoleTaskforceLeader, "gxj", "1"}, {"tf1m", workflows.RoleTaskforceMember, "gxj", "1"}, {"tf10", workflows.RoleTaskforceLeader, "kpb", "10"},
		{"zjj.lead", workflows.RoleUnitLeader, "zjj", ""}, {"zjj.hand", workflows.RoleUnitHandler, "zjj", ""},
		{"kpb.lead", workflows.RoleUnitLeader, "kpb", ""}, {"kpb.hand", workflows.RoleUnitHandler, "kpb", ""},
	}}
	add := func(p person, scope string, id int64) {
		u, err := w.App.AddUser(ctx, setup, app.AddUser{Account: p.account, Name: "示例" + p.account, UnitID: s.Units[p.unit]})
		apptest.Must(t, err, "add user %s", p.account)
		_, err = w.App.Grant(ctx, setup, app.Grant{UserID: u.ID, Role: p.role, Scope: scope, ScopeID: id})
		apptest.Must(t, err, "grant %s", p.account)
		m.people = append(m.people, p)
	}
	add(person{"tf1.out", workflows.RoleTaskforceLeader, "dcs", "1"}, "task_force", s.Forces["1"])
	add(person{"tf10m", workflows.RoleTaskforceMember, "kpb", "10"}, "task_force", s.Forces["10"])
	for name, role := range map[string]workflows.Role{"admin": workflows.RoleAdministrator, "boss": workflows.RoleDistrictLeader, "sup": workflows.RoleSupervisor,
		"dir": workflows.RoleSupervisionDirector, "insp": workflows.RoleInspector} {
		for where, unit := range map[string]string{"out": "dcs", "in": "zjj", "office": "gxj"} {
			add(person{name + "." + where, role, unit, ""}, "district", 0)
		}
	}
	roles := map[workflows.Role]bool{}
	for _, p := range m.people {
		m.actors[p.account], roles[p.role] = w.As(t, p.account), true
	}
	if len(roles) != len(workflows.Roles()) {
		t.Fatalf("people for %d of %d roles", len(roles), len(workflows.Roles()))
	}
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例依据",
		TaskForceID: s.Forces[matrixForce], LeadUnitID: s.Units[matrixLead], DueTerm: "3 months"})
	apptest.Must(t, err, "draft")
	m.ticket = k.ID
	return m
}

// put makes the ticket what it would be on its way into a state before a move: a paused one has its pause, others have one asked for, unless the move asks.
func (m *matrix) put(state, move string) {
	m.t.Helper()
	closed := ""
	if state == "closed" {
		closed = "2023-03-13"
	}
	m.side.exec(`UPDATE tickets SET state = ?, issued_on = '2023-03-13', due_on = '2023-06-13', baseline_on = '2023-06-13', judged_on = '2023-06-13', closed_on = ?, pause_asked = ?
WHERE id = ?`, state, closed, state != "paused" && move != "ask_pause", m.ticket)
	m.side.exec("DELETE FROM pauses")
	if pause := map[bool]string{true: "running", false: "asked"}[state == "paused"]; move != "ask_pause" {
		m.side.exec(`INSERT INTO pauses (version, ticket_id, state, reason_code, reason, expected_end, asked_by, asked_on, decided_by, decided_on, note, review_on, reviews, ended_by,
ended_on, workdays) VALUES (1, ?, ?, 'other', '示例', '2023-05-31', 0, '2023-03-13', 0, '2023-03-13', '', '', 0, 0, '', 0)`, m.ticket, pause)
	}
	m.side.exec("UPDATE ticket_units SET accepted_on = '', accepted_by = 0 WHERE ticket_id = ?", m.ticket)
}

// try makes a move with everything that any move asks for, and returns "ok" or the key of the fault.
func (m *matrix) try(account, move string) string {
	m.t.Helper()
	cmd := app.MoveTicket{Ticket: m.ticket, Version: m.side.number("SELECT version FROM tickets WHERE id = ?", m.ticket), Move: move,
		Reason: "示例", Feedback: "示例", Note: "示例", ReasonCode: "other", ExpectedEnd: date("2023-05-31"), ShownOn: date("2023-03-13")}
	_, err := m.w.App.MoveTicket(context.Background(), m.actors[account], cmd)
	if err == nil {
		return "ok"
	}
	f := app.AsFaults(err)
	if len(f) != 1 {
		m.t.Fatalf("%s %s: %v", account, move, err)
	}
	return f[0].Key
}

// now is the ticket's state and version.
func (m *matrix) now() string {
	m.t.Helper()
	return m.side.rows("SELECT state, version FROM tickets WHERE id = ?", m.ticket)[0]
}

// Every role tries every move from every state that the move starts from, and one who may make it tries it from all others.
func TestCheck39WhoMayMoveATicket(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		m := newMatrix(t, w)
		machine, tried, allowed := w.App.Machine("ticket"), 0, 0
		for _, move := range machine.Moves {
			for _, state := range machine.States {
				m.put(state.ID, move.ID)
				for _, p := range m.people {
					want := p.outcome(move, state.ID)
					if want == "not_from_here" && (p.own(move.Recuse) || !slices.Contains(move.By, p.role)) || want == "missing" && !slices.Contains(move.From, state.ID) {
						continue // said often enough
					}
					before, got := m.now(), m.try(p.account, move.ID)
					if tried++; got != want {
						t.Errorf("%s (%s of %s) makes %s from %s: %s, want %s", p.account, p.role, p.unit, move.ID, state.ID, got, want)
					}
					if got != "ok" {
						if now := m.now(); now != before {
							t.Fatalf("%s %s was refused and the ticket went from %s to %s", p.account, move.ID, before, now)
						}
						continue
					}
					allowed++
					if to := move.Target(state.ID, ""); !strings.HasPrefix(m.now(), "state="+to+" ") {
						t.Errorf("%s from %s led to %s, want %s", move.ID, state.ID, m.now(), to)
					}
					m.put(state.ID, move.ID)
				}
			}
		}
		if tried < 900 || allowed < 100 {
			t.Errorf("only %d tries, %d of them allowed", tried, allowed)
		}
		sound(t, w)
	})
}

// The same by hand, from domain.md section 3, so that a slip in the definition is not its own proof.
func TestCheck39WhoMayMoveATicketByHand(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		m := newMatrix(t, w)
		for _, line := range strings.Split(strings.TrimSpace(`
draft submit_draft sup.out ok
draft submit_draft tf1m ok
draft submit_draft tf10m missing
draft submit_draft tf1 denied
draft submit_draft insp.out denied
pending approve tf1m denied
pending approve sup.out denied
pending approve tf1 ok
pending approve tf10 missing
pending send_back sup.in denied
pending send_back tf1 ok
issued accept zjj.hand ok
issued accept kpb.hand missing
issued accept tf1 denied
issued accept boss.out denied
issued dispute zjj.hand denied
issued dispute zjj.lead ok
disputed uphold zjj.lead denied
disputed uphold tf1 denied
disputed withdraw boss.in recused
disputed withdraw boss.out ok
accepted start tf1m denied
in_progress submit zjj.hand denied
in_progress submit zjj.lead ok
in_progress submit kpb.lead missing
submitted verify zjj.lead denied
submitted verify tf1 denied
submitted verify sup.in recused
submitted verify sup.office recused
submitted verify sup.out ok
submitted return sup.office recused
submitted return sup.out ok
submitted close boss.out not_from_here
returned resume_work sup.out denied
verified close sup.out denied
verified close zjj.lead denied
verified close tf1.out denied
verified close boss.office recused
verified close boss.out ok
verified close admin.out denied
verified close insp.out denied
in_progress ask_pause zjj.hand denied
in_progress grant_pause zjj.lead denied
in_progress grant_pause tf1.out ok
paused resume zjj.hand ok
in_progress terminate zjj.lead denied
in_progress terminate admin.out denied
in_progress terminate tf1 ok
closed terminate tf1 not_from_here
closed reopen zjj.lead denied
closed reopen tf1 denied
closed reopen sup.out ok
draft fly sup.out unknown_move
draft fly kpb.lead missing
draft submit_draft dir.out denied
pending approve dir.out ok
disputed uphold dir.out ok
disputed uphold dir.in recused
verified close dir.out ok
verified close dir.in recused
verified close dir.office recused
in_progress terminate dir.in recused
closed reopen dir.out denied
paused resume insp.out denied`), "\n") {
			w := strings.Fields(line)
			m.put(w[0], w[1])
			if got := m.try(w[2], w[1]); got != w[3] {
				t.Errorf("%s: %s", line, got)
			}
		}
	})
}
