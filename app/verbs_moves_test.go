package app_test

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// accepted is a ticket that the handler of 工信局 has accepted a moment ago, so that they can take that back.
func (c *scene) accepted(t *testing.T) app.Ticket {
	t.Helper()
	st := stage{t: t, w: c.w, s: c.s, tickets: map[string]int64{}}
	for _, line := range []string{`ticket U term="3 months"`, "move U submit_draft as=sup", "move U approve as=dir", "move U accept as=gxj.hand"} {
		apptest.Must(t, st.line(line), "%s", line)
	}
	return c.ticket(st.tickets["U"])
}

// moveVerbs take moves back.
func (c *scene) moveVerbs() []verb {
	k := c.ticket(c.undo)
	return []verb{
		{"UndoMove", "gxj.hand", func(as app.Actor) error {
			return second(c.w.App.UndoMove(context.Background(), as, app.UndoMove{Ticket: k.ID, Version: k.Version}))
		}},
	}
}

// undo takes the last move of a ticket back.
func (st *stage) undo(name string, opt map[string]string) error {
	k, err := st.find(name)
	if err != nil {
		return err
	}
	_, err = st.w.App.UndoMove(context.Background(), st.actor(opt, "gxj.hand"), app.UndoMove{Ticket: k.ID, Version: k.Version})
	return err
}
