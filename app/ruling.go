package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// asked is a wish that a rule set decides on: of a ticket, or of a thing whose facts are given.
type asked struct {
	ticket         *Ticket
	facts          workflows.Facts
	taskForce      int64  // whose calendar counts; a ticket brings its own
	ruleset        string // under which the thing was entered; a ticket brings its own
	given          []string
	before         int // how often it was granted already
	newDay, oldDay calendar.Date
}

// ruling is what the rule set in force says of a wish, with the rule that says it.
type ruling struct {
	title  workflows.Words
	stamp  string
	by     []workflows.Role // who may ask; empty where the rule does not say
	decide []workflows.Role // who decides, in order
	why    string           // "" when nothing stands against it, else an outcome of workflows.Outcomes
	lacks  []string
	first  calendar.Date
	last   calendar.Date // last day on which it is in time; zero for any
	latest calendar.Date // latest new date; zero for any
	times  int
}

// args are what the sentence of a refusal names: the rule and its limits.
func (r *ruling) args() map[string]any {
	return map[string]any{"Rule": r.title, "Stamp": r.stamp, "First": r.first, "Last": r.last, "Latest": r.latest, "Times": r.times}
}

// inTime refuses a wish that comes too early, too late or too often, with the rule and the day.
func (r *ruling) inTime() error {
	switch r.why {
	case "late":
		return refused("asked_late", r.args())
	case "too_early":
		return refused("asked_early", r.args())
	case "too_often":
		return refused("asked_too_often", r.args())
	}
	return nil
}

// tooLong tells whether the new date lies further behind the old one than the rule allows.
func (r *ruling) tooLong() bool { return r.why == "too_long" }

// lacking adds a fault at each field that the rule wants filled in and that has none yet.
func (r *ruling) lacking(c *check) {
	for _, field := range r.lacks {
		if !slices.ContainsFunc(c.faults, func(f *Fault) bool { return f.Field == field }) {
			c.add(field, "asked_lacks", r.args())
		}
	}
}

// chain is who decides, joined by commas: the supervision director where the rule names nobody [P].
func (r *ruling) chain() string {
	if len(r.decide) == 0 {
		return string(workflows.RoleSupervisionDirector)
	}
	var names []string
	for _, role := range r.decide {
		names = append(names, string(role))
	}
	return strings.Join(names, ",")
}

// ruledMoves names the request of the rule set that a move must satisfy, where one is written.
func ruledMoves() map[string]string {
	return map[string]string{"dispute": "dispute", "ask_pause": "pause", "reopen": "reopen"}
}

// ruleMove asks the rule set about a move that it may limit, and then the workflow's own window does not count; nil where it says nothing about it.
func (t *tx) ruleMove(k *Ticket, move workflows.Move, cmd MoveTicket) (*ruling, error) {
	id, ok := ruledMoves()[move.ID]
	if !ok {
		return nil, nil
	}
	var given []string
	for field, value := range map[string]string{"reason": cmd.Reason, "reason_code": cmd.ReasonCode, "expected_end": cmd.ExpectedEnd.String(), "due_on": cmd.DueOn.String()} {
		if strings.TrimSpace(value) != "" {
			given = append(given, field)
		}
	}
	before := map[string]int{"dispute": k.Disputes, "ask_pause": k.Pauses, "reopen": k.Reopens}[move.ID]
	r, err := t.ruling("ticket", id, asked{ticket: k, given: given, before: before})
	if err != nil || r == nil {
		return nil, err
	}
	return r, r.inTime()
}

// ruling asks the rule set under which a thing was entered about a wish; nil where no rule is written for it.
func (t *tx) ruling(scope, id string, a asked) (*ruling, error) {
	facts := a.facts
	if a.ticket != nil {
		a.ruleset = a.ticket.Ruleset
		var err error
		if facts, err = t.ticketFacts(a.ticket); err != nil {
			return nil, err
		}
	}
	taskForce := a.taskForce
	if a.ticket != nil {
		taskForce = a.ticket.TaskForceID
	}
	set, cal := t.rulesOf(a.ruleset), t.counts(taskForce)
	ask := workflows.Ask{Facts: facts, On: int(t.today), Minute: RuleMinute(t.calendar(taskForce), t.now), Given: a.given, Before: a.before, OldDay: int(a.oldDay), NewDay: int(a.newDay)}
	for _, r := range set.Request(scope, id) {
		v, err := r.Decide(ask, cal)
		switch {
		case err != nil:
			return nil, fmt.Errorf("ask the rule set %s: %w", set.ID, err)
		case v.Why == "not_applicable":
			continue
		}
		return &ruling{title: r.Title, stamp: fmt.Sprintf("%s/%s@%d", set.ID, r.ID, set.Version), decide: v.Decide, why: v.Why, lacks: v.Lacks,
			first: calendar.Date(v.FirstDay), last: calendar.Date(v.LastDay), latest: calendar.Date(v.Latest), times: r.Times}, nil
	}
	if scope == "ticket" && a.ticket != nil {
		return t.partRuling(id, a)
	}
	return nil, nil
}

// partRuling asks for the part of the receiving unit that asks, where the rule set writes its requests about receiving units and not about tickets.
func (t *tx) partRuling(id string, a asked) (*ruling, error) {
	if len(t.rulesOf(a.ticket.Ruleset).Request("receiving_unit", id)) == 0 {
		return nil, nil
	}
	units, err := t.ticketUnits(a.ticket.ID)
	if err != nil {
		return nil, err
	}
	facts, err := t.ticketFacts(a.ticket)
	if err != nil {
		return nil, err
	}
	facts = maps.Clone(facts)
	facts["received_on"] = int(a.ticket.IssuedOn)
	for _, u := range units {
		own, err := t.ofUnits(u.UnitID)
		if err != nil {
			return nil, err
		}
		if own {
			facts["part"], facts["accepted"], facts["accepted_on"] = u.Part, !u.AcceptedOn.IsZero(), int(u.AcceptedOn)
			break
		}
	}
	a.ruleset, a.ticket, a.facts = a.ticket.Ruleset, nil, facts
	return t.ruling("receiving_unit", id, a)
}
