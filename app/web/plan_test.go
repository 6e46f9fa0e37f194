package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"battlemap/app/apptest"
)

// What grows without end, with what may be walked: an index in whose order a page reads only as far as it shows.
func endless() map[string][]string {
	return map[string][]string{
		"tickets": {"tickets_urgent"}, "ticket_units": nil, "journal": nil, "journal_hashes": nil, "reminders": nil, "reminder_attempts": nil, "escalations": nil,
		"search_texts": nil, "search_grams": nil, "date_changes": nil, "pauses": nil, "papers": nil, "paper_lives": nil, "comments": nil, "attachments": nil,
		"stage_claims": nil, "extensions": {"extensions_waiting"}, "ticket_links": nil, "accepted_reasons": nil,
	}
}

// tooWide are indexes whose entries of one value grow with the journal: a question about one item must not go by them.
var tooWide = regexp.MustCompile(`SEARCH journal USING (COVERING )?INDEX journal_(action|object|force|unit) `)

var ofOneItem = regexp.MustCompile(`\b(ticket|project|object)_id = \?`)

// Goal P7 rests on it: a ticket's page, the lists, the boards, the desk, a search, a move and a sweep read no table of theirs from end to end, whoever asks.
func TestNoWholeTableIsRead(t *testing.T) {
	statements := apptest.Listen(t)
	s := newSized(t, 60)
	side := s.beside(t)
	for _, d := range doings() {
		d.before(t, s)
		statements.Forget()
		d.do(t, s)
		judgePlans(t, side, d.name, statements)
	}
	for _, who := range []string{"gxj.hand", "tf1", "insp"} {
		cookie := signedIn(t, s.w, s.srv, who)
		paths := []string{"/desk", "/tickets", "/map?view=tickets", "/inbox", "/me/told", "/papers", "/journal?ticket=" + s.name(), "/search?q=" + s.name()}
		if who != "tf1" { // most are of other task forces
			paths = append(paths, "/tickets/"+s.name())
		}
		for _, path := range paths {
			statements.Forget()
			s.lookAs(t, cookie, path)
			judgePlans(t, side, who+" "+path, statements)
		}
	}
}

// beside is a connection of the test's own to the same database.
func (s *sized) beside(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.dir, "size.db")+"?_query_only=on")
	apptest.Must(t, err, "open the database beside")
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// judgePlans asks SQLite how it carries out each statement that was heard.
func judgePlans(t *testing.T, side *sql.DB, what string, heard *apptest.Statements) {
	t.Helper()
	judged := 0
	for _, text := range heard.With("select") {
		plan, err := planOf(side, text)
		if err != nil {
			continue // of another connection: a savepoint, a temporary table
		}
		judged++
		for _, step := range plan {
			if wide(step, text) {
				t.Errorf("%s: %s\n%s", what, step, text)
			}
		}
	}
	if judged == 0 {
		t.Errorf("%s: no statement was heard", what)
	}
}

func planOf(side *sql.DB, text string) (plan []string, err error) {
	rows, err := side.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		return nil, fmt.Errorf("explain: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		plan = append(plan, detail)
	}
	return plan, rows.Err()
}

// wide tells whether a step of a statement's plan reads more the more there is.
func wide(step, text string) bool {
	if tooWide.MatchString(step) && ofOneItem.MatchString(text) {
		return true
	}
	words := strings.Fields(step)
	if len(words) < 2 || words[0] != "SCAN" {
		return false
	}
	may, known := endless()[words[1]]
	return known && !slices.Contains(may, words[len(words)-1])
}

// The check can fail.
func TestWideStepsAreFound(t *testing.T) {
	for step, want := range map[string]bool{
		"SCAN tickets": true, "SCAN tickets USING INDEX tickets_urgent": false, "SCAN tickets USING COVERING INDEX tickets_project": true, "SCAN units": false,
		"SEARCH journal USING INDEX journal_action (action=?)": true, "SEARCH journal USING INDEX journal_ticket (ticket_id=?)": false,
	} {
		if got := wide(step, "SELECT no FROM journal WHERE ticket_id = ? AND action = ?"); got != want {
			t.Errorf("%q: %v", step, got)
		}
	}
}
