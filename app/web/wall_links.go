package web

import (
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// wallUsual is for how many days the form proposes a link.
const wallUsual = 90

// wallLinksAsk is what the page of links is asked to show.
type wallLinksAsk struct {
	typed  app.AddWallLink  // of the refused form
	scope  string           // as typed, "" for a fresh form
	faults templates.Faults // of the refused form
	link   *templates.OneTimeLink
}

func (s *server) wallLinksPage(c *call) error { return s.showWallLinks(c, statusPage, wallLinksAsk{}) }

// showWallLinks draws the page; reading the links refuses everyone who may not make one.
func (s *server) showWallLinks(c *call, status int, ask wallLinksAsk) error {
	links, err := s.App.WallLinks(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	forces, district, err := s.App.WallForces(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.WallLinksPage{Link: ask.link, Fields: c.wallFields(ask, forces, district), Problem: ask.faults[""]}
	for _, l := range links {
		line, err := c.wallLine(l, dir)
		if err != nil {
			return err
		}
		page.Lines = append(page.Lines, line)
	}
	if len(links) == 0 {
		page.Empty = []templates.Empty{{Icon: "tv", Text: c.T("wall.no_links"), Next: c.T("wall.no_links_next")}}
	}
	base, err := c.base(c.T("wall.links"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "wall-links", c.T("wall.links_lead")
	return showBase(c, status, s.Set.Pages.Wall.Links, base, page)
}

func (c *call) wallFields(ask wallLinksAsk, forces []app.TaskForce, district bool) []templates.Field {
	var scopes []templates.Option
	if district {
		scopes = append(scopes, templates.Option{Value: "district", Text: c.T("scope.district")})
	}
	for _, f := range forces {
		scopes = append(scopes, templates.Option{Value: id64(f.ID), Text: f.Name})
	}
	langs := []templates.Option{{Value: "zh-CN", Text: c.T("value.lang.zh-CN")}, {Value: "en", Text: c.T("value.lang.en")}}
	lang, last := ask.typed.Lang, ask.typed.ExpiresOn
	if lang == "" {
		lang = c.Lang
	}
	today := c.s.App.Today()
	if last.IsZero() {
		last = today.AddDays(wallUsual)
	}
	return []templates.Field{
		c.Field("name", "wall.where", ask.typed.Name).Hinted("wall.where_hint").Completing("off").Need().Fails(ask.faults),
		c.Field("scope", "wall.shows", ask.scope).Choose(scopes).Need().Fails(ask.faults),
		c.Field("lang", "wall.lang", lang).Choose(langs).Need().Fails(ask.faults),
		c.Field("expires_on", "wall.expires", last.String()).As("date").Between(today.String(), "").Hinted("wall.expires_hint").Need().Fails(ask.faults),
	}
}

func (c *call) wallLine(l app.WallLink, dir app.Directory) (templates.WallLinkLine, error) {
	state, err := c.s.App.WallLinkState(c.ctx(), l)
	line := templates.WallLinkLine{ID: id64(l.ID), Name: l.Name, Shows: c.T("scope.district"), Lang: c.T("value.lang." + l.Lang), Maker: dir.Users[l.CreatedBy].Name,
		Made: c.at(l.CreatedAt), Expires: c.FullDay(l.ExpiresOn), Seen: c.T("wall.never_seen"), State: templates.Tag{Text: c.T("wall_state." + state), Tone: "green"}, Off: state != "open"}
	if l.TaskForceID != 0 {
		line.Shows = dir.TaskForces[l.TaskForceID].Name
	}
	if l.SeenAt != 0 {
		line.Seen = c.at(l.SeenAt)
	}
	if line.Off {
		line.State.Tone = "line"
	}
	if l.RevokedAt == 0 {
		line.Version = id64(l.Version)
	} else {
		line.State.Text = c.T("wall.revoked_by", "Name", dir.Users[l.RevokedBy].Name, "At", c.at(l.RevokedAt))
	}
	return line, err
}

// addWallLink makes a link and shows it on the page that answers: only its hash is stored, so it can't be shown again.
func (s *server) addWallLink(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	ask := wallLinksAsk{scope: f.text("scope")}
	ask.typed = app.AddWallLink{Name: strings.TrimSpace(f.text("name")), Lang: f.text("lang"), ExpiresOn: f.day("expires_on")}
	if ask.scope != "district" {
		if ask.typed.TaskForceID = number(ask.scope); ask.typed.TaskForceID <= 0 {
			f.fault("scope", "choose")
		}
	}
	token := ""
	if err = f.err(); err == nil || !c.rights.Walls {
		token, err = s.App.AddWallLink(c.ctx(), c.actor, ask.typed)
	}
	if err == nil {
		c.Response().Header().Set("Referrer-Policy", "no-referrer")
		link := &templates.OneTimeLink{Name: ask.typed.Name, Address: s.origin(c) + "/wall/" + token, Note: c.T("wall.made_note")}
		return s.showWallLinks(c, statusPage, wallLinksAsk{link: link})
	}
	return c.after(err, "", "", func(status int, faults templates.Faults) error {
		ask.faults = faults
		return s.showWallLinks(c, status, ask)
	})
}

func (s *server) revokeWallLink(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	err = s.App.RevokeWallLink(c.ctx(), c.actor, app.RevokeWallLink{ID: f.number("link"), Version: f.number("version")})
	return c.after(err, "/wall/links", "wall_revoked", func(status int, faults templates.Faults) error {
		return s.showWallLinks(c, status, wallLinksAsk{faults: faults})
	})
}
