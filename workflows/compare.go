package workflows

import (
	"reflect"
	"strings"
)

// Change is one difference between two rule sets.
type Change struct {
	Where string // the rule, request, input, or "" for the set itself
	said  phrase
}

// In says the change in the language of a tag such as "zh-CN" or "en".
func (c Change) In(lang string) string { return c.said.in(problemsIn(lang)) }

// Compare says in words what changed from one rule set to another: rules added and taken out, conditions, terms, lights, recipients.
func Compare(from, to *Ruleset) []Change {
	d := &differ{}
	d.field("", say("version"), number(float64(from.Version)), number(float64(to.Version)))
	d.field("", say("title"), from.Title.In("zh"), to.Title.In("zh"))
	d.field("", say("source"), from.Source, to.Source)
	d.field("", say("first day"), from.Effective, to.Effective)
	d.field("", say("approved by"), from.ApprovedBy, to.ApprovedBy)
	pairs(from.Inputs, to.Inputs, func(in Input) string { return in.Scope + "." + in.Name }, func(id string, a, b *Input) {
		if d.present(id, say("input"), a != nil, b != nil) {
			d.field(id, say("type"), a.Type, b.Type)
			d.field(id, say("every"), a.Every, b.Every)
			d.field(id, say("title"), a.Title.In("zh"), b.Title.In("zh"))
		}
	})
	pairs(from.Rules, to.Rules, func(r Rule) string { return r.ID }, func(id string, a, b *Rule) {
		if d.present(id, say("rule"), a != nil, b != nil) {
			d.rule(id, a, b)
		}
	})
	pairs(from.Requests, to.Requests, requestID, func(id string, a, b *Request) {
		if d.present(id, say("request"), a != nil, b != nil) {
			d.request(id, a, b)
		}
	})
	return d.changes
}

func requestID(r Request) string {
	return r.Scope + "/" + r.ID + map[bool]string{true: " (" + r.When + ")"}[r.When != ""]
}

// pairs brings together the entries of two lists that have the same name: first those of the old list, then the new ones.
func pairs[T any](from, to []T, id func(T) string, each func(string, *T, *T)) {
	find := func(list []T, name string) *T {
		for i := range list {
			if id(list[i]) == name {
				return &list[i]
			}
		}
		return nil
	}
	for i := range from {
		each(id(from[i]), &from[i], find(to, id(from[i])))
	}
	for i := range to {
		if find(from, id(to[i])) == nil {
			each(id(to[i]), nil, &to[i])
		}
	}
}

type differ struct {
	changes []Change
}

func (d *differ) add(where, format string, args ...any) {
	d.changes = append(d.changes, Change{where, say(format, args...)})
}

// present reports an entry that came or went, and says whether it is in both.
func (d *differ) present(id string, kind phrase, before, after bool) bool {
	switch {
	case !before:
		d.add(id, "%s %s is new", kind, id)
	case !after:
		d.add(id, "%s %s is taken out", kind, id)
	}
	return before && after
}

func (d *differ) field(where string, name any, from, to string) {
	switch {
	case from == to:
	case where == "":
		d.add(where, "%s: %s becomes %s", name, orNone(from), orNone(to))
	default:
		d.add(where, "%s: %s: %s becomes %s", where, name, orNone(from), orNone(to))
	}
}

func orNone(text string) phrase {
	if text == "" {
		return say("nothing")
	}
	return say("%s", "“"+text+"”")
}

func (d *differ) rule(id string, a, b *Rule) {
	d.field(id, say("scope"), a.Scope, b.Scope)
	d.field(id, say("holds when"), a.When, b.When)
	d.field(id, say("counts from"), a.Anchor, b.Anchor)
	d.field(id, say("deadline"), clausesText(a.Due), clausesText(b.Due))
	d.field(id, say("judged every"), a.Every, b.Every)
	d.field(id, say("day of the period"), countText(a.Day), countText(b.Day))
	d.field(id, say("delay"), termText(a.Delay), termText(b.Delay))
	d.field(id, say("judged on"), strings.Join(a.On, ", "), strings.Join(b.On, ", "))
	d.field(id, say("starts higher"), startsText(a.Start), startsText(b.Start))
	d.field(id, say("accepted reasons"), exemptionText(a.Exemption), exemptionText(b.Exemption))
	d.field(id, say("source"), a.Source, b.Source)
	for _, lang := range []string{"zh", "en"} {
		d.field(id, say("title (%s)", lang), a.Title.In(lang), b.Title.In(lang))
		d.field(id, say("explanation (%s)", lang), a.Why.In(lang), b.Why.In(lang))
	}
	pairs(a.Steps, b.Steps, func(s Step) string { return s.ID }, func(step string, x, y *Step) {
		where := id + "/" + step
		if d.present(where, say("step"), x != nil, y != nil) {
			d.step(where, x, y)
		}
	})
	if len(a.Cases) != len(b.Cases) {
		d.add(id, "%s: %d examples become %d", id, len(a.Cases), len(b.Cases))
	} else if !reflect.DeepEqual(expectations(a.Cases), expectations(b.Cases)) {
		d.add(id, "%s: examples are changed", id)
	}
}

