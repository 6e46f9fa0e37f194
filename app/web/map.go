package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// crowded is how many cards of a cell are shown; the others stand behind a link.
const crowded = 5

func (s *server) mapPage(c *call) error {
	update := c.Request().Header.Get("HX-Request") == "true"
	if last := c.remembered(); last != "" && c.Request().URL.RawQuery == "" && !update {
		return c.Redirect(statusDone, "/map?"+last)
	}
	f := c.mapFilter()
	if f.on != "" {
		return s.pastMap(c, f)
	}
	tag := c.mapTag(f, c.visit.Journal)
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Vary", "HX-Request, Cookie, Accept-Encoding")
	if fresh(c.Request(), tag) {
		h.Set("HX-Reswap", "none") // htmx would put the empty answer in the place of the map
		return c.NoContent(statusFresh)
	}
	if c.Request().URL.RawQuery != "" && !update {
		c.remember(f)
	}
	d, err := s.board(c, f)
	if err != nil {
		return err
	}
	around, err := s.frameOf(c, f, d, update)
	if err != nil {
		return err
	}
	return c.sendBoard(statusPage, around, d)
}

// frameOf is the page around the board for one person, drawn once while nothing on it changes. A page with a message, or with the clock of the demonstration, is not kept.
func (s *server) frameOf(c *call, f mapFilter, d drawnBoard, update bool) (frame, error) {
	key := frameKey{who: c.actor.ID, address: c.Request().URL.RequestURI(), lang: c.Lang, theme: c.theme(), dens: c.density(), update: update}
	_, flash := c.Cookie("flash")
	keep := s.Demo == nil && flash != nil
	if have := s.boards.frame(key); keep && have.journal == c.visit.Journal && have.day == s.App.Today() && have.unread == c.visit.Unread {
		return have, nil
	}
	around, err := s.drawFrame(c, f, d, nil, nil)
	if err == nil && keep {
		s.boards.keepFrame(key, around)
	}
	return around, err
}

// showMap shows the map after a refused form, with what was typed into it.
func (s *server) showMap(c *call, f mapFilter, status int, typed *form, faults templates.Faults) error {
	d, err := s.board(c, f)
	if err != nil {
		return err
	}
	around, err := s.drawFrame(c, f, d, typed, faults)
	if err != nil {
		return err
	}
	return c.sendBoard(status, around, d)
}

// drawFrame draws the page around the board.
func (s *server) drawFrame(c *call, f mapFilter, d drawnBoard, typed *form, faults templates.Faults) (frame, error) {
	b, err := s.App.BoardCards(c.ctx(), c.actor)
	if err != nil {
		return frame{}, err
	}
	page, err := c.mapFrame(b, f, d, typed, faults)
	if err != nil {
		return frame{}, err
	}
	return c.cutFrame(page)
}

// cutFrame draws the page around the board in two compressed halves.
func (c *call) cutFrame(page templates.MapPage) (frame, error) {
	s := c.s
	var text strings.Builder
	if err := c.mapAround(&text, page); err != nil {
		return frame{}, err
	}
	before, after, cut := strings.Cut(text.String(), templates.BoardCut)
	out := frame{journal: c.visit.Journal, day: s.App.Today(), unread: c.visit.Unread, whole: !cut}
	w, err := s.boards.writer()
	if err != nil {
		return out, err
	}
	defer s.boards.writers.Put(w)
	if out.before, err = deflate(w, []byte(before)); err != nil {
		return out, err
	}
	out.after, err = deflate(w, []byte(after))
	return out, err
}

// mapAround draws the page with a mark where the board belongs.
func (c *call) mapAround(out *strings.Builder, page templates.MapPage) error {
	if page.Update { // without the frame: the message that a form has left is for the page that comes next
		base := c.s.Set.Base(c.Lang)
		base.Today, base.Demo = c.today(), c.demoBar()
		return c.s.Set.Pages.Project.MapUpdate.Render(out, base, page)
	}
	base, err := c.projectBase("map", c.T("map.title"))
	if err != nil {
		return err
	}
	base.Lead, base.RequestID = c.whose(), "" // the frame is kept, so it can't name a request; the header does
	return c.s.Set.Pages.Project.Map.Render(out, base, page)
}

// sendBoard sends the page with the board in its place: compressed as it is kept, or plain to the few who can't take that.
func (c *call) sendBoard(status int, around frame, d drawnBoard) error {
	if c.Request().Method == http.MethodHead {
		return c.NoContent(status)
	}
	buf, ok := c.s.boards.buffers.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	defer c.s.boards.buffers.Put(buf)
	if around.whole {
		*buf = gzipped((*buf)[:0], around.before, around.after)
	} else {
		*buf = gzipped((*buf)[:0], around.before, d.body, around.after)
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, echo.MIMETextHTMLCharsetUTF8)
	if !acceptsGzip(c.Request()) {
		plain, err := gzip.NewReader(bytes.NewReader(*buf))
		if err != nil {
			return err
		}
		return c.Stream(status, echo.MIMETextHTMLCharsetUTF8, plain)
	}
	h.Set(echo.HeaderContentEncoding, "gzip")
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(*buf)))
	c.Response().WriteHeader(status)
	_, err := c.Response().Write(*buf)
	return err
}

