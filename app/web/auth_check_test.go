package web_test

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
)

// quick is a browser for the site at an address in which the person with that account has signed in.
func quick(t *testing.T, w *apptest.World, base string, account string) *browser {
	t.Helper()
	b := browserAt(t, w, base)
	b.signIn(account)
	return b
}

// browserAt is a browser for the site at an address.
func browserAt(t *testing.T, w *apptest.World, base string) *browser {
	t.Helper()
	return newBrowser(t, w, &httptest.Server{URL: base})
}

// token is the value of the browser's cookie of that name.
func (b *browser) token(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.base)
	apptest.Must(b.t, err, "parse")
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// holding is a browser that has one cookie of that value and nothing else.
func holding(t *testing.T, w *apptest.World, base, name, value string) *browser {
	t.Helper()
	b := browserAt(t, w, base)
	u, err := url.Parse(base)
	apptest.Must(t, err, "parse")
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
	return b
}

// ends reads a stream to its end.
func (s *stream) ends() (names []string) {
	for {
		name, data := s.next()
		if name == "" {
			return names
		}
		names = append(names, name+" "+data)
	}
}

// Check 25: whether an account exists does not show in status, page, or header of a refused sign-in.
func TestCheck25RefusedSignInsLookTheSame(t *testing.T) {
	w, s, srv := site(t)
	quick(t, w, srv.URL, "sup")
	quick(t, w, srv.URL, "leader")
	apptest.Must(t, w.App.Disable(context.Background(), w.As(t, "admin"), s.Users["leader"], true), "shut")
	var first string
	for _, account := range []string{"nobody", "sup", "leader", "dir"} {
		b := newBrowser(t, w, srv)
		a := b.post("/login", url.Values{"account": {account}, "password": {"wrong-Password-9"}})
		a.has(t, 422, "账号或密码不正确")
		if len(a.header.Values("Set-Cookie")) != 0 {
			t.Errorf("%s: a refused sign-in sets %v", account, a.header.Values("Set-Cookie"))
		}
		got := strings.NewReplacer(account, "ACCOUNT", a.header.Get("X-Request-Id"), "ID").Replace(a.body)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%s is answered by another page than nobody", account)
		}
	}
}

// Check 30: the cookie changes when somebody signs in, gives the password once more, and signs out, and the one from before opens nothing.
func TestCheck30CookiesChange(t *testing.T) {
	w, _, srv := site(t)
	b := quick(t, w, srv.URL, "admin")
	var dead []string
	died := func(when string) {
		t.Helper()
		if slices.Contains(dead, b.token("battlemap")) {
			t.Errorf("%s: the cookie stays", when)
		}
		for _, token := range dead {
			holding(t, w, srv.URL, "battlemap", token).get("/me").went(t, "/login?next=%2Fme")
		}
	}
	dead = append(dead, b.token("battlemap"))
	device := b.token("battlemap-device")
	b.enter("admin")
	died("signed in again")
	if device == "" || b.token("battlemap-device") != device {
		t.Errorf("the browser was known as %q and is as %q", device, b.token("battlemap-device"))
	}
	dead = append(dead, b.token("battlemap"))
	w.Clock.Set(w.Clock.Now().Add(16 * time.Minute))
	b.post("/people/users/disable", url.Values{"user": {"99999"}, "off": {"1"}, "confirm_password": {password}}).has(t, 404)
	died("gave the password once more")
	dead = append(dead, b.token("battlemap"))
	b.post("/logout", nil).went(t, "/login")
	died("signed out")
	holding(t, w, srv.URL, "battlemap-device", device).get("/me").went(t, "/login?next=%2Fme")
}

// Check 31: an event stream ends with the session that opened it, idle or too old, though no clean-up has run.
func TestCheck31StreamsEndWithTheirSession(t *testing.T) {
	w, s, srv := site(t)
	for name, pass := range map[string]func(b *browser){
		"idle": func(*browser) { w.Clock.Set(w.Clock.Now().Add(8 * time.Hour)) },
		"too old": func(b *browser) {
			for range 24 { // in use all the time
				w.Clock.Set(w.Clock.Now().Add(7 * time.Hour))
				b.get("/me")
			}
		},
	} {
		b := quick(t, w, srv.URL, "sup")
		streams := []*stream{b.listen(""), b.listenTo("/wall/live", "")}
		for _, st := range streams {
			st.next()
		}
		pass(b)
		pending(t, w, s, "gxj") // wakes every stream
		for _, st := range streams {
			if got := st.ends(); strings.Contains(strings.Join(got, " "), "ticket/") {
				t.Errorf("%s: the stream of a session that is over told %v", name, got)
			}
		}
		b.get("/me").went(t, "/login?next=%2Fme")
	}
}

