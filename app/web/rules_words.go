package web

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// term writes a length of time: 5 个工作日.
func (l law) term(t workflows.Term) string {
	return l.c.Term(calendar.Term{N: t.N, Unit: calendar.Unit(t.Unit)})
}

// measure is the name of a measure.
func (l law) measure(scope, name string) string {
	for _, m := range workflows.Measures(scope) {
		if m.Name == name {
			return m.Title.In(l.c.Lang)
		}
	}
	return name
}

// text is the word behind a code that a measure takes: a state, or a kind of ticket.
func (l law) text(scope, name, value string) string {
	machine := map[string]string{"stage": "project", "project_stage": "project", "state": "ticket"}[name]
	if machine != "" {
		if st, ok := l.c.s.App.Machine(machine).State(value); ok {
			return st.Title.In(l.c.Lang)
		}
	}
	if key := "kind." + value; name == "kind" && l.c.T(key) != key {
		return l.c.T(key)
	}
	return value
}

var conditionToken = regexp.MustCompile(`"[^"]*"|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|==|!=|>=|<=|\S`)

// condition writes an expression of the rule language in words. It rewrites sign by sign, so it says no more and no less than the expression; the page shows both.
func (l law) condition(scope, expression string) string {
	tokens := conditionToken.FindAllString(expression, -1)
	var out []string
	name := "" // the measure that a following text belongs to
	for i := 0; i < len(tokens); i++ {
		token := tokens[i]
		m, isMeasure := measureOf(scope, token)
		switch {
		case token == "not" && i+1 < len(tokens) && boolean(scope, tokens[i+1]):
			i++
			out = append(out, l.c.T("rules.is_not", "Name", l.measure(scope, tokens[i])))
		case isMeasure && m.Type == "bool":
			out = append(out, l.c.T("rules.is", "Name", m.Title.In(l.c.Lang)))
		case isMeasure:
			name = m.Name
			out = append(out, m.Title.In(l.c.Lang))
		case token == "not" && i+1 < len(tokens) && tokens[i+1] == "in":
			i++
			out = append(out, l.c.T("op.not_in"))
		case strings.HasPrefix(token, `"`):
			out = append(out, l.text(scope, name, strings.Trim(token, `"`)))
		default:
			out = append(out, l.sign(token))
		}
	}
	return l.joined(out)
}

func measureOf(scope, name string) (workflows.Measure, bool) {
	list := workflows.Measures(scope)
	i := slices.IndexFunc(list, func(m workflows.Measure) bool { return m.Name == name })
	if i < 0 {
		return workflows.Measure{}, false
	}
	return list[i], true
}

func boolean(scope, name string) bool {
	m, ok := measureOf(scope, name)
	return ok && m.Type == "bool"
}

// sign is a word or an operator of the rule language.
func (l law) sign(token string) string {
	keys := map[string]string{"and": "and", "or": "or", "not": "not", "in": "in", "==": "eq", "!=": "ne", ",": "comma"}
	shown := map[string]string{">=": "≥", "<=": "≤", "[": "", "]": ""}
	if key, ok := keys[token]; ok {
		return l.c.T("op." + key)
	}
	if text, ok := shown[token]; ok {
		return text
	}
	return token
}

// joined puts the pieces in a line; a comma hangs on the piece before it.
func (l law) joined(pieces []string) string {
	var b strings.Builder
	comma := l.c.T("op.comma")
	for _, piece := range pieces {
		if piece == "" {
			continue
		}
		if b.Len() > 0 && piece != comma && !strings.HasSuffix(b.String(), comma) {
			b.WriteString(" ")
		}
		b.WriteString(piece)
	}
	return b.String()
}

// machine is a state machine as tables.
func (l law) machine(m *workflows.Machine) *templates.MachineSheet {
	sheet := &templates.MachineSheet{Default: marked(m.Source), States: l.states(m), Moves: l.moves(m), Mermaid: m.Mermaid(l.c.Lang)}
	initial, _ := m.State(m.Initial)
	sheet.Set = []templates.Def{{Name: l.c.T("rules.machine"), Text: m.Title.In(l.c.Lang), Note: m.ID}, {Name: l.c.T("rules.version"), Text: l.c.T("rules.version_n", "Version", m.Version)},
		{Name: l.c.T("rules.initial"), Text: initial.Title.In(l.c.Lang)}, {Name: l.c.T("rules.source"), Text: m.Source}}
	if m.Units {
		sheet.Set = append(sheet.Set, templates.Def{Name: l.c.T("rules.units"), Text: l.c.T("rules.units_each")})
	}
	return sheet
}

