package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// CalendarVersion is a notice about working time as it was uploaded, for the district or for one task force. What it says is fixed; it counts from the
// instant at which a second person approved it.
type CalendarVersion struct {
	Row
	TaskForceID int64  // 0: the district
	Title       string // of the notice
	Number      string // of the document
	Covers      int    // the year that a yearly notice decides as a whole; 0 for an amendment of single days
	Source      string // the text as it was given
	Days        string // JSON of versionDays
	Office      string // office hours, "08:30-12:00 13:30-17:30"; "" leaves them
	ReplacesID  int64  // the version that goes out of force with this one's approval
	State       string // "draft", "in_force", "superseded" or "discarded"
	UploadedBy  int64
	UploadedAt  int64
	ApprovedBy  int64
	ApprovedAt  int64
	EndedAt     int64  // when another version replaced it
	Moving      string // kind of item whose dates are being moved; "" when all are done
	MovedTo     int64  `journal:"-"` // the last item of that kind that was looked at
	Moved       int64  // how many dates were moved
}

// versionDays is what a version decides.
type versionDays struct {
	First calendar.Date       `json:"first,omitzero"`
	Last  calendar.Date       `json:"last,omitzero"`
	Rest  []calendar.NamedDay `json:"rest"`
	Work  []calendar.Date     `json:"work"`
}

// Notice unpacks what the version decides.
func (v CalendarVersion) Notice() (calendar.Notice, error) { return v.notice() }

// maxNotice is the longest text of a notice in characters, far more than the State Council ever needed.
const maxNotice = 4000

// CalendarUploaders are the roles that may bring a notice in; for a task force its own people may too.
func CalendarUploaders() []workflows.Role {
	return []workflows.Role{workflows.RoleAdministrator, workflows.RoleSupervisor, workflows.RoleSupervisionDirector}
}

// CalendarApprovers are the roles of the second person.
func CalendarApprovers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleDistrictLeader}
}

// UploadCalendar is the command that brings in a notice as a draft. Text may be a file of the vendored shape, lines, or the notice's own sentences.
type UploadCalendar struct {
	TaskForceID   int64
	Title, Number string // "" takes them from the text
	Covers        int    // 0 takes the year from the text, where it is a yearly notice
	Text          string // may be empty when only the office hours change
	Office        string
	ReplacesID    int64
}

// UploadCalendar reads the notice and keeps it as a draft, which changes nothing yet. Lines that are not understood are faults at the field "text", each with its
// number and what stands there.
func (a *App) UploadCalendar(ctx context.Context, actor Actor, cmd UploadCalendar) (*CalendarVersion, error) {
	var v *CalendarVersion
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.mayUpload(cmd.TaskForceID); err != nil {
			return err
		}
		var err error
		if v, err = t.readUpload(cmd); err != nil {
			return err
		}
		v.State, v.UploadedBy, v.UploadedAt = "draft", t.actor.ID, t.now.Unix()
		if err := insert(t, v); err != nil {
			return err
		}
		t.record(versionChange("calendar.upload", v, nil))
		return nil
	})
	return v, err
}

// ReadCalendar shows how a text would be understood, without keeping anything.
func (a *App) ReadCalendar(ctx context.Context, actor Actor, cmd UploadCalendar) (calendar.Reading, error) {
	t := a.view(ctx, actor)
	if err := t.mayUpload(cmd.TaskForceID); err != nil {
		return calendar.Reading{}, err
	}
	if _, err := t.readUpload(cmd); err != nil {
		return calendar.Reading{}, err
	}
	return calendar.Read(cmd.Text, cmd.Covers, t.calendar(cmd.TaskForceID))
}

func (t *tx) mayUpload(taskForce int64) error {
	roles := CalendarUploaders()
	if taskForce != 0 {
		roles = append(roles, workflows.RoleTaskforceLeader, workflows.RoleTaskforceMember)
	}
	return t.require(place{taskForce: taskForce}, roles...)
}

