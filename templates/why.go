package templates

import (
	"fmt"
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
	DueCount     *WhyCount
	JournalNotes string
}

// WhyGroup is one heading with the rules under it.
type WhyGroup struct {
	Head  string
	Rules []WhyRule
}

// WhyRule is what one rule says of the item.
type WhyRule struct {
	ID       string
	Light    LightMark
	Title    string
	Stamp    string // rule set, rule and version
	Sentence string // why it is lit, or why not
	Facts    []Def
	Law      []Def // source, what it brings, what comes next
	Count    *WhyCount
}

// WhyCount is a day-by-day count: a sentence that names the holidays and make-up days, and every day.
type WhyCount struct {
	Sentence string
	Days     Table
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
	groups := map[string]*WhyGroup{}
	for _, key := range []string{"whypage.lit", "whypage.calm", "whypage.apart"} {
		groups[key] = &WhyGroup{Head: l.T(key)}
	}
	for _, r := range w.Rules {
		key := "whypage.calm"
		switch {
		case r.Lit != nil:
			key = "whypage.lit"
		case !r.Finding.Holds():
			key = "whypage.apart"
		}
		groups[key].Rules = append(groups[key].Rules, l.whyRule(r, w, codes))
	}
	for _, key := range []string{"whypage.lit", "whypage.calm", "whypage.apart"} {
		if len(groups[key].Rules) > 0 {
			p.Groups = append(p.Groups, *groups[key])
		}
	}
	p.Lead = l.whyLead(w, len(groups["whypage.lit"].Rules))
	l.whyDue(&p, w)
	return p
}

func (l Locale) whyLead(w app.Why, lit int) string {
	day := l.Day(w.Day)
	switch {
	case lit > 0:
		return l.T("whypage.lead_lit", "Day", day, "N", lit)
	case w.Paused:
		return l.T("whypage.lead_paused", "Day", day)
	case w.Light == workflows.LightNone:
		return l.T("whypage.lead_none", "Day", day)
	}
	return l.T("whypage.lead_calm", "Day", day)
}

