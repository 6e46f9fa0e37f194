package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Figure is one edition of a figure that people enter for a period, since no table of the product knows it: funds in place, content enterprises. Rows never change;
// a correction is the next edition, and the highest edition counts from then on. What was judged by an earlier one stays as it was.
type Figure struct {
	ID        int64  `gorm:"primaryKey"`
	Scope     string // one of workflows.Scopes
	SubjectID int64  // of the row; 0 for the district
	Input     string // name of the input in the rule set
	Type      string // of the input when it was entered
	Every     string // rhythm of the input, one of workflows.Periods
	LastOn    calendar.Date
	Edition   int    // from 1
	Value     string // as the type writes it: "80.50", "3", "true", "2023-03-31"
	Source    string // the document it comes from
	Reason    string // of a correction
	EnteredBy int64
	EnteredAt int64
}

// figureEnterers may enter figures: supervisors for everybody, the leaders of a unit or task force for their own.
func figureEnterers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector, workflows.RoleTaskforceLeader, workflows.RoleUnitLeader}
}

// FigureSubject is a thing that a figure can be about.
type FigureSubject struct {
	ID       int64
	No, Name string
	place    place
	ticket   int64
}

// FigureCell is one field of the table that is entered; an empty value leaves the figure as it is.
type FigureCell struct {
	Subject int64
	Edition int // that the person saw; 0 for none
	Value   string
}

// EnterFigures is the command that enters one input of one period for some or all of its subjects.
type EnterFigures struct {
	Scope, Input string
	Last         calendar.Date // last day of the period
	Source       string        // the document
	Reason       string        // needed where a figure is corrected
	Cells        []FigureCell
}

