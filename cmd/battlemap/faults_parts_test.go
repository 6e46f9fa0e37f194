package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"battlemap/app/apptest"
	"battlemap/workflows"
)

// stepsSeen is what the ledger of steps held at one time, by ticket.
type stepsSeen struct {
	call, answer int64
	by           map[string]string
}

// seeSteps reads the ledger of steps past the product.
func (l *load) seeSteps() stepsSeen {
	l.d.t.Helper()
	seen := stepsSeen{call: l.now(), by: map[string]string{}}
	l.d.aside(func(db *sql.DB) {
		for no, steps := range stepsOf(l.d.t, db) {
			seen.by[no] = joined(steps)
		}
	})
	seen.answer = l.now()
	return seen
}

func stepsOf(t testing.TB, db interface {
	Query(string, ...any) (*sql.Rows, error)
}) map[string][]string {
	t.Helper()
	rows, err := db.Query(`SELECT k.no, e.rule_id, e.step, e.due_on FROM escalations e JOIN tickets k ON k.id = e.item_id WHERE e.item_kind = 'ticket'`)
	apptest.Must(t, err, "read the steps")
	defer rows.Close()
	out := map[string][]string{}
	for rows.Next() {
		var no, rule, step, due string
		apptest.Must(t, rows.Scan(&no, &rule, &step, &due), "read the steps")
		out[no] = append(out[no], fmt.Sprintf("%s/%s/%s", rule, step, due))
	}
	apptest.Must(t, rows.Err(), "read the steps")
	return out
}

// rest is what the database shows of every ticket while nobody writes: a part of the histories begins there, and the one before has to have led there.
type rest struct {
	call, answer int64
	by           map[string]standing
}

// atRest reads it past the product. What a server that is gone has asked of PostgreSQL may still be on its way: the lock waits for it.
func (l *load) atRest() rest {
	l.d.t.Helper()
	r := rest{call: l.now(), by: map[string]standing{}}
	l.d.aside(func(db *sql.DB) {
		tx, err := db.Begin()
		apptest.Must(l.d.t, err, "begin")
		defer func() { apptest.Must(l.d.t, tx.Rollback(), "end") }()
		if l.d.database != "" {
			_, err := tx.Exec("LOCK TABLE tickets, escalations IN SHARE MODE")
			apptest.Must(l.d.t, err, "wait for who writes")
		}
		steps := stepsOf(l.d.t, tx)
		rows, err := tx.Query("SELECT no, version, state FROM tickets")
		apptest.Must(l.d.t, err, "read the tickets")
		defer rows.Close()
		for rows.Next() {
			var no string
			var is standing
			apptest.Must(l.d.t, rows.Scan(&no, &is.version, &is.state), "read the tickets")
			is.steps = joined(steps[no])
			r.by[no] = is
		}
		apptest.Must(l.d.t, rows.Err(), "read the tickets")
	})
	r.answer = l.now()
	return r
}

// part takes what happened to each ticket since the last rest, as its people saw it, and begins a new part at the rest that is now. Nobody writes meanwhile, so what
// nobody knows the end of was made by now, or never.
func (l *load) part(seen []stepsSeen, now rest) map[string][]porcupine.Operation {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string][]porcupine.Operation{}
	add := func(no string, client int, did act, outcome string, call, back int64) {
		if outcome == "unknown" {
			back = now.call
		}
		out[no] = append(out[no], porcupine.Operation{ClientId: client, Input: did, Output: outcome, Call: call, Return: back})
	}
	for _, k := range l.looks {
		add(k.on, k.client, act{what: "look", version: k.version, state: k.state}, "shown", k.call, k.answer)
	}
	for _, w := range l.writes[l.held:] {
		if move, ok := strings.CutPrefix(w.Action, "ticket."); ok && move != "draft" && w.Outcome != "unsent" {
			add(w.On, w.Client, act{what: "move", move: move, version: w.Version}, w.Outcome, w.Call, w.Return)
		}
	}
	for no, is := range now.by {
		l.raisings(no, seen, is.steps, func(key string) { // the bells raised it at some time
			add(no, l.clients, act{what: "raise", steps: key}, "unknown", l.from.answer, 0)
		})
		for i, one := range seen {
			if steps := one.by[no]; i == 0 || i == len(seen)-1 || steps != seen[i-1].by[no] || steps != seen[i+1].by[no] {
				add(no, l.clients+1, act{what: "steps", steps: steps}, "recorded", one.call, one.answer)
			}
		}
		add(no, l.clients+1, act{what: "steps", steps: is.steps}, "recorded", now.call, now.answer)
		add(no, l.clients+2, act{what: "look", version: is.version, state: is.state}, "shown", now.call, now.answer)
	}
	l.looks, l.held, l.from = nil, len(l.writes), now
	return out
}

// raisings calls add for each step that was seen of a ticket and was not there when the part began, as often as it was seen at one time.
func (l *load) raisings(no string, seen []stepsSeen, last string, add func(key string)) {
	raised := map[string]int{}
	for _, key := range strings.Fields(l.from.by[no].steps) {
		raised[key]++
	}
	texts := []string{last}
	for _, one := range seen {
		texts = append(texts, one.by[no])
	}
	for _, text := range texts {
		times := map[string]int{}
		for _, key := range strings.Fields(text) {
			if times[key]++; times[key] > raised[key] {
				raised[key]++
				add(key)
			}
		}
	}
}

// linearizable holds the history of every ticket since the last rest against the model, and prints the shortest part of one that can't have happened.
func (l *load) linearizable(machine *workflows.Machine, seen []stepsSeen) bool {
	l.d.t.Helper()
	from, now := l.from, l.atRest()
	fine, n := true, 0
	for no, history := range l.part(seen, now) {
		began, ok := from.by[no]
		if !ok {
			began = standing{version: 1, state: "draft"}
		}
		n += len(history)
		m := model(machine, began)
		if porcupine.CheckOperations(m, history) {
			continue
		}
		fine = false
		l.d.t.Errorf("seed %d: what happened to ticket %s can't have happened in any order:\n%s", l.seed, no, told(shortest(m, history)))
	}
	l.operations += n
	return fine
}

// raisedOnce counts the steps that are in the journal, those that are there twice, where no unique key guards them, and steps without a record.
func (d *district) raisedOnce(r *result) {
	d.t.Helper()
	times := map[string]int{}
	for _, rec := range d.journal(0) {
		if rec.Action != "escalation.raise" {
			continue
		}
		var step struct {
			Kind    string          `json:"item_kind"`
			Rule    string          `json:"rule_id"`
			Version int             `json:"ruleset_version"`
			Step    string          `json:"step"`
			Due     json.RawMessage `json:"due_on"`
		}
		apptest.Must(d.t, json.Unmarshal(rec.After, &step), "record %d", rec.No)
		times[fmt.Sprint(rec.Object.ID, step.Kind, step.Rule, step.Version, step.Step, string(step.Due))]++
	}
	n := 0
	d.aside(func(db *sql.DB) {
		apptest.Must(d.t, db.QueryRow("SELECT COUNT(*) FROM escalations").Scan(&n), "count the steps")
	})
	if n != len(times) || n == 0 {
		d.t.Errorf("%d steps and %d records of steps", n, len(times))
		r.lost += max(0, n-len(times))
	}
	r.steps = len(times)
	for key, n := range times {
		if n > 1 {
			r.duplicated++
			d.t.Errorf("recorded %d times: %s", n, key)
		}
	}
}
