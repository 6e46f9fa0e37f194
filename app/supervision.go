package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// supervisionReaders may open the supervision desk: supervisors and their director, and inspectors, who only read.
func supervisionReaders() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector, workflows.RoleInspector}
}

// sentDays is how many working days of reminders the desk shows, today among them.
const sentDays = 5

// SupervisionDesk is what supervisors look at first: who is late, what was sent, what awaits an answer, and what is due for a 督办单.
type SupervisionDesk struct {
	Units  []UnitOverdue  // most overdue first
	Rungs  []RungOverdue  // worst light first
	Sent   []SentOn       // newest day first
	Papers []PaperWaiting // by the last day to answer
	Due    []SlipDue      // worst light first
}

// UnitOverdue is what one unit is late with: tickets past the date that judges without feedback, and milestones past theirs.
type UnitOverdue struct {
	UnitID              int64
	Tickets, Milestones int
	Worst               workflows.Light
	Days                int // working days of the latest
	Before              int // how many were late a week ago, by the dates in force now
}

// Total is how many the unit is late with.
func (u UnitOverdue) Total() int { return u.Tickets + u.Milestones }

// RungOverdue is one step of one rule with the items that it is lit on.
type RungOverdue struct {
	RuleID, Step string
	Light        workflows.Light
	Items        []RungItem
}

// RungItem is an item on a rung.
type RungItem struct {
	Kind, No, Title, Link string
	BeganOn               calendar.Date
}

// SentOn is what became of the reminders of one working day, by status, and how many of them were read.
type SentOn struct {
	Day    calendar.Date
	Counts map[string]int
	Read   int
}

// PaperWaiting is a paper that awaits an answer, or whose answer awaits a decision.
type PaperWaiting struct {
	PaperRow
	Late   bool
	Decide bool // the actor may decide on its answer
	Next   string
}

// SlipDue is an open item that a rule has lit and for which the supervisor's own 督办单 is the next step: no paper is open on it, or none was answered in time.
type SlipDue struct {
	Kind      string // "ticket" or "project"
	ID        int64
	No, Title string
	Light     workflows.Light
	RuleID    string
	Since     calendar.Date
	DueOn     calendar.Date // of a ticket
	UnitID    int64
	Form      string // to begin with by the importance of the matter, or the one that follows (workflows/papers.yaml)
	Facts     string // what the rule found, in Chinese as papers are
	Require   string // what the form asks for
	AnswerBy  calendar.Date
	Late      *Paper // the last that was not answered; issuing another one says that this is meant (《政府督查工作条例》第 15 条)
	May       bool   // the actor may issue one
}

// supervised is the condition on tables with a task_force_id for what the actor supervises.
func (s sight) supervised() (string, []any, error) {
	if s.all && (len(s.grants) == 0 || s.may(place{}, supervisionReaders()...)) {
		return "1 = 1", nil, nil
	}
	forces := s.forcesAs(supervisionReaders()...)
	if len(forces) == 0 {
		return "", nil, denied()
	}
	return "task_force_id IN ?", []any{forces}, nil
}

// supervising gathers the desk.
type supervising struct {
	*tx
	where string
	args  []any
	desk  SupervisionDesk
}

// SupervisionDesk reads the desk for supervisors, their director and inspectors; others are denied.
func (a *App) SupervisionDesk(ctx context.Context, actor Actor) (SupervisionDesk, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return SupervisionDesk{}, err
	}
	d := &supervising{tx: a.view(ctx, actor)}
	if d.where, d.args, err = s.supervised(); err != nil {
		return SupervisionDesk{}, err
	}
	for _, gather := range []func() error{d.units, d.rungs, d.sent, d.papers, d.slips} {
		if err := gather(); err != nil {
			return SupervisionDesk{}, fmt.Errorf("read the supervision desk: %w", err)
		}
	}
	return d.desk, nil
}

// late tells whether a ticket was late at the end of a day, as the rules of units count it.
func late(k *Ticket, day calendar.Date) bool {
	return k.State != "paused" && (k.ClosedOn.IsZero() || k.ClosedOn > day) && !k.JudgedOn.IsZero() && k.JudgedOn < day && (k.SubmittedOn.IsZero() || k.SubmittedOn > day)
}

func (d *supervising) units() error {
	before := d.today.AddDays(-7)
	tickets, err := list[Ticket](d.tx, "id", "issued_on <> '' AND state <> 'terminated' AND judged_on <> '' AND judged_on < ? AND (closed_on = '' OR closed_on > ?) AND "+d.where,
		append([]any{d.today, before}, d.args...)...)
	if err != nil {
		return err
	}
	all := map[int64]*UnitOverdue{}
	unit := func(id int64) *UnitOverdue {
		if all[id] == nil {
			all[id] = &UnitOverdue{UnitID: id}
		}
		return all[id]
	}
	for i := range tickets {
		k := &tickets[i]
		if k.IssuedOn <= before && late(k, before) {
			unit(k.LeadUnitID).Before++
		}
		if late(k, d.today) {
			u := unit(k.LeadUnitID)
			u.Tickets++
			u.count(k.Light, d.calendar(k.TaskForceID).Workdays(k.JudgedOn, d.today))
		}
	}
	if err := d.milestones(before, unit); err != nil {
		return err
	}
	for _, u := range all {
		d.desk.Units = append(d.desk.Units, *u)
	}
	slices.SortFunc(d.desk.Units, func(a, b UnitOverdue) int {
		return cmp.Or(b.Total()-a.Total(), b.Days-a.Days, cmp.Compare(a.UnitID, b.UnitID))
	})
	return nil
}

