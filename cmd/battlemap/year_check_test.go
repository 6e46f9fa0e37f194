package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"battlemap/app/apptest"
)

// rows answers a query with one line a row, past the product.
func (y *year) rows(query string, args ...any) []string {
	y.t.Helper()
	rows, err := y.side.Query(query, args...)
	apptest.Must(y.t, err, "%s", query)
	defer rows.Close()
	names, err := rows.Columns()
	apptest.Must(y.t, err, "columns")
	var out []string
	for rows.Next() {
		values := make([]any, len(names))
		for i := range values {
			values[i] = new(any)
		}
		apptest.Must(y.t, rows.Scan(values...), "scan")
		var line []string
		for i := range values {
			line = append(line, fmt.Sprint(*values[i].(*any)))
		}
		out = append(out, strings.Join(line, " | "))
	}
	apptest.Must(y.t, rows.Err(), "%s", query)
	return out
}

// The ledgers that must be the same. Not compared: row numbers and hours, since a fault makes later what it makes again; letters that carry several
// reminders, whose grouping follows the hours; and the day to answer by, which a node whose clock is past closing time counts from the next day.
const (
	stepsQuery = `SELECT item_kind, item_id, rule_id, ruleset, ruleset_version, step, due_on, light, paper, began_on, lifted_on, lifted_why FROM escalations`
	toldQuery  = `SELECT item_kind, item_id, rule_id, step, due_on, recipient_id, channel FROM reminders WHERE item_kind <> 'digest'`
	judgeQuery = `SELECT project_id, month, light, schedule_bp, done_bp, ruleset FROM judgements`
	// raisedQuery reads the steps from the journal, where no unique key guards them.
	raisedQuery = `SELECT r->'after'->>'item_kind', r->'object'->>'id', r->'after'->>'rule_id', r->'after'->>'ruleset_version', r->'after'->>'step', r->'after'->>'due_on'
FROM (SELECT convert_from(record, 'UTF8')::json AS r FROM journal WHERE action = 'escalation.raise') AS raised`
)

// eventVersion is the number in the step of an event: a step that a sweep raised first counts the ticket's version up once more.
var eventVersion = regexp.MustCompile(` v\d+ `)

func (y *year) ledger(query string) []string {
	y.t.Helper()
	out := y.rows(query)
	for i := range out {
		out[i] = eventVersion.ReplaceAllString(out[i], " ")
	}
	slices.Sort(out)
	return out
}

// compare holds the disturbed playing against the calm one, looks for what happened twice, and prints the figures.
func (y *year) compare(calm *year) {
	y.t.Helper()
	missing, extra := 0, 0
	for _, query := range []string{judgeQuery, stepsQuery, toldQuery, raisedQuery} {
		m, e := y.differences(calm.ledger(query), y.ledger(query))
		missing, extra = missing+m, extra+e
	}
	m, e := y.differences(calm.acts, y.acts)
	missing, extra = missing+m, extra+e
	twice := y.twice(raisedQuery) + y.twice(toldQuery+" AND rule_id <> 'event'")
	count := func(of *year, query string) string { return of.rows("SELECT COUNT(*) FROM " + query)[0] }
	f, lines := y.figures, &strings.Builder{}
	fmt.Fprintf(lines, "%-46s %10s %10s\n", "", "one node", "three")
	for _, row := range []struct{ what, query string }{
		{"steps recorded", "escalations"}, {"months judged", "judgements"}, {"ledger rows", "reminders WHERE item_kind <> 'digest'"}, {"journal records", "journal"},
		{"messages the mail server took", "reminders WHERE channel = 'mail' AND status = 'accepted'"}, {"messages unknown", "reminders WHERE status = 'unknown'"},
		{"messages whose reason was gone first", "reminders WHERE channel = 'mail' AND status = 'withdrawn'"}, {"messages still waiting", "reminders WHERE status IN ('queued', 'sending')"},
	} {
		fmt.Fprintf(lines, "%-46s %10s %10s\n", row.what, count(calm, row.query), count(y, row.query))
	}
	calmLetters, calmIDs, _ := letterCounts(calm.post.Arrived())
	letters, ids, again := letterCounts(y.post.Arrived())
	fmt.Fprintf(lines, "%-46s %10d %10d\n%-46s %10d %10d\n", "letters that arrived", calmLetters, letters, "different message ids among them", calmIDs, ids)
	for _, row := range []struct {
		what string
		n    int
	}{{"bells rung", f.bells}, {"nodes killed (kill -9)", f.kills}, {"  of these in the middle of a letter", f.killsInMail}, {"leaders stopped past their lease, and woken", f.stops},
		{"  late writes refused by the fence", f.refused}, {"  late transactions ended by the server", f.cut}, {"  had finished, or not begun", f.woken},
		{"clock jumps of an hour", f.jumps}, {"letters without an answer", f.noAnswer}, {"recipients refused for now", f.greylisted}, {"other errors, tried again", f.errors},
		{"recorded twice", twice}, {"missing against the undisturbed playing", missing}, {"too many against it", extra}, {"arrived twice, not after unknown", y.arrivals(again)}} {
		fmt.Fprintf(lines, "%-46s %21d\n", row.what, row.n)
	}
	y.t.Logf("three nodes with faults against one node without\n%s", lines)
	if waiting := count(y, "reminders WHERE status IN ('queued', 'sending')"); waiting != "0" {
		y.t.Errorf("%s reminders still wait", waiting)
	}
}

