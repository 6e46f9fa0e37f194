package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

func unixTime(s int64) time.Time { return time.Unix(s, 0).UTC() }

// CalendarRights are what the actor may do with the calendar of a scope.
type CalendarRights struct {
	Upload  bool
	Approve bool
	Drafts  bool // see those that wait and those that were discarded: who may bring in or approve one, and inspectors, as with the drafts of rules
}

// Calendars lists the versions of a scope that the actor may see, the newest first.
func (a *App) Calendars(ctx context.Context, actor Actor, taskForce int64) ([]CalendarVersion, CalendarRights, error) {
	t := a.view(ctx, actor)
	rights, err := t.calendarRights(taskForce)
	if err != nil {
		return nil, rights, err
	}
	where := "task_force_id = ?"
	if !rights.Drafts {
		where += " AND state IN ('in_force', 'superseded')"
	}
	rows, err := list[CalendarVersion](t, "id DESC", where, taskForce)
	return rows, rights, err
}

func (t *tx) calendarRights(taskForce int64) (CalendarRights, error) {
	var r CalendarRights
	err := t.mayUpload(taskForce)
	r.Upload = err == nil
	if err != nil && AsFaults(err) == nil {
		return r, err
	}
	err = t.require(place{taskForce: taskForce}, CalendarApprovers()...)
	r.Approve = err == nil
	if err != nil && AsFaults(err) == nil {
		return r, err
	}
	err = t.require(place{}, workflows.RoleInspector)
	r.Drafts = r.Upload || r.Approve || err == nil
	if err != nil && AsFaults(err) == nil {
		return r, err
	}
	return r, nil
}

// CalendarFile is one version with what it did, or would do.
type CalendarFile struct {
	Version CalendarVersion
	Rights  CalendarRights
	Shifts  []CalendarShift // of a draft: what would move; else: what moved, as far as the actor may see it
	Lights  int             // how many lights of those would change
	Unseen  int             // shifts whose light was not tried, because there are too many
}

// CalendarShift is a date that moves, with the light before and after where it was tried.
type CalendarShift struct {
	CalendarMove
	LightBefore workflows.Light
	LightAfter  workflows.Light
}

// CalendarFile reads a version by its number. For a draft the whole move is played through in a transaction that is then taken back, so the preview can't
// differ from what the approval will do.
func (a *App) CalendarFile(ctx context.Context, actor Actor, id int64) (CalendarFile, error) {
	t := a.view(ctx, actor)
	var f CalendarFile
	v, err := look[CalendarVersion](t, id)
	if err != nil {
		return f, err
	}
	f.Version = *v
	if f.Rights, err = t.calendarRights(v.TaskForceID); err != nil {
		return f, err
	}
	hidden := v.State == "draft" || v.State == "discarded"
	if hidden && !f.Rights.Drafts {
		return f, missing()
	}
	switch {
	case v.State == "draft":
		err = a.rehearse(ctx, &f)
	case v.State != "discarded":
		err = a.movesSeen(ctx, actor, &f)
	}
	return f, err
}

func (a *App) movesSeen(ctx context.Context, actor Actor, f *CalendarFile) error {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return err
	}
	q := table[CalendarMove](a.db.read).Where("calendar_id = ?", f.Version.ID)
	if !s.all {
		tickets, ta := s.ofTicket("calendar_moves")
		projects, pa := s.projectsWhere()
		q = q.Where("(ticket_id <> 0 AND "+tickets+" OR ticket_id = 0 AND project_id IN (SELECT id FROM projects WHERE "+projects+"))",
			append(ta, pa...)...)
	}
	moves, err := q.Order("id").Limit(maxShifts).Find(ctx)
	for _, m := range moves {
		f.Shifts = append(f.Shifts, CalendarShift{CalendarMove: m})
	}
	return err
}

const (
	maxShifts = 2000 // rows of one page
	maxLights = 200  // items whose light a preview tries: each asks all rules
)

