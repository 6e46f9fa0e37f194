package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// handRule stands for the rule of papers that a supervisor issues by hand; workflows/papers.yaml says which follows which.
const handRule = "by_hand.paper"

// IssuePaper is the command with which a supervisor issues a paper on a ticket or project that goes slowly or badly.
type IssuePaper struct {
	ItemKind   string // "ticket" or "project"
	Item       int64
	Form       string // id of a form; HandForms lists them
	Facts      string
	Require    string        // "" for what the form asks for
	DeadlineOn calendar.Date // 0 for the form's own term
	Anyway     bool          // though another paper on the matter is open
}

// HandForms are the forms that can be issued by hand: all but the notice of an interview, which a step of a rule orders.
func (a *App) HandForms() []workflows.PaperForm {
	return slices.DeleteFunc(slices.Clone(a.forms.Forms), func(f workflows.PaperForm) bool { return f.ID == "interview_notice" })
}

// IssuePaper issues a paper and lights its light; supervisors and their director may, outside the unit and the task force, and a notice only the director.
// A matter with an open paper is not supervised twice unless the supervisor says so (《政府督查工作条例》第 15 条).
func (a *App) IssuePaper(ctx context.Context, actor Actor, cmd IssuePaper) (*Paper, error) {
	var p *Paper
	err := a.write(ctx, actor, func(t *tx) error {
		it, err := t.handItem(cmd.ItemKind, cmd.Item)
		if err != nil {
			return err
		}
		form, err := t.mayIssue(it, cmd)
		if err != nil {
			return err
		}
		deadline, err := t.checkIssue(it, form, cmd)
		if err != nil {
			return err
		}
		h := handOrder{facts: strings.TrimSpace(cmd.Facts), require: strings.TrimSpace(cmd.Require), deadline: deadline, due: t.today, on: t.today, by: &t.actor}
		slip, err := t.slipFinding(it, form)
		if err != nil {
			return err
		}
		if slip != nil {
			h.deadline = cmd.DeadlineOn // else the step's own
			p, err = t.issueSlip(it, form, *slip, h)
		} else {
			p, err = t.issueByHand(it, form, h)
		}
		if err != nil {
			return err
		}
		return t.saveItem(it)
	})
	return p, err
}

// handItem reads and settles what a paper is to be about, and tells strangers that it is missing.
func (t *tx) handItem(kind string, id int64) (item, error) {
	switch kind {
	case "ticket":
		k, err := get[Ticket](t, id)
		if err != nil {
			return item{}, err
		}
		units, err := t.ticketUnits(k.ID)
		if err != nil {
			return item{}, err
		}
		if err := t.ticketVisible(k, units); err != nil {
			return item{}, err
		}
		return ticketItem(k), t.settleTicket(k)
	case "project":
		p, err := get[Project](t, id)
		if err != nil {
			return item{}, err
		}
		if err := t.visible(p); err != nil {
			return item{}, err
		}
		return projectItem(p), t.settleProject(p)
	}
	return item{}, missing()
}

func (t *tx) mayIssue(it item, cmd IssuePaper) (workflows.PaperForm, error) {
	form, ok := t.app.forms.Form(cmd.Form)
	roles := verifiers()
	if ok && form.Record {
		roles = []workflows.Role{workflows.RoleSupervisionDirector}
	}
	unit, err := t.unitOf(it)
	if err != nil {
		return form, err
	}
	if err := t.require(place{taskForce: it.taskForce, project: it.project, units: []int64{unit}}, roles...); err != nil {
		return form, err
	}
	return form, t.notOwn(it.taskForce, unit)
}

func (t *tx) checkIssue(it item, form workflows.PaperForm, cmd IssuePaper) (calendar.Date, error) {
	ended, err := t.itemEnded(it)
	if err != nil {
		return 0, err
	}
	if ended {
		return 0, refused("not_from_here", nil)
	}
	var c check
	c.text("facts", cmd.Facts, 500, false)
	c.text("require", cmd.Require, 500, true)
	if form.ID == "" || form.ID == "interview_notice" {
		c.add("form", "choose", nil)
	}
	if !cmd.DeadlineOn.IsZero() && cmd.DeadlineOn <= t.today {
		c.add("deadline_on", "in_past", nil)
	}
	papers, _, err := t.papersOf(it, "")
	if err != nil {
		return 0, err
	}
	if len(papers) > 0 && !cmd.Anyway {
		c.add("anyway", "paper_open", map[string]any{"Paper": papers[len(papers)-1].No})
	}
	if err := c.err(); err != nil {
		return 0, err
	}
	if cmd.DeadlineOn.IsZero() {
		return t.answerBy(form)
	}
	return cmd.DeadlineOn, nil
}

