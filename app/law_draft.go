package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// lawDrafters may draft a new version of the law.
func lawDrafters() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleAdministrator}
}

// lawDeciders may approve what somebody else has drafted.
func lawDeciders() []workflows.Role {
	return []workflows.Role{workflows.RoleSupervisionDirector, workflows.RoleDistrictLeader}
}

// LawKinds lists what can be published: a rule set, or a workflow.
func LawKinds() []string { return []string{"ruleset", "machine"} }

// DraftLaw is the command that drafts a version of a rule set or workflow, or changes a draft.
type DraftLaw struct {
	Law, Version  int64 // of the draft that is changed; 0 for a new one
	Kind          string
	Text          string // the YAML
	Reason        string
	EffectiveFrom calendar.Date // at the earliest tomorrow [P]
}

// DraftLaw files a draft whose text can be read, whose cases come out and which may follow the versions in force; the supervision director and administrators may.
func (a *App) DraftLaw(ctx context.Context, actor Actor, cmd DraftLaw) (*Law, error) {
	var l *Law
	cmd.Text = strings.ReplaceAll(cmd.Text, "\r\n", "\n") // as browsers send it
	err := a.write(ctx, actor, func(t *tx) error {
		if err := t.require(place{}, lawDrafters()...); err != nil {
			return err
		}
		l = &Law{State: "draft", DraftedBy: t.actor.ID, DraftedAt: t.now.Unix()}
		var was any
		if cmd.Law != 0 {
			var err error
			if l, err = t.openDraft(cmd.Law, cmd.Version); err != nil {
				return err
			}
			was, l.DraftedBy, l.DraftedAt = *l, t.actor.ID, t.now.Unix()
			cmd.Kind = l.Kind
		}
		e, err := t.checkLaw(cmd)
		if err != nil {
			return err
		}
		l.Kind, l.Name, l.Edition, l.YAML, l.SHA256, l.Source = cmd.Kind, e.name, e.edition, cmd.Text, lawHash(cmd.Text), sourceOf(e)
		l.Reason, l.EffectiveFrom = strings.TrimSpace(cmd.Reason), cmd.EffectiveFrom
		if was == nil {
			err = insert(t, l)
		} else {
			err = update(t, l)
		}
		if err != nil {
			return err
		}
		t.record(lawChange("law.draft", l, was))
		return nil
	})
	return l, err
}

func sourceOf(e enacted) string {
	source := ""
	if e.rules != nil {
		source = e.rules.Source
	} else {
		source = e.machine.Source
	}
	if r := []rune(source); len(r) > maxText {
		source = string(r[:maxText])
	}
	return source
}

// openDraft reads a draft that the person had on the screen.
func (t *tx) openDraft(id, version int64) (*Law, error) {
	l, err := get[Law](t, id)
	if err != nil {
		return nil, err
	}
	if l.Version != version || l.State != "draft" {
		return nil, t.stale("object_kind = 'law' AND object_id = ?", l.ID)
	}
	return l, nil
}

// checkLaw reads the text, runs its cases, and asks whether it may follow what is in force.
func (t *tx) checkLaw(cmd DraftLaw) (enacted, error) {
	var c check
	if !slices.Contains(LawKinds(), cmd.Kind) {
		c.add("kind", "choose", nil)
	}
	c.text("reason", cmd.Reason, 500, false)
	switch {
	case cmd.EffectiveFrom.IsZero():
		c.add("effective_from", "required", nil)
	case cmd.EffectiveFrom <= t.today:
		c.add("effective_from", "law_too_early", map[string]any{"First": t.today.AddDays(1)})
	}
	if !isText(cmd.Text) {
		c.add("text", "not_text", nil)
	} else if strings.TrimSpace(cmd.Text) == "" {
		c.add("text", "required", nil)
	}
	if err := c.err(); err != nil {
		return enacted{}, err
	}
	e, err := t.app.readDraft(cmd.Kind, cmd.Text)
	if problems := workflows.Problems(err); len(problems) > 0 {
		return e, invalid("text", "law_wrong", map[string]any{"N": len(problems)})
	}
	if err != nil {
		return e, err
	}
	return e, t.mayFollow(e)
}

// readDraft reads a text and runs the cases inside it.
func (a *App) readDraft(kind, text string) (enacted, error) {
	e, err := parseLaw(kind, text)
	if err == nil && e.rules != nil {
		err = e.rules.Prove(RulesCalendar(a.opt.Calendar))
	}
	return e, err
}

// LawProblems says what is wrong in a text, in the order of its lines: what can't be read, and cases that do not come out.
func (a *App) LawProblems(kind, text string) []*workflows.Problem {
	_, err := a.readDraft(kind, strings.ReplaceAll(text, "\r\n", "\n"))
	return workflows.Problems(err)
}

