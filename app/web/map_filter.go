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

// mapFilter is the filter and the view of the map as the address holds them.
type mapFilter struct {
	view                string // "stages", "months" or "tickets"
	light               string // kind of a light, "none" for no light, "" for all
	force               string // code of a task force, "" for all
	leader, unit        int64
	state, rule, text   string
	days                int
	over, blocked, mine bool
	all                 bool   // every card of a crowded cell
	on                  string // the past day that is asked for, "" for today
	fold                string // codes of the rows that are folded, joined by commas
}

// mapViews are the three views of the map.
func mapViews() []string { return []string{"stages", "months", "tickets"} }

// mapFilter is the filter of this request.
func (c *call) mapFilter() mapFilter { return mapFilterOf(c.QueryParams()) }

// mapFilterOf reads a filter; what is no filter is left out.
func mapFilterOf(v url.Values) mapFilter {
	on := func(name string) bool { return v.Get(name) == "1" }
	f := mapFilter{view: v.Get("view"), light: v.Get("light"), force: v.Get("force"), leader: max(number(v.Get("leader")), 0), unit: max(number(v.Get("unit")), 0),
		state: v.Get("state"), rule: v.Get("rule"), text: strings.TrimSpace(v.Get("text")), days: int(min(max(number(v.Get("days")), 0), 9999)),
		on: dayText(v.Get("on")), over: on("over"), blocked: on("blocked"), mine: on("mine"), all: on("all"), fold: v.Get("fold")}
	if !slices.Contains(mapViews(), f.view) {
		f.view = "stages"
	}
	if f.light != "none" && !slices.Contains(workflows.Lights(), workflows.Light(f.light)) {
		f.light = ""
	}
	return f
}

// values is the filter for an address.
func (f mapFilter) values() url.Values {
	v := url.Values{"view": {f.view}}
	set := func(name, value string, is bool) {
		if is {
			v.Set(name, value)
		}
	}
	for name, value := range map[string]string{"light": f.light, "force": f.force, "state": f.state, "rule": f.rule, "text": f.text, "fold": f.fold, "on": f.on} {
		set(name, value, value != "")
	}
	for name, n := range map[string]int64{"leader": f.leader, "unit": f.unit, "days": int64(f.days)} {
		set(name, strconv.FormatInt(n, 10), n > 0)
	}
	for name, is := range map[string]bool{"over": f.over, "blocked": f.blocked, "mine": f.mine, "all": f.all} {
		set(name, "1", is)
	}
	return v
}

// path is the address of the map with this filter. It always names the view: without one the map is as the person last saw it.
func (f mapFilter) path() string { return "/map?" + f.values().Encode() }

// with is the filter with something changed.
func (f mapFilter) with(change func(*mapFilter)) mapFilter {
	change(&f)
	return f
}

// bare is the filter without anything that narrows the cards.
func (f mapFilter) bare() mapFilter {
	return mapFilter{view: f.view, all: f.all, fold: f.fold, on: f.on}
}

// set tells whether anything narrows the cards.
func (f mapFilter) set() bool { return f != f.bare() }

// folded tells whether a task force's row is folded.
func (f mapFilter) folded(code string) bool {
	return slices.Contains(strings.Split(f.fold, ","), code)
}

