package web

import (
	"net/url"
	"strconv"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// limitCell names a cell whose limit is looked at.
type limitCell struct{ board, force, state string }

func (l limitCell) path() string {
	return "/map/limits?" + url.Values{"board": {l.board}, "force": {l.force}, "state": {l.state}}.Encode()
}

func (s *server) limitsPage(c *call) error {
	return s.showLimits(c, statusPage, limitCell{c.QueryParam("board"), c.QueryParam("force"), c.QueryParam("state")}, nil, nil)
}

// setLimit sets the limit of a cell.
func (s *server) setLimit(c *call) error {
	typed, err := c.form()
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	cell := limitCell{typed.text("board"), typed.text("force"), typed.text("state")}
	cmd := app.SetCellLimit{Board: cell.board, State: cell.state, Most: int(min(typed.number("most"), 1<<20)), Reason: typed.text("reason"), Version: typed.number("version")}
	if cell.force != "" {
		tf, ok := forceByCode(dir, cell.force)
		if !ok {
			return missingPage()
		}
		cmd.TaskForceID = tf.ID
	}
	return c.after(s.App.SetCellLimit(c.ctx(), c.actor, cmd), "/map/limits?board="+url.QueryEscape(cell.board), "limit_set", func(status int, faults templates.Faults) error {
		return s.showLimits(c, status, cell, typed, faults)
	})
}

// showLimits shows the limits of a board, and the form for one cell that the person may limit.
func (s *server) showLimits(c *call, status int, cell limitCell, typed *form, faults templates.Faults) error {
	if cell.board != "tickets" {
		cell.board = "stages"
	}
	b, err := s.App.BoardCards(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	forces, whole, err := s.App.LimitForces(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	may := map[string]bool{"": whole}
	for _, tf := range forces {
		may[tf.Code] = true
	}
	page := templates.LimitsPage{Boards: []templates.Segment{{Text: c.T("board.view.stages"), Href: "/map/limits?board=stages", On: cell.board == "stages"},
		{Text: c.T("board.view.tickets"), Href: "/map/limits?board=tickets", On: cell.board == "tickets"}}}
	page.Table = c.limitTable(b, cell.board, may)
	for _, st := range s.App.LimitStates(cell.board) {
		if st.ID == cell.state && may[cell.force] {
			page.Form = []templates.ProjectForm{c.limitForm(b, cell, st, typed, faults)}
		}
	}
	base, err := c.projectBase("limits", c.T("limits.title"), templates.Crumb{Text: c.T("map.title"), Href: "/map"}, templates.Crumb{Text: c.T("limits.title")})
	if err != nil {
		return err
	}
	return showBase(c, status, s.Set.Pages.Board.Limits, base, page)
}

// limitTable has a line for each task force, the first for all of them, and a column for each state; what the person may set is a link.
func (c *call) limitTable(b app.BoardCards, board string, may map[string]bool) templates.Table {
	states := c.s.App.LimitStates(board)
	t := templates.Table{Columns: []templates.Column{{Text: c.T("map.corner")}}}
	for _, st := range states {
		t.Columns = append(t.Columns, templates.Column{Text: st.Title.In(c.Lang)})
	}
	line := func(id int64, code, name string) {
		row := []templates.Cell{{Text: name, Class: "name"}}
		for _, st := range states {
			cell := templates.Cell{Text: "—"}
			if l, ok := own(b.Limits, board, id, st.ID); ok && l.Most > 0 {
				cell.Text, cell.Note = strconv.Itoa(l.Most), l.Reason
			}
			if may[code] {
				cell.Href = limitCell{board, code, st.ID}.path()
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	line(0, "", c.T("limits.all"))
	for _, tf := range b.Forces {
		line(tf.ID, tf.Code, tf.Name)
	}
	headed(&t)
	return t
}

// own is the limit row of exactly this task force, or of all for 0; it may be lifted.
func own(limits []app.CellLimit, board string, force int64, state string) (app.CellLimit, bool) {
	for _, l := range limits {
		if l.Board == board && l.TaskForceID == force && l.State == state {
			return l, true
		}
	}
	return app.CellLimit{}, false
}

func (c *call) limitForm(b app.BoardCards, cell limitCell, st workflows.State, typed *form, faults templates.Faults) templates.ProjectForm {
	id, name := int64(0), c.T("limits.all")
	for _, tf := range b.Forces {
		if tf.Code == cell.force {
			id, name = tf.ID, tf.Name
		}
	}
	l, _ := own(b.Limits, cell.board, id, st.ID)
	most, reason, version := strconv.Itoa(l.Most), l.Reason, id64(l.Version)
	if typed != nil {
		most, reason, version = typed.text("most"), typed.text("reason"), typed.text("version")
	}
	out := templates.ProjectForm{ID: "limit", Title: c.T("limits.cell", "Force", name, "State", st.Title.In(c.Lang)), Action: "/map/limits", Open: true,
		Hidden: []templates.HiddenField{{Name: "board", Value: cell.board}, {Name: "force", Value: cell.force}, {Name: "state", Value: cell.state}, {Name: "version", Value: version}},
		Fields: []templates.Field{c.Field("most", "limits.most", most).As("number").Between("0", "9999").Need().Hinted("limits.most_hint").Fails(faults),
			c.Field("reason", "limits.reason", reason).Need().Fails(faults)},
		Buttons: []templates.FormButton{{Text: c.T("limits.set"), Tone: "primary"}}}
	if text := faults[""]; text != "" {
		out.Problems = []templates.Notice{{Tone: "bad", Text: text}}
	}
	return out
}
