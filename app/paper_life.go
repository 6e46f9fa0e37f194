package app

import (
	"context"
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// promiseDays is how far ahead the date of an acknowledgement may lie [P]: further on it is an extension that is asked for.
const promiseDays = 30

// ReceivePaper is the command with which somebody of the unit signs for a paper 签收.
type ReceivePaper struct{ Paper, Version int64 }

// PromisePaper is the command with which the unit acknowledges a paper and promises a date 承诺办结时限; NextStep says what it does next.
type PromisePaper struct {
	Paper, Version int64
	On             calendar.Date
	NextStep       string
}

// AnswerPaper is the command with which the leader of the unit answers a paper.
type AnswerPaper struct {
	Paper, Version int64
	Text           string
}

// ReceivePaper signs for a paper; handlers and the leader of the unit that it was issued to may.
func (a *App) ReceivePaper(ctx context.Context, actor Actor, cmd ReceivePaper) error {
	return a.onPaper(ctx, actor, cmd.Paper, cmd.Version, func(t *tx, p *Paper, l *PaperLife) error {
		if err := t.mayReceive(p, l); err != nil {
			return err
		}
		was := *l
		t.sign(l)
		return t.paperDone("paper.receive", p, was, l, PaperAct{})
	})
}

// sign notes who has received the paper; acknowledging and answering it show that too.
func (t *tx) sign(l *PaperLife) {
	if l.ReceivedOn.IsZero() {
		l.ReceivedOn, l.ReceivedBy = t.today, t.actor.ID
		if l.State == "issued" {
			l.State = "received"
		}
	}
}

// PromisePaper acknowledges a paper, once: while the promised date has not passed nobody is reminded of the same step, and what was queued is withdrawn.
func (a *App) PromisePaper(ctx context.Context, actor Actor, cmd PromisePaper) error {
	return a.onPaper(ctx, actor, cmd.Paper, cmd.Version, func(t *tx, p *Paper, l *PaperLife) error {
		if err := t.mayPromise(p, l); err != nil {
			return err
		}
		var c check
		c.text("next_step", cmd.NextStep, 500, false)
		switch {
		case cmd.On.IsZero():
			c.add("promised_on", "required", nil)
		case cmd.On < t.today:
			c.add("promised_on", "in_past", nil)
		case cmd.On > t.today.AddDays(promiseDays):
			c.add("promised_on", "promise_too_far", map[string]any{"Last": t.today.AddDays(promiseDays)})
		}
		if err := c.err(); err != nil {
			return err
		}
		was := *l
		t.sign(l)
		if l.State != "answered" {
			l.State = "promised"
		}
		l.PromisedOn, l.PromisedBy, l.NextStep = cmd.On, t.actor.ID, strings.TrimSpace(cmd.NextStep)
		if err := t.withdraw(p.EscalationID, "acknowledged"); err != nil {
			return err
		}
		return t.paperDone("paper.promise", p, was, l, PaperAct{Day: cmd.On, More: l.NextStep})
	})
}

// AnswerPaper answers a paper; the leader of the unit signs it. One that was returned is answered again, against the same deadline.
func (a *App) AnswerPaper(ctx context.Context, actor Actor, cmd AnswerPaper) error {
	return a.onPaper(ctx, actor, cmd.Paper, cmd.Version, func(t *tx, p *Paper, l *PaperLife) error {
		if err := t.mayAnswer(p, l); err != nil {
			return err
		}
		var c check
		c.text("answer", cmd.Text, 2000, false)
		if err := c.err(); err != nil {
			return err
		}
		was := *l
		t.sign(l)
		l.State, l.AnsweredOn, l.AnsweredBy, l.Answer = "answered", t.today, t.actor.ID, strings.TrimSpace(cmd.Text)
		if err := t.paperDone("paper.answer", p, was, l, PaperAct{Text: l.Answer}); err != nil {
			return err
		}
		return t.tellDeciders(p, l)
	})
}

// onPaper opens the door for a verb on a paper: it locks the item and the paper, asks whether the actor may see it, compares the version and settles what has begun since.
func (a *App) onPaper(ctx context.Context, actor Actor, paper, version int64, fn func(*tx, *Paper, *PaperLife) error) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := look[Paper](t, paper)
		if err != nil {
			return err
		}
		if err := t.paperVisible(p); err != nil {
			return err
		}
		if err := t.lockItem(p); err != nil {
			return err
		}
		l, err := t.lockLife(p)
		if err != nil {
			return err
		}
		if version != l.Version {
			return t.stalePaper(p)
		}
		if err := t.settlePaper(p, l); err != nil {
			return err
		}
		return fn(t, p, l)
	})
}

