package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// pending drafts a ticket for a unit and submits it for approval.
func pending(t *testing.T, w *apptest.World, s *apptest.Small, unit string) *app.Ticket {
	t.Helper()
	ctx, sup := context.Background(), w.As(t, "sup")
	k, err := w.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: "示例事项", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units[unit], DueTerm: "15 workdays"})
	apptest.Must(t, err, "draft")
	k, err = w.App.MoveTicket(ctx, sup, app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "submit_draft"})
	apptest.Must(t, err, "submit the draft")
	return k
}

// script asks as the page's own script does.
func (b *browser) script(method, path string, form url.Values) (answer, map[string]any) {
	b.t.Helper()
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(form.Encode()))
	apptest.Must(b.t, err, "ask for %s", path)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	a := b.do(r)
	var data map[string]any
	if err := json.Unmarshal([]byte(a.body), &data); err != nil {
		b.t.Fatalf("%s: %v\n%s", path, err, a.body)
	}
	return a, data
}

func TestMovesOfOneItem(t *testing.T) {
	w, s, srv := site(t)
	k := pending(t, w, s, "gxj")
	item := "ticket/" + k.No
	dir, sup, unit := as(t, w, srv, "dir"), as(t, w, srv, "sup"), as(t, w, srv, "gxj.hand")

	// The menu, and the same for the board.
	dir.get("/move?item="+item).has(t, 200, "审签交办", "退回拟办", "转入“已交办”", `action="/move"`)
	dir.get("/move?item="+item+"&move=send_back").has(t, 200, `name="reason"`, "确定退回拟办").lacks(t, "终止理由")
	_, menu := dir.script("GET", "/move?item="+item, nil)
	first := menu["moves"].([]any)[0].(map[string]any)
	if first["move"] != "approve" || first["to"] != "issued" || first["asks"] != false || first["usual"] != true {
		t.Errorf("the first choice is %v", first)
	}
	unit.get("/move?item="+item).has(t, http.StatusNotFound)
	unit.post("/move", url.Values{"item": {item}, "version": {num(k.Version)}, "move": {"approve"}}).has(t, http.StatusNotFound)
	dir.get("/move?item=paper/1").has(t, http.StatusNotFound)

	// A fact that is missing: the form again, nothing recorded.
	before := size(t, w)
	dir.post("/move", url.Values{"item": {item}, "version": {num(k.Version)}, "move": {"send_back"}}).has(t, 422, "请填写此项", "退回理由")
	if size(t, w) != before {
		t.Error("a refused form was recorded")
	}
	// Stale: who changed what, and what was typed is kept on the new version.
	dir.post("/move", url.Values{"item": {item}, "version": {"1"}, "move": {"send_back"}, "reason": {"依据不足"}}).
		has(t, 409, "您填写期间，此事项已有变动", "示例督查员", "依据不足</textarea>", "仍然退回拟办", `name="version" value="`+num(k.Version)+`"`)
	a, data := dir.script("POST", "/move", url.Values{"item": {item}, "version": {"1"}, "move": {"approve"}})
	if a.status != 409 || data["stale"] != true || !strings.Contains(data["said"].(string), "示例督查员") || data["html"] == "" {
		t.Errorf("stale for the board: %d %v", a.status, data)
	}

	// Done: without JavaScript on to where it was asked from, for the board with what was said and no way back, since it froze the dates.
	dir.post("/move", url.Values{"item": {item}, "version": {num(k.Version)}, "move": {"approve"}, "back": {"/map?view=tickets"}}).went(t, "/map?view=tickets")
	_, data = unit.script("POST", "/move", url.Values{"item": {item}, "version": {num(k.Version + 1)}, "move": {"accept"}})
	undo, _ := data["undo"].(map[string]any)
	if data["done"] != true || data["at"] != "accepted" || undo["title"] != "撤销" || undo["seconds"] != float64(60) {
		t.Errorf("accepted: %v", data)
	}
	version := url.Values{"item": {item}, "version": {data["version"].(string)}}
	sup.post("/move/undo", version).has(t, 422, "没有撤销")
	unit.post("/move/undo", version).went(t, "/tickets/"+k.No)
	unit.get("/tickets/"+k.No).has(t, 200, "已撤销上一步", "已交办", "撤销了上一步")
	dir.post("/move", url.Values{"item": {item}, "version": {num(k.Version)}, "move": {"approve"}, "back": {"https://example.org/"}}).has(t, 409)
}

