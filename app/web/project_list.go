package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// listed is how many projects stand on one page of the list.
const listed = 200

func (s *server) projectsPage(c *call) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	q := c.projectQuery(dir)
	cards, err := s.App.Projects(c.ctx(), c.actor, q.filter)
	if err != nil {
		return err
	}
	if q.light == "none" {
		cards = slices.DeleteFunc(cards, func(card app.Card) bool { return card.Project.Light != workflows.LightNone })
	}
	page := templates.ProjectsPage{Fields: q.fields(c, dir), Mine: c.Field("mine", "map.mine", "").Tick(q.filter.Mine)}
	if q.set() {
		page.Reset = "/projects"
	}
	if c.rights.Plan {
		page.New = "/projects/new"
	}
	q.page(c, dir, cards, &page)
	base, err := c.projectBase("projects", c.T("project.list"))
	if err != nil {
		return err
	}
	base.Lead = c.whose()
	return showBase(c, statusPage, s.Set.Pages.Project.List, base, page)
}

// projectQuery is the filter of the list as the address holds it.
type projectQuery struct {
	filter       app.ProjectFilter
	light, force string
	from         int
}

func (c *call) projectQuery(dir app.Directory) projectQuery {
	q := projectQuery{light: c.mapFilter().light, force: c.QueryParam("force"), from: max(int(number(c.QueryParam("from"))), 0)}
	q.filter = app.ProjectFilter{Stage: c.QueryParam("stage"), Text: strings.TrimSpace(c.QueryParam("text")), Mine: c.QueryParam("mine") == "1"}
	if q.light != "none" {
		q.filter.Light = workflows.Light(q.light)
	}
	if tf, ok := forceByCode(dir, q.force); ok {
		q.filter.TaskForce = tf.ID
	} else {
		q.force = ""
	}
	if _, ok := c.s.App.Machine("project").State(q.filter.Stage); !ok {
		q.filter.Stage = ""
	}
	return q
}

func (q projectQuery) set() bool { return q.light != "" || q.filter != app.ProjectFilter{} }

// path is this list from another line on.
func (q projectQuery) path(from int) string {
	v := url.Values{}
	for name, value := range map[string]string{"light": q.light, "force": q.force, "stage": q.filter.Stage, "text": q.filter.Text} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.filter.Mine {
		v.Set("mine", "1")
	}
	if from > 0 {
		v.Set("from", strconv.Itoa(from))
	}
	if len(v) == 0 {
		return "/projects"
	}
	return "/projects?" + v.Encode()
}

func (q projectQuery) fields(c *call, dir app.Directory) []templates.Field {
	forces, lights, stages := []templates.Option{{Text: c.T("map.all_forces")}}, []templates.Option{{Text: c.T("map.all_lights")}}, []templates.Option{{Text: c.T("project.all_stages")}}
	for _, tf := range dir.TaskForceList() {
		forces = append(forces, templates.Option{Value: tf.Code, Text: tf.Name})
	}
	for _, l := range lightsInOrder() {
		lights = append(lights, templates.Option{Value: lightKind(l), Text: c.Light(l).Word})
	}
	for _, st := range c.s.App.Machine("project").States {
		stages = append(stages, templates.Option{Value: st.ID, Text: st.Title.In(c.Lang)})
	}
	return []templates.Field{c.Field("force", "map.corner", q.force).Choose(forces), c.Field("light", "project.light", q.light).Choose(lights),
		c.Field("stage", "project.stage", q.filter.Stage).Choose(stages), c.Field("text", "project.search", q.filter.Text).As("search")}
}

