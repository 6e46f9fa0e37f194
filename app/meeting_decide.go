package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// DecisionItem is one 议定事项 of a meeting. It stays open until its ticket is closed, or until it is carried into a later meeting, which keeps the ticket.
type DecisionItem struct {
	Row
	MeetingID    int64
	Position     int
	Text         string // verbatim
	TaskForceID  int64
	LeadUnitID   int64
	ProjectID    int64
	Term         string // "7 days": counted from the day of the meeting
	AgendaItemID int64  // 0: a matter that is not on the agenda
	TicketID     int64  // 0: not a ticket yet
	State        string // one of DecisionStates
	CarriedFrom  int64  // decision of an earlier meeting
	RecordedBy   int64
	DoneOn       calendar.Date
	Note         string // why it is done without a ticket, or was carried
}

// DecisionStates lists the states of a decision.
func DecisionStates() []string { return []string{"open", "done", "carried"} }

// DecisionTerm is how long there is for a decision where nothing else is said: seven days from the meeting (domain.md section 5).
const DecisionTerm = "7 days"

func (t *tx) decisionChange(action string, m *Meeting, d *DecisionItem, was any, reason string) change {
	return change{action: action, kind: "decision", id: d.ID, no: fmt.Sprintf("%s #%d", m.No, d.Position), taskForce: m.TaskForceID, before: was, after: d, reason: reason, basis: m.No}
}

// RecordDecision is the command that writes down a decision; Issue makes it a ticket in the same step.
type RecordDecision struct {
	Meeting, AgendaItem                int64
	Text                               string
	TaskForceID, LeadUnitID, ProjectID int64
	Term                               string // "" for DecisionTerm
	Issue                              bool
}

// RecordDecision writes a decision of an open meeting down, in its words; who may convene the meeting may. What the agenda item says of project, task force and unit
// need not be said again. Issue drafts the ticket and sends it for approval, as IssueDecision does.
func (a *App) RecordDecision(ctx context.Context, actor Actor, cmd RecordDecision) (*DecisionItem, error) {
	var d *DecisionItem
	err := a.write(ctx, actor, func(t *tx) error {
		m, err := t.meeting(cmd.Meeting, 0, "held")
		if err != nil {
			return err
		}
		d = &DecisionItem{MeetingID: m.ID, Text: strings.TrimSpace(cmd.Text), TaskForceID: cmd.TaskForceID, LeadUnitID: cmd.LeadUnitID, ProjectID: cmd.ProjectID,
			Term: cmp.Or(cmd.Term, DecisionTerm), AgendaItemID: cmd.AgendaItem, State: "open", RecordedBy: actor.ID}
		if err := t.fillDecision(m, d); err != nil {
			return err
		}
		if err := t.checkRecorded(m, d); err != nil {
			return err
		}
		if err := t.addDecision(m, d); err != nil {
			return err
		}
		t.record(t.decisionChange("decision.record", m, d, nil, ""))
		if !cmd.Issue {
			return nil
		}
		return t.issueDecision(m, d)
	})
	return d, err
}

// addDecision stores a decision behind the others of its meeting.
func (t *tx) addDecision(m *Meeting, d *DecisionItem) error {
	before, err := list[DecisionItem](t, "position DESC", "meeting_id = ?", m.ID)
	if err != nil {
		return err
	}
	d.Position = 1
	if len(before) > 0 {
		d.Position = before[0].Position + 1
	}
	return insert(t, d)
}

// fillDecision takes over from the agenda item, the project and the meeting what was left out.
func (t *tx) fillDecision(m *Meeting, d *DecisionItem) error {
	if d.AgendaItemID != 0 {
		it, err := chosen[AgendaItem](t, "agenda_item_id", d.AgendaItemID)
		if err != nil {
			return err
		}
		if it.MeetingID != m.ID {
			return invalid("agenda_item_id", "choose", nil)
		}
		d.ProjectID, d.LeadUnitID, d.TaskForceID = cmp.Or(d.ProjectID, it.ProjectID), cmp.Or(d.LeadUnitID, it.UnitID), cmp.Or(d.TaskForceID, it.TaskForceID)
	}
	if d.ProjectID != 0 {
		p, err := chosen[Project](t, "project_id", d.ProjectID)
		if err != nil {
			return err
		}
		d.TaskForceID = cmp.Or(d.TaskForceID, p.TaskForceID)
		if d.TaskForceID != p.TaskForceID {
			return invalid("project_id", "project_elsewhere", nil)
		}
	}
	d.TaskForceID = cmp.Or(d.TaskForceID, m.TaskForceID)
	return nil
}

