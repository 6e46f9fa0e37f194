package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// DeskItem is one line of a person's desk.
type DeskItem struct {
	Group    string // "mine" 该我办, "waiting" 等别人 or "soon" 将到期
	What     string // "ticket", "extension", "pause_review", "claim", "verify_progress", "report", "milestone" or "paper"
	Light    workflows.Light
	No       string // of the ticket or project
	Title    string
	Link     string
	DueOn    calendar.Date
	WantedOn calendar.Date // of an extension
	UnitID   int64         // whose turn it is or whose work it is
	State    string
	Month    calendar.Month   // of a report
	ID       int64            // of the ticket, claim, entry, project or milestone
	Version  int64            // of that row
	Moves    []workflows.Move // that can be made from the list
	Ticket   *Ticket          // of a ticket's own line
}

// reportFrom is the day of the month from which the month's report is asked for [P].
const reportFrom = 20

// soonDays is how many working days ahead the desk looks (look.md).
const soonDays = 3

// Desk lists what waits for a person, what they wait for, and what is due in three working days; the most urgent first.
func (a *App) Desk(ctx context.Context, actor Actor) ([]DeskItem, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	d := &desk{tx: a.view(ctx, actor), sight: s}
	if d.soon, err = d.tx.calendar(0).AddWorkdays(d.tx.today, soonDays); err != nil {
		return nil, fmt.Errorf("look %d working days ahead: %w", soonDays, err)
	}
	for _, gather := range []func() error{d.tickets, d.papers, d.extensions, d.reviews, d.verifications, d.reports, d.milestones} {
		if err := gather(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(d.items, byUrgency)
	return d.items, nil
}

type desk struct {
	tx       *tx
	sight    sight
	soon     calendar.Date
	items    []DeskItem
	projects map[int64]deskProject // that were asked for; those out of sight are not among them
}

// deskProject is a project and what the actor may do there.
type deskProject struct {
	Project
	may ProjectRights
}

// byUrgency puts worse lights first, then earlier dates; no date comes last.
func byUrgency(a, b DeskItem) int {
	switch {
	case a.Light.Worse(b.Light):
		return -1
	case b.Light.Worse(a.Light):
		return 1
	case a.DueOn == b.DueOn:
		return strings.Compare(a.No, b.No)
	case a.DueOn.IsZero():
		return 1
	case b.DueOn.IsZero():
		return -1
	}
	return int(a.DueOn - b.DueOn)
}

func (d *desk) tickets() error {
	t := d.tx
	open, err := t.app.Tickets(t.ctx, t.actor, TicketFilter{Open: true})
	if err != nil {
		return err
	}
	of, err := t.unitsOf(open)
	if err != nil {
		return err
	}
	for i := range open {
		k := &open[i]
		own := of[k.ID]
		moves, err := t.openMoves(k, own)
		if err != nil {
			return err
		}
		group := d.groupOf(k, own, moves)
		if group == "" {
			continue
		}
		d.items = append(d.items, DeskItem{Group: group, What: "ticket", Light: k.Light, No: k.No, Title: k.Title, Link: ticketItem(k).link(), DueOn: k.DueOn,
			UnitID: k.LeadUnitID, State: k.State, ID: k.ID, Version: k.Version, Moves: moves, Ticket: k})
	}
	return nil
}

// unitsOf are the units of some tickets, read at once.
func (t *tx) unitsOf(tickets []Ticket) (map[int64][]TicketUnit, error) {
	of := map[int64][]TicketUnit{}
	if len(tickets) == 0 {
		return of, nil
	}
	numbers := make([]int64, len(tickets))
	for i, k := range tickets {
		numbers[i] = k.ID
	}
	where, arg := among(t.db, "ticket_id", numbers)
	units, err := readRows[TicketUnit](t.ctx, t.db, where+" ORDER BY ticket_id", arg) // in the order of an index, or SQLite reads the units of all tickets
	slices.SortFunc(units, leadFirst)
	for _, u := range units {
		of[u.TicketID] = append(of[u.TicketID], u)
	}
	return of, err
}

func (d *desk) groupOf(k *Ticket, units []TicketUnit, moves []workflows.Move) string {
	mine := slices.ContainsFunc(moves, func(m workflows.Move) bool { return m.Usual || m.ID == "uphold" || m.ID == "grant_pause" })
	handled := k.HandlerID == 0 || k.HandlerID == d.tx.actor.ID || k.State != "in_progress" && k.State != "returned"
	if mine && (handled || len(d.sight.units) == 0) {
		return "mine"
	}
	involved := !d.sight.all || k.CreatedBy == d.tx.actor.ID ||
		slices.ContainsFunc(units, func(u TicketUnit) bool { return u.UnitID == d.tx.actor.UnitID })
	switch {
	case !involved:
		return ""
	case k.DueOn >= d.tx.today && k.DueOn <= d.soon: // what is late already waits, with its light
		return "soon"
	}
	return "waiting"
}

// verifications are the claims and reports that the actor may verify, and the returned ones that they must mend.
func (d *desk) verifications() error {
	t := d.tx
	where, args := d.sight.projectsWhere()
	inSight := "project_id IN (SELECT id FROM projects WHERE " + where + ")"
	claims, err := list[StageClaim](t, "id", "state = 'claimed' AND "+inSight, args...)
	if err != nil {
		return err
	}
	entries, err := list[ProgressEntry](t, "id", "state IN ('reported', 'returned') AND "+inSight, args...)
	if err != nil {
		return err
	}
	var numbers []int64
	for _, c := range claims {
		numbers = append(numbers, c.ProjectID)
	}
	for _, e := range entries {
		numbers = append(numbers, e.ProjectID)
	}
	if err := d.readProjects(numbers); err != nil {
		return err
	}
	for i := range claims {
		d.claim(&claims[i])
	}
	for i := range entries {
		d.entry(&entries[i])
	}
	return nil
}

func (d *desk) claim(c *StageClaim) {
	p, ok := d.projects[c.ProjectID]
	it := DeskItem{Group: "waiting", What: "claim", State: c.ToStage, ID: c.ID, Version: c.Version}
	if p.may.Verify {
		it.Group = "mine"
	}
	if ok && (p.may.Verify || p.may.Report) {
		d.add(&p.Project, it)
	}
}

func (d *desk) entry(e *ProgressEntry) {
	p, ok := d.projects[e.ProjectID]
	it := DeskItem{Group: "mine", What: "verify_progress", Month: e.Month, ID: e.ID, Version: e.Version}
	switch {
	case !ok:
		return
	case e.State == "reported" && p.may.Verify:
	case e.State == "returned" && p.may.Report:
		it.What, it.State, it.ID = "report", "returned", p.ID
	case p.may.Report:
		it.Group = "waiting"
	default:
		return
	}
	d.add(&p.Project, it)
}

func (d *desk) add(p *Project, it DeskItem) {
	it.No, it.Title, it.Link, it.UnitID = p.Code, p.Name, projectItem(p).link(), p.UnitID
	if it.Light == "" {
		it.Light = p.Light
	}
	d.items = append(d.items, it)
}

// readProjects reads those of some projects that the actor sees and that were not read yet, and what the actor may do there: one query, however many they are.
func (d *desk) readProjects(numbers []int64) error {
	if d.projects == nil {
		d.projects = map[int64]deskProject{}
	}
	wanted := slices.DeleteFunc(slices.Clone(numbers), func(id int64) bool { _, read := d.projects[id]; return read })
	if len(wanted) == 0 {
		return nil
	}
	seen, args := d.sight.projectsWhere()
	where, arg := among(d.tx.db, "id", wanted)
	found, err := list[Project](d.tx, "id", seen+" AND "+where, append(args, arg)...)
	if err != nil {
		return err
	}
	for i := range found {
		may, err := d.tx.rightsOn(&found[i])
		if err != nil {
			return err
		}
		d.projects[found[i].ID] = deskProject{found[i], may}
	}
	return nil
}

// reports are the projects whose report of this month is not in, from the 20th on.
func (d *desk) reports() error {
	t := d.tx
	if t.today.Day() < reportFrom || len(d.sight.units) == 0 {
		return nil
	}
	month := t.today.Month()
	due, err := list[Project](t, "id", `unit_id IN ? AND year = ? AND stage IN ('signed', 'landed', 'started', 'building')
AND planned_start_on <> '' AND id NOT IN (SELECT project_id FROM progress_entries WHERE month = ?)`, ids(d.sight.units), month.Year(), month)
	if err != nil {
		return err
	}
	for i := range due {
		may, err := t.rightsOn(&due[i])
		if err != nil {
			return err
		}
		if may.Report {
			d.add(&due[i], DeskItem{Group: "mine", What: "report", Month: month, DueOn: month.Last(), ID: due[i].ID})
		}
	}
	return nil
}

// milestones are those of the actor's own projects that are due soon or past.
func (d *desk) milestones() error {
	if d.sight.all {
		return nil
	}
	t := d.tx
	where, args := d.sight.projectsWhere()
	open, err := list[Milestone](t, "id", "actual_on = '' AND (CASE revised_on WHEN '' THEN baseline_on ELSE revised_on END) <= ? AND project_id IN (SELECT id FROM projects WHERE "+where+")",
		append([]any{d.soon}, args...)...)
	if err != nil {
		return err
	}
	var numbers []int64
	for _, m := range open {
		numbers = append(numbers, m.ProjectID)
	}
	if err := d.readProjects(numbers); err != nil {
		return err
	}
	for _, m := range open {
		p, ok := d.projects[m.ProjectID]
		if !ok {
			continue
		}
		it := DeskItem{Group: "soon", What: "milestone", Light: m.Light, DueOn: m.DueOn(), State: m.Name, ID: m.ID, Version: m.Version}
		if it.DueOn < t.today {
			it.Group = "mine"
		}
		d.add(&p.Project, it)
	}
	return nil
}
