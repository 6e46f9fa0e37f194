package app

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"battlemap/app/audit"
	"battlemap/app/calendar"
)

// JournalFilter narrows the journal; zero fields do not.
type JournalFilter struct {
	Project, Ticket, TaskForce, Person int64
	Unit                               string        // of the actor, as it was called at that time
	Kind                               string        // of object
	Action                             string        // whole
	Prefix                             string        // of the action, such as "comment."
	Rule                               string        // "ruleset/rule" in any version
	From, To                           calendar.Date // both included
	Text                               string        // words that the record holds, each of them
	Before                             int64         // only records with a smaller number: the page before
	Limit                              int
}

// JournalFound is one page of the journal.
type JournalFound struct {
	Rows   []JournalRow
	Looked int64 // the lowest number that was looked at
	Before int64 // go on below this number; 0 when there is nothing older
}

// textBudget is how many records one page of a search for words reads at most: a tenth of a second or two. The page then says how far it came.
const textBudget = 30_000

// textChunk is how many of them are read at a time.
const textChunk = 2_000

// Journal lists records that the actor may see, the newest first.
func (a *App) Journal(ctx context.Context, actor Actor, f JournalFilter) ([]JournalRow, error) {
	q, err := a.journalWhere(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	if f.Before > 0 {
		q = q.Where("no < ?", f.Before)
	}
	return q.Order("no DESC").Limit(f.Limit).Find(ctx)
}

// JournalPage lists a page of records that the actor may see, the newest first, and says where the next one begins. A search for words looks at so many records
// a page and no more: all other conditions go by an index, words do not, since an index of every pair of characters would be many times the journal.
func (a *App) JournalPage(ctx context.Context, actor Actor, f JournalFilter) (JournalFound, error) {
	words := NewMatcher(f.Text)
	if words.Empty() {
		limit := f.Limit
		f.Limit++
		rows, err := a.Journal(ctx, actor, f)
		out := JournalFound{Rows: rows}
		if len(rows) > limit {
			out.Rows = rows[:limit]
			out.Before = out.Rows[limit-1].No
		}
		return out, err
	}
	return a.journalText(ctx, actor, f, words)
}

func (a *App) journalText(ctx context.Context, actor Actor, f JournalFilter, words Matcher) (JournalFound, error) {
	q, err := a.journalWhere(ctx, actor, f)
	if err != nil {
		return JournalFound{}, err
	}
	out := JournalFound{Looked: f.Before}
	for looked := 0; looked < textBudget; looked += textChunk {
		page := q
		if out.Looked > 0 {
			page = q.Where("no < ?", out.Looked)
		}
		rows, err := page.Order("no DESC").Limit(textChunk).Find(ctx)
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			out.Looked = r.No
			if words.inRecord(r) {
				out.Rows = append(out.Rows, r)
			}
			if len(out.Rows) == f.Limit {
				out.Before = r.No
				return out, nil
			}
		}
		if len(rows) < textChunk {
			return out, nil
		}
	}
	out.Before = out.Looked
	return out, nil
}

