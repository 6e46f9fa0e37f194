package app

import (
	"cmp"
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// SubjectLight is a task force, unit or the district with its light, as lists show it.
type SubjectLight struct {
	Subject
	Name string
}

// seesSubject tells whether a subject is the actor's to see: supervisors see all, members what is theirs.
func (s sight) seesSubject(subject *Subject) bool {
	return s.all || subject.Scope == "task_force" && slices.Contains(s.taskForces, subject.RefID) || subject.Scope == "unit" && slices.Contains(s.units, subject.RefID)
}

// SubjectLights lists the task forces, units and the district that rules in force judge and that the actor may see, the gravest first.
func (a *App) SubjectLights(ctx context.Context, actor Actor) ([]SubjectLight, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	t := a.view(ctx, actor)
	rows, err := table[Subject](a.db.read).Order("scope, ref_id").Find(ctx)
	if err != nil {
		return nil, err
	}
	var out []SubjectLight
	for i := range rows {
		if !s.seesSubject(&rows[i]) || rows[i].Light == workflows.LightNone && !subjectRules(t.rulesOn(t.today), rows[i].Scope) {
			continue
		}
		it, err := t.subjectItem(&rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, SubjectLight{rows[i], it.title})
	}
	slices.SortStableFunc(out, func(x, y SubjectLight) int {
		switch {
		case x.Light.Worse(y.Light):
			return -1
		case y.Light.Worse(x.Light):
			return 1
		}
		return cmp.Compare(slices.Index(SubjectScopes(), x.Scope), slices.Index(SubjectScopes(), y.Scope))
	})
	return out, nil
}

// ExplainSubject says why a task force, unit or the district is lit on a day, and why not; day 0 is today. One that the actor may not see is missing.
func (a *App) ExplainSubject(ctx context.Context, actor Actor, id int64, day calendar.Date) (Why, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Why{}, err
	}
	t := a.view(ctx, actor)
	subject, err := look[Subject](t, id)
	if err != nil {
		return Why{}, err
	}
	if !s.seesSubject(subject) {
		return Why{}, missing()
	}
	last, err := t.whyDay(&day)
	if err != nil {
		return Why{}, err
	}
	watch, err := t.subjectWatch(subject)
	if err != nil {
		return Why{}, err
	}
	w := Why{Kind: subject.Scope, No: watch.item.no, Title: watch.item.title, Day: day}
	if subjectRules(t.rulesOn(day), subject.Scope) {
		w.Light = workflows.LightGreen
	}
	return w, t.whyRules(&w, watch, last)
}

// ExplainPart says why a unit's part in a ticket is lit on a day, and why not; day 0 is today. The part of a ticket that the actor may not see is missing.
func (a *App) ExplainPart(ctx context.Context, actor Actor, id int64, day calendar.Date) (Why, error) {
	t := a.view(ctx, actor)
	u, err := look[TicketUnit](t, id)
	if err != nil {
		return Why{}, err
	}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Why{}, err
	}
	where, args := s.ticketsWhere()
	seen, err := table[Ticket](a.db.read).Where(where, args...).Where("id = ?", u.TicketID).Find(ctx)
	if err != nil || len(seen) == 0 {
		return Why{}, errOr(err, missing())
	}
	last, err := t.whyDay(&day)
	if err != nil {
		return Why{}, err
	}
	then, err := t.pastOf(recordsOfTicket, u.TicketID, day)
	if err != nil {
		return Why{}, err
	}
	k := then.tickets[u.TicketID]
	if k == nil {
		return Why{}, missing()
	}
	watch, err := t.partWatch(k, u.asOf(day))
	if err != nil {
		return Why{}, err
	}
	w := Why{Kind: "receiving_unit", No: k.No, Title: watch.item.title, Day: day, Ticket: k}
	state, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	open := state.Kind == workflows.KindOpen || state.Kind == workflows.KindPaused
	w.Paused = !open || state.Kind == workflows.KindPaused
	if open && len(watch.rules(day)) > 0 {
		w.Light = workflows.LightGreen
	}
	facts, err := t.partFacts(k, u.asOf(day))
	if err != nil {
		return Why{}, err
	}
	met, _ := facts["replied"].(bool)
	w.Due = &DueWhy{On: u.DueOn, Baseline: u.DueOn, Met: met}
	if u.DueOn.IsZero() {
		w.Due = nil
	} else {
		if err := t.late(&w, k.TaskForceID); err != nil {
			return Why{}, err
		}
	}
	return w, t.whyRules(&w, watch, last)
}

// whyDay is the day up to whose end steps have begun: of today those that began with the working day. A zero day is today; one to come is refused.
func (t *tx) whyDay(day *calendar.Date) (last calendar.Date, err error) {
	switch {
	case day.IsZero() || *day == t.today:
		*day = t.today
		return t.ruleDay(), nil
	case *day > t.today:
		return 0, invalid("on", "in_future", nil)
	}
	return *day, nil
}
