package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// peer tells how the address of the person is found: the connection's, unless it comes from a proxy that the operator named.
func (s *server) peer() echo.IPExtractor {
	if len(s.Proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range s.Proxies {
		trust = append(trust, echo.TrustIPRange(p))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

func (s *server) requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, s.NewID())
		return next(c)
	}
}

// recovered turns a panic into an error, whole in the log and neutral on the page.
func (s *server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if r := recover(); r != nil {
				if r == http.ErrAbortHandler {
					panic(r)
				}
				err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			}
		}()
		return next(c)
	}
}

// errLate ends the context of a request that has waited for too long.
var errLate = errors.New("no answer in time")

// within gives up on a request that has no answer after a while: what it waits for, such as a database behind a link that carries nothing, hears of it by the context. An
// answer that has begun may take any time: a stream, a large file, a page on a slow line.
func (s *server) within(next echo.HandlerFunc) echo.HandlerFunc {
	if s.AnswerWithin <= 0 {
		return next
	}
	return func(c echo.Context) error {
		ctx, cancel := context.WithCancelCause(c.Request().Context())
		limit := time.AfterFunc(s.AnswerWithin, func() { cancel(errLate) })
		c.Response().Before(func() { limit.Stop() }) // not at the end of this function: the page of an error is still to be drawn
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// late tells whether a request was given up on.
func late(r *http.Request) bool { return errors.Is(context.Cause(r.Context()), errLate) }

// maxForm is the largest form that is read, in bytes.
const maxForm = 1 << 20

// maxUpload is the largest form that is read where a file can be handed in.
const maxUpload = 22 << 20

// bodyLimit is how much of a request to a route is read.
func bodyLimit(route string) int64 {
	if strings.HasSuffix(route, "/files") || route == "/projects/:code/report" {
		return maxUpload
	}
	return maxForm
}

// headers sends what tells the browser to trust nothing but this site, and caps what is read from it.
func (s *server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, bodyLimit(c.Path()))
		return next(c)
	}
}

// denied answers a form that another site has sent: a page like that of every other refusal, with the headers that every answer has.
func (s *server) denied(e *echo.Echo) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := e.NewContext(r, w)
		if err := s.requestID(s.recovered(s.headers(func(echo.Context) error { return echo.ErrForbidden })))(c); err != nil {
			s.fail(err, c)
		}
	})
}

// acceptsGzip tells whether the browser takes gzip; all that are in use do.
func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
