package app

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Card is a project as the map shows it.
type Card struct {
	Project     Project
	Responsible int64  // user, 0 when vacant
	Officer     int64  // user
	Guarantee   int64  // 包保领导, user
	Person      string // name of the responsible person
	Unit        string // name of the responsible unit
	Days        int    // calendar days in the stage
	Limit       int    // days that the stage may take, 0 for no limit
	Next        *Milestone
	Stones      []Milestone // all of them, in their order
	Tickets     int         // open
	Blockers    int         // open tickets of kind blocker
	Papers      int         // lit escalations whose paper awaits an answer
	PlanFen     int64       // planned from January to the end of this month
	Drawn       int64       // counts up whenever anything on the card changes; 0 for cards that are not kept
}

// MapRow is one task force's row: its cards by stage, in the order of Map.Stages.
type MapRow struct {
	TaskForce TaskForce
	Lights    map[workflows.Light]int
	Cells     [][]Card
}

// Map is the battle map: task forces by stages.
type Map struct {
	Stages []workflows.State
	Counts []int // cards in each stage
	Rows   []MapRow
	Totals Totals
}

// Totals are the sums over the projects that the actor may see. Money is in fen.
type Totals struct {
	Planned, SpringStart, Signed, TaskForces int
	PlannedInvest, YearPlan, SignedInvest    int64
	Schedule                                 int64 // planned to the end of this month
	Verified                                 int64
	Lights                                   map[workflows.Light]int
}

// ProjectFilter narrows lists and the map; zero fields do not.
type ProjectFilter struct {
	TaskForce, Unit int64
	Light           workflows.Light
	Stage           string
	Text            string
	Mine            bool // only projects that the actor is assigned to
}

func (s sight) findProjects(ctx context.Context, db *gorm.DB, f ProjectFilter) ([]Project, error) {
	where, args := s.projectsWhere()
	q := table[Project](db).Where(where, args...)
	if f.TaskForce > 0 {
		q = q.Where("task_force_id = ?", f.TaskForce)
	}
	if f.Unit > 0 {
		q = q.Where("(unit_id = ? OR lead_unit_id = ?)", f.Unit, f.Unit)
	}
	if f.Light != "" {
		q = q.Where("light = ?", plain(string(f.Light)))
	}
	if f.Stage != "" {
		q = q.Where("stage = ?", plain(f.Stage))
	}
	if text := strings.TrimSpace(plain(f.Text)); text != "" {
		found, args, err := textWhere(ctx, db, "project", text, s.all)
		if err != nil {
			return nil, err
		}
		q = q.Where(found, args...)
	}
	if f.Mine {
		q = q.Where("id IN (SELECT project_id FROM assignments WHERE valid_to = '' AND ? IN (guarantee_leader_id, responsible_id, officer_id))", s.actor)
	}
	return q.Order("task_force_id, id").Find(ctx)
}

// BattleMap reads the map as the actor may see it.
func (a *App) BattleMap(ctx context.Context, actor Actor, f ProjectFilter) (Map, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Map{}, err
	}
	cards, err := a.cards(ctx, s, f)
	if err != nil {
		return Map{}, err
	}
	forces, err := table[TaskForce](a.db.read).Order("position").Find(ctx)
	if err != nil {
		return Map{}, err
	}
	m := Map{Stages: a.mapStages(cards), Totals: totals(cards)}
	m.Totals.TaskForces = len(forces)
	m.Counts = make([]int, len(m.Stages))
	for _, tf := range forces {
		row := MapRow{TaskForce: tf, Lights: map[workflows.Light]int{}, Cells: make([][]Card, len(m.Stages))}
		n := 0
		for _, c := range cards {
			if c.Project.TaskForceID != tf.ID {
				continue
			}
			at := slices.IndexFunc(m.Stages, func(st workflows.State) bool { return st.ID == c.Project.Stage })
			row.Cells[at] = append(row.Cells[at], c)
			row.Lights[c.Project.Light]++
			m.Counts[at]++
			n++
		}
		if n > 0 || s.all && f == (ProjectFilter{}) {
			m.Rows = append(m.Rows, row)
		}
	}
	return m, nil
}

