package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// refused is a form that was not accepted: its anchor, what was typed and what was wrong. With an anchor alone it is a form that the address asks to open.
type refused struct {
	anchor string
	form   *form
	faults templates.Faults
}

// formMaker puts a form of this area together; a field of a refused form keeps what was typed and gets its sentence.
type formMaker struct {
	c     *call
	again refused
	form  templates.ProjectForm
}

// maker begins a form of the project's page. Its action is an address below the project.
func (p projectSheet) maker(anchor, title, action string) *formMaker {
	p.offered[anchor] = true
	m := &formMaker{c: p.c, again: p.again}
	m.form = templates.ProjectForm{ID: anchor, Title: p.c.T(title), Action: projectPath(p.d.Project.Code) + "/" + action, Open: p.again.anchor == anchor}
	return m
}

// mine tells whether this is the form that was refused.
func (m *formMaker) mine() bool { return m.again.form != nil && m.again.anchor == m.form.ID }

// field is a field with a catalog key as label and a value that stands until something was typed.
func (m *formMaker) field(name, label, value string) templates.Field {
	f := m.c.Field(name, label, value)
	f.ID = m.form.ID + "-" + name
	if m.mine() {
		f.Value = m.again.form.text(name)
		f = f.Fails(m.again.faults)
	}
	return f
}

// money is a field for an amount in 万元.
func (m *formMaker) money(name, label, value string) templates.Field {
	f := m.field(name, label, value).As("number").In("project.wan").Between("0", "")
	f.Step = "any"
	return f
}

// tick is a box.
func (m *formMaker) tick(name, label string) templates.Field {
	return m.field(name, label, "").Tick(m.mine() && m.again.form.on(name))
}

func (m *formMaker) hide(name, value string) {
	m.form.Hidden = append(m.form.Hidden, templates.HiddenField{Name: name, Value: value})
}

// version is the version of the row that the person has on the screen.
func (m *formMaker) version(v int64) { m.hide("version", strconv.FormatInt(v, 10)) }

func (m *formMaker) button(key, name, value, tone string) {
	m.form.Buttons = append(m.form.Buttons, templates.FormButton{Text: m.c.T(key), Name: name, Value: value, Tone: tone})
}

// done closes the form. Faults that have no field here stand above it. In a form that was refused or asked for, the cursor goes to the first field with a
// fault, or else to the first field: the browser scrolls there.
func (m *formMaker) done(fields ...templates.Field) []templates.ProjectForm {
	m.form.Fields = fields
	focus := 0
	if m.mine() {
		left := maps.Clone(m.again.faults)
		for i := range slices.Backward(fields) {
			delete(left, fields[i].Name)
			if fields[i].Error != "" {
				focus = i
			}
		}
		for _, name := range slices.Sorted(maps.Keys(left)) {
			m.form.Problems = append(m.form.Problems, templates.Notice{Tone: "bad", Text: left[name]})
		}
	}
	if len(fields) > 0 && m.again.anchor == m.form.ID {
		fields[focus].Focus = true
	}
	return []templates.ProjectForm{m.form}
}

// wanText is an amount as a number field wants it: 万元 without thousands.
func wanText(fen int64) string {
	text := strings.TrimRight(fmt.Sprintf("%d.%06d", fen/fenPerWan, fen%fenPerWan), "0")
	return strings.TrimSuffix(text, ".")
}

// askedFrom is the day of the month from which the form for this month's report is open, as the desk asks for it from then on [P].
const askedFrom = 20

