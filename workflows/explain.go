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
	Next      *Step // the step after this one; nil on the last
	NextOn    int   // the day on which Next begins; 0 in month rules and where there is none
	Due       int   // the day that the finding is about: the anchor, or the month's last day
	On        int   // the day on which the step begins; where none was reached, the day that Explain was asked about
	Facts     []Fact
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
	if s.At != nil {
		return s.At.String()
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
			return day(f.Due)
		case "on":
			return day(f.On)
		}
		for _, fact := range f.Facts {
			if fact.Name == name {
				return fact.text(day)
			}
		}
		return hole
	})
}

func (f Fact) text(day func(int) string) string {
	switch value := f.Value.(type) {
	case int:
		if f.Type == "day" {
			return day(value)
		}
		return strconv.Itoa(value)
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return fmt.Sprint(f.Value)
}

// Explain says how the rule sees these facts on a day: the gravest step reached, if any, and the one that comes next.
// A month rule is judged as if today were a month's end; where the rule does not hold, neither step is set.
func (r *Rule) Explain(f Facts, today int, shift Shift) (Finding, error) {
	j, err := r.look(f)
	if err != nil {
		return Finding{}, err
	}
	due := j.anchor
	if r.Every != "" {
		due = today
	}
	if !j.holds {
		out := r.finding(-1, due, today, j.env)
		out.Next = nil
		return out, nil
	}
	if r.Every != "" {
		i, err := r.gravest(j.env)
		if err != nil {
			return Finding{}, err
		}
		return r.finding(i, due, today, j.env), nil
	}
	reached, err := r.Reached(f, today, shift)
	if err != nil {
		return Finding{}, err
	}
	if len(reached) > 0 {
		return reached[len(reached)-1], nil
	}
	out := r.finding(-1, due, today, j.env)
	out.NextOn, err = shift(due, *r.Steps[0].At)
	return out, err
}

// finding puts together what is known of step i; -1 stands for none reached yet.
func (r *Rule) finding(i, due, on int, env map[string]any) Finding {
	f := Finding{
		Rule: r.ID, RuleTitle: r.Title, Why: r.Why, Source: r.Source, Ruleset: r.ruleset, Version: r.version, Due: due, On: on,
	}
	if i >= 0 {
		f.Step = r.Steps[i]
	}
	if i+1 < len(r.Steps) {
		next := r.Steps[i+1]
		f.Next = &next
	}
	for _, m := range r.scope.measures {
		if value, ok := env[m.Name]; ok {
			f.Facts = append(f.Facts, Fact{Name: m.Name, Type: m.Type, Title: m.Title, Value: value})
		}
	}
	return f
}