// EnterFigures enters figures of a period that has begun, or corrects them; supervisors, and leaders for what is theirs. All or nothing: a field that can't be
// accepted is a fault at "v-" and the subject's number.
func (a *App) EnterFigures(ctx context.Context, actor Actor, cmd EnterFigures) error {
	return a.write(ctx, actor, func(t *tx) error {
		// Somebody who may not enter anything anywhere does not learn what could be entered.
		if err := t.requireAnywhere(figureEnterers()...); err != nil {
			return err
		}
		in, ok := t.input(cmd.Scope, cmd.Input)
		if !ok {
			return invalid("input", "choose", nil)
		}
		if err := t.checkFigures(in, cmd); err != nil {
			return err
		}
		subjects, err := t.figureSubjects(cmd.Scope)
		if err != nil {
			return err
		}
		fresh, err := t.freshFigures(in, cmd, subjects)
		if err != nil {
			return err
		}
		t.lamps = true // what people have on their screens of the subjects stays as it is
		for i := range fresh {
			if err := t.aroundFigure(&fresh[i], func() error { return t.storeFigure(&fresh[i], subjects) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// aroundFigure settles what a figure is about before it changes, and judges and lights it by the new figure afterwards.
func (t *tx) aroundFigure(f *Figure, store func() error) error {
	about, err := t.figured(f)
	if err != nil {
		return err
	}
	if about == nil { // no rule has judged it yet
		return store()
	}
	if err := about.settle(); err != nil {
		return err
	}
	if err := store(); err != nil {
		return err
	}
	if f.Edition == 1 {
		w, err := about.watch()
		if err != nil {
			return err
		}
		if err := w.judgeLate(f); err != nil {
			return err
		}
	}
	return about.save()
}

// figured is how the thing that a figure is about is settled, looked at and saved.
type figured struct {
	settle, save func() error
	watch        func() (*watch, error)
}

func (t *tx) figured(f *Figure) (*figured, error) {
	switch f.Scope {
	case "project":
		p, err := get[Project](t, f.SubjectID)
		if err != nil {
			return nil, err
		}
		return &figured{func() error { return t.settleProject(p) }, func() error { return t.saveProject(p) }, func() (*watch, error) {
			h, err := t.projectHistory(p)
			return t.projectWatch(p, h), err
		}}, nil
	case "milestone":
		m, err := get[Milestone](t, f.SubjectID)
		if err != nil {
			return nil, err
		}
		p, err := look[Project](t, m.ProjectID)
		if err != nil {
			return nil, err
		}
		return &figured{func() error { return t.settleMilestone(p, m) }, func() error { return t.saveMilestone(p, m) },
			func() (*watch, error) { return t.milestoneWatch(p, m), nil }}, nil
	case "ticket", "receiving_unit":
		return t.figuredTicket(f)
	}
	s, err := t.subjectOf(f.Scope, f.SubjectID)
	if err != nil || s == nil {
		return nil, err
	}
	return &figured{func() error { return t.settleSubject(s) }, func() error { return t.saveSubject(s) }, func() (*watch, error) { return t.subjectWatch(s) }}, nil
}

func (t *tx) figuredTicket(f *Figure) (*figured, error) {
	var k *Ticket
	var err error
	if f.Scope == "ticket" {
		k, err = get[Ticket](t, f.SubjectID)
	} else {
		k, err = t.lockPart(f.SubjectID)
	}
	if err != nil {
		return nil, err
	}
	return &figured{func() error { return t.settleTicket(k) }, func() error { return t.saveTicket(k) }, func() (*watch, error) {
		if f.Scope == "ticket" {
			return t.ticketWatch(k), nil
		}
		u, err := look[TicketUnit](t, f.SubjectID)
		if err != nil {
			return nil, err
		}
		return t.partWatch(k, u)
	}}, nil
}

// requireAnywhere fails unless the actor holds one of the roles in some scope.
func (t *tx) requireAnywhere(any ...workflows.Role) error {
	if t.actor.trusted() {
		return nil
	}
	grants, err := t.grantsOf(t.actor.ID)
	if err == nil && !slices.ContainsFunc(grants, func(g RoleGrant) bool { return slices.Contains(any, g.Role) }) {
		err = denied()
	}
	return err
}

// figureReach is for how long after a rule set has gone out of force its figures may still be entered [P]: a year has its accounts closed by then.
const figureReach = 400

// inputs lists the figures that rule sets ask for which are in force, are approved for later, or were in force in the last 400 days; the newest words of each.
func (t *tx) inputs() []workflows.Input {
	var out []workflows.Input
	seen := map[string]bool{}
	from := t.today.AddDays(-figureReach)
	first, _ := t.book.on("ruleset", "", from)
	for i := len(t.book.list) - 1; i >= 0; i-- {
		e := t.book.list[i]
		if e.rules == nil || e.from < from && e.id != first.id {
			continue
		}
		for _, in := range e.rules.Inputs {
			if key := in.Scope + " " + in.Name; !seen[key] {
				seen[key] = true
				out = append(out, in)
			}
		}
	}
	return out
}

func (t *tx) input(scope, name string) (workflows.Input, bool) {
	list := t.inputs()
	i := slices.IndexFunc(list, func(in workflows.Input) bool { return in.Scope == scope && in.Name == name })
	if i < 0 {
		return workflows.Input{}, false
	}
	return list[i], true
}

func (t *tx) checkFigures(in workflows.Input, cmd EnterFigures) error {
	var c check
	c.text("source", cmd.Source, 200, false)
	c.text("reason", cmd.Reason, 500, true)
	switch {
	case cmd.Last.IsZero() || calendar.Date(workflows.PeriodEnd(in.Every, int(cmd.Last))) != cmd.Last:
		c.add("last", "choose", nil)
	case calendar.Date(workflows.PeriodBefore(in.Every, int(cmd.Last))) >= t.today:
		c.add("last", "figure_future", nil)
	}
	return c.err()
}

// freshFigures checks every field and returns the editions that are new.
func (t *tx) freshFigures(in workflows.Input, cmd EnterFigures, subjects []FigureSubject) ([]Figure, error) {
	now, err := t.figuresIn(cmd.Scope, cmd.Input, cmd.Last)
	if err != nil {
		return nil, err
	}
	var c check
	var out []Figure
	for _, cell := range cmd.Cells {
		field := "v-" + strconv.FormatInt(cell.Subject, 10)
		i := slices.IndexFunc(subjects, func(s FigureSubject) bool { return s.ID == cell.Subject })
		if i < 0 {
			return nil, missing()
		}
		if strings.TrimSpace(cell.Value) == "" {
			continue
		}
		if err := t.require(subjects[i].place, figureEnterers()...); err != nil {
			return nil, err
		}
		was := now[cell.Subject]
		if was.Edition != cell.Edition {
			return nil, t.stale("object_kind = 'figure' AND object_id = ?", was.ID)
		}
		value, key := readFigure(in.Measure, cell.Value)
		switch {
		case key != "":
			c.add(field, key, map[string]any{"Values": strings.Join(in.Values, ", ")})
		case value == was.Value && was.Edition > 0:
		default:
			out = append(out, Figure{Scope: in.Scope, SubjectID: cell.Subject, Input: in.Name, Type: in.Type, Every: in.Every, LastOn: cmd.Last, Edition: was.Edition + 1,
				Value: value, Source: strings.TrimSpace(cmd.Source), Reason: strings.TrimSpace(cmd.Reason), EnteredBy: t.actor.ID, EnteredAt: t.now.Unix()})
		}
	}
	corrects := slices.ContainsFunc(out, func(f Figure) bool { return f.Edition > 1 })
	if corrects && strings.TrimSpace(cmd.Reason) == "" {
		c.add("reason", "figure_why", nil)
	}
	if len(out) == 0 && len(c.faults) == 0 {
		c.add("", "figure_nothing", nil)
	}
	return out, c.err()
}

// figuresIn are the figures of an input and period that count now, by subject.
func (t *tx) figuresIn(scope, input string, last calendar.Date) (map[int64]Figure, error) {
	rows, err := list[Figure](t, "edition", "scope = ? AND input = ? AND last_on = ?", scope, input, last)
	out := make(map[int64]Figure, len(rows))
	for _, f := range rows {
		out[f.SubjectID] = f
	}
	return out, err
}

func (t *tx) storeFigure(f *Figure, subjects []FigureSubject) error {
	if err := textOnly(f); err != nil {
		return err
	}
	if f.Edition == 1 {
		f.Reason = ""
	}
	if err := t.numberRow(f, &f.ID); err != nil {
		return err
	}
	if err := create(t, f); err != nil {
		if duplicate(err) { // somebody entered the same figure at the same time
			return &Fault{Kind: Stale, Key: "stale"}
		}
		return fmt.Errorf("store figure %s: %w", f.Input, err)
	}
	s := subjects[slices.IndexFunc(subjects, func(s FigureSubject) bool { return s.ID == f.SubjectID })]
	c := change{action: "figure.enter", kind: "figure", id: f.ID, no: strings.TrimSpace(s.No + " " + f.Input + " " + f.LastOn.String()), taskForce: s.place.taskForce, project: s.place.project,
		ticket: s.ticket, after: f, reason: f.Reason, basis: f.Source}
	if f.Edition > 1 {
		c.action = "figure.correct"
	}
	t.record(c)
	return nil
}

// figureSubjects lists what a figure of a scope can be about, in the order of the lists that people know.
func (t *tx) figureSubjects(scope string) ([]FigureSubject, error) {
	switch scope {
	case "project":
		return subjectsOf(t, "code", "stage <> 'removed'", func(p *Project) FigureSubject {
			return FigureSubject{ID: p.ID, No: p.Code, Name: p.Name, place: t.projectPlace(p)}
		})
	case "task_force":
		return subjectsOf(t, "position", "1 = 1", func(f *TaskForce) FigureSubject {
			return FigureSubject{ID: f.ID, No: f.Code, Name: f.Name, place: place{taskForce: f.ID}}
		})
	case "unit":
		return subjectsOf(t, "code", "1 = 1", func(u *Unit) FigureSubject {
			return FigureSubject{ID: u.ID, No: u.Code, Name: u.Name, place: place{units: []int64{u.ID}}}
		})
	case "district":
		name, err := t.app.Place(t.ctx)
		return []FigureSubject{{Name: name}}, err
	case "ticket":
		return subjectsOf(t, "no", "state NOT IN ('draft', 'pending', 'closed', 'terminated')", func(k *Ticket) FigureSubject {
			return FigureSubject{ID: k.ID, No: k.No, Name: k.Title, ticket: k.ID, place: place{taskForce: k.TaskForceID, project: k.ProjectID, units: []int64{k.LeadUnitID}}}
		})
	case "milestone":
		return t.milestoneSubjects()
	case "receiving_unit":
		return t.partSubjects()
	}
	return nil, nil
}

func subjectsOf[T any](t *tx, order, where string, subject func(*T) FigureSubject) ([]FigureSubject, error) {
	rows, err := list[T](t, order, where)
	out := make([]FigureSubject, len(rows))
	for i := range rows {
		out[i] = subject(&rows[i])
	}
	return out, err
}

func (t *tx) milestoneSubjects() ([]FigureSubject, error) {
	projects, err := list[Project](t, "code", "stage <> 'removed'")
	if err != nil {
		return nil, err
	}
	var out []FigureSubject
	for i := range projects {
		p := &projects[i]
		stones, err := list[Milestone](t, "position", "project_id = ?", p.ID)
		if err != nil {
			return nil, err
		}
		for _, m := range stones {
			out = append(out, FigureSubject{ID: m.ID, No: p.Code, Name: p.Name + " · " + m.Name, place: t.projectPlace(p)})
		}
	}
	return out, nil
}

func (t *tx) partSubjects() ([]FigureSubject, error) {
	tickets, err := t.figureSubjects("ticket")
	if err != nil {
		return nil, err
	}
	units, err := list[Unit](t, "id", "1 = 1")
	if err != nil {
		return nil, err
	}
	var out []FigureSubject
	for _, k := range tickets {
		parts, err := t.ticketUnits(k.ID)
		if err != nil {
			return nil, err
		}
		for _, part := range parts {
			s := k
			s.ID, s.place.units = part.ID, []int64{part.UnitID}
			if i := slices.IndexFunc(units, func(u Unit) bool { return u.ID == part.UnitID }); i >= 0 {
				s.Name += " · " + units[i].Name
			}
			out = append(out, s)
		}
	}
	return out, nil
}
