package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
)

// CardsAt is what the boards showed at the end of a past day (of today: what they show), put together from the journal alone. The actor sees what they may see
// today, and of that what was theirs to see then as well. A day after today, or before the journal's first record, is a fault at the field "on".
func (a *App) CardsAt(ctx context.Context, actor Actor, day calendar.Date) (BoardCards, error) {
	if err := a.lookBack(ctx, "on", day); err != nil {
		return BoardCards{}, err
	}
	eyes, err := a.eyesOf(ctx, actor)
	if err != nil {
		return BoardCards{}, err
	}
	d, err := a.dayCards(ctx, day)
	if err != nil {
		return BoardCards{}, err
	}
	out := BoardCards{Journal: d.no, Today: day, Forces: d.forces, Leaders: d.leaders, Dir: d.dir, Whole: eyes.all, Scope: eyes.scope(), Epoch: -(int64(day)<<32 + d.no), past: d.past, Limits: d.past.limitsThen()}
	for _, c := range d.projects {
		if eyes.project(c.Project) {
			out.Projects = append(out.Projects, c)
		}
	}
	for _, c := range d.boarded() {
		if eyes.ticket(c) {
			out.Tickets = append(out.Tickets, c)
		}
	}
	return out, nil
}

// dayCards is a day of the map for everybody; who may see what of it comes after. It is shared, and nobody changes it.
type dayCards struct {
	day      calendar.Date
	no       int64
	past     *past
	forces   []TaskForce
	dir      Directory // as it is now: names of people and units
	leaders  map[int64]string
	projects []Card
	tickets  []TicketCard // all, also those that left the board
}

// boarded are the tickets that stand on the board: closed ones stay for a while, ended ones do not.
func (d *dayCards) boarded() []TicketCard {
	var out []TicketCard
	for _, c := range d.tickets {
		if k := c.Ticket; k.State != "terminated" && (k.State != "closed" || k.ClosedOn > d.day.AddDays(-closedShown)) && len(out) < boardedTickets {
			out = append(out, c)
		}
	}
	return out
}

// dayCards puts the cards of a day together once, whoever asks.
func (a *App) dayCards(ctx context.Context, day calendar.Date) (*dayCards, error) {
	no, err := a.lastRecord(ctx, day)
	if err != nil {
		return nil, err
	}
	if d := a.pasts.day(day, no); d != nil {
		return d, nil
	}
	p, err := a.pastAt(ctx, no)
	if err != nil {
		return nil, fmt.Errorf("put together %s: %w", day, err)
	}
	dir, err := a.Directory(ctx)
	if err != nil {
		return nil, err
	}
	d := &dayCards{day: day, no: no, past: p, dir: dir, forces: p.forcesInOrder(), leaders: map[int64]string{}, projects: p.cards(day, dir)}
	for _, tf := range d.forces {
		d.leaders[tf.LeaderID] = dir.Users[tf.LeaderID].Name
	}
	if d.tickets, err = a.ticketsThen(ctx, p, day, dir); err != nil {
		return nil, err
	}
	a.pasts.keepDay(d)
	return d, nil
}

// day finds a day that was put together before.
func (c *pasts) day(day calendar.Date, no int64) *dayCards {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.days, func(d *dayCards) bool { return d.day == day && d.no == no })
	if i < 0 {
		return nil
	}
	d := c.days[i]
	c.days = append(slices.Delete(c.days, i, i+1), d) // the last one asked for is forgotten last
	return d
}

func (c *pasts) keepDay(d *dayCards) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.days = append(c.days, d); len(c.days) > dayKept {
		c.days = slices.Delete(c.days, 0, 1)
	}
}

// cards are the project cards as the map shows them at the end of a day.
func (p *past) cards(day calendar.Date, dir Directory) []Card {
	cards := make([]Card, 0, len(p.projects))
	for _, id := range sortedKeys(p.projects) {
		q := p.projects[id]
		state, _ := p.app.MachineOf("project", q.MachineVersion).State(q.Stage)
		c := Card{Project: *q, Unit: dir.Units[q.UnitID].Name, Days: int(day - q.StageSince), Limit: state.LimitDays}
		if s := p.assigned[id]; s != nil {
			c.Responsible, c.Officer, c.Guarantee, c.Person = s.ResponsibleID, s.OfficerID, s.GuaranteeLeaderID, dir.Users[s.ResponsibleID].Name
		}
		for month, amount := range p.plans[id] {
			if month.Year() == q.Year && month <= day.Month() {
				c.PlanFen += amount
			}
		}
		cards = append(cards, c)
	}
	p.fillCards(cards)
	slices.SortStableFunc(cards, worseCard)
	return cards
}

