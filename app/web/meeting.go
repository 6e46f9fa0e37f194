package web

import (
	"net/url"
	"slices"

	"battlemap/app"
	"battlemap/templates"
)

func meetingPath(no string) string { return "/meetings/" + url.PathEscape(no) }

func (s *server) meetingsPage(c *call) error {
	if !c.rights.Meetings {
		return missingPage()
	}
	rows, err := s.App.Meetings(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.MeetingsPage{Found: len(rows) > 0, Table: c.meetingRows(rows, dir), Empty: templates.Empty{Icon: "presentation", Text: c.T("meetings.empty"), Next: c.T("meetings.empty_next")}}
	if c.rights.Draft {
		page.NewHref = "/meetings/new"
		page.Empty.Href, page.Empty.Action = page.NewHref, c.T("meetings.new")
	}
	base, err := c.base(c.T("nav.meetings"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "meetings", c.whose()
	return showBase(c, statusPage, s.Set.Pages.Meet.List, base, page)
}

func (c *call) meetingRows(rows []app.MeetingRow, dir app.Directory) templates.Table {
	t := templates.Table{Caption: c.T("meetings.caption", "N", len(rows))}
	heads := []string{c.T("meetings.no"), c.T("meetings.day"), c.T("meetings.scope"), c.T("meetings.chair"), c.T("meetings.decisions"), c.T("meetings.state")}
	for _, h := range heads {
		t.Columns = append(t.Columns, templates.Column{Text: h})
	}
	for _, r := range rows {
		m := r.Meeting
		decisions := templates.Cell{Text: c.Count(r.Decisions), Head: heads[4]}
		if r.Open > 0 {
			decisions.Note = c.T("meetings.open", "N", r.Open)
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: m.No, Note: m.Title, Href: meetingPath(m.No), Class: "name", Head: heads[0]}, {Text: c.Day(m.HeldOn), Head: heads[1]},
			{Text: c.meetingScope(m, dir), Head: heads[2]}, {Text: dir.Users[m.ChairID].Name, Head: heads[3]}, decisions, {Text: c.T("meeting_state." + m.State), Head: heads[5]}})
	}
	return t
}

func (c *call) meetingScope(m app.Meeting, dir app.Directory) string {
	if m.TaskForceID == 0 {
		return c.T("meetings.district")
	}
	return dir.TaskForces[m.TaskForceID].Name
}

func (s *server) newMeetingPage(c *call) error {
	return s.showNewMeeting(c, statusPage, app.PlanMeeting{Kind: "dispatch", HeldOn: s.App.Today(), ChairID: c.user.ID}, nil)
}

func (s *server) planMeeting(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.PlanMeeting{Kind: f.text("kind"), Title: f.text("title"), TaskForceID: f.number("task_force_id"), HeldOn: f.day("held_on"), ChairID: f.number("chair_id"),
		Place: f.text("place"), Attendees: f.text("attendees")}
	to := ""
	err = f.typed(func() error {
		m, err := s.App.PlanMeeting(c.ctx(), c.actor, cmd)
		if err == nil {
			to = meetingPath(m.No)
		}
		return err
	})
	return c.after(err, to, "meeting_planned", func(status int, faults templates.Faults) error { return s.showNewMeeting(c, status, cmd, faults) })
}

func (s *server) showNewMeeting(c *call, status int, cmd app.PlanMeeting, faults templates.Faults) error {
	if !c.rights.Draft {
		return missingPage()
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	var kinds, scopes, people []templates.Option
	for _, k := range app.MeetingKinds() {
		kinds = append(kinds, templates.Option{Value: k, Text: c.T("meeting_kind." + k)})
	}
	if c.rights.SeesAll {
		scopes = append(scopes, templates.Option{Text: c.T("meetings.district")})
	}
	for _, tf := range dir.TaskForceList() {
		if c.rights.SeesAll || slices.Contains(c.rights.TaskForces, tf.ID) {
			scopes = append(scopes, templates.Option{Value: id64(tf.ID), Text: tf.Name})
		}
	}
	for _, u := range dir.UserList() {
		if !u.Disabled {
			people = append(people, templates.Option{Value: id64(u.ID), Text: u.Name + " · " + dir.Units[u.UnitID].Name})
		}
	}
	page := templates.NewMeetingPage{Fields: []templates.Field{
		c.Field("title", "meetings.title", cmd.Title).Whole().Fails(faults).Need().First(),
		c.Field("kind", "meetings.kind", cmd.Kind).Choose(kinds).Fails(faults).Need(),
		c.Field("task_force_id", "meetings.scope", chosen(cmd.TaskForceID)).Choose(scopes).Fails(faults),
		c.Field("held_on", "meetings.day", cmd.HeldOn.String()).As("date").Between(s.App.Today().String(), "").Fails(faults).Need(),
		c.Field("chair_id", "meetings.chair", chosen(cmd.ChairID)).Choose(people).Fails(faults).Need(),
		c.Field("place", "meetings.place", cmd.Place).Fails(faults),
		c.Field("attendees", "meetings.attendees", cmd.Attendees).Lines(2).Whole().Fails(faults),
	}}
	if len(faults) > 0 {
		page.Problems = []templates.Notice{{Tone: "bad", Text: c.T("meetings.refused"), Detail: faults[""]}}
	}
	base, err := c.base(c.T("meetings.new"))
	if err != nil {
		return err
	}
	base.Crumbs = []templates.Crumb{{Text: c.T("nav.meetings"), Href: "/meetings"}, {Text: base.Title}}
	return showBase(c, status, s.Set.Pages.Meet.New, base, page)
}

func (s *server) meetingPage(c *call) error { return s.showMeeting(c, statusPage, meetingForm{}, nil) }

// onMeeting runs a verb on the meeting that the address names and shows its page again.
func (s *server) onMeeting(c *call, done, anchor string, again meetingForm, verb func(*form, *app.MeetingFile) error) error {
	file, err := s.App.MeetingFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	f, err := c.form()
	if err != nil {
		return err
	}
	again.typed = f
	err = f.typed(func() error { return verb(f, &file) })
	return c.after(err, meetingPath(file.Meeting.No)+anchor, done, func(status int, faults templates.Faults) error { return s.showMeeting(c, status, again, faults) })
}

func (s *server) holdMeeting(c *call) error {
	return s.onMeeting(c, "meeting_held", "", meetingForm{}, func(f *form, m *app.MeetingFile) error {
		return s.App.HoldMeeting(c.ctx(), c.actor, app.HoldMeeting{Meeting: m.Meeting.ID, Version: f.number("version")})
	})
}

func (s *server) closeMeeting(c *call) error {
	return s.onMeeting(c, "meeting_closed", "", meetingForm{}, func(f *form, m *app.MeetingFile) error {
		return s.App.CloseMeeting(c.ctx(), c.actor, app.CloseMeeting{Meeting: m.Meeting.ID, Version: f.number("version")})
	})
}

func (s *server) addAgendaItem(c *call) error {
	return s.onMeeting(c, "agenda_added", "#others", meetingForm{what: "add"}, func(f *form, m *app.MeetingFile) error {
		return s.App.AddAgendaItem(c.ctx(), c.actor, app.AddAgendaItem{Meeting: m.Meeting.ID, Item: plainNumber(f.text("item_no")), Title: f.text("title"), Why: f.text("why"), UnitID: f.number("unit_id")})
	})
}

func (s *server) recordDecision(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	anchor := "#decisions"
	if f.number("item") != 0 {
		anchor = "#item-" + id64(f.number("item"))
	}
	done := "decision_noted"
	if f.text("verb") == "issue" {
		done = "decision_issued"
	}
	return s.onMeeting(c, done, anchor, meetingForm{what: "decision", id: f.number("item")}, func(f *form, m *app.MeetingFile) error {
		_, err := s.App.RecordDecision(c.ctx(), c.actor, app.RecordDecision{Meeting: m.Meeting.ID, AgendaItem: f.number("item"), Text: f.text("text"), LeadUnitID: f.number("lead_unit_id"),
			TaskForceID: f.number("task_force_id"), Term: f.text("term"), Issue: f.text("verb") == "issue"})
		return err
	})
}

// moveDecision makes a decision a ticket, carries it into this meeting, or marks it as done.
func (s *server) moveDecision(c *call) error {
	id := number(c.Param("id"))
	f, err := c.form()
	if err != nil {
		return err
	}
	verb := f.text("verb")
	done := map[string]string{"issue": "decision_issued", "carry": "decision_carried", "finish": "decision_finished"}[verb]
	return s.onMeeting(c, done, "#decisions", meetingForm{what: verb, id: id}, func(f *form, m *app.MeetingFile) error {
		if !slices.ContainsFunc(slices.Concat(m.Earlier, m.Decisions), func(d app.DecisionRow) bool { return d.Decision.ID == id }) {
			return missingPage() // a decision of a meeting that this one does not show
		}
		switch verb {
		case "issue":
			_, err := s.App.IssueDecision(c.ctx(), c.actor, app.IssueDecision{Decision: id, Version: f.number("version")})
			return err
		case "carry":
			return s.App.CarryDecision(c.ctx(), c.actor, app.CarryDecision{Decision: id, Version: f.number("version"), Meeting: m.Meeting.ID, Reason: f.text("reason")})
		case "finish":
			return s.App.FinishDecision(c.ctx(), c.actor, app.FinishDecision{Decision: id, Version: f.number("version"), Note: f.text("note")})
		}
		return missingPage()
	})
}
