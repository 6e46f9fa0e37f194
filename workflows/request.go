package workflows

import (
	"fmt"
	"slices"
)

// Request says what may be asked for about a thing (an extension, a dispute, another date), until when, how often, with what,
// and who decides.
type Request struct {
	ID, Scope string
	Title     Words
	Source    string
	When      string   // it applies only where this holds; "" for always
	From      *Window  // the first day on which it may be asked for; nil for any
	Until     *Window  // the last day on which it is in time; nil for any
	Times     int      // at most so often per item; 0 for any number
	Longest   []Clause // how far a new date may lie behind the old one: the first that applies; none for any
	Needs     []Wanted // what must be given
	By        []Role   // who may ask; empty where the rule does not say
	Chain     []Wanted // the roles that approve, in order
	Cases     []RequestCase

	ruleset string
	version int
	scope   *scope
	when    *condition
}

// Clause is a term, or a deadline that is known as a day, that applies where a condition holds.
type Clause struct {
	If    string // "" for always
	Term  Term   // zero where Until says it
	Until string // of a deadline: the measure that holds it, such as due_on after an extension; "" where it is counted

	cond *condition
}

// Wanted is a field that must be given, or a role that must approve, where a condition holds.
type Wanted struct {
	Name string
	If   string // "" for always

	cond *condition
}

// Ask is somebody's wish: the facts as they would be if it were granted, the day, what was given with it.
type Ask struct {
	Facts          Facts
	On             int      // the day on which it is asked
	Minute         int      // the minute, where hours count; 0 for the end of the day
	Given          []string // the fields that were filled in
	Before         int      // how often this was asked for (or granted) before
	OldDay, NewDay int      // where a date is to change; 0 for none
}

// Verdict is what the rules say of a wish. Why is "" where OK, or "not_applicable", "too_early", "late", "too_often", "too_long"
// or "lacks"; LastDay is the last day on which it would have been in time, 0 for none; LastMinute the last minute, where hours
// count; Latest the latest new day, 0 for any; Decide the roles that approve, in order.
type Verdict struct {
	OK                            bool
	Why                           string
	Lacks                         []string
	FirstDay, LastDay, LastMinute int
	Latest                        int
	Decide                        []Role
}

// Outcomes returns the reasons of a verdict, "" for one that is in time left out.
func Outcomes() []string {
	return []string{"not_applicable", "too_early", "late", "too_often", "too_long", "lacks"}
}

// Request returns the requests that may be made under one id about one kind of thing, in the order of the file: the first whose
// When holds is the one that applies (see Applies).
func (s *Ruleset) Request(scope, id string) []*Request {
	var list []*Request
	for i := range s.Requests {
		if s.Requests[i].Scope == scope && s.Requests[i].ID == id {
			list = append(list, &s.Requests[i])
		}
	}
	return list
}

// Stamp names the request and the version of its rule set, such as "ticket/extension@1".
func (r *Request) Stamp() string { return fmt.Sprintf("%s/%s@%d", r.Scope, r.ID, r.version) }

// Applies says whether the request is meant for this wish at all.
func (r *Request) Applies(a Ask, cal Calendar) (bool, error) {
	if r.when == nil {
		return true, nil
	}
	return r.holds(r.when, a.facts(cal))
}

// Decide says whether the wish is in time and complete.
func (r *Request) Decide(a Ask, cal Calendar) (Verdict, error) {
	a.Facts = a.facts(cal)
	v, err := r.decide(a, cal)
	if err != nil {
		return Verdict{}, fmt.Errorf("request %s: %w", r.ID, err)
	}
	v.OK = v.Why == ""
	return v, nil
}

func (r *Request) decide(a Ask, cal Calendar) (v Verdict, err error) {
	if applies, err := r.Applies(a, cal); err != nil || !applies {
		return Verdict{Why: "not_applicable"}, err
	}
	for _, step := range []func(Ask, Calendar, *Verdict) error{r.inTime, r.oftenEnough, r.shortEnough, r.complete, r.approvers} {
		if err := step(a, cal, &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

// because keeps the first reason.
func (v *Verdict) because(why string) {
	if v.Why == "" {
		v.Why = why
	}
}

func (r *Request) inTime(a Ask, cal Calendar, v *Verdict) error {
	now := Moment{Day: a.On, Minute: a.Minute}
	if a.Minute == 0 {
		now = EndOf(a.On)
	}
	first, err := r.edge(r.From, a, cal)
	if err != nil {
		return err
	}
	last, err := r.edge(r.Until, a, cal)
	if err != nil {
		return err
	}
	if first.day != 0 {
		v.FirstDay = first.day
		if !first.passed(now) {
			v.because("too_early")
		}
	}
	if last.day == 0 {
		return nil
	}
	v.LastDay, v.LastMinute = last.day, last.minute
	if last.timed && a.Minute > last.minute || a.On > last.day {
		v.because("late")
	}
	return nil
}

// edge is the day or minute at one end of the time in which the wish may be made; none where the date it counts from is absent.
func (r *Request) edge(w *Window, a Ask, cal Calendar) (point, error) {
	if w == nil {
		return point{}, nil
	}
	m, _ := r.scope.measure(w.Of)
	value, err := r.scope.value(a.Facts, w.Of)
	if err != nil {
		return point{}, err
	}
	if at, ok := value.(int); ok && at != 0 {
		return cal.after(pointOf(m, at), w.Term, true)
	}
	return point{}, nil
}

func (r *Request) oftenEnough(a Ask, _ Calendar, v *Verdict) error {
	if r.Times > 0 && a.Before >= r.Times {
		v.because("too_often")
	}
	return nil
}

func (r *Request) shortEnough(a Ask, cal Calendar, v *Verdict) error {
	if a.OldDay == 0 {
		return nil
	}
	for _, c := range r.Longest {
		if holds, err := r.holds(c.cond, a.Facts); err != nil {
			return err
		} else if !holds {
			continue
		}
		latest, err := cal.Due(a.OldDay, c.Term.plain())
		if err != nil {
			return err
		}
		v.Latest = latest
		if a.NewDay > latest {
			v.because("too_long")
		}
		return nil
	}
	return nil
}

func (r *Request) complete(a Ask, _ Calendar, v *Verdict) error {
	for _, need := range r.Needs {
		wanted, err := r.holds(need.cond, a.Facts)
		if err != nil {
			return err
		}
		if wanted && !slices.Contains(a.Given, need.Name) {
			v.Lacks = append(v.Lacks, need.Name)
			v.because("lacks")
		}
	}
	return nil
}

func (r *Request) approvers(a Ask, _ Calendar, v *Verdict) error {
	for _, who := range r.Chain {
		wanted, err := r.holds(who.cond, a.Facts)
		if err != nil {
			return err
		}
		if wanted {
			v.Decide = append(v.Decide, Role(who.Name))
		}
	}
	return nil
}

func (r *Request) holds(c *condition, f Facts) (bool, error) {
	if c == nil {
		return true, nil
	}
	env, err := r.scope.values(f, c.uses)
	if err != nil {
		return false, err
	}
	return c.holds(env)
}

// facts adds what follows from the wish itself, see "asking" in vocabulary.yaml.
func (a Ask) facts(cal Calendar) Facts {
	f := Facts{"today": a.On, "asked_before": a.Before, "asked_days": 0, "asked_workdays": 0}
	if a.OldDay != 0 && a.NewDay != 0 {
		f["asked_days"], f["asked_workdays"] = a.NewDay-a.OldDay, cal.Workdays(a.OldDay, a.NewDay)
	}
	for name, value := range a.Facts {
		f[name] = value
	}
	return f
}
