package web

import (
	"time"

	"battlemap/app"
	"battlemap/templates"
)

// inboxPageSize is how many reminders one page of the inbox shows.
const inboxPageSize = 40

func (s *server) inboxPage(c *call) error {
	before := number(c.QueryParam("before"))
	reminders, err := s.App.Inbox(c.ctx(), c.actor, before, inboxPageSize)
	if err != nil {
		return err
	}
	page := templates.InboxPage{Tabs: c.inboxTabs(false), Empty: templates.Empty{Icon: "inbox", Text: c.T("inbox.empty"), Next: c.T("inbox.empty_next"), Href: "/desk", Action: c.T("nav.desk")}}
	if page.Lines, err = c.inboxLines(reminders); err != nil {
		return err
	}
	unread, err := s.App.Unread(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	page.Unread = int(unread)
	if len(reminders) > 0 {
		page.UpTo = reminders[0].ID
		if page.Pager, err = c.inboxPager(before, reminders); err != nil {
			return err
		}
	}
	base, err := c.base(c.T("nav.inbox"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "inbox", c.T("inbox.lead", "Who", c.user.Name, "N", page.Unread)
	return showBase(c, statusPage, s.Set.Pages.Work.Inbox, base, page)
}

func (c *call) inboxPager(before int64, reminders []app.Reminder) (*templates.Pager, error) {
	span, err := c.s.App.InboxSpan(c.ctx(), c.actor, before, inboxPageSize)
	if err != nil || span.Total <= len(reminders) {
		return nil, err
	}
	prev, next := "", ""
	if span.Newer > 0 {
		prev = "/inbox"
	}
	if span.Back > 0 {
		prev += "?before=" + id64(span.Back)
	}
	if to := span.Newer + len(reminders); to < span.Total {
		next = "/inbox?before=" + id64(reminders[len(reminders)-1].ID)
	}
	pager := c.Pager(span.Newer+1, span.Newer+len(reminders), span.Total, prev, next)
	return &pager, nil
}

func (c *call) inboxLines(reminders []app.Reminder) ([]templates.InboxLine, error) {
	lit, err := c.s.App.EscalationsOf(c.ctx(), reminders)
	if err != nil {
		return nil, err
	}
	var lines []templates.InboxLine
	for _, r := range reminders {
		var escalation *app.Escalation
		if e, ok := lit[r.EscalationID]; ok {
			escalation = &e
		}
		words, err := c.Reminder(r, escalation, c.s.App.Machine("ticket"))
		if err != nil {
			return nil, err
		}
		l := templates.InboxLine{ID: r.ID, At: c.when(r.SettledAt), Subject: words.Subject, Body: words.Body, Facts: words.Facts, Unread: r.ReadAt == 0, Href: r.Link}
		if escalation != nil {
			l.Light = c.Light(words.Light).Bare() // the subject begins with the word
			if to := whyOf(r, escalation); to != "" {
				l.Light = c.Asked(l.Light, to)
			}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// when writes an instant without the year while the year is this one.
func (c *call) when(unix int64) string {
	at := c.local(time.Unix(unix, 0))
	day := c.s.App.Calendar().Today(at)
	if day.Year() != c.s.App.Today().Year() {
		return c.Moment(at)
	}
	return c.ShortDay(day) + " " + c.Clock(at)
}

func (s *server) markRead(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	if err := s.App.MarkRead(c.ctx(), c.actor, f.number("up_to")); err != nil {
		return err
	}
	to := "/inbox"
	if from := back(c.Request()); len(from) > len(to) && from[:len(to)+1] == to+"?" {
		to = from // the page of older ones that the button stood on
	}
	return c.done(to, "read")
}
