package app

import (
	"context"
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Unit is an organisation 单位: a bureau, a street, a park or a task-force office.
type Unit struct {
	Row
	Code      string
	Name      string
	Kind      string // "bureau" 区直部门, "street" 街镇, "park" 园区, "office" 专班办
	ParentID  int64
	ValidFrom calendar.Date
	ValidTo   calendar.Date
}

// User is a person with an account; the account never changes hands.
type User struct {
	Row
	Account      string
	Name         string
	Title        string // the post held 职务
	UnitID       int64
	Email        string
	PasswordHash string `journal:"-"`
	Disabled     bool
	Lang         string // "zh-CN" or "en"
	Theme        string // "", "light" or "dark"
	MailMode     string // "" one letter a working day, or "single" each reminder by itself
	QuietFrom    string // no mail from this time of day, "20:00", to QuietTo; "" for no quiet hours
	QuietTo      string
}

// RoleGrant is a role held within a scope from a day to a day, both included.
type RoleGrant struct {
	Row
	UserID    int64
	Role      workflows.Role
	Scope     string // "district", "unit", "task_force" or "project"
	ScopeID   int64  // 0 for the district
	ValidFrom calendar.Date
	ValidTo   calendar.Date // zero: open end
	GrantedBy int64
}

// UnitKinds lists the kinds of unit that a form offers.
func UnitKinds() []string { return []string{"bureau", "street", "park", "office"} }

// Scopes lists the scopes of a role grant.
func Scopes() []string { return []string{"district", "task_force", "unit", "project"} }

var accountPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// AddUnit is the command that creates a unit.
type AddUnit struct {
	Code, Name, Kind string
	ParentID         int64
}

// AddUnit creates a unit; administrators only.
func (a *App) AddUnit(ctx context.Context, actor Actor, cmd AddUnit) (*Unit, error) {
	u := &Unit{Code: strings.TrimSpace(cmd.Code), Name: strings.TrimSpace(cmd.Name), Kind: cmd.Kind, ParentID: cmd.ParentID}
	asked := *u
	err := a.write(ctx, actor, func(t *tx) error {
		*u = asked // a second run begins where the first one did
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		var c check
		c.text("code", u.Code, 20, false)
		c.text("name", u.Name, 60, false)
		if !slices.Contains(UnitKinds(), u.Kind) {
			c.add("kind", "choose", nil)
		}
		if err := c.err(); err != nil {
			return err
		}
		u.ValidFrom = t.today
		if err := insert(t, u); err != nil {
			return taken(err, "name")
		}
		t.record(change{action: "unit.add", kind: "unit", id: u.ID, no: u.Code, after: u})
		return nil
	})
	return u, err
}

// AddUser is the command that creates an account; without a password the person gets a one-time link to set one.
type AddUser struct {
	Account, Name, Title, Email string
	UnitID                      int64
}

// AddUser creates an account without a password; administrators only.
func (a *App) AddUser(ctx context.Context, actor Actor, cmd AddUser) (*User, error) {
	u := &User{Account: strings.ToLower(strings.TrimSpace(cmd.Account)), Name: strings.TrimSpace(cmd.Name), Title: strings.TrimSpace(cmd.Title),
		Email: strings.TrimSpace(cmd.Email), UnitID: cmd.UnitID, Lang: "zh-CN"}
	asked := *u
	err := a.write(ctx, actor, func(t *tx) error {
		*u = asked // a second run begins where the first one did
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		return t.addUser(u)
	})
	return u, err
}

func (t *tx) addUser(u *User) error {
	var c check
	if !accountPattern.MatchString(u.Account) {
		c.add("account", "account_form", nil)
	}
	c.text("name", u.Name, 40, false)
	c.text("title", u.Title, 60, true)
	if _, err := mail.ParseAddress(u.Email); u.Email != "" && err != nil {
		c.add("email", "email_form", nil)
	}
	if u.UnitID == 0 {
		c.add("unit_id", "choose", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	if _, err := chosen[Unit](t, "unit_id", u.UnitID); err != nil {
		return err
	}
	if err := insert(t, u); err != nil {
		return taken(err, "account")
	}
	t.record(change{action: "user.add", kind: "user", id: u.ID, no: u.Account, after: u})
	return nil
}

// taken turns a duplicate key into a fault at the field.
func taken(err error, field string) error {
	if duplicate(err) {
		return invalid(field, "taken", nil)
	}
	return err
}

// Grantable lists what a person can be granted: the roles of the workflows, and the posts that rules tell or let hold an interview.
func Grantable() []workflows.Role { return append(workflows.Roles(), workflows.Posts()...) }

// Grant is the command that gives a role.
type Grant struct {
	UserID    int64
	Role      workflows.Role
	Scope     string
	ScopeID   int64
	ValidFrom calendar.Date // zero: today
	ValidTo   calendar.Date // zero: open end
}

// Grant gives a person a role within a scope; administrators only. An administrator can't give themselves a role: a second one must.
func (a *App) Grant(ctx context.Context, actor Actor, cmd Grant) (*RoleGrant, error) {
	g := &RoleGrant{UserID: cmd.UserID, Role: cmd.Role, Scope: cmd.Scope, ScopeID: cmd.ScopeID, ValidFrom: cmd.ValidFrom, ValidTo: cmd.ValidTo, GrantedBy: actor.ID}
	asked := *g
	err := a.write(ctx, actor, func(t *tx) error {
		*g = asked // a second run begins where the first one did
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		if actor.Kind == "user" && actor.ID == cmd.UserID {
			return refused("own_grant", nil)
		}
		return t.grant(g)
	})
	return g, err
}

func (t *tx) grant(g *RoleGrant) error {
	if g.ValidFrom.IsZero() {
		g.ValidFrom = t.today
	}
	var c check
	if !slices.Contains(Grantable(), g.Role) {
		c.add("role", "choose", nil)
	}
	if !slices.Contains(Scopes(), g.Scope) || (g.Scope == "district") != (g.ScopeID == 0) {
		c.add("scope", "choose", nil)
	}
	if !g.ValidTo.IsZero() && g.ValidTo < g.ValidFrom {
		c.add("valid_to", "ends_before_start", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	user, err := chosen[User](t, "user_id", g.UserID)
	if err != nil {
		return err
	}
	if err := t.scopeExists(g.Scope, g.ScopeID); err != nil {
		return err
	}
	if err := insert(t, g); err != nil {
		return err
	}
	delete(t.grants, g.UserID)
	t.record(change{action: "grant.give", kind: "grant", id: g.ID, no: user.Account, after: g})
	return nil
}

func (t *tx) scopeExists(scope string, id int64) error {
	switch scope {
	case "unit":
		return optional[Unit](t, "scope_id", id)
	case "task_force":
		return optional[TaskForce](t, "scope_id", id)
	case "project":
		return optional[Project](t, "scope_id", id)
	}
	return nil
}

// Revoke ends a grant as of yesterday, so that it no longer counts from now on; administrators only.
func (a *App) Revoke(ctx context.Context, actor Actor, grant int64) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		g, err := get[RoleGrant](t, grant)
		if err != nil {
			return err
		}
		if actor.Kind == "user" && actor.ID == g.UserID {
			return refused("own_grant", nil)
		}
		if !g.ValidTo.IsZero() && g.ValidTo < t.today {
			return refused("grant_ended", nil)
		}
		user, err := look[User](t, g.UserID)
		if err != nil {
			return err
		}
		was := *g
		g.ValidTo = t.today.AddDays(-1)
		if err := update(t, g); err != nil {
			return err
		}
		t.record(change{action: "grant.end", kind: "grant", id: g.ID, no: user.Account, before: was, after: g})
		return nil
	})
}

// Disable shuts or reopens an account and ends its sessions at once; administrators only, never their own.
func (a *App) Disable(ctx context.Context, actor Actor, user int64, off bool) error {
	return a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, workflows.RoleAdministrator); err != nil {
			return err
		}
		if actor.Kind == "user" && actor.ID == user {
			return refused("own_account", nil)
		}
		u, err := get[User](t, user)
		if err != nil {
			return err
		}
		was := *u
		u.Disabled = off
		if err := update(t, u); err != nil {
			return err
		}
		if err := t.shutOut(user); err != nil {
			return err
		}
		t.record(change{action: "user.disable", kind: "user", id: u.ID, no: u.Account, before: was, after: u})
		return nil
	})
}

