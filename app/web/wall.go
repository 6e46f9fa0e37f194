package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"battlemap/app"
	"battlemap/templates"
)

// wallPage shows the wall to somebody who is signed in, as far as they see.
func (s *server) wallPage(c *call) error {
	return s.wall(c, wallView{key: "user " + id64(c.actor.ID), read: func() (app.Wall, error) { return s.App.Wall(c.ctx(), c.actor) }})
}

// wallScreen shows the wall on a screen that has a link and no session. The token gives this page and its stream, and nothing else.
func (s *server) wallScreen(c *call) error {
	c.hideToken()
	if err := s.App.KeepUp(c.ctx()); err != nil { // another node may have published a version of the law
		return err
	}
	l, err := s.App.OpenWall(c.ctx(), c.Param("token"))
	if faults := app.AsFaults(err); faults != nil {
		return s.wallDark(c, statusOf(faults))
	}
	if err != nil {
		return err
	}
	c.Locale = s.Set.Words().Locale(l.Lang)
	return s.wall(c, wallView{key: "link " + id64(l.ID), read: func() (app.Wall, error) { return s.App.LinkedWall(c.ctx(), l) }})
}

// hideToken keeps the address of a screen, which holds its token, from every page that this one could lead to.
func (c *call) hideToken() {
	h := c.Response().Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex")
}

// wallView is for whom a wall is drawn.
type wallView struct {
	key  string // names the sight
	read func() (app.Wall, error)
	ask  wallAsk
}

// wallAsk is what the address asks for: seconds a slide, one task force only, and the slide to begin with.
type wallAsk struct {
	every int
	force string
	slide int
}

// The seconds that a slide stays: at least, usually, at most.
const everyLeast, everyUsual, everyMost = 5, 20, 300

func (c *call) wallAsk() wallAsk {
	a := wallAsk{every: everyUsual, force: c.QueryParam("force"), slide: int(number(c.QueryParam("slide")))}
	if n := int(number(c.QueryParam("every"))); n != 0 {
		a.every = min(max(n, everyLeast), everyMost)
	}
	a.slide = max(a.slide, 0)
	if lang := c.QueryParam("lang"); lang == "zh-CN" || lang == "en" {
		c.Locale = c.s.Set.Words().Locale(lang)
	}
	return a
}

// next is the address of the next slide, for browsers that turn nothing by themselves. It leaves out the path, which may hold a token.
func (a wallAsk) next(lang string) string {
	v := url.Values{"slide": {strconv.Itoa((a.slide + 1) % 10_000)}}
	if a.every != everyUsual {
		v.Set("every", strconv.Itoa(a.every))
	}
	if a.force != "" {
		v.Set("force", a.force)
	}
	if lang != "" {
		v.Set("lang", lang)
	}
	return "?" + v.Encode()
}

// wall answers with the whole page, with what stands in it where the page asks by itself, or that nothing has changed.
func (s *server) wall(c *call, v wallView) error {
	v.ask = c.wallAsk()
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return err
	}
	h := c.Response().Header()
	tag := s.wallTag(c, v, size)
	h.Set("ETag", tag)
	h.Set("Vary", "X-Fragment, Cookie")
	c.wallState("open")
	if fresh(c.Request(), tag) {
		return c.NoContent(statusFresh)
	}
	w, err := v.read()
	if err != nil {
		return err
	}
	base, page, err := s.wallDrawn(c, v, w)
	if err != nil {
		return err
	}
	if c.fragment() {
		return showBase(c, statusPage, s.Set.Pages.Wall.Main, base, page)
	}
	return showBase(c, statusPage, s.Set.Pages.Wall.Screen, base, page)
}

// wallState tells the page's script that this answer is ours, whether the link stands, and what time it is.
func (c *call) wallState(state string) {
	h := c.Response().Header()
	h.Set("X-Wall", state)
	h.Set("X-Wall-Now", strconv.FormatInt(c.s.App.Now().Unix(), 10))
}

// wallTag names what the wall shows: it changes with the journal, the day, what was asked for, and the program.
func (s *server) wallTag(c *call, v wallView, size int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%s|%s|%+v|%s|%s", size, s.App.Today(), v.key, v.ask, c.Lang, s.build()))
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// build names the program and the files that a screen has loaded; when it changes, the screen loads itself anew.
func (s *server) build() string {
	sum := sha256.Sum256([]byte(s.Version + s.Set.AssetPath("wall.js") + s.Set.AssetPath("wall.css") + s.Set.AssetPath("app.css") + s.Set.AssetPath("sprite.svg")))
	return hex.EncodeToString(sum[:8])
}

// wallDark is what a screen shows whose link is unknown, revoked or over: all three look the same.
func (s *server) wallDark(c *call, status int) error {
	c.wallAsk()
	c.wallState("closed")
	base := s.Set.Base(c.Lang)
	base.Title = c.T("wall.closed")
	page := templates.WallDark{Build: s.build()}
	if c.fragment() {
		return showBase(c, status, s.Set.Pages.Wall.Shade, base, page)
	}
	return showBase(c, status, s.Set.Pages.Wall.Dark, base, page)
}

// wallLive tells a wall of somebody signed in that the journal grew; it ends with the session.
func (s *server) wallLive(c *call) error {
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return s.askSignIn(c)
	}
	return s.wallStream(c, func() error {
		_, _, err := s.App.Glance(c.ctx(), cookie.Value)
		return err
	})
}

// wallScreenLive tells a screen that the journal grew; it ends when the link does, on whichever node that was decided.
func (s *server) wallScreenLive(c *call) error {
	c.hideToken()
	alive := func() error {
		_, err := s.App.OpenWall(c.ctx(), c.Param("token"))
		return err
	}
	if err := alive(); err != nil {
		if faults := app.AsFaults(err); faults != nil {
			c.wallState("closed")
			return c.NoContent(statusOf(faults))
		}
		return err
	}
	return s.wallStream(c, alive)
}

// wallStream sends the journal's size whenever it has grown, and asks before every sending, the heartbeat's too, whether the reader still may listen.
func (s *server) wallStream(c *call, alive func() error) error {
	ear, stop := s.App.Listen()
	defer stop()
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return err
	}
	if err := c.beginStream(); err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	text := journalGrew(size)
	for {
		if alive() != nil {
			return nil
		}
		if err := send(c, text); err != nil {
			return nil // the screen went away
		}
		select {
		case <-c.ctx().Done():
			return nil
		case <-s.Stopping:
			return nil
		case size := <-ear:
			if s.stopping() {
				return nil
			}
			text = journalGrew(size)
		case <-beat.C:
			text = ": alive\n\n"
		}
	}
}

func journalGrew(size int64) string {
	return fmt.Sprintf("id: %d\nevent: journal\ndata: %d\n\n", size, size)
}