// readUpload checks the form and makes the version; every fault stands at its field.
func (t *tx) readUpload(cmd UploadCalendar) (*CalendarVersion, error) {
	if err := optional[TaskForce](t, "task_force_id", cmd.TaskForceID); err != nil {
		return nil, err
	}
	var c check
	cmd.Office = strings.Join(strings.Fields(cmd.Office), " ")
	c.text("text", cmd.Text, maxNotice, cmd.Office != "")
	if cmd.Covers != 0 && (cmd.Covers < 2000 || cmd.Covers > 2100) {
		c.add("covers", "calendar_covers", nil)
	}
	if _, err := calendar.ParseHours(cmd.Office); cmd.Office != "" && err != nil {
		key := "calendar_office"
		if errors.Is(err, calendar.ErrNoWorkingTime) {
			key = "calendar_no_working_time"
		}
		c.add("office", key, nil)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	n, err := t.readNotice(&cmd)
	if err != nil {
		return nil, err
	}
	return t.newVersion(cmd, n)
}

// readNotice understands the text; a fault names the line and shows what stands there.
func (t *tx) readNotice(cmd *UploadCalendar) (calendar.Notice, error) {
	n := calendar.Notice{}
	if strings.TrimSpace(cmd.Text) != "" {
		r, err := calendar.Read(cmd.Text, cmd.Covers, t.calendar(cmd.TaskForceID))
		var faults Faults
		for _, p := range calendar.Problems(err) {
			key := "calendar_" + p.Kind
			faults = append(faults, invalid("text", key, map[string]any{"Line": p.Line, "Text": p.Text, "Date": p.Date, "Want": p.Want, "Got": p.Got}))
		}
		if err != nil && len(faults) == 0 {
			return n, fmt.Errorf("read the notice: %w", err)
		}
		if err != nil {
			return n, faults
		}
		n = r.Notice
	}
	if text := strings.TrimSpace(cmd.Title); text != "" {
		n.Title = text
	}
	if text := strings.TrimSpace(cmd.Number); text != "" {
		n.Number = text
	}
	var c check
	c.text("title", n.Title, 120, false)
	c.text("number", n.Number, 60, false)
	return n, c.err()
}

// newVersion makes the row and tries it on: a calendar without working time is refused here, before anybody could search in it.
func (t *tx) newVersion(cmd UploadCalendar, n calendar.Notice) (*CalendarVersion, error) {
	days, err := json.Marshal(versionDays{First: n.First, Last: n.Last, Rest: n.Rest, Work: n.Work})
	if err != nil {
		return nil, fmt.Errorf("keep the days of the notice: %w", err)
	}
	v := &CalendarVersion{TaskForceID: cmd.TaskForceID, Title: n.Title, Number: n.Number, Source: cmd.Text, Days: string(days), Office: cmd.Office, ReplacesID: cmd.ReplacesID}
	if !n.First.IsZero() {
		v.Covers = n.First.Year()
	}
	if v.ReplacesID != 0 {
		old, err := chosen[CalendarVersion](t, "replaces_id", v.ReplacesID)
		if err != nil {
			return nil, err
		}
		if old.State != "in_force" || old.TaskForceID != v.TaskForceID {
			return nil, invalid("replaces_id", "choose", nil)
		}
	}
	return v, t.tryOn(v)
}

// tryOn makes the calendars that would be in force with the version, of its scope and of every task force with notices of its own.
func (t *tx) tryOn(v *CalendarVersion) error {
	book := t.times.with(*v, t.now.Unix())
	forces := []int64{v.TaskForceID}
	for _, other := range book.list {
		if v.TaskForceID == 0 && !slices.Contains(forces, other.TaskForceID) {
			forces = append(forces, other.TaskForceID)
		}
	}
	for _, force := range forces {
		c := book.base
		for _, scope := range scopesOf(force) {
			for _, layer := range book.list {
				if layer.TaskForceID != scope || layer.State != "in_force" {
					continue
				}
				var err error
				if c, err = layer.layer(c); errors.Is(err, calendar.ErrNoWorkingTime) {
					return invalid("text", "calendar_no_working_time", nil)
				} else if err != nil {
					return invalid("text", "calendar_unsound", map[string]any{"Text": err.Error()})
				}
			}
		}
	}
	return nil
}

// with is the book as it would be after the approval of a version.
func (b *timebook) with(v CalendarVersion, at int64) *timebook {
	rows := slices.Clone(b.list)
	for i := range rows {
		if rows[i].ID == v.ReplacesID && v.ReplacesID != 0 {
			rows[i].State = "superseded"
		}
	}
	v.State, v.ApprovedAt, v.Moving = "in_force", at, movingOrder()[0]
	return newTimebook(b.base, -1, append(rows, v))
}

func versionChange(action string, v *CalendarVersion, was any) change {
	return change{action: action, kind: "calendar", id: v.ID, no: v.Number, taskForce: v.TaskForceID, before: was, after: v, basis: v.Number}
}

// DecideCalendar is the command of the second person.
type DecideCalendar struct {
	ID, Version int64
	Approve     bool
	Reason      string // of a refusal
}

// DecideCalendar puts a draft into force, for everything that is counted from now on, or discards it. Then the dates that change under it are moved, item by
// item; when the process dies meanwhile, the next sweep goes on.
func (a *App) DecideCalendar(ctx context.Context, actor Actor, cmd DecideCalendar) error {
	err := a.write(ctx, actor, func(t *tx) error {
		v, err := get[CalendarVersion](t, cmd.ID)
		if err != nil {
			return err
		}
		if err := t.mayDecideCalendar(v, cmd.Approve); err != nil {
			return err
		}
		if v.Version != cmd.Version {
			return &Fault{Kind: Stale, Key: "stale"}
		}
		if v.State != "draft" {
			return refused("calendar_not_draft", nil)
		}
		if !cmd.Approve {
			return t.discard(v, cmd.Reason)
		}
		return t.enforce(v)
	})
	if err != nil || !cmd.Approve {
		return err
	}
	return a.MoveDates(ctx, System("calendar"))
}

// mayDecideCalendar asks for a second person; who uploaded a draft may still throw it away.
func (t *tx) mayDecideCalendar(v *CalendarVersion, approve bool) error {
	own := v.UploadedBy == t.actor.ID && !t.actor.trusted()
	if own && !approve {
		return t.mayUpload(v.TaskForceID)
	}
	if err := t.require(place{taskForce: v.TaskForceID}, CalendarApprovers()...); err != nil {
		return err
	}
	if own {
		return refused("calendar_second_person", nil)
	}
	return nil
}

func (t *tx) discard(v *CalendarVersion, reason string) error {
	var c check
	c.text("reason", reason, 500, true)
	if err := c.err(); err != nil {
		return err
	}
	was := *v
	v.State = "discarded"
	if err := update(t, v); err != nil {
		return err
	}
	record := versionChange("calendar.discard", v, was)
	record.reason = strings.TrimSpace(reason)
	t.record(record)
	return nil
}

func (t *tx) enforce(v *CalendarVersion) error {
	if t.times.moving != nil {
		return refused("calendar_moving", map[string]any{"Number": t.times.moving.Number})
	}
	if err := t.tryOn(v); err != nil {
		return err
	}
	if v.ReplacesID != 0 {
		old, err := get[CalendarVersion](t, v.ReplacesID)
		if err != nil {
			return err
		}
		if old.State != "in_force" {
			return refused("calendar_replaced", nil)
		}
		was := *old
		old.State, old.EndedAt = "superseded", t.now.Unix()
		if err := update(t, old); err != nil {
			return err
		}
		t.record(versionChange("calendar.supersede", old, was))
	}
	was := *v
	v.State, v.ApprovedBy, v.ApprovedAt, v.Moving = "in_force", t.actor.ID, t.now.Unix(), movingOrder()[0]
	if err := update(t, v); err != nil {
		return err
	}
	t.record(versionChange("calendar.approve", v, was))
	return t.readOwnTimes()
}

// readOwnTimes lets the rest of the transaction count by what it has just approved. Two approvals at once would leave two movings: one of them begins again.
func (t *tx) readOwnTimes() error {
	key, err := t.timesKey()
	if err != nil {
		return err
	}
	if err := t.reopenTimes(key); err != nil {
		return err
	}
	moving := 0
	for _, v := range t.times.list {
		if v.Moving != "" {
			moving++
		}
	}
	if moving > 1 {
		return errTimes
	}
	return nil
}
