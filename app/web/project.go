package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) projectPage(c *call) error {
	d, err := s.App.ProjectDossier(c.ctx(), c.actor, c.Param("code"))
	if err != nil {
		return err
	}
	if c.Request().Header.Get("HX-Target") == "panel" {
		return s.projectPanel(c, d)
	}
	return s.showProject(c, statusPage, d, refused{anchor: c.QueryParam("do")})
}

// showProject draws a project's page; after a refused form with that form open and what was typed in it.
func (s *server) showProject(c *call, status int, d app.Dossier, again refused) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	sheet := projectSheet{c: c, d: d, dir: dir, again: again, offered: map[string]bool{}}
	page, err := sheet.page()
	if err != nil {
		return err
	}
	p := d.Project
	base, err := c.projectBase("project", p.Name, templates.Crumb{Text: c.T("nav.projects"), Href: "/projects"},
		templates.Crumb{Text: d.TaskForce.Name, Href: forcePath(d.TaskForce)}, templates.Crumb{Text: p.Code})
	if err != nil {
		return err
	}
	return showBase(c, status, s.Set.Pages.Project.One, base, page)
}

// projectSheet is a project's page in the making.
type projectSheet struct {
	c     *call
	d     app.Dossier
	dir   app.Directory
	again refused
	// offered are the anchors of the forms on the page: a refused form may not be among them any more.
	offered map[string]bool
}

func (p projectSheet) page() (templates.ProjectPage, error) {
	c, row := p.c, p.d.Project
	page := templates.ProjectPage{
		Code: row.Code, Light: c.Asked(c.Light(row.Light), whyPath("project", row.Code)), Flag: pennant(p.d.TaskForce), Force: forcePath(p.d.TaskForce), Tags: p.tags(), Figures: p.figures(),
		Notices: p.paused(), Steps: p.steps(), Life: p.life(), Blockers: p.blockers(), Claim: p.claim(), Moves: p.moveForms(), Chain: p.chain(), Handed: p.handed(), Assign: p.assignForm(),
		Months: p.months(), Plan: p.planForm(), Reports: p.reports(), Report: p.reportForm(), Stones: p.stones(), Stone: p.stoneForms(),
		Tickets: c.ticketTable(p.d.Tickets, p.dir), Facts: p.facts(), Exempt: p.exemptions(), Exempts: p.exemptForm(), Journal: "/journal?project=" + row.Code,
	}
	if len(p.d.Assignments) > 0 && p.d.Assignments[0].ValidTo.IsZero() {
		page.Duties = p.d.Assignments[0].Duties
	}
	if c.rights.Draft {
		page.NewIssue = "/tickets/new?project=" + row.Code
	}
	if c.rights.Journal {
		page.Case = projectPath(row.Code) + "/case.zip"
	}
	p.empties(&page)
	talk, anchors, err := c.talkBox("project", row.ID, projectPath(row.Code), p.dir, p.again)
	if err != nil {
		return page, err
	}
	page.Talk = talk
	for _, anchor := range anchors {
		p.offered[anchor] = true
	}
	page.Notices = append(p.lost(), page.Notices...)
	why, err := c.explained("project", row.Code)
	if err != nil {
		return page, err
	}
	page.Why = why.brief
	if page.Issued, err = c.paperBox("project", row.ID, row.Code); err != nil {
		return page, err
	}
	told, err := c.s.App.ToldOfProject(c.ctx(), row.Code, toldShown)
	if err != nil {
		return page, err
	}
	if page.Told, err = c.toldBox(told, p.dir, row.Code); err != nil {
		return page, err
	}
	if page.StoneDates, err = p.stoneDates(); err != nil {
		return page, err
	}
	page.Events, err = p.events()
	return page, err
}

// empties say what is not there yet, and who brings it.
func (p projectSheet) empties(page *templates.ProjectPage) {
	c := p.c
	if len(page.Reports) == 0 {
		page.NoReport = []templates.Empty{{Icon: "file-text", Text: c.T("project.no_report"), Next: c.T("project.no_report_next")}}
	}
	if len(page.Stones) == 0 {
		page.NoStones = []templates.Empty{{Icon: "milestone", Text: c.T("project.no_stone"), Next: c.T("project.no_stone_next")}}
	}
	if len(page.Tickets) == 0 {
		page.Quiet = []templates.Empty{{Icon: "clipboard-check", Text: c.T("project.no_ticket"), Next: c.T("project.no_ticket_next")}}
	}
}