// mapStages are the columns: the main line from signing on, and any other stage in which a card stands.
func (a *App) mapStages(cards []Card) []workflows.State {
	machine := a.Machine("project")
	always := machine.Rank("signed")
	var out []workflows.State
	for _, st := range machine.States {
		stands := slices.ContainsFunc(cards, func(c Card) bool { return c.Project.Stage == st.ID })
		rank := machine.Rank(st.ID)
		if stands || rank >= always && rank <= machine.Rank("in_production") {
			out = append(out, st)
		}
	}
	return out
}

// cards reads the visible projects with what stands on their cards, the worst light first.
func (a *App) cards(ctx context.Context, s sight, f ProjectFilter) ([]Card, error) {
	projects, err := s.findProjects(ctx, a.db.read, f)
	if err != nil {
		return nil, err
	}
	dir, err := a.Directory(ctx)
	if err != nil {
		return nil, err
	}
	cards, err := a.makeCards(ctx, dir, projects, nil)
	slices.SortStableFunc(cards, worseCard)
	return cards, err
}

// makeCards puts on the cards what stands on them; only narrows the reading to these projects, nil reads for all at once.
func (a *App) makeCards(ctx context.Context, dir Directory, projects []Project, only []int64) ([]Card, error) {
	byID := make(map[int64]*Card, len(projects))
	cards := make([]Card, len(projects))
	today := a.Today()
	for i, p := range projects {
		state, _ := a.MachineOf("project", p.MachineVersion).State(p.Stage)
		cards[i] = Card{Project: p, Days: int(today - p.StageSince), Limit: state.LimitDays, Unit: dir.Units[p.UnitID].Name}
		byID[p.ID] = &cards[i]
	}
	return cards, a.fillCards(ctx, dir, byID, only)
}

// worseCard orders cards: the worst light first, then by code.
func worseCard(x, y Card) int {
	switch {
	case x.Project.Light.Worse(y.Project.Light):
		return -1
	case y.Project.Light.Worse(x.Project.Light):
		return 1
	}
	return strings.Compare(x.Project.Code, y.Project.Code)
}

// ofProjects narrows a query to some projects; nil leaves it as it is.
func ofProjects(only []int64) (string, []any) {
	if only == nil {
		return "1 = 1", nil
	}
	return "project_id IN ?", []any{ids(only)}
}

// fillCards adds responsible persons, milestones, plans and counts: one query each for all cards.
func (a *App) fillCards(ctx context.Context, dir Directory, cards map[int64]*Card, only []int64) error {
	where, args := ofProjects(only)
	assigned, err := table[Assignment](a.db.read).Where("valid_to = ''").Where(where, args...).Find(ctx)
	if err != nil {
		return err
	}
	for _, s := range assigned {
		if c := cards[s.ProjectID]; c != nil {
			c.Responsible, c.Officer, c.Guarantee, c.Person = s.ResponsibleID, s.OfficerID, s.GuaranteeLeaderID, dir.Users[s.ResponsibleID].Name
		}
	}
	stones, err := table[Milestone](a.db.read).Where(where, args...).Order("project_id, position").Find(ctx)
	if err != nil {
		return err
	}
	for _, m := range stones {
		if c := cards[m.ProjectID]; c != nil {
			c.Stones = append(c.Stones, m)
		}
	}
	plans, err := table[MonthlyPlan](a.db.read).Where("month <= ?", a.Today().Month()).Where(where, args...).Find(ctx)
	if err != nil {
		return err
	}
	for _, m := range plans {
		if c := cards[m.ProjectID]; c != nil && m.Month.Year() == c.Project.Year {
			c.PlanFen += m.AmountFen
		}
	}
	for _, c := range cards {
		c.Next = nextStone(c.Stones)
	}
	return a.countCards(ctx, cards, only)
}

// nextStone is the milestone that is due next, the first of those that are due on one day; nil when all were reached.
func nextStone(stones []Milestone) *Milestone {
	var next *Milestone
	for i := range stones {
		if m := &stones[i]; m.ActualOn.IsZero() && (next == nil || m.DueOn() < next.DueOn()) {
			next = m
		}
	}
	return next
}