func (l law) states(m *workflows.Machine) templates.Table {
	t := l.table("rules.state", "rules.state_kind", "rules.limit", "rules.leads_on")
	for _, st := range m.States {
		limit := ""
		if st.LimitDays > 0 {
			limit = l.term(workflows.Term{N: st.LimitDays, Unit: "day"})
		}
		var moves []string
		for _, v := range m.Moves {
			if slices.Contains(v.From, st.ID) {
				moves = append(moves, v.Title.In(l.c.Lang))
			}
		}
		l.row(&t, templates.Cell{Text: st.Title.In(l.c.Lang), Class: "name"}, templates.Cell{Text: l.c.T("state_kind." + st.Kind)}, templates.Cell{Text: limit},
			templates.Cell{Text: strings.Join(moves, l.c.T("rules.comma"))})
	}
	return l.trimmed(t)
}

func (l law) moves(m *workflows.Machine) templates.Table {
	t := l.table("rules.move", "rules.path", "rules.by", "rules.verified_by", "rules.needs", "rules.limits", "rules.told")
	for _, v := range m.Moves {
		l.row(&t, templates.Cell{Text: v.Title.In(l.c.Lang), Note: l.nature(v), Class: "name"}, templates.Cell{Text: l.path(m, v)}, templates.Cell{Text: l.roles(v.By)},
			templates.Cell{Text: l.roles(v.VerifiedBy)}, templates.Cell{Text: l.needs(m, v)}, templates.Cell{Text: l.limits(m, v)}, templates.Cell{Text: l.told(v.Tell)})
	}
	return l.trimmed(t)
}

// nature says what kind of move it is.
func (l law) nature(v workflows.Move) string {
	var words []string
	for _, w := range []struct {
		on  bool
		key string
	}{{v.Usual, "rules.usual"}, {v.Grave, "rules.grave"}, {v.EachUnit, "rules.each_unit"}} {
		if w.on {
			words = append(words, l.c.T(w.key))
		}
	}
	if v.Undo > 0 {
		words = append(words, l.c.T("rules.undo", "N", int(v.Undo/time.Second)))
	}
	return strings.Join(words, l.c.T("rules.comma"))
}

func (l law) path(m *workflows.Machine, v workflows.Move) string {
	var from []string
	for _, id := range v.From {
		st, _ := m.State(id)
		from = append(from, st.Title.In(l.c.Lang))
	}
	to := ""
	switch v.To {
	case workflows.Same:
		to = l.c.T("rules.to_same")
	case workflows.Before:
		to = l.c.T("rules.to_before")
	default:
		st, _ := m.State(v.To)
		to = st.Title.In(l.c.Lang)
	}
	return strings.Join(from, l.c.T("rules.comma")) + " → " + to
}

func (l law) roles(roles []workflows.Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, l.c.Role(r))
	}
	return strings.Join(names, l.c.T("rules.comma"))
}

func (l law) told(roles []string) string {
	var names []string
	for _, r := range roles {
		names = append(names, l.c.Role(workflows.Role(r)))
	}
	return strings.Join(names, l.c.T("rules.comma"))
}

func (l law) needs(m *workflows.Machine, v workflows.Move) string {
	var names []string
	for _, n := range v.Needs {
		name := n.Title.In(l.c.Lang)
		if len(n.Options) > 0 {
			var options []string
			for _, o := range n.Options {
				options = append(options, o.Title.In(l.c.Lang))
			}
			name = l.c.T("rules.choice", "Name", name, "Options", strings.Join(options, " / "))
		}
		if n.Optional {
			name = l.c.T("rules.optional", "Name", name)
		}
		if n.If != "" {
			name = l.c.T("rules.needed_if", "Name", name, "If", l.condition(m.Scope, n.If))
		}
		names = append(names, name)
	}
	return strings.Join(names, l.c.T("rules.and_then"))
}

// limits are the window of a move and whose own people may not make it.
func (l law) limits(m *workflows.Machine, v workflows.Move) string {
	var words []string
	if v.Within != nil {
		words = append(words, l.c.T("rules.within", "Of", l.named(m.Dates, v.Within.Of), "Term", l.term(v.Within.Term)))
	}
	if len(v.Recuse) > 0 {
		var who []string
		for _, r := range v.Recuse {
			who = append(who, l.c.T("recuse."+r))
		}
		words = append(words, l.c.T("rules.recuse", "Who", strings.Join(who, l.c.T("rules.comma"))))
	}
	return strings.Join(words, l.c.T("rules.and_then"))
}