func (p projectSheet) tags() []templates.Tag {
	c, row := p.c, p.d.Project
	tags := []templates.Tag{{Text: c.T("project.level." + row.Level), Tone: "line"}}
	for _, t := range []struct {
		on        bool
		key, tone string
	}{{row.InPlan, "project.in_plan", "line"}, {row.SpringStart, "project.spring", "line"}, {!row.RegisteredOn.IsZero(), "project.registered", "green"}, {row.Sample, "project.sample", ""}} {
		if t.on {
			tags = append(tags, templates.Tag{Text: c.T(t.key), Tone: t.tone})
		}
	}
	return tags
}

// schedule is what was planned from January to the end of this month, in fen.
func (p projectSheet) schedule() int64 {
	var planned int64
	for _, m := range p.d.Months {
		if m.Month <= p.c.s.App.Today().Month() {
			planned = m.PlanSum
		}
	}
	return planned
}

func (p projectSheet) figures() []templates.Figure {
	c, row := p.c, p.d.Project
	money := func(key string, fen int64) templates.Figure {
		value, unit := c.Amount(fen)
		if fen == 0 {
			unit = c.T("money.middle_unit")
		}
		return templates.Figure{Label: c.T(key), Value: value, Unit: unit}
	}
	list := []templates.Figure{money("project.invest", row.InvestFen)}
	if row.YearPlanFen > 0 {
		done, plan := percent(row.VerifiedFen, row.YearPlanFen), percent(p.schedule(), row.YearPlanFen)
		reported := money("project.reported_sum", row.ReportedFen)
		verified := money("project.verified_sum", row.VerifiedFen)
		if gap := row.ReportedFen - row.VerifiedFen; gap > 0 {
			verified.Note = c.T("project.unverified", "V", c.Money(gap))
		}
		rate := c.bar("project.rate", done, plan, c.scheduleNote(p.schedule(), row.YearPlanFen, c.s.App.Today().Month()))
		rate.Bar.Tone = lightTone(row.Light)
		list = append(list, money("project.year_plan", row.YearPlanFen), reported, verified, rate)
		list = append(list, p.deviation()...)
	}
	return append(list, p.stageFigure())
}

// deviation is how far the verified amount stood above or below the schedule when a month was judged last, in points of the year's plan.
func (p projectSheet) deviation() []templates.Figure {
	c := p.c
	for _, m := range slices.Backward(p.d.Months) {
		if j := m.Judgement; j != nil {
			f := templates.Figure{Label: c.T("project.deviation", "Month", c.ShortMonth(m.Month)), Value: signed(float64(j.DoneBP-j.ScheduleBP) / 100), Unit: c.T("project.points")}
			return []templates.Figure{f}
		}
	}
	return nil
}

// stageFigure is how long the project has been in its stage.
func (p projectSheet) stageFigure() templates.Figure {
	c := p.c
	state, _ := c.s.App.Machine("project").State(p.d.Project.Stage)
	days := int(c.s.App.Today() - p.d.Project.StageSince)
	f := templates.Figure{Label: c.T("project.in_stage", "Stage", state.Title.In(c.Lang)), Value: c.Count(days), Unit: c.T("project.days")}
	if state.LimitDays > 0 {
		f.Note = c.T("project.limit", "Limit", state.LimitDays)
		if days > state.LimitDays {
			f.Tone = "red"
		}
	}
	return f
}

func (p projectSheet) paused() []templates.Notice {
	c, row := p.c, p.d.Project
	state, _ := c.s.App.Machine("project").State(row.Stage)
	switch state.Kind {
	case workflows.KindPaused:
		was, _ := c.s.App.Machine("project").State(row.ResumeStage)
		return []templates.Notice{{Tone: "warn", Text: c.T("project.paused", "Day", c.Day(row.StageSince), "Stage", was.Title.In(c.Lang)), Detail: c.T("project.paused_note")}}
	case workflows.KindEnded:
		return []templates.Notice{{Text: c.T("project.ended", "Day", c.Day(row.StageSince))}}
	}
	return nil
}

