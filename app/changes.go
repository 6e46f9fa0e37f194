package app

import (
	"cmp"
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Changes is what changed between the ends of two days, net: what went and came back counts as wavering.
type Changes struct {
	From, To     calendar.Date
	FromNo, ToNo int64 // the last records of the two days
	Was, Is      DayFigures
	Forces       []TaskForce // as of To, in their order
	Lines        []Change    // by task force, kind and item
}

// DayFigures are the figures of a day.
type DayFigures struct {
	Totals
	Stages       map[string]int // projects in each stage
	Open, Closed int            // tickets
	Rates        []Rate
}

// Change is one line of what changed, with what it was and what it is.
type Change struct {
	Kind        string // one of ChangeKinds
	Item        string // "project", "milestone", "ticket", "paper" or "task_force"
	ID          int64  // of a milestone's row
	No, Title   string
	TaskForceID int64
	Was, Is     ChangeValue
	Reason      string  // as somebody wrote it down; of a light why it went out, as escalations have it
	Rule        string  // that lit the light
	Times       int     // of a light that wavered: how often it was raised
	Records     []int64 // of the journal, the oldest first
}

// ChangeValue is one side of a change; which field is set depends on the kind.
type ChangeValue struct {
	Light workflows.Light
	State string // stage of a project, state of a ticket, kind of a paper
	Day   calendar.Date
	User  int64
	Unit  int64
}

// ChangeKinds lists what a line may be about, in the order in which they are read.
func ChangeKinds() []string {
	return []string{"worse", "better", "lifted", "wavered", "stage", "added", "reached", "slipped", "opened", "closed", "paper", "answer", "person"}
}

// ChangeFilter narrows the lines; zero fields do not.
type ChangeFilter struct {
	TaskForce int64
	Kind      string
}

// ChangesBetween is what changed from the end of one day to the end of another, of what the actor may see. Faults are at the fields "from" and "to".
func (a *App) ChangesBetween(ctx context.Context, actor Actor, from, to calendar.Date, f ChangeFilter) (Changes, error) {
	if err := a.lookBack(ctx, "from", from); err != nil {
		return Changes{}, err
	}
	if err := a.lookBack(ctx, "to", to); err != nil {
		return Changes{}, err
	}
	if to < from {
		return Changes{}, invalid("to", "ends_before_start", nil)
	}
	eyes, err := a.eyesOf(ctx, actor)
	if err != nil {
		return Changes{}, err
	}
	was, err := a.dayCards(ctx, from)
	if err != nil {
		return Changes{}, err
	}
	is, err := a.dayCards(ctx, to)
	if err != nil {
		return Changes{}, err
	}
	happened, err := a.happenedBetween(ctx, was.no, is.no)
	if err != nil {
		return Changes{}, err
	}
	d := &comparison{eyes: eyes, was: was, is: is, happened: happened}
	out := Changes{From: from, To: to, FromNo: was.no, ToNo: is.no, Was: was.figures(eyes, f), Is: is.figures(eyes, f), Forces: is.forces}
	for _, c := range d.lines() {
		if (f.TaskForce == 0 || c.TaskForceID == f.TaskForce) && (f.Kind == "" || c.Kind == f.Kind) {
			out.Lines = append(out.Lines, c)
		}
	}
	return out, nil
}

// figures counts a day for what the actor may see, and for one task force where the filter says so.
func (d *dayCards) figures(e eyes, f ChangeFilter) DayFigures {
	var mine []Card
	s := DayFigures{Stages: map[string]int{}}
	for _, c := range d.projects {
		if e.project(c.Project) && (f.TaskForce == 0 || f.TaskForce == c.Project.TaskForceID) {
			mine = append(mine, c)
			s.Stages[c.Project.Stage]++
		}
	}
	s.Totals, s.Rates = totals(mine), d.past.app.ratesThen(d.past, mine, d.day)
	for _, c := range d.tickets {
		if !e.ticket(c) || f.TaskForce != 0 && f.TaskForce != c.Ticket.TaskForceID {
			continue
		}
		if openTicket(c.Ticket.State) {
			s.Open++
		} else if c.Ticket.State == "closed" {
			s.Closed++
		}
	}
	return s
}

// comparison holds two days against each other.
type comparison struct {
	eyes     eyes
	was, is  *dayCards
	happened *happenedThen
	out      []Change
}

func (d *comparison) lines() []Change {
	projects := d.projects()
	d.milestones(projects)
	d.tickets(projects)
	d.papers(projects)
	d.taskForces()
	place := map[int64]int{}
	for i, tf := range d.is.forces {
		place[tf.ID] = i
	}
	kinds := ChangeKinds()
	slices.SortStableFunc(d.out, func(x, y Change) int {
		return cmp.Or(place[x.TaskForceID]-place[y.TaskForceID], slices.Index(kinds, x.Kind)-slices.Index(kinds, y.Kind), cmp.Compare(x.No, y.No), cmp.Compare(x.ID, y.ID))
	})
	return d.out
}

// projects compares the projects that may be seen, and returns those.
func (d *comparison) projects() map[int64]Card {
	before, seen := map[int64]Card{}, map[int64]Card{}
	for _, c := range d.was.projects {
		before[c.Project.ID] = c
	}
	for _, c := range d.is.projects {
		p := c.Project
		if !d.eyes.project(p) {
			continue
		}
		seen[p.ID] = c
		line := Change{Item: "project", No: p.Code, Title: p.Name, TaskForceID: p.TaskForceID}
		old, known := before[p.ID]
		if !known {
			d.put(line, "added", ChangeValue{}, ChangeValue{State: p.Stage}, d.happened.first(subjectKey{"project", p.ID}))
			continue
		}
		d.light(line, subjectKey{"project", p.ID}, lamp{old.Project.Light, old.Project.LightRule, 0}, lamp{p.Light, p.LightRule, 0})
		if old.Project.Stage != p.Stage {
			d.put(line, "stage", ChangeValue{State: old.Project.Stage}, ChangeValue{State: p.Stage}, d.happened.of("stage", subjectKey{"project", p.ID}))
		}
		if old.Responsible != c.Responsible || old.Project.UnitID != p.UnitID {
			d.put(line, "person", ChangeValue{User: old.Responsible, Unit: old.Project.UnitID}, ChangeValue{User: c.Responsible, Unit: p.UnitID}, d.happened.of("person", subjectKey{"project", p.ID}))
		}
	}
	return seen
}

// put adds a line with the records that made it.
func (d *comparison) put(line Change, kind string, was, is ChangeValue, made []happenedOnce) {
	line.Kind, line.Was, line.Is = kind, was, is
	for _, h := range made {
		line.Records = append(line.Records, h.no)
		if h.reason != "" {
			line.Reason = h.reason
		}
	}
	d.out = append(d.out, line)
}

// light compares the light of an item: net, and how often it was raised where nothing came of it.
func (d *comparison) light(line Change, key subjectKey, was, is lamp) {
	made := d.happened.of("light", key)
	if was.light == is.light {
		for _, h := range made {
			if h.action != "escalation.lift" {
				line.Times++
			}
		}
		if line.Times > 0 && slices.ContainsFunc(made, func(h happenedOnce) bool { return h.action == "escalation.lift" && h.reason != "superseded" }) {
			line.Rule = cmp.Or(is.rule, made[len(made)-1].rule)
			d.put(line, "wavered", ChangeValue{Light: was.light}, ChangeValue{Light: is.light}, made)
		}
		return
	}
	calm := func(l workflows.Light) bool { return l == workflows.LightNone || l == workflows.LightGreen }
	kind := "better"
	switch {
	case calm(was.light) && calm(is.light):
		return // it came under rules, or left them: the stage says so
	case calm(is.light):
		kind = "lifted"
	case is.light.Worse(was.light):
		kind = "worse"
	}
	line.Rule = cmp.Or(is.rule, was.rule)
	d.put(line, kind, ChangeValue{Light: was.light}, ChangeValue{Light: is.light}, made)
}

func (d *comparison) milestones(projects map[int64]Card) {
	before := d.was.past.milestones
	for _, id := range sortedKeys(d.is.past.milestones) {
		m := d.is.past.milestones[id]
		c, ok := projects[m.ProjectID]
		if !ok {
			continue
		}
		key := subjectKey{"milestone", id}
		line := Change{Item: "milestone", ID: id, No: c.Project.Code, Title: c.Project.Name + " · " + m.Name, TaskForceID: c.Project.TaskForceID}
		old := before[id]
		if old == nil {
			old = &Milestone{BaselineOn: m.BaselineOn, Light: workflows.LightGreen}
		}
		d.light(line, key, lamp{old.Light, old.LightRule, 0}, lamp{m.Light, m.LightRule, 0})
		if old.ActualOn != m.ActualOn {
			d.put(line, "reached", ChangeValue{Day: old.DueOn()}, ChangeValue{Day: m.ActualOn}, d.happened.of("reached", key))
		}
		if old.DueOn() != m.DueOn() {
			d.put(line, "slipped", ChangeValue{Day: old.DueOn()}, ChangeValue{Day: m.DueOn()}, d.happened.of("date", key))
		}
	}
}

func (d *comparison) tickets(projects map[int64]Card) {
	before := map[int64]Ticket{}
	for _, c := range d.was.tickets {
		before[c.Ticket.ID] = c.Ticket
	}
	for _, c := range d.is.tickets {
		k := c.Ticket
		if !d.eyes.ticket(c) {
			continue
		}
		key := subjectKey{"ticket", k.ID}
		line := Change{Item: "ticket", No: k.No, Title: k.Title, TaskForceID: k.TaskForceID}
		old := before[k.ID]
		issued := !old.IssuedOn.IsZero()
		if !issued && !k.IssuedOn.IsZero() {
			d.put(line, "opened", ChangeValue{State: old.State}, ChangeValue{State: k.State}, d.happened.of("issued", key))
		}
		ended := []string{"closed", "terminated"}
		if slices.Contains(ended, k.State) && !slices.Contains(ended, old.State) {
			d.put(line, "closed", ChangeValue{State: old.State}, ChangeValue{State: k.State}, d.happened.of("closed", key))
		}
		d.light(line, key, lamp{old.Light, old.LightRule, 0}, lamp{k.Light, k.LightRule, 0})
		if issued && old.DueOn != k.DueOn {
			d.put(line, "slipped", ChangeValue{Day: old.DueOn}, ChangeValue{Day: k.DueOn}, d.happened.of("date", key))
		}
		if issued && old.HandlerID != k.HandlerID {
			d.put(line, "person", ChangeValue{User: old.HandlerID}, ChangeValue{User: k.HandlerID}, d.happened.of("person", key))
		}
	}
}

// papers lists the papers that were issued and the answers that came, where what they are about may be seen.
func (d *comparison) papers(projects map[int64]Card) {
	tickets := map[int64]bool{}
	for _, c := range d.is.tickets {
		tickets[c.Ticket.ID] = d.eyes.ticket(c)
	}
	for _, h := range d.happened.papers {
		_, project := projects[h.project]
		if !d.eyes.all && !slices.Contains(d.eyes.taskForces, h.taskForce) && !(h.ticket == 0 && project) && !tickets[h.ticket] {
			continue
		}
		d.put(Change{Item: "paper", ID: h.key.id, No: h.number, Title: d.about(h), TaskForceID: h.taskForce}, h.what, ChangeValue{}, ChangeValue{State: h.action}, []happenedOnce{h})
	}
}

// about is what a paper is about.
func (d *comparison) about(h happenedOnce) string {
	if k := d.is.past.tickets[h.ticket]; k != nil {
		return k.Title
	}
	if p := d.is.past.projects[h.project]; p != nil {
		return p.Name
	}
	if f := d.is.past.forces[h.taskForce]; f != nil {
		return f.Name
	}
	return ""
}

// taskForces lists those whose leader is another one, for those who see the task force.
func (d *comparison) taskForces() {
	for _, tf := range d.is.forces {
		old := d.was.past.forces[tf.ID]
		if old == nil || old.LeaderID == tf.LeaderID || !d.eyes.all && !slices.Contains(d.eyes.taskForces, tf.ID) {
			continue
		}
		d.put(Change{Item: "task_force", No: tf.Code, Title: tf.Name, TaskForceID: tf.ID}, "person", ChangeValue{User: old.LeaderID}, ChangeValue{User: tf.LeaderID},
			d.happened.of("person", subjectKey{"task_force", tf.ID}))
	}
}
