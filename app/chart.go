package app

import (
	"context"
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// ChartFilter narrows the charts: to a task force (0 for all), and to the months of a period.
type ChartFilter struct {
	TaskForce int64
	From, To  calendar.Month
}

// last is the last day of the period that is not after today.
func (f ChartFilter) last(today calendar.Date) calendar.Date { return min(f.To.Last(), today) }

// LightCounts is how many projects showed each light at the end of a day; those that no rule had lit stand under LightGreen.
type LightCounts struct {
	On       calendar.Date
	Projects int
	Lights   map[workflows.Light]int
}

// litSpan is one rung of a project: lit from a day until before another, which is 0 while it burns.
type litSpan struct {
	ItemID            int64
	Light             workflows.Light
	BeganOn, LiftedOn calendar.Date
}

// lifetime is when a project came onto the map and when it was taken off, 0 for never.
type lifetime struct {
	ID      int64
	AddedAt int64
	Removed calendar.Date
}

// LightsOverTime counts projects by their gravest light at the end of each week (Sundays) of the period, and on its last day. It covers the projects that the actor may
// see now, from the day of their first record in the journal.
func (a *App) LightsOverTime(ctx context.Context, actor Actor, f ChartFilter) ([]LightCounts, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	where, args := s.projectsWhere()
	if f.TaskForce > 0 {
		where, args = where+" AND projects.task_force_id = ?", append(args, f.TaskForce)
	}
	db, last := a.db.read.WithContext(ctx), f.last(a.Today())
	var lives []lifetime
	err = db.Raw(`SELECT projects.id AS id, CASE projects.stage WHEN 'removed' THEN projects.stage_since ELSE '' END AS removed,
COALESCE((SELECT j.at FROM journal j WHERE j.project_id = projects.id AND j.project_id > 0 ORDER BY j.no LIMIT 1), 0) AS added_at FROM projects WHERE `+where, args...).Scan(&lives).Error
	if err != nil {
		return nil, fmt.Errorf("read since when projects are on the map: %w", err)
	}
	var lit []litSpan
	err = db.Raw(`SELECT e.item_id AS item_id, e.light AS light, e.began_on AS began_on, e.lifted_on AS lifted_on FROM escalations e JOIN projects ON projects.id = e.item_id
WHERE e.item_kind = 'project' AND e.began_on <= ? AND (e.lifted_on = '' OR e.lifted_on > ?) AND `+where, append([]any{last, f.From.First()}, args...)...).Scan(&lit).Error
	if err != nil {
		return nil, fmt.Errorf("read the lights of the period: %w", err)
	}
	var out []LightCounts
	for _, day := range weekEnds(f.From.First(), last) {
		if c := countLights(lives, lit, day, a.dayOf); c.Projects > 0 {
			out = append(out, c)
		}
	}
	return out, nil
}

// dayOf is the district's day of an instant in Unix seconds.
func (a *App) dayOf(at int64) calendar.Date { return a.opt.Calendar.Today(unixTime(at)) }

// weekEnds lists the Sundays from a day on and the last day.
func weekEnds(from, last calendar.Date) []calendar.Date {
	var out []calendar.Date
	for day := from; day < last; day = day.AddDays(1) {
		if day.Weekday() == 0 {
			out = append(out, day)
		}
	}
	if from <= last {
		out = append(out, last)
	}
	return out
}

func countLights(lives []lifetime, lit []litSpan, day calendar.Date, dayOf func(int64) calendar.Date) LightCounts {
	c := LightCounts{On: day, Lights: map[workflows.Light]int{}}
	worst := map[int64]workflows.Light{}
	for _, e := range lit {
		if e.BeganOn <= day && (e.LiftedOn.IsZero() || e.LiftedOn > day) && e.Light.Worse(worst[e.ItemID]) {
			worst[e.ItemID] = e.Light
		}
	}
	for _, l := range lives {
		if dayOf(l.AddedAt) > day || !l.Removed.IsZero() && l.Removed <= day {
			continue
		}
		light := worst[l.ID]
		if light == workflows.LightNone {
			light = workflows.LightGreen
		}
		c.Lights[light]++
		c.Projects++
	}
	return c
}

// AgeBucket counts open tickets of an age by light. Ages are working days from From to To, both included; To is 0 for the last one, which has no end.
type AgeBucket struct {
	From, To int
	Lights   map[workflows.Light]int
	N        int
}

// TicketAges is how long open tickets have been out, and how long those are overdue that are. Every open ticket is in one bucket of Age.
type TicketAges struct {
	Age, Over []AgeBucket
	Open      int
	Overdue   int
}

// buckets makes empty ones that begin at each number of working days.
func buckets(from ...int) []AgeBucket {
	out := make([]AgeBucket, len(from))
	for i, n := range from {
		out[i] = AgeBucket{From: n, Lights: map[workflows.Light]int{}}
		if i+1 < len(from) {
			out[i].To = from[i+1] - 1
		}
	}
	return out
}

func put(all []AgeBucket, days int, light workflows.Light) {
	for i := len(all) - 1; i >= 0; i-- {
		if days >= all[i].From || i == 0 {
			all[i].N++
			all[i].Lights[light]++
			return
		}
	}
}

// TicketAges counts the open tickets that the actor may see by age and by days overdue, as of today, in working days of their task force's calendar. A ticket is
// overdue when its due date has passed and nothing was submitted.
func (a *App) TicketAges(ctx context.Context, actor Actor, taskForce int64) (TicketAges, error) {
	out := TicketAges{Age: buckets(0, 6, 11, 21, 41), Over: buckets(1, 3, 6, 11)}
	s, err := a.sight(ctx, actor)
	if err != nil {
		return out, err
	}
	where, args := s.ticketsWhere()
	q := table[Ticket](a.db.read).Where(where, args...).Where("issued_on <> '' AND closed_on = '' AND state NOT IN ('closed', 'terminated')")
	if taskForce > 0 {
		q = q.Where("task_force_id = ?", taskForce)
	}
	tickets, err := q.Find(ctx)
	if err != nil {
		return out, fmt.Errorf("read the open tickets: %w", err)
	}
	today := a.Today()
	for i := range tickets {
		k := &tickets[i]
		cal := a.CalendarFor(k.TaskForceID)
		out.Open++
		put(out.Age, cal.Workdays(k.IssuedOn, today), k.Light)
		if !k.DueOn.IsZero() && k.DueOn < today && k.SubmittedOn.IsZero() {
			out.Overdue++
			put(out.Over, cal.Workdays(k.DueOn, today), k.Light)
		}
	}
	return out, nil
}
