package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// MonthLine is one month of a project: plan, report, verification and the light it was judged with.
type MonthLine struct {
	Month     calendar.Month
	PlanFen   int64          // of the month
	PlanSum   int64          // from January on
	Entry     *ProgressEntry // nil: not reported
	Judgement *Judgement     // nil: not judged yet
	Exempt    []Exemption
}

// Dossier is everything about one project that its page shows.
type Dossier struct {
	Project     Project
	TaskForce   TaskForce
	Enterprise  Enterprise
	Months      []MonthLine
	Milestones  []Milestone
	Assignments []Assignment // the one in force first
	Claims      []StageClaim // newest first
	Escalations []Escalation // newest first
	Tickets     []Ticket
	Journal     []JournalRow
	Moves       []workflows.Move // that the actor may claim or make now
	May         ProjectRights
}

// ProjectRights says which forms the page offers; the door asks again.
type ProjectRights struct {
	Report, Verify, Plan, Assign, DecideStage, Exempt bool
	Outside                                           bool // neither of the project's units nor of its task force
}

// ProjectDossier reads a project's page by its public number, or Missing when the actor may not see it.
func (a *App) ProjectDossier(ctx context.Context, actor Actor, code string) (Dossier, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Dossier{}, err
	}
	where, args := s.projectsWhere()
	p, err := table[Project](a.db.read).Where(where, args...).Where("code = ?", plain(code)).First(ctx)
	if noRow(err) {
		return Dossier{}, missing()
	}
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{Project: p}
	t := a.view(ctx, actor)
	if err := t.fillDossier(&d); err != nil {
		return d, fmt.Errorf("read project %s: %w", code, err)
	}
	if d.Tickets, err = a.Tickets(ctx, actor, TicketFilter{Project: p.ID}); err != nil {
		return d, err
	}
	if d.Journal, err = a.Journal(ctx, actor, JournalFilter{Project: p.ID, Limit: 30}); err != nil {
		return d, err
	}
	return d, t.projectRights(&d)
}

func (t *tx) fillDossier(d *Dossier) error {
	tf, err := look[TaskForce](t, d.Project.TaskForceID)
	if err != nil {
		return err
	}
	d.TaskForce = *tf
	if d.Project.EnterpriseID != 0 {
		e, err := look[Enterprise](t, d.Project.EnterpriseID)
		if err != nil {
			return err
		}
		d.Enterprise = *e
	}
	id := d.Project.ID
	if d.Milestones, err = list[Milestone](t, "position", "project_id = ?", id); err != nil {
		return err
	}
	if d.Assignments, err = list[Assignment](t, "id DESC", "project_id = ?", id); err != nil {
		return err
	}
	if d.Claims, err = list[StageClaim](t, "id DESC", "project_id = ?", id); err != nil {
		return err
	}
	if d.Escalations, err = list[Escalation](t, "id DESC", "project_id = ? AND ticket_id = 0", id); err != nil {
		return err
	}
	return t.fillMonths(d)
}

func (t *tx) fillMonths(d *Dossier) error {
	h, err := t.projectHistory(&d.Project)
	if err != nil {
		return err
	}
	judged, err := list[Judgement](t, "month", "project_id = ?", d.Project.ID)
	if err != nil {
		return err
	}
	for _, m := range monthsOf(d.Project.Year) {
		line := MonthLine{Month: m, PlanSum: plannedTo(h.plans, d.Project.Year, m)}
		line.PlanFen = line.PlanSum - plannedTo(h.plans, d.Project.Year, m.Add(-1))
		if i := slices.IndexFunc(h.entries, func(e ProgressEntry) bool { return e.Month == m }); i >= 0 {
			line.Entry = &h.entries[i]
		}
		if i := slices.IndexFunc(judged, func(j Judgement) bool { return j.Month == m }); i >= 0 {
			line.Judgement = &judged[i]
		}
		for _, e := range h.exempt {
			if e.Month == m {
				line.Exempt = append(line.Exempt, e)
			}
		}
		d.Months = append(d.Months, line)
	}
	return nil
}

func (t *tx) projectRights(d *Dossier) error {
	var err error
	if d.May, err = t.rightsOn(&d.Project); err != nil {
		return err
	}
	roles, err := t.roles(t.projectPlace(&d.Project))
	if err != nil {
		return err
	}
	machine := t.machine("project", d.Project.MachineVersion)
	waiting := slices.IndexFunc(d.Claims, func(c StageClaim) bool { return c.State == "claimed" })
	if waiting < 0 {
		d.Moves = machine.Open(d.Project.Stage, roles)
		return nil
	}
	if move, ok := machine.Move(d.Claims[waiting].Move); ok {
		d.May.DecideStage = move.AllowsVerifying(roles) && d.May.Outside && t.anotherHand(d.Claims[waiting].ClaimedBy) == nil
	}
	return nil
}

