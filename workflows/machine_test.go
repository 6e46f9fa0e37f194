package workflows_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"battlemap/workflows"
)

func machine(t testing.TB, id string) *workflows.Machine {
	t.Helper()
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	if err != nil {
		t.Fatal(err)
	}
	m := machines[id]
	if m == nil {
		t.Fatalf("there is no machine %q", id)
	}
	return m
}

func TestPath(t *testing.T) {
	for id, want := range map[string]string{
		"ticket":  "draft pending issued accepted in_progress submitted verified closed",
		"project": "conceived negotiating signed landed started building completed in_production full_capacity",
	} {
		m := machine(t, id)
		var got []string
		for i, st := range m.Path() {
			got = append(got, st.ID)
			if m.Rank(st.ID) != i+1 {
				t.Errorf("%s: rank of %s is %d, want %d", id, st.ID, m.Rank(st.ID), i+1)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	if rank := machine(t, "ticket").Rank("paused"); rank != 0 {
		t.Errorf("paused has rank %d on the main line, want 0", rank)
	}
}

func TestDefinitionsLoadFromBothDirectories(t *testing.T) {
	for _, dir := range []string{".", "definitions"} {
		machines, err := workflows.LoadMachines(workflows.Definitions(), dir)
		if err != nil || len(machines) != 2 {
			t.Errorf("%s: %d machines, %v", dir, len(machines), err)
		}
	}
}

// The table of domain.md, section 3: from, move, to, and everybody who may make it.
func TestTicketMoves(t *testing.T) {
	m := machine(t, "ticket")
	for _, tc := range []struct{ from, move, to, by string }{
		{"draft", "submit_draft", "pending", "supervisor taskforce_member"},
		{"pending", "approve", "issued", "supervision_director taskforce_leader"},
		{"pending", "send_back", "draft", "supervision_director taskforce_leader"},
		{"issued", "accept", "accepted", "unit_handler unit_leader"},
		{"issued", "dispute", "disputed", "unit_leader"},
		{"disputed", "uphold", "issued", "district_leader supervision_director"},
		{"disputed", "withdraw", "terminated", "district_leader supervision_director"},
		{"accepted", "start", "in_progress", "unit_handler unit_leader"},
		{"reopened", "start", "in_progress", "unit_handler unit_leader"},
		{"in_progress", "draft_feedback", "in_progress", "unit_handler"},
		{"in_progress", "submit", "submitted", "unit_leader"},
		{"submitted", "verify", "verified", "supervision_director supervisor"},
		{"submitted", "return", "returned", "supervision_director supervisor"},
		{"returned", "resume_work", "in_progress", "unit_handler unit_leader"},
		{"verified", "close", "closed", "district_leader supervision_director"},
		{"accepted", "ask_pause", "accepted", "unit_leader"},
		{"in_progress", "ask_pause", "in_progress", "unit_leader"},
		{"accepted", "grant_pause", "paused", "supervision_director taskforce_leader"},
		{"in_progress", "grant_pause", "paused", "supervision_director taskforce_leader"},
		{"in_progress", "refuse_pause", "in_progress", "supervision_director taskforce_leader"},
		{"in_progress", "withdraw_pause", "in_progress", "unit_leader"},
		{"paused", "keep_pause", "paused", "supervision_director taskforce_leader"},
		{"paused", "end_pause", "in_progress", "supervision_director taskforce_leader"},
		{"paused", "resume", "in_progress", "unit_handler unit_leader"},
		{"issued", "terminate", "terminated", "supervision_director taskforce_leader"},
		{"verified", "terminate", "terminated", "supervision_director taskforce_leader"},
		{"closed", "reopen", "reopened", "supervisor"},
	} {
		var by []string
		for _, role := range workflows.Roles() {
			v, err := m.Next(tc.from, tc.move, []workflows.Role{role})
			if err != nil {
				continue
			}
			by = append(by, string(role))
			if v.To != tc.to {
				t.Errorf("%s from %s leads to %s, want %s", tc.move, tc.from, v.To, tc.to)
			}
		}
		slices.Sort(by)
		if got := strings.Join(by, " "); got != tc.by {
			t.Errorf("%s from %s: by %q, want %q", tc.move, tc.from, got, tc.by)
		}
	}
	for _, st := range m.States {
		_, err := m.Next(st.ID, "terminate", []workflows.Role{workflows.RoleSupervisionDirector})
		if finished := st.Kind == workflows.KindDone || st.Kind == workflows.KindEnded; finished == (err == nil) {
			t.Errorf("terminate from %s (%s): %v", st.ID, st.Kind, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	m := machine(t, "ticket")
	director := []workflows.Role{workflows.RoleSupervisionDirector}
	for _, tc := range []struct{ state, move, code string }{
		{"pending", "aprove", "unknown_move"},
		{"nowhere", "aprove", "unknown_move"},
		{"draft", "approve", "not_from_here"},
		{"nowhere", "approve", "not_from_here"},
		{"issued", "accept", "not_allowed"},
	} {
		_, err := m.Next(tc.state, tc.move, director)
		var refusal *workflows.Refusal
		if !errors.As(err, &refusal) || refusal.Code != tc.code {
			t.Errorf("%s from %s: got %v, want %s", tc.move, tc.state, err, tc.code)
		}
	}
	if _, err := m.Next("issued", "accept", nil); err == nil {
		t.Error("somebody without a role accepted a ticket")
	}
}

// 考评督导 and the lead unit can't verify or close their own tickets; a project is verified from outside its task force.
func TestRecusal(t *testing.T) {
	ticket := machine(t, "ticket")
	for _, id := range []string{"verify", "return", "close"} {
		v, _ := ticket.Move(id)
		if diff := cmp.Diff([]string{"lead_unit", "receiving_unit", "task_force"}, v.Recuse); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	project := machine(t, "project")
	for _, id := range []string{"negotiate", "sign", "land", "start", "build", "complete", "produce", "reach_full", "suspend", "remove"} {
		v, ok := project.Move(id)
		if !ok || !slices.Contains(v.Recuse, "task_force") || len(v.VerifiedBy) == 0 {
			t.Errorf("%s: verified by %v, recused %v", id, v.VerifiedBy, v.Recuse)
		}
		if v.AllowsVerifying(v.By) {
			t.Errorf("%s: who makes it may verify it", id)
		}
	}
}

func TestForwardMovesStoreCriterionAndEvidence(t *testing.T) {
	m := machine(t, "project")
	path := m.Path()
	for i, st := range path[:len(path)-1] {
		v := m.Open(st.ID, []workflows.Role{workflows.RoleUnitHandler})[0]
		var fields []string
		for _, n := range v.Needs {
			fields = append(fields, n.Field+" "+n.Type)
			if n.Type == "choice" && (len(n.Options) < 2 || n.Options[0].Title.In("zh") == "" || n.Options[0].Title.In("en") == "") {
				t.Errorf("%s: %d options", v.ID, len(n.Options))
			}
		}
		want := "occurred_on date, criterion choice, evidence text"
		if got := strings.Join(fields, ", "); got != want || !slices.Contains(v.From, path[i].ID) {
			t.Errorf("%s needs %s, want %s", v.ID, got, want)
		}
	}
	if len(m.Begin) != len(path) {
		t.Errorf("a project may begin in %v, want every stage of the main line", m.Begin)
	}
}

func TestInstructionIsShownToTheLeaderBeforeClosing(t *testing.T) {
	closing, _ := machine(t, "ticket").Move("close")
	for kind, want := range map[string]int{"instruction": 1, "blocker": 0} {
		needs, err := closing.Asks(workflows.Facts{"kind": kind})
		if err != nil || len(needs) != want {
			t.Errorf("kind %s: asks for %v (%v), want %d needs", kind, needs, err, want)
		}
	}
	if _, err := closing.Asks(workflows.Facts{}); err == nil {
		t.Error("without the kind of the ticket it can't be said what is needed")
	}
	verify, _ := machine(t, "ticket").Move("verify")
	if needs, err := verify.Asks(nil); err != nil || len(needs) != 1 || !needs[0].Optional {
		t.Errorf("verify asks for %v, %v", needs, err)
	}
}

func TestWindows(t *testing.T) {
	m := machine(t, "ticket")
	for id, want := range map[string]string{"dispute": "2023-03-20", "reopen": "2023-09-09"} {
		v, _ := m.Move(id)
		last, err := v.Within.Last(day(t, "2023-03-13"), calendar2023)
		if err != nil || text(last) != want {
			t.Errorf("%s after 2023-03-13: last day %s (%v), want %s", id, text(last), err, want)
		}
	}
	broken := func(int, workflows.Term) (int, error) { return 0, errors.New("no data") }
	v, _ := m.Move("dispute")
	if _, err := v.Within.Last(1, broken); err == nil {
		t.Error("an error of the calendar was lost")
	}
}

func TestTarget(t *testing.T) {
	project := machine(t, "project")
	resume, err := project.Next("suspended", "resume", []workflows.Role{workflows.RoleUnitLeader})
	if err != nil || resume.To != workflows.Before || resume.Target("suspended", "landed") != "landed" {
		t.Errorf("resume leads to %q, %v", resume.Target("suspended", "landed"), err)
	}
	ask, _ := machine(t, "ticket").Move("ask_pause")
	if got := ask.Target("accepted", ""); got != "accepted" {
		t.Errorf("ask_pause leads to %q", got)
	}
}

func TestOpenPutsTheUsualMoveFirst(t *testing.T) {
	var got []string
	for _, v := range machine(t, "ticket").Open("in_progress", []workflows.Role{workflows.RoleUnitHandler, workflows.RoleUnitLeader}) {
		got = append(got, v.ID+">"+v.To)
	}
	want := "submit>submitted draft_feedback>in_progress ask_pause>in_progress withdraw_pause>in_progress"
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMermaid(t *testing.T) {
	for _, id := range []string{"ticket", "project"} {
		for _, lang := range []string{"zh", "en"} {
			name := "testdata/" + id + "." + lang + ".mmd"
			got := machine(t, id).Mermaid(lang)
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

// Who is told of a move of a ticket has something to do in the state it leads to, has to verify it, or sees it end or rest.
func TestThoseWhoAreToldHaveATurn(t *testing.T) {
	for _, id := range []string{"ticket", "project"} {
		m := machine(t, id)
		for _, v := range m.Moves {
			for _, role := range v.Tell {
				told := []workflows.Role{workflows.Role(role)}
				turn := v.AllowsVerifying(told)
				for _, from := range v.From {
					to, _ := m.State(v.Target(from, m.Initial))
					turn = turn || len(m.Open(to.ID, told)) > 0 || to.Kind == workflows.KindDone || to.Kind == workflows.KindEnded
				}
				if !turn {
					t.Errorf("%s: %s is told of %s and can do nothing", id, role, v.ID)
				}
			}
			if len(v.VerifiedBy) > 0 && len(v.Tell) == 0 {
				t.Errorf("%s: nobody is told that %s waits to be verified", id, v.ID)
			}
		}
	}
}

func TestStagesHaveLimits(t *testing.T) {
	m := machine(t, "project")
	for state, want := range map[string]int{"conceived": 0, "signed": 365, "landed": 60, "full_capacity": 0, "suspended": 0} {
		if st, _ := m.State(state); st.LimitDays != want {
			t.Errorf("%s: %d days, want %d", state, st.LimitDays, want)
		}
	}
}

// Nobody makes a move without a role for it, and what Open offers is exactly what Next allows.
func TestNextAsksForTheRole(t *testing.T) {
	for _, id := range []string{"ticket", "project"} {
		m := machine(t, id)
		rapid.Check(t, func(t *rapid.T) {
			held := rapid.SliceOfDistinct(rapid.SampledFrom(workflows.Roles()), rapid.ID[workflows.Role]).Draw(t, "roles")
			state := rapid.SampledFrom(m.States).Draw(t, "state").ID
			move := rapid.SampledFrom(m.Moves).Draw(t, "move")
			got, err := m.Next(state, move.ID, held)
			holds := slices.ContainsFunc(move.By, func(r workflows.Role) bool { return slices.Contains(held, r) })
			if want := holds && slices.Contains(move.From, state); want != (err == nil) {
				t.Fatalf("%s from %s with %v: %v", move.ID, state, held, err)
			}
			offered := slices.ContainsFunc(m.Open(state, held), func(v workflows.Move) bool { return v.ID == move.ID && v.To == got.To })
			if offered != (err == nil) {
				t.Fatalf("%s from %s with %v: offered %v, but Next says %v", move.ID, state, held, offered, err)
			}
		})
	}
}

// However one walks, every place is a state of the machine, and from there an end can still be reached.
func TestEveryWalkStaysOnTheMapAndEnds(t *testing.T) {
	for _, id := range []string{"ticket", "project"} {
		m := machine(t, id)
		rapid.Check(t, func(t *rapid.T) {
			state, before := rapid.SampledFrom(m.Begin).Draw(t, "begin"), ""
			for range rapid.IntRange(0, 30).Draw(t, "steps") {
				open := m.Open(state, workflows.Roles())
				if len(open) == 0 {
					break
				}
				v := rapid.SampledFrom(open).Draw(t, "move")
				next := v.Target(state, before)
				st, ok := m.State(next)
				if !ok {
					t.Fatalf("%s from %s leads to %q, which is no state", v.ID, state, next)
				}
				if st.Kind == workflows.KindPaused {
					before = state
				}
				state = next
			}
			if ends := endings(m, state, before); len(ends) == 0 {
				t.Fatalf("no end can be reached from %s", state)
			}
		})
		for _, st := range m.States {
			if !canReach(m, st.ID) {
				t.Errorf("%s: no way leads to %s", id, st.ID)
			}
		}
	}
}

// endings are the done and ended states that can be reached.
func endings(m *workflows.Machine, state, before string) []string {
	var ends []string
	for s := range closure(m, state, before) {
		if st, _ := m.State(s); st.Kind == workflows.KindDone || st.Kind == workflows.KindEnded {
			ends = append(ends, s)
		}
	}
	return ends
}

func canReach(m *workflows.Machine, state string) bool { return closure(m, m.Initial, "")[state] }

// closure is an independent walk over Open, for checking the loader's own.
func closure(m *workflows.Machine, state, before string) map[string]bool {
	seen, queue := map[string]bool{state: true}, []string{state}
	for len(queue) > 0 {
		from := queue[0]
		queue = queue[1:]
		for _, v := range m.Open(from, workflows.Roles()) {
			if to := v.Target(from, before); to != "" && !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return seen
}