// fillCards adds milestones and what is counted.
func (p *past) fillCards(cards []Card) {
	at := make(map[int64]*Card, len(cards))
	for i := range cards {
		at[cards[i].Project.ID] = &cards[i]
	}
	for _, m := range p.milestones {
		if c := at[m.ProjectID]; c != nil {
			c.Stones = append(c.Stones, *m)
		}
	}
	for i := range cards {
		slices.SortFunc(cards[i].Stones, func(x, y Milestone) int { return x.Position - y.Position })
		cards[i].Next = nextStone(cards[i].Stones)
	}
	for _, k := range p.tickets {
		c := at[k.ProjectID]
		if c == nil || !openTicket(k.State) {
			continue
		}
		c.Tickets++
		if k.Kind == "blocker" {
			c.Blockers++
		}
	}
	for _, rungs := range p.rungs {
		for _, e := range rungs {
			if c := at[e.ProjectID]; c != nil && e.LiftedOn.IsZero() && !e.AnswerBy.IsZero() {
				c.Papers++
			}
		}
	}
}

// ticketsThen are the ticket cards at the end of a day, the most urgent first.
func (a *App) ticketsThen(ctx context.Context, p *past, day calendar.Date, dir Directory) ([]TicketCard, error) {
	units, err := a.unitsThen(ctx, p, day)
	if err != nil {
		return nil, err
	}
	var out []TicketCard
	for _, id := range sortedKeys(p.tickets) {
		k := *p.tickets[id]
		c := makeTicketCard(k, units[k.ID], dir, day, a.MachineOf("ticket", k.MachineVersion))
		if q := p.projects[k.ProjectID]; q != nil {
			c.Project = q.Code
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, moreUrgent)
	return out, nil
}

// openTicket tells whether a ticket in a state was issued and is not over.
func openTicket(state string) bool {
	return !slices.Contains([]string{"draft", "pending", "closed", "terminated"}, state)
}

func (p *past) forcesInOrder() []TaskForce {
	var out []TaskForce
	for _, id := range sortedKeys(p.forces) {
		out = append(out, *p.forces[id])
	}
	slices.SortStableFunc(out, func(x, y TaskForce) int { return x.Position - y.Position })
	return out
}

// eyes are what an actor may see today, as sets of numbers, to be held against rows as they were.
type eyes struct {
	sight
	projects, tickets map[int64]bool // all that may be seen today
}

func (a *App) eyesOf(ctx context.Context, actor Actor) (eyes, error) {
	s, err := a.sight(ctx, actor)
	e := eyes{sight: s}
	if err != nil || s.all {
		return e, err
	}
	where, args := s.projectsWhere()
	if e.projects, err = a.numbers(ctx, "SELECT id FROM projects WHERE "+where, args); err != nil {
		return e, err
	}
	where, args = s.ticketsWhere()
	e.tickets, err = a.numbers(ctx, "SELECT id FROM tickets WHERE "+where, args)
	return e, err
}

// numbers reads a column of numbers as a set.
func (a *App) numbers(ctx context.Context, query string, args []any) (map[int64]bool, error) {
	var found []int64
	err := a.db.read.WithContext(ctx).Raw(query, args...).Scan(&found).Error
	set := make(map[int64]bool, len(found))
	for _, id := range found {
		set[id] = true
	}
	return set, err
}

// project tells whether a project may be seen as it is and as it was.
func (e eyes) project(p Project) bool { return e.all || e.projects[p.ID] && e.seesProject(p) }

// ticket tells whether a ticket may be seen as it is and as it was.
func (e eyes) ticket(c TicketCard) bool {
	return e.all || e.tickets[c.Ticket.ID] && e.seesTicket(c.Ticket, c.Parts)
}
