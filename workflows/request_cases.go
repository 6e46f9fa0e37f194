package workflows

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// RequestCase is an example that a rule set carries for a request: asked like this, it must be decided like that.
type RequestCase struct {
	Name    string
	Ask     Ask
	Expect  string   // "in_time" or one of Outcomes
	Lacks   []string // what the verdict must name as lacking; empty for anything
	LastDay int      // the last day that the verdict must name; 0 for any
	Decide  []string // the roles that must approve; empty for any

	at Problem
}

func (r *requestReader) cases(req table) {
	for _, row := range req.rows("cases") {
		t := r.table(row, say("a case of %s", req.what), "name", "date", "facts", "given", "before", "old", "new", "expect")
		c := RequestCase{Name: t.text("name"), at: Problem{File: t.file, Line: row.Line, Column: row.Column}}
		if c.Name != "" {
			t.what = say("case %q of %s", c.Name, req.what)
		} else {
			c.Name = t.text("date")
		}
		if t.must("date", "write the day, such as 2023-03-31") != "" {
			c.Ask.On, c.Ask.Minute = t.instant("date")
		}
		if t.has("before") {
			c.Ask.Before = t.count("before")
		}
		c.Ask.OldDay, _ = t.instant("old")
		c.Ask.NewDay, _ = t.instant("new")
		for _, it := range t.items("given") {
			c.Ask.Given = append(c.Ask.Given, it.text)
		}
		c.Ask.Facts = readFacts(t, r.req.scope)
		for _, m := range []string{"today", "asked_before", "asked_days", "asked_workdays"} {
			delete(c.Ask.Facts, m)
		}
		r.expect(t, &c)
		r.req.Cases = append(r.req.Cases, c)
	}
}

// expect reads in_time, late, "lacks: decision", or {outcome: in_time, last_day: 2022-10-10}.
func (r *requestReader) expect(t table, c *RequestCase) {
	known := append([]string{"in_time"}, Outcomes()...)
	n := t.at("expect")
	if t.has("expect") && n.Kind == yaml.MappingNode {
		e := t.table(n, say("%s: expect", t.what), "outcome", "lacks", "last_day", "decide")
		c.Expect = e.choice("outcome", "outcome", known)
		for _, it := range e.items("lacks") {
			c.Lacks, c.Expect = append(c.Lacks, it.text), "lacks"
		}
		for _, it := range e.items("decide") {
			c.Decide = append(c.Decide, it.text)
		}
		c.LastDay, _ = e.instant("last_day")
		return
	}
	text := t.must("expect", "write what comes out, such as in_time or late")
	outcome, lacks, found := strings.Cut(text, ":")
	if found {
		c.Lacks = []string{strings.TrimSpace(lacks)}
	}
	c.Expect = strings.TrimSpace(outcome)
	if text != "" && !slices.Contains(known, c.Expect) {
		t.fail(n, "%s: unknown %s %q in %q%s", t.what, say("outcome"), c.Expect, "expect", choose(c.Expect, known))
	}
}

// prove decides the case; nil where it comes out as expected.
func (r *Request) prove(c RequestCase, cal Calendar) *Problem {
	v, err := r.Decide(c.Ask, cal)
	if err != nil {
		return c.at.says("case %q of request %q can't be judged: %v", c.Name, r.ID, asPhrase(err))
	}
	got := v.Why
	if v.OK {
		got = "in_time"
	}
	var roles []string
	for _, role := range v.Decide {
		roles = append(roles, string(role))
	}
	switch {
	case c.Expect != "" && got != c.Expect:
		return c.at.says("case %q of request %q: it expects %s, and the rule says %s", c.Name, r.ID, c.Expect, got)
	case len(c.Lacks) > 0 && !slices.Equal(c.Lacks, v.Lacks):
		return c.at.says("case %q of request %q: it expects that %s is lacking, and the rule says %s", c.Name, r.ID, strings.Join(c.Lacks, ", "), strings.Join(v.Lacks, ", "))
	case c.LastDay != 0 && c.LastDay != v.LastDay:
		return c.at.says("case %q of request %q: it expects the last day %s, and the rule says %s", c.Name, r.ID, dayText(c.LastDay), dayOrNone(v.LastDay))
	case len(c.Decide) > 0 && !slices.Equal(c.Decide, roles):
		return c.at.says("case %q of request %q: it expects the approval of %s, and the rule says %s", c.Name, r.ID, strings.Join(c.Decide, ", "), strings.Join(roles, ", "))
	}
	return nil
}

// says is the problem with another text.
func (p Problem) says(format string, args ...any) *Problem {
	p.said = say(format, args...)
	p.Text = p.said.Error()
	return &p
}

// asPhrase finds a message that can be translated in an error.
func asPhrase(err error) any {
	var p phrase
	if errors.As(err, &p) {
		return p
	}
	return err
}

func dayOrNone(day int) string {
	if day == 0 {
		return "none"
	}
	return dayText(day)
}
