package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"battlemap/app/apptest"
	"battlemap/app/audit"
)

// BenchmarkDoctor examines a journal of BATTLEMAP_BENCH_RECORDS records (100,000 without) and reports the largest heap that was seen meanwhile: it does not grow
// with the journal.
func BenchmarkDoctor(b *testing.B) {
	n := 100_000
	if text := os.Getenv("BATTLEMAP_BENCH_RECORDS"); text != "" {
		var err error
		n, err = strconv.Atoi(text)
		apptest.Must(b, err, "BATTLEMAP_BENCH_RECORDS")
	}
	w := apptest.Open(b, "sqlite:"+filepath.Join(b.TempDir(), "test.db"))
	growJournal(b, w, n)
	runtime.GC() // what building it took is no part of looking at it
	for b.Loop() {
		stop, peak := make(chan struct{}), uint64(0)
		var wg sync.WaitGroup
		wg.Go(func() {
			var m runtime.MemStats
			for tick := time.NewTicker(20 * time.Millisecond); ; {
				select {
				case <-stop:
					return
				case <-tick.C:
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
				}
			}
		})
		found, size, err := w.App.Diagnose(context.Background(), true, w.Public, nil)
		close(stop)
		wg.Wait()
		if lines := offenders(found); err != nil || len(lines) > 0 || size < int64(n) {
			b.Fatal(err, size, lines)
		}
		b.ReportMetric(float64(peak)/(1<<20), "peak-MB")
		b.ReportMetric(float64(size), "records")
	}
}

// growJournal appends records about nothing in particular, past the App: it would take an hour through the door.
func growJournal(b *testing.B, w *apptest.World, n int) {
	b.Helper()
	w.Seed(b)
	side := lookAside(b, w)
	var hashes tree
	for _, r := range side.blobs("SELECT record FROM journal ORDER BY no") {
		more, err := audit.Append(int64(hashes.records()), r, hashes)
		apptest.Must(b, err, "hash")
		hashes = append(hashes, more...)
	}
	from := side.number("SELECT size FROM journal_head")
	t, err := side.db.Begin()
	apptest.Must(b, err, "begin")
	put := func(statement string) *sql.Stmt {
		s, err := t.Prepare(statement)
		apptest.Must(b, err, "%s", statement)
		return s
	}
	row := put("INSERT INTO journal (no, at, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record) VALUES (?, ?, 'system', 0, 'journal.read', 'journal', 0, 0, 0, 0, ?)")
	hash := put("INSERT INTO journal_hashes (id, hash) VALUES (?, ?)")
	at := w.Clock.Now().UTC()
	for no := from + 1; no <= from+int64(n); no++ {
		r, err := audit.Encode(audit.Record{No: no, At: at.Format(time.RFC3339), Actor: audit.Actor{Kind: "system", Name: "bench"}, Action: "journal.read", Object: audit.Object{Kind: "journal"},
			Reason: fmt.Sprint("示例查阅 ", no)})
		apptest.Must(b, err, "encode")
		more, err := audit.Append(no-1, r, hashes)
		apptest.Must(b, err, "hash")
		_, err = row.Exec(no, at.Unix(), r)
		apptest.Must(b, err, "insert")
		for _, h := range more {
			_, err := hash.Exec(len(hashes), h[:])
			apptest.Must(b, err, "insert a hash")
			hashes = append(hashes, h)
		}
	}
	_, err = t.Exec("UPDATE journal_head SET size = ?, at = ?", from+int64(n), at.Unix())
	apptest.Must(b, err, "head")
	apptest.Must(b, t.Commit(), "commit")
	apptest.Must(b, w.App.SignCheckpoint(context.Background()), "sign")
}

// records is how many records the hashes are of.
func (h tree) records() int {
	n := 0
	for at := 0; at < len(h); n++ {
		at += 1
		for k := n; k&1 == 1; k >>= 1 {
			at++
		}
	}
	return n
}
