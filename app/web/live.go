package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
)

// heartbeat is how often an idle stream says that it lives; each time the session is asked for again, so a stream ends with its session. A session that is ended,
// and a grant that is taken away, are records of the journal: they wake every stream at once, on other nodes within half a second.
const heartbeat = 15 * time.Second

// hello is what a stream says first: how often it says that it lives, and which program it is.
type hello struct {
	Version string `json:"version"`
	No      int64  `json:"no"`
	Beat    int    `json:"beat"` // seconds
}

// live tells the browser, as server-sent events, which items have changed since the event that it had last: by name, and only those that the person may see. The
// event's id is the journal's number, so a browser goes on where it was after a sleep, a restart, or on another node. No fact travels here.
func (s *server) live(c *call) error {
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return s.askSignIn(c)
	}
	ear, stop := s.App.Listen()
	defer stop()
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(statusPage)
	at := after(c, size)
	text, err := event("hello", at, hello{Version: s.Version, No: at, Beat: int(heartbeat / time.Second)})
	if err != nil {
		return err
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		if at != size {
			news, now, err := s.news(c, at)
			if err != nil {
				return err
			}
			text, at = text+news, now
		}
		if err := send(c, text); err != nil {
			return nil // the browser went away
		}
		text = "event: beat\ndata:\n\n"
		select {
		case <-c.ctx().Done():
			return nil
		case <-s.Stopping:
			return nil
		case size = <-ear:
			text = ""
		case <-beat.C:
		}
		if _, _, err := s.App.Glance(c.ctx(), cookie.Value); err != nil {
			return nil
		}
	}
}

// after is the number of the journal from which a browser wants to go on; without one it begins now.
func after(c *call, size int64) int64 {
	for _, text := range []string{c.Request().Header.Get("Last-Event-ID"), c.QueryParam("after")} {
		if no, err := strconv.ParseInt(text, 10, 64); err == nil {
			return no
		}
	}
	return size
}

// news is the event of what happened after a number, and the number up to which it tells.
func (s *server) news(c *call, at int64) (string, int64, error) {
	feed, err := s.App.Feed(c.ctx(), c.actor, at)
	if err != nil || feed.No == at {
		return "", at, err
	}
	name := "journal"
	if feed.Reload {
		name = "reload"
	}
	text, err := event(name, feed.No, feed)
	return text, feed.No, err
}

func event(name string, id int64, data any) (string, error) {
	body, err := json.Marshal(data)
	return fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", id, name, body), err
}

// liveSince answers what a stream would have told since a number: a page that has slept asks for it before it listens again.
func (s *server) liveSince(c *call) error {
	no, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if err != nil {
		return &app.Fault{Kind: app.Missing, Key: "missing"}
	}
	feed, err := s.App.Feed(c.ctx(), c.actor, no)
	if err != nil {
		return err
	}
	return sendJSON(c, statusPage, feed)
}

func send(c *call, text string) error {
	if text == "" {
		return nil
	}
	if _, err := c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return http.NewResponseController(c.Response()).Flush()
}
