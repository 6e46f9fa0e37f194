package demo

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/workflows"
)

// The acts of a project. Each reads what is there and does what is still to do, so that acting twice does nothing twice.

func claimed(c app.StageClaim) bool { return c.State == "claimed" }

// claim reports that the project has moved on, today.
func (c *course) claim(ctx context.Context, move, account, reason string) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	law, ok := c.app.Machine("project").Move(move)
	if !ok || !slices.Contains(law.From, d.Project.Stage) || slices.ContainsFunc(d.Claims, claimed) {
		return nil
	}
	who, err := c.as(ctx, account)
	if err != nil {
		return err
	}
	w := c.district.Words
	cmd := app.MoveProject{Project: d.Project.ID, Version: d.Project.Version, Move: move, OccurredOn: c.app.Today(), Criterion: w.Criteria[move],
		Evidence: w.Evidence[move], Reason: reason}
	if move == "start" && c.project.Criterion != "" {
		cmd.Criterion = c.project.Criterion
	}
	if s := c.project.Behave.Suspended; s != nil && move == "suspend" {
		cmd.ExpectedEnd = s.Until
	}
	return c.app.MoveProject(ctx, who, cmd)
}

// decide verifies the claim that waits, or rejects it for a reason. A suspension is the director's to verify.
func (c *course) decide(ctx context.Context, move, rejection string) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Claims, claimed)
	if i < 0 || d.Claims[i].Move != move {
		return nil
	}
	account := c.verifier()
	if law, _ := c.app.Machine("project").Move(move); !slices.Contains(law.VerifiedBy, workflows.RoleSupervisor) {
		account = c.district.holder(workflows.RoleSupervisionDirector)
	}
	who, err := c.as(ctx, account)
	if err != nil {
		return err
	}
	cmd := app.DecideStage{Claim: d.Claims[i].ID, Version: d.Claims[i].Version, Accept: rejection == "", Note: c.district.Words.ClaimAccept}
	if !cmd.Accept {
		cmd.Note = rejection
	}
	return c.app.DecideStage(ctx, who, cmd)
}

// report files a month's progress, or corrects a report that was returned.
func (c *course) report(ctx context.Context, m time.Month) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	entry := d.Months[m-1].Entry
	stage, _ := c.app.Machine("project").State(d.Project.Stage)
	if stage.Kind != workflows.KindOpen && stage.Kind != workflows.KindDone || entry != nil && entry.State != "returned" {
		return nil
	}
	who, err := c.as(ctx, handOf(c.project.Unit))
	if err != nil {
		return err
	}
	cmd := app.ReportProgress{Project: d.Project.ID, Month: c.district.month(m), Fen: c.done[m-1]}
	for _, before := range d.Months[:m-1] {
		if before.Entry != nil { // a visitor may have reported more than the script would
			cmd.Fen = max(cmd.Fen, before.Entry.ReportedFen)
		}
	}
	cmd.Text, cmd.Problems, cmd.NextStep = c.sentences(m, cmd.Fen, d.Months[m-1].PlanSum)
	cmd.FundsFen = c.funds(d, m)
	if entry != nil {
		cmd.Version, cmd.Text = entry.Version, cmd.Text+c.district.Words.Corrected
	}
	return c.app.ReportProgress(ctx, who, cmd)
}

// funds are the funds in place that the unit reports for a month: a share of the plan so far, never less than before; none before anything was planned.
func (c *course) funds(d app.Dossier, m time.Month) *int64 {
	shares := [...]int64{96, 88, 74, 104, 82}
	fen := d.Months[m-1].PlanSum * shares[c.project.index%len(shares)] / 100 / wan * wan
	for _, before := range d.Months[:m-1] {
		if before.Entry != nil && before.Entry.ReportedFundsFen != nil {
			fen = max(fen, *before.Entry.ReportedFundsFen)
		}
	}
	if fen == 0 {
		return nil
	}
	return &fen
}

// behindBy is from how many per cent of the year's plan on a unit writes that it is behind.
const behindBy = 6

