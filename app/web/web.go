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
	e.Use(s.requestID, s.recovered, s.headers)
	s.public(e)
	s.signedIn(e.Group("", s.needUser))
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

// public are the routes without a session.
func (s *server) public(e *echo.Echo) {
	e.GET("/healthz", s.healthz)
	e.GET("/static/:hash/*", s.static)
	e.GET("/login", s.do(s.loginPage))
	e.POST("/login", s.do(s.login))
	e.GET("/setup/:token", s.do(s.setupPage))
	e.POST("/setup", s.do(s.setup))
	e.POST("/prefs", s.do(s.prefs))
	e.GET("/wall/:token", s.do(s.wallScreen))
	e.GET("/wall/:token/live", s.do(s.wallScreenLive))
}

// signedIn are the routes that need a session. What a person may do is asked by package app, on the row, every time.
// long: the table of all routes is read on one page
func (s *server) signedIn(g *echo.Group) {
	g.GET("/", s.do(s.home))
	g.POST("/logout", s.do(s.logout))
	g.POST("/demo/:action", s.do(s.driveDemo))

	g.GET("/desk", s.do(s.deskPage))
	g.GET("/inbox", s.do(s.inboxPage))
	g.POST("/inbox/read", s.do(s.markRead))
	g.GET("/search", s.do(s.searchPage))
	g.GET("/live", s.do(s.live))
	g.GET("/live/since", s.do(s.liveSince))
	g.GET("/move", s.do(s.movePage))
	g.POST("/move", s.do(s.makeMove))
	g.POST("/move/undo", s.do(s.undoMove))
	g.GET("/moves", s.do(s.movesPage))
	g.POST("/moves", s.do(s.makeMoves))
	g.GET("/palette", s.do(s.palette))
	g.GET("/triage", s.do(s.triagePage))
	g.POST("/triage", s.do(s.actSelected))
	g.GET("/triage/:no", s.do(s.triageFragment))
	g.POST("/triage/:no", s.do(s.actTicket))

	g.GET("/map", s.do(s.mapPage))
	g.GET("/wall", s.do(s.wallPage))
	g.GET("/wall/live", s.do(s.wallLive))
	g.GET("/wall/links", s.do(s.wallLinksPage))
	g.POST("/wall/links", s.do(s.addWallLink))
	g.POST("/wall/links/revoke", s.do(s.revokeWallLink))
	g.GET("/changes", s.do(s.changesPage))
	g.GET("/changes/csv", s.do(s.noted(s.changesCSV)))
	g.GET("/map/cards", s.do(s.mapCards))
	g.POST("/map/views", s.do(s.saveView))
	g.POST("/map/views/drop", s.do(s.dropView))
	g.GET("/map/limits", s.do(s.limitsPage))
	g.POST("/map/limits", s.do(s.setLimit))
	g.GET("/taskforces", s.do(s.taskForcesPage))
	g.GET("/taskforces/:code", s.do(s.taskForcePage))

	g.GET("/projects", s.do(s.projectsPage))
	g.GET("/projects/new", s.do(s.newProjectPage))
	g.POST("/projects/new", s.do(s.addProject))
	g.GET("/projects/:code", s.do(s.noted(s.projectPage)))
	g.POST("/projects/:code/report", s.do(s.reportProgress))
	g.POST("/projects/:code/files", s.do(s.on(s.projectSpot, s.addFile)))
	g.POST("/projects/:code/files/withdraw", s.do(s.on(s.projectSpot, s.withdrawFile)))
	g.POST("/projects/:code/comments", s.do(s.on(s.projectSpot, s.addComment)))
	g.POST("/projects/:code/comments/withdraw", s.do(s.on(s.projectSpot, s.withdrawComment)))
	g.POST("/projects/:code/case.zip", s.do(s.projectCase))
	g.POST("/projects/:code/verify", s.do(s.verifyProgress))
	g.POST("/projects/:code/move", s.do(s.moveProject))
	g.POST("/projects/:code/decide", s.do(s.decideStage))
	g.POST("/projects/:code/plan", s.do(s.setPlan))
	g.POST("/projects/:code/assign", s.do(s.assignProject))
	g.POST("/projects/:code/exempt", s.do(s.acceptReason))
	g.POST("/projects/:code/milestones", s.do(s.addMilestone))
	g.POST("/projects/:code/milestones/move", s.do(s.moveMilestone))

	g.GET("/tickets", s.do(s.ticketsPage))
	g.GET("/tickets/new", s.do(s.newTicketPage))
	g.POST("/tickets/new", s.do(s.draftTicket))
	g.GET("/tickets/:no", s.do(s.noted(s.ticketPage)))
	g.POST("/tickets/:no/files", s.do(s.on(s.ticketSpot, s.addFile)))
	g.POST("/tickets/:no/files/withdraw", s.do(s.on(s.ticketSpot, s.withdrawFile)))
	g.POST("/tickets/:no/comments", s.do(s.on(s.ticketSpot, s.addComment)))
	g.POST("/tickets/:no/comments/withdraw", s.do(s.on(s.ticketSpot, s.withdrawComment)))
	g.GET("/files/:code", s.do(s.noted(s.filePage)))
	g.GET("/files/:code/thumb", s.do(s.thumbPage))
	g.POST("/tickets/:no/move", s.do(s.moveTicket))
	g.POST("/tickets/:no/hand", s.do(s.handTicket))
	g.POST("/tickets/:no/unlink", s.do(s.unlinkTicket))
	g.POST("/tickets/:no/reply", s.do(s.replyPart))
	g.POST("/tickets/:no/case.zip", s.do(s.ticketCase))
	g.POST("/tickets/:no/extension", s.do(s.askExtension))
	g.POST("/tickets/:no/extension/decide", s.do(s.decideExtension))
	g.POST("/tickets/:no/extension/withdraw", s.do(s.withdrawExtension))

	g.GET("/papers", s.do(s.papersPage))
	g.GET("/papers/print", s.do(s.printPapers))
	g.GET("/papers/new", s.do(s.newPaperPage))
	g.POST("/papers/new", s.do(s.issuePaper))
	g.POST("/papers/prefix", s.do(s.setPaperPrefix))
	g.GET("/papers/:code", s.do(s.noted(s.paperPage)))
	g.POST("/papers/:code/receive", s.do(s.receivePaper))
	g.POST("/papers/:code/promise", s.do(s.promisePaper))
	g.POST("/papers/:code/answer", s.do(s.answerPaper))
	g.POST("/papers/:code/decide", s.do(s.decidePaper))
	g.POST("/papers/:code/record", s.do(s.recordPaper))

	g.GET("/supervision", s.do(s.supervisionPage))
	g.POST("/supervision/slips", s.do(s.issueSlip))
	g.GET("/supervision/pack", s.do(s.supervisionPack))
	g.GET("/meetings", s.do(s.meetingsPage))
	g.GET("/meetings/new", s.do(s.newMeetingPage))
	g.POST("/meetings/new", s.do(s.planMeeting))
	g.GET("/meetings/:no", s.do(s.meetingPage))
	g.POST("/meetings/:no/hold", s.do(s.holdMeeting))
	g.POST("/meetings/:no/close", s.do(s.closeMeeting))
	g.GET("/meetings/:no/agenda", s.do(s.printAgenda))
	g.POST("/meetings/:no/agenda", s.do(s.addAgendaItem))
	g.POST("/meetings/:no/decisions", s.do(s.recordDecision))
	g.POST("/meetings/:no/decisions/:id", s.do(s.moveDecision))
	g.GET("/meetings/:no/minutes", s.do(s.printMinutes))
	g.GET("/meetings/:no/pack", s.do(s.meetingPack))

	g.GET("/ledger", s.do(s.remindersPage))
	g.GET("/ledger/csv", s.do(s.noted(s.remindersCSV)))
	g.POST("/ledger/decide", s.do(s.decideLetters))
	g.GET("/ledger/:no", s.do(s.reminderPage))
	g.POST("/ledger/:no/decide", s.do(s.decideLetter))

	g.GET("/journal", s.do(s.noted(s.journalPage)))
	g.GET("/journal.csv", s.do(s.journalCSV))
	g.GET("/journal/people/:account", s.do(s.noted(s.personYear)))
	g.GET("/journal/units/:code", s.do(s.noted(s.unitYear)))
	g.GET("/journal/:no", s.do(s.noted(s.recordPage)))
	g.POST("/journal/export", s.do(s.sure(s.exportJournal)))
	g.GET("/questions", s.do(s.noted(s.questionsPage)))
	g.GET("/questions/:name", s.do(s.noted(s.questionPage)))
	g.GET("/questions/:name/csv", s.do(s.questionCSV))
	g.GET("/proof", s.do(s.noted(s.proofPage)))
	g.POST("/proof/checkpoints", s.do(s.sure(s.publishCheckpoint)))
	g.GET("/proof/checkpoints/:size", s.do(s.noted(s.checkpointFile)))
	g.GET("/proof/consistency", s.do(s.noted(s.growthPage)))
	g.GET("/proof/consistency/file", s.do(s.noted(s.growthProof)))
	g.GET("/proof/records/:no", s.do(s.noted(s.recordProof)))
	g.POST("/proof/witnesses", s.do(s.sure(s.addWitness)))
	g.POST("/proof/witnesses/revoke", s.do(s.sure(s.revokeWitness)))
	g.GET("/doctor", s.do(s.noted(s.doctorPage)))
	g.GET("/archive", s.do(s.noted(s.archivePage)))
	g.POST("/archive/package", s.do(s.sure(s.archivePackage)))
	g.POST("/archive/retention", s.do(s.setRetention))
	g.POST("/archive/disposals", s.do(s.askDisposal))
	g.POST("/archive/disposals/decide", s.do(s.sure(s.decideDisposal)))
	g.GET("/rules", s.do(s.rulesPage))
	g.GET("/rules/drafts", s.do(s.lawsPage))
	g.GET("/rules/drafts/new", s.do(s.newLawPage))
	g.POST("/rules/drafts/new", s.do(s.draftLaw))
	g.GET("/rules/drafts/:id", s.do(s.lawPage))
	g.GET("/rules/drafts/:id/edit", s.do(s.editLawPage))
	g.POST("/rules/drafts/:id/edit", s.do(s.changeLaw))
	g.POST("/rules/drafts/:id/decide", s.do(s.sure(s.decideLaw)))
	g.GET("/rules/simulate", s.do(s.simulatePage))
	g.GET("/why/projects/:code", s.do(s.whyProject))
	g.GET("/why/tickets/:no", s.do(s.whyTicket))
	g.GET("/why/milestones/:id", s.do(s.whyMilestone))
	g.GET("/why/parts/:id", s.do(s.whyPart))
	g.GET("/why/subjects/:id", s.do(s.whySubject))
	g.GET("/why/taskforces/:code", s.do(s.whyTaskForce))

	g.GET("/charts", s.do(s.chartsPage))
	g.GET("/charts/:id/csv", s.do(s.noted(s.chartCSV)))

	g.GET("/subjects", s.do(s.subjectsPage))
	g.GET("/figures", s.do(s.figuresPage))
	g.POST("/figures", s.do(s.enterFigures))
	g.GET("/figures/csv", s.do(s.noted(s.figuresCSV)))

	g.GET("/calendar", s.do(s.calendarPage))
	g.GET("/calendar/new", s.do(s.newCalendarPage))
	g.POST("/calendar/new", s.do(s.uploadCalendar))
	g.GET("/calendar/versions/:id", s.do(s.calendarVersionPage))
	g.POST("/calendar/versions/:id", s.do(s.sure(s.decideCalendar)))

	g.GET("/people", s.do(s.peoplePage))
	g.POST("/people/units", s.do(s.addUnit))
	g.POST("/people/users", s.do(s.addUser))
	g.POST("/people/users/disable", s.do(s.sure(s.disableUser)))
	g.POST("/people/users/invite", s.do(s.sure(s.inviteUser)))
	g.POST("/people/grants", s.do(s.sure(s.grantRole)))
	g.POST("/people/grants/end", s.do(s.sure(s.endGrant)))
	g.POST("/people/taskforces", s.do(s.addTaskForce))
	g.POST("/people/taskforces/change", s.do(s.changeTaskForce))
	g.GET("/me", s.do(s.mePage))
	g.GET("/me/told", s.do(s.toldPage))
	g.POST("/me/mail", s.do(s.setMail))
	g.POST("/me/password", s.do(s.setPassword))
	g.POST("/me/sessions/end", s.do(s.endSession))
}

func (s *server) healthz(c echo.Context) error {
	if err := s.App.Ready(c.Request().Context()); err != nil {
		s.Log.Error("not ready", "error", err)
		return c.String(statusNotReady, "not ready\n")
	}
	return c.String(statusReady, "ok\n")
}
