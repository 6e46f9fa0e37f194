package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/web"
	"battlemap/templates"
)

// slowSite is the product as it is served, in this process, with little patience.
type slowSite struct {
	*apptest.World
	t       *testing.T
	seeded  *apptest.Small
	address string
	cookie  string
	open    atomic.Int64 // streams that are being served
	read    deadlines
}

// deadlines is a listener that keeps the last limit on reading of the connection that came last.
type deadlines struct {
	net.Listener
	last atomic.Pointer[time.Time]
}

func (d *deadlines) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	return &deadlined{conn, d}, err
}

type deadlined struct {
	net.Conn
	all *deadlines
}

func (d *deadlined) SetReadDeadline(t time.Time) error {
	d.all.last.Store(&t)
	return d.Conn.SetReadDeadline(t)
}

func (d *deadlined) SetWriteBuffer(bytes int) error {
	return d.Conn.(*net.TCPConn).SetWriteBuffer(bytes)
}

func newSlowSite(t *testing.T) *slowSite {
	t.Helper()
	s := &slowSite{World: apptest.Open(t, "sqlite:"+filepath.Join(t.TempDir(), "slow.db")), t: t}
	s.seeded = s.Seed(t)
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "parse templates")
	log := slog.New(slog.DiscardHandler)
	handler, err := web.New(web.Options{App: s.App, Set: set, Log: log, NewID: rand.Text})
	apptest.Must(t, err, "build the site")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	s.address, s.read.Listener = ln.Addr().String(), ln
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.open.Add(1)
		defer s.open.Add(-1)
		handler.ServeHTTP(w, r)
	}), log)
	go func() { _ = server.Serve(patience{&s.read, 100 * time.Millisecond}) }()
	t.Cleanup(func() { _ = server.Close() })
	apptest.Must(t, s.App.ResetPassword(context.Background(), app.Setup("test"), "sup", loadPassword), "set a password")
	entry, err := s.App.SignIn(context.Background(), app.SignIn{Account: "sup", Password: loadPassword, Address: "127.0.0.1", Agent: "test"})
	apptest.Must(t, err, "sign in")
	s.cookie = "battlemap=" + entry.Token
	return s
}

// slowReader is a browser's end of a stream.
type slowReader struct {
	t     *testing.T
	conn  net.Conn
	lines *bufio.Reader
	last  string // id of the event that it had last
}

// listen opens a stream and reads the hello; a small buffer leaves what is not read with the server.
func (s *slowSite) listen(after string, small bool) *slowReader {
	s.t.Helper()
	d := net.Dialer{}
	if small {
		d.Control = func(_, _ string, raw syscall.RawConn) error {
			return raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
		}
	}
	conn, err := d.Dial("tcp", s.address)
	apptest.Must(s.t, err, "connect")
	s.t.Cleanup(func() { conn.Close() })
	r := &slowReader{t: s.t, conn: conn, lines: bufio.NewReaderSize(conn, 16)}
	_, err = fmt.Fprintf(conn, "GET /live HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nLast-Event-ID: %s\r\n\r\n", s.address, s.cookie, after)
	apptest.Must(s.t, err, "ask")
	if name, err := r.next(); name != "hello" {
		s.t.Fatalf("a stream begins with %q, %v", name, err)
	}
	return r
}

// next is the next event's name; an error when the stream has ended.
func (r *slowReader) next() (name string, err error) {
	for {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return "", err
		}
		line = strings.TrimSpace(line)
		if v, ok := strings.CutPrefix(line, "id: "); ok {
			r.last = v
		}
		if v, ok := strings.CutPrefix(line, "event: "); ok {
			name = v
		}
		if line == "" && name != "" && name != "beat" {
			return name, nil
		}
	}
}

// size is the number of records in the journal, as an event's id.
func (s *slowSite) size() string {
	s.t.Helper()
	n, err := s.App.JournalSize(context.Background())
	apptest.Must(s.t, err, "read the journal's size")
	return fmt.Sprint(n)
}

// The limit on reading a request is not one on listening: without this every stream would end after a minute.
func TestSlowStreamOutlivesTheLimitOnReading(t *testing.T) {
	s := newSlowSite(t)
	s.listen("", false)
	if last := s.read.last.Load(); last == nil || !last.IsZero() {
		t.Errorf("the connection of a stream may be read until %v", last)
	}
}

// F8: a browser that reads nothing, and one that reads a byte at a time, hold up nobody and are cut off; they resume where they were, and know everything then.
func TestSlowReadersAreCutOffAndResume(t *testing.T) {
	s := newSlowSite(t)
	begin := s.size()
	quick, stuck, slow := s.listen(begin, false), s.listen(begin, true), s.listen(begin, true)
	ctx, sup := context.Background(), s.As(t, "sup")
	k, err := s.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: "示例事项", Basis: "示例依据", TaskForceID: s.seeded.Forces["1"], LeadUnitID: s.seeded.Units["gxj"], DueTerm: "15 workdays"})
	apptest.Must(t, err, "draft")
	records := 0
	for ; s.open.Load() > 1; records++ {
		if records > 20_000 {
			t.Fatalf("%d streams are still served after %d events that nobody reads", s.open.Load(), records)
		}
		_, err := s.App.AddComment(ctx, sup, app.AddComment{ItemKind: "ticket", Item: k.ID, Body: fmt.Sprint("示例", records)})
		apptest.Must(t, err, "say something")
		for size := s.size(); quick.last != size; {
			if _, err := quick.next(); err != nil {
				t.Fatalf("the stream of a quick reader ended after %d records: %v", records, err)
			}
		}
		if _, err := slow.conn.Read(make([]byte, 1)); err != nil {
			t.Fatalf("the stream of a slow reader ended before it was read: %v", err)
		}
	}
	for name, r := range map[string]*slowReader{"that reads nothing": stuck, "that reads a byte at a time": slow} {
		for { // what the system had still taken
			if _, err := r.next(); err != nil {
				break
			}
		}
		if r.last == s.size() {
			t.Errorf("a reader %s has heard everything, and was cut off", name)
		}
		again := s.listen(r.last, false)
		for again.last != s.size() {
			if _, err := again.next(); err != nil {
				t.Fatalf("a reader %s resumed after %s and its stream ended: %v", name, r.last, err)
			}
		}
	}
	t.Logf("cut off after %d records", records)
}
