package workflows

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// steps reads the ladder of a rule.
func (r *ruleReader) steps(rule table) {
	rows := rule.rows("steps")
	if len(rows) == 0 {
		rule.fail(rule.at("steps"), "%s has no steps: list at least one", rule.what)
	}
	seen := map[string]*yaml.Node{}
	for _, row := range rows {
		t := r.table(row, say("a step of %s", rule.what), "id", "at", "after", "follows", "if", "run", "once", "light", "tell", "paper", "interview", "answer",
			"points", "charge", "notice", "coordination", "remark")
		if row.Kind != yaml.MappingNode {
			continue
		}
		step := Step{ID: t.id("id", seen)}
		if step.ID != "" {
			t.what = say("step %q of %s", step.ID, rule.what)
		}
		if step.ID == "none" {
			t.fail(t.at("id"), "%s: \"none\" stands for no step: call it otherwise", t.what)
		}
		r.effects(t, &step)
		r.light(t, &step)
		r.begins(t, &step)
		r.memory(t, &step)
		r.ascending(t, step)
		r.rule.Steps = append(r.rule.Steps, step)
	}
}

// light reads the light; a step that has another effect may do without.
func (r *ruleReader) light(t table, step *Step) {
	other := step.Paper != "" || step.Interview != "" || step.Points != 0 || step.Notice != "" || step.Coordination != 0 || len(step.Tell) > 0 || step.PerPoints != "" || step.Remark != nil
	if !t.has("light") && other {
		return
	}
	t.must("light", "write one of %s", strings.Join(lightNames(), ", "))
	step.Light = Light(t.choice("light", "light", lightNames()))
}

// effects reads what the step brings.
func (r *ruleReader) effects(t table, step *Step) {
	step.Tell = t.choices("tell", "recipient", ids(r.voc.recipients))
	step.Paper = t.choice("paper", "paper", ids(r.voc.papers))
	step.Interview = t.choice("interview", "recipient", ids(r.voc.recipients))
	step.Answer = t.lengthOfTime("answer")
	step.Charge = t.choice("charge", "account", []string{"unit", "task_force", "project"})
	step.Notice = t.choice("notice", "extent", []string{"task_force", "unit", "district"})
	if t.has("points") {
		n, err := strconv.ParseFloat(t.text("points"), 64)
		if err != nil {
			r.formula(t, step)
		} else if n == 0 || n < -1000 || n > 1000 {
			t.fail(t.at("points"), "%s: points: %q is not a number of points: write -2 to take two points away", t.what, t.text("points"))
		}
		step.Points = n
		if step.Charge == "" {
			step.Charge = "unit"
		}
	} else if t.has("charge") {
		t.fail(t.at("charge"), "%s has charge but no points: add points, or remove charge", t.what)
	}
	if t.has("remark") {
		step.Remark = t.words("remark")
	}
	if t.has("coordination") {
		if step.Coordination = t.count("coordination"); step.Coordination > 4 {
			t.fail(t.at("coordination"), "%s: coordination levels go from 1 to 4, and %d is none", t.what, step.Coordination)
		}
	}
	if t.has("paper") && t.empty("tell") {
		t.fail(t.at("paper"), "%s: the paper goes to nobody: add tell", t.what)
	}
	if t.has("answer") && !t.has("paper") {
		t.fail(t.at("answer"), "%s: there is a time to answer but no paper: add paper, or remove answer", t.what)
	}
}

// formula reads points that follow from the facts.
func (r *ruleReader) formula(t table, step *Step) {
	step.PerPoints = t.text("points")
	cond, fault := compileFormula(step.PerPoints, r.rule.scope)
	if fault != nil {
		line, column := t.locate(t.at("points"), fault.offset)
		t.failAt(line, column, "%s: %s: %s", t.what, "points", fault.text)
		return
	}
	step.formula = cond
	r.uses = append(r.uses, cond.uses...)
	r.rule.calls = r.rule.calls || len(cond.calls) > 0
}

// begins reads where a step begins: a term from the anchor or the deadline, the deadline of the paper before, or a condition.
func (r *ruleReader) begins(t table, step *Step) {
	anchored := r.rule.Anchor != ""
	step.At, step.After = t.termOf("at", anchored && r.timed()), t.termOf("after", anchored && r.timed())
	step.If, step.cond = t.text("if"), r.condition(t, "if")
	step.Follows = t.choice("follows", "step to follow", []string{"answer"}) == "answer"
	days := t.has("at") || t.has("after") || t.has("follows")
	switch {
	case r.unsure:
	case anchored && !days:
		t.fail(t.node, "%s has no \"at\": write when it begins, such as at: +10 workdays", t.what)
	case anchored && t.has("after") && (t.has("at") || t.has("follows")):
		t.fail(t.at("after"), "%s has after beside at or follows: keep one", t.what)
	case r.rule.Every != "" && days:
		t.fail(t.node, "%s: the steps of a rule judged every period begin by condition: write if instead of at, after or follows", t.what)
	case r.rule.Every != "" && !t.has("if"):
		t.fail(t.node, "%s has no \"if\": write the condition under which it is lit", t.what)
	case len(r.rule.On) > 0 && days:
		t.fail(t.node, "%s: the steps of a rule judged on an event come with the event: write if, or count from the day of the card with anchor: yellow_on", t.what)
	}
	if !step.Follows || r.unsure {
		return
	}
	if n := len(r.rule.Steps); n == 0 || r.rule.Steps[n-1].Answer == nil {
		t.fail(t.at("follows"), "%s follows the answer to the paper of the step before, and that asks for none: add paper and answer to the step before", t.what)
	}
}

// memory reads how often a step's condition must have held, and how often the step comes.
func (r *ruleReader) memory(t table, step *Step) {
	if t.has("run") {
		step.Run = t.count("run")
		switch {
		case r.rule.Every == "" && !r.unsure:
			t.fail(t.at("run"), "%s: run counts periods in a row, and the rule is not judged every period: write every, or remove run", t.what)
		case step.Run > 60:
			t.fail(t.at("run"), "%s: run: more than 60 periods in a row are not looked back on", t.what)
		}
	}
	step.Once = t.choice("once", "span", []string{"ever", "year", "quarter", "month"})
}

// ascending reports a step that is milder or earlier than the one before; days and working days can't be compared here.
func (r *ruleReader) ascending(t table, step Step) {
	if len(r.rule.Steps) == 0 {
		return
	}
	before := r.rule.Steps[len(r.rule.Steps)-1]
	if before.Light.Worse(step.Light) && step.Light != LightNone {
		t.fail(t.at("light"), "%s: %s is milder than %s of the step before: put the steps in rising gravity", t.what, say(string(step.Light)), say(string(before.Light)))
	}
	same := before.At != nil && step.At != nil && before.At.Unit == step.At.Unit
	if same && !step.Follows && !before.Follows && (step.At.N < before.At.N || step.At.N == before.At.N && (step.If == "" || before.If == "")) {
		t.fail(t.at("at"), "%s: %s is not after %s of the step before: put the steps in the order in which they begin", t.what, step.At, before.At)
	}
	if step.If != "" && step.If == before.If && step.Run <= before.Run && step.At == nil && !slices.Contains([]string{"ever", "year", "quarter", "month"}, step.Once) {
		t.fail(t.at("if"), "%s has the same condition as the step before, which would never come: change one of them", t.what)
	}
}
