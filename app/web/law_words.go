package web

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// turnLines is how many items a preview or a simulation lists on one page.
const turnLines = 200

// lawWords words versions of the law.
type lawWords struct {
	law
	dir app.Directory
}

func (w lawWords) heads() templates.Table {
	return w.table("law.name", "law.state", "law.from", "law.drafted", "law.decided")
}

func (w lawWords) line(t *templates.Table, l app.Law) {
	w.row(t, templates.Cell{Text: w.name(l), Href: lawHref(l.ID), Note: l.Reason, Class: "name"}, templates.Cell{Text: w.c.T("law_state." + l.State)},
		templates.Cell{Text: w.from(l)}, templates.Cell{Text: w.who(l.DraftedBy), Note: w.c.at(l.DraftedAt)}, w.decided(l))
}

func (w lawWords) decided(l app.Law) templates.Cell {
	if l.State == "draft" {
		return templates.Cell{}
	}
	return templates.Cell{Text: w.who(l.DecidedBy), Note: w.c.at(l.DecidedAt)}
}

// who is a person's name; what came with the program was decided by nobody here.
func (w lawWords) who(id int64) string {
	if id == 0 {
		return w.c.T("law.program")
	}
	return w.dir.Users[id].Name
}

func (w lawWords) from(l app.Law) string {
	if l.EffectiveFrom.IsZero() {
		return w.c.T("law.ever")
	}
	return w.c.Day(l.EffectiveFrom)
}

// name is "亮灯规则 default 第 2 版".
func (w lawWords) name(l app.Law) string {
	return w.c.T("law.no", "Kind", w.c.T("law_kind."+l.Kind), "Name", l.Name, "N", l.Edition)
}

func (w lawWords) title(f app.LawFile) string {
	if f.Rules != nil {
		return f.Rules.Title.In(w.c.Lang)
	}
	return f.Machine.Title.In(w.c.Lang)
}

// page is one version with its difference, its preview and its text.
func (w lawWords) page(f app.LawFile) (templates.LawPage, error) {
	c, l := w.c, f.Law
	tone := map[string]string{"draft": "yellow", "approved": "green", "rejected": "red", "withdrawn": "line"}[l.State]
	p := templates.LawPage{ID: strconv.FormatInt(l.ID, 10), Version: strconv.FormatInt(l.Version, 10), State: templates.Tag{Text: c.T("law_state." + l.State), Tone: tone},
		Text: l.YAML, Withdraw: f.Edit, Decide: f.Decide, Action: lawHref(l.ID) + "/decide"}
	p.Set = []templates.Def{{Name: c.T("law.name"), Text: w.name(l), Note: w.title(f)}, {Name: c.T("law.from"), Text: w.from(l)}, {Name: c.T("law.reason"), Text: l.Reason},
		{Name: c.T("law.drafted"), Text: w.who(l.DraftedBy), Note: c.at(l.DraftedAt)}, {Name: c.T("rules.source"), Text: l.Source}, {Name: c.T("law.hash"), Text: l.SHA256}}
	if l.State != "draft" {
		p.Set = append(p.Set, templates.Def{Name: c.T("law.decided"), Text: w.who(l.DecidedBy), Note: c.at(l.DecidedAt)}, templates.Def{Name: c.T("law.note"), Text: l.DecisionNote})
	}
	p.Set = withText(p.Set)
	if f.Edit {
		p.Edit = lawHref(l.ID) + "/edit"
	}
	if l.State == "draft" && f.Own {
		p.Own = templates.Notice{Text: c.T("law.own"), Detail: c.T("law.own_detail")}
	}
	w.compare(&p, f)
	if f.Rules == nil {
		p.Machine = w.machine(f.Machine)
		return p, nil
	}
	cases := 0
	for i := range f.Rules.Rules {
		p.Rules = append(p.Rules, w.rule(&f.Rules.Rules[i]))
		cases += len(f.Rules.Rules[i].Cases)
	}
	p.Cases = c.T("law.cases", "N", cases)
	if c.rights.SeesAll {
		p.Simulate = fmt.Sprintf("/rules/simulate?law=%d", l.ID)
	}
	if l.State != "draft" || !c.rights.SeesAll {
		return p, nil
	}
	return p, w.preview(&p, f.Rules)
}

// withText leaves out lines without a text.
func withText(list []templates.Def) []templates.Def {
	var out []templates.Def
	for _, d := range list {
		if d.Text != "" {
			out = append(out, d)
		}
	}
	return out
}

