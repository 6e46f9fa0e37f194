package web

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
)

func answers(*call) error { return nil }

// A row that says too little, says it wrongly or twice, keeps the site from being built; the message names the row.
func TestTableRefusesIncompleteRows(t *testing.T) {
	good := route{get, "/tickets/:no", "read", "ticket", inSight, answers, nil}
	if err := check([]route{good}); err != nil {
		t.Fatalf("a whole row is refused: %v", err)
	}
	for says, break1 := range map[string]func(*route){
		"has no method":           func(r *route) { r.method = "" },
		"has no action":           func(r *route) { r.action = "" },
		"has no object":           func(r *route) { r.object = "" },
		"has no policy":           func(r *route) { r.policy = "" },
		"has no handler":          func(r *route) { r.do = nil },
		"which is no thing":       func(r *route) { r.object, r.path = "tikcet", "/tickets" },
		"which nobody asks":       func(r *route) { r.policy = "everybody" },
		"whom its path does not":  func(r *route) { r.path = "/tickets/:id" },
		"is about project, whom":  func(r *route) { r.object = "project" },
		"is about nothing, whom":  func(r *route) { r.object = "nothing" },
		"is about ticket, whom":   func(r *route) { r.path = "/tickets/:no/parts/:id" },
		"is about decision, whom": func(r *route) { r.object, r.path = "decision", "/meetings/:no/decisions/:id/:more" },
	} {
		r := good
		break1(&r)
		if err := check([]route{r}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("a row that should be refused with %q: %v", says, err)
		}
	}
	if err := check([]route{good, good}); err == nil || !strings.Contains(err.Error(), "GET /tickets/:no stands in the table twice") {
		t.Errorf("the same row twice: %v", err)
	}
}

// A route that somebody puts before the router past the table keeps the site from being built.
func TestRouterAnswersTheTableOnly(t *testing.T) {
	s := &server{}
	e := echo.New()
	if err := s.register(e, s.table()); err != nil {
		t.Fatalf("the table: %v", err)
	}
	for name, past := range map[string]func(*echo.Echo){
		"GET /backdoor":                  func(e *echo.Echo) { e.GET("/backdoor", nil) },
		"PUT /tickets/:no":               func(e *echo.Echo) { e.PUT("/tickets/:no", nil) },
		"GET /metrics*":                  func(e *echo.Echo) { e.Static("/metrics", "testdata") },
		"echo_route_not_found /secret/*": func(e *echo.Echo) { e.Group("/secret", s.needUser) },
	} {
		e := echo.New()
		past(e)
		if err := s.register(e, s.table()); err == nil || !strings.Contains(err.Error(), "route "+name+" is not in the table") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.NewID = func() string { return "" }
	if _, err := New(Options{}); err == nil {
		t.Error("a site without an App is built")
	}
}

// Only a POST changes something, so the methods are two, with the one for addresses that no route has.
func TestTableHasTwoMethods(t *testing.T) {
	for _, r := range (&server{}).table() {
		if r.method != http.MethodGet && r.method != http.MethodPost && r.method != echo.RouteNotFound {
			t.Errorf("%s %s: a method that the forms of this site can't send", r.method, r.path)
		}
	}
}

// A policy that the table leaves to the door is a function of package app, and a right a field of app.Rights that is asked before the handler.
func TestPoliciesAreAsked(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			source.Write(text)
		}
	}
	used := map[policy]bool{}
	for _, r := range (&server{}).table() {
		used[r.policy] = true
	}
	for _, p := range doorPolicies() {
		if !used[p] {
			t.Errorf("no route has the policy %s", p)
		}
		if !regexp.MustCompile(`(?m)^func (\(\w+ \*?\w+\) )?` + string(p) + `\(`).MatchString(source.String()) {
			t.Errorf("package app has no function %s, which a policy names", p)
		}
	}
	for p := range used {
		if strings.HasPrefix(string(p), "Rights.") && p.right() == nil {
			t.Errorf("nobody asks for %s", p)
		}
	}
}
