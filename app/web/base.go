package web

import (
	"slices"

	"battlemap/app/calendar"
	"battlemap/templates"
)

// base fills the frame around a page.
func (c *call) base(title string) (templates.Base, error) {
	b := c.s.Set.Base(c.Lang)
	b.Title, b.Path, b.RequestID, b.Theme, b.Density = title, c.Request().URL.RequestURI(), c.id(), c.theme(), c.density()
	if c.Request().Method != "GET" {
		b.Path = back(c.Request())
	}
	b.Flash = append(append(c.plainBanner(), c.doctorBanner()...), c.flash()...)
	b.Demo = c.demoBar()
	var err error
	if c.user == nil {
		b.Place, err = c.s.App.Place(c.ctx())
		return b, err
	}
	b.Place, b.Inbox = c.visit.Place, c.visit.Unread
	b.User = &templates.User{Name: c.user.Name, Unit: c.actor.Unit, Initials: initials(c.user.Name)}
	b.Nav = c.nav(b.Inbox)
	b.Today = c.today()
	b.Live = templates.Live{Key: id64(c.user.ID), Version: c.s.Version, Day: c.s.App.Today().String()}
	return b, nil
}

// initials is the last character of a name: 示例甲 is 甲.
func initials(name string) string {
	r := []rune(name)
	if len(r) == 0 {
		return ""
	}
	return string(r[len(r)-1])
}

func (c *call) theme() string {
	if cookie, err := c.Cookie("theme"); err == nil && (cookie.Value == "dark" || cookie.Value == "light") {
		return cookie.Value
	}
	if c.user != nil {
		return c.user.Theme
	}
	return ""
}

// density is how close things stand, as the person chose it in this browser: "compact", "comfortable", or "" for in between.
func (c *call) density() string {
	if cookie, err := c.Cookie("density"); err == nil && (cookie.Value == "compact" || cookie.Value == "comfortable") {
		return cookie.Value
	}
	return ""
}

// nav lists the places that the person may use.
func (c *call) nav(unread int) []templates.NavItem {
	items := []templates.NavItem{
		{Href: "/desk", Icon: "desk", Word: c.T("nav.desk"), Bar: true},
		{Href: "/map", Icon: "map", Word: c.T("nav.map"), Bar: true},
		{Href: "/projects", Icon: "building", Word: c.T("nav.projects")},
		{Href: "/tickets", Icon: "clipboard-list", Word: c.T("nav.tickets"), Bar: true},
		{Href: "/papers", Icon: "scroll-text", Word: c.T("nav.papers")},
		{Href: "/taskforces", Icon: "flag", Word: c.T("nav.taskforces")},
		{Href: "/charts", Icon: "chart-gantt", Word: c.T("nav.charts")},
		{Href: "/inbox", Icon: "bell", Word: c.T("nav.inbox"), Count: unread},
		{Href: "/journal", Icon: "scroll-text", Word: c.T("nav.journal")},
		{Href: "/rules", Icon: "gavel", Word: c.T("nav.rules")},
		{Href: "/calendar", Icon: "calendar-days", Word: c.T("nav.calendar")},
	}
	if c.rights.Audit {
		items = append(items, templates.NavItem{Href: "/questions", Icon: "shield-check", Word: c.T("nav.questions")})
	}
	if c.rights.Triage {
		items = slices.Insert(items, 1, templates.NavItem{Href: "/triage", Icon: "list-checks", Word: c.T("nav.triage")})
	}
	if c.rights.Supervise {
		items = append(items, templates.NavItem{Href: "/supervision", Icon: "stamp", Word: c.T("nav.supervision")})
	}
	if c.rights.Meetings {
		items = append(items, templates.NavItem{Href: "/meetings", Icon: "presentation", Word: c.T("nav.meetings")})
	}
	if c.rights.Figures || c.rights.SeesAll {
		items = append(items, templates.NavItem{Href: "/figures", Icon: "pencil", Word: c.T("nav.figures")})
	}
	if c.rights.Ledger {
		items = append(items, templates.NavItem{Href: "/ledger", Icon: "send", Word: c.T("nav.ledger")})
	}
	if c.rights.Proof {
		items = append(items, templates.NavItem{Href: "/proof", Icon: "fingerprint", Word: c.T("nav.proof")})
	}
	if c.rights.Walls {
		items = append(items, templates.NavItem{Href: "/wall/links", Icon: "tv", Word: c.T("nav.wall")})
	}
	if c.rights.People || c.rights.Inspector {
		items = append(items, templates.NavItem{Href: "/people", Icon: "users", Word: c.T("nav.people")})
	}
	if c.rights.Doctor {
		items = append(items, templates.NavItem{Href: "/doctor", Icon: "shield-check", Word: c.T("nav.doctor"), Count: map[bool]int{true: 1}[c.rights.Unsound], Urgent: c.rights.Unsound})
	}
	if c.rights.Archive {
		items = append(items, templates.NavItem{Href: "/archive", Icon: "archive", Word: c.T("nav.archive")})
	}
	path := c.Request().URL.Path
	for i := range items {
		href := items[i].Href
		items[i].Current = path == href || len(path) > len(href) && path[:len(href)+1] == href+"/"
	}
	return c.grouped(items)
}

