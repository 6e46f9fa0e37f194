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
	if !t.judged(p) {
		p.JudgedMonth = t.lastEnded()
		return nil
	}
	h, err := t.projectHistory(p)
	if err != nil {
		return err
	}
	return t.watchProject(p, h).settle(&p.NextCheckAt)
}

// watchProject is a project whose months are judged.
func (t *tx) watchProject(p *Project, h projectHistory) *watch {
	w := t.projectWatch(p, h)
	w.months = func(m calendar.Month, light workflows.Light) error {
		if m <= p.JudgedMonth {
			return nil
		}
		if err := w.missReport(p, m); err != nil {
			return err
		}
		p.JudgedMonth = m
		if p.PlannedStartOn.IsZero() {
			return nil
		}
		return t.keepJudgement(p, h, m, light)
	}
	return w
}

// missReport says that a month's progress was not reported in all the month that followed.
func (w *watch) missReport(p *Project, m calendar.Month) error {
	missed := m.Add(-1)
	if first := firstReport(p); first == 0 || missed < first {
		return nil
	}
	firsts, err := w.t.firstReports(p.ID)
	if _, reported := firsts[missed]; err != nil || reported {
		return err
	}
	w.t.happenings = append(w.t.happenings, happening{kind: w.item.kind, id: w.item.id, event: workflows.Event{Kind: "report_missing", On: int(missingOn(missed))}})
	return w.hear()
}

// lastEnded is the last month whose judging hour has come.
func (t *tx) lastEnded() calendar.Month {
	m := t.today.Month()
	if t.now.Before(t.judgeInstant(m)) {
		return m.Add(-1)
	}
	return m
}

// keepJudgement keeps for good what was judged of a project at a month's end.
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
	calm := lamp{t.calmProject(p), "", t.today}
	set, err := t.watchProject(p, h).relight(calm, lamp{p.Light, p.LightRule, p.LightSince})
	p.Light, p.LightRule, p.LightSince = set.light, set.rule, set.since
	return err
}

// wind sets the project's alarm clock to the next instant at which a rule may change its mind.
func (t *tx) wind(p *Project) error {
	if !t.judged(p) {
		p.NextCheckAt = 0
		return nil
	}
	h, err := t.projectHistory(p)
	if err != nil {
		return err
	}
	return t.watchProject(p, h).wind(&p.NextCheckAt)
}

func (t *tx) settleMilestone(p *Project, m *Milestone) error {
	if err := t.realignMilestone(p, m); err != nil {
		return err
	}
	if err := t.settlePapers(milestoneItem(p, m)); err != nil {
		return err
	}
	return t.milestoneWatch(p, m).settle(&m.NextCheckAt)
}

func (t *tx) windMilestone(p *Project, m *Milestone) error {
	return t.milestoneWatch(p, m).wind(&m.NextCheckAt)
}

// saveMilestone puts out what is cured, winds the alarm clock and stores the row.
func (t *tx) saveMilestone(p *Project, m *Milestone) error {
	set, err := t.milestoneWatch(p, m).relight(lamp{workflows.LightGreen, "", t.today}, lamp{m.Light, m.LightRule, m.LightSince})
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
	if err := t.settleParts(k); err != nil {
		return err
	}
	return t.ticketWatch(k).settle(&k.NextCheckAt)
}

func (t *tx) relightTicket(k *Ticket) error {
	calm := lamp{t.calmTicket(k), "", t.today}
	set, err := t.ticketWatch(k).relight(calm, lamp{k.Light, k.LightRule, k.LightSince})
	k.Light, k.LightRule, k.LightSince = set.light, set.rule, set.since
	return err
}

func (t *tx) windTicket(k *Ticket) error {
	return t.ticketWatch(k).wind(&k.NextCheckAt)
}
