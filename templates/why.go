package templates

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// WhyPage says why an item is lit on a day, and why not: the one explanation behind every light, overdue flag and due date.
type WhyPage struct {
	Item         Def // number, title and the item's own page
	Light        LightMark
	Lead         string
	Day          Field
	Path         string // of this page without its day
	Groups       []WhyGroup
	Due          []Def
	DueCounts    []WhyCount
	JournalNotes string
}

// WhyGroup is one heading with the rules under it.
type WhyGroup struct {
	Key, Head string
	Rules     []WhyRule
}

// The groups of an explanation, in their order.
const (
	whyLit   = "lit"
	whyCalm  = "calm"
	whyApart = "apart"
)

// WhyRule is what one rule says of the item.
type WhyRule struct {
	ID       string
	Light    LightMark
	Title    string
	Stamp    string // rule set, rule and version
	Short    string // the version in words
	Sentence string // why it is lit, or why not
	Facts    []Def
	Since    Def   // the day from which it is lit, empty where it is not
	Brings   []Def // paper, interview, the day to answer
	Law      []Def // version and source
	Next     []WhyNext
	Counts   []WhyCount
}

// Defs is everything about the rule that is no fact of the item.
func (r WhyRule) Defs() []Def {
	out := slices.Clone(r.Law)
	if r.Since.Text != "" {
		out = append(out, r.Since)
	}
	out = append(out, r.Brings...)
	for _, next := range r.Next {
		out = append(out, Def{Name: next.Name, Text: next.Text, Note: next.Note})
	}
	return out
}

// WhyNext is the step that a rule takes if nothing changes.
type WhyNext struct {
	Name, Text, Note string // "下一步", when which light comes, and under which condition
	On               calendar.Date
	Light            LightMark
	Tells            string // who is told, and by which paper
}

// Codes puts the codes of rules into words where a page knows more than a catalog: the titles of states, and conditions.
type Codes struct {
	Value  func(scope, measure, value string) string
	Begins func(*workflows.Rule, workflows.Step) string
	When   func(*workflows.Rule) string
	Href   string // of the page with the rules, "" where there is none
}

// Why words an explanation in the reader's language.
func (l Locale) Why(w app.Why, codes Codes) WhyPage {
	p := WhyPage{Light: l.Light(w.Light)}
	keys := []string{whyLit, whyCalm, whyApart}
	groups := map[string][]WhyRule{}
	for _, r := range w.Rules {
		key := whyCalm
		switch {
		case r.Lit != nil:
			key = whyLit
		case !r.Finding.Holds():
			key = whyApart
		}
		groups[key] = append(groups[key], l.whyRule(r, w, codes))
	}
	for _, key := range keys {
		if len(groups[key]) > 0 {
			p.Groups = append(p.Groups, WhyGroup{Key: key, Head: l.T("whypage." + key), Rules: groups[key]})
		}
	}
	p.Lead = l.whyLead(w, len(groups[whyLit]))
	l.whyDue(&p, w)
	return p
}

func (l Locale) whyLead(w app.Why, lit int) string {
	day := l.Day(w.Day)
	switch {
	case lit > 0:
		return l.T("whypage.lead_lit", "Day", day, "N", lit)
	case w.Paused && w.Ticket != nil && w.Ticket.IssuedOn.IsZero():
		return l.T("whypage.lead_draft", "Day", day)
	case w.Paused && w.Ticket != nil && !w.Ticket.ClosedOn.IsZero():
		return l.T("whypage.lead_done", "Day", day)
	case w.Paused:
		return l.T("whypage.lead_paused", "Day", day)
	case w.Light == workflows.LightNone:
		return l.T("whypage.lead_none", "Day", day)
	}
	return l.T("whypage.lead_calm", "Day", day)
}

func (l Locale) whyRule(r app.RuleWhy, w app.Why, codes Codes) WhyRule {
	f := r.Finding
	out := WhyRule{ID: f.Rule, Title: f.RuleTitle.In(l.Lang), Stamp: f.Ruleset + "/" + f.Stamp(), Short: l.T("rules.version_n", "Version", f.Version), Light: l.Light(workflows.LightNone), Facts: l.FindingFacts(w.Kind, f, codes)}
	out.Law = []Def{{Name: l.T("whypage.version"), Text: out.Stamp, Href: codes.Href}, {Name: l.T("why.source"), Text: f.Source}}
	switch {
	case r.Lit != nil:
		out.Light = l.Light(r.Lit.Light)
		out.Sentence = f.Sentence(l.Lang, l.DayNumber)
		out.Since = Def{Name: l.T("whypage.since"), Text: l.Day(r.Lit.BeganOn)}
		out.Brings = l.brings(*r.Lit)
	case f.Step.ID != "":
		out.Light = l.Light(f.Step.Light)
		out.Sentence = f.Sentence(l.Lang, l.DayNumber)
	case f.Unknown():
		out.Sentence = f.WhyNot(l.Lang, l.DayNumber)
	case f.Holds():
		out.Sentence = l.whyNot(r, f, codes)
	default:
		out.Sentence = l.T("whypage.not_applicable")
		if r.Rule != nil && r.Rule.When != "" {
			out.Sentence = l.T("whypage.not_when", "When", codes.When(r.Rule))
		}
	}
	out.Next = l.nextStep(r, w, codes)
	for _, count := range r.Counts {
		out.Counts = append(out.Counts, l.ruleCount(count))
	}
	return out
}