// answerBy is the last day to answer a paper issued by hand now: its term counts from the working day on which it goes out.
func (t *tx) answerBy(form workflows.PaperForm) (calendar.Date, error) {
	if form.Answer == nil {
		return 0, nil
	}
	cal := t.calendar(0)
	return cal.Due(cal.Today(cal.NextOpen(t.now)), calendar.Term{N: form.Answer.N, Unit: calendar.Unit(form.Answer.Unit)})
}

// itemEnded tells whether a ticket or project is no longer at work, so that there is nothing to supervise.
func (t *tx) itemEnded(it item) (bool, error) {
	if it.kind == "ticket" {
		k, err := look[Ticket](t, it.id)
		if err != nil {
			return false, err
		}
		s, _ := t.machine("ticket", k.MachineVersion).State(k.State)
		return s.Kind != workflows.KindOpen && s.Kind != workflows.KindPaused, nil
	}
	p, err := look[Project](t, it.project)
	if err != nil {
		return false, err
	}
	s, _ := t.machine("project", p.MachineVersion).State(p.Stage)
	return s.Kind != workflows.KindOpen && s.Kind != workflows.KindPaused, nil
}

// handOrder is what a supervisor's own paper says beside its form.
type handOrder struct {
	facts, require string
	deadline       calendar.Date
	due, on        calendar.Date // what it is about, and since when
	previous       *Paper
	by             *Actor // nil where it follows one that nobody answered
}

// issueByHand lights the paper's light, issues it, and tells its rungs; what a supervisor issued on the matter before is superseded.
func (t *tx) issueByHand(it item, form workflows.PaperForm, h handOrder) (*Paper, error) {
	f := workflows.Finding{Rule: handRule, RuleTitle: t.app.forms.Title, Why: workflows.Words{"zh": h.facts, "en": h.facts}, Source: t.app.forms.Source, Ruleset: "papers",
		Version: t.app.forms.Version, Step: workflows.Step{ID: form.ID, Light: form.Light, Tell: form.Tell, Paper: form.ID, Answer: form.Answer}, Due: int(h.due), On: int(h.on)}
	return t.issueFinding(it, form, f, h)
}

// issueFinding records what a supervisor found, lights its light, issues the paper and tells its rungs.
func (t *tx) issueFinding(it item, form workflows.PaperForm, f workflows.Finding, h handOrder) (*Paper, error) {
	if err := t.lift(it, f.Rule, "superseded"); err != nil {
		return nil, err
	}
	e, err := t.newEscalation(it, f)
	if err != nil {
		return nil, err
	}
	if h.deadline.IsZero() && f.Rule != handRule {
		h.deadline = e.AnswerBy
	}
	e.AnswerBy = h.deadline
	if err := insert(t, e); err != nil {
		return nil, taken(err, "form")
	}
	record := escalationChange("escalation.raise", it, nil, e, "")
	if h.by != nil {
		record.by = h.by
	}
	t.record(record)
	t.showsCard(e, workflows.Step{Paper: e.Paper, Interview: e.Interview}.Also())
	o := order{form: form, item: it, finding: f, escalation: e.ID, light: e.Light, facts: h.facts, require: h.require, deadline: h.deadline, tell: f.Step.Tell, previous: h.previous, by: h.by}
	if form.ID == "public_notice" {
		if o.scope, err = t.extent(it, ""); err != nil {
			return nil, err
		}
	}
	p, err := t.issueAfter(o)
	if err != nil {
		return nil, err
	}
	standing, err := t.standing(it, f.Step.Tell)
	if err != nil {
		return nil, err
	}
	to, vacant := everybody(standing)
	return p, t.tell(event{item: it, rule: f.Rule, step: f.Step.ID, due: e.DueOn, escalation: e.ID, light: e.Light, subject: "escalation", vacant: vacant}, to)
}

// climb issues the next form of a supervisor's own paper that was not answered in time.
func (t *tx) climb(p *Paper, on calendar.Date) error {
	form, _ := t.app.forms.Form(p.Kind)
	next, ok := t.app.forms.Form(form.Next)
	if !ok {
		return fmt.Errorf("the form %q that follows %s is gone", form.Next, p.No)
	}
	deadline, err := t.answerBy(next)
	if err != nil {
		return err
	}
	_, err = t.issueByHand(p.itemOf(), next, handOrder{facts: t.app.forms.Unanswered(p.No, t.writtenDay(p.DeadlineOn)), deadline: deadline, due: p.DeadlineOn, on: on, previous: p})
	return err
}

// whyHand says why the light of a supervisor's own paper goes out without an answer: the matter has ended.
func (t *tx) whyHand(scope string, f workflows.Facts) (string, error) {
	ended := false
	switch scope {
	case "ticket":
		open, ok := f["open"].(bool)
		ended = ok && !open
	case "project":
		stage, _ := f["stage"].(string)
		s, ok := t.machineNow("project").State(stage)
		ended = ok && s.Kind != workflows.KindOpen && s.Kind != workflows.KindPaused
	}
	if ended {
		return "cured", nil
	}
	return "", nil
}