// reportForm reports a month: by default the one that was returned, then this month's, then the newest that can still be corrected.
func (p projectSheet) reportForm() []templates.ProjectForm {
	if !p.d.May.Report {
		return nil
	}
	c, today := p.c, p.c.s.App.Today()
	var months []templates.Option
	var chosen *app.MonthLine
	m := p.maker("report-form", "project.do_report", "report")
	for i := range p.d.Months {
		line := &p.d.Months[i]
		if line.Month.First() > today || line.Entry != nil && line.Entry.State == "verified" {
			continue
		}
		text := c.Month(line.Month) + " · " + c.T("project.entry.none")
		if line.Entry != nil {
			text = c.Month(line.Month) + " · " + c.T("project.entry."+line.Entry.State)
			m.hide("version-"+line.Month.String(), strconv.FormatInt(line.Entry.Version, 10))
		}
		months = append(months, templates.Option{Value: line.Month.String(), Text: text})
		if chosen == nil || !returned(chosen) {
			chosen = line
		}
	}
	if chosen == nil {
		return nil
	}
	e := app.ProgressEntry{}
	if chosen.Entry != nil {
		e = *chosen.Entry
	}
	amount, funds := "", ""
	if chosen.Entry != nil {
		amount = wanText(e.ReportedFen)
	}
	if e.ReportedFundsFen != nil {
		funds = wanText(*e.ReportedFundsFen)
	}
	m.form.Open = m.form.Open || returned(chosen) || chosen.Entry == nil && chosen.Month == today.Month() && today.Day() >= askedFrom
	m.form.Hint = c.T("project.report_hint")
	m.button("project.send_report", "", "", "primary")
	var photo []templates.Field
	if c.s.App.Uploads() {
		m.form.Files = true
		photo = append(m.photoFields(), m.field("caption", "talk.caption_photo", "").Whole())
	}
	return m.done(append([]templates.Field{m.field("month", "project.month", chosen.Month.String()).Choose(months).Need(), m.money("amount", "project.amount", amount).Need(),
		m.money("funds", "project.funds_amount", funds).Hinted("project.funds_hint"),
		m.field("text", "project.text", e.Text).Lines(3).Hinted("project.text_hint").Whole(), m.field("problems", "project.problems", e.Problems).Lines(2).Whole(),
		m.field("next_step", "project.next_step", e.NextStep).Lines(2).Whole()}, photo...)...)
}

func returned(m *app.MonthLine) bool { return m.Entry != nil && m.Entry.State == "returned" }

// verifyForm verifies a month's report with the verifier's own amount, or returns it.
func (p projectSheet) verifyForm(e *app.ProgressEntry) []templates.ProjectForm {
	m := p.maker("verify-"+e.Month.String(), "project.do_verify", "verify")
	m.hide("month", e.Month.String())
	m.version(e.Version)
	m.button("project.accept", "do", "accept", "primary")
	m.button("project.return", "do", "return", "")
	fields := []templates.Field{m.money("amount", "project.verify_amount", wanText(e.ReportedFen))}
	if e.ReportedFundsFen != nil {
		fields = append(fields, m.money("funds", "project.verify_funds", wanText(*e.ReportedFundsFen)))
	}
	return m.done(append(fields, m.field("note", "project.note", "").Lines(2).Hinted("project.note_hint"))...)
}

// moveForms offer the stages that the reader may claim or enter now, the usual one first.
func (p projectSheet) moveForms() []templates.ProjectForm {
	var out []templates.ProjectForm
	for _, move := range p.d.Moves {
		m := p.maker("move-"+move.ID, "", "move")
		m.form.Title = move.Title.In(p.c.Lang)
		if len(move.VerifiedBy) > 0 {
			m.form.Note = p.c.T("project.counts_when", "Who", p.c.rolesInWords(move.VerifiedBy))
		}
		m.hide("move", move.ID)
		m.version(p.d.Project.Version)
		var fields []templates.Field
		for _, need := range move.Needs {
			fields = append(fields, m.need(need))
		}
		tone := "primary"
		if move.Grave {
			tone = "grave"
		}
		m.button("project.send_move", "", "", tone)
		out = append(out, m.done(fields...)...)
	}
	return out
}

// need is a field as a move of the definition asks for it.
func (m *formMaker) need(need workflows.Need) templates.Field {
	f := m.field(need.Field, "", "")
	f.Label = need.Title.In(m.c.Lang)
	switch {
	case need.Type == "date":
		f = f.As("date")
		if need.Field == "occurred_on" {
			f = f.Between("", m.c.s.App.Today().String())
		}
	case need.Type == "choice":
		options := []templates.Option{{Text: m.c.T("project.choose")}}
		for _, o := range need.Options {
			options = append(options, templates.Option{Value: o.ID, Text: o.Title.In(m.c.Lang)})
		}
		f = f.Choose(options)
	case need.Field != "document":
		f = f.Lines(3).Whole()
	}
	if !need.Optional {
		f = f.Need()
	}
	return f
}

