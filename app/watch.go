package app

import (
	"fmt"
	"maps"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// watch is an item as the rules of its scope look at it. It asks them in order of time, however late the bell rings, so that cards are counted, runs are seen
// and ladders wait for answers as if it had rung in time.
type watch struct {
	t     *tx
	item  item
	law   func(day calendar.Date) *workflows.Ruleset                                              // what holds for the item on a day
	facts func(r *workflows.Rule, about, now calendar.Date) (workflows.Facts, error)              // about a day, the last one of a period that is judged, as things stand on another
	past  func(r *workflows.Rule, last calendar.Date, now calendar.Date) (workflows.Facts, error) // as of the end of an earlier period; nil where it was not known
	until calendar.Date                                                                           // cards and events up to its end; 0 for all

	months     func(m calendar.Month, light workflows.Light) error                                            // of a project, which follows the law in force: is told the gravest light that was judged at a month's end
	coordinate func(level int)                                                                                // raises the coordination level; nil where there is none
	keep       func(r *workflows.Rule, last calendar.Date, facts workflows.Facts, f *workflows.Finding) error // keeps for good what was judged of a period; nil where something else does
	seen       *remembered
}

// rules are those of the item's scope that hold on a day.
func (w *watch) rules(day calendar.Date) []*workflows.Rule { return w.law(day).For(w.item.kind) }

func (w *watch) counts() workflows.Calendar { return w.t.counts(w.item.taskForce) }

// subject is what a rule may know of the item.
func (w *watch) subject(r *workflows.Rule, about, now calendar.Date) (workflows.Subject, error) {
	facts, err := w.facts(r, about, now)
	if err == nil {
		facts, err = w.withFigures(r, facts, about)
	}
	if err != nil {
		return workflows.Subject{}, err
	}
	if r.Asks("exempt") {
		if facts, err = w.excusing(r, facts, about); err != nil {
			return workflows.Subject{}, err
		}
	}
	s := workflows.Subject{Facts: facts, At: func(last int) (workflows.Facts, error) { return w.factsAt(r, calendar.Date(last), now) }}
	if !r.LooksBack() {
		return s, nil
	}
	seen, err := w.remembered()
	if err != nil {
		return s, err
	}
	s.Cards, s.Events, s.Lights = seen.cards, seen.events, seen.light
	return s, nil
}

// withFigures adds what people have entered, where the rule asks for it.
func (w *watch) withFigures(r *workflows.Rule, facts workflows.Facts, about calendar.Date) (workflows.Facts, error) {
	if !r.AsksInput() || w.item.id == 0 || slices.Contains(SubjectScopes(), w.item.kind) { // subjects bring their own: theirs stand under the number of the task force or unit
		return facts, nil
	}
	figures, err := w.t.figuresOf(w.item.kind, w.item.id, about)
	out := maps.Clone(facts)
	maps.Copy(out, figures)
	return out, err
}

// factsAt are the facts at the end of an earlier period; nil where they were not known.
func (w *watch) factsAt(r *workflows.Rule, last, now calendar.Date) (workflows.Facts, error) {
	facts, err := w.past(r, last, now)
	if err != nil || facts == nil {
		return nil, err
	}
	if facts, err = w.withFigures(r, facts, last); err != nil {
		return nil, err
	}
	if r.Asks("exempt") {
		if facts, err = w.excusing(r, facts, last); err != nil {
			return nil, err
		}
	}
	return facts, nil
}

// excusing adds to the facts whether a reason was accepted for what the rule says of the item: for good, or for the day that it is about.
func (w *watch) excusing(r *workflows.Rule, facts workflows.Facts, about calendar.Date) (workflows.Facts, error) {
	if exempt, ok := facts["exempt"].(bool); ok && exempt || w.item.id == 0 {
		return facts, nil
	}
	due := about
	if r.Anchor != "" {
		anchor, _ := facts[r.Anchor].(int)
		due = calendar.Date(anchor)
	}
	excused, err := w.t.excused(w.item, r.ID, due)
	if _, said := facts["exempt"]; err != nil || said && !excused {
		return facts, err
	}
	out := maps.Clone(facts)
	out["exempt"] = excused
	return out, nil
}

// settle judges everything that came due from the instant for which the item's alarm clock is set until now, in order of time, and stops the clock.
func (w *watch) settle(alarm *int64) error {
	now := w.t.now.Unix()
	for at := *alarm; at != 0 && at <= now; {
		if err := w.judgeAt(at); err != nil {
			return err
		}
		var err error
		if at, err = w.next(at); err != nil {
			return err
		}
	}
	*alarm = 0
	return w.reached(now)
}

// wind sets the item's alarm clock to the next instant at which a rule may change its mind. One that rings and was not answered goes on ringing.
func (w *watch) wind(alarm *int64) error {
	now := w.t.now.Unix()
	if *alarm != 0 && *alarm <= now {
		return nil
	}
	next, err := w.next(now)
	*alarm = next
	return err
}

// dayAt is the day up to which steps have begun at an instant, as ruleDay is for now.
func (t *tx) dayAt(at int64) calendar.Date {
	cal := t.calendar(0)
	day := cal.Today(unixTime(at))
	if at < t.begins(day) {
		return day.AddDays(-1)
	}
	return day
}

func (w *watch) momentAt(at int64) workflows.Moment {
	return workflows.Moment{Day: int(w.t.dayAt(at)), Minute: RuleMinute(w.t.calendar(0), unixTime(at))}
}

// judgeAt judges the periods whose hour has come at an instant, and the steps that begin at it.
func (w *watch) judgeAt(at int64) error {
	if err := w.reached(at); err != nil {
		return err
	}
	day, light := w.t.dayAt(at), workflows.LightGreen
	if at != w.t.judging(day) {
		return nil
	}
	for _, r := range w.rules(day) {
		last, err := w.judgedAt(r, day)
		if err != nil || last == 0 {
			if err != nil {
				return err
			}
			continue
		}
		lit, err := w.judge(r, last, day)
		if err != nil {
			return err
		}
		if lit.Worse(light) {
			light = lit
		}
	}
	if m := day.Month(); w.months != nil && day == m.Last() {
		return w.months(m, light)
	}
	return nil
}

// judgedAt is the last day of the period that a rule judges on a day, 0 where it judges none.
func (w *watch) judgedAt(r *workflows.Rule, day calendar.Date) (calendar.Date, error) {
	last, on, err := r.NextJudged(int(day)-1, w.counts())
	if err != nil {
		return 0, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	if on != int(day) {
		return 0, nil
	}
	return calendar.Date(last), nil
}

// judge asks a rule about one period: what it says is lit, and where it says nothing its light goes out.
func (w *watch) judge(r *workflows.Rule, last, day calendar.Date) (workflows.Light, error) {
	s, err := w.subject(r, last, day)
	if err != nil {
		return "", w.failed(r, err)
	}
	if len(r.Lacks(s.Facts)) > 0 { // it can't be judged; a figure that comes later is judged when it comes
		return workflows.LightNone, nil
	}
	f, err := r.Judge(s, int(last), w.counts())
	if err != nil {
		return "", w.failed(r, err)
	}
	if w.keep != nil {
		if err := w.keep(r, last, s.Facts, f); err != nil {
			return "", err
		}
	}
	if f == nil {
		return workflows.LightNone, w.t.liftBy(w.item, w.law(day), r.ID, "cured")
	}
	if err := w.raise(*f, true); err != nil {
		return "", err
	}
	return f.Step.Light, w.hear()
}

func (w *watch) failed(r *workflows.Rule, err error) error {
	return fmt.Errorf("rule %s on %s %s: %w", r.ID, w.item.kind, w.item.no, err)
}

// reached raises every step of the anchored rules that has begun at an instant, in order.
func (w *watch) reached(at int64) error {
	day, moment := w.t.dayAt(at), w.momentAt(at)
	for _, r := range w.rules(day) {
		if r.Anchor == "" {
			continue
		}
		s, err := w.subject(r, day, day)
		if err != nil {
			return w.failed(r, err)
		}
		found, err := r.Reached(s, moment, w.counts())
		if err != nil {
			return w.failed(r, err)
		}
		for i, f := range found {
			if err := w.raise(f, i == len(found)-1); err != nil {
				return err
			}
			if err := w.hear(); err != nil {
				return err
			}
		}
	}
	return nil
}

// next is the first instant after another at which a rule may change its mind, 0 for never.
func (w *watch) next(after int64) (int64, error) {
	t, day := w.t, w.t.dayAt(after)
	cal := t.calendar(0)
	var next int64
	for _, r := range w.rules(day) {
		if r.Every != "" {
			at, err := w.nextJudging(r, after)
			if err != nil {
				return 0, w.failed(r, err)
			}
			next = earlier(next, at)
		}
		if r.Anchor == "" {
			continue
		}
		s, err := w.subject(r, day, day)
		if err != nil {
			return 0, w.failed(r, err)
		}
		at, err := r.Next(s, w.momentAt(after), w.counts())
		if err != nil {
			return 0, w.failed(r, err)
		}
		if at.Day != 0 {
			next = earlier(next, t.begins(calendar.Date(at.Day)))
		}
		if at.Minute != 0 {
			next = earlier(next, ruleInstant(cal, at.Minute).Unix())
		}
	}
	if w.months != nil {
		next = earlier(next, earlier(t.monthEnd(after), t.nextLaw(day)))
	}
	return next, nil
}

// nextJudging is when a rule judges a period next.
func (w *watch) nextJudging(r *workflows.Rule, after int64) (int64, error) {
	today := w.t.calendar(0).Today(unixTime(after))
	for day := int(today) - 1; ; day++ { // today's hour may have passed
		_, on, err := r.NextJudged(day, w.counts())
		if err != nil {
			return 0, err
		}
		if at := w.t.judging(calendar.Date(on)); at > after {
			return at, nil
		}
	}
}

// judging is the instant at which what ends with a day is judged [P].
func (t *tx) judging(day calendar.Date) int64 { return t.calendar(0).At(day, judgeHour, 0).Unix() }

// monthEnd is the first instant after another at which a month is judged.
func (t *tx) monthEnd(after int64) int64 {
	m := t.calendar(0).Today(unixTime(after)).Month()
	if at := t.judgeInstant(m).Unix(); at > after {
		return at
	}
	return t.judgeInstant(m.Add(1)).Unix()
}

// explain says how a rule sees the item at a moment.
func (w *watch) explain(r *workflows.Rule, now workflows.Moment) (workflows.Finding, error) {
	day := calendar.Date(now.Day)
	s, err := w.subject(r, day, day)
	if err != nil {
		return workflows.Finding{}, w.failed(r, err)
	}
	f, err := r.Explain(s, now, w.counts())
	if err != nil {
		return f, w.failed(r, err)
	}
	return f, nil
}

// relight works out the item's light after a change: what happened is judged, what no longer holds is lifted, what holds now is raised, and the gravest that
// is left counts.
func (w *watch) relight(calm, old lamp) (lamp, error) {
	t := w.t
	lit, err := t.lit(w.item)
	if err != nil {
		return old, err
	}
	told := len(t.records)
	for i := range lit {
		why, err := w.whyLift(&lit[i])
		if err != nil {
			return old, err
		}
		if why == "" {
			continue
		}
		if err := t.liftOne(w.item, &lit[i], why); err != nil {
			return old, err
		}
	}
	if w.item.id != 0 {
		if err := w.hear(); err != nil {
			return old, err
		}
		if err := w.reached(t.now.Unix()); err != nil {
			return old, err
		}
	}
	if len(t.records) == told { // nothing was lifted or raised: that is always recorded
		return worst(lit, calm, old), nil
	}
	if lit, err = t.lit(w.item); err != nil {
		return old, err
	}
	return worst(lit, calm, old), nil
}

// whyLift says why a lit rung goes out: the rule's condition is gone, or the date it was about has moved; "" while it stays.
// The version that lit it is asked.
func (w *watch) whyLift(e *Escalation) (string, error) {
	t, day := w.t, w.t.ruleDay()
	if e.RuleID == handRule {
		facts, err := w.facts(&workflows.Rule{}, day, day)
		if err != nil {
			return "", err
		}
		return t.whyHand(w.item.kind, facts)
	}
	lawful, ok := t.book.of("ruleset", e.Ruleset, e.RulesetVersion)
	if !ok {
		return "", nil
	}
	i := slices.IndexFunc(lawful.rules.For(w.item.kind), func(r *workflows.Rule) bool { return r.ID == e.RuleID })
	if i < 0 {
		return "", nil
	}
	r := lawful.rules.For(w.item.kind)[i]
	about := day
	if r.Every != "" {
		about = e.DueOn
	}
	s, err := w.subject(r, about, t.today)
	if err != nil {
		return "", w.failed(r, err)
	}
	cured, err := r.Cured(s, t.momentOn(day), w.counts())
	switch {
	case err == nil && len(r.Lacks(s.Facts)) > 0:
		return "", nil
	case err != nil:
		return "", w.failed(r, err)
	case cured:
		return "cured", nil
	case r.Anchor == "":
		return "", nil
	}
	due, err := r.DueDay(s, t.momentOn(day), w.counts())
	if err == nil && calendar.Date(due) != e.DueOn {
		return "date_changed", nil
	}
	return "", err
}