func TestMovesOfSeveralItems(t *testing.T) {
	w, s, srv := site(t)
	one, two, foreign := pending(t, w, s, "gxj"), pending(t, w, s, "gxj"), pending(t, w, s, "zjj")
	dir := as(t, w, srv, "dir")
	approved, err := w.App.MoveTicket(context.Background(), w.As(t, "dir"), app.MoveTicket{Ticket: two.ID, Version: two.Version, Move: "approve"})
	apptest.Must(t, err, "approve")
	names := url.Values{"item": {"ticket/" + one.No + "@" + num(one.Version), "ticket/" + two.No + "@" + num(two.Version), "ticket/" + foreign.No + "@" + num(foreign.Version), "ticket/2023-999@1"}, "move": {"approve"}}
	dir.get("/tickets").has(t, 200, `action="/moves"`, `value="ticket/`+one.No+"@"+num(one.Version)+`"`)
	dir.get("/moves?"+url.Values{"item": names["item"]}.Encode()).has(t, 200, "已选 4 项", "审签交办", "2 项可办（共 4 项）")
	_, data := dir.script("POST", "/moves", names)
	var got []string
	for _, r := range data["results"].([]any) {
		one := r.(map[string]any)
		switch {
		case one["done"] == true:
			got = append(got, "done")
		case one["stale"] == true:
			got = append(got, "stale")
		default:
			got = append(got, "refused")
		}
	}
	if strings.Join(got, " ") != "done stale done refused" || data["said"] != "办理 2 项，未办 2 项" {
		t.Errorf("results %v, said %v", got, data["said"])
	}
	// Each is a write of its own: the two that went through stand, the one that was stale is as it was.
	k, err := w.App.TicketFile(context.Background(), w.As(t, "dir"), two.No)
	apptest.Must(t, err, "read")
	if k.Ticket.Version != approved.Version {
		t.Errorf("the stale one has version %d, want %d", k.Ticket.Version, approved.Version)
	}
	// A fact that all of them need is asked for once, before anything is done.
	before := size(t, w)
	dir.post("/moves", url.Values{"item": {"ticket/" + one.No + "@" + num(one.Version+1)}, "move": {"terminate"}}).has(t, 422, "终止理由", "请填写此项", "勾选确认")
	many := url.Values{"move": {"approve"}}
	for range 201 {
		many.Add("item", "ticket/"+one.No+"@1")
	}
	dir.post("/moves", many).has(t, 422, "一次最多办理 200 项")
	if size(t, w) != before {
		t.Error("refused moves were recorded")
	}
}

// stream is an open /live.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	stop  context.CancelFunc
}

func (b *browser) listen(from string) *stream {
	b.t.Helper()
	return b.listenTo("/live", from)
}

// listenTo opens the stream of a path.
func (b *browser) listenTo(path, from string) *stream {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, nil)
	apptest.Must(b.t, err, "listen")
	if from != "" {
		r.Header.Set("Last-Event-ID", from)
	}
	resp, err := b.client.Do(r)
	apptest.Must(b.t, err, "listen")
	b.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("listen: status %d", resp.StatusCode)
	}
	return &stream{b.t, bufio.NewScanner(resp.Body), cancel}
}

// next is the next event: its name, and its data; "" when the stream has ended.
func (s *stream) next() (name, data string) {
	for s.lines.Scan() {
		line := s.lines.Text()
		if v, ok := strings.CutPrefix(line, "event: "); ok {
			name = v
		}
		if v, ok := strings.CutPrefix(line, "data: "); ok {
			data = v
		}
		if line == "" && name != "beat" && name != "" {
			return name, data
		}
	}
	return "", ""
}