// Check 32: whatever ends a session ends the next request and every open stream of it, on both nodes of one database; others go on.
func TestCheck32SessionsEndOnBothNodes(t *testing.T) {
	postgres := os.Getenv("BATTLEMAP_TEST_POSTGRES")
	if postgres == "" {
		t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
	}
	w := apptest.Open(t, apptest.Schema(t, postgres))
	s := w.Seed(t)
	other, err := app.Open(context.Background(), w.Options)
	apptest.Must(t, err, "open the second node")
	t.Cleanup(func() { apptest.Must(t, other.Close(), "close the second node") })
	nodes := []string{serve(t, w).URL, serve(t, &apptest.World{App: other, Clock: w.Clock, Options: w.Options}).URL}
	endings(t, w, s, nodes)
}

// Check 32 on SQLite, which has one node.
func TestCheck32SessionsEnd(t *testing.T) {
	w, s, srv := site(t)
	endings(t, w, s, []string{srv.URL})
}

func endings(t *testing.T, w *apptest.World, s *apptest.Small, nodes []string) {
	ctx, admin := context.Background(), w.As(t, "admin")
	by := browserAt(t, w, nodes[0])
	by.signIn("dir")
	witness := by.listen("")
	witness.wants("hello", "")
	for _, c := range []struct {
		name string
		end  func(b *browser)
	}{
		{"signing out", func(b *browser) { b.post("/logout", nil) }},
		{"shutting the account", func(*browser) {
			apptest.Must(t, w.App.Disable(ctx, admin, s.Users["sup"], true), "shut")
		}},
		{"a change of password", func(b *browser) {
			b.post("/me/password", url.Values{"current": {password}, "password": {"a new sentence with spaces"}, "again": {"a new sentence with spaces"}}).went(t, "/login")
		}},
		{"ending all other sessions", func(b *browser) {
			second := browserAt(t, w, b.base)
			second.enter("sup")
			second.post("/me/sessions/end", url.Values{"others": {"1"}}).went(t, "/me#sessions")
		}},
		{"a reset by the machine", func(*browser) {
			apptest.Must(t, w.App.ResetPassword(ctx, app.Setup("test"), "sup", password), "reset")
		}},
	} {
		apptest.Must(t, w.App.Disable(ctx, admin, s.Users["sup"], false), "open")
		b := browserAt(t, w, nodes[0])
		b.signIn("sup")
		token := b.token("battlemap")
		var streams []*stream
		for _, node := range nodes {
			there := holding(t, w, node, "battlemap", token)
			there.get("/me").has(t, 200)
			for _, path := range []string{"/live", "/wall/live"} {
				st := there.listenTo(path, "")
				st.next()
				streams = append(streams, st)
			}
		}
		c.end(b)
		for _, node := range nodes {
			there := holding(t, w, node, "battlemap", token)
			there.get("/me").went(t, "/login?next=%2Fme")
			there.post("/me/mail", url.Values{"mode": {"single"}}).went(t, "/login")
		}
		for _, st := range streams {
			st.ends()
		}
		t.Logf("%s: %d streams ended", c.name, len(streams))
	}
	k := pending(t, w, s, "gxj")
	for data := ""; !strings.Contains(data, "ticket/"+k.No); { // the stream of somebody else goes on
		var name string
		if name, data = witness.next(); name == "" {
			t.Fatal("somebody else's stream ended")
		}
	}
}

// Check 32: a role that is taken away stops the next request and what an open stream tells, on every node at once.
func TestCheck32ARoleThatIsGoneShowsNothing(t *testing.T) {
	w, s, srv := site(t)
	b := quick(t, w, srv.URL, "sup")
	k := pending(t, w, s, "gxj")
	st := b.listen("")
	st.wants("hello", "")
	b.get("/tickets/"+k.No).has(t, 200, k.No)
	apptest.Must(t, w.App.Revoke(context.Background(), w.As(t, "admin"), grantOf(t, w, s.Users["sup"])), "revoke")
	b.get("/tickets/"+k.No).has(t, 404)
	b.post("/tickets/"+k.No+"/move", url.Values{"version": {num(k.Version)}, "move": {"send_back"}, "reason": {"示例"}}).has(t, 404)
	st.wants("journal", `"all":true`)
	_, err := w.App.MoveTicket(context.Background(), w.As(t, "dir"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "approve"})
	apptest.Must(t, err, "approve")
	if _, data := st.next(); strings.Contains(data, k.No) {
		t.Errorf("the stream still names the ticket: %s", data)
	}
}

