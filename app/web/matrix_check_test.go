package web_test

import (
	"context"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
)

// concrete is the path of a route with something in the place of its parameters.
func concrete(path string) string {
	return strings.ReplaceAll(regexp.MustCompile(`:\w+`).ReplaceAllString(path, "x1"), "*", "x1")
}

// untouched fails when a table has changed.
func (a *arena) untouched(t *testing.T, doing string) {
	t.Helper()
	if touched := a.changed(); len(touched) > 0 {
		t.Errorf("%s changed %v", doing, touched)
	}
}

// Check 6: a form that another site sends, or a page of a neighbouring host, is refused by every route that changes something, before anything is looked at.
func TestCheck06OtherSitesCanSendNoForm(t *testing.T) {
	a := newArena(t, "", "admin")
	for _, r := range web.Table() {
		if r.Method != http.MethodPost {
			continue
		}
		for name, value := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site", "sec-fetch-site": "same-site"} {
			req, err := http.NewRequest(http.MethodPost, a.srv.URL+concrete(r.Path), strings.NewReader("sure=1"))
			apptest.Must(t, err, "post")
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(name, value)
			req.AddCookie(&http.Cookie{Name: "battlemap", Value: a.keys["admin"]})
			if got := a.send(req).status; got != http.StatusForbidden {
				t.Errorf("POST %s with %s: %s answers %d", r.Path, name, value, got)
			}
		}
	}
	a.untouched(t, "a form of another site")
}

// Check 7: looking changes nothing. Every GET of the matrix, twice, by one who sees everything and by one of a unit; a HEAD is not answered. What an inspector looks at
// leaves its record, and nothing else (readings). In the short form each block has one of the three persons, the next one the next, and is looked at once.
func TestCheck07LookingChangesNothing(t *testing.T) { engines(t, look) }

func look(t *testing.T, postgres string, whole bool) {
	people := []string{"dir", "gxj.hand", "insp"}
	a := newArena(t, postgres, people...)
	first := a.pristine
	looked, answered := 0, 0
	for at, b := range readMatrix(t) {
		if b.method != http.MethodGet {
			continue
		}
		path, _ := b.at(a.words["own"])
		for i, account := range people {
			if !whole && i != at%len(people) {
				continue
			}
			times := 1
			if whole {
				times = 2
			}
			for range times {
				looked++
				if a.ask(account, http.MethodGet, path, "").status == http.StatusOK {
					answered++
				}
			}
			if got := a.ask(account, http.MethodHead, path, "").status; got != http.StatusMethodNotAllowed {
				t.Errorf("HEAD %s: %d", path, got)
			}
			noted := account == "insp" || strings.HasSuffix(b.path, "csv")
			touched := slices.DeleteFunc(a.changed(), func(table string) bool { return noted && slices.Contains(readings(), table) })
			if len(touched) > 0 {
				t.Fatalf("GET %s as %s changed %v", path, account, touched)
			}
			if noted {
				a.pristine = a.tables()
			}
		}
	}
	t.Logf("%s: %d looks, %d of them at a page", a.engine(), looked, answered)
	if answered < 60 {
		t.Errorf("only %d of %d looks showed a page", answered, looked)
	}
	a.pristine = first
	a.bites(t)
}

