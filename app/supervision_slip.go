package app

import (
	"cmp"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// slips are the open tickets and projects with a yellow, orange or red light on which no paper waits within its time.
func (d *supervising) slips() error {
	var out []SlipDue
	lit := "light IN ('red', 'orange', 'yellow') AND "
	paperless := func(kind string) string { // every open paper that is to be answered is late
		return " AND NOT EXISTS (SELECT 1 FROM paper_lives l JOIN papers ON papers.id = l.paper_id WHERE l.item_kind = '" + kind + "' AND l.item_id = " + kind + `s.id
AND l.state IN ('issued', 'received', 'promised', 'answered', 'returned') AND (l.state = 'answered' OR papers.deadline_on = '' OR papers.deadline_on >= ?))`
	}
	tickets, err := list[Ticket](d.tx, "id", lit+"state NOT IN ('draft', 'pending', 'closed', 'terminated') AND "+d.where+paperless("ticket"), append(slices.Clone(d.args), d.today)...)
	if err != nil {
		return err
	}
	for i := range tickets {
		k := &tickets[i]
		out = append(out, SlipDue{Kind: "ticket", ID: k.ID, No: k.No, Title: k.Title, Light: k.Light, RuleID: k.LightRule, Since: k.LightSince, DueOn: k.DueOn, UnitID: k.LeadUnitID,
			Form: d.startForm(k.Importance)})
	}
	projects, err := list[Project](d.tx, "id", lit+"stage NOT IN ('removed', 'suspended') AND "+d.where+paperless("project"), append(slices.Clone(d.args), d.today)...)
	if err != nil {
		return err
	}
	for i := range projects {
		p := &projects[i]
		out = append(out, SlipDue{Kind: "project", ID: p.ID, No: p.Code, Title: p.Name, Light: p.Light, RuleID: p.LightRule, Since: p.LightSince, UnitID: p.UnitID,
			Form: d.startForm("normal")})
	}
	for i := range out {
		if err := d.prepare(&out[i]); err != nil {
			return err
		}
	}
	slices.SortStableFunc(out, func(a, b SlipDue) int {
		switch {
		case a.May != b.May && a.May:
			return -1
		case a.May != b.May:
			return 1
		case a.Light.Worse(b.Light):
			return -1
		case b.Light.Worse(a.Light):
			return 1
		}
		return cmp.Compare(a.Since, b.Since)
	})
	d.desk.Due = out
	return nil
}

// startForm is the form with which a matter of this importance begins.
func (d *supervising) startForm(importance string) string {
	for _, level := range d.app.forms.Importance {
		if level.ID == importance {
			return level.Start
		}
	}
	return d.app.forms.Importance[0].Start
}

// prepare fills in what the form would say, and whether the actor may issue it.
func (d *supervising) prepare(s *SlipDue) error {
	it, err := d.bareItem(s.Kind, s.ID)
	if err != nil {
		return err
	}
	if err := d.lateOn(s, it); err != nil {
		return err
	}
	form, err := d.mayIssue(it, IssuePaper{Form: s.Form})
	if err != nil && AsFaults(err) == nil {
		return err
	}
	s.May, s.Require = err == nil, form.Require
	if s.AnswerBy, err = d.slipAnswer(it, form); err != nil {
		return err
	}
	why := AgendaItem{ItemKind: s.Kind, ItemID: s.ID, RuleID: s.RuleID}
	if err := d.answerOn(&why); err != nil {
		return err
	}
	s.Facts = why.Why
	if s.Late != nil {
		s.Facts += d.app.forms.Unanswered(s.Late.No, d.writtenDay(s.Late.DeadlineOn))
	}
	return nil
}

// lateOn finds the last paper that was not answered in time; the form that follows it comes next, the plain 督办单 where none does.
func (d *supervising) lateOn(s *SlipDue, it item) error {
	papers, _, err := d.papersOf(it, "")
	if err != nil || len(papers) == 0 {
		return err
	}
	s.Late = &papers[len(papers)-1]
	s.Form = "supervision_form"
	if form, ok := d.app.forms.Form(s.Late.Kind); ok && form.Next != "" {
		s.Form = form.Next
	}
	return nil
}

// slipAnswer is the last day to answer: by the item's own rule of slips where it has one, else by the form.
func (d *supervising) slipAnswer(it item, form workflows.PaperForm) (calendar.Date, error) {
	f, err := d.slipFinding(it, form)
	if err != nil {
		return 0, err
	}
	if f == nil || f.Step.Answer == nil {
		return d.answerBy(form)
	}
	cal := d.calendar(0)
	return cal.Due(cal.Today(cal.NextOpen(d.now)), calendar.Term{N: f.Step.Answer.N, Unit: calendar.Unit(f.Step.Answer.Unit)})
}
