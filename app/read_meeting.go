package app

import (
	"context"
	"fmt"
	"slices"
)

// meetingsWhere is the condition on table meetings: the district's are for those who see the whole district, a task force's also for its own people.
func (s sight) meetingsWhere() (string, []any) {
	if s.all {
		return "1 = 1", nil
	}
	return "task_force_id IN ?", []any{ids(s.taskForces)}
}

// DecisionRow is a decision with what has become of it.
type DecisionRow struct {
	Decision DecisionItem
	Ticket   *Ticket // nil: not a ticket yet
	Meeting  string  // number of its meeting
}

// Open tells whether the decision still asks something of somebody.
func (r DecisionRow) Open() bool {
	return r.Decision.State == "open" && (r.Ticket == nil || !ended(r.Ticket.State))
}

// MeetingRow is a meeting of the list with how many decisions it took and how many are open.
type MeetingRow struct {
	Meeting         Meeting
	Decisions, Open int
}

// Meetings lists the meetings that the actor may see, planned ones and then the newest first.
func (a *App) Meetings(ctx context.Context, actor Actor) ([]MeetingRow, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.meetingsWhere()
	t := a.view(ctx, actor)
	all, err := list[Meeting](t, "CASE state WHEN 'held' THEN 0 WHEN 'planned' THEN 1 ELSE 2 END, held_on DESC, id DESC", where, args...)
	if err != nil {
		return nil, err
	}
	decisions, err := t.decisionRows("meeting_id IN (SELECT id FROM meetings WHERE "+where+")", args...)
	if err != nil {
		return nil, err
	}
	out := make([]MeetingRow, len(all))
	for i, m := range all {
		out[i].Meeting = m
		for _, d := range decisions {
			if d.Decision.MeetingID != m.ID {
				continue
			}
			out[i].Decisions++
			if d.Open() {
				out[i].Open++
			}
		}
	}
	return out, nil
}

// decisionRows reads decisions with their tickets, the newest meeting's first.
func (t *tx) decisionRows(where string, args ...any) ([]DecisionRow, error) {
	found, err := list[DecisionItem](t, "meeting_id DESC, position", where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]DecisionRow, len(found))
	for i, d := range found {
		out[i].Decision = d
		m, err := look[Meeting](t, d.MeetingID)
		if err != nil {
			return nil, err
		}
		out[i].Meeting = m.No
		if d.TicketID == 0 {
			continue
		}
		if out[i].Ticket, err = look[Ticket](t, d.TicketID); err != nil {
			return nil, fmt.Errorf("read the ticket of %s #%d: %w", m.No, d.Position, err)
		}
	}
	return out, nil
}

// MeetingFile is everything that the page of a meeting shows.
type MeetingFile struct {
	Meeting   Meeting
	Agenda    []AgendaItem  // in order; before the opening the red list as it stands now
	Earlier   []DecisionRow // what the agenda's decisions have become, as they are now
	Decisions []DecisionRow // of this meeting
	Previous  *Meeting      // the one held before in the same circle
	May       bool          // convene, record, decide, close
}

// MeetingFile reads a meeting by its number, or Missing when the actor may not see it.
func (a *App) MeetingFile(ctx context.Context, actor Actor, no string) (MeetingFile, error) {
	var f MeetingFile
	s, err := a.sight(ctx, actor)
	if err != nil {
		return f, err
	}
	where, args := s.meetingsWhere()
	found, err := table[Meeting](a.db.read).Where(where, args...).Where("no = ?", plain(no)).Find(ctx)
	if err != nil {
		return f, err
	}
	if len(found) == 0 {
		return f, missing()
	}
	f.Meeting = found[0]
	t := a.view(ctx, actor)
	err = t.require(f.Meeting.place(), drafters()...)
	if err != nil && AsFaults(err) == nil {
		return f, err
	}
	f.May = err == nil
	return f, t.fillMeeting(&f)
}

func (t *tx) fillMeeting(f *MeetingFile) error {
	m := &f.Meeting
	var err error
	if f.Agenda, err = list[AgendaItem](t, "position", "meeting_id = ?", m.ID); err != nil {
		return err
	}
	if m.State == "planned" {
		now, err := t.agendaNow(m)
		if err != nil {
			return fmt.Errorf("look ahead to the agenda of %s: %w", m.No, err)
		}
		f.Agenda = append(f.Agenda, now...)
	}
	slices.SortStableFunc(f.Agenda, agendaOrder)
	earlier := []int64{-1}
	for _, it := range f.Agenda {
		earlier = append(earlier, it.DecisionID)
	}
	if f.Earlier, err = t.decisionRows("id IN ?", earlier); err != nil {
		return err
	}
	if f.Decisions, err = t.decisionRows("meeting_id = ?", m.ID); err != nil {
		return err
	}
	before, err := list[Meeting](t, "held_on DESC, id DESC", "task_force_id = ? AND id <> ? AND state <> 'planned' AND held_on <= ?", m.TaskForceID, m.ID, m.HeldOn)
	if err == nil && len(before) > 0 {
		f.Previous = &before[0]
	}
	return err
}

// OpenDecisions lists the decisions of all meetings that the actor may see whose tickets are not closed, the newest meeting's first.
func (a *App) OpenDecisions(ctx context.Context, actor Actor) ([]DecisionRow, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.meetingsWhere()
	rows, err := a.view(ctx, actor).decisionRows("state = 'open' AND meeting_id IN (SELECT id FROM meetings WHERE "+where+")", args...)
	return slices.DeleteFunc(rows, func(r DecisionRow) bool { return !r.Open() }), err
}

// RedList lists the red projects and open tickets that the actor may see with their chain of responsibility, the longest red first.
func (a *App) RedList(ctx context.Context, actor Actor) ([]AgendaItem, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	red, err := a.view(ctx, actor).redItems(0)
	return slices.DeleteFunc(red, func(it AgendaItem) bool { return !s.all && !slices.Contains(s.taskForces, it.TaskForceID) }), err
}
