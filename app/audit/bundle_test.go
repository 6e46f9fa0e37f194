package audit_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
)

// caseNumbers are the records of the case in the fixture's journal of 40 records, of which 30 is the export's own.
var caseNumbers = []int64{3, 7, 8, 21}

const caseExport = 30

// caseFixture is a bundle in pieces: the journal, its stored hashes, what WriteBundle is given.
type caseFixture struct {
	records [][]byte
	stored  hashes
	bundle  audit.Bundle
}

// newCase makes a journal of 40 records in which record 30 exports the case, and the bundle.
func newCase(t testing.TB) *caseFixture {
	t.Helper()
	c := &caseFixture{}
	photo := []byte("a photo of a finished road")
	members := []audit.Member{audit.NewMember("case.html", []byte("<!doctype html><title>案卷</title>")), audit.NewMember("case.pdf", []byte("%PDF-1.7 ..."))}
	attachment := audit.NewMember("", photo)
	attachment.Name = audit.AttachmentName(attachment.SHA256)
	members = append(members, attachment)
	_, mark, err := audit.Manifest(caseNumbers, members)
	if err != nil {
		t.Fatal(err)
	}
	for no := 1; no <= 40; no++ {
		line := record(t, no, "start")
		if no == caseExport {
			line = exportRecord(t, no, mark)
		}
		more, err := audit.Append(int64(no-1), line, c.stored)
		if err != nil {
			t.Fatal(err)
		}
		c.records, c.stored = append(c.records, line), append(c.stored, more...)
	}
	c.bundle = audit.Bundle{Public: otherPublic + "\n" + public, Checkpoint: c.note(t, 35), Hashes: c.stored, Members: members,
		Records: each(c.chosen(append(caseNumbers, caseExport)...))}
	return c
}

func exportRecord(t testing.TB, no int, mark audit.CaseMark) []byte {
	t.Helper()
	after, err := json.Marshal(mark)
	if err != nil {
		t.Fatal(err)
	}
	line, err := audit.Encode(audit.Record{No: int64(no), At: instant(no).Format(time.RFC3339), Actor: audit.Actor{Kind: "user", ID: 9, Name: "示例督查员", Unit: "考评督导专班"},
		Action: audit.ActionCaseExport, Object: audit.Object{Kind: "ticket", ID: 3, No: "〔2023〕003号"}, Ticket: 3, After: after})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func (c *caseFixture) note(t testing.TB, size int64) []byte {
	t.Helper()
	root, err := audit.Root(size, c.stored)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: size, Root: root, At: instant(int(size))}, private)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

func (c *caseFixture) chosen(numbers ...int64) [][]byte {
	var out [][]byte
	for _, n := range numbers {
		out = append(out, c.records[n-1])
	}
	return out
}

func (c *caseFixture) write(t testing.TB) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := audit.WriteBundle(&buf, c.bundle); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// unzipped is the content of a zip's members.
func unzipped(t testing.TB, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(text)
	}
	return out
}

func zipInput(key string, data []byte) audit.Input {
	return audit.Input{Key: key, Export: bytes.NewReader(data), ExportSize: int64(len(data))}
}

func TestBundleIsSound(t *testing.T) {
	c := newCase(t)
	data := c.write(t)
	for _, key := range []string{public, ""} {
		r := verify(t, zipInput(key, data))
		want := audit.Report{Kind: audit.KindBundle, Sound: true, Origin: origin, Records: 5, Checkpoints: 1, Covered: 35, CoveredAt: instant(35).Format(time.RFC3339),
			KeyFromExport: key == "", Faults: []audit.Fault{}, Case: &audit.CaseReport{Object: "ticket 〔2023〕003号", No: 30, At: instant(30).Format(time.RFC3339),
				By: "示例督查员 考评督导专班", Documents: 4}}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
		text, err := r.Text("")
		if err != nil || strings.ContainsAny(text, "{}") || !strings.Contains(text, "Not proven: that no further record concerns the case") {
			t.Errorf("%v: %s", err, text)
		}
	}
}

