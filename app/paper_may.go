package app

import (
	"battlemap/workflows"
)

// What may be done to a paper is asked here, by the door and by the page that offers the form.

// paperVisible tells people who hold no role where the paper lives that it is missing.
func (t *tx) paperVisible(p *Paper) error {
	if t.actor.trusted() {
		return nil
	}
	roles, err := t.roles(p.place())
	if err == nil && len(roles) == 0 {
		return missing()
	}
	return err
}

// ofReceiver lets the people of the unit that the paper was issued to pass.
func (t *tx) ofReceiver(p *Paper, any ...workflows.Role) error {
	return t.require(place{units: []int64{p.UnitID}}, any...)
}

func (t *tx) mayReceive(p *Paper, l *PaperLife) error {
	if err := t.ofReceiver(p, workflows.RoleUnitHandler, workflows.RoleUnitLeader); err != nil {
		return err
	}
	if !l.Open() || !l.ReceivedOn.IsZero() {
		return refused("paper_received", nil)
	}
	return nil
}

func (t *tx) mayPromise(p *Paper, l *PaperLife) error {
	if err := t.ofReceiver(p, workflows.RoleUnitHandler, workflows.RoleUnitLeader); err != nil {
		return err
	}
	switch {
	case !l.Open():
		return refused("paper_ended", nil)
	case !l.PromisedOn.IsZero():
		return refused("paper_promised", nil)
	}
	return nil
}

func (t *tx) mayAnswer(p *Paper, l *PaperLife) error {
	if err := t.ofReceiver(p, workflows.RoleUnitLeader); err != nil {
		return err
	}
	switch {
	case !l.Open():
		return refused("paper_ended", nil)
	case p.Kind == "interview_notice":
		return refused("paper_no_answer", nil)
	case l.State == "answered":
		return refused("paper_answered", nil)
	}
	return nil
}

// mayDecide lets supervisors decide on an answer, never those of the unit or the task force that it is about.
func (t *tx) mayDecide(p *Paper, l *PaperLife, verdict string) error {
	roles := verifiers()
	approvers, _, allowed := t.allowsReasons(p)
	if verdict == "exempt" {
		roles = approvers
	}
	if err := t.issuerSide(p, roles...); err != nil {
		return err
	}
	switch {
	case !l.Open():
		return refused("paper_ended", nil)
	case l.State != "answered":
		return refused("paper_not_answered", nil)
	case verdict == "exempt" && !allowed:
		return refused("no_exemption", nil)
	}
	return nil
}

// mayRecord lets the issuing side put an interview or a notice on record.
func (t *tx) mayRecord(p *Paper, l *PaperLife) error {
	if err := t.issuerSide(p, verifiers()...); err != nil {
		return err
	}
	form, _ := t.app.forms.Form(p.Kind)
	switch {
	case !form.Record:
		return refused("paper_no_record", nil)
	case l.State == "recorded" || l.State == "superseded":
		return refused("paper_ended", nil)
	}
	return nil
}

// issuerSide lets holders of the roles pass who are neither of the unit nor of the task force: nobody judges their own matter, 考评督导 neither.
func (t *tx) issuerSide(p *Paper, any ...workflows.Role) error {
	if err := t.require(p.place(), any...); err != nil {
		return err
	}
	return t.notOwn(p.TaskForceID, p.UnitID)
}

func (t *tx) notOwn(taskForce int64, units ...int64) error {
	tf := &TaskForce{} // a unit's own matter, and the district's, belong to no task force
	if taskForce != 0 {
		var err error
		if tf, err = look[TaskForce](t, taskForce); err != nil {
			return err
		}
	}
	own, err := t.recused([]string{"receiving_unit", "task_force"}, recusal{receiving: units, taskForce: *tf})
	if err == nil && own {
		return refused("recused", nil)
	}
	return err
}

// allowsReasons tells whether the rule that issued the paper knows accepted reasons, who may accept one, and what that covers: a supervisor's own slips know them, the
// rules judged by the month, and those that say so.
func (t *tx) allowsReasons(p *Paper) (by []workflows.Role, covers string, ok bool) {
	director := []workflows.Role{workflows.RoleSupervisionDirector}
	if p.RuleID == handRule {
		return director, "period", true
	}
	law, found := t.book.of("ruleset", p.Ruleset, p.RulesetVersion)
	if !found {
		return director, "", false
	}
	r, found := law.rules.Rule(p.RuleID)
	switch {
	case !found:
		return director, "", false
	case r.Exemption != nil && len(r.Exemption.By) > 0:
		return r.Exemption.By, r.Exemption.Covers, true
	}
	return director, "period", r.Exemption != nil || r.Every == "month"
}
