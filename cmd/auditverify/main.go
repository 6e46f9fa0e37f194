// Command auditverify checks an export of the journal, a case bundle or a proof on any computer, without the product, its database or a
// network.
//
//	auditverify -key pub.txt export-or-bundle.zip [note.txt ...]
//	auditverify -key pub.txt -log journal.ndjson [-leaves leaves.txt] note.txt ...
//	auditverify -key pub.txt -proof proof.txt [note.txt ...]
//	auditverify -key pub.txt -cosign witness.txt [-last last.txt -proof proof.txt] note.txt
//
// It exits with 0 if all is sound, 1 if it is broken and names the damage, 2 for wrong usage or a file that can't be read.
package main

import (
	"bytes"
	"cmp"
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
	sound, err := o.do(stdout)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "auditverify:", err)
		return exitUsage
	case !sound:
		return exitBroken
	default:
		return exitSound
	}
}

func (o options) do(stdout io.Writer) (sound bool, err error) {
	if o.newWitness != "" {
		return true, o.makeWitness(stdout)
	}
	if o.cosign != "" {
		return true, o.sign(stdout)
	}
	report, err := o.verify()
	if err != nil {
		return false, err
	}
	return report.Sound, o.print(stdout, report)
}

type options struct {
	key, log, export, lang, proof    string
	cosign, last, newWitness         string
	leaves, notes, rotations, signed files
	json                             bool
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
	set.StringVar(&o.proof, "proof", "", "`file` with a consistency proof or the proof of one record, instead of an export")
	set.StringVar(&o.proof, "consistency", "", "the same as -proof")
	set.Var(&o.rotations, "rotation", "`file` with a statement of a change of keys; may be repeated. Those in an archive are found there")
	set.Var(&o.signed, "witness", "`file` with the public key of a witness whose co-signatures are to be verified; may be repeated")
	set.StringVar(&o.cosign, "cosign", "", "`file` with a witness's private key: co-sign the checkpoint and print it")
	set.StringVar(&o.last, "last", "", "`file` with the checkpoint that this witness co-signed last (for -cosign, with -proof between the two)")
	set.StringVar(&o.newWitness, "new-witness", "", "`name` of a witness: print a new private key and, below it, its public key")
	set.Usage = func() {
		fmt.Fprint(stderr, "usage: auditverify -key pub.txt export-or-bundle.zip [note.txt ...]\n"+
			"       auditverify -key pub.txt -log journal.ndjson [-leaves leaves.txt] note.txt ...\n"+
			"       auditverify -key pub.txt -proof proof.txt [note.txt ...]\n"+
			"       auditverify -key pub.txt -cosign witness.txt [-last last.txt -proof proof.txt] note.txt\n"+
			"       auditverify -new-witness NAME\n")
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
	if o.log == "" && o.proof == "" && o.cosign == "" && len(rest) > 0 {
		o.export, rest = rest[0], rest[1:]
	}
	o.notes = append(o.notes, rest...)
	return o, o.complete()
}

// complete refuses options that do not belong together.
func (o options) complete() error {
	switch {
	case o.newWitness != "":
		return nil
	case o.cosign != "":
		if o.key == "" || len(o.notes) != 1 || o.last == "" && o.proof != "" {
			return errors.New("-cosign needs -key, one checkpoint, and -last with -proof unless it is the first one")
		}
		return nil
	case o.log == "" && o.export == "" && o.proof == "":
		return errors.New("give an export, a bundle, -proof or -log (-h shows how)")
	case o.log != "" && o.proof != "":
		return errors.New("-log and -proof are verified one at a time")
	case (o.log != "" || o.proof != "") && o.key == "":
		return errors.New("-log and -proof need -key")
	case o.lang != "" && o.lang != "zh" && o.lang != "en":
		return fmt.Errorf("-lang %s: want zh or en", o.lang)
	}
	return nil
}

// verify opens the files and hands them to the audit package, which knows the rest.
func (o options) verify() (report audit.Report, err error) {
	var in audit.Input
	if in.Key, err = readKey(o.key); err != nil {
		return report, err
	}
	if in.Notes, err = readTexts(o.notes); err != nil {
		return report, err
	}
	if in.Rotations, err = readTexts(o.rotations); err != nil {
		return report, err
	}
	for _, name := range o.signed {
		key, err := readKey(name)
		if err != nil {
			return report, err
		}
		in.Witnesses += key + "\n"
	}
	if o.proof != "" {
		proof, err := readTexts([]string{o.proof})
		if err != nil {
			return report, err
		}
		return audit.VerifyProof(audit.ProofInput{Key: in.Key, Proof: proof[0], Notes: in.Notes, Rotations: in.Rotations, Witnesses: in.Witnesses})
	}
	return o.verifyJournal(in)
}

func (o options) verifyJournal(in audit.Input) (report audit.Report, err error) {
	f, err := os.Open(cmp.Or(o.log, o.export))
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
	return audit.Verify(in)
}

// readTexts reads small files at once: years of daily notes would be too many open files.
func readTexts(names []string) ([]audit.Text, error) {
	var all []audit.Text
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, audit.Text{Name: name, Body: bytes.NewReader(text)})
	}
	return all, nil
}

// readKey reads a file of keys; no file is no key.
func readKey(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	key := strings.TrimSpace(string(text))
	if key == "" {
		return "", fmt.Errorf("%s is empty", name)
	}
	return key, nil
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
