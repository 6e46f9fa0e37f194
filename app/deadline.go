package app

import (
	"fmt"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Deadlines have a memory. A ticket keeps three dates: BaselineOn, the original one of its term; DueOn, the one in force, which extensions and pauses move; and
// JudgedOn, by which it is judged: the original one plus the working days of granted pauses, whatever extensions were granted (按原定时间考核). Every date that was
// ever set or moved is a DateChange.

// DateChange is one setting or moving of a due date: who, when, from and to, why, and on what basis. It never changes.
type DateChange struct {
	ID          int64 `gorm:"primaryKey"`
	ItemKind    string
	ItemID      int64
	TaskForceID int64
	ProjectID   int64
	TicketID    int64
	Cause       string        // one of DateCauses
	FromOn      calendar.Date // zero when it is the first date
	ToOn        calendar.Date
	JudgedOn    calendar.Date // the date that judges from now on
	Reason      string
	Basis       string // document, decision or 立项依据
	Rule        string // "ruleset/rule@version" where a rule allowed it
	SourceID    int64  // number of the extension or the pause; 0 for none
	ChangedBy   int64  // 0: by the system
	ChangedAt   int64
}

// DateCauses lists what sets or moves a due date: issue and set are first dates of a ticket and a milestone, calendar is an amended calendar.
func DateCauses() []string {
	return []string{"issue", "extension", "pause", "reopen", "calendar", "set", "revise"}
}

// changeTicketDate records that a ticket's date in force is another one than before; from is the former one.
func (t *tx) changeTicketDate(k *Ticket, from calendar.Date, c DateChange) error {
	c.ItemKind, c.ItemID, c.TicketID, c.TaskForceID, c.ProjectID = "ticket", k.ID, k.ID, k.TaskForceID, k.ProjectID
	c.FromOn, c.ToOn, c.JudgedOn = from, k.DueOn, k.JudgedOn
	if !from.IsZero() {
		k.DateChanges++
	}
	return t.keepDate(ticketItem(k), c)
}

// changeMilestoneDate records a milestone's first date, or that it was revised.
func (t *tx) changeMilestoneDate(p *Project, m *Milestone, from calendar.Date, c DateChange) error {
	c.ItemKind, c.ItemID, c.TaskForceID, c.ProjectID = "milestone", m.ID, p.TaskForceID, p.ID
	c.FromOn, c.ToOn, c.JudgedOn = from, m.DueOn(), m.BaselineOn
	return t.keepDate(milestoneItem(p, m), c)
}

// movedBy tells whether a date was moved because somebody asked for it: only that is an event for the rules.
func movedBy(cause string) bool { return cause == "extension" || cause == "revise" }

func (t *tx) keepDate(it item, c DateChange) error {
	c.ChangedBy, c.ChangedAt = t.actor.ID, t.now.Unix()
	if err := create(t, &c); err != nil {
		return fmt.Errorf("keep the change of a date: %w", err)
	}
	if movedBy(c.Cause) {
		t.happens(it, "date_changed")
		t.happenings[len(t.happenings)-1].date = c.ID
	}
	return nil
}

// memoryFacts are the measures of a ticket that its memory gives: how often it was extended, returned, disputed, handed on and paused, and by how many days it slid.
func memoryFacts(k *Ticket) workflows.Facts {
	moved := 0
	if !k.DueOn.IsZero() && !k.BaselineOn.IsZero() {
		moved = int(k.DueOn - k.BaselineOn)
	}
	return workflows.Facts{
		"judged_on": int(k.JudgedOn), "review_on": int(k.ReviewOn), "extensions": k.Extensions, "date_changes": k.DateChanges, "moved_days": moved,
		"returns": k.Returns, "redos": k.Reopens, "disputes": k.Disputes, "hand_overs": k.HandOvers, "pauses": k.Pauses, "paused_days": k.PausedDays,
	}
}

// milestoneMemory are the measures of a milestone's dates: whether it is the project's final one, by how many days it slid, how often, why, and on which decision.
func milestoneMemory(m *Milestone) workflows.Facts {
	return workflows.Facts{"final": m.Final, "moved_days": int(m.DueOn() - m.BaselineOn), "date_changes": m.DateChanges, "change_reason": m.ChangeReason,
		"decision": m.Decision}
}

// reopenTerm is the term of a reopened ticket that was issued with a plain date [P].
const reopenTerm = "15 workdays"

// ReopenDue is the due date that a reopened ticket gets when nobody names another: its own term again, counted from today [P].
func (a *App) ReopenDue(k Ticket) (calendar.Date, error) {
	text := k.DueTerm
	if text == "" {
		text = reopenTerm
	}
	term, err := calendar.ParseTerm(text)
	if err != nil {
		return 0, fmt.Errorf("due term of %s: %w", k.No, err)
	}
	return a.CalendarFor(k.TaskForceID).Due(a.Today(), term)
}

// reopen gives a reopened ticket a new term, so that it is not late at once; the dates before stay in its history.
func (t *tx) reopen(k *Ticket, cmd MoveTicket) error {
	k.ClosedOn, k.VerifiedOn, k.SubmittedOn = 0, 0, 0
	k.Reopens++
	from, due := k.DueOn, cmd.DueOn
	if due.IsZero() {
		var err error
		if due, err = t.app.ReopenDue(*k); err != nil {
			return err
		}
	}
	k.DueOn, k.BaselineOn, k.JudgedOn = due, due, due
	return t.changeTicketDate(k, from, DateChange{Cause: "reopen", Reason: cmd.Reason})
}

// checkRevision asks the rule set about a milestone's new date: whether it may still move, and what must be on record for it. It returns the stamp of the rule.
func (t *tx) checkRevision(p *Project, m *Milestone, cmd MoveMilestone) (rule string, err error) {
	if cmd.RevisedOn.IsZero() {
		return "", nil
	}
	moved := *m
	moved.RevisedOn = cmd.RevisedOn
	given := []string{"reason"}
	if strings.TrimSpace(cmd.Decision) != "" {
		given = append(given, "decision")
	}
	var c check
	c.text("decision", cmd.Decision, 200, true)
	if err := c.err(); err != nil {
		return "", err
	}
	r, err := t.ruling("milestone", "date_change", asked{taskForce: p.TaskForceID, ruleset: m.Ruleset, facts: milestoneFacts(p, &moved), given: given, before: m.DateChanges, newDay: cmd.RevisedOn, oldDay: m.DueOn()})
	if err != nil || r == nil {
		return "", err
	}
	if err := r.inTime(); err != nil {
		return "", err
	}
	if r.tooLong() {
		return "", invalid("revised_on", "asked_too_long", r.args())
	}
	r.lacking(&c)
	return r.stamp, c.err()
}

// reviseMilestone sets a milestone's new date; its baseline stays and judges.
func (t *tx) reviseMilestone(p *Project, m *Milestone, cmd MoveMilestone, rule string) error {
	from := m.DueOn()
	m.RevisedOn, m.ChangeReason, m.Decision = cmd.RevisedOn, strings.TrimSpace(cmd.Reason), strings.TrimSpace(cmd.Decision)
	m.DateChanges++
	return t.changeMilestoneDate(p, m, from, DateChange{Cause: "revise", Reason: m.ChangeReason, Basis: m.Decision, Rule: rule})
}

// basis is the decision on record for a new date.
func (cmd MoveMilestone) basis() string {
	if cmd.RevisedOn.IsZero() {
		return ""
	}
	return strings.TrimSpace(cmd.Decision)
}
