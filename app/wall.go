package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Wall is what the big screen shows: how many projects stand where under which light, what is red and who answers for it, and what comes next.
type Wall struct {
	TaskForce int64 // the only one that may be seen, 0 for as many as the sight holds
	Stages    []workflows.State
	Rows      []WallRow
	Totals    Totals
	Rates     []Rate      // the four rates, as of today
	Red       []RedItem   // the longest first, at most forty
	Reds      int         // how many there are
	Next      []WallStone // what is due next, over all rows
	Size, At  int64       // of the journal: records, and the instant of the newest
}

// WallRow is a task force on the wall: its projects by stage and light, those that are lit, the worst first, and its next milestones.
type WallRow struct {
	TaskForce TaskForce
	Cells     []map[workflows.Light]int // by stage
	Lights    map[workflows.Light]int
	Lit       []Card
	Next      []WallStone
	Projects  int
}

// WallStone is a milestone that was not reached yet, or a ticket that was not closed yet, with its date.
type WallStone struct {
	On        calendar.Date
	Of, Name  string // the project and the milestone; of a ticket its number and title
	Ticket    bool
	TaskForce int64
}

// RedItem is a matter under a red light, and the leader who answers for it.
type RedItem struct {
	Kind      string // "project", "milestone" or "ticket"
	No, Title string
	TaskForce int64
	Lit       Escalation // what lit it first
	Days      int        // in red, today included
	Leader    int64      // user; 0 where nobody is named
	Guarantee bool       // the leader guarantees the project 包保领导; else leads the task force 班长
}

// redMost is how many red matters a wall lists at most; a screen turns some pages, and nobody waits for the fortieth.
const redMost = 40

// Wall reads the wall as the actor may see it.
func (a *App) Wall(ctx context.Context, actor Actor) (Wall, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Wall{}, err
	}
	return a.wall(ctx, s)
}

// LinkedWall reads the wall as the screen of a link may show it.
func (a *App) LinkedWall(ctx context.Context, l WallLink) (Wall, error) {
	w, err := a.wall(ctx, l.sight())
	w.TaskForce = l.TaskForceID
	return w, err
}

func (a *App) wall(ctx context.Context, s sight) (Wall, error) {
	cards, err := a.cards(ctx, s, ProjectFilter{})
	if err != nil {
		return Wall{}, err
	}
	forces, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
	if err != nil {
		return Wall{}, err
	}
	w := Wall{Stages: a.mapStages(cards), Totals: totals(cards)}
	for _, f := range forces {
		row := w.row(f, cards)
		if row.Projects > 0 || s.all || slices.Contains(s.taskForces, f.ID) {
			w.Rows = append(w.Rows, row)
		}
	}
	w.Totals.TaskForces = len(w.Rows)
	if w.Rates, err = a.wallRates(ctx, cards); err != nil {
		return w, fmt.Errorf("work the rates out: %w", err)
	}
	if w.Red, err = a.redItems(ctx, s, forces); err != nil {
		return w, fmt.Errorf("read what is red: %w", err)
	}
	w.Reds, w.Red = len(w.Red), w.Red[:min(len(w.Red), redMost)]
	if err := a.wallNext(ctx, s, &w); err != nil {
		return w, fmt.Errorf("read what is due next: %w", err)
	}
	err = scanOne(a.db.read.WithContext(ctx).Raw("SELECT size, at FROM journal_head WHERE id = 1"), &w.Size, &w.At)
	return w, err
}

func (a *App) wallRates(ctx context.Context, cards []Card) ([]Rate, error) {
	projects := make([]Project, len(cards))
	for i, c := range cards {
		projects[i] = c.Project
	}
	list, err := rated(ctx, a.db.read, projects, a.Today())
	return RatesOf(list, a.Today(), a.rates), err
}

// row gathers one task force out of cards that are in order, the worst light first.
func (w *Wall) row(f TaskForce, cards []Card) WallRow {
	row := WallRow{TaskForce: f, Lights: map[workflows.Light]int{}, Cells: make([]map[workflows.Light]int, len(w.Stages))}
	for i := range row.Cells {
		row.Cells[i] = map[workflows.Light]int{}
	}
	for _, c := range cards {
		if c.Project.TaskForceID != f.ID {
			continue
		}
		row.Projects++
		row.Lights[c.Project.Light]++
		if at := slices.IndexFunc(w.Stages, func(st workflows.State) bool { return st.ID == c.Project.Stage }); at >= 0 {
			row.Cells[at][c.Project.Light]++
		}
		if c.Project.Light.Worse(workflows.LightBlue) {
			row.Lit = append(row.Lit, c)
		}
		if c.Next != nil {
			row.Next = append(row.Next, WallStone{On: c.Next.DueOn(), Of: c.Project.Name, Name: c.Next.Name, TaskForce: f.ID})
		}
	}
	slices.SortStableFunc(row.Next, byDay)
	return row
}

func byDay(x, y WallStone) int { return int(x.On - y.On) }

