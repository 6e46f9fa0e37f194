package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// heads sets the columns of the answer: the last parts of their words' keys, "#" before those of numbers.
func (q *questionCall) heads(keys ...string) {
	for _, key := range keys {
		name, num := strings.CutPrefix(key, "#")
		q.columns = append(q.columns, templates.Column{Text: q.T("question_col." + name), Num: num})
	}
}

// line adds a line; records without a number are left out.
func (q *questionCall) line(records []int64, cells ...templates.Cell) {
	records = slices.DeleteFunc(slices.Clone(records), func(no int64) bool { return no == 0 })
	slices.Sort(records)
	q.lines = append(q.lines, questionLine{cells: cells, records: slices.Compact(records)})
}

// words reads the names that the answer's records need.
func (q *questionCall) words(told []app.Told) error {
	rows := make([]app.JournalRow, len(told))
	for i, t := range told {
		rows[i] = t.Row
	}
	var err error
	q.l, err = newLedger(q.call, rows)
	return err
}

// item is what a record is about.
func (q *questionCall) item(t app.Told) templates.Cell {
	kind, name, page := q.l.object(t.Row, t.Record)
	if t.Row.ObjectKind == "milestone" && t.Record.Object.No != "" && !strings.Contains(name, " · ") {
		_, stone, _ := strings.Cut(t.Record.Object.No, " ")
		if stone != "" {
			name += " · " + stone
		}
	}
	return templates.Cell{Text: name, Note: kind, Href: page, Class: "wide"}
}

// who is the actor of a record, as the record names them.
func (q *questionCall) who(t app.Told) templates.Cell {
	if t.No() == 0 {
		return templates.Cell{Text: q.T("journal.none")}
	}
	name, unit, _ := q.l.who(t.Record.Actor)
	return templates.Cell{Text: name, Note: unit}
}

// when is the time of a record.
func (q *questionCall) when(t app.Told) templates.Cell {
	if t.No() == 0 {
		return templates.Cell{}
	}
	return templates.Cell{Text: q.at(t.Row.At)}
}

// whoName is the actor of a record in one word for the count, with the unit.
func (q *questionCall) whoName(t app.Told) string {
	who := q.who(t)
	if who.Note == "" {
		return who.Text
	}
	return who.Text + " · " + who.Note
}

// unitWord is a unit as a record names it, or that there is none.
func (q *questionCall) unitWord(name string) string {
	if name == "" {
		return q.T("question_col.no_unit")
	}
	return name
}

func (q *questionCall) day(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return q.FullDay(d)
}

func (q *questionCall) num(n int) templates.Cell {
	return templates.Cell{Text: q.Count(n), Class: "num"}
}

func (q *questionCall) money(fen int64) templates.Cell {
	return templates.Cell{Text: q.Money(fen), Class: "num"}
}

// counts names what the answer is counted by.
func (q *questionCall) counts(by, sum string, write func(int64) string) {
	q.tally.head, q.tally.count, q.tally.write = q.T("question_col."+by), q.T("question_col.count"), write
	if sum != "" {
		q.tally.sum = q.T("question_col." + sum)
	}
}

func (q *questionCall) plainNumber(n int64) string { return q.Count(int(n)) }

// toldOf are the records of some lines.
func toldOf[T any](list []T, of func(T) app.Told) []app.Told {
	out := make([]app.Told, len(list))
	for i, one := range list {
		out[i] = of(one)
	}
	return out
}