// mapTag names what the map shows: it changes with the journal, the day, the filter and the person, whose sight is grants and assignments and so journal too.
// It is weak: the frame around the map may differ by the count of unread messages.
func (c *call) mapTag(f mapFilter, size int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d|%s|%s|%d|%s|%s", size, c.s.App.Today(), f.path(), c.actor.ID, c.Lang, c.s.Version))
	return `W/"` + hex.EncodeToString(sum[:12]) + `"`
}

// fresh tells whether the browser has what the tag names.
func fresh(r *http.Request, tag string) bool {
	for have := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimSpace(have) == tag {
			return true
		}
	}
	return false
}

func (c *call) mapLive(f mapFilter, tag string, size int64) (templates.MapLive, error) {
	headers, err := json.Marshal(map[string]string{"If-None-Match": tag, "X-Background": "1"})
	text := c.T("map.as_of", "Day", c.Day(c.s.App.Today()), "No", c.Count(int(size)))
	return templates.MapLive{Path: f.path(), Headers: string(headers), Text: text}, err
}

// mapFrame is what stands around the board: the totals stay those of the district when a filter is set.
func (c *call) mapFrame(b app.BoardCards, f mapFilter, d drawnBoard, typed *form, faults templates.Faults) (templates.MapPage, error) {
	page := templates.MapPage{View: f.view, Journal: strconv.FormatInt(b.Journal, 10), Tools: c.mapTools(f), Densities: c.densities(),
		Update: c.Request().Header.Get("HX-Request") == "true", Limits: "/map/limits?board=" + f.view, Time: c.yesterdayMap(f)}
	rates, err := c.s.App.MapRates(c.ctx(), b)
	if err != nil {
		return page, err
	}
	page.Figures = append(c.totals(b.Totals(), b.Today.Month()), c.rateFigures(rates)...)
	if page.Live, err = c.mapLive(f, c.mapTag(f, b.Journal), b.Journal); err != nil {
		return page, err
	}
	page.Chips, page.Filter = c.mapChips(d.lights, d.all, f, c.visit.Own), c.filterForm(b, f, b.Dir)
	if page.Filter.Saved, err = c.savedViews(f, b.Dir); err != nil {
		return page, err
	}
	page.Filter.Save = []templates.ProjectForm{c.saveForm(f, b.Dir, typed, faults)}
	for _, view := range mapViews() {
		page.Views = append(page.Views, templates.Segment{Text: c.T("board.view." + view), On: f.view == view,
			Href: f.with(func(f *mapFilter) { f.view, f.state, f.rule = view, "", "" }).path()})
	}
	if d.rows == 0 {
		page.Empty = []templates.Empty{c.noCards(f)}
	}
	return page, nil
}

// noCards says that no card stands on the map, and what to do.
func (c *call) noCards(f mapFilter) templates.Empty {
	if f.view != "tickets" {
		return c.noProjects(f.set(), f.bare().path())
	}
	e := c.noTickets(f.set())
	if f.set() {
		e.Href = f.bare().path()
	}
	return e
}

// noProjects says that nothing is here, and what to do.
func (c *call) noProjects(filtered bool, reset string) templates.Empty {
	if filtered {
		return templates.Empty{Icon: "list-filter", Text: c.T("project.none_filtered"), Next: c.T("project.none_filtered_next"), Href: reset, Action: c.T("project.unfilter")}
	}
	e := templates.Empty{Icon: "map", Text: c.T("project.none"), Next: c.T("project.none_next")}
	if !c.rights.SeesAll {
		e.Text, e.Next = c.T("project.none_own"), c.T("project.none_own_next")
	}
	if c.rights.Plan {
		e.Href, e.Action = "/projects/new", c.T("project.new")
	}
	return e
}

func (c *call) stageNote(n, limit int) string {
	if limit == 0 || n == 0 {
		return c.T("map.count", "N", n)
	}
	return c.T("map.count_limit", "N", n, "Limit", limit)
}

// totals are the figures of the year: what was planned at the ceremony, and how much of the year's plan is verified.
func (c *call) totals(t app.Totals, month calendar.Month) []templates.Figure {
	n := func(label string, count int) templates.Figure {
		value := c.Count(count)
		unit, _ := strings.CutPrefix(c.T("map.items", "V", value), value) // Chinese counts with a word, English without
		return templates.Figure{Label: c.T(label), Value: value, Unit: strings.TrimSpace(unit)}
	}
	money := func(label string, fen int64) templates.Figure {
		value, unit := c.Amount(fen)
		return templates.Figure{Label: c.T(label), Value: value, Unit: unit}
	}
	year := money("map.year_plan", t.YearPlan)
	if t.YearPlan > 0 {
		done := c.Percent(percent(t.Verified, t.YearPlan))
		year.Note, year.Hint = c.T("map.year_short", "Value", done), c.T("map.year_done", "Value", done, "Schedule", c.scheduleNote(t.Schedule, t.YearPlan, month))
	}
	signed := n("map.signed", t.Signed)
	signed.Note = c.Money(t.SignedInvest)
	return []templates.Figure{
		n("map.planned", t.Planned), money("map.invest", t.PlannedInvest), year, n("map.spring", t.SpringStart), signed,
		n("map.forces", t.TaskForces),
	}
}

// percent is part of whole in points of a hundred, 0 when there is no whole.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