func (d *differ) step(where string, a, b *Step) {
	d.field(where, say("begins at"), termText(a.At), termText(b.At))
	d.field(where, say("begins after"), termText(a.After), termText(b.After))
	if a.Follows != b.Follows {
		d.field(where, say("follows the answer"), yesNo(a.Follows), yesNo(b.Follows))
	}
	d.field(where, say("condition"), a.If, b.If)
	d.field(where, say("periods in a row"), countText(a.Run), countText(b.Run))
	d.field(where, say("comes once in"), a.Once, b.Once)
	d.field(where, say("light"), string(a.Light), string(b.Light))
	d.field(where, say("who is told"), strings.Join(a.Tell, ", "), strings.Join(b.Tell, ", "))
	d.field(where, say("paper"), a.Paper, b.Paper)
	d.field(where, say("interview by"), a.Interview, b.Interview)
	d.field(where, say("time to answer"), termText(a.Answer), termText(b.Answer))
	d.field(where, say("points"), pointsText(a), pointsText(b))
	d.field(where, say("points of"), a.Charge, b.Charge)
	d.field(where, say("made known in"), a.Notice, b.Notice)
	d.field(where, say("coordination level"), countText(a.Coordination), countText(b.Coordination))
	d.field(where, say("what else follows"), a.Remark.In("zh"), b.Remark.In("zh"))
}

func (d *differ) request(id string, a, b *Request) {
	d.field(id, say("first day"), windowText(a.From), windowText(b.From))
	d.field(id, say("last day"), windowText(a.Until), windowText(b.Until))
	d.field(id, say("times"), countText(a.Times), countText(b.Times))
	d.field(id, say("longest"), clausesText(a.Longest), clausesText(b.Longest))
	d.field(id, say("needs"), wantedText(a.Needs), wantedText(b.Needs))
	d.field(id, say("who asks"), rolesText(a.By), rolesText(b.By))
	d.field(id, say("who approves"), wantedText(a.Chain), wantedText(b.Chain))
	d.field(id, say("source"), a.Source, b.Source)
	if len(a.Cases) != len(b.Cases) {
		d.add(id, "%s: %d examples become %d", id, len(a.Cases), len(b.Cases))
	}
}

// expectations are what the examples say, without where they stand.
func expectations(cases []Case) []any {
	var list []any
	for _, c := range cases {
		list = append(list, c.Name, c.base, c.From)
		for _, d := range c.Days {
			list = append(list, d.On, d.Minute, d.Facts, d.Event)
			for id, e := range d.Expect {
				list = append(list, id, e.Step, e.Fields)
			}
		}
	}
	return list
}

func termText(t *Term) string {
	if t == nil {
		return ""
	}
	return t.String()
}

func clausesText(list []Clause) string {
	var parts []string
	for _, c := range list {
		text := c.Term.String()
		if c.Until != "" {
			text = c.Until
		}
		if c.If != "" {
			text = c.If + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func wantedText(list []Wanted) string {
	var parts []string
	for _, w := range list {
		if w.If != "" {
			parts = append(parts, w.Name+" ("+w.If+")")
			continue
		}
		parts = append(parts, w.Name)
	}
	return strings.Join(parts, ", ")
}

func startsText(list []Start) string {
	var parts []string
	for _, s := range list {
		parts = append(parts, s.If+": "+s.At)
	}
	return strings.Join(parts, "; ")
}

func exemptionText(e *Exemption) string {
	if e == nil {
		return ""
	}
	return rolesText(e.By) + " (" + e.Covers + ")"
}

func rolesText(list []Role) string {
	var parts []string
	for _, r := range list {
		parts = append(parts, string(r))
	}
	return strings.Join(parts, ", ")
}

func windowText(w *Window) string {
	if w == nil {
		return ""
	}
	return w.Of + " " + w.Term.String()
}

func countText(n int) string {
	if n == 0 {
		return ""
	}
	return number(float64(n))
}

func pointsText(s *Step) string {
	if s.PerPoints != "" {
		return s.PerPoints
	}
	return number(s.Points)
}

func yesNo(b bool) string { return map[bool]string{true: "yes", false: "no"}[b] }
