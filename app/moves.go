package app

import (
	"context"
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// ItemName names a thing on a board as addresses and live events do: "ticket/2023-001", "project/P-001".
type ItemName struct{ Kind, No string }

// ParseItem reads an item's name; ok is false for anything else. Whether there is such an item, and for whom, the reader of it says.
func ParseItem(text string) (name ItemName, ok bool) {
	kind, no, found := strings.Cut(text, "/")
	return ItemName{kind, no}, found && no != "" && (kind == "ticket" || kind == "project")
}

// String writes the name as ParseItem reads it.
func (n ItemName) String() string { return n.Kind + "/" + n.No }

// Path is the address of the item's own page.
func (n ItemName) Path() string { return "/" + n.Kind + "s/" + n.No }

// Choice is one move that the actor may make on an item now.
type Choice struct {
	Move  workflows.Move
	To    string // the state that it leads to
	Asks  []workflows.Need
	Last  calendar.Date // last day on which it can be made; zero for no limit
	Claim bool          // it is filed as a claim, and counts once somebody else has verified it
}

// Choices are the moves that the actor may make on an item now, the usual one first, with what a form about them has to know.
type Choices struct {
	Item        ItemName
	ID, Version int64
	Title       string
	State       string
	Machine     *workflows.Machine
	Moves       []Choice
	Waiting     *StageClaim   // of a project: the claim that has to be decided before it moves
	Feedback    string        // of a ticket, as drafted
	ReopenOn    calendar.Date // of a closed ticket: its new date where nobody names another
}

// Find returns the choice of a move.
func (c Choices) Find(move string) (Choice, bool) {
	for _, one := range c.Moves {
		if one.Move.ID == move {
			return one, true
		}
	}
	return Choice{}, false
}

// Choices asks the door's own questions about every move of an item; Missing when the actor may not see the item.
func (a *App) Choices(ctx context.Context, actor Actor, name ItemName) (Choices, error) {
	t := a.view(ctx, actor)
	s, err := t.sight(actor)
	if err != nil {
		return Choices{}, err
	}
	if name.Kind == "project" {
		return t.projectChoices(s, name)
	}
	return t.ticketChoices(s, name)
}

func (t *tx) ticketChoices(s sight, name ItemName) (Choices, error) {
	k, err := t.ticketByNo(s, name.No)
	if err != nil {
		return Choices{}, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return Choices{}, err
	}
	moves, err := t.openMoves(k, units)
	if err != nil {
		return Choices{}, err
	}
	facts, err := t.ticketFacts(k)
	if err != nil {
		return Choices{}, err
	}
	v := TicketView{Asks: map[string][]workflows.Need{}, LastDay: map[string]calendar.Date{}}
	if err := t.moveTerms(&v, k, moves, facts); err != nil {
		return Choices{}, fmt.Errorf("read the moves of ticket %s: %w", k.No, err)
	}
	var m TicketMemory
	if err := t.clocks(&m, k); err != nil {
		return Choices{}, err
	}
	out := Choices{Item: name, ID: k.ID, Version: k.Version, Title: k.Title, State: k.State, Machine: t.machine("ticket", k.MachineVersion), Feedback: k.Feedback, ReopenOn: m.ReopenOn}
	for _, move := range moves {
		last := v.LastDay[move.ID]
		if move.ID == "dispute" && !m.Dispute.IsZero() {
			last = m.Dispute // the rule set's day goes before the workflow's
		}
		if last.IsZero() || last >= t.today {
			out.Moves = append(out.Moves, Choice{Move: move, To: move.Target(k.State, ""), Asks: v.Asks[move.ID], Last: last})
		}
	}
	return out, nil
}

func (t *tx) projectChoices(s sight, name ItemName) (Choices, error) {
	where, args := s.projectsWhere()
	p, err := found(table[Project](t.db).Where(where, args...).Where("code = ?", plain(name.No)).First(t.ctx))
	if err != nil {
		return Choices{}, err
	}
	roles, err := t.roles(t.projectPlace(p))
	if err != nil {
		return Choices{}, err
	}
	out := Choices{Item: name, ID: p.ID, Version: p.Version, Title: p.Name, State: p.Stage, Machine: t.machine("project", p.MachineVersion)}
	claims, err := list[StageClaim](t, "id", "project_id = ? AND state = 'claimed'", p.ID)
	if err != nil {
		return Choices{}, err
	}
	if len(claims) > 0 {
		out.Waiting = &claims[0]
		return out, nil
	}
	for _, move := range out.Machine.Open(p.Stage, roles) {
		out.Moves = append(out.Moves, Choice{Move: move, To: move.Target(p.Stage, p.ResumeStage), Asks: move.Needs, Claim: len(move.VerifiedBy) > 0})
	}
	return out, nil
}

// ItemJournal lists the records about one item that the actor may see, the newest first.
func (a *App) ItemJournal(ctx context.Context, actor Actor, c Choices, limit int) ([]JournalRow, error) {
	f := JournalFilter{Limit: limit, Ticket: c.ID}
	if c.Item.Kind == "project" {
		f.Ticket, f.Project = 0, c.ID
	}
	return a.Journal(ctx, actor, f)
}
