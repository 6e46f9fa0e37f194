package web

import (
	"battlemap/templates"
)

// ownSessions are the browsers in which the person is signed in.
func (c *call) ownSessions() (templates.OwnSessions, error) {
	var page templates.OwnSessions
	cookie, err := c.Cookie(c.s.cookieName())
	if err != nil {
		return page, err
	}
	all, err := c.s.App.OwnSessions(c.ctx(), c.actor, cookie.Value)
	for _, o := range all {
		page.Rows = append(page.Rows, templates.OwnSession{Code: o.Code, Agent: o.Agent, Address: o.Address, Since: c.at(o.CreatedAt), Seen: c.at(o.SeenAt), Present: o.Present})
	}
	page.Others = len(page.Rows) > 1
	return page, err
}

// endSession ends one of the person's own sessions, by its code; "others" are all but this one.
func (s *server) endSession(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return s.askSignIn(c)
	}
	if f.on("others") {
		err = s.App.EndOtherSessions(c.ctx(), c.actor, cookie.Value)
	} else {
		err = s.App.EndSession(c.ctx(), c.actor, f.text("code"))
	}
	return c.after(err, "/me#sessions", "session_ended", func(status int, faults templates.Faults) error {
		return s.showMe(c, status, refusedMe{sessions: faults})
	})
}
