package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"battlemap/workflows"
)

// The parts of the triage desk, in the order in which they are worked off.
const (
	TriageNew      = "new"      // to approve, or to accept
	TriageDisputed = "disputed" // an objection waits to be decided
	TriageBlocked  = "blocked"  // blockers, and what waits for another ticket
	TriageOverdue  = "overdue"  // past the date that judges, with nothing handed in
)

// TriageParts lists the parts.
func TriageParts() []string {
	return []string{TriageNew, TriageDisputed, TriageBlocked, TriageOverdue}
}

// triagers decide about tickets: the triage desk is theirs, each with what they may act on.
func triagers() []workflows.Role {
	return []workflows.Role{workflows.RoleTaskforceLeader, workflows.RoleSupervisionDirector, workflows.RoleSupervisor, workflows.RoleUnitLeader}
}

// TriageItem is one ticket of the triage desk.
type TriageItem struct {
	Part   string
	Ticket Ticket
	Units  []TicketUnit
	Moves  []workflows.Move // that the actor may make now, the usual one first
	Lit    *Escalation      // the gravest that is lit, nil for none
	Days   int              // calendar days in the state
	Late   int              // working days past the date that judges
	First  []Ticket         // open tickets that must be done first and that the actor sees
}

// Triage lists what the actor may act on in four parts, the worst first; Missing for those whose desk it is not.
func (a *App) Triage(ctx context.Context, actor Actor) ([]TriageItem, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(s.grants, func(g RoleGrant) bool { return slices.Contains(triagers(), g.Role) }) {
		return nil, missing()
	}
	d := &triage{tx: a.view(ctx, actor), sight: s}
	if err := d.read(); err != nil {
		return nil, fmt.Errorf("read the triage desk: %w", err)
	}
	var out []TriageItem
	for i := range d.open {
		item, err := d.item(&d.open[i])
		if err != nil {
			return nil, err
		}
		if item.Part != "" {
			out = append(out, item)
		}
	}
	slices.SortStableFunc(out, byNeed)
	return out, nil
}

// triage is what the lines of the desk are made from, read once for all.
type triage struct {
	tx    *tx
	sight sight
	open  []Ticket
	units map[int64][]TicketUnit
	lit   map[int64]*Escalation
	first map[int64][]Ticket
}

func (d *triage) read() error {
	t := d.tx
	var err error
	if d.open, err = t.app.Tickets(t.ctx, t.actor, TicketFilter{Open: true, Limit: 5000}); err != nil {
		return err
	}
	const open = "(SELECT id FROM tickets WHERE state NOT IN ('closed', 'terminated'))"
	units, err := list[TicketUnit](t, "part DESC, id", "ticket_id IN "+open)
	if err != nil {
		return err
	}
	lit, err := list[Escalation](t, "id", "lifted_on = '' AND ticket_id IN "+open)
	if err != nil {
		return err
	}
	links, err := list[TicketLink](t, "id", "ended_on = ''")
	if err != nil {
		return err
	}
	byID := make(map[int64]Ticket, len(d.open))
	for _, k := range d.open {
		byID[k.ID] = k
	}
	d.units, d.lit, d.first = map[int64][]TicketUnit{}, map[int64]*Escalation{}, map[int64][]Ticket{}
	for _, u := range units {
		d.units[u.TicketID] = append(d.units[u.TicketID], u)
	}
	for i := range lit {
		if e, had := &lit[i], d.lit[lit[i].TicketID]; had == nil || e.Light.Worse(had.Light) {
			d.lit[e.TicketID] = e
		}
	}
	for _, l := range links {
		if k, ok := byID[l.TicketID]; ok {
			d.first[l.BlocksID] = append(d.first[l.BlocksID], k)
		}
	}
	return nil
}