// A checkpoint that left earlier is held against the bundle's if it is of the same size; of others the report says that it was not.
func TestBundleWithNotes(t *testing.T) {
	c := newCase(t)
	data := c.write(t)
	forged := journal(t, 40)
	for name, n := range map[string]struct {
		note                []byte
		compared, unmatched int
		want                string
	}{
		"the same":         {c.note(t, 35), 2, 0, "[]"},
		"another size":     {c.note(t, 34), 1, 1, "[]"},
		"two histories":    {forged.note(t, 35, instant(35), private), 1, 0, "[forked 1-35]"},
		"signed by others": {forged.note(t, 35, instant(35), otherPrivate), 1, 0, "[wrong_key 35-35]"},
	} {
		in := zipInput(public, data)
		in.Notes = []audit.Text{{Name: "note.txt", Body: bytes.NewReader(n.note)}}
		r := verify(t, in)
		if r.Checkpoints != n.compared || r.Case.Unmatched != n.unmatched || fmt.Sprint(found(r)) != n.want {
			t.Errorf("%s: %d compared, %d not, %v", name, r.Checkpoints, r.Case.Unmatched, found(r))
		}
	}
}

// WriteBundle does not write a bundle that can't be sound by a mistake of its caller.
func TestBundleRefusesMistakes(t *testing.T) {
	for name, spoil := range map[string]func(c *caseFixture){
		"another checkpoint key": func(c *caseFixture) { c.bundle.Public = otherPublic },
		"no records":             func(c *caseFixture) { c.bundle.Records = each(nil) },
		"no export record":       func(c *caseFixture) { c.bundle.Records = each(c.chosen(3, 7, 8, 21)) },
		"a record too few":       func(c *caseFixture) { c.bundle.Records = each(c.chosen(3, 7, 8, 30)) },
		"not in order":           func(c *caseFixture) { c.bundle.Records = each(c.chosen(7, 3, 8, 21, 30)) },
		"a member too few":       func(c *caseFixture) { c.bundle.Members = c.bundle.Members[1:] },
		"a member twice":         func(c *caseFixture) { c.bundle.Members = append(c.bundle.Members, c.bundle.Members[0]) },
		"an odd name":            func(c *caseFixture) { c.bundle.Members[0].Name = "../case.html" },
		"a hash that is not":     func(c *caseFixture) { c.bundle.Members[2].Name = "attachments/" + strings.Repeat("0", 64) },
		"other content": func(c *caseFixture) {
			c.bundle.Members[0].Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("other")), nil }
		},
		"hashes missing": func(c *caseFixture) { c.bundle.Hashes = hashes{} },
		"not covered":    func(c *caseFixture) { c.bundle.Checkpoint = c.note(t, 29) },
	} {
		c := newCase(t)
		spoil(c)
		var buf bytes.Buffer
		if err := audit.WriteBundle(&buf, c.bundle); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// What can be done to the members of a bundle, and what the verifier calls it.
func TestDamagedBundles(t *testing.T) {
	c := newCase(t)
	whole := unzipped(t, c.write(t))
	for _, d := range bundleDamages(t, c) {
		t.Run(d.name, func(t *testing.T) {
			members := make(map[string]string)
			for name, text := range whole {
				members[name] = text
			}
			d.do(members)
			r := verify(t, zipInput(public, zipped(t, members)))
			got := []string{}
			for _, f := range r.Faults {
				got = append(got, fmt.Sprintf("%s %d-%d %s", f.Code, f.First, f.Last, f.File))
				if f.Zh == "" || f.En == "" || strings.ContainsAny(f.En+f.Zh, "{}") {
					t.Errorf("sentence: %+v", f)
				}
			}
			if diff := cmp.Diff(d.want, got); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

type bundleDamage struct {
	name string
	do   func(m map[string]string)
	want []string
}

func replaceIn(member, from, to string) func(m map[string]string) {
	return func(m map[string]string) { m[member] = strings.Replace(m[member], from, to, 1) }
}

func withoutLine(m map[string]string, member string, i int) {
	all := strings.SplitAfter(m[member], "\n")
	m[member] = strings.Join(append(all[:i:i], all[i+1:]...), "")
}

func bundleDamages(t testing.TB, c *caseFixture) []bundleDamage {
	photo := ""
	for _, m := range c.bundle.Members {
		if strings.HasPrefix(m.Name, "attachments/") {
			photo = m.Name
		}
	}
	var proof tlog.RecordProof
	proof, err := audit.Prove(35, 4, c.stored)
	if err != nil || len(proof) == 0 {
		t.Fatal(err)
	}
	return []bundleDamage{
		{"nothing", func(m map[string]string) {}, []string{}},
		{"a record edited", replaceIn("records.ndjson", "按期", "延期"), []string{"edited 3-3 proofs.ndjson"}},
		{"the export's record edited", replaceIn("records.ndjson", `{"manifest"`, `{"Manifest"`), []string{"edited 30-30 proofs.ndjson", "no_case_mark 30-30 records.ndjson"}},
		{"a record and its hash edited", func(m map[string]string) {
			old := audit.LeafHash(c.records[2]).String()
			replaceIn("records.ndjson", "按期", "延期")(m)
			line, _, _ := strings.Cut(m["records.ndjson"], "\n")
			replaceIn("proofs.ndjson", old, audit.LeafHash([]byte(line)).String())(m)
		}, []string{"unproven 3-3 checkpoint.txt"}},
		{"a record and its proof taken out", func(m map[string]string) { withoutLine(m, "records.ndjson", 1); withoutLine(m, "proofs.ndjson", 1) },
			[]string{"records_missing 0-0 records.ndjson"}},
		{"the export's record taken out", func(m map[string]string) { withoutLine(m, "records.ndjson", 4); withoutLine(m, "proofs.ndjson", 4) },
			[]string{"records_missing 0-0 records.ndjson", "no_case_mark 21-21 records.ndjson"}},
		{"a proof taken out", func(m map[string]string) { withoutLine(m, "proofs.ndjson", 4) }, []string{"proof_altered 30-30 proofs.ndjson"}},
		{"a proof too many", func(m map[string]string) { m["proofs.ndjson"] += "{}\n" }, []string{"proof_altered 30-30 proofs.ndjson"}},
		{"a proof spaced out", replaceIn("proofs.ndjson", `"no":3,`, `"no": 3,`), []string{"proof_altered 3-3 proofs.ndjson"}},
		{"an attachment changed", func(m map[string]string) { m[photo] += "!" }, []string{"member_altered 0-0 " + photo}},
		{"an attachment taken out", func(m map[string]string) { delete(m, photo) }, []string{"member_missing 0-0 " + photo}},
		{"an attachment put in", func(m map[string]string) {
			extra := audit.NewMember("", []byte("x"))
			m[audit.AttachmentName(extra.SHA256)] = "x"
		}, []string{"member_unknown 0-0 " + audit.AttachmentName(audit.NewMember("", []byte("x")).SHA256)}},
		{"a file put in", func(m map[string]string) { m["note.txt"] = "" }, []string{"member_unknown 0-0 note.txt"}},
		{"the page changed", func(m map[string]string) { m["case.html"] = "" }, []string{"member_altered 0-0 case.html"}},
		{"the page changed in the list too", func(m map[string]string) {
			old := audit.NewMember("", []byte(m["case.html"]))
			m["case.html"] = "forged"
			is := audit.NewMember("", []byte("forged"))
			replaceIn("manifest.txt", fmt.Sprintf("%x %d", old.SHA256, old.Size), fmt.Sprintf("%x %d", is.SHA256, is.Size))(m)
		}, []string{"manifest_altered 0-0 manifest.txt"}},
		{"the readme changed", func(m map[string]string) { m["README.txt"] += " " }, []string{"member_altered 0-0 README.txt"}},
		{"the readme taken out", func(m map[string]string) { delete(m, "README.txt") }, []string{"member_missing 0-0 README.txt"}},
		{"no checkpoint", func(m map[string]string) { delete(m, "checkpoint.txt") }, []string{"member_missing 0-0 checkpoint.txt"}},
		{"an older checkpoint", func(m map[string]string) { m["checkpoint.txt"] = string(c.note(t, 34)) },
			[]string{"unproven 3-3 checkpoint.txt", "unproven 7-7 checkpoint.txt", "unproven 8-8 checkpoint.txt", "unproven 21-21 checkpoint.txt", "unproven 30-30 checkpoint.txt"}},
		{"another key", func(m map[string]string) { m["key.txt"] = otherPublic + "\n" }, []string{"wrong_key 0-0 key.txt"}},
		{"two keys", func(m map[string]string) { m["key.txt"] += otherPublic + "\n" }, []string{"wrong_key 0-0 key.txt"}},
	}
}
