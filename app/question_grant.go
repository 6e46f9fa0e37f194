package app

import (
	"context"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Granted is a role that somebody held on a day, as the journal had it by the end of that day.
type Granted struct {
	Told     // the record that gave it
	User     int64
	Account  string
	Role     workflows.Role
	Scope    string
	ScopeID  int64
	From, To calendar.Date // as they stood on that day; To is zero for an open end
	End      Told          // on that very day: the record that ended it, so it was held until then
	Shut     Told          // the account was shut: the record since which
	Moves    []workflows.Move
}

// GrantsOn answers who held which role at the end of a day, and which moves the role could make under the workflows in force on that day. It is folded from the
// journal up to the end of that day, so what was granted or ended later with an earlier date does not count. Day is f.To; the unit is that of the person today.
func (a *App) GrantsOn(ctx context.Context, actor Actor, f QuestionFilter) ([]Granted, error) {
	if err := a.asking(ctx, actor); err != nil {
		return nil, err
	}
	day := f.To
	if day.IsZero() {
		day = a.Today()
	}
	told, err := a.told(ctx, QuestionFilter{To: day}, "grant.give", "grant.end", "user.disable")
	if err != nil {
		return nil, err
	}
	given, shut := foldGrants(a, told, day)
	dir, err := a.Directory(ctx)
	if err != nil {
		return nil, err
	}
	var out []Granted
	for _, g := range given {
		held := g.From <= day && (g.To.IsZero() || day <= g.To || g.End.No() != 0)
		if !held || f.Person != 0 && g.User != f.Person || f.Unit != 0 && dir.Users[g.User].UnitID != f.Unit || f.Sort != "" && string(g.Role) != f.Sort ||
			f.TaskForce != 0 && (g.Scope != "task_force" || g.ScopeID != f.TaskForce) {
			continue
		}
		g.Shut = shut[g.User]
		g.Moves = a.movesOf(g.Role, day)
		out = append(out, *g)
	}
	slices.SortStableFunc(out, func(x, y Granted) int { return strings.Compare(x.Account, y.Account) })
	return out, nil
}

// foldGrants follows the records of grants and of accounts up to the end of a day.
func foldGrants(a *App, told []Told, day calendar.Date) ([]*Granted, map[int64]Told) {
	var order []*Granted
	by, shut := map[int64]*Granted{}, map[int64]Told{}
	for _, t := range told {
		switch t.Row.Action {
		case "grant.give":
			g := &Granted{Told: t, User: t.Is.Number("user_id"), Account: t.Record.Object.No, Role: workflows.Role(t.Is.Text("role")), Scope: t.Is.Text("scope"),
				ScopeID: t.Is.Number("scope_id"), From: t.Is.Day("valid_from"), To: t.Is.Day("valid_to")}
			by[t.Row.ObjectID], order = g, append(order, g)
		case "grant.end":
			if g := by[t.Row.ObjectID]; g != nil {
				was := g.To
				g.To = t.Is.Day("valid_to")
				if a.dayOf(t.Row.At) == day && g.From <= day && (was.IsZero() || day <= was) {
					g.End = t
				}
			}
		case "user.disable":
			delete(shut, t.Row.ObjectID)
			if t.Is.Truth("disabled") {
				shut[t.Row.ObjectID] = t
			}
		}
	}
	return order, shut
}

// movesOf are the moves of tickets and projects that a role could make or verify on a day.
func (a *App) movesOf(role workflows.Role, day calendar.Date) []workflows.Move {
	var out []workflows.Move
	for _, id := range []string{"ticket", "project"} {
		e, _ := a.known.Load().on("machine", id, day)
		if e.machine == nil {
			continue
		}
		for _, m := range e.machine.Moves {
			if m.Allows([]workflows.Role{role}) || m.AllowsVerifying([]workflows.Role{role}) {
				out = append(out, m)
			}
		}
	}
	return out
}
