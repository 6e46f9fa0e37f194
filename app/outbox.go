package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Delivery is one letter on its way out by mail, with everything that its text needs.
type Delivery struct {
	Reminder   Reminder
	Recipient  User
	Escalation *Escalation // nil for an event
	Carried    []Carried   // of a letter of the day
}

// Carried is one reminder that a letter of the day carries.
type Carried struct {
	Reminder   Reminder
	Escalation *Escalation // nil for an event
}

// MessageID is the stable name of the message: every attempt carries the same one.
func (d Delivery) MessageID(domain string) string {
	return fmt.Sprintf("%s-%d@%s", d.kind(), d.Reminder.ID, domain)
}

// Thread is the name that all letters about one item refer to, so that a mail program keeps them together; "" for a letter of the day.
func (d Delivery) Thread(domain string) string {
	if d.kind() == "digest" {
		return ""
	}
	return fmt.Sprintf("%s-%d@%s", d.Reminder.ItemKind, d.Reminder.ItemID, domain)
}

func (d Delivery) kind() string {
	if d.Reminder.ItemKind == "digest" {
		return "digest"
	}
	return "reminder"
}

// Outcome is what became of a delivery: "accepted", "failed", "retry" (refused for now), "down" (the mail server could not be reached: nobody's fault and not
// counted) or "unknown" (it may have arrived).
type Outcome string

const (
	claimLife   = 2 * time.Minute // a claim whose sender died may be looked at again after this; longer than one letter may take
	maxAttempts = 8
	retryBase   = time.Minute     // doubled with every attempt
	downPause   = 5 * time.Minute // after an attempt that never reached the mail server
	inboxChunk  = 200             // reminders that one transaction puts into inboxes
)

// Attempt is one line of a message's history: when, by which node, what became of it and what the other side said. Nothing changes it.
type Attempt struct {
	ID         int64 `gorm:"primaryKey"`
	ReminderID int64
	At         int64
	Node       string
	Outcome    string // "begun", an Outcome, or what a person decided: "again" or "arrived"
	NextAt     int64  // when it is tried again; 0 for never
	Answer     string // of the server, without secrets
	ByID       int64  // who decided; 0 for the system
	How        string // one of ArrivalWays, of "arrived"
}

// TableName is the table of the attempts.
func (Attempt) TableName() string { return "reminder_attempts" }

func (t *tx) attempted(r *Reminder, outcome string, next int64, answer string, by int64) error {
	return create(t, &Attempt{ReminderID: r.ID, At: t.now.Unix(), Node: t.app.opt.Node, Outcome: outcome, NextAt: next, Answer: answer, ByID: by})
}

// DeliverInbox lets the inbox reminders whose time has come appear, and returns how many. Each is asked once more whether it still has a reason.
func (a *App) DeliverInbox(ctx context.Context) (int, error) {
	total, last, careful := 0, int64(0), false
	for {
		n, next := 0, int64(0)
		deliver := func(t *tx) error {
			n, next = 0, 0
			if !t.calendar(0).Open(t.now) {
				return nil
			}
			if err := t.takeTurn("deliver"); err != nil {
				return err
			}
			rows, err := table[Reminder](t.db).Where("status = 'queued' AND channel = 'inbox' AND not_before <= ? AND id > ?", t.now.Unix(), last).
				Order("id").Limit(inboxChunk).Find(ctx)
			if err != nil || len(rows) == 0 {
				return err
			}
			next = rows[len(rows)-1].ID
			n, err = t.appear(rows, careful)
			return err
		}
		err := caught(func() error { return a.chore(ctx, deliver) })
		switch {
		case err != nil && !careful && ownFault(ctx, err):
			careful = true // once more, each row by itself, so that the bad one does not stop the others
			continue
		case err != nil || next == 0:
			return total, err
		}
		total, last, careful = total+n, next, false
	}
}

