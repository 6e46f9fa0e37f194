package app

import (
	"fmt"
	"maps"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// subjectFacts are what a rule may ask about a task force, a unit or the district as of the end of a day. Only what the rule asks for is worked out. A share of
// nothing, and what the product does not know (funds that nobody reported, content enterprises, places), is absent, unless it was entered: then the rule can't be judged.
func (t *tx) subjectFacts(s *Subject, r *workflows.Rule, day calendar.Date) (workflows.Facts, error) {
	f := workflows.Facts{"exempt": false}
	it, err := t.subjectItem(s)
	if err != nil {
		return nil, err
	}
	f["name"] = it.title
	m := &measuring{t: t, s: s, r: r, day: day, f: f}
	for _, part := range []func() error{m.projects, m.lights, m.tickets, m.reports, m.points} {
		if err := part(); err != nil {
			return nil, fmt.Errorf("measure %s on %s: %w", it.no, day, err)
		}
	}
	figures, err := t.figuresOf(s.Scope, s.RefID, day)
	maps.Copy(f, figures)
	return f, err
}

// measuring works out the facts of one subject as of a day.
type measuring struct {
	t   *tx
	s   *Subject
	r   *workflows.Rule
	day calendar.Date
	f   workflows.Facts
}

func (m *measuring) asks(names ...string) bool {
	return slices.ContainsFunc(names, m.r.Asks)
}

// where narrows tables that have the named columns to the subject.
func (m *measuring) where(taskForce, unit string) (string, []any) {
	switch m.s.Scope {
	case "task_force":
		return taskForce + " = ?", []any{m.s.RefID}
	case "unit":
		return unit + " = ?", []any{m.s.RefID}
	}
	return "1 = 1", nil
}

// share is a part of a whole in per cent; nothing where the whole is nothing.
func (m *measuring) share(name string, part, whole int64) {
	if whole > 0 {
		m.f[name] = float64(part) * 100 / float64(whole)
	}
}

func (m *measuring) own() ([]Project, error) {
	where, args := m.where("task_force_id", "unit_id")
	return list[Project](m.t, "id", "stage <> 'removed' AND "+where, args...)
}

// projects measures starts, investment, funds and completions: the four rates are those of the charts.
func (m *measuring) projects() error {
	if !m.asks("projects", "due_to_start", "started_projects", "start_rate", "invest_rate", "funds_rate", "completion_rate", "schedule", "done", "behind") {
		return nil
	}
	all, err := m.own()
	if err != nil {
		return err
	}
	started := 0
	for i := range all {
		if startedBy(&all[i], m.day) {
			started++
		}
	}
	m.f["projects"], m.f["started_projects"] = len(all), started
	list, err := rated(m.t.ctx, m.t.db, all, m.day)
	if err != nil {
		return err
	}
	for _, r := range RatesOf(list, m.day, m.t.app.rates) {
		m.share(r.ID, r.Part, r.Whole)
		switch r.ID {
		case "start_rate":
			m.f["due_to_start"] = int(r.Whole)
		case "invest_rate":
			m.share("schedule", r.Whole, r.YearFen)
			m.share("done", r.Part, r.YearFen)
		}
	}
	return nil
}

// lights counts projects by the gravest light that was lit at the end of the day.
func (m *measuring) lights() error {
	if !m.asks("red_projects", "yellow_projects") {
		return nil
	}
	where, args := m.where("p.task_force_id", "p.unit_id")
	var rows []struct {
		ItemID int64
		Light  workflows.Light
	}
	err := m.t.db.Raw(`SELECT e.item_id AS item_id, e.light AS light FROM escalations e JOIN projects p ON p.id = e.item_id
WHERE e.item_kind = 'project' AND e.began_on <= ? AND (e.lifted_on = '' OR e.lifted_on > ?) AND p.stage <> 'removed' AND `+where, append([]any{m.day, m.day}, args...)...).Scan(&rows).Error
	worst := map[int64]workflows.Light{}
	for _, row := range rows {
		if row.Light.Worse(worst[row.ItemID]) {
			worst[row.ItemID] = row.Light
		}
	}
	red, yellow := 0, 0
	for _, light := range worst {
		switch light {
		case workflows.LightRed:
			red++
		case workflows.LightYellow:
			yellow++
		}
	}
	m.f["red_projects"], m.f["yellow_projects"] = red, yellow
	return err
}

// tickets counts what was issued by the day and how it stood: open ones, those past the date that judges without feedback, closed ones and those closed in time.
func (m *measuring) tickets() error {
	if !m.asks("tickets", "open_tickets", "overdue_tickets", "overdue_rate", "closed_rate", "on_time_rate") {
		return nil
	}
	where, args := m.where("task_force_id", "lead_unit_id")
	count := func(more string, days int) (int64, error) {
		var n int64
		query := "SELECT COUNT(*) FROM tickets WHERE issued_on <> '' AND issued_on <= ? AND state <> 'terminated' AND " + where + more
		in := append([]any{m.day}, args...)
		for range days {
			in = append(in, m.day)
		}
		return n, scanOne(m.t.db.Raw(query, in...), &n)
	}
	all, err := count("", 0)
	if err != nil {
		return err
	}
	open, err := count(" AND (closed_on = '' OR closed_on > ?)", 1)
	if err != nil {
		return err
	}
	overdue, err := count(" AND (closed_on = '' OR closed_on > ?) AND judged_on <> '' AND judged_on < ? AND (submitted_on = '' OR submitted_on > ?)", 3)
	if err != nil {
		return err
	}
	closed, err := count(" AND closed_on <> '' AND closed_on <= ?", 1)
	if err != nil {
		return err
	}
	inTime, err := count(" AND closed_on <> '' AND closed_on <= ? AND (judged_on = '' OR submitted_on <= judged_on)", 1)
	if err != nil {
		return err
	}
	m.f["tickets"], m.f["open_tickets"], m.f["overdue_tickets"] = int(all), int(open), int(overdue)
	m.share("overdue_rate", overdue, open)
	m.share("closed_rate", closed, all)
	m.share("on_time_rate", inTime, closed)
	return nil
}

// reports counts the months of the period whose progress a started project has not reported by its end, or reported late.
func (m *measuring) reports() error {
	if !m.asks("reports_missing", "reports_late") {
		return nil
	}
	all, err := m.own()
	if err != nil {
		return err
	}
	from := m.day.Month()
	if m.r.Every == "quarter" || m.r.Every == "half_year" || m.r.Every == "year" {
		from = calendar.Date(workflows.PeriodBefore(m.r.Every, workflows.PeriodEnd(m.r.Every, int(m.day)))).AddDays(1).Month()
	}
	missing, late := 0, 0
	for i := range all {
		p := &all[i]
		first := firstReport(p)
		if first.IsZero() || p.Stage == "suspended" {
			continue
		}
		reported, err := m.t.firstReports(p.ID)
		if err != nil {
			return err
		}
		for month := max(from, first); month <= monthEnded(m.day); month = month.Add(1) {
			due, err := m.t.reportDue(month)
			if err != nil {
				return err
			}
			on, there := reported[month]
			switch {
			case !there || on > max(due, m.day):
				missing++
			case on > due:
				late++
			}
		}
	}
	m.f["reports_missing"], m.f["reports_late"] = missing, late
	return nil
}

// basePoints is the score that a year begins with [P].
const basePoints = 100

// points is the year's score: what rungs added to it or took away, charged to the task force or unit. The district has none.
func (m *measuring) points() error {
	if !m.asks("points") || m.s.Scope == "district" {
		return nil
	}
	where := "charge = 'task_force' AND task_force_id = ?"
	args := []any{m.s.RefID}
	if m.s.Scope == "unit" {
		where = `charge = 'unit' AND (project_id IN (SELECT id FROM projects WHERE unit_id = ?) AND ticket_id = 0 OR ticket_id IN (SELECT id FROM tickets WHERE lead_unit_id = ?))`
		args = []any{m.s.RefID, m.s.RefID}
	}
	var sum int64
	err := scanOne(m.t.db.Raw("SELECT COALESCE(SUM(points), 0) FROM escalations WHERE began_on >= ? AND began_on <= ? AND lifted_why <> 'exempted' AND "+where,
		append([]any{calendar.MakeDate(m.day.Year(), 1, 1), m.day}, args...)...), &sum)
	m.f["points"] = basePoints + float64(sum)/100
	return err
}

// subjectWorked tells whether a subject had a project or a ticket by a day: before that there was nothing to judge.
func (t *tx) subjectWorked(s *Subject, day calendar.Date) (bool, error) {
	m := &measuring{t: t, s: s, day: day}
	where, args := m.where("task_force_id", "unit_id")
	var projects, tickets int64
	if err := scanOne(t.db.Raw("SELECT COUNT(*) FROM projects WHERE stage <> 'removed' AND "+where, args...), &projects); err != nil || projects > 0 {
		return projects > 0, err
	}
	where, args = m.where("task_force_id", "lead_unit_id")
	err := scanOne(t.db.Raw("SELECT COUNT(*) FROM tickets WHERE issued_on <> '' AND issued_on <= ? AND "+where, append([]any{day}, args...)...), &tickets)
	return tickets > 0, err
}
