package app_test

import (
	"context"
	"testing"

	"battlemap/app"
)

// givenUp gives up the two oldest reminders, so that somebody has to decide about them.
func (c *scene) givenUp(t *testing.T) {
	t.Helper()
	side := lookAside(t, c.w)
	c.dead[0] = side.number("SELECT MIN(id) FROM reminders")
	c.dead[1] = side.number("SELECT MIN(id) FROM reminders WHERE id > ?", c.dead[0])
	side.exec("UPDATE reminders SET status = 'failed', settled_at = 1, error = 'example' WHERE id IN (?, ?)", c.dead[0], c.dead[1])
}

// ledgerVerbs are the verbs about letters that were given up.
func (c *scene) ledgerVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	letter := func(i int) []app.DeadLetter { return []app.DeadLetter{{Reminder: c.dead[i]}} }
	return []verb{
		{"SendAgain", "sup", func(as app.Actor) error { return a.SendAgain(ctx, as, letter(0)) }},
		{"LettersArrived", "sup", func(as app.Actor) error {
			return a.LettersArrived(ctx, as, app.LettersArrived{Letters: letter(1), How: "phone", Reason: "示例"})
		}},
	}
}
