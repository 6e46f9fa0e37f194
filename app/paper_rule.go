package app

import (
	"battlemap/app/calendar"
	"battlemap/workflows"
	"slices"
)

// issueFor issues what a rung asks for: its paper, unless that is a mere reminder, and a notice of the interview. Open papers of the rungs below are superseded.
func (t *tx) issueFor(it item, e *Escalation, f workflows.Finding) error {
	facts := tight(f.Sentence("zh", func(day int) string { return t.writtenDay(calendar.Date(day)) }))
	o := order{item: it, finding: f, escalation: e.ID, light: e.Light, facts: facts, tell: f.Step.Tell, deadline: e.AnswerBy}
	form, real := t.app.forms.Form(e.Paper)
	if real && form.ID != "public_notice" {
		o.form = form
		if _, err := t.issueAfter(o); err != nil {
			return err
		}
	}
	if err := t.issueNotice(o, f.Step); err != nil {
		return err
	}
	if o.form, real = t.app.forms.Form("interview_notice"); !real || e.Interview == "" {
		return nil
	}
	_, err := t.issueAfter(o)
	return err
}

// issueNotice issues a notice 通报 where a step makes something known: to its task force, to the unit, or to the whole district.
func (t *tx) issueNotice(o order, step workflows.Step) error {
	if step.Paper != "public_notice" && step.Notice == "" {
		return nil
	}
	var ok bool
	if o.form, ok = t.app.forms.Form("public_notice"); !ok {
		return nil
	}
	var err error
	if o.scope, err = t.extent(o.item, step.Notice); err != nil {
		return err
	}
	_, err = t.issueAfter(o)
	return err
}

// extent names those to whom a notice is made known; the task force where the step does not say.
func (t *tx) extent(it item, notice string) (string, error) {
	switch notice {
	case "district":
		return t.app.forms.Whole(), nil
	case "unit":
		id, err := t.unitOf(it)
		if err != nil || id == 0 {
			return t.app.forms.Whole(), err
		}
		unit, err := look[Unit](t, id)
		if err != nil {
			return "", err
		}
		return unit.Name, nil
	}
	if it.taskForce == 0 {
		return t.app.forms.Whole(), nil
	}
	tf, err := look[TaskForce](t, it.taskForce)
	if err != nil {
		return "", err
	}
	return tf.Name, nil
}

// issueAfter issues a paper in place of the open ones of the same kind of step: one matter has one paper to answer.
func (t *tx) issueAfter(o order) (*Paper, error) {
	papers, lives, err := t.papersOf(o.item, o.finding.Rule)
	if err != nil {
		return nil, err
	}
	for i := range papers {
		if (papers[i].Kind == "interview_notice") != (o.form.ID == "interview_notice") || papers[i].EscalationID == o.escalation {
			continue
		}
		if o.previous == nil {
			o.previous = &papers[i]
		}
		if err := t.endPaper(&papers[i], &lives[i], "superseded", "superseded"); err != nil {
			return nil, err
		}
	}
	return t.issuePaper(o)
}

// endPaper closes a paper for good or, when its light went out, until that is lit again.
func (t *tx) endPaper(p *Paper, l *PaperLife, state, why string) error {
	was := *l
	l.Resume, l.State, l.EndedOn, l.EndedWhy = l.State, state, t.today, why
	if err := t.saveLife(p, l); err != nil {
		return err
	}
	c := t.paperChange("paper.end", p, was, l, nil)
	c.reason = why
	t.record(c)
	return nil
}

// saveLife winds the alarm clock of a paper and stores its life.
func (t *tx) saveLife(p *Paper, l *PaperLife) error {
	if err := t.windPaper(p, l); err != nil {
		return err
	}
	return update(t, l)
}

