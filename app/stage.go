package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// StageClaim is a forward move of a project as its own people report it; it counts once somebody outside the task force has verified it.
type StageClaim struct {
	Row
	ProjectID    int64
	Move         string
	FromStage    string
	ToStage      string
	State        string // "claimed", "verified" or "rejected"
	OccurredOn   calendar.Date
	Criterion    string // which of the official definitions is met
	Evidence     string
	Reason       string        // of a suspension or removal
	Document     string        // its document number
	ExpectedEnd  calendar.Date // of a suspension
	ClaimedBy    int64
	ClaimedAt    int64
	DecidedBy    int64
	DecidedAt    int64
	DecisionNote string
}

// MoveProject is the command that moves a project to another stage, or claims that it has moved.
type MoveProject struct {
	Project, Version            int64
	Move                        string
	OccurredOn                  calendar.Date
	Criterion, Evidence, Reason string
	Document                    string
	ExpectedEnd                 calendar.Date
}

// MoveProject makes the move when it needs no verification, and files a claim for a supervisor outside the task force when it does.
func (a *App) MoveProject(ctx context.Context, actor Actor, cmd MoveProject) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.visible(p); err != nil {
			return err
		}
		if err := t.fresh(p, cmd.Version); err != nil {
			return err
		}
		move, err := t.allowedStage(p, cmd.Move, false)
		if err != nil {
			return err
		}
		if err := t.noClaim(p); err != nil {
			return err
		}
		if err := t.checkStageFacts(p, move, cmd); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		if len(move.VerifiedBy) > 0 {
			return t.claimStage(p, move, cmd)
		}
		return t.enterStage(p, move, cmd.OccurredOn, cmd.Reason)
	})
}

// allowedStage asks the machine whether the actor may report the move, or verify it.
func (t *tx) allowedStage(p *Project, id string, verify bool) (workflows.Move, error) {
	roles, err := t.roles(t.projectPlace(p))
	if err != nil {
		return workflows.Move{}, err
	}
	machine := t.machine("project", p.MachineVersion)
	if !verify {
		move, err := machine.Next(p.Stage, id, roles)
		return move, refusal(err)
	}
	move, ok := machine.Move(id)
	if !ok {
		return move, refused("unknown_move", nil)
	}
	if !move.AllowsVerifying(roles) {
		return move, denied()
	}
	return move, nil
}

// refusal words a machine's no for a person.
func refusal(err error) error {
	no, ok := errors.AsType[*workflows.Refusal](err)
	if !ok {
		return err
	}
	if no.Code == "not_allowed" {
		return denied()
	}
	return refused(no.Code, nil)
}

func (t *tx) checkStageFacts(p *Project, move workflows.Move, cmd MoveProject) error {
	var c check
	given := map[string]string{"occurred_on": cmd.OccurredOn.String(), "criterion": cmd.Criterion, "evidence": cmd.Evidence, "reason": cmd.Reason,
		"document": cmd.Document, "expected_end": cmd.ExpectedEnd.String()}
	for _, need := range move.Needs {
		c.text(need.Field, given[need.Field], 500, need.Optional)
	}
	c.oneOf(move, "criterion", cmd.Criterion)
	if cmd.OccurredOn > t.today {
		c.add("occurred_on", "in_future", nil)
	}
	if !cmd.OccurredOn.IsZero() && cmd.OccurredOn < p.SignedOn {
		c.add("occurred_on", "before_signing", map[string]any{"Signed": p.SignedOn})
	}
	return c.err()
}

// visible tells people who hold no role on the project that it is missing.
func (t *tx) visible(p *Project) error {
	roles, err := t.roles(t.projectPlace(p))
	if err == nil && len(roles) == 0 {
		return missing()
	}
	return err
}

// noClaim refuses a move while another one waits to be verified: it would leave a claim behind that nobody can decide.
func (t *tx) noClaim(p *Project) error {
	waiting, err := list[StageClaim](t, "id", "project_id = ? AND state = 'claimed'", p.ID)
	if err == nil && len(waiting) > 0 {
		return refused("claim_waiting", nil)
	}
	return err
}