func (t *tx) lockLife(p *Paper) (*PaperLife, error) {
	l, err := t.lifeOf(p.ID)
	if err != nil {
		return nil, err
	}
	return get[PaperLife](t, l.ID)
}

// lockItem locks the row that a paper is about, always before the paper: a sweep of the item comes the same way.
func (t *tx) lockItem(p *Paper) error {
	var err error
	switch p.ItemKind {
	case "ticket":
		_, err = get[Ticket](t, p.ItemID)
	case "milestone":
		_, err = get[Milestone](t, p.ItemID)
	case "project":
		_, err = get[Project](t, p.ItemID)
	case "receiving_unit":
		_, err = t.lockPart(p.ItemID)
	case "task_force", "unit", "district":
		_, err = get[Subject](t, p.ItemID)
	}
	return err
}

// stalePaper says who did something to the paper meanwhile.
func (t *tx) stalePaper(p *Paper) error {
	acts, err := list[PaperAct](t, "id DESC", "paper_id = ?", p.ID)
	if err != nil || len(acts) == 0 || acts[0].ByID == 0 {
		return errOr(err, &Fault{Kind: Stale, Key: "stale"})
	}
	u, err := look[User](t, acts[0].ByID)
	if err != nil {
		return err
	}
	return &Fault{Kind: Stale, Key: "stale_paper", Args: map[string]any{"Who": u.Name, "Action": "paper." + acts[0].Act, "At": acts[0].At}}
}

// paperDone stores what a verb did: the life, the act, and the record.
func (t *tx) paperDone(action string, p *Paper, was PaperLife, l *PaperLife, done PaperAct) error {
	if err := t.saveLife(p, l); err != nil {
		return err
	}
	act := strings.TrimPrefix(action, "paper.")
	done.PaperID, done.Act, done.At, done.ByID = p.ID, act, t.now.Unix(), t.actor.ID
	by := &t.actor
	if act == "expire" {
		done.ByID, by = 0, nil
	}
	if err := create(t, &done); err != nil {
		return fmt.Errorf("keep what happened to %s: %w", p.No, err)
	}
	c := t.paperChange(action, p, was, l, by)
	if by != nil {
		c.rule = ""
	}
	t.record(c)
	return nil
}

// paperItem is a paper as something that people are told of.
func paperItem(p *Paper) item {
	return item{kind: "paper", id: p.ID, no: p.No, title: p.ItemTitle, taskForce: p.TaskForceID, project: p.ProjectID, ticket: p.TicketID, path: "/papers/" + p.Code}
}

// itemOf is what the paper is about.
func (p *Paper) itemOf() item {
	return item{kind: p.ItemKind, id: p.ItemID, no: p.ItemNo, title: p.ItemTitle, taskForce: p.TaskForceID, project: p.ProjectID, ticket: p.TicketID}
}

func (p *Paper) place() place {
	return place{taskForce: p.TaskForceID, project: p.ProjectID, units: []int64{p.UnitID}}
}

// paperEvent is something that happened to a paper; the version makes it unique.
func paperEvent(p *Paper, l *PaperLife, act, reason string) event {
	return event{item: paperItem(p), rule: ruleOfMoves, step: fmt.Sprintf("paper.%s v%d", act, l.Version), due: p.DeadlineOn, subject: "paper." + act, move: "paper_" + act,
		reason: reason, light: p.Light}
}

// tellDeciders tells those who may decide on an answer: who issued the paper, or the supervisors.
func (t *tx) tellDeciders(p *Paper, l *PaperLife) error {
	to := []int64{p.IssuedBy}
	if p.IssuedBy == 0 {
		supervisors, err := t.holders(workflows.RoleSupervisor, p.place())
		if err != nil {
			return err
		}
		directors, err := t.holders(workflows.RoleSupervisionDirector, p.place())
		if err != nil {
			return err
		}
		to = append(supervisors, directors...)
	}
	return t.tell(paperEvent(p, l, "answer", ""), to)
}

// tellUnit tells the people of the unit what was decided on their answer.
func (t *tx) tellUnit(p *Paper, l *PaperLife, act, reason string) error {
	standing, err := t.standing(p.itemOf(), []string{"unit_leader", "unit_handler"})
	if err != nil {
		return err
	}
	to, _ := everybody(standing)
	return t.tell(paperEvent(p, l, act, reason), to)
}
