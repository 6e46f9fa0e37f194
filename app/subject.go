package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Subject is a task force, a unit or the district as something that rules judge. Its row is made when a rule set in force first has rules of its scope.
type Subject struct {
	Row
	Scope       string // one of SubjectScopes
	RefID       int64  // of the task force or unit; 0 for the district
	Light       workflows.Light
	LightRule   string
	LightSince  calendar.Date
	NextCheckAt int64 `journal:"-"`
}

// SubjectJudgement is what a rule said of a subject about a period, with the facts that it looked at; it never changes, and later periods look back on it.
type SubjectJudgement struct {
	ID        int64 `gorm:"primaryKey"`
	SubjectID int64
	RuleID    string
	Ruleset   string
	LastOn    calendar.Date // last day of the period
	Step      string        // "" for none
	Light     workflows.Light
	Facts     string // JSON of workflows.Facts
	JudgedAt  int64
}

// SubjectScopes lists the scopes of rules that are judged on subjects.
func SubjectScopes() []string { return []string{"task_force", "unit", "district"} }

// subjectRules tells whether a rule set judges subjects of a scope, or any for "".
func subjectRules(set *workflows.Ruleset, scope string) bool {
	return slices.ContainsFunc(SubjectScopes(), func(s string) bool { return (scope == "" || s == scope) && len(set.For(s)) > 0 })
}

// wakeSubjects makes the rows of subjects that the rule set in force judges and that have none yet. Their alarm clock is set back to the day on which it took effect,
// though not before the district's first record, so that no period is missed.
func (a *App) wakeSubjects(ctx context.Context) error {
	book, err := a.readLaws(ctx, a.db.read)
	if err != nil {
		return err
	}
	law, ok := book.on("ruleset", "", a.Today())
	if !ok || !subjectRules(law.rules, "") {
		return nil
	}
	var missing []Subject
	err = a.db.read.WithContext(ctx).Raw(`SELECT s.scope AS scope, s.ref_id AS ref_id FROM (
SELECT 'task_force' AS scope, id AS ref_id FROM task_forces UNION ALL SELECT 'unit', id FROM units UNION ALL SELECT 'district', 0) s
WHERE NOT EXISTS (SELECT 1 FROM subjects h WHERE h.scope = s.scope AND h.ref_id = s.ref_id) ORDER BY 1, 2`).Scan(&missing).Error
	if err != nil {
		return fmt.Errorf("find subjects of rules: %w", err)
	}
	missing = slices.DeleteFunc(missing, func(s Subject) bool { return !subjectRules(law.rules, s.Scope) })
	if len(missing) == 0 {
		return nil
	}
	return a.chore(ctx, func(t *tx) error {
		if err := t.fence(); err != nil {
			return err
		}
		var first int64
		if err := scanOne(t.db.Raw("SELECT COALESCE(MIN(at), 0) FROM journal"), &first); err != nil {
			return err
		}
		for i := range missing {
			s := missing[i]
			s.Light, s.LightSince, s.NextCheckAt = workflows.LightGreen, t.today, max(first, t.begins(law.from), 1)
			if n, err := table[Subject](t.db).Where("scope = ? AND ref_id = ?", s.Scope, s.RefID).Count(ctx, "id"); err != nil || n > 0 {
				if err != nil {
					return err
				}
				continue // another node was first
			}
			if err := insert(t, &s); err != nil {
				return err
			}
		}
		return nil
	})
}

// subjectItem is a subject as an item of escalations.
func (t *tx) subjectItem(s *Subject) (item, error) {
	it := item{kind: s.Scope, id: s.ID, no: subjectNo(s), path: subjectPath(s.ID)}
	switch s.Scope {
	case "task_force":
		f, err := look[TaskForce](t, s.RefID)
		if err != nil {
			return it, err
		}
		it.title, it.taskForce = f.Name, f.ID
	case "unit":
		u, err := look[Unit](t, s.RefID)
		if err != nil {
			return it, err
		}
		it.title = u.Name
	default:
		name, err := t.setting("place")
		if err != nil {
			return it, err
		}
		it.title = name
	}
	return it, nil
}

func subjectNo(s *Subject) string { return s.Scope + "-" + strconv.FormatInt(s.RefID, 10) }

func subjectPath(id int64) string { return "/why/subjects/" + strconv.FormatInt(id, 10) }

// subjectUnit is the unit that answers for a subject: the unit itself, or the one that keeps the task force's office.
func (t *tx) subjectUnit(it item) (int64, error) {
	s, err := look[Subject](t, it.id)
	if err != nil {
		return 0, err
	}
	if s.Scope == "unit" {
		return s.RefID, nil
	}
	f, err := look[TaskForce](t, s.RefID)
	if err != nil {
		return 0, err
	}
	return f.UnitID, nil
}

// subjectWatch is a subject as the rules in force look at it.
func (t *tx) subjectWatch(s *Subject) (*watch, error) {
	it, err := t.subjectItem(s)
	if err != nil {
		return nil, err
	}
	w := &watch{t: t, item: it, law: t.rulesOn, months: func(calendar.Month, workflows.Light) error { return nil }}
	w.facts = func(r *workflows.Rule, about, now calendar.Date) (workflows.Facts, error) {
		return t.subjectFacts(s, r, about)
	}
	w.past = func(r *workflows.Rule, last, _ calendar.Date) (workflows.Facts, error) {
		return t.subjectThen(s, r, last)
	}
	w.keep = func(r *workflows.Rule, last calendar.Date, facts workflows.Facts, f *workflows.Finding) error {
		return t.keepSubjectJudgement(s, it, r, last, facts, f)
	}
	return w, nil
}

