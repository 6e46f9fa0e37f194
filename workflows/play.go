package workflows

import (
	"errors"
	"math"
	"slices"
	"strconv"
)

// Result is what came of one example: the name, where it stands, and what is wrong; nil where it comes out.
type Result struct {
	Rule, Name string // the rule or request; "" for an example of the whole set
	Wrong      *Problem
}

// Test runs the examples of all rules, of the requests and of the set, in the order of the file.
func (s *Ruleset) Test(cal Calendar) []Result {
	var list []Result
	for i := range s.Rules {
		r := &s.Rules[i]
		for _, c := range r.Cases {
			list = append(list, Result{r.ID, c.Name, s.play([]*Rule{r}, &c, cal)})
		}
	}
	for i := range s.Requests {
		r := &s.Requests[i]
		for _, c := range r.Cases {
			list = append(list, Result{r.Scope + "/" + r.ID, c.Name, r.prove(c, cal)})
		}
	}
	for _, c := range s.Cases {
		list = append(list, Result{"", c.Name, s.play(s.For(c.Scope), &c.Case, cal)})
	}
	return list
}

// Prove runs the examples and joins those that do not come out, one *Problem each.
func (s *Ruleset) Prove(cal Calendar) error {
	var wrong []error
	for _, r := range s.Test(cal) {
		if r.Wrong != nil {
			wrong = append(wrong, r.Wrong)
		}
	}
	return errors.Join(wrong...)
}

// player plays a story: it keeps what a rule remembers of an item, the cards, the lights and the facts as they were.
type player struct {
	rules  []*Rule
	cal    Calendar
	facts  Facts
	past   []snapshot
	cards  []Card
	events []Event
	lights map[string]map[int]Light
	shown  map[string]bool     // findings that were recorded, by key
	said   map[string]*Finding // what each rule judged every period, or on an event, said last
	on     map[string]int      // the day of that
	ended  map[string]int      // the period that each rule judged last
}

type snapshot struct {
	on    int
	facts Facts
}

func (s *Ruleset) play(rules []*Rule, c *Case, cal Calendar) *Problem {
	p := &player{rules: rules, cal: cal, facts: Facts{}, lights: map[string]map[int]Light{}, shown: map[string]bool{}, said: map[string]*Finding{},
		on: map[string]int{}, ended: map[string]int{}}
	for name, value := range c.base {
		p.facts[name] = value
	}
	next := 0
	for day := c.first(); day <= c.On && next < len(c.Days); day++ {
		if c.Days[next].On != day {
			if err := p.live(EndOf(day)); err != nil {
				return c.at.says("case %q%s can't be judged: %v", c.Name, of(rules), asPhrase(err))
			}
			continue
		}
		for ; next < len(c.Days) && c.Days[next].On == day; next++ {
			d := &c.Days[next]
			if err := p.day(d, next+1 == len(c.Days) || c.Days[next+1].On != day); err != nil {
				return d.at.says("case %q%s can't be judged: %v", c.Name, of(rules), asPhrase(err))
			}
			if wrong := p.compare(c, d); wrong != nil {
				return wrong
			}
		}
	}
	return nil
}

// of names the rule that an example belongs to.
func of(rules []*Rule) phrase {
	if len(rules) != 1 {
		return say("")
	}
	return say(" of rule %q", rules[0].ID)
}

// day lives through a day that the story tells of.
func (p *player) day(d *CaseDay, last bool) error {
	facts := Facts{}
	for _, from := range []Facts{p.facts, d.Facts} {
		for name, value := range from {
			facts[name] = value
		}
	}
	p.facts = facts
	for _, r := range p.rules {
		if len(r.On) > 0 {
			delete(p.said, r.ID) // a row tells what this event brought, not one of an earlier row
		}
	}
	if d.Event != "" {
		if err := p.happen(Event{Kind: d.Event, On: d.On}, 0); err != nil {
			return err
		}
		p.events = append(p.events, Event{Kind: d.Event, On: d.On})
	}
	return p.look(Moment{Day: d.On, Minute: d.Minute}, last)
}

