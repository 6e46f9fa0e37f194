package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// habit is when in the day a move of a ticket is made, and by whom where the script names nobody.
type habit struct {
	part Part
	who  func(d *district, k *ticket) string
}

func byDrafter(d *district, k *ticket) string {
	if k.By != "" {
		return k.By
	}
	return d.holder(workflows.RoleSupervisor)
}
func bySupervisor(d *district, _ *ticket) string { return d.holder(workflows.RoleSupervisor) }
func byDirector(d *district, _ *ticket) string {
	return d.holder(workflows.RoleSupervisionDirector)
}
func byLeader(_ *district, k *ticket) string  { return leadOf(k.Lead) }
func byHandler(_ *district, k *ticket) string { return handOf(k.Lead) }

// draft and hand are verbs of their own, not moves of the workflow.
const (
	draft = "draft"
	hand  = "hand"
	// extend asks for an extension, agree and decline decide it.
	extend  = "ask_extension"
	agree   = "grant_extension"
	decline = "refuse_extension"
)

// habits are the habits of all moves that the script knows.
func habits() map[string]habit {
	return map[string]habit{
		draft: {Supervision, byDrafter}, "submit_draft": {Supervision, byDrafter}, "approve": {Supervision, byDirector}, "send_back": {Supervision, byDirector},
		"uphold": {Supervision, byDirector}, "withdraw": {Supervision, byDirector}, "grant_pause": {Supervision, byDirector},
		"terminate": {Supervision, byDirector}, "reopen": {Supervision, bySupervisor},
		"accept": {Units, byHandler}, "start": {Units, byHandler}, "draft_feedback": {Units, byHandler}, "resume_work": {Units, byHandler},
		"resume": {Units, byHandler}, hand: {Units, byLeader}, "dispute": {Units, byLeader}, "ask_pause": {Units, byLeader},
		"verify": {Verification, bySupervisor}, "return": {Verification, bySupervisor}, "close": {Verification, byDirector},
		"submit": {Feedback, byLeader}, extend: {Units, byLeader}, agree: {Supervision, byDirector}, decline: {Supervision, byDirector},
	}
}

// scriptTicket puts the steps of a ticket on their days.
func (p *Play) scriptTicket(k *ticket, out map[calendar.Date][]act) error {
	known := habits()
	for _, s := range k.Steps {
		for _, move := range strings.Fields(s.Do) {
			h, ok := known[move]
			if !ok {
				return fmt.Errorf("no habit for move %q", move)
			}
			account := s.As
			if account == "" {
				account = h.who(p.district, k)
			}
			if p.people[account] == 0 {
				return fmt.Errorf("%s %s: nobody is %q", s.On, move, account)
			}
			out[s.On] = append(out[s.On], act{part: h.part, what: k.Title + " " + move, do: func(ctx context.Context) error {
				return p.ticketStep(ctx, k, s, move, account)
			}})
		}
	}
	return nil
}

// ticketStep makes one move, if the ticket stands where it can be made.
func (p *Play) ticketStep(ctx context.Context, k *ticket, s step, move, account string) error {
	now, err := p.ticket(ctx, k.Title)
	if err != nil {
		return err
	}
	who, err := p.as(ctx, account)
	if err != nil {
		return err
	}
	switch {
	case move == draft && now == nil:
		_, err := p.app.DraftTicket(ctx, who, p.draftOf(k))
		return err
	case move == draft || now == nil:
		return nil
	case move == hand:
		if now.HandlerID == p.people[s.To] {
			return nil
		}
		return p.app.HandTicket(ctx, who, app.HandTicket{Ticket: now.ID, Version: now.Version, HandlerID: p.people[s.To], Reason: s.Say})
	case move == extend || move == agree || move == decline:
		return p.extensionStep(ctx, now, who, s, move)
	}
	todo, err := p.stillToDo(ctx, now, who, s, move)
	if err != nil || !todo {
		return err
	}
	cmd := app.MoveTicket{Ticket: now.ID, Version: now.Version, Move: move, ExpectedEnd: s.Until}
	switch move {
	case "submit", "draft_feedback":
		cmd.Feedback = s.Say
	case "verify", "grant_pause":
		cmd.Note = s.Say
	default:
		cmd.Reason = s.Say
	}
	if move == "ask_pause" {
		cmd.ReasonCode = cmp.Or(s.Why, "other")
	}
	if move == "close" && now.LeaderID != 0 {
		cmd.ShownOn = p.app.Today()
	}
	_, err = p.app.MoveTicket(ctx, who, cmd)
	return err
}

// extensionStep asks for an extension or decides one, unless that was done already.
func (p *Play) extensionStep(ctx context.Context, k *app.Ticket, who app.Actor, s step, move string) error {
	f, err := p.app.TicketFile(ctx, who, k.No)
	if err != nil {
		return err
	}
	m, err := p.app.TicketMemory(ctx, who, f)
	if err != nil {
		return err
	}
	switch {
	case move == extend && m.Ask != nil && m.Ask.Problem == nil:
		return p.app.AskExtension(ctx, who, app.AskExtension{Ticket: k.ID, Version: k.Version, WantedOn: s.Until, Reason: s.Say, Progress: s.Why})
	case move != extend && m.Waiting != nil && m.Waiting.Mine:
		return p.app.DecideExtension(ctx, who, app.DecideExtension{Ticket: k.ID, Version: k.Version, Grant: move == agree, Note: s.Say})
	}
	return nil
}

// ticket finds a ticket of the script by its title, nil when it is not drafted yet.
func (p *Play) ticket(ctx context.Context, title string) (*app.Ticket, error) {
	found, err := p.app.Tickets(ctx, app.System("demo"), app.TicketFilter{Text: title})
	if err != nil {
		return nil, err
	}
	return find(found, func(k app.Ticket) bool { return k.Title == title }), nil
}

func (p *Play) draftOf(k *ticket) app.DraftTicket {
	cmd := app.DraftTicket{Kind: k.Kind, Title: k.Title, Basis: k.Basis, Instruction: k.Instruction, TaskForceID: p.forces[k.Force], ProjectID: p.projects[k.Project],
		LeadUnitID: p.units[k.Lead], LeaderID: p.people[k.Leader], DueTerm: k.Term, DueOn: k.Due, Cause: k.Cause, DecisionFrom: k.DecisionFrom, CoordinationLevel: k.Level}
	for _, unit := range k.Assist {
		cmd.AssistUnitIDs = append(cmd.AssistUnitIDs, p.units[unit])
	}
	return cmd
}

// stillToDo tells whether a move has not been made yet: moves that leave the state as it is are known by what they leave behind.
func (p *Play) stillToDo(ctx context.Context, k *app.Ticket, who app.Actor, s step, move string) (bool, error) {
	law, ok := p.app.Machine("ticket").Move(move)
	if !ok || !slices.Contains(law.From, k.State) {
		return false, nil
	}
	switch move {
	case "draft_feedback":
		return k.Feedback != s.Say, nil
	case "ask_pause":
		return !k.PauseAsked, nil
	case "accept":
		f, err := p.app.TicketFile(ctx, app.System("demo"), k.No)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(f.Units, func(u app.TicketUnit) bool { return u.UnitID == who.UnitID && u.AcceptedOn.IsZero() }), nil
	}
	return true, nil
}
