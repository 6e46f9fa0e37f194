package web

import (
	"fmt"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) taskForcesPage(c *call) error {
	m, err := s.App.BattleMap(c.ctx(), c.actor, app.ProjectFilter{})
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	open, err := s.App.Tickets(c.ctx(), c.actor, app.TicketFilter{Open: true})
	if err != nil {
		return err
	}
	page := templates.TaskForcesPage{Columns: []templates.Column{{Text: c.T("map.corner")}, {Text: c.T("force.leader")}, {Text: c.T("force.deputy")}, {Text: c.T("force.office")},
		{Text: c.T("force.flagged")}, {Text: c.T("force.projects"), Num: true}, {Text: c.T("force.open_tickets"), Num: true}, {Text: c.T("force.lights")}}}
	for _, tf := range dir.TaskForceList() {
		page.Lines = append(page.Lines, c.forceLine(tf, dir, m, open, page.Columns))
	}
	if len(page.Lines) == 0 {
		page.Empty = []templates.Empty{c.noForces()}
	}
	base, err := c.projectBase("forces", c.T("force.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("force.lead", "N", len(page.Lines))
	if !c.rights.SeesAll {
		base.Lead += c.T("force.lead_own")
	}
	return showBase(c, statusPage, s.Set.Pages.Project.Forces, base, page)
}

func (c *call) noForces() templates.Empty {
	e := templates.Empty{Icon: "flag", Text: c.T("force.none"), Next: c.T("force.none_next")}
	if c.rights.People {
		e.Href, e.Action = "/people", c.T("nav.people")
	}
	return e
}

func (c *call) forceLine(tf app.TaskForce, dir app.Directory, m app.Map, open []app.Ticket, heads []templates.Column) templates.TaskForceLine {
	lights, cards, tickets := map[workflows.Light]int{}, 0, 0
	for _, row := range m.Rows {
		if row.TaskForce.ID == tf.ID {
			lights = row.Lights
		}
	}
	for _, n := range lights {
		cards += n
	}
	for _, k := range open {
		if k.TaskForceID == tf.ID {
			tickets++
		}
	}
	leader := dir.Users[tf.LeaderID]
	line := templates.TaskForceLine{Flag: pennant(tf), Href: forcePath(tf), Lights: c.lightCounts(lights), LightsIn: heads[len(heads)-1].Text, Cells: []templates.Cell{
		{Text: c.nameOr(dir, tf.LeaderID), Note: leader.Title, Class: vacancy(tf.LeaderID)}, {Text: c.nameOr(dir, tf.DeputyID), Class: vacancy(tf.DeputyID)},
		{Text: dir.Units[tf.UnitID].Name}, {Text: c.FullDay(tf.FlaggedOn), Note: tf.DocumentNo}, seen(c, cards), seen(c, tickets),
	}}
	for i := range line.Cells {
		line.Cells[i].Head = heads[i+1].Text
	}
	return line
}

// seen is a count of what the reader may see; where that is nothing and they see their own work only, a dash: others may have some.
func seen(c *call, n int) templates.Cell {
	if n == 0 && !c.rights.SeesAll {
		return templates.Cell{Text: "—", Class: "num"}
	}
	return templates.Cell{Text: c.Count(n), Class: "num"}
}

// vacancy is the class of a post that nobody holds.
func vacancy(user int64) string {
	if user == 0 {
		return "late"
	}
	return ""
}

func (s *server) taskForcePage(c *call) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	tf, ok := forceByCode(dir, c.Param("code"))
	if !ok {
		return missingPage()
	}
	m, err := s.App.BattleMap(c.ctx(), c.actor, app.ProjectFilter{TaskForce: tf.ID})
	if err != nil {
		return err
	}
	open, err := s.App.Tickets(c.ctx(), c.actor, app.TicketFilter{TaskForce: tf.ID, Open: true})
	if err != nil {
		return fmt.Errorf("list open tickets of task force %s: %w", tf.Code, err)
	}
	page := templates.TaskForcePage{Flag: pennant(tf), Facts: c.forceFacts(tf, dir)}
	page.Flag.Name = c.T("force.name", "Name", tf.Name)
	if page.Own, err = s.forceLight(c, tf); err != nil {
		return err
	}
	c.forceCards(&page, m, tf, dir)
	if page.Tickets = c.ticketTable(open, dir); page.Tickets == nil {
		page.Quiet = []templates.Empty{{Icon: "clipboard-check", Text: c.T("force.no_tickets"), Next: c.T("force.no_tickets_next")}}
	}
	base, err := c.projectBase("force", page.Flag.Name, templates.Crumb{Text: c.T("nav.taskforces"), Href: "/taskforces"}, templates.Crumb{Text: tf.Name})
	if err != nil {
		return err
	}
	base.Lead = c.whose()
	return showBase(c, statusPage, s.Set.Pages.Project.Force, base, page)
}

func forceByCode(dir app.Directory, code string) (app.TaskForce, bool) {
	for _, tf := range dir.TaskForces {
		if tf.Code == code {
			return tf, true
		}
	}
	return app.TaskForce{}, false
}

func (c *call) forceFacts(tf app.TaskForce, dir app.Directory) []templates.Def {
	post := func(key string, user int64) templates.Def {
		u := dir.Users[user]
		return templates.Def{Name: c.T(key), Text: c.nameOr(dir, user), Note: u.Title, Tone: vacancy(user)}
	}
	facts := []templates.Def{post("force.leader", tf.LeaderID), post("force.deputy", tf.DeputyID)}
	for _, d := range []templates.Def{
		{Name: c.T("force.office"), Text: dir.Units[tf.UnitID].Name}, {Name: c.T("force.document"), Text: tf.DocumentNo},
		{Name: c.T("force.flagged"), Text: c.Day(tf.FlaggedOn)}, {Name: c.T("force.duty"), Text: tf.Duty},
	} {
		if d.Text != "" {
			facts = append(facts, d)
		}
	}
	return facts
}

// forceCards lays the task force's row of the map out by stage.
func (c *call) forceCards(page *templates.TaskForcePage, m app.Map, tf app.TaskForce, dir app.Directory) {
	for _, row := range m.Rows {
		if row.TaskForce.ID != tf.ID {
			continue
		}
		page.Lights = c.lightCounts(row.Lights)
		for i, cards := range row.Cells {
			if len(cards) == 0 {
				continue
			}
			stage := templates.TaskForceStage{Name: m.Stages[i].Title.In(c.Lang), Note: c.stageNote(len(cards), m.Stages[i].LimitDays)}
			for _, card := range cards {
				stage.Cards = append(stage.Cards, c.mapCard(card))
			}
			page.Stages = append(page.Stages, stage)
		}
	}
	if len(page.Stages) == 0 {
		page.NoCards = []templates.Empty{c.noProjects(false, "/taskforces")}
	}
}

// ticketTable lists tickets the way they arrive, the most urgent first; nil when there are none.
func (c *call) ticketTable(list []app.Ticket, dir app.Directory) []templates.Table {
	if len(list) == 0 {
		return nil
	}
	t := templates.Table{Columns: []templates.Column{{Text: c.T("project.ticket_no")}, {Text: c.T("project.ticket_title")}, {Text: c.T("project.ticket_state")},
		{Text: c.T("project.ticket_lead")}, {Text: c.T("project.ticket_due")}}}
	for _, k := range list {
		day, words, late := c.ticketDue(&k)
		due := templates.Cell{Text: day, Note: words}
		if !k.DueOn.IsZero() {
			due.Href = whyPath("ticket", k.No) + "#due"
		}
		if late {
			due.Class = "late"
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.TicketNo(k.No), Href: "/tickets/" + k.No, Light: c.Asked(c.Light(k.Light).Bare(), whyPath("ticket", k.No))}, {Text: k.Title, Class: "name"},
			{Text: c.ticketState(k.State)}, {Text: dir.Units[k.LeadUnitID].Name}, due})
	}
	headed(&t)
	return []templates.Table{t}
}

// headed repeats the heads in the cells, for phones.
func headed(t *templates.Table) {
	for _, row := range append(t.Rows, t.Total) {
		for i := range row {
			row[i].Head = t.Columns[i].Text
		}
	}
}