// live lives through a day on which nothing is told.
func (p *player) live(now Moment) error { return p.look(now, true) }

// look asks every rule; those that are judged every period only at the end of the day.
func (p *player) look(now Moment, last bool) error {
	p.past = append(p.past, snapshot{now.Day, p.facts})
	for _, r := range p.rules {
		if r.Anchor != "" {
			found, err := r.Reached(p.subject(), now, p.cal)
			if err != nil {
				return err
			}
			for i := range found {
				if err := p.show(r, &found[i], now.Day); err != nil {
					return err
				}
			}
		}
	}
	for _, r := range p.rules {
		if r.Every == "" || !last {
			continue
		}
		if err := p.judge(r, now.Day); err != nil {
			return err
		}
	}
	return nil
}

// judge judges the period that is judged today, if there is one.
func (p *player) judge(r *Rule, today int) error {
	end := PeriodEnd(r.Every, today)
	for range 8 { // a delay may be longer than a short period
		on, err := r.JudgedOn(end, p.cal)
		if err != nil {
			return err
		}
		if on != today || p.ended[r.ID] == end {
			end = periodBefore(r.Every, end)
			continue
		}
		f, err := r.Judge(p.subject(), end, p.cal)
		if err != nil {
			return err
		}
		p.said[r.ID], p.on[r.ID], p.ended[r.ID] = f, today, end
		if f == nil {
			return nil
		}
		if p.lights[r.ID] == nil {
			p.lights[r.ID] = map[int]Light{}
		}
		p.lights[r.ID][end] = f.Step.Light
		return p.show(r, f, today)
	}
	return nil
}

// show records a finding once, and lets the rules that are judged on cards know.
func (p *player) show(r *Rule, f *Finding, today int) error {
	if p.shown[f.Key()] {
		return nil
	}
	p.shown[f.Key()] = true
	deadline, err := AnswerBy(f.Step, today, p.cal)
	if err != nil {
		return err
	}
	card := Card{Rule: r.ID, Step: f.Step.ID, Light: f.Step.Light, About: f.Due, On: today, Deadline: deadline, Also: f.Step.Also()}
	if err := p.shows(card, "", 0); err != nil {
		return err
	}
	p.cards = append(p.cards, card)
	return nil
}

// shows lets the rules that are judged on cards know of one; what brought it is not told again.
func (p *player) shows(card Card, by string, depth int) error {
	told := p.events
	for _, kind := range card.brings() {
		if kind == "" || kind == by {
			continue
		}
		e := Event{Kind: kind, On: card.On}
		if err := p.happen(e, depth); err != nil {
			return err
		}
		p.events = append(p.events, e) // a rule that hears the next kind has heard this one
	}
	p.events = told
	return nil
}

// happen lets the rules that are judged on something know that it happened.
func (p *player) happen(e Event, depth int) error {
	for _, r := range p.rules {
		if !slices.Contains(r.On, e.Kind) {
			continue
		}
		f, err := r.OnEvent(p.subject(), e, p.cal)
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		p.said[r.ID], p.on[r.ID] = f, e.On // several things may happen on a day: what one of them brought stands
		card := Card{Rule: r.ID, Step: f.Step.ID, Light: f.Step.Light, About: f.Due, On: e.On, Also: f.Step.Also()}
		if card.Deadline, err = AnswerBy(f.Step, e.On, p.cal); err != nil {
			return err
		}
		if depth < 4 {
			p.events = append(p.events, e) // the card that follows is counted after the event that brought it
			err = p.shows(card, e.Kind, depth+1)
			p.events = p.events[:len(p.events)-1]
			if err != nil {
				return err
			}
		}
		p.cards = append(p.cards, card)
	}
	return nil
}

func (p *player) subject() Subject {
	return Subject{Facts: p.facts, Cards: p.cards, Events: p.events,
		At: func(last int) (Facts, error) {
			for i := len(p.past) - 1; i >= 0; i-- {
				if p.past[i].on <= last {
					return p.past[i].facts, nil
				}
			}
			return nil, nil
		},
		Lights: func(rule string, last int) Light { return p.lights[rule][last] },
	}
}

