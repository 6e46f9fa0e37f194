package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
)

// AcceptedReason is a reason 正当理由 that was accepted for what a rule says of an item and a date: the light goes out and stays out.
// Reasons for a month of a project are Exemptions.
type AcceptedReason struct {
	Row
	ItemKind   string
	ItemID     int64
	RuleID     string
	DueOn      calendar.Date // 0 for whatever the rule says of the item
	Reason     string
	PaperID    int64
	ApprovedBy int64
	ApprovedAt int64
}

// DecidePaper is the command with which the issuing side decides on an answer.
type DecidePaper struct {
	Paper, Version int64
	Verdict        string // "accept" 销单, "return" 退回, or "exempt" 认可正当理由
	Note           string // required unless it is accepted
}

// Verdicts lists what can be decided on an answer.
func Verdicts() []string { return []string{"accept", "return", "exempt"} }

// DecidePaper accepts an answer, returns it with a reason, or accepts the reason that it gives; never by people of the unit or the task force itself.
func (a *App) DecidePaper(ctx context.Context, actor Actor, cmd DecidePaper) error {
	return a.onPaper(ctx, actor, cmd.Paper, cmd.Version, func(t *tx, p *Paper, l *PaperLife) error {
		if err := t.mayDecide(p, l, cmd.Verdict); err != nil {
			return err
		}
		var c check
		if !slices.Contains(Verdicts(), cmd.Verdict) {
			c.add("verdict", "choose", nil)
		}
		c.text("note", cmd.Note, 500, cmd.Verdict == "accept")
		if err := c.err(); err != nil {
			return err
		}
		was := *l
		l.DecidedOn, l.DecidedBy, l.DecisionNote = t.today, t.actor.ID, strings.TrimSpace(cmd.Note)
		l.State = map[string]string{"accept": "accepted", "return": "returned", "exempt": "exempted"}[cmd.Verdict]
		if cmd.Verdict != "return" {
			l.EndedOn, l.EndedWhy = t.today, l.State
		}
		if err := t.paperDone(verdictAction(cmd.Verdict), p, was, l, PaperAct{More: l.DecisionNote}); err != nil {
			return err
		}
		if err := t.afterVerdict(p, cmd.Verdict, l.DecisionNote); err != nil {
			return err
		}
		return t.tellUnit(p, l, cmd.Verdict, l.DecisionNote)
	})
}

func verdictAction(verdict string) string {
	return map[string]string{"accept": "paper.accept", "return": "paper.return", "exempt": "paper.exempt"}[verdict]
}

// afterVerdict puts out what a verdict ends: the light of a supervisor's own slip, or the one that an accepted reason excuses.
func (t *tx) afterVerdict(p *Paper, verdict, reason string) error {
	slip := t.isSlip(p)
	switch {
	case verdict == "accept" && slip:
		if err := t.markSlip(p.itemOf(), 0, reason); err != nil {
			return err
		}
	case verdict == "return" && slip:
		return t.saveItem(p.itemOf()) // the ladder waited for this
	case verdict == "return" || verdict == "accept" && p.RuleID != handRule:
		return nil
	case verdict == "exempt":
		if err := t.acceptReason(p, reason); err != nil {
			return err
		}
	}
	e, err := look[Escalation](t, p.EscalationID)
	if err != nil {
		return err
	}
	if e.LiftedOn.IsZero() {
		why := map[string]string{"accept": "answered", "exempt": "exempted"}[verdict]
		if err := t.liftOne(p.itemOf(), e, why); err != nil {
			return err
		}
	}
	return t.saveItem(p.itemOf())
}

