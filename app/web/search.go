package web

import (
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// plainNumber is a ticket's number as the database keeps it; other text stays as it is.
func plainNumber(text string) string {
	if no, ok := app.TicketNumber(text); ok {
		return no
	}
	return strings.TrimSpace(text)
}

func (s *server) searchPage(c *call) error {
	page := templates.SearchPage{Q: strings.TrimSpace(c.QueryParam("q"))}
	page.Empty = templates.Empty{Icon: "search", Text: c.T("search.ask"), Next: c.T("search.ask_next")}
	if page.Q != "" {
		page.Empty = templates.Empty{Icon: "search", Text: c.T("search.empty", "Q", page.Q), Next: c.T("search.empty_next"), Href: "/tickets?all=1", Action: c.T("desk.all_tickets")}
		groups, err := c.find(page.Q)
		if err != nil {
			return err
		}
		page.Groups = groups
		if page.Go, err = c.places(app.NewMatcher(page.Q)); err != nil {
			return err
		}
	}
	base, err := c.base(c.T("search.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Find, base.Lead = "search", page.Q, c.whose()
	return showBase(c, statusPage, s.Set.Pages.Work.Search, base, page)
}

// find looks for projects and tickets by number or text, and for what a person answers for by their name.
func (c *call) find(q string) ([]templates.SearchGroup, error) {
	dir, err := c.s.App.Directory(c.ctx())
	if err != nil {
		return nil, err
	}
	byText, err := c.s.App.Projects(c.ctx(), c.actor, app.ProjectFilter{Text: q})
	if err != nil {
		return nil, err
	}
	tickets, err := c.s.App.Tickets(c.ctx(), c.actor, app.TicketFilter{Text: q})
	if err != nil {
		return nil, err
	}
	projects, err := c.s.App.Projects(c.ctx(), c.actor, app.ProjectFilter{})
	if err != nil {
		return nil, err
	}
	m := app.NewMatcher(q)
	named := func(id int64) bool { return id != 0 && m.Matches(dir.Users[id].Name) }
	byPerson := slices.DeleteFunc(projects, func(p app.Card) bool {
		return !named(p.Responsible) || slices.ContainsFunc(byText, func(f app.Card) bool { return f.Project.ID == p.Project.ID })
	})
	handled, err := c.handledBy(tickets, dir, named)
	if err != nil {
		return nil, err
	}
	var groups []templates.SearchGroup
	add := func(key string, table templates.Table) {
		if n := len(table.Rows); n > 0 {
			groups = append(groups, templates.SearchGroup{Name: c.T(key), Note: c.T("search.count", "N", n), Table: table})
		}
	}
	add("search.tickets", c.ticketRows(tickets, dir))
	add("search.projects", c.foundProjects(byText, dir))
	add("search.by_person", c.foundProjects(byPerson, dir))
	add("search.handled", c.ticketRows(handled, dir))
	return groups, nil
}

// handledBy lists the tickets whose handler is meant, leaving out those that were found already.
func (c *call) handledBy(found []app.Ticket, dir app.Directory, named func(int64) bool) ([]app.Ticket, error) {
	handlers := []int64{}
	for id := range dir.Users {
		if named(id) {
			handlers = append(handlers, id)
		}
	}
	if len(handlers) == 0 {
		return nil, nil
	}
	slices.Sort(handlers)
	all, err := c.s.App.TicketsHandledBy(c.ctx(), c.actor, handlers)
	return slices.DeleteFunc(all, func(k app.Ticket) bool {
		return slices.ContainsFunc(found, func(f app.Ticket) bool { return f.ID == k.ID })
	}), err
}

func (c *call) foundProjects(cards []app.Card, dir app.Directory) templates.Table {
	heads := []string{c.T("search.no"), c.T("search.project"), c.T("search.stage"), c.T("search.force"), c.T("search.unit"), c.T("search.person")}
	t := templates.Table{}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for _, card := range cards {
		p := card.Project
		texts := []string{p.Code, p.Name, c.stage(p.Stage), dir.TaskForces[p.TaskForceID].Name, dir.Units[p.UnitID].Name, dir.Users[card.Responsible].Name}
		row := make([]templates.Cell, len(heads))
		for i, text := range texts {
			row[i] = templates.Cell{Text: text, Head: heads[i]}
		}
		row[0].Light = c.Asked(c.Light(p.Light), whyPath("project", p.Code))
		row[1].Href, row[1].Class = "/projects/"+p.Code, "name"
		t.Rows = append(t.Rows, row)
	}
	return t
}

// ticketRows is a list of tickets for the screen and for paper.
func (c *call) ticketRows(tickets []app.Ticket, dir app.Directory) templates.Table {
	heads := []string{c.T("tickets.light"), c.T("tickets.no"), c.T("tickets.title"), c.T("tickets.kind"), c.T("tickets.state"), c.T("tickets.unit"), c.T("tickets.force"), c.T("tickets.due")}
	t := templates.Table{}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for i := range tickets {
		k := &tickets[i]
		day, words, late := c.ticketDue(k)
		texts := []string{"", c.TicketNo(k.No), k.Title, c.T("kind." + k.Kind), c.ticketState(k.State), dir.Units[k.LeadUnitID].Name, dir.TaskForces[k.TaskForceID].Name, day}
		row := make([]templates.Cell, len(heads))
		for i, text := range texts {
			row[i] = templates.Cell{Text: text, Head: heads[i]}
		}
		row[0].Light = c.Asked(c.Light(k.Light), whyPath("ticket", k.No))
		row[2].Href, row[2].Class, row[2].Note = "/tickets/"+k.No, "name", dir.Users[k.HandlerID].Name
		row[7].Note = words
		if !k.DueOn.IsZero() {
			row[7].Href = whyPath("ticket", k.No) + "#due"
		}
		if late {
			row[7].Class = "late"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// lights lists the lights from the worst down, for filters.
func lights() []workflows.Light {
	all := workflows.Lights()
	slices.Reverse(all)
	return all
}
