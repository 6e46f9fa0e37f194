package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"battlemap/app/apptest"
)

// What a stream's reader is like.
const (
	readsAtOnce   = "" // takes what comes
	readsNothing  = "nothing"
	readsSlowly   = "a byte at a time"
	slowByteEvery = 20 * time.Millisecond
)

// loadEvent is one event as a stream had it: up to which number of the journal it tells, and the items that it names.
type loadEvent struct {
	no     int64
	reload bool
	items  []string
}

// loadStream is one browser's connection to /live: it goes on where it was whenever the connection ends, on whichever node is there.
type loadStream struct {
	load   *crowd
	place  int
	who    *loadPerson
	kind   string
	gate   chan struct{} // a reader that reads nothing waits here
	unlock sync.Once
	board  *loadBoard // what a page would hold of it; nil for most

	mu       sync.Mutex
	last     int64 // Last-Event-ID
	heard    []loadEvent
	wake     chan struct{}  // closed when something was heard
	named    map[string]int // how often an item was named; of a person's own stream
	reloads  int
	resumed  int
	problems []string
	met      bool // it has heard something
	over     bool // the session is over
}

// listen opens all streams, from a size of the journal on, spread over the people; the answer waits until all have ended, and counts those that did not.
func (l *crowd) listen(ctx context.Context, begin int64) (leftOpen func() int) {
	var open sync.WaitGroup
	for i := range l.size.streams {
		s := &loadStream{load: l, place: i, who: l.people[i%len(l.people)], last: begin - 1, wake: make(chan struct{}), gate: make(chan struct{})}
		switch n := l.size.streams - 1 - i; {
		case n < l.size.slow:
			s.kind = readsNothing
		case n < 2*l.size.slow:
			s.kind = readsSlowly
		}
		if i < len(l.people) {
			s.who.stream, s.named = s, map[string]int{}
		}
		if s.kind != readsAtOnce || i < 2 || i == 9 { // of each kind of reader, a handler and a supervisor
			s.board = newLoadBoard(l, s)
		}
		if s.board != nil {
			apptest.Must(l.t, s.board.first(ctx), "read the board")
		}
		l.streams = append(l.streams, s)
		open.Go(func() { s.run(ctx) })
	}
	return func() int {
		open.Wait()
		n := 0
		for _, s := range l.streams {
			if !s.over {
				n++
			}
		}
		return n
	}
}

// watchers are the streams that keep a board.
func (l *crowd) watchers() (out []*loadStream) {
	for _, s := range l.streams {
		if s.board != nil {
			out = append(out, s)
		}
	}
	return out
}

// run listens until the session is over.
func (s *loadStream) run(ctx context.Context) {
	for first := true; ; first = false {
		address := s.load.node(ctx, s.place)
		if address == "" {
			return
		}
		over, err := s.hear(ctx, address)
		s.mu.Lock()
		if !first && !over {
			s.resumed++
		}
		s.over = over
		s.mu.Unlock()
		if over || ctx.Err() != nil {
			return
		}
		if err != nil && s.load.there(address) && s.kind == readsAtOnce {
			s.problem("stream %d of %s broke off: %v", s.place, s.who.account, err)
		}
	}
}

func (s *loadStream) problem(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// hear is one connection; over tells that the node asks to sign in.
func (s *loadStream) hear(ctx context.Context, address string) (over bool, err error) {
	d := net.Dialer{}
	if s.kind != readsAtOnce { // so that what is not read stays with the node
		d.Control = func(_, _ string, raw syscall.RawConn) error {
			return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
		}
	}
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if _, err := fmt.Fprintf(conn, "GET /live HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\nCookie: %s\r\nLast-Event-ID: %d\r\n\r\n", address, s.who.cookie, last); err != nil {
		return false, err
	}
	lines := bufio.NewReaderSize(io.Reader(&loadReader{Conn: conn, stream: s, ctx: ctx}), 1024)
	answer, err := http.ReadResponse(lines, nil)
	if err != nil {
		return false, err
	}
	switch answer.StatusCode {
	case http.StatusSeeOther:
		return true, nil
	case http.StatusOK:
		return false, s.take(ctx, bufio.NewReaderSize(answer.Body, 1024))
	}
	return false, fmt.Errorf("status %d", answer.StatusCode)
}

// loadReader reads as the stream's reader does.
type loadReader struct {
	net.Conn
	stream *loadStream
	ctx    context.Context
}

func (r *loadReader) Read(p []byte) (int, error) {
	switch {
	case !r.stream.began(): // a page that never opens is no slow reader
	case r.stream.kind == readsNothing:
		select {
		case <-r.stream.gate:
		case <-r.ctx.Done():
		}
	case r.stream.kind == readsSlowly:
		select {
		case <-r.stream.gate: // the run is over: it reads like the others
		case <-r.ctx.Done():
		case <-time.After(slowByteEvery):
			p = p[:1]
		}
	}
	return r.Conn.Read(p)
}

func (s *loadStream) began() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met
}

