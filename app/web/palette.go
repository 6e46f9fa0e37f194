package web

import (
	"net/url"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// paletteFound is how many things of one kind the palette offers.
const paletteFound = 8

// palette answers what was typed into the palette, as a list of links: what can be done with the thing that is open on the page, pages, actions, and what the text
// finds. Without a text it offers what can be done here and everything that there is to go to.
func (s *server) palette(c *call) error {
	page := templates.PalettePage{Q: strings.TrimSpace(c.QueryParam("q"))}
	m := app.NewMatcher(page.Q)
	here, err := c.onPage(c.QueryParam("on"))
	if err != nil {
		return err
	}
	page.Groups = c.pick(nil, "palette.here", m, here)
	if page.Q != "" {
		found, err := c.paletteItems(page.Q)
		if err != nil {
			return err
		}
		page.Groups = append(page.Groups, found...)
	}
	places, err := c.places(m)
	if err != nil {
		return err
	}
	page.Groups = append(page.Groups, places...)
	if page.Empty = c.T("palette.empty"); page.Q != "" {
		page.Empty = c.T("palette.nothing", "Q", page.Q)
	}
	return showStatus(c, statusPage, s.Set.Pages.Triage.Palette, page.Q, page)
}

// pick adds a group of those items that the text names, if there are any.
func (c *call) pick(groups []templates.PaletteGroup, key string, m app.Matcher, items []templates.PaletteItem) []templates.PaletteGroup {
	g := templates.PaletteGroup{Name: c.T(key)}
	for _, it := range items {
		if m.Loosely(it.Text) {
			g.Items = append(g.Items, it)
		}
	}
	if len(g.Items) == 0 {
		return groups
	}
	return append(groups, g)
}

// places are the pages and actions of this person that a text names, and people and units; an empty text names all pages and actions, and nobody.
func (c *call) places(m app.Matcher) ([]templates.PaletteGroup, error) {
	groups := c.pick(nil, "palette.actions", m, c.paletteActions())
	var pages []templates.PaletteItem
	for _, n := range append(c.nav(0), templates.NavItem{Href: "/me", Icon: "user-round", Word: c.user.Name}) {
		pages = append(pages, templates.PaletteItem{Icon: n.Icon, Text: n.Word, Href: n.Href})
	}
	groups = c.pick(groups, "palette.pages", m, pages)
	if m.Empty() {
		return groups, nil
	}
	dir, err := c.s.App.Directory(c.ctx())
	if err != nil {
		return nil, err
	}
	find := func(icon, name, note string) templates.PaletteItem {
		return templates.PaletteItem{Icon: icon, Text: name, Note: note, Href: "/search?q=" + url.QueryEscape(name)}
	}
	var people, units []templates.PaletteItem
	for _, u := range dir.UserList() {
		if !u.Disabled && m.Matches(u.Name) && len(people) < paletteFound {
			people = append(people, find("user-round", u.Name, dir.Units[u.UnitID].Name))
		}
	}
	for _, u := range dir.UnitList() {
		if m.Matches(u.Name) && len(units) < paletteFound {
			units = append(units, find("building", u.Name, ""))
		}
	}
	for _, g := range []templates.PaletteGroup{{Name: c.T("palette.people"), Items: people}, {Name: c.T("palette.units"), Items: units}} {
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// paletteActions are the things that this person may begin anywhere.
func (c *call) paletteActions() []templates.PaletteItem {
	var out []templates.PaletteItem
	add := func(may bool, icon, key, href string) {
		if may {
			out = append(out, templates.PaletteItem{Icon: icon, Text: c.T(key), Href: href})
		}
	}
	add(c.rights.Draft, "file-plus", "palette.new_ticket", "/tickets/new")
	add(c.rights.Plan, "plus", "palette.new_project", "/projects/new")
	add(c.rights.Draft, "scroll-text", "palette.print_papers", "/papers/print")
	add(c.rights.Ledger, "download", "palette.ledger_csv", "/ledger/csv")
	add(c.rights.Figures || c.rights.SeesAll, "download", "palette.figures_csv", "/figures/csv")
	add(c.rights.People, "users", "palette.people_add", "/people")
	add(true, "key-round", "palette.password", "/me")
	return out
}

// paletteItems are the tickets and projects that a text finds.
func (c *call) paletteItems(q string) ([]templates.PaletteGroup, error) {
	var groups []templates.PaletteGroup
	tickets, err := c.s.App.Tickets(c.ctx(), c.actor, app.TicketFilter{Text: q, Limit: paletteFound})
	if err != nil {
		return nil, err
	}
	projects, err := c.s.App.Projects(c.ctx(), c.actor, app.ProjectFilter{Text: q})
	if err != nil {
		return nil, err
	}
	ticketsGroup, projectsGroup := templates.PaletteGroup{Name: c.T("search.tickets")}, templates.PaletteGroup{Name: c.T("search.projects")}
	for i := range tickets {
		k := &tickets[i]
		ticketsGroup.Items = append(ticketsGroup.Items, templates.PaletteItem{Icon: "clipboard-list", Text: c.ticketTitle(k), Note: c.ticketState(k.State), Href: "/tickets/" + k.No})
	}
	for _, card := range projects[:min(len(projects), paletteFound)] {
		p := card.Project
		projectsGroup.Items = append(projectsGroup.Items, templates.PaletteItem{Icon: "folder-kanban", Text: p.Code + " " + p.Name, Note: c.stage(p.Stage), Href: "/projects/" + p.Code})
	}
	for _, g := range []templates.PaletteGroup{ticketsGroup, projectsGroup} {
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// onPage is what can be done with the thing whose page is open at an address of ours; nothing for any other address, or for a thing out of sight.
func (c *call) onPage(address string) ([]templates.PaletteItem, error) {
	path, _, _ := strings.Cut(address, "?")
	kind, id, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || strings.Contains(id, "/") {
		return nil, nil
	}
	var out []templates.PaletteItem
	switch kind {
	case "tickets":
		f, err := c.s.App.TicketFile(c.ctx(), c.actor, id)
		if app.AsFaults(err) != nil {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, m := range f.Moves {
			out = append(out, templates.PaletteItem{Icon: "arrow-right", Text: m.Title.In(c.Lang), Note: c.TicketNo(id), Href: path + "?do=" + m.ID + "#moves"})
		}
		out = append(out, templates.PaletteItem{Icon: "circle-question-mark", Text: c.T("ticket.why"), Note: c.TicketNo(id), Href: whyPath("ticket", id)})
		if c.rights.Triage {
			out = append(out, templates.PaletteItem{Icon: "list-checks", Text: c.T("palette.triage"), Note: c.TicketNo(id), Href: "/triage?no=" + id})
		}
	case "projects":
		d, err := c.s.App.ProjectDossier(c.ctx(), c.actor, id)
		if app.AsFaults(err) != nil {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if d.May.Report {
			out = append(out, templates.PaletteItem{Icon: "pencil", Text: c.T("palette.report"), Note: id, Href: path + "?do=report-form#report-form"})
		}
		if c.rights.Draft {
			out = append(out, templates.PaletteItem{Icon: "file-plus", Text: c.T("palette.new_ticket"), Note: id, Href: "/tickets/new?project=" + id})
		}
		out = append(out, templates.PaletteItem{Icon: "circle-question-mark", Text: c.T("ticket.why"), Note: id, Href: whyPath("project", id)})
	}
	return out, nil
}
