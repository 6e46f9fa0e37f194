package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// showYear draws the year of a person or a unit: how many records of which kind in which month, each count a way to these records.
func (s *server) showYear(c *call, page templates.JournalYearPage, title, query string, filter app.JournalFilter) error {
	first, err := s.App.FirstDay(c.ctx())
	if err != nil {
		return err
	}
	today, year := s.App.Today(), number(c.QueryParam("year"))
	if year == 0 {
		year = int64(today.Year())
	}
	if year < int64(first.Year()) || year > int64(today.Year()) {
		return missingPage()
	}
	counts, err := s.App.JournalYear(c.ctx(), c.actor, filter, int(year))
	if err != nil {
		return err
	}
	for y := first.Year(); y <= today.Year(); y++ {
		page.Years = append(page.Years, templates.Segment{Text: c.T("journal_year.year", "Year", strconv.Itoa(y)), Href: c.Request().URL.Path + "?year=" + strconv.Itoa(y), On: int64(y) == year})
	}
	page.All = yearPath(query, calendar.MakeMonth(int(year), 1).First(), calendar.MakeMonth(int(year), 12).Last(), "")
	page.Table = c.yearTable(counts, int(year), query)
	page.Empty = templates.Empty{Icon: "scroll-text", Text: c.T("journal_year.empty"), Next: c.T("journal_year.empty_next")}
	base, err := c.base(title)
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "journal-year", c.T("journal_year.lead", "Year", strconv.FormatInt(year, 10))
	base.Crumbs = []templates.Crumb{{Text: c.T("journal.title"), Href: "/journal"}, {Text: title}}
	return showBase(c, statusPage, s.Set.Pages.Question.Year, base, page)
}

// yearPath is the journal of some days, and of a kind unless it is "".
func yearPath(query string, from, to calendar.Date, kind string) string {
	path := "/journal?" + query + "&from=" + from.String() + "&to=" + to.String()
	if kind != "" {
		path += "&kind=" + url.QueryEscape(kind)
	}
	return path
}

// yearTable has a row for each kind and a column for each month, with the sums.
func (c *call) yearTable(counts []app.YearCount, year int, query string) templates.Table {
	t := templates.Table{Columns: []templates.Column{{Text: c.T("journal.kind")}}}
	by, sums, totals := map[string]map[calendar.Month]int{}, map[string]int{}, map[calendar.Month]int{}
	for _, n := range counts {
		if by[n.Kind] == nil {
			by[n.Kind] = map[calendar.Month]int{}
		}
		by[n.Kind][n.Month] += n.Count
		sums[n.Kind] += n.Count
		totals[n.Month] += n.Count
	}
	var months []calendar.Month
	for i := 1; i <= 12; i++ {
		m := calendar.MakeMonth(year, 1).Add(i - 1)
		months, t.Columns = append(months, m), append(t.Columns, templates.Column{Text: c.ShortMonth(m), Num: true})
	}
	t.Columns = append(t.Columns, templates.Column{Text: c.T("journal_year.sum"), Num: true})
	kinds := slices.SortedFunc(maps.Keys(by), func(x, y string) int { return cmp.Or(sums[y]-sums[x], strings.Compare(x, y)) })
	l := &ledger{c: c}
	for _, kind := range kinds {
		row := []templates.Cell{{Text: l.word("object.", kind), Class: "name"}}
		for i, m := range months {
			row = append(row, yearCell(c, by[kind][m], yearPath(query, m.First(), m.Last(), kind), t.Columns[i+1].Text))
		}
		t.Rows = append(t.Rows, append(row, yearCell(c, sums[kind], yearPath(query, months[0].First(), months[11].Last(), kind), t.Columns[13].Text)))
	}
	if len(kinds) > 0 {
		t.Total = []templates.Cell{{Text: c.T("journal_year.sum"), Class: "name"}}
		all := 0
		for i, m := range months {
			all += totals[m]
			t.Total = append(t.Total, templates.Cell{Text: countOrNone(c, totals[m]), Class: "num", Head: t.Columns[i+1].Text})
		}
		t.Total = append(t.Total, templates.Cell{Text: c.Count(all), Class: "num", Head: t.Columns[13].Text})
	}
	return t
}

func yearCell(c *call, n int, href, head string) templates.Cell {
	if n == 0 {
		return templates.Cell{Class: "num", Head: head}
	}
	return templates.Cell{Text: c.Count(n), Href: href, Class: "num", Head: head}
}

func countOrNone(c *call, n int) string {
	if n == 0 {
		return ""
	}
	return c.Count(n)
}
