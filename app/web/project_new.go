package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/templates"
)

func (s *server) newProjectPage(c *call) error {
	if !c.rights.Plan {
		return missingPage()
	}
	return s.showNewProject(c, statusPage, refused{})
}

func (s *server) addProject(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.AddProject{Code: f.text("code"), NationalCode: f.text("national_code"), Name: f.text("name"), Level: f.text("level"), Field: f.text("field"), Site: f.text("site"),
		Enterprise: f.text("enterprise"), TaskForceID: f.number("task_force_id"), Sample: f.on("sample"), InPlan: f.on("in_plan"), SpringStart: f.on("spring_start"),
		SignedOn: f.day("signed_on"), PlannedStartOn: f.day("planned_start_on"), PlannedFinishOn: f.day("planned_finish_on"), InvestFen: f.wan("invest"),
		YearPlanFen: f.wan("year_plan"), Year: int(f.number("year")), Stage: f.text("stage")}
	if cmd.Year < 2000 || cmd.Year > 2100 {
		f.fault("year", "choose")
	}
	var p *app.Project
	err = f.typed(func() error {
		p, err = s.App.AddProject(c.ctx(), c.actor, cmd)
		return err
	})
	to := "/projects"
	if err == nil {
		to = projectPath(p.Code)
	}
	return c.after(err, to, "project_added", func(status int, faults templates.Faults) error {
		return s.showNewProject(c, status, refused{anchor: "new", form: f, faults: faults})
	})
}

func (s *server) showNewProject(c *call, status int, again refused) error {
	forces, err := s.App.PlanForces(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	page := templates.NewProjectPage{Form: c.newProjectForm(forces, again)}
	base, err := c.projectBase("project", c.T("project.new"), templates.Crumb{Text: c.T("nav.projects"), Href: "/projects"}, templates.Crumb{Text: c.T("project.new")})
	if err != nil {
		return err
	}
	base.Lead = c.T("project.new_lead")
	return showBase(c, status, s.Set.Pages.Project.New, base, page)
}

func (c *call) newProjectForm(forces []app.TaskForce, again refused) templates.ProjectForm {
	m := &formMaker{c: c, again: again, form: templates.ProjectForm{ID: "new", Action: "/projects/new"}}
	var of, levels, stages []templates.Option
	if len(forces) != 1 {
		of = append(of, templates.Option{Text: c.T("project.choose")})
	}
	for _, tf := range forces {
		of = append(of, templates.Option{Value: chosenID(tf.ID), Text: tf.Name})
	}
	for _, level := range app.Levels() {
		levels = append(levels, templates.Option{Value: level, Text: c.T("project.level." + level)})
	}
	machine := c.s.App.Machine("project")
	for _, id := range machine.Begin {
		if st, ok := machine.State(id); ok {
			stages = append(stages, templates.Option{Value: id, Text: st.Title.In(c.Lang)})
		}
	}
	m.button("project.send_new", "", "", "primary")
	return m.done(m.field("name", "project.name", "").Need().Whole(), m.field("task_force_id", "map.corner", "").Choose(of).Need(),
		m.field("level", "project.level_of", "city").Choose(levels).Need(), m.field("stage", "project.stage_today", machine.Initial).Choose(stages).Need(),
		m.field("field", "project.field", ""), m.field("enterprise", "project.enterprise", ""), m.field("site", "project.site", ""),
		m.money("invest", "project.invest", "").Need(), m.money("year_plan", "project.year_plan", ""),
		m.field("year", "project.year", strconv.Itoa(c.s.App.Today().Year())).As("number").Between("2000", "2100").Need(), m.field("signed_on", "project.signed_on", "").As("date"),
		m.field("planned_start_on", "project.planned_start_on", "").As("date").Hinted("project.planned_start_hint"), m.field("planned_finish_on", "project.planned_finish_on", "").As("date"),
		m.field("code", "project.code", "").Hinted("project.code_hint"), m.field("national_code", "project.national_code", "").Hinted("project.national_hint"),
		m.tick("in_plan", "project.in_plan"), m.tick("spring_start", "project.spring"), m.tick("sample", "project.sample"))[0]
}
