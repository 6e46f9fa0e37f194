package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"battlemap/app"
	"battlemap/app/web"
	"battlemap/templates"
	"battlemap/workflows"
)

type rulesExplain struct {
	Item    string `arg:"" name:"ITEM" help:"A ticket number (〔2023〕001号 or 2023-1), a project code, or CODE/milestone."`
	At      string `help:"As of the end of this day; today when empty." placeholder:"DATE"`
	Days    bool   `help:"List every day that was counted or left out."`
	reading `embed:""`
}

// Run prints what the page behind every light says, in the same words.
func (c *rulesExplain) Run(ctx context.Context, log *slog.Logger) error {
	return c.write(ctx, log, os.Stdout)
}

func (c *rulesExplain) write(ctx context.Context, log *slog.Logger, out io.Writer) error {
	return c.look(ctx, log, func(a *app.App, l templates.Locale) error {
		on, err := day(a, "--at", c.At)
		if err != nil {
			return err
		}
		kind, no, err := a.ItemNamed(ctx, app.Setup("command line"), c.Item)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Item, c.kindly(err, l))
		}
		w, err := a.Explain(ctx, app.Setup("command line"), kind, no, on)
		if err != nil {
			return err
		}
		told := tellWhy(w, l.Why(w, web.Codes(a, l)), l)
		if c.JSON {
			return printJSON(out, told)
		}
		told.print(out, l, c.Days)
		return nil
	})
}

// explained is an explanation as the command prints it: the words of the page, and the codes for programs.
type explained struct {
	Kind   string          `json:"kind"` // project, ticket or milestone
	No     string          `json:"no"`
	Title  string          `json:"title"`
	Day    string          `json:"day"`
	Light  workflows.Light `json:"light"` // "" for none
	Word   string          `json:"light_word"`
	Lead   string          `json:"lead"`
	Due    []saying        `json:"due,omitempty"`
	Counts []counted       `json:"due_counts,omitempty"`
	Rules  []explainedRule `json:"rules"`
}

type explainedRule struct {
	Group    string    `json:"-"`     // the heading that it stands under
	State    string    `json:"state"` // lit, calm (applies, not lit) or apart (does not apply)
	Rule     string    `json:"rule"`
	Stamp    string    `json:"stamp"` // rule set/rule@version
	Title    string    `json:"title"`
	Light    string    `json:"light_word"`
	Sentence string    `json:"sentence"`
	Facts    []saying  `json:"facts"`
	Law      []saying  `json:"law"`
	Counts   []counted `json:"counts,omitempty"`
}

type saying struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type counted struct {
	Of       string     `json:"of"` // what is counted, in words
	Sentence string     `json:"sentence"`
	Days     [][]string `json:"days"` // day, what it is and whether it counts, number
}

func tellWhy(w app.Why, p templates.WhyPage, l templates.Locale) explained {
	out := explained{Kind: w.Kind, No: w.No, Title: w.Title, Day: w.Day.String(), Light: w.Light, Word: l.Light(w.Light).Word, Lead: p.Lead,
		Due: sayings(p.Due), Counts: countsOf(p.DueCounts)}
	if w.Kind == "ticket" {
		out.No = l.TicketNo(w.No)
	}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			out.Rules = append(out.Rules, explainedRule{Group: g.Head, State: g.Key, Rule: r.ID, Stamp: r.Stamp, Title: r.Title, Light: r.Light.Word,
				Sentence: r.Sentence, Facts: sayings(r.Facts), Law: sayings(r.Defs()), Counts: countsOf(r.Counts)})
		}
	}
	return out
}

func sayings(list []templates.Def) []saying {
	var out []saying
	for _, d := range list {
		s := saying{d.Name, d.Text}
		if d.Note != "" {
			s.Text += " · " + d.Note
		}
		out = append(out, s)
	}
	return out
}

func countsOf(list []templates.WhyCount) []counted {
	var out []counted
	for _, c := range list {
		one := counted{Of: c.Head, Sentence: c.Sentence}
		for _, row := range c.Days.Rows {
			one.Days = append(one.Days, []string{row[0].Text, row[1].Text + " · " + row[1].Note, row[2].Text})
		}
		out = append(out, one)
	}
	return out
}

// print writes the explanation as text; days lists every day of each count.
func (e explained) print(w io.Writer, l templates.Locale, days bool) {
	fmt.Fprintf(w, "%s %s\n%s\n", e.No, e.Title, e.Lead)
	if len(e.Due) > 0 {
		fmt.Fprintf(w, "\n%s\n", l.T("whypage.due_head"))
		printSayings(w, e.Due)
		printCounts(w, e.Counts, days)
	}
	group := ""
	for _, r := range e.Rules {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(w, "\n%s\n", group)
		}
		fmt.Fprintf(w, "\n  [%s] %s\n    %s\n", r.Light, r.Title, r.Sentence)
		printCounts(w, r.Counts, days)
		printSayings(w, append(r.Law, r.Facts...))
	}
}

func printSayings(w io.Writer, list []saying) {
	rows := [][]string{}
	for _, s := range list {
		rows = append(rows, []string{s.Name, s.Text})
	}
	columns(w, "    ", rows)
}

// printCounts says what was counted and how far, and with days lists every day.
func printCounts(w io.Writer, list []counted, days bool) {
	for _, c := range list {
		fmt.Fprintf(w, "    %s  %s\n", c.Of, c.Sentence)
		if days {
			columns(w, "      ", c.Days)
		}
	}
}
