package web

import (
	"net/url"

	"battlemap/app"
	"battlemap/templates"
)

// papersShown is how many papers the list draws, and prints, at most.
const papersShown = 200

func (s *server) papersPage(c *call) error {
	return s.showPapers(c, statusPage, nil, "")
}

// paperFilter reads the filter from the address.
func (c *call) paperFilter() app.PaperFilter {
	return app.PaperFilter{Unit: number(c.QueryParam("unit")), Kind: c.QueryParam("kind"), State: c.QueryParam("state"), Text: c.QueryParam("q"),
		Open: c.QueryParam("all") == "" && c.QueryParam("late") == "" && c.QueryParam("state") == "", Overdue: c.QueryParam("late") != "", Limit: papersShown}
}

// showPapers draws the list; faults and prefix are those of the form for the word in the numbers.
func (s *server) showPapers(c *call, status int, faults templates.Faults, prefix string) error {
	f := c.paperFilter()
	rows, err := s.App.Papers(c.ctx(), c.actor, f)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.PapersPage{All: c.QueryParam("all"), Late: c.QueryParam("late"), Text: f.Text, Shows: c.paperShows(f), Table: c.paperRows(rows, dir), Found: len(rows) > 0}
	page.Kind, page.State, page.Unit = c.paperFilters(f, dir)
	page.Filtered = !f.Open || f.Unit != 0 || f.Kind != "" || f.Text != ""
	page.Empty = templates.Empty{Icon: "scroll-text", Text: c.T("papers.empty"), Next: c.T("papers.empty_next")}
	if page.Filtered {
		page.Empty = templates.Empty{Icon: "scroll-text", Text: c.T("papers.empty_filtered"), Next: c.T("papers.empty_filtered_next"), Href: "/papers?all=1", Action: c.T("papers.show_all")}
	}
	if page.Found {
		page.PrintHref = "/papers/print?" + c.Request().URL.Query().Encode()
	}
	if c.rights.People {
		if faults == nil {
			if prefix, err = s.App.PaperPrefix(c.ctx()); err != nil {
				return err
			}
		}
		field := c.Field("prefix", "papers.prefix", prefix).Hinted("papers.prefix_hint").Fails(faults).Need()
		page.Prefix = &field
	}
	base, err := c.base(c.T("papers.heading"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "tickets", c.whose()
	return showBase(c, status, s.Set.Pages.Paper.List, base, page)
}

func (s *server) setPaperPrefix(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	err = s.App.SetPaperPrefix(c.ctx(), c.actor, f.text("prefix"))
	return c.after(err, "/papers", "paper_prefix", func(status int, faults templates.Faults) error {
		return s.showPapers(c, status, faults, f.text("prefix"))
	})
}

func (c *call) paperShows(f app.PaperFilter) []templates.Segment {
	late := url.Values{}
	for key, values := range c.QueryParams() {
		if key != "all" && key != "state" {
			late[key] = values
		}
	}
	late.Set("late", "1")
	return []templates.Segment{{Text: c.T("papers.open"), Href: "/papers", On: f.Open}, {Text: c.T("papers.late"), Href: "/papers?" + late.Encode(), On: f.Overdue},
		{Text: c.T("papers.show_all"), Href: "/papers?all=1", On: !f.Open && !f.Overdue && f.State == ""}}
}

func (c *call) paperFilters(f app.PaperFilter, dir app.Directory) (kind, state, unit templates.Field) {
	kinds := []templates.Option{{Text: c.T("papers.any_kind")}}
	for _, form := range c.s.App.PaperForms().Forms {
		kinds = append(kinds, templates.Option{Value: form.ID, Text: form.Title.In(c.Lang)})
	}
	states := []templates.Option{{Text: c.T("papers.any_state")}}
	for _, st := range app.PaperStates() {
		states = append(states, templates.Option{Value: st, Text: c.T("paper_state." + st)})
	}
	units := []templates.Option{{Text: c.T("papers.any_unit")}}
	for _, u := range dir.UnitList() {
		units = append(units, templates.Option{Value: id64(u.ID), Text: u.Name})
	}
	return c.Field("kind", "papers.kind", f.Kind).Choose(kinds), c.Field("state", "papers.state", f.State).Choose(states), c.Field("unit", "papers.unit", chosen(f.Unit)).Choose(units)
}

func (c *call) paperRows(rows []app.PaperRow, dir app.Directory) templates.Table {
	t := templates.Table{Caption: c.T("papers.caption", "N", len(rows))}
	if len(rows) == papersShown {
		t.Caption += " " + c.T("papers.cut", "N", papersShown)
	}
	heads := []string{c.T("papers.no"), c.T("papers.matter"), c.T("papers.unit"), c.T("papers.issued"), c.T("papers.answer_by"), c.T("papers.state")}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for _, r := range rows {
		due := templates.Cell{Text: c.due(r.Paper.DeadlineOn), Head: heads[4]}
		if r.Paper.Kind == "interview_notice" && !r.Paper.DeadlineOn.IsZero() {
			due.Note = c.T("papers.interview_by")
		}
		if r.Late(c.s.App.Today()) {
			due.Class = "late"
			due.Note, _ = c.dueWords(r.Paper.TaskForceID, r.Paper.DeadlineOn)
		}
		state := templates.Cell{Text: c.T("paper_state." + r.Life.State), Head: heads[5]}
		if !r.Life.PromisedOn.IsZero() && r.Life.Open() {
			state.Note = c.promiseNote(r.Life)
		}
		no := templates.Cell{Text: r.Paper.No, Note: c.paperKind(r.Paper.Kind), Href: "/papers/" + r.Paper.Code, Class: "name", Head: heads[0]}
		if r.Paper.Light != "" {
			no.Light = c.Light(r.Paper.Light).Bare()
		}
		t.Rows = append(t.Rows, []templates.Cell{no, {Text: r.Paper.ItemTitle, Href: itemPath(r.Paper), Head: heads[1]}, {Text: dir.Units[r.Paper.UnitID].Name, Head: heads[2]},
			{Text: c.Day(r.Paper.IssuedOn), Head: heads[3]}, due, state})
	}
	return t
}

// promiseNote says what was promised, and whether that date has passed.
func (c *call) promiseNote(l app.PaperLife) string {
	if !l.PromiseExpiredOn.IsZero() {
		return c.T("paper.promise_expired", "Day", c.ShortDay(l.PromisedOn))
	}
	return c.T("paper.promised_note", "Day", c.ShortDay(l.PromisedOn))
}

// itemPath is the page of what a paper is about.
func itemPath(p app.Paper) string {
	if p.TicketID != 0 {
		return "/tickets/" + p.ItemNo
	}
	return "/projects/" + p.ItemNo
}
