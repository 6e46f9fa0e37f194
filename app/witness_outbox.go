package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"battlemap/app/calendar"
)

// WitnessDelivery is one checkpoint on its way to one witness: the row is its own outbox entry, and its key (checkpoint, witness) is unique and never changes.
type WitnessDelivery struct {
	ID           int64 `gorm:"primaryKey"`
	Size         int64 // of the checkpoint
	WitnessID    int64
	AskedBy      int64  // who asked for it beside the rhythm; 0 for nobody
	Status       string // one of WitnessStates
	Attempts     int    // that the other side refused
	CreatedAt    int64  `gorm:"autoCreateTime:false"`
	NotBefore    int64
	ClaimedUntil int64
	SettledAt    int64
	Answer       string // the last one, without what the other side wrote
}

// WitnessStates lists how a delivery may stand: "superseded" when a later checkpoint went to the same witness before this one left.
func WitnessStates() []string {
	return []string{"queued", "sending", "accepted", "failed", "unknown", "superseded", "withdrawn"}
}

// WitnessAttempt is one line of a delivery's history. Nothing changes it.
type WitnessAttempt struct {
	ID         int64 `gorm:"primaryKey"`
	DeliveryID int64
	At         int64
	Node       string
	Outcome    string // "begun", an Outcome, "again" after a sender died, or a final state
	NextAt     int64  // when it is tried again; 0 for never
	Answer     string
}

// Cosignature is the signature line that a witness gave back for a checkpoint; it was checked with the witness's key before it was stored.
type Cosignature struct {
	ID        int64 `gorm:"primaryKey"`
	Size      int64
	WitnessID int64
	At        int64
	Line      string // with its newline
}

// Publication is a claimed delivery with everything that a sender needs.
type Publication struct {
	Delivery WitnessDelivery
	Witness  Witness
	Note     string // as it was signed
	Origin   string
}

// MessageID is the stable name of the letter: every attempt carries the same one.
func (p Publication) MessageID(domain string) string {
	return fmt.Sprintf("checkpoint-%d-%d@%s", p.Delivery.Size, p.Witness.ID, domain)
}

// FileName is what the note is called in a folder and as an attachment.
func (p Publication) FileName() string { return CheckpointFile(p.Origin, p.Delivery.Size) }

// CheckpointFile is what a note is called as a file: the origin, with what has no place in a file's name replaced, and the size.
func CheckpointFile(origin string, size int64) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '_'
	}, origin)
	return fmt.Sprintf("%s-%012d.txt", clean, size)
}

// Answer is what came of one attempt. Body is read for a co-signature only and shown to nobody.
type Answer struct {
	Outcome Outcome
	Text    string // a short statement for people
	Body    []byte
}

const (
	witnessTries = 16            // refusals after which a delivery is given up
	witnessPause = 6 * time.Hour // the longest pause between two
)

// QueueWitnesses queues the newest checkpoint for every witness whose rhythm says so, and returns for how many.
func (a *App) QueueWitnesses(ctx context.Context) (int, error) {
	n := 0
	return n, a.chore(ctx, func(t *tx) error {
		n = 0
		c, witnesses, err := t.toPublish()
		if err != nil || c == nil {
			return err
		}
		for _, w := range witnesses {
			due, err := t.witnessDue(w)
			if err != nil {
				return err
			}
			if !due {
				continue
			}
			queued, err := t.queueFor(*c, w, 0)
			if err != nil {
				return err
			}
			if queued {
				n++
			}
		}
		return nil
	})
}

