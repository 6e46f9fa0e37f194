package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// followEvery is how often a node looks whether another one has written, while somebody listens to it.
const followEvery = 500 * time.Millisecond

// follow watches the head of the journal for records of other nodes until it is stopped. SQLite has one node, which hears its own writes.
func (a *App) follow(stop <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		size, err := a.JournalSize(ctx)
		if err != nil {
			a.opt.Log.Warn("look at the journal's head for those who listen", "error", err) // the listeners' own heartbeat fails too, and their browsers ask again
			continue
		}
		a.hub.hear(size)
	}
}

// FeedReach is how many records back the live feed can be resumed; a page that has missed more is drawn anew.
const FeedReach = 500

// Feed is what has happened in the journal since a number, as one actor may know it: names of items, no facts.
type Feed struct {
	No     int64    `json:"no"`     // the journal's size: where to go on from
	Items  []string `json:"items"`  // names of the items that changed and that the actor may see, each once
	All    bool     `json:"all"`    // who may see what may have changed: the page has to be drawn anew
	Reload bool     `json:"reload"` // too much was missed, or the number is not of this journal
}

// Feed reads what happened after a number of the journal. What an actor may not see is not named; what went out of sight, or came into it, is only "all".
func (a *App) Feed(ctx context.Context, actor Actor, after int64) (Feed, error) {
	size, err := a.JournalSize(ctx)
	if err != nil {
		return Feed{}, fmt.Errorf("read the live feed: %w", err)
	}
	f := Feed{No: size, Items: []string{}}
	switch {
	case after == size:
		return f, nil
	case after > size || after < size-FeedReach || after < 0:
		f.Reload = true
		return f, nil
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Feed{}, err
	}
	q := table[JournalRow](a.db.read).Select("no", "action", "object_kind", "task_force_id", "project_id", "ticket_id").Where("no > ? AND no <= ?", after, size)
	rows, err := q.Order("no").Find(ctx)
	if err != nil {
		return Feed{}, fmt.Errorf("read the live feed: %w", err)
	}
	tickets, projects := map[int64]bool{}, map[int64]bool{}
	for _, r := range rows {
		f.All = f.All || changesSight(r)
		if r.TicketID != 0 {
			tickets[r.TicketID] = true
		}
		if r.ProjectID != 0 { // a project's card counts its tickets
			projects[r.ProjectID] = true
		}
	}
	f.Items, err = a.seenNames(ctx, s, projects, tickets)
	return f, err
}

// changesSight tells whether a record may change who sees what.
func changesSight(r JournalRow) bool {
	switch r.ObjectKind {
	case "grant", "assignment", "task_force", "unit":
		return true
	}
	return r.Action == "ticket.hand"
}

// seenNames names the items that a sight covers, in order.
func (a *App) seenNames(ctx context.Context, s sight, projects, tickets map[int64]bool) ([]string, error) {
	names := []string{}
	for _, of := range []struct {
		kind, query string
		where       func() (string, []any)
		rows        map[int64]bool
	}{
		{"project", "SELECT id, code AS no, name FROM projects WHERE ", s.projectsWhere, projects},
		{"ticket", "SELECT id, no, title AS name FROM tickets WHERE ", s.ticketsWhere, tickets},
	} {
		if len(of.rows) == 0 {
			continue
		}
		where, args := of.where()
		titles, err := a.titles(ctx, of.query+where, args, slices.Sorted(maps.Keys(of.rows)))
		if err != nil {
			return nil, fmt.Errorf("name the items of the live feed: %w", err)
		}
		for _, t := range titles {
			names = append(names, ItemName{of.kind, t.No}.String())
		}
	}
	return names, nil
}
