package web

import (
	"fmt"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

func (s *server) newCalendarPage(c *call) error {
	dir, force, err := c.calendarScope()
	if err != nil {
		return err
	}
	cmd := app.UploadCalendar{}
	if force != nil {
		cmd.TaskForceID = force.ID
	}
	return s.showUpload(c, statusPage, dir, cmd, nil, nil)
}

// uploadCommand reads the form.
func uploadCommand(f *form) (app.UploadCalendar, error) {
	cmd := app.UploadCalendar{TaskForceID: f.number("task_force_id"), Title: f.text("title"), Number: f.text("number"), Text: strings.ReplaceAll(f.text("text"), "\r\n", "\n"),
		Office: f.text("office"), ReplacesID: f.number("replaces_id"), Covers: int(f.number("covers"))}
	if text := strings.TrimSpace(f.text("covers")); text != "" && cmd.Covers == 0 {
		f.fault("covers", "calendar_covers")
	}
	return cmd, f.err()
}

// uploadCalendar reads the text and shows what was understood; only the second button keeps it.
func (s *server) uploadCalendar(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	cmd, err := uploadCommand(f)
	again := func(status int, faults templates.Faults) error { return s.showUpload(c, status, dir, cmd, nil, faults) }
	if err != nil {
		return c.after(err, "", "", again)
	}
	if f.text("step") == "keep" {
		v, err := s.App.UploadCalendar(c.ctx(), c.actor, cmd)
		to := ""
		if err == nil {
			to = fmt.Sprintf("/calendar/versions/%d", v.ID)
		}
		return c.after(err, to, "calendar_kept", again)
	}
	read, err := s.App.ReadCalendar(c.ctx(), c.actor, cmd)
	if err != nil {
		return c.after(err, "", "", again)
	}
	return s.showUpload(c, statusPage, dir, cmd, &read, nil)
}

// showUpload draws the form, with what was typed, and with what was understood when it was read.
func (s *server) showUpload(c *call, status int, dir app.Directory, cmd app.UploadCalendar, read *calendar.Reading, faults templates.Faults) error {
	rows, rights, err := s.App.Calendars(c.ctx(), c.actor, cmd.TaskForceID)
	if err != nil {
		return err
	}
	page := templates.CalendarUploadPage{Faults: faults, Title: cmd.Title, Number: cmd.Number, Text: cmd.Text, Office: cmd.Office, Scope: rowID(cmd.TaskForceID), Replaces: rowID(cmd.ReplacesID),
		Scopes: []templates.Option{{Value: "0", Text: c.T("calendar.district")}}, Versions: []templates.Option{{Value: "0", Text: c.T("calendar.replaces_none")}}, Back: "/calendar"}
	may := rights.Upload
	for _, f := range dir.TaskForceList() {
		page.Scopes = append(page.Scopes, templates.Option{Value: rowID(f.ID), Text: f.Name})
		if !may && cmd.TaskForceID == 0 { // a task force's own people find the form too, and choose their scope
			_, own, err := s.App.Calendars(c.ctx(), c.actor, f.ID)
			if err != nil {
				return err
			}
			may = own.Upload
		}
	}
	if !may {
		return missingPage()
	}
	for _, row := range rows {
		if row.State == "in_force" {
			page.Versions = append(page.Versions, templates.Option{Value: rowID(row.ID), Text: row.Number + " " + row.Title})
		}
	}
	if cmd.Covers != 0 {
		page.Covers = strconv.Itoa(cmd.Covers)
	}
	if text := faults[""]; text != "" {
		page.Problems = []templates.Notice{{Tone: "bad", Text: text}}
	}
	if read != nil {
		c.understood(&page, *read)
	}
	base, err := c.base(c.T("calendar.new_title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "calendar", c.T("calendar.new_lead")
	return showBase(c, status, s.Set.Pages.Calendar.Upload, base, page)
}

// understood lists the lines with the days they decide.
func (c *call) understood(page *templates.CalendarUploadPage, r calendar.Reading) {
	page.Read = true
	n := r.Notice
	if page.Title == "" {
		page.Title = n.Title
	}
	if page.Number == "" {
		page.Number = n.Number
	}
	covers := c.T("calendar.covers_days")
	if !n.First.IsZero() {
		covers = c.T("calendar.covers_year", "Year", n.First.Year())
		if n.Last.Year() != n.First.Year() {
			covers = c.Day(n.First) + "–" + c.Day(n.Last)
		}
	}
	page.Facts = []templates.Def{{Name: c.T("calendar.notice_title"), Text: page.Title}, {Name: c.T("calendar.number"), Text: page.Number}, {Name: c.T("calendar.covers"), Text: covers},
		{Name: c.T("calendar.counts"), Text: c.T("calendar.counts_text", "Rest", len(n.Rest), "Work", len(n.Work))}}
	if page.Office != "" {
		page.Facts = append(page.Facts, templates.Def{Name: c.T("calendar.hours"), Text: page.Office})
	}
	t := templates.Table{Columns: []templates.Column{{Text: c.T("calendar.col_line"), Num: true}, {Text: c.T("calendar.col_text")}, {Text: c.T("calendar.col_rest")}, {Text: c.T("calendar.col_work")}}}
	for _, line := range r.Lines {
		var off []calendar.Date
		for _, d := range line.Rest {
			off = append(off, d.Date)
		}
		rest, work := templates.Cell{Text: c.dayList(off)}, templates.Cell{Text: c.dayList(line.Work)}
		if len(off) > 0 {
			rest.Note = line.Rest[0].Name + " " + c.T("calendar.rest_n", "N", len(off))
		}
		if len(line.Work) > 0 {
			work.Note = c.T("calendar.work_n", "N", len(line.Work))
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: strconv.Itoa(line.No), Class: "num"}, {Text: line.Text}, rest, work})
	}
	headed(&t)
	page.Understood = t
}

func (s *server) calendarVersionPage(c *call) error {
	return s.showVersion(c, statusPage, number(c.Param("id")), "", nil)
}

// decideCalendar approves or discards a draft.
func (s *server) decideCalendar(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	id, to := number(c.Param("id")), "/calendar/versions/"+c.Param("id")
	approve := f.text("decision") == "approve"
	err = s.App.DecideCalendar(c.ctx(), c.actor, app.DecideCalendar{ID: id, Version: f.number("version"), Approve: approve, Reason: f.text("reason")})
	again := func(status int, faults templates.Faults) error {
		return s.showVersion(c, status, id, f.text("reason"), faults)
	}
	if approve {
		return c.after(err, to, "calendar_enforced", again)
	}
	return c.after(err, to, "calendar_discarded", again)
}

func (s *server) showVersion(c *call, status int, id int64, reason string, faults templates.Faults) error {
	file, err := s.App.CalendarFile(c.ctx(), c.actor, id)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	v := file.Version
	page := templates.CalendarVersionPage{Faults: faults, ID: rowID(v.ID), Version: rowID(v.Version), State: templates.Tag{Text: c.T("calendar.state." + v.State), Tone: "line"},
		Source: v.Source, Reason: reason, Back: "/calendar"}
	own := v.UploadedBy == c.actor.ID
	page.MayApprove = v.State == "draft" && file.Rights.Approve && !own
	page.MayDiscard = v.State == "draft" && (file.Rights.Approve || own)
	if text := faults[""]; text != "" {
		page.Problems = []templates.Notice{{Tone: "bad", Text: text}}
	}
	if page.Facts, err = c.versionFacts(file, dir); err != nil {
		return err
	}
	if page.Days, err = c.versionDays(v); err != nil {
		return err
	}
	c.shifts(&page, file)
	base, err := c.base(v.Number)
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "calendar", v.Title
	base.Crumbs = []templates.Crumb{{Text: c.T("nav.calendar"), Href: "/calendar"}, {Text: v.Number}}
	return showBase(c, status, s.Set.Pages.Calendar.Version, base, page)
}

func (c *call) versionFacts(file app.CalendarFile, dir app.Directory) ([]templates.Def, error) {
	v := file.Version
	scope, covers := c.T("calendar.district"), c.T("calendar.covers_days")
	if f, ok := dir.TaskForces[v.TaskForceID]; ok {
		scope = f.Name
	}
	if v.Covers != 0 {
		covers = c.T("calendar.covers_year", "Year", v.Covers)
	}
	defs := []templates.Def{{Name: c.T("calendar.number"), Text: v.Number}, {Name: c.T("calendar.scope"), Text: scope}, {Name: c.T("calendar.covers"), Text: covers},
		{Name: c.T("calendar.uploaded_by"), Text: c.byAt(dir, v.UploadedBy, v.UploadedAt)}}
	if v.Office != "" {
		defs = append(defs, templates.Def{Name: c.T("calendar.hours"), Text: v.Office})
	}
	if v.ApprovedAt > 0 {
		defs = append(defs, templates.Def{Name: c.T("calendar.approved_by"), Text: c.byAt(dir, v.ApprovedBy, v.ApprovedAt)})
	}
	if v.ReplacesID != 0 {
		old, err := c.s.App.CalendarFile(c.ctx(), c.actor, v.ReplacesID)
		if err != nil {
			return nil, err
		}
		defs = append(defs, templates.Def{Name: c.T("calendar.replaced"), Text: old.Version.Number, Href: fmt.Sprintf("/calendar/versions/%d", old.Version.ID)})
	}
	if v.EndedAt > 0 {
		defs = append(defs, templates.Def{Name: c.T("calendar.ended"), Text: c.at(v.EndedAt)})
	}
	return defs, nil
}

// versionDays lists the days of the notice one by one, holidays as stretches.
func (c *call) versionDays(v app.CalendarVersion) (templates.Table, error) {
	n, err := v.Notice()
	if err != nil {
		return templates.Table{}, err
	}
	t := templates.Table{Columns: []templates.Column{{Text: c.T("calendar.col_day")}, {Text: c.T("calendar.col_what")}}}
	for i := 0; i < len(n.Rest); i++ {
		days := []calendar.Date{n.Rest[i].Date}
		for i+1 < len(n.Rest) && n.Rest[i+1].Name == n.Rest[i].Name && n.Rest[i+1].Date == n.Rest[i].Date+1 {
			i++
			days = append(days, n.Rest[i].Date)
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.dayList(days)}, {Text: c.T("calendar.mark_rest") + " " + n.Rest[i].Name, Note: c.T("calendar.rest_n", "N", len(days))}})
	}
	for _, d := range n.Work {
		t.Rows = append(t.Rows, []templates.Cell{{Text: c.Day(d)}, {Text: c.T("calendar.mark_work")}})
	}
	headed(&t)
	return t, nil
}

