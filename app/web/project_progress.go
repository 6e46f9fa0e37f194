package web

import (
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/templates"
)

// months is the year of the project: plan against verified by month, what was reported, and the light that each month was judged with.
func (p projectSheet) months() templates.ProjectMonths {
	c, row := p.c, p.d.Project
	var figures []templates.MonthFigures
	var now calendar.Month // the last month of which something is known
	var verified int64
	for _, m := range p.d.Months {
		f := templates.MonthFigures{Month: m.Month, Plan: m.PlanFen}
		if m.Entry != nil && m.Entry.State == "verified" {
			f.Done, verified, now = m.Entry.VerifiedFen-verified, m.Entry.VerifiedFen, m.Month
		}
		if m.Judgement != nil {
			now = m.Month
		}
		figures = append(figures, f)
	}
	out := templates.ProjectMonths{Months: c.Months(figures, now)}
	out.Rows[1].Name, out.Rows[3].Name = c.T("project.verified_short"), c.T("project.verified_cum")
	last := len(out.Rows) - 1 // the engine's deviation is a share of the plan so far; the rules count in points of the year's plan
	out.Rows[last] = p.deviations(now)
	out.Rows = slices.Insert(out.Rows, last, p.reportedRow())
	for _, m := range p.d.Months {
		judged := templates.MonthLight{Exempt: len(m.Exempt) > 0}
		if m.Judgement != nil {
			judged.Mark = c.Asked(c.Light(m.Judgement.Light), whyPath("project", row.Code)+"?on="+min(m.Month.Last(), c.s.App.Today()).String())
		}
		out.Judged = append(out.Judged, judged)
	}
	if row.YearPlanFen == 0 {
		out.Caption = c.T("project.no_year_plan")
	}
	return out
}

// reportedRow is what was reported from January on, which never merges with what was verified.
func (p projectSheet) reportedRow() templates.MonthRow {
	row := templates.MonthRow{Name: p.c.T("project.reported_cum")}
	for _, m := range p.d.Months {
		cell := templates.Cell{}
		if m.Entry != nil {
			cell.Text = p.c.Wan(m.Entry.ReportedFen, 0)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// deviations are the points of the year's plan by which the verified amount stands above or below its schedule.
func (p projectSheet) deviations(now calendar.Month) templates.MonthRow {
	row := templates.MonthRow{Name: p.c.T("project.deviation_points"), Class: "sum"}
	var verified int64
	for _, m := range p.d.Months {
		if m.Entry != nil && m.Entry.State == "verified" {
			verified = m.Entry.VerifiedFen
		}
		cell := templates.Cell{}
		if m.Month <= now && p.d.Project.YearPlanFen > 0 {
			if cell.Text = signed(percent(verified-m.PlanSum, p.d.Project.YearPlanFen)); strings.HasPrefix(cell.Text, "−") {
				cell.Class = "late"
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// reports are the months that were reported, the newest first; what was reported and what was verified stand apart.
func (p projectSheet) reports() []templates.ProjectReport {
	c := p.c
	var out []templates.ProjectReport
	for _, m := range slices.Backward(p.d.Months) {
		if m.Entry == nil {
			continue
		}
		e := m.Entry
		r := templates.ProjectReport{Month: c.Month(e.Month), State: c.entryState(e.State), Amount: c.wan(e.ReportedFen),
			By: c.T("project.by_at", "Who", c.nameOr(p.dir, e.ReportedBy), "At", c.at(e.ReportedAt)), Verified: c.T("project.not_verified")}
		if e.ReportedFundsFen != nil {
			r.Texts = append(r.Texts, templates.Def{Name: c.T("project.funds"), Text: c.wan(*e.ReportedFundsFen)})
		}
		if e.VerifiedFundsFen != nil && e.State == "verified" {
			r.VerifiedFunds = append(r.VerifiedFunds, templates.Def{Name: c.T("project.funds"), Text: c.wan(*e.VerifiedFundsFen)})
		}
		for _, d := range []templates.Def{{Name: c.T("project.text"), Text: e.Text}, {Name: c.T("project.problems"), Text: e.Problems}, {Name: c.T("project.next_step"), Text: e.NextStep}} {
			if d.Text != "" {
				r.Texts = append(r.Texts, d)
			}
		}
		if e.State == "verified" {
			r.Verified = c.wan(e.VerifiedFen)
		}
		if e.State != "reported" {
			r.Note, r.At = e.VerifyNote, c.T("project.by_at", "Who", c.nameOr(p.dir, e.VerifiedBy), "At", c.at(e.VerifiedAt))
		}
		if e.State == "reported" && p.d.May.Verify {
			r.Verify = p.verifyForm(e)
		}
		out = append(out, r)
	}
	return out
}

// fundsInPlace are the newest funds that were reported and that were verified, "" where none were.
func (p projectSheet) fundsInPlace() (reported, verified string) {
	for _, m := range p.d.Months {
		if e := m.Entry; e != nil && e.ReportedFundsFen != nil {
			reported = p.c.wan(*e.ReportedFundsFen)
		}
		if e := m.Entry; e != nil && e.VerifiedFundsFen != nil && e.State == "verified" {
			verified = p.c.wan(*e.VerifiedFundsFen)
		}
	}
	return reported, verified
}

func (c *call) entryState(state string) templates.Tag {
	tones := map[string]string{"reported": "yellow", "verified": "green", "returned": "red"}
	return templates.Tag{Text: c.T("project.entry." + state), Tone: tones[state]}
}

// exemptions are the accepted reasons.
func (p projectSheet) exemptions() []templates.Def {
	c := p.c
	var out []templates.Def
	for _, m := range slices.Backward(p.d.Months) {
		for _, e := range m.Exempt {
			name := e.RuleID
			if rule, ok := c.s.App.Ruleset().Rule(e.RuleID); ok {
				name = rule.Title.In(c.Lang)
			}
			out = append(out, templates.Def{Name: c.Month(e.Month), Text: name, Note: e.Reason + " " + c.T("project.by_at", "Who", c.nameOr(p.dir, e.ApprovedBy), "At", c.at(e.ApprovedAt))})
		}
	}
	return out
}

// wan is an amount in 万元, whole where it is whole.
func (c *call) wan(fen int64) string {
	return c.T("project.wan_v", "V", strings.TrimSuffix(c.Wan(fen, 2), ".00"))
}