func (t *tx) checkRecorded(m *Meeting, d *DecisionItem) error {
	var c check
	c.text("text", d.Text, 1000, false)
	if term, err := calendar.ParseTerm(d.Term); err != nil || term.N <= 0 || term.Unit == calendar.UnitHour {
		c.add("term", "choose", nil)
	}
	if m.TaskForceID != 0 && d.TaskForceID != m.TaskForceID {
		c.add("task_force_id", "choose", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	if err := optional[Unit](t, "lead_unit_id", d.LeadUnitID); err != nil {
		return err
	}
	return optional[TaskForce](t, "task_force_id", d.TaskForceID)
}

// IssueDecision is the command that makes a decision a ticket.
type IssueDecision struct{ Decision, Version int64 }

// IssueDecision drafts a ticket of kind decision with the meeting as its basis and the decision in its words, due by the decision's term from the day of the meeting, and
// sends it for approval. Who may draft tickets in the task force may; who approves is another.
func (a *App) IssueDecision(ctx context.Context, actor Actor, cmd IssueDecision) (*Ticket, error) {
	var k *Ticket
	err := a.write(ctx, actor, func(t *tx) error {
		m, d, err := t.decision(cmd.Decision, cmd.Version)
		if err != nil {
			return err
		}
		if d.TicketID != 0 {
			return refused("decision_issued", nil)
		}
		if err := t.issueDecision(m, d); err != nil {
			return err
		}
		k, err = look[Ticket](t, d.TicketID)
		return err
	})
	return k, err
}

// decision reads an open decision for change, with its meeting.
func (t *tx) decision(id, version int64) (*Meeting, *DecisionItem, error) {
	d, err := get[DecisionItem](t, id)
	if err != nil {
		return nil, nil, err
	}
	m, err := look[Meeting](t, d.MeetingID)
	if err != nil {
		return nil, nil, err
	}
	if err := t.require(m.place(), drafters()...); err != nil {
		return nil, nil, err
	}
	if version != d.Version {
		return nil, nil, t.stale("object_kind = 'decision' AND object_id = ?", d.ID)
	}
	if d.State != "open" {
		return nil, nil, refused("decision_ended", nil)
	}
	return m, d, nil
}

func (t *tx) issueDecision(m *Meeting, d *DecisionItem) error {
	cmd := DraftTicket{Kind: "decision", Title: headline(d.Text), Basis: cut(m.No+" "+d.Text, 200), Instruction: d.Text, TaskForceID: d.TaskForceID, ProjectID: d.ProjectID,
		LeadUnitID: d.LeadUnitID}
	term, err := calendar.ParseTerm(d.Term)
	if err != nil {
		return fmt.Errorf("term of %s #%d: %w", m.No, d.Position, err)
	}
	if cmd.DueOn, err = t.calendar(d.TaskForceID).Due(m.HeldOn, term); err != nil {
		return fmt.Errorf("due date of %s #%d: %w", m.No, d.Position, err)
	}
	if cmd.DueOn <= t.today { // issued so late that the term has run out: it counts from the approval
		cmd.DueOn, cmd.DueTerm = 0, d.Term
	}
	k := cmd.ticket(t.actor)
	if err := t.draftTicket(k, cmd); err != nil {
		return err
	}
	if err := t.sendForApproval(k); err != nil {
		return fmt.Errorf("send %s for approval: %w", k.No, err)
	}
	was := *d
	d.TicketID = k.ID
	if err := update(t, d); err != nil {
		return err
	}
	t.record(t.decisionChange("decision.issue", m, d, was, ""))
	return nil
}

// sendForApproval submits a draft in the step that made it. A meeting has decided: whoever writes that down sends it, also a director, whom the workflow lets only
// approve what others drafted.
func (t *tx) sendForApproval(k *Ticket) error {
	move, ok := t.machine("ticket", k.MachineVersion).Move("submit_draft")
	if !ok || k.State != t.machine("ticket", k.MachineVersion).Initial {
		return errors.New("the workflow has no way from the draft to its approval")
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return err
	}
	return t.makeMove(k, units, move, MoveTicket{Ticket: k.ID, Version: k.Version, Move: move.ID})
}

// notOwnMatter refuses a move on the actor's own matter: by the recusals that the workflow names, and because two persons stand behind an approval, whatever roles one of
// them holds: who drafts a ticket, or writes a meeting's decision down, does not approve it, and who asks for a pause does not grant it.
func (t *tx) notOwnMatter(k *Ticket, move workflows.Move, r recusal) error {
	own, err := t.recused(move.Recuse, r)
	switch {
	case err != nil:
		return err
	case own:
		return refused("recused", nil)
	case move.ID == "approve" && k.Kind == "decision" && k.CreatedBy == t.actor.ID && t.actor.ID != 0:
		return refused("own_draft", nil)
	case move.ID == "approve" && k.CreatedBy == t.actor.ID && t.actor.ID != 0:
		return refused("own_ticket", nil)
	case move.ID == "grant_pause" && k.PauseAsked:
		return t.notOwnPause(k)
	}
	return nil
}

func (t *tx) notOwnPause(k *Ticket) error {
	p, err := t.openPause(k.ID)
	if err == nil && p != nil && p.AskedBy == t.actor.ID && t.actor.ID != 0 {
		err = refused("own_pause", nil)
	}
	return err
}

// CarryDecision is the command that takes an open decision over into a later meeting.
type CarryDecision struct {
	Decision, Version, Meeting int64
	Reason                     string
}

// CarryDecision takes an open decision with its ticket over into an open meeting of the same circle; who may convene it may.
func (a *App) CarryDecision(ctx context.Context, actor Actor, cmd CarryDecision) error {
	return a.write(ctx, actor, func(t *tx) error {
		from, d, err := t.decision(cmd.Decision, cmd.Version)
		if err != nil {
			return err
		}
		m, err := t.meeting(cmd.Meeting, 0, "held")
		if err != nil {
			return err
		}
		if m.ID == from.ID || m.TaskForceID != from.TaskForceID {
			return refused("decision_elsewhere", nil)
		}
		var c check
		c.text("reason", cmd.Reason, 500, true)
		if err := c.err(); err != nil {
			return err
		}
		next := &DecisionItem{MeetingID: m.ID, Text: d.Text, TaskForceID: d.TaskForceID, LeadUnitID: d.LeadUnitID, ProjectID: d.ProjectID, Term: d.Term, TicketID: d.TicketID,
			State: "open", CarriedFrom: d.ID, RecordedBy: actor.ID, Note: strings.TrimSpace(cmd.Reason)}
		was := *d
		d.State, d.DoneOn = "carried", t.today
		if err := update(t, d); err != nil {
			return err
		}
		t.record(t.decisionChange("decision.carry", from, d, was, next.Note))
		if err := t.addDecision(m, next); err != nil {
			return err
		}
		t.record(t.decisionChange("decision.record", m, next, nil, next.Note))
		return nil
	})
}

// FinishDecision is the command that marks a decision as done that needs no ticket, or whose ticket has ended.
type FinishDecision struct {
	Decision, Version int64
	Note              string
}

// FinishDecision marks an open decision as done and says how; while its ticket is open it can't.
func (a *App) FinishDecision(ctx context.Context, actor Actor, cmd FinishDecision) error {
	return a.write(ctx, actor, func(t *tx) error {
		m, d, err := t.decision(cmd.Decision, cmd.Version)
		if err != nil {
			return err
		}
		var c check
		c.text("note", cmd.Note, 500, false)
		if err := c.err(); err != nil {
			return err
		}
		if d.TicketID != 0 {
			k, err := look[Ticket](t, d.TicketID)
			if err != nil {
				return err
			}
			if !ended(k.State) {
				return refused("decision_ticket_open", map[string]any{"No": k.No})
			}
		}
		return t.finish(m, d, strings.TrimSpace(cmd.Note))
	})
}

func (t *tx) finish(m *Meeting, d *DecisionItem, note string) error {
	was := *d
	d.State, d.DoneOn, d.Note = "done", t.today, note
	if err := update(t, d); err != nil {
		return err
	}
	t.record(t.decisionChange("decision.finish", m, d, was, note))
	return nil
}

// ended tells whether a ticket in this state asks nothing of anybody any more.
func ended(state string) bool { return state == "closed" || state == "terminated" }

// settleDecision marks an earlier decision as done whose ticket had ended when the meeting opened.
func (t *tx) settleDecision(m *Meeting, it *AgendaItem) error {
	if it.Kind != "decision" || it.TicketID == 0 || !ended(it.State) {
		return nil
	}
	d, err := get[DecisionItem](t, it.DecisionID)
	if err != nil {
		return err
	}
	from, err := look[Meeting](t, d.MeetingID)
	if err != nil {
		return err
	}
	return t.finish(from, d, d.Note)
}

// headline is the title of a ticket from a decision: its first sentence, or its beginning.
func headline(text string) string {
	if i := strings.IndexAny(text, "。；;\n"); i > 0 {
		text = text[:i]
	}
	return cut(text, 40)
}

// cut shortens a text to n characters; what was left out shows as an ellipsis.
func cut(text string, n int) string {
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	return string(r[:n-1]) + "…"
}
