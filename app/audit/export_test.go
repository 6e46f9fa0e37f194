package audit_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"battlemap/app/audit"
)

func exported(t *testing.T, e audit.Export) map[string]string {
	t.Helper()
	var buf bytes.Buffer
	if err := audit.WriteExport(&buf, e); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
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

func signedNotes(t *testing.T, m material) iter.Seq2[[]byte, error] {
	var all [][]byte
	for _, n := range m.notes {
		all = append(all, []byte(drain(t, n)))
	}
	return each(all)
}

// The export holds what the verifier's fixture holds, whether the hashes are read or computed.
func TestWriteExport(t *testing.T) {
	m := journal(t, 50, 12, 24, 36, 48)
	want := m.members(t)
	for name, e := range map[string]audit.Export{
		"hashes computed": {Public: public, Records: each(m.records), Checkpoints: signedNotes(t, m)},
		"hashes read":     {Public: public + "\n", Records: each(m.records), Checkpoints: signedNotes(t, m), Hashes: m.tree(t), Size: 50},
	} {
		got := exported(t, e)
		if !strings.Contains(got["README.txt"], "auditverify -key pub.txt") || !strings.Contains(got["README.txt"], "核验通过") {
			t.Errorf("%s: README.txt does not say how to verify", name)
		}
		delete(got, "README.txt")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

// The stored hashes show which record was changed in the database after it was written.
func TestExportOfAChangedDatabase(t *testing.T) {
	m := journal(t, 50, 12, 24, 36, 48)
	stored := m.tree(t)
	notes := signedNotes(t, m)
	m.edit(17)
	m.drop(30, 30)
	var buf bytes.Buffer
	if err := audit.WriteExport(&buf, audit.Export{Public: public, Records: each(m.records), Checkpoints: notes, Hashes: stored, Size: 50}); err != nil {
		t.Fatal(err)
	}
	r := verify(t, audit.Input{Key: public, Export: bytes.NewReader(buf.Bytes()), ExportSize: int64(buf.Len())})
	if diff := cmp.Diff([]string{"edited 17-17", "dropped 30-30"}, found(r)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestExportNamesCheckpoints(t *testing.T) {
	m := journal(t, 5)
	a, b := m.note(t, 5, instant(5), private), m.note(t, 5, instant(9), private)
	got := exported(t, audit.Export{Public: public, Records: each(m.records), Checkpoints: each([][]byte{a, b, []byte("spoilt")})})
	for name, want := range map[string]string{"checkpoints/000000000005.txt": string(a), "checkpoints/000000000005-2.txt": string(b),
		"checkpoints/000000000000.txt": "spoilt"} {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
}

// An export that failed must not look like a whole one.
func TestExportFailsWhole(t *testing.T) {
	m := journal(t, 5, 3)
	broken := func(yield func([]byte, error) bool) {
		if yield(m.records[0], nil) {
			yield(nil, errors.New("the disk is gone"))
		}
	}
	for name, e := range map[string]audit.Export{
		"records":     {Public: public, Records: broken},
		"checkpoints": {Public: public, Records: each(m.records), Checkpoints: broken},
		"hashes":      {Public: public, Records: each(m.records), Hashes: hashes{}, Size: 5},
	} {
		var buf bytes.Buffer
		if err := audit.WriteExport(&buf, e); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := audit.Verify(audit.Input{Key: public, Export: bytes.NewReader(buf.Bytes()), ExportSize: int64(buf.Len())}); err == nil {
			t.Errorf("%s: the torn export could be read", name)
		}
	}
}

func TestKeyFromExport(t *testing.T) {
	m := journal(t, 5, 3)
	data := zipped(t, m.members(t))
	r := verify(t, audit.Input{Export: bytes.NewReader(data), ExportSize: int64(len(data))})
	if !r.Sound || !r.KeyFromExport {
		t.Errorf("sound %v, key from the export %v", r.Sound, r.KeyFromExport)
	}
	for lang, want := range map[string]string{"zh": "公钥取自导出文件本身", "en": "the public key came from the export itself", "": "Sound."} {
		text, err := r.Text(lang)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text, want) || strings.Contains(text, "{") {
			t.Errorf("%q: %s", lang, text)
		}
	}
}

// After a change of keys, checkpoints of both count.
func TestTwoKeys(t *testing.T) {
	m := journal(t, 50, 12, 24)
	m.sign(t, 36, otherPrivate)
	m.key = strings.Join(slices.Sorted(slices.Values([]string{public, otherPublic})), "\n") + "\n"
	data := zipped(t, m.members(t))
	for key, want := range map[string][]string{
		public + "\n" + otherPublic: {},
		public:                      {"wrong_key 0-0", "wrong_key 36-36"},
	} {
		r := verify(t, audit.Input{Key: key, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
		if diff := cmp.Diff(want, found(r)); diff != "" {
			t.Errorf("want -, got +:\n%s", diff)
		}
	}
}

func TestUnreadable(t *testing.T) {
	m := journal(t, 5, 3)
	without := func(name string) []byte {
		members := m.members(t)
		delete(members, name)
		return zipped(t, members)
	}
	var twice bytes.Buffer
	z := zip.NewWriter(&twice)
	for _, name := range []string{"journal.ndjson", "leaves.txt", "journal.ndjson"} {
		if _, err := z.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	z.Close()
	for name, c := range map[string]struct {
		key  string
		data []byte
	}{
		"no zip":            {public, []byte("hello")},
		"no journal":        {public, without("journal.ndjson")},
		"no leaves":         {public, without("leaves.txt")},
		"no key":            {"", without("key.txt")},
		"the journal twice": {public, twice.Bytes()},
		"a key that is not": {"hello", zipped(t, m.members(t))},
	} {
		if r, err := audit.Verify(audit.Input{Key: c.key, Export: bytes.NewReader(c.data), ExportSize: int64(len(c.data))}); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if _, err := audit.Verify(audit.Input{Key: public}); err == nil {
		t.Error("no journal at all")
	}
}

// Verifying twenty times the journal must not take more memory: what is allocated in all bounds what is ever in use, and it may grow by
// no more than a byte a record, of the hundreds that a record has (each read of the file costs a little).
func TestMemoryIsFlat(t *testing.T) {
	m := journal(t, 1)
	note := m.note(t, 1, start(), private)
	notes := func() []audit.Text { return []audit.Text{{Name: "note", Body: bytes.NewReader(note)}} }
	for name, input := range map[string]func(n int) audit.Input{
		"journal": func(n int) audit.Input {
			return audit.Input{Key: public, Journal: &repeat{record: m.records[0], n: n}, Notes: notes()}
		},
		"export": func(n int) audit.Input {
			f, err := os.Create(filepath.Join(t.TempDir(), "export.zip"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
			source := &repeat{record: m.records[0], n: n}
			if err := audit.WriteExport(f, audit.Export{Public: public, Records: source.all, Checkpoints: each([][]byte{note})}); err != nil {
				t.Fatal(err)
			}
			info, err := f.Stat()
			if err != nil {
				t.Fatal(err)
			}
			return audit.Input{Key: public, Export: f, ExportSize: info.Size()}
		},
	} {
		use := func(n int) uint64 {
			in := input(n)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := verify(t, in)
			runtime.ReadMemStats(&after)
			if !r.Sound || r.Records != int64(n) {
				t.Fatalf("%s, %d records: %+v", name, n, r)
			}
			return after.TotalAlloc - before.TotalAlloc
		}
		use(1)
		small, large := use(10_000), use(200_000)
		t.Logf("%s: 10,000 records: %d bytes, 200,000 records: %d bytes", name, small, large)
		if large > small+190_000 {
			t.Errorf("%s: 10,000 records: %d bytes, 200,000 records: %d bytes", name, small, large)
		}
	}
}

// repeat is a journal of n records that differ in their numbers only.
type repeat struct {
	record []byte // number 1
	n, no  int
	line   []byte
	rest   []byte
}

// all yields the records, each without its newline.
func (r *repeat) all(yield func([]byte, error) bool) {
	for r.no < r.n {
		r.next()
		if !yield(r.line[:len(r.line)-1], nil) {
			return
		}
	}
}

func (r *repeat) next() {
	r.no++
	const head = `{"v":1,"alg":"sha256","no":`
	r.line = append(r.line[:0], head...)
	r.line = strconv.AppendInt(r.line, int64(r.no), 10)
	r.line = append(r.line, r.record[len(head)+1:]...)
	r.line = append(r.line, '\n')
}

func (r *repeat) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.no == r.n {
			return 0, io.EOF
		}
		r.next()
		r.rest = r.line
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A journal that is spoilt from end to end is reported in a few lines, and in little memory.
func TestWhollySpoilt(t *testing.T) {
	m := journal(t, 5000, 5000)
	slices.Reverse(m.records)
	r := m.verifyExport(t)
	if r.Sound || len(r.Faults) > 3 {
		t.Errorf("%d faults: %v", len(r.Faults), found(r))
	}
}
