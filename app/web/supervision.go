package web

import (
	"net/url"
	"slices"
	"strconv"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

func (s *server) supervisionPage(c *call) error {
	return s.showSupervision(c, statusPage, refusedSlip{}, nil)
}

// refusedSlip is the prepared form that was refused, with what was typed.
type refusedSlip struct {
	item  string // "ticket/2023-001"
	typed *form
}

// issueSlip issues the 督办单 that the desk prepared.
func (s *server) issueSlip(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	d, err := s.App.SupervisionDesk(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	again := refusedSlip{item: f.text("item"), typed: f}
	for _, due := range d.Due {
		if due.Kind+"/"+due.No != again.item {
			continue
		}
		cmd := app.IssuePaper{ItemKind: due.Kind, Item: due.ID, Form: f.text("form"), Facts: f.text("facts"), Require: f.text("require"), DeadlineOn: f.day("deadline_on"), Anyway: f.on("anyway")}
		to := ""
		err = f.typed(func() error {
			p, err := s.App.IssuePaper(c.ctx(), c.actor, cmd)
			if err == nil {
				to = "/supervision?issued=" + url.QueryEscape(p.Code)
			}
			return err
		})
		return c.after(err, to, "", func(status int, faults templates.Faults) error { return s.showSupervision(c, status, again, faults) })
	}
	return missingPage()
}

func (s *server) showSupervision(c *call, status int, again refusedSlip, faults templates.Faults) error {
	d, err := s.App.SupervisionDesk(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.SupervisionPage{PackHref: "/supervision/pack", Ledger: "/ledger", Units: c.unitsOverdue(d.Units, dir), UnitNone: c.T("supervision.units_none"),
		RungNone: c.T("supervision.rungs_none"), Rungs: c.rungs(d.Rungs), Sent: c.sentTable(d.Sent), Papers: c.papersWaiting(d.Papers, dir), PaperNo: c.T("supervision.papers_none"),
		SlipNone: templates.Empty{Icon: "scroll-text", Text: c.T("supervision.slips_none"), Next: c.T("supervision.slips_next"), Href: "/tickets", Action: c.T("nav.tickets")}}
	for i := range d.Due {
		l := c.slipLine(&d.Due[i], dir, again, faults)
		page.May = page.May || l.Form != nil
		page.Slips = append(page.Slips, l)
	}
	if code := c.QueryParam("issued"); code != "" {
		f, err := s.App.PaperFile(c.ctx(), c.actor, code)
		if err != nil && app.AsFaults(err) == nil {
			return err
		}
		if err == nil {
			page.Issued = &templates.Notice{Text: c.T("supervision.issued", "No", f.Paper.No, "Title", f.Paper.ItemTitle), Href: "/papers/print?code=" + url.QueryEscape(code), Action: c.T("supervision.print")}
		}
	}
	base, err := c.base(c.T("nav.supervision"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "supervision", c.whose()
	return showBase(c, status, s.Set.Pages.Meet.Supervision, base, page)
}

func (c *call) heads(keys ...string) (heads []string, columns []templates.Column) {
	for _, key := range keys {
		heads = append(heads, c.T(key))
		columns = append(columns, templates.Column{Text: c.T(key)})
	}
	return heads, columns
}

func (c *call) unitsOverdue(units []app.UnitOverdue, dir app.Directory) templates.Table {
	heads, columns := c.heads("supervision.unit", "supervision.overdue", "supervision.worst", "supervision.longest", "supervision.trend")
	t := templates.Table{Columns: columns}
	for _, u := range units {
		trend := c.T("supervision.same")
		switch n := u.Total() - u.Before; {
		case n > 0:
			trend = c.T("supervision.more", "N", n)
		case n < 0:
			trend = c.T("supervision.fewer", "N", -n)
		}
		row := []templates.Cell{{Text: dir.Units[u.UnitID].Name, Class: "name", Head: heads[0], Href: "/tickets?unit=" + id64(u.UnitID)},
			{Text: c.Count(u.Total()), Note: c.T("supervision.parts", "Tickets", u.Tickets, "Milestones", u.Milestones), Head: heads[1]},
			{Head: heads[2]}, {Head: heads[3]}, {Text: trend, Head: heads[4]}}
		if u.Total() > 0 {
			row[2].Light, row[3].Text = c.Light(u.Worst), c.T("supervision.days", "N", u.Days)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (c *call) rungs(all []app.RungOverdue) []templates.RungGroup {
	var out []templates.RungGroup
	for _, r := range all {
		g := templates.RungGroup{Light: c.Light(r.Light), Title: c.ruleName(r.RuleID) + " · " + c.T("supervision.step", "Step", c.stepNo(r.RuleID, r.Step)), Count: c.Count(len(r.Items))}
		for _, it := range r.Items {
			g.Items = append(g.Items, templates.Def{Name: it.No, Text: it.Title, Href: it.Link, Note: c.T("supervision.since", "Day", c.ShortDay(it.BeganOn))})
		}
		out = append(out, g)
	}
	return out
}

// stepNo is the place of a step in its rule's ladder, its id when the rule is not in force any more.
func (c *call) stepNo(rule, step string) string {
	r, _ := c.s.App.Ruleset().Rule(rule)
	if r == nil {
		return step
	}
	i := slices.IndexFunc(r.Steps, func(s workflows.Step) bool { return s.ID == step })
	if i < 0 {
		return step
	}
	return strconv.Itoa(i + 1)
}

// sentTable is what became of the reminders of the last working days; each number leads to the rows of the ledger.
func (c *call) sentTable(days []app.SentOn) templates.Table {
	heads, columns := c.heads("supervision.day", "ledger_status.accepted", "ledger_status.unknown", "ledger_status.failed", "supervision.waiting", "supervision.read")
	t := templates.Table{Columns: columns}
	for _, s := range days {
		link := func(status string) string {
			return "/ledger?status=" + status + "&from=" + s.Day.String() + "&to=" + s.Day.String()
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.Day(s.Day), Class: "name", Head: heads[0]}, {Text: c.Count(s.Counts["accepted"] + s.Counts["digested"]), Href: link("accepted"), Head: heads[1]},
			{Text: c.Count(s.Counts["unknown"]), Href: link("unknown"), Head: heads[2]}, {Text: c.Count(s.Counts["failed"]), Href: link("failed"), Head: heads[3]},
			{Text: c.Count(s.Counts["queued"] + s.Counts["sending"]), Href: link("queued"), Head: heads[4]}, {Text: c.Count(s.Read), Head: heads[5]}})
	}
	return t
}

func (c *call) papersWaiting(papers []app.PaperWaiting, dir app.Directory) templates.Table {
	heads, columns := c.heads("papers.answer_by", "papers.no", "papers.matter", "papers.unit", "papers.state", "supervision.next")
	t := templates.Table{Columns: columns}
	for _, p := range papers {
		words, _ := c.dueWords(p.Paper.TaskForceID, p.Paper.DeadlineOn)
		due := templates.Cell{Text: c.due(p.Paper.DeadlineOn), Note: words, Head: heads[0]}
		if p.Late {
			due.Class = "late"
		}
		next := templates.Cell{Text: c.T("paper_next." + nextOf(&p)), Head: heads[5]}
		if p.Decide {
			next.Href = "/papers/" + p.Paper.Code + "?do=decide#moves"
		}
		if p.Next != "" && !p.Decide {
			next.Note = c.T("supervision.follows", "Form", c.paperKind(p.Next))
		}
		t.Rows = append(t.Rows, []templates.Cell{due, {Text: p.Paper.No, Note: c.paperKind(p.Paper.Kind), Href: "/papers/" + p.Paper.Code, Class: "name", Head: heads[1]},
			{Text: p.Paper.ItemTitle, Href: itemPath(p.Paper), Head: heads[2]}, {Text: dir.Units[p.Paper.UnitID].Name, Head: heads[3]}, {Text: c.T("paper_state." + p.Life.State), Head: heads[4]}, next})
	}
	return t
}

// nextOf names what may be done next about a paper.
func nextOf(p *app.PaperWaiting) string {
	switch {
	case p.Life.State == "answered":
		return "decide"
	case p.Late:
		return "late"
	case p.Paper.Kind == "interview_notice":
		return "record"
	case p.Life.ReceivedOn.IsZero():
		return "receive"
	}
	return "answer"
}

// slipLine is one item that is due for a 督办单, the form filled in from the facts; papers are Chinese in every language of the page.
func (c *call) slipLine(d *app.SlipDue, dir app.Directory, again refusedSlip, faults templates.Faults) templates.SlipLine {
	item := d.Kind + "/" + d.No
	l := templates.SlipLine{ID: "slip-" + d.No, Light: c.Light(d.Light), Title: d.No + " " + d.Title, Href: "/projects/" + d.No, Facts: d.Facts}
	l.Note = c.T("supervision.slip_note", "Unit", dir.Units[d.UnitID].Name, "Rule", c.ruleName(d.RuleID), "Day", c.ShortDay(d.Since))
	if d.Kind == "ticket" {
		l.Title, l.Href = c.TicketNo(d.No)+" "+d.Title, "/tickets/"+d.No
	}
	if !d.May {
		return l
	}
	value, open := func(_, otherwise string) string { return otherwise }, again.item == item
	if open {
		value = func(name, _ string) string { return again.typed.text(name) }
	} else {
		faults = nil
	}
	field := func(name, label, otherwise string) templates.Field {
		return with(c.Field(name, label, value(name, otherwise)).Fails(faults), d.No)
	}
	var forms []templates.Option
	for _, form := range c.s.App.HandForms() {
		if form.ID != "public_notice" {
			forms = append(forms, templates.Option{Value: form.ID, Text: form.Title.In(c.Lang)})
		}
	}
	l.Form = &templates.MeetForm{Locale: c.Locale, Path: "/supervision/slips", Title: c.T("supervision.prepare"), Go: c.T("supervision.issue"), Stroke: "p", Open: open, Problem: faults[""],
		Hidden: []templates.Hidden{{Name: "item", Value: item}},
		Fields: []templates.Field{field("form", "paper_new.form", d.Form).Choose(forms), field("deadline_on", "paper_new.deadline", d.AnswerBy.String()).As("date"),
			field("facts", "paper_new.facts", d.Facts).Lines(3).Whole().Need(), field("require", "paper_new.require", d.Require).Lines(2).Whole()}}
	if d.Late != nil {
		l.Form.Fields = append(l.Form.Fields, with(c.Field("anyway", "supervision.anyway", "").Tick(!open || value("anyway", "") != "").Fails(faults), d.No))
		l.Note += " · " + c.T("supervision.late_paper", "No", d.Late.No)
	}
	return l
}