func (a *App) countCards(ctx context.Context, cards map[int64]*Card, only []int64) error {
	where, args := ofProjects(only)
	var counts []struct {
		ProjectID int64
		What      string
		N         int
	}
	err := a.db.read.WithContext(ctx).Raw(`
SELECT project_id, CASE kind WHEN 'blocker' THEN 'blocker' ELSE 'ticket' END AS what, COUNT(*) AS n FROM tickets
WHERE project_id > 0 AND state NOT IN ('draft', 'pending', 'closed', 'terminated') AND `+where+` GROUP BY 1, 2
UNION ALL SELECT project_id, 'paper', COUNT(*) FROM escalations WHERE lifted_on = '' AND answer_by <> '' AND project_id > 0 AND `+where+` GROUP BY 1`, append(args, args...)...).Scan(&counts).Error
	if err != nil {
		return err
	}
	for _, n := range counts {
		c := cards[n.ProjectID]
		if c == nil {
			continue
		}
		switch n.What {
		case "paper":
			c.Papers += n.N
		case "blocker":
			c.Blockers += n.N
			c.Tickets += n.N
		default:
			c.Tickets += n.N
		}
	}
	return nil
}

func totals(cards []Card) Totals {
	t := Totals{Lights: map[workflows.Light]int{}}
	for _, c := range cards {
		p := c.Project
		t.Lights[p.Light]++
		if p.InPlan {
			t.Planned++
			t.PlannedInvest += p.InvestFen
			t.YearPlan += p.YearPlanFen
			t.Schedule += c.PlanFen
			t.Verified += p.VerifiedFen
		}
		if p.SpringStart {
			t.SpringStart++
		}
		if !p.InPlan && !p.SignedOn.IsZero() {
			t.Signed++
			t.SignedInvest += p.InvestFen
		}
	}
	return t
}

// Projects lists the cards that the actor may see.
func (a *App) Projects(ctx context.Context, actor Actor, f ProjectFilter) ([]Card, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	return a.cards(ctx, s, f)
}

// TicketFilter narrows a list of tickets; zero fields do not.
type TicketFilter struct {
	TaskForce, Project, Unit int64
	Light                    workflows.Light
	State, Kind, Text        string
	Asks                     string // one of TicketAsks
	Open                     bool
	Limit                    int
}

// Tickets lists the tickets that the actor may see, the most urgent first.
func (a *App) Tickets(ctx context.Context, actor Actor, f TicketFilter) ([]Ticket, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.ticketsWhere()
	q := table[Ticket](a.db.read).Where(where, args...)
	for column, value := range map[string]int64{"task_force_id": f.TaskForce, "project_id": f.Project} {
		if value > 0 {
			q = q.Where(column+" = ?", value)
		}
	}
	if f.Unit > 0 {
		q = q.Where("id IN (SELECT ticket_id FROM ticket_units WHERE unit_id = ?)", f.Unit)
	}
	for column, value := range map[string]string{"light": string(f.Light), "state": f.State, "kind": f.Kind} {
		if value != "" {
			q = q.Where(column+" = ?", plain(value))
		}
	}
	if f.Asks != "" {
		asks, args := asksWhere(f.Asks, a.Today())
		q = q.Where(asks, args...)
	}
	if f.Open {
		q = q.Where(openTickets)
	}
	if text := strings.TrimSpace(plain(f.Text)); text != "" {
		found, args, err := textWhere(ctx, a.db.read, "ticket", text, s.all)
		if err != nil {
			return nil, err
		}
		q = q.Where(found, args...)
	}
	if f.Limit == 0 {
		f.Limit = usualTickets
	}
	return q.Order(urgentFirst).Limit(f.Limit).Find(ctx)
}

// usualTickets is how many tickets a list shows where its caller names no number.
const usualTickets = 500

// TicketsHandledBy lists the tickets that some people handle, as far as the actor may see them, the most urgent first.
func (a *App) TicketsHandledBy(ctx context.Context, actor Actor, people []int64) ([]Ticket, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.ticketsWhere()
	return table[Ticket](a.db.read).Where("handler_id > 0 AND handler_id IN ?", ids(people)).Where(where, args...).Order(urgentFirst).Limit(usualTickets).Find(ctx)
}

// monthsOf lists the twelve months of a year.
func monthsOf(year int) []calendar.Month {
	out := make([]calendar.Month, 12)
	for i := range out {
		out[i] = calendar.MakeMonth(year, 1).Add(i)
	}
	return out
}