// SetTaste stores a person's language and theme.
func (a *App) SetTaste(ctx context.Context, actor Actor, lang, theme string) error {
	if !slices.Contains([]string{"zh-CN", "en"}, lang) || !slices.Contains([]string{"", "light", "dark"}, theme) {
		return invalid("lang", "choose", nil)
	}
	return a.chore(ctx, func(t *tx) error {
		t.unsettle(&User{})
		return execute(ctx, t.db, "UPDATE users SET lang = ?, theme = ? WHERE id = ?", lang, theme, actor.ID)
	})
}

// Directory is everyone and everything that names stand for on a page.
type Directory struct {
	Units      map[int64]Unit
	Users      map[int64]User
	TaskForces map[int64]TaskForce
}

// Directory reads all units, people and task forces: a few hundred rows in a district.
func (a *App) Directory(ctx context.Context) (Directory, error) {
	d := Directory{Units: map[int64]Unit{}, Users: map[int64]User{}, TaskForces: map[int64]TaskForce{}}
	units, err := table[Unit](a.db.read).Find(ctx)
	if err != nil {
		return d, err
	}
	for _, u := range units {
		d.Units[u.ID] = u
	}
	users, err := table[User](a.db.read).Find(ctx)
	if err != nil {
		return d, err
	}
	for _, u := range users {
		u.PasswordHash = ""
		d.Users[u.ID] = u
	}
	forces, err := table[TaskForce](a.db.read).Find(ctx)
	for _, f := range forces {
		d.TaskForces[f.ID] = f
	}
	return d, err
}

