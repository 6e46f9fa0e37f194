package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
)

// cookieName has the __Host- prefix over https, which ties the cookie to this host; plain http can't have it.
func (s *server) cookieName() string {
	if s.Secure {
		return "__Host-battlemap"
	}
	return "battlemap"
}

// deviceCookie names the browser, so that what strangers guess does not keep its people out. It opens nothing, and stays when they sign out.
func (s *server) deviceCookie() string { return s.cookieName() + "-device" }

func (s *server) setSession(c *call, token string, age int) {
	s.setSecret(c, s.cookieName(), token, age)
}

// setSecret sets a cookie that no script reads.
func (s *server) setSecret(c *call, name, value string, age int) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: age})
}

// cookie is the value of a cookie, "" when there is none.
func (c *call) cookie(name string) string {
	cookie, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// needUser lets signed-in people through and sends others to the sign-in page.
func (s *server) needUser(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		c := s.call(ctx)
		cookie, err := c.Cookie(s.cookieName())
		if err != nil {
			return s.askSignIn(c)
		}
		v, err := s.App.Visit(c.ctx(), cookie.Value, background(c.Request()))
		if faults := app.AsFaults(err); faults != nil {
			return s.askSignIn(c)
		}
		if err != nil {
			return app.Unbegun(c.ctx(), err)
		}
		v.Actor.Address, v.Actor.Request = c.RealIP(), c.id()
		c.visit, c.user, c.actor, c.rights = v, &v.User, v.Actor, v.Rights
		if v.User.Lang != "" {
			c.Locale = s.Set.Words().Locale(v.User.Lang)
		}
		return next(ctx)
	}
}

// background tells whether the page asked by itself: the stream of events, and what refreshes itself (hx-headers say so). Who forges the header only
// shortens their own session.
func background(r *http.Request) bool {
	return r.URL.Path == "/live" || r.URL.Path == "/wall/live" || r.URL.Path == "/live/since" || r.Header.Get("X-Background") != ""
}

func (s *server) askSignIn(c *call) error {
	if c.Request().Header.Get("HX-Request") != "" { // a part of a page that was open when the session ended: the whole page has to go there
		c.Response().Header().Set("HX-Refresh", "true")
		return c.NoContent(statusPage)
	}
	if c.Request().Method != http.MethodGet {
		return c.Redirect(statusDone, "/login")
	}
	return c.Redirect(statusDone, "/login?next="+url.QueryEscape(c.Request().URL.RequestURI()))
}

func (s *server) home(c *call) error {
	if c.rights.SeesAll {
		return c.Redirect(statusDone, "/map")
	}
	return c.Redirect(statusDone, "/desk")
}

func (s *server) loginPage(c *call) error {
	return show(c, s.Set.Pages.Login, c.T("login.title"), templates.LoginPage{Next: c.QueryParam("next"), Accounts: s.samples(c)})
}

func (s *server) samples(c *call) []templates.SampleAccount {
	var out []templates.SampleAccount
	for _, a := range s.Samples {
		a.Role = c.T("role." + a.Role)
		out = append(out, a)
	}
	return out
}

func (s *server) login(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.SignIn{Account: f.text("account"), Password: f.text("password"), Address: c.RealIP(), Agent: c.Request().UserAgent(), Request: c.id(),
		Device: c.cookie(s.deviceCookie()), Session: c.cookie(s.cookieName())}
	entry, err := s.App.SignIn(c.ctx(), cmd)
	if faults := app.AsFaults(err); faults != nil {
		s.noteRefusal(c, faults)
		page := templates.LoginPage{Account: f.text("account"), Next: f.text("next"), Accounts: s.samples(c), Problems: []templates.Notice{{Tone: "bad", Text: c.sentence(faults[0])}}}
		return showStatus(c, statusOf(faults), s.Set.Pages.Login, c.T("login.title"), page)
	}
	if err != nil {
		return err
	}
	s.setSession(c, entry.Token, 0)
	s.setSecret(c, s.deviceCookie(), entry.Device, int(app.DeviceLife()/time.Second))
	to := localPath(f.text("next"), "")
	if to == "" {
		to = "/"
	}
	return c.Redirect(statusDone, to)
}

func (s *server) logout(c *call) error {
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return c.Redirect(statusDone, "/login")
	}
	if err := s.App.SignOut(c.ctx(), c.actor, cookie.Value); err != nil {
		return err
	}
	s.setSession(c, "", -1)
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(statusDone, "/login")
}

func (s *server) setupPage(c *call) error {
	invited, err := s.App.SetupUser(c.ctx(), c.Param("token"))
	if err != nil {
		return err
	}
	page := templates.SetupPage{Token: c.Param("token")}
	if invited != nil {
		page.Invited, page.Account, page.Name = true, invited.Account, invited.Name
	}
	return show(c, s.Set.Pages.Setup, c.T("setup.title"), page)
}

func (s *server) setup(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	token := f.text("token")
	cmd := app.CompleteSetup{Place: f.text("place"), Unit: f.text("unit"), Account: f.text("account"), Name: f.text("name"), Password: f.text("password"), Again: f.text("again")}
	err = s.App.CompleteSetup(c.ctx(), token, c.RealIP(), cmd)
	return c.after(err, "/login", "setup", func(status int, faults templates.Faults) error {
		invited, err := s.App.SetupUser(c.ctx(), token)
		if err != nil {
			return err
		}
		page := templates.SetupPage{Token: token, Place: cmd.Place, Unit: cmd.Unit, Name: cmd.Name, Account: cmd.Account, Faults: faults, Invited: invited != nil}
		return showStatus(c, status, s.Set.Pages.Setup, c.T("setup.title"), page)
	})
}

// prefs changes language and theme; for people who are not signed in they live in cookies only.
func (s *server) prefs(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	lang, theme, density := c.Lang, c.theme(), c.density()
	if v := f.text("lang"); v == "zh-CN" || v == "en" {
		lang = v
	}
	if v := f.text("theme"); v == "dark" || v == "light" {
		theme = v
	}
	if v := f.text("density"); v == "compact" || v == "comfortable" {
		density = v
	}
	for name, value := range map[string]string{"lang": lang, "theme": theme, "density": density} {
		c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", SameSite: http.SameSiteLaxMode, Secure: s.Secure, MaxAge: int(365 * 24 * time.Hour / time.Second)})
	}
	if cookie, err := c.Cookie(s.cookieName()); err == nil {
		if _, actor, err := s.App.Authenticate(c.ctx(), cookie.Value); err == nil {
			if err := s.App.SetTaste(c.ctx(), actor, lang, theme); err != nil {
				return err
			}
		}
	}
	to := localPath(f.text("next"), "")
	if to == "" {
		to = "/"
	}
	return c.Redirect(statusDone, to)
}

// missingPage is the error of an address that does not exist, or not for this person.
func missingPage() error { return &app.Fault{Kind: app.Missing, Key: "missing"} }

func (s *server) static(c *call) error {
	plain, gz, contentType, etag, ok := s.Set.Asset(c.Param("*"))
	if !ok {
		return missingPage()
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", etag)
	h.Set("Vary", "Accept-Encoding")
	if c.Request().Header.Get("If-None-Match") == etag {
		return c.NoContent(statusFresh)
	}
	if gz != nil && acceptsGzip(c.Request()) {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(statusPage, contentType, gz)
	}
	return c.Blob(statusPage, contentType, plain)
}
