package app

import (
	"context"
	"slices"
	"strings"

	"battlemap/app/calendar"
)

// TicketLink says that one ticket holds another up; a link is ended, never removed.
type TicketLink struct {
	Row
	TicketID int64 // what must be done first
	BlocksID int64 // what waits for it
	Reason   string
	MadeBy   int64
	MadeOn   calendar.Date
	EndedOn  calendar.Date
}

// LinkTickets is the command that says that a ticket waits for another, or that another waits for it.
type LinkTickets struct {
	Ticket, Version int64
	Other           int64
	Blocks          bool // the ticket holds the other up; otherwise it waits for the other
	Reason          string
}

// LinkTickets links two tickets that the actor sees; nothing can wait for itself, not even by way of others.
func (a *App) LinkTickets(ctx context.Context, actor Actor, cmd LinkTickets) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, _, err := t.forAct(cmd.Ticket, cmd.Version, ActLink)
		if err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, true)
		if err := c.err(); err != nil {
			return err
		}
		other, err := t.otherTicket("other", cmd.Other)
		if err != nil {
			return err
		}
		if t.over(other) {
			return invalid("other", "original_ended", nil)
		}
		link := &TicketLink{TicketID: other.ID, BlocksID: k.ID, Reason: strings.TrimSpace(cmd.Reason), MadeBy: t.actor.ID, MadeOn: t.today}
		if cmd.Blocks {
			link.TicketID, link.BlocksID = k.ID, other.ID
		}
		if err := t.noCircle(link); err != nil {
			return err
		}
		if err := insert(t, link); err != nil {
			return taken(err, "other")
		}
		record := t.ticketChange("ticket.link", k, nil)
		record.after, record.reason = link, link.Reason
		t.record(record)
		first := other
		if cmd.Blocks {
			first = k
		}
		return t.tellFirst(first, link)
	})
}

// tellFirst tells those who work on what must be done first that something waits for it; what waits is not named, since they may not see it.
func (t *tx) tellFirst(first *Ticket, link *TicketLink) error {
	e := eventOf(first, ActLink, link.ID)
	e.reason = link.Reason
	var people [][]int64
	for _, rung := range []string{"unit_leader", "unit_handler"} {
		told, err := t.told(first, rung, place{units: []int64{first.LeadUnitID}})
		if err != nil {
			return err
		}
		people = append(people, told)
	}
	return t.tellOthers(e, people...)
}

// noCircle follows what waits for the link's later ticket: the earlier one must not be among it.
func (t *tx) noCircle(link *TicketLink) error {
	if link.TicketID == link.BlocksID {
		return invalid("other", "itself", nil)
	}
	links, err := list[TicketLink](t, "id", "ended_on = ''")
	if err != nil {
		return err
	}
	later := map[int64][]int64{}
	for _, l := range links {
		later[l.TicketID] = append(later[l.TicketID], l.BlocksID)
	}
	seen, next := map[int64]bool{}, []int64{link.BlocksID}
	for len(next) > 0 {
		at := next[0]
		next = next[1:]
		if at == link.TicketID {
			return invalid("other", "circle", nil)
		}
		if !seen[at] {
			seen[at] = true
			next = append(next, later[at]...)
		}
	}
	return nil
}

// UnlinkTickets is the command that ends a link.
type UnlinkTickets struct {
	Ticket, Version int64
	Link            int64
}

// UnlinkTickets ends a link of the ticket; that it was there stays on record.
func (a *App) UnlinkTickets(ctx context.Context, actor Actor, cmd UnlinkTickets) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, _, err := t.forAct(cmd.Ticket, cmd.Version, ActLink)
		if err != nil {
			return err
		}
		link, err := chosen[TicketLink](t, "link", cmd.Link)
		if err != nil {
			return err
		}
		if link.TicketID != k.ID && link.BlocksID != k.ID || !link.EndedOn.IsZero() {
			return invalid("link", "choose", nil)
		}
		was := link.EndedOn
		link.EndedOn = t.today
		if err := update(t, link); err != nil {
			return err
		}
		record := t.ticketChange("ticket.unlink", k, nil)
		// The end of a link says which two tickets it held together.
		record.before, record.after = map[string]any{"ended_on": was}, map[string]any{"ticket_id": link.TicketID, "blocks_id": link.BlocksID, "ended_on": link.EndedOn}
		t.record(record)
		return nil
	})
}

// Kin are the tickets that belong to one, as far as the actor sees them.
type Kin struct {
	Parent, Original *Ticket
	Children         []Ticket // what it was split into
	Duplicates       []Ticket // what ended because it says the same
	Before, After    []Linked // what must be done first; what waits for it
}

// Linked is a ticket at the other end of a link.
type Linked struct {
	Link   TicketLink
	Ticket Ticket
}

// TicketKin reads the tickets that belong to one that the actor has read.
func (a *App) TicketKin(ctx context.Context, actor Actor, k Ticket) (Kin, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Kin{}, err
	}
	links, err := table[TicketLink](a.db.read).Where("ticket_id = ? OR blocks_id = ?", k.ID, k.ID).Order("id").Find(ctx)
	if err != nil {
		return Kin{}, err
	}
	links = slices.DeleteFunc(links, func(l TicketLink) bool { return !l.EndedOn.IsZero() }) // asked for here, they would be looked for among all that have not ended
	near := []int64{k.ParentTicketID, k.DuplicateOfID}
	for _, l := range links {
		near = append(near, l.TicketID, l.BlocksID)
	}
	where, args := s.ticketsWhere()
	seen, err := table[Ticket](a.db.read).Where(where, args...).Where("(id IN ? OR parent_ticket_id = ? AND parent_ticket_id > 0 OR duplicate_of_id = ? AND duplicate_of_id > 0) AND id <> ?", near, k.ID, k.ID, k.ID).Order("id").Find(ctx)
	if err != nil {
		return Kin{}, err
	}
	var kin Kin
	for i := range seen {
		kin.add(&k, &seen[i], links)
	}
	return kin, nil
}

func (kin *Kin) add(k, other *Ticket, links []TicketLink) {
	switch {
	case other.ID == k.ParentTicketID:
		kin.Parent = other
	case other.ID == k.DuplicateOfID:
		kin.Original = other
	}
	if other.ParentTicketID == k.ID {
		kin.Children = append(kin.Children, *other)
	}
	if other.DuplicateOfID == k.ID {
		kin.Duplicates = append(kin.Duplicates, *other)
	}
	for _, l := range links {
		switch other.ID {
		case l.TicketID:
			kin.Before = append(kin.Before, Linked{l, *other})
		case l.BlocksID:
			kin.After = append(kin.After, Linked{l, *other})
		}
	}
}