// Check 36: a request that names one object in its path and another in its query or form is refused, and a part of another object is not there.
func TestCheck36OneRequestNamesOneObject(t *testing.T) {
	a := newArena(t, "", "dir", "sup")
	for _, r := range web.Table() {
		for _, name := range regexp.MustCompile(`:(\w+)`).FindAllStringSubmatch(r.Path, -1) {
			if got := a.ask("dir", r.Method, concrete(r.Path)+"?"+name[1]+"=x2", "").status; got != http.StatusBadRequest {
				t.Errorf("%s %s with another %s in the query: %d", r.Method, r.Path, name[1], got)
			}
		}
	}
	own, other := a.words["own"], a.words["unit"]
	other["own.v"] = own["ticket.v"]
	for _, no := range []string{"/tickets/{ticket}/comments", "/tickets/{ticket}/move", "/tickets/{ticket}/hand", "/triage/{ticket}"} {
		if got := a.ask("sup", http.MethodPost, fill(no, own), fill("no={ticket}&body=x&reason=x", other)).status; got != http.StatusBadRequest {
			t.Errorf("POST %s with another ticket in the form: %d", no, got)
		}
	}
	for path, form := range map[string]string{
		"/projects/{project}/comments":            "code=P-999&body=x",
		"/papers/{answered}/decide":               "code=blue_slip-2023-9&version=2&verdict=accept",
		"/meetings/{held}/decisions/{decision}":   "id=9999&verb=finish&version=1&note=x",
		"/journal/export?no=1":                    "no=2",
		"/projects/{project}/comments?body=other": "body=x",
	} {
		if got := a.ask("dir", http.MethodPost, fill(path, own), form).status; got != http.StatusBadRequest && path != "/journal/export?no=1" {
			t.Errorf("POST %s with %s: %d", path, form, got)
		}
	}
	a.restore()
	for path, form := range map[string]string{
		"/projects/{project}/files/withdraw":    "file={file}&reason=x",
		"/tickets/{ticket}/files/withdraw":      "file={file}&reason=x",
		"/projects/{project}/comments/withdraw": "comment={comment}&reason=x",
		"/tickets/{ticket}/comments/withdraw":   "comment={remark}&reason=x",
		"/projects/{claimed}/decide":            "claim={claim}&version={claim.v}&do=accept",
		"/projects/{project}/milestones/move":   "do=revise&milestone={stone}&version-{stone}={stone.v}&revised_on=2023-08-31&reason=x",
		"/tickets/{shared}/reply":               "part={part}&version=1&reply=x",
		"/tickets/{ticket}/unlink":              "version={own.v}&link={link}",
	} {
		got, missing := a.ask("dir", http.MethodPost, fill(path, own), fill(form, other)).status, http.StatusNotFound
		if strings.HasSuffix(path, "/unlink") { // a ticket that has no such link says so, whoever has it
			missing = a.ask("dir", http.MethodPost, fill(path, own), fill("version={own.v}&link=9999", other)).status
		}
		if got != missing {
			t.Errorf("POST %s with a part of another one: %d", path, got)
		}
		a.untouched(t, "a part of another object")
	}
	if got := a.ask("dir", http.MethodPost, "/meetings/"+own["held"]+"/decisions/"+other["decision"], "verb=finish&note=x&version="+other["decision.v"]).status; got != http.StatusNotFound {
		t.Errorf("the decision of another meeting: %d", got)
	}
	a.untouched(t, "the decision of another meeting")
}

// Check 38: a role that is taken away is gone with the next request, on the node that took it and on another over the same database.
func TestCheck38RolesAreGoneAtOnce(t *testing.T) {
	for name, postgres := range map[string]string{"sqlite": "", "postgres": os.Getenv("BATTLEMAP_TEST_POSTGRES")} {
		t.Run(name, func(t *testing.T) {
			if name == "postgres" && postgres == "" {
				t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
			}
			a := newArena(t, postgres, "tf1m", "admin")
			second := *a
			if postgres != "" { // SQLite has one node
				o := a.w.Options
				o.Node = "second"
				other, err := app.Open(context.Background(), o)
				apptest.Must(t, err, "open a second node")
				w := *a.w
				w.App = other
				second.w = &w
				second.serve()
				t.Cleanup(func() { second.srv.Close(); apptest.Must(t, other.Close(), "close the second node") })
			}
			path, comment := fill("/tickets/{draft}", a.words["own"]), fill("/tickets/{draft}/comments", a.words["own"])
			for _, node := range []*arena{a, &second} {
				if got := node.ask("tf1m", http.MethodGet, path, "").status; got != http.StatusOK {
					t.Fatalf("before: %d", got)
				}
			}
			grant := a.one("SELECT id FROM role_grants WHERE user_id = ?", a.small.Users["tf1m"])
			if got := a.ask("admin", http.MethodPost, "/people/grants/end", "grant="+grant).status; got != http.StatusSeeOther {
				t.Fatalf("end the grant: %d", got)
			}
			before := a.one("SELECT COUNT(*) FROM comments")
			for _, node := range []*arena{&second, a} {
				if got := node.ask("tf1m", http.MethodGet, path, "").status; got != http.StatusNotFound {
					t.Errorf("the ticket is still read: %d", got)
				}
				if got := node.ask("tf1m", http.MethodPost, comment, "body=x").status; got != http.StatusNotFound {
					t.Errorf("the ticket is still commented on: %d", got)
				}
			}
			if after := a.one("SELECT COUNT(*) FROM comments"); after != before {
				t.Errorf("%s comments became %s", before, after)
			}
		})
	}
}

