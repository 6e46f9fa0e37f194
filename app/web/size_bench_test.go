package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// sized is a district of some size, and what somebody does in it.
type sized struct {
	*movers
	many int // tickets
	sup  string
	srv  *httptest.Server
	dir  string
	n    int // of what was done, so that each looks at another ticket
}

// newSized makes a district of many tickets, with one browser that moves the first copy.
func newSized(tb testing.TB, many int) *sized {
	tb.Helper()
	dir := tb.TempDir()
	w := apptest.Open(tb, "sqlite:"+filepath.Join(dir, "size.db"))
	w.Generate(tb, w.Seed(tb), apptest.Size{Tickets: many})
	srv := benchServer(tb, w)
	m := &movers{w: w, base: srv.URL, cookies: map[string]string{}, tr: &http.Transport{DisableCompression: true}}
	tb.Cleanup(m.tr.CloseIdleConnections)
	for _, step := range round() {
		m.cookies[step.as] = signedIn(tb, w, srv, step.as)
	}
	k, err := w.App.TicketFile(context.Background(), w.As(tb, "sup"), "2022-000001")
	apptest.Must(tb, err, "read a copy")
	m.tickets = []*moved{{id: k.Ticket.ID, version: k.Ticket.Version, no: k.Ticket.No}}
	return &sized{movers: m, many: many, sup: m.cookies["sup"], srv: srv, dir: dir}
}

// name is the public number of a ticket, each time another one.
func (s *sized) name() string {
	s.n++
	return fmt.Sprintf("2022-%06d", 2+s.n*7919%(s.many-20))
}

// look reads a page as the supervisor.
func (s *sized) look(tb testing.TB, path string) {
	tb.Helper()
	s.lookAs(tb, s.sup, path)
}

func (s *sized) lookAs(tb testing.TB, cookie, path string) {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, s.base+path, nil)
	apptest.Must(tb, err, "ask")
	r.Header["Cookie"], r.Header["Accept-Encoding"] = []string{cookie}, []string{"gzip"}
	resp, err := s.tr.RoundTrip(r)
	apptest.Must(tb, err, "ask")
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	apptest.Must(tb, err, "read")
	if resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s", path, resp.Status)
	}
}

func (s *sized) moveOne(tb testing.TB) {
	apptest.Must(tb, s.move(s.tickets[0]), "move")
}

// doings are what goal P7 compares: how long each takes where there are few tickets, and where there are many.
func doings() []struct {
	name       string
	before, do func(testing.TB, *sized)
} {
	board := func(tb testing.TB, s *sized) { s.look(tb, "/map?view=tickets") }
	find := func(what func(*sized) string) func(testing.TB, *sized) {
		return func(tb testing.TB, s *sized) { s.look(tb, "/search?q="+url.QueryEscape(what(s))) }
	}
	nothing := func(testing.TB, *sized) {}
	return []struct {
		name       string
		before, do func(testing.TB, *sized)
	}{
		{"ticket page", nothing, func(tb testing.TB, s *sized) { s.look(tb, "/tickets/"+s.name()) }},
		{"board", nothing, board},
		{"board after write", func(tb testing.TB, s *sized) { s.moveOne(tb) }, board},
		{"list", nothing, func(tb testing.TB, s *sized) { s.look(tb, "/tickets") }},
		{"search number", nothing, find((*sized).name)},
		{"search words", nothing, find(func(s *sized) string { return "示例 " + s.name() })},
		{"move", nothing, func(tb testing.TB, s *sized) { s.moveOne(tb) }},
		{"sweep", nothing, func(tb testing.TB, s *sized) {
			swept, err := s.w.App.Sweep(context.Background(), app.System("sweep"), 0)
			if err != nil || swept != (app.Swept{}) {
				tb.Fatalf("swept %+v, %v", swept, err)
			}
		}},
	}
}

// sizeTurns does the same in turn in a small and a large district, in milliseconds.
func sizeTurns(tb testing.TB, small, large *sized, before, do func(testing.TB, *sized), turns int) (t apptest.Turns) {
	took := func(s *sized) float64 {
		before(tb, s)
		begin := time.Now()
		do(tb, s)
		return float64(time.Since(begin).Microseconds()) / 1000
	}
	took(small)
	took(large)
	for range turns {
		t.Add(took(large), took(small))
	}
	return t
}

// BenchmarkSize is goal P7: what takes how long at 1,000 tickets, and at BATTLEMAP_BENCH_TICKETS (100,000 without).
func BenchmarkSize(b *testing.B) {
	many := 100_000
	if text := os.Getenv("BATTLEMAP_BENCH_TICKETS"); text != "" {
		var err error
		many, err = strconv.Atoi(text)
		apptest.Must(b, err, "BATTLEMAP_BENCH_TICKETS")
	}
	small, large := newSized(b, 1000), newSized(b, many)
	for _, d := range doings() {
		b.Run(d.name, func(b *testing.B) {
			for b.Loop() {
				t := sizeTurns(b, small, large, d.before, d.do, 21)
				t.Report(b, "x-small", "ms")
			}
		})
	}
}

// What the benchmark of sizes does works, whatever it costs here.
func TestSizeBenchmark(t *testing.T) {
	small, large := newSized(t, 40), newSized(t, 80)
	for _, d := range doings() {
		turns := sizeTurns(t, small, large, d.before, d.do, 2)
		turns.Check(t)
	}
}