func (s *stream) wants(name, data string) {
	s.t.Helper()
	if gotName, got := s.next(); gotName != name || data != "" && !strings.Contains(got, data) {
		s.t.Errorf("event %s %s, want %s with %s", gotName, got, name, data)
	}
}

// A page that is open over midnight is told to draw everything anew: what is left of every term has changed, and no record says so.
func TestLiveTellsOfANewDay(t *testing.T) {
	w, s, srv := site(t)
	k := pending(t, w, s, "gxj")
	w.At(t, "2023-03-14 23:50")
	b := as(t, w, srv, "sup")
	st := b.listen("")
	st.wants("hello", `"day":"2023-03-14"`)
	b.post("/tickets/"+k.No+"/comments", url.Values{"body": {"示例"}}).went(t, "/tickets/"+k.No)
	st.wants("journal", k.No)
	w.At(t, "2023-03-15 00:10")
	b.post("/tickets/"+k.No+"/comments", url.Values{"body": {"又一例"}}).went(t, "/tickets/"+k.No)
	st.wants("day", `"reload":true,"day":"2023-03-15"`)
	st.wants("journal", k.No)
	b.listen("").wants("hello", `"day":"2023-03-15"`) // of one that slept over midnight
	b.get("/map").has(t, 200, `data-day="2023-03-15"`)
}

func TestLiveNamesOnlyWhatIsSeen(t *testing.T) {
	w, s, srv := site(t)
	sup, zjj := as(t, w, srv, "sup"), as(t, w, srv, "zjj.hand")
	all, own := sup.listen(""), zjj.listen("")
	all.wants("hello", `"version"`)
	own.wants("hello", "")
	at := size(t, w)
	k := pending(t, w, s, "gxj")
	all.wants("journal", `"ticket/`+k.No+`"`)
	own.wants("journal", `"items":[]`)

	// It goes on where a browser was; what can't be told any more is a reload.
	again := sup.listen(num(at))
	again.wants("hello", "")
	again.wants("journal", `"ticket/`+k.No+`"`)
	for _, unknown := range []string{num(size(t, w) + 1000), "-1"} {
		far := sup.listen(unknown)
		far.wants("hello", "")
		far.wants("reload", `"reload":true`)
	}
	sup.get("/live/since?after="+num(at)).has(t, 200, `"ticket/`+k.No+`"`)
	zjj.get("/live/since?after="+num(at)).has(t, 200, `"items":[]`).lacks(t, k.No)

	// Signing out ends the stream at once.
	zjj.post("/logout", nil)
	for name := "journal"; name != ""; {
		name, _ = own.next()
	}
}

// A browser that goes over to another node goes on exactly where it was, and hears there what the first node writes.
func TestLiveOnAnotherNode(t *testing.T) {
	postgres := os.Getenv("BATTLEMAP_TEST_POSTGRES")
	if postgres == "" {
		t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
	}
	w := apptest.Open(t, apptest.Schema(t, postgres))
	s := w.Seed(t)
	first := serve(t, w)
	other, err := app.Open(context.Background(), w.Options)
	apptest.Must(t, err, "open the second node")
	t.Cleanup(func() { apptest.Must(t, other.Close(), "close the second node") })
	second := serve(t, &apptest.World{App: other, Clock: w.Clock, Options: w.Options})
	b := as(t, w, first, "sup")
	at := size(t, w)
	k := pending(t, w, s, "gxj")
	there := *b
	there.base = second.URL
	u, err := url.Parse(first.URL)
	apptest.Must(t, err, "parse")
	v, err := url.Parse(second.URL)
	apptest.Must(t, err, "parse")
	there.client.Jar.SetCookies(v, there.client.Jar.Cookies(u))
	moved := there.listen(num(at))
	moved.wants("hello", "")
	moved.wants("journal", `"ticket/`+k.No+`"`)
	later := pending(t, w, s, "gxj")
	moved.wants("journal", `"ticket/`+later.No+`"`)
	b.post("/logout", nil)
	for name := "journal"; name != ""; {
		name, _ = moved.next()
	}
}
