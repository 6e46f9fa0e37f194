package web

import (
	"cmp"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

func (s *server) newTicketPage(c *call) error {
	if !c.rights.Draft {
		return missingPage()
	}
	typed := app.DraftTicket{Kind: c.QueryParam("kind")}
	if code := c.QueryParam("project"); code != "" { // the page of a project offers to draft a ticket about it
		d, err := s.App.ProjectDossier(c.ctx(), c.actor, code)
		if err != nil {
			return err
		}
		typed.ProjectID, typed.TaskForceID, typed.LeadUnitID = d.Project.ID, d.Project.TaskForceID, d.Project.UnitID
	}
	return s.showDraft(c, statusPage, typed, nil, nil)
}

func (s *server) draftTicket(c *call) error {
	if !c.rights.Draft {
		return missingPage()
	}
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := f.draft()
	again := func(status int, faults templates.Faults) error { return s.showDraft(c, status, cmd, faults, nil) }
	if err := f.err(); err != nil {
		return c.after(err, "", "", again)
	}
	twins, err := c.twins(cmd, f.on("other_matter"))
	if err != nil {
		return err
	}
	if len(twins) > 0 {
		return s.showDraft(c, statusOf(app.Faults{{Kind: app.Refused}}), cmd, templates.Faults{"other_matter": c.T("ticket_new.other_missing")}, twins)
	}
	k, err := s.App.DraftTicket(c.ctx(), c.actor, cmd)
	return c.after(err, "/tickets/"+k.No, "ticket_drafted", again)
}

// draft reads the form of a new ticket.
func (f *form) draft() app.DraftTicket {
	cmd := app.DraftTicket{Kind: f.text("kind"), Title: f.text("title"), Basis: f.text("basis"), Instruction: f.text("instruction"),
		TaskForceID: f.number("task_force_id"), ProjectID: f.number("project_id"), LeadUnitID: f.number("lead_unit_id"), LeaderID: f.number("leader_id"),
		DueTerm: f.text("due_term"), DueOn: f.day("due_on"), Cause: f.text("cause"), DecisionFrom: strings.TrimSpace(f.text("decision_from")),
		CoordinationLevel: int(f.number("coordination_level")), Complex: f.on("complex"), Urgency: f.text("urgency"), Importance: f.text("importance")}
	for _, unit := range f.all("assist_unit_ids") {
		if id := number(unit); id != 0 && id != cmd.LeadUnitID && !slices.Contains(cmd.AssistUnitIDs, id) {
			cmd.AssistUnitIDs = append(cmd.AssistUnitIDs, id)
		}
	}
	return cmd
}

// twins are the open tickets that may say the same: one matter is not to be supervised twice, unless the drafter says that it is another.
func (c *call) twins(cmd app.DraftTicket, other bool) ([]app.Ticket, error) {
	if other {
		return nil, nil
	}
	return c.s.App.LikelyDuplicates(c.ctx(), c.actor, cmd)
}

func (s *server) showDraft(c *call, status int, cmd app.DraftTicket, faults templates.Faults, twins []app.Ticket) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.NewTicketPage{Faults: faults, Kind: cmd.Kind, Title: cmd.Title, Basis: cmd.Basis, Instruction: cmd.Instruction, TaskForce: chosen(cmd.TaskForceID),
		Project: chosen(cmd.ProjectID), LeadUnit: chosen(cmd.LeadUnitID), Leader: chosen(cmd.LeaderID), DueTerm: cmd.DueTerm, DueOn: cmd.DueOn.String(), Cause: cmd.Cause,
		Level: chosen(int64(cmd.CoordinationLevel)), DecisionFrom: cmd.DecisionFrom, Urgency: cmp.Or(cmd.Urgency, "normal"), Importance: cmp.Or(cmd.Importance, "normal"), Complex: cmd.Complex, Today: s.App.Today().String()}
	if status != statusPage && c.Request().PostForm.Get("due_on") != "" && page.DueOn == "" {
		page.DueOn = c.Request().PostForm.Get("due_on") // no date: it stays as it was typed
	}
	if err := c.draftChoices(&page, cmd, dir); err != nil {
		return err
	}
	if len(faults) > 0 {
		page.Problems = []templates.Notice{{Tone: "bad", Text: c.T("ticket_new.refused"), Detail: faults[""]}}
	}
	if len(twins) > 0 {
		page.Problems = nil
		page.Twins = c.twinNotice(twins, faults)
	}
	base, err := c.base(c.T("ticket_new.title_page"))
	if err != nil {
		return err
	}
	base.Lead = c.T("ticket_new.lead", "Who", c.user.Name, "Unit", c.actor.Unit)
	base.Crumbs = []templates.Crumb{{Text: c.T("tickets.heading"), Href: "/tickets"}, {Text: base.Title}}
	return showBase(c, status, s.Set.Pages.Work.NewTicket, base, page)
}

