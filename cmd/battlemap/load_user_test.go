package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// loadAsked is what the users have asked for: how long each answer took, and what was wrong.
type loadAsked struct {
	mu        sync.Mutex
	took      []time.Duration
	fresh     int // answers of 304
	brokenOff int // requests whose node was stopped or killed under them
	errors    []string
}

func (a *loadAsked) n() int { return len(a.took) }

func (a *loadAsked) quantile(q float64) time.Duration {
	slices.Sort(a.took)
	if len(a.took) == 0 {
		return 0
	}
	return a.took[int(q*float64(len(a.took)-1))]
}

func (a *loadAsked) wrong(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.errors = append(a.errors, fmt.Sprintf(format, args...))
}

// loadAnswer is what a node has answered.
type loadAnswer struct {
	status int
	header http.Header
	body   []byte
}

// errGone means that the node was stopped or killed under a request: whether it was carried out is not known.
var errGone = errors.New("the node went away")

// ask makes one request of a person to a node that is there.
func (l *crowd) ask(ctx context.Context, p *loadPerson, method, path string, form url.Values) (loadAnswer, error) {
	address := l.node(ctx, p.place)
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, body)
	if err != nil {
		return loadAnswer{}, err
	}
	r.Header.Set("Cookie", p.cookie)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if tag := p.tags[path]; tag != "" && method == http.MethodGet {
		r.Header.Set("If-None-Match", tag)
	}
	begin := time.Now()
	resp, err := l.client().RoundTrip(r)
	if err != nil {
		return loadAnswer{}, l.gone(address, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return loadAnswer{}, l.gone(address, err)
	}
	l.asked.mu.Lock()
	defer l.asked.mu.Unlock()
	l.asked.took = append(l.asked.took, time.Since(begin))
	if resp.StatusCode == http.StatusNotModified {
		l.asked.fresh++
	}
	return loadAnswer{resp.StatusCode, resp.Header, text}, nil
}

// gone turns an error into errGone where the node is not meant to be there any more.
func (l *crowd) gone(address string, err error) error {
	if l.there(address) {
		return err
	}
	l.asked.mu.Lock()
	defer l.asked.mu.Unlock()
	l.asked.brokenOff++
	return errGone
}

// client keeps connections open as browsers do.
func (l *crowd) client() *http.Transport {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.transport == nil {
		l.transport = &http.Transport{MaxIdleConnsPerHost: 2 * l.size.users, DisableCompression: true}
		l.t.Cleanup(l.transport.CloseIdleConnections)
	}
	return l.transport
}

// signIn signs a person in over HTTP.
func (l *crowd) signIn(ctx context.Context, p *loadPerson) {
	l.t.Helper()
	a, err := l.ask(ctx, p, http.MethodPost, "/login", url.Values{"account": {p.account}, "password": {loadPassword}})
	if err != nil || a.status != http.StatusSeeOther {
		l.t.Fatalf("sign in %s: status %d, %v", p.account, a.status, err)
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == "battlemap" {
			p.cookie = c.Name + "=" + c.Value
		}
	}
}

// leave signs everybody out; their streams end with their sessions.
func (l *crowd) leave(ctx context.Context) {
	for _, p := range l.people {
		if a, err := l.ask(ctx, p, http.MethodPost, "/logout", url.Values{}); err != nil || a.status != http.StatusSeeOther {
			l.t.Errorf("sign out %s: status %d, %v", p.account, a.status, err)
		}
	}
}

// get reads a page as a browser does that keeps what it has read; it asks again where the node went away.
func (l *crowd) get(ctx context.Context, p *loadPerson, path string) []byte {
	for {
		a, err := l.ask(ctx, p, http.MethodGet, path, nil)
		if errors.Is(err, errGone) && ctx.Err() == nil {
			continue
		}
		if err != nil || a.status != http.StatusOK && (a.status != http.StatusNotModified || p.tags[path] == "") {
			l.asked.wrong("%s reads %s: status %d, %v", p.account, path, a.status, err)
		}
		if tag := a.header.Get("ETag"); tag != "" {
			p.tags[path] = tag
		}
		return a.body
	}
}

