package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// MapThen is the battle map as it stood at the end of a past day (of today: as it stands), put together from the journal alone.
type MapThen struct {
	Day        calendar.Date
	No         int64         // the last record of the journal by then, 0 before the first
	First      calendar.Date // the day of the first record
	TaskForces []TaskForce   // that there were, in their order
	Cards      []Card        // the worst light first
	Tickets    []Ticket      // the most urgent first, as lists have them
}

// CardsAt is what the map showed at the end of a day. The actor sees what they may see today, and of that what was theirs to see then as well. A day after
// today, or before the journal's first record, is a fault at the field "on".
func (a *App) CardsAt(ctx context.Context, actor Actor, day calendar.Date, f ProjectFilter) (MapThen, error) {
	if err := a.lookBack(ctx, "on", day); err != nil {
		return MapThen{}, err
	}
	eyes, err := a.eyesOf(ctx, actor)
	if err != nil {
		return MapThen{}, err
	}
	d, err := a.dayCards(ctx, day)
	if err != nil {
		return MapThen{}, err
	}
	out := MapThen{Day: day, No: d.no, TaskForces: d.forces}
	if out.First, err = a.FirstDay(ctx); err != nil {
		return out, err
	}
	for _, c := range d.cards {
		if eyes.project(&c.Project) && f.passes(&c.Project) && (!f.Mine || d.past.holds(c.Project.ID, actor.ID)) {
			out.Cards = append(out.Cards, c)
		}
	}
	for _, k := range d.tickets {
		if eyes.ticket(&k) && (f.TaskForce == 0 || k.TaskForceID == f.TaskForce) {
			out.Tickets = append(out.Tickets, k)
		}
	}
	return out, nil
}

// dayCards is a day of the map for everybody; who may see what of it comes after. It is shared, and nobody changes it.
type dayCards struct {
	day     calendar.Date
	no      int64
	past    *past
	forces  []TaskForce
	cards   []Card
	tickets []Ticket
}