func (c *call) twinNotice(twins []app.Ticket, faults templates.Faults) *templates.TicketTwins {
	n := templates.Notice{Tone: "warn", Text: c.T("ticket_new.twin"), Detail: c.T("ticket_new.twin_source")}
	for i := range twins {
		n.Items = append(n.Items, c.ticketTitle(&twins[i])+" · "+c.ticketState(twins[i].State))
	}
	n.Href, n.Action = "/tickets/"+twins[0].No, c.T("desk.show")
	return &templates.TicketTwins{Notice: n, Other: c.Field("other_matter", "ticket_new.other", "").Tick(false).Fails(faults)}
}

// chosen is a row's number as the value of a select; none is "".
func chosen(id int64) string {
	if id == 0 {
		return ""
	}
	return id64(id)
}

func (c *call) draftChoices(page *templates.NewTicketPage, cmd app.DraftTicket, dir app.Directory) error {
	none := func(key string) []templates.Option { return []templates.Option{{Text: c.T(key)}} }
	page.Kinds, page.Causes, page.Levels, page.Terms = none("work.choose"), none("ticket_new.no_cause"), none("ticket_new.no_level"), none("ticket_new.no_term")
	for _, k := range app.TicketKinds() {
		page.Kinds = append(page.Kinds, templates.Option{Value: k, Text: c.T("kind." + k)})
	}
	for _, cause := range app.Causes() {
		page.Causes = append(page.Causes, templates.Option{Value: cause, Text: c.T("cause." + cause)})
	}
	for _, level := range []string{"1", "2", "3", "4"} {
		page.Levels = append(page.Levels, templates.Option{Value: level, Text: c.T("coordination." + level)})
	}
	for _, u := range app.Urgencies() {
		page.Urgencies = append(page.Urgencies, templates.Option{Value: u, Text: c.T("urgency." + u)})
	}
	for _, i := range app.Importances() {
		page.Importances = append(page.Importances, templates.Option{Value: i, Text: c.T("importance." + i)})
	}
	for _, term := range app.DueTerms() {
		page.Terms = append(page.Terms, templates.Option{Value: term, Text: c.dueTerm(term)})
	}
	page.TaskForces, page.Units = none("work.choose"), none("work.choose")
	for _, tf := range dir.TaskForceList() {
		if c.rights.SeesAll || slices.Contains(c.rights.TaskForces, tf.ID) {
			page.TaskForces = append(page.TaskForces, templates.Option{Value: id64(tf.ID), Text: tf.Name})
		}
	}
	for _, u := range dir.UnitList() {
		if !u.ValidTo.IsZero() && u.ValidTo < c.s.App.Today() {
			continue
		}
		page.Units = append(page.Units, templates.Option{Value: id64(u.ID), Text: u.Name})
		page.Assist = append(page.Assist, templates.Option{Value: id64(u.ID), Text: u.Name, On: slices.Contains(cmd.AssistUnitIDs, u.ID)})
	}
	return c.draftRows(page, dir)
}

func (c *call) draftRows(page *templates.NewTicketPage, dir app.Directory) error {
	page.ProjectChoices = []templates.Option{{Text: c.T("ticket_new.no_project")}}
	cards, err := c.s.App.Projects(c.ctx(), c.actor, app.ProjectFilter{})
	if err != nil {
		return err
	}
	slices.SortFunc(cards, func(a, b app.Card) int { return strings.Compare(a.Project.Code, b.Project.Code) })
	for _, card := range cards {
		p := card.Project
		page.ProjectChoices = append(page.ProjectChoices, templates.Option{Value: id64(p.ID), Text: p.Code + " " + p.Name + " · " + dir.TaskForces[p.TaskForceID].Name})
	}
	page.Leaders = []templates.Option{{Text: c.T("ticket_new.no_leader")}}
	leaders, err := c.s.App.DistrictLeaders(c.ctx())
	if err != nil {
		return err
	}
	for _, id := range leaders {
		page.Leaders = append(page.Leaders, templates.Option{Value: id64(id), Text: strings.TrimSpace(dir.Users[id].Name + " " + dir.Users[id].Title)})
	}
	return nil
}
