package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/text/width"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/app/demo"
	"battlemap/templates"
)

// look opens the database for looking only and runs f with the words of the chosen language. Who can read the file may see all that is in it.
func (r reading) look(ctx context.Context, log *slog.Logger, f func(*app.App, templates.Locale) error) error {
	return r.lookWith(ctx, func() (app.Options, error) { return r.options(log) }, f)
}

func (r reading) lookWith(ctx context.Context, options func() (app.Options, error), f func(*app.App, templates.Locale) error) error {
	set, err := templates.New(templates.Options{})
	if err != nil {
		return err
	}
	locale := set.Words().Locale(map[string]string{"zh": "zh-CN", "en": "en"}[r.Lang])
	opt, err := options()
	if err != nil {
		return err
	}
	a, err := app.OpenReading(ctx, opt)
	if err != nil {
		return r.kindly(err, locale)
	}
	return r.kindly(errors.Join(f(a, locale), a.Close()), locale)
}

func (r reading) options(log *slog.Logger) (app.Options, error) {
	cal, err := calendar.Default()
	if err != nil {
		return app.Options{}, err
	}
	machines, rules, err := law()
	if err != nil {
		return app.Options{}, err
	}
	opt := app.Options{Database: r.Database, Now: time.Now, Rand: rand.Reader, Log: log, Calendar: cal, Machines: machines, Ruleset: rules}
	if r.Database != "" {
		return opt, nil
	}
	opt.Database = "sqlite:" + filepath.Join(r.Data, "battlemap.db")
	clock := filepath.Join(r.Data, demoClock)
	if _, err := os.Stat(clock); errors.Is(err, fs.ErrNotExist) {
		return opt, nil
	}
	played, err := demo.NewClock(cal, clock)
	if err != nil {
		return opt, err
	}
	opt.Now = played.Now
	return opt, nil
}

// kindly puts what went wrong into a sentence that says what to do.
func (r reading) kindly(err error, l templates.Locale) error {
	if err == nil {
		return nil
	}
	if schema, ok := errors.AsType[*app.SchemaError](err); ok {
		if schema.Have > schema.Want {
			return errors.New(l.T("reading.newer", "Have", schema.Have, "Want", schema.Want))
		}
		return errors.New(l.T("reading.older", "Have", schema.Have, "Want", schema.Want))
	}
	if errors.Is(err, app.ErrNoDatabase) {
		where := l.T("reading.server") // without the URL, which may hold a password
		if r.Database == "" {
			where = filepath.Join(r.Data, "battlemap.db")
		}
		return errors.New(l.T("reading.absent", "Where", where))
	}
	var said []string
	for _, f := range app.AsFaults(err) {
		args := []any{}
		for name, value := range f.Args {
			args = append(args, name, value)
		}
		said = append(said, l.T("fault."+f.Key, args...))
	}
	if len(said) > 0 {
		return errors.New(strings.Join(said, " "))
	}
	return err
}

// day reads a day of the command line; an empty one is the district's today.
func day(a *app.App, flag, text string) (calendar.Date, error) {
	if text == "" {
		return a.Today(), nil
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		return d, fmt.Errorf("%s %s: 日期写成 2023-05-31 / write a day as 2023-05-31", flag, text)
	}
	return d, nil
}

func printJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// columns prints rows whose cells stand below each other also where Chinese characters, which are two columns wide, stand among them.
func columns(w io.Writer, indent string, rows [][]string) {
	var wide []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(wide) {
				wide = append(wide, 0)
			}
			wide[i] = max(wide[i], columnsOf(cell))
		}
	}
	for _, row := range rows {
		line := indent
		for i, cell := range row {
			line += cell
			if i+1 < len(row) {
				line += strings.Repeat(" ", wide[i]-columnsOf(cell)+2)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

// columnsOf is how many columns of a terminal a text takes.
func columnsOf(text string) int {
	n := 0
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
