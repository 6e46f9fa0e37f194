package web

import (
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// peopleAgain shows the page again with the form as it was typed.
func (s *server) peopleAgain(c *call, tab peopleTab, form string, f *form) func(int, templates.Faults) error {
	return func(status int, faults templates.Faults) error {
		return s.showPeople(c, status, peopleAsk{tab: tab, refuse: form, typed: f.c.Request().PostForm, faults: faults, force: f.text("force")})
	}
}

// rowID writes the number of a row for a form or an anchor.
func rowID(id int64) string { return strconv.FormatInt(id, 10) }

func (s *server) addUnit(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	_, err = s.App.AddUnit(c.ctx(), c.actor, app.AddUnit{Code: f.text("code"), Name: f.text("name"), Kind: f.text("kind"), ParentID: f.number("parent_id")})
	return c.after(err, tabUnits.path(), "unit_added", s.peopleAgain(c, tabUnits, "unit", f))
}

func (s *server) addUser(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	u, err := s.App.AddUser(c.ctx(), c.actor, app.AddUser{Account: f.text("account"), Name: f.text("name"), Title: f.text("title"), Email: f.text("email"), UnitID: f.number("unit_id")})
	to := "/people"
	if err == nil {
		to += "#u-" + rowID(u.ID)
	}
	return c.after(err, to, "user_added", s.peopleAgain(c, tabPeople, "user", f))
}

func (s *server) disableUser(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	done := "user_reopened"
	if f.on("off") {
		done = "user_shut"
	}
	err = s.App.Disable(c.ctx(), c.actor, f.number("user"), f.on("off"))
	return c.after(err, "/people", done, s.peopleAgain(c, tabPeople, "", f))
}

// inviteUser makes a one-time link and shows it on the page that answers: only its hash is stored, so it can't be shown again.
func (s *server) inviteUser(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	user := f.number("user")
	if user == c.actor.ID && c.rights.People {
		return c.after(&app.Fault{Kind: app.Refused, Key: "own_invite"}, "", "", s.peopleAgain(c, tabPeople, "", f))
	}
	token, err := s.App.InviteLink(c.ctx(), c.actor, user)
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	link := &templates.OneTimeLink{Name: dir.Users[user].Name, Address: s.origin(c) + "/setup/" + token, Note: c.T("people.link_note")}
	return s.showPeople(c, statusPage, peopleAsk{link: link})
}

// origin is where this site is reached: what the operator configured, else the address that this request came to.
func (s *server) origin(c *call) string {
	if base := s.App.BaseURL(); base != "" {
		return strings.TrimSuffix(base, "/")
	}
	if s.Secure {
		return "https://" + c.Request().Host
	}
	return "http://" + c.Request().Host
}

func (s *server) grantRole(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	scope, id, _ := strings.Cut(f.text("scope"), ":")
	cmd := app.Grant{UserID: f.number("user_id"), Role: workflows.Role(f.text("role")), Scope: scope, ScopeID: number(id), ValidFrom: f.day("valid_from"), ValidTo: f.day("valid_to")}
	if err = f.err(); err == nil || !c.rights.People {
		_, err = s.App.Grant(c.ctx(), c.actor, cmd)
	}
	return c.after(err, "/people#u-"+rowID(cmd.UserID), "grant_given", s.peopleAgain(c, tabPeople, "grant", f))
}

func (s *server) endGrant(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	grants, err := s.App.Grants(c.ctx(), c.actor)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if g.ID == f.number("grant") && g.UserID == c.actor.ID {
			return c.after(&app.Fault{Kind: app.Refused, Key: "own_grant"}, "", "", s.peopleAgain(c, tabPeople, "", f))
		}
	}
	err = s.App.Revoke(c.ctx(), c.actor, f.number("grant"))
	return c.after(err, "/people", "grant_ended", s.peopleAgain(c, tabPeople, "", f))
}

func (s *server) addTaskForce(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	cmd := app.AddTaskForce{Code: f.text("code"), Name: f.text("name"), DocumentNo: strings.TrimSpace(f.text("document_no")), Duty: strings.TrimSpace(f.text("duty")),
		LeaderID: f.number("leader_id"), DeputyID: f.number("deputy_id"), UnitID: f.number("unit_id"), FlaggedOn: f.day("flagged_on")}
	if err = f.err(); err == nil || !c.rights.People {
		_, err = s.App.AddTaskForce(c.ctx(), c.actor, cmd)
	}
	return c.after(err, tabForces.path(), "force_added", s.peopleAgain(c, tabForces, "force", f))
}

func (s *server) changeTaskForce(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	id := idOf(dir.TaskForces, func(tf app.TaskForce) bool { return tf.Code == f.text("force") })
	err = s.App.ChangeTaskForce(c.ctx(), c.actor, app.ChangeTaskForce{ID: id, Version: f.number("version"), LeaderID: f.number("leader_id"), DeputyID: f.number("deputy_id"),
		UnitID: f.number("unit_id"), Reason: strings.TrimSpace(f.text("reason"))})
	return c.after(err, tabForces.path(), "force_changed", s.peopleAgain(c, tabForces, "change", f))
}
