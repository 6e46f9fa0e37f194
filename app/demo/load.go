package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"battlemap/app"
	"battlemap/workflows"
)

// ErrNotEmpty means that the database has people in it already.
var ErrNotEmpty = errors.New("the database is not empty: the example district is loaded into an empty one only")

// Account is somebody who can sign in to the demonstration.
type Account struct {
	Role              workflows.Role
	Account, Password string
	Name, Unit        string // of the person, and the unit's name
}

// Accounts lists the nine accounts with a password, one for each role.
func Accounts() ([]Account, error) {
	d, err := parse()
	if err != nil {
		return nil, err
	}
	var out []Account
	for _, g := range d.Accounts {
		p := d.person(g.Account)
		out = append(out, Account{Role: g.Role, Account: g.Account, Password: d.Password, Name: p.Name, Unit: d.unit(p.Unit).Name})
	}
	return out, nil
}

// Loaded tells whether the database holds the example district, complete: the place is named last, and everyone of the script is there.
func Loaded(ctx context.Context, a *app.App) (bool, error) {
	d, err := parse()
	if err != nil {
		return false, err
	}
	if place, err := a.Place(ctx); err != nil || place == "" {
		return false, err
	}
	dir, err := a.Directory(ctx)
	if err != nil {
		return false, fmt.Errorf("read the directory: %w", err)
	}
	there := map[string]bool{}
	for _, u := range dir.Users {
		there[u.Account] = true
	}
	return !slices.ContainsFunc(d.People, func(p person) bool { return !there[p.Account] }), nil
}

// Load fills an empty database with the example district as it stands on the morning of the ceremony; ErrNotEmpty when it has people in it.
func Load(ctx context.Context, a *app.App) error {
	d, err := parse()
	if err != nil {
		return err
	}
	has, err := a.HasUsers(ctx)
	if err != nil {
		return err
	}
	if has {
		return ErrNotEmpty
	}
	if today := a.Today(); today != d.Ceremony {
		return fmt.Errorf("load the example district: the clock stands at %s, it must be %s", today, d.Ceremony)
	}
	l := newLoader(a, d)
	for _, part := range []func(context.Context) error{l.addUnits, l.addPeople, l.addForces, l.grantRoles, l.addProjects, l.setPasswords, l.setPlace} {
		if err := part(ctx); err != nil {
			return fmt.Errorf("load the example district: %w", err)
		}
	}
	return nil
}

// loader remembers the numbers of what it has stored.
type loader struct {
	app      *app.App
	actor    app.Actor
	district *district
	units    map[string]int64 // by code
	people   map[string]int64 // by account, "" is nobody
	forces   map[string]int64 // by code
}

func newLoader(a *app.App, d *district) *loader {
	return &loader{app: a, actor: app.Setup("demo"), district: d, units: map[string]int64{}, people: map[string]int64{}, forces: map[string]int64{}}
}

func (l *loader) addUnits(ctx context.Context) error {
	for _, u := range l.district.Units {
		got, err := l.app.AddUnit(ctx, l.actor, app.AddUnit{Code: u.Code, Name: u.Name, Kind: u.Kind})
		if err != nil {
			return fmt.Errorf("unit %s: %w", u.Code, err)
		}
		l.units[u.Code] = got.ID
	}
	return nil
}

func (l *loader) addPeople(ctx context.Context) error {
	for _, p := range l.district.People {
		got, err := l.app.AddUser(ctx, l.actor, app.AddUser{Account: p.Account, Name: p.Name, Title: p.Title, UnitID: l.units[p.Unit]})
		if err != nil {
			return fmt.Errorf("person %s: %w", p.Account, err)
		}
		l.people[p.Account] = got.ID
	}
	return nil
}

func (l *loader) addForces(ctx context.Context) error {
	for _, f := range l.district.Forces {
		got, err := l.app.AddTaskForce(ctx, l.actor, app.AddTaskForce{Code: f.Code, Name: f.Name, DocumentNo: l.district.Document, Duty: f.Duty,
			LeaderID: l.people[f.Leader], DeputyID: l.people[f.Deputy], UnitID: l.units[f.Unit], FlaggedOn: l.district.Ceremony})
		if err != nil {
			return fmt.Errorf("task force %s: %w", f.Code, err)
		}
		l.forces[f.Code] = got.ID
	}
	return nil
}

