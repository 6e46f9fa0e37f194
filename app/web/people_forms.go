package web

import (
	"battlemap/app"
	"battlemap/templates"
)

// forms are the forms of the tab; a refused one keeps what was typed and stands open.
func (v peopleView) forms() []templates.AdminForm {
	switch v.ask.tab {
	case tabUnits:
		return []templates.AdminForm{v.unitForm()}
	case tabForces:
		forms := []templates.AdminForm{v.forceForm()}
		for _, f := range v.dir.TaskForces {
			if f.Code == v.ask.force {
				forms = append([]templates.AdminForm{v.changeForm(f)}, forms...)
			}
		}
		return forms
	}
	user, grant := v.userForm(), v.grantForm()
	user.Open = user.Open || !grant.Open
	return []templates.AdminForm{user, grant}
}

// form begins a form; it stands open when it was refused or asked for.
func (v peopleView) form(id, title, action, submit string) templates.AdminForm {
	f := templates.AdminForm{ID: id, Title: v.c.T(title), Action: action, Submit: v.c.T(submit), Open: v.ask.open == id || v.ask.refuse == id}
	if v.ask.refuse == id {
		f.Problem = v.ask.faults[""]
	}
	return f
}

// field is a field of a form with what was typed into it, or with what it begins with; its id names the form, since several stand on the page.
func (v peopleView) field(form, name, label, begins string) templates.Field {
	f := v.c.Field(name, label, begins)
	if v.ask.refuse == form {
		f.Value = v.ask.typed.Get(name)
		f = f.Fails(v.ask.faults)
	}
	f.ID = form + "-" + name
	return f
}

func controls(fields ...templates.Field) []templates.Control {
	out := make([]templates.Control, len(fields))
	for i, f := range fields {
		out[i].Field = f
	}
	return out
}

func (v peopleView) unitForm() templates.AdminForm {
	f := v.form("unit", "people.add_unit", "/people/units", "people.add_unit")
	f.Open = true
	kinds := []templates.Option{{Text: v.c.T("people.choose")}}
	for _, k := range app.UnitKinds() {
		kinds = append(kinds, templates.Option{Value: k, Text: v.c.T("unit_kind." + k)})
	}
	f.Controls = controls(v.field("unit", "code", "people.unit_code", "").Hinted("people.unit_code_hint").Need(), v.field("unit", "name", "people.unit_name", "").Need(),
		v.field("unit", "kind", "people.unit_kind", "").Choose(kinds).Need(), v.field("unit", "parent_id", "people.unit_parent", "").Choose(v.unitOptions("people.no_parent")))
	return f
}

func (v peopleView) unitOptions(none string) []templates.Option {
	out := []templates.Option{{Text: v.c.T(none)}}
	for _, u := range v.dir.UnitList() {
		out = append(out, templates.Option{Value: rowID(u.ID), Text: u.Name})
	}
	return out
}

// personOptions lists the people with an open account, leaving one out.
func (v peopleView) personOptions(none string, without int64) []templates.Option {
	out := []templates.Option{{Text: v.c.T(none)}}
	for _, u := range v.dir.UserList() {
		if !u.Disabled && u.ID != without {
			out = append(out, templates.Option{Value: rowID(u.ID), Text: u.Name + " · " + v.dir.Units[u.UnitID].Name})
		}
	}
	return out
}

func (v peopleView) userForm() templates.AdminForm {
	f := v.form("user", "people.add_user", "/people/users", "people.add_user")
	f.Controls = controls(v.field("user", "account", "people.account", "").Hinted("people.account_hint").Completing("off").Need(), v.field("user", "name", "people.name", "").Completing("off").Need(),
		v.field("user", "title", "people.post", ""), v.field("user", "unit_id", "people.unit", "").Choose(v.unitOptions("people.choose")).Need(),
		v.field("user", "email", "people.email", "").As("email").Hinted("people.email_hint").Completing("off"))
	return f
}