// post sends a form; false where the node went away under it, so that nobody knows whether it was carried out.
func (l *crowd) post(ctx context.Context, p *loadPerson, path string, form url.Values) bool {
	a, err := l.ask(ctx, p, http.MethodPost, path, form)
	if errors.Is(err, errGone) {
		return false
	}
	if err != nil || a.status != http.StatusSeeOther {
		l.asked.wrong("%s posts %v to %s: status %d, %v %s", p.account, form, path, a.status, err, loadSaid(a.body))
	}
	return err == nil && a.status == http.StatusSeeOther
}

var loadProblem = regexp.MustCompile(`(?s)class="[^"]*(?:error|fault|bad)[^"]*"[^>]*>(.{0,200})`)

// loadSaid is what a refusing page says, for the report of a failure.
func loadSaid(body []byte) string {
	if m := loadProblem.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// work is what a person does: reads the map, a ticket and the desk, and moves, says or reports something, again and again.
func (l *crowd) work(ctx context.Context, p *loadPerson) {
	for round := range l.size.rounds {
		no := p.tickets[round%len(p.tickets)]
		l.get(ctx, p, "/map")
		l.pause(ctx)
		page := l.get(ctx, p, "/tickets/"+no)
		l.get(ctx, p, "/map") // once more: nothing has happened, or something has
		l.pause(ctx)
		before := p.stream.times("ticket/" + no)
		if !p.supervises() {
			l.move(ctx, p, no, page)
		}
		l.pause(ctx)
		if l.post(ctx, p, "/tickets/"+no+"/comments", url.Values{"body": {fmt.Sprintf("示例 %s 第%d次", p.account, p.said.Add(1))}}) {
			p.stream.until(ctx, func() bool { return p.stream.named["ticket/"+no]+p.stream.reloads > before }) // it hears of what it did itself
		}
		l.get(ctx, p, "/desk")
		l.pause(ctx)
		if !p.supervises() {
			l.reportProgress(ctx, p, round)
		}
		l.step()
	}
}

var loadHidden = regexp.MustCompile(`name="(version|seen|version-[0-9-]+)" value="(\d+)"`)

// move makes the next move of a ticket, with what its page carries along.
func (l *crowd) move(ctx context.Context, p *loadPerson, no string, page []byte) {
	form := url.Values{"feedback": {"示例进展"}}
	for _, m := range loadHidden.FindAllSubmatch(page, -1) {
		form.Set(string(m[1]), string(m[2]))
	}
	for _, move := range []string{"accept", "start", "draft_feedback"} {
		if bytes.Contains(page, []byte(`value="`+move+`"`)) {
			form.Set("move", move)
			l.post(ctx, p, "/tickets/"+no+"/move", form)
			return
		}
	}
	l.asked.wrong("%s finds no move on the page of %s", p.account, no)
}

// reportProgress files or corrects the month's report of the person's own project.
func (l *crowd) reportProgress(ctx context.Context, p *loadPerson, round int) {
	path := "/projects/" + p.project
	page := l.get(ctx, p, path)
	m := loadMonth.FindSubmatch(page)
	if m == nil {
		l.asked.wrong("%s finds no form for a report on the page of %s", p.account, p.project)
		return
	}
	month := string(m[1])
	form := url.Values{"month": {month}, "amount": {fmt.Sprint(1 + round)}, "text": {"示例"}}
	for _, m := range loadHidden.FindAllSubmatch(page, -1) {
		form.Set(string(m[1]), string(m[2]))
	}
	l.post(ctx, p, path+"/report", form)
}

var loadMonth = regexp.MustCompile(`(?s)action="/projects/[^"]*/report".*?value="([0-9]{4}-[0-9]{2})"`)

// pause is the time that a person thinks; none where everything is driven by events.
func (l *crowd) pause(ctx context.Context) {
	if l.size.think == 0 {
		return
	}
	select {
	case <-time.After(rand.N(l.size.think)):
	case <-ctx.Done():
	}
}
