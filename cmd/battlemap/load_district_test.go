package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	_ "github.com/mattn/go-sqlite3" // the driver that looks at the database beside the program

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

// loadPassword is everybody's.
const loadPassword = "春江潮水-2023-Xq"

// loadPerson is somebody who works: a handler of a unit with a project and tickets of their own, or, one of ten, a supervisor who sees everything.
type loadPerson struct {
	place   int
	account string
	cookie  string
	project string   // code
	tickets []string // numbers
	stream  *loadStream
	tags    map[string]string // by path, of what the browser holds
	said    atomic.Int64
}

// seed fills the database through the product's own verbs, on the machine's clock, with people, and for each a project and tickets that were issued to their unit.
func (l *crowd) seed() {
	t, ctx := l.t, context.Background()
	a := l.open()
	defer func() { apptest.Must(t, a.Close(), "close") }()
	w := &apptest.World{App: a}
	s := w.Seed(t)
	l.openOffice(a, w)
	for i := range (l.size.users + 9) / 10 {
		code := fmt.Sprintf("dw%02d", i)
		u, err := a.AddUnit(ctx, app.Setup("test"), app.AddUnit{Code: code, Name: "示例单位" + code, Kind: "bureau"})
		apptest.Must(t, err, "add unit %s", code)
		s.Units[code] = u.ID
	}
	for i := range l.size.users {
		p := &loadPerson{place: i, account: fmt.Sprintf("load%03d", i), project: fmt.Sprintf("L-%03d", i), tags: map[string]string{}}
		l.seedPerson(a, w, s, p)
		l.people = append(l.people, p)
	}
	l.seedPasswords()
	private, public := apptest.Key(t)
	for name, text := range map[string]string{"checkpoint.key": private, "checkpoint.pub": public} {
		apptest.Must(t, os.WriteFile(filepath.Join(l.dir, name), []byte(text+"\n"), 0o600), "write the key")
	}
}

func (l *crowd) seedPerson(a *app.App, w *apptest.World, s *apptest.Small, p *loadPerson) {
	t, ctx := l.t, context.Background()
	unit := s.Units[fmt.Sprintf("dw%02d", p.place/10)]
	u, err := a.AddUser(ctx, app.Setup("test"), app.AddUser{Account: p.account, Name: "示例" + p.account, UnitID: unit, Email: p.account + "@battlemap.example"})
	apptest.Must(t, err, "add %s", p.account)
	grant := app.Grant{UserID: u.ID, Role: workflows.RoleUnitHandler, Scope: "unit", ScopeID: unit}
	if p.supervises() {
		grant = app.Grant{UserID: u.ID, Role: workflows.RoleSupervisor, Scope: "district"}
	}
	_, err = a.Grant(ctx, app.Setup("test"), grant)
	apptest.Must(t, err, "grant %s", p.account)
	tf, sup, dir := w.As(t, "tf1"), w.As(t, "sup"), w.As(t, "dir")
	project, err := a.AddProject(ctx, tf, app.AddProject{Code: p.project, Name: "示例项目" + p.project, Level: "city", TaskForceID: s.Forces["1"], Sample: true, InPlan: true,
		InvestFen: 3_000_000_00, YearPlanFen: 1_200_000_00, Year: a.Today().Year(), Stage: "building", PlannedStartOn: a.Today()})
	apptest.Must(t, err, "add project %s", p.project)
	apptest.Must(t, a.Assign(ctx, tf, app.Assign{Project: project.ID, UnitID: unit, LeadUnitID: unit, ResponsibleID: u.ID}), "assign %s", p.project)
	for range l.size.tickets {
		k, err := a.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: "示例事项" + p.account, Basis: "示例依据", TaskForceID: s.Forces["1"], ProjectID: project.ID, LeadUnitID: unit, DueTerm: "15 workdays"})
		apptest.Must(t, err, "draft")
		k, err = a.MoveTicket(ctx, sup, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "submit_draft"})
		apptest.Must(t, err, "submit")
		k, err = a.MoveTicket(ctx, dir, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})
		apptest.Must(t, err, "approve")
		p.tickets = append(p.tickets, k.No)
	}
}

// supervises tells whether the person sees the whole district.
func (p *loadPerson) supervises() bool { return p.place%10 == 9 }

