package app

import (
	"context"
	"slices"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// place is where a row lives, for the scopes of role grants.
type place struct {
	taskForce, project int64
	units              []int64 // the units that work on it
}

// covers tells whether a grant reaches a row that lives at p.
func (g RoleGrant) covers(p place) bool {
	switch g.Scope {
	case "district":
		return true
	case "task_force":
		return g.ScopeID == p.taskForce
	case "project":
		return g.ScopeID == p.project
	case "unit":
		return slices.Contains(p.units, g.ScopeID)
	}
	return false
}

// holdsOn tells whether a grant is in force on a day.
func (g RoleGrant) holdsOn(d calendar.Date) bool {
	return g.ValidFrom <= d && (g.ValidTo.IsZero() || d <= g.ValidTo)
}

// grantsOf reads the grants of a user that are in force today; read inside the door, so a change counts at once.
func (t *tx) grantsOf(user int64) ([]RoleGrant, error) {
	if g, ok := t.grants[user]; ok {
		return g, nil
	}
	all, err := recall(t, registerKey{kind: "grants", id: user}, func() ([]RoleGrant, error) { return list[RoleGrant](t, "id", "user_id = ?", user) })
	if err != nil {
		return nil, err
	}
	g := slices.DeleteFunc(slices.Clone(all), func(g RoleGrant) bool { return !g.holdsOn(t.today) })
	if t.grants == nil {
		t.grants = map[int64][]RoleGrant{}
	}
	t.grants[user] = g
	return g, nil
}

// roles are the actor's roles on a row that lives at p.
func (t *tx) roles(p place) ([]workflows.Role, error) {
	grants, err := t.grantsOf(t.actor.ID)
	if err != nil {
		return nil, err
	}
	return rolesAt(grants, p), nil
}

func rolesAt(grants []RoleGrant, p place) []workflows.Role {
	var out []workflows.Role
	for _, g := range grants {
		if g.covers(p) && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// require fails unless the actor holds one of the roles at p. A row that the actor may not even see looks missing, which web shows the same way.
func (t *tx) require(p place, any ...workflows.Role) error {
	if t.actor.trusted() {
		return nil
	}
	have, err := t.roles(p)
	if err != nil {
		return err
	}
	for _, r := range have {
		if slices.Contains(any, r) {
			return nil
		}
	}
	return denied()
}

// recusal is what a row says about whose own people may not judge it.
type recusal struct {
	lead      int64
	receiving []int64
	taskForce TaskForce
}

// recused tells whether one of the named recusals of a move hits the actor: 考评督导 and the lead unit do not verify or close their own.
func (t *tx) recused(names []string, r recusal) (bool, error) {
	for _, name := range names {
		switch name {
		case "lead_unit":
			own, err := t.ofUnits(r.lead)
			if err != nil || own {
				return own, err
			}
		case "receiving_unit":
			own, err := t.ofUnits(r.receiving...)
			if err != nil || own {
				return own, err
			}
		case "task_force":
			own, err := t.belongsTo(r.taskForce)
			if err != nil || own {
				return own, err
			}
		}
	}
	return false, nil
}

// ofUnits tells whether the actor is of one of the units: by the account, or by a role held there.
func (t *tx) ofUnits(units ...int64) (bool, error) {
	if slices.Contains(units, t.actor.UnitID) && t.actor.UnitID != 0 {
		return true, nil
	}
	grants, err := t.grantsOf(t.actor.ID)
	return slices.ContainsFunc(grants, func(g RoleGrant) bool { return g.Scope == "unit" && slices.Contains(units, g.ScopeID) }), err
}

// belongsTo tells whether the actor is of the task force: in its office's unit, its leader or deputy, or granted a role in it.
func (t *tx) belongsTo(tf TaskForce) (bool, error) {
	if tf.UnitID != 0 && tf.UnitID == t.actor.UnitID || t.actor.ID == tf.LeaderID || t.actor.ID == tf.DeputyID {
		return true, nil
	}
	grants, err := t.grantsOf(t.actor.ID)
	for _, g := range grants {
		if g.Scope == "task_force" && g.ScopeID == tf.ID {
			return true, err
		}
	}
	return false, err
}

// sight is what an actor's lists may show.
type sight struct {
	all        bool
	people     bool // may administer units, people and grants
	taskForces []int64
	units      []int64
	projects   []int64
	grants     []RoleGrant
	actor      int64
}

// sight works out what the actor may see today.
func (a *App) sight(ctx context.Context, actor Actor) (sight, error) {
	t := a.newTx(ctx, a.db.read.WithContext(ctx), actor)
	if err := t.open(); err != nil {
		return sight{}, err
	}
	return t.sight(actor)
}

// sight works it out inside a transaction, of its actor or of somebody else.
func (t *tx) sight(actor Actor) (sight, error) {
	if actor.trusted() {
		return sight{all: true, people: true}, nil
	}
	grants, err := t.grantsOf(actor.ID)
	if err != nil {
		return sight{}, err
	}
	s := sight{grants: grants, actor: actor.ID}
	for _, g := range grants {
		switch g.Scope {
		case "district":
			s.all = true
			s.people = s.people || g.Role == workflows.RoleAdministrator
		case "task_force":
			s.taskForces = append(s.taskForces, g.ScopeID)
		case "unit":
			s.units = append(s.units, g.ScopeID)
		case "project":
			s.projects = append(s.projects, g.ScopeID)
		}
	}
	if s.all {
		return s, nil
	}
	own, err := recall(t, registerKey{kind: "own projects", id: actor.ID}, func() (own []int64, err error) {
		err = t.db.Raw("SELECT project_id FROM assignments WHERE valid_to = '' AND (guarantee_leader_id = ? OR responsible_id = ? OR officer_id = ?)",
			actor.ID, actor.ID, actor.ID).Scan(&own).Error
		return own, err
	})
	s.projects = append(s.projects, own...)
	return s, err
}

// projectsWhere is the condition on table projects.
func (s sight) projectsWhere() (string, []any) {
	if s.all {
		return "1 = 1", nil
	}
	return "(projects.task_force_id IN ? OR projects.unit_id IN ? OR projects.lead_unit_id IN ? OR projects.id IN ?)",
		[]any{ids(s.taskForces), ids(s.units), ids(s.units), ids(s.projects)}
}

// ticketsWhere is the condition on table tickets. Units see what was issued to them, not what others still draft.
func (s sight) ticketsWhere() (string, []any) {
	if s.all {
		return "1 = 1", nil
	}
	return `(tickets.task_force_id IN ? OR (tickets.state NOT IN ('draft', 'pending') AND (tickets.handler_id = ? OR tickets.leader_id = ? OR tickets.project_id IN ?
OR EXISTS (SELECT 1 FROM ticket_units WHERE ticket_units.ticket_id = tickets.id AND ticket_units.unit_id IN ?))))`,
		[]any{ids(s.taskForces), s.actor, s.actor, ids(s.projects), ids(s.units)}
}

// ofTicket is the condition that ticket_id of a table names a ticket which the actor sees. It looks at that one ticket, where IN would first list all that the actor sees.
func (s sight) ofTicket(table string) (string, []any) {
	where, args := s.ticketsWhere()
	return "EXISTS (SELECT 1 FROM tickets WHERE tickets.id = " + table + ".ticket_id AND " + where + ")", args
}

// journal is the condition on table journal for those who do not see everything.
func (s sight) journal() (string, []any) {
	pw, pa := s.projectsWhere()
	tw, ta := s.ofTicket("journal")
	where := "(task_force_id IN ? OR (ticket_id = 0 AND project_id IN (SELECT id FROM projects WHERE " + pw + ")) OR " + tw + ")"
	return where, append(append([]any{ids(s.taskForces)}, pa...), ta...)
}

// ids makes an empty list match nothing.
func ids(list []int64) []int64 {
	if len(list) == 0 {
		return []int64{-1}
	}
	return list
}

// may tells whether one of the grants gives one of the roles at p: for buttons, from the same grants that the door checks.
func (s sight) may(p place, any ...workflows.Role) bool {
	for _, r := range rolesAt(s.grants, p) {
		if slices.Contains(any, r) {
			return true
		}
	}
	return false
}

// Rights are what an actor may do beside the moves of single rows: which pages and forms to offer.
type Rights struct {
	Roles            []workflows.Role // all roles held today, in any scope
	People           bool             // administer units, people, grants
	Journal          bool             // export the journal
	Audit            bool             // ask the journal questions about others
	Plan             bool             // create and change projects
	Draft            bool             // draft tickets
	Figures          bool             // enter figures
	SeesAll          bool
	Inspector        bool
	TaskForces       []int64
	Walls            bool    // make links for big screens
	Ledger           bool    // read the reminder ledger
	Meetings         bool    // see meetings
	Supervise        bool    // open the supervision desk
	Triage           bool    // the triage desk
	Doctor           bool    // see what the doctor found
	Unsound          bool    // it found the database broken; told only to those who may see it
	Archive          bool    // see archive packages and disposals
	Disposes         bool    // set the retention, ask for disposals
	ApprovesDisposal bool    // decide on disposals that somebody else asked for
	Proof            bool    // see checkpoints and witnesses
	ledger           []int64 // of these task forces only, where not SeesAll
}

// ReadsReminder tells whether somebody with these rights may open a row of the reminder ledger that told another person.
func (r Rights) ReadsReminder(m Reminder) bool {
	return r.SeesAll || slices.Contains(r.ledger, m.TaskForceID)
}

// Rights works out what the actor may do today.
func (a *App) Rights(ctx context.Context, actor Actor) (Rights, error) {
	s, err := a.sight(ctx, actor)
	if err != nil {
		return Rights{}, err
	}
	r := Rights{People: s.people, SeesAll: s.all, TaskForces: s.taskForces, ledger: s.forcesAs(ledgerReaders()...)}
	r.Ledger = r.SeesAll || len(r.ledger) > 0
	for _, g := range s.grants {
		if !slices.Contains(r.Roles, g.Role) {
			r.Roles = append(r.Roles, g.Role)
		}
	}
	has := func(any ...workflows.Role) bool {
		return slices.ContainsFunc(r.Roles, func(have workflows.Role) bool { return slices.Contains(any, have) })
	}
	r.Inspector = has(workflows.RoleInspector)
	r.Journal = has(exporters()...)
	r.Doctor = s.may(place{}, doctorReaders()...)
	r.Disposes, r.ApprovesDisposal = s.may(place{}, disposalAskers()...), s.may(place{}, disposalApprovers()...)
	if r.Doctor {
		if r.Unsound, err = a.unsound(ctx); err != nil {
			return Rights{}, err
		}
	}
	r.Audit = s.may(place{}, exporters()...)
	r.Archive = r.Audit || r.Disposes || r.ApprovesDisposal
	r.Proof = s.may(place{}, exporters()...) || s.may(place{}, witnessKeepers()...)
	r.Plan = has(planners()...)
	r.Draft = has(drafters()...)
	r.Figures = has(figureEnterers()...)
	r.Meetings = s.all || len(s.taskForces) > 0
	r.Supervise = has(supervisionReaders()...)
	r.Walls = s.makesWalls()
	r.Triage = has(triagers()...)
	return r, nil
}

// disposalAskers set the retention and ask to do away with old files; disposalApprovers, and never the same person, decide.
func disposalAskers() []workflows.Role {
	return []workflows.Role{workflows.RoleAdministrator, workflows.RoleSupervisionDirector}
}

func disposalApprovers() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleDistrictLeader}
}

// planners may create projects and change their plan.
func planners() []workflows.Role {
	return []workflows.Role{workflows.RoleTaskforceLeader, workflows.RoleTaskforceMember, workflows.RoleSupervisionDirector}
}

// drafters may draft tickets.
func drafters() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisor, workflows.RoleSupervisionDirector, workflows.RoleTaskforceLeader, workflows.RoleTaskforceMember}
}
