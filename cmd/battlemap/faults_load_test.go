package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"battlemap/app/apptest"
)

// write is one thing that a client of the load asked for, and what it was told.
type write struct {
	Client  int    `json:"client"`
	Account string `json:"account"`
	Action  string `json:"action"`            // of the record that the journal must have
	On      string `json:"on"`                // ticket or project
	Version int64  `json:"version"`           // that a move was made from
	Tag     string `json:"tag,omitempty"`     // text that is in this write alone
	Request string `json:"request,omitempty"` // number that the answer bore, and the record bears
	Call    int64  `json:"call"`              // nanoseconds since the load began
	Return  int64  `json:"return"`
	Outcome string `json:"outcome"` // "acknowledged", "stale", "refused", "unknown", or "unsent" when nobody took the connection
	Status  int    `json:"status"`
	Stamp   int64  `json:"stamp,omitempty"` // how much had been written to the disk when the answer was there
}

// look is what a client was shown of a ticket.
type look struct {
	client       int
	on, state    string
	version      int64
	call, answer int64
}

// load is people who write at random through the pages, each client with dice of its own, so that a seed names what they try.
type load struct {
	d       *district
	seed    uint64
	clients int
	began   time.Time
	file    *os.File // the client log: one write a line
	client  *http.Client
	wait    sync.WaitGroup
	stamp   func() int64 // nil where nobody records the disk

	mu      sync.Mutex
	changed *sync.Cond
	servers []*server
	over    bool
	// generation counts how often the load began: each time the clients write other texts.
	generation int
	begun      int // writes
	marks      map[int]chan struct{}
	writes     []write
	looks      []look // of this part of the histories
	tickets    []string
	held       int  // writes of the parts before, which were held against the model
	from       rest // where this part began
	operations int  // of all parts
	// minds are the versions of the monthly reports, as the clients know them.
	minds map[string]int64
}

// newLoad prepares a load; nobody writes before begin.
func newLoad(d *district, seed uint64, clients int) *load {
	d.t.Helper()
	l := &load{d: d, seed: seed, clients: clients, began: time.Now(), marks: map[int]chan struct{}{}, minds: map[string]int64{}}
	l.changed = sync.NewCond(&l.mu)
	l.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2 * clients}, Timeout: 2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for i := range 12 {
		l.tickets = append(l.tickets, fmt.Sprintf("2023-%03d", i+1))
	}
	var err error
	l.file, err = os.Create(filepath.Join(d.t.TempDir(), "clients.jsonl"))
	apptest.Must(d.t, err, "client log")
	d.t.Cleanup(func() { l.end(); _ = l.file.Close() })
	l.from = l.atRest()
	return l
}

// serve says which servers the clients go to from now on; a client whose server is gone goes to another, or waits.
func (l *load) serve(servers ...*server) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.servers = servers
	l.changed.Broadcast()
}

// begin lets the clients write.
func (l *load) begin() {
	for i := range l.clients {
		l.wait.Go(func() { l.work(i) })
	}
}

// end stops the clients and waits for their last answers.
func (l *load) end() {
	l.mu.Lock()
	l.over = true
	l.changed.Broadcast()
	l.mu.Unlock()
	l.wait.Wait()
	l.client.CloseIdleConnections()
}

// again lets the clients write once more after an end, other texts than before.
func (l *load) again(servers ...*server) {
	l.mu.Lock()
	l.over, l.minds = false, map[string]int64{}
	l.mu.Unlock()
	l.generation++
	l.serve(servers...)
	l.begin()
}

// after is closed when so many more writes have begun.
func (l *load) after(n int) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	mark := l.marks[l.begun+n]
	if mark == nil {
		mark = make(chan struct{})
		l.marks[l.begun+n] = mark
	}
	return mark
}

// at is the server that a client goes to; nil when the load is over.
func (l *load) at(client int) *server {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.over {
		var alive []*server
		for _, s := range l.servers {
			if !s.gone() {
				alive = append(alive, s)
			}
		}
		if len(alive) > 0 {
			return alive[client%len(alive)]
		}
		l.changed.Wait()
	}
	return nil
}

func (l *load) now() int64 { return time.Since(l.began).Nanoseconds() }

// counts tells how many writes had which outcome.
func (l *load) counts() map[string]int {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]int{}
	for _, w := range l.writes {
		out[w.Outcome]++
	}
	return out
}

