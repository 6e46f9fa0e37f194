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
	tx    *tx
	sight sight
	soon  calendar.Date
	items []DeskItem
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
	units, err := list[TicketUnit](t, "part DESC, id", "ticket_id IN (SELECT id FROM tickets WHERE state NOT IN ('closed', 'terminated'))")
	if err != nil {
		return err
	}
	of := map[int64][]TicketUnit{}
	for _, u := range units {
		of[u.TicketID] = append(of[u.TicketID], u)
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
			UnitID: k.LeadUnitID, State: k.State, ID: k.ID, Version: k.Version, Moves: moves})
	}
	return nil
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
	claims, err := list[StageClaim](t, "id", "state = 'claimed'")
	if err != nil {
		return err
	}
	for _, c := range claims {
		err := d.forProject(c.ProjectID, func(p *Project, may ProjectRights) {
			if may.Verify {
				d.add(p, DeskItem{Group: "mine", What: "claim", State: c.ToStage, DueOn: 0, ID: c.ID, Version: c.Version})
			} else if may.Report {
				d.add(p, DeskItem{Group: "waiting", What: "claim", State: c.ToStage, ID: c.ID, Version: c.Version})
			}
		})
		if err != nil {
			return err
		}
	}
	entries, err := list[ProgressEntry](t, "id", "state <> 'verified'")
	if err != nil {
		return err
	}
	for _, e := range entries {
		err := d.forProject(e.ProjectID, func(p *Project, may ProjectRights) {
			switch {
			case e.State == "reported" && may.Verify:
				d.add(p, DeskItem{Group: "mine", What: "verify_progress", Month: e.Month, ID: e.ID, Version: e.Version})
			case e.State == "returned" && may.Report:
				d.add(p, DeskItem{Group: "mine", What: "report", State: "returned", Month: e.Month, ID: p.ID, Version: e.Version})
			case may.Report:
				d.add(p, DeskItem{Group: "waiting", What: "verify_progress", Month: e.Month, ID: e.ID, Version: e.Version})
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) add(p *Project, it DeskItem) {
	it.No, it.Title, it.Link, it.UnitID = p.Code, p.Name, projectItem(p).link(), p.UnitID
	if it.Light == "" {
		it.Light = p.Light
	}
	d.items = append(d.items, it)
}

// forProject calls f with a project and what the actor may do there; projects out of sight are passed over.
func (d *desk) forProject(id int64, f func(*Project, ProjectRights)) error {
	where, args := d.sight.projectsWhere()
	found, err := table[Project](d.tx.db).Where(where, args...).Where("id = ?", id).Find(d.tx.ctx)
	if err != nil || len(found) == 0 {
		return err
	}
	may, err := d.tx.rightsOn(&found[0])
	if err != nil {
		return err
	}
	f(&found[0], may)
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
	for _, m := range open {
		err := d.forProject(m.ProjectID, func(p *Project, _ ProjectRights) {
			it := DeskItem{Group: "soon", What: "milestone", Light: m.Light, DueOn: m.DueOn(), State: m.Name, ID: m.ID, Version: m.Version}
			if it.DueOn < t.today {
				it.Group = "mine"
			}
			d.add(p, it)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
