package web

import (
	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// span is from when to when the pack tells what changed: since the meeting before, up to a meeting that was held, or up to today.
func (w *meetingWords) span() (from, to calendar.Date, err error) {
	c, m := w.c, w.f.Meeting
	to = c.s.App.Today()
	if m.State != "planned" && !m.HeldOn.IsZero() {
		to = min(to, m.HeldOn)
	}
	first, err := c.s.App.FirstDay(c.ctx())
	if err != nil {
		return 0, 0, err
	}
	var before calendar.Date
	switch {
	case w.f.Previous != nil:
		before = w.f.Previous.HeldOn
	case m.No == "": // the desk's pack: since whichever meeting was the last
		before, err = c.s.App.LastMeeting(c.ctx())
	}
	if before.IsZero() || before >= to {
		before = to.AddDays(-sinceDays)
	}
	return min(max(before, first), to), to, err
}

// changes are what has become different since the meeting before, as a part of a document: the figures of both days, and the changes kind by kind.
func (w *meetingWords) changes() (templates.DocSection, error) {
	c := w.c
	out := templates.DocSection{Title: c.T("meetdoc.changes"), Empty: c.T("meetdoc.changes_none")}
	from, to, err := w.span()
	if err != nil {
		return out, err
	}
	q := &changeQuery{call: c, from: from, to: to}
	q.Changes, err = c.s.App.ChangesBetween(c.ctx(), c.actor, from, to, app.ChangeFilter{TaskForce: w.f.Meeting.TaskForceID})
	if list := app.AsFaults(err); list != nil && list[0].Kind == app.Invalid { // the journal is younger than the meeting
		return out, nil
	}
	if err != nil {
		return out, err
	}
	if code := w.dir.TaskForces[w.f.Meeting.TaskForceID].Code; code != "" {
		q.force = code
	}
	out.Href = q.address("/changes", true)
	out.Lead = c.T("time.between", "From", c.FullDay(from), "To", c.FullDay(to), "FromNo", c.Count(int(q.FromNo)), "ToNo", c.Count(int(q.ToNo)), "N", len(q.Lines))
	if len(q.Lines) == 0 {
		return out, nil
	}
	figures := q.figures()
	figures.Caption = c.T("time.figures")
	out.Tables = []templates.Table{*figures}
	for _, kind := range app.ChangeKinds() {
		if t := q.changedTable(kind, w.dir); len(t.Rows) > 0 {
			t.Caption = c.T("change."+kind) + " · " + c.T("time.count", "N", len(t.Rows))
			out.Tables = append(out.Tables, t)
		}
	}
	return out, nil
}

// changedTable are the changes of one kind as a table for paper, by task force.
func (q *changeQuery) changedTable(kind string, dir app.Directory) templates.Table {
	heads := []templates.Column{{Text: q.T("map.corner")}, {Text: q.T("time.item")}, {Text: q.T("time.was")}, {Text: q.T("time.is")}, {Text: q.T("time.why")}}
	t := templates.Table{Columns: heads}
	side := func(s templates.ChangeSide, head string) templates.Cell {
		cell := templates.Cell{Head: head, Text: s.Text}
		if s.Light.Kind != "" {
			cell.Light, cell.Text = s.Light, ""
		}
		return cell
	}
	for _, l := range q.Lines {
		if l.Kind != kind {
			continue
		}
		row := q.row(l, dir)
		force := q.T("time.district")
		if tf, ok := dir.TaskForces[l.TaskForceID]; ok {
			force = tf.Name
		}
		why := templates.Cell{Head: heads[4].Text, Text: row.Rule, Note: row.Reason}
		is := side(row.Is, heads[3].Text)
		is.Note = row.Note
		t.Rows = append(t.Rows, []templates.Cell{{Text: force, Head: heads[0].Text}, {Text: row.Name, Note: row.No, Href: row.Href, Head: heads[1].Text}, side(row.Was, heads[2].Text), is, why})
	}
	return t
}