// errRehearsed takes a rehearsal back.
var errRehearsed = errors.New("rehearsed")

// rehearse plays an approval through and takes it back.
func (a *App) rehearse(ctx context.Context, f *CalendarFile) error {
	err := a.transaction(ctx, func(ctx context.Context, db *gorm.DB) error {
		t := a.newTx(ctx, db, System("calendar"))
		if err := t.open(); err != nil {
			return err
		}
		f.Shifts, f.Lights, f.Unseen = nil, 0, 0
		t.times = t.times.with(f.Version, t.now.Unix())
		v := f.Version
		for _, kind := range movingOrder() {
			v.Moving, v.MovedTo = kind, 0
			if err := t.rehearseKind(&v, f); err != nil {
				return err
			}
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

func (t *tx) rehearseKind(v *CalendarVersion, f *CalendarFile) error {
	for {
		next, err := t.openItems(v, moveBatch)
		if err != nil {
			return err
		}
		for _, id := range next {
			if err := t.rehearseOne(v, id, f); err != nil {
				return err
			}
			v.MovedTo = id
		}
		if len(next) < moveBatch {
			return nil
		}
	}
}

// rehearseOne realigns one item; where its date moves, the rules are asked about it too.
func (t *tx) rehearseOne(v *CalendarVersion, id int64, f *CalendarFile) error {
	try := len(f.Shifts) < maxLights
	var before, after workflows.Light
	mark := t.last
	switch v.Moving {
	case "ticket":
		k, err := look[Ticket](t, id)
		if err != nil {
			return err
		}
		before = k.Light
		if err := t.realignTicket(k); err != nil || !t.moved(mark) {
			return err
		}
		if try {
			err = t.relightTicket(k)
		}
		if after = k.Light; err != nil {
			return err
		}
	case "milestone":
		m, err := look[Milestone](t, id)
		if err != nil {
			return err
		}
		p, err := look[Project](t, m.ProjectID)
		if err != nil {
			return err
		}
		before = m.Light
		if err := t.realignMilestone(p, m); err != nil || !t.moved(mark) {
			return err
		}
		if try {
			err = t.saveMilestone(p, m)
		}
		if after = m.Light; err != nil {
			return err
		}
	default:
		e, err := look[Escalation](t, id)
		if err != nil {
			return err
		}
		before, after = e.Light, e.Light
		if err := t.realignAnswer(v, e); err != nil || !t.moved(mark) {
			return err
		}
	}
	shift := CalendarShift{CalendarMove: *t.last, LightBefore: before, LightAfter: after}
	if !try {
		f.Unseen++
		shift.LightAfter = ""
	} else if before != after {
		f.Lights++
	}
	f.Shifts = append(f.Shifts, shift)
	return nil
}

// CalendarYear is a year of a scope's calendar, for the wall.
type CalendarYear struct {
	Year    int
	Scope   int64
	Days    []calendar.Day
	Sources []string
	Office  calendar.Hours
	Version string
}

// CalendarYear lists every day of a year as the calendar in force has it.
func (a *App) CalendarYear(ctx context.Context, actor Actor, taskForce int64, year int) (CalendarYear, error) {
	t := a.view(ctx, actor)
	if err := optional[TaskForce](t, "tf", taskForce); err != nil {
		return CalendarYear{}, err
	}
	c := t.calendar(taskForce)
	first, last := calendar.MakeDate(year, 1, 1), calendar.MakeDate(year, 12, 31)
	y := CalendarYear{Year: year, Scope: taskForce, Sources: c.Sources(year), Office: c.Office(), Version: c.Version()}
	y.Days = append([]calendar.Day{c.Day(first)}, c.Days(first, last)...)
	if slices.ContainsFunc(y.Days, func(d calendar.Day) bool { return d.Date.IsZero() }) {
		return y, missing()
	}
	return y, nil
}
