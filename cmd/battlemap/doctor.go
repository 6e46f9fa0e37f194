package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"battlemap/app"
	"battlemap/templates"
)

// exitError ends the program with a code of its own, for scripts that must tell a broken database from a wrong command.
type exitError struct {
	code int
	err  error
}

// Error says what went wrong.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap is what went wrong.
func (e *exitError) Unwrap() error { return e.err }

type doctorCommand struct {
	reading `embed:""`
	Quick   bool     `help:"Only what a start looks at: triggers, head, newest records, last checkpoint."`
	Against []string `help:"Checkpoint that left the building earlier; may be repeated." placeholder:"NOTE" type:"path"`
	Key     string   `help:"File of public keys, one a line, by which checkpoints are believed; obtained elsewhere when --against is given. Without it the one beside the database." placeholder:"FILE" type:"path"`
	Files   string   `help:"Folder of uploaded files; <data>/files beside an SQLite database." env:"BATTLEMAP_FILES" type:"path"`
}

// Run examines the database and changes nothing: 0 sound, 1 broken, 2 when it could not look.
func (c *doctorCommand) Run(ctx context.Context, log *slog.Logger) error {
	return c.write(ctx, log, os.Stdout)
}

// errBroken is the verdict; what is broken has been printed.
var errBroken = errors.New("数据库体检不通过 / the database is not sound")

func (c *doctorCommand) write(ctx context.Context, log *slog.Logger, out io.Writer) error {
	if len(c.Against) > 0 && c.Key == "" {
		return &exitError{2, errors.New("--against 需要 --key：公钥应由检查点的收件人另行取得 / --against needs --key: a public key that was obtained elsewhere")}
	}
	public, notes, err := c.evidence()
	if err != nil {
		return &exitError{2, err}
	}
	var found []app.Finding
	var size int64
	err = c.look(ctx, log, func(a *app.App, l templates.Locale) error {
		var err error
		if found, size, err = a.Diagnose(ctx, !c.Quick, public, notes); err != nil {
			return err
		}
		return c.print(out, l, found, size)
	})
	if err != nil {
		return &exitError{2, err}
	}
	if !app.Sound(found) {
		return &exitError{1, errBroken}
	}
	return nil
}

// evidence reads the keys and the notes that came back.
func (c *doctorCommand) evidence() (public string, notes []app.ReturnedNote, err error) {
	key := c.Key
	if key == "" {
		key = storage{Data: c.Data}.publicFile()
	}
	text, err := os.ReadFile(key)
	if err != nil && (c.Key != "" || !errors.Is(err, os.ErrNotExist)) {
		return "", nil, fmt.Errorf("read the public key: %w", err)
	}
	for _, file := range c.Against {
		note, err := os.ReadFile(file)
		if err != nil {
			return "", nil, fmt.Errorf("read a checkpoint: %w", err)
		}
		notes = append(notes, app.ReturnedNote{Name: filepath.Base(file), Text: note})
	}
	return string(text), notes, nil
}

// options are those of reading, with the folder of files where there is one.
func (c *doctorCommand) options(log *slog.Logger) (app.Options, error) {
	opt, err := c.reading.options(log)
	if c.Files == "" && c.Database == "" {
		c.Files = filepath.Join(c.Data, "files")
	}
	if info, statErr := os.Stat(c.Files); statErr == nil && info.IsDir() {
		opt.Files = c.Files
	}
	return opt, err
}

// look opens the database for looking only.
func (c *doctorCommand) look(ctx context.Context, log *slog.Logger, f func(*app.App, templates.Locale) error) error {
	return c.lookWith(ctx, func() (app.Options, error) { return c.options(log) }, f)
}

// examination is the result as data.
type examination struct {
	Sound    bool          `json:"sound"`
	Records  int64         `json:"records"`
	Findings []app.Finding `json:"findings"`
}

func (c *doctorCommand) print(out io.Writer, l templates.Locale, found []app.Finding, size int64) error {
	if c.JSON {
		return printJSON(out, examination{app.Sound(found), size, found})
	}
	rows, broken := [][]string{{l.T("doctor.result"), l.T("doctor.looked"), l.T("doctor.check")}}, 0
	for _, f := range found {
		w := l.Finding(f)
		mark := "✓ "
		if !w.Sound {
			mark = "✗ "
			broken++
		}
		check := w.Check
		if w.Left != "" {
			check = w.Check + " · " + w.Left
			if w.Sound {
				mark = "– "
			}
		}
		rows = append(rows, []string{mark + w.Result, w.Looked, check})
		for _, r := range w.Remarks {
			rows = append(rows, []string{"", "", "  " + r})
		}
	}
	columns(out, "", rows)
	fmt.Fprintln(out)
	if broken > 0 {
		fmt.Fprintln(out, l.T("doctor.verdict_broken", "N", broken, "Size", l.Count(int(size))))
	} else {
		fmt.Fprintln(out, l.T("doctor.verdict_sound", "N", len(found), "Size", l.Count(int(size))))
	}
	if len(c.Against) == 0 {
		fmt.Fprintln(out, l.T("doctor.no_against"))
	}
	fmt.Fprintln(out, l.T("doctor.unseen"))
	return nil
}
