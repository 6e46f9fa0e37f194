package web

import (
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