func (t *tx) claimStage(p *Project, move workflows.Move, cmd MoveProject) error {
	s := &StageClaim{ProjectID: p.ID, Move: move.ID, FromStage: p.Stage, ToStage: move.To, State: "claimed", OccurredOn: cmd.OccurredOn,
		Criterion: cmd.Criterion, Evidence: strings.TrimSpace(cmd.Evidence), Reason: strings.TrimSpace(cmd.Reason),
		Document: cmd.Document, ExpectedEnd: cmd.ExpectedEnd, ClaimedBy: t.actor.ID, ClaimedAt: t.now.Unix()}
	if err := insert(t, s); err != nil {
		return err
	}
	c := t.projectChange("project.claim", p, nil)
	c.after = s
	t.record(c)
	return t.saveProject(p)
}

func (t *tx) enterStage(p *Project, move workflows.Move, on calendar.Date, reason string) error {
	was := *p
	to := move.Target(p.Stage, p.ResumeStage)
	if s, ok := t.machine("project", p.MachineVersion).State(to); !ok {
		return fmt.Errorf("project %s: move %s leads to unknown stage %q", p.Code, move.ID, to)
	} else if s.Kind == workflows.KindPaused {
		p.ResumeStage = p.Stage
	}
	if err := t.roomFor("stages", p.TaskForceID, to); err != nil {
		return err
	}
	if on.IsZero() {
		on = t.today
	}
	p.Stage, p.StageSince, p.LastProgressOn = to, on, t.today
	switch to {
	case "signed":
		p.SignedOn = on
	case "started":
		p.StartedOn = on
	case "completed":
		p.FinishedOn = on
	}
	c := t.projectChange("project.move", p, was)
	c.reason = reason
	if err := t.saveProject(p); err != nil {
		return err
	}
	t.record(c)
	return nil
}

// DecideStage is the command that verifies a claimed stage or rejects it.
type DecideStage struct {
	Claim, Version int64
	Accept         bool
	Note           string
}

// DecideStage verifies or rejects a claim; supervisors from outside the owning task force and the responsible units only.
func (a *App) DecideStage(ctx context.Context, actor Actor, cmd DecideStage) error {
	return a.write(ctx, actor, func(t *tx) error {
		s, err := get[StageClaim](t, cmd.Claim)
		if err != nil {
			return err
		}
		p, err := get[Project](t, s.ProjectID)
		if err != nil {
			return err
		}
		move, err := t.allowedStage(p, s.Move, true)
		if err != nil {
			return err
		}
		if err := t.outside(p, move.Recuse); err != nil {
			return err
		}
		if err := t.anotherHand(s.ClaimedBy); err != nil {
			return err
		}
		if s.State != "claimed" || s.Version != cmd.Version || s.FromStage != p.Stage {
			return t.stale(recordsOfProject, p.ID)
		}
		var c check
		c.text("note", cmd.Note, 500, cmd.Accept)
		if err := c.err(); err != nil {
			return err
		}
		if err := t.settleProject(p); err != nil {
			return err
		}
		if err := t.decide(p, s, cmd); err != nil {
			return err
		}
		if !cmd.Accept {
			return t.saveProject(p)
		}
		return t.enterStage(p, move, s.OccurredOn, s.Evidence+s.Reason)
	})
}

func (t *tx) decide(p *Project, s *StageClaim, cmd DecideStage) error {
	was := *s
	s.State, s.DecidedBy, s.DecidedAt, s.DecisionNote = "rejected", t.actor.ID, t.now.Unix(), cmd.Note
	action := "project.reject"
	if cmd.Accept {
		s.State, action = "verified", "project.verify"
	}
	if err := update(t, s); err != nil {
		return err
	}
	c := t.projectChange(action, p, was)
	c.after, c.reason = s, cmd.Note
	t.record(c)
	return nil
}

// outside refuses people of the units that work on the project and, where the move says so, of its task force.
func (t *tx) outside(p *Project, recuse []string) error {
	tf, err := look[TaskForce](t, p.TaskForceID)
	if err != nil {
		return err
	}
	names := append([]string{"lead_unit", "receiving_unit"}, recuse...)
	own, err := t.recused(names, recusal{lead: p.LeadUnitID, receiving: []int64{p.UnitID}, taskForce: *tf})
	if err != nil {
		return err
	}
	if own {
		return refused("recused", nil)
	}
	return nil
}

// anotherHand refuses somebody who decides on what they entered themselves, whatever roles they hold.
func (t *tx) anotherHand(by int64) error {
	if by == t.actor.ID && by != 0 {
		return refused("own_entry", nil)
	}
	return nil
}