func (p projectSheet) decideForm(claim app.StageClaim) []templates.ProjectForm {
	m := p.maker("decide", "project.do_decide", "decide")
	m.hide("claim", strconv.FormatInt(claim.ID, 10))
	m.version(claim.Version)
	m.button("project.accept_claim", "do", "accept", "primary")
	m.button("project.reject", "do", "reject", "")
	return m.done(m.field("note", "project.decide_note", "").Lines(2).Hinted("project.decide_hint").Whole())
}

// planForm sets the twelve months of the year's plan; months that were judged stand fast.
func (p projectSheet) planForm() []templates.ProjectForm {
	row := p.d.Project
	if !p.d.May.Plan || row.YearPlanFen == 0 {
		return nil
	}
	m := p.maker("plan", "project.do_plan", "plan")
	m.version(row.Version)
	m.form.Hint = p.c.T("project.plan_hint", "Plan", p.c.wan(row.YearPlanFen))
	var fields []templates.Field
	planned := false
	for _, line := range p.d.Months {
		planned = planned || line.PlanFen > 0
	}
	for i, line := range p.d.Months {
		value := ""
		if planned {
			value = wanText(line.PlanFen)
		}
		f := m.money("month_"+strconv.Itoa(i+1), "", value)
		f.Label, f.Fixed = p.c.Month(line.Month), planned && line.Month <= row.JudgedMonth
		fields = append(fields, f)
	}
	if planned {
		fields = append(fields, m.field("reason", "project.reason", "").Lines(2).Need().Whole())
	}
	m.button("project.send_plan", "", "", "primary")
	return m.done(fields...)
}

// assignForm makes the first assignment, or hands it over.
func (p projectSheet) assignForm() []templates.ProjectForm {
	if !p.d.May.Assign {
		return nil
	}
	var now app.Assignment
	title := "project.do_assign"
	if len(p.d.Assignments) > 0 && p.d.Assignments[0].ValidTo.IsZero() {
		now, title = p.d.Assignments[0], "project.do_hand_over"
	}
	m := p.maker("assign", title, "assign")
	m.version(p.d.Project.Version)
	m.form.Hint = p.c.T("project.assign_hint")
	people, units := p.people(now), p.units()
	fields := []templates.Field{m.field("guarantee_leader_id", "project.guarantee_leader", chosenID(now.GuaranteeLeaderID)).Choose(people),
		m.field("lead_unit_id", "project.lead_unit", chosenID(now.LeadUnitID)).Choose(units), m.field("unit_id", "project.unit", chosenID(now.UnitID)).Choose(units).Need(),
		m.field("responsible_id", "project.responsible", chosenID(now.ResponsibleID)).Choose(people), m.field("officer_id", "project.officer", chosenID(now.OfficerID)).Choose(people),
		m.field("contact", "project.contact", now.Contact), m.field("duties", "project.duties", now.Duties).Lines(3).Whole()}
	if now.ID != 0 {
		fields = append(fields, m.field("reason", "project.hand_over_reason", "").Lines(2).Need().Whole())
	}
	m.button("project.send_assign", "", "", "primary")
	return m.done(fields...)
}

// people are those who can be named in an assignment: accounts that are open, and whoever holds a post in it now.
func (p projectSheet) people(now app.Assignment) []templates.Option {
	out := []templates.Option{{Text: p.c.T("project.vacant")}}
	for _, u := range p.dir.UserList() {
		if u.Disabled && u.ID != now.GuaranteeLeaderID && u.ID != now.ResponsibleID && u.ID != now.OfficerID {
			continue
		}
		out = append(out, templates.Option{Value: chosenID(u.ID), Text: strings.TrimRight(u.Name+" · "+p.dir.Units[u.UnitID].Name+" "+u.Title, " ")})
	}
	return out
}

