// Command auditverify checks an export of the journal on any computer, without the product, its database or a network.
//
//	auditverify -key pub.txt export.zip [note.txt ...]
//	auditverify -key pub.txt -log journal.ndjson [-leaves leaves.txt] note.txt ...
//
// It exits with 0 if the journal is sound, 1 if it is broken and names the damage, 2 for wrong usage or a file that can't be read.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"battlemap/app/audit"
)

const (
	exitSound  = 0
	exitBroken = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitSound
	}
	if err != nil {
		fmt.Fprintln(stderr, "auditverify:", err)
		return exitUsage
	}
	report, err := o.verify()
	if err == nil {
		err = o.print(stdout, report)
	}
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "auditverify:", err)
		return exitUsage
	case !report.Sound:
		return exitBroken
	default:
		return exitSound
	}
}

type options struct {
	key, log, export, lang string
	leaves, notes          files
	json                   bool
}

// files is a flag that may be given again.
type files []string

func (f *files) String() string     { return strings.Join(*f, " ") }
func (f *files) Set(s string) error { *f = append(*f, s); return nil }

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("auditverify", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&o.key, "key", "", "`file` with the public key, obtained elsewhere; without it the key in the export is used, which proves less")
	set.StringVar(&o.log, "log", "", "journal `file` (journal.ndjson) instead of an export")
	set.Var(&o.leaves, "leaves", "`file` with the leaf hashes of an earlier export; may be repeated")
	set.Var(&o.notes, "note", "`file` with a checkpoint that left earlier; may be repeated, or given as arguments after the export")
	set.StringVar(&o.lang, "lang", "", "`language` of the report, zh or en (default both)")
	set.BoolVar(&o.json, "json", false, "print the report as JSON")
	set.Usage = func() {
		fmt.Fprint(stderr, "usage: auditverify -key pub.txt export.zip [note.txt ...]\n"+
			"       auditverify -key pub.txt -log journal.ndjson [-leaves leaves.txt] note.txt ...\n")
		set.PrintDefaults()
	}
	var rest []string
	for len(args) > 0 { // flags may stand behind the files
		if err := set.Parse(args); err != nil {
			return o, err
		}
		if args = set.Args(); len(args) > 0 {
			rest, args = append(rest, args[0]), args[1:]
		}
	}
	if o.log == "" && len(rest) > 0 {
		o.export, rest = rest[0], rest[1:]
	}
	o.notes = append(o.notes, rest...)
	switch {
	case o.log == "" && o.export == "":
		return o, errors.New("give an export or -log (-h shows how)")
	case o.log != "" && o.key == "":
		return o, errors.New("-log needs -key")
	case o.lang != "" && o.lang != "zh" && o.lang != "en":
		return o, fmt.Errorf("-lang %s: want zh or en", o.lang)
	}
	return o, nil
}

// verify opens the files and hands them to the audit package, which knows the rest.
func (o options) verify() (report audit.Report, err error) {
	var in audit.Input
	if o.key != "" {
		key, err := os.ReadFile(o.key)
		if err != nil {
			return report, err
		}
		if in.Key = strings.TrimSpace(string(key)); in.Key == "" {
			return report, fmt.Errorf("%s is empty", o.key)
		}
	}
	name := o.log
	if name == "" {
		name = o.export
	}
	f, err := os.Open(name)
	if err != nil {
		return report, err
	}
	defer f.Close()
	if o.log != "" {
		in.Journal = f
	} else {
		info, err := f.Stat()
		if err != nil {
			return report, err
		}
		in.Export, in.ExportSize = f, info.Size()
	}
	for _, name := range o.leaves {
		f, err := os.Open(name)
		if err != nil {
			return report, err
		}
		defer f.Close()
		in.Leaves = append(in.Leaves, audit.Text{Name: name, Body: f})
	}
	for _, name := range o.notes { // read at once: years of daily notes would be too many open files
		note, err := os.ReadFile(name)
		if err != nil {
			return report, err
		}
		in.Notes = append(in.Notes, audit.Text{Name: name, Body: bytes.NewReader(note)})
	}
	return audit.Verify(in)
}

func (o options) print(w io.Writer, r audit.Report) error {
	if o.json {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	text, err := r.Text(o.lang)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, text)
	return err
}
