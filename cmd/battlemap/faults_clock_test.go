package main

import (
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"battlemap/app/apptest"
)

// F4: the clock of the machine jumps an hour or a day forward and back while people write and the bells ring. Nothing is lost, no step is raised twice.
func TestFault04TheClockJumps(t *testing.T) {
	times := 6
	if long() {
		times = 120
	}
	onBoth(t, func(t *testing.T, d *district) {
		dice := rand.New(rand.NewPCG(4, uint64(times)))
		l := newLoad(d, 4, 8)
		s := d.up()
		s.signInAll()
		seen := []stepsSeen{l.seeSteps()}
		l.serve(s)
		l.begin()
		latest := d.shows()
		for i, jump := range deal(dice, times, []string{"1h", "-1h", "24h", "-24h"}) {
			<-l.after(3 + dice.IntN(10))
			by, err := time.ParseDuration(jump)
			apptest.Must(t, err, "jump")
			d.wind(d.shows().Add(by))
			if s.ring("sweep") == "dead" {
				t.Fatalf("the server ended\n%s", s.log.String())
			}
			d.wind(d.shows().Add(time.Duration(dice.IntN(9)) * time.Hour))
			if latest.Before(d.shows()) {
				latest = d.shows()
			}
			if i%10 == 0 {
				seen = append(seen, l.seeSteps())
			}
		}
		<-l.after(10)
		l.end()
		d.wind(latest.Add(7 * 24 * time.Hour))
		d.sweepAll(s)
		seen = append(seen, l.seeSteps())
		s.stop()
		r := result{fault: "F4 clock jumps", engine: d.engine, times: times, doctor: d.sound()}
		l.hold(&r)
		d.raisedOnce(&r)
		r.linearizable = l.fits(seen)
		report(t, r)
	})
}

// F4: what is escalated, and from which day on, is the same on a machine in New York, over the night in which its clocks are set forward, and on one whose clock is an hour or
// a day wrong now and then; the latter may only be late or early by as much.
func TestFault04AnotherZoneTheSameSteps(t *testing.T) {
	engines := onBoth
	if !long() {
		engines = func(t *testing.T, f func(*testing.T, *district)) { f(t, newDistrict(t, "sqlite")) }
	}
	engines(t, func(t *testing.T, d *district) {
		want, began := d.swept(nil)
		if len(want) == 0 {
			t.Fatal("no step was raised")
		}
		d = newDistrict(t, d.engine)
		d.env = append(d.env, "TZ=America/New_York")
		steps, days := d.swept(nil)
		if !slices.Equal(steps, want) || !maps.Equal(days, began) {
			t.Errorf("in New York\n%s\nnot\n%s\n%v\nnot\n%v", strings.Join(steps, "\n"), strings.Join(want, "\n"), days, began)
		}
		d = newDistrict(t, d.engine)
		if steps, _ = d.swept([]time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour}); !slices.Equal(steps, want) {
			t.Errorf("with a clock that jumps\n%s\nnot\n%s", strings.Join(steps, "\n"), strings.Join(want, "\n"))
		}
	})
}

// swept sweeps a district in which nobody does anything for three weeks, on a clock that is wrong now and then, and returns the steps, and from which day on each is.
func (d *district) swept(wrong []time.Duration) (steps []string, began map[string]string) {
	d.t.Helper()
	s := d.up()
	at := d.shows()
	for i := range 21 {
		at = at.Add(24 * time.Hour)
		if len(wrong) > 0 {
			d.wind(at.Add(wrong[i%len(wrong)]))
			s.ring("sweep")
		}
		d.wind(at)
		if said := s.ring("sweep"); said != "ok" && len(wrong) == 0 { // a lease may seem to be held from the future
			d.t.Errorf("sweep: %s\n%s", said, s.log.String())
		}
	}
	d.wind(at.Add(25 * time.Hour))
	d.sweepAll(s)
	s.stop()
	began = map[string]string{}
	d.aside(func(db *sql.DB) {
		rows, err := db.Query("SELECT item_kind, item_id, rule_id, step, due_on, began_on FROM escalations")
		apptest.Must(d.t, err, "read the steps")
		defer rows.Close()
		for rows.Next() {
			var kind, rule, step, due, day string
			var id int64
			apptest.Must(d.t, rows.Scan(&kind, &id, &rule, &step, &due, &day), "read the steps")
			key := fmt.Sprintf("%s/%d %s/%s %s", kind, id, rule, step, due)
			steps, began[key] = append(steps, key), day
		}
		apptest.Must(d.t, rows.Err(), "read the steps")
	})
	slices.Sort(steps)
	return steps, began
}

