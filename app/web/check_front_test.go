package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
)

// Check 5 (ASVS 3.3.1 to 3.3.4): over https the session's cookie is bound to this host and out of reach of scripts; the cookies of taste and of the last message are
// nobody's secret, are sent over https only as well, and none goes along with forms of other sites.
func TestCheck05Cookies(t *testing.T) {
	w, _, _ := site(t)
	for _, secure := range []bool{true, false} {
		b := newBrowser(t, w, serve(t, w, func(o *web.Options) { o.Secure = secure }))
		b.client.Jar = nil
		apptest.Must(t, w.App.ResetPassword(t.Context(), app.Setup("test"), "sup", password), "set a password")
		in := b.post("/login", url.Values{"account": {"sup"}, "password": {password}})
		name := map[bool]string{true: "__Host-battlemap", false: "battlemap"}[secure]
		var session *http.Cookie
		answers := []answer{in, b.post("/prefs", url.Values{"lang": {"en"}, "theme": {"dark"}, "density": {"compact"}})}
		for _, c := range cookiesOf(t, in) {
			if c.Name == name {
				session = c
			}
			if !c.HttpOnly { // what lets in, and what names the browser
				t.Errorf("secure %t: scripts can read %v", secure, c)
			}
		}
		if session == nil || session.Name != name || !session.HttpOnly || session.MaxAge != 0 || !session.Expires.IsZero() {
			t.Fatalf("secure %t: the session is %v", secure, session)
		}
		as := func(method, path, body string) answer {
			r, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
			apptest.Must(t, err, "ask")
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.AddCookie(session)
			return b.do(r)
		}
		version := hidden.FindStringSubmatch(as(http.MethodGet, "/me", "").body)
		answers = append(answers, as(http.MethodPost, "/me/mail", "mode=daily&version="+version[2]), as(http.MethodPost, "/logout", ""))
		seen := map[string]bool{}
		for _, a := range answers {
			for _, c := range cookiesOf(t, a) {
				seen[c.Name] = true
				if c.Secure != secure || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode {
					t.Errorf("secure %t: %v", secure, c)
				}
			}
		}
		if !seen[name] || !seen[name+"-device"] || !seen["lang"] || !seen["theme"] || !seen["density"] || !seen["flash"] || len(seen) != 6 {
			t.Errorf("secure %t: cookies %v", secure, seen)
		}
		// A session that was stolen over http is none over https: the name differs.
		if other := map[bool]string{false: "__Host-battlemap", true: "battlemap"}[secure]; secure {
			session.Name = other
			as(http.MethodGet, "/desk", "").went(t, "/login?next=%2Fdesk")
		}
	}
}

func cookiesOf(t *testing.T, a answer) []*http.Cookie {
	t.Helper()
	return (&http.Response{Header: a.header}).Cookies()
}

// Check 5, plain http: who has chosen it is told on every page.
func TestCheck05PlainHTTPIsSaidOnEveryPage(t *testing.T) {
	w, _, srv := site(t)
	b := newBrowser(t, w, serve(t, w, func(o *web.Options) { o.Plain = true }))
	b.get("/login").has(t, http.StatusOK, "未加密的 http")
	b.signIn("dir")
	for _, path := range []string{"/desk", "/map", "/me", "/nowhere"} {
		if a := b.get(path); !strings.Contains(a.text, "未加密的 http") {
			t.Errorf("%s does not say it", path)
		}
	}
	as(t, w, srv, "dir").get("/desk").has(t, http.StatusOK).lacks(t, "未加密的 http")
}

var (
	outside    = regexp.MustCompile(`(?i)(?:https?|wss?|ftp):\\?/\\?/[a-z0-9.\[\]:-]+`)
	fetched    = regexp.MustCompile(`(?i)(?:\s(?:src|href|action|formaction|poster|data|srcset|hx-get|hx-post|content)\s*=\s*"|url\(["']?)\s*((?:[a-z]+:)?//[^"')\s]*)`)
	namespaces = regexp.MustCompile(`^https?://(?:www\.w3\.org|127\.0\.0\.1)`)
)

