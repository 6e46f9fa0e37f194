package app

import (
	"context"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Extension is a 延期申请: a receiving unit's leader asks for a later date before the due date, with the reason and the progress so far; a chain of people
// decides in order. Granted, it moves the date in force and not the date that judges.
type Extension struct {
	Row
	TicketID  int64
	UnitID    int64  // the unit that asks
	State     string // "asked", "granted", "refused", "withdrawn" or "lapsed"
	OldOn     calendar.Date
	WantedOn  calendar.Date
	GrantedOn calendar.Date // what the last step granted; zero while nobody has
	LastOn    calendar.Date // last day on which it could be asked
	Reason    string
	Progress  string
	Chain     string // roles that decide, in order, joined by commas; frozen when it was asked
	Step      int    // how many of them have decided
	Rule      string // "ruleset/request@version"
	AskedBy   int64
	AskedAt   int64
	SettledAt int64
}

// Roles are the roles that decide, in order.
func (e Extension) Roles() []workflows.Role {
	var out []workflows.Role
	for _, name := range strings.Split(e.Chain, ",") {
		out = append(out, workflows.Role(name))
	}
	return out
}

// ExtensionDecision is what one step of the chain of approval decided. It never changes.
type ExtensionDecision struct {
	ID          int64 `gorm:"primaryKey"`
	ExtensionID int64
	Step        int            // counted from 0
	Role        workflows.Role // under which it was decided
	StandsFor   string         // the steps of the chain up to this one that nobody could decide, joined by commas
	Granted     bool
	GrantedOn   calendar.Date
	Note        string
	DecidedBy   int64
	DecidedAt   int64
}

// AskExtension is the command with which a unit's leader asks for a later due date.
type AskExtension struct {
	Ticket, Version  int64
	WantedOn         calendar.Date
	Reason, Progress string
}

// AskExtension asks for a later due date of a ticket; the rule set in force says until when, how often, how far and who decides.
func (a *App) AskExtension(ctx context.Context, actor Actor, cmd AskExtension) error {
	return a.write(ctx, actor, func(t *tx) error {
		k, units, err := t.extendable(cmd.Ticket)
		if err != nil {
			return err
		}
		unit, err := t.askingUnit(units)
		if err != nil {
			return err
		}
		if cmd.Version != k.Version {
			return t.stale(recordsOfTicket, k.ID)
		}
		if waiting, err := t.waitingExtension(k.ID); err != nil || waiting != nil {
			return errOr(err, refused("extension_waiting", nil))
		}
		if err := t.openForExtension(k); err != nil {
			return err
		}
		e := &Extension{TicketID: k.ID, UnitID: unit, State: "asked", OldOn: k.DueOn, WantedOn: cmd.WantedOn, Reason: strings.TrimSpace(cmd.Reason),
			Progress: strings.TrimSpace(cmd.Progress), AskedBy: t.actor.ID, AskedAt: t.now.Unix()}
		if err := t.checkExtension(k, e); err != nil {
			return err
		}
		if err := t.settleTicket(k); err != nil {
			return err
		}
		if err := insert(t, e); err != nil {
			return err
		}
		return t.extensionMoved(k, *k, units, e, "ask_extension", "")
	})
}

// extendable reads a ticket that the actor may see.
func (t *tx) extendable(id int64) (*Ticket, []TicketUnit, error) {
	k, err := get[Ticket](t, id)
	if err != nil {
		return nil, nil, err
	}
	units, err := t.ticketUnits(k.ID)
	if err != nil {
		return nil, nil, err
	}
	return k, units, t.ticketVisible(k, units)
}

// askingUnit is the receiving unit whose leader the actor is: the own one first.
func (t *tx) askingUnit(units []TicketUnit) (int64, error) {
	var led []int64
	for _, u := range units {
		roles, err := t.roles(place{units: []int64{u.UnitID}})
		if err != nil {
			return 0, err
		}
		if slices.Contains(roles, workflows.RoleUnitLeader) {
			led = append(led, u.UnitID)
		}
	}
	switch {
	case len(led) == 0:
		return 0, denied()
	case slices.Contains(led, t.actor.UnitID):
		return t.actor.UnitID, nil
	}
	return led[0], nil
}

// openForExtension refuses while the clock stands or the feedback is in.
func (t *tx) openForExtension(k *Ticket) error {
	state, _ := t.machine("ticket", k.MachineVersion).State(k.State)
	if state.Kind != workflows.KindOpen || k.State == "disputed" || !k.SubmittedOn.IsZero() || k.DueOn.IsZero() {
		return refused("extension_closed", nil)
	}
	return nil
}

// waitingExtension is the request that waits for a decision, nil when there is none.
func (t *tx) waitingExtension(ticket int64) (*Extension, error) {
	found, err := list[Extension](t, "id DESC", "ticket_id = ? AND state = 'asked'", ticket)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// checkExtension checks the form, then asks the rule set whether the request is in time, and freezes what the rule says.
func (t *tx) checkExtension(k *Ticket, e *Extension) error {
	r, err := t.ruling("ticket", "extension", asked{ticket: k, given: e.given(), before: k.Extensions, newDay: e.WantedOn, oldDay: k.DueOn})
	if err != nil {
		return err
	}
	if r == nil {
		return refused("extension_none", nil)
	}
	if err := r.inTime(); err != nil {
		return err
	}
	var c check
	c.text("reason", e.Reason, 500, false)
	c.text("progress", e.Progress, 1000, false)
	switch {
	case e.WantedOn.IsZero():
		c.add("wanted_on", "required", nil)
	case e.WantedOn <= k.DueOn:
		c.add("wanted_on", "extension_not_later", map[string]any{"Due": k.DueOn})
	case r.tooLong():
		c.add("wanted_on", "asked_too_long", r.args())
	}
	r.lacking(&c)
	if err := c.err(); err != nil {
		return err
	}
	e.Chain, e.LastOn, e.Rule = r.chain(), r.last, r.stamp
	return nil
}

// given names what was filled in.
func (e *Extension) given() []string {
	var out []string
	for name, value := range map[string]string{"reason": e.Reason, "progress": e.Progress} {
		if value != "" {
			out = append(out, name)
		}
	}
	return out
}

// extensionMoved stores the ticket, records what happened to the request, and tells whose turn it is now; was is the ticket before.
func (t *tx) extensionMoved(k *Ticket, was Ticket, units []TicketUnit, e *Extension, action, note string) error {
	if err := t.saveTicket(k); err != nil {
		return err
	}
	before, after := map[string]any{}, map[string]any{"extension": e.ID, "step": e.Step, "wanted_on": e.WantedOn}
	switch {
	case action == "ask_extension":
		note = e.Reason
		after = map[string]any{"extension": e.ID, "due_on": e.OldOn, "wanted_on": e.WantedOn, "progress": e.Progress, "chain": e.Chain}
	case was.DueOn != k.DueOn:
		before["due_on"], after["due_on"] = was.DueOn, k.DueOn
	case !e.GrantedOn.IsZero():
		after["granted_on"] = e.GrantedOn
	}
	if was.Extensions != k.Extensions { // what the journal tells of the ticket is all that changed on it
		before["extensions"], after["extensions"] = was.Extensions, k.Extensions
		before["date_changes"], after["date_changes"] = was.DateChanges, k.DateChanges
	}
	c := t.ticketChange("ticket."+action, k, nil)
	c.before, c.after, c.reason, c.rule = before, after, note, e.Rule
	t.record(c)
	ev := eventOf(k, action, k.Version)
	ev.reason = note
	to, err := t.toldOfExtension(k, units, e)
	if err != nil {
		return err
	}
	return t.tell(ev, slices.DeleteFunc(to, func(u int64) bool { return u == t.actor.ID }))
}

// toldOfExtension are those who decide now, or who asked when nothing is left to decide.
func (t *tx) toldOfExtension(k *Ticket, units []TicketUnit, e *Extension) ([]int64, error) {
	if e.State == "asked" {
		now, err := t.rungOf(k, units, e)
		return now.people, err
	}
	there, err := t.present(e.AskedBy)
	if err != nil || k.HandlerID == 0 || k.HandlerID == e.AskedBy {
		return there, err
	}
	handler, err := t.present(k.HandlerID)
	return append(there, handler...), err
}

// lapseExtension ends a request on a ticket that is over.
func (t *tx) lapseExtension(k *Ticket) error {
	e, err := t.waitingExtension(k.ID)
	if err != nil || e == nil {
		return err
	}
	e.State, e.SettledAt = "lapsed", t.now.Unix()
	c := t.ticketChange("ticket.lapse_extension", k, nil)
	c.before, c.after, c.rule = map[string]any{}, map[string]any{"extension": e.ID, "step": e.Step, "wanted_on": e.WantedOn}, e.Rule
	t.record(c)
	return update(t, e)
}
