package app

import (
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// DateChanges lists every setting and moving of the date of a ticket or a milestone that the actor may see, the oldest first.
func (a *App) DateChanges(ctx context.Context, actor Actor, kind string, id int64) ([]DateChange, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	q := table[DateChange](a.db.read).Where("item_kind = ? AND item_id = ?", kind, id)
	if !s.all {
		where, args := s.ofTicket("date_changes")
		if kind == "milestone" {
			where, args = s.projectsWhere()
			where = "project_id IN (SELECT id FROM projects WHERE " + where + ")"
		}
		q = q.Where(where, args...)
	}
	return q.Order("id").Find(ctx)
}

// MilestoneDates lists the changes of the milestones of a project that the actor has read, the oldest first.
func (a *App) MilestoneDates(ctx context.Context, p Project) ([]DateChange, error) {
	return table[DateChange](a.db.read).Where("item_kind = 'milestone' AND item_id IN (SELECT id FROM milestones WHERE project_id = ?)", p.ID).Order("id").Find(ctx)
}

// TicketMemory is what a ticket's page says of its deadlines: every date, every request for more time, every pause, and what went back and forth.
type TicketMemory struct {
	Dates      []DateChange        // the oldest first
	Extensions []Extension         // the newest first
	Decisions  []ExtensionDecision // of all of them, in order
	Pauses     []Pause             // the newest first
	Events     []JournalRow        // returns, disputes, pauses, extensions, hand-overs, reopenings: the newest first
	Ask        *ExtensionOffer     // nil: the actor may not ask here
	Waiting    *WaitingExtension   // nil: no request waits
	Dispute    calendar.Date       // last day to object, where the rule set says; zero where it does not
	Resumed    calendar.Date       // of a paused ticket: the date in force if it were taken up again today
	ReopenOn   calendar.Date       // of a closed ticket: its new date where nobody names another
}

// ExtensionOffer is what the rule set says of an extension asked for today.
type ExtensionOffer struct {
	Rule    workflows.Words
	Stamp   string
	Last    calendar.Date // last day to ask; zero for any
	Latest  calendar.Date // latest new date; zero for any
	Times   int           // 0: any number
	Decide  []workflows.Role
	Problem error // why it can't be asked now, nil when it can
}

// WaitingExtension is the request that waits, with whose turn it is.
type WaitingExtension struct {
	Extension Extension
	Role      workflows.Role // under which it is decided next
	People    []int64
	Vacant    []string // steps that nobody can decide
	Mine      bool     // the actor decides
	Withdraw  bool     // the actor may take it back
}

// memoryActions are the journal's actions of the timeline of returns, disputes, pauses, extensions and hand-overs.
func memoryActions() []string {
	return []string{"ticket.return", "ticket.dispute", "ticket.uphold", "ticket.withdraw", "ticket.hand", "ticket.reopen",
		"ticket.ask_pause", "ticket.withdraw_pause", "ticket.grant_pause", "ticket.refuse_pause", "ticket.keep_pause", "ticket.end_pause", "ticket.resume",
		"ticket.ask_extension", "ticket.approve_extension", "ticket.grant_extension", "ticket.refuse_extension", "ticket.withdraw_extension",
		"ticket.lapse_extension"}
}

// TicketMemory reads the memory of a ticket that the actor has read.
func (a *App) TicketMemory(ctx context.Context, actor Actor, f TicketFile) (TicketMemory, error) {
	t, k := a.view(ctx, actor), &f.Ticket
	var m TicketMemory
	var err error
	if m.Dates, err = list[DateChange](t, "id", "item_kind = 'ticket' AND item_id = ?", k.ID); err != nil {
		return m, err
	}
	if m.Extensions, err = list[Extension](t, "id DESC", "ticket_id = ?", k.ID); err != nil {
		return m, err
	}
	if m.Decisions, err = list[ExtensionDecision](t, "id", "extension_id IN (SELECT id FROM extensions WHERE ticket_id = ?)", k.ID); err != nil {
		return m, err
	}
	if m.Pauses, err = list[Pause](t, "id DESC", "ticket_id = ?", k.ID); err != nil {
		return m, err
	}
	if m.Events, err = list[JournalRow](t, "no DESC", recordsOfTicket+" AND action IN ?", k.ID, memoryActions()); err != nil {
		return m, err
	}
	if err := t.offers(&m, k, f.Units); err != nil {
		return m, fmt.Errorf("read what may be asked on ticket %s: %w", k.No, err)
	}
	return m, t.clocks(&m, k)
}

// offers works out what the actor may ask for or decide.
func (t *tx) offers(m *TicketMemory, k *Ticket, units []TicketUnit) error {
	i := slices.IndexFunc(m.Extensions, func(e Extension) bool { return e.State == "asked" })
	if i >= 0 {
		e := m.Extensions[i]
		now, err := t.rungOf(k, units, &e)
		if err != nil {
			return err
		}
		m.Waiting = &WaitingExtension{Extension: e, Role: now.role, People: now.people, Vacant: now.vacant, Mine: slices.Contains(now.people, t.actor.ID)}
		err = t.mayWithdraw(&e)
		m.Waiting.Withdraw = err == nil && !t.actor.trusted()
		return only(err)
	}
	if _, err := t.askingUnit(units); err != nil {
		return only(err)
	}
	problem := t.openForExtension(k)
	r, err := t.ruling("ticket", "extension", asked{ticket: k, given: []string{"reason", "progress"}, before: k.Extensions, oldDay: k.DueOn})
	if err != nil || r == nil || problem != nil && k.DueOn.IsZero() {
		return err
	}
	if problem == nil {
		problem = r.inTime()
	}
	m.Ask = &ExtensionOffer{Rule: r.title, Stamp: r.stamp, Last: r.last, Latest: r.latest, Times: r.times, Decide: r.decide, Problem: problem}
	return nil
}

// only lets errors pass that are no faults: a fault only means that there is nothing to offer.
func only(err error) error {
	if AsFaults(err) != nil {
		return nil
	}
	return err
}

// clocks works out the dates that a move would lead to.
func (t *tx) clocks(m *TicketMemory, k *Ticket) error {
	state, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	var err error
	switch {
	case k.State == "issued":
		r, askErr := t.ruling("ticket", "dispute", asked{ticket: k, given: []string{"reason"}, before: k.Disputes})
		if r != nil {
			m.Dispute = r.last
		}
		err = askErr
	case state.Kind == workflows.KindPaused && len(m.Pauses) > 0 && m.Pauses[0].State == "running":
		m.Resumed = k.DueOn
		if n := t.calendar(k.TaskForceID).Workdays(m.Pauses[0].DecidedOn, t.today); n > 0 {
			m.Resumed, err = t.calendar(k.TaskForceID).AddWorkdays(k.DueOn, n)
		}
	case state.Kind == workflows.KindDone:
		m.ReopenOn, err = t.app.ReopenDue(*k)
	}
	return err
}

// extensions puts requests on the desk of those who decide them now.
func (d *desk) extensions() error {
	t := d.tx
	where, args := d.sight.ofTicket("extensions")
	waiting, err := list[Extension](t, "ticket_id", "state = 'asked' AND "+where, args...)
	if err != nil {
		return err
	}
	if len(waiting) == 0 {
		return nil
	}
	asked, err := t.waitedFor(waiting)
	if err != nil {
		return err
	}
	for i := range waiting {
		e := &waiting[i]
		k, ok := asked.tickets[e.TicketID]
		if !ok {
			continue // asked for since
		}
		now, err := t.rungAfter(&k, asked.units[k.ID], e, asked.decided[e.ID])
		if err != nil {
			return err
		}
		if slices.Contains(now.people, t.actor.ID) {
			d.items = append(d.items, DeskItem{Group: "mine", What: "extension", Light: k.Light, No: k.No, Title: k.Title, Link: ticketItem(&k).link(), DueOn: k.DueOn,
				UnitID: e.UnitID, WantedOn: e.WantedOn, ID: e.ID, Version: k.Version})
		}
	}
	return nil
}

// waitingFor is what belongs to requests for a later date, read at once for all of them.
type waitingFor struct {
	tickets map[int64]Ticket
	units   map[int64][]TicketUnit
	decided map[int64][]ExtensionDecision
}

func (t *tx) waitedFor(waiting []Extension) (waitingFor, error) {
	a := waitingFor{tickets: map[int64]Ticket{}, decided: map[int64][]ExtensionDecision{}}
	var tickets, numbers []int64
	for _, e := range waiting {
		tickets, numbers = append(tickets, e.TicketID), append(numbers, e.ID)
	}
	where, arg := among(t.db, "id", tickets)
	found, err := list[Ticket](t, "id", where, arg)
	if err != nil {
		return a, err
	}
	for _, k := range found {
		a.tickets[k.ID] = k
	}
	if a.units, err = t.unitsOf(found); err != nil {
		return a, err
	}
	where, arg = among(t.db, "extension_id", numbers)
	decisions, err := list[ExtensionDecision](t, "step", where, arg)
	for _, d := range decisions {
		a.decided[d.ExtensionID] = append(a.decided[d.ExtensionID], d)
	}
	return a, err
}

// reviews puts pauses on the desk of the issuer on the day of their review and after it.
func (d *desk) reviews() error {
	t := d.tx
	where, args := d.sight.ticketsWhere()
	due, err := list[Ticket](t, "review_on, id", "state = 'paused' AND review_on <> '' AND review_on <= ? AND "+where, append([]any{t.today}, args...)...)
	if err != nil {
		return err
	}
	units, err := t.unitsOf(due)
	if err != nil {
		return err
	}
	for i := range due {
		k := &due[i]
		switch _, err := t.allowedMove(k, units[k.ID], "keep_pause"); {
		case err == nil:
			d.items = append(d.items, DeskItem{Group: "mine", What: "pause_review", Light: k.Light, No: k.No, Title: k.Title, Link: ticketItem(k).link(), DueOn: k.ReviewOn,
				UnitID: k.LeadUnitID, State: k.State, ID: k.ID, Version: k.Version})
		case only(err) != nil:
			return err
		}
	}
	return nil
}

// TicketAsks lists what the list of tickets can be narrowed to: a request that waits for a decision, a pause due for review, a date that was moved.
func TicketAsks() []string { return []string{"extension", "pause", "review", "moved"} }

// asksWhere is the condition on table tickets of one of TicketAsks; of anything else nothing is found.
func asksWhere(ask string, today calendar.Date) (string, []any) {
	switch ask {
	case "extension":
		return "tickets.id IN (SELECT ticket_id FROM extensions WHERE state = 'asked')", nil
	case "pause":
		return "tickets.pause_asked", nil
	case "review":
		return "(tickets.review_on <> '' AND tickets.review_on <= ?)", []any{today}
	case "moved":
		return "tickets.date_changes > 0", nil
	}
	return "1 = 0", nil
}
