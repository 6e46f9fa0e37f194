package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/app/calendar"
)

// heartbeat is how often an idle stream says that it lives; each time the session is asked for again, so a stream ends with its session. A session that is ended,
// and a grant that is taken away, are records of the journal: they wake every stream at once, on other nodes within half a second.
const heartbeat = 15 * time.Second

// hello is what a stream says first: how often it says that it lives, which program it is, and which day: a page that slept over midnight is to be drawn anew.
type hello struct {
	Version string        `json:"version"`
	No      int64         `json:"no"`
	Beat    int           `json:"beat"` // seconds
	Day     calendar.Date `json:"day"`
}

// turn is what a stream says on a new day: what is left of every term has changed, and no record says so.
type turn struct {
	app.Feed
	Day calendar.Date `json:"day"`
}

// live tells the browser, as server-sent events, which items have changed since the event that it had last: by name, and only those that the person may see. The
// event's id is the journal's number, so a browser goes on where it was after a sleep, a restart, or on another node. No fact travels here. Nothing is queued for a
// browser that reads slowly: the next event tells of all that it has missed, and one that takes nothing for long is cut off and resumes. On a new day everything is to be
// drawn anew.
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
	f, err := s.App.Follow(c.ctx(), cookie.Value, after(c, size))
	if err != nil {
		return err
	}
	if err := c.beginStream(); err != nil {
		return err
	}
	beat, day := time.NewTicker(heartbeat), s.App.Today()
	defer beat.Stop()
	text, err := event("hello", f.No, hello{Version: s.Version, No: f.No, Beat: int(heartbeat / time.Second), Day: day})
	if err != nil {
		return err
	}
	for {
		if f.No != size {
			news, err := f.Next(c.ctx(), size, told)
			if err != nil {
				return s.ended(c, err)
			}
			text += news
		}
		if err := send(c, text); err != nil {
			return nil // the browser went away, or reads nothing
		}
		select {
		case <-c.ctx().Done():
			return nil
		case <-s.Stopping:
			return nil
		case now := <-ear:
			if s.stopping() {
				return nil
			}
			size, text = max(size, now), "" // what was told before this stream began may be older
		case <-beat.C:
			text = "event: beat\ndata:\n\n"
			if err := f.Ask(c.ctx()); err != nil {
				return s.ended(c, err)
			}
		}
		if today := s.App.Today(); today != day {
			turned, err := event("day", f.No, turn{app.Feed{No: f.No, Items: []string{}, Reload: true}, today})
			if err != nil {
				return err
			}
			day, text = today, text+turned
		}
	}
}

// stopping tells whether the process was told to stop: of two things that have happened, select may take the other one.
func (s *server) stopping() bool {
	select {
	case <-s.Stopping:
		return true
	default:
		return false
	}
}

// streamBuffer is how many bytes the system keeps for a browser that does not read: some hundred events. Without it, it is megabytes, and a stream seems alive for as long
// as it takes to fill them.
const streamBuffer = 16 << 10

// beginStream makes an answer a stream of events. The server's limit on reading a request is not one on listening.
func (c *call) beginStream() error {
	if err := http.NewResponseController(c.Response()).SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if conn, ok := c.ctx().Value(connection{}).(interface{ SetWriteBuffer(bytes int) error }); ok {
		if err := conn.SetWriteBuffer(streamBuffer); err != nil {
			return err
		}
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(statusPage)
	return nil
}

// connection is the key under which WithConnection keeps a request's connection.
type connection struct{}

// WithConnection is for http.Server's ConnContext: it lets a stream of events make the buffer of its connection small.
func WithConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connection{}, conn)
}

// ended ends a stream: quietly where the session is over or the browser went away, so that the browser asks again and is told; the log hears of everything else.
func (s *server) ended(c *call, err error) error {
	if app.AsFaults(err) != nil || c.ctx().Err() != nil {
		return nil
	}
	s.Log.Warn("a stream of events ended", "id", c.id(), "error", err)
	return nil
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

// told is the event of what happened.
func told(feed app.Feed) (string, error) {
	name := "journal"
	if feed.Reload {
		name = "reload"
	}
	return event(name, feed.No, feed)
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
