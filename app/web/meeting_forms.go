package web

import (
	"battlemap/app"
	"battlemap/templates"
)

// here tells whether this is the form that was refused, and gives what was typed there.
func (w *meetingWords) here(what string, id int64) (value func(name, otherwise string) string, faults templates.Faults, open bool) {
	if w.again.typed == nil || w.again.what != what || w.again.id != id {
		return func(_, otherwise string) string { return otherwise }, nil, false
	}
	return func(name, _ string) string { return w.again.typed.text(name) }, w.faults, true
}

// with gives a field an id of its own: the page has the same form at every item.
func with(f templates.Field, suffix string) templates.Field {
	f.ID += "-" + suffix
	return f
}

// decisionForm notes a decision on an item; the unit comes from it. nil is a matter that is not on the agenda.
func (w *meetingWords) decisionForm(it *app.AgendaItem) *templates.DecisionForm {
	c, id, unit, force := w.c, int64(0), int64(0), w.f.Meeting.TaskForceID
	if it != nil {
		id, unit, force = it.ID, it.UnitID, it.TaskForceID
	}
	value, faults, open := w.here("decision", id)
	suffix := id64(id)
	var terms []templates.Option
	for _, term := range app.DueTerms() {
		terms = append(terms, templates.Option{Value: term, Text: c.dueTerm(term)})
	}
	none := []templates.Option{{Text: c.T("work.choose")}}
	f := &templates.DecisionForm{Locale: c.Locale, Path: w.path + "/decisions", Item: suffix, Open: open, Problem: faults[""],
		Text: with(c.Field("text", "meeting.text", value("text", "")).Lines(2).Whole().Fails(faults).Need(), suffix),
		Fields: []templates.Field{
			with(c.Field("lead_unit_id", "meeting.unit", value("lead_unit_id", chosen(unit))).Choose(append(none, w.units...)).Fails(faults), suffix),
			with(c.Field("term", "meeting.term", value("term", app.DecisionTerm)).Choose(terms).Hinted("meeting.term_hint").Fails(faults), suffix)}}
	if force == 0 {
		f.Fields = append(f.Fields, with(c.Field("task_force_id", "meeting.force", value("task_force_id", "")).Choose(append(none, w.forces...)).Fails(faults), suffix))
	}
	return f
}

func (w *meetingWords) carryForm(r *app.DecisionRow) *templates.MeetForm {
	c, d := w.c, r.Decision
	value, faults, open := w.here("carry", d.ID)
	return &templates.MeetForm{Locale: c.Locale, Path: w.path + "/decisions/" + id64(d.ID), Title: c.T("meeting.carry"), Go: c.T("meeting.carry_go"), Open: open,
		Hidden: []templates.Hidden{{Name: "verb", Value: "carry"}, {Name: "version", Value: id64(d.Version)}},
		Fields: []templates.Field{with(c.Field("reason", "meeting.carry_reason", value("reason", "")).Whole().Fails(faults), "carry-"+id64(d.ID))}}
}

func (w *meetingWords) finishForm(d *app.DecisionItem) *templates.MeetForm {
	c := w.c
	value, faults, open := w.here("finish", d.ID)
	return &templates.MeetForm{Locale: c.Locale, Path: w.path + "/decisions/" + id64(d.ID), Title: c.T("meeting.finish"), Go: c.T("meeting.finish_go"), Open: open,
		Hidden: []templates.Hidden{{Name: "verb", Value: "finish"}, {Name: "version", Value: id64(d.Version)}},
		Fields: []templates.Field{with(c.Field("note", "meeting.finish_note", value("note", "")).Whole().Fails(faults).Need(), "finish-"+id64(d.ID))}}
}

func (w *meetingWords) addForm() *templates.MeetForm {
	c := w.c
	value, faults, open := w.here("add", 0)
	if faults["item"] != "" {
		faults["item_no"] = faults["item"]
	}
	none := []templates.Option{{Text: c.T("work.choose")}}
	return &templates.MeetForm{Locale: c.Locale, Path: w.path + "/agenda", Title: c.T("meeting.add"), Go: c.T("meeting.add_go"), Open: open, Fields: []templates.Field{
		c.Field("item_no", "meeting.add_item", value("item_no", "")).Hinted("meeting.add_item_hint").Fails(faults),
		with(c.Field("title", "meeting.add_title", value("title", "")).Fails(faults), "add"),
		with(c.Field("unit_id", "meeting.unit", value("unit_id", "")).Choose(append(none, w.units...)).Fails(faults), "add"),
		with(c.Field("why", "meeting.why", value("why", "")).Fails(faults), "add")}}
}
