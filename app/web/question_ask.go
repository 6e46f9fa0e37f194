package web

import (
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// askDates lists the due dates that were changed.
func askDates(q *questionCall) error {
	list, err := q.s.App.DatesMoved(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	for i := range list { // a change without a record is shown all the same, by the row that keeps it
		if c := list[i].Change; list[i].No() == 0 {
			list[i].Row = app.JournalRow{TicketID: c.TicketID, ProjectID: c.ProjectID, TaskForceID: c.TaskForceID, ObjectKind: c.ItemKind, ObjectID: c.ItemID}
		}
	}
	if err := q.words(toldOf(list, func(m app.DateMove) app.Told { return m.Told })); err != nil {
		return err
	}
	q.heads("moved_at", "item", "date_from", "date_to", "asked", "#nth", "by", "cause")
	q.counts("by", "days_moved", q.plainNumber)
	for _, m := range list {
		c := m.Change
		moved := int(c.ToOn - c.FromOn)
		asked := templates.Cell{Text: q.day(m.Asked), Class: "day", Note: q.T("question_dates.before", "N", -m.Late)}
		if m.Late > 0 {
			asked.Note, asked.Class = q.T("question_dates.after", "N", m.Late), "day late"
		}
		to := templates.Cell{Text: q.day(c.ToOn), Class: "day", Note: q.T("question_dates.moved", "N", signed(float64(moved)))}
		cause := templates.Cell{Text: q.T("date_cause." + c.Cause), Note: strings.TrimSpace(c.Reason + " " + c.Basis), Class: "wide"}
		who := q.who(m.Told)
		if m.No() == 0 {
			who = templates.Cell{Text: q.nameOr(q.dir, c.ChangedBy), Note: q.T("question_dates.no_record")}
		}
		q.line([]int64{m.Ask.No(), m.No()}, templates.Cell{Text: q.at(c.ChangedAt)}, q.item(m.Told), templates.Cell{Text: q.day(c.FromOn), Class: "day"}, to, asked, q.num(m.Times), who, cause)
		q.tally.add(q.whoName(m.Told), int64(moved))
	}
	return nil
}

// askLights lists the lights that were put out.
func askLights(q *questionCall) error {
	list, err := q.s.App.LightsLifted(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(l app.LightLift) app.Told { return l.Told })); err != nil {
		return err
	}
	q.heads("lifted_at", "item", "light", "#days_lit", "lifted_by", "did")
	q.counts("lifted_by", "days_lit", q.plainNumber)
	for _, l := range list {
		rule, page := q.l.rule(l.Record.Rule)
		why := q.liftedWhy(l.Why)
		did := templates.Cell{Text: q.T("question_lights.clock")}
		if l.By.No() != 0 {
			did = templates.Cell{Text: q.who(l.By).Text + " " + q.l.what(l.By.Row.Action), Note: q.who(l.By).Note, Class: "wide"}
		}
		q.line([]int64{l.Lit.No(), l.By.No(), l.No()}, q.when(l.Told), q.item(l.Told),
			templates.Cell{Light: q.Light(l.Light), Note: rule, NoteHref: page}, q.num(l.DaysLit), templates.Cell{Text: why}, did)
		q.tally.add(why, int64(l.DaysLit))
	}
	return nil
}

// askAmounts lists the verified amounts that are not the reported ones.
func askAmounts(q *questionCall) error {
	list, err := q.s.App.AmountsApart(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(o app.Overstated) app.Told { return o.Told })); err != nil {
		return err
	}
	q.heads("verified_at", "item", "#reported", "#verified", "#over", "by_report", "by_verify", "note")
	q.counts("unit", "over", q.Money)
	for _, o := range list {
		reported := q.money(o.ReportedFen)
		if o.HighestFen > o.ReportedFen {
			reported.Note = q.T("question_amounts.highest", "Amount", q.Money(o.HighestFen), "N", len(o.Returned))
		}
		over := q.money(o.Over())
		if over.Class = "num"; o.Over() > 0 && o.VerifiedFen > 0 {
			over.Class, over.Note = "num late", q.Percent(float64(o.Over())*100/float64(o.VerifiedFen))
		}
		reporter := q.who(o.Report)
		records := append([]int64{o.Report.No(), o.Highest.No(), o.No()}, o.Returned...)
		q.line(records, q.when(o.Told), q.item(o.Told), reported, q.money(o.VerifiedFen), over, reporter, q.who(o.Told), templates.Cell{Text: o.Record.Reason, Class: "wide"})
		q.tally.add(q.unitWord(o.Unit), o.Over())
	}
	return nil
}

// askLate lists facts that were entered after they happened.
func askLate(q *questionCall) error {
	list, err := q.s.App.FactsBackDated(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(b app.BackDated) app.Told { return b.Told })); err != nil {
		return err
	}
	q.heads("entered_at", "item", "fact", "happened", "#late", "by", "note")
	q.counts("unit", "late_sum", q.plainNumber)
	for _, b := range list {
		q.line([]int64{b.No()}, q.when(b.Told), q.item(b.Told), templates.Cell{Text: q.T("question_late." + b.Sort), Note: q.l.what(b.Row.Action)}, templates.Cell{Text: q.day(b.Happened), Class: "day"},
			templates.Cell{Text: q.Count(b.Workdays), Class: "num late"}, q.who(b.Told), templates.Cell{Text: b.Record.Reason, Class: "wide"})
		q.tally.add(q.unitWord(b.Record.Actor.Unit), int64(b.Workdays))
	}
	return nil
}

// askSameUnit lists what people of the unit that did the work judged themselves.
func askSameUnit(q *questionCall) error {
	list, err := q.s.App.JudgedBySameUnit(q.ctx(), q.actor, q.filter)
	if err != nil {
		return err
	}
	if err := q.words(toldOf(list, func(s app.SameUnit) app.Told { return s.Told })); err != nil {
		return err
	}
	q.heads("judged_at", "item", "unit", "did_work", "judged")
	q.counts("unit", "", nil)
	for _, s := range list {
		judged := templates.Cell{Text: q.who(s.Told).Text + " " + q.l.what(s.Row.Action)}
		if s.SamePerson {
			judged.Note, judged.Class = q.T("question_same_unit.person"), "late"
		}
		work := templates.Cell{Text: q.who(s.Work).Text + " " + q.l.what(s.Work.Row.Action), Note: q.at(s.Work.Row.At)}
		q.line([]int64{s.Work.No(), s.No()}, q.when(s.Told), q.item(s.Told), templates.Cell{Text: s.Unit}, work, judged)
		q.tally.add(s.Unit, 0)
	}
	return nil
}
