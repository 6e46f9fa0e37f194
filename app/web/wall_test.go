package web_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

var wallAddress = regexp.MustCompile(`http://[^"]+(/wall/[A-Za-z0-9_-]{43})"`)

// hang makes the link of a screen over HTTP and returns its path.
func (b *browser) hang(scope string) string {
	b.t.Helper()
	page := b.post("/wall/links", url.Values{"name": {"示例大厅"}, "scope": {scope}, "lang": {"zh-CN"}, "expires_on": {"2023-04-30"}})
	found := wallAddress.FindStringSubmatch(page.has(b.t, http.StatusOK, "示例大厅", "只显示这一次").body)
	if found == nil {
		b.t.Fatal("the page shows no address")
	}
	return found[1]
}

func wallID(force int64) string { return strconv.FormatInt(force, 10) }

// screen is a browser that asks for the part of the wall that may have changed.
func (b *browser) screen(path, tag string) answer {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	apptest.Must(b.t, err, "ask for the wall")
	r.Header.Set("X-Fragment", "main")
	r.Header.Set("If-None-Match", tag)
	return b.do(r)
}

func TestWallOfSomebodySignedIn(t *testing.T) {
	d := newBoard(t)
	newBrowser(t, d.World, d.srv).get("/wall").went(t, "/login?next=%2Fwall")
	d.as(t, "leader").get("/wall").has(t, http.StatusOK, "重点项目作战图", "扩工业", "考评督导", "开工率", "今日无红灯", "主体封顶", "日志第", `content="60;url=?slide=1"`)
	d.as(t, "tf10").get("/wall").has(t, http.StatusOK, "考评督导").lacks(t, "扩工业", "主体封顶")
	d.as(t, "leader").get("/wall?lang=en&force=1").has(t, http.StatusOK, "Nothing is red today", "扩工业").lacks(t, "考评督导")
	d.as(t, "leader").get("/wall?every=1").has(t, http.StatusOK, `data-every="5"`)
}

func TestWallOfAFreshDistrict(t *testing.T) {
	w, _, srv := site(t)
	as(t, w, srv, "leader").get("/wall").has(t, http.StatusOK, "今日无红灯", "近期没有到期的节点和事项", "扩工业")
}

func TestWallIsNotSentTwice(t *testing.T) {
	d := newBoard(t)
	path := d.as(t, "dir").hang("district")
	s := newBrowser(t, d.World, d.srv)
	first := s.screen(path, "")
	first.has(t, http.StatusOK, "示例产线").lacks(t, "<!doctype html>")
	tag := first.header.Get("ETag")
	if same := s.screen(path, tag); same.status != http.StatusNotModified || same.header.Get("X-Wall") != "open" || same.header.Get("X-Wall-Now") == "" {
		t.Errorf("an unchanged wall: status %d, %v", same.status, same.header)
	}
	apptest.Must(t, d.App.ReportProgress(context.Background(), d.As(t, "gxj.hand"), app.ReportProgress{Project: d.projects["P-001"].ID, Month: d.App.Today().Month(), Fen: 100 * wan}), "report")
	s.screen(path, tag).has(t, http.StatusOK)
	tag = s.screen(path, "").header.Get("ETag")
	d.At(t, "2023-03-14 09:00")
	s.screen(path, tag).has(t, http.StatusOK, "3月14日")
}

// A screen's address opens the wall and its stream, leaves no cookie and no trace, and nothing else lets it in.
func TestWallLinkOpensNothingElse(t *testing.T) {
	d := newBoard(t)
	maker := d.as(t, "dir")
	path := maker.hang("district")
	token := strings.TrimPrefix(path, "/wall/")
	s := newBrowser(t, d.World, d.srv)
	page := s.get(path).has(t, http.StatusOK, "示例产线", "扩工业", "考评督导")
	for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Set-Cookie": ""} {
		if got := page.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(page.body, token) {
		t.Error("the page holds its token")
	}
	routes, err := os.ReadFile("table.go")
	apptest.Must(t, err, "read the routes")
	with := newBrowser(t, d.World, d.srv)
	with.client.Jar = cookies(t, d.srv.URL, token)
	asked := 0
	for _, m := range regexp.MustCompile(`\{get, "([^"]+)", "[^"]*", "[^"]*", ([^,]+),`).FindAllStringSubmatch(string(routes), -1) {
		if m[2] == "public" {
			continue
		}
		address := regexp.MustCompile(`:\w+`).ReplaceAllString(m[1], token)
		for _, b := range []*browser{s, with} {
			if a := b.get(address); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/login") {
				t.Errorf("%s: status %d to %q", address, a.status, a.location)
			}
		}
		asked++
	}
	if asked < 40 {
		t.Errorf("only %d routes were asked", asked)
	}
	with.post("/wall/links", url.Values{"name": {"示例"}}).went(t, "/login")
	maker.get("/wall/links").has(t, http.StatusOK, "示例大厅", "有效").lacks(t, token)
	maker.get("/journal").has(t, http.StatusOK, "新建大屏链接").lacks(t, token)
	if strings.Contains(d.Log.String(), token) {
		t.Error("the log holds the token")
	}
}

