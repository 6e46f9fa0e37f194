package app_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/workflows"
)

func secondLaw(t *testing.T) *workflows.Ruleset {
	t.Helper()
	text, err := os.ReadFile("testdata/laws/second.yaml")
	apptest.Must(t, err, "read the draft")
	rules, err := workflows.ReadRuleset("second.yaml", string(text))
	apptest.Must(t, err, "parse the draft")
	return rules
}

// stalledYear is a district in which a project stalls and a ticket is late, as the law of the day lit them.
func stalledYear(t *testing.T, w *apptest.World) *stage {
	t.Helper()
	st := newStage(t, w)
	for _, line := range []string{
		"at 2023-03-14",
		"project P-001 stage=building start=2023-03-01 year=1 plan=0,0,0,0,0,10,10,10,20,20,15,15",
		`ticket T term="9 workdays"`,
		"move T submit_draft as=sup",
		"move T approve as=dir",
		"daily 2023-04-21",
	} {
		if err := st.do(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return st
}

// A draft is played against recorded history: the same list twice, and nothing is changed by it.
func TestSimulateReplaysTheJournal(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		stalledYear(t, w)
		ctx, before := context.Background(), len(records(t, w))
		run := func() string {
			list, err := w.App.SimulateRules(ctx, w.As(t, "sup"), secondLaw(t), date("2023-03-14"), date("2023-04-21"))
			apptest.Must(t, err, "simulate")
			text := ""
			for _, d := range list {
				text += fmt.Sprintf("%s %s %s..%s %s(%s) -> %s(%s)\n", d.Kind, d.No, d.From, d.To, d.Law.Light, d.Law.Rule, d.Draft.Light, d.Draft.Rule)
			}
			return text
		}
		want := `ticket 2023-001 2023-03-16..2023-03-21 blue(ticket.not_accepted) -> green()
ticket 2023-001 2023-03-22..2023-03-27 blue(ticket.near_due) -> green()
ticket 2023-001 2023-03-28..2023-03-29 yellow(ticket.overdue) -> green()
ticket 2023-001 2023-04-03..2023-04-21 red(ticket.overdue) -> yellow(ticket.overdue)
project P-001 2023-04-12..2023-04-18 green() -> yellow(project.stalled)
project P-001 2023-04-19..2023-04-21 stale(project.stalled) -> yellow(project.stalled)
`
		first, second := run(), run()
		if first != second {
			t.Errorf("two runs differ:\n%s\n%s", first, second)
		}
		if first != want {
			t.Errorf("got\n%swant\n%s", first, want)
		}
		if now := len(records(t, w)); now != before {
			t.Errorf("the simulation left %d records", now-before)
		}
		wantKind(t, "a handler simulates", func() error {
			_, err := w.App.SimulateRules(ctx, w.As(t, "gxj.hand"), secondLaw(t), date("2023-03-14"), date("2023-04-21"))
			return err
		}(), app.Denied, "denied")
		wantKind(t, "a day to come", func() error {
			_, err := w.App.SimulateRules(ctx, w.As(t, "sup"), secondLaw(t), date("2023-03-14"), date("2023-12-31"))
			return err
		}(), app.Invalid, "in_future")
	})
}

// The preview says what turns today, and by which rule; running tickets are marked as keeping their version.
func TestPreviewOnLiveData(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		stalledYear(t, w)
		list, err := w.App.PreviewRules(context.Background(), w.As(t, "dir"), secondLaw(t))
		apptest.Must(t, err, "preview")
		text := ""
		for _, d := range list {
			text += fmt.Sprintf("%s %s %s -> %s (%s) %t\n", d.Kind, d.No, d.Law.Light, d.Draft.Light, d.Draft.Rule, d.Keeps)
		}
		if want := "project P-001 stale -> yellow (project.stalled) false\nticket 2023-001 red -> yellow (ticket.overdue) true\n"; text != want {
			t.Errorf("got\n%swant\n%s", text, want)
		}
	})
}

// The explanation names the rule, its version, and every holiday and make-up day that was counted over; of a past day it uses the facts of that day.
func TestExplainAnItemOnADay(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		stalledYear(t, w)
		ctx := context.Background()
		why, err := w.App.Explain(ctx, w.As(t, "sup"), "project", "P-001", date("2023-04-21"))
		apptest.Must(t, err, "explain")
		lit := why.Rules[0]
		if why.Light != "stale" || lit.Lit == nil || lit.Rule.ID != "project.stalled" || lit.Ruleset != "default@1" {
			t.Fatalf("light %q by %+v", why.Light, lit)
		}
		names := ""
		if len(lit.Counts) == 0 || lit.Counts[0].What != "step" {
			t.Fatalf("counts %+v", lit.Counts)
		}
		days := lit.Counts[0].Days
		for _, s := range days {
			names += s.Name
		}
		if last := days[len(days)-1]; last.Date != date("2023-04-19") || last.N != 25 || names == "" {
			t.Errorf("the count ends on %s with %d, holidays %q", last.Date, last.N, names)
		}
		then, err := w.App.Explain(ctx, w.As(t, "sup"), "project", "P-001", date("2023-04-03"))
		apptest.Must(t, err, "explain the past")
		if then.Light != "green" || then.Rules[0].Lit != nil {
			t.Errorf("on 3 April: %q, %+v", then.Light, then.Rules[0].Lit)
		}
		for _, r := range then.Rules {
			if r.Rule.ID == "project.stalled" && (r.Finding.Step.ID != "" || r.Finding.NextOn != int(date("2023-04-19"))) {
				t.Errorf("on 3 April the rule stands at %q, next %d", r.Finding.Step.ID, r.Finding.NextOn)
			}
		}
		k, err := w.App.Explain(ctx, w.As(t, "sup"), "ticket", "2023-001", 0)
		apptest.Must(t, err, "explain the ticket")
		if k.Due == nil || k.Due.On != date("2023-03-27") || k.Due.Late != 18 || len(k.Due.Count) != 14 || len(k.Due.Gap) == 0 || k.Due.Gap[len(k.Due.Gap)-1].N != 18 {
			t.Errorf("due %+v", k.Due)
		}
		_, err = w.App.Explain(ctx, w.As(t, "zjj.hand"), "ticket", "2023-001", 0)
		wantKind(t, "a stranger asks", err, app.Missing, "missing")
	})
}