// redItems lists what is lit red and seen with this sight, each matter once, the longest first.
func (a *App) redItems(ctx context.Context, s sight, forces []TaskForce) ([]RedItem, error) {
	lit, err := table[Escalation](a.db.read).Where("lifted_on = '' AND light = ? AND item_kind IN ('project', 'milestone', 'ticket')", string(workflows.LightRed)).Order("began_on, id").Find(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := a.redSeen(ctx, s, lit)
	if err != nil {
		return nil, err
	}
	var out []RedItem
	once := map[string]bool{}
	for _, e := range lit {
		key := fmt.Sprint(e.ItemKind, " ", e.ItemID)
		title, ok := seen.title(e)
		if !ok || once[key] {
			continue
		}
		once[key] = true
		it := RedItem{Kind: e.ItemKind, No: title.No, Title: title.Name, TaskForce: e.TaskForceID, Lit: e, Days: int(a.Today()-e.BeganOn) + 1}
		it.Leader, it.Guarantee = seen.guarantee[e.ProjectID], seen.guarantee[e.ProjectID] != 0
		if at := slices.IndexFunc(forces, func(f TaskForce) bool { return f.ID == e.TaskForceID }); it.Leader == 0 && at >= 0 {
			it.Leader = forces[at].LeaderID
		}
		out = append(out, it)
	}
	return out, nil
}

// redTitles are the titles of what is red, as far as it is seen, and who guarantees the projects.
type redTitles struct {
	projects, tickets map[int64]Title
	stones            map[int64]string
	guarantee         map[int64]int64
}

// title is what a matter is called; ok is false for what is out of sight.
func (r redTitles) title(e Escalation) (t Title, ok bool) {
	if e.ItemKind == "ticket" {
		t, ok = r.tickets[e.TicketID]
		return t, ok
	}
	t, ok = r.projects[e.ProjectID]
	if e.ItemKind == "milestone" && r.stones[e.ItemID] != "" {
		t.Name += " · " + r.stones[e.ItemID]
	}
	return t, ok
}

func (a *App) redSeen(ctx context.Context, s sight, lit []Escalation) (redTitles, error) {
	r := redTitles{projects: map[int64]Title{}, tickets: map[int64]Title{}, stones: map[int64]string{}, guarantee: map[int64]int64{}}
	of := map[string][]int64{}
	for _, e := range lit {
		of["project"], of["ticket"] = append(of["project"], e.ProjectID), append(of["ticket"], e.TicketID)
		if e.ItemKind == "milestone" {
			of["milestone"] = append(of["milestone"], e.ItemID)
		}
	}
	read := func(into map[int64]Title, query string, args []any, among []int64) error {
		found, err := a.titles(ctx, query, args, ids(among))
		for _, t := range found {
			into[t.ID] = t
		}
		return err
	}
	where, args := s.projectsWhere()
	if err := read(r.projects, "SELECT id, code AS no, name FROM projects WHERE "+where, args, of["project"]); err != nil {
		return r, err
	}
	where, args = s.ticketsWhere()
	if err := read(r.tickets, "SELECT id, no, title AS name FROM tickets WHERE "+where, args, of["ticket"]); err != nil {
		return r, err
	}
	stones, err := table[Milestone](a.db.read).Where("id IN ?", ids(of["milestone"])).Find(ctx)
	if err != nil {
		return r, err
	}
	for _, m := range stones {
		r.stones[m.ID] = m.Name
	}
	held, err := table[Assignment](a.db.read).Where("valid_to = '' AND project_id IN ?", ids(of["project"])).Find(ctx)
	for _, h := range held {
		r.guarantee[h.ProjectID] = h.GuaranteeLeaderID
	}
	return r, err
}

// wallSoon is how many coming dates a wall names.
const wallSoon = 6

// wallNext gathers what is due from today on: the rows' milestones and the open tickets.
func (a *App) wallNext(ctx context.Context, s sight, w *Wall) error {
	today := a.Today()
	for _, row := range w.Rows {
		for _, stone := range row.Next {
			if stone.On >= today {
				w.Next = append(w.Next, stone)
			}
		}
	}
	where, args := s.ticketsWhere()
	due, err := table[Ticket](a.db.read).Where(where, args...).Where("state NOT IN ('draft', 'pending', 'closed', 'terminated') AND due_on >= ?", today).Order("due_on, id").Limit(wallSoon).Find(ctx)
	if err != nil {
		return err
	}
	for _, k := range due {
		w.Next = append(w.Next, WallStone{On: k.DueOn, Of: k.No, Name: strings.TrimSpace(k.Title), Ticket: true, TaskForce: k.TaskForceID})
	}
	slices.SortStableFunc(w.Next, byDay)
	w.Next = w.Next[:min(len(w.Next), wallSoon)]
	return nil
}

// Count is how many projects stand in the stage at a place of Wall.Stages.
func (r WallRow) Count(stage int) int {
	n := 0
	for _, m := range r.Cells[stage] {
		n += m
	}
	return n
}
