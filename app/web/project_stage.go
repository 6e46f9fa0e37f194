package web

import (
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// steps are the main line of the stages, with the dates that are known or planned.
func (p projectSheet) steps() []templates.Step {
	c, row, machine := p.c, p.d.Project, p.c.s.App.Machine("project")
	here := row.Stage
	if machine.Rank(here) == 0 {
		here = row.ResumeStage // suspended: the line stands where it goes on
	}
	var out []templates.Step
	for i, st := range machine.Path() {
		step := templates.Step{Name: st.Title.In(c.Lang), State: "next"}
		switch rank := machine.Rank(here); {
		case i+1 < rank:
			step.State, step.Date = "done", c.ShortDay(p.reachedOn(st.ID))
		case i+1 == rank:
			step.State, step.Date = "now", c.ShortDay(p.reachedOn(st.ID))
			step.Note = c.T("project.day_n", "N", int(c.s.App.Today()-row.StageSince))
		default:
			step.Date = p.plannedOn(st.ID)
		}
		out = append(out, step)
	}
	return out
}

// reachedOn is the verified day on which the project came into a stage.
func (p projectSheet) reachedOn(stage string) calendar.Date {
	for _, claim := range p.d.Claims {
		if claim.State == "verified" && claim.ToStage == stage {
			return claim.OccurredOn
		}
	}
	row := p.d.Project
	known := map[string]calendar.Date{"signed": row.SignedOn, "started": row.StartedOn, "completed": row.FinishedOn}
	if d := known[stage]; !d.IsZero() {
		return d
	}
	if row.Stage == stage {
		return row.StageSince
	}
	return 0
}

func (p projectSheet) plannedOn(stage string) string {
	planned := map[string]calendar.Date{"started": p.d.Project.PlannedStartOn, "completed": p.d.Project.PlannedFinishOn}[stage]
	if planned.IsZero() {
		return ""
	}
	return p.c.T("project.planned", "Day", p.c.ShortDay(planned))
}

// claim is the stage that waits for verification, with the form for those who may verify it; or the last one when it was rejected.
func (p projectSheet) claim() []templates.StageClaim {
	if len(p.d.Claims) == 0 {
		return nil
	}
	c, claim := p.c, p.d.Claims[0]
	if claim.State == "verified" {
		return nil
	}
	machine := c.s.App.Machine("project")
	from, _ := machine.State(claim.FromStage)
	to, _ := machine.State(claim.ToStage)
	move, _ := machine.Move(claim.Move)
	key := "project.claim_waits"
	if claim.State == "rejected" {
		key = "project.claim_rejected"
	}
	out := templates.StageClaim{Lead: c.T(key, "From", from.Title.In(c.Lang), "To", to.Title.In(c.Lang)), Facts: p.claimFacts(claim, move)}
	switch {
	case claim.State == "rejected":
	case p.d.May.DecideStage:
		out.Decide = p.decideForm(claim)
	default:
		out.Wait = c.T("project.claim_who", "Who", c.rolesInWords(move.VerifiedBy))
	}
	return []templates.StageClaim{out}
}

func (c *call) rolesInWords(roles []workflows.Role) string {
	var words []string
	for _, r := range roles {
		words = append(words, c.Role(r))
	}
	return strings.Join(words, c.T("project.comma"))
}

func (p projectSheet) claimFacts(claim app.StageClaim, move workflows.Move) []templates.Def {
	c := p.c
	given := map[string]string{"occurred_on": c.Day(claim.OccurredOn), "criterion": criterion(move, claim.Criterion, c.Lang), "evidence": claim.Evidence, "reason": claim.Reason,
		"document": claim.Document, "expected_end": c.Day(claim.ExpectedEnd)}
	var out []templates.Def
	for _, need := range move.Needs {
		if given[need.Field] != "" {
			out = append(out, templates.Def{Name: need.Title.In(c.Lang), Text: given[need.Field]})
		}
	}
	out = append(out, templates.Def{Name: c.T("project.claimed_by"), Text: c.nameOr(p.dir, claim.ClaimedBy), Note: c.at(claim.ClaimedAt)})
	if claim.State == "rejected" {
		out = append(out, templates.Def{Name: c.T("project.rejected_by"), Text: c.nameOr(p.dir, claim.DecidedBy), Note: c.at(claim.DecidedAt)},
			templates.Def{Name: c.T("project.rejected_why"), Text: claim.DecisionNote, Tone: "late"})
	}
	return out
}

// criterion is the title of the official definition that was applied.
func criterion(move workflows.Move, id, lang string) string {
	for _, need := range move.Needs {
		for _, o := range need.Options {
			if need.Field == "criterion" && o.ID == id {
				return o.Title.In(lang)
			}
		}
	}
	return id
}

// chain is who answers for the project, from the leader down.
func (p projectSheet) chain() []templates.Holder {
	c := p.c
	var now app.Assignment
	if len(p.d.Assignments) > 0 && p.d.Assignments[0].ValidTo.IsZero() {
		now = p.d.Assignments[0]
	}
	person := func(key string, id int64) templates.Holder {
		u, ok := p.dir.Users[id]
		if !ok {
			return templates.Holder{Role: c.T(key), Vacant: c.T("project.vacant")}
		}
		return templates.Holder{Role: c.T(key), Name: u.Name, Unit: p.dir.Units[u.UnitID].Name}
	}
	unit := func(key string, id int64) templates.Holder {
		u, ok := p.dir.Units[id]
		if !ok {
			return templates.Holder{Role: c.T(key), Vacant: c.T("project.vacant")}
		}
		return templates.Holder{Role: c.T(key), Name: u.Name}
	}
	chain := []templates.Holder{person("project.guarantee_leader", now.GuaranteeLeaderID), unit("project.lead_unit", now.LeadUnitID), unit("project.unit", now.UnitID),
		person("project.responsible", now.ResponsibleID), person("project.officer", now.OfficerID)}
	if !now.ValidFrom.IsZero() {
		chain[0].Since = c.T("project.since", "Day", c.FullDay(now.ValidFrom))
	}
	return chain
}

// handed lists the assignments before the one in force, newest first.
func (p projectSheet) handed() []templates.Table {
	c := p.c
	t := templates.Table{Columns: []templates.Column{{Text: c.T("project.days_held")}, {Text: c.T("project.guarantee_leader")}, {Text: c.T("project.unit")}, {Text: c.T("project.responsible")},
		{Text: c.T("project.officer")}, {Text: c.T("project.handed_why")}}}
	for i, a := range p.d.Assignments {
		if a.ValidTo.IsZero() {
			continue
		}
		why := ""
		if i > 0 {
			why = p.d.Assignments[i-1].Reason // the assignment after this one says why it was handed over
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.FullDay(a.ValidFrom) + "–" + c.FullDay(a.ValidTo)}, {Text: c.nameOr(p.dir, a.GuaranteeLeaderID)}, {Text: p.dir.Units[a.UnitID].Name},
			{Text: c.nameOr(p.dir, a.ResponsibleID)}, {Text: c.nameOr(p.dir, a.OfficerID)}, {Text: why}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	headed(&t)
	return []templates.Table{t}
}

// stones are the milestones: the baseline judges, the revised date is the one in force.
func (p projectSheet) stones() []templates.Table {
	c := p.c
	if len(p.d.Milestones) == 0 {
		return nil
	}
	t := templates.Table{Columns: []templates.Column{{Text: c.T("project.stone")}, {Text: c.T("project.baseline")}, {Text: c.T("project.revised")}, {Text: c.T("project.actual")},
		{Text: c.T("project.slip"), Num: true}, {Text: c.T("project.stone_state")}}}
	for _, m := range p.d.Milestones {
		state := templates.Cell{Text: c.T("project.reached")}
		end := m.ActualOn
		if end.IsZero() {
			end = m.DueOn()
			state.Text, state.Class = c.dueCell(p.d.Project.TaskForceID, end)
			state.Href = whyPath("milestone", id64(m.ID)) + "#due"
			end = max(end, c.s.App.Today())
		}
		slip := c.s.App.CalendarFor(p.d.Project.TaskForceID).Workdays(m.JudgedOn(), end)
		cell := templates.Cell{Text: signed(float64(slip)), Class: "num"}
		if slip > 0 {
			cell.Class = "num late"
		}
		path := whyPath("milestone", strconv.FormatInt(m.ID, 10))
		name := templates.Cell{Text: m.Name, Note: m.Evidence, Class: "name", Light: c.Asked(c.Light(m.Light).Bare(), path)}
		if m.Final {
			name.Note = strings.TrimSpace(c.T("memory.stone_final") + " " + name.Note)
		}
		t.Rows = append(t.Rows, []templates.Cell{name, {Text: c.due(m.BaselineOn), Href: path + "#due"}, p.revised(m),
			{Text: c.due(m.ActualOn)}, cell, state})
	}
	headed(&t)
	return []templates.Table{t}
}

// revised is a milestone's new date with the reason and the decision on record.
func (p projectSheet) revised(m app.Milestone) templates.Cell {
	cell := templates.Cell{Text: p.c.due(m.RevisedOn), Note: m.ChangeReason}
	if cell.Text != "" {
		cell.Href = whyPath("milestone", id64(m.ID)) + "#due"
	}
	if m.Decision != "" {
		cell.Note = strings.TrimSpace(cell.Note + " " + p.c.T("memory.decided", "Decision", m.Decision))
	}
	return cell
}

// stoneDates lists every setting and moving of the milestones' dates, once one was moved.
func (p projectSheet) stoneDates() ([]templates.Table, error) {
	changes, err := p.c.s.App.MilestoneDates(p.c.ctx(), p.d.Project)
	if err != nil || !slices.ContainsFunc(changes, func(d app.DateChange) bool { return !d.FromOn.IsZero() }) {
		return nil, err
	}
	changes = slices.DeleteFunc(changes, func(d app.DateChange) bool { return d.FromOn.IsZero() })
	return []templates.Table{p.c.dateTable(changes, p.dir, true, func(d app.DateChange) string {
		i := slices.IndexFunc(p.d.Milestones, func(m app.Milestone) bool { return m.ID == d.ItemID })
		return p.d.Milestones[i].Name
	})}, nil
}

// signed writes a number with its sign, "0" without; parts are kept to one decimal.
func signed(n float64) string {
	text := strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0")
	switch {
	case text == "0" || text == "-0":
		return "0"
	case n < 0:
		return "−" + text[1:]
	}
	return "+" + text
}
