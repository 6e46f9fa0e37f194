package app_test

import (
	"context"
	"fmt"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// Twenty at once want into a cell with room for three: three get in, seventeen hear who set the limit, and nobody waits for ever.
func TestLimitHoldsWhenManyMoveAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, other := newStage(t, w), node(t, w, "second")
		var ids []int64
		for i := range 20 {
			name := fmt.Sprint("T", i)
			for _, line := range []string{"ticket " + name + ` term="3 months"`, "move " + name + " submit_draft as=sup", "move " + name + " approve as=dir", "move " + name + " accept"} {
				apptest.Must(t, st.line(line), "%s", line)
			}
			ids = append(ids, st.tickets[name])
		}
		apptest.Must(t, st.line("limit tickets in_progress 3 tf=1"), "set the limit")
		side, hand, nodes := lookAside(t, w), w.As(t, "gxj.hand"), []*app.App{w.App, other}
		version := side.number("SELECT version FROM tickets WHERE id = ?", ids[0])
		full := 0
		for _, err := range together(20, func(i int) error {
			_, err := nodes[i%2].MoveTicket(context.Background(), hand, app.MoveTicket{Ticket: ids[i], Version: version, Move: "start"})
			return err
		}) {
			f := app.AsFaults(err)
			switch {
			case err == nil:
			case len(f) == 1 && f[0].Key == "cell_full" && f[0].Args["Limit"] == 3 && f[0].Args["N"] == 3 && f[0].Args["Who"] != "":
				full++
			default:
				t.Errorf("a move into a cell: %v", err)
			}
		}
		if n := side.number("SELECT COUNT(*) FROM tickets WHERE state = 'in_progress'"); n != 3 || full != 17 {
			t.Errorf("%d tickets in a cell for three, %d were refused, want 17", n, full)
		}
		sound(t, w)
	})
}
