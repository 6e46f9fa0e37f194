package app

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Delivery is one reminder on its way out by mail, with everything that its text needs.
type Delivery struct {
	Reminder   Reminder
	Recipient  User
	Escalation *Escalation // nil for an event
}

// MessageID is the stable name of the message: a second attempt carries the same one.
func (d Delivery) MessageID(domain string) string {
	return fmt.Sprintf("reminder-%d@%s", d.Reminder.ID, domain)
}

// Outcome is what became of a delivery: "accepted", "failed", "retry" or "unknown" (it may have arrived).
type Outcome string

const (
	claimLife   = 2 * time.Minute // a claim whose sender died may be looked at again after this
	maxAttempts = 8
	retryBase   = time.Minute // doubled with every attempt
)

// DeliverInbox lets the inbox reminders whose time has come appear, and returns how many. The inbox is this database: nothing can go wrong on the way.
func (a *App) DeliverInbox(ctx context.Context) (int, error) {
	n := 0
	err := a.chore(ctx, func(t *tx) error {
		if !a.opt.Calendar.Open(t.now) {
			return nil
		}
		if err := t.recall("inbox"); err != nil {
			return err
		}
		var err error
		n, err = gorm.G[Reminder](t.db).Where("status = 'queued' AND channel = 'inbox' AND not_before <= ?", t.now.Unix()).
			Set(assign("status", "accepted"), assign("settled_at", t.now.Unix())).Update(ctx)
		return err
	})
	return n, err
}

// ClaimMail takes mail reminders whose time has come, at most limit, so that no other node sends them. Nothing is claimed outside working time.
// A message whose sender died while sending becomes "unknown": it may have arrived, so nobody sends it again without being asked.
func (a *App) ClaimMail(ctx context.Context, limit int) ([]Delivery, error) {
	var rows []Reminder
	err := a.chore(ctx, func(t *tx) error {
		if !a.opt.Calendar.Open(t.now) {
			return nil
		}
		now := t.now.Unix()
		_, err := gorm.G[Reminder](t.db).Where("status = 'sending' AND claimed_until < ?", now).
			Set(assign("status", "unknown"), assign("settled_at", now), assign("error", "sender stopped while sending")).Update(ctx)
		if err != nil {
			return err
		}
		if err := t.recall("mail"); err != nil {
			return err
		}
		rows, err = gorm.G[Reminder](t.db).Where("status = 'queued' AND channel = 'mail' AND not_before <= ?", now).Order("id").Limit(limit).Find(ctx)
		if err != nil {
			return err
		}
		for i := range rows {
			// WHERE status: another node may have taken it between the two statements.
			n, err := gorm.G[Reminder](t.db).Where("id = ? AND status = 'queued'", rows[i].ID).
				Set(assign("status", "sending"), assign("claimed_until", now+int64(claimLife/time.Second)), assign("attempts", rows[i].Attempts+1)).Update(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				rows[i].ID = 0
			}
			rows[i].Attempts++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a.deliveries(ctx, rows)
}

// recall withdraws what is about to go out though its reason is gone: the light was lifted meanwhile, or the account was shut.
func (t *tx) recall(channel string) error {
	_, err := gorm.G[Reminder](t.db).Where(`status = 'queued' AND channel = ? AND not_before <= ? AND (recipient_id IN (SELECT id FROM users WHERE disabled)
OR escalation_id IN (SELECT id FROM escalations WHERE lifted_on <> '' AND lifted_why <> 'superseded'))`, channel, t.now.Unix()).
		Set(assign("status", "withdrawn"), assign("settled_at", t.now.Unix())).Update(t.ctx)
	return err
}

func (a *App) deliveries(ctx context.Context, rows []Reminder) ([]Delivery, error) {
	var out []Delivery
	for _, r := range rows {
		if r.ID == 0 {
			continue
		}
		d := Delivery{Reminder: r}
		var err error
		if d.Recipient, err = gorm.G[User](a.db.read).Where("id = ?", r.RecipientID).First(ctx); err != nil {
			return nil, fmt.Errorf("recipient of reminder %d: %w", r.ID, err)
		}
		if r.EscalationID != 0 {
			e, err := gorm.G[Escalation](a.db.read).Where("id = ?", r.EscalationID).First(ctx)
			if err != nil {
				return nil, fmt.Errorf("escalation of reminder %d: %w", r.ID, err)
			}
			d.Escalation = &e
		}
		out = append(out, d)
	}
	return out, nil
}

// Settle notes what became of a claimed delivery. A retry waits twice as long each time and fails for good after eight attempts.
func (a *App) Settle(ctx context.Context, d Delivery, outcome Outcome, cause error) error {
	text := ""
	if cause != nil {
		text = clip(cause.Error(), 500)
	}
	return a.chore(ctx, func(t *tx) error {
		status, notBefore := string(outcome), d.Reminder.NotBefore
		if outcome == "retry" {
			status = "queued"
			notBefore = a.opt.Calendar.NextOpen(t.now.Add(retryBase << (d.Reminder.Attempts - 1))).Unix()
			if d.Reminder.Attempts >= maxAttempts {
				status = "failed"
			}
		}
		_, err := gorm.G[Reminder](t.db).Where("id = ? AND status = 'sending'", d.Reminder.ID).
			Set(assign("status", status), assign("not_before", notBefore), assign("settled_at", t.now.Unix()), assign("error", text)).Update(ctx)
		return err
	})
}