func (u *UnitOverdue) count(light workflows.Light, days int) {
	u.Days = max(u.Days, days)
	if light.Worse(u.Worst) {
		u.Worst = light
	}
}

func (d *supervising) milestones(before calendar.Date, unit func(int64) *UnitOverdue) error {
	due := "CASE revised_on WHEN '' THEN baseline_on ELSE revised_on END"
	found, err := list[Milestone](d.tx, "id", due+" < ? AND (actual_on = '' OR actual_on > ?) AND project_id IN (SELECT id FROM projects WHERE stage NOT IN ('removed', 'suspended') AND "+d.where+")",
		append([]any{d.today, before}, d.args...)...)
	if err != nil {
		return err
	}
	owners, err := list[Project](d.tx, "id", "id IN (SELECT project_id FROM milestones WHERE actual_on = '' OR actual_on > ?)", before)
	if err != nil {
		return err
	}
	projects := map[int64]*Project{}
	for i := range owners {
		projects[owners[i].ID] = &owners[i]
	}
	for _, m := range found {
		p := projects[m.ProjectID]
		if p == nil {
			continue
		}
		if m.DueOn() < before {
			unit(p.UnitID).Before++
		}
		if m.ActualOn.IsZero() {
			u := unit(p.UnitID)
			u.Milestones++
			u.count(m.Light, d.calendar(p.TaskForceID).Workdays(m.DueOn(), d.today))
		}
	}
	return nil
}

func (d *supervising) rungs() error {
	lit, err := list[Escalation](d.tx, "began_on, id", "lifted_on = '' AND light IN ('red', 'orange', 'yellow') AND item_kind IN ('ticket', 'project', 'milestone') AND "+d.where, d.args...)
	if err != nil {
		return err
	}
	for _, e := range lit {
		i := slices.IndexFunc(d.desk.Rungs, func(r RungOverdue) bool { return r.RuleID == e.RuleID && r.Step == e.Step && r.Light == e.Light })
		if i < 0 {
			i = len(d.desk.Rungs)
			d.desk.Rungs = append(d.desk.Rungs, RungOverdue{RuleID: e.RuleID, Step: e.Step, Light: e.Light})
		}
		it, err := d.itemOfRung(e)
		if err != nil {
			return err
		}
		d.desk.Rungs[i].Items = append(d.desk.Rungs[i].Items, RungItem{Kind: e.ItemKind, No: it.no, Title: it.title, Link: it.link(), BeganOn: e.BeganOn})
	}
	slices.SortStableFunc(d.desk.Rungs, func(a, b RungOverdue) int {
		switch {
		case a.Light.Worse(b.Light):
			return -1
		case b.Light.Worse(a.Light):
			return 1
		}
		return cmp.Or(cmp.Compare(a.RuleID, b.RuleID), cmp.Compare(a.Step, b.Step))
	})
	return nil
}

func (d *supervising) itemOfRung(e Escalation) (item, error) {
	if e.ItemKind == "milestone" {
		m, err := look[Milestone](d.tx, e.ItemID)
		if err != nil {
			return item{}, err
		}
		p, err := look[Project](d.tx, m.ProjectID)
		if err != nil {
			return item{}, err
		}
		return milestoneItem(p, m), nil
	}
	return d.bareItem(e.ItemKind, e.ItemID)
}

func (d *supervising) sent() error {
	cal, day := d.calendar(0), d.today
	for range sentDays {
		var rows []struct {
			Status  string
			N, Seen int
		}
		err := d.db.Raw("SELECT status, COUNT(*) AS n, SUM(CASE WHEN read_at > 0 THEN 1 ELSE 0 END) AS seen FROM reminders WHERE created_at >= ? AND created_at < ? AND item_kind <> 'digest' AND "+d.where+" GROUP BY status",
			append([]any{cal.At(day, 0, 0).Unix(), cal.At(day.AddDays(1), 0, 0).Unix()}, d.args...)...).Scan(&rows).Error
		if err != nil {
			return err
		}
		s := SentOn{Day: day, Counts: map[string]int{}}
		for _, r := range rows {
			s.Counts[r.Status] += r.N
			s.Read += r.Seen
		}
		d.desk.Sent = append(d.desk.Sent, s)
		if day, err = cal.AddWorkdays(day, -1); err != nil {
			return err
		}
	}
	return nil
}

func (d *supervising) papers() error {
	rows, err := d.app.Papers(d.ctx, d.actor, PaperFilter{Open: true})
	if err != nil {
		return err
	}
	mine, err := list[Paper](d.tx, "id", d.where, d.args...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !slices.ContainsFunc(mine, func(p Paper) bool { return p.ID == r.Paper.ID }) {
			continue
		}
		w := PaperWaiting{PaperRow: r, Late: r.Late(d.today)}
		may := d.mayDecide(&r.Paper, &r.Life, "accept")
		if may != nil && AsFaults(may) == nil {
			return may
		}
		w.Decide = may == nil
		if form, ok := d.app.forms.Form(r.Paper.Kind); ok && r.Paper.RuleID == handRule {
			w.Next = form.Next
		}
		d.desk.Papers = append(d.desk.Papers, w)
	}
	slices.SortStableFunc(d.desk.Papers, func(a, b PaperWaiting) int {
		switch x, y := a.Paper.DeadlineOn, b.Paper.DeadlineOn; {
		case x == y:
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		default:
			return int(x - y)
		}
	})
	return nil
}
