package app_test

import (
	"context"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// P-001 of task force 1 is due to start on 15 March and does not: it is lit on 31 March. Nobody counts what they do not see.
func TestLightsOverTime(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.At(t, "2023-03-13 09:00")
		st := newStage(t, w)
		s := st.s
		apptest.Must(t, st.project("P-001", map[string]string{"stage": "landed", "start": "2023-03-15"}), "add P-001")
		apptest.Must(t, st.project("P-002", map[string]string{"stage": "landed"}), "add P-002")
		apptest.Must(t, st.daily("2023-04-05"), "ring")
		year := app.ChartFilter{From: calendar.MakeMonth(2023, 1), To: calendar.MakeMonth(2023, 12)}
		got, err := w.App.LightsOverTime(ctx, w.As(t, "sup"), year)
		apptest.Must(t, err, "lights")
		// Sundays since 13 March, and today: before that there was no project.
		want := []struct {
			on            string
			green, yellow int
		}{{"2023-03-19", 2, 0}, {"2023-03-26", 2, 0}, {"2023-04-02", 1, 1}, {"2023-04-05", 1, 1}}
		if len(got) != len(want) {
			t.Fatalf("%d points of time: %+v", len(got), got)
		}
		for i, c := range want {
			if got[i].On != date(c.on) || got[i].Lights[workflows.LightGreen] != c.green || got[i].Lights[workflows.LightYellow] != c.yellow || got[i].Projects != 2 {
				t.Errorf("%s: %+v", c.on, got[i])
			}
		}
		for who, n := range map[string]int{"tf1": 4, "gxj.hand": 4, "tf10": 0, "zjj.hand": 0} {
			got, err := w.App.LightsOverTime(ctx, w.As(t, who), year)
			apptest.Must(t, err, "lights for %s", who)
			if len(got) != n {
				t.Errorf("%s sees %d points of time, want %d", who, len(got), n)
			}
		}
		year.TaskForce = s.Forces["10"]
		if got, err := w.App.LightsOverTime(ctx, w.As(t, "sup"), year); err != nil || len(got) != 0 {
			t.Errorf("another task force: %+v, %v", got, err)
		}
	})
}

func TestTicketAges(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		w.At(t, "2023-03-13 09:00")
		sup, dir := w.As(t, "sup"), w.As(t, "dir")
		issue := func(term string) {
			k, err := w.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "blocker", Cause: "land", Title: "示例", Basis: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: term})
			apptest.Must(t, err, "draft")
			for _, move := range []string{"submit_draft", "approve"} {
				as := map[string]app.Actor{"submit_draft": sup, "approve": dir}[move]
				f, err := w.App.TicketFile(ctx, sup, k.No)
				apptest.Must(t, err, "read")
				_, err = w.App.MoveTicket(ctx, as, app.MoveTicket{Ticket: k.ID, Version: f.Ticket.Version, Move: move})
				apptest.Must(t, err, "%s", move)
			}
		}
		issue("2 workdays")  // due on Wednesday the 15th
		issue("30 workdays") // not due yet
		w.At(t, "2023-03-22 09:00")
		// Seven working days after the 13th, five after the 15th.
		for _, c := range []struct {
			who                   string
			open, aged, over, two int
		}{{"sup", 2, 2, 1, 1}, {"gxj.hand", 2, 2, 1, 1}, {"zjj.hand", 0, 0, 0, 0}} {
			got, err := w.App.TicketAges(ctx, w.As(t, c.who), 0)
			apptest.Must(t, err, "ages")
			if got.Open != c.open || got.Age[1].N != c.aged || got.Age[1].From != 6 || got.Overdue != c.over || got.Over[1].N != c.two || got.Over[1].From != 3 || got.Over[1].To != 5 {
				t.Errorf("%s: %+v", c.who, got)
			}
		}
		if got, err := w.App.TicketAges(ctx, sup, s.Forces["10"]); err != nil || got.Open != 0 {
			t.Errorf("another task force: %+v, %v", got, err)
		}
	})
}
