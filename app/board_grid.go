package app

import (
	"slices"

	"battlemap/workflows"
)

// Boarded is what can stand on a board: a Card or a TicketCard.
type Boarded interface {
	Card | TicketCard
	Item() string
	standing() standing
}

// standing is what a board must know of a card to place it and to filter it.
type standing struct {
	id, taskForce int64
	state         string
	light         workflows.Light
	rule          string
	days, limit   int
	people        []int64 // whose own card it is
	guarantee     int64   // 包保领导
	units         []int64
	blockers      int
}

func (c Card) standing() standing {
	p := c.Project
	return standing{id: p.ID, taskForce: p.TaskForceID, state: p.Stage, light: p.Light, rule: p.LightRule, days: c.Days, limit: c.Limit,
		people: []int64{c.Guarantee, c.Responsible, c.Officer}, guarantee: c.Guarantee, units: []int64{p.UnitID, p.LeadUnitID}, blockers: c.Blockers}
}

func (c TicketCard) standing() standing {
	k := c.Ticket
	blockers := 0
	if k.Kind == "blocker" {
		blockers = 1
	}
	return standing{id: k.ID, taskForce: k.TaskForceID, state: k.State, light: k.Light, rule: k.LightRule, days: c.Days,
		people: []int64{k.HandlerID, k.LeaderID}, guarantee: k.LeaderID, units: c.Parts, blockers: blockers}
}

// BoardFilter narrows the cards of a board; zero fields do not. It asks the cards alone, so that it serves a past day as well.
type BoardFilter struct {
	Light     string // a light, "none" for no rule, "" for all
	TaskForce int64
	Leader    int64 // 班长 of the task force, or 包保领导
	Unit      int64
	State     string // stage of a project, state of a ticket
	Rule      string // that holds the light
	Over      bool   // longer in the cell than its limit
	Days      int    // at least so many days in the cell
	Blocked   bool   // a blocker is open
	Mine      int64  // the user whose own cards are wanted
	Texted    bool   // Found counts
	Found     map[int64]bool
}

// Set tells whether the filter narrows anything.
func (f BoardFilter) Set() bool {
	return f.Light != "" || f.TaskForce != 0 || f.Leader != 0 || f.Unit != 0 || f.State != "" || f.Rule != "" || f.Over || f.Days > 0 || f.Blocked || f.Mine != 0 || f.Texted
}

// keeps tells whether the filter lets a card of a task force through.
func (f BoardFilter) keeps(tf TaskForce, s standing) bool {
	light := string(s.light)
	if light == "" {
		light = "none"
	}
	switch {
	case f.Light != "" && f.Light != light, f.TaskForce != 0 && f.TaskForce != s.taskForce, f.State != "" && f.State != s.state,
		f.Rule != "" && f.Rule != s.rule, f.Days > s.days, f.Blocked && s.blockers == 0, f.Over && (s.limit == 0 || s.days <= s.limit),
		f.Leader != 0 && f.Leader != tf.LeaderID && f.Leader != s.guarantee, f.Unit != 0 && !slices.Contains(s.units, f.Unit),
		f.Mine != 0 && !slices.Contains(s.people, f.Mine), f.Texted && !f.Found[s.id]:
		return false
	}
	return true
}

// Grid is a board: task forces by states.
type Grid[C Boarded] struct {
	Columns []workflows.State
	Counts  []int // cards in each column, after the filter
	Rows    []GridRow[C]
	Lights  map[workflows.Light]int // of all cards that any light would let through
	All     int                     // their number
	Shown   int                     // cards after the filter
}

// GridRow is one task force's row: its cards by state, in the order of the columns and the worst first.
type GridRow[C Boarded] struct {
	TaskForce TaskForce
	Lights    map[workflows.Light]int
	Cells     [][]C
	Standing  []int // cards in each cell before the filter: what a cell limit counts
}

// Assemble lays cards out: nothing but cards, task forces and filter goes in, so a past day is drawn like today. The cards of a cell keep their order.
// A task force without a card has a row only on a whole board: whole says that nothing is filtered and the actor sees the district.
func Assemble[C Boarded](forces []TaskForce, columns []workflows.State, cards []C, f BoardFilter, whole bool) Grid[C] {
	g := Grid[C]{Columns: columns, Counts: make([]int, len(columns)), Lights: map[workflows.Light]int{}}
	rows, at, column := make([]GridRow[C], len(forces)), map[int64]int{}, map[string]int{}
	for i, st := range columns {
		column[st.ID] = i
	}
	for i, tf := range forces {
		rows[i] = GridRow[C]{TaskForce: tf, Lights: map[workflows.Light]int{}, Cells: make([][]C, len(columns)), Standing: make([]int, len(columns))}
		at[tf.ID] = i
	}
	bare := f
	bare.Light = ""
	filled := make([]bool, len(forces))
	for _, c := range cards {
		s := c.standing()
		row, ok := at[s.taskForce]
		col, known := column[s.state]
		if !ok || !known {
			continue
		}
		rows[row].Standing[col]++
		if !bare.keeps(rows[row].TaskForce, s) {
			continue
		}
		g.Lights[s.light]++
		g.All++
		if !f.keeps(rows[row].TaskForce, s) {
			continue
		}
		rows[row].Cells[col] = append(rows[row].Cells[col], c)
		rows[row].Lights[s.light]++
		g.Counts[col]++
		g.Shown++
		filled[row] = true
	}
	for i := range rows {
		if filled[i] || whole {
			g.Rows = append(g.Rows, rows[i])
		}
	}
	return g
}

// Item is the card's name in addresses and events.
func (c Card) Item() string { return "project/" + c.Project.Code }

// Item is the card's name in addresses and events.
func (c TicketCard) Item() string { return "ticket/" + c.Ticket.No }
