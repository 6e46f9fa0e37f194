package workflows

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Fact is one value that a rule looked at.
type Fact struct {
	Name, Type string
	Title      Words
	Value      any // as in Facts, rounded to what the measure keeps
}

// Finding is a step that was reached, with all that a page needs to say why. One from Explain may have reached no step;
// then Step is empty.
type Finding struct {
	Rule      string
	RuleTitle Words
	Why       Words // with the names of measures in braces; see Sentence
	Source    string
	Ruleset   string
	Version   int
	Step      Step
	Next      *Step   // the step after this one; nil on the last
	NextOn    int     // the day on which Next begins; 0 in month rules and where there is none
	Due       int     // the day that the finding is about: the deadline, the anchor, the period's last day, or the event's day
	DueAt     int     // its minute, where hours are counted; else 0
	On        int     // the day on which the step begins; where none was reached, the day that Explain was asked about
	Begins    int     // its minute, where hours are counted; else 0
	AnswerBy  int     // the last day to answer the step's paper when it is shown on On; 0 where it asks for no answer
	Points    float64 // what the step adds to the score
	Exempt    bool    // from Explain: an accepted reason keeps the rule from holding
	Facts     []Fact
	Gaps      []Gap // from Explain: why Next is not reached, or why the rule does not hold
}

// Holds says whether the rule applies to the thing at all: a step was reached, or one may follow. Where it does not, the
// sentence of the finding is void.
func (f Finding) Holds() bool { return f.Step.ID != "" || f.Next != nil }

// Stamp names the rule and the version of its rule set, such as "project.behind@1", as the journal keeps it.
func (f Finding) Stamp() string { return fmt.Sprintf("%s@%d", f.Rule, f.Version) }

// Key tells findings apart: the rule, its version, the step and the day that it is about, such as "project.behind@1/red/2023-05-31".
func (f Finding) Key() string { return fmt.Sprintf("%s/%s/%s", f.Stamp(), f.Step.ID, dayText(f.Due)) }

// Threshold returns where the step begins, as the rule writes it: "behind >= 10" or "10 workdays".
func (s Step) Threshold() string {
	switch {
	case s.At != nil:
		return s.At.String()
	case s.After != nil:
		return s.After.String()
	case s.Follows && s.If == "":
		return "1 workday"
	}
	return s.If
}

var placeholderPattern = regexp.MustCompile(`\{([^{}]*)\}`)

// Sentence returns the explanation in one language with the values filled in; day writes a day number as the reader expects it.
func (f Finding) Sentence(lang string, day func(int) string) string {
	return placeholderPattern.ReplaceAllStringFunc(f.Why.In(lang), func(hole string) string {
		name := strings.Trim(hole, "{}")
		switch name {
		case "due":
			return moment(f.Due, f.DueAt, day)
		case "on":
			return moment(f.On, f.Begins, day)
		}
		for _, fact := range f.Facts {
			if fact.Name == name {
				return fact.text(day)
			}
		}
		return hole
	})
}

// moment writes a day, with the time of day where there is one.
func moment(on, minute int, day func(int) string) string {
	if minute == 0 {
		return day(on)
	}
	return day(on) + timeText(minute)[10:]
}

func (f Fact) text(day func(int) string) string {
	switch value := f.Value.(type) {
	case int:
		if f.Type == "day" && value == 0 {
			return "—"
		}
		if f.Type == "day" {
			return day(value)
		}
		if f.Type == "time" {
			return day(dayOf(value)) + timeText(value)[10:]
		}
		return strconv.Itoa(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	if f.Value == "" {
		return "—"
	}
	return fmt.Sprint(f.Value)
}

// Explain says how the rule sees an item at a moment: the gravest step reached, if any, the one that comes next, and why it is not
// reached yet. A rule judged every period is judged as if its period ended today; where the rule does not hold, neither step is set.
func (r *Rule) Explain(s Subject, now Moment, cal Calendar) (Finding, error) {
	last := 0
	if r.Every != "" {
		last = PeriodEnd(r.Every, now.Day)
	}
	l, err := r.looking(s, now, last, cal)
	if err != nil {
		return Finding{}, err
	}
	f, err := l.explain()
	if err != nil {
		return f, err
	}
	f.Exempt = l.exempt
	f.Gaps, err = l.gaps(f)
	return f, err
}

func (l *look) explain() (Finding, error) {
	due, today := l.base, point{day: l.today()}
	if l.r.Anchor == "" {
		due = today
	}
	if !l.holds {
		out := l.finding(-1, due, today)
		out.Next = nil
		return out, nil
	}
	if l.r.Anchor == "" {
		i := -1
		var err error
		if l.r.Every != "" {
			i, err = l.gravest(l.last)
		}
		if err != nil {
			return Finding{}, err
		}
		return l.finding(i, due, today), nil
	}
	reached, err := l.reached()
	if err != nil {
		return Finding{}, err
	}
	if n := len(reached); n > 0 {
		return reached[n-1], nil
	}
	points, err := l.begins()
	if err != nil {
		return Finding{}, err
	}
	out := l.finding(-1, due, today)
	for i, p := range points {
		if p.day != 0 {
			next := l.r.Steps[i]
			out.Next, out.NextOn = &next, p.day
			break
		}
	}
	return out, nil
}

// finding puts together what is known of step i; -1 stands for none reached yet.
func (l *look) finding(i int, due, on point) Finding {
	r := l.r
	f := Finding{
		Rule: r.ID, RuleTitle: r.Title, Why: r.Why, Source: r.Source, Ruleset: r.ruleset, Version: r.version,
		Due: due.day, DueAt: due.minute, On: on.day, Begins: on.minute,
	}
	if i >= 0 {
		f.Step = r.Steps[i]
	}
	if i+1 < len(r.Steps) {
		next := r.Steps[i+1]
		f.Next = &next
	}
	for _, m := range r.scope.measures {
		if value, ok := l.env[m.Name]; ok {
			f.Facts = append(f.Facts, Fact{Name: m.Name, Type: m.Type, Title: m.Title, Value: value})
		}
	}
	return f
}
