package app_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
)

// each runs f on both databases, beside other tests.
func each(t *testing.T, f func(*testing.T, *apptest.World)) {
	t.Helper()
	t.Parallel()
	apptest.Each(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"), f)
}

// onPostgres runs f where only PostgreSQL has the thing that is tested.
func onPostgres(t *testing.T, f func(*testing.T, *apptest.World)) {
	t.Helper()
	t.Parallel()
	url := os.Getenv("BATTLEMAP_TEST_POSTGRES")
	if url == "" {
		t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
	}
	f(t, apptest.Open(t, apptest.Schema(t, url)))
}

// aside is a connection of the test's own to the world's database, past the App: what somebody with a database client sees and can do.
type aside struct {
	t        testing.TB
	db       *sql.DB
	postgres bool
}

func lookAside(t testing.TB, w *apptest.World) aside { return openAside(t, w.Options.Database) }

func openAside(t testing.TB, database string) aside {
	t.Helper()
	driver, dsn := "pgx", database
	path, lite := strings.CutPrefix(database, "sqlite:")
	if lite {
		driver, dsn = "sqlite3", "file:"+path+"?_busy_timeout=5000&_foreign_keys=on&_txlock=immediate"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return aside{t: t, db: db, postgres: !lite}
}

// dialect numbers the question marks for PostgreSQL.
func (s aside) dialect(query string) string {
	if !s.postgres {
		return query
	}
	parts := strings.Split(query, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			fmt.Fprintf(&b, "$%d", i)
		}
		b.WriteString(part)
	}
	return b.String()
}

// try runs a statement and returns the database's answer.
func (s aside) try(query string, args ...any) error {
	_, err := s.db.Exec(s.dialect(query), args...)
	return err
}

// exec runs statements that must succeed.
func (s aside) exec(query string, args ...any) {
	s.t.Helper()
	if err := s.try(query, args...); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
}

// rows answers a query with one "column=value …" line a row.
func (s aside) rows(query string, args ...any) []string {
	s.t.Helper()
	rows, err := s.db.Query(s.dialect(query), args...)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			s.t.Fatal(err)
		}
		line := make([]string, len(columns))
		for i, column := range columns {
			value := *values[i].(*any)
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			line[i] = fmt.Sprintf("%s=%v", column, value)
		}
		out = append(out, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// text answers a query for one value with that value's text.
func (s aside) text(query string, args ...any) string {
	s.t.Helper()
	rows := s.rows(query, args...)
	if len(rows) != 1 {
		s.t.Fatalf("%s: %d rows, want 1", query, len(rows))
	}
	_, value, _ := strings.Cut(rows[0], "=")
	return value
}

// number answers a query for one whole number.
func (s aside) number(query string, args ...any) int64 {
	s.t.Helper()
	var n int64
	if err := s.db.QueryRow(s.dialect(query), args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// tables lists the product's tables; those of the migration tool are left out.
func (s aside) tables() []string {
	s.t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
	if s.postgres {
		query = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name"
	}
	var out []string
	for _, row := range s.rows(query) {
		if name := strings.TrimPrefix(row, "name="); !strings.HasPrefix(name, "goose") {
			out = append(out, name)
		}
	}
	if len(out) < 15 {
		s.t.Fatalf("only %d tables: %v", len(out), out)
	}
	return out
}

// dump gives the sorted rows of all tables but some.
func (s aside) dump(but ...string) map[string][]string {
	s.t.Helper()
	out := map[string][]string{}
	for _, table := range s.tables() {
		if slices.Contains(but, table) {
			continue
		}
		rows := s.rows("SELECT * FROM " + table)
		slices.Sort(rows)
		out[table] = rows
	}
	return out
}

// sums gives a checksum of each table but some.
func (s aside) sums(but ...string) map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for table, rows := range s.dump(but...) {
		sum := sha256.Sum256([]byte(strings.Join(rows, "\n")))
		out[table] = hex.EncodeToString(sum[:])
	}
	return out
}

// differ names the tables whose checksums are not the same.
func differ(a, b map[string]string) []string {
	var out []string
	for table := range a {
		if a[table] != b[table] {
			out = append(out, table)
		}
	}
	slices.Sort(out)
	return out
}

// boobyTrap makes a kind of statement on a table fail, until the returned function takes the trap away.
func (s aside) boobyTrap(when, table string) (disarm func()) {
	s.t.Helper()
	if !s.postgres {
		s.exec(fmt.Sprintf("CREATE TRIGGER trap BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'trap'); END", when, table))
		return func() { s.t.Helper(); s.exec("DROP TRIGGER trap") }
	}
	s.exec("CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$")
	s.exec(fmt.Sprintf("CREATE TRIGGER trap BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION trap()", when, table))
	return func() { s.t.Helper(); s.exec("DROP FUNCTION trap CASCADE") }
}
