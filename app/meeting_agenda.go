package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// AgendaItem is one item of an agenda with the facts as they were when it was put there; it never changes.
type AgendaItem struct {
	ID           int64 `gorm:"primaryKey"`
	MeetingID    int64
	Position     int
	Kind         string // one of AgendaKinds
	ItemKind     string // "project", "ticket" or "" for a matter that is neither
	ItemID       int64
	ItemNo       string
	Title        string
	State        string // stage of a project, state of a ticket, or of a decision without a ticket
	Light        workflows.Light
	RuleID       string
	SinceOn      calendar.Date // since when the light burns
	Days         int           // calendar days that it has burnt
	DueOn        calendar.Date // of a ticket
	UnitID       int64
	LeaderID     int64 // who answers: 包保领导, else the task force's leader
	TaskForceID  int64
	ProjectID    int64
	TicketID     int64
	DecisionID   int64  // of an earlier meeting
	Why          string // what the rule found, or what was typed
	Blockers     string // one a line: number and title
	DecisionFrom string // from whom a decision is needed, one a line
	Done         string // what was reported as done, of a ticket
	AddedBy      int64  // 0: frozen by the opening
	AddedAt      int64
}

// AgendaKinds lists the kinds of agenda item in the order of the agenda: earlier decisions, the red list, other matters.
func AgendaKinds() []string { return []string{"decision", "red", "manual"} }

func agendaOrder(a, b AgendaItem) int {
	return cmp.Or(slices.Index(AgendaKinds(), a.Kind)-slices.Index(AgendaKinds(), b.Kind), a.Position-b.Position)
}

// addItem puts an item behind the others and records it.
func (t *tx) addItem(m *Meeting, it *AgendaItem) error {
	before, err := list[AgendaItem](t, "position DESC", "meeting_id = ?", m.ID)
	if err != nil {
		return err
	}
	it.MeetingID, it.Position, it.AddedAt = m.ID, 1, t.now.Unix()
	if len(before) > 0 {
		it.Position = before[0].Position + 1
	}
	if err := textOnly(it); err != nil {
		return err
	}
	if err := t.numberRow(it, &it.ID); err != nil {
		return err
	}
	if err := create(t, it); err != nil {
		return fmt.Errorf("put %s on the agenda of %s: %w", it.Title, m.No, err)
	}
	t.record(change{action: "agenda_item.add", kind: "agenda_item", id: it.ID, no: m.No, taskForce: m.TaskForceID, after: it})
	return nil
}

// agendaNow is the agenda as it stands at this moment: the open decisions of earlier meetings, the last meeting's first, then the red list, the longest red first.
func (t *tx) agendaNow(m *Meeting) ([]AgendaItem, error) {
	decided, err := t.openDecisions(m)
	if err != nil {
		return nil, err
	}
	red, err := t.redItems(m.TaskForceID)
	return append(decided, red...), err
}

// openDecisions are the open decisions of the earlier meetings of the same circle.
func (t *tx) openDecisions(m *Meeting) ([]AgendaItem, error) {
	open, err := list[DecisionItem](t, "(SELECT held_on FROM meetings WHERE meetings.id = decision_items.meeting_id) DESC, meeting_id DESC, position",
		"state = 'open' AND meeting_id IN (SELECT id FROM meetings WHERE task_force_id = ? AND id <> ?)", m.TaskForceID, m.ID)
	if err != nil {
		return nil, err
	}
	var out []AgendaItem
	for _, d := range open {
		it := AgendaItem{Kind: "decision", DecisionID: d.ID, Title: d.Text, State: d.State, UnitID: d.LeadUnitID, TaskForceID: d.TaskForceID, ProjectID: d.ProjectID}
		if d.TicketID != 0 {
			k, err := look[Ticket](t, d.TicketID)
			if err != nil {
				return nil, err
			}
			if err := t.ticketFactsOn(&it, k); err != nil {
				return nil, err
			}
			it.Title = d.Text
		}
		out = append(out, it)
	}
	return out, nil
}

