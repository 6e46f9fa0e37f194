package web

import (
	"slices"
	"strconv"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// subjectsPage lists the task forces, units and the district that rules judge, the gravest first; each leads to its explanation.
func (s *server) subjectsPage(c *call) error {
	list, err := s.App.SubjectLights(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	page := templates.SubjectsPage{Empty: templates.Empty{Icon: "flag", Text: c.T("subjects.none"), Next: c.T("subjects.none_next"), Href: "/rules", Action: c.T("nav.rules")},
		Table: templates.Table{Columns: []templates.Column{{Text: c.T("subjects.light")}, {Text: c.T("subjects.name")}, {Text: c.T("subjects.scope")}, {Text: c.T("subjects.rule")}, {Text: c.T("subjects.since")}}}}
	for _, one := range list {
		rule := ""
		if r, ok := s.App.Ruleset().Rule(one.LightRule); ok {
			rule = r.Title.In(c.Lang)
		}
		since := ""
		if one.LightRule != "" {
			since = c.Day(one.LightSince)
		}
		name := one.Name
		if name == "" {
			name = c.T("scope.district")
		}
		page.Table.Rows = append(page.Table.Rows, []templates.Cell{{Light: c.Asked(c.Light(one.Light), subjectHref(one.ID))}, {Text: name, Class: "name", Href: subjectHref(one.ID)},
			{Text: c.T("scope." + one.Scope)}, {Text: rule}, {Text: since}})
	}
	headed(&page.Table)
	base, err := c.base(c.T("subjects.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("subjects.lead")
	return showBase(c, statusPage, s.Set.Pages.Scope.Subjects, base, page)
}

func subjectHref(id int64) string { return "/why/subjects/" + strconv.FormatInt(id, 10) }

func (s *server) whySubject(c *call) error {
	return s.why(c, func(day calendar.Date) (app.Why, error) {
		return s.App.ExplainSubject(c.ctx(), c.actor, number(c.Param("id")), day)
	})
}

func (s *server) whyPart(c *call) error {
	return s.why(c, func(day calendar.Date) (app.Why, error) {
		return s.App.ExplainPart(c.ctx(), c.actor, number(c.Param("id")), day)
	})
}

// whyTaskForce leads to the explanation of a task force by its code.
func (s *server) whyTaskForce(c *call) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	tf, ok := forceByCode(dir, c.Param("code"))
	if !ok {
		return missingPage()
	}
	subject, err := s.forceSubject(c, tf)
	if err != nil {
		return err
	}
	if subject == nil {
		return missingPage()
	}
	return c.done(subjectHref(subject.ID), "")
}

// forceSubject is a task force as a subject of rules of its own, nil where no rule judges it or the person may not see it.
func (s *server) forceSubject(c *call, tf app.TaskForce) (*app.SubjectLight, error) {
	list, err := s.App.SubjectLights(c.ctx(), c.actor)
	i := slices.IndexFunc(list, func(one app.SubjectLight) bool { return one.Scope == "task_force" && one.RefID == tf.ID })
	if err != nil || i < 0 {
		return nil, err
	}
	return &list[i], nil
}

// forceLight is the light of a task force as a subject of rules of its own, with the way to its explanation; nothing where no rule judges it.
func (s *server) forceLight(c *call, tf app.TaskForce) ([]templates.LightMark, error) {
	subject, err := s.forceSubject(c, tf)
	if err != nil || subject == nil {
		return nil, err
	}
	return []templates.LightMark{c.Asked(c.Light(subject.Light), subjectHref(subject.ID))}, nil
}

// replyPart files the reply of an assisting unit.
func (s *server) replyPart(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	file, err := s.App.TicketFile(c.ctx(), c.actor, c.Param("no"))
	if err != nil {
		return err
	}
	id := f.number("part")
	mine := false
	for _, u := range file.Units {
		mine = mine || u.ID == id
	}
	if !mine {
		return missingPage()
	}
	err = s.App.ReplyPart(c.ctx(), c.actor, app.ReplyPart{Part: id, Version: f.number("version"), Text: f.text("reply")})
	return c.after(err, "/tickets/"+file.Ticket.No+"#units", "part_replied", s.ticketAgain(c, err, typedMove{move: "reply", seen: f.number("seen"), form: f}))
}

// units are the receiving units with their parts' lights and dates, and the forms for those for which the person may reply.
func (w *ticketWords) units() ([]templates.PartLine, error) {
	c := w.c
	may, err := c.s.App.MayReply(c.ctx(), c.actor, w.f)
	if err != nil {
		return nil, err
	}
	var out []templates.PartLine
	for i, d := range w.unitDefs() {
		u := w.f.Units[i]
		line := templates.PartLine{Def: d, Reply: u.Reply}
		if u.Light != "" {
			line.Light = c.Asked(c.Light(u.Light), "/why/parts/"+id64(u.ID))
			line.Due = c.T("part.due", "Day", c.due(u.DueOn))
		}
		if !u.RepliedOn.IsZero() {
			line.Replied = c.T("part.replied", "Day", c.ShortDay(u.RepliedOn), "Who", w.dir.Users[u.RepliedBy].Name)
		}
		for _, m := range may {
			if m.ID == u.ID {
				field := c.Field("reply", "part.reply", w.typed.value("reply", "reply", "")).Lines(3).Need()
				if w.typed.move == "reply" {
					field, line.Open, line.Problem = field.Fails(w.typed.faults), true, w.typed.faults[""]
				}
				line.Field, line.ID, line.Version = []templates.Field{field}, id64(u.ID), u.Version
			}
		}
		out = append(out, line)
	}
	return out, nil
}