// inRecord tells whether every word stands in what a record says: names, numbers, reason, basis, address, and the values before and after; not in its field names.
func (m Matcher) inRecord(row JournalRow) bool {
	whole := foldText(string(row.Record))
	for _, w := range m.words {
		if !slices.ContainsFunc(w, func(s string) bool { return strings.ContainsAny(s, `"\`) || strings.Contains(whole, s) }) {
			return false // cheap, and right for nearly all records
		}
	}
	r, err := row.Decoded()
	if err != nil {
		return true // what can't be read is shown rather than hidden
	}
	said := foldFields(recordWords(r))
	for _, w := range m.words {
		if !slices.ContainsFunc(w, func(s string) bool { return strings.Contains(said, s) }) {
			return false
		}
	}
	return true
}

// recordWords are all texts of a record.
func recordWords(r audit.Record) []string {
	out := []string{r.Actor.Name, r.Actor.Unit, r.Object.No, r.Reason, r.Basis, r.Rule, r.Address, r.Request}
	for _, raw := range []json.RawMessage{r.Before, r.After} {
		var value any
		if json.Unmarshal(raw, &value) == nil {
			out = textsIn(value, out)
		}
	}
	return out
}

func textsIn(value any, out []string) []string {
	switch v := value.(type) {
	case string:
		return append(out, v)
	case []any:
		for _, one := range v {
			out = textsIn(one, out)
		}
	case map[string]any:
		for _, one := range v {
			out = textsIn(one, out)
		}
	}
	return out
}

// journalWhere is the question to the journal without its place and its words.
func (a *App) journalWhere(ctx context.Context, actor Actor, f JournalFilter) (rowsOf[JournalRow], error) {
	q := table[JournalRow](a.db.read).Where("no > 0")
	s, err := a.sight(ctx, actor)
	if err != nil {
		return q, err
	}
	if !s.all {
		clause, args := s.journal()
		q = q.Where(clause, args...)
	}
	for column, value := range map[string]int64{"project_id": f.Project, "ticket_id": f.Ticket, "task_force_id": f.TaskForce, "actor_id": f.Person} {
		if value > 0 {
			q = q.Where(column+" = ? AND "+column+" > 0", value) // the second half lets the partial index serve
		}
	}
	for column, value := range map[string]string{"object_kind": f.Kind, "action": f.Action} {
		if value != "" {
			q = q.Where(column+" = ?", plain(value))
		}
	}
	for column, value := range map[string][2]string{"unit": {f.Unit, f.Unit}, "rule": {f.Rule, withoutVersion(f.Rule)}} {
		if value[0] != "" { // what was asked for; a rule without a name finds nothing, not everything
			q = q.Where(column+" = ? AND "+column+" <> ''", plain(value[1]))
		}
	}
	if f.Prefix != "" {
		q = q.Where("action LIKE ?", plain(f.Prefix)+"%")
	}
	return a.journalSpan(ctx, q, f.From, f.To)
}

// journalSpan narrows to the records of some days, both included. Times never go back in the journal, so days are a stretch of numbers.
func (a *App) journalSpan(ctx context.Context, q rowsOf[JournalRow], from, to calendar.Date) (rowsOf[JournalRow], error) {
	if !from.IsZero() {
		before, err := a.lastRecord(ctx, from.AddDays(-1))
		if err != nil {
			return q, err
		}
		q = q.Where("no > ?", before)
	}
	if !to.IsZero() {
		last, err := a.lastRecord(ctx, to)
		if err != nil {
			return q, err
		}
		q = q.Where("no <= ?", last)
	}
	return q, nil
}

// withoutVersion is the rule of a stamp such as "default/project.behind@1".
func withoutVersion(stamp string) string {
	rule, _, _ := strings.Cut(stamp, "@")
	return rule
}

// YearCount is how many records about one kind of object there are in a month.
type YearCount struct {
	Month calendar.Month
	Kind  string
	Count int
}

// JournalYear counts the records of a year that the filter lets through, by month and kind of object.
func (a *App) JournalYear(ctx context.Context, actor Actor, f JournalFilter, year int) ([]YearCount, error) {
	var out []YearCount
	for m := calendar.MakeMonth(year, 1); m.Year() == year; m = m.Add(1) {
		if m.First() > a.Today() {
			break
		}
		f.From, f.To = m.First(), m.Last()
		q, err := a.journalWhere(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		var counts []YearCount
		if err := q.ready(ctx).Model(&JournalRow{}).Select("object_kind AS kind, COUNT(*) AS count").Group("object_kind").Order("object_kind").Scan(&counts).Error; err != nil {
			return nil, err
		}
		for _, c := range counts {
			c.Month = m
			out = append(out, c)
		}
	}
	return out, nil
}

// JournalUnits are the names of the units under which a person has acted, in the order of the alphabet.
func (a *App) JournalUnits(ctx context.Context, actor Actor, person int64) ([]string, error) {
	q, err := a.journalWhere(ctx, actor, JournalFilter{Person: person})
	if err != nil {
		return nil, err
	}
	var units []string
	err = q.ready(ctx).Model(&JournalRow{}).Distinct("unit").Where("unit <> ''").Order("unit").Scan(&units).Error
	return units, err
}