// endPapers closes the papers of a rule whose light went out: the matter is cured, so nobody has to write as well (国办函〔2026〕12号). A finding that was superseded
// leaves its paper open until another takes its place.
func (t *tx) endPapers(it item, rule, why string) error {
	if why == "superseded" {
		return nil
	}
	papers, lives, err := t.papersOf(it, rule)
	if err != nil {
		return err
	}
	state := "lifted"
	if why == "exempted" {
		state = why
	}
	for i := range papers {
		if err := t.endPaper(&papers[i], &lives[i], state, why); err != nil {
			return err
		}
	}
	return nil
}

// resumePapers opens the papers of a rung again that went out with its light.
func (t *tx) resumePapers(it item, e *Escalation) error {
	papers, err := list[Paper](t, "id", "escalation_id = ?", e.ID)
	if err != nil {
		return err
	}
	for i := range papers {
		l, err := t.lifeOf(papers[i].ID)
		if err != nil {
			return err
		}
		if l.State != "lifted" {
			continue
		}
		was := *l
		l.State, l.Resume, l.EndedOn, l.EndedWhy = l.Resume, "", 0, ""
		if err := t.saveLife(&papers[i], l); err != nil {
			return err
		}
		t.record(t.paperChange("paper.resume", &papers[i], was, l, nil))
	}
	return nil
}

// acknowledged finds the paper by which the unit has promised to cure the same step of the same rule by a date that has not passed; nil when there is none.
// While it is in force the light is lit, but nobody is reminded of the step and no second paper goes out (《政府督查工作条例》第 15 条).
func (t *tx) acknowledged(it item, f workflows.Finding) (*Paper, error) {
	papers, lives, err := t.papersOf(it, f.Rule)
	if err != nil {
		return nil, err
	}
	for i := range papers {
		if papers[i].Step == f.Step.ID && lives[i].promising(t.today) {
			return &papers[i], nil
		}
	}
	return nil, nil
}

// excused tells whether a reason was accepted for what a rule says of an item and date.
func (t *tx) excused(it item, rule string, due calendar.Date) (bool, error) {
	accepted, err := t.acceptedFor(it)
	return slices.ContainsFunc(accepted, func(r AcceptedReason) bool { return r.RuleID == rule && (r.DueOn.IsZero() || r.DueOn == due) }), err
}

// acceptedFor are the reasons that were accepted for an item. Every rule asks for them, several times in a transaction.
func (t *tx) acceptedFor(it item) ([]AcceptedReason, error) {
	key := registerKey{kind: it.kind, id: it.id}
	if known, ok := t.reasons[key]; ok {
		return known, nil
	}
	accepted, err := byNumber[AcceptedReason](t, "item_kind = ? AND item_id = ?", it.kind, it.id)
	if err != nil {
		return nil, err
	}
	if t.reasons == nil {
		t.reasons = map[registerKey][]AcceptedReason{}
	}
	t.reasons[key] = accepted
	return accepted, nil
}

// outrun tells whether a rung that began before its date, a warning that the date is near, has given way to one of another rule that began after it. That
// one may have gone out for an accepted reason: the date has passed all the same.
func (t *tx) outrun(it item, f workflows.Finding) (bool, error) {
	if f.On >= f.Due {
		return false, nil
	}
	after, err := list[Escalation](t, "id", "item_kind = ? AND item_id = ? AND (lifted_on = '' OR lifted_why = 'exempted')", it.kind, it.id)
	for _, e := range after {
		if e.RuleID != f.Rule && e.RuleID != handRule && int(e.DueOn) == f.Due && e.BeganOn > e.DueOn {
			return true, err
		}
	}
	return false, err
}

// outrunLit puts out the warnings that a date was near, now that a rule says of the same date that it has passed.
func (t *tx) outrunLit(it item, f workflows.Finding, lit []Escalation) error {
	if f.On <= f.Due {
		return nil
	}
	for i := range lit {
		if lit[i].RuleID != f.Rule && lit[i].RuleID != handRule && int(lit[i].DueOn) == f.Due && lit[i].BeganOn < lit[i].DueOn {
			if err := t.liftOne(it, &lit[i], "superseded"); err != nil {
				return err
			}
		}
	}
	return nil
}