// folding is the filter with a row folded, or unfolded where it is.
func (f mapFilter) folding(code string) mapFilter {
	codes := slices.DeleteFunc(strings.Split(f.fold, ","), func(s string) bool { return s == "" || s == code })
	if !f.folded(code) {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	f.fold = strings.Join(codes, ",")
	return f
}

// keeps tells whether the filter lets a light through.
func (f mapFilter) keeps(l workflows.Light) bool { return f.light == "" || f.light == lightKind(l) }

// lightKind is the light's word in addresses, where "" already means all.
func lightKind(l workflows.Light) string {
	if l == workflows.LightNone {
		return "none"
	}
	return string(l)
}

// boardFilter is the filter for the cards; a task force that there is not leaves none.
func (c *call) boardFilter(b app.BoardCards, f mapFilter) (app.BoardFilter, error) {
	out := app.BoardFilter{Light: f.light, Leader: f.leader, Unit: f.unit, State: f.state, Rule: f.rule, Over: f.over, Days: f.days, Blocked: f.blocked}
	if f.force != "" {
		out.TaskForce = -1
	}
	for _, tf := range b.Forces {
		if tf.Code == f.force {
			out.TaskForce = tf.ID
		}
	}
	if f.mine {
		out.Mine = c.actor.ID
	}
	var err error
	if f.text != "" {
		out.Texted = true
		out.Found, err = c.s.App.FindOnBoard(c.ctx(), c.actor, f.view == "tickets", f.text)
	}
	return out, err
}

// mapChips narrow the map by one click: by light, with how many cards each leaves, and by what most people ask for.
func (c *call) mapChips(lights map[workflows.Light]int, all int, f mapFilter, own int) []templates.Chip {
	to := func(light string) string { return f.with(func(f *mapFilter) { f.light = light }).path() }
	chips := []templates.Chip{{Text: c.T("map.all_lights"), Href: to(""), Count: c.Count(all), On: f.light == ""}}
	for _, l := range lightsInOrder() {
		kind := lightKind(l)
		if lights[l] > 0 || f.light == kind {
			chips = append(chips, templates.Chip{Text: c.Light(l).Word, Href: to(kind), Light: kind, Count: c.Count(lights[l]), On: f.light == kind})
		}
	}
	chips = append(chips, templates.Chip{Text: c.T("board.blocked"), Href: f.with(func(f *mapFilter) { f.blocked = !f.blocked }).path(), On: f.blocked})
	if f.view != "tickets" {
		chips = append(chips, templates.Chip{Text: c.T("board.over"), Href: f.with(func(f *mapFilter) { f.over = !f.over }).path(), On: f.over})
	}
	if own > 0 || f.mine {
		chips = append(chips, templates.Chip{Text: c.T("map.mine"), Href: f.with(func(f *mapFilter) { f.mine = !f.mine }).path(), Count: c.Count(own), On: f.mine})
	}
	return chips
}

// filterForm is the form that narrows the map; what its fields do not ask for travels along.
func (c *call) filterForm(b app.BoardCards, f mapFilter, dir app.Directory) templates.MapFilter {
	option := func(value, text string) templates.Option { return templates.Option{Value: value, Text: text} }
	forces, states, rules := []templates.Option{option("", c.T("map.all_forces"))}, []templates.Option{option("", c.T("board.any"))}, []templates.Option{option("", c.T("board.any"))}
	for _, tf := range b.Forces {
		forces = append(forces, option(tf.Code, tf.Name))
	}
	for _, st := range c.boardMachine(f).States {
		states = append(states, option(st.ID, st.Title.In(c.Lang)))
	}
	for _, rule := range b.Rules(f.view == "tickets") {
		rules = append(rules, option(rule, c.ruleTitle(rule)))
	}
	leaders, units := c.boardPeople(b, f.view == "tickets", dir)
	days := ""
	if f.days > 0 {
		days = strconv.Itoa(f.days)
	}
	form := templates.MapFilter{Open: f.leader > 0 || f.unit > 0 || f.state != "" || f.rule != "" || f.days > 0 || f.text != "" || f.force != "", Fields: []templates.Field{
		c.Field("text", "project.search", f.text).As("search"), c.Field("force", "map.corner", f.force).Choose(forces),
		c.Field("leader", "board.leader", chosenID(f.leader)).Choose(leaders), c.Field("unit", "board.unit", chosenID(f.unit)).Choose(units),
		c.Field("state", "board.state", f.state).Choose(states), c.Field("rule", "board.rule", f.rule).Choose(rules),
		c.Field("days", "board.days", days).As("number").Between("0", "9999")}}
	form.Ticks = []templates.Field{c.Field("over", "board.over", "").Tick(f.over), c.Field("blocked", "board.blocked", "").Tick(f.blocked), c.Field("mine", "map.mine", "").Tick(f.mine)}
	form.Hidden = []templates.HiddenField{{Name: "view", Value: f.view}}
	for name, value := range map[string]string{"light": f.light, "fold": f.fold, "on": f.on} {
		if value != "" {
			form.Hidden = append(form.Hidden, templates.HiddenField{Name: name, Value: value})
		}
	}
	if f.all {
		form.Hidden = append(form.Hidden, templates.HiddenField{Name: "all", Value: "1"})
	}
	if f.set() {
		form.Reset = f.bare().path()
	}
	return form
}

// boardPeople are the leaders and the units that the cards name: 班长 and 包保领导, and the units that answer.
func (c *call) boardPeople(b app.BoardCards, tickets bool, dir app.Directory) (leaders, units []templates.Option) {
	users, at := map[int64]bool{}, map[int64]bool{}
	for _, tf := range b.Forces {
		users[tf.LeaderID] = true
	}
	for _, card := range b.Projects {
		if !tickets {
			users[card.Guarantee], at[card.Project.UnitID], at[card.Project.LeadUnitID] = true, true, true
		}
	}
	for _, card := range b.Tickets {
		if tickets {
			users[card.Ticket.LeaderID] = true
			for _, u := range card.Parts {
				at[u] = true
			}
		}
	}
	leaders, units = []templates.Option{{Text: c.T("board.any")}}, []templates.Option{{Text: c.T("board.any")}}
	for _, id := range inOrder(users) {
		if u, ok := dir.Users[id]; ok {
			leaders = append(leaders, templates.Option{Value: id64(id), Text: u.Name, Note: u.Title})
		}
	}
	for _, id := range inOrder(at) {
		if u, ok := dir.Units[id]; ok {
			units = append(units, templates.Option{Value: id64(id), Text: u.Name})
		}
	}
	return leaders, units
}

func inOrder(set map[int64]bool) []int64 {
	out := make([]int64, 0, len(set))
	for id := range set {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

// boardMachine is the workflow whose states are the columns of the view.
func (c *call) boardMachine(f mapFilter) *workflows.Machine {
	if f.view == "tickets" {
		return c.s.App.Machine("ticket")
	}
	return c.s.App.Machine("project")
}

// ruleTitle is what a rule of the rule set in force is called; its number where there is none.
func (c *call) ruleTitle(id string) string {
	for _, r := range c.s.App.Ruleset().Rules {
		if r.ID == id {
			return r.Title.In(c.Lang)
		}
	}
	return id
}
