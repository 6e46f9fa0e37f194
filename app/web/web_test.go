package web_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"battlemap/app/apptest"
	"battlemap/app/web"
	"battlemap/templates"
)

// password is that of everyone in these tests.
const password = "eight dragons over the river"

// site serves the small district of apptest over HTTP, with options that a test may change.
func site(t *testing.T, change ...func(*web.Options)) (*apptest.World, *apptest.Small, *httptest.Server) {
	t.Helper()
	w := apptest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	small := w.Seed(t)
	return w, small, serve(t, w, change...)
}

func serve(t *testing.T, w *apptest.World, change ...func(*web.Options)) *httptest.Server {
	t.Helper()
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "parse templates")
	n := 0
	o := web.Options{App: w.App, Set: set, Log: w.Options.Log, NewID: func() string { n++; return "req-" + strconv.Itoa(n) }}
	for _, f := range change {
		f(&o)
	}
	handler, err := web.New(o)
	apptest.Must(t, err, "build the site")
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv
}

// browser is one person's browser: it keeps cookies, says that forms come from the site itself, and does not follow redirects.
type browser struct {
	t      *testing.T
	w      *apptest.World
	base   string
	client *http.Client
}

func newBrowser(t *testing.T, w *apptest.World, srv *httptest.Server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	apptest.Must(t, err, "make a cookie jar")
	return &browser{t: t, w: w, base: srv.URL, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a browser in which the person with that account has signed in.
func as(t *testing.T, w *apptest.World, srv *httptest.Server, account string) *browser {
	t.Helper()
	b := newBrowser(t, w, srv)
	b.signIn(account)
	return b
}

// signIn gives the account a password, and signs in with it over HTTP.
func (b *browser) signIn(account string) {
	b.t.Helper()
	b.w.Password(b.t, account, password)
	b.enter(account)
}

// enter signs in once more with the password that signIn has given.
func (b *browser) enter(account string) {
	b.t.Helper()
	if a := b.post("/login", url.Values{"account": {account}, "password": {password}}); a.status != http.StatusSeeOther {
		b.t.Fatalf("sign in as %s: status %d", account, a.status)
	}
}

// answer is what came back; text is the body without HTML escapes.
type answer struct {
	status   int
	header   http.Header
	body     string
	text     string
	location string
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	apptest.Must(b.t, err, "ask for %s", path)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	apptest.Must(b.t, err, "post to %s", path)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	resp, err := b.client.Do(r)
	apptest.Must(b.t, err, "%s %s", r.Method, r.URL.Path)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	apptest.Must(b.t, err, "read %s", r.URL.Path)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(body), text: html.UnescapeString(string(body)), location: resp.Header.Get("Location")}
}

// has fails the test unless the page came with that status and holds every one of the texts.
func (a answer) has(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d\n%.2000s", a.status, status, a.text)
	}
	for _, text := range texts {
		if !strings.Contains(a.text, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	return a
}

// lacks fails the test when the page holds one of the texts.
func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(a.text, text) {
			t.Errorf("the page holds %q and should not", text)
		}
	}
}

// went fails the test unless the answer goes on to that address.
func (a answer) went(t *testing.T, to string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.location != to {
		t.Errorf("status %d to %q, want 303 to %q\n%.2000s", a.status, a.location, to, a.text)
	}
}

// size is how many records the journal has: a refused form must not add any.
func size(t *testing.T, w *apptest.World) int64 {
	t.Helper()
	n, err := w.App.JournalSize(context.Background())
	apptest.Must(t, err, "read the journal's size")
	return n
}
