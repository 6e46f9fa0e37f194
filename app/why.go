package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Why is everything that the law says of one item on a day: what is lit and why, what is not lit and why not, and how its date came about.
type Why struct {
	Kind, No, Title string
	Day             calendar.Date
	Light           workflows.Light // the gravest that was lit at the end of the day; green or none when nothing complained
	Paused          bool            // rules do not look at it: not in force yet, paused, or finished
	Rules           []RuleWhy
	Due             *DueWhy
	Project         Project // of a project or milestone
	Ticket          *Ticket
	Milestone       *Milestone
	Stones          []Why // of a project: its milestones that were lit at the end of the day
}

// RuleWhy is what one rule says of the item.
type RuleWhy struct {
	Rule    *workflows.Rule
	Ruleset string // the version that is asked, "default@1"
	Finding workflows.Finding
	Lit     *Escalation // what this rule had lit by the end of the day; its facts are frozen
	Counts  []Count
}

// DueWhy is how an item's date came about, and whether it is overdue by the date that judges.
type DueWhy struct {
	On, Baseline calendar.Date   // in force, and first set
	Judged       calendar.Date   // by which it is judged: the baseline, later only by what the rules of memory allow
	From         calendar.Date   // the start event's day, zero for a date that was set by hand
	Term         string          // "15 workdays"; "" for a date that was set by hand
	Count        []calendar.Step // every day between, counted or not
	Late         int             // working days past the baseline at the end of the day; 0 when it is met or not over
	Met          bool
	Gap          []calendar.Step // day by day between the date that judges and the day: what is past when late, else what is left
}

// Explain says why an item is lit on a day, and why not; kind is "project", "ticket" or "milestone", no its public number, or the milestone's row number.
// The facts of a past day come from the journal's records up to its end. An item that the actor may not see is missing.
func (a *App) Explain(ctx context.Context, actor Actor, kind, no string, day calendar.Date) (Why, error) {
	t := a.view(ctx, actor)
	last, err := t.whyDay(&day)
	if err != nil {
		return Why{}, err
	}
	project, ticket, stone, err := a.itemOf(ctx, actor, kind, no)
	if err != nil {
		return Why{}, err
	}
	where, id := recordsOfProject, project
	if kind == "ticket" {
		where, id = recordsOfTicket, ticket
	}
	p, err := t.pastOf(where, id, day)
	if err != nil {
		return Why{}, err
	}
	w := Why{Kind: kind, Day: day}
	switch kind {
	case "ticket":
		err = t.whyTicket(&w, p.tickets[ticket], last)
	case "milestone":
		err = t.whyMilestone(&w, p.projects[project], p.milestones[stone], last)
	default:
		if err = t.whyProject(&w, p, p.projects[project], last); err == nil {
			err = t.whyStones(&w, p, last)
		}
	}
	return w, err
}

// itemOf finds the row that a number names, if the actor may see it.
func (a *App) itemOf(ctx context.Context, actor Actor, kind, no string) (project, ticket, stone int64, err error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return 0, 0, 0, err
	}
	find := func(table, sight string, args []any, column string, value any) (id int64, err error) {
		var found []int64
		err = a.db.read.WithContext(ctx).Raw("SELECT "+table+".id FROM "+table+" WHERE "+sight+" AND "+table+"."+column+" = ?", append(args, value)...).Scan(&found).Error
		if err == nil && len(found) == 0 {
			err = missing()
		}
		if err != nil {
			return 0, err
		}
		return found[0], nil
	}
	switch kind {
	case "ticket":
		where, args := s.ticketsWhere()
		ticket, err = find("tickets", where, args, "no", plain(no))
	case "project":
		where, args := s.projectsWhere()
		project, err = find("projects", where, args, "code", plain(no))
	case "milestone":
		m, failed := table[Milestone](a.db.read).Where("id = ?", numberOf(no)).First(ctx)
		if noRow(failed) {
			return 0, 0, 0, missing()
		}
		if failed != nil {
			return 0, 0, 0, failed
		}
		where, args := s.projectsWhere()
		stone = m.ID
		project, err = find("projects", where, args, "id", m.ProjectID)
	default:
		err = missing()
	}
	return project, ticket, stone, err
}

