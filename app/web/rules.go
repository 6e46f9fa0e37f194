package web

import (
	"slices"
	"strconv"
	"strings"

	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) rulesPage(c *call) error {
	of := c.QueryParam("of")
	page := templates.RulesPage{Default: templates.Notice{Text: c.T("rules.default"), Detail: c.T("rules.default_change")}}
	for _, tab := range []struct{ of, key, icon string }{{"", "rules.tab_lights", "scale"}, {"ticket", "rules.tab_ticket", "workflow"}, {"project", "rules.tab_project", "milestone"}} {
		href := "/rules"
		if tab.of != "" {
			href += "?of=" + tab.of
		}
		page.Tabs = append(page.Tabs, templates.Segment{Text: c.T(tab.key), Href: href, Icon: tab.icon, On: of == tab.of})
	}
	base, err := c.base(c.T("rules.title"))
	if err != nil {
		return err
	}
	l := law{c}
	switch of {
	case "":
		l.fillRules(&page)
	case "ticket", "project":
		page.Machine = l.machine(s.App.Machine(of))
	default:
		return missingPage()
	}
	base.Kind, base.Lead = "rules", c.T("rules.lead")
	return showBase(c, statusPage, s.Set.Pages.Admin.Rules, base, page)
}

// law words the definitions in the reader's language.
type law struct{ c *call }

// marked tells that a source names a default of this product.
func marked(source string) bool { return strings.Contains(source, "[P]") }

func (l law) fillRules(page *templates.RulesPage) {
	set := l.c.s.App.Ruleset()
	effective := set.Effective
	if d, err := calendar.ParseDate(set.Effective); err == nil {
		effective = l.c.FullDay(d)
	}
	page.Set = []templates.Def{{Name: l.c.T("rules.set"), Text: set.Title.In(l.c.Lang), Note: set.ID}, {Name: l.c.T("rules.version"), Text: l.c.T("rules.version_n", "Version", set.Version)},
		{Name: l.c.T("rules.effective"), Text: effective}, {Name: l.c.T("rules.approved_by"), Text: set.ApprovedBy}, {Name: l.c.T("rules.source"), Text: set.Source}}
	for i := range set.Rules {
		page.Rules = append(page.Rules, l.rule(&set.Rules[i]))
	}
}

func (l law) rule(r *workflows.Rule) templates.RuleSheet {
	sheet := templates.RuleSheet{ID: r.ID, Title: r.Title.In(l.c.Lang), Default: marked(r.Source), Steps: l.steps(r), Cases: l.cases(r)}
	rhythm := l.c.T("rules.monthly")
	if r.Anchor != "" {
		rhythm = l.c.T("rules.from", "Anchor", l.measure(r.Scope, r.Anchor))
	}
	sheet.Facts = []templates.Def{{Name: l.c.T("rules.scope"), Text: l.c.T("object." + r.Scope)}, {Name: l.c.T("rules.rhythm"), Text: rhythm},
		{Name: l.c.T("rules.why"), Text: l.sentence(r)}, {Name: l.c.T("rules.source"), Text: r.Source}}
	if r.When != "" {
		sheet.When = []templates.Condition{{Words: l.condition(r.Scope, r.When), Code: r.When}}
	}
	sheet.CasesHead = l.c.T("rules.cases", "N", len(r.Cases))
	return sheet
}

// sentence is the explanation of a rule with the names of what it fills in.
func (l law) sentence(r *workflows.Rule) string {
	pairs := []string{"{due}", "[" + l.c.T("rules.hole_due") + "]", "{on}", "[" + l.c.T("rules.hole_on") + "]"}
	for _, m := range workflows.Measures(r.Scope) {
		pairs = append(pairs, "{"+m.Name+"}", "["+m.Title.In(l.c.Lang)+"]")
	}
	return strings.NewReplacer(pairs...).Replace(r.Why.In(l.c.Lang))
}

