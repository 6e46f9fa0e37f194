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

// ShownLive is what the map and the list of tickets show now to everybody's eyes.
func ShownLive(t testing.TB, a *app.App) Shown {
	t.Helper()
	ctx := context.Background()
	cards, err := a.Projects(ctx, app.System("test"), app.ProjectFilter{})
	Must(t, err, "read the cards")
	tickets, err := a.Tickets(ctx, app.System("test"), app.TicketFilter{Limit: 100000})
	Must(t, err, "read the tickets")
	m, err := a.BattleMap(ctx, app.System("test"), app.ProjectFilter{})
	Must(t, err, "read the map")
	var forces []app.TaskForce
	for _, row := range m.Rows {
		forces = append(forces, row.TaskForce)
	}
	return shown(t, cards, tickets, forces)
}

// ShownAt is what the map showed at the end of a day, by the journal.
func ShownAt(t testing.TB, a *app.App, day calendar.Date) Shown {
	t.Helper()
	m, err := a.CardsAt(context.Background(), app.System("test"), day, app.ProjectFilter{})
	Must(t, err, "put %s together", day)
	return shown(t, m.Cards, m.Tickets, m.TaskForces)
}

func shown(t testing.TB, cards []app.Card, tickets []app.Ticket, forces []app.TaskForce) Shown {
	out := Shown{}
	var order []string
	text := func(name string, v any) {
		b, err := json.Marshal(v)
		Must(t, err, "write down %s", name)
		out[name] = string(b)
	}
	for _, c := range cards {
		order = append(order, c.Project.Code)
		c.Project.Version, c.Project.JudgedMonth, c.Project.NextCheckAt = 0, 0, 0
		if c.Next != nil {
			next := *c.Next
			next.Version, next.NextCheckAt = 0, 0
			c.Next = &next
		}
		text("project "+c.Project.Code, c)
	}
	text("order of projects", order)
	order = nil
	for _, k := range tickets {
		order = append(order, k.No)
		k.Version, k.NextCheckAt = 0, 0
		text("ticket "+k.No, k)
	}
	text("order of tickets", order)
	for _, f := range forces {
		f.Version = 0
		text("task force "+f.Code, f)
	}
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
