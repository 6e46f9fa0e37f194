package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of the PostgreSQL half

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
	"battlemap/templates"
)

// columns are the people of the matrix: nobody is not signed in, the next nine hold one role each, and guar has an account without a role.
func columns() []string {
	return []string{"nobody", "admin", "leader", "dir", "sup", "insp", "tf1", "tf1m", "gxj.lead", "gxj.hand", "guar"}
}

// arena is a real server on a real database that can be put back to how it began.
type arena struct {
	t        *testing.T
	w        *apptest.World
	small    *apptest.Small
	srv      *httptest.Server
	set      *templates.Set
	db       *sql.DB // past the App
	client   *http.Client
	keys     map[string]string // session cookies by account
	words    map[string]map[string]string
	postgres string // URL of the server, "" on SQLite
	home     string // the template: a file, or a database
	name     string // the database in use
	pristine map[string]string
	mark     string // of the last commit seen
	restored int
}

func newArena(t *testing.T, postgres string, accounts ...string) *arena {
	t.Helper()
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "parse templates")
	a := &arena{t: t, set: set, postgres: postgres, keys: map[string]string{}, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	sum := sha256.Sum256([]byte(rand.Text()))
	a.home = "matrix_" + hex.EncodeToString(sum[:6])
	if postgres == "" {
		a.home = filepath.Join(t.TempDir(), "home.db")
	} else {
		a.admin("CREATE DATABASE " + a.home)
	}
	opt, clock := apptest.Options(t, a.address(a.home))
	a.w = &apptest.World{Clock: clock, Options: opt}
	a.w.Reopen(t)
	a.small = a.w.Seed(t)
	a.aside(a.home)
	a.words = stocked(t, a.w, a.small, strings.TrimPrefix(set.AssetPath("app.css"), "/static/"), a.one)
	a.serve()
	for _, account := range accounts {
		a.w.Password(t, account, password)
		entry, err := a.w.App.SignIn(context.Background(), app.SignIn{Account: account, Password: password, Address: "127.0.0.1", Agent: "test"})
		apptest.Must(t, err, "sign in")
		a.keys[account] = entry.Token
	}
	a.pristine = a.tables()
	a.shut()
	a.restore()
	t.Cleanup(func() {
		a.shut()
		if postgres != "" {
			a.admin("DROP DATABASE IF EXISTS " + a.name)
			a.admin("DROP DATABASE " + a.home)
		}
	})
	return a
}

// address is a database as the App is told of it.
func (a *arena) address(name string) string {
	if a.postgres == "" {
		return "sqlite:" + name
	}
	u, err := url.Parse(a.postgres)
	apptest.Must(a.t, err, "read the address of PostgreSQL")
	u.Path = "/" + name
	return u.String()
}

// admin runs a statement on the server's own database.
func (a *arena) admin(statement string) {
	a.t.Helper()
	db, err := sql.Open("pgx", a.postgres)
	apptest.Must(a.t, err, "open PostgreSQL")
	defer db.Close()
	_, err = db.Exec(statement)
	apptest.Must(a.t, err, "%s", statement)
}

// aside opens the connection past the App.
func (a *arena) aside(name string) {
	a.t.Helper()
	driver, address := "sqlite3", "file:"+name+"?_busy_timeout=5000"
	if a.postgres != "" {
		driver, address = "pgx", a.address(name)
	}
	var err error
	a.db, err = sql.Open(driver, address)
	apptest.Must(a.t, err, "open %s", name)
	a.db.SetMaxOpenConns(1)
	a.name = name
}

// one reads a value past the App, "" where there is none.
func (a *arena) one(query string, args ...any) string {
	a.t.Helper()
	if a.postgres != "" {
		for i := 1; strings.Contains(query, "?"); i++ {
			query = strings.Replace(query, "?", fmt.Sprintf("$%d", i), 1)
		}
	}
	var out sql.NullString
	if err := a.db.QueryRow(query, args...).Scan(&out); err != nil && err != sql.ErrNoRows {
		a.t.Fatalf("%s: %v", query, err)
	}
	return out.String
}

func (a *arena) serve() {
	a.t.Helper()
	handler, err := web.New(web.Options{App: a.w.App, Set: a.set, Log: a.w.Options.Log, NewID: func() string { return "request" }})
	apptest.Must(a.t, err, "build the site")
	a.srv = httptest.NewServer(handler)
}

func (a *arena) shut() {
	a.t.Helper()
	a.client.CloseIdleConnections()
	a.srv.Close()
	apptest.Must(a.t, a.w.App.Close(), "close the App")
	apptest.Must(a.t, a.db.Close(), "close the database")
	a.w.App = nil
}

// restore puts the database back and serves it.
func (a *arena) restore() {
	a.t.Helper()
	old := a.name
	if a.w.App != nil {
		a.shut()
	}
	a.restored++
	name := fmt.Sprintf("%s_%d", strings.TrimSuffix(a.home, ".db"), a.restored)
	if a.postgres == "" {
		text, err := os.ReadFile(a.home)
		apptest.Must(a.t, err, "read the template")
		apptest.Must(a.t, os.WriteFile(name, text, 0o600), "copy the template")
	} else {
		if old != a.home {
			a.admin("DROP DATABASE " + old)
		}
		a.admin("CREATE DATABASE " + name + " TEMPLATE " + a.home)
	}
	a.w.Options.Database = a.address(name)
	a.w.Reopen(a.t)
	a.aside(name)
	a.serve()
	a.mark = a.commits()
}