func grantOf(t *testing.T, w *apptest.World, user int64) int64 {
	t.Helper()
	grants, err := w.App.Grants(context.Background(), w.As(t, "admin"))
	apptest.Must(t, err, "read grants")
	for _, g := range grants {
		if g.UserID == user {
			return g.ID
		}
	}
	t.Fatal("there is no grant")
	return 0
}

// Check 33: a person's own page lists the browsers that are signed in, and ends them; codes of others end nothing.
func TestCheck33OwnSessionsOnThePage(t *testing.T) {
	w, _, srv := site(t)
	b, other, stranger := quick(t, w, srv.URL, "sup"), quick(t, w, srv.URL, "sup"), quick(t, w, srv.URL, "dir")
	page := b.get("/me").has(t, 200, "已登录的浏览器", "Go-http-client/1.1", "127.0.0.1", "当前浏览器", "退出其他所有浏览器")
	codes := codesOn(page.body)
	if len(codes) != 1 {
		t.Fatalf("the page offers to end %v", codes)
	}
	stranger.get("/me").lacks(t, "退出其他所有浏览器", codes[0])
	before := size(t, w)
	for _, code := range []string{codes[0], "", "1", stranger.token("battlemap")} {
		stranger.post("/me/sessions/end", url.Values{"code": {code}}).has(t, 404)
	}
	stranger.post("/me/sessions/end", url.Values{"others": {"1"}}).has(t, 422, "没有其他已登录的浏览器")
	if size(t, w) != before {
		t.Error("a refused end was recorded")
	}
	other.get("/me").has(t, 200)
	b.post("/me/sessions/end", url.Values{"code": {codes[0]}}).went(t, "/me#sessions")
	other.get("/me").went(t, "/login?next=%2Fme")
	b.get("/me").has(t, 200, "已退出，该浏览器须重新登录").lacks(t, "退出其他所有浏览器")
}

func codesOn(body string) (codes []string) {
	for _, part := range strings.Split(body, `name="code" value="`)[1:] {
		code, _, _ := strings.Cut(part, `"`)
		codes = append(codes, code)
	}
	return codes
}

// Check 33: what is grave asks for the password once more when it was given too long ago, keeps what was typed, and does nothing until it is right.
func TestCheck33GraveThingsAskForThePasswordAgain(t *testing.T) {
	w, s, srv := site(t)
	b, insp := quick(t, w, srv.URL, "admin"), quick(t, w, srv.URL, "insp")
	form := url.Values{"user_id": {num(s.Users["zjj.hand"])}, "role": {"taskforce_member"}, "scope": {"task_force:" + num(s.Forces["10"])}, "valid_to": {"2023-04-01"}}
	b.post("/people/grants", form).went(t, "/people#u-"+num(s.Users["zjj.hand"])) // signing in was a moment ago
	w.Clock.Set(w.Clock.Now().Add(15 * time.Minute))
	before := size(t, w)
	form.Set("valid_to", "2023-05-01")
	asked := b.post("/people/grants", form)
	asked.has(t, 200, "请再次输入密码", `action="/people/grants"`, `name="valid_to" value="2023-05-01"`, `name="role" value="taskforce_member"`, `name="confirm_password"`, `type="password"`)
	if size(t, w) != before {
		t.Fatal("it was done without the password")
	}
	form.Set("confirm_password", "wrong-Password-9")
	b.post("/people/grants", form).has(t, 422, ">密码不正确", `name="valid_to" value="2023-05-01"`).lacks(t, "wrong-Password-9")
	if got := size(t, w); got != before+1 { // the wrong password is on record
		t.Errorf("a wrong password left %d records", got-before)
	}
	form.Set("confirm_password", password)
	b.post("/people/grants", form).went(t, "/people#u-"+num(s.Users["zjj.hand"]))
	b.get("/people").has(t, 200, "2023年3月13日至2023年5月1日")
	insp.post("/journal/export", url.Values{}).has(t, 200, "请再次输入密码", `action="/journal/export"`)
	if file := insp.post("/journal/export", url.Values{"confirm_password": {password}}); file.header.Get("Content-Type") != "application/zip" {
		t.Errorf("the export came as %s, status %d", file.header.Get("Content-Type"), file.status)
	}
	insp.get("/journal").has(t, 200, "再次确认密码")

	// Every grave thing asks whoever may do such things at all, before it looks at what was typed.
	w.Clock.Set(w.Clock.Now().Add(15 * time.Minute))
	b, insp = quick(t, w, srv.URL, "admin"), quick(t, w, srv.URL, "insp")
	others := map[string]*browser{"/journal/export": insp, "/archive/package": insp, "/archive/disposals/decide": quick(t, w, srv.URL, "dir"), "/proof/checkpoints": insp}
	before = size(t, w)
	w.Clock.Set(w.Clock.Now().Add(15 * time.Minute))
	for _, path := range []string{"/people/grants", "/people/grants/end", "/people/users/invite", "/people/users/disable", "/journal/export", "/archive/package", "/archive/disposals/decide",
		"/proof/checkpoints", "/proof/witnesses", "/proof/witnesses/revoke", "/rules/drafts/1/decide", "/calendar/versions/1"} {
		cmp.Or(others[path], b).post(path, url.Values{"typed": {"one"}, "more": {"two"}}).has(t, 200, "请再次输入密码", `action="`+path+`"`, `name="typed" value="one"`, `name="more" value="two"`)
	}
	if got := size(t, w); got != before {
		t.Errorf("%d records were written before the password was given", got-before)
	}
	// Guesses are counted.
	for range 8 {
		b.post("/people/grants", url.Values{"confirm_password": {"wrong-Password-9"}}).has(t, 422)
	}
	b.post("/people/grants", url.Values{"confirm_password": {password}}).has(t, 429, "请再次输入密码")
}

