package app

import (
	"context"
	"errors"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Assignment is a 包保责任单: who guarantees a project, from a day to a day. The chain of HandedFrom is its hand-over history.
type Assignment struct {
	Row
	ProjectID         int64
	GuaranteeLeaderID int64  // 包保领导
	LeadUnitID        int64  // 牵头单位
	UnitID            int64  // 责任单位
	ResponsibleID     int64  // 责任人
	OfficerID         int64  // 专员
	Contact           string // of the enterprise
	Duties            string
	ValidFrom         calendar.Date
	ValidTo           calendar.Date // zero while in force
	HandedFrom        int64         // the assignment before this one
	Reason            string        // of the hand-over
}

// Vacancies names the posts that nobody holds.
func (s Assignment) Vacancies() []string {
	var out []string
	for _, post := range []struct {
		name string
		id   int64
	}{{"guarantee_leader", s.GuaranteeLeaderID}, {"lead_unit", s.LeadUnitID}, {"unit", s.UnitID}, {"responsible_person", s.ResponsibleID}, {"service_officer", s.OfficerID}} {
		if post.id == 0 {
			out = append(out, post.name)
		}
	}
	return out
}

// Assign is the command that makes the first assignment of a project, or hands it over.
type Assign struct {
	Project, Version                                                int64
	GuaranteeLeaderID, LeadUnitID, UnitID, ResponsibleID, OfficerID int64
	Contact, Duties, Reason                                         string
}

// Assign puts a new assignment in force from today and ends the one before it; task-force leaders and the supervision director may.
func (a *App) Assign(ctx context.Context, actor Actor, cmd Assign) error {
	return a.write(ctx, actor, func(t *tx) error {
		p, err := get[Project](t, cmd.Project)
		if err != nil {
			return err
		}
		if err := t.require(t.projectPlace(p), workflows.RoleTaskforceLeader, workflows.RoleSupervisionDirector); err != nil {
			return err
		}
		if err := t.fresh(p, cmd.Version); err != nil {
			return err
		}
		old, err := list[Assignment](t, "id DESC", "project_id = ? AND valid_to = ''", p.ID)
		if err != nil {
			return err
		}
		var c check
		c.text("duties", cmd.Duties, 1000, true)
		c.text("reason", cmd.Reason, 500, len(old) == 0)
		if cmd.UnitID == 0 {
			c.add("unit_id", "choose", nil)
		}
		if err := errors.Join(c.err(), t.postsExist(cmd)); err != nil {
			return err
		}
		s := &Assignment{ProjectID: p.ID, GuaranteeLeaderID: cmd.GuaranteeLeaderID, LeadUnitID: cmd.LeadUnitID, UnitID: cmd.UnitID, ResponsibleID: cmd.ResponsibleID,
			OfficerID: cmd.OfficerID, Contact: strings.TrimSpace(cmd.Contact), Duties: strings.TrimSpace(cmd.Duties), ValidFrom: t.today, Reason: strings.TrimSpace(cmd.Reason)}
		return t.handOver(p, old, s)
	})
}

// postsExist looks up everybody who is named; a post may be vacant, but not held by a number.
func (t *tx) postsExist(cmd Assign) error {
	for field, id := range map[string]int64{"guarantee_leader_id": cmd.GuaranteeLeaderID, "responsible_id": cmd.ResponsibleID, "officer_id": cmd.OfficerID} {
		if err := optional[User](t, field, id); err != nil {
			return err
		}
	}
	for field, id := range map[string]int64{"lead_unit_id": cmd.LeadUnitID, "unit_id": cmd.UnitID} {
		if err := optional[Unit](t, field, id); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) handOver(p *Project, old []Assignment, s *Assignment) error {
	var was any
	for i := range old {
		was = old[i]
		s.HandedFrom = old[i].ID
		old[i].ValidTo = t.today
		if err := update(t, &old[i]); err != nil {
			return err
		}
	}
	if err := insert(t, s); err != nil {
		return err
	}
	p.LeadUnitID, p.UnitID = s.LeadUnitID, s.UnitID
	c := t.projectChange("assignment.make", p, was)
	if was != nil {
		c.action = "assignment.hand_over"
	}
	c.kind, c.id, c.after, c.reason = "assignment", s.ID, s, s.Reason
	t.record(c)
	return t.saveProject(p)
}

// assignment reads the assignment in force; the zero Assignment when there is none.
func (t *tx) assignment(project int64) (Assignment, error) {
	s, err := table[Assignment](t.db).Where("project_id = ? AND valid_to = ''", project).Order("id DESC").Limit(1).Find(t.ctx)
	if err != nil || len(s) == 0 {
		return Assignment{}, err
	}
	return s[0], nil
}
