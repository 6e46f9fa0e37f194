package web

import (
	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// paperKind is the title of a form.
func (c *call) paperKind(id string) string {
	if form, ok := c.s.App.PaperForms().Form(id); ok {
		return form.Title.In(c.Lang)
	}
	return titleOf(workflows.Papers(), id, c.Lang)
}

// paperValue words what the journal says of a paper where it is a code.
func (c *call) paperValue(kind, column, v string) (string, bool) {
	if kind != "paper" {
		return "", false
	}
	switch column {
	case "kind":
		return c.paperKind(v), true
	case "state":
		return c.T("paper_state." + v), true
	case "ended_why":
		if key := "lifted." + v; c.T(key) != key {
			return c.T(key), true
		}
		return c.T("paper_state." + v), true
	}
	return "", false
}

// paperBox lists the papers on a ticket or project, the newest first, and offers to issue one to those who may.
func (c *call) paperBox(kind string, id int64, no string) (templates.PaperBox, error) {
	box := templates.PaperBox{Locale: c.Locale}
	f := app.PaperFilter{Project: id}
	if kind == "ticket" {
		f = app.PaperFilter{Ticket: id}
	}
	rows, err := c.s.App.Papers(c.ctx(), c.actor, f)
	if err != nil {
		return box, err
	}
	for _, r := range rows {
		if kind == "project" && r.Paper.TicketID != 0 {
			continue
		}
		d := templates.Def{Name: c.paperKind(r.Paper.Kind), Text: r.Paper.No, Href: "/papers/" + r.Paper.Code, Note: c.T("paper_state." + r.Life.State)}
		if r.Life.Open() && !r.Paper.DeadlineOn.IsZero() {
			d.Note += " · " + c.T("paper_box.answer_by", "Day", c.ShortDay(r.Paper.DeadlineOn))
		}
		if r.Late(c.s.App.Today()) {
			d.Tone, d.Note = "late", d.Note+" · "+c.T("paper.late")
		}
		box.Lines = append(box.Lines, d)
	}
	forms, _, err := c.s.App.MayIssue(c.ctx(), c.actor, kind, id)
	if len(forms) > 0 {
		box.NewHref = "/papers/new?" + kind + "=" + no
	}
	return box, err
}
