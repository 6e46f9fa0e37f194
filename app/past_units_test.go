package app_test

import (
	"context"
	"fmt"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// The past map has the receiving units and the limits of its day, whatever became of them later.
func TestPastUnitsAndLimits(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		w.At(t, "2023-03-14 09:00")
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"],
			AssistUnitIDs: []int64{s.Units["zjj"]}, DueTerm: "15 workdays"})
		apptest.Must(t, err, "draft")
		move := func(who, name string) {
			t.Helper()
			k, err = w.App.MoveTicket(ctx, w.As(t, who), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: name})
			apptest.Must(t, err, "%s", name)
		}
		move("sup", "submit_draft")
		move("dir", "approve")
		limit := func(version int64, most int) {
			t.Helper()
			apptest.Must(t, w.App.SetCellLimit(ctx, w.As(t, "dir"), app.SetCellLimit{Version: version, Board: "tickets", State: "accepted", Most: most, Reason: "示例"}), "limit %d", most)
		}
		days := map[calendar.Date]apptest.Shown{}
		end := func() {
			t.Helper()
			for _, who := range []string{"sup", "gxj.hand", "zjj.hand"} {
				live, then := apptest.ShownLive(t, w.App, w.As(t, who)), apptest.ShownAt(t, w.App, w.As(t, who), w.App.Today())
				if differs := live.Differs(then); differs != "" {
					t.Fatalf("%s: today is not what the journal tells:\n%s", who, differs)
				}
			}
			days[w.App.Today()] = apptest.ShownLive(t, w.App, app.System("test"))
		}
		end()
		w.At(t, "2023-03-15 09:00") // a limit is set
		limit(0, 5)
		end()
		w.At(t, "2023-03-16 09:00") // the assisting unit becomes the lead: its own row goes
		apptest.Must(t, w.App.ReassignTicket(ctx, w.As(t, "dir"), app.ReassignTicket{Ticket: k.ID, Version: k.Version, LeadUnitID: s.Units["zjj"], Reason: "示例"}), "reassign")
		k = reread(t, w, k)
		end()
		w.At(t, "2023-03-17 09:00") // and gives it back, and the limit changes
		apptest.Must(t, w.App.ReassignTicket(ctx, w.As(t, "dir"), app.ReassignTicket{Ticket: k.ID, Version: k.Version, LeadUnitID: s.Units["gxj"], Reason: "示例"}), "reassign")
		k = reread(t, w, k)
		limit(1, 3)
		end()
		w.At(t, "2023-03-20 09:00")
		limit(2, 0)
		end()
		for d, was := range days {
			if differs := was.Differs(apptest.ShownAt(t, w.App, app.System("test"), d)); differs != "" {
				t.Errorf("looked back on, %s is not what it was:\n%s", d, differs)
			}
		}
		parts := func(day string) string {
			b, err := w.App.CardsAt(ctx, app.System("test"), date(day))
			apptest.Must(t, err, "%s", day)
			most := "none"
			if l, ok := b.Limit("tickets", s.Forces["1"], "accepted"); ok {
				most = fmt.Sprint(l.Most)
			}
			return fmt.Sprint(b.Tickets[0].Parts, b.Tickets[0].Accepted, " ", most)
		}
		gxj, zjj := s.Units["gxj"], s.Units["zjj"]
		for day, want := range map[string]string{
			"2023-03-14": fmt.Sprint([]int64{gxj, zjj}, 0, " none"), "2023-03-15": fmt.Sprint([]int64{gxj, zjj}, 0, " 5"),
			"2023-03-16": fmt.Sprint([]int64{zjj}, 0, " 5"), "2023-03-17": fmt.Sprint([]int64{gxj}, 0, " 3"), "2023-03-20": fmt.Sprint([]int64{gxj}, 0, " none"),
		} {
			if got := parts(day); got != want {
				t.Errorf("%s: %s, want %s", day, got, want)
			}
		}
	})
}

func reread(t *testing.T, w *apptest.World, k *app.Ticket) *app.Ticket {
	t.Helper()
	f, err := w.App.TicketFile(context.Background(), app.System("test"), k.No)
	apptest.Must(t, err, "read %s", k.No)
	return &f.Ticket
}
