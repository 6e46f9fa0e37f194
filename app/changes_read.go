package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/audit"
)

// happenedOnce is a record as a line of changes knows it.
type happenedOnce struct {
	no                         int64
	key                        subjectKey
	what                       string // "light", "stage", "person", "reached", "date", "issued", "closed", "paper" or "answer"
	action, number             string
	rule, reason               string
	taskForce, project, ticket int64
}

// happenedThen are the records between two days that lines of changes are made of.
type happenedThen struct {
	from, to int64
	by       map[subjectKey][]happenedOnce
	papers   []happenedOnce
}

// of lists what happened to an item of one sort, in order.
func (h *happenedThen) of(what string, key subjectKey) []happenedOnce {
	var out []happenedOnce
	for _, one := range h.by[key] {
		if one.what == what {
			out = append(out, one)
		}
	}
	return out
}

// first is the first record about an item.
func (h *happenedThen) first(key subjectKey) []happenedOnce {
	if list := h.by[key]; len(list) > 0 {
		return list[:1]
	}
	return nil
}

// spansKept is how many stretches of the journal are kept as happenings.
const spansKept = 6

// happenedBetween reads the records after one number up to another, once for everybody.
func (a *App) happenedBetween(ctx context.Context, from, to int64) (*happenedThen, error) {
	c := &a.pasts
	c.mu.Lock()
	i := slices.IndexFunc(c.spans, func(h *happenedThen) bool { return h.from == from && h.to == to })
	if i >= 0 {
		defer c.mu.Unlock()
		return c.spans[i], nil
	}
	c.mu.Unlock()
	h := &happenedThen{from: from, to: to, by: map[subjectKey][]happenedOnce{}}
	if err := a.readHappened(ctx, h); err != nil {
		return nil, fmt.Errorf("read what happened between records %d and %d: %w", from, to, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spans = append(c.spans, h); len(c.spans) > spansKept {
		c.spans = slices.Delete(c.spans, 0, 1)
	}
	return h, nil
}

func (a *App) readHappened(ctx context.Context, h *happenedThen) error {
	rows, err := a.db.read.WithContext(ctx).Raw(`SELECT no, action, object_kind, object_id, task_force_id, project_id, ticket_id, record FROM journal WHERE no > ? AND no <= ?
AND object_kind IN ('task_force', 'project', 'assignment', 'milestone', 'ticket', 'paper') ORDER BY no`, h.from, h.to).Rows()
	if err != nil {
		return err
	}
	for rows.Next() {
		var r JournalRow
		err := rows.Scan(&r.No, &r.Action, &r.ObjectKind, &r.ObjectID, &r.TaskForceID, &r.ProjectID, &r.TicketID, &r.Record)
		if err == nil {
			err = h.note(r)
		}
		if err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// note keeps a record under everything that it says about its item.
func (h *happenedThen) note(row JournalRow) error {
	var r audit.Record
	if err := json.Unmarshal(row.Record, &r); err != nil {
		return fmt.Errorf("record %d: %w", row.No, err)
	}
	one := happenedOnce{no: row.No, key: subjectKey{row.ObjectKind, row.ObjectID}, action: row.Action, number: r.Object.No, rule: ruleOf(r.Rule), reason: r.Reason,
		taskForce: row.TaskForceID, project: row.ProjectID, ticket: row.TicketID}
	add := func(what string) {
		one.what = what
		h.by[one.key] = append(h.by[one.key], one)
	}
	changed := func(column string) bool { return strings.Contains(string(r.After), `"`+column+`":`) }
	switch {
	case isRung(row.Action):
		if row.Action != "escalation.calendar" {
			add("light")
		}
	case row.ObjectKind == "paper":
		h.notePaper(one)
	case row.ObjectKind == "assignment":
		one.key = subjectKey{"project", row.ProjectID}
		add("person")
	case row.ObjectKind == "task_force":
		add("person")
	case row.ObjectKind == "project":
		if row.Action == "project.add" || changed("stage") {
			add("stage")
		}
	case row.ObjectKind == "milestone":
		if row.Action == "milestone.reach" {
			add("reached")
		} else {
			add("date")
		}
	default:
		for what, column := range map[string]string{"issued": "issued_on", "closed": "state", "date": "due_on", "person": "handler_id"} {
			if !changed(column) || what == "closed" && !over(r.After) {
				continue
			}
			add(what)
		}
	}
	return nil
}

// over tells whether a change of a ticket ended it.
func over(after []byte) bool {
	return bytes.Contains(after, []byte(`"state":"closed"`)) || bytes.Contains(after, []byte(`"state":"terminated"`))
}

// notePaper keeps the papers that went out and the answers that came in.
func (h *happenedThen) notePaper(one happenedOnce) {
	switch one.action {
	case "paper.issue":
		one.what = "paper"
	case "paper.answer", "paper.accept", "paper.exempt", "paper.return", "paper.record":
		one.what = "answer"
	default:
		return
	}
	h.papers = append(h.papers, one)
}

// ruleOf is the rule's own name in a record's stamp "ruleset/rule@version".
func ruleOf(stamp string) string {
	_, rule, _ := strings.Cut(stamp, "/")
	if at := strings.LastIndex(rule, "@"); at >= 0 {
		rule = rule[:at]
	}
	return rule
}
