package web

import (
	"maps"
	"slices"

	"battlemap/app"
	"battlemap/templates"
)

// confirmField is the field of the password that is asked for once more.
const confirmField = "confirm_password"

// sure lets a handler act only for somebody who gave the password a moment ago. Whoever did not is asked for it on a page that holds what was typed, and sends all of it
// to the same address again: nothing is lost, and nothing is kept on the server. The session goes on under a new token.
func (s *server) sure(h func(*call) error) func(*call) error {
	return func(c *call) error {
		f, err := c.form()
		if err != nil {
			return err
		}
		if c.visit.Sure {
			return h(c)
		}
		if !f.on(confirmField) {
			return s.askPassword(c, f, statusPage, nil)
		}
		cookie, err := c.Cookie(s.cookieName())
		if err != nil {
			return s.askSignIn(c)
		}
		token, err := s.App.Confirm(c.ctx(), c.actor, c.user.Account, cookie.Value, f.text(confirmField))
		if faults := app.AsFaults(err); faults != nil && faults[0].Kind != app.Denied {
			s.noteRefusal(c, faults)
			return s.askPassword(c, f, statusOf(faults), c.faults(faults))
		}
		if err != nil {
			return err
		}
		s.setSession(c, token, 0)
		return h(c)
	}
}

// askPassword shows the page that asks for the password once more, with everything that was typed before.
func (s *server) askPassword(c *call, f *form, status int, faults templates.Faults) error {
	typed := f.c.Request().PostForm
	page := templates.ConfirmPage{Action: c.Request().URL.RequestURI(), Back: back(c.Request()), Faults: faults}
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		if name == confirmField {
			continue
		}
		for _, value := range typed[name] {
			page.Hidden = append(page.Hidden, templates.Hidden{Name: name, Value: value})
		}
	}
	return showStatus(c, status, s.Set.Pages.Confirm, c.T("confirm.title"), page)
}
