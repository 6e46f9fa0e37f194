package app

import (
	"context"
	"strings"

	"battlemap/workflows"
)

// MarkDuplicate is the command that ends a ticket because another one says the same.
type MarkDuplicate struct {
	Ticket, Version int64
	Original        int64
	Reason          string
}

// MarkDuplicate ends the ticket by its workflow's termination and points to the original: one matter is not supervised twice (《政府督查工作条例》第 15 条). Those
// who work on it are told the original's number with the reason.
func (a *App) MarkDuplicate(ctx context.Context, actor Actor, cmd MarkDuplicate) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, units, err := t.forAct(cmd.Ticket, cmd.Version, ActDuplicate)
		if err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, false)
		if err := c.err(); err != nil {
			return err
		}
		original, err := t.otherTicket("original", cmd.Original)
		if err != nil {
			return err
		}
		if err := t.sameMatter(k, original); err != nil {
			return err
		}
		move, err := t.allowedMove(k, units, "terminate")
		if err != nil {
			return err
		}
		end := MoveTicket{Ticket: k.ID, Version: k.Version, Move: move.ID, Reason: original.No + " · " + strings.TrimSpace(cmd.Reason)}
		if err := t.checkMove(k, move, end); err != nil {
			return err
		}
		end.original = original.ID // set with the move, so that its record says so
		if err := t.makeMove(k, units, move, end); err != nil {
			return err
		}
		record := t.ticketChange("ticket.duplicate", original, nil)
		record.after, record.reason = nil, k.No+" · "+strings.TrimSpace(cmd.Reason)
		t.record(record)
		return nil
	})
}

// sameMatter wants an original that goes on, of the same project or else of the same task force, and that is no duplicate itself.
func (t *tx) sameMatter(k, original *Ticket) error {
	state, _ := t.machine("ticket", original.MachineVersion).State(original.State)
	switch {
	case original.ID == k.ID:
		return invalid("original", "itself", nil)
	case original.DuplicateOfID != 0 || state.Kind == workflows.KindEnded:
		return invalid("original", "original_ended", nil)
	case k.ProjectID != 0 && original.ProjectID != 0 && k.ProjectID != original.ProjectID, k.TaskForceID != original.TaskForceID:
		return invalid("original", "other_matter", nil)
	case original.ParentTicketID == k.ID || k.ParentTicketID == original.ID:
		return invalid("original", "own_part", nil)
	}
	return nil
}

// similar is how much of the shorter title's pairs of characters two titles share, in per cent, from which on they are taken to say the same [P].
const similar = 60

// LikelyDuplicates lists the open tickets that the actor sees and that may say the same as a draft: of the same kind on the same project, or of the same task
// force with a similar title.
func (a *App) LikelyDuplicates(ctx context.Context, actor Actor, cmd DraftTicket) ([]Ticket, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.ticketsWhere()
	open, err := table[Ticket](a.db.read).Where(where, args...).Where("task_force_id = ? AND state NOT IN ('closed', 'terminated')", cmd.TaskForceID).Order("id").Find(ctx)
	if err != nil {
		return nil, err
	}
	var out []Ticket
	for _, k := range open {
		if cmd.ProjectID != 0 && k.ProjectID != 0 && k.ProjectID != cmd.ProjectID {
			continue
		}
		if cmd.ProjectID != 0 && k.ProjectID == cmd.ProjectID && k.Kind == cmd.Kind || likeness(k.Title, cmd.Title) >= similar {
			out = append(out, k)
		}
	}
	return out, nil
}

// likeness is the share of the shorter title's pairs of characters that the other title has too, in per cent; a title without a pair is like its equal only.
func likeness(a, b string) int {
	a, b = foldText(strings.Join(strings.Fields(a), "")), foldText(strings.Join(strings.Fields(b), ""))
	short, long := pairs(a), pairs(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) == 0 {
		if a == b {
			return 100
		}
		return 0
	}
	has := make(map[string]bool, len(long))
	for _, g := range long {
		has[g] = true
	}
	n := 0
	for _, g := range short {
		if has[g] {
			n++
		}
	}
	return n * 100 / len(short)
}
