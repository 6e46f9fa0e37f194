package app

import (
	"context"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// DecideExtension is the command with which a step of the chain grants or refuses the request that waits on a ticket.
type DecideExtension struct {
	Ticket, Version int64
	Grant           bool
	GrantedOn       calendar.Date // the date granted; zero is the date asked for
	Note            string        // needed for a refusal
}

// DecideExtension decides the step whose turn it is: never by who asked, by people of the asking unit, or by somebody who decided an earlier step.
func (a *App) DecideExtension(ctx context.Context, actor Actor, cmd DecideExtension) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, units, e, err := t.extensionAt(cmd.Ticket, cmd.Version)
		if err != nil {
			return err
		}
		now, err := t.mayDecideExtension(k, units, e)
		if err != nil {
			return err
		}
		if err := t.staleIf(k, cmd.Version); err != nil {
			return err
		}
		if err := e.checkDecision(cmd); err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		return t.decideExtension(k, units, e, now, cmd)
	})
}

// extensionAt reads a ticket that the actor may see with the request that waits on it. Where none waits any more, a form drawn when one did is stale.
func (t *tx) extensionAt(ticket, version int64) (*Ticket, []TicketUnit, *Extension, error) {
	k, units, err := t.extendable(ticket)
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := t.waitingExtension(k.ID)
	if err == nil && e == nil {
		err = errOr(t.staleIf(k, version), refused("extension_not_waiting", nil))
	}
	return k, units, e, err
}

func (e *Extension) checkDecision(cmd DecideExtension) error {
	var c check
	c.text("note", cmd.Note, 500, cmd.Grant)
	limit := e.WantedOn
	if !e.GrantedOn.IsZero() {
		limit = e.GrantedOn
	}
	if cmd.Grant && !cmd.GrantedOn.IsZero() && (cmd.GrantedOn <= e.OldOn || cmd.GrantedOn > limit) {
		c.add("granted_on", "extension_granted_range", map[string]any{"From": e.OldOn, "To": limit})
	}
	return c.err()
}

func (t *tx) decideExtension(k *Ticket, units []TicketUnit, e *Extension, now rungNow, cmd DecideExtension) error {
	was, note := *k, strings.TrimSpace(cmd.Note)
	if cmd.Grant {
		if e.GrantedOn.IsZero() {
			e.GrantedOn = e.WantedOn
		}
		if !cmd.GrantedOn.IsZero() {
			e.GrantedOn = cmd.GrantedOn
		}
	} else {
		e.GrantedOn = 0
	}
	d := &ExtensionDecision{ExtensionID: e.ID, Step: now.step, Role: now.role, StandsFor: strings.Join(now.vacant, ","), Granted: cmd.Grant, GrantedOn: e.GrantedOn, Note: note,
		DecidedBy: t.actor.ID, DecidedAt: t.now.Unix()}
	if err := create(t, d); err != nil {
		return err
	}
	e.Step = now.step + 1
	action := "approve_extension"
	switch {
	case !cmd.Grant:
		e.State, e.SettledAt, action = "refused", t.now.Unix(), "refuse_extension"
	case e.Step >= len(e.Roles()):
		e.State, e.SettledAt, action = "granted", t.now.Unix(), "grant_extension"
		k.DueOn = e.GrantedOn
		k.Extensions++
		t.happens(ticketItem(k), "extended")
		if err := t.changeTicketDate(k, was.DueOn, DateChange{Cause: "extension", Reason: e.Reason, Basis: note, Rule: e.Rule, SourceID: e.ID}); err != nil {
			return err
		}
	}
	if err := update(t, e); err != nil {
		return err
	}
	return t.extensionMoved(k, was, units, e, action, note)
}

// WithdrawExtension is the command with which the asking unit takes its request back.
type WithdrawExtension struct {
	Ticket, Version int64
	Reason          string
}