// UnitList is the units in order of their code.
func (d Directory) UnitList() []Unit {
	return sorted(d.Units, func(a, b Unit) int { return strings.Compare(a.Code, b.Code) })
}

// UserList is the people in order of their account.
func (d Directory) UserList() []User {
	return sorted(d.Users, func(a, b User) int { return strings.Compare(a.Account, b.Account) })
}

// TaskForceList is the task forces in their order.
func (d Directory) TaskForceList() []TaskForce {
	return sorted(d.TaskForces, func(a, b TaskForce) int { return a.Position - b.Position })
}

func sorted[T any](m map[int64]T, less func(a, b T) int) []T {
	out := make([]T, 0, len(m))
	for _, v := range m {
		out = append(out, v)
	}
	slices.SortFunc(out, less)
	return out
}

// Grants lists all grants that are or will be in force, for the administrator's page; Denied for others.
func (a *App) Grants(ctx context.Context, actor Actor) ([]RoleGrant, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return nil, err
	}
	if !s.people && !s.may(place{}, workflows.RoleInspector) {
		return nil, denied()
	}
	g, err := table[RoleGrant](a.db.read).Order("user_id, id").Find(ctx)
	today := a.Today()
	return slices.DeleteFunc(g, func(g RoleGrant) bool { return !g.ValidTo.IsZero() && g.ValidTo < today }), err
}

// Actor is the actor that a user is, for commands on the machine and for the demonstration's scripted units.
func (a *App) Actor(ctx context.Context, account string) (Actor, error) {
	u, err := table[User](a.db.read).Where("account = ?", account).First(ctx)
	if noRow(err) {
		return Actor{}, missing()
	}
	if err != nil {
		return Actor{}, err
	}
	return a.actorOf(ctx, u)
}

func (a *App) actorOf(ctx context.Context, u User) (Actor, error) {
	unit, err := table[Unit](a.db.read).Where("id = ?", u.UnitID).First(ctx)
	return Actor{Kind: "user", ID: u.ID, Name: u.Name, UnitID: u.UnitID, Unit: unit.Name, Lang: u.Lang}, err
}
