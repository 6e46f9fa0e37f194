package app_test

import (
	"context"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// Check 39: of fifty moves of one version that come at once, one is made, and forty-nine hear that they are late.
func TestCheck39OneOfFiftyMovesWins(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		m := newMatrix(t, w)
		m.put("pending", "approve")
		side := lookAside(t, w)
		version, before := side.number("SELECT version FROM tickets WHERE id = ?", m.ticket), size(t, w)
		made, late := 0, 0
		for _, err := range together(50, func(i int) error {
			account := []string{"tf1", "tf1.out", "dir.out", "dir.in"}[i%4]
			return second(w.App.MoveTicket(context.Background(), m.actors[account], app.MoveTicket{Ticket: m.ticket, Version: version, Move: "approve"}))
		}) {
			f := app.AsFaults(err)
			switch {
			case err == nil:
				made++
			case len(f) == 1 && f[0].Kind == app.Stale:
				late++
			default:
				t.Error(err)
			}
		}
		if made != 1 || late != 49 || side.number("SELECT version FROM tickets WHERE id = ?", m.ticket) != version+1 || size(t, w) != before+1 {
			t.Errorf("%d made, %d late, version %d after %d, %d records", made, late, side.number("SELECT version FROM tickets WHERE id = ?", m.ticket), version, size(t, w)-before)
		}
		sound(t, w)
	})
}

// Check 39: two persons stand behind an approval. One who holds both roles does not approve, grant or publish what they entered themselves; somebody else does.
func TestCheck39TwoPersons(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		ctx, admin := context.Background(), w.As(t, "admin")
		both := w.As(t, "extra")
		give := func(role workflows.Role, scope string, id int64) {
			apptest.Must(t, second(w.App.Grant(ctx, admin, app.Grant{UserID: c.extra, Role: role, Scope: scope, ScopeID: id})), "grant %s", role)
		}
		give(workflows.RoleSupervisor, "district", 0)
		give(workflows.RoleSupervisionDirector, "district", 0)
		give(workflows.RoleDistrictLeader, "district", 0)
		give(workflows.RoleAdministrator, "district", 0)
		give(workflows.RoleUnitLeader, "unit", c.s.Units["gxj"])
		k, err := w.App.DraftTicket(ctx, both, app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例依据", TaskForceID: c.s.Forces["10"], LeadUnitID: c.s.Units["zjj"], DueTerm: "15 workdays"})
		apptest.Must(t, err, "draft")
		k, err = w.App.MoveTicket(ctx, both, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "submit_draft"})
		apptest.Must(t, err, "submit")
		_, err = w.App.MoveTicket(ctx, both, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})
		wantKind(t, "approve one's own draft", err, app.Refused, "own_ticket")
		file, err := w.App.TicketFile(ctx, both, k.No)
		apptest.Must(t, err, "read")
		for _, m := range file.Moves {
			if m.ID == "approve" {
				t.Error("the page offers to approve one's own draft")
			}
		}
		apptest.Must(t, second(w.App.MoveTicket(ctx, w.As(t, "dir"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})), "somebody else")

		l, err := w.App.DraftLaw(ctx, both, draftOfThird())
		apptest.Must(t, err, "draft a law")
		wantKind(t, "publish one's own law", second(w.App.DecideLaw(ctx, both, app.DecideLaw{Law: l.ID, Version: l.Version, Decision: "approve"})), app.Refused, "law_own")
		v, err := w.App.UploadCalendar(ctx, both, springFestival(2028, "2028-01-26~2028-02-01 休 春节\n2028-02-05 班"))
		apptest.Must(t, err, "upload a calendar")
		wantKind(t, "approve one's own calendar", w.App.DecideCalendar(ctx, both, app.DecideCalendar{ID: v.ID, Version: v.Version, Approve: true}), app.Refused, "calendar_second_person")
		wantKind(t, "grant oneself a role", second(w.App.Grant(ctx, both, app.Grant{UserID: c.extra, Role: workflows.RoleInspector, Scope: "district"})), app.Refused, "own_grant")
	})
}

func draftOfThird() app.DraftLaw {
	l := draftOfSecond("示例")
	l.Text = strings.Replace(l.Text, "version: 2", "version: 3", 1)
	return l
}