// compare compares what a day expects with what the rules say.
func (p *player) compare(c *Case, d *CaseDay) *Problem {
	for _, r := range p.rules {
		e, asked := d.Expect[r.ID]
		if !asked {
			continue
		}
		f, err := p.now(r, d)
		at := e.at
		if len(c.Days) == 1 {
			at = c.at
		}
		if err != nil {
			return at.says("case %q of rule %q can't be judged: %v", c.Name, r.ID, asPhrase(err))
		}
		if r.Every != "" && p.on[r.ID] != d.On {
			return at.says("case %q of rule %q: on %s nothing is judged, only at the end of each %s, or so long after it as delay says", c.Name, r.ID, d.text(), say(r.Every))
		}
		got := "none"
		if f.Step.ID != "" {
			got = f.Step.ID
		}
		if e.Step != "" && got != e.Step {
			return at.says("case %q of rule %q: on %s it expects %s, and the rule says %s%s", c.Name, r.ID, d.text(), e.Step, got, r.dates(f))
		}
		for _, name := range expectFields() {
			want, asked := e.Fields[name]
			if !asked {
				continue
			}
			if is := f.field(name); !slices.Contains(is, want) {
				return at.says("case %q of rule %q: on %s it expects %s: %s, and the rule says %s", c.Name, r.ID, d.text(), name, want, is[0])
			}
		}
	}
	return nil
}

// dates are the days behind what an anchored rule says, so that a wrong example can be put right without counting by hand.
func (r *Rule) dates(f Finding) phrase {
	var parts []phrase
	if r.Anchor == "" {
		return say("")
	}
	text := func(day, minute int) string { return moment(day, minute, dayText) }
	if len(r.Due) > 0 && f.Due != 0 {
		parts = append(parts, say("the deadline is %s", text(f.Due, f.DueAt)))
	}
	if f.Step.ID != "" {
		parts = append(parts, say("%s since %s", f.Step.ID, text(f.On, f.Begins)))
	}
	if f.Next != nil && f.NextOn != 0 {
		parts = append(parts, say("%s from %s", f.Next.ID, dayText(f.NextOn)))
	}
	if len(parts) == 0 {
		return say("")
	}
	return say(" (%s)", parts)
}

// now is what a rule says at a moment of a story; a finding without a step where it says nothing.
func (p *player) now(r *Rule, d *CaseDay) (Finding, error) {
	if r.Anchor != "" {
		return r.Explain(p.subject(), Moment{Day: d.On, Minute: d.Minute}, p.cal)
	}
	if f := p.said[r.ID]; f != nil && p.on[r.ID] == d.On && (len(r.On) == 0 || d.Event != "" || len(p.rules) > 1) {
		return *f, nil
	}
	f := Finding{}
	f.Exempt, _ = p.facts["exempt"].(bool)
	return f, nil
}

// field is a field of a finding as an example may write it, in one or more ways.
func (f Finding) field(name string) []string {
	day := func(day, minute int) []string {
		if minute != 0 {
			return []string{timeText(minute), dayText(day)}
		}
		return []string{dayOrNone(day)}
	}
	switch name {
	case "light":
		return []string{string(f.Step.Light)}
	case "due":
		return day(f.Due, f.DueAt)
	case "on":
		return day(f.On, f.Begins)
	case "answer_by":
		return day(f.AnswerBy, 0)
	case "paper":
		return []string{f.Step.Paper}
	case "interview":
		return []string{f.Step.Interview}
	case "points":
		return []string{number(f.Points)}
	case "notice":
		return []string{f.Step.Notice}
	case "coordination":
		return []string{strconv.Itoa(f.Step.Coordination)}
	case "exempt":
		return []string{strconv.FormatBool(f.Exempt)}
	}
	if f.Next == nil {
		return []string{"none"}
	}
	return []string{f.Next.ID, dayOrNone(f.NextOn)}
}

func number(f float64) string {
	if f == math.Trunc(f) {
		return strconv.Itoa(int(f))
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
