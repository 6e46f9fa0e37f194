package workflows

import (
	"fmt"
	"strings"
)

// Mermaid draws the ladders of the rule set as a Mermaid flowchart in one language, one box for each rule.
func (s *Ruleset) Mermaid(lang string) string {
	var b strings.Builder
	b.WriteString("flowchart TB\n")
	for i := range s.Rules {
		s.Rules[i].draw(&b, fmt.Sprintf("r%d", i+1), lang)
	}
	for _, l := range Lights() {
		fmt.Fprintf(&b, "    classDef %s fill:%s,stroke:#333,color:#111\n", l, lightFills()[l])
	}
	return b.String()
}

func lightFills() map[Light]string {
	return map[Light]string{LightGreen: "#b7e4c7", LightBlue: "#a9d6f5", LightStale: "#d9d9d9", LightYellow: "#ffe58f", LightOrange: "#ffc069", LightRed: "#ff9c9c"}
}

// draw draws one rule: the arrows say when the next step comes, the boxes what it brings.
func (r *Rule) draw(b *strings.Builder, id, lang string) {
	translation := problemsIn(lang)
	fmt.Fprintf(b, "    subgraph %s[\"%s\"]\n", id, mermaidText(r.Title.In(lang)))
	fmt.Fprintf(b, "        %s_0([\"%s\"])\n", id, mermaidText(r.origin(lang).in(translation)))
	before := id + "_0"
	for i := range r.Steps {
		step := &r.Steps[i]
		node := fmt.Sprintf("%s_%d", id, i+1)
		fmt.Fprintf(b, "        %s[\"%s\"]\n", node, mermaidText(step.label(lang)))
		if r.Anchor == "" {
			before = id + "_0"
		}
		fmt.Fprintf(b, "        %s -->|\"%s\"| %s\n", before, mermaidText(r.arrow(i).in(translation)), node)
		if step.Light != LightNone {
			fmt.Fprintf(b, "        class %s %s\n", node, step.Light)
		}
		before = node
	}
	b.WriteString("    end\n")
}

// origin is what the rule is judged by, and from when.
func (r *Rule) origin(lang string) phrase {
	switch {
	case r.Every != "":
		return say("judged every %s", say(r.Every))
	case len(r.On) > 0:
		return say("on %s", strings.Join(r.On, ", "))
	}
	m, _ := r.scope.measure(r.Anchor)
	if len(r.Due) > 0 {
		return say("%s + %s", m.Title.In(lang), clausesText(r.Due))
	}
	return say("%s", m.Title.In(lang))
}

// arrow is when a step comes.
func (r *Rule) arrow(i int) phrase {
	step := &r.Steps[i]
	var when phrase
	switch {
	case step.Follows:
		when = say("the answer to the paper before is late: +%s", step.Threshold())
	case step.After != nil:
		when = say("the day after %s", step.After.String())
	case step.At != nil:
		when = say("%s", step.At.String())
	case step.If == "":
		when = say("always")
	default:
		when = say("%s", step.If)
	}
	if step.If != "" && (step.Follows || step.After != nil || step.At != nil) {
		when = say("%s, if %s", when, step.If)
	}
	if step.Run > 1 {
		when = say("%s, %d periods in a row", when, step.Run)
	}
	return when
}

// label is what a step brings.
func (s *Step) label(lang string) string {
	translation := problemsIn(lang)
	var parts []string
	if s.Light != LightNone {
		parts = append(parts, say(string(s.Light)).in(translation))
	} else {
		parts = append(parts, s.ID)
	}
	title := func(list []Named, id string) string {
		for _, n := range list {
			if n.ID == id {
				return n.Title.In(lang)
			}
		}
		return id
	}
	if s.Paper != "" {
		parts = append(parts, title(Papers(), s.Paper))
	}
	if s.Interview != "" {
		parts = append(parts, say("interview by %s", title(Recipients(), s.Interview)).in(translation))
	}
	if s.Points != 0 || s.PerPoints != "" {
		parts = append(parts, say("%s points", pointsText(s)).in(translation))
	}
	if s.Notice != "" {
		parts = append(parts, say("public notice").in(translation))
	}
	if s.Coordination != 0 {
		parts = append(parts, say("coordination level %d", s.Coordination).in(translation))
	}
	if s.Remark != nil {
		parts = append(parts, s.Remark.In(lang))
	}
	var told []string
	for _, id := range s.Tell {
		told = append(told, title(Recipients(), id))
	}
	if len(told) > 0 {
		parts = append(parts, "→ "+strings.Join(told, " / "))
	}
	return strings.Join(parts, " · ")
}
