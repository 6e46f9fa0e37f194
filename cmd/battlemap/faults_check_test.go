package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
)

// result is one line of the table that the fault programme prints at its end.
type result struct {
	fault, engine                                       string
	times, acknowledged, lost, duplicated, unknown, not int // not: unknown writes that were not made
	steps                                               int // of escalation, each on record once; counted where the bells rang
	doctor, linearizable                                string
}

// results are gathered by the tests of this package.
var results struct {
	sync.Mutex
	rows []result
}

// TestMain prints the table of the faults that were tried, and removes what the tests shared.
func TestMain(m *testing.M) {
	code := m.Run()
	if founded.dir != "" {
		_ = os.RemoveAll(founded.dir)
	}
	if diskLibrary.file != "" {
		_ = os.RemoveAll(filepath.Dir(diskLibrary.file))
	}
	if len(results.rows) > 0 && testing.Verbose() {
		fmt.Print(resultTable())
	}
	os.Exit(code)
}

func resultTable() string {
	var out bytes.Buffer
	rows := [][]string{{"fault", "engine", "times", "acknowledged", "lost", "duplicated", "unknown", "of these made", "steps", "doctor", "linearizable"}}
	for _, r := range results.rows {
		rows = append(rows, []string{r.fault, r.engine, fmt.Sprint(r.times), fmt.Sprint(r.acknowledged), fmt.Sprint(r.lost), fmt.Sprint(r.duplicated), fmt.Sprint(r.unknown),
			fmt.Sprint(r.unknown - r.not), fmt.Sprint(r.steps), r.doctor, r.linearizable})
	}
	columns(&out, "", rows)
	return out.String()
}

// report puts a line into the table; what it counts as wrong fails the test.
func report(t testing.TB, r result) {
	t.Helper()
	results.Lock()
	results.rows = append(results.rows, r)
	results.Unlock()
	if r.lost > 0 || r.duplicated > 0 || r.doctor == "broken" || r.linearizable == "NO" {
		t.Errorf("%+v", r)
	}
}

// examine runs the doctor over the whole database, as `battlemap doctor` does: I2 to I4 and I6 to I10.
func (d *district) examine() []app.Finding {
	d.t.Helper()
	c := doctorCommand{reading: reading{Data: d.data, Database: d.database}, Files: filepath.Join(d.data, "files")}
	opt, err := c.options(slog.New(slog.DiscardHandler))
	apptest.Must(d.t, err, "doctor")
	opt.Now = d.shows
	public, _, err := c.evidence()
	apptest.Must(d.t, err, "doctor")
	a, err := app.OpenReading(context.Background(), opt)
	apptest.Must(d.t, err, "doctor")
	defer func() { apptest.Must(d.t, a.Close(), "close") }()
	found, _, err := a.Diagnose(context.Background(), true, public, nil)
	apptest.Must(d.t, err, "doctor")
	return found
}

// sound tells what the doctor says, and shows what it found.
func (d *district) sound() string {
	d.t.Helper()
	found := d.examine()
	if app.Sound(found) {
		return "sound"
	}
	for _, f := range found {
		if !f.Sound() {
			text, _ := json.Marshal(f)
			d.t.Errorf("the doctor: %s", text)
		}
	}
	return "broken"
}

// journal reads the records after the first so many.
func (d *district) journal(after int64) []audit.Record {
	d.t.Helper()
	var out []audit.Record
	d.aside(func(db *sql.DB) {
		rows, err := db.Query("SELECT record FROM journal WHERE no > $1 ORDER BY no", after)
		apptest.Must(d.t, err, "read the journal")
		defer rows.Close()
		for rows.Next() {
			var raw []byte
			apptest.Must(d.t, rows.Scan(&raw), "read the journal")
			r, err := audit.Decode(raw)
			apptest.Must(d.t, err, "read the journal")
			out = append(out, r)
		}
		apptest.Must(d.t, rows.Err(), "read the journal")
	})
	return out
}

// hold counts what the client log says against the journal (I1): an acknowledged write has exactly one record under the request's number, a write whose end is unknown at
// most one with its text.
func (l *load) hold(r *result) {
	l.d.t.Helper()
	byRequest, byTag := map[string]int{}, map[string]int{}
	for _, rec := range l.d.journal(l.d.seeded) {
		byRequest[rec.Action+" "+rec.Request]++
		for _, tag := range tagsOf(rec) {
			byTag[rec.Action+" "+tag]++
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.writes {
		switch w.Outcome {
		case "acknowledged":
			r.acknowledged++
			n := byRequest[w.Action+" "+w.Request]
			if n == 0 {
				r.lost++
			}
			if n > 1 {
				r.duplicated++
			}
			if n != 1 {
				l.d.t.Errorf("seed %d: acknowledged, and on record %d times: %+v", l.seed, n, w)
			}
		case "unknown":
			r.unknown++
			switch n := byTag[w.Action+" "+w.Tag]; {
			case n > 1:
				r.duplicated++
				l.d.t.Errorf("seed %d: on record %d times: %+v", l.seed, n, w)
			case n == 0:
				r.not++
			}
		case "refused", "stale", "unsent":
			if n := byTag[w.Action+" "+w.Tag]; n > 0 {
				l.d.t.Errorf("seed %d: %s, and on record %d times: %+v", l.seed, w.Outcome, n, w)
			}
		}
	}
}

// tagsOf are the texts of the load that a record brought in.
func tagsOf(r audit.Record) []string {
	var out []string
	for _, text := range []string{string(r.After), r.Reason} {
		for rest := text; ; {
			i := strings.Index(rest, "tag-")
			if i < 0 {
				break
			}
			rest = rest[i:]
			end := strings.Index(rest, ".")
			if end < 0 {
				break
			}
			out = append(out, rest[:end+1])
			rest = rest[end:]
		}
	}
	return distinct(out)
}

func distinct(texts []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}
