package audit_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"battlemap/app/audit"
)

// damages are done to a journal of 50 records with checkpoints at 12, 24, 36 and 48. export is what the zip must show, log what the
// journal shows with the notes alone.
func damages() []struct {
	name        string
	do          func(t *testing.T, m *material)
	export, log []string
} {
	return []struct {
		name        string
		do          func(t *testing.T, m *material)
		export, log []string
	}{
		{"nothing", func(t *testing.T, m *material) {}, []string{}, []string{}},
		{"edited", func(t *testing.T, m *material) { m.edit(17) }, []string{"edited 17-17"}, []string{"rehashed 13-24"}},
		{"edited after the last checkpoint", func(t *testing.T, m *material) { m.edit(49) }, []string{"edited 49-49"}, []string{}},
		{"edited twice", func(t *testing.T, m *material) { m.edit(17); m.edit(40) }, []string{"edited 17-17", "edited 40-40"}, []string{"rehashed 13-24"}},
		{"edited so that it is no record", func(t *testing.T, m *material) { m.records[16][2] = 'w' }, []string{"edited 17-17"}, []string{"malformed 17-17"}},
		{"edited so that the version is unknown", func(t *testing.T, m *material) { m.records[16][5] = '2' },
			[]string{"edited 17-17"}, []string{"unsupported 17-17"}},
		{"dropped", func(t *testing.T, m *material) { m.drop(17, 17) }, []string{"dropped 17-17"}, []string{"dropped 17-17"}},
		{"dropped with its hash", func(t *testing.T, m *material) { m.drop(17, 17); m.rehash() },
			[]string{"dropped 17-17"}, []string{"dropped 17-17"}},
		{"many dropped with their hashes", func(t *testing.T, m *material) { m.drop(3, 40); m.rehash() },
			[]string{"dropped 3-40"}, []string{"dropped 3-40"}},
		{"two hashes swapped", func(t *testing.T, m *material) { m.leaves[16], m.leaves[17] = m.leaves[17], m.leaves[16] },
			[]string{"leaves_altered 17-18"}, []string{}},
		{"swapped with the hashes", func(t *testing.T, m *material) { m.swap(20, 33); m.rehash() }, []string{"swapped 20-33"}, []string{"swapped 20-33"}},
		{"duplicated with the hashes", func(t *testing.T, m *material) {
			m.records = slices.Insert(m.records, 30, m.records[17])
			m.rehash()
		}, []string{"duplicated 18-18"}, []string{"duplicated 18-18"}},
		{"dropped in two places", func(t *testing.T, m *material) { m.drop(30, 33); m.drop(5, 5) },
			[]string{"dropped 5-5", "dropped 30-33"}, []string{"dropped 5-5", "dropped 30-33"}},
		{"the first dropped", func(t *testing.T, m *material) { m.drop(1, 1) }, []string{"dropped 1-1"}, []string{"dropped 1-1"}},
		{"all dropped", func(t *testing.T, m *material) { m.drop(1, 50) }, []string{"cut_off 1-50"}, []string{"cut_off 1-48"}},
		{"dropped and renumbered", func(t *testing.T, m *material) { m.drop(17, 17); m.renumber(16) },
			[]string{"renumbered 17-49"}, []string{"rehashed 13-24"}},
		{"inserted and renumbered", func(t *testing.T, m *material) {
			m.records = slices.Insert(m.records, 16, record(t, 17, "forged"))
			m.renumber(16)
		}, []string{"edited 17-17", "renumbered 18-51"}, []string{"rehashed 13-24"}},
		{"one number changed", func(t *testing.T, m *material) { m.records[16] = withNumber(m.records[16], 99) },
			[]string{"renumbered 17-17"}, []string{"renumbered 17-17"}},
		{"one number changed to the next", func(t *testing.T, m *material) { m.records[16] = withNumber(m.records[16], 18) },
			[]string{"renumbered 17-17"}, []string{"renumbered 17-17"}},
		{"the last number changed", func(t *testing.T, m *material) { m.records[49] = withNumber(m.records[49], 99) },
			[]string{"renumbered 50-50"}, []string{"dropped 50-98"}},
		{"swapped", func(t *testing.T, m *material) { m.swap(20, 33) }, []string{"swapped 20-33"}, []string{"swapped 20-33"}},
		{"neighbours swapped", func(t *testing.T, m *material) { m.swap(20, 21) }, []string{"swapped 20-21"}, []string{"swapped 20-21"}},
		{"two pairs swapped", func(t *testing.T, m *material) { m.swap(3, 9); m.swap(40, 44) },
			[]string{"swapped 3-9", "swapped 40-44"}, []string{"swapped 3-9", "swapped 40-44"}},
		{"one moved", func(t *testing.T, m *material) {
			r := m.records[19]
			m.records = slices.Insert(slices.Delete(m.records, 19, 20), 29, r)
		}, []string{"reordered 20-30"}, []string{"reordered 20-30"}},
		{"duplicated", func(t *testing.T, m *material) { m.records = slices.Insert(m.records, 30, m.records[17]) },
			[]string{"duplicated 18-18"}, []string{"duplicated 18-18"}},
		{"a stretch duplicated", func(t *testing.T, m *material) {
			m.records = slices.Insert(m.records, 20, slices.Clone(m.records[9:20])...)
		}, []string{"duplicated 10-20"}, []string{"duplicated 10-20"}},
		{"a stranger put in", func(t *testing.T, m *material) { m.records = slices.Insert(m.records, 16, record(t, 99, "forged")) },
			[]string{"inserted 99-99"}, []string{"inserted 99-99"}},
		{"cut off", func(t *testing.T, m *material) { m.drop(42, 50) }, []string{"cut_off 42-50"}, []string{"cut_off 42-48"}},
		{"cut off with the hashes", func(t *testing.T, m *material) { m.drop(42, 50); m.rehash() },
			[]string{"cut_off 42-48"}, []string{"cut_off 42-48"}},
		{"cut off in the middle of a record", func(t *testing.T, m *material) {
			m.drop(43, 50)
			m.records[41] = m.records[41][:200]
		}, []string{"edited 42-42", "cut_off 43-50"}, []string{"cut_off 43-48"}},
		{"rewritten with the hashes", func(t *testing.T, m *material) { m.edit(17); m.rehash() }, []string{"rehashed 13-24"}, []string{"rehashed 13-24"}},
		{"rewritten with the hashes, a note from outside", func(t *testing.T, m *material) { m.carry(t, 16); m.edit(17); m.rehash() },
			[]string{"rehashed 17-24"}, []string{"rehashed 17-24"}},
		{"rewritten with the hashes, a list from outside", func(t *testing.T, m *material) {
			m.earlier = slices.Clone(m.leaves[:30])
			m.edit(17)
			m.rehash()
		}, []string{"rehashed 17-17"}, []string{"rehashed 13-24"}},
		{"rewritten and signed again", func(t *testing.T, m *material) {
			m.carry(t, 20)
			m.forge(t, 17, private)
		}, []string{"forked 13-20"}, []string{"forked 13-20"}},
		{"rewritten and signed again, note of the same size", func(t *testing.T, m *material) {
			m.carry(t, 24)
			m.forge(t, 17, private)
		}, []string{"forked 13-24"}, []string{"forked 13-24"}},
		{"rewritten and signed again, a list from outside", func(t *testing.T, m *material) {
			m.carry(t, 20)
			m.earlier = slices.Clone(m.leaves[:30])
			m.forge(t, 17, private)
		}, []string{"forked 13-20", "rehashed 17-17"}, []string{"forked 13-20"}},
		{"edited, and later rewritten with the hashes", func(t *testing.T, m *material) {
			m.edit(30)
			m.rehash()
			m.edit(5)
		}, []string{"edited 5-5", "rehashed 25-36"}, []string{"rehashed 1-12"}},
		{"the hashes alone altered", func(t *testing.T, m *material) { m.leaves[16] = m.leaves[17] }, []string{"leaves_altered 17-17"}, []string{}},
		{"the hashes alone spoilt", func(t *testing.T, m *material) { m.leaves[16] = "x" + m.leaves[16] }, []string{"leaves_altered 17-17"}, []string{}},
		{"the hashes alone cut", func(t *testing.T, m *material) { m.leaves = m.leaves[:40] }, []string{"leaves_altered 41-50"}, []string{}},
		{"the clock went back", func(t *testing.T, m *material) {
			m.records[48] = bytes.Replace(m.records[48], []byte("T00:54"), []byte("T00:40"), 1)
			m.rehash()
		}, []string{"clock_back 49-49"}, []string{"clock_back 49-49"}},
		{"another key of the same name", func(t *testing.T, m *material) { m.forge(t, 17, otherPrivate) },
			[]string{"wrong_key 12-12", "wrong_key 24-24", "wrong_key 36-36", "wrong_key 48-48"},
			[]string{"wrong_key 12-12", "wrong_key 24-24", "wrong_key 36-36", "wrong_key 48-48"}},
		{"a note of another journal", func(t *testing.T, m *material) { m.sign(t, 24, strangePrivate) }, []string{"wrong_key 24-24"}, []string{"wrong_key 24-24"}},
		{"the right key for a foreign origin", func(t *testing.T, m *material) {
			signer, err := note.NewSigner(private)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(strings.SplitAfter(drain(t, m.notes[1]), "\n\n")[0], origin, "battlemap.example/elsewhere", 1)
			msg, err := note.Sign(&note.Note{Text: strings.TrimSuffix(text, "\n")}, signer)
			if err != nil {
				t.Fatal(err)
			}
			m.notes[1].Body = bytes.NewReader(msg)
		}, []string{"foreign_origin 24-24"}, []string{"foreign_origin 24-24"}},
		{"a checkpoint altered", func(t *testing.T, m *material) { m.damageNote(1, "\n24\n", "\n25\n") },
			[]string{"checkpoint_altered 25-25"}, []string{"checkpoint_altered 25-25"}},
		{"the time of a checkpoint altered", func(t *testing.T, m *material) { m.damageNote(1, "at 2023", "at 2022") },
			[]string{"checkpoint_altered 24-24"}, []string{"checkpoint_altered 24-24"}},
		{"a checkpoint emptied", func(t *testing.T, m *material) { m.notes[1].Body = strings.NewReader("") },
			[]string{"checkpoint_altered 0-0"}, []string{"checkpoint_altered 0-0"}},
		{"an early checkpoint signed late", func(t *testing.T, m *material) {
			m.notes[1].Body = bytes.NewReader(m.note(t, 24, instant(48).Add(time.Hour), private))
		}, []string{"checkpoint_order 24-36"}, []string{"checkpoint_order 24-36"}},
		{"no checkpoint", func(t *testing.T, m *material) { m.notes = nil }, []string{"no_checkpoint 0-0"}, []string{"no_checkpoint 0-0"}},
		{"another key inside", func(t *testing.T, m *material) { m.key = otherPublic + "\n" }, []string{"wrong_key 0-0"}, []string{}},
		{"a record too long", func(t *testing.T, m *material) {
			m.records[16] = append(m.records[16], bytes.Repeat([]byte(" "), audit.MaxRecord)...)
		}, []string{"edited 17-17"}, []string{"malformed 17-17"}},
	}
}