// dayCards puts the cards of a day together once, whoever asks.
func (a *App) dayCards(ctx context.Context, day calendar.Date) (*dayCards, error) {
	no, err := a.lastRecord(ctx, day)
	if err != nil {
		return nil, err
	}
	c := &a.pasts
	c.mu.Lock()
	i := slices.IndexFunc(c.days, func(d *dayCards) bool { return d.day == day && d.no == no })
	if i >= 0 {
		d := c.days[i]
		c.days = append(slices.Delete(c.days, i, i+1), d) // the last one asked for is forgotten last
		c.mu.Unlock()
		return d, nil
	}
	c.mu.Unlock()
	p, err := a.pastAt(ctx, no)
	if err != nil {
		return nil, fmt.Errorf("put together %s: %w", day, err)
	}
	d := &dayCards{day: day, no: no, past: p, forces: p.forcesInOrder(), cards: p.cards(day), tickets: p.ticketsInOrder()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.days = append(c.days, d); len(c.days) > dayKept {
		c.days = slices.Delete(c.days, 0, 1)
	}
	return d, nil
}

// cards are the project cards as the map shows them at the end of a day.
func (p *past) cards(day calendar.Date) []Card {
	cards := make([]Card, 0, len(p.projects))
	for _, id := range sortedKeys(p.projects) {
		q := p.projects[id]
		state, _ := p.app.MachineOf("project", q.MachineVersion).State(q.Stage)
		c := Card{Project: *q, Days: int(day - q.StageSince), Limit: state.LimitDays}
		if s := p.assigned[id]; s != nil {
			c.Responsible = s.ResponsibleID
		}
		for month, amount := range p.plans[id] {
			if month.Year() == q.Year && month <= day.Month() {
				c.PlanFen += amount
			}
		}
		cards = append(cards, c)
	}
	p.fillCards(cards)
	sortCards(cards)
	return cards
}

// fillCards adds next milestones and what is counted.
func (p *past) fillCards(cards []Card) {
	at := make(map[int64]*Card, len(cards))
	for i := range cards {
		at[cards[i].Project.ID] = &cards[i]
	}
	for _, id := range sortedKeys(p.milestones) {
		m, c := p.milestones[id], at[p.milestones[id].ProjectID]
		if c == nil || !m.ActualOn.IsZero() {
			continue
		}
		if c.Next == nil || m.DueOn() < c.Next.DueOn() || m.DueOn() == c.Next.DueOn() && m.Position < c.Next.Position {
			c.Next = m
		}
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

// openTicket tells whether a ticket in a state was issued and is not over.
func openTicket(state string) bool {
	return !slices.Contains([]string{"draft", "pending", "closed", "terminated"}, state)
}

// holds tells whether a person had a post in the project's assignment.
func (p *past) holds(project, user int64) bool {
	s := p.assigned[project]
	return s != nil && slices.Contains([]int64{s.GuaranteeLeaderID, s.ResponsibleID, s.OfficerID}, user)
}

func (p *past) forcesInOrder() []TaskForce {
	var out []TaskForce
	for _, id := range sortedKeys(p.forces) {
		out = append(out, *p.forces[id])
	}
	slices.SortStableFunc(out, func(x, y TaskForce) int { return x.Position - y.Position })
	return out
}

// ticketsInOrder are the tickets as lists of them are ordered: the worst light first, then by date.
func (p *past) ticketsInOrder() []Ticket {
	out := make([]Ticket, 0, len(p.tickets))
	for _, id := range sortedKeys(p.tickets) {
		out = append(out, *p.tickets[id])
	}
	due := func(k *Ticket) calendar.Date {
		if k.DueOn.IsZero() {
			return calendar.MakeDate(9999, 12, 31)
		}
		return k.DueOn
	}
	slices.SortStableFunc(out, func(x, y Ticket) int {
		if n := urgency(x.Light) - urgency(y.Light); n != 0 {
			return n
		}
		return int(due(&x) - due(&y))
	})
	return out
}

// urgency is the place of a light in a list of tickets, as their query has it.
func urgency(l workflows.Light) int {
	if i := slices.Index([]workflows.Light{"red", "orange", "yellow", "blue"}, l); i >= 0 {
		return i
	}
	return 4
}

// passes tells whether the filter lets a project through as findProjects does; Mine is asked for elsewhere.
func (f ProjectFilter) passes(p *Project) bool {
	text := strings.ToLower(strings.TrimSpace(f.Text))
	return (f.TaskForce <= 0 || p.TaskForceID == f.TaskForce) && (f.Unit <= 0 || p.UnitID == f.Unit || p.LeadUnitID == f.Unit) && (f.Light == "" || p.Light == f.Light) &&
		(f.Stage == "" || p.Stage == f.Stage) && (strings.Contains(strings.ToLower(p.Name), text) || strings.Contains(strings.ToLower(p.Code), text))
}

// eyes are what an actor may see today, as sets of numbers, to be held against rows as they were.
type eyes struct {
	sight
	projects, tickets map[int64]bool // all that may be seen today
	received          map[int64]bool // tickets that a unit of theirs works on
}

func (a *App) eyesOf(ctx context.Context, actor Actor) (eyes, error) {
	s, err := a.sight(ctx, actor)
	e := eyes{sight: s}
	if err != nil || s.all {
		return e, err
	}
	db := a.db.read.WithContext(ctx)
	set := func(into *map[int64]bool, query string, args ...any) {
		var found []int64
		if err == nil {
			err = db.Raw(query, args...).Scan(&found).Error
		}
		*into = make(map[int64]bool, len(found))
		for _, id := range found {
			(*into)[id] = true
		}
	}
	where, args := s.projectsWhere()
	set(&e.projects, "SELECT id FROM projects WHERE "+where, args...)
	where, args = s.ticketsWhere()
	set(&e.tickets, "SELECT id FROM tickets WHERE "+where, args...)
	set(&e.received, "SELECT ticket_id FROM ticket_units WHERE unit_id IN ?", ids(s.units))
	return e, err
}

// project tells whether a project may be seen as it is and as it was.
func (e eyes) project(p *Project) bool {
	return e.all || e.projects[p.ID] && (slices.Contains(e.taskForces, p.TaskForceID) || slices.Contains(e.units, p.UnitID) || slices.Contains(e.units, p.LeadUnitID) ||
		slices.Contains(e.sight.projects, p.ID))
}

// ticket tells whether a ticket may be seen as it is and as it was.
func (e eyes) ticket(k *Ticket) bool {
	if e.all || !e.tickets[k.ID] {
		return e.all
	}
	issued := k.State != "draft" && k.State != "pending"
	return slices.Contains(e.taskForces, k.TaskForceID) ||
		issued && (k.HandlerID == e.actor || k.LeaderID == e.actor || slices.Contains(e.sight.projects, k.ProjectID) || e.received[k.ID])
}
