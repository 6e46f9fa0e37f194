package app

import (
	"context"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// TicketCard is a ticket as a board shows it.
type TicketCard struct {
	Ticket   Ticket
	Handler  string // name, "" while nobody has it
	LeadUnit string
	Project  string  // code, "" for none
	Days     int     // calendar days in the state
	Parts    []int64 // the receiving units
	Accepted int     // of the receiving units
	Late     bool    // past the date in force, and not over
	Drawn    int64   // counts up whenever anything on the card changes; 0 for cards that are not kept
}

// closedShown is how long a closed ticket stays on the board, in days.
const closedShown = 30

// boardedTickets is how many tickets a board shows at most, the most urgent ones.
const boardedTickets = 5000

// urgentFirst orders tickets as lists and boards show them.
const urgentFirst = `CASE light WHEN 'red' THEN 0 WHEN 'orange' THEN 1 WHEN 'yellow' THEN 2 WHEN 'blue' THEN 3 ELSE 4 END, CASE due_on WHEN '' THEN '9999' ELSE due_on END, id`

// ticketCards reads the tickets that stand on a board, with what stands on their cards, the most urgent first.
func (a *App) ticketCards(ctx context.Context, dir Directory, where string, args ...any) ([]TicketCard, error) {
	tickets, err := table[Ticket](a.db.read).Where("state <> 'terminated' AND (state <> 'closed' OR closed_on > ?)", a.Today().AddDays(-closedShown)).
		Where(where, args...).Order(urgentFirst).Limit(boardedTickets).Find(ctx)
	if err != nil || len(tickets) == 0 {
		return nil, err
	}
	cards, at := make([]TicketCard, len(tickets)), make(map[int64]int, len(tickets))
	for i, k := range tickets {
		cards[i] = makeTicketCard(k, nil, dir, a.Today(), a.MachineOf("ticket", k.MachineVersion))
		at[k.ID] = i
	}
	var parts []struct {
		TicketID, UnitID int64
		AcceptedOn       calendar.Date
	}
	query := "SELECT ticket_id, unit_id, accepted_on FROM ticket_units WHERE ticket_id IN (SELECT id FROM tickets WHERE state NOT IN ('terminated', 'closed') OR closed_on > ?) ORDER BY part DESC, id"
	if err := a.db.read.WithContext(ctx).Raw(query, a.Today().AddDays(-closedShown)).Scan(&parts).Error; err != nil {
		return nil, err
	}
	for _, p := range parts {
		if i, ok := at[p.TicketID]; ok {
			cards[i].Parts = append(cards[i].Parts, p.UnitID)
			if !p.AcceptedOn.IsZero() {
				cards[i].Accepted++
			}
		}
	}
	return cards, a.nameProjects(ctx, cards)
}

// nameProjects writes the codes of their projects on the cards.
func (a *App) nameProjects(ctx context.Context, cards []TicketCard) error {
	var codes []struct {
		ID   int64
		Code string
	}
	if err := a.db.read.WithContext(ctx).Raw("SELECT id, code FROM projects").Scan(&codes).Error; err != nil {
		return err
	}
	names := make(map[int64]string, len(codes))
	for _, c := range codes {
		names[c.ID] = c.Code
	}
	for i := range cards {
		cards[i].Project = names[cards[i].Ticket.ProjectID]
	}
	return nil
}

// makeTicketCard is a ticket as its card on a day; units are its rows, where they are known.
func makeTicketCard(k Ticket, units []TicketUnit, dir Directory, today calendar.Date, machine *workflows.Machine) TicketCard {
	state, _ := machine.State(k.State)
	running := state.Kind == workflows.KindOpen
	c := TicketCard{Ticket: k, Handler: dir.Users[k.HandlerID].Name, LeadUnit: dir.Units[k.LeadUnitID].Name, Days: int(today - k.StateSince),
		Late: running && !k.DueOn.IsZero() && k.DueOn < today}
	for _, u := range units {
		c.Parts = append(c.Parts, u.UnitID)
		if !u.AcceptedOn.IsZero() {
			c.Accepted++
		}
	}
	return c
}

// sees tells whether the actor may see a ticket: sight.ticketsWhere for one that is in memory.
func (s sight) seesTicket(k Ticket, units []int64) bool {
	if s.all || within(s.taskForces, k.TaskForceID) {
		return true
	}
	if k.State == "draft" || k.State == "pending" {
		return false
	}
	return k.HandlerID == s.actor || k.LeaderID == s.actor || within(s.projects, k.ProjectID) || within(s.units, units...)
}

// seesProject tells whether the actor may see a project: sight.projectsWhere for one that is in memory.
func (s sight) seesProject(p Project) bool {
	return s.all || within(s.taskForces, p.TaskForceID) || within(s.units, p.UnitID, p.LeadUnitID) || within(s.projects, p.ID)
}

// within tells whether one of the numbers is in the list.
func within(list []int64, any ...int64) bool {
	for _, have := range list {
		for _, n := range any {
			if have == n {
				return true
			}
		}
	}
	return false
}

// ticketColumns are the columns of the board of tickets: every state but the given-up ones; drafts only where one stands.
func (a *App) ticketColumns(cards []TicketCard) []workflows.State {
	stands := map[string]bool{}
	for _, c := range cards {
		stands[c.Ticket.State] = true
	}
	var out []workflows.State
	for _, st := range a.Machine("ticket").States {
		if stands[st.ID] || st.Kind == workflows.KindOpen || st.Kind == workflows.KindDone {
			out = append(out, st)
		}
	}
	return out
}
