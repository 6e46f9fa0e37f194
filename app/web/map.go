package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// startGoal is the share of the planned projects that are to start within the year, in per cent: the start rate of Heilongjiang's four rates (四率).
const startGoal = 90

// crowded is how many cards of a cell are shown; the others stand behind a link.
const crowded = 5

func (s *server) mapPage(c *call) error {
	f := c.mapFilter()
	size, err := s.App.JournalSize(c.ctx())
	if err != nil {
		return err
	}
	tag, update := c.mapTag(f, size), c.Request().Header.Get("HX-Request") == "true"
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set("Vary", "HX-Request, Cookie")
	if fresh(c.Request(), tag) {
		h.Set("HX-Reswap", "none") // htmx would put the empty answer in the place of the map
		return c.NoContent(statusFresh)
	}
	page, err := s.mapView(c, f)
	if err != nil {
		return err
	}
	if page.Live, err = c.mapLive(f, tag, size); err != nil {
		return err
	}
	page.Update = update
	if update { // without the frame: the message that a form has left is for the page that comes next
		base := s.Set.Base(c.Lang)
		base.Today, base.Demo = c.today(), c.demoBar()
		return showBase(c, statusPage, s.Set.Pages.Project.MapUpdate, base, page)
	}
	base, err := c.projectBase("map", c.T("map.title"))
	if err != nil {
		return err
	}
	base.Lead = c.whose()
	return showBase(c, statusPage, s.Set.Pages.Project.Map, base, page)
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

// mapFilter is the filter of the map as the address holds it.
type mapFilter struct {
	light string // kind of a light, "none" for no light, "" for all
	force string // code of a task force, "" for all
	mine  bool
}

func (c *call) mapFilter() mapFilter {
	f := mapFilter{light: c.QueryParam("light"), force: c.QueryParam("force"), mine: c.QueryParam("mine") == "1"}
	if f.light != "none" && !slices.Contains(workflows.Lights(), workflows.Light(f.light)) {
		f.light = ""
	}
	return f
}

func (f mapFilter) path() string {
	v := url.Values{}
	if f.light != "" {
		v.Set("light", f.light)
	}
	if f.force != "" {
		v.Set("force", f.force)
	}
	if f.mine {
		v.Set("mine", "1")
	}
	if len(v) == 0 {
		return "/map"
	}
	return "/map?" + v.Encode()
}

func (f mapFilter) set() bool { return f != mapFilter{} }

// keeps tells whether the filter lets a light through.
func (f mapFilter) keeps(l workflows.Light) bool { return f.light == "" || f.light == lightKind(l) }

// lightKind is the light's word in addresses, where "" already means all.
func lightKind(l workflows.Light) string {
	if l == workflows.LightNone {
		return "none"
	}
	return string(l)
}

// mapView reads the map whole and narrows it here, so that the totals stay those of the district and the columns do not jump when a filter is set.
func (s *server) mapView(c *call, f mapFilter) (templates.MapPage, error) {
	m, err := s.App.BattleMap(c.ctx(), c.actor, app.ProjectFilter{})
	if err != nil {
		return templates.MapPage{}, err
	}
	page := templates.MapPage{Figures: c.totals(m.Totals)}
	if f.mine {
		if m, err = s.App.BattleMap(c.ctx(), c.actor, app.ProjectFilter{Mine: true}); err != nil {
			return page, err
		}
	}
	own, err := s.App.OwnProjects(c.ctx(), c.actor)
	if err != nil {
		return page, err
	}
	page.Lights, page.Forces = c.lightChips(m, f, int(own)), c.forceChips(m, f)
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return page, err
	}
	counts := make([]int, len(m.Stages))
	for _, row := range m.Rows {
		if drawn, any := c.mapRow(m, row, f, dir, counts); any {
			page.Rows = append(page.Rows, drawn)
		}
	}
	for i, st := range m.Stages {
		page.Stages = append(page.Stages, templates.MapStage{Name: st.Title.In(c.Lang), Note: c.stageNote(counts[i], st.LimitDays), Idle: counts[i] == 0})
	}
	if len(page.Rows) == 0 {
		page.Empty = []templates.Empty{c.noProjects(f.set(), "/map")}
	}
	return page, nil
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

// mapRow draws a task force; any is false when the filter leaves nothing of it.
func (c *call) mapRow(m app.Map, row app.MapRow, f mapFilter, dir app.Directory, counts []int) (out templates.MapRow, any bool) {
	tf := row.TaskForce
	if f.force != "" && f.force != tf.Code {
		return out, false
	}
	out = templates.MapRow{Flag: pennant(tf), Href: forcePath(tf), Lead: c.T("map.leader", "Name", c.nameOr(dir, tf.LeaderID)), Lights: c.lightCounts(row.Lights)}
	any = !f.set()
	for i, cards := range row.Cells {
		cell := templates.MapCell{Head: m.Stages[i].Title.In(c.Lang)}
		rest := map[workflows.Light]int{}
		more := 0
		for _, card := range cards {
			if !f.keeps(card.Project.Light) {
				continue
			}
			any = true
			counts[i]++
			if len(cell.Cards) < crowded {
				cell.Cards = append(cell.Cards, c.mapCard(card, dir))
				continue
			}
			rest[card.Project.Light]++
			more++
		}
		if more > 0 {
			cell.More = c.T("map.more", "N", more, "Lights", c.countsInWords(rest))
			cell.Href = c.listPath(f, tf.Code, m.Stages[i].ID)
		}
		out.Cells = append(out.Cells, cell)
	}
	return out, any
}

// listPath is the list of projects behind a cell.
func (c *call) listPath(f mapFilter, force, stage string) string {
	v := url.Values{"force": {force}, "stage": {stage}}
	if f.light != "" {
		v.Set("light", f.light)
	}
	if f.mine {
		v.Set("mine", "1")
	}
	return "/projects?" + v.Encode()
}

// totals are the figures of the year: what was planned at the ceremony, and how far it has come.
func (c *call) totals(t app.Totals) []templates.Figure {
	n := func(label string, count int) templates.Figure {
		value := c.Count(count)
		unit, _ := strings.CutPrefix(c.T("map.items", "V", value), value) // Chinese counts with a word, English without
		return templates.Figure{Label: c.T(label), Value: value, Unit: strings.TrimSpace(unit)}
	}
	money := func(label string, fen int64) templates.Figure {
		value, unit := c.Amount(fen)
		return templates.Figure{Label: c.T(label), Value: value, Unit: unit}
	}
	signed := n("map.signed", t.Signed)
	signed.Note = c.Money(t.SignedInvest)
	return []templates.Figure{
		n("map.planned", t.Planned), money("map.invest", t.PlannedInvest), money("map.year_plan", t.YearPlan), n("map.spring", t.SpringStart), signed,
		n("map.forces", t.TaskForces),
		c.rate("map.start_rate", percent(int64(t.Started), int64(t.Planned)), startGoal, c.T("map.goal", "Value", c.Percent(startGoal)), t.Planned > 0),
		c.rate("map.invest_rate", percent(t.Verified, t.YearPlan), percent(t.Schedule, t.YearPlan), c.scheduleNote(t.Schedule, t.YearPlan), t.YearPlan > 0),
	}
}

// scheduleNote says what the plan asks for by the end of this month.
func (c *call) scheduleNote(planned, plan int64) string {
	return c.T("map.schedule", "Month", c.ShortMonth(c.s.App.Today().Month()), "Value", c.Percent(percent(planned, plan)))
}

// rate is a figure with a bar: done against a goal, both in points of a hundred; known is false when there is nothing to divide by.
func (c *call) rate(label string, done, goal float64, note string, known bool) templates.Figure {
	if !known {
		return templates.Figure{Label: c.T(label), Value: "—"}
	}
	return templates.Figure{Label: c.T(label), Value: c.Percent(done), Note: note, Bar: c.Invest(done, goal, "")}
}

// percent is part of whole in points of a hundred, 0 when there is no whole.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