func numberOf(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (t *tx) whyProject(w *Why, past *past, p *Project, last calendar.Date) error {
	if p == nil {
		return missing()
	}
	w.No, w.Title, w.Project = p.Code, p.Name, *p
	w.Paused = !t.judged(p)
	h := past.history(p.ID)
	if !w.Paused && !p.PlannedStartOn.IsZero() {
		w.Light = workflows.LightGreen
	}
	return t.whyRules(w, t.projectWatch(p, h), last)
}

// whyStones explains the project's milestones that were lit.
func (t *tx) whyStones(w *Why, past *past, last calendar.Date) error {
	for _, id := range sortedKeys(past.milestones) {
		m := past.milestones[id]
		if m.ProjectID != w.Project.ID {
			continue
		}
		one := Why{Kind: "milestone", Day: w.Day}
		if err := t.whyMilestone(&one, &w.Project, m, last); err != nil {
			return err
		}
		if one.Light.Worse(workflows.LightGreen) {
			w.Stones = append(w.Stones, one)
		}
	}
	return nil
}

func (t *tx) whyMilestone(w *Why, p *Project, m *Milestone, last calendar.Date) error {
	if p == nil || m == nil {
		return missing()
	}
	w.No, w.Title, w.Project, w.Milestone, w.Light = p.Code, p.Name+" · "+m.Name, *p, m, workflows.LightGreen
	w.Due = &DueWhy{On: m.DueOn(), Baseline: m.BaselineOn, Judged: m.JudgedOn(), Met: !m.ActualOn.IsZero()}
	if err := t.late(w, p.TaskForceID); err != nil {
		return err
	}
	return t.whyRules(w, t.milestoneWatch(p, m), last)
}

func (t *tx) whyTicket(w *Why, k *Ticket, last calendar.Date) error {
	if k == nil {
		return missing()
	}
	w.No, w.Title, w.Ticket = k.No, k.Title, k
	facts, err := t.ticketFacts(k)
	if err != nil {
		return err
	}
	open, _ := facts["open"].(bool)
	paused, _ := facts["paused"].(bool)
	w.Paused = !open || paused
	if open {
		w.Light = workflows.LightGreen
	}
	if err := t.whyDue(w, k); err != nil {
		return err
	}
	return t.whyRules(w, t.ticketWatch(k), last)
}

// whyDue counts a ticket's date out again, day by day, when it was given as a term.
func (t *tx) whyDue(w *Why, k *Ticket) error {
	if k.DueOn.IsZero() {
		return nil
	}
	w.Due = &DueWhy{On: k.DueOn, Baseline: k.BaselineOn, Judged: k.JudgedOn, Met: !k.SubmittedOn.IsZero() || !k.ClosedOn.IsZero()}
	if err := t.late(w, k.TaskForceID); err != nil {
		return err
	}
	if k.DueTerm == "" || k.IssuedOn.IsZero() {
		return nil
	}
	term, err := calendar.ParseTerm(k.DueTerm)
	if err != nil {
		return fmt.Errorf("due term of %s: %w", k.No, err)
	}
	w.Due.From, w.Due.Term = k.IssuedOn, k.DueTerm
	count, err := t.calendar(k.TaskForceID).Counted(k.IssuedOn, term)
	if err != nil {
		return err
	}
	if last := count[len(count)-1].Date; last == k.DueOn || last == k.BaselineOn { // else the ticket was reopened, or the calendar amended: this is no count of its date
		w.Due.Count = count
	}
	return nil
}

// late counts the working days between the date that judges and the day, either way.
func (t *tx) late(w *Why, taskForce int64) error {
	d, cal := w.Due, t.calendar(taskForce)
	if d.Judged.IsZero() {
		d.Judged = d.Baseline
	}
	if d.Met || w.Paused || d.Judged.IsZero() || d.Judged == w.Day {
		return nil
	}
	d.Late = max(cal.Workdays(d.Judged, w.Day), 0)
	from, to := min(d.Judged, w.Day), max(d.Judged, w.Day)
	var err error
	if n := cal.Workdays(from, to); n > 0 {
		d.Gap, err = cal.Counted(from, calendar.Term{N: n, Unit: calendar.UnitWorkday})
	}
	return err
}

// whyRules asks every rule of the item's scope, and puts beside it what was lit at the end of the day.
func (t *tx) whyRules(w *Why, look *watch, last calendar.Date) error {
	it, rules := look.item, look.law(last)
	look.until = w.Day
	until := t.app.opt.Calendar.At(w.Day.AddDays(1), 0, 0).Unix()
	lit, err := list[Escalation](t, "id", "item_kind = ? AND item_id = ? AND recorded_at < ? AND (lifted_on = '' OR lifted_on > ?)", it.kind, it.id, until, w.Day)
	if err != nil {
		return err
	}
	for _, r := range rules.For(it.kind) {
		one, err := t.whyRule(look, r, rules, last)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(lit, func(e Escalation) bool {
			return e.RuleID == r.ID && e.Ruleset == rules.ID && e.RulesetVersion == rules.Version
		})
		if i >= 0 {
			lit, err = t.litBy(w, it, &one, lit, i)
		}
		if err != nil {
			return err
		}
		w.Rules = append(w.Rules, one)
	}
	for len(lit) > 0 { // by an earlier version, which alone puts it out
		e := lit[0]
		old := t.book.rules(fmt.Sprintf("%s@%d", e.Ruleset, e.RulesetVersion), last)
		one := RuleWhy{Ruleset: rulesStamp(old)}
		one.Rule, _ = old.Rule(e.RuleID)
		if lit, err = t.litBy(w, it, &one, lit, 0); err != nil {
			return err
		}
		w.Rules = append(w.Rules, one)
	}
	slices.SortStableFunc(w.Rules, func(x, y RuleWhy) int { return y.rank() - x.rank() })
	return nil
}

// rank puts what is lit first, then what holds, then what does not apply.
func (r RuleWhy) rank() int {
	switch {
	case r.Lit != nil:
		return 2
	case r.Finding.Holds():
		return 1
	}
	return 0
}

// litBy takes the escalation out of the list and explains it as it was frozen.
func (t *tx) litBy(w *Why, it item, one *RuleWhy, lit []Escalation, i int) ([]Escalation, error) {
	e := lit[i]
	frozen, err := e.Explain()
	if err != nil {
		return nil, fmt.Errorf("read the finding of escalation %d: %w", e.ID, err)
	}
	one.Lit = &e
	one.Finding = frozen
	if e.Light.Worse(w.Light) {
		w.Light = e.Light
	}
	answered := calendar.Date(0)
	if frozen.Step.Follows {
		if answered, err = t.answeredBefore(it, e); err != nil {
			return nil, err
		}
	}
	one.Counts, err = t.countsOf(it, one.Rule, frozen, answered)
	return slices.Delete(lit, i, i+1), err
}

// answeredBefore is the last day to answer the paper of the rung that an escalation followed; where it asked for no answer, the day on which that rung began.
func (t *tx) answeredBefore(it item, e Escalation) (calendar.Date, error) {
	before, err := list[Escalation](t, "id DESC", "item_kind = ? AND item_id = ? AND rule_id = ? AND due_on = ? AND id < ?", it.kind, it.id, e.RuleID, e.DueOn, e.ID)
	if err != nil || len(before) == 0 {
		return 0, err
	}
	if !before[0].AnswerBy.IsZero() {
		return before[0].AnswerBy, nil
	}
	return before[0].BeganOn, nil
}

func (t *tx) whyRule(look *watch, r *workflows.Rule, rules *workflows.Ruleset, last calendar.Date) (RuleWhy, error) {
	one := RuleWhy{Rule: r, Ruleset: rulesStamp(rules)}
	var err error
	if one.Finding, err = look.explain(r, workflows.EndOf(int(last))); err != nil {
		return one, fmt.Errorf("explain: %w", err)
	}
	one.Counts, err = t.countsOf(look.item, r, one.Finding, 0)
	return one, err
}