func (l Locale) whyRule(r app.RuleWhy, w app.Why, codes Codes) WhyRule {
	f := r.Finding
	out := WhyRule{ID: f.Rule, Title: f.RuleTitle.In(l.Lang), Stamp: f.Ruleset + "/" + f.Stamp(), Light: l.Light(workflows.LightNone)}
	scope := w.Kind
	for _, fact := range f.Facts {
		out.Facts = append(out.Facts, Def{Name: fact.Title.In(l.Lang), Text: l.factValue(scope, fact, codes)})
	}
	out.Law = append(out.Law, Def{Name: l.T("whypage.version"), Text: out.Stamp, Href: codes.Href}, Def{Name: l.T("why.source"), Text: f.Source})
	switch {
	case r.Lit != nil:
		out.Light = l.Light(r.Lit.Light)
		out.Sentence = f.Sentence(l.Lang, l.DayNumber)
		out.Law = append(out.Law, Def{Name: l.T("whypage.since"), Text: l.Day(r.Lit.BeganOn)})
		out.Law = append(out.Law, l.brings(*r.Lit)...)
	case f.Step.ID != "":
		out.Light = l.Light(f.Step.Light)
		out.Sentence = f.Sentence(l.Lang, l.DayNumber)
	case f.Holds():
		out.Sentence = l.whyNot(r, f, codes)
	default:
		out.Sentence = l.T("whypage.not_applicable")
		if r.Rule != nil && r.Rule.When != "" {
			out.Sentence = l.T("whypage.not_when", "When", codes.When(r.Rule))
		}
	}
	if next := l.nextStep(r, w, codes); next != nil && (r.Lit != nil || f.Step.ID != "") {
		out.Law = append(out.Law, *next)
	}
	out.Count = l.whyCount(r.Count)
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

// nextStep says what comes next, and when; month rules look again at the end of the next month.
func (l Locale) nextStep(r app.RuleWhy, w app.Why, codes Codes) *Def {
	f := r.Finding
	if f.Next == nil || r.Rule == nil {
		return nil
	}
	d := Def{Name: l.T("whypage.next"), Note: codes.Begins(r.Rule, *f.Next)}
	if why := f.WhyNot(l.Lang, l.DayNumber); why != "" && f.NextOn == 0 {
		d.Note = why
	}
	light := l.Light(f.Next.Light).Word
	if f.NextOn != 0 {
		d.Text = l.T("whypage.next_on", "Day", l.Day(calendar.Date(f.NextOn)), "Light", light)
		return &d
	}
	month := w.Day.Month()
	if w.Day == month.Last() {
		month = month.Add(1)
	}
	d.Text = l.T("whypage.next_month", "Day", l.Day(month.Last()), "Light", light)
	return &d
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

func (l Locale) whyDue(p *WhyPage, w app.Why) {
	d := w.Due
	if d == nil {
		return
	}
	p.Due = append(p.Due, Def{Name: l.T("whypage.due"), Text: l.Day(d.On)}, Def{Name: l.T("whypage.baseline"), Text: l.Day(d.Baseline)})
	switch {
	case d.Term != "":
		p.Due = append(p.Due, Def{Name: l.T("whypage.counted"), Text: l.T("whypage.counted_from", "Day", l.Day(d.From), "Term", l.termText(d.Term))})
	default:
		p.Due = append(p.Due, Def{Name: l.T("whypage.counted"), Text: l.T("whypage.fixed")})
	}
	switch {
	case d.Met:
		p.Due = append(p.Due, Def{Name: l.T("whypage.overdue"), Text: l.T("whypage.met")})
	case d.Late > 0:
		p.Due = append(p.Due, Def{Name: l.T("whypage.overdue"), Text: l.T("whypage.late", "N", d.Late), Tone: "late"})
	default:
		p.Due = append(p.Due, Def{Name: l.T("whypage.overdue"), Text: l.T("whypage.not_late")})
	}
	p.DueCount = l.whyCount(d.Count)
}

// termText writes a term such as "15 workdays" in words; one that can't be read is shown as it is.
func (l Locale) termText(text string) string {
	t, err := calendar.ParseTerm(text)
	if err != nil {
		return text
	}
	return l.Term(t)
}

// whyCount says how the days were counted: nil where there is nothing to count.
func (l Locale) whyCount(steps []calendar.Step) *WhyCount {
	if len(steps) < 2 {
		return nil
	}
	first, last := steps[0], steps[len(steps)-1]
	c := &WhyCount{}
	for _, key := range []string{"whypage.day", "whypage.kind", "whypage.n"} {
		c.Days.Columns = append(c.Days.Columns, Column{Text: l.T(key)})
	}
	rest, holidays, makeUp := 0, []string{}, []string{}
	for _, s := range steps {
		if s.Mark == calendar.MarkSkipped || s.Mark == calendar.MarkMoved || s.Mark == calendar.MarkLast {
			rest++
			if s.Name != "" && (len(holidays) == 0 || holidays[len(holidays)-1] != s.Name) {
				holidays = append(holidays, s.Name)
			}
		}
		if s.Kind == calendar.KindMakeUp && s.Mark != calendar.MarkStart {
			makeUp = append(makeUp, l.ShortDay(s.Date))
		}
		n := ""
		if s.N > 0 && s.Mark != calendar.MarkSkipped && s.Mark != calendar.MarkMoved {
			n = strconv.Itoa(s.N)
		}
		kind := l.T("day." + string(s.Kind))
		if s.Name != "" {
			kind += " · " + s.Name
		}
		c.Days.Rows = append(c.Days.Rows, []Cell{{Text: l.Day(s.Date), Head: c.Days.Columns[0].Text, Class: "name"}, {Text: kind, Note: l.T("whypage.mark." + string(s.Mark)), Head: c.Days.Columns[1].Text},
			{Text: n, Head: c.Days.Columns[2].Text}})
	}
	c.Sentence = l.T("whypage.count", "From", l.Day(first.Date), "To", l.Day(last.Date), "N", last.N, "Rest", rest)
	if len(holidays) > 0 {
		c.Sentence += l.T("whypage.count_holidays", "Names", strings.Join(holidays, l.T("whypage.comma")))
	}
	if len(makeUp) > 0 {
		c.Sentence += l.T("whypage.count_make_up", "Days", strings.Join(makeUp, l.T("whypage.comma")))
	}
	return c
}