// F4: the folder of the data is read-only when the server starts: it says so and ends, and nothing is damaged; once it may write, all is there.
func TestFault04TheFolderIsReadOnly(t *testing.T) {
	d := newDistrict(t, "sqlite")
	k := d.onDisk(false)
	s := d.up()
	s.signInAll()
	l := newLoad(d, 44, 8)
	seen := []stepsSeen{l.seeSteps()}
	l.serve(s)
	l.begin()
	<-l.after(20)
	s.kill() // its log is left
	l.end()
	k.fail(failsWrite|failsOpen, syscall.EROFS, anyFile, 1, true)
	for range 2 {
		s := d.start()
		if err := s.await(); err == nil || s.state == nil {
			t.Errorf("a server in a read-only folder: %v, %v", err, s.state)
		} else if said := s.log.String(); !strings.Contains(said, "battlemap.db") && !strings.Contains(said, "readonly") && !strings.Contains(said, "write-ahead log") {
			t.Errorf("it does not say why:\n%s", said)
		}
	}
	k.calm()
	l = l.more(d.up())
	seen = append(seen, l.seeSteps())
	r := result{fault: "F4 read-only folder at the start", engine: "sqlite", times: 2, doctor: d.sound()}
	l.hold(&r)
	r.linearizable = l.fits(seen)
	report(t, r)
}

// F4: there is no folder for temporary files, or it is full. Nobody notices: what SQLite puts aside lies beside the database.
func TestFault04NoRoomForTemporaryFiles(t *testing.T) {
	d := newDistrict(t, "sqlite")
	d.env = append(d.env, "TMPDIR="+filepath.Join(t.TempDir(), "none"))
	l := newLoad(d, 45, 8)
	s := d.up()
	s.signInAll()
	seen := []stepsSeen{l.seeSteps()}
	l.serve(s)
	l.begin()
	<-l.after(60)
	for _, path := range []string{"/map", "/tickets", "/desk", "/journal", "/search?q=示例"} {
		if status, text := s.get(path); status != http.StatusOK {
			t.Errorf("%s is answered %d\n%.1000s", path, status, text)
		}
	}
	l.end()
	for _, w := range l.writes {
		if w.Status >= http.StatusInternalServerError {
			t.Errorf("answered %d: %+v", w.Status, w)
		}
	}
	s.stop()
	seen = append(seen, l.seeSteps())
	r := result{fault: "F4 no temporary files", engine: "sqlite", times: 1, doctor: d.sound()}
	l.hold(&r)
	r.linearizable = l.fits(seen)
	report(t, r)
}

// What SQLite puts aside is a file in the folder that it was told.
func TestFault04TemporaryFilesLieBesideTheDatabase(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("SQLITE_TMPDIR", "")
	apptest.Must(t, asideIn(dir), "tell SQLite")
	db, err := sql.Open("sqlite3", filepath.Join(dir, "some.db"))
	apptest.Must(t, err, "open")
	defer func() { apptest.Must(t, db.Close(), "close") }()
	db.SetMaxOpenConns(1)
	for _, statement := range []string{"PRAGMA temp.cache_size=10", "CREATE TEMP TABLE much (text TEXT)",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 20000) INSERT INTO much SELECT hex(randomblob(200)) FROM n"} {
		_, err := db.Exec(statement)
		apptest.Must(t, err, "%s", statement)
	}
	open, err := os.ReadDir("/proc/self/fd")
	apptest.Must(t, err, "open files")
	for _, fd := range open {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, dir) && strings.HasSuffix(to, "(deleted)") {
			return
		}
	}
	t.Error("SQLite has put nothing aside in the folder that it was told")
}
