package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// why explains every light that burns on the project and its milestones; where none burns on the project itself, how the rules see it today.
func (p projectSheet) why() (templates.ProjectWhy, error) {
	c := p.c
	lit := slices.DeleteFunc(slices.Clone(p.d.Escalations), func(e app.Escalation) bool { return !e.LiftedOn.IsZero() })
	slices.SortStableFunc(lit, func(a, b app.Escalation) int { // the project's own first, because its light is theirs; then the gravest
		switch {
		case a.ItemKind != b.ItemKind:
			return strings.Compare(b.ItemKind, a.ItemKind)
		case a.Light.Worse(b.Light):
			return -1
		case b.Light.Worse(a.Light):
			return 1
		}
		return 0
	})
	w := templates.ProjectWhy{Lead: c.T("project.why_lit", "N", len(lit))}
	own := false
	for _, e := range lit {
		own = own || e.ItemKind == "project"
		w.Open = w.Open || e.Light.Worse(workflows.LightBlue)
		f, err := e.Explain()
		if err != nil {
			return w, fmt.Errorf("explain escalation %d: %w", e.ID, err)
		}
		w.Items = append(w.Items, p.whyItem(e, f))
	}
	if own {
		return w, nil
	}
	return w, p.outlook(&w)
}

// whyItem explains one finding; e is the rung that it lit, or one without a day when it lit none.
func (p projectSheet) whyItem(e app.Escalation, f workflows.Finding) templates.WhyItem {
	c := p.c
	item := templates.WhyItem{Light: c.Light(e.Light), Rule: f.RuleTitle.In(c.Lang), Of: p.stoneName(e), Sentence: f.Sentence(c.Lang, c.DayNumber), Facts: c.findingFacts(f)}
	if !e.BeganOn.IsZero() {
		item.Brings = append(item.Brings, templates.Def{Name: c.T("project.began"), Text: c.Day(e.BeganOn)})
	}
	for _, d := range c.Consequences(e, f) {
		switch d.Name {
		case c.T("why.rule"), c.T("why.source"):
			item.Law = append(item.Law, d)
		case c.T("why.answer_by"):
			d.Note, d.Tone = c.dueCell(e.AnswerBy)
			item.Brings = append(item.Brings, d)
		default:
			item.Brings = append(item.Brings, d)
		}
	}
	item.Brings = append(item.Brings, p.next(f)...)
	return item
}

// stoneName is the milestone that an escalation is about, "" when it is about the project.
func (p projectSheet) stoneName(e app.Escalation) string {
	if e.ItemKind != "milestone" {
		return ""
	}
	i := slices.IndexFunc(p.d.Milestones, func(m app.Milestone) bool { return m.ID == e.ItemID })
	if i < 0 {
		return ""
	}
	return p.c.T("project.stone_of", "Name", p.d.Milestones[i].Name)
}

// outlook adds why the project itself shows no light that complains, or that no rule looks at it.
func (p projectSheet) outlook(w *templates.ProjectWhy) error {
	c := p.c
	found, err := c.s.App.ProjectOutlook(c.ctx(), p.d.Project)
	switch {
	case err != nil:
		return err
	case len(w.Items) > 0:
	case len(found) == 0:
		w.Lead = c.T("project.why_none")
	default:
		w.Lead = c.T("project.why_calm")
	}
	for _, f := range found {
		w.Items = append(w.Items, p.whyItem(app.Escalation{Light: workflows.LightGreen}, f))
	}
	return nil
}

// next says which step follows, when, and what leads to it. Month rules are judged again at the end of the next month that was not judged yet.
func (p projectSheet) next(f workflows.Finding) []templates.Def {
	c := p.c
	if f.Next == nil {
		return []templates.Def{{Name: c.T("project.next"), Text: c.T("project.next_none")}}
	}
	d := templates.Def{Name: c.T("project.next")}
	light := c.Light(f.Next.Light).Word
	if rule, ok := c.s.App.Ruleset().Rule(f.Rule); ok {
		d.Note = c.T("project.next_if", "Threshold", law{c}.begins(rule, *f.Next))
	}
	if f.NextOn != 0 {
		d.Text = c.T("project.next_on", "Day", c.Day(calendar.Date(f.NextOn)), "Light", light)
	} else {
		d.Text = c.T("project.next_month", "Day", c.FullDay(p.nextJudged().Last()), "Light", light)
	}
	return []templates.Def{d}
}

// nextJudged is the month whose end is judged next.
func (p projectSheet) nextJudged() calendar.Month {
	month := p.c.s.App.Today().Month()
	if p.d.Project.JudgedMonth >= month {
		return p.d.Project.JudgedMonth.Add(1)
	}
	return month
}

// findingFacts are the values that a rule looked at, in words.
func (c *call) findingFacts(f workflows.Finding) []templates.Def {
	var out []templates.Def
	for _, fact := range f.Facts {
		if text := c.factText(f.Rule, fact); text != "" {
			out = append(out, templates.Def{Name: fact.Title.In(c.Lang), Text: text})
		}
	}
	return out
}

func (c *call) factText(rule string, fact workflows.Fact) string {
	switch v := fact.Value.(type) {
	case bool:
		if v {
			return c.T("value.yes")
		}
		return c.T("value.no")
	case int:
		if fact.Type == "day" {
			return c.Day(calendar.Date(v))
		}
		return c.Count(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		scope := "project"
		if r, ok := c.s.App.Ruleset().Rule(rule); ok {
			scope = r.Scope
		}
		return law{c}.text(scope, fact.Name, v)
	}
	return fmt.Sprint(fact.Value)
}
