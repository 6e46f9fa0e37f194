package web

import (
	"battlemap/app"
	"battlemap/templates"
)

func (s *server) mePage(c *call) error { return s.showMe(c, statusPage, nil) }

// showMe draws one's own page; faults are those of the refused change of password.
func (s *server) showMe(c *call, status int, faults templates.Faults) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	grants, err := s.App.OwnGrants(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	titles, err := s.App.ProjectTitles(c.ctx(), c.actor, nil)
	if err != nil {
		return err
	}
	projects := map[int64]app.Title{}
	for _, t := range titles {
		projects[t.ID] = t
	}
	page := templates.MePage{Facts: meFacts(c), Langs: langChoices(c), Themes: themeChoices(c), Form: passwordForm(c, faults),
		Empty: templates.Empty{Icon: "user-x", Text: c.T("me.no_roles"), Next: c.T("me.no_roles_next")}}
	l := law{c}
	page.Grants = l.table("me.role", "me.scope", "me.days", "me.granted_by")
	for _, g := range grants {
		by := c.T("me.granted_setup")
		if g.GrantedBy != 0 {
			by = dir.Users[g.GrantedBy].Name
		}
		l.row(&page.Grants, templates.Cell{Text: c.Role(g.Role), Class: "name"}, templates.Cell{Text: grantScope(c, dir, projects, g)}, templates.Cell{Text: grantDays(c, g)}, templates.Cell{Text: by})
	}
	base, err := c.base(c.T("me.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "me", c.user.Name+" · "+c.actor.Unit
	return showBase(c, status, s.Set.Pages.Admin.Me, base, page)
}

func meFacts(c *call) []templates.Def {
	defs := []templates.Def{{Name: c.T("me.name"), Text: c.user.Name}, {Name: c.T("me.account"), Text: c.user.Account}, {Name: c.T("me.unit"), Text: c.actor.Unit}}
	if c.user.Title != "" {
		defs = append(defs, templates.Def{Name: c.T("me.post"), Text: c.user.Title})
	}
	if c.user.Email != "" {
		defs = append(defs, templates.Def{Name: c.T("me.email"), Text: c.user.Email})
	}
	return defs
}

func langChoices(c *call) []templates.Choice {
	return []templates.Choice{{Name: "lang", Value: "zh-CN", Text: c.T("me.chinese"), On: c.Lang == "zh-CN"}, {Name: "lang", Value: "en", Text: c.T("me.english"), On: c.Lang == "en"}}
}

func themeChoices(c *call) []templates.Choice {
	return []templates.Choice{{Name: "theme", Value: "light", Text: c.T("me.light"), Icon: "sun", On: c.theme() == "light"}, {Name: "theme", Value: "dark", Text: c.T("me.dark"), Icon: "moon", On: c.theme() == "dark"}}
}

func passwordForm(c *call, faults templates.Faults) templates.AdminForm {
	f := templates.AdminForm{ID: "password", Title: c.T("me.password"), Action: "/me/password", Submit: c.T("me.password_save"), Problem: faults[""]}
	secret := func(name, label, token string) templates.Field {
		return c.Field(name, label, "").As("password").Completing(token).Fails(faults).Need()
	}
	f.Controls = controls(secret("current", "me.password_current", "current-password"), secret("password", "me.password_new", "new-password").Hinted("setup.password_hint"),
		secret("again", "setup.again", "new-password"))
	return f
}

// setPassword ends all sessions of the person, this one too, so it goes on to the sign-in page.
func (s *server) setPassword(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	err = s.App.SetPassword(c.ctx(), c.actor, c.user.Account, app.SetPassword{Current: f.text("current"), New: f.text("password"), Again: f.text("again")})
	return c.after(err, "/login", "setup", func(status int, faults templates.Faults) error { return s.showMe(c, status, faults) })
}
