// Package web is the product over HTTP: server-rendered pages that work without JavaScript. No other package imports echo.
package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/templates"
)

// Options is what the pages need; cmd fills it.
type Options struct {
	App     *app.App
	Set     *templates.Set
	Log     *slog.Logger
	NewID   func() string // request ids
	Secure  bool          // people come over https: cookies are __Host- and HSTS is sent
	Plain   bool          // people come over plain http from other machines, as the operator has chosen: every page says so
	Proxies []*net.IPNet  // reverse proxies whose X-Forwarded-For is believed; none by default
	Demo    Demo          // the simulated clock; nil in production
	Samples []templates.SampleAccount
	// Stopping is closed when the process is told to stop: event streams end then, so that a shutdown does not wait for them.
	Stopping <-chan struct{}
	Version  string // of the program; pages show only its fingerprint
	// AnswerWithin is how long a request may go without an answer that has begun; 0 for ever.
	AnswerWithin time.Duration
}

// Demo is the clock of the simulation, as the bar on the page drives it.
type Demo interface {
	State() DemoState
	Do(ctx context.Context, action string) error // "pause", "resume" or "step"
}

// DemoState is what the bar shows.
type DemoState struct {
	Paused bool
	Over   bool // the scripted year has ended
	Speed  string
}

// server holds what all handlers share.
type server struct {
	Options
	boards *boardCache
}

// New builds the handler of the whole site.
func New(o Options) (http.Handler, error) {
	if o.App == nil || o.Set == nil || o.Log == nil || o.NewID == nil {
		return nil, errors.New("web: App, Set, Log and NewID are required")
	}
	o.Version = fingerprint(o.Version)
	s := &server{o, newBoardCache()}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.fail
	e.IPExtractor = s.peer()
	table := s.table()
	e.Use(s.requestID, s.recovered, s.within, s.headers, declaredOnly(table))
	if err := s.register(e, table); err != nil {
		return nil, err
	}
	// The browser says where a form came from; forms of other sites are refused (Sec-Fetch-Site, or Origin against Host).
	forms := http.NewCrossOriginProtection()
	forms.SetDenyHandler(s.denied(e))
	return forms.Handler(e), nil
}

// fingerprint tells two programs apart without saying which they are: pages and streams carry it, so that a page loads itself anew after an upgrade. All nodes agree.
func fingerprint(version string) string {
	sum := sha256.Sum256([]byte(version))
	return hex.EncodeToString(sum[:8])
}

func (s *server) healthz(c *call) error {
	if err := s.App.Ready(c.ctx()); err != nil {
		s.Log.Error("not ready", "error", err)
		return c.String(statusNotReady, "not ready\n")
	}
	return c.String(statusReady, "ok\n")
}
