package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Shown is what a map shows, item by item, as text that can be compared: everything but the counters of versions and the alarm clocks, which nobody sees.
type Shown map[string]string

// ShownLive is what the boards show now to an actor.
func ShownLive(t testing.TB, a *app.App, actor app.Actor) Shown {
	t.Helper()
	b, err := a.BoardCards(context.Background(), actor)
	Must(t, err, "read the board")
	return shown(t, a, b)
}

// ShownAt is what the boards showed an actor at the end of a day, by the journal.
func ShownAt(t testing.TB, a *app.App, actor app.Actor, day calendar.Date) Shown {
	t.Helper()
	b, err := a.CardsAt(context.Background(), actor, day)
	Must(t, err, "put %s together", day)
	return shown(t, a, b)
}

func shown(t testing.TB, a *app.App, b app.BoardCards) Shown {
	out := Shown{}
	var order []string
	text := func(name string, v any) {
		b, err := json.Marshal(v)
		Must(t, err, "write down %s", name)
		out[name] = string(b)
	}
	bare := func(m app.Milestone) app.Milestone {
		m.Version, m.NextCheckAt = 0, 0
		return m
	}
	for _, c := range b.Projects {
		order = append(order, c.Project.Code)
		c.Project.Version, c.Project.JudgedMonth, c.Project.NextCheckAt, c.Drawn = 0, 0, 0, 0
		if c.Next != nil {
			next := bare(*c.Next)
			c.Next = &next
		}
		for i, m := range c.Stones {
			text(fmt.Sprint("milestone ", c.Project.Code, " ", i), bare(m))
		}
		c.Stones = nil
		text("project "+c.Project.Code, c)
	}
	text("order of projects", order)
	order = nil
	for _, c := range b.Tickets {
		order = append(order, c.Ticket.No)
		c.Ticket.Version, c.Ticket.NextCheckAt, c.Drawn = 0, 0, 0
		text("ticket "+c.Ticket.No, c)
	}
	text("order of tickets", order)
	for _, f := range b.Forces {
		f.Version = 0
		text("task force "+f.Code, f)
	}
	rates, err := a.MapRates(context.Background(), b)
	Must(t, err, "work the rates out")
	text("the rates", rates)
	for _, l := range b.Limits {
		l.Version = 0
		text(fmt.Sprint("limit ", l.Board, " ", l.TaskForceID, " ", l.State), l)
	}
	text("the whole", fmt.Sprint(b.Today, b.Whole, b.Scope, b.Leaders, b.Totals()))
	return out
}

// Differs tells where what is shown differs from what the journal tells, "" when they are the same.
func (s Shown) Differs(journal Shown) string {
	var out []string
	for name, live := range s {
		if told := journal[name]; told != live {
			out = append(out, name+": "+fields(live, told))
		}
	}
	for name := range journal {
		if _, ok := s[name]; !ok {
			out = append(out, name+" is in the journal only")
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// fields names the fields in which two rows differ.
func fields(live, told string) string {
	var l, j map[string]any
	if json.Unmarshal([]byte(live), &l) != nil || json.Unmarshal([]byte(told), &j) != nil {
		return fmt.Sprintf("live %s, journal %s", live, told)
	}
	return fieldsOf("", l, j)
}

func fieldsOf(above string, live, told map[string]any) string {
	var out []string
	for name, is := range live {
		one, both := is.(map[string]any)
		other, maps := told[name].(map[string]any)
		switch {
		case both && maps:
			if text := fieldsOf(above+name+".", one, other); text != "" {
				out = append(out, text)
			}
		case fmt.Sprint(is) != fmt.Sprint(told[name]):
			out = append(out, fmt.Sprintf("%s%s live %v, journal %v", above, name, is, told[name]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

// Lit counts the items that show a light.
func (s Shown) Lit(l workflows.Light) int {
	n := 0
	for _, text := range s {
		if strings.Contains(text, fmt.Sprintf("%q:%q", "Light", l)) {
			n++
		}
	}
	return n
}
