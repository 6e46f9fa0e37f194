package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// Everybody at once: people on tickets, the sweep, the inbox and the post of two nodes. Nobody hears of anything but faults that are theirs, and everything fits together afterwards.
func TestEverybodyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		other := node(t, w, "second")
		var ids []int64
		for i := range 6 {
			name, lead := fmt.Sprint("T", i), []string{"gxj", "zjj"}[i%2]
			for _, line := range []string{"ticket " + name + ` term="5 workdays" lead=` + lead + " assist=kpb", "move " + name + " submit_draft as=sup", "move " + name + " approve as=dir",
				"move " + name + " accept as=" + lead + ".hand", "move " + name + " accept as=kpb.hand", "move " + name + " start as=" + lead + ".hand"} {
				apptest.Must(t, st.line(line), "%s", line)
			}
			ids = append(ids, st.tickets[name])
		}
		actors := map[string]app.Actor{}
		for account := range st.s.Users {
			actors[account] = w.As(t, account)
		}
		w.At(t, "2023-03-21 09:00") // overdue since the morning: the first move of each finds the ladder's steps
		ctx, side, nodes := context.Background(), lookAside(t, w), []*app.App{w.App, other}
		before := sound(t, w)
		version := func(id int64) int64 { return side.number("SELECT version FROM tickets WHERE id = ?", id) }
		work := func(i, n int) error {
			a, id, unit := nodes[n%2], ids[i%len(ids)], []string{"gxj", "zjj"}[i%2]
			switch {
			case i < 6 && n%3 == 0:
				_, err := a.MoveTicket(ctx, actors[unit+".hand"], app.MoveTicket{Ticket: id, Version: version(id), Move: "draft_feedback", Feedback: fmt.Sprint("第", n, "稿")})
				return err
			case i < 6 && n%3 == 1:
				return a.HandTicket(ctx, actors[unit+".lead"], app.HandTicket{Ticket: id, Version: version(id), HandlerID: []int64{actors[unit+".hand"].ID, actors[unit+".lead"].ID}[n%2]})
			case i < 6:
				_, err := a.MoveTicket(ctx, actors[unit+".lead"], app.MoveTicket{Ticket: id, Version: version(id), Move: "ask_pause", ReasonCode: "funds", Reason: "示例", ExpectedEnd: date("2023-06-30")})
				return err
			case i == 6:
				_, err := a.Sweep(ctx, app.System("sweep"), 0)
				return err
			case i == 7:
				_, err := a.DeliverInbox(ctx)
				return err
			}
			claimed, err := a.ClaimMail(ctx, 5)
			for _, d := range claimed {
				err = errors.Join(err, a.Settle(ctx, d, []app.Outcome{"accepted", "retry", "failed"}[d.Reminder.ID%3], nil))
			}
			return err
		}
		for _, err := range together(10, func(i int) error {
			for n := range 12 {
				err := work(i, n)
				if f := app.AsFaults(err); len(f) == 1 && (f[0].Kind == app.Stale || f[0].Kind == app.Denied || f[0].Key == "pause_waiting") {
					continue // the sweep was quicker, the ticket is in other hands, or a pause was asked for before
				}
				if err != nil {
					return fmt.Errorf("writer %d, write %d: %w", i, n, err)
				}
			}
			return nil
		}) {
			if err != nil {
				t.Error(err)
			}
		}
		_, err := w.App.Sweep(ctx, app.System("sweep"), 0)
		apptest.Must(t, err, "sweep")
		for _, id := range ids {
			want := []string{"rule_id=ticket.near_due step=blue due_on=2023-03-20 lifted_on=2023-03-21", "rule_id=ticket.overdue step=yellow due_on=2023-03-20 lifted_on="}
			if got := side.rows("SELECT rule_id, step, due_on, lifted_on FROM escalations WHERE ticket_id = ? ORDER BY rule_id", id); !slices.Equal(got, want) {
				t.Errorf("ticket %d climbed %v, want %v", id, got, want)
			}
			if n := side.number("SELECT COUNT(*) FROM journal WHERE ticket_id = ? AND action = 'escalation.raise'", id); n != 2 {
				t.Errorf("%d steps of ticket %d were recorded, want 2", n, id)
			}
		}
		if size := sound(t, w); size < before+12 {
			t.Errorf("%d records, %d before", size, before)
		}
	})
}