// acceptReason keeps the reason where the rule looks for it: by month for those judged by the month, by date for all others.
func (t *tx) acceptReason(p *Paper, reason string) error {
	e, err := look[Escalation](t, p.EscalationID)
	if err != nil {
		return err
	}
	if p.ItemKind == "project" && t.monthRule(p.RuleID) {
		return t.exemptMonth(p, e.DueOn.Month(), reason)
	}
	due := e.DueOn
	if _, covers, _ := t.allowsReasons(p); covers == "item" {
		due = 0
	}
	r := &AcceptedReason{ItemKind: p.ItemKind, ItemID: p.ItemID, RuleID: p.RuleID, DueOn: due, Reason: reason, PaperID: p.ID, ApprovedBy: t.actor.ID, ApprovedAt: t.now.Unix()}
	if err := insert(t, r); err != nil {
		return taken(err, "note")
	}
	c := t.paperChange("exemption.accept", p, nil, r, &t.actor)
	c.kind, c.id, c.reason = "exemption", r.ID, reason
	t.record(c)
	return nil
}

func (t *tx) exemptMonth(p *Paper, m calendar.Month, reason string) error {
	e := &Exemption{ProjectID: p.ProjectID, RuleID: p.RuleID, Month: m, Reason: reason, ApprovedBy: t.actor.ID, ApprovedAt: t.now.Unix()}
	if err := insert(t, e); err != nil {
		return taken(err, "note")
	}
	c := t.paperChange("exemption.accept", p, nil, e, &t.actor)
	c.kind, c.id, c.reason = "exemption", e.ID, reason
	t.record(c)
	return nil
}

// saveItem works out the light of a paper's item again.
func (t *tx) saveItem(it item) error {
	switch it.kind {
	case "ticket":
		k, err := get[Ticket](t, it.id)
		if err != nil {
			return err
		}
		return t.saveTicket(k)
	case "milestone":
		m, err := get[Milestone](t, it.id)
		if err != nil {
			return err
		}
		p, err := look[Project](t, m.ProjectID)
		if err != nil {
			return err
		}
		return t.saveMilestone(p, m)
	case "project":
		p, err := get[Project](t, it.id)
		if err != nil {
			return err
		}
		return t.saveProject(p)
	case "receiving_unit":
		k, err := t.lockPart(it.id)
		if err != nil {
			return err
		}
		return t.saveTicket(k)
	case "task_force", "unit", "district":
		s, err := get[Subject](t, it.id)
		if err != nil {
			return err
		}
		return t.saveSubject(s)
	}
	return fmt.Errorf("unknown kind of item %q", it.kind)
}

// RecordPaper is the command that puts on record what a paper announced: an interview 约谈 with who took part, what was found and asked for, or a notice 通报 with
// its scope and text.
type RecordPaper struct {
	Paper, Version int64
	On             calendar.Date
	Who            string // who took part, or to whom it was published
	Facts          string
	Requirements   string
}

// RecordPaper records an interview that was held or a notice that was published; the paper is done with that.
func (a *App) RecordPaper(ctx context.Context, actor Actor, cmd RecordPaper) error {
	return a.onPaper(ctx, actor, cmd.Paper, cmd.Version, func(t *tx, p *Paper, l *PaperLife) error {
		if err := t.mayRecord(p, l); err != nil {
			return err
		}
		var c check
		c.text("who", cmd.Who, 200, false)
		c.text("facts", cmd.Facts, 2000, false)
		c.text("requirements", cmd.Requirements, 2000, false)
		switch {
		case cmd.On.IsZero():
			c.add("held_on", "required", nil)
		case cmd.On > t.today:
			c.add("held_on", "in_future", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		was := *l
		if p.Kind == "interview_notice" || p.DeadlineOn.IsZero() { // a notice that is to be answered stays open for that
			l.State, l.EndedOn, l.EndedWhy = "recorded", t.today, "recorded"
		}
		done := PaperAct{Day: cmd.On, Who: strings.TrimSpace(cmd.Who), Text: strings.TrimSpace(cmd.Facts), More: strings.TrimSpace(cmd.Requirements)}
		if err := t.paperDone("paper.record", p, was, l, done); err != nil {
			return err
		}
		return t.tellUnit(p, l, "record", done.More)
	})
}
