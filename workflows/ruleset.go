package workflows

import (
	"slices"
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
	Inputs     []Input
	Rules      []Rule
	Requests   []Request
	Cases      []SetCase // stories in which several rules act together
	Text       string    // the file as it was read, with the line ends of Unix
}

// Input is a figure that people enter for every period, and that the rules of this set may ask for like a measure.
type Input struct {
	Measure
	Scope string
	Every string // one of Periods
}

// Measures returns what the rules of this set may ask about one kind of thing: its measures and the inputs of the set.
func (s *Ruleset) Measures(scope string) []Measure {
	list := slices.Clone(Measures(scope))
	for _, in := range s.Inputs {
		if in.Scope == scope {
			list = append(list, in.Measure)
		}
	}
	return list
}

// For returns the rules about one kind of thing, one of Scopes.
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

// Rule says when a lamp is lit. It is judged by exactly one of three: by day, from its Anchor on; at the end of every period; or
// whenever something happens to the thing.
type Rule struct {
	ID         string
	Title, Why Words
	Source     string
	Scope      string
	When       string     // the rule holds only where this condition does; "" for always
	Anchor     string     // a measure of the type day or time, or ""
	Due        []Clause   // the deadline that counts from the anchor: the first that applies; none where the steps count from the anchor itself
	Every      string     // one of Periods, or ""
	Day        int        // the day of the period on which it is judged, counted from 1; 0 for its last
	Delay      *Term      // how long after the period's end it is judged; nil for on its last day
	On         []string   // kinds of events, see EventKinds
	Start      []Start    // where the ladder may start higher: the first that applies
	Exemption  *Exemption // an accepted reason keeps the rule from holding; nil where there is none
	Steps      []Step     // in rising gravity
	Cases      []Case

	ruleset string
	version int
	scope   *scope
	when    *condition
	asks    []string // measures that it looks at or shows
	knows   bool     // some of them are known by the program itself
	calls   bool     // a condition calls functions
}

// Start says that a ladder starts at a higher step where a condition holds.
type Start struct {
	If, At string

	cond *condition
}

// Exemption says who may accept a reason (正当理由) that keeps a rule from holding, and what that covers: "period", "step" or "item".
type Exemption struct {
	By     []Role
	Covers string
	Title  Words
}

// Step is one rung of a rule: when it comes, and what it brings.
type Step struct {
	ID      string
	At      *Term  // begins this long after the anchor or the deadline (before it, when negative); nil where it does not count days
	After   *Term  // begins on the day after that term; nil as above
	Follows bool   // begins At (or a working day) after the last day to answer the paper of the step before
	If      string // holds under this condition; "" for always
	Run     int    // the condition held at the ends of so many periods in a row; 0 and 1 for this one only
	Once    string // comes at most once in this span: "ever", "year", "quarter" or "month"; "" for any number

	Light        Light    // LightNone where the step has other effects only
	Tell         []string // recipients of the vocabulary
	Paper        string   // a paper of the vocabulary, or ""
	Interview    string   // the recipient who holds it, or ""
	Answer       *Term    // how long there is to answer the paper; nil for no answer
	Points       float64  // added to the score, so mostly negative
	PerPoints    string   // a formula for the points, such as "-0.1 * days_since(due_on)"; "" where Points says it
	Charge       string   // whose score: "unit", "task_force" or "project"
	Notice       string   // how wide it is made known (通报): "task_force", "unit", "district"; "" for not
	Coordination int      // the coordination level that it is raised to, 1 to 4; 0 for none
	Remark       Words    // what else follows, in words: 取消年度评优资格; nil for nothing

	cond    *condition
	formula *condition
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
