package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// loadSize is how much is asked of the server.
type loadSize struct {
	streams int // event streams, each a connection with a session
	users   int // people who work; one stream each is theirs
	tickets int // of each of them
	rounds  int // of reading and writing of each of them
	slow    int // streams that read nothing, and as many that read a byte at a time
	think   time.Duration
}

// loadSizeOf is the size of make check, where everything is driven by events; make load sets BATTLEMAP_TEST_LOAD for the size of issue 6, with time to think.
func loadSizeOf() loadSize {
	if os.Getenv("BATTLEMAP_TEST_LOAD") != "" {
		return loadSize{streams: 2000, users: 200, tickets: 4, rounds: 6, slow: 20, think: 4 * time.Second}
	}
	return loadSize{streams: 100, users: 10, tickets: 2, rounds: 3, slow: 2}
}

// memoryLimit is what one node may hold resident at any time.
const memoryLimit = 512 << 20

// One node on SQLite carries the streams and the users within its memory; restarted in the middle, it loses no event for any browser. Two nodes on PostgreSQL share them: one is
// restarted, then the other is killed, and the browsers go on where they were, on whichever node is there.
func TestLoad(t *testing.T) {
	program := buildLoad(t)
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		l := newCrowd(t, program, "sqlite:"+filepath.Join(dir, "battlemap.db"), dir)
		l.start(0)
		l.run(func() {
			l.stop(0)
			l.start(0)
		})
	})
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("BATTLEMAP_TEST_POSTGRES") == "" {
			t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
		}
		l := newCrowd(t, program, apptest.Schema(t, os.Getenv("BATTLEMAP_TEST_POSTGRES")), t.TempDir())
		l.start(0)
		l.start(1)
		l.run(func() {
			l.stop(0)
			l.start(0)
			l.kill(1)
			l.start(1)
		})
	})
}

// crowd is one run: everybody who is at the nodes at the same time.
type crowd struct {
	t         *testing.T
	size      loadSize
	database  string
	dir       string // of the node's key and log
	program   string
	people    []*loadPerson
	streams   []*loadStream
	asked     loadAsked
	mail      *loadPost
	transport *http.Transport

	mu      sync.Mutex
	nodes   []*loadNode
	moved   chan struct{} // closed when a node comes or goes
	steps   int           // that all users together have done
	halfway chan struct{}
}

func newCrowd(t *testing.T, program, database, dir string) *crowd {
	l := &crowd{t: t, size: loadSizeOf(), database: database, dir: dir, program: program, moved: make(chan struct{}), halfway: make(chan struct{}), mail: &loadPost{Post: apptest.OpenPost(t)}}
	l.seed()
	return l
}

// run lets everybody in, lets them work, does disturb in the middle, waits until every stream has heard of everything, and prints and judges what was measured.
func (l *crowd) run(disturb func()) {
	t := l.t
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	for _, p := range l.people {
		l.signIn(ctx, p)
	}
	begin := l.journalSize()
	listening := l.listen(ctx, begin)
	for _, s := range l.streams {
		s.await(ctx, begin) // every stream is open before anybody works
	}
	from := time.Now()
	var working sync.WaitGroup
	for _, p := range l.people {
		working.Go(func() { l.work(ctx, p) })
	}
	select {
	case <-l.halfway:
		before := time.Now()
		disturb()
		t.Logf("half way after %s, disturbed for %s", before.Sub(from).Round(time.Millisecond), time.Since(before).Round(time.Millisecond))
	case <-ctx.Done():
		t.Fatal("the users have not come half way")
	}
	working.Wait()
	took := time.Since(from)
	for _, n := range l.nodes {
		n.measure(t)
	}
	sent := len(l.mail.Arrived())
	end := l.journalSize()
	for _, s := range l.streams {
		s.open()
		s.await(ctx, end)
	}
	if ctx.Err() != nil {
		t.Fatal("some stream has not heard of everything")
	}
	same := l.sameBoards(ctx)
	l.leave(ctx)
	idle := listening()
	for place := range l.nodes {
		l.stop(place)
	}
	l.report(loadResult{begin: begin, end: end, took: took, sameBoards: same, leftOpen: idle, sent: sent})
}

// step counts what the users have done.
func (l *crowd) step() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.steps++
	if l.steps == l.size.users*l.size.rounds/2 {
		close(l.halfway)
	}
}

// loadResult is what a run has led to.
type loadResult struct {
	begin, end int64 // sizes of the journal between which everything happened
	took       time.Duration
	sameBoards int // streams whose client held, at the end, exactly what a fresh GET answers
	sent       int // letters that had gone out when the last person was done
	leftOpen   int // streams that were open after their sessions had ended
}

// report prints the table, and fails the test where a promise was not kept.
func (l *crowd) report(r loadResult) {
	t, sum := l.t, l.judge(r.begin, r.end)
	p50, p99 := l.asked.quantile(0.50), l.asked.quantile(0.99)
	t.Logf("streams %d, users %d, cards %d, records %d in %s", l.size.streams, l.size.users, l.size.users*(1+l.size.tickets), r.end-r.begin, r.took.Round(time.Millisecond))
	t.Logf("%-10s %-8s %-9s %-9s %-7s %-9s %-9s %-6s %-8s %-8s %-8s", "requests", "req/s", "p50", "p99", "errors", "events", "resumed", "lost", "doubled", "reloads", "broken off")
	t.Logf("%-10d %-8.0f %-9s %-9s %-7d %-9d %-9d %-6d %-8d %-8d %-8d", l.asked.n(), float64(l.asked.n())/r.took.Seconds(), p50.Round(100*time.Microsecond), p99.Round(100*time.Microsecond),
		len(l.asked.errors), sum.events, sum.resumed, sum.lost, sum.doubled, sum.reloads, l.asked.brokenOff)
	for _, n := range l.nodes {
		t.Logf("%s: resident %d MB, at most %d MB", n.name, n.resident>>20, n.peak>>20)
		if n.peak > memoryLimit {
			t.Errorf("%s held %d MB, more than %d MB", n.name, n.peak>>20, memoryLimit>>20)
		}
	}
	for _, e := range l.asked.errors[:min(len(l.asked.errors), 10)] {
		t.Error(e)
	}
	for _, w := range sum.wrong[:min(len(sum.wrong), 10)] {
		t.Error(w)
	}
	if sum.lost+sum.doubled > 0 {
		t.Errorf("%d events lost, %d doubled", sum.lost, sum.doubled)
	}
	if r.sameBoards != len(l.watchers()) {
		t.Errorf("%d of %d clients held what a fresh GET answers", r.sameBoards, len(l.watchers()))
	}
	if r.leftOpen > 0 {
		t.Errorf("%d streams stayed open after their sessions had ended", r.leftOpen)
	}
	l.reportMail(r.sent)
	if sum.events == 0 || l.asked.n() == 0 {
		t.Error("nothing happened")
	}
}