// seedPasswords gives everybody the same password behind the program's back, by a hash that is quick to compare; one of ten by the product's own, which takes 64 MiB.
func (l *crowd) seedPasswords() {
	t := l.t
	db, mark := l.aside()
	defer db.Close()
	own, err := argon2id.CreateHash(loadPassword, &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	apptest.Must(t, err, "hash")
	for _, one := range []struct {
		like, hash string
	}{{"load%", apptest.QuickHash(t, loadPassword)}, {"load%9", own}} {
		_, err := db.Exec("UPDATE users SET password_hash = "+mark(1)+" WHERE account LIKE "+mark(2), one.hash, one.like)
		apptest.Must(t, err, "set passwords")
	}
}

// open opens the database in this process, on the machine's clock.
func (l *crowd) open() *app.App {
	l.t.Helper()
	return l.openAt(time.Now, false)
}

// openAt opens it on a clock, where the bells of the test may have mail sent.
func (l *crowd) openAt(now func() time.Time, mail bool) *app.App {
	l.t.Helper()
	opt, _ := apptest.Options(l.t, l.database)
	opt.Now, opt.Mail = now, mail
	a, err := app.Open(context.Background(), opt)
	apptest.Must(l.t, err, "open")
	return a
}

// aside is a connection past the program, and how it marks the n-th argument.
func (l *crowd) aside() (db *sql.DB, mark func(n int) string) {
	l.t.Helper()
	driver, source := "pgx", l.database
	mark = func(n int) string { return fmt.Sprint("$", n) }
	if path, ok := strings.CutPrefix(l.database, "sqlite:"); ok {
		driver, source = "sqlite3", "file:"+path+"?_busy_timeout=5000"
		mark = func(int) string { return "?" }
	}
	db, err := sql.Open(driver, source)
	apptest.Must(l.t, err, "open the database")
	return db, mark
}

// journalSize is the number of records in the journal.
func (l *crowd) journalSize() (size int64) {
	l.t.Helper()
	db, _ := l.aside()
	defer db.Close()
	apptest.Must(l.t, db.QueryRow("SELECT size FROM journal_head WHERE id = 1").Scan(&size), "read the journal's size")
	return size
}

// happened is what the journal says of each record between two sizes: which items it is about, by name.
func (l *crowd) happened(begin, end int64) map[int64][]string {
	t := l.t
	db, _ := l.aside()
	defer db.Close()
	rows, err := db.Query(fmt.Sprintf(`SELECT j.no, COALESCE(p.code, ''), COALESCE(k.no, '') FROM journal j
LEFT JOIN projects p ON p.id = j.project_id LEFT JOIN tickets k ON k.id = j.ticket_id WHERE j.no > %d AND j.no <= %d`, begin, end))
	apptest.Must(t, err, "read the journal")
	defer rows.Close()
	out := map[int64][]string{}
	for rows.Next() {
		var no int64
		var project, ticket string
		apptest.Must(t, rows.Scan(&no, &project, &ticket), "read the journal")
		out[no] = nil
		if project != "" {
			out[no] = append(out[no], "project/"+project)
		}
		if ticket != "" {
			out[no] = append(out[no], "ticket/"+ticket)
		}
	}
	apptest.Must(t, rows.Err(), "read the journal")
	if int64(len(out)) != end-begin {
		t.Fatalf("%d records between %d and %d", len(out), begin, end)
	}
	return out
}

// loadSees is what a person may see, by the lists of the product.
func loadSees(t *testing.T, a *app.App, account string) map[string]bool {
	t.Helper()
	ctx := context.Background()
	as, err := a.Actor(ctx, account)
	apptest.Must(t, err, "actor %s", account)
	out := map[string]bool{}
	projects, err := a.Projects(ctx, as, app.ProjectFilter{})
	apptest.Must(t, err, "list projects")
	for _, p := range projects {
		out["project/"+p.Project.Code] = true
	}
	tickets, err := a.Tickets(ctx, as, app.TicketFilter{Limit: 1_000_000})
	apptest.Must(t, err, "list tickets")
	for _, k := range tickets {
		out["ticket/"+k.No] = true
	}
	return out
}
