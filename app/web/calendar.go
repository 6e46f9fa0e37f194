package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// calendarScope is who is who, and the task force that the address names by its code; none for the district.
func (c *call) calendarScope() (app.Directory, *app.TaskForce, error) {
	dir, err := c.s.App.Directory(c.ctx())
	code := c.QueryParam("tf")
	if code == "" || err != nil {
		return dir, nil, err
	}
	if f, ok := forceByCode(dir, code); ok {
		return dir, &f, nil
	}
	return dir, nil, missingPage()
}

func (s *server) calendarPage(c *call) error {
	dir, force, err := c.calendarScope()
	if err != nil {
		return err
	}
	year := int(number(c.QueryParam("year")))
	if c.QueryParam("year") == "" {
		year = s.App.Today().Year()
	}
	if year < 1990 || year > 2100 {
		return missingPage()
	}
	v := calendarView{c: c, dir: dir, force: force, year: year}
	return v.show()
}

// calendarView draws one year of one scope.
type calendarView struct {
	c     *call
	dir   app.Directory
	force *app.TaskForce
	year  int
	y     app.CalendarYear
}

func (v calendarView) scopeID() int64 {
	if v.force == nil {
		return 0
	}
	return v.force.ID
}

func (v calendarView) scopeName() string {
	if v.force == nil {
		return v.c.T("calendar.district")
	}
	return v.force.Name
}

// href is the address of a year of a scope.
func (v calendarView) href(code string, year int) string {
	to := "/calendar?year=" + strconv.Itoa(year)
	if code != "" {
		to += "&tf=" + code
	}
	return to
}

func (v calendarView) show() error {
	c := v.c
	var err error
	if v.y, err = c.s.App.CalendarYear(c.ctx(), c.actor, v.scopeID(), v.year); err != nil {
		return err
	}
	rows, rights, err := c.s.App.Calendars(c.ctx(), c.actor, v.scopeID())
	if err != nil {
		return err
	}
	code := ""
	if v.force != nil {
		code = v.force.Code
	}
	page := templates.CalendarPage{Year: c.T("calendar.year", "Year", v.year), Prev: c.T("calendar.year", "Year", v.year-1), Next: c.T("calendar.year", "Year", v.year+1),
		PrevHref: v.href(code, v.year-1), NextHref: v.href(code, v.year+1), Scopes: v.scopes(), Facts: v.facts(), Warn: v.warn(), Months: v.months(), Versions: v.versions(rows),
		Empty: templates.Empty{Icon: "calendar", Text: c.T("calendar.none"), Next: c.T("calendar.none_next")}}
	for i := range 7 {
		page.Weekdays = append(page.Weekdays, c.Weekday(calendar.MakeDate(2024, 1, 1+i))) // a Monday
	}
	if rights.Upload {
		page.UploadHref = "/calendar/new?tf=" + code
	}
	base, err := c.base(c.T("calendar.title", "Scope", v.scopeName(), "Year", v.year))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "calendar", c.T("calendar.lead")
	return showBase(c, statusPage, c.s.Set.Pages.Calendar.Year, base, page)
}

// scopes offers the district and every task force.
func (v calendarView) scopes() []templates.Segment {
	all := []templates.Segment{{Text: v.c.T("calendar.district"), Href: v.href("", v.year), On: v.force == nil}}
	for _, f := range v.dir.TaskForceList() {
		all = append(all, templates.Segment{Text: f.Name, Href: v.href(f.Code, v.year), On: v.force != nil && v.force.ID == f.ID})
	}
	return all
}

func (v calendarView) facts() []templates.Def {
	c, n := v.c, 0
	for _, d := range v.y.Days {
		if d.Working {
			n++
		}
	}
	sources := strings.Join(v.y.Sources, " · ")
	if sources == "" {
		sources = c.T("calendar.no_source")
	}
	return []templates.Def{{Name: c.T("calendar.year_days"), Text: c.T("calendar.year_days_n", "N", n)}, {Name: c.T("calendar.sources"), Text: sources},
		{Name: c.T("calendar.hours"), Text: v.y.Office.String()}, {Name: c.T("calendar.based_on"), Text: v.y.Version}}
}

