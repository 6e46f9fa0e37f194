package app

import (
	"context"
	"slices"
)

// A letter that failed, or that may have arrived, waits for a person: the system never sends it again unasked.

// ArrivalWays lists how somebody may know that a letter arrived.
func ArrivalWays() []string { return []string{"phone", "reply", "server_log", "in_person", "other"} }

// maxDecided is how many letters one decision may be about [P].
const maxDecided = 200

// DeadLetter is a letter as the person who decides saw it.
type DeadLetter struct{ Reminder, Seen int64 }

// SendAgain puts letters back that failed or may have arrived, all or none; supervisors and the supervision director. Each keeps its number, so its Message-ID
// stays the same, and before it goes out it is asked once more whether it still has a reason.
func (a *App) SendAgain(ctx context.Context, actor Actor, letters []DeadLetter) error {
	return a.decideDead(ctx, actor, letters, func(t *tx, r *Reminder) error {
		was := r.ledgerState()
		r.Status, r.Attempts, r.NotBefore, r.SettledAt, r.Error = "queued", 0, t.calendar(0).NextOpen(t.now).Unix(), 0, ""
		r.DigestID = 0 // what was given up on the way into a letter of the day goes by itself
		if r.CollectedOn.IsZero() {
			r.Daily = false
		}
		if err := t.settleDead(r, r.NotBefore, "again", "", ""); err != nil {
			return err
		}
		t.record(r.change("reminder.again", was, ""))
		return nil
	})
}

// LettersArrived are letters of which somebody knows that they arrived.
type LettersArrived struct {
	Letters []DeadLetter
	How     string // one of ArrivalWays
	Reason  string
}

// LettersArrived settles letters that failed or may have arrived, all or none, with how somebody knows; supervisors and the supervision director.
func (a *App) LettersArrived(ctx context.Context, actor Actor, cmd LettersArrived) error {
	return a.decideDead(ctx, actor, cmd.Letters, func(t *tx, r *Reminder) error {
		var c check
		if !slices.Contains(ArrivalWays(), cmd.How) {
			c.add("how", "choose", nil)
		}
		c.text("reason", cmd.Reason, 200, false)
		if err := c.err(); err != nil {
			return err
		}
		was := r.ledgerState()
		r.Status, r.SettledAt = "accepted", t.now.Unix()
		if err := t.settleDead(r, 0, "arrived", cmd.How, cmd.Reason); err != nil {
			return err
		}
		t.record(r.change("reminder.arrived", was, cmd.Reason))
		return nil
	})
}

// decideDead asks of each letter whether the actor may decide about it and whether it still is as they saw it.
func (a *App) decideDead(ctx context.Context, actor Actor, letters []DeadLetter, decide func(*tx, *Reminder) error) error {
	return a.write(ctx, actor, func(t *tx) error {
		if len(letters) == 0 || len(letters) > maxDecided {
			return invalid("letters", "letters_count", map[string]any{"Limit": maxDecided})
		}
		sorted := slices.SortedFunc(slices.Values(letters), func(x, y DeadLetter) int { return int(x.Reminder - y.Reminder) }) // two people lock in one order
		for _, l := range slices.Compact(sorted) {
			r, err := get[Reminder](t, l.Reminder)
			if err != nil {
				return err
			}
			if err := t.mayKeep(r); err != nil {
				return err
			}
			newest, err := table[Attempt](t.db).Where("reminder_id = ?", r.ID).Order("id DESC").Limit(1).Find(t.ctx)
			if err != nil {
				return err
			}
			seen := int64(0)
			if len(newest) > 0 {
				seen = newest[0].ID
			}
			if !r.Dead() || seen != l.Seen {
				return &Fault{Kind: Stale, Key: "letter_stale", Args: map[string]any{"No": r.ID}}
			}
			if err := decide(t, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (t *tx) settleDead(r *Reminder, next int64, outcome, how, reason string) error {
	n, err := table[Reminder](t.db).Where("id = ? AND status IN ('failed', 'unknown')", r.ID).
		Change(t.ctx, map[string]any{"status": r.Status, "attempts": r.Attempts, "not_before": r.NotBefore, "settled_at": r.SettledAt, "error": r.Error, "daily": r.Daily, "digest_id": r.DigestID})
	if err != nil {
		return err
	}
	if n != 1 {
		return &Fault{Kind: Stale, Key: "letter_stale", Args: map[string]any{"No": r.ID}}
	}
	return create(t, &Attempt{ReminderID: r.ID, At: t.now.Unix(), Node: t.app.opt.Node, Outcome: outcome, NextAt: next, Answer: reason, How: how, ByID: t.actor.ID})
}

// ledgerState is what the journal says of a letter.
type ledgerState struct {
	LetterStatus string
	RecipientID  int64
	Channel      string
}

func (r *Reminder) ledgerState() *ledgerState {
	return &ledgerState{LetterStatus: r.Status, RecipientID: r.RecipientID, Channel: r.Channel}
}

func (r *Reminder) change(action string, was *ledgerState, reason string) change {
	c := change{action: action, kind: "reminder", id: r.ID, no: r.ItemNo, taskForce: r.TaskForceID, before: was, after: r.ledgerState(), reason: reason}
	switch r.ItemKind {
	case "ticket":
		c.ticket = r.ItemID
	case "project":
		c.project = r.ItemID
	}
	return c
}