// Check 8 (ASVS 3.6.1, 3.5.6): no page, style or script fetches anything from another host, and no answer becomes a script for one.
func TestCheck08NoOtherHost(t *testing.T) {
	for _, s := range walk(t) {
		for _, m := range fetched.FindAllStringSubmatch(s.body, -1) {
			if !strings.HasPrefix(m[1], "http://127.0.0.1") {
				t.Errorf("%s: refers to %s", s.where(), m[1])
			}
		}
	}
	files, err := filepath.Glob("../../templates/static/*")
	apptest.Must(t, err, "list the static files")
	seen := 0
	for _, name := range files {
		if end := filepath.Ext(name); end != ".js" && end != ".css" && end != ".svg" {
			continue
		}
		seen++
		text, err := os.ReadFile(name)
		apptest.Must(t, err, "read %s", name)
		for _, hit := range outside.FindAllString(string(text), -1) {
			if !namespaces.MatchString(hit) && !mentioned(name, hit) {
				t.Errorf("%s names %s", name, hit)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d static files", seen)
	}
	w, small, srv := site(t)
	dir, k := as(t, w, srv, "dir"), issued(t, w, small, app.DraftTicket{})
	for _, path := range []string{"/live/since?after=1", "/map/cards?items=project/P-001", "/palette?q=1", "/move?item=ticket/" + k.No} {
		r, err := http.NewRequest(http.MethodGet, dir.base+path+"&callback=evil&jsonp=evil", nil)
		apptest.Must(t, err, "ask")
		r.Header.Set("Accept", "application/json")
		if a := dir.do(r); a.status != http.StatusOK || strings.Contains(a.body, "evil") || strings.Contains(a.header.Get("Content-Type"), "script") {
			t.Errorf("%s: %d %s %.100s", path, a.status, a.header.Get("Content-Type"), a.body)
		}
	}
}

// mentioned are addresses in comments and licences of vendored files, which nothing fetches.
func mentioned(file, address string) bool {
	allowed := map[string][]string{"echarts.common.min.js": {"http://www.apache.org", "https://www.apache.org", "https://github.com", "http://momentjs.com", "https://echarts.apache.org", "http://code.google.com"}}
	for _, ok := range allowed[filepath.Base(file)] {
		if address == ok {
			return true
		}
	}
	return false
}

// elsewhere are ways to write an address of another host, or of none, where a path of this site is expected.
func elsewhere() []string {
	return []string{"//evil.example", `/\evil.example`, `\\evil.example`, `\/evil.example`, "/\t/evil.example", "/%09/evil.example", "/%5cevil.example", "/%2f/evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example", "https://evil.example",
		"HTTPS://evil.example/x", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "///evil.example", "////evil.example", "/.//evil.example", "/..//evil.example", "/x/..//evil.example", "/;@evil.example",
		"@evil.example", ".evil.example", "//evil.example\\@127.0.0.1", "http://127.0.0.1@evil.example", "/\r\nLocation: https://evil.example", "/\u2028/evil.example", " //evil.example", "\x00//evil.example", "//evil%E3%80%82example", "?next=//evil.example", "#//evil.example"}
}

// stays fails the test unless a browser that is sent there stays on the host. Browsers take a backslash for a slash and drop tabs and line ends.
func stays(t *testing.T, b *browser, what, location string) {
	t.Helper()
	base, err := url.Parse(b.base)
	apptest.Must(t, err, "parse")
	plain := strings.NewReplacer(`\`, "/", "\t", "", "\r", "", "\n", "").Replace(strings.Trim(location, " \x00"))
	to, err := base.Parse(plain)
	if err != nil || to.Scheme != base.Scheme || to.Host != base.Host || strings.HasPrefix(plain, "//") || strings.ContainsAny(location, "\\\t\r\n") {
		t.Errorf("%s leads to %q", what, location)
	}
}

// Check 9 (ASVS 3.7.2): whatever address a form or a query carries along to go back to, nobody is led off the site. Also of peers: Kanboard CVE-2026-21879, echo GHSA-v753-g4cw-jm48.
func TestCheck09NoOpenRedirect(t *testing.T) {
	w, small, srv := site(t)
	dir, k := as(t, w, srv, "dir"), issued(t, w, small, app.DraftTicket{})
	for _, to := range elsewhere() {
		in := newBrowser(t, w, srv)
		for what, a := range map[string]answer{
			"POST /prefs":      in.post("/prefs", url.Values{"next": {to}, "lang": {"zh-CN"}}),
			"POST /map/views":  dir.post("/map/views", url.Values{"next": {to}, "name": {"示例" + to}, "query": {to}, "scope": {"own"}}),
			"POST /move":       dir.post("/move", url.Values{"back": {to}, "item": {"ticket/" + k.No}, "version": {"0"}, "move": {"nonsense"}}),
			"POST /move/undo":  dir.post("/move/undo", url.Values{"back": {to}, "item": {"ticket/" + k.No}, "version": {"0"}}),
			"GET /move":        dir.get("/move?item=ticket/" + k.No + "&back=" + url.QueryEscape(to)),
			"GET /moves":       dir.get("/moves?item=ticket/" + k.No + "&back=" + url.QueryEscape(to)),
			"GET /login":       in.get("/login?next=" + url.QueryEscape(to)),
			"GET /static path": in.get("/" + url.PathEscape(to)),
		} {
			if a.location != "" {
				stays(t, in, what+" with "+to, a.location)
			}
			for _, m := range regexp.MustCompile(`(?:href|action|formaction)="([^"]*)"`).FindAllStringSubmatch(a.body, -1) {
				stays(t, in, what+" with "+to+" links", strings.ReplaceAll(m[1], "&amp;", "&"))
			}
		}
	}
	in := newBrowser(t, w, srv)
	in.signIn("sup")
	for _, to := range elsewhere() {
		a := in.post("/login", url.Values{"account": {"sup"}, "password": {password}, "next": {to}})
		if a.status != http.StatusSeeOther {
			t.Fatalf("could not sign in: %d", a.status)
		}
		stays(t, in, "POST /login with "+to, a.location)
		r, err := http.NewRequest(http.MethodGet, in.base+"/nowhere", nil)
		apptest.Must(t, err, "ask")
		r.Header["Referer"] = []string{strings.Map(func(r rune) rune { // a header can't hold these
			if r < ' ' {
				return -1
			}
			return r
		}, to)}
		if missing := in.do(r); strings.Contains(missing.body, `href="https://evil`) || strings.Contains(missing.body, `href="//`) {
			t.Errorf("the way back of an error page leads to %s", to)
		}
	}
	in.post("/login", url.Values{"account": {"sup"}, "password": {password}, "next": {"/tickets?all=1"}}).went(t, "/tickets?all=1")
}
