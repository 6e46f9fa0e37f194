package web_test

import (
	"context"
	"net/http"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// A link of two tickets, its end and a reassignment name tickets and units, not their rows; kinds of later areas have words in the filter.
func TestJournalNamesLinkedTickets(t *testing.T) {
	w, s, srv := site(t)
	ctx := context.Background()
	first, later := issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例先办", Basis: "示例"}), issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例后办", Basis: "示例"})
	apptest.Must(t, w.App.LinkTickets(ctx, w.As(t, "sup"), app.LinkTickets{Ticket: later.ID, Version: later.Version, Other: first.ID, Reason: "示例"}), "link")
	f, err := w.App.TicketFile(ctx, w.As(t, "sup"), later.No)
	apptest.Must(t, err, "read")
	apptest.Must(t, w.App.UnlinkTickets(ctx, w.As(t, "sup"), app.UnlinkTickets{Ticket: later.ID, Version: f.Ticket.Version, Link: 1}), "unlink")
	f, err = w.App.TicketFile(ctx, w.As(t, "sup"), later.No)
	apptest.Must(t, err, "read")
	apptest.Must(t, w.App.ReassignTicket(ctx, w.As(t, "dir"), app.ReassignTicket{Ticket: later.ID, Version: f.Ticket.Version, LeadUnitID: s.Units["zjj"], Reason: "示例"}), "reassign")
	insp := as(t, w, srv, "insp")
	seen := 0
	for _, action := range []string{"ticket.link", "ticket.unlink", "ticket.reassign"} {
		rows, err := w.App.Journal(ctx, w.As(t, "insp"), app.JournalFilter{Limit: 50})
		apptest.Must(t, err, "journal")
		for _, r := range rows {
			if r.Action != action {
				continue
			}
			seen++
			page := insp.get("/journal/" + num(r.No))
			if action == "ticket.reassign" {
				page.has(t, http.StatusOK, "承办单位", "示例工信局", "示例住建局")
			} else {
				page.has(t, http.StatusOK, "须先办的事项", "等它的事项", "001号 示例先办", "002号 示例后办").lacks(t, ">#1<", ">#2<")
			}
		}
	}
	if seen != 3 {
		t.Fatalf("%d records looked at, want 3", seen)
	}
	insp.get("/journal").has(t, http.StatusOK, "地图视图", "单元格上限", "001号 示例先办").lacks(t, "saved_view<", "cell_limit<")
}
