package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
)

// route is a method and a pattern of the route table.
type route struct{ method, pattern string }

var routeLine = regexp.MustCompile(`(?i)\b(GET|POST)\b["(,\s]+"(/[^"]*)"`)

// routes are all that the program declares, read from the source, so that a new one is walked without a word here.
func routes(t *testing.T) []route {
	t.Helper()
	files, err := os.ReadDir(".")
	apptest.Must(t, err, "read the folder")
	var all []route
	for _, f := range files {
		if f.Name() != "web.go" && f.Name() != "table.go" || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		apptest.Must(t, err, "read %s", f.Name())
		for _, m := range routeLine.FindAllStringSubmatch(string(text), -1) {
			all = append(all, route{strings.ToUpper(m[1]), m[2]})
		}
	}
	if len(all) < 150 {
		t.Fatalf("only %d routes were found", len(all))
	}
	return all
}

// full is a district with at least one of everything that an address can name.
type full struct {
	*boardWorld
	ticket *app.Ticket
	names  map[string]string // an address for a pattern's beginning
	growth string            // the query of a proof between two checkpoints
}

// newFull fills a district.
func newFull(t *testing.T) *full {
	t.Helper()
	d := newBoard(t)
	d.Options.Mail = true
	d.Reopen(t)
	d.srv.Close()
	d.srv = serve(t, d.World)
	w, ctx := d.World, context.Background()
	f := &full{boardWorld: d}
	f.ticket = issued(t, w, d.small, app.DraftTicket{Kind: "appeal", Title: "示例企业诉求", Basis: "示例", TaskForceID: d.small.Forces["1"], LeadUnitID: d.small.Units["gxj"], AssistUnitIDs: []int64{d.small.Units["zjj"]}, DueTerm: "7 workdays"})
	one, err := w.App.AddAttachment(ctx, w.As(t, "sup"), app.AddAttachment{ItemKind: "project", Item: d.projects["P-001"].ID, Kind: "document", Name: "说明.txt", Caption: "示例", Data: []byte("示例")})
	apptest.Must(t, err, "attach a document")
	photo, err := w.App.AddAttachment(ctx, w.As(t, "gxj.hand"), app.AddAttachment{ItemKind: "project", Item: d.projects["P-001"].ID, Kind: "photo", Name: "现场.png", Caption: "示例", Data: smallPicture(t)})
	apptest.Must(t, err, "attach a photo")
	_, err = w.App.IssuePaper(ctx, w.As(t, "sup"), app.IssuePaper{ItemKind: "ticket", Item: f.ticket.ID, Form: "blue_slip", Facts: "示例事实"})
	apptest.Must(t, err, "issue a paper")
	m := held(t, d, "示例调度会")
	_, err = w.App.UploadCalendar(ctx, w.As(t, "sup"), app.UploadCalendar{Number: "示例〔2023〕1号", Title: "示例通知", Text: "2024-02-10~2024-02-17 休 春节\n2024-02-04 班", Covers: 2024})
	apptest.Must(t, err, "upload a calendar")
	enacted(t, w, "../testdata/laws/subjects.yaml")
	_, err = w.App.DeliverInbox(ctx)
	apptest.Must(t, err, "deliver")
	w.At(t, "2023-03-31 17:00")
	_, err = w.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign a checkpoint")
	draft, err := w.App.DraftLaw(ctx, w.As(t, "dir"), app.DraftLaw{Kind: "ruleset", Text: secondText(t), Reason: "示例", EffectiveFrom: w.App.Today().AddDays(30)})
	apptest.Must(t, err, "draft a law")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign another checkpoint")
	notes, err := w.App.Checkpoints(ctx, 2)
	apptest.Must(t, err, "checkpoints")
	f.growth = "?from=" + itoa(notes[1].Size) + "&to=" + itoa(notes[0].Size)
	setup, err := w.App.InviteLink(ctx, w.As(t, "admin"), d.small.Users["kpb.hand"])
	apptest.Must(t, err, "invite")
	wall, err := w.App.AddWallLink(ctx, w.As(t, "dir"), app.AddWallLink{Name: "示例大厅", Lang: "zh-CN", ExpiresOn: w.App.Today().AddDays(30)})
	apptest.Must(t, err, "make a wall link")
	f.names = map[string]string{
		"/static/:hash/*": "/static/x/app.js", "/setup/:token": "/setup/" + setup, "/wall/:token": "/wall/" + wall, "/demo/": "/demo/pause",
		"/taskforces/:code": "/taskforces/1", "/projects/:code": "/projects/P-001", "/tickets/:no": "/tickets/" + f.ticket.No, "/triage/:no": "/triage/" + f.ticket.No,
		"/files/:code/thumb": "/files/" + photo.Code + "/thumb", "/files/:code": "/files/" + one.Code, "/papers/:code": "/papers/blue_slip-2023-1", "/meetings/:no/decisions/:id": "/meetings/" + m.No + "/decisions/1", "/meetings/:no": "/meetings/" + m.No,
		"/ledger/:no": "/ledger/1", "/journal/people/:account": "/journal/people/dir", "/journal/units/:code": "/journal/units/gxj", "/journal/:no": "/journal/1",
		"/questions/:name": "/questions/dates", "/proof/checkpoints/:size": "/proof/checkpoints/" + itoa(notes[0].Size), "/proof/records/:no": "/proof/records/1",
		"/proof/consistency": "/proof/consistency", "/rules/drafts/:id": "/rules/drafts/" + itoa(draft.ID), "/why/projects/:code": "/why/projects/P-001", "/why/tickets/:no": "/why/tickets/" + f.ticket.No,
		"/why/milestones/:id": "/why/milestones/1", "/why/parts/:id": "/why/parts/1", "/why/subjects/:id": "/why/subjects/2", "/why/taskforces/:code": "/why/taskforces/1",
		"/charts/:id": "/charts/rates", "/calendar/versions/:id": "/calendar/versions/1",
	}
	return f
}