func (p projectSheet) units() []templates.Option {
	out := []templates.Option{{Text: p.c.T("project.vacant")}}
	for _, u := range p.dir.UnitList() {
		out = append(out, templates.Option{Value: chosenID(u.ID), Text: u.Name})
	}
	return out
}

// chosenID is a row's number as a select wants it, "" for none.
func chosenID(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// stoneForms say that a milestone was reached, give it another date, or add one.
func (p projectSheet) stoneForms() []templates.ProjectForm {
	c := p.c
	var open []templates.Option
	for _, s := range p.d.Milestones {
		if s.ActualOn.IsZero() {
			open = append(open, templates.Option{Value: chosenID(s.ID), Text: s.Name + " · " + c.ShortDay(s.DueOn())})
		}
	}
	var out []templates.ProjectForm
	if p.d.May.Report && len(open) > 0 {
		reach := p.maker("reach", "project.do_reach", "milestones/move")
		p.stoneVersions(reach)
		reach.hide("do", "reach")
		reach.button("project.send_reach", "", "", "primary")
		out = append(out, reach.done(reach.field("milestone", "project.stone", open[0].Value).Choose(open).Need(),
			reach.field("actual_on", "project.actual", "").As("date").Between("", c.s.App.Today().String()).Need(),
			reach.field("reason", "project.evidence", "").Lines(2).Need().Whole())...)
		revise := p.maker("revise", "project.do_revise", "milestones/move")
		revise.form.Hint = c.T("project.revise_hint")
		p.stoneVersions(revise)
		revise.hide("do", "revise")
		revise.button("project.send_revise", "", "", "primary")
		out = append(out, revise.done(revise.field("milestone", "project.stone", open[0].Value).Choose(open).Need(),
			revise.field("revised_on", "project.revised", "").As("date").Between(c.s.App.Today().AddDays(1).String(), "").Need(),
			revise.field("reason", "project.reason", "").Lines(2).Need().Whole(), revise.field("decision", "memory.decision", "").Hinted("memory.decision_hint").Whole())...)
	}
	if p.d.May.Plan {
		add := p.maker("add-milestone", "project.do_add_stone", "milestones")
		add.form.Hint = c.T("project.add_stone_hint")
		add.button("project.send_add_stone", "", "", "primary")
		out = append(out, add.done(add.field("name", "project.stone_name", "").Need(), add.field("baseline_on", "project.baseline", "").As("date").Need(),
			add.field("final", "memory.stone_final", "").Hinted("memory.stone_final_hint").Tick(add.mine() && p.again.form.on("final")))...)
	}
	return out
}

// stoneVersions lets a form with a choice of milestones carry the version of each.
func (p projectSheet) stoneVersions(m *formMaker) {
	for _, s := range p.d.Milestones {
		if s.ActualOn.IsZero() {
			m.hide("version-"+chosenID(s.ID), strconv.FormatInt(s.Version, 10))
		}
	}
}

// exemptForm accepts a reason for one rule and month.
func (p projectSheet) exemptForm() []templates.ProjectForm {
	if !p.d.May.Exempt {
		return nil
	}
	m := p.maker("exempt", "project.do_exempt", "exempt")
	m.form.Hint = p.c.T("project.exempt_hint")
	var rules, months []templates.Option
	for _, r := range p.c.s.App.MonthRules() {
		rules = append(rules, templates.Option{Value: r.ID, Text: r.Title.In(p.c.Lang)})
	}
	for _, line := range p.d.Months {
		months = append(months, templates.Option{Value: line.Month.String(), Text: p.c.Month(line.Month)})
	}
	m.button("project.send_exempt", "", "", "primary")
	return m.done(m.field("rule_id", "project.rule", p.d.Project.LightRule).Choose(rules).Need(), m.field("month", "project.month", p.thisMonth().String()).Choose(months).Need(),
		m.field("reason", "project.exempt_reason", "").Lines(3).Need().Whole())
}

// thisMonth is this month, or the last of the project's year.
func (p projectSheet) thisMonth() calendar.Month {
	month := p.c.s.App.Today().Month()
	if n := len(p.d.Months); n > 0 && month > p.d.Months[n-1].Month {
		return p.d.Months[n-1].Month
	}
	return month
}