// WithdrawExtension takes back a request that waits: who asked may, and the leader of the asking unit.
func (a *App) WithdrawExtension(ctx context.Context, actor Actor, cmd WithdrawExtension) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, units, e, err := t.extensionAt(cmd.Ticket, cmd.Version)
		if err != nil {
			return err
		}
		if err := t.mayWithdraw(e); err != nil {
			return err
		}
		if err := t.staleIf(k, cmd.Version); err != nil {
			return err
		}
		var c check
		c.text("reason", cmd.Reason, 500, true)
		if err := c.err(); err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		deciders, err := t.rungOf(k, units, e)
		if err != nil {
			return err
		}
		e.State, e.SettledAt = "withdrawn", t.now.Unix()
		if err := update(t, e); err != nil {
			return err
		}
		was := *k
		if err := t.extensionMoved(k, was, units, e, "withdraw_extension", strings.TrimSpace(cmd.Reason)); err != nil {
			return err
		}
		ev := eventOf(k, "withdraw_extension", k.Version)
		ev.reason = strings.TrimSpace(cmd.Reason)
		return t.tell(ev, deciders.people)
	})
}

// staleIf compares the version that the person had on the screen.
func (t *tx) staleIf(k *Ticket, version int64) error {
	if version != k.Version {
		return t.stale(recordsOfTicket, k.ID)
	}
	return nil
}

func (t *tx) mayWithdraw(e *Extension) error {
	if t.actor.ID == e.AskedBy && e.AskedBy != 0 {
		return nil
	}
	return t.require(place{units: []int64{e.UnitID}}, workflows.RoleUnitLeader)
}

// rungNow is the step of a chain whose turn it is.
type rungNow struct {
	step   int
	role   workflows.Role
	people []int64  // who may decide
	vacant []string // steps before it that nobody can decide
}

// rungOf finds the step whose turn it is. A step that nobody can decide (it is vacant, or all its people are recused) goes one up and says so; above the last one a
// district leader decides [P].
func (t *tx) rungOf(k *Ticket, units []TicketUnit, e *Extension) (rungNow, error) {
	earlier, err := list[ExtensionDecision](t, "step", "extension_id = ?", e.ID)
	if err != nil {
		return rungNow{}, err
	}
	return t.rungAfter(k, units, e, earlier)
}

// rungAfter is rungOf where the earlier decisions are known.
func (t *tx) rungAfter(k *Ticket, units []TicketUnit, e *Extension, earlier []ExtensionDecision) (rungNow, error) {
	roles := e.Roles()
	var vacant []string
	for i := e.Step; i < len(roles); i++ {
		people, err := t.deciders(roles[i], k, units, e, earlier)
		if err != nil {
			return rungNow{}, err
		}
		if len(people) > 0 {
			return rungNow{step: i, role: roles[i], people: people, vacant: vacant}, nil
		}
		vacant = append(vacant, string(roles[i]))
	}
	people, err := t.deciders(workflows.RoleDistrictLeader, k, units, e, earlier)
	return rungNow{step: len(roles) - 1, role: workflows.RoleDistrictLeader, people: people, vacant: vacant}, err
}

// deciders are the holders of a role who are neither of the asking unit nor have decided an earlier step.
func (t *tx) deciders(role workflows.Role, k *Ticket, units []TicketUnit, e *Extension, earlier []ExtensionDecision) ([]int64, error) {
	people, err := t.holders(role, ticketPlace(k, units))
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, user := range people {
		own, err := t.userOfUnit(user, e.UnitID)
		if err != nil {
			return nil, err
		}
		decided := slices.ContainsFunc(earlier, func(d ExtensionDecision) bool { return d.DecidedBy == user })
		if !own && !decided && user != e.AskedBy {
			out = append(out, user)
		}
	}
	return out, nil
}

// userOfUnit tells whether somebody is of a unit: by the account, or by a role held there.
func (t *tx) userOfUnit(user, unit int64) (bool, error) {
	u, err := look[User](t, user)
	if err != nil || u.UnitID == unit {
		return true, err
	}
	grants, err := t.grantsOf(user)
	return slices.ContainsFunc(grants, func(g RoleGrant) bool { return g.Scope == "unit" && g.ScopeID == unit }), err
}

// mayDecideExtension lets those decide whose turn it is; who holds the role and is recused is told so.
func (t *tx) mayDecideExtension(k *Ticket, units []TicketUnit, e *Extension) (rungNow, error) {
	now, err := t.rungOf(k, units, e)
	if err != nil || slices.Contains(now.people, t.actor.ID) {
		return now, err
	}
	roles, err := t.roles(ticketPlace(k, units))
	if err != nil {
		return now, err
	}
	for _, r := range e.Roles() {
		if slices.Contains(roles, r) {
			return now, refused("extension_not_your_turn", nil)
		}
	}
	return now, denied()
}
