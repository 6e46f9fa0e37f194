package app

import (
	"context"
	"errors"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// TaskForce is a 工作专班; names are data, and 考评督导 is one of them.
type TaskForce struct {
	Row
	Code       string
	Position   int
	Name       string
	LeaderID   int64 // 班长
	DeputyID   int64
	UnitID     int64 // the unit that keeps its office; its people do not verify the task force's own work
	DocumentNo string
	FlaggedOn  calendar.Date // when it got its flag
	Duty       string
}

// AddTaskForce is the command that sets up a task force.
type AddTaskForce struct {
	Code, Name, DocumentNo, Duty string
	LeaderID, DeputyID, UnitID   int64
	FlaggedOn                    calendar.Date
}

// AddTaskForce sets up a task force at the end of the list; administrators only.
func (a *App) AddTaskForce(ctx context.Context, actor Actor, cmd AddTaskForce) (*TaskForce, error) {
	f := &TaskForce{Code: strings.TrimSpace(cmd.Code), Name: strings.TrimSpace(cmd.Name), DocumentNo: cmd.DocumentNo, Duty: cmd.Duty,
		LeaderID: cmd.LeaderID, DeputyID: cmd.DeputyID, UnitID: cmd.UnitID, FlaggedOn: cmd.FlaggedOn}
	asked := *f
	err := a.write(ctx, actor, func(t *tx) error {
		*f = asked // a second run begins where the first one did
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		var c check
		c.text("code", f.Code, 10, false)
		c.text("name", f.Name, 40, false)
		c.text("duty", f.Duty, 500, true)
		if f.LeaderID == 0 {
			c.add("leader_id", "choose", nil)
		}
		if err := errors.Join(c.err(), t.ledBy(f)); err != nil {
			return err
		}
		n, err := table[TaskForce](t.db).Count(ctx, "id")
		if err != nil {
			return err
		}
		f.Position = int(n) + 1
		if err := insert(t, f); err != nil {
			return taken(err, "name")
		}
		t.record(change{action: "task_force.add", kind: "task_force", id: f.ID, no: f.Code, taskForce: f.ID, after: f})
		return nil
	})
	return f, err
}

// ledBy looks up everybody whom the task force names: one that is led by nobody can't escalate anything.
func (t *tx) ledBy(f *TaskForce) error {
	if err := optional[User](t, "leader_id", f.LeaderID); err != nil {
		return err
	}
	if err := optional[User](t, "deputy_id", f.DeputyID); err != nil {
		return err
	}
	return optional[Unit](t, "unit_id", f.UnitID)
}

// ChangeTaskForce is the command that changes who leads a task force.
type ChangeTaskForce struct {
	ID, Version                int64
	LeaderID, DeputyID, UnitID int64
	Reason                     string
}

// ChangeTaskForce changes leader, deputy and office; administrators only, with a reason.
func (a *App) ChangeTaskForce(ctx context.Context, actor Actor, cmd ChangeTaskForce) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		f, err := get[TaskForce](t, cmd.ID)
		if err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, false)
		if cmd.LeaderID == 0 {
			c.add("leader_id", "choose", nil)
		}
		was := *f
		f.Version, f.LeaderID, f.DeputyID, f.UnitID = cmd.Version, cmd.LeaderID, cmd.DeputyID, cmd.UnitID
		if err := errors.Join(c.err(), t.ledBy(f)); err != nil {
			return err
		}
		if err := update(t, f); err != nil {
			return err
		}
		t.record(change{action: "task_force.change", kind: "task_force", id: f.ID, no: f.Code, taskForce: f.ID, before: was, after: f, reason: cmd.Reason})
		return nil
	})
}
