package app

import "strings"

// Withdrawal is that a word or a file was taken back, by whom, when and why: it stays where it is, and no longer counts.
type Withdrawal struct {
	WithdrawnBy  int64
	WithdrawnAt  int64 // 0 while it counts
	WithdrawnWhy string
}

// withdraw takes something back, once; bare says that no reason need be given.
func (w *Withdrawal) withdraw(t *tx, reason string, bare bool) error {
	if w.WithdrawnAt != 0 {
		return refused("already_withdrawn", nil)
	}
	var c check
	c.text("reason", reason, 200, bare)
	if err := c.err(); err != nil {
		return err
	}
	*w = Withdrawal{t.actor.ID, t.now.Unix(), strings.TrimSpace(reason)}
	return nil
}
