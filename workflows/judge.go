package workflows

import (
	"fmt"
	"math"
	"slices"
)

// look is one look of a rule at an item: at a moment, and (rules judged every period) at the end of a period.
type look struct {
	r      *Rule
	s      Subject
	cal    Calendar
	now    Moment
	last   int // the end of the period, 0 where there is none
	env    map[string]any
	holds  bool
	exempt bool // it does not hold because of an accepted reason
	lacks  []Measure
	base   point // what the steps count from: the deadline, else the anchor; day 0 where there is none
	anchor point
}

func (l *look) today() int { return l.now.Day }

// looking reads the facts. A rule without its anchor does not hold: there is nothing to count from.
func (r *Rule) looking(s Subject, now Moment, last int, cal Calendar) (*look, error) {
	l := &look{r: r, s: s, cal: cal, now: now, last: last}
	var err error
	facts := s.Facts
	if r.knows {
		facts = l.known()
	}
	l.lacks = r.Lacks(facts)
	if l.env, err = r.scope.values(facts, l.given()); err != nil {
		return nil, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	if len(l.lacks) > 0 {
		return l, nil
	}
	if r.calls {
		for name, f := range functions(l) {
			l.env[name] = f
		}
	}
	l.holds = true
	if r.Exemption != nil {
		l.exempt, _ = l.env["exempt"].(bool)
		l.holds = !l.exempt
	}
	if l.holds, err = l.and(l.holds, r.when); err != nil {
		return nil, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	if r.Anchor != "" {
		if err := l.clock(); err != nil {
			return nil, fmt.Errorf("rule %s: count its deadline: %w", r.ID, err)
		}
		l.holds = l.holds && l.base.day != 0
	}
	return l, nil
}

// and evaluates a condition where the rest holds.
func (l *look) and(rest bool, c *condition) (bool, error) {
	if !rest || c == nil {
		return rest, nil
	}
	return c.holds(l.env)
}

// known are the facts together with what the program knows by itself.
func (l *look) known() Facts {
	f := Facts{"today": l.today(), "previous": "none", "event": l.s.event}
	for _, m := range l.r.scope.measures {
		if m.known && m.Type == "day" && m.Name != "today" {
			f[m.Name] = 0
		}
	}
	if l.last != 0 && l.s.Lights != nil {
		if was := l.s.Lights(l.r.ID, periodBefore(l.r.Every, l.last)); was != LightNone {
			f["previous"] = string(was)
		}
	}
	for _, c := range l.s.Cards {
		for _, kind := range c.brings() {
			if on, ok := f[kind+"_on"].(int); ok && c.Rule != l.r.ID && c.On > on && c.On <= l.today() {
				f[kind+"_on"] = c.On
			}
		}
	}
	for _, e := range l.s.Events {
		name := e.Kind + "_on"
		if on, ok := f[name].(int); ok && e.On > on && e.On <= l.today() {
			f[name] = e.On
		}
	}
	for name, value := range l.s.Facts {
		f[name] = value
	}
	return f
}

// clock works out what the steps count from.
func (l *look) clock() error {
	m, _ := l.r.scope.measure(l.r.Anchor)
	at, _ := l.env[l.r.Anchor].(int)
	if at == 0 {
		return nil
	}
	l.anchor = pointOf(m, at)
	if len(l.r.Due) == 0 {
		l.base = l.anchor
		return nil
	}
	for _, c := range l.r.Due {
		applies, err := l.and(true, c.cond)
		if err != nil {
			return err
		}
		if !applies {
			continue
		}
		if c.Until != "" {
			until, _ := l.r.scope.measure(c.Until)
			on, _ := l.env[c.Until].(int)
			if on != 0 {
				l.base = pointOf(until, on)
			}
			return nil
		}
		l.base, err = l.cal.after(l.anchor, c.Term, true)
		return err
	}
	return nil
}

// step says whether the conditions of step i hold: the one that it writes, also in the periods before, and that it has not come too often.
func (l *look) step(i, about int) (bool, error) {
	step := &l.r.Steps[i]
	ok, err := l.and(true, step.cond)
	if err != nil || !ok {
		return false, l.r.at(i, err)
	}
	if ok, err = l.ranOn(i); err != nil || !ok {
		return false, l.r.at(i, err)
	}
	return !l.came(step, about), nil
}

// ranOn says whether the step's condition held at the ends of the periods before as well, as many as it asks for.
func (l *look) ranOn(i int) (bool, error) {
	last := l.last
	for range max(l.r.Steps[i].Run, 1) - 1 {
		last = periodBefore(l.r.Every, last)
		if l.s.At == nil {
			return false, nil
		}
		facts, err := l.s.At(last)
		if err != nil || facts == nil {
			return false, err
		}
		before := l.s
		before.Facts = facts
		then, err := l.r.looking(before, EndOf(last), last, l.cal)
		if err != nil || !then.holds {
			return false, err
		}
		if ok, err := then.and(true, l.r.Steps[i].cond); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

// came says whether a step that comes only once came before in its span, about something else.
func (l *look) came(step *Step, about int) bool {
	from := math.MinInt
	switch step.Once {
	case "":
		return false
	case "ever":
	default:
		from = periodStart(step.Once, l.today())
	}
	return slices.ContainsFunc(l.s.Cards, func(c Card) bool {
		return c.Rule == l.r.ID && c.Step == step.ID && c.On >= from && c.On <= l.today() && (c.About != about || len(l.r.On) > 0)
	})
}

// gravest returns the last step that holds, or -1; the steps are in rising gravity.
func (l *look) gravest(about int) (int, error) {
	for i := len(l.r.Steps) - 1; i >= 0; i-- {
		if ok, err := l.step(i, about); err != nil || ok {
			return i, err
		}
	}
	return -1, nil
}

func (r *Rule) at(i int, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rule %s, step %s: %w", r.ID, r.Steps[i].ID, err)
}

// JudgedOn returns the day on which the period that ends on last is judged.
func (r *Rule) JudgedOn(last int, cal Calendar) (int, error) {
	if r.Day > 0 {
		return min(periodStart(r.Every, last)+r.Day-1, last), nil
	}
	if r.Delay == nil {
		return last, nil
	}
	return cal.Shift(last, r.Delay.plain())
}

// Judge returns the gravest step whose conditions hold at the end of a period, last being that period's last day; nil where none does,
// the rule does not hold, or the rule is not judged every period. The facts are those of the day of judgement, about that period.
func (r *Rule) Judge(s Subject, last int, cal Calendar) (*Finding, error) {
	if r.Every == "" {
		return nil, nil
	}
	if PeriodEnd(r.Every, last) != last {
		return nil, fmt.Errorf("rule %s is judged every %s, and %s is not the last day of one", r.ID, r.Every, dayText(last))
	}
	on, err := r.JudgedOn(last, cal)
	if err != nil {
		return nil, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	l, err := r.looking(s, EndOf(on), last, cal)
	if err != nil || !l.holds {
		return nil, err
	}
	i, err := l.gravest(last)
	if err != nil || i < 0 {
		return nil, err
	}
	return l.shown(i, last, on)
}

// shown is the finding of a step that counts no days.
func (l *look) shown(i, due, on int) (*Finding, error) {
	f := l.finding(i, point{day: due}, point{day: on})
	var err error
	if f.Points, err = l.points(i); err != nil {
		return nil, err
	}
	if f.AnswerBy, err = AnswerBy(l.r.Steps[i], on, l.cal); err != nil {
		return nil, l.r.at(i, err)
	}
	return &f, nil
}

// points is what step i adds to the score: a number, or what its formula comes to, in hundredths of a point.
func (l *look) points(i int) (float64, error) {
	step := &l.r.Steps[i]
	if step.formula == nil {
		return step.Points, nil
	}
	out, err := step.formula.run(l.env)
	if err != nil {
		return 0, l.r.at(i, err)
	}
	points, _ := out.(float64)
	if math.IsNaN(points) || math.IsInf(points, 0) {
		return 0, nil
	}
	return round(points, 100), nil
}

// OnEvent returns the gravest step that an event brings; nil where it brings none. The subject's cards and events are those before.
func (r *Rule) OnEvent(s Subject, e Event, cal Calendar) (*Finding, error) {
	if !slices.Contains(r.On, e.Kind) {
		return nil, nil
	}
	s.Events, s.event = append(slices.Clip(s.Events), e), e.Kind
	l, err := r.looking(s, EndOf(e.On), 0, cal)
	if err != nil || !l.holds {
		return nil, err
	}
	i, err := l.gravest(e.On)
	if err != nil || i < 0 {
		return nil, err
	}
	return l.shown(i, e.On, e.On)
}

// Cured says whether a lamp that this rule lit goes out: the rule does not hold any more, its anchor was taken away, or (rules judged
// every period) no step's condition holds. A rule with a memory of earlier lights only changes at the end of a period, and what an event
// brought stays until the rule does not hold. Where the deadline has moved to another day the old finding is void as well: the caller
// compares its Due with DueDay. Where the facts lack something, the lamp stays.
func (r *Rule) Cured(s Subject, now Moment, cal Calendar) (bool, error) {
	last := 0
	if r.Every != "" {
		last = PeriodEnd(r.Every, now.Day)
	}
	l, err := r.looking(s, now, last, cal)
	if err != nil || len(l.lacks) > 0 { // nobody knows
		return false, err
	}
	if !l.holds || r.Every == "" || r.remembers() {
		return !l.holds, nil
	}
	for i := range r.Steps {
		if holds, err := l.and(true, r.Steps[i].cond); err != nil || holds {
			return false, r.at(i, err)
		}
	}
	return true, nil
}

// remembers says whether a step asks for the lights of earlier periods.
func (r *Rule) remembers() bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return s.cond.usesCall("in_row") || s.cond.usesMeasure("previous") })
}

// DueDay returns the day that an anchored rule's findings are about for these facts, the deadline or the anchor; 0 where there is none.
func (r *Rule) DueDay(s Subject, now Moment, cal Calendar) (int, error) {
	l, err := r.looking(s, now, 0, cal)
	if err != nil {
		return 0, err
	}
	return l.base.day, nil
}

// Next returns when the next step of an anchored rule begins: Day for the next that begins with a day, Minute for the next that begins
// with a minute; each is 0 where there is none.
func (r *Rule) Next(s Subject, now Moment, cal Calendar) (Moment, error) {
	var next Moment
	if r.Anchor == "" {
		return next, nil
	}
	l, err := r.looking(s, now, 0, cal)
	if err != nil || !l.holds {
		return next, err
	}
	points, err := l.begins()
	if err != nil {
		return next, err
	}
	for _, p := range points {
		switch {
		case p.day == 0 || p.passed(now):
		case p.timed && (next.Minute == 0 || p.minute < next.Minute):
			next.Minute = p.minute
		case !p.timed && (next.Day == 0 || p.day < next.Day):
			next.Day = p.day
		}
	}
	return next, nil
}

// LooksBack says whether the rule needs the cards and events of its subject: it counts them, comes only once, waits for an answer, or is judged on them.
func (r *Rule) LooksBack() bool {
	return r.knows || r.calls || len(r.On) > 0 || slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Once != "" || s.Follows })
}

// NextJudged returns the last day of the first period of a rule judged every period whose day of judgement, on, lies after a day; 0, 0 for other rules.
func (r *Rule) NextJudged(after int, cal Calendar) (last, on int, err error) {
	if r.Every == "" {
		return 0, 0, nil
	}
	last = PeriodEnd(r.Every, after)
	for range longestDelay { // a delay may be longer than a short period: earlier ones are judged first
		before := periodBefore(r.Every, last)
		if on, err = r.JudgedOn(before, cal); err != nil {
			return 0, 0, err
		}
		if on <= after {
			break
		}
		last = before
	}
	for {
		if on, err = r.JudgedOn(last, cal); err != nil || on > after {
			return last, on, err
		}
		last = PeriodEnd(r.Every, last+1)
	}
}

// LastJudged returns the last day of the last period that was judged by the end of a day; 0 for rules that are not judged every period.
func (r *Rule) LastJudged(by int, cal Calendar) (int, error) {
	next, _, err := r.NextJudged(by, cal)
	if err != nil || next == 0 {
		return 0, err
	}
	return periodBefore(r.Every, next), nil
}

// longestDelay is how many periods a judgement may be late.
const longestDelay = 60
