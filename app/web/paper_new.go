package web

import (
	"slices"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// matter is the ticket or project that a paper is to be issued on.
type matter struct {
	kind, no, title, path string
	id                    int64
	unit                  string
}

// matter reads what the address names; strangers to it find nothing.
func (c *call) matter() (matter, error) {
	dir, err := c.s.App.Directory(c.ctx())
	if err != nil {
		return matter{}, err
	}
	if no := c.QueryParam("ticket"); no != "" {
		f, err := c.s.App.TicketFile(c.ctx(), c.actor, no)
		if err != nil {
			return matter{}, err
		}
		return matter{"ticket", f.Ticket.No, f.Ticket.Title, "/tickets/" + f.Ticket.No, f.Ticket.ID, dir.Units[f.Ticket.LeadUnitID].Name}, nil
	}
	d, err := c.s.App.ProjectDossier(c.ctx(), c.actor, c.QueryParam("project"))
	if err != nil {
		return matter{}, err
	}
	return matter{"project", d.Project.Code, d.Project.Name, "/projects/" + d.Project.Code, d.Project.ID, dir.Units[d.Project.UnitID].Name}, nil
}

func (s *server) newPaperPage(c *call) error {
	m, err := c.matter()
	if err != nil {
		return err
	}
	return s.showNewPaper(c, statusPage, m, nil, nil)
}

func (s *server) issuePaper(c *call) error {
	m, err := c.matter()
	if err != nil {
		return err
	}
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.IssuePaper{ItemKind: m.kind, Item: m.id, Form: f.text("form"), Facts: f.text("facts"), Require: f.text("require"), DeadlineOn: f.day("deadline_on"), Anyway: f.on("anyway")}
	var p *app.Paper
	err = f.typed(func() error {
		p, err = s.App.IssuePaper(c.ctx(), c.actor, cmd)
		return err
	})
	to := ""
	if p != nil {
		to = "/papers/" + p.Code
	}
	return c.after(err, to, "paper_issued", func(status int, faults templates.Faults) error { return s.showNewPaper(c, status, m, f, faults) })
}

// showNewPaper draws the form; the forms that the importance of the matter suggests come first.
func (s *server) showNewPaper(c *call, status int, m matter, typed *form, faults templates.Faults) error {
	forms, open, err := s.App.MayIssue(c.ctx(), c.actor, m.kind, m.id)
	if err != nil {
		return err
	}
	if len(forms) == 0 {
		return missingPage()
	}
	value := func(name, otherwise string) string {
		if typed == nil {
			return otherwise
		}
		return typed.text(name)
	}
	first := "blue_slip"
	page := templates.NewPaperPage{Path: "/papers/new?" + m.kind + "=" + m.no, Back: m.path, About: []templates.Def{{Name: c.T("papers.matter"), Text: m.title, Note: m.no, Href: m.path}, {Name: c.T("paper.unit"), Text: m.unit}}}
	page.Fields = []templates.Field{
		c.Field("form", "paper_new.form", value("form", first)).Pick(c.paperForms(forms)).Hinted("paper_new.form_hint").Fails(faults).Need(),
		c.Field("facts", "paper_new.facts", value("facts", "")).Lines(3).Hinted("paper_new.facts_hint").Fails(faults).Need().First(),
		c.Field("require", "paper_new.require", value("require", "")).Lines(2).Hinted("paper_new.require_hint").Fails(faults),
		c.Field("deadline_on", "paper_new.deadline", value("deadline_on", "")).As("date").Between(s.App.Today().AddDays(1).String(), "").Hinted("paper_new.deadline_hint").Fails(faults),
	}
	if len(open) > 0 {
		last := open[len(open)-1]
		page.Open = []templates.Notice{{Tone: "warn", Text: c.T("paper_new.open", "No", last.No), Detail: c.T("paper_new.open_source"), Href: "/papers/" + last.Code, Action: c.T("paper_new.open_show")}}
		page.Fields = append(page.Fields, c.Field("anyway", "paper_new.anyway", "").Tick(value("anyway", "") != "").Fails(faults))
	}
	if len(faults) > 0 {
		page.Problems = []templates.Notice{{Tone: "bad", Text: c.T("paper_new.refused"), Detail: faults[""]}}
	}
	base, err := c.base(c.T("paper_new.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("paper_new.lead", "Who", c.user.Name, "Unit", c.actor.Unit)
	base.Crumbs = []templates.Crumb{{Text: c.T("papers.heading"), Href: "/papers"}, {Text: m.title, Href: m.path}, {Text: base.Title}}
	return showBase(c, status, s.Set.Pages.Paper.New, base, page)
}

// paperForms are the choices of a new paper, those to begin with by importance first, each with its term.
func (c *call) paperForms(may []string) []templates.Option {
	all := c.s.App.PaperForms()
	var first, rest []templates.Option
	for _, form := range all.Forms {
		if !slices.Contains(may, form.ID) {
			continue
		}
		o := templates.Option{Value: form.ID, Text: form.Title.In(c.Lang)}
		if form.Answer != nil {
			o.Note = c.T("paper_new.answer", "Term", c.Term(calendar.Term{N: form.Answer.N, Unit: calendar.Unit(form.Answer.Unit)}))
		}
		i := slices.IndexFunc(all.Importance, func(level workflows.Importance) bool { return level.Start == form.ID })
		if i < 0 {
			rest = append(rest, o)
			continue
		}
		o.Note = c.T("paper_new.starts", "Level", all.Importance[i].Title.In(c.Lang)) + o.Note
		first = append(first, o)
	}
	return append(first, rest...)
}
