package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
)

// Meeting is a meeting over the map: its agenda is frozen when it is opened, its decisions become tickets and stay until those are closed.
type Meeting struct {
	Row
	No          string // public number, "2023-调度-03"; by kind and year without gaps
	Kind        string // one of MeetingKinds
	Year        int
	Seq         int64
	Title       string
	TaskForceID int64         // 0: the district's
	HeldOn      calendar.Date // planned for; from the opening on: held on
	ChairID     int64
	Place       string
	Attendees   string
	State       string // "planned", "held" (open, or its decisions still being written) or "closed"
	CreatedBy   int64
	CreatedAt   int64 `gorm:"autoCreateTime:false"`
	OpenedAt    int64 // when the agenda was frozen
	ClosedOn    calendar.Date
}

// MeetingKinds lists the kinds of meeting: 调度会, 专题会, 协调会 and others.
func MeetingKinds() []string { return []string{"dispatch", "special", "coordination", "other"} }

// MeetingStates lists the states of a meeting.
func MeetingStates() []string { return []string{"planned", "held", "closed"} }

// meetingWord is the word of a kind in the numbers of its meetings, which are Chinese like those of papers.
func meetingWord(kind string) string {
	return map[string]string{"dispatch": "调度", "special": "专题", "coordination": "协调"}[kind]
}

func (m *Meeting) place() place { return place{taskForce: m.TaskForceID} }

func (t *tx) meetingChange(action string, m *Meeting, was any) change {
	return change{action: action, kind: "meeting", id: m.ID, no: m.No, taskForce: m.TaskForceID, before: was, after: m}
}

// PlanMeeting is the command that plans a meeting.
type PlanMeeting struct {
	Kind, Title      string
	TaskForceID      int64 // 0: the district's
	HeldOn           calendar.Date
	ChairID          int64
	Place, Attendees string
}

// PlanMeeting gives a meeting its number; who may draft tickets at its place may, the task force's own people for their task force.
func (a *App) PlanMeeting(ctx context.Context, actor Actor, cmd PlanMeeting) (*Meeting, error) {
	var m *Meeting
	err := a.write(ctx, actor, func(t *tx) error {
		m = &Meeting{Kind: cmd.Kind, Title: strings.TrimSpace(cmd.Title), TaskForceID: cmd.TaskForceID, HeldOn: cmd.HeldOn, ChairID: cmd.ChairID,
			Place: strings.TrimSpace(cmd.Place), Attendees: strings.TrimSpace(cmd.Attendees), State: "planned", CreatedBy: actor.ID, CreatedAt: t.now.Unix()}
		if err := t.require(m.place(), drafters()...); err != nil {
			return err
		}
		if err := t.checkMeeting(m); err != nil {
			return err
		}
		m.Year = m.HeldOn.Year()
		var err error
		if m.Seq, err = t.next(fmt.Sprintf("meeting %s %d", m.Kind, m.Year)); err != nil {
			return err
		}
		word := meetingWord(m.Kind)
		if word == "" {
			word = "会议"
		}
		m.No = fmt.Sprintf("%d-%s-%02d", m.Year, word, m.Seq)
		if err := insert(t, m); err != nil {
			return err
		}
		t.record(t.meetingChange("meeting.plan", m, nil))
		return nil
	})
	return m, err
}

func (t *tx) checkMeeting(m *Meeting) error {
	var c check
	if !slices.Contains(MeetingKinds(), m.Kind) {
		c.add("kind", "choose", nil)
	}
	c.text("title", m.Title, 80, false)
	c.text("place", m.Place, 80, true)
	c.text("attendees", m.Attendees, 1000, true)
	switch {
	case m.HeldOn.IsZero():
		c.add("held_on", "required", nil)
	case m.HeldOn < t.today:
		c.add("held_on", "meeting_past", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	if _, err := chosen[User](t, "chair_id", m.ChairID); err != nil {
		return err
	}
	return optional[TaskForce](t, "task_force_id", m.TaskForceID)
}

// meeting reads a meeting for change: strangers find nothing, who may not convene is denied, and a form of before is stale. Version 0 asks for none.
func (t *tx) meeting(id, version int64, states ...string) (*Meeting, error) {
	m, err := get[Meeting](t, id)
	if err != nil {
		return nil, err
	}
	if err := t.require(m.place(), drafters()...); err != nil {
		return nil, err
	}
	if version != 0 && version != m.Version {
		return nil, t.stale("object_kind = 'meeting' AND object_id = ?", m.ID)
	}
	if !slices.Contains(states, m.State) {
		return nil, refused("meeting_state", nil)
	}
	return m, nil
}

// HoldMeeting is the command that opens a meeting.
type HoldMeeting struct{ Meeting, Version int64 }

// HoldMeeting opens a meeting today: the agenda is frozen as things stand at this moment, and decisions whose tickets are closed are done.
func (a *App) HoldMeeting(ctx context.Context, actor Actor, cmd HoldMeeting) error {
	return a.write(ctx, actor, func(t *tx) error {
		m, err := t.meeting(cmd.Meeting, cmd.Version, "planned")
		if err != nil {
			return err
		}
		was := *m
		m.State, m.HeldOn, m.OpenedAt = "held", t.today, t.now.Unix()
		if err := update(t, m); err != nil {
			return err
		}
		t.record(t.meetingChange("meeting.hold", m, was))
		items, err := t.agendaNow(m)
		if err != nil {
			return fmt.Errorf("freeze the agenda of %s: %w", m.No, err)
		}
		for i := range items {
			if err := t.addItem(m, &items[i]); err != nil {
				return err
			}
			if err := t.settleDecision(m, &items[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// CloseMeeting is the command that closes a meeting.
type CloseMeeting struct{ Meeting, Version int64 }

// CloseMeeting closes a meeting when each of its decisions is a ticket or is done; what is open comes first in the next one.
func (a *App) CloseMeeting(ctx context.Context, actor Actor, cmd CloseMeeting) error {
	return a.write(ctx, actor, func(t *tx) error {
		m, err := t.meeting(cmd.Meeting, cmd.Version, "held")
		if err != nil {
			return err
		}
		left, err := list[DecisionItem](t, "id", "meeting_id = ? AND state = 'open' AND ticket_id = 0", m.ID)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return refused("decisions_left", map[string]any{"N": len(left)})
		}
		was := *m
		m.State, m.ClosedOn = "closed", t.today
		if err := update(t, m); err != nil {
			return err
		}
		t.record(t.meetingChange("meeting.close", m, was))
		return nil
	})
}

// LastMeeting is the day of the last 调度会 of the district that was held; zero when there was none.
func (a *App) LastMeeting(ctx context.Context) (calendar.Date, error) {
	rows, err := list[Meeting](a.view(ctx, System("pages")), "held_on DESC, id DESC", "kind = 'dispatch' AND task_force_id = 0 AND state IN ('held', 'closed')")
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].HeldOn, nil
}
