package web

import (
	"fmt"
	"slices"

	"battlemap/app"
	"battlemap/templates"
)

// projectPost reads what every form of a project's page needs: the project, which also checks that the person may see it, and the form.
func (s *server) projectPost(c *call) (app.Dossier, *form, error) {
	d, err := s.App.ProjectDossier(c.ctx(), c.actor, c.Param("code"))
	if err != nil {
		return d, nil, err
	}
	f, err := c.form()
	return d, f, err
}

// projectAfter ends a form of a project's page: on with a message, or the page as it is now with the form open and what was typed in it.
func (s *server) projectAfter(c *call, f *form, anchor, done string, err error) error {
	code := c.Param("code")
	return c.after(err, projectPath(code), done, func(status int, faults templates.Faults) error {
		d, err := s.App.ProjectDossier(c.ctx(), c.actor, code)
		if err != nil {
			return err
		}
		return s.showProject(c, status, d, refused{anchor, f, faults})
	})
}

// typed runs a verb unless the typing itself was wrong.
func (f *form) typed(verb func() error) error {
	if err := f.err(); err != nil {
		return err
	}
	return verb()
}

func (s *server) reportProgress(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.ReportProgress{Project: d.Project.ID, Version: f.number("version-" + f.text("month")), Month: f.month("month"), Fen: f.wan("amount"),
		FundsFen: f.wanIf("funds"), Text: f.text("text"), Problems: f.text("problems"), NextStep: f.text("next_step")}
	if f.text("amount") == "" {
		f.fault("amount", "required")
	}
	err = f.typed(func() error { return s.App.ReportProgress(c.ctx(), c.actor, cmd) })
	if name, _, _ := f.file("file"); err == nil && name != "" {
		// The report stands even where its photo is refused: then the form for a photo is open, with its caption.
		at := spot{kind: "project", id: d.Project.ID, path: projectPath(d.Project.Code), form: f}
		return s.projectAfter(c, f, "photo", "project_reported", s.keepFile(c, at, "photo"))
	}
	return s.projectAfter(c, f, "report-form", "project_reported", err)
}

func (s *server) verifyProgress(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	month := f.month("month")
	i := slices.IndexFunc(d.Months, func(m app.MonthLine) bool { return m.Month == month && m.Entry != nil })
	if i < 0 {
		return missingPage()
	}
	cmd := app.VerifyProgress{Entry: d.Months[i].Entry.ID, Version: f.number("version"), Accept: f.text("do") == "accept", Fen: f.wan("amount"), FundsFen: f.wanIf("funds"), Note: f.text("note")}
	if cmd.Accept && f.text("amount") == "" {
		f.fault("amount", "required")
	}
	err = f.typed(func() error { return s.App.VerifyProgress(c.ctx(), c.actor, cmd) })
	done := "project_returned"
	if cmd.Accept {
		done = "project_verified"
	}
	return s.projectAfter(c, f, "verify-"+month.String(), done, err)
}

func (s *server) moveProject(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.MoveProject{Project: d.Project.ID, Version: f.number("version"), Move: f.text("move"), OccurredOn: f.day("occurred_on"), Criterion: f.text("criterion"),
		Evidence: f.text("evidence"), Reason: f.text("reason"), Document: f.text("document"), ExpectedEnd: f.day("expected_end")}
	err = f.typed(func() error { return s.App.MoveProject(c.ctx(), c.actor, cmd) })
	done := "project_moved"
	if move, ok := s.App.Machine("project").Move(cmd.Move); ok && len(move.VerifiedBy) > 0 {
		done = "project_claimed"
	}
	return s.projectAfter(c, f, "move-"+cmd.Move, done, err)
}

func (s *server) decideStage(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	claim := f.number("claim")
	if !slices.ContainsFunc(d.Claims, func(one app.StageClaim) bool { return one.ID == claim }) {
		return missingPage()
	}
	cmd := app.DecideStage{Claim: claim, Version: f.number("version"), Accept: f.text("do") == "accept", Note: f.text("note")}
	err = f.typed(func() error { return s.App.DecideStage(c.ctx(), c.actor, cmd) })
	done := "project_rejected"
	if cmd.Accept {
		done = "project_stage_verified"
	}
	return s.projectAfter(c, f, "decide", done, err)
}

func (s *server) setPlan(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.SetPlan{Project: d.Project.ID, Version: f.number("version"), Reason: f.text("reason")}
	for i := range cmd.Months {
		cmd.Months[i] = f.wan(fmt.Sprintf("month_%d", i+1))
	}
	err = f.typed(func() error { return s.App.SetPlan(c.ctx(), c.actor, cmd) })
	return s.projectAfter(c, f, "plan", "project_planned", err)
}

func (s *server) assignProject(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.Assign{Project: d.Project.ID, Version: f.number("version"), GuaranteeLeaderID: f.number("guarantee_leader_id"), LeadUnitID: f.number("lead_unit_id"),
		UnitID: f.number("unit_id"), ResponsibleID: f.number("responsible_id"), OfficerID: f.number("officer_id"), Contact: f.text("contact"), Duties: f.text("duties"),
		Reason: f.text("reason")}
	err = f.typed(func() error { return s.App.Assign(c.ctx(), c.actor, cmd) })
	return s.projectAfter(c, f, "assign", "project_assigned", err)
}

func (s *server) acceptReason(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.AcceptReason{Project: d.Project.ID, RuleID: f.text("rule_id"), Month: f.month("month"), Reason: f.text("reason")}
	err = f.typed(func() error { return s.App.AcceptReason(c.ctx(), c.actor, cmd) })
	return s.projectAfter(c, f, "exempt", "project_exempted", err)
}

func (s *server) addMilestone(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	cmd := app.AddMilestone{Project: d.Project.ID, Name: f.text("name"), BaselineOn: f.day("baseline_on"), Final: f.on("final")}
	err = f.typed(func() error { return s.App.AddMilestone(c.ctx(), c.actor, cmd) })
	return s.projectAfter(c, f, "add-milestone", "project_stone_added", err)
}

func (s *server) moveMilestone(c *call) error {
	d, f, err := s.projectPost(c)
	if err != nil {
		return err
	}
	stone := f.number("milestone")
	if !slices.ContainsFunc(d.Milestones, func(m app.Milestone) bool { return m.ID == stone }) {
		return missingPage()
	}
	cmd := app.MoveMilestone{Milestone: stone, Version: f.number("version-" + f.text("milestone")), Reason: f.text("reason"), Decision: f.text("decision")}
	anchor, done, need := "revise", "project_stone_revised", "revised_on"
	if f.text("do") == "reach" {
		anchor, done, need = "reach", "project_stone_reached", "actual_on"
		cmd.ActualOn = f.day("actual_on")
	} else {
		cmd.RevisedOn = f.day("revised_on")
	}
	if f.text(need) == "" {
		f.fault(need, "required")
	}
	err = f.typed(func() error { return s.App.MoveMilestone(c.ctx(), c.actor, cmd) })
	return s.projectAfter(c, f, anchor, done, err)
}