// Check 40: what a peer that nobody named as a proxy says about itself in headers changes nothing.
func TestCheck40ForwardedHeadersOfStrangersChangeNothing(t *testing.T) {
	const configured = "https://map.example.gov.cn"
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	s := w.Seed(t)
	w.Options.BaseURL = configured
	w.Reopen(t)
	forged := map[string]string{"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6", "True-Client-IP": "6.6.6.6", "CF-Connecting-IP": "6.6.6.6", "X-Client-IP": "6.6.6.6", "Forwarded": "for=6.6.6.6;host=evil.example;proto=https",
		"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Url-Scheme": "https", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/journal", "X-Rewrite-URL": "/journal", "X-HTTP-Method-Override": "DELETE", "X-Forwarded-Prefix": "/evil"}
	for name, c := range map[string]struct {
		proxies, forwarded, want string
	}{
		"nobody is a proxy":             {"", "6.6.6.6", "127.0.0.1"},
		"another network is":            {"10.0.0.0/8", "6.6.6.6", "127.0.0.1"},
		"this peer is":                  {"127.0.0.0/8", "6.6.6.6", "6.6.6.6"},
		"this peer is, and was lied to": {"127.0.0.0/8", "6.6.6.6, 7.7.7.7", "7.7.7.7"},
	} {
		srv := serve(t, w, func(o *web.Options) { o.Proxies = networks(t, c.proxies) })
		b := quick(t, w, srv.URL, "admin")
		send := func(method, path string, form url.Values) answer {
			r, err := http.NewRequest(method, srv.URL+path, strings.NewReader(form.Encode()))
			apptest.Must(t, err, "ask for %s", path)
			for header, value := range forged {
				r.Header.Set(header, value)
			}
			r.Header.Set("X-Forwarded-For", c.forwarded)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Host = "evil.example"
			return b.do(r)
		}
		in := send("POST", "/login", url.Values{"account": {"admin"}, "password": {password}, "_method": {"DELETE"}})
		in.went(t, "/")
		for _, cookie := range in.header.Values("Set-Cookie") {
			if strings.Contains(cookie, "Secure") || strings.Contains(cookie, "evil") || strings.Contains(cookie, "__Host-") {
				t.Errorf("%s: a header changed the cookie %s", name, cookie)
			}
		}
		if in.header.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: a header made the scheme https", name)
		}
		if got := newest(t, w, "session.begin").Address; got != c.want {
			t.Errorf("%s: the journal has the address %s, want %s", name, got, c.want)
		}
		send("POST", "/login", url.Values{"account": {"admin"}, "password": {"wrong-Password-9"}}).has(t, 422)
		if got := newest(t, w, "session.refuse").Address; got != c.want {
			t.Errorf("%s: the refusal has the address %s, want %s", name, got, c.want)
		}
		link := send("POST", "/people/users/invite", url.Values{"user": {num(s.Users["gxj.hand"])}})
		link.has(t, 200, configured+"/setup/").lacks(t, "evil.example")
		if got := newest(t, w, "user.invite"); got.Address != c.want || got.Request == "" {
			t.Errorf("%s: the journal has the invitation from %s, request %q", name, got.Address, got.Request)
		}
		for _, path := range []string{"/me", "/login", "/people", "/nothing-here"} {
			send("GET", path+"?_method=POST", nil).lacks(t, "evil.example")
		}
		if a := send("GET", "/logout", nil); a.status == 303 && a.location == "/login" {
			t.Errorf("%s: a header or a field made a GET a POST", name)
		}
		send("GET", "/me", nil).has(t, 200, "示例管理员")
		edit(t, w, "DELETE FROM login_attempts")
	}
}
