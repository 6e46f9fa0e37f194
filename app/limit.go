package app

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"battlemap/workflows"
)

// CellLimit is how many things may stand in a cell of a board at once, with who said so and why. Most 0 means that the limit was lifted.
type CellLimit struct {
	Row
	Board       string // "stages" or "tickets"
	TaskForceID int64  // 0 for every task force that has no limit of its own
	State       string // stage of a project, state of a ticket
	Most        int
	Reason      string
	SetBy       int64
	SetAt       int64
}

// maxLimit is the largest limit that means anything.
const maxLimit = 9999

// LimitBoards lists the boards whose cells may have a limit.
func LimitBoards() []string { return []string{"stages", "tickets"} }

// LimitStates lists the states that may have a limit: those in which something is still to be done.
func (a *App) LimitStates(board string) []workflows.State {
	machine := a.Machine("project")
	if board == "tickets" {
		machine = a.Machine("ticket")
	}
	return slices.DeleteFunc(slices.Clone(machine.States), func(st workflows.State) bool { return st.Kind == workflows.KindDone || st.Kind == workflows.KindEnded })
}

// limitOf finds the limit of a cell: the task force's own before the one for all.
func limitOf(limits []CellLimit, board string, taskForce int64, state string) (found CellLimit, ok bool) {
	for _, l := range limits {
		if l.Board != board || l.State != state || l.TaskForceID != taskForce && l.TaskForceID != 0 || ok && l.TaskForceID == 0 {
			continue
		}
		found, ok = l, true
	}
	return found, ok && found.Most > 0
}

// CellLimits lists the limits, those that were lifted too, and whether the actor may set any.
func (a *App) CellLimits(ctx context.Context) ([]CellLimit, error) {
	return table[CellLimit](a.db.read).Order("board, task_force_id, id").Find(ctx)
}

// inLimitOrder sorts limits as CellLimits reads them.
func inLimitOrder(list []CellLimit) []CellLimit {
	slices.SortFunc(list, func(x, y CellLimit) int {
		return cmp.Or(cmp.Compare(x.Board, y.Board), cmp.Compare(x.TaskForceID, y.TaskForceID), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// LimitForces lists the task forces whose limits the actor may set; whole tells whether those for all as well.
func (a *App) LimitForces(ctx context.Context, actor Actor) (forces []TaskForce, whole bool, err error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, false, err
	}
	all, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
	for _, f := range all {
		if s.may(place{taskForce: f.ID}, limiters()...) {
			forces = append(forces, f)
		}
	}
	return forces, s.may(place{}, limiters()...), err
}

// limiters may set the limits of a task force's cells; those for all task forces only who holds the role in the whole district.
func limiters() []workflows.Role {
	return []workflows.Role{workflows.RoleTaskforceLeader, workflows.RoleSupervisionDirector}
}

// SetCellLimit is the command that sets, changes or lifts the limit of a cell.
type SetCellLimit struct {
	Version     int64 // of the limit that was on the screen, 0 where there was none
	Board       string
	TaskForceID int64 // 0 for every task force
	State       string
	Most        int // 0 lifts the limit
	Reason      string
}

// SetCellLimit sets the limit of a cell; what stands there already stays, even where it is more.
func (a *App) SetCellLimit(ctx context.Context, actor Actor, cmd SetCellLimit) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{taskForce: cmd.TaskForceID}, limiters()...); err != nil {
			return err
		}
		if err := t.checkLimit(cmd); err != nil {
			return err
		}
		rows, err := t.lockLimits(cmd.Board, cmd.State, cmd.TaskForceID)
		if err != nil {
			return err
		}
		l := CellLimit{Board: cmd.Board, TaskForceID: cmd.TaskForceID, State: cmd.State}
		var was any
		if len(rows) == 1 {
			l, was = rows[0], rows[0]
		}
		if l.Version != cmd.Version {
			return &Fault{Kind: Stale, Key: "stale"}
		}
		l.Most, l.Reason, l.SetBy, l.SetAt = cmd.Most, strings.TrimSpace(cmd.Reason), t.actor.ID, t.now.Unix()
		if was != nil {
			err = update(t, &l)
		} else {
			err = insert(t, &l)
		}
		if duplicate(err) { // somebody set it at the same moment
			err = &Fault{Kind: Stale, Key: "stale"}
		}
		t.record(change{action: "limit.set", kind: "cell_limit", id: l.ID, no: l.Board + " " + l.State, taskForce: l.TaskForceID, before: was, after: l, reason: l.Reason})
		return err
	})
}

func (t *tx) checkLimit(cmd SetCellLimit) error {
	var c check
	if !slices.Contains(LimitBoards(), cmd.Board) {
		c.add("board", "choose", nil)
	} else if !slices.ContainsFunc(t.app.LimitStates(cmd.Board), func(st workflows.State) bool { return st.ID == cmd.State }) {
		c.add("state", "choose", nil)
	}
	if cmd.Most < 0 || cmd.Most > maxLimit {
		c.add("most", "limit_range", map[string]any{"Most": maxLimit})
	}
	c.text("reason", cmd.Reason, 200, false)
	if err := c.err(); err != nil {
		return err
	}
	return optional[TaskForce](t, "task_force_id", cmd.TaskForceID)
}

// lockLimits reads the limits of a cell and locks them until the end of the transaction: on PostgreSQL, those who enter the cell at once come one after the other,
// each counting what the one before left behind (SQLite has a single writer anyway, and drops the clause).
func (t *tx) lockLimits(board, state string, taskForces ...int64) ([]CellLimit, error) {
	q := table[CellLimit](t.db)
	if !t.reading {
		q = table[CellLimit](t.db, clause.Locking{Strength: "UPDATE"})
	}
	return q.Where("board = ? AND state = ? AND task_force_id IN ?", board, state, taskForces).Order("id").Find(t.ctx)
}

// roomFor refuses when the cell that a thing is about to enter is full. Every path into a cell asks here, before it stores the thing. What the machine does by itself is never held up.
func (t *tx) roomFor(board string, taskForce int64, state string) error {
	if t.actor.trusted() {
		return nil
	}
	if some, err := t.limited(board, state, taskForce); err != nil || !some {
		return err
	}
	limits, err := t.lockLimits(board, state, 0, taskForce)
	if err != nil {
		return err
	}
	l, ok := limitOf(limits, board, taskForce, state)
	if !ok {
		return nil
	}
	query := "SELECT COUNT(*) FROM projects WHERE task_force_id = ? AND stage = ?"
	if board == "tickets" {
		query = "SELECT COUNT(*) FROM tickets WHERE task_force_id = ? AND state = ?"
	}
	var n int
	if err := scanOne(t.db.Raw(query, taskForce, state), &n); err != nil {
		return err
	}
	if n < l.Most {
		return nil
	}
	who, err := table[User](t.db).Where("id = ?", l.SetBy).Find(t.ctx)
	if err != nil {
		return err
	}
	args := map[string]any{"Limit": l.Most, "N": n, "Reason": l.Reason, "Who": ""}
	if len(who) == 1 {
		args["Who"] = who[0].Name
	}
	return refused("cell_full", args)
}
