package workflows

import (
	"fmt"
	"time"
)

// Ruleset is one version of the rules that light the lamps of a district.
type Ruleset struct {
	ID         string
	Version    int
	Title      Words
	Source     string
	Effective  string // the first day it holds, "2023-01-01"
	ApprovedBy string
	Rules      []Rule
	Requests   []Request
	Text       string // the file as it was read, with the line ends of Unix
}

// For returns the rules about one kind of thing: "project", "milestone" or "ticket".
func (s *Ruleset) For(scope string) []*Rule {
	var list []*Rule
	for i := range s.Rules {
		if s.Rules[i].Scope == scope {
			list = append(list, &s.Rules[i])
		}
	}
	return list
}

// Rule returns the rule of that name.
func (s *Ruleset) Rule(id string) (*Rule, bool) {
	for i := range s.Rules {
		if s.Rules[i].ID == id {
			return &s.Rules[i], true
		}
	}
	return nil, false
}

// Rule says when a lamp is lit. Either it has an Anchor, and its steps begin a term before or after that day; or it is
// judged every month, on the month's last day, by the conditions of its steps.
type Rule struct {
	ID         string
	Title, Why Words
	Source     string
	Scope      string
	When       string // the rule holds only where this condition does; "" for always
	Anchor     string // a measure of the type day, or ""
	Every      string // "month", or ""
	Steps      []Step // in rising gravity
	Cases      []Case

	ruleset string
	version int
	scope   *scope
	when    *condition
	ifs     []*condition // of the steps, for month rules
	asks    []string     // measures that it looks at or shows
}

// Step is one rung of a rule: the light, who is told, by which paper, who holds an interview, and by when to answer.
type Step struct {
	ID        string
	At        *Term  // begins this long after the anchor (before it, when negative); nil in month rules
	If        string // holds under this condition; "" in anchored rules
	Light     Light
	Tell      []string // recipients of the vocabulary
	Paper     string   // a paper of the vocabulary, or ""
	Interview string   // the recipient who holds it, or ""
	Answer    *Term    // how long there is to answer the paper; nil for no answer
}

// judgement is what one look at the facts says: the values, whether the rule holds, and the day it counts from.
type judgement struct {
	env    map[string]any
	holds  bool
	anchor int // 0 in month rules
}

// look reads the facts. An anchored rule without its anchor does not hold: there is nothing to count from.
func (r *Rule) look(f Facts) (judgement, error) {
	env, err := r.scope.values(f, r.asks)
	if err != nil {
		return judgement{}, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	j := judgement{env: env, holds: true}
	if r.when != nil {
		if j.holds, err = r.when.holds(env); err != nil {
			return judgement{}, fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	if r.Anchor != "" {
		j.anchor, _ = env[r.Anchor].(int)
		j.holds = j.holds && j.anchor != 0
	}
	return j, nil
}

// Reached returns one finding for every step that has begun by today, in rising gravity: none where the rule does not
// hold, the anchor is absent, or the rule is judged by the month.
func (r *Rule) Reached(f Facts, today int, shift Shift) ([]Finding, error) {
	if r.Anchor == "" {
		return nil, nil
	}
	j, err := r.look(f)
	if err != nil || !j.holds {
		return nil, err
	}
	days, err := r.days(j.anchor, shift)
	if err != nil {
		return nil, err
	}
	var found []Finding
	for i, on := range days {
		if on > today {
			continue
		}
		finding := r.finding(i, j.anchor, on, j.env)
		if i+1 < len(days) {
			finding.NextOn = days[i+1]
		}
		found = append(found, finding)
	}
	return found, nil
}

// JudgeMonth returns the gravest step whose condition holds at the end of a month, last being that month's last day; nil
// where none does, the rule does not hold, or the rule is not judged by the month.
func (r *Rule) JudgeMonth(f Facts, last int) (*Finding, error) {
	if r.Every == "" {
		return nil, nil
	}
	if !lastOfMonth(last) {
		return nil, fmt.Errorf("rule %s is judged on the last day of a month, and %s is none", r.ID, dayText(last))
	}
	j, err := r.look(f)
	if err != nil || !j.holds {
		return nil, err
	}
	i, err := r.gravest(j.env)
	if err != nil || i < 0 {
		return nil, err
	}
	finding := r.finding(i, last, last, j.env)
	return &finding, nil
}

// Cured says whether a lamp that this rule lit goes out: the rule does not hold any more, its anchor was taken away, or
// (month rules) no step's condition holds. Where the anchor has moved to another day the old finding is void as well:
// the caller compares its Due with AnchorDay.
func (r *Rule) Cured(f Facts) (bool, error) {
	j, err := r.look(f)
	if err != nil || !j.holds || r.Every == "" {
		return err == nil && !j.holds, err
	}
	i, err := r.gravest(j.env)
	return err == nil && i < 0, err
}

// NextDay returns the first day after today on which a step of an anchored rule begins; 0 where none does.
func (r *Rule) NextDay(f Facts, today int, shift Shift) (int, error) {
	if r.Anchor == "" {
		return 0, nil
	}
	j, err := r.look(f)
	if err != nil || !j.holds {
		return 0, err
	}
	days, err := r.days(j.anchor, shift)
	if err != nil {
		return 0, err
	}
	next := 0
	for _, on := range days {
		if on > today && (next == 0 || on < next) {
			next = on
		}
	}
	return next, nil
}

// AnchorDay returns the day that an anchored rule counts from for these facts; 0 where it is absent or the rule has none.
func (r *Rule) AnchorDay(f Facts) (int, error) {
	j, err := r.look(f)
	return j.anchor, err
}

// gravest returns the last step whose condition holds, or -1; the steps are in rising gravity.
func (r *Rule) gravest(env map[string]any) (int, error) {
	for i := len(r.ifs) - 1; i >= 0; i-- {
		holds, err := r.ifs[i].holds(env)
		if err != nil {
			return 0, fmt.Errorf("rule %s, step %s: %w", r.ID, r.Steps[i].ID, err)
		}
		if holds {
			return i, nil
		}
	}
	return -1, nil
}

// days returns the day on which each step begins.
func (r *Rule) days(anchor int, shift Shift) ([]int, error) {
	days := make([]int, len(r.Steps))
	for i, step := range r.Steps {
		on, err := shift(anchor, *step.At)
		if err != nil {
			return nil, fmt.Errorf("rule %s, step %s: count %s from %s: %w", r.ID, step.ID, step.At, dayText(anchor), err)
		}
		days[i] = on
	}
	return days, nil
}

const secondsPerDay = 24 * 60 * 60

// date is the midnight (UTC) of a day number, for looking at its parts.
func date(day int) time.Time { return time.Unix(int64(day)*secondsPerDay, 0).UTC() }

func lastOfMonth(day int) bool { return date(day+1).Day() == 1 }

func dayText(day int) string { return date(day).Format(time.DateOnly) }

// parseTime reads "2023-03-14 09:30" as the minute that it is in the district.
func parseTime(text string) (int, error) {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		return 0, say("%q is not a time: write it as 2023-03-14 09:30", text)
	}
	return int(t.Unix() / 60), nil
}

func timeText(minute int) string {
	return time.Unix(int64(minute)*60, 0).UTC().Format("2006-01-02 15:04")
}

func parseDay(text string) (int, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, say("%q is not a day: write it as 2023-03-31", text)
	}
	return int(t.Unix() / secondsPerDay), nil
}
