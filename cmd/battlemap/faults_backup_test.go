package main

import (
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// restored restores a backup into a folder of its own and returns the district in it.
func (d *district) restored(backup string) *district {
	d.t.Helper()
	left := *d
	left.data = filepath.Join(d.t.TempDir(), "elsewhere")
	c := restoreCommand{File: backup, Data: left.data, Key: filepath.Join(d.data, "checkpoint.key")}
	_, err := c.restore(context.Background(), slog.New(slog.DiscardHandler))
	apptest.Must(d.t, err, "restore")
	return &left
}

// F10: backups are taken while people write, and restored elsewhere: each is sound, has every write that was acknowledged before it began, and can be served.
func TestFault10BackupUnderLoad(t *testing.T) {
	times := 1 + 19*truth(long())
	d := newDistrict(t, "sqlite")
	s := d.up()
	s.signInAll()
	l := newLoad(d, 10, 8)
	l.serve(s)
	l.begin()
	r := result{fault: "F10 backup under load, restored", engine: "sqlite", times: times, doctor: "sound", linearizable: "-"}
	var left *district
	for i := range times {
		<-l.after(20)
		began, file := l.now(), filepath.Join(t.TempDir(), fmt.Sprint(i, ".zip"))
		c := backupCommand{File: file, reading: reading{Data: d.data}}
		_, err := c.save(context.Background(), slog.New(slog.DiscardHandler))
		apptest.Must(t, err, "back up")
		if _, err := c.save(context.Background(), slog.New(slog.DiscardHandler)); err == nil {
			t.Error("a backup was written over")
		}
		left = d.restored(file)
		l.holdBefore(&r, left, began)
	}
	l.end()
	s.kill()
	r.unknown = l.counts()["unknown"]
	r.not = r.unknown
	report(t, r)
	again := left.up()
	if status, _ := again.tryComment(); status != 303 {
		t.Errorf("what was restored is served, and a comment is answered %d", status)
	}
	again.stop()
	if left.sound() != "sound" {
		t.Error("not sound after it was served")
	}
}

// holdBefore holds a restored district against what had been acknowledged when its backup began.
func (l *load) holdBefore(r *result, left *district, began int64) {
	l.d.t.Helper()
	byRequest := map[string]int{}
	for _, rec := range left.journal(l.d.seeded) {
		byRequest[rec.Action+" "+rec.Request]++
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range l.writes {
		if w.Outcome != "acknowledged" || w.Return > began {
			continue
		}
		r.acknowledged++
		if n := byRequest[w.Action+" "+w.Request]; n != 1 {
			r.lost += truth(n == 0)
			r.duplicated += truth(n > 1)
			l.d.t.Errorf("acknowledged before the backup, and in it %d times: %+v", n, w)
		}
	}
}

// A backup that was damaged, cut or added to is refused, and leaves no district behind; so is a folder that holds one already.
func TestFault10DamagedBackups(t *testing.T) {
	d := newDistrict(t, "sqlite")
	file := filepath.Join(t.TempDir(), "backup.zip")
	_, err := (&backupCommand{File: file, reading: reading{Data: d.data}}).save(context.Background(), slog.New(slog.DiscardHandler))
	apptest.Must(t, err, "back up")
	whole, err := os.ReadFile(file)
	apptest.Must(t, err, "read")
	try := func(name string, raw []byte) {
		bad, into := filepath.Join(t.TempDir(), "bad.zip"), filepath.Join(t.TempDir(), "into")
		apptest.Must(t, os.WriteFile(bad, raw, 0o600), "write")
		_, err := (&restoreCommand{File: bad, Data: into}).restore(context.Background(), slog.New(slog.DiscardHandler))
		if err == nil {
			t.Errorf("%s is restored", name)
		}
		if _, err := os.Stat(filepath.Join(into, "battlemap.db")); err == nil {
			t.Errorf("%s leaves a database behind", name)
		}
	}
	flipped := append([]byte{}, whole...)
	flipped[len(flipped)/3] ^= 1
	try("a flipped bit", flipped)
	try("a cut one", whole[:len(whole)/2])
	try("nothing", nil)
	if _, err := (&restoreCommand{File: file, Data: d.data}).restore(context.Background(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a district was restored over another")
	}
	// Without its key a restored district is not served with another one.
	into := filepath.Join(t.TempDir(), "into")
	_, err = (&restoreCommand{File: file, Data: into}).restore(context.Background(), slog.New(slog.DiscardHandler))
	apptest.Must(t, err, "restore")
	if _, _, err := (storage{Data: into}).keys(); err == nil || !strings.Contains(err.Error(), "put the key back") {
		t.Errorf("a new key was made: %v", err)
	}
}

// The database of an earlier version, played to 24 March 2023 by the program of that time (schema 16), is brought up to date and found sound, and a backup of it comes back.
func TestFault10EarlierVersion(t *testing.T) {
	data := t.TempDir()
	packed, err := os.Open("testdata/schema-16.db.gz")
	apptest.Must(t, err, "open")
	defer packed.Close()
	in, err := gzip.NewReader(packed)
	apptest.Must(t, err, "unpack")
	out, err := os.Create(filepath.Join(data, "battlemap.db"))
	apptest.Must(t, err, "unpack")
	_, err = io.Copy(out, in)
	apptest.Must(t, err, "unpack")
	apptest.Must(t, out.Close(), "unpack")
	log := slog.New(slog.DiscardHandler)
	public, err := os.ReadFile("testdata/schema-16.pub")
	apptest.Must(t, err, "key")
	apptest.Must(t, os.WriteFile(filepath.Join(data, "checkpoint.pub"), public, 0o600), "key")
	opt, err := (&doctorCommand{reading: reading{Data: data}}).options(log)
	apptest.Must(t, err, "options")
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "migrate")
	apptest.Must(t, a.Close(), "close")
	if out, code := examined(t, doctorCommand{reading: reading{Data: data, Lang: "en"}}); code != 0 {
		t.Errorf("code %d\n%s", code, out)
	}
	file := filepath.Join(t.TempDir(), "backup.zip")
	saved, err := (&backupCommand{File: file, reading: reading{Data: data}}).save(context.Background(), log)
	apptest.Must(t, err, "back up")
	got, err := (&restoreCommand{File: file, Data: filepath.Join(t.TempDir(), "into")}).restore(context.Background(), log)
	if err != nil || got != saved || got == 0 {
		t.Errorf("%d records saved, %d restored: %v", saved, got, err)
	}
}

// F10 on PostgreSQL, with its own tools, as README says: pg_dump while people write, restored into a database of its own.
func TestFault10PostgresDump(t *testing.T) {
	tool := func(name string) string {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name) // the pattern is right
		if len(found) > 0 {
			return found[len(found)-1]
		}
		file, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is not installed", name)
		}
		return file
	}
	d := newDistrict(t, "postgres")
	dump, psql := tool("pg_dump"), tool("psql")
	s := d.up()
	s.signInAll()
	l := newLoad(d, 10, 8)
	l.serve(s)
	l.begin()
	<-l.after(30)
	began, file := l.now(), filepath.Join(t.TempDir(), "dump.sql")
	u, err := url.Parse(d.database)
	apptest.Must(t, err, "database")
	schema := u.Query().Get("search_path")
	server := *u
	server.RawQuery = "sslmode=disable"
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run(dump, "--dbname="+server.String(), "--schema="+schema, "--no-owner", "--file="+file)
	l.end()
	s.kill()
	name := "restored_" + schema
	side, err := sql.Open("pgx", server.String())
	apptest.Must(t, err, "open")
	t.Cleanup(func() { _ = side.Close() })
	_, err = side.Exec("CREATE DATABASE " + name)
	apptest.Must(t, err, "make a database")
	t.Cleanup(func() {
		_, err := side.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		apptest.Must(t, err, "drop the database")
	})
	server.Path = "/" + name
	run(psql, "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+server.String(), "--file="+file)
	left := *d
	server.RawQuery = u.RawQuery
	left.database = server.String()
	r := result{fault: "F10 pg_dump under load, restored", engine: "postgres", times: 1, doctor: left.sound(), linearizable: "-"}
	l.holdBefore(&r, &left, began)
	report(t, r)
}
