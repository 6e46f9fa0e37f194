package web

import (
	"net/url"
	"slices"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// ticketsShown is how many tickets the list draws at most; it says so when there are more.
const ticketsShown = 1000

func (s *server) ticketsPage(c *call) error {
	f := app.TicketFilter{Kind: c.QueryParam("kind"), State: c.QueryParam("state"), Light: workflows.Light(c.QueryParam("light")), TaskForce: number(c.QueryParam("force")),
		Text: plainNumber(c.QueryParam("q")), Asks: c.QueryParam("asks"), Open: c.QueryParam("all") == "", Limit: ticketsShown}
	light := f.Light
	f.Light = "" // the chips count the lights of everything else that was asked for
	tickets, err := s.App.Tickets(c.ctx(), c.actor, f)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.TicketsPage{Text: c.QueryParam("q"), All: c.QueryParam("all"), Light: string(light), MayDraft: c.rights.Draft}
	page.Kind, page.State, page.Force = c.ticketFilters(f, dir)
	page.Asks = c.asksFilter(f.Asks)
	page.Shows = c.ticketShows(f.Open)
	page.Lights = c.ticketLights(tickets, light)
	shown := tickets[:0:0]
	for _, k := range tickets {
		if light == "" || k.Light == light {
			shown = append(shown, k)
		}
	}
	slices.SortStableFunc(shown, func(a, b app.Ticket) int { return c.finished(&a) - c.finished(&b) })
	page.Table, page.Found = c.ticketRows(shown, dir), len(shown) > 0
	page.Back = c.here("", "")
	c.picks(&page.Table, shown)
	page.Table.Caption = c.T("tickets.caption", "N", len(shown))
	if len(tickets) == ticketsShown {
		page.Table.Caption += " " + c.T("tickets.cut", "N", ticketsShown)
	}
	page.Filtered = f != app.TicketFilter{Open: f.Open, Limit: f.Limit} || light != ""
	page.Empty = c.noTickets(page.Filtered)
	base, err := c.base(c.T("tickets.heading"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "tickets", c.whose()
	return showBase(c, statusPage, s.Set.Pages.Work.Tickets, base, page)
}

// picks lets the lines be chosen for a move of several.
func (c *call) picks(t *templates.Table, tickets []app.Ticket) {
	for i := range tickets {
		k := &tickets[i]
		t.Rows[i][0].Pick = &templates.Pick{Form: "moves-form", Value: "ticket/" + k.No + "@" + id64(k.Version), Label: c.T("moves.select", "No", c.TicketNo(k.No))}
	}
}

// finished is 1 for tickets that are over and 0 for the others: what is over comes last.
func (c *call) finished(k *app.Ticket) int {
	if kind := c.ticketKind(k.State); kind == workflows.KindDone || kind == workflows.KindEnded {
		return 1
	}
	return 0
}

func (c *call) noTickets(filtered bool) templates.Empty {
	e := templates.Empty{Icon: "clipboard-list", Text: c.T("tickets.empty"), Next: c.T("tickets.empty_next")}
	switch {
	case filtered:
		e.Text, e.Next, e.Href, e.Action = c.T("tickets.empty_filtered"), c.T("tickets.empty_filtered_next"), "/tickets?all=1", c.T("tickets.show_all")
	case c.rights.Draft:
		e.Next, e.Href, e.Action = c.T("tickets.empty_draft"), "/tickets/new", c.T("tickets.new")
	}
	return e
}

// here is the address of this list with one parameter changed; "" takes it away.
func (c *call) here(name, value string) string {
	q := url.Values{}
	for key, values := range c.QueryParams() {
		if len(values) > 0 && values[0] != "" {
			q.Set(key, values[0])
		}
	}
	q.Del(name)
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return c.Request().URL.Path
	}
	return c.Request().URL.Path + "?" + q.Encode()
}

func (c *call) ticketShows(open bool) []templates.Segment {
	return []templates.Segment{{Text: c.T("tickets.open"), Href: c.here("all", ""), On: open}, {Text: c.T("tickets.show_all"), Href: c.here("all", "1"), On: !open}}
}

func (c *call) ticketLights(tickets []app.Ticket, on workflows.Light) []templates.Chip {
	count := map[workflows.Light]int{}
	for _, k := range tickets {
		count[k.Light]++
	}
	chips := []templates.Chip{{Text: c.T("tickets.any_light"), Href: c.here("light", ""), Count: c.Count(len(tickets)), On: on == ""}}
	for _, l := range lights() {
		if count[l] == 0 && l != on {
			continue
		}
		chips = append(chips, templates.Chip{Text: c.T("light." + string(l)), Light: string(l), Href: c.here("light", string(l)), Count: c.Count(count[l]), On: l == on})
	}
	return chips
}

func (c *call) ticketFilters(f app.TicketFilter, dir app.Directory) (kind, state, force templates.Field) {
	kinds := []templates.Option{{Text: c.T("tickets.any_kind")}}
	for _, k := range app.TicketKinds() {
		kinds = append(kinds, templates.Option{Value: k, Text: c.T("kind." + k)})
	}
	states := []templates.Option{{Text: c.T("tickets.any_state")}}
	for _, st := range c.s.App.Machine("ticket").States {
		states = append(states, templates.Option{Value: st.ID, Text: st.Title.In(c.Lang)})
	}
	forces := []templates.Option{{Text: c.T("tickets.any_force")}}
	for _, tf := range dir.TaskForceList() {
		forces = append(forces, templates.Option{Value: id64(tf.ID), Text: tf.Name})
	}
	on := ""
	if f.TaskForce > 0 {
		on = id64(f.TaskForce)
	}
	return c.Field("kind", "tickets.kind", f.Kind).Choose(kinds), c.Field("state", "tickets.state", f.State).Choose(states), c.Field("force", "tickets.force", on).Choose(forces)
}

// asksFilter narrows the list to what waits for a decision or has moved.
func (c *call) asksFilter(on string) templates.Field {
	options := []templates.Option{{Text: c.T("asks.any")}}
	for _, ask := range app.TicketAsks() {
		options = append(options, templates.Option{Value: ask, Text: c.T("asks." + ask)})
	}
	return c.Field("asks", "asks.label", on).Choose(options)
}