func (v peopleView) grantForm() templates.AdminForm {
	f := v.form("grant", "people.grant_role", "/people/grants", "people.grant_role")
	chosen := ""
	if v.ask.user != 0 {
		chosen = rowID(v.ask.user)
	}
	scope := v.field("grant", "scope", "people.scope", "").Need()
	if v.ask.refuse == "grant" && scope.Error == "" {
		scope.Error = v.ask.faults["scope_id"]
	}
	f.Controls = controls(v.field("grant", "user_id", "people.person", chosen).Choose(v.personOptions("people.choose", v.c.actor.ID)).Hinted("people.own_hint").Need(),
		v.field("grant", "role", "people.role", "").Choose(roleOptions(v.c)).Need())
	f.Controls = append(f.Controls, templates.Control{Field: scope, Groups: v.scopeGroups(scope.Value)})
	f.Controls = append(f.Controls, controls(v.field("grant", "valid_from", "people.valid_from", "").As("date").Hinted("people.valid_from_hint"),
		v.field("grant", "valid_to", "people.valid_to", "").As("date").Hinted("people.valid_to_hint"))...)
	return f
}

// scopeGroups offers every scope in one list, so that kind and choice can't disagree: "task_force:3".
func (v peopleView) scopeGroups(chosen string) []templates.OptionGroup {
	option := func(scope string, id int64, text string) templates.Option {
		value := scope + ":" + rowID(id)
		return templates.Option{Value: value, Text: text, On: value == chosen}
	}
	groups := []templates.OptionGroup{{Options: []templates.Option{{Text: v.c.T("people.choose")}, option("district", 0, v.c.T("scope.district"))}},
		{Name: v.c.T("scope.task_force")}, {Name: v.c.T("scope.unit")}, {Name: v.c.T("scope.project")}}
	for _, f := range v.dir.TaskForceList() {
		groups[1].Options = append(groups[1].Options, option("task_force", f.ID, f.Name))
	}
	for _, u := range v.dir.UnitList() {
		groups[2].Options = append(groups[2].Options, option("unit", u.ID, u.Name))
	}
	for _, p := range v.titles {
		groups[3].Options = append(groups[3].Options, option("project", p.ID, p.No+" "+p.Name))
	}
	return groups
}

func (v peopleView) forceForm() templates.AdminForm {
	f := v.form("force", "people.add_force", "/people/taskforces", "people.add_force")
	f.Open = f.Open || v.ask.force == ""
	people := v.personOptions("people.choose", 0)
	f.Controls = controls(v.field("force", "code", "people.force_code", "").Hinted("people.force_code_hint").Need(), v.field("force", "name", "people.force_name", "").Need(),
		v.field("force", "leader_id", "people.leader", "").Choose(people).Need(), v.field("force", "deputy_id", "people.deputy", "").Choose(v.personOptions("people.vacant", 0)),
		v.field("force", "unit_id", "people.office", "").Choose(v.unitOptions("people.vacant")).Hinted("people.office_hint"), v.field("force", "document_no", "people.document", ""),
		v.field("force", "flagged_on", "people.flagged", "").As("date"), v.field("force", "duty", "people.duty", "").Lines(3))
	return f
}

// changeForm changes who leads a task force; it carries the version that the administrator saw.
func (v peopleView) changeForm(tf app.TaskForce) templates.AdminForm {
	f := v.form("change", "people.change", "/people/taskforces/change", "people.change_save")
	f.Title, f.Open = v.c.T("people.change_of", "Name", tf.Name), true
	version := rowID(tf.Version)
	f.Hidden = []templates.Hidden{{Name: "force", Value: tf.Code}, {Name: "version", Value: version}}
	begins := func(id int64) string {
		if id == 0 {
			return ""
		}
		return rowID(id)
	}
	f.Controls = controls(v.field("change", "leader_id", "people.leader", begins(tf.LeaderID)).Choose(v.personOptions("people.choose", 0)).Need(),
		v.field("change", "deputy_id", "people.deputy", begins(tf.DeputyID)).Choose(v.personOptions("people.vacant", 0)),
		v.field("change", "unit_id", "people.office", begins(tf.UnitID)).Choose(v.unitOptions("people.vacant")),
		v.field("change", "reason", "people.reason", "").Lines(3).Hinted("people.reason_hint").Need())
	return f
}
