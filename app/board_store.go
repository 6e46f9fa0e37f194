package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// boards keeps every card in memory as of one size of the journal. The journal says which items changed since; only those are read anew.
type boards struct {
	mu    sync.Mutex
	cards BoardCards
	known bool
	drawn int64 // the last number that was given to a changed card
}

// mostChanged is how many items are read one by one; after more, everything is read at once.
const mostChanged = 200

// allCards are the cards of the whole district. What it answers with is never changed afterwards.
func (a *App) allCards(ctx context.Context) (BoardCards, error) {
	b := &a.boards
	b.mu.Lock()
	defer b.mu.Unlock()
	size, err := a.JournalSize(ctx) // first: what is read later is at least as new
	if err != nil {
		return BoardCards{}, err
	}
	today := a.Today()
	if b.known && b.cards.Journal == size && b.cards.Today == today {
		return b.cards, nil
	}
	next := BoardCards{Journal: size, Today: today}
	changed, some := changedItems{}, false
	if b.known && b.cards.Today == today && size > b.cards.Journal {
		if changed, some, err = a.changedItems(ctx, b.cards.Journal, size); err != nil {
			return next, err
		}
	}
	if some {
		err = a.readChanged(ctx, b, &next, changed)
	} else {
		err = a.readCards(ctx, b, &next)
	}
	if err != nil {
		return BoardCards{}, err
	}
	b.cards, b.known = next, true
	return next, nil
}

// changedItems are the things whose cards may have changed.
type changedItems struct {
	projects, tickets map[int64]bool
	limits            bool
}

// changedItems reads from the journal what changed after one size, up to another; some is false when so much may have changed that everything must be read.
func (a *App) changedItems(ctx context.Context, after, upTo int64) (c changedItems, some bool, err error) {
	var rows []struct {
		Action, ObjectKind  string
		ProjectID, TicketID int64
	}
	err = a.db.read.WithContext(ctx).Raw("SELECT action, object_kind, project_id, ticket_id FROM journal WHERE no > ? AND no <= ? ORDER BY no LIMIT ?", after, upTo, mostChanged+1).Scan(&rows).Error
	if err != nil {
		return c, false, fmt.Errorf("read what changed on the boards: %w", err)
	}
	if len(rows) > mostChanged {
		return c, false, nil
	}
	c = changedItems{projects: map[int64]bool{}, tickets: map[int64]bool{}}
	for _, r := range rows {
		switch {
		case r.ProjectID > 0 || r.TicketID > 0:
			c.projects[r.ProjectID], c.tickets[r.TicketID] = r.ProjectID > 0, r.TicketID > 0
		case r.ObjectKind == "cell_limit":
			c.limits = true
		case !showsNothing(r.Action, r.ObjectKind):
			return c, false, nil
		}
	}
	delete(c.projects, 0)
	delete(c.tickets, 0)
	return c, true, nil
}

// showsNothing tells whether a record is about something that stands on no card.
func showsNothing(action, kind string) bool {
	return strings.HasPrefix(action, "session.") || slices.Contains([]string{"saved_view", "journal", "figure", "grant"}, kind)
}

// readCards reads everything. A card that looks as before keeps its number, so that nobody draws it again.
func (a *App) readCards(ctx context.Context, b *boards, next *BoardCards) error {
	var err error
	if next.Dir, err = a.Directory(ctx); err != nil {
		return err
	}
	if err := a.KeepUp(ctx); err != nil {
		return err
	}
	next.Forces, next.Epoch, next.Leaders = next.Dir.TaskForceList(), b.cards.Epoch+1, map[int64]string{}
	for _, tf := range next.Forces {
		next.Leaders[tf.LeaderID] = next.Dir.Users[tf.LeaderID].Name
	}
	projects, err := table[Project](a.db.read).Order("id").Find(ctx)
	if err != nil {
		return err
	}
	if next.Projects, err = a.makeCards(ctx, next.Dir, projects, nil); err != nil {
		return err
	}
	if next.Tickets, err = a.ticketCards(ctx, next.Dir, nil); err != nil {
		return err
	}
	if next.Limits, err = a.CellLimits(ctx); err != nil {
		return err
	}
	codes := make(map[int64]string, len(projects))
	for _, p := range projects {
		codes[p.ID] = p.Code
	}
	for i := range next.Tickets {
		next.Tickets[i].Project = codes[next.Tickets[i].Ticket.ProjectID]
	}
	keepDrawn(b, b.cards.Projects, next.Projects, func(c Card) int64 { return c.Project.ID }, sameCard, func(c *Card) *int64 { return &c.Drawn })
	keepDrawn(b, b.cards.Tickets, next.Tickets, func(c TicketCard) int64 { return c.Ticket.ID }, sameTicketCard, func(c *TicketCard) *int64 { return &c.Drawn })
	slices.SortStableFunc(next.Projects, worseCard)
	slices.SortStableFunc(next.Tickets, moreUrgent)
	return nil
}