// appear puts those rows into inboxes that still have a reason. What can't be asked does not hold up the others: it is shown, and what fails is put off.
func (t *tx) appear(rows []Reminder, careful bool) (int, error) {
	var still []int64
	for i := range rows {
		ok, err := false, error(nil)
		ask := func() error { ok, err = t.stillDue(&rows[i]); return err }
		if careful {
			err = t.apart(ask)
		} else {
			err = ask()
		}
		if errors.Is(err, errBusy) {
			continue
		}
		if bad, isPoison := errors.AsType[poison](err); isPoison {
			t.app.opt.Log.Error("reminder can't be checked", "reminder", rows[i].ID, "error", bad)
			ok, err = true, nil
		}
		if bad, isRow := errors.AsType[rowFault](err); isRow {
			ok, err = false, t.putOff(&rows[i], bad.error)
		}
		if err != nil {
			return 0, err
		}
		if ok {
			still = append(still, rows[i].ID)
		}
	}
	return table[Reminder](t.db).Where("id IN ? AND status = 'queued'", ids(still)).
		Change(t.ctx, map[string]any{"status": "accepted", "settled_at": t.now.Unix()})
}

// ClaimMail takes letters whose time has come, at most limit, so that no other node sends them. Nothing is claimed outside working time, and
// nothing whose reason was gone before. A message whose sender died while sending becomes "unknown": it may have arrived, so nobody sends it again unasked.
func (a *App) ClaimMail(ctx context.Context, limit int) ([]Delivery, error) {
	var out []Delivery
	err := a.chore(ctx, func(t *tx) error {
		out = nil
		if !t.calendar(0).Open(t.now) {
			return nil
		}
		if err := t.takeTurn("deliver"); err != nil {
			return err
		}
		if err := t.loseDead(); err != nil {
			return err
		}
		if err := t.collect(); err != nil {
			return err
		}
		for len(out) < limit {
			d, err := t.claimOne()
			if err != nil {
				return err
			}
			if d == nil {
				return nil
			}
			out = append(out, *d)
		}
		return nil
	})
	return out, err
}

