package app_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// typed calls a verb once for each text of its command, with something in it that nobody should type.
func typed[T any](t *testing.T, what string, base func() T, call func(T) error, check func(field string, err error)) {
	t.Helper()
	kind := reflect.TypeFor[T]()
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() != reflect.String {
			continue
		}
		cmd := base()
		reflect.ValueOf(&cmd).Elem().Field(i).SetString(what)
		check(kind.Name()+"."+kind.Field(i).Name, call(cmd))
	}
}

// typists calls every command that carries text.
func (c *scene) typists(t *testing.T, what string, check func(field string, err error)) {
	t.Helper()
	w, s, a, ctx := c.w, c.s, c.w.App, context.Background()
	n := 0
	fresh := func() string { n++; return fmt.Sprint("x", len(what), "n", n) }
	admin, tf, hand, sup, dir := w.As(t, "admin"), w.As(t, "tf1"), w.As(t, "gxj.hand"), w.As(t, "sup"), w.As(t, "dir")
	typed(t, what, func() app.AddUnit { return app.AddUnit{Code: fresh(), Name: fresh(), Kind: "bureau"} },
		func(cmd app.AddUnit) error { return second(a.AddUnit(ctx, admin, cmd)) }, check)
	typed(t, what, func() app.AddUser { return app.AddUser{Account: fresh(), Name: "示例", UnitID: s.Units["gxj"]} },
		func(cmd app.AddUser) error { return second(a.AddUser(ctx, admin, cmd)) }, check)
	typed(t, what, func() app.AddTaskForce {
		return app.AddTaskForce{Code: fresh(), Name: fresh(), LeaderID: s.Users["tf1"]}
	},
		func(cmd app.AddTaskForce) error { return second(a.AddTaskForce(ctx, admin, cmd)) }, check)
	typed(t, what, func() app.ChangeTaskForce {
		f := c.force()
		return app.ChangeTaskForce{ID: f.ID, Version: f.Version, LeaderID: f.LeaderID, UnitID: f.UnitID}
	}, func(cmd app.ChangeTaskForce) error { return a.ChangeTaskForce(ctx, admin, cmd) }, check)
	typed(t, what, func() app.AddProject {
		return app.AddProject{Name: "示例", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 1, Year: 2023}
	}, func(cmd app.AddProject) error { return second(a.AddProject(ctx, tf, cmd)) }, check)
	typed(t, what, func() app.Assign { return app.Assign{Project: c.project.ID, UnitID: s.Units["gxj"], Reason: "示例"} },
		func(cmd app.Assign) error { return a.Assign(ctx, tf, cmd) }, check)
	typed(t, what, func() app.SetPlan {
		return app.SetPlan{Project: c.project.ID, Months: [12]int64{3: c.project.YearPlanFen}, Reason: "示例"}
	},
		func(cmd app.SetPlan) error { return a.SetPlan(ctx, tf, cmd) }, check)
	typed(t, what, func() app.AddMilestone {
		return app.AddMilestone{Project: c.project.ID, Name: "示例", BaselineOn: date("2023-10-31")}
	},
		func(cmd app.AddMilestone) error { return a.AddMilestone(ctx, tf, cmd) }, check)
	typed(t, what, func() app.MoveMilestone {
		m := c.read("P-001").Milestones[0]
		return app.MoveMilestone{Milestone: m.ID, Version: m.Version, RevisedOn: date("2023-11-30")}
	}, func(cmd app.MoveMilestone) error { return a.MoveMilestone(ctx, hand, cmd) }, check)
	typed(t, what, func() app.ReportProgress {
		n++
		return app.ReportProgress{Project: c.project.ID, Month: calendar.MakeMonth(2023, 1), Fen: 0, Version: max(0, c.entryVersion())}
	}, func(cmd app.ReportProgress) error { return a.ReportProgress(ctx, hand, cmd) }, check)
	typed(t, what, func() app.VerifyProgress {
		e := c.read("P-001").Months[1].Entry
		return app.VerifyProgress{Entry: e.ID, Version: e.Version, Accept: true, Fen: e.ReportedFen}
	}, func(cmd app.VerifyProgress) error { return a.VerifyProgress(ctx, sup, cmd) }, check)
	typed(t, what, func() app.AcceptReason {
		return app.AcceptReason{Project: c.project.ID, RuleID: "project.behind", Month: calendar.MakeMonth(2023, 4), Reason: "示例"}
	}, func(cmd app.AcceptReason) error { return a.AcceptReason(ctx, dir, cmd) }, check)
	typed(t, what, func() app.DecideStage {
		claim := c.read("P-002").Claims[0]
		return app.DecideStage{Claim: claim.ID, Version: claim.Version, Note: "示例"}
	}, func(cmd app.DecideStage) error { return a.DecideStage(ctx, sup, cmd) }, check)
	typed(t, what, func() app.MoveProject { return c.complete(c.read("P-001")) },
		func(cmd app.MoveProject) error {
			err := a.MoveProject(ctx, hand, cmd)
			if claims := c.read("P-001").Claims; len(claims) > 0 && claims[0].State == "claimed" {
				apptest.Must(t, a.DecideStage(ctx, sup, app.DecideStage{Claim: claims[0].ID, Version: claims[0].Version, Note: "示例"}), "reject")
			}
			return err
		}, check)
	typed(t, what, func() app.DraftTicket {
		return app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"}
	}, func(cmd app.DraftTicket) error { return second(a.DraftTicket(ctx, sup, cmd)) }, check)
	typed(t, what, func() app.MoveTicket {
		return app.MoveTicket{Ticket: c.running, Version: c.ticket(c.running).Version, Move: "draft_feedback", Feedback: "示例"}
	}, func(cmd app.MoveTicket) error { return second(a.MoveTicket(ctx, hand, cmd)) }, check)
	typed(t, what, func() app.HandTicket {
		return app.HandTicket{Ticket: c.running, Version: c.ticket(c.running).Version, HandlerID: s.Users["gxj.hand"]}
	}, func(cmd app.HandTicket) error { return a.HandTicket(ctx, w.As(t, "gxj.lead"), cmd) }, check)
	check("SetPlace", a.SetPlace(ctx, admin, what))
}