// grouped puts the places in the order in which they are used, each group under its heading.
func (c *call) grouped(items []templates.NavItem) []templates.NavItem {
	var out []templates.NavItem
	for _, group := range []struct {
		key   string // of its heading
		hrefs []string
	}{
		{"", []string{"/desk", "/triage", "/supervision", "/meetings", "/inbox"}},
		{"nav_group.view", []string{"/map", "/projects", "/tickets", "/taskforces", "/charts", "/changes"}},
		{"nav_group.supervise", []string{"/papers", "/ledger"}},
		{"nav_group.audit", []string{"/journal", "/questions", "/proof", "/doctor", "/archive"}},
		{"nav_group.district", []string{"/figures", "/rules", "/calendar", "/wall/links", "/people"}},
	} {
		first := len(out)
		for _, href := range group.hrefs {
			if i := slices.IndexFunc(items, func(it templates.NavItem) bool { return it.Href == href }); i >= 0 {
				out = append(out, items[i])
			}
		}
		if len(out) > first && group.key != "" {
			out[first].Head = c.T(group.key)
		}
	}
	return out
}

// today says what day it is for the office: working day, make-up day or holiday, and how soon that changes.
func (c *call) today() templates.Today {
	cal, today := c.s.App.Calendar(), c.s.App.Today()
	t := templates.Today{Day: c.Day(today), Sentence: c.T("day." + string(cal.Day(today).Kind))}
	if name := cal.Day(today).Name; name != "" {
		t.Sentence += " · " + name
	}
	rest := restFrom(cal, today.AddDays(1))
	switch {
	case cal.Day(today).Provisional:
		t.Sentence += " · " + c.T("day.provisional")
	case cal.Day(today).Working && rest > 2:
		t.Sentence += " · " + c.T("day.rest_tomorrow", "N", rest)
	case !cal.Day(today).Working:
		t.Sentence += " · " + c.T("day.work_again", "Day", c.ShortDay(cal.Roll(today)))
	}
	return t
}

// restFrom counts the rest days in a row from d on.
func restFrom(cal *calendar.Calendar, d calendar.Date) int {
	return int(cal.Roll(d) - d)
}

// due writes a due date with its weekday; dates beyond the published holidays are marked as provisional.
func (c *call) due(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	text := c.Day(d)
	day := c.s.App.Calendar().Day(d)
	if day.Kind == calendar.KindMakeUp {
		text += " " + c.T("day.make_up_mark")
	}
	if day.Provisional {
		text += " " + c.T("day.provisional_mark")
	}
	return text
}

// plainBanner says on every page that nothing here is secret on its way, where the operator has chosen that.
func (c *call) plainBanner() []templates.Notice {
	if !c.s.Plain {
		return nil
	}
	return []templates.Notice{{Tone: "bad", Text: c.T("frame.plain_http")}}
}

func (c *call) demoBar() *templates.DemoBar {
	if c.s.Demo == nil {
		return nil
	}
	state := c.s.Demo.State()
	bar := &templates.DemoBar{Clock: c.Moment(c.local(c.s.App.Now())), Speed: c.T("demo.speed", "Every", state.Speed), Paused: state.Paused}
	if c.user == nil {
		return bar
	}
	toggle := templates.DemoAction{Path: "/demo/pause", Icon: "pause", Label: c.T("demo.pause")}
	if state.Paused {
		toggle = templates.DemoAction{Path: "/demo/resume", Icon: "play", Label: c.T("demo.resume")}
	}
	bar.Actions = []templates.DemoAction{toggle, {Path: "/demo/step", Icon: "step-forward", Label: c.T("demo.step")}}
	return bar
}

func (s *server) driveDemo(c *call) error {
	if s.Demo == nil {
		return missingPage()
	}
	if err := s.Demo.Do(c.ctx(), c.Param("action")); err != nil {
		return err
	}
	to := back(c.Request())
	if to == "" {
		to = "/map"
	}
	return c.done(to, "")
}
