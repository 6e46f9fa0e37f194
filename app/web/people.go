package web

import (
	"net/url"
	"slices"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// peopleTab is one part of the page of units, people and task forces.
type peopleTab string

const (
	tabPeople peopleTab = ""
	tabUnits  peopleTab = "units"
	tabForces peopleTab = "taskforces"
)

// peopleAsk is what the page is asked to show: a tab, the forms with what was typed, and a link that was just made.
type peopleAsk struct {
	tab    peopleTab
	typed  url.Values       // of the refused form; nil on a fresh page
	refuse string           // id of the refused form
	faults templates.Faults // of the refused form
	open   string           // id of the form to open
	user   int64            // whom to choose in the form for a role
	force  string           // code of the task force whose form is asked for
	link   *templates.OneTimeLink
}

func (s *server) peoplePage(c *call) error {
	ask := peopleAsk{tab: peopleTab(c.QueryParam("show")), open: c.QueryParam("form"), force: c.QueryParam("force")}
	if ask.tab != tabPeople && ask.tab != tabUnits && ask.tab != tabForces {
		return missingPage()
	}
	ask.user = number(c.QueryParam("user"))
	return s.showPeople(c, statusPage, ask)
}

// peopleView is what the page reads.
type peopleView struct {
	c        *call
	ask      peopleAsk
	dir      app.Directory
	grants   []app.RoleGrant
	unset    map[int64]bool
	projects map[int64]app.Title
	titles   []app.Title
}

// showPeople draws the page; reading the grants refuses everyone but administrators and inspectors.
func (s *server) showPeople(c *call, status int, ask peopleAsk) error {
	v := peopleView{c: c, ask: ask, projects: map[int64]app.Title{}}
	var err error
	if v.grants, err = s.App.Grants(c.ctx(), c.actor); err != nil {
		return err
	}
	if v.unset, err = s.App.Unset(c.ctx(), c.actor); err != nil {
		return err
	}
	if v.dir, err = s.App.Directory(c.ctx()); err != nil {
		return err
	}
	if v.titles, err = s.App.ProjectTitles(c.ctx(), c.actor, nil); err != nil {
		return err
	}
	for _, t := range v.titles {
		v.projects[t.ID] = t
	}
	base, err := c.base(c.T("people.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "people", c.T("people.lead")
	if text := ask.faults[""]; ask.refuse == "" && text != "" { // refused by a button, which has no form to say so
		base.Flash = append(base.Flash, templates.Notice{Tone: "bad", Text: text})
	}
	return showBase(c, status, s.Set.Pages.Admin.People, base, v.page())
}

func (v peopleView) page() templates.PeoplePage {
	c := v.c
	page := templates.PeoplePage{ReadOnly: !c.rights.People, Link: v.ask.link}
	for _, tab := range []struct {
		tab       peopleTab
		key, icon string
		count     int
	}{{tabPeople, "people.tab_people", "users", len(v.dir.Users)}, {tabUnits, "people.tab_units", "building", len(v.dir.Units)}, {tabForces, "people.tab_forces", "flag", len(v.dir.TaskForces)}} {
		page.Tabs = append(page.Tabs, templates.Segment{Text: c.T(tab.key), Href: tab.tab.path(), Icon: tab.icon, Count: c.Count(tab.count), On: tab.tab == v.ask.tab})
	}
	switch v.ask.tab {
	case tabUnits:
		page.Units = v.units()
	case tabForces:
		page.Forces = v.forces(page.ReadOnly)
	default:
		page.People = v.people()
	}
	if !page.ReadOnly {
		page.Forms = v.forms()
	}
	return page
}

func (t peopleTab) path() string {
	if t == tabPeople {
		return "/people"
	}
	return "/people?show=" + string(t)
}

// people lists everyone by unit, and within it by account; accounts that are shut come last.
func (v peopleView) people() []templates.PersonLine {
	users := v.dir.UserList()
	slices.SortStableFunc(users, func(a, b app.User) int {
		if a.Disabled != b.Disabled {
			if a.Disabled {
				return 1
			}
			return -1
		}
		return strings.Compare(v.dir.Units[a.UnitID].Code, v.dir.Units[b.UnitID].Code)
	})
	lines := make([]templates.PersonLine, 0, len(users))
	for _, u := range users {
		id := rowID(u.ID)
		line := templates.PersonLine{ID: id, Name: u.Name, Account: u.Account, Post: u.Title, Unit: v.dir.Units[u.UnitID].Name, State: v.state(u),
			Own: u.ID == v.c.actor.ID, Off: u.Disabled, GrantPage: "/people?form=grant&user=" + id + "#grant"}
		for _, g := range v.grants {
			if g.UserID == u.ID {
				line.Grants = append(line.Grants, v.grant(g))
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func (v peopleView) state(u app.User) templates.Tag {
	switch {
	case u.Disabled:
		return templates.Tag{Text: v.c.T("people.state_shut"), Icon: "lock"}
	case v.unset[u.ID]:
		return templates.Tag{Text: v.c.T("people.state_unset"), Tone: "yellow", Icon: "key-round"}
	}
	return templates.Tag{Text: v.c.T("people.state_open"), Tone: "green", Icon: "check"}
}

func (v peopleView) grant(g app.RoleGrant) templates.GrantLine {
	return templates.GrantLine{ID: rowID(g.ID), Role: v.c.Role(g.Role), Scope: grantScope(v.c, v.dir, v.projects, g), Days: grantDays(v.c, g)}
}

// grantScope names the unit, task force or project that a role is held in, or the district.
func grantScope(c *call, dir app.Directory, projects map[int64]app.Title, g app.RoleGrant) string {
	if g.Scope == "district" {
		return c.T("scope.district")
	}
	return c.T("scope."+g.Scope) + " · " + scopeName(dir, projects, g.Scope, g.ScopeID)
}

// grantDays says from when to when a role is held.
func grantDays(c *call, g app.RoleGrant) string {
	if g.ValidTo.IsZero() {
		return c.T("people.from", "From", c.FullDay(g.ValidFrom))
	}
	return c.T("people.from_to", "From", c.FullDay(g.ValidFrom), "To", c.FullDay(g.ValidTo))
}

func (v peopleView) units() templates.Table {
	l := law{v.c}
	t := l.table("people.unit_code", "people.unit_name", "people.unit_kind", "people.unit_parent", "people.unit_since", "people.unit_people")
	t.Columns[5].Num = true
	count := map[int64]int{}
	for _, u := range v.dir.Users {
		if !u.Disabled {
			count[u.UnitID]++
		}
	}
	for _, u := range v.dir.UnitList() {
		l.row(&t, templates.Cell{Text: u.Code}, templates.Cell{Text: u.Name, Class: "name"}, templates.Cell{Text: v.c.T("unit_kind." + u.Kind)},
			templates.Cell{Text: v.dir.Units[u.ParentID].Name}, templates.Cell{Text: v.c.FullDay(u.ValidFrom)}, templates.Cell{Text: v.c.Count(count[u.ID]), Class: "num"})
	}
	return l.trimmed(t)
}

func (v peopleView) forces(readOnly bool) []templates.ForceLine {
	var lines []templates.ForceLine
	for _, f := range v.dir.TaskForceList() {
		line := templates.ForceLine{Flag: templates.Pennant{Name: f.Name, Hue: (f.Position+9)%10 + 1}, OnPage: "/taskforces/" + url.PathEscape(f.Code), Code: f.Code,
			Leader: v.person(f.LeaderID), Deputy: v.person(f.DeputyID), Office: v.dir.Units[f.UnitID].Name, Duty: f.Duty, Document: f.DocumentNo, Flagged: v.c.FullDay(f.FlaggedOn)}
		if !readOnly {
			line.ChangePage = tabForces.path() + "&force=" + url.QueryEscape(f.Code) + "#change"
		}
		lines = append(lines, line)
	}
	return lines
}

func (v peopleView) person(id int64) string {
	if id == 0 {
		return v.c.T("people.vacant")
	}
	return v.dir.Users[id].Name
}

// roleOptions lists the roles that can be granted.
func roleOptions(c *call) []templates.Option {
	out := []templates.Option{{Text: c.T("people.choose")}}
	for _, r := range app.Grantable() {
		out = append(out, templates.Option{Value: string(r), Text: c.Role(r)})
	}
	return out
}
