package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// This is the only file with status codes. Denied and missing look the same, so that nobody learns what exists.
const (
	statusReady    = http.StatusOK
	statusNotReady = http.StatusServiceUnavailable
	statusPage     = http.StatusOK
	statusInvalid  = http.StatusUnprocessableEntity
	statusDone     = http.StatusSeeOther
	statusFresh    = http.StatusNotModified
	statusClosed   = 499 // the browser went away
)

func statusOf(faults app.Faults) int {
	switch faults[0].Kind {
	case app.Invalid, app.Refused:
		return http.StatusUnprocessableEntity
	case app.Stale:
		return http.StatusConflict
	case app.Denied, app.Missing:
		return http.StatusNotFound
	case app.Limited:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}

// left tells whether an answer failed because the browser went away: the error is of the request's own connection, not of the one to the database.
func left(r *http.Request, err error) bool {
	own, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	wire, failed := errors.AsType[*net.OpError](err)
	return ok && failed && wire.Source != nil && wire.Source.String() == own.String()
}

// fail turns an error into a page: faults are worded, everything else is neutral on the page and whole in the log.
func (s *server) fail(err error, ctx echo.Context) {
	c := s.call(ctx)
	if errors.Is(err, context.Canceled) && !late(ctx.Request()) {
		s.Log.Info("request ended early", "id", c.id(), "path", ctx.Path(), "error", err)
		return
	}
	if ctx.Response().Committed {
		level := slog.LevelError
		if left(ctx.Request(), err) {
			level = slog.LevelInfo
		}
		s.Log.Log(ctx.Request().Context(), level, "answer broke off", "id", c.id(), "path", ctx.Path(), "error", err)
		panic(http.ErrAbortHandler) // the browser then knows that what it has is not whole
	}
	status, key := http.StatusInternalServerError, "error.unknown"
	var facts []templates.Def
	heading := ""
	if faults := app.AsFaults(err); faults != nil {
		status = statusOf(faults)
		key, heading = "", c.sentence(faults[0])
		s.noteRefusal(c, faults)
	}
	if he, ok := errors.AsType[*echo.HTTPError](err); ok {
		status = he.Code
	}
	if said := unsaved(ctx.Request(), err); said != "" {
		status, key = http.StatusServiceUnavailable, said
	}
	switch {
	case status == http.StatusNotFound:
		key, heading = "error.missing", ""
	case status == http.StatusRequestEntityTooLarge:
		key = "error.too_large"
	case status == http.StatusMethodNotAllowed, status == http.StatusBadRequest, status == http.StatusForbidden:
		key = "error.bad_request"
	case status >= http.StatusInternalServerError:
		s.Log.Error("request failed", "id", c.id(), "method", ctx.Request().Method, "path", ctx.Path(), "error", err)
	}
	page := templates.ErrorPage{Status: strconv.Itoa(status), Heading: heading, Facts: facts, Back: back(ctx.Request())}
	if key != "" {
		page.Heading, page.Sentence = c.T(key), c.T(key+"_next")
	}
	if err := s.errorPage(c, status, page); err != nil {
		s.Log.Error("error page failed", "id", c.id(), "error", err)
		if !ctx.Response().Committed {
			ctx.Response().WriteHeader(http.StatusInternalServerError)
		}
	}
}

// unsaved is the key of what somebody is told whose request could not be kept, or not be answered in time; "" where nothing is known.
func unsaved(r *http.Request, err error) string {
	writes := r.Method != http.MethodGet && r.Method != http.MethodHead
	switch {
	case app.NoRoom(err):
		return "error.disk_full"
	case errors.Is(err, app.ErrDiskFailed):
		return "error.disk_failed"
	case errors.Is(err, app.ErrFileNotKept):
		return "error.file_not_kept"
	case writes && errors.Is(err, app.ErrUnsure):
		return "error.unsure"
	case writes && errors.Is(err, app.ErrUnsaved):
		return "error.unsaved"
	case errors.Is(err, app.ErrUnsaved), errors.Is(err, app.ErrUnsure), late(r):
		return "error.unknown"
	}
	return ""
}

// errorPage shows a page that says what went wrong. Where the frame around it can't be read, because the database is what went wrong, it stands without one.
func (s *server) errorPage(c *call, status int, page templates.ErrorPage) error {
	base, err := c.base(page.Heading)
	if err != nil {
		s.Log.Error("error page without its frame", "id", c.id(), "error", err)
		base = s.Set.Base(c.Lang)
		base.Title, base.RequestID = page.Heading, c.id()
	}
	return showBase(c, status, s.Set.Pages.Error, base, page)
}

// back is the page that the person came from, when it is ours.
func back(r *http.Request) string {
	return localPath(r.Referer(), r.Host)
}

// sentence words a fault in the reader's language; its arguments are formatted by their type.
func (c *call) sentence(f *app.Fault) string {
	var args []any
	for name, value := range f.Args {
		switch v := value.(type) {
		case audit.Actor:
			value = c.actorName(v)
		case calendar.Date:
			value = c.Day(v)
		case workflows.Words:
			value = v.In(c.Lang)
		case calendar.Month:
			value = c.Locale.Month(v)
		case int64:
			switch name {
			case "At":
				value = c.Moment(c.local(time.Unix(v, 0)))
			case "Fen", "Plan", "Sum":
				value = c.Wan(v, 2)
			}
		}
		if name == "Action" {
			value = c.T("action." + value.(string))
		}
		args = append(args, name, value)
	}
	return c.T("fault."+f.Key, args...)
}

// faults are the sentences of a refused form by field; those without a field go under "".
func (c *call) faults(list app.Faults) templates.Faults {
	out := templates.Faults{}
	for _, f := range list {
		if out[f.Field] != "" {
			out[f.Field] += " "
		}
		out[f.Field] += c.sentence(f)
	}
	return out
}