// item puts a ticket into its part; one that the actor can do nothing with is in none.
func (d *triage) item(k *Ticket) (TriageItem, error) {
	t := d.tx
	it := TriageItem{Ticket: *k, Units: d.units[k.ID], Lit: d.lit[k.ID], First: d.first[k.ID], Days: int(t.today - k.StateSince)}
	if !d.acts(k, it.Units) {
		return it, nil
	}
	var err error
	if it.Moves, err = t.openMoves(k, it.Units); err != nil {
		return it, err
	}
	state, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	running := state.Kind == workflows.KindOpen && k.SubmittedOn.IsZero()
	if running && !k.JudgedOn.IsZero() && k.JudgedOn < t.today {
		it.Late = t.calendar(k.TaskForceID).Workdays(k.JudgedOn, t.today)
	}
	may := func(id string) bool {
		return slices.ContainsFunc(it.Moves, func(m workflows.Move) bool { return m.ID == id })
	}
	switch {
	case may("approve"), may("accept"):
		it.Part = TriageNew
	case k.State == "disputed":
		it.Part = TriageDisputed
	case state.Kind == workflows.KindDraft, !running && state.Kind != workflows.KindPaused:
	case k.Kind == "blocker", len(it.First) > 0:
		it.Part = TriageBlocked
	case running && (it.Late > 0 || k.Light == workflows.LightRed):
		it.Part = TriageOverdue
	}
	return it, nil
}

// acts tells whether the actor decides about tickets at this one's place.
func (d *triage) acts(k *Ticket, units []TicketUnit) bool {
	return d.sight.may(ticketPlace(k, units), triagers()...)
}

// byNeed orders the desk: part by part; blockers by level, light and days, new ones by urgency and days, the others by light and by how late they are.
func byNeed(a, b TriageItem) int {
	if c := slices.Index(TriageParts(), a.Part) - slices.Index(TriageParts(), b.Part); c != 0 {
		return c
	}
	if a.Part == TriageBlocked && a.Ticket.CoordinationLevel != b.Ticket.CoordinationLevel {
		return b.Ticket.CoordinationLevel - a.Ticket.CoordinationLevel
	}
	if a.Part == TriageNew {
		if c := slices.Index(Urgencies(), b.Ticket.Urgency) - slices.Index(Urgencies(), a.Ticket.Urgency); c != 0 {
			return c
		}
	}
	switch {
	case a.Ticket.Light.Worse(b.Ticket.Light):
		return -1
	case b.Ticket.Light.Worse(a.Ticket.Light):
		return 1
	}
	return cmp.Or(b.Late-a.Late, b.Days-a.Days, int(a.Ticket.ID-b.Ticket.ID))
}

// ActChoices is what the forms of the acts on a ticket choose from.
type ActChoices struct {
	Acts    []string
	Tickets []Ticket // other open tickets that may be the same matter or hold it up, the likeliest first
}

// maxChoices is how many other tickets a form offers.
const maxChoices = 60

// ActChoices reads what the actor may do with a ticket beside its moves, and the tickets that such an act may name.
func (a *App) ActChoices(ctx context.Context, actor Actor, k Ticket) (ActChoices, error) {
	var c ActChoices
	var err error
	if c.Acts, err = a.Acts(ctx, actor, k); err != nil {
		return c, err
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return c, err
	}
	where, args := s.ticketsWhere()
	c.Tickets, err = table[Ticket](a.db.read).Where(where, args...).Where("id <> ? AND state NOT IN ('closed', 'terminated') AND (task_force_id = ? OR (project_id > 0 AND project_id = ?))",
		k.ID, k.TaskForceID, k.ProjectID).Order("id DESC").Find(ctx)
	if err != nil {
		return c, err
	}
	like := map[int64]int{}
	for _, o := range c.Tickets {
		like[o.ID] = likeness(o.Title, k.Title)
		if o.ProjectID != 0 && o.ProjectID == k.ProjectID {
			like[o.ID] += 100
		}
	}
	slices.SortStableFunc(c.Tickets, func(a, b Ticket) int { return like[b.ID] - like[a.ID] })
	c.Tickets = c.Tickets[:min(len(c.Tickets), maxChoices)]
	return c, nil
}
