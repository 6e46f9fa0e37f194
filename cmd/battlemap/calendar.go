package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"battlemap/app/calendar"
)

// calendarCommand works on the built-in calendar, without a database.
type calendarCommand struct {
	Check calendarCheck `cmd:"" help:"Read a notice and say how it was understood."`
	Days  calendarDays  `cmd:"" help:"Count a term from a day: every day counted or left out, and why."`
}

type calendarCheck struct {
	File   string `arg:"" help:"The notice: lines like \"2027-02-05~2027-02-11 休 春节\", its own sentences, or JSON; - reads standard input."`
	Covers int    `help:"The year that the notice decides as a whole." placeholder:"YEAR"`
}

// Run prints what every line decides; a line that is not understood is named, and the exit is 1.
func (c *calendarCheck) Run() error {
	text, err := readAll(c.File)
	if err != nil {
		return err
	}
	base, err := calendar.Default()
	if err != nil {
		return err
	}
	return checkNotice(os.Stdout, text, c.Covers, base)
}

func readAll(file string) (string, error) {
	if file == "-" {
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

func checkNotice(w io.Writer, text string, covers int, base *calendar.Calendar) error {
	r, err := calendar.Read(text, covers, base)
	for _, line := range r.Lines {
		fmt.Fprintf(w, "%4d  %s\n", line.No, line.Text)
		for _, d := range line.Rest {
			fmt.Fprintf(w, "      %s 休 %s\n", d.Date, d.Name)
		}
		for _, d := range line.Work {
			fmt.Fprintf(w, "      %s 班\n", d)
		}
	}
	if err != nil {
		return err
	}
	n := r.Notice
	if n.Number == "" {
		n.Number = "(no number)"
	}
	c, err := base.With(n)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s %s: %d days off, %d worked\n", n.Number, n.Title, len(n.Rest), len(n.Work))
	if !n.First.IsZero() {
		fmt.Fprintf(w, "%s to %s: %d working days\n", n.First, n.Last, c.Workdays(n.First-1, n.Last))
	}
	return nil
}

type calendarDays struct {
	Start string   `arg:"" help:"The day of the event, such as 2023-04-28."`
	Term  []string `arg:"" help:"The term: +3 workdays, 10 days, 1 month, -1 workday." passthrough:""`
}

// Run prints the account of a term and its due date.
func (c *calendarDays) Run() error {
	base, err := calendar.Default()
	if err != nil {
		return err
	}
	return countDays(os.Stdout, base, c.Start, strings.Join(c.Term, " "))
}

func countDays(w io.Writer, c *calendar.Calendar, day, text string) error {
	start, err := calendar.ParseDate(day)
	term, err2 := calendar.ParseTerm(strings.TrimPrefix(text, "+"))
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	steps, err := c.Counted(start, term)
	if err != nil {
		return err
	}
	for _, s := range steps {
		n := ""
		if s.Mark == calendar.MarkCounted || s.Mark == calendar.MarkDue || s.Mark == calendar.MarkLast {
			n = fmt.Sprint(s.N)
		}
		fmt.Fprintf(w, "%s %s %4s  %s\n", s.Date, s.Date.Weekday().String()[:3], n, because(s))
	}
	fmt.Fprintf(w, "%s + %s = %s\n", start, term, steps[len(steps)-1].Date)
	return nil
}

// because says why a day counts, or does not.
func because(s calendar.Step) string {
	why := map[calendar.Mark]string{calendar.MarkStart: "start, not counted (民法典 201)", calendar.MarkCounted: "counted", calendar.MarkSkipped: "left out",
		calendar.MarkLast: "last day, but a rest day (民法典 203)", calendar.MarkMoved: "moved on", calendar.MarkDue: "due"}[s.Mark]
	kind := map[calendar.Kind]string{calendar.KindWeekend: ": weekend", calendar.KindHoliday: ": " + s.Name, calendar.KindMakeUp: ": make-up working day (调休上班)"}[s.Kind]
	if s.Provisional {
		kind += ", provisional: no notice yet"
	}
	return why + kind
}