// readChanged reads the changed items and takes everything else from before.
func (a *App) readChanged(ctx context.Context, b *boards, next *BoardCards, changed changedItems) error {
	was, journal, today := b.cards, next.Journal, next.Today
	*next = was
	next.Journal, next.Today = journal, today
	var err error
	if changed.limits {
		if next.Limits, err = a.CellLimits(ctx); err != nil {
			return err
		}
	}
	if len(changed.projects) > 0 {
		numbers := slices.Sorted(maps.Keys(changed.projects))
		rows, err := table[Project](a.db.read).Where("id IN ?", numbers).Order("id").Find(ctx)
		if err != nil {
			return err
		}
		cards, err := a.makeCards(ctx, was.Dir, rows, numbers)
		if err != nil {
			return err
		}
		next.Projects = mergeCards(b, was.Projects, cards, changed.projects, func(c Card) int64 { return c.Project.ID }, sameCard, func(c *Card) *int64 { return &c.Drawn }, worseCard)
	}
	if len(changed.tickets) == 0 {
		return nil
	}
	cards, err := a.ticketCards(ctx, was.Dir, slices.Sorted(maps.Keys(changed.tickets)))
	if err != nil {
		return err
	}
	codes := make(map[int64]string, len(next.Projects))
	for _, c := range next.Projects {
		codes[c.Project.ID] = c.Project.Code
	}
	for i := range cards {
		cards[i].Project = codes[cards[i].Ticket.ProjectID]
	}
	next.Tickets = mergeCards(b, was.Tickets, cards, changed.tickets, func(c TicketCard) int64 { return c.Ticket.ID }, sameTicketCard, func(c *TicketCard) *int64 { return &c.Drawn }, moreUrgent)
	return nil
}

// mergeCards is the cards from before without those that changed, with what these are now, in their order.
func mergeCards[C Boarded](b *boards, was, now []C, changed map[int64]bool, id func(C) int64, same func(x, y C) bool, drawn func(*C) *int64, order func(x, y C) int) []C {
	keepDrawn(b, was, now, id, same, drawn)
	slices.SortStableFunc(now, order)
	out := make([]C, 0, len(was)+len(now))
	for _, c := range was {
		if changed[id(c)] {
			continue
		}
		for len(now) > 0 && order(now[0], c) < 0 {
			out, now = append(out, now[0]), now[1:]
		}
		out = append(out, c)
	}
	return append(out, now...)
}

// keepDrawn gives cards that look as before their number from before, and new numbers to the others.
func keepDrawn[C Boarded](b *boards, was, now []C, id func(C) int64, same func(x, y C) bool, drawn func(*C) *int64) {
	at := make(map[int64]int, len(now))
	for i, c := range now {
		at[id(c)] = i
	}
	for i := range was {
		j, ok := at[id(was[i])]
		if !ok {
			continue
		}
		*drawn(&now[j]) = *drawn(&was[i])
		if !same(was[i], now[j]) {
			*drawn(&now[j]) = 0
		}
	}
	for i := range now {
		if n := drawn(&now[i]); *n == 0 {
			b.drawn++
			*n = b.drawn
		}
	}
}

// sameCard tells whether two cards show the same.
func sameCard(x, y Card) bool {
	if x.Project != y.Project || !slices.Equal(x.Stones, y.Stones) {
		return false
	}

	return x.Responsible == y.Responsible && x.Officer == y.Officer && x.Guarantee == y.Guarantee && x.Person == y.Person && x.Unit == y.Unit && x.Days == y.Days && x.Limit == y.Limit &&
		x.Tickets == y.Tickets && x.Blockers == y.Blockers && x.Papers == y.Papers && x.PlanFen == y.PlanFen
}

// sameTicketCard tells whether two cards show the same.
func sameTicketCard(x, y TicketCard) bool {
	return x.Ticket == y.Ticket && x.Handler == y.Handler && x.LeadUnit == y.LeadUnit && x.Project == y.Project && x.Days == y.Days && slices.Equal(x.Parts, y.Parts) &&
		x.Accepted == y.Accepted && x.Late == y.Late
}