// loseDead marks the messages whose sender has not been heard of for too long.
func (t *tx) loseDead() error {
	rows, err := table[Reminder](t.db).Where("status = 'sending' AND claimed_until < ?", t.now.Unix()).Order("id").Find(t.ctx)
	if err != nil {
		return err
	}
	const cause = "sender stopped while sending"
	for i := range rows {
		n, err := table[Reminder](t.db).Where("id = ? AND status = 'sending' AND claimed_until = ?", rows[i].ID, rows[i].ClaimedUntil).
			Change(t.ctx, map[string]any{"status": "unknown", "settled_at": t.now.Unix(), "error": cause})
		if err != nil {
			return err
		}
		if n == 1 {
			if err := t.attempted(&rows[i], "unknown", 0, cause, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// claimOne takes the next letter, nil when none waits. A row that can't be made into a letter fails by itself and the next one is tried.
func (t *tx) claimOne() (*Delivery, error) {
	for last := int64(0); ; {
		rows, err := table[Reminder](t.db).Where("status = 'queued' AND channel = 'mail' AND not_before <= ? AND id > ? AND (NOT daily OR collected_on <> '')", t.now.Unix(), last).
			Order("id").Limit(1).Find(t.ctx)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		r := &rows[0]
		last = r.ID
		var d *Delivery
		err = t.apart(func() (err error) { d, err = t.letter(r); return err })
		if errors.Is(err, errBusy) {
			continue
		}
		if bad, isPoison := errors.AsType[poison](err); isPoison {
			if err = t.bury(r, bad); err != nil {
				return nil, err
			}
			continue
		}
		if bad, isRow := errors.AsType[rowFault](err); isRow {
			if err = t.putOff(r, bad.error); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		if won, err := t.claim(r); err != nil || won {
			d.Reminder = *r
			return d, err
		}
	}
}

// claim marks the row as this node's. WHERE status: another node may have taken it since it was read.
func (t *tx) claim(r *Reminder) (bool, error) {
	now := t.now.Unix()
	r.Attempts++
	r.ClaimedUntil = now + int64(claimLife/time.Second)
	if r.BegunAt == 0 {
		r.BegunAt = now
	}
	n, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", r.ID).
		Change(t.ctx, map[string]any{"status": "sending", "claimed_until": r.ClaimedUntil, "attempts": r.Attempts, "begun_at": r.BegunAt})
	if err != nil || n != 1 {
		return false, err
	}
	r.Status = "sending"
	return true, t.attempted(r, "begun", 0, "", 0)
}

// bury gives up a row that is damaged, so that it does not stop the others.
func (t *tx) bury(r *Reminder, bad poison) error {
	text := clip(bad.Error(), 500)
	n, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", r.ID).
		Change(t.ctx, map[string]any{"status": "failed", "attempts": r.Attempts, "settled_at": t.now.Unix(), "error": text})
	if err != nil || n != 1 {
		return err
	}
	return t.attempted(r, "failed", 0, text, 0)
}

// putOff counts a reminder that failed on our side like one that the other side refused: tried again later and later, and given up at the eighth time, when
// people see it among the letters that did not arrive.
func (t *tx) putOff(r *Reminder, cause error) error {
	t.app.logFailure("a reminder can't be made ready", cause, "reminder", r.ID)
	r.Attempts++
	if r.Attempts >= maxAttempts {
		return t.bury(r, poison{cause})
	}
	text, next := clip(cause.Error(), 500), t.calendar(0).NextOpen(t.now.Add(retryBase<<(r.Attempts-1))).Unix()
	n, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", r.ID).Change(t.ctx, map[string]any{"attempts": r.Attempts, "not_before": next, "error": text})
	if err != nil || n != 1 {
		return err
	}
	return t.attempted(r, "retry", next, text, 0)
}

// letter gathers what the text needs, or nil when the letter must not go any more: it lost its reason.
func (t *tx) letter(r *Reminder) (*Delivery, error) {
	if ok, err := t.stillDue(r); err != nil || !ok {
		return nil, err
	}
	u, err := look[User](t, r.RecipientID)
	if err != nil {
		return nil, spoilt(err)
	}
	if quiet, err := t.hushed(r, u); err != nil || quiet {
		return nil, err
	}
	d := &Delivery{Recipient: *u}
	if r.ItemKind == "digest" {
		d.Carried, err = t.carried(r)
		if err != nil || len(d.Carried) == 0 {
			return nil, err
		}
		return d, nil
	}
	d.Escalation, err = t.escalationOf(r)
	return d, err
}

func (t *tx) later(r *Reminder, at time.Time) error {
	_, err := table[Reminder](t.db).Where("id = ? AND status = 'queued'", r.ID).Update(t.ctx, "not_before", at.Unix())
	return err
}

func (t *tx) escalationOf(r *Reminder) (*Escalation, error) {
	if r.EscalationID == 0 {
		return nil, nil
	}
	e, err := look[Escalation](t, r.EscalationID)
	if err != nil {
		return nil, spoilt(err)
	}
	return e, nil
}

// Settle notes what became of a claimed delivery. A refusal is tried again after 1, 2, 4, … minutes and fails for good at the eighth; a mail server that can't
// be reached is asked again for as long as it takes. An answer that comes after somebody has given the sender up changes nothing.
func (a *App) Settle(ctx context.Context, d Delivery, outcome Outcome, cause error) error {
	text := ""
	if cause != nil {
		text = clip(cause.Error(), 500)
	}
	return a.chore(ctx, func(t *tx) error {
		r := d.Reminder
		status, attempts, next := string(outcome), r.Attempts, int64(0)
		said := status
		switch {
		case outcome == "retry" && r.Attempts >= maxAttempts:
			status, said = "failed", "failed"
		case outcome == "retry" || outcome == "down":
			pause := downPause
			if outcome == "retry" {
				pause = retryBase << (r.Attempts - 1)
			} else {
				attempts--
			}
			status, next = "queued", t.calendar(0).NextOpen(t.now.Add(pause)).Unix()
		}
		notBefore := r.NotBefore
		if next != 0 {
			notBefore = next
		}
		n, err := table[Reminder](t.db).Where("id = ? AND status = 'sending' AND claimed_until = ?", r.ID, r.ClaimedUntil).
			Change(ctx, map[string]any{"status": status, "not_before": notBefore, "attempts": attempts, "settled_at": t.now.Unix(), "error": text})
		if err != nil || n != 1 {
			return err
		}
		return t.attempted(&r, said, next, text, 0)
	})
}
