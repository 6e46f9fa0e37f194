package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"auditverify": main})
}

// The scripts run the command as a process of its own on the files that supply lays out.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { return supply(env.WorkDir) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// exit CODE PROGRAM ARGS... wants that very exit code.
			"exit": func(ts *testscript.TestScript, neg bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				got := "0"
				if err != nil {
					got = strings.TrimPrefix(err.Error(), "exit status ")
				}
				if got != args[0] {
					ts.Fatalf("exit code %s, want %s", got, args[0])
				}
			},
		},
	})
}

const origin = "battlemap.example/nangang"

// supply writes export.zip and its parts for 50 records with checkpoints at 20 and 40, damaged journals, and two keys.
func supply(dir string) error {
	private, public, err := audit.NewKey(origin, strings.NewReader(strings.Repeat("a", 32)))
	if err != nil {
		return err
	}
	otherPrivate, other, err := audit.NewKey(origin, strings.NewReader(strings.Repeat("b", 32)))
	if err != nil {
		return err
	}
	start := time.Date(2023, 3, 13, 0, 30, 0, 0, time.UTC)
	var records, notes [][]byte
	var stored hashes
	for no := int64(1); no <= 50; no++ {
		line, err := audit.Encode(audit.Record{No: no, At: start.Add(time.Duration(no) * time.Minute).Format(time.RFC3339),
			Actor: audit.Actor{Kind: "user", ID: 7, Name: "示例督查员"}, Action: "urge", Object: audit.Object{Kind: "ticket", ID: no},
			After: json.RawMessage(`{"times":1}`), Reason: "按期推进"})
		if err != nil {
			return err
		}
		more, err := audit.Append(no-1, line, stored)
		if err != nil {
			return err
		}
		records, stored = append(records, line), append(stored, more...)
		if no%20 != 0 {
			continue
		}
		root, err := audit.Root(no, stored)
		if err != nil {
			return err
		}
		note, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: no, Root: root, At: start.Add(time.Duration(no) * time.Minute)}, private)
		if err != nil {
			return err
		}
		notes = append(notes, note)
	}
	var export, leaves bytes.Buffer
	if err := audit.WriteExport(&export, audit.Export{Public: public, Records: each(records), Checkpoints: each(notes), Hashes: stored, Size: 50}); err != nil {
		return err
	}
	if err := audit.WriteLeaves(&leaves, 50, stored); err != nil {
		return err
	}
	journal := append(bytes.Join(records, []byte("\n")), '\n')
	edited := bytes.Replace(journal, records[16], bytes.Replace(records[16], []byte("按期"), []byte("延期"), 1), 1)
	out := map[string][]byte{
		"export.zip": export.Bytes(), "journal.ndjson": journal, "leaves.txt": leaves.Bytes(), "pub.txt": []byte(public + "\n"), "other.txt": []byte(other + "\n"),
		"note-20.txt": notes[0], "note-40.txt": notes[1], "edited.ndjson": edited, "cut.ndjson": append(bytes.Join(records[:30], []byte("\n")), '\n'),
	}
	if out["consistency.txt"], err = audit.ConsistencyFile(notes[0], notes[1], stored); err != nil {
		return err
	}
	if out["record.txt"], err = audit.RecordFile(records[16], notes[1], stored); err != nil {
		return err
	}
	out["record-edited.txt"] = bytes.Replace(out["record.txt"], []byte("按期"), []byte("延期"), 1)
	if err := supplyCase(out, private, public, otherPrivate, other, start); err != nil {
		return err
	}
	for name, data := range out {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// supplyCase adds case.zip, signed by the other key after a change of keys at 3, the statement of it, and the same case with a forged page.
func supplyCase(out map[string][]byte, private, public, otherPrivate, other string, start time.Time) error {
	rotation, err := audit.SignRotation(audit.Rotation{Old: public, New: other, From: 3, At: start}, private, otherPrivate)
	if err != nil {
		return err
	}
	statement, err := audit.RotationMember(rotation)
	if err != nil {
		return err
	}
	members := []audit.Member{audit.NewMember("case.html", []byte("<title>a case</title>")), statement}
	_, mark, err := audit.Manifest([]int64{2, 4}, members)
	if err != nil {
		return err
	}
	after, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	var records [][]byte
	var stored hashes
	for no := int64(1); no <= 5; no++ {
		r := audit.Record{No: no, At: start.Format(time.RFC3339), Actor: audit.Actor{Kind: "user", ID: 9, Name: "示例督查员"}, Action: "urge",
			Object: audit.Object{Kind: "ticket", ID: 3, No: "〔2023〕003号"}}
		if no == 5 {
			r.Action, r.After = audit.ActionCaseExport, after
		}
		line, err := audit.Encode(r)
		if err != nil {
			return err
		}
		more, err := audit.Append(no-1, line, stored)
		if err != nil {
			return err
		}
		records, stored = append(records, line), append(stored, more...)
	}
	root, err := audit.Root(5, stored)
	if err != nil {
		return err
	}
	note, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: 5, Root: root, At: start}, otherPrivate)
	if err != nil {
		return err
	}
	var bundle bytes.Buffer
	if err := audit.WriteBundle(&bundle, audit.Bundle{Public: other, Checkpoint: note, Hashes: stored, Records: each([][]byte{records[1], records[3], records[4]}),
		Members: members}); err != nil {
		return err
	}
	out["case.zip"], out["rotation.txt"] = bundle.Bytes(), rotation
	out["case-forged.zip"], err = forged(bundle.Bytes())
	return err
}

// forged is a bundle with another page.
func forged(bundle []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		if f.Name != "case.html" {
			if err := w.Copy(f); err != nil {
				return nil, err
			}
			continue
		}
		m, err := w.Create(f.Name)
		if err != nil {
			return nil, err
		}
		if _, err := m.Write([]byte("<title>another case</title>")); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, x := range indexes {
		if x >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out = append(out, h[x])
	}
	return out, nil
}

func each(all [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, b := range all {
			if !yield(b, nil) {
				return
			}
		}
	}
}