// compare says in words and line by line what differs from the version before.
func (w lawWords) compare(p *templates.LawPage, f app.LawFile) {
	if f.Before == nil {
		return
	}
	p.Before = w.name(*f.Before)
	for _, line := range workflows.CompareLines(f.Before.YAML, f.Law.YAML) {
		d := templates.DiffLine{Mark: string(line.Mark), Text: line.Text}
		switch line.Mark {
		case '+':
			d.Class, d.Word = "plus", w.c.T("law.line_new")
		case '-':
			d.Class, d.Word = "minus", w.c.T("law.line_old")
		}
		p.Diff = append(p.Diff, d)
	}
	p.Changes = w.changes(f)
	if len(p.Changes) == 0 {
		p.Changes = []string{w.c.T("law.no_change")}
	}
}

// changes names the rules that are new, gone or different.
func (w lawWords) changes(f app.LawFile) []string {
	if f.Rules == nil {
		return nil
	}
	old, err := workflows.ReadRuleset("", f.Before.YAML)
	if err != nil {
		return nil
	}
	var out []string
	for i := range f.Rules.Rules {
		r := &f.Rules.Rules[i]
		was, ok := old.Rule(r.ID)
		switch {
		case !ok:
			out = append(out, w.c.T("law.rule_new", "Rule", r.Title.In(w.c.Lang), "ID", r.ID))
		case !reflect.DeepEqual(w.rule(was), w.rule(r)):
			out = append(out, w.c.T("law.rule_changed", "Rule", r.Title.In(w.c.Lang), "ID", r.ID))
		}
	}
	for i := range old.Rules {
		if _, ok := f.Rules.Rule(old.Rules[i].ID); !ok {
			out = append(out, w.c.T("law.rule_gone", "Rule", old.Rules[i].Title.In(w.c.Lang), "ID", old.Rules[i].ID))
		}
	}
	return out
}

// preview says how many items turn which light today under the draft, and lists them.
func (w lawWords) preview(p *templates.LawPage, rules *workflows.Ruleset) error {
	list, err := w.c.s.App.PreviewRules(w.c.ctx(), w.c.actor, rules)
	if err != nil {
		return err
	}
	counts := map[string]map[workflows.Light]int{}
	for _, d := range list {
		kind := d.Kind
		if d.Keeps {
			kind += "_later"
		}
		if counts[kind] == nil {
			counts[kind] = map[workflows.Light]int{}
		}
		counts[kind][d.Draft.Light]++
	}
	for _, kind := range []string{"project", "milestone_later", "ticket_later"} {
		for _, light := range append([]workflows.Light{workflows.LightNone}, workflows.Lights()...) {
			if n := counts[kind][light]; n > 0 {
				p.Preview = append(p.Preview, w.c.T("preview."+kind, "N", n, "Light", w.c.Light(light).Word))
			}
		}
	}
	if len(list) == 0 {
		p.Preview = []string{w.c.T("preview.nothing")}
	}
	unknown, err := w.c.s.App.Unsupplied(w.c.ctx(), rules)
	if err != nil {
		return err
	}
	for _, u := range unknown {
		var names []string
		for _, m := range u.Measures {
			names = append(names, m.Title.In(w.c.Lang))
		}
		p.Preview = append(p.Preview, w.c.T("preview.unsupplied", "Rule", u.Rule.Title.In(w.c.Lang), "Measures", strings.Join(names, w.c.T("work.and"))))
	}
	p.Turns, p.MoreTurns = w.turns(list, false)
	return nil
}

// turns lists items with their light under the law and under the draft.
func (w lawWords) turns(list []app.Differs, days bool) (templates.Table, string) {
	keys := []string{"simulate.item", "simulate.law", "simulate.draft"}
	if days {
		keys = append(keys, "simulate.days")
	}
	t := w.table(keys...)
	for i, d := range list {
		if i == turnLines {
			return t, w.c.T("simulate.more", "N", len(list)-turnLines)
		}
		cells := []templates.Cell{w.item(d), w.seen(d.Law), w.seen(d.Draft)}
		if days {
			day := w.c.Day(d.From)
			if d.To != d.From {
				day = w.c.T("simulate.stretch", "From", w.c.Day(d.From), "To", w.c.Day(d.To))
			}
			cells = append(cells, templates.Cell{Text: day})
		}
		w.row(&t, cells...)
	}
	return t, ""
}

func (w lawWords) item(d app.Differs) templates.Cell {
	cell := templates.Cell{Text: d.No + " " + d.Title, Href: "/why/projects/" + d.No, Class: "name", Note: w.c.T("object." + d.Kind)}
	if d.Kind == "ticket" {
		cell.Text, cell.Href = w.c.TicketNo(d.No)+" "+d.Title, "/why/tickets/"+d.No
	}
	if d.Keeps {
		cell.Note = w.c.T("preview.keeps")
	}
	return cell
}

func (w lawWords) seen(s app.Seen) templates.Cell {
	return templates.Cell{Light: w.c.Light(s.Light), Note: s.Title.In(w.c.Lang)}
}
