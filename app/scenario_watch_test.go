package app_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"battlemap/app"
)

// expect steps P-001 RULE/STEP@DAY:POINTS ... : exactly these steps were reached, in this order; POINTS is left out where there are none.
func (st *stage) expectSteps(what string, want []string) error {
	steps, err := st.steps(what)
	if err != nil {
		return err
	}
	var got []string
	for _, e := range slices.Backward(steps) {
		text := fmt.Sprintf("%s/%s@%s", e.RuleID, e.Step, e.BeganOn)
		if e.Points != 0 {
			text += fmt.Sprintf(":%g", float64(e.Points)/100)
		}
		got = append(got, text)
	}
	return same(nil, strings.Join(got, "\n"), strings.Join(want, "\n"))
}

// steps are those that were raised on a project or ticket, the newest first.
func (st *stage) steps(what string) ([]app.Escalation, error) {
	if _, ok := st.tickets[what]; !ok {
		d, err := st.dossier(what)
		return d.Escalations, err
	}
	k, err := st.find(what)
	if err != nil {
		return nil, err
	}
	f, err := st.w.App.TicketFile(context.Background(), app.System("test"), k.No)
	return f.Escalations, err
}