// entryVersion is the version of January's report, 0 while there is none.
func (c *scene) entryVersion() int64 {
	if e := c.read("P-001").Months[0].Entry; e != nil {
		return e.Version
	}
	return 0
}

// Whatever somebody types, it is stored within a limit or refused with a fault; no form fills the database or the journal, and none ends in an unknown error.
func TestEveryTextHasALimit(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, side := newScene(t, w), lookAside(t, w)
		const limit = 20_000 // bytes of the longest honest row: several texts of 2000 characters
		known := map[string]bool{}
		c.typists(t, strings.Repeat("长", 50_000), func(field string, err error) {
			if err != nil && app.AsFaults(err) == nil {
				t.Errorf("%s: %v", field, err)
			}
			if err != nil {
				return
			}
			for table, rows := range side.dump("checkpoints", "laws") { // a law may be as long as a file, and the one that ships is long
				for _, row := range rows {
					if len(row) > limit && !known[row] {
						known[row] = true
						t.Errorf("%s fills %s with a row of %d bytes", field, table, len(row))
					}
				}
			}
		})
	})
}

// Bytes that are no text are refused as well, or dropped, on every database alike.
func TestEveryTextIsText(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, ctx := newScene(t, w), context.Background()
		check := func(field string, err error) {
			if err != nil && app.AsFaults(err) == nil {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, what := range []string{strings.Repeat("\x00", 24), strings.Repeat("\xff", 24)} {
			c.typists(t, what, check)
			check("a project's page", second(w.App.ProjectDossier(ctx, w.As(t, "sup"), what)))
			check("a ticket's page", second(w.App.TicketFile(ctx, w.As(t, "sup"), what)))
			check("a search for projects", second(w.App.Projects(ctx, w.As(t, "sup"), app.ProjectFilter{Text: what, Stage: what})))
			check("a search for tickets", second(w.App.Tickets(ctx, w.As(t, "sup"), app.TicketFilter{Text: what, State: what, Kind: what})))
			check("a search in the journal", second(w.App.Journal(ctx, w.As(t, "sup"), app.JournalFilter{Kind: what, Limit: 1})))
			check("a token", second(func() (app.User, error) { u, _, err := w.App.Authenticate(ctx, what); return u, err }()))
			check("a link", second(w.App.SetupUser(ctx, what)))
			password(t, w, "sup", goodPassword)
			if _, err := enter(w, "sup", goodPassword, "10.0.0.1", what); err != nil {
				t.Errorf("a browser that calls itself %q can't sign in: %v", what, err)
			}
		}
		for table, rows := range lookAside(t, w).dump() {
			if text := strings.Join(rows, "\n"); strings.Contains(text, "\x00\x00\x00\x00") || strings.Contains(text, "\xff\xff\xff\xff") { // a hash has hardly four of them in a row
				t.Errorf("%s keeps what is no text", table)
			}
		}
	})
}

// One person who keeps typing a wrong password must not shut out everybody behind the same address: an office has one.
func TestCheck22OneAccountDoesNotShutTheOffice(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		password(t, w, "sup", goodPassword)
		password(t, w, "dir", goodPassword)
		for range 62 {
			_, err := enter(w, "sup", "wrong-Password-9", "10.0.0.9", "browser")
			if f := app.AsFaults(err); len(f) != 1 || f[0].Kind != app.Invalid && f[0].Kind != app.Limited {
				t.Fatal(err)
			}
		}
		_, err := enter(w, "dir", goodPassword, "10.0.0.9", "browser")
		apptest.Must(t, err, "a colleague signs in")
	})
}

// The nightly tidying leaves no counters and links behind that mean nothing any more: strangers can make any number of the former.
func TestTidyingForgetsOldAttempts(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx, side := w.Seed(t), context.Background(), lookAside(t, w)
		password(t, w, "sup", goodPassword)
		_, err := enter(w, "sup", "wrong-Password-9", "10.0.0.9", "browser")
		wantKind(t, "a wrong password", err, app.Invalid, "wrong_password")
		_, err = w.App.InviteLink(ctx, w.As(t, "admin"), s.Users["dir"])
		apptest.Must(t, err, "invite")
		w.At(t, "2023-03-16 03:30")
		apptest.Must(t, w.App.PurgeSessions(ctx), "tidy")
		if n, m := side.number("SELECT COUNT(*) FROM login_attempts"), side.number("SELECT COUNT(*) FROM setup_tokens"); n != 0 || m != 0 {
			t.Errorf("after two days %d counters and %d dead links are left", n, m)
		}
	})
}
