package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/templates"
)

// lastView is the cookie that holds the view of the map that a person had last, so that the map remembers.
const lastView = "map"

// remembered is the view that the person had last in this browser, "" where there is none. Another person's does not count.
func (c *call) remembered() string {
	cookie, err := c.Cookie(lastView)
	if err != nil {
		return ""
	}
	who, query, ok := strings.Cut(cookie.Value, "|")
	query, err = url.QueryUnescape(query)
	if !ok || err != nil || who != id64(c.actor.ID) {
		return ""
	}
	return query
}

// remember keeps the view that is shown. The script of the page keeps it too when a row is folded.
func (c *call) remember(f mapFilter) {
	query := f.values().Encode()
	if query == c.remembered() {
		return
	}
	c.SetCookie(&http.Cookie{Name: lastView, Value: id64(c.actor.ID) + "|" + url.QueryEscape(query), Path: "/map", SameSite: http.SameSiteLaxMode, Secure: c.s.Secure,
		MaxAge: int(365 * 24 * time.Hour / time.Second)})
}

// savedViews are the views that the person finds: the own ones, and those that others share with them.
func (c *call) savedViews(f mapFilter, dir app.Directory) ([]templates.SavedView, error) {
	views, err := c.s.App.Views(c.ctx(), c.actor)
	var out []templates.SavedView
	for _, v := range views {
		one := templates.SavedView{Name: v.Name, Href: "/map?" + v.Query, On: v.Query == f.values().Encode()}
		switch {
		case v.OwnerID != c.actor.ID:
			one.Note = c.T("board.shared_by", "Name", dir.Users[v.OwnerID].Name)
		case v.Scope == "district":
			one.Note = c.T("board.shared_all")
		case v.Scope == "task_force":
			one.Note = c.T("board.shared_with", "Name", dir.TaskForces[v.ScopeID].Name)
		}
		if v.OwnerID == c.actor.ID {
			one.Drop, one.Version = id64(v.ID), id64(v.Version)
		}
		out = append(out, one)
	}
	return out, err
}

// saveForm keeps the view that is shown under a name.
func (c *call) saveForm(f mapFilter, dir app.Directory, typed *form, faults templates.Faults) templates.ProjectForm {
	scopes := []templates.Option{{Value: "own", Text: c.T("board.scope_own")}}
	for _, tf := range dir.TaskForceList() {
		for _, id := range c.rights.TaskForces {
			if id == tf.ID {
				scopes = append(scopes, templates.Option{Value: tf.Code, Text: c.T("board.shared_with", "Name", tf.Name)})
			}
		}
	}
	if c.rights.SeesAll {
		scopes = append(scopes, templates.Option{Value: "district", Text: c.T("board.shared_all")})
	}
	name, scope := "", "own"
	if typed != nil {
		name, scope = typed.text("name"), typed.text("scope")
	}
	out := templates.ProjectForm{ID: "save-view", Title: c.T("board.save"), Action: "/map/views", Open: faults != nil, Hidden: []templates.HiddenField{{Name: "query", Value: f.values().Encode()}},
		Fields:  []templates.Field{c.Field("name", "board.view_name", name).Need().Fails(faults), c.Field("scope", "board.scope", scope).Choose(scopes).Fails(faults)},
		Buttons: []templates.FormButton{{Text: c.T("board.save"), Tone: "primary"}}}
	if text := faults["query"]; text != "" {
		out.Problems = []templates.Notice{{Tone: "bad", Text: text}}
	}
	return out
}

// saveView keeps a view of the map.
func (s *server) saveView(c *call) error {
	typed, err := c.form()
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	values, _ := url.ParseQuery(typed.text("query"))
	f := mapFilterOf(values)
	cmd := app.SaveView{Name: typed.text("name"), Query: f.values().Encode(), Scope: typed.text("scope")}
	if tf, ok := forceByCode(dir, cmd.Scope); ok {
		cmd.Scope, cmd.ScopeID = "task_force", tf.ID
	}
	return c.after(s.App.SaveView(c.ctx(), c.actor, cmd), f.path(), "view_saved", func(status int, faults templates.Faults) error {
		return s.showMap(c, f, status, typed, faults)
	})
}

// dropView gives a view up.
func (s *server) dropView(c *call) error {
	typed, err := c.form()
	if err != nil {
		return err
	}
	if err := s.App.DropView(c.ctx(), c.actor, app.DropView{ID: number(typed.text("id")), Version: number(typed.text("version"))}); err != nil {
		return err
	}
	to := localPath(typed.text("next"), "")
	if to == "" {
		to = "/map"
	}
	return c.done(to, "view_dropped")
}

// mapTools are the switches right of the views: how dense the map is, and how much of a crowded cell it shows.
func (c *call) mapTools(f mapFilter) []templates.Segment {
	if f.view == "months" {
		return nil
	}
	return []templates.Segment{{Text: c.T("board.worst", "N", strconv.Itoa(crowded)), Href: f.with(func(f *mapFilter) { f.all = false }).path(), On: !f.all},
		{Text: c.T("board.all"), Href: f.with(func(f *mapFilter) { f.all = true }).path(), On: f.all}}
}

// densities are how close things may stand.
func (c *call) densities() []templates.Segment {
	on := c.density()
	return []templates.Segment{{Text: c.T("board.compact"), Href: "compact", Icon: "table-2", On: on == "compact"}, {Text: c.T("board.comfortable"), Href: "comfortable", Icon: "layout-grid", On: on == "comfortable"}}
}
