package app

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// SavedView is a view of the map under a name: the query of its address. Everybody who opens it sees what they may see and no more.
type SavedView struct {
	Row
	OwnerID int64
	Name    string
	Query   string // as in an address, "light=red&view=stages"
	Scope   string // who finds it: "own", "task_force" or "district"
	ScopeID int64  // the task force
	SavedAt int64
}

// ViewScopes lists who a view may be shared with.
func ViewScopes() []string { return []string{"own", "task_force", "district"} }

// maxViews is how many views one person may keep.
const maxViews = 50

// SaveView is the command that keeps a view of the map; a view of the same name takes its place.
type SaveView struct {
	Name, Query, Scope string
	ScopeID            int64
}

// SaveView keeps a view. Everybody may keep their own; sharing one takes a role in the task force, or in the whole district.
func (a *App) SaveView(ctx context.Context, actor Actor, cmd SaveView) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.checkView(cmd); err != nil {
			return err
		}
		mine, err := list[SavedView](t, "id", "owner_id = ?", actor.ID)
		if err != nil {
			return err
		}
		v := SavedView{OwnerID: actor.ID, Name: strings.TrimSpace(cmd.Name)}
		var was any
		if i := slices.IndexFunc(mine, func(have SavedView) bool { return have.Name == v.Name }); i >= 0 {
			v, was = mine[i], mine[i]
		} else if len(mine) >= maxViews {
			return invalid("name", "views_full", map[string]any{"Most": maxViews})
		}
		v.Query, v.Scope, v.ScopeID, v.SavedAt = cmd.Query, cmd.Scope, cmd.ScopeID, t.now.Unix()
		if was != nil {
			err = update(t, &v)
		} else {
			err = insert(t, &v)
		}
		t.record(change{action: "view.save", kind: "saved_view", id: v.ID, no: v.Name, before: was, after: v})
		return taken(err, "name")
	})
}

func (t *tx) checkView(cmd SaveView) error {
	var c check
	c.text("name", cmd.Name, 30, false)
	c.text("query", cmd.Query, 1000, true)
	if _, err := url.ParseQuery(cmd.Query); err != nil {
		c.add("query", "choose", nil)
	}
	if !slices.Contains(ViewScopes(), cmd.Scope) || (cmd.Scope == "task_force") != (cmd.ScopeID != 0) {
		c.add("scope", "choose", nil)
	}
	if err := c.err(); err != nil || cmd.Scope == "own" {
		return err
	}
	roles, err := t.roles(place{taskForce: cmd.ScopeID})
	if err == nil && len(roles) == 0 && !t.actor.trusted() {
		return denied()
	}
	return err
}

// DropView is the command that gives a view up.
type DropView struct{ ID, Version int64 }

// DropView gives a view up; only who saved it may.
func (a *App) DropView(ctx context.Context, actor Actor, cmd DropView) error {
	return a.write(ctx, actor, func(t *tx) error {
		v, err := get[SavedView](t, cmd.ID)
		if err != nil {
			return err
		}
		if v.OwnerID != actor.ID {
			return missing()
		}
		if v.Version != cmd.Version {
			return &Fault{Kind: Stale, Key: "stale"}
		}
		if _, err := table[SavedView](t.db).Where("id = ?", v.ID).Delete(t.ctx); err != nil {
			return err
		}
		t.record(change{action: "view.drop", kind: "saved_view", id: v.ID, no: v.Name, before: *v})
		return nil
	})
}

// Views lists the views that the actor finds: the own ones first, then those that are shared with them.
func (a *App) Views(ctx context.Context, actor Actor) ([]SavedView, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	q := table[SavedView](a.db.read).Where("owner_id = ? OR scope = 'district' OR (scope = 'task_force' AND scope_id IN ?)", actor.ID, ids(s.taskForces))
	if s.all {
		q = table[SavedView](a.db.read).Where("owner_id = ? OR scope <> 'own'", actor.ID)
	}
	views, err := q.Order("name, id").Find(ctx)
	slices.SortStableFunc(views, func(x, y SavedView) int { return others(x, actor) - others(y, actor) })
	return views, err
}

// others is 0 for the actor's own views and 1 for those of others.
func others(v SavedView, actor Actor) int {
	if v.OwnerID == actor.ID {
		return 0
	}
	return 1
}