// commits changes with every commit of another connection, and on PostgreSQL with some that are none.
func (a *arena) commits() string {
	a.t.Helper()
	if a.postgres == "" {
		return a.one("PRAGMA data_version")
	}
	return a.one("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
}

// changed lists the tables that are not as they were in the template; when nothing was committed since the last time, none can have changed.
func (a *arena) changed() []string {
	a.t.Helper()
	mark := a.commits()
	if mark == a.mark {
		return nil
	}
	a.mark = mark
	var out []string
	for name, sum := range a.tables() {
		if a.pristine[name] != sum {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// tables are the checksums of all rows of all tables. Of sessions and of the links of
// screens, when one was last seen is left out: it is the only thing that looking changes.
func (a *arena) tables() map[string]string {
	a.t.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	if a.postgres != "" {
		list = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	out := map[string]string{}
	for _, name := range a.column(list) {
		what := "*"
		if name == "sessions" {
			what = "token_hash, user_id, expires_at"
		}
		if name == "wall_links" {
			what = "id, version, name, task_force_id, expires_on, revoked_at"
		}
		sum := sha256.Sum256([]byte(strings.Join(a.lines("SELECT "+what+" FROM "+name), "\n")))
		out[name] = hex.EncodeToString(sum[:])
	}
	return out
}

// engine is the kind of its database.
func (a *arena) engine() string {
	if a.postgres == "" {
		return "SQLite"
	}
	return "PostgreSQL"
}

// bites fails when a change would not be seen: a comment, which must show in its table and in the journal.
func (a *arena) bites(t *testing.T) {
	t.Helper()
	a.restore()
	a.untouched(t, "nothing")
	if got := a.ask("dir", http.MethodPost, fill("/tickets/{ticket}/comments", a.words["own"]), "body=x").status; got != http.StatusSeeOther {
		t.Errorf("a comment: %d", got)
	}
	if touched := a.changed(); !slices.Contains(touched, "comments") || !slices.Contains(touched, "journal") {
		t.Errorf("a comment changed %v", touched)
	}
	a.restore()
}

func (a *arena) column(query string) []string {
	a.t.Helper()
	lines := a.lines(query)
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "|")
	}
	return lines
}

// lines are the rows of a query as text, in order of the text.
func (a *arena) lines(query string) []string {
	a.t.Helper()
	rows, err := a.db.Query(query)
	apptest.Must(a.t, err, "%s", query)
	defer rows.Close()
	names, err := rows.Columns()
	apptest.Must(a.t, err, "%s", query)
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	var out []string
	for rows.Next() {
		apptest.Must(a.t, rows.Scan(into...), "%s", query)
		var line strings.Builder
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			fmt.Fprintf(&line, "%v|", v)
		}
		out = append(out, line.String())
	}
	apptest.Must(a.t, rows.Err(), "%s", query)
	slices.Sort(out)
	return out
}

// said is what came back.
type said struct {
	status   int
	location string
	head     string // names and values of headers, but for the date and the length
	body     string
}

// ask sends one request as a person; of a stream of events it reads the first part.
func (a *arena) ask(account, method, path, form string) said {
	a.t.Helper()
	return a.carry(account, method, path, "application/x-www-form-urlencoded", form)
}

// hand sends a form with a file, whose name and text are parted by a space.
func (a *arena) hand(account, path, form, file string) said {
	a.t.Helper()
	fields, err := url.ParseQuery(form)
	apptest.Must(a.t, err, "read the form of %s", path)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name := range fields {
		apptest.Must(a.t, w.WriteField(name, fields.Get(name)), "write a field")
	}
	name, text, _ := strings.Cut(file, " ")
	part, err := w.CreateFormFile("file", name)
	apptest.Must(a.t, err, "begin a file")
	_, err = io.WriteString(part, text)
	apptest.Must(a.t, err, "write a file")
	apptest.Must(a.t, w.Close(), "end a form")
	return a.carry(account, http.MethodPost, path, w.FormDataContentType(), body.String())
}

// carry sends a body of a type as a person.
func (a *arena) carry(account, method, path, kind, body string) said {
	a.t.Helper()
	r, err := http.NewRequest(method, a.srv.URL+path, strings.NewReader(body))
	apptest.Must(a.t, err, "ask for %s", path)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if key := a.keys[account]; key != "" {
		r.AddCookie(&http.Cookie{Name: "battlemap", Value: key})
	}
	return a.send(r)
}

func (a *arena) send(r *http.Request) said {
	a.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	resp, err := a.client.Do(r.WithContext(ctx))
	apptest.Must(a.t, err, "%s %s", r.Method, r.URL)
	defer resp.Body.Close()
	var body []byte
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		body = make([]byte, 1<<16)
		n, err := resp.Body.Read(body)
		if err != nil && err != io.EOF {
			a.t.Fatalf("read %s: %v", r.URL, err)
		}
		body = body[:n]
	} else if body, err = io.ReadAll(resp.Body); err != nil {
		a.t.Fatalf("read %s: %v", r.URL, err)
	}
	out := said{status: resp.StatusCode, location: resp.Header.Get("Location"), body: string(body)}
	var head []string
	for name, values := range resp.Header {
		if name != "Date" && name != "Content-Length" {
			head = append(head, name+": "+strings.Join(values, ", "))
		}
	}
	slices.Sort(head)
	out.head = strings.Join(head, "\n")
	return out
}

// without is an answer without the address that was asked for, which a page repeats.
func (s said) without(path string) string {
	body := s.body
	if u, err := url.Parse(path); err == nil {
		path = u.RequestURI()
	}
	for _, text := range []string{url.QueryEscape(path), html.EscapeString(path), path} {
		body = strings.ReplaceAll(body, text, "ADDRESS")
	}
	return fmt.Sprintf("%d\n%s\n\n%s", s.status, s.head, body)
}