// queueAll queues the newest checkpoint for every witness, whatever its rhythm.
func (a *App) queueAll(ctx context.Context, actor Actor) error {
	return a.chore(ctx, func(t *tx) error {
		c, witnesses, err := t.toPublish()
		if err != nil || c == nil {
			return err
		}
		for _, w := range witnesses {
			if _, err := t.queueFor(*c, w, actor.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// toPublish is the newest checkpoint, nil where none is signed, and the witnesses that stand.
func (t *tx) toPublish() (*Checkpoint, []Witness, error) {
	if err := t.takeTurn("publish"); err != nil {
		return nil, nil, err
	}
	newest, err := table[Checkpoint](t.db).Order("size DESC").Limit(1).Find(t.ctx)
	if err != nil || len(newest) == 0 {
		return nil, nil, err
	}
	witnesses, err := list[Witness](t, "id", "revoked_at = 0")
	return &newest[0], witnesses, err
}

// witnessDue asks the rhythm. What somebody asked for does not count against it: the day's own checkpoint goes out all the same.
func (t *tx) witnessDue(w Witness) (bool, error) {
	last, err := table[WitnessDelivery](t.db).Where("witness_id = ? AND asked_by = 0", w.ID).Order("id DESC").Limit(1).Find(t.ctx)
	if err != nil {
		return false, err
	}
	at := time.Unix(0, 0)
	if len(last) > 0 {
		at = time.Unix(last[0].CreatedAt, 0)
	}
	switch w.Rhythm {
	case "every":
		return true, nil
	case "hourly":
		return t.now.Sub(at) >= time.Hour, nil
	case "daily":
		day := func(i time.Time) calendar.Date { return t.calendar(0).Today(i) }
		return t.calendar(0).Open(t.now) && day(at) < day(t.now), nil
	}
	return false, nil
}

// queueFor queues a checkpoint for a witness unless that was done before. What still waits for the witness is superseded: the later checkpoint covers it.
func (t *tx) queueFor(c Checkpoint, w Witness, askedBy int64) (bool, error) {
	there, err := table[WitnessDelivery](t.db).Where("size = ? AND witness_id = ?", c.Size, w.ID).Find(t.ctx)
	if err != nil || len(there) > 0 {
		return false, err
	}
	if err := t.recall(w.ID, "superseded"); err != nil {
		return false, err
	}
	now := t.now.Unix()
	return true, create(t, &WitnessDelivery{Size: c.Size, WitnessID: w.ID, AskedBy: askedBy, Status: "queued", CreatedAt: now, NotBefore: now})
}

// recall ends what waits for a witness.
func (t *tx) recall(witness int64, status string) error {
	waiting, err := table[WitnessDelivery](t.db).Where("witness_id = ? AND status = 'queued'", witness).Order("id").Find(t.ctx)
	if err != nil {
		return err
	}
	for i := range waiting {
		n, err := table[WitnessDelivery](t.db).Where("id = ? AND status = 'queued'", waiting[i].ID).
			Change(t.ctx, map[string]any{"status": status, "settled_at": t.now.Unix()})
		if err != nil {
			return err
		}
		if n == 1 {
			if err := t.witnessed(waiting[i], status, 0, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) witnessed(d WitnessDelivery, outcome string, next int64, answer string) error {
	return create(t, &WitnessAttempt{DeliveryID: d.ID, At: t.now.Unix(), Node: t.app.opt.Node, Outcome: outcome, NextAt: next, Answer: answer})
}

// ClaimPublication takes the next delivery whose time has come so that no other node sends it; nil when none waits.
func (a *App) ClaimPublication(ctx context.Context) (*Publication, error) {
	var out *Publication
	err := a.chore(ctx, func(t *tx) error {
		out = nil
		if err := t.takeTurn("publish"); err != nil {
			return err
		}
		if err := t.missSenders(); err != nil {
			return err
		}
		for {
			rows, err := table[WitnessDelivery](t.db).Where("status = 'queued' AND not_before <= ?", t.now.Unix()).Order("not_before, id").Limit(1).Find(t.ctx)
			if err != nil || len(rows) == 0 {
				return err
			}
			d := rows[0]
			d.Attempts++
			err = t.apart(func() (err error) { out, err = t.claimPublication(d); return err })
			bad, isRow := errors.AsType[rowFault](err)
			if !isRow {
				return err
			}
			out = nil
			if err := t.putOffPublication(d, bad.error); err != nil {
				return err
			}
		}
	})
	return out, err
}

// claimPublication marks a delivery as this node's and gathers what its sender needs; nil when another node was quicker.
func (t *tx) claimPublication(d WitnessDelivery) (*Publication, error) {
	d.ClaimedUntil, d.Status = t.now.Add(claimLife).Unix(), "sending"
	n, err := table[WitnessDelivery](t.db).Where("id = ? AND status = 'queued'", d.ID).
		Change(t.ctx, map[string]any{"status": d.Status, "attempts": d.Attempts, "claimed_until": d.ClaimedUntil})
	if err != nil || n != 1 {
		return nil, err
	}
	p, err := t.publication(d)
	if err != nil {
		return nil, err
	}
	return p, t.witnessed(d, "begun", 0, "")
}

// putOffPublication counts a delivery that can't be made ready like one that the other side refused, so that those behind it are not held up.
func (t *tx) putOffPublication(d WitnessDelivery, cause error) error {
	t.app.logFailure("a checkpoint can't be made ready for its witness", cause, "delivery", d.ID, "witness", d.WitnessID)
	status, next := t.afterRefusal(d.Attempts)
	text := clip(cause.Error(), 300)
	set := map[string]any{"status": status, "attempts": d.Attempts, "answer": text, "settled_at": t.now.Unix()}
	said := "failed"
	if status == "queued" {
		set["not_before"], said = next, "retry"
	}
	n, err := table[WitnessDelivery](t.db).Where("id = ? AND status = 'queued'", d.ID).Change(t.ctx, set)
	if err != nil || n != 1 {
		return err
	}
	return t.witnessed(d, said, next, text)
}

// afterRefusal says how a delivery stands after so many refusals: when it is tried again, or that it is given up.
func (t *tx) afterRefusal(attempts int) (status string, next int64) {
	if attempts >= witnessTries {
		return "failed", 0
	}
	return "queued", t.now.Add(min(retryBase<<(attempts-1), witnessPause)).Unix()
}

func (t *tx) publication(d WitnessDelivery) (*Publication, error) {
	w, err := look[Witness](t, d.WitnessID)
	if err != nil {
		return nil, err
	}
	c, err := found(table[Checkpoint](t.db).Where("size = ?", d.Size).First(t.ctx))
	if err != nil {
		return nil, err
	}
	origin, _, _ := strings.Cut(c.Note, "\n")
	return &Publication{Delivery: d, Witness: *w, Note: c.Note, Origin: origin}, nil
}

// missSenders looks after deliveries whose sender has not been heard of for too long. A letter may have arrived, so nobody sends it again unasked; a file or a POST
// of the same note twice harms nobody, so those are tried again.
func (t *tx) missSenders() error {
	const cause = "sender stopped while sending"
	rows, err := table[WitnessDelivery](t.db).Where("status = 'sending' AND claimed_until < ?", t.now.Unix()).Order("id").Find(t.ctx)
	if err != nil {
		return err
	}
	for _, d := range rows {
		w, err := look[Witness](t, d.WitnessID)
		if err != nil {
			return err
		}
		status, outcome := "queued", "again"
		switch {
		case w.Kind != "mail" && w.RevokedAt == 0 && d.Attempts >= witnessTries: // whoever sends it dies of it
			status, outcome = "failed", "failed"
		case w.Kind == "mail":
			status, outcome = "unknown", "unknown"
		case w.RevokedAt != 0:
			status, outcome = "withdrawn", "withdrawn"
		}
		if err := t.closeDelivery(d, status, outcome, d.Attempts, 0, cause); err != nil {
			return err
		}
	}
	return nil
}

// closeDelivery notes what became of a claimed delivery; an answer that comes after the sender was given up changes nothing.
func (t *tx) closeDelivery(d WitnessDelivery, status, outcome string, attempts int, next int64, answer string) error {
	set := map[string]any{"status": status, "attempts": attempts, "settled_at": t.now.Unix(), "answer": answer}
	if next != 0 {
		set["not_before"] = next
	}
	n, err := table[WitnessDelivery](t.db).Where("id = ? AND status = 'sending' AND claimed_until = ?", d.ID, d.ClaimedUntil).Change(t.ctx, set)
	if err != nil || n != 1 {
		return err
	}
	return t.witnessed(d, outcome, next, answer)
}

// SettlePublication notes what became of a claimed delivery, and keeps the co-signature where the answer bears one by the witness's own key.
func (a *App) SettlePublication(ctx context.Context, p Publication, answer Answer) error {
	text := clip(answer.Text, 300)
	line := ""
	if answer.Outcome == "accepted" && p.Witness.PublicKey != "" {
		err := caught(func() (err error) { line, err = cosignatureIn(answer.Body, p.Note, p.Witness.PublicKey); return err })
		if err != nil { // whoever answered is not the witness, or it has not done what it is there for; the same note twice harms nobody
			line, answer.Outcome, text = "", "retry", clip(strings.TrimSpace(text+" "+err.Error()), 300)
		}
	}
	return a.chore(ctx, func(t *tx) error {
		d := p.Delivery
		status, said, attempts, next := string(answer.Outcome), string(answer.Outcome), d.Attempts, int64(0)
		switch {
		case answer.Outcome == "down":
			status, next, attempts = "queued", t.now.Add(downPause).Unix(), attempts-1
		case answer.Outcome == "retry":
			if status, next = t.afterRefusal(attempts); status == "failed" {
				said = "failed"
			}
		}
		if status == "queued" { // it may have been revoked while this was under way
			w, err := look[Witness](t, d.WitnessID)
			if err != nil {
				return err
			}
			if w.RevokedAt != 0 {
				status, said, next = "withdrawn", "withdrawn", 0
			}
		}
		if err := t.closeDelivery(d, status, said, attempts, next, text); err != nil {
			return err
		}
		if line == "" {
			return nil
		}
		there, err := table[Cosignature](t.db).Where("size = ? AND witness_id = ?", d.Size, d.WitnessID).Find(ctx)
		if err != nil || len(there) > 0 {
			return err
		}
		return create(t, &Cosignature{Size: d.Size, WitnessID: d.WitnessID, At: t.now.Unix(), Line: line})
	})
}

// cosigned is a note with the lines that witnesses gave back for it.
func (a *App) cosigned(ctx context.Context, c Checkpoint) (string, error) {
	lines, err := table[Cosignature](a.db.read).Where("size = ?", c.Size).Order("id").Find(ctx)
	note := c.Note
	for _, l := range lines {
		note += l.Line
	}
	return note, err
}
