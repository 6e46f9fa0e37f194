package app

import (
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Settling records every step that the rules have reached up to now, before anything else changes an item. So it does not matter how late the bell rings:
// a report that comes in before the bell does not wipe out a step that had begun already.

func projectItem(p *Project) item {
	return item{kind: "project", id: p.ID, no: p.Code, title: p.Name, taskForce: p.TaskForceID, project: p.ID}
}

func milestoneItem(p *Project, m *Milestone) item {
	return item{kind: "milestone", id: m.ID, no: p.Code, title: p.Name + " · " + m.Name, taskForce: p.TaskForceID, project: p.ID}
}

func ticketItem(k *Ticket) item {
	return item{kind: "ticket", id: k.ID, no: k.No, title: k.Title, taskForce: k.TaskForceID, project: k.ProjectID, ticket: k.ID}
}

// judged tells whether rules look at the project at all.
func (t *tx) judged(p *Project) bool {
	s, ok := t.machine("project", p.MachineVersion).State(p.Stage)
	return ok && s.Kind == workflows.KindOpen
}

// settleProject judges the months that ended unjudged, in order, and raises the anchored steps that were reached.
func (t *tx) settleProject(p *Project) error {
	if err := t.settlePapers(projectItem(p)); err != nil {
		return err
	}
	if !t.judged(p) || p.PlannedStartOn.IsZero() {
		p.JudgedMonth = t.lastEnded() // no month rule has anything to say of a project without a plan
	}
	if !t.judged(p) {
		return nil
	}
	h, err := t.projectHistory(p)
	if err != nil {
		return err
	}
	for m := p.JudgedMonth.Add(1); !t.now.Before(t.judgeInstant(m)); m = m.Add(1) {
		if err := t.judgeMonth(p, h, m); err != nil {
			return err
		}
		p.JudgedMonth = m
	}
	for _, s := range t.rulesSince(p.NextCheckAt) {
		if err := t.reached(projectItem(p), s.rules, "project", s.last, func(r *workflows.Rule) workflows.Facts { return h.facts(t.app, p, r.ID, t.today.Month()) }); err != nil {
			return err
		}
	}
	return nil
}

// lastEnded is the last month whose judging hour has come.
func (t *tx) lastEnded() calendar.Month {
	m := t.today.Month()
	if t.now.Before(t.judgeInstant(m)) {
		return m.Add(-1)
	}
	return m
}

// judgeMonth asks the month rules about one month's end and keeps the answer for good.
func (t *tx) judgeMonth(p *Project, h projectHistory, m calendar.Month) error {
	it, light, rules := projectItem(p), workflows.LightGreen, t.rulesOn(m.Last())
	for _, r := range rules.For("project") {
		if r.Every != "month" {
			continue
		}
		f, err := r.Judge(workflows.Subject{Facts: h.facts(t.app, p, r.ID, m)}, int(m.Last()), t.counts(p.TaskForceID))
		if err != nil {
			return fmt.Errorf("rule %s on project %s in %s: %w", r.ID, p.Code, m, err)
		}
		if f == nil {
			if err := t.liftBy(it, rules, r.ID, "cured"); err != nil {
				return err
			}
			continue
		}
		if f.Step.Light.Worse(light) {
			light = f.Step.Light
		}
		if err := t.raise(it, *f, true); err != nil {
			return err
		}
	}
	return t.keepJudgement(p, h, m, light)
}

func (t *tx) keepJudgement(p *Project, h projectHistory, m calendar.Month, light workflows.Light) error {
	_, done := h.done(p, m)
	j := Judgement{ProjectID: p.ID, Month: m, Light: light, ScheduleBP: h.schedule(p, m), DoneBP: done,
		Ruleset: rulesStamp(t.rulesOn(m.Last())), JudgedAt: t.now.Unix()}
	if err := create(t, &j); err != nil {
		return fmt.Errorf("keep the judgement of %s in %s: %w", p.Code, m, err)
	}
	c := t.projectChange("project.judge", p, nil)
	c.after, c.rule, c.by = j, j.Ruleset, rulesActor()
	t.record(c)
	return nil
}

// relightProject lifts what is cured and sets the project's light to the worst that is left.
func (t *tx) relightProject(p *Project) error {
	h, err := t.projectHistory(p)
	if err != nil {
		return err
	}
	facts := func(r *workflows.Rule) workflows.Facts {
		if r.Every == "month" { // judged at a month's end, cured by what has been verified since
			f := h.facts(t.app, p, r.ID, p.JudgedMonth)
			now := h.facts(t.app, p, r.ID, t.today.Month())
			f["started"] = now["started"]
			f["done"], f["reported"] = now["done"], now["reported"]
			f["behind"] = float64(h.schedule(p, p.JudgedMonth))/100 - now["done"].(float64)
			if now["started"].(bool) {
				f["months_not_started"] = 0
			}
			return f
		}
		return h.facts(t.app, p, r.ID, t.today.Month())
	}
	calm := lamp{workflows.LightNone, "", t.today}
	if t.judged(p) && !p.PlannedStartOn.IsZero() {
		calm.light = workflows.LightGreen
	}
	set, err := t.relight(projectItem(p), t.rulesOn(t.ruleDay()), "project", facts, calm, lamp{p.Light, p.LightRule, p.LightSince})
	p.Light, p.LightRule, p.LightSince = set.light, set.rule, set.since
	return err
}

// wind sets the project's alarm clock to the next instant at which a rule may change its mind.
func (t *tx) wind(p *Project) error {
	p.NextCheckAt = 0
	if !t.judged(p) {
		return nil
	}
	h, err := t.projectHistory(p)
	if err != nil {
		return err
	}
	next, err := t.nextStep(p.TaskForceID, t.rulesOn(t.ruleDay()), "project", func(r *workflows.Rule) workflows.Facts { return h.facts(t.app, p, r.ID, t.today.Month()) })
	if err != nil {
		return err
	}
	if !p.PlannedStartOn.IsZero() {
		next = earlier(next, t.judgeInstant(p.JudgedMonth.Add(1)).Unix())
	}
	next = earlier(next, t.nextLaw())
	p.NextCheckAt = next
	return nil
}

func (t *tx) settleMilestone(p *Project, m *Milestone) error {
	if err := t.realignMilestone(p, m); err != nil {
		return err
	}
	if err := t.settlePapers(milestoneItem(p, m)); err != nil {
		return err
	}
	return t.reached(milestoneItem(p, m), t.rulesOf(m.Ruleset), "milestone", t.ruleDay(), func(*workflows.Rule) workflows.Facts { return milestoneFacts(p, m) })
}

func (t *tx) windMilestone(p *Project, m *Milestone) error {
	next, err := t.nextStep(p.TaskForceID, t.rulesOf(m.Ruleset), "milestone", func(*workflows.Rule) workflows.Facts { return milestoneFacts(p, m) })
	m.NextCheckAt = next
	return err
}

// saveMilestone puts out what is cured, winds the alarm clock and stores the row.
func (t *tx) saveMilestone(p *Project, m *Milestone) error {
	facts := func(*workflows.Rule) workflows.Facts { return milestoneFacts(p, m) }
	set, err := t.relight(milestoneItem(p, m), t.rulesOf(m.Ruleset), "milestone", facts, lamp{workflows.LightGreen, "", t.today}, lamp{m.Light, m.LightRule, m.LightSince})
	if err != nil {
		return err
	}
	m.Light, m.LightRule, m.LightSince = set.light, set.rule, set.since
	if err := t.windMilestone(p, m); err != nil {
		return err
	}
	return keep(t, m)
}

func (t *tx) settleTicket(k *Ticket) error {
	if err := t.realignTicket(k); err != nil {
		return err
	}
	if err := t.settlePapers(ticketItem(k)); err != nil {
		return err
	}
	f, err := t.ticketFacts(k)
	if err != nil {
		return err
	}
	return t.reached(ticketItem(k), t.rulesOf(k.Ruleset), "ticket", t.ruleDay(), func(*workflows.Rule) workflows.Facts { return f })
}

func (t *tx) relightTicket(k *Ticket) error {
	f, err := t.ticketFacts(k)
	if err != nil {
		return err
	}
	calm := lamp{workflows.LightNone, "", t.today}
	if f["open"].(bool) {
		calm.light = workflows.LightGreen
	}
	set, err := t.relight(ticketItem(k), t.rulesOf(k.Ruleset), "ticket", func(*workflows.Rule) workflows.Facts { return f }, calm, lamp{k.Light, k.LightRule, k.LightSince})
	k.Light, k.LightRule, k.LightSince = set.light, set.rule, set.since
	return err
}

func (t *tx) windTicket(k *Ticket) error {
	f, err := t.ticketFacts(k)
	if err != nil {
		return err
	}
	k.NextCheckAt, err = t.nextStep(k.TaskForceID, t.rulesOf(k.Ruleset), "ticket", func(*workflows.Rule) workflows.Facts { return f })
	return err
}