// grantRoles gives the district's roles, those of the task forces, and to everyone called UNIT.lead or UNIT.hand theirs in the unit.
func (l *loader) grantRoles(ctx context.Context) error {
	for _, g := range l.district.Grants {
		if err := l.grant(ctx, g.Account, g.Role, "district", 0); err != nil {
			return err
		}
	}
	for _, f := range l.district.Forces {
		if err := l.grant(ctx, f.Leader, workflows.RoleTaskforceLeader, "task_force", l.forces[f.Code]); err != nil {
			return err
		}
		for _, member := range f.Members {
			if err := l.grant(ctx, member, workflows.RoleTaskforceMember, "task_force", l.forces[f.Code]); err != nil {
				return err
			}
		}
	}
	for _, p := range l.district.People {
		role, ok := map[string]workflows.Role{leadOf(p.Unit): workflows.RoleUnitLeader, handOf(p.Unit): workflows.RoleUnitHandler}[p.Account]
		if !ok {
			continue
		}
		if err := l.grant(ctx, p.Account, role, "unit", l.units[p.Unit]); err != nil {
			return err
		}
	}
	return nil
}

func leadOf(unit string) string { return unit + ".lead" }
func handOf(unit string) string { return unit + ".hand" }

func (l *loader) grant(ctx context.Context, account string, role workflows.Role, scope string, id int64) error {
	_, err := l.app.Grant(ctx, l.actor, app.Grant{UserID: l.people[account], Role: role, Scope: scope, ScopeID: id})
	if err != nil {
		return fmt.Errorf("grant %s to %s: %w", role, account, err)
	}
	return nil
}

func (l *loader) addProjects(ctx context.Context) error {
	for _, p := range l.district.projects {
		if err := l.addProject(ctx, p); err != nil {
			return fmt.Errorf("project %s: %w", p.Code, err)
		}
	}
	return nil
}

func (l *loader) addProject(ctx context.Context, p *project) error {
	cmd := app.AddProject{Code: p.Code, Name: p.Name, Level: p.Level, Field: p.Field, Site: p.Site, Enterprise: p.Owner, TaskForceID: l.forces[p.Force],
		Sample: !p.Named, InPlan: p.planned(), SpringStart: p.Start.spring, PlannedStartOn: p.Start.on, PlannedFinishOn: p.Finish,
		InvestFen: p.Invest * wan, YearPlanFen: p.Plan * wan, Year: l.district.year(), Stage: p.stage()}
	if !p.planned() {
		cmd.SignedOn = l.district.Ceremony
	}
	got, err := l.app.AddProject(ctx, l.actor, cmd)
	if err != nil {
		return err
	}
	if err := l.app.Assign(ctx, l.actor, l.assignment(p, got.ID)); err != nil {
		return fmt.Errorf("assignment: %w", err)
	}
	if p.planned() {
		if err := l.app.SetPlan(ctx, l.actor, app.SetPlan{Project: got.ID, Months: l.district.months(p)}); err != nil {
			return fmt.Errorf("plan: %w", err)
		}
	}
	for i, m := range p.Milestones {
		if err := l.app.AddMilestone(ctx, l.actor, app.AddMilestone{Project: got.ID, Name: m.Name, BaselineOn: m.On, Final: i == len(p.Milestones)-1}); err != nil {
			return fmt.Errorf("milestone %s: %w", m.Name, err)
		}
	}
	return nil
}

// stage is where the project stands on the morning of the ceremony.
func (p *project) stage() string {
	switch {
	case p.Stage != "":
		return p.Stage
	case p.planned():
		return "landed"
	}
	return "signed"
}

func (l *loader) assignment(p *project, id int64) app.Assign {
	d, f := l.district, l.district.force(p.Force)
	cmd := app.Assign{Project: id, GuaranteeLeaderID: l.people[f.Guarantee], LeadUnitID: l.units[f.Unit], UnitID: l.units[p.Unit],
		ResponsibleID: l.people[handOf(p.Unit)], OfficerID: l.people[d.Officers[p.index%len(d.Officers)]], Duties: d.Words.Duties}
	if slices.Contains(p.Vacant, "responsible") {
		cmd.ResponsibleID = 0
	}
	if slices.Contains(p.Vacant, "officer") {
		cmd.OfficerID = 0
	}
	if p.Named {
		cmd.Duties = d.Words.NamedDuties
	} else {
		cmd.Contact = d.Words.Contact
	}
	return cmd
}

func (l *loader) setPasswords(ctx context.Context) error {
	for _, g := range l.district.Accounts {
		if err := l.app.ResetPassword(ctx, l.actor, g.Account, l.district.Password); err != nil {
			return fmt.Errorf("password of %s: %w", g.Account, err)
		}
	}
	return nil
}

// setPlace comes last: a database that has the district's name is complete.
func (l *loader) setPlace(ctx context.Context) error {
	if err := l.app.SetPaperPrefix(ctx, l.actor, l.district.Prefix); err != nil {
		return err
	}
	return l.app.SetPlace(ctx, l.actor, l.district.Place)
}