// subjectThen are the facts of an earlier period: those that were judged then, else as they can be worked out now; nil where there was nothing to judge.
func (t *tx) subjectThen(s *Subject, r *workflows.Rule, last calendar.Date) (workflows.Facts, error) {
	kept, err := list[SubjectJudgement](t, "id", "subject_id = ? AND rule_id = ? AND last_on = ?", s.ID, r.ID, last)
	if err != nil {
		return nil, err
	}
	if len(kept) > 0 {
		return factsOfJSON(kept[0].Facts, s.Scope, t.rulesOn(last))
	}
	f, err := t.subjectFacts(s, r, last)
	if err != nil || len(r.Lacks(f)) > 0 {
		return nil, err
	}
	figures, err := t.figuresOf(s.Scope, s.RefID, last)
	if err != nil || len(figures) > 0 {
		return f, err
	}
	there, err := t.subjectWorked(s, last)
	if err != nil || !there {
		return nil, err
	}
	return f, nil
}

// factsOfJSON reads facts back with the types that their measures have: JSON knows one kind of number only.
func factsOfJSON(text, scope string, set *workflows.Ruleset) (workflows.Facts, error) {
	var f workflows.Facts
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, fmt.Errorf("read the facts of a judgement: %w", err)
	}
	for _, m := range set.Measures(scope) {
		if n, ok := f[m.Name].(float64); ok && (m.Type == "int" || m.Type == "day" || m.Type == "time") {
			f[m.Name] = int(n)
		}
	}
	return f, nil
}

func (t *tx) keepSubjectJudgement(s *Subject, it item, r *workflows.Rule, last calendar.Date, facts workflows.Facts, f *workflows.Finding) error {
	text, err := json.Marshal(facts)
	if err != nil {
		return fmt.Errorf("keep the facts of %s: %w", it.no, err)
	}
	j := SubjectJudgement{SubjectID: s.ID, RuleID: r.ID, Ruleset: rulesStamp(t.rulesOn(last)), LastOn: last, Facts: string(text), JudgedAt: t.now.Unix()}
	if f != nil {
		j.Step, j.Light = f.Step.ID, f.Step.Light
	}
	seen, err := table[SubjectJudgement](t.db).Where("subject_id = ? AND rule_id = ? AND last_on = ?", s.ID, r.ID, last).Count(t.ctx, "id")
	if err != nil || seen > 0 {
		return err
	}
	if err := create(t, &j); err != nil {
		return fmt.Errorf("keep the judgement of %s in the period to %s: %w", it.no, last, err)
	}
	t.record(change{action: "subject.judge", kind: it.kind, id: it.id, no: it.no, taskForce: it.taskForce, after: j, rule: j.Ruleset, by: rulesActor()})
	return nil
}

// settleSubject judges the periods that have ended unjudged, in order.
func (t *tx) settleSubject(s *Subject) error {
	w, err := t.subjectWatch(s)
	if err != nil {
		return err
	}
	if err := t.settlePapers(w.item); err != nil {
		return err
	}
	return w.settle(&s.NextCheckAt)
}

// saveSubject works out the subject's light and alarm clock and stores them.
func (t *tx) saveSubject(s *Subject) error {
	w, err := t.subjectWatch(s)
	if err != nil {
		return err
	}
	calm := lamp{workflows.LightNone, "", t.today}
	if subjectRules(t.rulesOn(t.ruleDay()), s.Scope) {
		calm.light = workflows.LightGreen
	}
	set, err := w.relight(calm, lamp{s.Light, s.LightRule, s.LightSince})
	if err != nil {
		return err
	}
	s.Light, s.LightRule, s.LightSince = set.light, set.rule, set.since
	if err := w.wind(&s.NextCheckAt); err != nil {
		return err
	}
	return keep(t, s)
}

// checkSubjectItem settles a subject whose alarm clock has rung.
func (t *tx) checkSubjectItem(id int64) error {
	s, err := get[Subject](t, id)
	if err != nil {
		return err
	}
	if err := t.settleSubject(s); err != nil {
		return err
	}
	return t.saveSubject(s)
}

// rewindSubject only winds a subject's alarm clock and keeps its lamp.
func (t *tx) rewindSubject(id int64) error {
	s, err := get[Subject](t, id)
	if err != nil {
		return err
	}
	w, err := t.subjectWatch(s)
	if err != nil {
		return err
	}
	s.NextCheckAt = 0
	if err := w.wind(&s.NextCheckAt); err != nil {
		return err
	}
	return t.setAlarm("subjects", id, s.NextCheckAt)
}

// subjectOf is the row of a task force, unit or the district, nil where no rule has judged it yet.
func (t *tx) subjectOf(scope string, ref int64) (*Subject, error) {
	rows, err := list[Subject](t, "id", "scope = ? AND ref_id = ?", scope, ref)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return get[Subject](t, rows[0].ID)
}

// judgeLate judges the last judged period again of rules that could not be, since they ask for a figure that comes only now. Periods before that stay unjudged: a later
// one has been judged since.
func (w *watch) judgeLate(f *Figure) error {
	day := w.t.dayAt(w.t.now.Unix())
	for _, r := range w.rules(day) {
		if r.Every == "" || !r.Asks(f.Input) {
			continue
		}
		by := day
		if w.t.now.Unix() < w.t.judging(day) {
			by = by.AddDays(-1)
		}
		last, err := r.LastJudged(int(by), w.counts())
		if err != nil {
			return w.failed(r, err)
		}
		if lastEndedPeriod(f.Every, calendar.Date(last)) != f.LastOn {
			continue
		}
		if _, err := w.judge(r, calendar.Date(last), day); err != nil {
			return err
		}
	}
	return nil
}
