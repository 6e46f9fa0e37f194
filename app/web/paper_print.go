package web

import (
	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// printPapers draws papers as documents for the printer: those that the address names by code, or all of a filtered list.
func (s *server) printPapers(c *call) error {
	f, back := c.paperFilter(), "/papers?"+c.Request().URL.RawQuery
	if codes := c.QueryParams()["code"]; len(codes) > 0 {
		f = app.PaperFilter{Codes: codes, Limit: papersShown}
		back = "/papers"
		if len(codes) == 1 {
			back = "/papers/" + codes[0]
		}
	}
	rows, err := s.App.Papers(c.ctx(), c.actor, f)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return missingPage()
	}
	page := templates.PaperPrintPage{Back: back, Head: templates.Segment{Text: c.T("paper.no_red"), Href: c.redHead("no")}}
	if c.QueryParam("red") == "no" {
		page.Head = templates.Segment{Text: c.T("paper.red"), Href: c.redHead("")}
	}
	if s.Demo != nil {
		page.Sample = c.T("paper.sample")
	}
	for _, r := range rows {
		page.Sheets = append(page.Sheets, c.sheet(r.Paper))
	}
	base, err := c.base(c.T("paper.print_title", "N", len(rows)))
	if err != nil {
		return err
	}
	base.Kind = "docs"
	if len(rows) == 1 {
		base.Kind, base.Title = "doc", rows[0].Paper.No
	}
	return showBase(c, statusPage, s.Set.Pages.Paper.Print, base, page)
}

// redHead is this address with or without the red head of the sheets.
func (c *call) redHead(value string) string {
	q := c.Request().URL.Query()
	q.Del("red")
	if value != "" {
		q.Set("red", value)
	}
	return "/papers/print?" + q.Encode()
}

// sheet lays a paper out as a document; its own words are Chinese.
func (c *call) sheet(p app.Paper) templates.PaperSheet {
	zh := c.s.Set.Words().Locale("zh-CN")
	sheet := templates.PaperSheet{Mark: p.Issuer, No: p.No, Heading: p.Heading, To: zh.T("sheet.to", "Unit", p.Addressed), Lines: paperLines(p.Body), Issuer: p.Issuer,
		Day: c.chineseDay(p.IssuedOn), Red: c.QueryParam("red") != "no"}
	note := func(key, text string) {
		if text != "" {
			sheet.Notes = append(sheet.Notes, zh.T(key, "Text", text))
		}
	}
	note("sheet.contact", p.Contact)
	for _, line := range paperLines(p.Vacant) {
		note("sheet.vacant", line.Text)
	}
	note("sheet.cc", p.Cc)
	note("sheet.item", p.ItemTitle+" "+p.ItemNo)
	sheet.Notes = append(sheet.Notes, zh.T("sheet.printed", "Unit", p.Issuer, "Day", c.chineseDay(p.IssuedOn)))
	return sheet
}

// chineseDay writes a day as documents do.
func (c *call) chineseDay(d calendar.Date) string {
	return c.s.App.PaperForms().Date(d.Year(), d.Month().Number(), d.Day())
}