// mayFollow asks whether a version may follow those that are approved: with a higher number, and for a workflow without leaving running items stateless.
func (t *tx) mayFollow(e enacted) error {
	newest := 0
	for _, old := range t.book.list {
		if old.kind == e.kind && old.name == e.name {
			newest = max(newest, old.edition)
		}
	}
	if e.edition <= newest {
		return invalid("text", "law_edition", map[string]any{"Name": e.name, "Next": newest + 1})
	}
	if e.machine == nil {
		return nil
	}
	if newest == 0 {
		return invalid("text", "law_no_machine", map[string]any{"Name": e.name})
	}
	return t.keepsWays(e.machine, t.machineNow(e.name))
}

// keepsWays refuses a workflow that has lost a state or a move which the program, and items on their way, know by name, or that asks for what no form has.
func (t *tx) keepsWays(draft, old *workflows.Machine) error {
	for _, s := range old.States {
		if kept, ok := draft.State(s.ID); !ok || kept.Kind != s.Kind {
			return invalid("text", "law_state_lost", map[string]any{"State": s.ID})
		}
	}
	fields := map[string]bool{}
	for _, m := range t.app.opt.Machines[draft.ID].Moves {
		for _, n := range m.Needs {
			fields[n.Field] = true
		}
		if _, ok := draft.Move(m.ID); !ok {
			return invalid("text", "law_move_lost", map[string]any{"Move": m.ID})
		}
	}
	for _, m := range draft.Moves {
		for _, n := range m.Needs {
			if !fields[n.Field] {
				return invalid("text", "law_need_unknown", map[string]any{"Field": n.Field})
			}
		}
	}
	return nil
}

// DecideLaw is the command that approves or rejects a draft, or takes it back.
type DecideLaw struct {
	Law, Version int64
	Decision     string // "approve", "reject" or "withdraw"
	Note         string // needed for a rejection
}

// DecideLaw decides on a draft: a supervision director or district leader who has not drafted it approves or rejects, drafters withdraw. From its day on
// what is approved holds for what is entered then and for the months that end then; what runs keeps its version, and what was judged stays as it was.
func (a *App) DecideLaw(ctx context.Context, actor Actor, cmd DecideLaw) (*Law, error) {
	var l *Law
	err := a.write(ctx, actor, func(t *tx) error {
		may := lawDeciders()
		if cmd.Decision == "withdraw" {
			may = lawDrafters()
		}
		if err := t.require(place{}, may...); err != nil {
			return err
		}
		var err error
		if l, err = t.openDraft(cmd.Law, cmd.Version); err != nil {
			return err
		}
		was := *l
		if err := t.checkDecision(l, cmd); err != nil {
			return err
		}
		l.State = map[string]string{"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}[cmd.Decision]
		l.DecidedBy, l.DecidedAt, l.DecisionNote = t.actor.ID, t.now.Unix(), strings.TrimSpace(cmd.Note)
		if err := update(t, l); err != nil {
			if duplicate(err) {
				return refused("law_taken", nil)
			}
			return err
		}
		t.record(lawChange("law."+cmd.Decision, l, was))
		if l.State == "approved" && l.Kind == "ruleset" {
			return t.ringProjects(l.EffectiveFrom)
		}
		return nil
	})
	return l, err
}

func (t *tx) checkDecision(l *Law, cmd DecideLaw) error {
	var c check
	c.text("note", cmd.Note, 500, cmd.Decision != "reject")
	if !slices.Contains([]string{"approve", "reject", "withdraw"}, cmd.Decision) {
		c.add("decision", "choose", nil)
	}
	if err := c.err(); err != nil {
		return err
	}
	if cmd.Decision == "withdraw" {
		return nil
	}
	if l.DraftedBy == t.actor.ID {
		return refused("law_own", nil)
	}
	if cmd.Decision == "reject" {
		return nil
	}
	if l.EffectiveFrom <= t.today {
		return refused("law_late", map[string]any{"Day": l.EffectiveFrom})
	}
	e, err := t.app.readDraft(l.Kind, l.YAML)
	if err != nil {
		return fmt.Errorf("read the draft %s again: %w", l.no(), err)
	}
	if AsFaults(t.mayFollow(e)) != nil {
		return refused("law_taken", nil)
	}
	return nil
}

// ringProjects sets the alarm clocks of running projects, and of task forces, units and the district, to the day on which a rule set takes effect: it is theirs from then on.
func (t *tx) ringProjects(from calendar.Date) error {
	at := t.begins(from)
	for _, table := range []string{"projects", "subjects"} {
		if err := execute(t.ctx, t.db, "UPDATE "+table+" SET next_check_at = ? WHERE next_check_at = 0 OR next_check_at > ?", at, at); err != nil {
			return err
		}
	}
	return nil
}
