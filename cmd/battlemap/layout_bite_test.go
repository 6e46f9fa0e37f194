package main_test

import (
	"slices"
	"strings"
	"testing"
)

// TestLayoutBites shows every rule a source that it must refuse and one that it must leave alone.
func TestLayoutBites(t *testing.T) {
	long := func(n int) string { return strings.Repeat("// line\n", n) }
	body := strings.Repeat("\t_ = 1\n", 90)
	bitten := map[string]bool{}
	for _, c := range []struct {
		rule, file, source string
		want               string // part of the finding; empty: none
	}{
		{"floors", "app/tx.go", "package app\n\nimport \"battlemap/app/audit\"", ""},
		{"floors", "app/tx.go", "package app\n\nimport (\n\t\"fmt\"\n\t\"battlemap/templates\"\n)", "app/tx.go:5: app may not import templates"},
		{"floors", "app/audit/log.go", "package audit\n\nimport \"battlemap/app/calendar\"", "may not import app/calendar"},
		{"floors", "app/audit/log.go", "package audit\n\nimport \"database/sql\"", "is pure"},
		{"floors", "app/calendar/date.go", "package calendar\n\nimport \"database/sql/driver\"", ""},
		{"floors", "app/web/web.go", "package web\n\nimport (\n\t\"battlemap/app\"\n\t\"battlemap/templates\"\n)", ""},
		{"floors", "app/web/web.go", "package web\n\nimport \"battlemap/app/jobs\"", "may not import app/jobs"},
		{"floors", "app/web/web_test.go", "package web_test\n\nimport (\n\t\"battlemap/app/apptest\"\n\t\"battlemap/app/web\"\n)", ""},
		{"floors", "app/web/web.go", "package web\n\nimport \"battlemap/app/apptest\"", "may not import app/apptest"},
		{"floors", "workflows/machine_test.go", "package workflows_test\n\nimport \"battlemap/app/apptest\"", "may not import app/apptest"},
		{"floors", "app/apptest/app.go", "package apptest\n\nimport \"battlemap/app\"", ""},
		{"floors", "app/apptest/app.go", "package apptest\n\nimport \"battlemap/app/web\"", "may not import app/web"},
		{"floors", "e2e/board_test.go", "package e2e\n\nimport (\n\t\"battlemap/app/apptest\"\n\t\"battlemap/app/web\"\n)", ""},
		{"floors", "cmd/battlemap/main.go", "package main\n\nimport \"battlemap/e2e\"", "may not import e2e"},
		{"floors", "cmd/battlemap/main.go", "package main\n\nimport \"battlemap/app/web\"", ""},
		{"floors", "cmd/auditverify/main.go", "package main\n\nimport \"battlemap/app/audit\"", ""},
		{"floors", "cmd/auditverify/main.go", "package main\n\nimport \"battlemap/app\"", "may not import app"},
		{"floors", "app/report/report.go", "package report", "app/report/report.go:1: app/report has no floor"},
		{"floors", "app/tx.go", "package app\n\nimport . \"fmt\"", "dot import"},

		{"libraries", "app/web/web.go", "package web\n\nimport \"github.com/labstack/echo/v4\"", ""},
		{"libraries", "cmd/battlemap/main.go", "package main\n\nimport \"github.com/labstack/echo/v4/middleware\"", "imported only in app/web"},
		{"libraries", "app/sweep.go", "package app\n\nimport \"github.com/robfig/cron/v3\"", "imported only in app/jobs"},
		{"libraries", "app/db.go", "package app\n\nimport \"gorm.io/driver/sqlite\"", ""},
		{"libraries", "app/web/web_test.go", "package web\n\nimport \"gorm.io/gorm\"", "imported only in app and app/apptest"},

		{"cmd only", "app/tx.go", "package app\n\nimport \"time\"\n\nvar f = time.Now", "app/tx.go:5: time.Now outside cmd"},
		{"cmd only", "app/tx.go", "package app\n\nimport clock \"time\"\n\nfunc f() { clock.Sleep(1) }", "time.Sleep"},
		{"cmd only", "app/tx.go", "package app\n\nimport \"os\"\n\nfunc f() { os.Getenv(\"A\") }", "os.Getenv"},
		{"cmd only", "app/tx.go", "package app\n\nimport \"os\"\n\nfunc f() { os.LookupEnv(\"A\") }", "os.LookupEnv"},
		{"cmd only", "app/tx.go", "package app\n\nimport \"log/slog\"\n\nfunc f() { slog.Info(\"a\") }", "slog.Info"},
		{"cmd only", "app/tx.go", "package app\n\nimport \"log/slog\"\n\nfunc f() { slog.Default() }", "slog.Default"},
		{"cmd only", "app/tx.go", "package app\n\nimport \"log/slog\"\n\nfunc f(l *slog.Logger) { l.Info(\"a\", slog.Int(\"n\", 1)) }", ""},
		{"cmd only", "cmd/battlemap/main.go", "package main\n\nimport \"time\"\n\nfunc f() { time.Now() }", ""},
		{"cmd only", "app/tx_test.go", "package app\n\nimport \"os\"\n\nfunc f() { os.Getenv(\"A\") }", ""},

		{"init", "app/tx.go", "package app\n\nfunc init() {}", "app/tx.go:3: init()"},
		{"init", "app/tx.go", "package app\n\nfunc (t tx) init() {}", ""},
		{"init", "cmd/battlemap/main.go", "package main\n\nfunc init() {}", ""},

		{"gorm", "app/tx.go", "package app\n\nfunc f(t tx) { t.db.Save(1) }", "app/tx.go:3: gorm's Save"},
		{"gorm", "app/tx_test.go", "package app\n\nfunc f(t tx) { t.db.AutoMigrate() }", "AutoMigrate"},
		{"gorm", "app/tx.go", "package app\n\nimport \"example.cn/store\"\n\nfunc f() { store.Save(1) }", ""},

		{"globals", "app/tx.go", "package app\n\nvar cache = map[string]int{}", "app/tx.go:3: global cache"},
		{"globals", "app/tx.go", "package app\n\nvar n int", "global n"},
		{"globals", "app/tx.go", "package app\n\nimport \"errors\"\n\nvar a, b = errors.New(\"a\"), f()", "global a"},
		{"globals", "cmd/battlemap/main.go", "package main\n\nvar version string", "global version"},
		{"globals", "app/tx.go", "package app\n\nimport (\n\t\"errors\"\n\t\"regexp\"\n)\n\nvar (\n\tErrA = errors.New(\"a\")\n\tid = regexp.MustCompile(`a`)\n\t_ I = T{}\n)", ""},
		{"globals", "app/tx.go", "package app\n\nimport \"embed\"\n\n//go:embed a.sql\nvar files embed.FS", ""},
		{"globals", "app/tx.go", "package app\n\nfunc f() { var n int; _ = n }", ""},
		{"globals", "app/tx_test.go", "package app\n\nvar n int", ""},

		{"length", "app/tx.go", "package app\n" + long(449), ""},
		{"length", "app/tx.go", "package app\n" + long(450), "app/tx.go:451: 451 lines"},
		{"length", "app/tx.go", "package app\n\n// long: one table\n" + long(450), ""},
		{"length", "app/tx.go", "package app\n\n// long:\n" + long(450), "lines, at most 450"},
		{"length", "app/tx_test.go", "package app\n" + long(450), ""},
		{"length", "app/tx.go", "package app\n\nfunc f() {\n" + body + "}\n", "app/tx.go:3: f has 92 lines"},
		{"length", "app/tx.go", "package app\n\n// f does.\n// long: a flat switch\nfunc f() {\n" + body + "}\n", ""},

		{"names", "app/util/a.go", "package util", "app/util/a.go:1: package name \"util\""},
		{"names", "app/internal/mail/a.go", "package mail", "\"internal\""},
		{"names", "app/a.go", "package helpers", "\"helpers\""},
		{"names", "app/web/a.go", "package web", ""},
	} {
		pkg := c.file[:strings.LastIndex(c.file, "/")]
		f, err := parse(pkg, c.file, []byte(c.source))
		if err != nil {
			t.Fatal(err)
		}
		f.gorm = pkg == "app"
		found := rules()[c.rule](f)
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("%s refuses %s:\n%s\nfound %q", c.rule, c.file, c.source, found)
		case c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)):
			t.Errorf("%s on %s:\n%s\nfound %q, want %q", c.rule, c.file, c.source, found, c.want)
		}
		bitten[c.rule] = bitten[c.rule] || len(found) > 0
	}
	for name := range rules() {
		if !bitten[name] {
			t.Errorf("rule %q was never seen to refuse anything", name)
		}
	}
	if got := stray([]string{"app", "lib", ".github", "vendor"}); !slices.Equal(got, []string{"lib", "vendor"}) {
		t.Errorf("stray folders: %q", got)
	}
	if got := accused([]string{"fmt", "battlemap/app/audit", "battlemap/app"}); !slices.Equal(got, []string{"battlemap/app"}) {
		t.Errorf("auditverify: %q", got)
	}
}
