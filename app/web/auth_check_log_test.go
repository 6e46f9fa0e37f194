package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/web"
)

func networks(t *testing.T, text string) []*net.IPNet {
	t.Helper()
	if text == "" {
		return nil
	}
	_, n, err := net.ParseCIDR(text)
	apptest.Must(t, err, "parse %s", text)
	return []*net.IPNet{n}
}

// newest is the newest record of an action.
func newest(t *testing.T, w *apptest.World, action string) audit.Record {
	t.Helper()
	rows, err := w.App.Journal(context.Background(), app.System("test"), app.JournalFilter{Action: action, Limit: 1})
	apptest.Must(t, err, "read the journal")
	if len(rows) == 0 {
		t.Fatalf("no record of %s", action)
	}
	r, err := rows[0].Decoded()
	apptest.Must(t, err, "decode")
	return r
}

// Check 42: nothing of the machine stands on the listener that people reach: no metrics, profiles, sources or settings, and the version nowhere.
func TestCheck42NothingInternalIsServed(t *testing.T) {
	w, _, srv := site(t, func(o *web.Options) { o.Version = "battlemap v9.8.7-hidden go1.99" })
	admin, nobody := quick(t, w, srv.URL, "admin"), newBrowser(t, w, srv)
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/debug/requests", "/openapi.json", "/swagger", "/swagger/index.html", "/.git/config", "/.git/HEAD", "/.env", "/config",
		"/server-status", "/actuator/env", "/healthz/details", "/healthz?verbose=1", "/battlemap.db", "/checkpoint.key", "/static/", "/static/x/", "/static/x/../../../etc/passwd", "/static/x/%2e%2e/%2e%2e/web.go", "/files/", "/version", "/robots.txt.bak"} {
		for _, b := range []*browser{admin, nobody} {
			a := b.get(path)
			switch {
			case strings.HasPrefix(path, "/healthz?"):
				if a.status != 200 || a.body != "ok\n" {
					t.Errorf("%s says %d %q", path, a.status, a.body)
				}
			case a.status != 404 && !(a.status == 303 && strings.HasPrefix(a.location, "/login")):
				t.Errorf("%s: status %d to %q", path, a.status, a.location)
			}
			a.lacks(t, "goroutine ", "heap profile", "go_gc", "[core]", "PRIVATE+KEY")
		}
	}
	for _, path := range []string{"/login", "/me", "/map", "/desk", "/journal", "/wall", "/proof", "/doctor", "/nothing-here", "/healthz", "/live/since?after=0"} {
		a := admin.get(path)
		a.lacks(t, "9.8.7", "go1.99")
		for name, values := range a.header {
			if text := strings.Join(values, " "); strings.Contains(text, "9.8.7") || strings.Contains(strings.ToLower(text), "echo") || name == "Server" || name == "X-Powered-By" {
				t.Errorf("%s sends %s: %s", path, name, text)
			}
		}
	}
	if _, data := admin.listen("").next(); strings.Contains(data, "9.8.7") || !strings.Contains(data, `"version":"`) {
		t.Errorf("a stream begins with %s", data)
	}
}