// note keeps a write that has come to its end.
func (l *load) note(w write) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes = append(l.writes, w)
	line, err := json.Marshal(w)
	if err == nil {
		_, err = l.file.Write(append(line, '\n'))
	}
	if err != nil {
		l.d.t.Errorf("client log: %v", err)
	}
}

// worker is one client at work.
type worker struct {
	*load
	n       int
	account string
	dice    *rand.Rand
	tags    int
}

func (l *load) work(n int) {
	accounts := folks()[:len(folks())-1] // the inspector only reads
	c := &worker{load: l, n: n, account: accounts[n%len(accounts)], dice: rand.New(rand.NewPCG(l.seed, uint64(n+1000*l.generation)))}
	for {
		s := l.at(n)
		if s == nil {
			return
		}
		switch die := c.dice.IntN(100); {
		case die < 40:
			c.move(s)
		case die < 60 && strings.HasSuffix(c.account, ".hand"):
			c.report(s)
		case die < 55 && c.account == "sup":
			c.draft(s)
		case die < 64:
			c.upload(s)
		case die < 70:
			c.page(s)
		default:
			c.say(s)
		}
	}
}

// tag is a text that no other write has.
func (c *worker) tag() string {
	c.tags++
	return fmt.Sprintf("tag-%d-%d-%d-%d.", c.seed, c.generation, c.n, c.tags)
}

// ticket draws a ticket, an old one as often as one that was drafted a moment ago.
func (c *worker) ticket() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tickets[c.dice.IntN(len(c.tickets))]
}

// ask sends a request as the client's person. unsent tells that it can't have been taken.
func (c *worker) ask(s *server, method, path, contentType string, body []byte) (answer *http.Response, text string, unsent bool) {
	r, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	apptest.Must(c.d.t, err, "%s %s", method, path)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", c.d.cookie[c.account])
	if strings.HasPrefix(path, "/move") {
		r.Header.Set("Accept", "application/json")
	}
	answer, err = c.client.Do(r)
	if err != nil {
		dial, ok := errors.AsType[*net.OpError](err)
		return nil, "", ok && dial.Op == "dial"
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil && answer.StatusCode != http.StatusSeeOther {
		return nil, "", false // half an answer tells nothing
	}
	return answer, string(all), false
}

// send makes a write and keeps what became of it.
func (c *worker) send(s *server, path, contentType string, body []byte, w write) (write, *http.Response) {
	w.Client, w.Account, w.Call = c.n, c.account, c.now()
	c.mu.Lock()
	c.begun++
	if mark := c.marks[c.begun]; mark != nil {
		close(mark)
		delete(c.marks, c.begun)
	}
	c.mu.Unlock()
	answer, text, unsent := c.ask(s, http.MethodPost, path, contentType, body)
	w.Return, w.Outcome = c.now(), "unknown"
	if unsent {
		w.Outcome = "unsent"
	}
	if c.stamp != nil {
		w.Stamp = c.stamp()
	}
	if answer != nil {
		w.Status, w.Request = answer.StatusCode, answer.Header.Get("X-Request-Id")
		switch {
		case w.Status == http.StatusSeeOther && strings.HasPrefix(answer.Header.Get("Location"), "/login"):
			w.Outcome = "refused"
			c.d.t.Errorf("%s was signed out", c.account)
		case w.Status == http.StatusSeeOther, w.Status == http.StatusOK && strings.Contains(text, `"done":true`):
			w.Outcome = "acknowledged"
		case w.Status == http.StatusConflict:
			w.Outcome = "stale"
		case w.Status < http.StatusInternalServerError:
			w.Outcome = "refused"
		}
	}
	c.note(w)
	return w, answer
}

const formType = "application/x-www-form-urlencoded"

// say comments on a ticket.
func (c *worker) say(s *server) {
	no, tag := c.ticket(), c.tag()
	c.send(s, "/tickets/"+no+"/comments", formType, []byte(url.Values{"body": {tag}}.Encode()), write{Action: "comment.add", On: no, Tag: tag})
}

// page reads a page.
func (c *worker) page(s *server) {
	pages := []string{"/map", "/desk", "/inbox", "/tickets", "/tickets/" + c.ticket()}
	_, _, _ = c.ask(s, http.MethodGet, pages[c.dice.IntN(len(pages))], "", nil)
}

// look asks what may be done with a ticket.
func (c *worker) look(s *server, no string) (version int64, moves []string) {
	call := c.now()
	answer, text, _ := c.ask(s, http.MethodGet, "/move?item=ticket/"+no, "", nil)
	if answer == nil || answer.StatusCode != http.StatusOK {
		return 0, nil
	}
	var menu struct {
		Version int64 `json:",string"`
		At      string
		Moves   []struct{ Move string }
	}
	if err := json.Unmarshal([]byte(text), &menu); err != nil {
		c.d.t.Errorf("the moves of %s: %v\n%.300s", no, err, text)
		return 0, nil
	}
	c.mu.Lock()
	c.looks = append(c.looks, look{client: c.n, on: no, state: menu.At, version: menu.Version, call: call, answer: c.now()})
	c.mu.Unlock()
	for _, m := range menu.Moves {
		moves = append(moves, m.Move)
	}
	return menu.Version, moves
}

// move looks at a ticket and makes one of the moves that it offers, so that two clients often make one from the same version. What ends a ticket is rare.
func (c *worker) move(s *server) {
	no := c.ticket()
	version, moves := c.look(s, no)
	if len(moves) == 0 {
		return
	}
	move := moves[c.dice.IntN(len(moves))]
	if (move == "terminate" || move == "withdraw") && c.dice.IntN(20) > 0 {
		return
	}
	tag, today := c.tag(), c.d.calendar.Today(c.d.shows())
	form := url.Values{"item": {"ticket/" + no}, "version": {fmt.Sprint(version)}, "move": {move}, "reason": {tag}, "feedback": {tag}, "note": {tag}, "reason_code": {"funds"},
		"expected_end": {today.AddDays(20).String()}, "shown_to_leader": {today.String()}, "sure": {"on"}}
	c.send(s, "/move", formType, []byte(form.Encode()), write{Action: "ticket." + move, On: no, Version: version, Tag: tag})
}

// draft drafts a ticket, which the others then find.
func (c *worker) draft(s *server) {
	tag := c.tag()
	form := url.Values{"kind": {"assignment"}, "title": {tag}, "basis": {"示例依据"}, "instruction": {"示例要求"}, "task_force_id": {"1"},
		"lead_unit_id": {fmt.Sprint(1 + c.dice.IntN(2))}, "due_term": {"5 workdays"}, "other_matter": {"on"}}
	w, answer := c.send(s, "/tickets/new", formType, []byte(form.Encode()), write{Action: "ticket.draft", Tag: tag})
	if w.Outcome == "acknowledged" {
		no := strings.TrimPrefix(answer.Header.Get("Location"), "/tickets/")
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.tickets) < 60 {
			c.tickets = append(c.tickets, no)
		} else {
			c.tickets[c.dice.IntN(len(c.tickets))] = no // most of the old ones have come to their end
		}
	}
}