// sentences are what the unit writes about a month at whose end so much is done, and so much was planned.
func (c *course) sentences(m time.Month, done, plan int64) (text, problems, next string) {
	w, x := c.district.Words, c.project
	texts, nexts := w.OnTime, w.NextOnTime
	behind := (plan-done)*100 >= behindBy*x.Plan*wan
	switch {
	case m < c.first:
		texts, nexts, problems = w.NotStarted, w.NextToStart, x.Behave.Problem
	case behind && x.Behave.Recovers != 0 && m >= x.Behave.Recovers:
		texts, nexts, problems = w.Behind, w.NextBehind, w.CatchingUp
	case behind:
		texts, nexts, problems = w.Behind, w.NextBehind, x.Behave.Problem
	}
	turn := x.index + int(m)
	share := strconv.FormatFloat(float64(done)*100/float64(x.Plan*wan), 'f', 1, 64)
	text = strings.NewReplacer("{month}", strconv.Itoa(int(m)), "{done}", strconv.FormatInt(done/wan, 10), "{share}", share).Replace(texts[turn%len(texts)])
	return text, problems, nexts[turn%len(nexts)]
}

// verify verifies a month's report with the supervisor's own amount, or returns it.
func (c *course) verify(ctx context.Context, m time.Month, accept bool) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	entry := d.Months[m-1].Entry
	if entry == nil || entry.State != "reported" {
		return nil
	}
	who, err := c.as(ctx, c.verifier())
	if err != nil {
		return err
	}
	cmd := app.VerifyProgress{Entry: entry.ID, Version: entry.Version, Accept: accept, Fen: c.project.Behave.verifiedOf(entry.ReportedFen, m)}
	if accept {
		cmd.FundsFen = entry.ReportedFundsFen
	}
	switch {
	case !accept:
		cmd.Note = c.district.Words.VerifyReturn
	case cmd.Fen != entry.ReportedFen:
		cmd.Note = c.district.Words.VerifyLess
	}
	return c.app.VerifyProgress(ctx, who, cmd)
}

// reach says that a milestone was reached today.
func (c *course) reach(ctx context.Context, name string) error {
	return c.moveMilestone(ctx, name, func(m app.Milestone) (app.MoveMilestone, bool) {
		return app.MoveMilestone{ActualOn: c.app.Today(), Reason: c.district.Words.Milestone}, m.ActualOn.IsZero()
	})
}

// revise gives a milestone a new date, with a reason.
func (c *course) revise(ctx context.Context, x milestone) error {
	return c.moveMilestone(ctx, x.Name, func(m app.Milestone) (app.MoveMilestone, bool) {
		return app.MoveMilestone{RevisedOn: x.Revised.To, Reason: x.Revised.Reason}, m.ActualOn.IsZero() && m.RevisedOn != x.Revised.To
	})
}

func (c *course) moveMilestone(ctx context.Context, name string, command func(app.Milestone) (app.MoveMilestone, bool)) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	m := find(d.Milestones, func(m app.Milestone) bool { return m.Name == name })
	if m == nil {
		return nil
	}
	cmd, todo := command(*m)
	if !todo {
		return nil
	}
	who, err := c.as(ctx, handOf(c.project.Unit))
	if err != nil {
		return err
	}
	cmd.Milestone, cmd.Version = m.ID, m.Version
	return c.app.MoveMilestone(ctx, who, cmd)
}

// notStarted is the rule that an accepted reason of the script is about.
const notStarted = "project.not_started"

func (c *course) exempt(ctx context.Context, e *exemption) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	if len(d.Months[e.Month.Number()-1].Exempt) > 0 {
		return nil
	}
	who, err := c.as(ctx, c.district.holder(workflows.RoleSupervisionDirector))
	if err != nil {
		return err
	}
	return c.app.AcceptReason(ctx, who, app.AcceptReason{Project: d.Project.ID, RuleID: notStarted, Month: e.Month, Reason: e.Reason})
}

// handOver puts another person in charge; everything else of the assignment stays.
func (c *course) handOver(ctx context.Context, h *handover) error {
	d, err := c.dossier(ctx)
	if err != nil {
		return err
	}
	now := find(d.Assignments, func(s app.Assignment) bool { return s.ValidTo.IsZero() })
	if now == nil || now.ResponsibleID == c.people[h.Responsible] {
		return nil
	}
	who, err := c.as(ctx, c.district.force(c.project.Force).Leader)
	if err != nil {
		return err
	}
	return c.app.Assign(ctx, who, app.Assign{Project: d.Project.ID, Version: d.Project.Version, GuaranteeLeaderID: now.GuaranteeLeaderID,
		LeadUnitID: now.LeadUnitID, UnitID: now.UnitID, ResponsibleID: c.people[h.Responsible], OfficerID: now.OfficerID, Contact: now.Contact,
		Duties: now.Duties, Reason: h.Reason})
}

// holder is the first who holds a role over the whole district, "" when nobody does.
func (d *district) holder(role workflows.Role) string {
	g := find(d.Grants, func(g grant) bool { return g.Role == role })
	if g == nil {
		return ""
	}
	return g.Account
}
