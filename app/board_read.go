package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"battlemap/app/calendar"
)

// BoardCards is everything that the boards of one person are made of, at one size of the journal.
type BoardCards struct {
	Journal  int64
	Today    calendar.Date
	Forces   []TaskForce // in their order
	Projects []Card
	Tickets  []TicketCard
	Whole    bool   // the person sees the whole district
	Scope    string // names what the person may see: people with the same scope see the same cards
	Limits   []CellLimit
	Dir      Directory
	Leaders  map[int64]string // names of those who lead the task forces
	Epoch    int64            // counts up whenever everything was read anew: names, columns and rules may be others; below zero and of its own for every past day
	past     *past            // of a past day: what its cards were put together from
}

// BoardCards are the cards that the actor may see, from those that are kept in memory.
func (a *App) BoardCards(ctx context.Context, actor Actor) (BoardCards, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return BoardCards{}, err
	}
	b, err := a.allCards(ctx)
	if err != nil {
		return b, err
	}
	b.Scope, b.Whole = s.scope(), s.all
	if s.all {
		return b, nil
	}
	all, tickets := b.Projects, b.Tickets
	b.Projects, b.Tickets = nil, nil
	for _, c := range all {
		if s.seesProject(c.Project) {
			b.Projects = append(b.Projects, c)
		}
	}
	for _, c := range tickets {
		if s.seesTicket(c.Ticket, c.Parts) {
			b.Tickets = append(b.Tickets, c)
		}
	}
	return b, nil
}

// scope names what a sight lets through.
func (s sight) scope() string {
	if s.all {
		return "all"
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%v|%v|%v", s.actor, inOrder(s.taskForces), inOrder(s.units), inOrder(s.projects)))
	return hex.EncodeToString(sum[:12])
}

func inOrder(list []int64) []int64 {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// Stages lays the projects out by stage.
func (a *App) Stages(b BoardCards, f BoardFilter) Grid[Card] {
	return Assemble(b.Forces, a.mapStages(b.Projects), b.Projects, f, b.Whole && !f.Set())
}

// TicketStates lays the tickets out by state.
func (a *App) TicketStates(b BoardCards, f BoardFilter) Grid[TicketCard] {
	return Assemble(b.Forces, a.ticketColumns(b.Tickets), b.Tickets, f, b.Whole && !f.Set())
}

// Totals are the sums over the projects.
func (b BoardCards) Totals() Totals {
	t := totals(b.Projects)
	t.TaskForces = len(b.Forces)
	return t
}

// Limit is the limit that holds in a cell of a board, false where there is none: the task force's own before the one for all.
func (b BoardCards) Limit(board string, taskForce int64, column string) (CellLimit, bool) {
	return limitOf(b.Limits, board, taskForce, column)
}

// Rules are the rules that hold the lights of the cards, in order.
func (b BoardCards) Rules(tickets bool) []string {
	seen := map[string]bool{}
	for _, c := range b.Projects {
		if !tickets && c.Project.LightRule != "" {
			seen[c.Project.LightRule] = true
		}
	}
	for _, c := range b.Tickets {
		if tickets && c.Ticket.LightRule != "" {
			seen[c.Ticket.LightRule] = true
		}
	}
	return sortedNames(seen)
}

// FindOnBoard lists the numbers of the projects, or of the tickets, that a text finds among those that the actor may see.
func (a *App) FindOnBoard(ctx context.Context, actor Actor, tickets bool, text string) (map[int64]bool, error) {
	found := map[int64]bool{}
	if tickets {
		list, err := a.Tickets(ctx, actor, TicketFilter{Text: text, Limit: boardedTickets})
		for _, k := range list {
			found[k.ID] = true
		}
		return found, err
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	list, err := s.findProjects(ctx, a.db.read, ProjectFilter{Text: text})
	for _, p := range list {
		found[p.ID] = true
	}
	return found, err
}
