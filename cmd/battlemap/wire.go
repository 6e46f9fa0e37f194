package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/app/jobs"
	"battlemap/app/web"
	"battlemap/templates"
	"battlemap/workflows"
)

// options gathers what app.Open needs from the storage, the law and the clock.
func (s storage) options(log *slog.Logger, now func() time.Time) (app.Options, error) {
	database, err := s.database()
	if err != nil {
		return app.Options{}, err
	}
	node, err := s.node()
	if err != nil {
		return app.Options{}, err
	}
	private, public, err := s.keys()
	if err != nil {
		return app.Options{}, err
	}
	cal, err := calendar.Default()
	if err != nil {
		return app.Options{}, err
	}
	machines, rules, err := law()
	if err != nil {
		return app.Options{}, err
	}
	return app.Options{Database: database, Now: now, Rand: rand.Reader, Log: log, Calendar: cal, Machines: machines, Ruleset: rules,
		SigningKey: private, PublicKey: public, Node: node, Files: s.files(), SessionIdle: 2 * time.Hour, SessionMax: 12 * time.Hour}, nil
}

// law is the workflow definitions and the rule set in force, compiled and checked.
func law() (map[string]*workflows.Machine, *workflows.Ruleset, error) {
	machines, err := workflows.LoadMachines(workflows.Definitions(), "definitions")
	if err != nil {
		return nil, nil, fmt.Errorf("workflow definitions:\n%w", err)
	}
	sets, err := workflows.LoadRulesets(workflows.Rulesets(), "rulesets")
	if err != nil {
		return nil, nil, fmt.Errorf("rule sets:\n%w", err)
	}
	return machines, sets["default"], nil
}

// open opens the App on the machine's clock.
func (s storage) open(ctx context.Context, log *slog.Logger) (*app.App, error) {
	opt, err := s.options(log, time.Now)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, opt)
}

// site builds the pages.
func (l listening) site(ctx context.Context, a *app.App, set *templates.Set, log *slog.Logger) (web.Options, error) {
	proxies, proxyErr := l.proxies()
	plain, err := l.plain()
	err = errors.Join(proxyErr, err)
	return web.Options{App: a, Set: set, Log: log, NewID: rand.Text, Secure: l.secure(), Plain: plain, Proxies: proxies, Stopping: ctx.Done(), Version: version(), AnswerWithin: l.Answer}, err
}

// listen opens the port first, so that the address that is printed answers.
func (l listening) listen() (net.Listener, error) {
	ln, err := net.Listen("tcp", l.Listen)
	if err != nil {
		return nil, fmt.Errorf("%w; another address can be given with --listen HOST:PORT", err)
	}
	return patience{ln, writeLimit}, nil
}

// address is what a person types.
func (l listening) address(ln net.Listener) string {
	if l.BaseURL != "" {
		return l.BaseURL
	}
	return "http://" + ln.Addr().String()
}

// newServer is the server of all pages, with its limits on slow browsers; those on slow reading are the connection's own (patience.go).
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ConnContext: web.WithConnection, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
}

// serve answers until ctx is over, then lets running requests finish.
func serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	server := newServer(handler, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		log.Warn("requests that had not ended were broken off", "after", grace.String())
		err = server.Close()
	}
	if err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	return nil
}

// grace is how long requests may take to end when the process is told to stop: longer than a browser that takes nothing can hold one up.
const grace = writeLimit + 2*time.Second

type serveCommand struct {
	storage    `embed:""`
	listening  `embed:""`
	mailing    `embed:""`
	sessions   `embed:""`
	witnessing `embed:""`
}

// Run serves a district until it is told to stop.
func (c *serveCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.run(ctx, log, time.Now, func(*jobs.Bells) {})
}

// run serves on a clock and hands the bells out once they ring: the fault programme winds the one and rings the other by hand.
func (c *serveCommand) run(ctx context.Context, log *slog.Logger, now func() time.Time, ringing func(*jobs.Bells)) (err error) {
	opt, err := c.storage.options(log, now)
	if err != nil {
		return err
	}
	opt.SessionIdle, opt.SessionMax, opt.ConfirmFor, opt.Mail, opt.BaseURL = c.SessionIdle, c.SessionMax, c.ConfirmFor, c.SMTPHost != "", c.BaseURL
	opt.WitnessFolders, opt.Spare = c.WitnessFolder, debug.FreeOSMemory // the runtime would keep a hash's memory for a while, which is more than the rest of a district takes
	if err := asideIn(c.Data); err != nil {
		return err
	}
	a, err := app.Open(ctx, opt)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	// Whatever a start can find out quickly is known before the first page; a finding is shown and stops checkpoints, serving goes on.
	if _, err := a.Examine(ctx, app.System("doctor"), false); err != nil {
		return err
	}
	set, err := templates.New(templates.Options{})
	if err != nil {
		return err
	}
	bells, err := c.bells(a, set, log)
	if err != nil {
		return err
	}
	ln, err := c.listen()
	if err != nil {
		return err
	}
	site, err := c.site(ctx, a, set, log)
	if err != nil {
		return err
	}
	handler, err := web.New(site)
	if err != nil {
		return err
	}
	tellFiles(log)
	thrift()
	if err := c.announce(ctx, a, ln, log); err != nil {
		return err
	}
	bells.Start()
	ringing(bells)
	defer context.AfterFunc(ctx, bells.Silence)() // while the last pages are answered, no other letter is begun
	defer func() {
		last, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		bells.Stop(last)
	}()
	return serve(ctx, ln, handler, log)
}

func (c *serveCommand) bells(a *app.App, set *templates.Set, log *slog.Logger) (*jobs.Bells, error) {
	sender, err := c.sender()
	if err != nil {
		return nil, err
	}
	m := mailer{set: set, smtp: sender, base: c.BaseURL, from: c.SMTPFrom, app: a}
	var post jobs.Post
	if sender != nil {
		post = m.post
	}
	publishing, err := c.publishing(a, m, log)
	if err != nil {
		return nil, err
	}
	return jobs.New(a, log, append(jobs.Timetable(a, post), publishing))
}

// announce prints the address, and on a fresh installation the link with which the first administrator sets it up.
func (c *serveCommand) announce(ctx context.Context, a *app.App, ln net.Listener, log *slog.Logger) error {
	address := c.address(ln)
	fmt.Println(address)
	if !c.secure() {
		log.Warn("serving plain http: passwords and sessions travel unencrypted; put a TLS proxy in front and set --base-url https://...", "address", address)
	}
	has, err := a.HasUsers(ctx)
	if err != nil || has {
		return err
	}
	token, err := a.FirstLink(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "Nobody has an account yet. Open this one-time link within 24 hours to set the district up:\n%s/setup/%s\n", address, token)
	return nil
}