// page fills in the lines, or says that there are none.
func (q projectQuery) page(c *call, dir app.Directory, cards []app.Card, page *templates.ProjectsPage) {
	if len(cards) == 0 {
		page.Empty = []templates.Empty{c.noProjects(q.set(), "/projects")}
		return
	}
	from := min(q.from, (len(cards)-1)/listed*listed)
	to := min(from+listed, len(cards))
	page.Table = []templates.Table{c.projectTable(cards[from:to], cards, dir)}
	if len(cards) <= listed {
		return
	}
	prev, next := "", ""
	if from > 0 {
		prev = q.path(max(from-listed, 0))
	}
	if to < len(cards) {
		next = q.path(to)
	}
	page.Pager = []templates.Pager{c.Pager(from+1, to, len(cards), prev, next)}
}

// projectTable lists some of the cards; the total is of all of them.
func (c *call) projectTable(some, all []app.Card, dir app.Directory) templates.Table {
	t := templates.Table{Columns: []templates.Column{{Text: c.T("project.project")}, {Text: c.T("map.corner")}, {Text: c.T("project.stage")},
		{Text: c.T("project.unit")}, {Text: c.T("project.next_stone")}, {Text: c.T("project.invest"), Num: true}, {Text: c.T("project.year_plan"), Num: true},
		{Text: c.T("project.verified_sum"), Num: true}, {Text: c.T("project.rate_short"), Num: true}, {Text: c.T("project.schedule", "Month", c.ShortMonth(c.s.App.Today().Month())), Num: true}, {Text: c.T("project.tickets_short"), Num: true}}}
	for _, card := range some {
		t.Rows = append(t.Rows, c.projectLine(card, dir))
	}
	var invest, plan, verified, schedule int64
	tickets := 0
	for _, card := range all {
		invest += card.Project.InvestFen
		plan += card.Project.YearPlanFen
		verified += card.Project.VerifiedFen
		schedule += card.PlanFen
		tickets += card.Tickets
	}
	num := func(text string) templates.Cell { return templates.Cell{Text: text, Class: "num"} }
	t.Total = []templates.Cell{{Text: c.T("project.total", "N", len(all))}, {}, {}, {}, {}, num(c.Wan(invest, 0)), num(c.Wan(plan, 0)), num(c.Wan(verified, 0)),
		num(c.Percent(percent(verified, plan))), num(c.Percent(percent(schedule, plan))), num(c.Count(tickets))}
	headed(&t)
	return t
}

func (c *call) projectLine(card app.Card, dir app.Directory) []templates.Cell {
	p := card.Project
	state, _ := c.s.App.Machine("project").State(p.Stage)
	days := templates.Cell{Text: state.Title.In(c.Lang), Note: c.T("card.days", "N", card.Days)}
	if card.Limit > 0 {
		days.Note = c.T("card.days_of", "N", card.Days, "Limit", card.Limit)
	}
	var next templates.Cell
	if card.Next != nil {
		next = templates.Cell{Text: card.Next.Name, Note: c.ShortDay(card.Next.DueOn()), NoteHref: whyPath("milestone", id64(card.Next.ID)) + "#due"}
		if card.Next.DueOn() < c.s.App.Today() {
			next.Class = "late"
		}
	}
	num := func(text string) templates.Cell { return templates.Cell{Text: text, Class: "num"} }
	line := []templates.Cell{{Text: p.Name, Note: p.Code, Href: projectPath(p.Code), Class: "name", Light: c.Asked(c.Light(p.Light), whyPath("project", p.Code))}, {Text: dir.TaskForces[p.TaskForceID].Name}, days,
		{Text: dir.Units[p.UnitID].Name, Note: c.nameOr(dir, card.Responsible)}, next, num(c.Wan(p.InvestFen, 0)), num(""), num(""), num(""), num(""), num("")}
	if p.YearPlanFen > 0 {
		line[6].Text, line[7].Text = c.Wan(p.YearPlanFen, 0), c.Wan(p.VerifiedFen, 0)
		line[8], line[9] = num(c.Percent(percent(p.VerifiedFen, p.YearPlanFen))), num(c.Percent(percent(card.PlanFen, p.YearPlanFen)))
	}
	if card.Tickets > 0 {
		line[10].Text = c.Count(card.Tickets)
	}
	return line
}