// rightsOn works out what the actor may do on a project.
func (t *tx) rightsOn(p *Project) (ProjectRights, error) {
	roles, err := t.roles(t.projectPlace(p))
	if err != nil {
		return ProjectRights{}, err
	}
	has := func(any ...workflows.Role) bool {
		return slices.ContainsFunc(roles, func(r workflows.Role) bool { return slices.Contains(any, r) })
	}
	outside := true
	if err := t.outside(p, []string{"task_force"}); err != nil {
		if AsFaults(err) == nil {
			return ProjectRights{}, err
		}
		outside = false
	}
	return ProjectRights{
		Report: has(reporters()...), Plan: has(planners()...), Verify: has(verifiers()...) && outside, Outside: outside,
		Assign: has(workflows.RoleTaskforceLeader, workflows.RoleSupervisionDirector),
		Exempt: has(workflows.RoleSupervisionDirector) && outside,
	}, nil
}

// TicketFile is everything about one ticket that its page shows.
type TicketFile struct {
	Ticket      Ticket
	TaskForce   TaskForce
	Project     *Project
	Units       []TicketUnit
	Escalations []Escalation // newest first
	Reminders   []Reminder   // of its escalations and moves, newest first
	Journal     []JournalRow
	Moves       []workflows.Move // that the actor may make now, the usual one first
	Handlers    []User           // to whom the actor may hand it; empty when they may not
}

// TicketSeen is a ticket by its public number, without what belongs to it; Missing when the actor may not see it.
func (a *App) TicketSeen(ctx context.Context, actor Actor, no string) (Ticket, error) {
	t := a.view(ctx, actor)
	s, err := t.sight(actor)
	if err != nil {
		return Ticket{}, err
	}
	k, err := t.ticketByNo(s, no)
	if err != nil {
		return Ticket{}, err
	}
	return *k, nil
}

func (t *tx) ticketByNo(s sight, no string) (*Ticket, error) {
	where, args := s.ticketsWhere()
	rows, err := list[Ticket](t, "id", where+" AND no = ?", append(args, plain(no))...)
	if err == nil && len(rows) == 0 {
		err = missing()
	}
	if err != nil {
		return nil, err
	}
	return &rows[0], nil
}

// TicketFile reads a ticket's page by its public number, or Missing when the actor may not see it.
func (a *App) TicketFile(ctx context.Context, actor Actor, no string) (TicketFile, error) {
	k, err := a.TicketSeen(ctx, actor, no)
	if err != nil {
		return TicketFile{}, err
	}
	f := TicketFile{Ticket: k}
	t := a.view(ctx, actor)
	if err := t.fillTicket(&f); err != nil {
		return f, fmt.Errorf("read ticket %s: %w", no, err)
	}
	if f.Journal, err = a.Journal(ctx, actor, JournalFilter{Ticket: k.ID, Limit: 50}); err != nil {
		return f, err
	}
	f.Moves, err = t.openMoves(&k, f.Units)
	return f, err
}

func (t *tx) fillTicket(f *TicketFile) error {
	tf, err := look[TaskForce](t, f.Ticket.TaskForceID)
	if err != nil {
		return err
	}
	f.TaskForce = *tf
	if f.Ticket.ProjectID != 0 {
		if f.Project, err = look[Project](t, f.Ticket.ProjectID); err != nil {
			return err
		}
	}
	if f.Units, err = t.ticketUnits(f.Ticket.ID); err != nil {
		return err
	}
	if f.Escalations, err = list[Escalation](t, "id DESC", "ticket_id = ?", f.Ticket.ID); err != nil {
		return err
	}
	if f.Reminders, err = list[Reminder](t, "id DESC", "item_kind = 'ticket' AND item_id = ?", f.Ticket.ID); err != nil {
		return err
	}
	return t.fillHandlers(f)
}

func (t *tx) fillHandlers(f *TicketFile) error {
	state, _ := t.machine("ticket", f.Ticket.MachineVersion).State(f.Ticket.State)
	if state.Kind != workflows.KindOpen && state.Kind != workflows.KindPaused {
		return nil
	}
	err := t.mayHand(&f.Ticket)
	if AsFaults(err) != nil {
		return nil
	}
	if err != nil {
		return err
	}
	f.Handlers, err = list[User](t, "id", "unit_id = ? AND NOT disabled", f.Ticket.LeadUnitID)
	for i := range f.Handlers {
		f.Handlers[i].PasswordHash = ""
	}
	return err
}

// openMoves are the moves that the door would let the actor make on this ticket now.
func (t *tx) openMoves(k *Ticket, units []TicketUnit) ([]workflows.Move, error) {
	roles, err := t.roles(ticketPlace(k, units))
	if err != nil {
		return nil, err
	}
	var out []workflows.Move
	for _, move := range t.machine("ticket", k.MachineVersion).Open(k.State, roles) {
		_, err := t.allowedMove(k, units, move.ID)
		switch {
		case AsFaults(err) != nil: // the door would refuse it: no button
		case err != nil:
			return nil, err
		case pauseMismatch(k, move.ID): // nobody asked, or somebody has already
		default:
			out = append(out, move)
		}
	}
	return out, nil
}
