package app

import (
	"cmp"
	"context"
	"slices"

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

// openTickets is the condition of the partial index tickets_urgent, word by word: those are read in its order without sorting.
const openTickets = "state NOT IN ('closed', 'terminated')"

// ticketCards reads the tickets that stand on a board, with what stands on their cards, the most urgent first. only narrows it to some of them, nil reads all.
func (a *App) ticketCards(ctx context.Context, dir Directory, only []int64) ([]TicketCard, error) {
	today := a.Today()
	tickets, err := a.boarded(ctx, today, only)
	if err != nil || len(tickets) == 0 {
		return nil, err
	}
	numbers := make([]int64, len(tickets))
	for i, k := range tickets {
		numbers[i] = k.ID
	}
	where, list := among(a.db.read, "ticket_id", numbers)
	var parts []TicketUnit
	if err := a.db.read.WithContext(ctx).Raw("SELECT ticket_id, unit_id, accepted_on FROM ticket_units WHERE "+where+" ORDER BY part DESC, id", list).Scan(&parts).Error; err != nil {
		return nil, err
	}
	units := make(map[int64][]TicketUnit, len(tickets))
	for _, p := range parts {
		units[p.TicketID] = append(units[p.TicketID], p)
	}
	cards := make([]TicketCard, len(tickets))
	for i, k := range tickets {
		cards[i] = makeTicketCard(k, units[k.ID], dir, today, a.MachineOf("ticket", k.MachineVersion))
	}
	slices.SortStableFunc(cards, moreUrgent)
	return cards[:min(len(cards), boardedTickets)], nil
}

// boarded reads the most urgent open tickets, and those that were closed of late, each by an index of its own: what it costs does not grow with the tickets that there are.
func (a *App) boarded(ctx context.Context, today calendar.Date, only []int64) ([]Ticket, error) {
	open, closed := table[Ticket](a.db.read).Where(openTickets), table[Ticket](a.db.read).Where("state = 'closed' AND closed_on > ?", today.AddDays(-closedShown))
	if only != nil {
		open, closed = open.Where("id IN ?", ids(only)), closed.Where("id IN ?", ids(only))
	}
	tickets, err := open.Order(urgentFirst).Limit(boardedTickets).Find(ctx)
	if err != nil {
		return nil, err
	}
	done, err := closed.Order(urgentFirst).Limit(boardedTickets).Find(ctx)
	return append(tickets, done...), err
}

// moreUrgent orders tickets as urgentFirst does.
func moreUrgent(x, y TicketCard) int {
	switch {
	case x.Ticket.Light.Worse(y.Ticket.Light):
		return -1
	case y.Ticket.Light.Worse(x.Ticket.Light):
		return 1
	}
	due := func(d calendar.Date) int {
		if d.IsZero() {
			return 1 << 30
		}
		return int(d)
	}
	return cmp.Or(cmp.Compare(due(x.Ticket.DueOn), due(y.Ticket.DueOn)), cmp.Compare(x.Ticket.ID, y.Ticket.ID))
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