// differences counts what is in one list and not in the other, and shows the first few.
func (y *year) differences(want, got []string) (missing, extra int) {
	y.t.Helper()
	balance := map[string]int{}
	for _, line := range want {
		balance[line]++
	}
	for _, line := range got {
		balance[line]--
	}
	for line, n := range balance {
		if n == 0 {
			continue
		}
		if missing+extra < 5 {
			y.t.Errorf("%+d (positive: missing): %s", n, line)
		}
		missing, extra = missing+max(n, 0), extra+max(-n, 0)
	}
	if len(want) == 0 || missing+extra > 0 {
		y.t.Errorf("%d lines, %d of them missing, %d too many", len(want), missing, extra)
	}
	return missing, extra
}

// twice counts the lines that a query gives more than once.
func (y *year) twice(query string) int {
	y.t.Helper()
	lines := y.rows(query)
	slices.Sort(lines)
	n := len(lines) - len(slices.Compact(lines))
	if n > 0 {
		y.t.Errorf("%d lines more than once: %s", n, query)
	}
	return n
}

// letterCounts sums up: letters, different message ids, and those that came more than once.
func letterCounts(arrived []apptest.Letter) (letters, ids int, twice []string) {
	times := map[apptest.Letter]int{}
	for _, letter := range arrived {
		times[letter]++
	}
	for letter, n := range times {
		if n > 1 {
			twice = append(twice, fmt.Sprintf("%s %s ×%d", letter.ID, letter.To, n))
		}
	}
	return len(arrived), len(times), twice
}

// arrivals holds the mail server's book against the ledger: what the ledger calls accepted arrived once, what arrived is accepted or unknown there, and
// nothing arrived twice. It returns how many letters did.
func (y *year) arrivals(again []string) int {
	y.t.Helper()
	byID := map[string]int{}
	for _, letter := range y.post.Arrived() {
		message, _, _ := strings.Cut(letter.ID, "@")
		byID[message]++
	}
	wrong := 0
	for _, row := range y.rows("SELECT CASE item_kind WHEN 'digest' THEN 'digest' ELSE 'reminder' END || '-' || id, status FROM reminders WHERE channel = 'mail'") {
		message, status, _ := strings.Cut(row, " | ")
		n := byID[message]
		delete(byID, message)
		switch {
		case status == "accepted" && n == 1, status == "unknown" && n <= 1, n == 0 && status != "accepted":
		default:
			if wrong++; wrong < 5 {
				y.t.Errorf("%s is %s in the ledger and arrived %d times", message, status, n)
			}
		}
	}
	if len(byID) > 0 || len(again) > 0 {
		y.t.Errorf("arrived without being in the ledger: %v; more than once: %v", byID, again)
	}
	return len(again)
}
