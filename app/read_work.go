package app

import (
	"context"
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Rung is a step of the chain of responsibility with the people who stand on it; nobody when it is vacant.
type Rung struct {
	Name  string // a recipient of the vocabulary
	Users []int64
}

// TicketView is what a ticket's page says beside the ticket's file: who answers, and what the open moves ask for.
type TicketView struct {
	Rungs   []Rung
	Asks    map[string][]workflows.Need // what a move asks for on this ticket, by the move's id
	LastDay map[string]calendar.Date    // of the moves that have a window
}

// TicketView works out the view of a file that the actor has read.
func (a *App) TicketView(ctx context.Context, actor Actor, f TicketFile) (TicketView, error) {
	t := a.view(ctx, actor)
	k := &f.Ticket
	v := TicketView{Asks: map[string][]workflows.Need{}, LastDay: map[string]calendar.Date{}}
	facts, err := t.ticketFacts(k)
	if err != nil {
		return v, err
	}
	if err := t.moveTerms(&v, k, f.Moves, facts); err != nil {
		return v, fmt.Errorf("read the moves of ticket %s: %w", k.No, err)
	}
	v.Rungs, err = t.ticketRungs(k)
	return v, err
}

func (t *tx) moveTerms(v *TicketView, k *Ticket, moves []workflows.Move, facts workflows.Facts) error {
	for _, m := range moves {
		needs, err := m.Asks(facts)
		if err != nil {
			return err
		}
		v.Asks[m.ID] = needs
		if m.Within == nil {
			continue
		}
		of := map[string]calendar.Date{"issued_on": k.IssuedOn, "closed_on": k.ClosedOn}[m.Within.Of]
		last, err := m.Within.Last(int(of), t.counts(k.TaskForceID).Due)
		if err != nil {
			return fmt.Errorf("window of move %s: %w", m.ID, err)
		}
		v.LastDay[m.ID] = calendar.Date(last)
	}
	return nil
}

// ticketRungs finds who answers for a ticket, from the top down; the two rungs of a project's guarantee only exist where there is a project.
func (t *tx) ticketRungs(k *Ticket) ([]Rung, error) {
	names := []string{"taskforce_leader", "unit_leader", "unit_handler"}
	if k.ProjectID != 0 {
		names = []string{"guarantee_leader", "taskforce_leader", "unit_leader", "responsible_person", "unit_handler"}
	}
	find, err := t.finder(ticketItem(k))
	if err != nil {
		return nil, fmt.Errorf("find who answers for ticket %s: %w", k.No, err)
	}
	var out []Rung
	for _, name := range names {
		users, err := find(name)
		if err != nil {
			return nil, fmt.Errorf("find the %s of ticket %s: %w", name, k.No, err)
		}
		out = append(out, Rung{Name: name, Users: users})
	}
	return out, nil
}

// NotAccepted lists, for the named tickets that are issued, the units that have not accepted their row yet, the lead unit first.
func (a *App) NotAccepted(ctx context.Context, tickets []int64) (map[int64][]int64, error) {
	rows, err := table[TicketUnit](a.db.read).Where("ticket_id IN ? AND accepted_on = ''", ids(tickets)).Order("part DESC, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read receiving units: %w", err)
	}
	out := map[int64][]int64{}
	for _, u := range rows {
		out[u.TicketID] = append(out[u.TicketID], u.UnitID)
	}
	return out, nil
}

// DistrictLeaders lists the people who lead the district today: a leader's instruction comes from one of them.
func (a *App) DistrictLeaders(ctx context.Context) ([]int64, error) {
	return a.view(ctx, System("pages")).holders(workflows.RoleDistrictLeader, place{})
}

// EscalationsOf reads the escalations that reminders are about, by their number.
func (a *App) EscalationsOf(ctx context.Context, reminders []Reminder) (map[int64]Escalation, error) {
	var numbers []int64
	for _, r := range reminders {
		if r.EscalationID != 0 {
			numbers = append(numbers, r.EscalationID)
		}
	}
	rows, err := table[Escalation](a.db.read).Where("id IN ?", ids(numbers)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read escalations of reminders: %w", err)
	}
	out := make(map[int64]Escalation, len(rows))
	for _, e := range rows {
		out[e.ID] = e
	}
	return out, nil
}

// InboxSpan says where a page of a person's inbox stands: how many reminders there are, how many are newer than the page, and where the page of newer ones begins.
type InboxSpan struct {
	Total, Newer int
	Back         int64 // Before of the page of newer ones; 0 for the first page
}

// InboxSpan counts around the page of at most limit reminders that Inbox gives for the same before.
func (a *App) InboxSpan(ctx context.Context, actor Actor, before int64, limit int) (InboxSpan, error) {
	arrived := func() rowsOf[Reminder] {
		return table[Reminder](a.db.read).Where("recipient_id = ? AND channel = 'inbox' AND status = 'accepted'", actor.ID)
	}
	total, err := arrived().Count(ctx, "id")
	if err != nil || before <= 0 {
		return InboxSpan{Total: int(total)}, err
	}
	newer, err := arrived().Where("id >= ?", before).Count(ctx, "id")
	if err != nil {
		return InboxSpan{}, err
	}
	s := InboxSpan{Total: int(total), Newer: int(newer)}
	beyond, err := arrived().Where("id >= ?", before).Order("id").Offset(limit).Limit(1).Find(ctx)
	if len(beyond) > 0 {
		s.Back = beyond[0].ID
	}
	return s, err
}