func cookies(t *testing.T, address, token string) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	apptest.Must(t, err, "make a cookie jar")
	u, err := url.Parse(address)
	apptest.Must(t, err, "parse the address")
	jar.SetCookies(u, []*http.Cookie{{Name: "battlemap", Value: token, Path: "/"}})
	return jar
}

func TestWallLinkShowsItsScope(t *testing.T) {
	d := newBoard(t)
	leader := d.as(t, "tf1")
	path := leader.hang(wallID(d.small.Forces["1"]))
	newBrowser(t, d.World, d.srv).get(path).has(t, http.StatusOK, "示例产线", "扩工业").lacks(t, "考评", "示例考评平台")
	for _, scope := range []string{"district", wallID(d.small.Forces["10"])} {
		if a := leader.post("/wall/links", url.Values{"name": {"示例"}, "scope": {scope}, "lang": {"zh-CN"}, "expires_on": {"2023-04-30"}}); a.status != http.StatusNotFound {
			t.Errorf("the leader of another task force made a link for %s: status %d", scope, a.status)
		}
	}
	d.as(t, "dir").hang("district")
	if n := strings.Count(leader.get("/wall/links").has(t, http.StatusOK).body, `id="wall-`); n != 1 {
		t.Errorf("the leader sees %d links, want their own", n)
	}
	d.as(t, "gxj.hand").get("/wall/links").has(t, http.StatusNotFound)
	d.as(t, "dir").post("/wall/links", url.Values{"name": {""}, "scope": {"x"}, "lang": {"xx"}, "expires_on": {"2030-01-01"}}).has(t, http.StatusUnprocessableEntity)
	d.as(t, "dir").post("/wall/links", url.Values{"name": {"示例"}, "scope": {"district"}, "lang": {"zh-CN"}, "expires_on": {"2030-01-01"}}).has(t, http.StatusUnprocessableEntity, "有效期须在")
}

func TestDeadWallLinks(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *boardWorld){
		"revoked": func(t *testing.T, d *boardWorld) {
			apptest.Must(t, d.App.RevokeWallLink(context.Background(), d.As(t, "dir"), app.RevokeWallLink{ID: 1, Version: 1}), "revoke")
		},
		"expired": func(t *testing.T, d *boardWorld) { d.At(t, "2023-05-01 00:01") },
		"maker's account shut": func(t *testing.T, d *boardWorld) {
			apptest.Must(t, d.App.Disable(context.Background(), d.As(t, "admin"), d.small.Users["dir"], true), "shut the account")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newBoard(t)
			path := d.as(t, "dir").hang("district")
			other, err := app.Open(context.Background(), d.Options) // another node on the same database
			apptest.Must(t, err, "open another node")
			t.Cleanup(func() { apptest.Must(t, other.Close(), "close the other node") })
			nodes := []*browser{newBrowser(t, d.World, d.srv), newBrowser(t, d.World, serve(t, &apptest.World{App: other, Options: d.Options}))}
			var streams []*bufio.Reader
			for _, b := range nodes {
				b.get(path).has(t, http.StatusOK, "示例产线")
				streams = append(streams, b.hears(path+"/live"))
			}
			end(t, d)
			for i, b := range nodes {
				b.get(path).has(t, http.StatusNotFound, "此大屏链接已停用").lacks(t, "示例", "扩工业")
				if a := b.screen(path, ""); a.status != http.StatusNotFound || a.header.Get("X-Wall") != "closed" {
					t.Errorf("node %d: status %d, state %q", i, a.status, a.header.Get("X-Wall"))
				}
				b.get(path+"/live").has(t, http.StatusNotFound)
				ended := make(chan error, 1)
				go func() {
					_, err := io.Copy(io.Discard, streams[i])
					ended <- err
				}()
				apptest.Must(t, <-ended, "the stream of node %d ends by itself, at the next heartbeat at the latest", i)
			}
		})
	}
}

// hears opens a stream and reads its first event.
func (b *browser) hears(path string) *bufio.Reader {
	b.t.Helper()
	resp, err := b.client.Get(b.base + path)
	apptest.Must(b.t, err, "open the stream")
	b.t.Cleanup(func() { resp.Body.Close() })
	r := bufio.NewReader(resp.Body)
	if line, err := r.ReadString('\n'); err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(line, "id: ") {
		b.t.Fatalf("the stream begins with %q, status %d, %v", line, resp.StatusCode, err)
	}
	return r
}
