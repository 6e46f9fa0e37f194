package audit_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"battlemap/app/audit"
)

const origin = "battlemap.example/nangang"

var (
	private, public           = mustKey(origin, 'a')
	otherPrivate, otherPublic = mustKey(origin, 'b') // the same name, another key
	strangePrivate, _         = mustKey("battlemap.example/elsewhere", 'c')
)

func mustKey(name string, seed byte) (private, public string) {
	private, public, err := audit.NewKey(name, strings.NewReader(strings.Repeat(string(seed), 32)))
	if err != nil {
		panic(err)
	}
	return private, public
}

// hashes is a store of tree hashes in memory.
type hashes []tlog.Hash

func (h hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out[i] = h[x]
	}
	return out, nil
}

func start() time.Time { return time.Date(2023, 3, 13, 0, 30, 0, 0, time.UTC) }

func instant(no int) time.Time { return start().Add(time.Duration(no/2) * time.Minute) } // two records share an instant

func record(t testing.TB, no int, action string) []byte {
	t.Helper()
	line, err := audit.Encode(audit.Record{
		No: int64(no), At: instant(no).Format(time.RFC3339), Actor: audit.Actor{Kind: "user", ID: 7, Name: "示例督查员", Unit: "考评督导专班"},
		Action: action, Object: audit.Object{Kind: "ticket", ID: int64(no), No: fmt.Sprintf("〔2023〕%03d号", no)}, TaskForce: 10, Ticket: int64(no),
		Before: json.RawMessage(`{"state":"accepted"}`), After: json.RawMessage(`{"state":"in_progress"}`), Reason: "按期推进",
		Rule: "ticket@1", Request: fmt.Sprintf("req-%06d", no), Address: "10.0.0.7",
	})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// material is all that an export holds, in pieces that a test can damage.
type material struct {
	records [][]byte
	leaves  []string // lines of leaves.txt
	notes   []audit.Text
	key     string // key.txt
	earlier []string
	outside []audit.Text
}

// journal makes n records and a checkpoint at each size.
func journal(t testing.TB, n int, sizes ...int) material {
	t.Helper()
	m := material{key: public + "\n"}
	for no := 1; no <= n; no++ {
		m.records = append(m.records, record(t, no, "start"))
	}
	m.rehash()
	for _, size := range sizes {
		m.sign(t, size, private)
	}
	return m
}

func (m *material) tree(t testing.TB) hashes {
	t.Helper()
	var stored hashes
	for i, r := range m.records {
		more, err := tlog.StoredHashes(int64(i), r, stored)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
	}
	return stored
}

// rehash computes the list of leaf hashes anew, as a forger with the database would.
func (m *material) rehash() {
	m.leaves = nil
	for _, r := range m.records {
		m.leaves = append(m.leaves, audit.LeafHash(r).String())
	}
}

// renumber gives each record from index i on the number of its line.
func (m *material) renumber(i int) {
	for ; i < len(m.records); i++ {
		m.records[i] = withNumber(m.records[i], i+1)
	}
}

func withNumber(record []byte, no int) []byte {
	head, rest, _ := bytes.Cut(record, []byte(`"no":`))
	_, rest, _ = bytes.Cut(rest, []byte(","))
	return fmt.Appendf(nil, `%s"no":%d,%s`, head, no, rest)
}

func (m *material) note(t testing.TB, size int, at time.Time, key string) []byte {
	t.Helper()
	root, err := audit.Root(int64(size), m.tree(t))
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(key, "PRIVATE+KEY+"), "+")
	msg, err := audit.SignCheckpoint(audit.Checkpoint{Origin: name, Size: int64(size), Root: root, At: at}, key)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// sign adds a checkpoint to the export, or replaces the one of that size.
func (m *material) sign(t testing.TB, size int, key string) {
	t.Helper()
	text := audit.Text{Name: fmt.Sprintf("checkpoints/%012d.txt", size), Body: bytes.NewReader(m.note(t, size, instant(size), key))}
	m.notes = slices.DeleteFunc(m.notes, func(old audit.Text) bool { return old.Name == text.Name })
	m.notes = append(m.notes, text)
}

// carry takes a note of the journal as it now is out of the building.
func (m *material) carry(t testing.TB, size int) {
	t.Helper()
	m.outside = append(m.outside, audit.Text{Name: fmt.Sprintf("note-%d.txt", size), Body: bytes.NewReader(m.note(t, size, instant(size), private))})
}

func (m *material) damageNote(i int, from, to string) {
	msg, _ := io.ReadAll(m.notes[i].Body)
	m.notes[i].Body = strings.NewReader(strings.Replace(string(msg), from, to, 1))
}

func lines[T ~[]byte | ~string](all []T) string {
	var b strings.Builder
	for _, l := range all {
		b.WriteString(string(l))
		b.WriteByte('\n')
	}
	return b.String()
}

// members are the files of the export, README left out.
func (m *material) members(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{"journal.ndjson": lines(m.records), "leaves.txt": lines(m.leaves), "key.txt": m.key}
	for _, n := range m.notes {
		out[n.Name] = drain(t, n)
	}
	return out
}

// drain reads a note and rewinds it.
func drain(t testing.TB, n audit.Text) string {
	t.Helper()
	msg, err := io.ReadAll(n.Body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Body.(io.Seeker).Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return string(msg)
}

func zipped(t testing.TB, members map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name}) // stored: many tests make many exports
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, members[name])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
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

// texts rewinds and copies notes, because a reader can be read once only.
func texts(t testing.TB, all []audit.Text) []audit.Text {
	t.Helper()
	var out []audit.Text
	for _, n := range all {
		out = append(out, audit.Text{Name: n.Name, Body: strings.NewReader(drain(t, n))})
	}
	return out
}

// verifyExport verifies the zip with what left the building.
func (m *material) verifyExport(t testing.TB) audit.Report {
	t.Helper()
	data := zipped(t, m.members(t))
	in := audit.Input{Key: public, Export: bytes.NewReader(data), ExportSize: int64(len(data)), Notes: texts(t, m.outside)}
	if m.earlier != nil {
		in.Leaves = []audit.Text{{Name: "earlier.txt", Body: strings.NewReader(lines(m.earlier))}}
	}
	return verify(t, in)
}

// verifyLog verifies the journal and the notes alone: no list of hashes.
func (m *material) verifyLog(t testing.TB) audit.Report {
	t.Helper()
	return verify(t, audit.Input{Key: public, Journal: strings.NewReader(lines(m.records)), Notes: append(texts(t, m.notes), texts(t, m.outside)...)})
}

func verify(t testing.TB, in audit.Input) audit.Report {
	t.Helper()
	r, err := audit.Verify(in)
	if err != nil {
		t.Fatal(err)
	}
	if r.Sound != (len(r.Faults) == 0) {
		t.Fatalf("sound %v with faults %v", r.Sound, found(r))
	}
	return r
}

// found is the damage of a report as short text: "edited 17-17".
func found(r audit.Report) []string {
	out := []string{}
	for _, f := range r.Faults {
		out = append(out, fmt.Sprintf("%s %d-%d", f.Code, f.First, f.Last))
	}
	return out
}