// shifts lists the dates that would move or have moved.
func (c *call) shifts(page *templates.CalendarVersionPage, file app.CalendarFile) {
	draft, n := file.Version.State == "draft", len(file.Shifts)
	page.ShiftsHead = c.T("calendar.moved_head", "N", n)
	page.NoShifts = templates.Empty{Icon: "calendar-clock", Text: c.T("calendar.no_shifts"), Next: c.T("calendar.no_shifts_next")}
	if draft {
		page.ShiftsHead = c.T("calendar.preview_head", "N", n)
	}
	if draft && n > 0 {
		page.ShiftsNote = c.T("calendar.preview_note", "Lights", file.Lights)
		if file.Unseen > 0 {
			page.ShiftsNote += c.T("calendar.preview_unseen", "N", file.Unseen)
		}
	}
	t := templates.Table{Columns: []templates.Column{{Text: c.T("calendar.col_item")}, {Text: c.T("calendar.col_kind")}, {Text: c.T("calendar.col_old")}, {Text: c.T("calendar.col_new")}, {Text: c.T("calendar.col_judged")}}}
	if draft {
		t.Columns = append(t.Columns, templates.Column{Text: c.T("calendar.col_light")})
	}
	for _, s := range file.Shifts {
		no, href := s.No, "/projects/"+s.No
		if s.TicketID != 0 {
			no, href = c.TicketNo(s.No), "/tickets/"+s.No
		}
		judged := ""
		if s.JudgedFromOn != s.JudgedToOn {
			judged = c.T("calendar.judged_moves", "From", c.Day(s.JudgedFromOn), "To", c.Day(s.JudgedToOn))
		}
		row := []templates.Cell{{Text: no, Note: s.Title, Href: href, Class: "name"}, {Text: c.T("calendar.moved_item." + s.ItemKind)}, {Text: c.due(s.FromOn)}, {Text: c.due(s.ToOn)}, {Text: judged}}
		if draft {
			row = append(row, c.lightShift(s))
		}
		t.Rows = append(t.Rows, row)
	}
	headed(&t)
	page.Shifts = t
}

func (c *call) lightShift(s app.CalendarShift) templates.Cell {
	if s.LightAfter == s.LightBefore {
		return templates.Cell{Text: c.T("calendar.light_same"), Light: c.Light(s.LightBefore).Bare()}
	}
	if s.LightAfter == "" {
		return templates.Cell{Text: "—"}
	}
	return templates.Cell{Text: c.T("calendar.light_moves", "From", c.Light(s.LightBefore).Word, "To", c.Light(s.LightAfter).Word), Light: c.Light(s.LightAfter).Bare()}
}