// Check 44: whatever happens to security leaves one record or one line with who, when, where and what; none of them holds a secret.
func TestCheck44SecurityEventsAreOnRecord(t *testing.T) {
	w, s, srv := site(t)
	dir, admin := quick(t, w, srv.URL, "dir"), quick(t, w, srv.URL, "admin")
	hand, insp := quick(t, w, srv.URL, "gxj.hand"), quick(t, w, srv.URL, "insp")
	const wrong = "planted-wrong-Password-9"
	newBrowser(t, w, srv).post("/login", url.Values{"account": {"dir"}, "password": {wrong}}).has(t, 422)
	invite := admin.post("/people/users/invite", url.Values{"user": {num(s.Users["tf1"])}}).has(t, 200)
	setup := regexp.MustCompile(`/setup/([A-Za-z0-9_-]{43})`).FindStringSubmatch(invite.body)[1]
	admin.post("/people/grants", url.Values{"user_id": {num(s.Users["tf1"])}, "role": {"supervisor"}, "scope": {"district:0"}}).went(t, "/people#u-"+num(s.Users["tf1"]))
	admin.post("/papers/prefix", url.Values{"prefix": {"示例"}})
	insp.post("/journal/export", url.Values{}).has(t, 200)
	insp.post("/proof/checkpoints", url.Values{})
	wall := dir.hang("district")
	dir.post("/me/password", url.Values{"current": {wrong}, "password": {"a new sentence with spaces"}, "again": {"a new sentence with spaces"}}).has(t, 422)
	for _, action := range []string{"session.begin", "session.refuse", "user.invite", "grant.give", "setting.paper_prefix", "journal.export", "checkpoint.ask", "wall_link.add"} {
		r := newest(t, w, action)
		if r.Actor.Kind == "" || r.Actor.Name == "" || !strings.HasSuffix(r.At, "Z") || r.Address != "127.0.0.1" || r.Object.Kind == "" || !strings.HasPrefix(r.Request, "req-") {
			t.Errorf("%s is recorded as %+v", action, r)
		}
	}

	// What was refused changes nothing and stands in the operations log.
	before := size(t, w)
	refused := hand.post("/people/grants", url.Values{"user_id": {num(s.Users["gxj.hand"])}, "role": {"administrator"}, "scope": {"district:0"}}).has(t, 404)
	wantLine(t, w, `event=security.denied`, `who=gxj.hand`, `address=127.0.0.1`, `method=POST`, `path=/people/grants`, `id=`+refused.header.Get("X-Request-Id"))
	gone := hand.get("/tickets/2023-999").has(t, 404)
	wantLine(t, w, `event=security.missing`, `who=gxj.hand`, `path=/tickets/:no`, `object="no=2023-999"`, `id=`+gone.header.Get("X-Request-Id"))
	hand.get("/tickets/"+url.PathEscape("x\r\nlevel=ERROR msg=forged\x1b[2J")).has(t, 404)
	newBrowser(t, w, srv).get("/wall/planted-token-of-a-screen").has(t, 404)
	newBrowser(t, w, srv).get("/setup/planted-token-of-a-setup").has(t, 404)
	if got := size(t, w); got != before {
		t.Errorf("refused requests left %d records", got-before)
	}
	for range 8 {
		newBrowser(t, w, srv).post("/login", url.Values{"account": {"zjj.lead"}, "password": {wrong}}).has(t, 422)
	}
	newBrowser(t, w, srv).post("/login", url.Values{"account": {"zjj.lead"}, "password": {wrong}}).has(t, 429)
	wantLine(t, w, `event=security.limited`, `who=nobody`, `path=/login`, `address=127.0.0.1`)

	secrets := []string{password, wrong, setup, strings.TrimPrefix(wall, "/wall/"), "planted-token", dir.token("battlemap"), dir.token("battlemap-device"), w.Options.SigningKey}
	for _, line := range strings.Split(w.Log.String(), "\n") {
		if strings.ContainsAny(line, "\r\x1b") || strings.HasPrefix(line, "level=ERROR") || line != "" && !strings.HasPrefix(line, "time=") {
			t.Errorf("a line of the log was broken: %q", line)
		}
		for _, secret := range secrets {
			if strings.Contains(line, secret) {
				t.Errorf("the log holds the secret %q: %s", secret, line)
			}
		}
	}
}

func wantLine(t *testing.T, w *apptest.World, parts ...string) {
	t.Helper()
	for _, line := range strings.Split(w.Log.String(), "\n") {
		all := true
		for _, part := range parts {
			all = all && strings.Contains(line, part)
		}
		if all {
			return
		}
	}
	t.Errorf("no line of the log has %v", parts)
}

// Check 44: a user agent of several lines never reaches the product; the server refuses it.
func TestCheck44ForgedHeadersAreRefused(t *testing.T) {
	w, _, srv := site(t)
	for _, agent := range []string{"x\x1b[2J", "x\x00y", "x\x7fy"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
		apptest.Must(t, err, "dial")
		_, err = fmt.Fprintf(conn, "GET /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: %s\r\n\r\n", agent)
		apptest.Must(t, err, "send")
		reply, err := io.ReadAll(conn)
		apptest.Must(t, err, "read")
		apptest.Must(t, conn.Close(), "close")
		if !strings.HasPrefix(string(reply), "HTTP/1.1 400 ") {
			t.Errorf("%q was answered by %.40q", agent, reply)
		}
	}
	if strings.Contains(w.Log.String(), "\x1b") {
		t.Error("an escape reached the log")
	}
}

// bomb is a clock of the simulation that goes off.
type bomb struct{}

func (bomb) State() web.DemoState             { return web.DemoState{} }
func (bomb) Do(context.Context, string) error { panic("secret-of-the-panic in SELECT * FROM users") }

// fellFlat checks that an answer is the neutral page of an unknown error, with the request's id and nothing of the cause.
func (a answer) fellFlat(t *testing.T, doing string) {
	t.Helper()
	id := a.header.Get("X-Request-Id")
	if a.status != http.StatusInternalServerError || id == "" || !strings.Contains(a.text, id) || !strings.Contains(a.text, "系统出错") {
		t.Errorf("%s: status %d, id %q, page %.300q", doing, a.status, id, a.text)
	}
	a.lacks(t, "secret-of-the-panic", "SELECT", "sql:", "goroutine", ".go:", "no such table", "disk is full", "/app/")
	if len(a.header.Values("Set-Cookie")) != 0 {
		t.Errorf("%s: sets %v", doing, a.header.Values("Set-Cookie"))
	}
}

