package audit_test

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"battlemap/app/audit"
)

// One byte of any member of an export changed is never sound again, with the key given and with the key inside.
func TestOneByteMutation(t *testing.T) {
	m := journal(t, 50, 12, 24, 36, 48)
	members := m.members(t)
	names := slices.Sorted(maps.Keys(members))
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "member")
		text := []byte(members[name])
		i := rapid.IntRange(0, len(text)-1).Draw(rt, "offset")
		b := rapid.Byte().Filter(func(b byte) bool { return b != text[i] }).Draw(rt, "byte")
		text[i] = b
		changed := maps.Clone(members)
		changed[name] = string(text)
		data := zipped(t, changed)
		for _, key := range []string{public, ""} {
			r, err := audit.Verify(audit.Input{Key: key, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
			if err == nil && (r.Sound || len(r.Faults) == 0) {
				rt.Fatalf("%s with byte %d changed to %q is sound", name, i, b)
			}
		}
	})
}

// The mutations that are likeliest to slip through are tried all: each single bit of a checkpoint, of the key and of one line of hashes.
func TestEveryBit(t *testing.T) {
	m := journal(t, 3, 2)
	members := m.members(t)
	for name, text := range members {
		if name == "journal.ndjson" {
			continue // hashed byte for byte; the random test above is enough
		}
		for i := range text {
			for bit := range 8 {
				b := []byte(text)
				b[i] ^= 1 << bit
				changed := maps.Clone(members)
				changed[name] = string(b)
				data := zipped(t, changed)
				r, err := audit.Verify(audit.Input{Key: public, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
				if err != nil {
					t.Fatalf("%s, byte %d, bit %d: %v", name, i, bit, err)
				}
				if r.Sound {
					t.Fatalf("%s, byte %d, bit %d: sound", name, i, bit)
				}
			}
		}
	}
}

// Losing the end of a file, newline included, is seen.
func TestTornFiles(t *testing.T) {
	m := journal(t, 5, 3)
	members := m.members(t)
	for _, name := range []string{"journal.ndjson", "leaves.txt", "key.txt", "checkpoints/000000000003.txt"} {
		for cut := 1; cut <= len(members[name]); cut++ {
			changed := maps.Clone(members)
			changed[name] = members[name][:len(members[name])-cut]
			data := zipped(t, changed)
			r, err := audit.Verify(audit.Input{Key: public, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
			if err == nil && r.Sound {
				t.Fatalf("%s without its last %d bytes is sound", name, cut)
			}
		}
	}
}

// A fault of the disk or of the line is an error, not a verdict.
func TestReadFault(t *testing.T) {
	m := journal(t, 5, 3)
	whole := audit.Text{Name: "leaves", Body: strings.NewReader(lines(m.leaves))}
	torn := func(s string) io.Reader { return io.MultiReader(strings.NewReader(s), faulty{}) }
	for name, in := range map[string]audit.Input{
		"journal": {Key: public, Journal: torn(lines(m.records[:2])), Notes: texts(t, m.notes), Leaves: []audit.Text{whole}},
		"leaves":  {Key: public, Journal: strings.NewReader(lines(m.records)), Notes: texts(t, m.notes), Leaves: []audit.Text{{Name: "leaves", Body: torn("")}}},
		"note":    {Key: public, Journal: strings.NewReader(lines(m.records)), Notes: []audit.Text{{Name: "note", Body: torn("")}}},
	} {
		if r, err := audit.Verify(in); err == nil {
			t.Errorf("%s: %+v", name, found(r))
		}
	}
}

type faulty struct{}

func (faulty) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Any text in the place of the files is judged or refused, never a crash, and sound only if it is the journal that was signed.
func FuzzVerify(f *testing.F) {
	m := journal(f, 4, 2, 4)
	records, leaves, note := lines(m.records), lines(m.leaves), drain(f, m.notes[1])
	f.Add(records, leaves, note, public)
	f.Add(records[:len(records)-1], leaves[:60], note[:80], public)
	f.Add("\n\n\n", "\n", "\n\n— x y\n", "a+b+c")
	f.Add(`{"v":1,"alg":"sha256","no":999999999999999999,"at":"2023-03-13T00:30:00Z",`+"\n", "", note, public)
	f.Add(`{"v":2,"alg":"sm3","no":1}`+"\n", strings.Repeat("A", 44)+"\n", "", public)
	f.Fuzz(func(t *testing.T, journal, list, msg, key string) {
		r, err := audit.Verify(audit.Input{Key: key, Journal: strings.NewReader(journal),
			Leaves: []audit.Text{{Name: "leaves", Body: strings.NewReader(list)}}, Notes: []audit.Text{{Name: "note", Body: strings.NewReader(msg)}}})
		if err != nil {
			return
		}
		if r.Sound != (len(r.Faults) == 0) {
			t.Fatalf("sound %v with %v", r.Sound, found(r))
		}
		if r.Sound && key == public && !strings.HasPrefix(journal, records) {
			t.Fatalf("sound without the signed records:\n%s", journal)
		}
		if _, err := r.Text(""); err != nil {
			t.Fatal(err)
		}
	})
}

// Any bytes as an export are judged or refused.
func FuzzExport(f *testing.F) {
	m := journal(f, 2, 1)
	data := zipped(f, m.members(f))
	f.Add(data)
	f.Add(data[:len(data)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := audit.Verify(audit.Input{Key: public, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
		if err == nil && r.Sound && r.Records > 0 && r.Covered == 0 {
			t.Fatalf("sound with nothing signed: %+v", r)
		}
	})
}

// Two damages at once may be named less exactly, but they are not sound, and verifying again says the same.
func TestPairsOfDamages(t *testing.T) {
	all := damages()
	for _, a := range all[:20] {
		for _, b := range all[:20] {
			m := journal(t, 50, 12, 24, 36, 48)
			a.do(t, &m)
			if len(m.records) < 50 {
				continue // the second damage counts on the first's numbers
			}
			b.do(t, &m)
			once := m.verifyExport(t)
			if once.Sound && !bytes.Equal([]byte(lines(m.records)), []byte(lines(journal(t, 50).records))) {
				t.Fatalf("%s, then %s: sound", a.name, b.name)
			}
			if diff := cmp.Diff(once, m.verifyExport(t)); diff != "" {
				t.Fatalf("%s, then %s: another report the second time:\n%s", a.name, b.name, diff)
			}
		}
	}
}
