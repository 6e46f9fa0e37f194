package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// An inspector's questions are asked of the journal and of tables that only grow, so that every line of an answer can be proven: each carries the records that it
// was read from.

// QuestionFilter narrows a question; zero fields do not.
type QuestionFilter struct {
	From, To  calendar.Date // both included
	TaskForce int64
	Unit      int64 // each question says whose
	Person    int64
	Days      int // of facts entered late: more working days than this
	Sort      string
}

// maxTold is how many records an answer may be read from [P]; above it the asker must narrow the period, since half an answer would be a wrong one.
const maxTold = 20_000

// Told is a record of the journal as evidence, with its values before and after.
type Told struct {
	Row     JournalRow
	Record  audit.Record
	Was, Is Said
}

// No is the record's number, 0 where there is none.
func (t Told) No() int64 { return t.Row.No }

// Said are the columns of a record before or after, as they were written.
type Said map[string]json.RawMessage

// Has tells whether the record names the column.
func (s Said) Has(column string) bool { _, ok := s[column]; return ok }

// Text is a column's text, "" for none.
func (s Said) Text(column string) string {
	var text string
	if json.Unmarshal(s[column], &text) != nil {
		return ""
	}
	return text
}

// Number is a column's number, 0 for none.
func (s Said) Number(column string) int64 {
	var n int64
	if json.Unmarshal(s[column], &n) != nil {
		return 0
	}
	return n
}

// Truth is a column that says yes or no.
func (s Said) Truth(column string) bool { return string(s[column]) == "true" }

// Day is a column's date, zero for none.
func (s Said) Day(column string) calendar.Date {
	d, err := calendar.ParseDate(s.Text(column))
	if err != nil {
		return 0
	}
	return d
}

// asking lets those through who may ask the journal questions about others; for anybody else the page is missing.
func (a *App) asking(ctx context.Context, actor Actor) error {
	return a.view(ctx, actor).require(place{}, exporters()...)
}

// tellOf unpacks a row; what can't be read is an error, since an answer that passes over a record is none.
func tellOf(row JournalRow) (Told, error) {
	r, err := row.Decoded()
	if err != nil {
		return Told{}, fmt.Errorf("read journal record %d: %w", row.No, err)
	}
	t := Told{Row: row, Record: r}
	for raw, into := range map[*json.RawMessage]*Said{&r.Before: &t.Was, &r.After: &t.Is} {
		if len(*raw) == 0 {
			continue
		}
		if err := json.Unmarshal(*raw, into); err != nil {
			return Told{}, fmt.Errorf("read changes of journal record %d: %w", row.No, err)
		}
	}
	return t, nil
}

// told reads the records of some actions in the filter's period and task force, the oldest first.
func (a *App) told(ctx context.Context, f QuestionFilter, actions ...string) ([]Told, error) {
	q, err := a.journalSpan(ctx, table[JournalRow](a.db.read).Where("action IN ?", actions), f.From, f.To)
	if err != nil {
		return nil, err
	}
	if f.TaskForce != 0 {
		q = q.Where("task_force_id = ?", f.TaskForce)
	}
	return tellAll(ctx, q)
}

// toldAbout reads the records of some actions about some projects or tickets, whenever they were written, the oldest first.
func (a *App) toldAbout(ctx context.Context, column string, about map[int64]bool, actions ...string) ([]Told, error) {
	var all []int64
	for id := range about {
		if id != 0 {
			all = append(all, id)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	slices.Sort(all)
	where, arg := among(a.db.read, column, all)
	return tellAll(ctx, table[JournalRow](a.db.read).Where(where+" AND "+column+" > 0", arg).Where("action IN ?", actions))
}

// toldOf reads the records of some actions about the very objects of other records, whenever they were written, the oldest first.
func (a *App) toldOf(ctx context.Context, others []Told, actions ...string) ([]Told, error) {
	kinds := map[string][]int64{}
	for _, t := range others {
		kinds[t.Row.ObjectKind] = append(kinds[t.Row.ObjectKind], t.Row.ObjectID)
	}
	var out []Told
	for kind, objects := range kinds {
		slices.Sort(objects)
		where, arg := among(a.db.read, "object_id", slices.Compact(objects))
		more, err := tellAll(ctx, table[JournalRow](a.db.read).Where("object_kind = ?", kind).Where(where, arg).Where("action IN ?", actions))
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	slices.SortFunc(out, func(x, y Told) int { return cmp.Compare(x.No(), y.No()) })
	return out, nil
}

func tellAll(ctx context.Context, q rowsOf[JournalRow]) ([]Told, error) {
	rows, err := q.Order("no").Limit(maxTold + 1).Find(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) > maxTold {
		return nil, invalid("from", "question_too_long", map[string]any{"N": maxTold})
	}
	out := make([]Told, len(rows))
	for i, row := range rows {
		if out[i], err = tellOf(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unitName is what a unit is called, as records name it; "" for none.
func (a *App) unitName(ctx context.Context, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	u, err := look[Unit](a.view(ctx, System("pages")), id)
	if err != nil {
		return "", err
	}
	return u.Name, nil
}

// ids of the things that records are about, by one of their columns.
func aboutOf(list []Told, of func(JournalRow) int64) map[int64]bool {
	out := map[int64]bool{}
	for _, t := range list {
		out[of(t.Row)] = true
	}
	return out
}

// grouped are records by what they are about, in their order.
func grouped[K comparable](list []Told, of func(JournalRow) K) map[K][]Told {
	out := map[K][]Told{}
	for _, t := range list {
		out[of(t.Row)] = append(out[of(t.Row)], t)
	}
	return out
}

func objectOf(r JournalRow) subjectKey { return subjectKey{r.ObjectKind, r.ObjectID} }

func ticketOf(r JournalRow) int64  { return r.TicketID }
func projectOf(r JournalRow) int64 { return r.ProjectID }

// newest is the last of some records before a number that match; the zero Told when there is none.
func newest(list []Told, before int64, match func(Told) bool) Told {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].No() < before && match(list[i]) {
			return list[i]
		}
	}
	return Told{}
}

// next is the first of some records after a number that match; the zero Told when there is none.
func next(list []Told, after int64, match func(Told) bool) Told {
	for _, t := range list {
		if t.No() > after && match(t) {
			return t
		}
	}
	return Told{}
}
