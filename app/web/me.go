package web

import (
	"battlemap/app"
	"battlemap/templates"
)

func (s *server) mePage(c *call) error { return s.showMe(c, statusPage, refusedMe{}) }

// refusedMe is what a refused form of one's own page says: the faults of the password, of the sessions, or those of the mail with what was typed.
type refusedMe struct {
	password, mail, sessions templates.Faults
	typed                    app.SetMail
}

// showMe draws one's own page.
func (s *server) showMe(c *call, status int, refused refusedMe) error {
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
	page := templates.MePage{Facts: meFacts(c), Langs: langChoices(c), Themes: themeChoices(c), Form: passwordForm(c, refused.password),
		Empty: templates.Empty{Icon: "user-x", Text: c.T("me.no_roles"), Next: c.T("me.no_roles_next")}}
	if page.Mail, err = mailForm(c, refused); err != nil {
		return err
	}
	if page.Open, err = c.ownSessions(); err != nil {
		return err
	}
	page.Open.Problem = refused.sessions[""]
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
	return c.after(err, "/login", "setup", func(status int, faults templates.Faults) error {
		return s.showMe(c, status, refusedMe{password: faults})
	})
}

// mailForm is how one wants reminders by mail.
func mailForm(c *call, refused refusedMe) (templates.AdminForm, error) {
	now, err := c.s.App.Mail(c.ctx(), c.actor)
	if err != nil {
		return templates.AdminForm{}, err
	}
	version := now.Version
	if refused.mail != nil {
		now = refused.typed
	}
	mode := "daily"
	if now.Single {
		mode = "single"
	}
	f := templates.AdminForm{ID: "mail", Title: c.T("me.mail"), Action: "/me/mail", Submit: c.T("me.mail_save"), Problem: refused.mail[""], Hidden: []templates.Hidden{{Name: "version", Value: id64(version)}}}
	f.Controls = controls(c.Field("mode", "me.mail_mode", mode).Pick([]templates.Option{{Value: "daily", Text: c.T("me.mail_daily")}, {Value: "single", Text: c.T("me.mail_single")}}),
		c.Field("quiet_from", "me.quiet_from", now.QuietFrom).As("time").Fails(refused.mail), c.Field("quiet_to", "me.quiet_to", now.QuietTo).As("time").Hinted("me.quiet_hint").Fails(refused.mail))
	return f, nil
}

func (s *server) setMail(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.SetMail{Version: f.number("version"), Single: f.text("mode") == "single", QuietFrom: f.text("quiet_from"), QuietTo: f.text("quiet_to")}
	err = s.App.SetMail(c.ctx(), c.actor, cmd)
	return c.after(err, "/me", "mail_set", func(status int, faults templates.Faults) error {
		return s.showMe(c, status, refusedMe{mail: faults, typed: cmd})
	})
}
