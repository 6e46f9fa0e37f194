package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

type rulesSimulate struct {
	From    string `required:"" help:"The first day of the history." placeholder:"DATE"`
	To      string `help:"The last day; today when empty." placeholder:"DATE"`
	Ruleset string `help:"The rule set to try (YAML); the one that ships with this program when empty." type:"path" placeholder:"FILE"`
	reading `embed:""`
}

// Run lists the stretches of days on which an item would have had another light.
func (c *rulesSimulate) Run(ctx context.Context, log *slog.Logger) error {
	return c.write(ctx, log, os.Stdout)
}

func (c *rulesSimulate) write(ctx context.Context, log *slog.Logger, out io.Writer) error {
	return c.look(ctx, log, func(a *app.App, l templates.Locale) error {
		set, err := c.rules(out)
		if err != nil {
			return err
		}
		from, err := day(a, "--from", c.From)
		if err != nil {
			return err
		}
		to, err := day(a, "--to", c.To)
		if err != nil {
			return err
		}
		list, err := a.SimulateRules(ctx, app.Setup("command line"), set, from, to)
		if err != nil {
			return err
		}
		told := simulated{Ruleset: fmt.Sprintf("%s@%d", set.ID, set.Version), From: from.String(), To: to.String(), Changes: []change{}}
		for _, d := range list {
			told.Changes = append(told.Changes, changeOf(d, l))
		}
		if c.JSON {
			return printJSON(out, told)
		}
		fmt.Fprintln(out, l.T("simulate.summary", "N", len(list), "From", l.Day(from), "To", l.Day(to)))
		told.print(out, l)
		return nil
	})
}

// rules reads the rule set that is tried; what is wrong in it is printed as rules check does.
func (c *rulesSimulate) rules(out io.Writer) (*workflows.Ruleset, error) {
	if c.Ruleset == "" {
		_, set, err := law()
		return set, err
	}
	set, err := readRules(c.Ruleset)
	if err != nil {
		return nil, ruleFiles{Lang: c.Lang}.wrong(out, err)
	}
	return set, nil
}

// simulated is what a replay shows.
type simulated struct {
	Ruleset string   `json:"ruleset"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Changes []change `json:"changes"`
}

type change struct {
	Kind  string          `json:"kind"`
	No    string          `json:"no"`
	Title string          `json:"title"`
	From  string          `json:"from"`
	To    string          `json:"to"`
	Law   workflows.Light `json:"law"`
	By    string          `json:"law_rule"`
	Draft workflows.Light `json:"draft"`
	With  string          `json:"draft_rule"`

	cells []string // in words
}

func changeOf(d app.Differs, l templates.Locale) change {
	no := d.No
	if d.Kind == "ticket" {
		no = l.TicketNo(no)
	}
	days := l.Day(d.From)
	if d.To != d.From {
		days = l.T("simulate.stretch", "From", l.Day(d.From), "To", l.Day(d.To))
	}
	seen := func(s app.Seen) string {
		if s.Rule == "" {
			return l.Light(s.Light).Word
		}
		return l.Light(s.Light).Word + " · " + s.Title.In(l.Lang)
	}
	return change{Kind: d.Kind, No: no, Title: d.Title, From: d.From.String(), To: d.To.String(), Law: d.Law.Light, By: d.Law.Rule, Draft: d.Draft.Light, With: d.Draft.Rule,
		cells: []string{days, no + " " + d.Title, seen(d.Law), seen(d.Draft)}}
}

func (s simulated) print(w io.Writer, l templates.Locale) {
	if len(s.Changes) == 0 {
		fmt.Fprintln(w, l.T("simulate.same"))
		return
	}
	rows := [][]string{{l.T("simulate.days"), l.T("simulate.item"), l.T("simulate.law"), l.T("simulate.draft")}}
	for _, c := range s.Changes {
		rows = append(rows, c.cells)
	}
	columns(w, "", rows)
}