// steps is the ladder of a rule, from mild to grave.
func (l law) steps(r *workflows.Rule) templates.Table {
	t := l.table("rules.step", "rules.begins", "rules.tell", "rules.paper", "rules.interview", "rules.answer")
	for _, step := range r.Steps {
		begins, note := l.begins(r, step), ""
		if step.If != "" {
			note = step.If
		}
		answer := ""
		if step.Answer != nil {
			answer = l.c.T("rules.answer_within", "Term", l.term(*step.Answer))
		}
		l.row(&t, templates.Cell{Light: l.c.Light(step.Light), Class: "name"}, templates.Cell{Text: begins, Note: note}, templates.Cell{Text: l.recipients(step.Tell)},
			templates.Cell{Text: l.named(workflows.Papers(), step.Paper)}, templates.Cell{Text: l.named(workflows.Recipients(), step.Interview)}, templates.Cell{Text: answer})
	}
	return l.trimmed(t)
}

func (l law) begins(r *workflows.Rule, step workflows.Step) string {
	if step.At == nil {
		return l.condition(r.Scope, step.If)
	}
	term, key := *step.At, "rules.after"
	if term.N < 0 {
		term.N, key = -term.N, "rules.before"
	}
	return l.c.T(key, "Anchor", l.measure(r.Scope, r.Anchor), "Term", l.term(term))
}

// cases are the examples that a rule set carries: facts that are false, 0 or empty are left out.
func (l law) cases(r *workflows.Rule) templates.Table {
	t := l.table("rules.case_day", "rules.case_facts", "rules.case_light")
	for _, example := range r.Cases {
		var facts []string
		for _, m := range workflows.Measures(r.Scope) {
			if text := l.fact(r.Scope, m, example.Facts[m.Name]); text != "" {
				facts = append(facts, text)
			}
		}
		expect := templates.Cell{Text: l.c.T("rules.no_light")}
		for _, step := range r.Steps {
			if step.ID == example.Expect {
				expect = templates.Cell{Light: l.c.Light(step.Light)}
			}
		}
		l.row(&t, templates.Cell{Text: l.c.FullDay(calendar.Date(example.On)), Class: "name"}, templates.Cell{Text: strings.Join(facts, l.c.T("rules.and_then"))}, expect)
	}
	return t
}

// fact is one fact of a case in words, "" when it says nothing.
func (l law) fact(scope string, m workflows.Measure, value any) string {
	text := ""
	switch v := value.(type) {
	case bool:
		if v {
			text = l.c.T("value.yes")
		}
	case int:
		if m.Type == "day" && v != 0 {
			text = l.c.FullDay(calendar.Date(v))
		} else if v != 0 {
			text = strconv.Itoa(v)
		}
	case float64:
		if v != 0 {
			text = strconv.FormatFloat(v, 'f', -1, 64)
		}
	case string:
		text = l.text(scope, m.Name, v)
	}
	if text == "" {
		return ""
	}
	return l.c.T("rules.fact", "Name", m.Title.In(l.c.Lang), "Value", text)
}

// table is an empty table with the heads of the keys.
func (l law) table(keys ...string) templates.Table {
	var t templates.Table
	for _, key := range keys {
		t.Columns = append(t.Columns, templates.Column{Text: l.c.T(key)})
	}
	return t
}

// row adds a line; each cell repeats its head for phones.
func (l law) row(t *templates.Table, cells ...templates.Cell) {
	for i := range cells {
		cells[i].Head = t.Columns[i].Text
	}
	t.Rows = append(t.Rows, cells)
}

// trimmed leaves out the columns in which nothing stands.
func (l law) trimmed(t templates.Table) templates.Table {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(t.Rows, func(row []templates.Cell) bool { return !row[i].Blank() }) {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for n := range t.Rows {
			t.Rows[n] = slices.Delete(t.Rows[n], i, i+1)
		}
	}
	return t
}

func (l law) recipients(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, l.named(workflows.Recipients(), id))
	}
	return strings.Join(names, l.c.T("rules.comma"))
}

func (l law) named(list []workflows.Named, id string) string {
	for _, n := range list {
		if n.ID == id {
			return n.Title.In(l.c.Lang)
		}
	}
	return id
}
