package web_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
)

// probe is the word by which a value would be found again in a statement.
const probe = "zqprobe"

// injections are values that are more than values to a database that reads them as text of a statement.
func injections() []string {
	return []string{probe + `'`, probe + `' OR '1'='1`, `1 OR 1=1 --` + probe, `id;DROP TABLE users;--` + probe, probe + "’ OR ’1’=’1", probe + `") OR 1=1--`, probe + "\\' OR 1=1#", `1) UNION SELECT account FROM users--` + probe,
		`-1/**/OR/**/1=1/*` + probe, "title DESC, (SELECT 1)--" + probe, probe + "%' ESCAPE '", "{" + probe + "}", "$1" + probe, "?" + probe, "@" + probe, ":" + probe}
}

var (
	linkQuery   = regexp.MustCompile(`(?:href|action|hx-get)="(/[^"?#]*)\?([^"#]*)"`)
	askingForm  = regexp.MustCompile(`(?s)<form[^>]*method="get"[^>]*>.*?</form>`)
	formAction  = regexp.MustCompile(`action="([^"?]*)`)
	fieldName   = regexp.MustCompile(`<(?:input|select)[^>]*\sname="([^"]+)"`)
	sourceParam = regexp.MustCompile(`(?:QueryParam|QueryParams\(\)\.Get|get)\("([a-z_]+)"\)`)
	sourceNames = regexp.MustCompile(`range \[\]string\{((?:"[a-z_]+"(?:, )?)+)\}`)
)

// parameters are the names that each path is asked with on the pages of the walk, and all names that the handlers ask for.
func parameters(t *testing.T, pages []seen) (byPath map[string]map[string]bool, all []string) {
	t.Helper()
	byPath, names := map[string]map[string]bool{}, map[string]bool{}
	note := func(path, name string) {
		if byPath[path] == nil {
			byPath[path] = map[string]bool{}
		}
		byPath[path][name], names[name] = true, true
	}
	for _, s := range pages {
		for _, m := range linkQuery.FindAllStringSubmatch(s.body, -1) {
			q, err := url.ParseQuery(html.UnescapeString(m[2]))
			if err != nil {
				continue
			}
			for name := range q {
				note(m[1], name)
			}
		}
		for _, form := range askingForm.FindAllString(s.body, -1) {
			path := ""
			if m := formAction.FindStringSubmatch(form); m != nil {
				path = m[1]
			}
			for _, m := range fieldName.FindAllStringSubmatch(form, -1) {
				note(path, m[1])
			}
		}
	}
	files, err := os.ReadDir(".")
	apptest.Must(t, err, "read the folder")
	for _, f := range files {
		if f.IsDir() || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		apptest.Must(t, err, "read %s", f.Name())
		for _, m := range sourceParam.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		for _, m := range sourceNames.FindAllStringSubmatch(string(text), -1) {
			for _, name := range strings.Split(m[1], ", ") {
				names[strings.Trim(name, `"`)] = true
			}
		}
	}
	return byPath, slices.Sorted(maps.Keys(names))
}

var rowsOfPage = regexp.MustCompile(`<tr|<li|data-item=|<option`)

// Check 11 (ASVS 1.2.4): a value of a query or of a path never becomes a part of a statement, as the statements themselves say, and finds no more than a value that there is not.
func TestCheck11ValuesStayValues(t *testing.T) {
	statements := apptest.Listen(t)
	f := newFull(t)
	byPath, all := parameters(t, walk(t))
	if len(all) < 50 {
		t.Fatalf("only %d names of parameters are known: %v", len(all), all)
	}
	dir := f.as(t, "dir")
	asked := 0
	ask := func(path string, q url.Values) answer {
		asked++
		a := dir.once(http.MethodGet, path+"?"+q.Encode(), nil)
		if a.status >= 500 {
			t.Errorf("GET %s?%s: status %d", path, q.Encode(), a.status)
		}
		return a
	}
	for _, r := range routes(t) {
		if r.method != http.MethodGet || strings.HasPrefix(r.pattern, "/static/") || r.pattern == "/healthz" {
			continue
		}
		path := f.address(t, r.pattern)
		for i, value := range injections() {
			everything := url.Values{}
			for _, name := range all {
				everything.Set(name, value)
			}
			if i%8 == 0 { // the names that matter are asked one by one below
				ask(path, everything)
			}
		}
		for name := range byPath[path] {
			unknown := ask(path, url.Values{name: {probe}})
			for i, value := range injections() {
				if i >= 2 && !strings.Contains("/tickets /journal /ledger /search /papers", r.pattern) {
					break
				}
				a := ask(path, url.Values{name: {value}})
				if more, want := len(rowsOfPage.FindAllString(a.body, -1)), len(rowsOfPage.FindAllString(unknown.body, -1)); a.status == http.StatusOK && unknown.status == http.StatusOK && more > want {
					t.Errorf("%s?%s=%s finds %d lines, an unknown value %d", path, name, value, more, want)
				}
			}
		}
		if i := strings.Index(r.pattern, ":"); i >= 0 {
			for _, value := range injections()[:4] {
				asked++
				if a := dir.once(http.MethodGet, r.pattern[:i]+url.PathEscape(value), nil); a.status != http.StatusNotFound {
					t.Errorf("%s with %s: status %d", r.pattern, value, a.status)
				}
			}
		}
	}
	if found := statements.With(probe); len(found) != 0 {
		t.Errorf("%d statements hold a value, such as %q", len(found), found[0])
	}
	if statements.Count() < 150 || asked < 400 || len(statements.With("select")) == 0 {
		t.Errorf("%d statements were heard for %d questions", statements.Count(), asked)
	}
}