func (m *material) edit(no int) {
	m.records[no-1] = bytes.Replace(m.records[no-1], []byte("按期推进"), []byte("无故拖延"), 1)
}

func (m *material) drop(first, last int) { m.records = slices.Delete(m.records, first-1, last) }

func (m *material) swap(a, b int) { m.records[a-1], m.records[b-1] = m.records[b-1], m.records[a-1] }

// forge edits a record and makes hashes and checkpoints anew, as the holder of server and key could.
func (m *material) forge(t *testing.T, no int, key string) {
	m.edit(no)
	m.rehash()
	for _, size := range []int{12, 24, 36, 48} {
		m.sign(t, size, key)
	}
}

func TestDamageIsNamed(t *testing.T) {
	for _, d := range damages() {
		t.Run(d.name, func(t *testing.T) {
			m := journal(t, 50, 12, 24, 36, 48)
			d.do(t, &m)
			if diff := cmp.Diff(d.export, found(m.verifyExport(t))); diff != "" {
				t.Errorf("export, want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(d.log, found(m.verifyLog(t))); diff != "" {
				t.Errorf("journal and notes alone, want -, got +:\n%s", diff)
			}
		})
	}
}

func TestSoundReport(t *testing.T) {
	m := journal(t, 50, 12, 24, 36, 48)
	m.carry(t, 30)
	m.carry(t, 48) // the same note as in the export counts once
	m.earlier = slices.Clone(m.leaves[:20])
	want := audit.Report{Kind: audit.KindJournal, Sound: true, Origin: origin, Records: 50, Checkpoints: 5, Covered: 48, CoveredAt: "2023-03-13T00:54:00Z", Uncovered: 2,
		Faults: []audit.Fault{}}
	if diff := cmp.Diff(want, m.verifyExport(t)); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// Every code must be reachable by a damage above and have a sentence in both languages that leaves no blank unfilled.
func TestEveryCodeIsSpoken(t *testing.T) {
	seen := make(map[audit.Code]bool)
	for _, d := range damages() {
		m := journal(t, 50, 12, 24, 36, 48)
		d.do(t, &m)
		for _, f := range append(m.verifyExport(t).Faults, m.verifyLog(t).Faults...) {
			seen[f.Code] = true
			for _, s := range []string{f.Zh, f.En} {
				if s == "" || strings.ContainsAny(s, "{}") {
					t.Errorf("%s: sentence %q", f.Code, s)
				}
			}
		}
	}
	for _, code := range []audit.Code{audit.Edited, audit.Dropped, audit.Duplicated, audit.Swapped, audit.Reordered, audit.Renumbered, audit.Inserted,
		audit.CutOff, audit.Rehashed, audit.Forked, audit.Malformed, audit.Unsupported, audit.ClockBack, audit.LeavesAltered,
		audit.CheckpointAltered, audit.WrongKey, audit.ForeignOrigin, audit.CheckpointOrder, audit.NoCheckpoint} {
		if !seen[code] {
			t.Errorf("no damage in the table leads to %s", code)
		}
	}
}