// redItems are the projects and open tickets that are red, of one task force or of all (0); the longest red first.
func (t *tx) redItems(taskForce int64) ([]AgendaItem, error) {
	where, args := "1 = 1", []any{}
	if taskForce != 0 {
		where, args = "task_force_id = ?", []any{taskForce}
	}
	projects, err := list[Project](t, "id", "light = 'red' AND stage <> 'removed' AND "+where, args...)
	if err != nil {
		return nil, err
	}
	tickets, err := list[Ticket](t, "id", "light = 'red' AND state NOT IN ('draft', 'pending', 'closed', 'terminated') AND "+where, args...)
	if err != nil {
		return nil, err
	}
	var out []AgendaItem
	for i := range projects {
		it := AgendaItem{Kind: "red"}
		if err := t.projectFactsOn(&it, &projects[i]); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	for i := range tickets {
		it := AgendaItem{Kind: "red"}
		if err := t.ticketFactsOn(&it, &tickets[i]); err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	slices.SortStableFunc(out, func(a, b AgendaItem) int { return cmp.Or(b.Days-a.Days, cmp.Compare(a.ItemNo, b.ItemNo)) })
	return out, nil
}

func (t *tx) projectFactsOn(it *AgendaItem, p *Project) error {
	it.ItemKind, it.ItemID, it.ItemNo, it.Title, it.State = "project", p.ID, p.Code, p.Name, p.Stage
	it.TaskForceID, it.ProjectID, it.UnitID = p.TaskForceID, p.ID, p.UnitID
	t.lampOn(it, p.Light, p.LightRule, p.LightSince)
	blockers, err := list[Ticket](t, "id", "kind = 'blocker' AND project_id = ? AND state NOT IN ('draft', 'pending', 'closed', 'terminated')", p.ID)
	if err != nil {
		return err
	}
	var lines, from []string
	for _, k := range blockers {
		lines = append(lines, k.No+" "+k.Title)
		if k.DecisionFrom != "" && !slices.Contains(from, k.DecisionFrom) {
			from = append(from, k.DecisionFrom)
		}
	}
	it.Blockers, it.DecisionFrom = strings.Join(lines, "\n"), strings.Join(from, "\n")
	return t.answerOn(it)
}

func (t *tx) ticketFactsOn(it *AgendaItem, k *Ticket) error {
	it.ItemKind, it.ItemID, it.ItemNo, it.Title, it.State = "ticket", k.ID, k.No, k.Title, k.State
	it.TaskForceID, it.ProjectID, it.TicketID, it.UnitID = k.TaskForceID, k.ProjectID, k.ID, k.LeadUnitID
	it.DueOn, it.Done, it.DecisionFrom = k.DueOn, k.Feedback, k.DecisionFrom
	t.lampOn(it, k.Light, k.LightRule, k.LightSince)
	return t.answerOn(it)
}

func (t *tx) lampOn(it *AgendaItem, light workflows.Light, rule string, since calendar.Date) {
	it.Light, it.RuleID, it.SinceOn = light, rule, since
	if !since.IsZero() && light != workflows.LightNone && light != workflows.LightGreen {
		it.Days = int(t.today - since)
	}
}

// answerOn says who answers for the item, and what the rule found when it lit the light.
func (t *tx) answerOn(it *AgendaItem) error {
	if it.ProjectID != 0 {
		s, err := t.assignment(it.ProjectID)
		if err != nil {
			return err
		}
		it.LeaderID = s.GuaranteeLeaderID
	}
	if it.LeaderID == 0 && it.TaskForceID != 0 {
		tf, err := look[TaskForce](t, it.TaskForceID)
		if err != nil {
			return err
		}
		it.LeaderID = tf.LeaderID
	}
	lit, err := list[Escalation](t, "id DESC", "item_kind = ? AND item_id = ? AND rule_id = ? AND lifted_on = ''", it.ItemKind, it.ItemID, it.RuleID)
	if err != nil || len(lit) == 0 || it.RuleID == "" {
		return err
	}
	f, err := lit[0].Explain()
	it.Why = tight(f.Sentence("zh", func(day int) string { return t.writtenDay(calendar.Date(day)) }))
	return err
}

// AddAgendaItem is the command that puts another matter on an agenda; Item names a project or ticket by its number, "" for neither.
type AddAgendaItem struct {
	Meeting    int64
	Item       string
	Title, Why string
	UnitID     int64
}

// AddAgendaItem puts a matter on the agenda of a meeting that is not closed; who may convene it may. The facts of the item are frozen now.
func (a *App) AddAgendaItem(ctx context.Context, actor Actor, cmd AddAgendaItem) error {
	return a.write(ctx, actor, func(t *tx) error {
		m, err := t.meeting(cmd.Meeting, 0, "planned", "held")
		if err != nil {
			return err
		}
		it := AgendaItem{Kind: "manual", AddedBy: actor.ID, TaskForceID: m.TaskForceID}
		if err := t.itemOn(&it, strings.TrimSpace(cmd.Item)); err != nil {
			return err
		}
		if m.TaskForceID != 0 && it.TaskForceID != m.TaskForceID {
			return invalid("item", "meeting_item", nil) // a foreign item looks like a missing one
		}
		it.Title, it.Why, it.UnitID = cmp.Or(strings.TrimSpace(cmd.Title), it.Title), cmp.Or(strings.TrimSpace(cmd.Why), it.Why), cmp.Or(cmd.UnitID, it.UnitID)
		var c check
		c.text("title", it.Title, 200, false)
		c.text("why", it.Why, 1000, true)
		if err := c.err(); err != nil {
			return err
		}
		if err := optional[Unit](t, "unit_id", cmd.UnitID); err != nil {
			return err
		}
		return t.addItem(m, &it)
	})
}

// itemOn fills in the facts of the project or ticket that a number names.
func (t *tx) itemOn(it *AgendaItem, no string) error {
	if no == "" {
		return nil
	}
	projects, err := list[Project](t, "id", "code = ?", plain(no))
	if err != nil {
		return err
	}
	if len(projects) > 0 {
		return t.projectFactsOn(it, &projects[0])
	}
	tickets, err := list[Ticket](t, "id", "no = ?", plain(no))
	if err != nil {
		return err
	}
	if len(tickets) == 0 {
		return invalid("item", "meeting_item", nil)
	}
	return t.ticketFactsOn(it, &tickets[0])
}
