package app_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// looks are the cards that an actor sees on the boards, without the numbers of their looks.
func looks(t *testing.T, a *app.App, as app.Actor) (projects []app.Card, tickets []app.TicketCard) {
	t.Helper()
	b, err := a.BoardCards(context.Background(), as)
	apptest.Must(t, err, "read the boards")
	for _, c := range b.Projects {
		c.Drawn = 0
		projects = append(projects, c)
	}
	for _, c := range b.Tickets {
		c.Drawn = 0
		tickets = append(tickets, c)
	}
	return projects, tickets
}

// The cards in memory are those of the lists, for everybody; and after whatever verb, what was read anew of them is what a node that has just started reads.
func TestBoardCardsAreNeverOld(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, ctx := newScene(t, w), context.Background()
		for account := range c.s.Users {
			as := w.As(t, account)
			projects, tickets := looks(t, w.App, as)
			var got, want []string
			for _, p := range projects {
				got = append(got, p.Item())
			}
			for _, k := range tickets {
				got = append(got, k.Item())
			}
			listed, err := w.App.Projects(ctx, as, app.ProjectFilter{})
			apptest.Must(t, err, "list projects")
			for _, p := range listed {
				want = append(want, p.Item())
			}
			all, err := w.App.Tickets(ctx, as, app.TicketFilter{})
			apptest.Must(t, err, "list tickets")
			for _, k := range all {
				want = append(want, "ticket/"+k.No)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s sees %v on the boards and %v in the lists", account, got, want)
			}
		}
		dir := w.As(t, "dir")
		for i, v := range slices.Concat(c.projectVerbs(), c.ticketVerbs(), c.paperVerbs(), c.scopeVerbs(), c.boardVerbs()) {
			apptest.Must(t, v.call(w.As(t, v.by)), "%s", v.name)
			projects, tickets := looks(t, w.App, dir)
			freshProjects, freshTickets := looks(t, node(t, w, fmt.Sprint("fresh", i)), dir)
			if !reflect.DeepEqual(projects, freshProjects) || !reflect.DeepEqual(tickets, freshTickets) {
				t.Errorf("after %s the boards are\n%v\n%v\nand should be\n%v\n%v", v.name, projects, tickets, freshProjects, freshTickets)
			}
		}
	})
}