// address is a real address for a pattern.
func (f *full) address(t *testing.T, pattern string) string {
	t.Helper()
	best := ""
	for start := range f.names {
		if strings.HasPrefix(pattern, start) && len(start) > len(best) {
			best = start
		}
	}
	address := pattern
	if best != "" {
		address = f.names[best] + strings.TrimPrefix(strings.TrimPrefix(pattern, best), "pause")
	}
	if strings.HasPrefix(best, "/demo/") || strings.HasPrefix(best, "/static/") {
		address = f.names[best]
	}
	if strings.ContainsAny(address, ":*") {
		t.Errorf("%s: no thing is known that this address could name; add one to newFull", pattern)
	}
	return address
}

// visitor asks for addresses in one browser.
type visitor struct {
	name string
	*browser
}

// visitors are a stranger and those who together may open every page.
func (f *full) visitors(t *testing.T) []visitor {
	t.Helper()
	all := []visitor{{"stranger", newBrowser(t, f.World, f.srv)}}
	for _, account := range []string{"dir", "insp", "admin", "gxj.hand"} {
		all = append(all, visitor{account, f.as(t, account)})
	}
	return all
}

// once asks for an address without waiting for an end that a stream does not have: of those only the head is read.
func (b *browser) once(method, path string, form url.Values) answer {
	b.t.Helper()
	if method == http.MethodPost {
		return b.post(path, form)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, b.base+path, nil)
	apptest.Must(b.t, err, "ask for %s", path)
	if bare, _, _ := strings.Cut(path, "?"); !strings.HasSuffix(bare, "/live") {
		return b.do(r)
	}
	resp, err := b.client.Do(r)
	apptest.Must(b.t, err, "ask for %s", path)
	cancel()
	resp.Body.Close()
	return answer{status: resp.StatusCode, header: resp.Header, body: "a stream", location: resp.Header.Get("Location")}
}

// seen is one answer of the walk.
type seen struct {
	who string
	route
	answer
}

// where says which answer a complaint is about.
func (s seen) where() string {
	return fmt.Sprintf("%s %s as %s, status %d", s.method, s.pattern, s.who, s.status)
}

// overTLS is the visitor of a site that people reach over https.
const overTLS = "stranger over https"

// strolls keeps the walk for all tests that look at its answers.
type strolls struct {
	once sync.Once
	all  []seen
}

var stroll strolls

// walk asks for every route as every visitor, forms with nothing in them, and for what no route answers; it is done once, by whichever test comes first.
func walk(t *testing.T) []seen {
	t.Helper()
	stroll.once.Do(func() { stroll.all = newFull(t).walk(t) })
	if len(stroll.all) < 500 {
		t.Fatalf("the walk has %d answers", len(stroll.all))
	}
	return stroll.all
}

func (f *full) walk(t *testing.T) []seen {
	t.Helper()
	var all []seen
	opened := map[string]bool{}
	visitors := f.visitors(t)
	for _, r := range routes(t) {
		if r.pattern == "/logout" { // everybody would have to sign in again; check 34 does it
			continue
		}
		address := f.address(t, r.pattern)
		if r.method == http.MethodGet {
			address += f.queries()[r.pattern]
		}
		for i, v := range visitors {
			if i > 1 && (r.method == http.MethodPost || opened[r.pattern]) {
				break // the others are for what the director may not open
			}
			a := v.once(r.method, address, nil)
			if i > 0 && a.status == http.StatusOK {
				opened[r.pattern] = true
			}
			all = append(all, seen{v.name, r, a})
		}
	}
	for _, r := range routes(t) {
		if r.method == http.MethodGet && !opened[r.pattern] && r.pattern != "/" && r.pattern != "/why/taskforces/:code" { // these two only lead on
			t.Errorf("GET %s: nobody could open it, so it was not looked at", r.pattern)
		}
	}
	for name, a := range oddities(t, newBrowser(t, f.World, f.srv)) {
		all = append(all, seen{"stranger", route{"?", name}, a})
	}
	secure := newBrowser(t, f.World, serve(t, f.World, func(o *web.Options) { o.Secure = true })) // as behind a TLS proxy
	for _, r := range routes(t) {
		all = append(all, seen{overTLS, r, secure.once(r.method, f.address(t, r.pattern), nil)})
	}
	for name, a := range oddities(t, secure) {
		all = append(all, seen{overTLS, route{"?", name}, a})
	}
	return all
}

// queries are what some pages need to be asked with.
func (f *full) queries() map[string]string {
	return map[string]string{"/live/since": "?after=1", "/move": "?item=ticket/" + f.ticket.No, "/papers/new": "?ticket=" + f.ticket.No, "/proof/consistency": f.growth, "/proof/consistency/file": f.growth}
}