// open lets a slow reader read like the others.
func (s *loadStream) open() { s.unlock.Do(func() { close(s.gate) }) }

// take reads events until the connection ends; the end of an answer is no error.
func (s *loadStream) take(ctx context.Context, lines *bufio.Reader) error {
	var name, id, data string
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch key {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			switch {
			case name == "journal" || name == "reload":
				if err := s.event(ctx, id, data); err != nil {
					return err
				}
			case name == "day" && s.board != nil: // midnight
				s.board.hear(ctx, nil, true)
			}
			name, id, data = "", "", ""
		}
	}
}

func (s *loadStream) event(ctx context.Context, id, data string) error {
	var said struct {
		No          int64
		Items       []string
		All, Reload bool
	}
	if err := json.Unmarshal([]byte(data), &said); err != nil {
		return err
	}
	if id != strconv.FormatInt(said.No, 10) {
		s.problem("event %s says %d", id, said.No)
	}
	if s.board != nil { // as a page does: what it holds is asked for anew
		s.board.hear(ctx, said.Items, said.All || said.Reload)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.met, s.last, s.heard = true, said.No, append(s.heard, loadEvent{no: said.No, reload: said.Reload, items: said.Items})
	if s.named != nil {
		for _, item := range said.Items {
			s.named[item]++
		}
		if said.Reload {
			s.reloads++
		}
	}
	close(s.wake)
	s.wake = make(chan struct{})
	return nil
}

// await waits until the stream has heard of everything up to a number, or ctx is over.
func (s *loadStream) await(ctx context.Context, no int64) {
	s.until(ctx, func() bool { return s.last >= no })
}

// times tells how often an item was named; a reload names everything.
func (s *loadStream) times(item string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.named[item] + s.reloads
}

func (s *loadStream) until(ctx context.Context, done func() bool) {
	for {
		s.mu.Lock()
		if done() {
			s.mu.Unlock()
			return
		}
		wake := s.wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

// loadSum is what all streams together have heard.
type loadSum struct {
	events, resumed, lost, doubled, reloads int
	wrong                                   []string
}

// judge holds what every stream has heard against the journal and what its person may see. An event tells of the records after the event before it, so each record belongs to
// exactly one event of a stream, which must name its items if they are seen, and nothing else.
func (l *crowd) judge(begin, end int64) (sum loadSum) {
	happened := l.happened(begin-1, end)
	a := l.open()
	defer a.Close()
	sees := map[string]map[string]bool{}
	for _, p := range l.people {
		sees[p.account] = loadSees(l.t, a, p.account)
	}
	for _, s := range l.streams {
		sum.resumed += s.resumed
		sum.wrong = append(sum.wrong, s.problems...)
		at := begin - 1
		for _, e := range s.heard {
			if e.no > end { // signing out, after the run
				break
			}
			sum.events++
			if e.no <= at {
				sum.doubled++
				sum.wrong = append(sum.wrong, fmt.Sprintf("stream %d of %s heard %d after %d", s.place, s.who.account, e.no, at))
				continue
			}
			if e.reload {
				sum.reloads++
				if s.kind == readsAtOnce {
					sum.wrong = append(sum.wrong, fmt.Sprintf("stream %d of %s is told at %d to draw everything anew", s.place, s.who.account, e.no))
				}
				at = e.no
				continue
			}
			want := map[string]bool{}
			for no := at + 1; no <= e.no; no++ {
				for _, item := range happened[no] {
					if sees[s.who.account][item] {
						want[item] = true
					}
				}
			}
			for _, item := range e.items {
				if !want[item] {
					sum.doubled++
					sum.wrong = append(sum.wrong, fmt.Sprintf("stream %d of %s: the event of %d to %d names %s, which is not of it", s.place, s.who.account, at+1, e.no, item))
				}
				delete(want, item)
			}
			for item := range want {
				sum.lost++
				sum.wrong = append(sum.wrong, fmt.Sprintf("stream %d of %s: the event of %d to %d does not name %s", s.place, s.who.account, at+1, e.no, item))
			}
			at = e.no
		}
		if at != end {
			sum.lost++
			sum.wrong = append(sum.wrong, fmt.Sprintf("stream %d of %s has heard up to %d of %d", s.place, s.who.account, at, end))
		}
	}
	return sum
}