var reportVersion = regexp.MustCompile(`name="version-2023-02" value="(\d+)"`)

// report corrects the month's report of a project; two clients share one, so some of them come too late and look again.
func (c *worker) report(s *server) {
	code := map[string][]string{"gxj.hand": {"P-001", "P-003"}, "zjj.hand": {"P-002", "P-004"}}[c.account][c.dice.IntN(2)]
	c.mu.Lock()
	version, known := c.minds[code]
	c.mu.Unlock()
	if !known {
		answer, text, _ := c.ask(s, http.MethodGet, "/projects/"+code, "", nil)
		if answer == nil || answer.StatusCode != http.StatusOK {
			return
		}
		if m := reportVersion.FindStringSubmatch(text); m != nil {
			_, _ = fmt.Sscan(m[1], &version)
		}
	}
	tag := c.tag()
	form := url.Values{"month": {"2023-02"}, "version-2023-02": {fmt.Sprint(version)}, "amount": {"1"}, "text": {tag}}
	w, _ := c.send(s, "/projects/"+code+"/report", formType, []byte(form.Encode()), write{Action: "progress.report", On: code, Version: version, Tag: tag})
	c.mu.Lock()
	defer c.mu.Unlock()
	if delete(c.minds, code); w.Outcome == "acknowledged" {
		c.minds[code] = version + 1
	}
}

// upload hands a document in.
func (c *worker) upload(s *server) {
	no, tag := c.ticket(), c.tag()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "notes.txt")
	if err == nil {
		_, err = part.Write([]byte("示例材料 " + tag))
	}
	apptest.Must(c.d.t, errors.Join(err, form.WriteField("kind", "document"), form.WriteField("caption", tag), form.Close()), "form")
	c.send(s, "/tickets/"+no+"/files", form.FormDataContentType(), body.Bytes(), write{Action: "attachment.add", On: no, Tag: tag})
}