// Check 41: methods that no route declares are 405 everywhere, and a method that a path does not have does nothing.
func TestCheck41UndeclaredMethods(t *testing.T) {
	a := newArena(t, "", "admin")
	for _, r := range web.Table() {
		for _, method := range []string{http.MethodTrace, http.MethodOptions, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, "PROPFIND", "BREW"} {
			if got := a.ask("admin", method, concrete(r.Path), "").status; got != http.StatusMethodNotAllowed {
				t.Errorf("%s %s: %d", method, r.Path, got)
			}
		}
		other := map[string]string{http.MethodGet: http.MethodPost, http.MethodPost: http.MethodGet}[r.Method]
		if other == "" || slices.ContainsFunc(web.Table(), func(o web.Row) bool {
			return o.Method == other && fits(o.Path, strings.ReplaceAll(concrete(r.Path), "x1", "{x}"))
		}) {
			continue
		}
		if got := a.ask("admin", other, concrete(r.Path), "").status; got != http.StatusMethodNotAllowed && got != http.StatusNotFound {
			t.Errorf("%s %s: %d", other, r.Path, got)
		}
	}
	a.untouched(t, "an undeclared method")
}

// Check 43: a field that comes twice is refused everywhere, in the query, in the form, and once in each; only what the table lists may come several times.
func TestCheck43DuplicateFields(t *testing.T) { engines(t, giveTwice) }

func giveTwice(t *testing.T, postgres string, whole bool) {
	a := newArena(t, postgres, columns()[1:]...)
	refused, forms := 0, map[web.Row]int{}
	refuses := func(account, method, path, form, what string) {
		t.Helper()
		refused++
		if got := a.ask(account, method, path, form).status; got != http.StatusBadRequest {
			t.Errorf("%s %s with %s: %d", method, path, what, got)
		}
	}
	for _, r := range web.Table() {
		if r.Method == http.MethodGet || r.Method == http.MethodPost {
			refuses("admin", r.Method, concrete(r.Path)+"?field=1&field=2", "", "a field twice")
		}
	}
	for _, b := range readMatrix(t) {
		i, r := slices.Index(b.cells("own"), "+"), b.rowOf(t)
		if b.method != http.MethodPost || i < 1 || b.send == "" || !whole && forms[r] > 0 {
			continue
		}
		forms[r]++
		path, form := b.at(a.words["own"])
		refuses(columns()[i], http.MethodPost, path, form+"&field=1&field=2", "a field twice in the form")
		with := "?"
		if strings.Contains(path, "?") {
			with = "&"
		}
		refuses(columns()[i], http.MethodPost, path+with+"field=1", form+"&field=2", "a field in query and form")
	}
	a.untouched(t, "a field that came twice")
	ask := "/moves?item=ticket/" + a.words["own"]["ticket"] + "&item=ticket/" + a.words["unit"]["ticket"]
	if got := a.ask("dir", http.MethodGet, ask, "").status; got != http.StatusOK {
		t.Errorf("a field that the table lists: %d", got)
	}
	t.Logf("%s: %d requests with a field twice, to the forms of %d routes among them", a.engine(), refused, len(forms))
	if len(forms) < 50 {
		t.Errorf("the forms of only %d routes were sent", len(forms))
	}
	a.bites(t)
}