// warn says what a later notice may still change.
func (v calendarView) warn() []templates.Notice {
	n := 0
	for _, d := range v.y.Days {
		if d.Provisional {
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case len(v.y.Days):
		return []templates.Notice{{Tone: "warn", Text: v.c.T("calendar.provisional_year", "Year", v.year), Detail: v.c.T("calendar.provisional_do")}}
	}
	return []templates.Notice{{Tone: "warn", Text: v.c.T("calendar.provisional_some", "N", n), Detail: v.c.T("calendar.provisional_do")}}
}

func (v calendarView) months() []templates.CalendarMonth {
	var all []templates.CalendarMonth
	at := 0
	for m := range 12 {
		month, n := templates.CalendarMonth{Name: v.c.T("month." + strconv.Itoa(m+1))}, 0
		week := make([]templates.CalendarDay, 7)
		for ; at < len(v.y.Days) && v.y.Days[at].Date.Month().Number() == m+1; at++ {
			d := v.y.Days[at]
			column := (int(d.Date.Weekday()) + 6) % 7
			if column == 0 && d.Date.Day() > 1 {
				month.Weeks = append(month.Weeks, week)
				week = make([]templates.CalendarDay, 7)
			}
			if d.Working {
				n++
			}
			week[column] = v.day(d)
		}
		month.Weeks = append(month.Weeks, week)
		month.Count = v.c.T("calendar.month_days", "N", n)
		all = append(all, month)
	}
	return all
}

func (v calendarView) day(d calendar.Day) templates.CalendarDay {
	c := v.c
	out := templates.CalendarDay{Day: strconv.Itoa(d.Date.Day()), Kind: string(d.Kind), Today: d.Date == c.s.App.Today(), Unsure: d.Provisional}
	switch {
	case d.Kind == calendar.KindHoliday:
		out.Mark = c.T("calendar.mark_rest")
	case d.Kind == calendar.KindMakeUp:
		out.Mark = c.T("calendar.mark_work")
	case d.Provisional:
		out.Mark = c.T("calendar.mark_unsure")
	}
	parts := []string{c.Day(d.Date), c.T("day." + string(d.Kind))}
	for _, more := range []string{d.Name, d.Notice} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	if d.Provisional {
		parts = append(parts, c.T("day.provisional"))
	}
	out.Title = strings.Join(parts, " · ")
	return out
}

// versions is who brought in what, when, and who approved it.
func (v calendarView) versions(rows []app.CalendarVersion) templates.Table {
	c := v.c
	t := templates.Table{Columns: []templates.Column{{Text: c.T("calendar.col_notice")}, {Text: c.T("calendar.col_state")}, {Text: c.T("calendar.col_uploaded")},
		{Text: c.T("calendar.col_approved")}, {Text: c.T("calendar.col_moved"), Num: true}}}
	for _, row := range rows {
		moved := ""
		switch {
		case row.Moving != "":
			moved = c.T("calendar.moving")
		case row.ApprovedAt > 0:
			moved = strconv.FormatInt(row.Moved, 10)
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: row.Number, Note: row.Title, Href: fmt.Sprintf("/calendar/versions/%d", row.ID), Class: "name"}, {Text: c.T("calendar.state." + row.State)},
			{Text: v.dir.Users[row.UploadedBy].Name, Note: c.at(row.UploadedAt)}, v.approval(row), {Text: moved, Class: "num"}})
	}
	headed(&t)
	return t
}

func (v calendarView) approval(row app.CalendarVersion) templates.Cell {
	if row.ApprovedAt == 0 {
		return templates.Cell{}
	}
	return templates.Cell{Text: v.dir.Users[row.ApprovedBy].Name, Note: v.c.at(row.ApprovedAt)}
}

// dayList writes days as stretches: 2月5日至2月11日.
func (c *call) dayList(days []calendar.Date) string {
	var parts []string
	for i := 0; i < len(days); i++ {
		first := days[i]
		for i+1 < len(days) && days[i+1] == days[i]+1 {
			i++
		}
		text := c.Day(first)
		if days[i] != first {
			text += "–" + c.Day(days[i])
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}

// byAt is an instant of a version's life with who did it.
func (c *call) byAt(dir app.Directory, who, at int64) string {
	if at == 0 {
		return ""
	}
	return c.T("calendar.by_at", "Who", dir.Users[who].Name, "At", c.Moment(c.local(time.Unix(at, 0))))
}
