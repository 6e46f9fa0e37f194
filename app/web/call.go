package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
)

// call is one request with who makes it and in which language they read.
type call struct {
	echo.Context
	templates.Locale
	s       *server
	user    *app.User // nil before signing in
	actor   app.Actor
	rights  app.Rights
	visit   app.Visit // signed-in people only
	cookies []*http.Cookie
	route   *route // nil before the router has found one
}

const callKey = "battlemap.call"

// call is the request's call; the first asking makes it.
func (s *server) call(ctx echo.Context) *call {
	if c, ok := ctx.Get(callKey).(*call); ok {
		return c
	}
	c := &call{Context: ctx, s: s, cookies: ctx.Request().Cookies()}
	lang := ""
	if cookie, err := c.Cookie("lang"); err == nil && (cookie.Value == "en" || cookie.Value == "zh-CN") {
		lang = cookie.Value
	} else {
		lang = s.Set.Words().Match(ctx.Request().Header.Get("Accept-Language"))
	}
	c.Locale = s.Set.Words().Locale(lang)
	ctx.Set(callKey, c)
	return c
}

// Cookie is a cookie of the request; they are read once, since every page asks for several.
func (c *call) Cookie(name string) (*http.Cookie, error) {
	for _, cookie := range c.cookies {
		if cookie.Name == name {
			return cookie, nil
		}
	}
	return nil, http.ErrNoCookie
}

// ctx is the request's context.
func (c *call) ctx() context.Context { return c.Request().Context() }

// id is the request id.
func (c *call) id() string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// local is an instant on the district's clock.
func (c *call) local(t time.Time) time.Time { return t.In(c.s.App.Calendar().Location()) }

// fragment tells whether a script of the page asks for a part of it, not for the frame around it.
func (c *call) fragment() bool { return c.Request().Header.Get("X-Fragment") != "" }

// at writes an instant of the database in the reader's language.
func (c *call) at(unix int64) string { return c.Moment(c.local(time.Unix(unix, 0))) }

// show draws a page.
func show[T any](c *call, page templates.Page[T], title string, data T) error {
	return showStatus(c, statusPage, page, title, data)
}

// showStatus draws a page with a status; the page is drawn whole before the first byte goes out.
func showStatus[T any](c *call, status int, page templates.Page[T], title string, data T) error {
	base, err := c.base(title)
	if err != nil {
		return err
	}
	return showBase(c, status, page, base, data)
}

// showBase draws a page on a base that the handler has refined.
func showBase[T any](c *call, status int, page templates.Page[T], base templates.Base, data T) error {
	var body bytes.Buffer
	if err := page.Render(&body, base, data); err != nil {
		return err
	}
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	return c.HTMLBlob(status, body.Bytes())
}

// after ends a POST: on success it says so on the page that it goes on to; a fault shows the form again with what was typed; other errors go to fail.
func (c *call) after(err error, to, done string, again func(status int, f templates.Faults) error) error {
	if err == nil {
		return c.done(to, done)
	}
	faults := app.AsFaults(err)
	if faults == nil || faults[0].Kind == app.Denied || faults[0].Kind == app.Missing {
		return err
	}
	return again(statusOf(faults), c.faults(faults))
}

// done goes on to a page that says, by a key below "done.", what has happened.
func (c *call) done(to, key string) error {
	if key != "" {
		c.SetCookie(&http.Cookie{Name: "flash", Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.s.Secure, MaxAge: 60})
	}
	return c.Redirect(statusDone, to)
}

// flash takes the message that the page before left.
func (c *call) flash() []templates.Notice {
	cookie, err := c.Cookie("flash")
	if err != nil {
		return nil
	}
	c.SetCookie(&http.Cookie{Name: "flash", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.s.Secure, MaxAge: -1})
	key := "done." + cookie.Value
	if text := c.T(key); text != key {
		return []templates.Notice{{Tone: "good", Text: text}}
	}
	return nil
}

// localPath is the path and query of an address on this host, "" for any other: nothing redirects off the site.
func localPath(address, host string) string {
	u, err := url.Parse(address)
	if err != nil || address == "" || strings.ContainsAny(address, "\\\t\r\n") {
		return ""
	}
	if u.IsAbs() || u.Host != "" {
		if u.Host != host {
			return ""
		}
		u = &url.URL{Path: u.Path, RawQuery: u.RawQuery}
	}
	path := u.String()
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return ""
	}
	return path
}
