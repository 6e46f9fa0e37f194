package web

import (
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) whyProject(c *call) error { return s.whyItem(c, "project", c.Param("code")) }

func (s *server) whyTicket(c *call) error { return s.whyItem(c, "ticket", c.Param("no")) }

func (s *server) whyMilestone(c *call) error { return s.whyItem(c, "milestone", c.Param("id")) }

func (s *server) whyItem(c *call, kind, no string) error {
	return s.why(c, func(day calendar.Date) (app.Why, error) { return s.App.Explain(c.ctx(), c.actor, kind, no, day) })
}

// why shows the one explanation of an item's light, of its missing light, and of its date, as of a day.
func (s *server) why(c *call, explain func(day calendar.Date) (app.Why, error)) error {
	day, fault := calendar.Date(0), ""
	if text := c.QueryParam("on"); text != "" {
		var err error
		if day, err = calendar.ParseDate(text); err != nil {
			fault = c.T("fault.date_form")
		}
	}
	if day > s.App.Today() {
		day, fault = 0, c.T("fault.in_future")
	}
	w, err := explain(day)
	if err != nil {
		return err
	}
	page := c.Why(w, law{c}.codes())
	page.Path, page.JournalNotes = c.Request().URL.Path, c.T("whypage.notes")
	page.Day = c.Field("on", "whypage.on", w.Day.String()).As("date").Between("", s.App.Today().String())
	page.Day.Error = fault
	page.Item = c.whyOf(w)
	base, err := c.base(c.T("whypage.title", "Item", page.Item.Name))
	if err != nil {
		return err
	}
	status := statusPage
	if fault != "" {
		status = statusInvalid
	}
	base.Lead = w.Title
	return showBase(c, status, s.Set.Pages.Law.Why, base, page)
}

// whyOf leads back to what an explanation is about.
func (c *call) whyOf(w app.Why) templates.Def {
	switch w.Kind {
	case "ticket":
		return templates.Def{Name: c.TicketNo(w.No), Text: c.TicketNo(w.No) + " " + w.Title, Href: "/tickets/" + w.No}
	case "receiving_unit":
		return templates.Def{Name: c.TicketNo(w.No), Text: c.TicketNo(w.No) + " " + w.Title, Href: "/tickets/" + w.No + "#units"}
	case "project", "milestone":
		return templates.Def{Name: w.No, Text: w.No + " " + w.Title, Href: "/projects/" + w.No}
	}
	return templates.Def{Name: w.Title, Text: c.T("scope."+w.Kind) + " · " + w.Title, Href: "/subjects"}
}

// explained is the explanation of an item as of today: the facts, the whole in words, and the short form for the item's own page.
type explained struct {
	why   app.Why
	page  templates.WhyPage
	brief templates.WhyBrief
}

// explained asks for the one explanation of an item, which the item's own page shows in short.
func (c *call) explained(kind, no string) (explained, error) {
	w, err := c.s.App.Explain(c.ctx(), c.actor, kind, no, 0)
	if err != nil {
		return explained{}, err
	}
	codes := law{c}.codes()
	return explained{why: w, page: c.Why(w, codes), brief: c.Brief(w, codes, explainedAt)}, nil
}

// explainedAt is the address of an explanation.
func explainedAt(w app.Why) string {
	if w.Kind == "milestone" {
		return whyPath(w.Kind, id64(w.Milestone.ID))
	}
	return whyPath(w.Kind, w.No)
}

// codes word what only the definitions know.
func (l law) codes() templates.Codes {
	return templates.Codes{Value: l.text, Begins: l.begins, Href: "/rules",
		When: func(r *workflows.Rule) string { return l.condition(r.Scope, r.When) }}
}

// Codes word what only the definitions know, for those who explain without a page.
func Codes(a *app.App, l templates.Locale) templates.Codes {
	return law{&call{Locale: l, s: &server{Options: Options{App: a}}}}.codes()
}

// whyPath is the address of an item's explanation.
func whyPath(kind, no string) string { return "/why/" + kind + "s/" + no }

// whyOn is the address of the explanation of what a line of the desk is about: a milestone, a project or a ticket, or the law on the page of a paper.
func whyOn(it *app.DeskItem) string {
	switch {
	case it.What == "milestone":
		return whyPath("milestone", id64(it.ID))
	case it.What == "paper":
		return it.Link + "#why"
	}
	for _, kind := range []string{"project", "ticket"} {
		if no, ok := strings.CutPrefix(it.Link, "/"+kind+"s/"); ok {
			no, _, _ = strings.Cut(no, "#")
			return whyPath(kind, no)
		}
	}
	return ""
}

// whyLink is the light of a line of the desk, which leads to its explanation.
func (c *call) whyLink(it *app.DeskItem) templates.LightMark {
	if to := whyOn(it); to != "" {
		return c.Asked(c.Light(it.Light), to)
	}
	return c.Light(it.Light)
}

// whyDue is the address of the explanation of the date of a line of the desk; the month in which a report is asked for counts nothing.
func (c *call) whyDue(it *app.DeskItem) string {
	to := whyOn(it)
	switch {
	case it.DueOn.IsZero() || it.What == "report":
		return ""
	case it.What == "paper" || to == "":
		return to
	}
	return to + "#due"
}