// lost says why a form was refused that is not offered any more, and keeps what was written in it.
func (p projectSheet) lost() []templates.Notice {
	if p.again.form == nil || p.offered[p.again.anchor] {
		return nil
	}
	var why, kept []string
	for _, field := range slices.Sorted(maps.Keys(p.again.faults)) {
		why = append(why, p.again.faults[field])
	}
	for _, name := range []string{"text", "problems", "next_step", "evidence", "reason", "note", "duties"} {
		if text := strings.TrimSpace(p.again.form.text(name)); text != "" {
			kept = append(kept, text)
		}
	}
	n := templates.Notice{Tone: "bad", Text: strings.Join(why, " "), Items: kept}
	if len(kept) > 0 {
		n.Detail = p.c.T("project.kept")
	}
	return []templates.Notice{n}
}

func (p projectSheet) facts() []templates.Def {
	c, row := p.c, p.d.Project
	var out []templates.Def
	add := func(key, text, note string) {
		if text != "" {
			out = append(out, templates.Def{Name: c.T(key), Text: text, Note: note})
		}
	}
	add("project.code", row.Code, row.NationalCode)
	add("project.field", row.Field, "")
	add("project.site", row.Site, "")
	add("project.enterprise", p.d.Enterprise.Name, p.d.Enterprise.CreditCode)
	reported, verified := p.fundsInPlace()
	add("project.funds_reported", reported, "")
	add("project.funds_verified", verified, "")
	contact := ""
	if len(p.d.Assignments) > 0 {
		contact = p.d.Assignments[0].Contact
	}
	add("project.contact", contact, "")
	for _, day := range []struct {
		key string
		on  calendar.Date
	}{{"project.signed_on", row.SignedOn}, {"project.planned_start_on", row.PlannedStartOn}, {"project.started_on", row.StartedOn}, {"project.planned_finish_on", row.PlannedFinishOn},
		{"project.finished_on", row.FinishedOn}, {"project.registered_on", row.RegisteredOn}, {"project.last_progress_on", row.LastProgressOn}} {
		add(day.key, c.FullDay(day.on), "")
	}
	return out
}

// projectPanel is the project beside the map.
func (s *server) projectPanel(c *call, d app.Dossier) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	p := projectSheet{c: c, d: d, dir: dir}
	why, err := c.explained("project", d.Project.Code)
	if err != nil {
		return err
	}
	page := templates.ProjectPanel{Code: d.Project.Code, Name: d.Project.Name, Href: projectPath(d.Project.Code), Light: c.Asked(c.Light(d.Project.Light), whyPath("project", d.Project.Code)), Figures: p.figures(), Chain: p.chain()}
	if why.brief.Alarm {
		page.Why = why.brief.Lines
	}
	for _, m := range d.Milestones {
		if m.ActualOn.IsZero() {
			words, tone := c.dueCell(d.Project.TaskForceID, m.DueOn())
			page.Facts = append(page.Facts, templates.Def{Name: m.Name, Text: c.due(m.DueOn()), Href: whyPath("milestone", strconv.FormatInt(m.ID, 10)) + "#due", Note: words, Tone: tone})
		}
	}
	for _, k := range d.Tickets {
		state, _ := s.App.Machine("ticket").State(k.State)
		page.Tickets = append(page.Tickets, templates.Def{Name: c.TicketNo(k.No), Text: k.Title, Href: "/tickets/" + k.No, Note: state.Title.In(c.Lang)})
	}
	return showBase(c, statusPage, s.Set.Pages.Project.Panel, s.Set.Base(c.Lang), page)
}

// dueCell says how far a day is, with the class of a day that has passed.
func (c *call) dueCell(taskForce int64, d calendar.Date) (words, class string) {
	words, late := c.dueWords(taskForce, d)
	if late {
		return words, "late"
	}
	return words, ""
}