// FindingFacts are the values that a rule looked at, in words.
func (l Locale) FindingFacts(scope string, f workflows.Finding, codes Codes) []Def {
	var out []Def
	for _, fact := range f.Facts {
		out = append(out, Def{Name: fact.Title.In(l.Lang), Text: l.factValue(scope, fact, codes)})
	}
	return out
}

// whyNot says what is missing to the first step: the day on which it begins, or the comparison that does not hold.
func (l Locale) whyNot(r app.RuleWhy, f workflows.Finding, codes Codes) string {
	light := l.Light(f.Next.Light).Word
	if f.NextOn != 0 {
		return l.T("whypage.not_yet", "Day", l.Day(calendar.Date(f.NextOn)), "Light", light, "Begins", codes.Begins(r.Rule, *f.Next))
	}
	if why := f.WhyNot(l.Lang, l.DayNumber); why != "" {
		return l.T("whypage.not_reached", "Why", why)
	}
	return l.T("whypage.not_met", "Values", l.values(r, f, codes), "Light", light, "Begins", codes.Begins(r.Rule, *f.Next))
}

// values are the facts that the next step's condition names, with what they are now.
func (l Locale) values(r app.RuleWhy, f workflows.Finding, codes Codes) string {
	var list []string
	for _, fact := range f.Facts {
		if strings.Contains(f.Next.If, fact.Name) {
			list = append(list, l.T("whypage.value", "Name", fact.Title.In(l.Lang), "Value", l.factValue(r.Rule.Scope, fact, codes)))
		}
	}
	return strings.Join(list, l.T("whypage.comma"))
}

// nextStep says what comes next, and when; month rules look again at the end of the next month. There is none after the last step.
func (l Locale) nextStep(r app.RuleWhy, w app.Why, codes Codes) []WhyNext {
	f := r.Finding
	if f.Next == nil || r.Rule == nil {
		return nil
	}
	n := WhyNext{Name: l.T("whypage.next"), Note: codes.Begins(r.Rule, *f.Next), Light: l.Light(f.Next.Light), On: calendar.Date(f.NextOn), Tells: l.tells(*f.Next)}
	if why := f.WhyNot(l.Lang, l.DayNumber); why != "" && f.NextOn == 0 {
		n.Note = why
	}
	if f.NextOn != 0 {
		n.Text = l.T("whypage.next_on", "Day", l.Day(n.On), "Light", n.Light.Word)
		return []WhyNext{n}
	}
	month := w.Day.Month()
	if w.Day == month.Last() {
		month = month.Add(1)
	}
	n.Text = l.T("whypage.next_month", "Day", l.Day(month.Last()), "Light", n.Light.Word)
	return []WhyNext{n}
}

// tells is the paper that a step brings, whom it tells and who interviews.
func (l Locale) tells(s workflows.Step) string {
	var parts []string
	if s.Paper != "" {
		parts = append(parts, named(workflows.Papers(), s.Paper, l.Lang))
	}
	var told []string
	for _, id := range s.Tell {
		told = append(told, l.recipient(id))
	}
	if len(told) > 0 {
		parts = append(parts, l.T("whypage.tells", "Who", strings.Join(told, l.T("whypage.comma"))))
	}
	if s.Interview != "" {
		parts = append(parts, l.T("whypage.interviews", "Who", l.recipient(s.Interview)))
	}
	return strings.Join(parts, " · ")
}

// brings is what a lit step brings with it.
func (l Locale) brings(e app.Escalation) []Def {
	var out []Def
	if e.Paper != "" {
		out = append(out, Def{Name: l.T("why.paper"), Text: named(workflows.Papers(), e.Paper, l.Lang)})
	}
	if e.Interview != "" {
		out = append(out, Def{Name: l.T("why.interview"), Text: l.recipient(e.Interview), Tone: "late"})
	}
	if !e.AnswerBy.IsZero() {
		out = append(out, Def{Name: l.T("why.answer_by"), Text: l.Day(e.AnswerBy)})
	}
	if e.Points != 0 {
		out = append(out, Def{Name: l.T("why.points"), Text: l.T("why.points_of", "Points", strconv.FormatFloat(float64(e.Points)/100, 'f', -1, 64), "Charge", l.T("charge."+e.Charge))})
	}
	return out
}

func (l Locale) factValue(scope string, fact workflows.Fact, codes Codes) string {
	switch v := fact.Value.(type) {
	case bool:
		if v {
			return l.T("value.yes")
		}
		return l.T("value.no")
	case int:
		switch {
		case fact.Type == "day" && v == 0:
			return l.T("whypage.no_day")
		case fact.Type == "day":
			return l.Day(calendar.Date(v))
		}
		return l.Count(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return codes.Value(scope, fact.Name, v)
	}
	return fmt.Sprint(fact.Value)
}
