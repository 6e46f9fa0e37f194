package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// heartbeat is how often an idle stream says that it lives; each time the session is asked for again, so a stream ends with its session.
const heartbeat = 15 * time.Second

// live tells the browser, as server-sent events, how large the journal is whenever it has grown; the page then asks for what it shows and gets 304 if that is
// unchanged. The event's id is the journal's size. No fact travels here, only that there is something new.
func (s *server) live(c *call) error {
	cookie, err := c.Cookie(s.cookieName())
	if err != nil {
		return s.askSignIn(c)
	}
	ear, stop := s.App.Listen()
	defer stop()
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(statusPage)
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return err
	}
	if err := send(c, fmt.Sprintf("id: %d\nevent: journal\ndata: %d\n\n", size, size)); err != nil {
		return nil // the browser went away
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ": alive\n\n"
		select {
		case <-c.ctx().Done():
			return nil
		case <-s.Stopping:
			return nil
		case size := <-ear:
			text = fmt.Sprintf("id: %d\nevent: journal\ndata: %d\n\n", size, size)
		case <-beat.C:
		}
		if _, _, err := s.App.Glance(c.ctx(), cookie.Value); err != nil {
			return nil
		}
		if err := send(c, text); err != nil {
			return nil
		}
	}
}

func send(c *call, text string) error {
	if _, err := c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return http.NewResponseController(c.Response()).Flush()
}