// MoveMilestone is the command that sets a milestone's revised date, or says that it was reached.
type MoveMilestone struct {
	Milestone, Version int64
	RevisedOn          calendar.Date // set: a new date, with a reason; the baseline stays
	Decision           string        // decision on record for the new date, where the rule set wants one
	ActualOn           calendar.Date // set: reached on that day, with evidence
	Reason             string
}

// MoveMilestone changes a milestone; the responsible unit, its leader and the task force may.
func (a *App) MoveMilestone(ctx context.Context, actor Actor, cmd MoveMilestone) error {
	return a.write(ctx, actor, func(t *tx) error {
		m, err := get[Milestone](t, cmd.Milestone)
		if err != nil {
			return err
		}
		p, err := get[Project](t, m.ProjectID)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), reporters()...); err != nil {
			return err
		}
		if err := t.checkMilestone(m, cmd); err != nil {
			return err
		}
		rule, err := t.checkRevision(p, m, cmd)
		if err != nil {
			return err
		}
		if err := t.settleMilestone(p, m); err != nil {
			return err
		}
		was := *m
		m.Version = cmd.Version
		action := "milestone.revise"
		if cmd.ActualOn.IsZero() {
			if err := t.reviseMilestone(p, m, cmd, rule); err != nil {
				return err
			}
		} else {
			m.ActualOn, m.Evidence, action = cmd.ActualOn, cmd.Reason, "milestone.reach"
		}
		if err := t.saveMilestone(p, m); err != nil {
			return err
		}
		c := t.projectChange(action, p, was)
		c.kind, c.id, c.no, c.after, c.reason = "milestone", m.ID, p.Code+" "+m.Name, m, cmd.Reason
		c.rule, c.basis = rule, cmd.basis()
		t.record(c)
		if err := t.settleProject(p); err != nil {
			return err
		}
		return t.saveProject(p)
	})
}

func (t *tx) checkMilestone(m *Milestone, cmd MoveMilestone) error {
	if cmd.Version != m.Version {
		return t.stale(recordsOfProject, m.ProjectID)
	}
	if !m.ActualOn.IsZero() {
		return refused("milestone_reached", nil)
	}
	var c check
	c.text("reason", cmd.Reason, 500, false)
	if cmd.RevisedOn.IsZero() == cmd.ActualOn.IsZero() {
		c.add("actual_on", "required", nil)
	}
	if cmd.ActualOn > t.today {
		c.add("actual_on", "in_future", nil)
	}
	if !cmd.RevisedOn.IsZero() && cmd.RevisedOn <= t.today {
		c.add("revised_on", "in_past", nil)
	}
	return c.err()
}

// AddMilestone is the command that adds a milestone with its immutable baseline date.
type AddMilestone struct {
	Project    int64
	Name       string
	BaselineOn calendar.Date
	Final      bool // the project's last date
}

// AddMilestone adds a milestone at the end of the project's list.
func (a *App) AddMilestone(ctx context.Context, actor Actor, cmd AddMilestone) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), planners()...); err != nil {
			return err
		}
		var c check
		c.text("name", cmd.Name, 40, false)
		if cmd.BaselineOn.IsZero() {
			c.add("baseline_on", "required", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		others, err := list[Milestone](t, "position", "project_id = ?", p.ID)
		if err != nil {
			return err
		}
		m := &Milestone{ProjectID: p.ID, Position: len(others) + 1, Name: strings.TrimSpace(cmd.Name), BaselineOn: cmd.BaselineOn,
			Ruleset: rulesStamp(t.rulesOn(t.today)), Final: cmd.Final, Light: workflows.LightGreen, LightSince: t.today}
		if err := t.windMilestone(p, m); err != nil {
			return err
		}
		if err := insert(t, m); err != nil {
			return err
		}
		change := t.projectChange("milestone.add", p, nil)
		change.kind, change.id, change.no, change.after = "milestone", m.ID, p.Code+" "+m.Name, *m
		t.record(change)
		if err := t.changeMilestoneDate(p, m, 0, DateChange{Cause: "set"}); err != nil {
			return err
		}
		return t.lightNew(p, m)
	})
}

// lightNew lights a milestone that was entered with a date that has passed already.
func (t *tx) lightNew(p *Project, m *Milestone) error {
	if err := t.settleMilestone(p, m); err != nil {
		return err
	}
	lit, err := t.lit(milestoneItem(p, m))
	if err != nil || len(lit) == 0 {
		return err
	}
	return t.saveMilestone(p, m)
}
