package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// TestGenerate makes a large district, of which the doctor must find everything sound. With BATTLEMAP_TEST_SIZE=DIR (make size) it has 1,000,000 tickets and
// 10,000,000 records, or as many as BATTLEMAP_TEST_TICKETS and BATTLEMAP_TEST_RECORDS say, stays in DIR, and it is said how long that took and how large it is.
func TestGenerate(t *testing.T) {
	dir, size := t.TempDir(), apptest.Size{Tickets: 300, Records: 2000}
	if kept := os.Getenv("BATTLEMAP_TEST_SIZE"); kept != "" {
		dir, size = kept, apptest.Size{Tickets: numberOf(t, "BATTLEMAP_TEST_TICKETS", 1_000_000), Records: numberOf(t, "BATTLEMAP_TEST_RECORDS", 10_000_000)}
	}
	path := filepath.Join(dir, "battlemap.db")
	if _, err := os.Stat(path); err == nil {
		t.Fatalf("%s is there already", path)
	}
	w := apptest.Open(t, "sqlite:"+path)
	begin := time.Now()
	w.Generate(t, w.Seed(t), size)
	made := time.Since(begin)
	side := lookAside(t, w)
	if n := side.number("SELECT COUNT(*) FROM tickets"); n != int64(size.Tickets) {
		t.Errorf("%d tickets, want %d", n, size.Tickets)
	}
	begin = time.Now()
	found, records, err := w.App.Diagnose(context.Background(), true, w.Public, nil)
	if lines := offenders(found); err != nil || len(lines) > 0 || records < int64(size.Records) {
		t.Errorf("%v: %d records, %q", err, records, lines)
	}
	list, err := w.App.Tickets(context.Background(), w.As(t, "sup"), app.TicketFilter{Text: "gongshui 2022"})
	if err != nil || len(list) == 0 {
		t.Errorf("found %d, %v", len(list), err)
	}
	file, err := os.Stat(path)
	apptest.Must(t, err, "look at the file")
	t.Logf("%d tickets, %d records: %d MB, made in %v, examined whole in %v", size.Tickets, records, file.Size()>>20, made.Round(time.Second), time.Since(begin).Round(time.Second))
}

// numberOf is a number from the environment of a test.
func numberOf(t testing.TB, name string, usual int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	apptest.Must(t, err, "%s", name)
	return n
}