// Check 45: a handler that panics is a neutral page with a request id; the log has all of it and the process goes on.
func TestCheck45APanicIsANeutralPage(t *testing.T) {
	w, _, srv := site(t, func(o *web.Options) { o.Demo = bomb{} })
	b := quick(t, w, srv.URL, "sup")
	a := b.post("/demo/step", nil)
	a.fellFlat(t, "a panic")
	wantLine(t, w, "secret-of-the-panic", "id="+a.header.Get("X-Request-Id"), "path=/demo/:action")
	b.get("/me").has(t, 200)
}

// Check 45: a database that is gone lets nobody in and shows nothing, on every page, and says so in words with a request id.
func TestCheck45ADatabaseThatIsGoneOpensNothing(t *testing.T) {
	w, s, _ := site(t)
	k := pending(t, w, s, "gxj")
	var log bytes.Buffer
	opt := w.Options
	opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	node, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open a node")
	srv := serve(t, &apptest.World{App: node, Clock: w.Clock, Options: opt}, func(o *web.Options) { o.NewID = rand.Text })
	b := quick(t, w, srv.URL, "dir")
	b.get("/tickets/"+k.No).has(t, 200, k.No)
	apptest.Must(t, node.Close(), "take the database away")
	for _, path := range []string{"/login", "/me", "/map", "/desk", "/tickets/" + k.No, "/journal", "/wall/some-token", "/setup/some-token", "/live", "/wall/live", "/palette?q=x", "/files/x"} {
		a := b.get(path)
		a.fellFlat(t, "GET "+path)
		a.lacks(t, k.No, "示例事项")
	}
	for path, form := range map[string]url.Values{
		"/login":                     {"account": {"dir"}, "password": {password}},
		"/tickets/" + k.No + "/move": {"version": {num(k.Version)}, "move": {"approve"}},
		"/setup":                     {"token": {"x"}},
		"/logout":                    {},
	} {
		b.post(path, form).fellFlat(t, "POST "+path)
	}
	if a := b.get("/healthz"); a.status != http.StatusServiceUnavailable || a.body != "not ready\n" {
		t.Errorf("healthz says %d %q", a.status, a.body)
	}
	if !strings.Contains(log.String(), "database is closed") {
		t.Error("the log does not say what happened")
	}
}

// Check 45: where the rights of a person can't be read, nothing is allowed; where nothing can be written, nothing is done; and when it is mended, all goes on.
func TestCheck45ErrorsFailClosed(t *testing.T) {
	w, s, srv := site(t)
	k := pending(t, w, s, "gxj")
	b := quick(t, w, srv.URL, "dir")
	b.get("/tickets/"+k.No).has(t, 200)
	approve := url.Values{"version": {num(k.Version)}, "move": {"approve"}}
	for _, table := range []string{"role_grants", "sessions", "users"} {
		rename(t, w, table, table+"_gone")
		for _, path := range []string{"/tickets/" + k.No, "/map", "/journal", "/people", "/proof"} {
			if a := b.get(path); a.status == 200 {
				t.Errorf("without %s, %s is shown", table, path)
			} else if a.status >= 500 {
				a.fellFlat(t, "without "+table+", "+path)
			}
		}
		b.post("/tickets/"+k.No+"/move", approve).fellFlat(t, "a move without "+table)
		rename(t, w, table+"_gone", table)
		b.get("/tickets/"+k.No).has(t, 200, k.No)
	}
	before := size(t, w)
	w.Past(t, "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END")
	b.post("/tickets/"+k.No+"/move", approve).fellFlat(t, "a move on a full disk")
	newBrowser(t, w, srv).post("/login", url.Values{"account": {"dir"}, "password": {password}}).fellFlat(t, "a sign-in that can't be recorded")
	newBrowser(t, w, srv).post("/login", url.Values{"account": {"dir"}, "password": {"wrong-Password-9"}}).fellFlat(t, "a refusal that can't be recorded")
	if size(t, w) != before {
		t.Error("something was recorded on a full disk")
	}
	b.get("/tickets/"+k.No).has(t, 200, k.No) // reading goes on
	w.Past(t, "DROP TRIGGER full")
	b.post("/tickets/"+k.No+"/move", approve).went(t, "/tickets/"+k.No)
}

func rename(t *testing.T, w *apptest.World, from, to string) {
	t.Helper()
	w.Past(t, "ALTER TABLE "+from+" RENAME TO "+to+"; UPDATE register SET version = version + 1") // what is remembered of people must be asked for anew
}
