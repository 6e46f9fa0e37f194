package app

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
	"battlemap/workflows"
)

// Title is what people call a project or a ticket: its public number and its name.
type Title struct {
	ID       int64
	No, Name string
}

// ProjectTitles reads the titles of the projects that the actor may see, in order of their number; only those of ids, unless ids is nil.
func (a *App) ProjectTitles(ctx context.Context, actor Actor, ids []int64) ([]Title, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.projectsWhere()
	return a.titles(ctx, "SELECT id, code AS no, name FROM projects WHERE "+where, args, ids)
}

// TicketTitles reads the titles of the tickets that the actor may see, in order of their number; only those of ids, unless ids is nil.
func (a *App) TicketTitles(ctx context.Context, actor Actor, ids []int64) ([]Title, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.ticketsWhere()
	return a.titles(ctx, "SELECT id, no, title AS name FROM tickets WHERE "+where, args, ids)
}

func (a *App) titles(ctx context.Context, query string, args []any, among []int64) ([]Title, error) {
	if among != nil {
		query, args = query+" AND id IN ?", append(args, ids(among))
	}
	var out []Title
	err := a.db.read.WithContext(ctx).Raw(query+" ORDER BY no", args...).Scan(&out).Error
	return out, err
}

// OwnGrants lists the actor's own grants that are or will be in force.
func (a *App) OwnGrants(ctx context.Context, actor Actor) ([]RoleGrant, error) {
	return table[RoleGrant](a.db.read).Where("user_id = ? AND (valid_to = '' OR valid_to >= ?)", actor.ID, a.Today()).Order("id").Find(ctx)
}

// GrantsAmong reads the grants with these ids, ended ones too, for the words of the records about them.
func (a *App) GrantsAmong(ctx context.Context, among []int64) (map[int64]RoleGrant, error) {
	out := map[int64]RoleGrant{}
	rows, err := table[RoleGrant](a.db.read).Where("id IN ?", ids(among)).Find(ctx)
	for _, g := range rows {
		out[g.ID] = g
	}
	return out, err
}

// Unset lists the people who have no password yet, for administrators and inspectors; Denied for others.
func (a *App) Unset(ctx context.Context, actor Actor) (map[int64]bool, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !s.people && !s.may(place{}, workflows.RoleInspector) {
		return nil, denied()
	}
	var without []int64
	if err := a.db.read.WithContext(ctx).Raw("SELECT id FROM users WHERE password_hash = ''").Scan(&without).Error; err != nil {
		return nil, err
	}
	out := make(map[int64]bool, len(without))
	for _, id := range without {
		out[id] = true
	}
	return out, nil
}

// BaseURL is where links in messages point, "" when the operator gave none.
func (a *App) BaseURL() string { return a.opt.BaseURL }

// CheckProof opens the record's checkpoint with the public keys of this installation and checks the inclusion proof against it. It is
// what the page states; an inspector checks the same on another machine, with a key that did not come from here.
func (a *App) CheckProof(r JournalRecord) (audit.Checkpoint, error) {
	c, err := audit.OpenCheckpoint([]byte(r.Checkpoint.Note), r.Keys)
	if err != nil {
		return c, err
	}
	if err := tlog.CheckRecord(r.Proof, c.Size, c.Root, r.Row.No-1, r.Leaf); err != nil {
		return c, fmt.Errorf("inclusion of record %d in a journal of %d: %w", r.Row.No, c.Size, err)
	}
	return c, nil
}
