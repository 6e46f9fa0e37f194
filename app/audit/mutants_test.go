package audit

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// part is a member of a specimen in memory.
type part struct {
	name string
	text []byte
}

// specimen is a sound archive that will be mutated.
type specimen struct {
	name      string
	parts     []part
	raw       []byte // the same as a zip
	key       string // trusted
	witnesses string
	signers   []publicKey // whose signatures count
	genuine   []part      // what all specimens hold: three of them are exports of one journal, and a checkpoint of one fits the others
}

// hashStore holds a tree in memory.
type hashStore []tlog.Hash

func (h hashStore) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, x := range indexes {
		if x >= int64(len(h)) {
			return nil, fmt.Errorf("no hash %d", x)
		}
		out = append(out, h[x])
	}
	return out, nil
}

// nursery makes specimens, and what a forger might have at hand.
type nursery struct {
	t                               testing.TB
	private, public                 string
	newPrivate, newPublic           string
	foreignPrivate, foreignPublic   string
	witnessPrivate, witnessPublic   string
	strangerPrivate, strangerPublic string
	at                              time.Time
}

const nurseryOrigin = "battlemap.example/nangang"

func newNursery(t testing.TB) *nursery {
	n := &nursery{t: t, at: time.Date(2023, 3, 13, 0, 30, 0, 0, time.UTC)}
	seed := func(b byte) io.Reader { return bytes.NewReader(bytes.Repeat([]byte{b}, 32)) }
	var errs [5]error
	n.private, n.public, errs[0] = NewKey(nurseryOrigin, seed(1))
	n.newPrivate, n.newPublic, errs[1] = NewKey(nurseryOrigin, seed(2))
	n.foreignPrivate, n.foreignPublic, errs[2] = NewKey(nurseryOrigin, seed(3))
	n.witnessPrivate, n.witnessPublic, errs[3] = NewWitnessKey("witness.example", seed(4))
	n.strangerPrivate, n.strangerPublic, errs[4] = NewWitnessKey("stranger.example", seed(5))
	for _, err := range errs {
		n.must(err)
	}
	return n
}

func (n *nursery) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

func (n *nursery) record(no int, action string, after json.RawMessage) []byte {
	line, err := Encode(Record{No: int64(no), At: n.at.Add(time.Duration(no/2) * time.Minute).Format(timeLayout), Actor: Actor{Kind: "user", ID: 7, Name: "示例督查员"},
		Action: action, Object: Object{Kind: "ticket", ID: 3, No: "〔2023〕003号"}, Ticket: 3, After: after, Reason: "按期推进"})
	n.must(err)
	return line
}

// tree appends records and returns them with their stored hashes.
func (n *nursery) tree(records [][]byte) hashStore {
	var stored hashStore
	for i, r := range records {
		more, err := Append(int64(i), r, stored)
		n.must(err)
		stored = append(stored, more...)
	}
	return stored
}

func (n *nursery) note(size int, stored hashStore, private string) []byte {
	root, err := Root(int64(size), stored)
	n.must(err)
	msg, err := SignCheckpoint(Checkpoint{Origin: nurseryOrigin, Size: int64(size), Root: root, At: n.at.Add(time.Duration(size) * time.Minute)}, private)
	n.must(err)
	return msg
}

func (n *nursery) cosign(msg []byte) []byte {
	for _, private := range []string{n.witnessPrivate, n.strangerPrivate} {
		out, err := Cosign(msg, Cosigning{Public: n.public + "\n" + n.newPublic, Private: private, At: n.at})
		n.must(err)
		msg = out
	}
	return msg
}

func (n *nursery) rotation(from int) []byte {
	msg, err := SignRotation(Rotation{Old: n.public, New: n.newPublic, From: int64(from), At: n.at}, n.private, n.newPrivate)
	n.must(err)
	return msg
}

func sequence(all ...[]byte) func(yield func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		for _, b := range all {
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (n *nursery) specimen(name string, write func(w io.Writer) error) specimen {
	var buf bytes.Buffer
	n.must(write(&buf))
	s := specimen{name: name, raw: buf.Bytes(), key: n.public, witnesses: n.witnessPublic}
	keys, err := parseKeys(n.public)
	n.must(err)
	if strings.Contains(name, "change of keys") {
		more, err := parseKeys(n.newPublic)
		n.must(err)
		keys = append(keys, more...)
	}
	s.signers = keys
	z, err := zip.NewReader(bytes.NewReader(s.raw), int64(len(s.raw)))
	n.must(err)
	for _, f := range z.File {
		r, err := f.Open()
		n.must(err)
		text, err := io.ReadAll(r)
		n.must(err)
		s.parts = append(s.parts, part{f.Name, text})
	}
	r, err := verifyFiles(files(s.parts), Input{Key: s.key, Witnesses: s.witnesses})
	n.must(err)
	if !r.Sound {
		n.t.Fatalf("%s: %+v", name, r)
	}
	return s
}

// specimens are three exports and two bundles: with and without records that no checkpoint covers, with a change of keys, co-signed.
func (n *nursery) specimens() []specimen {
	var records [][]byte
	for no := 1; no <= 12; no++ {
		records = append(records, n.record(no, "start", json.RawMessage(`{"state":"in_progress"}`)))
	}
	stored := n.tree(records)
	export := func(notes ...[]byte) Export {
		return Export{Public: n.public, Records: sequence(records...), Checkpoints: sequence(notes...), Hashes: stored, Size: 12}
	}
	whole := export(n.note(4, stored, n.private), n.note(8, stored, n.private), n.note(12, stored, n.private))
	tail := export(n.note(4, stored, n.private), n.note(9, stored, n.private))
	changed := export(n.note(5, stored, n.private), n.cosign(n.note(12, stored, n.newPrivate)))
	changed.Public += "\n" + n.newPublic
	changed.Rotations = [][]byte{n.rotation(6)}
	all := []specimen{
		n.specimen("export", func(w io.Writer) error { return WriteExport(w, whole) }),
		n.specimen("export with a tail", func(w io.Writer) error { return WriteExport(w, tail) }),
		n.specimen("export after a change of keys", func(w io.Writer) error { return WriteExport(w, changed) }),
		n.specimen("bundle", func(w io.Writer) error { return WriteBundle(w, n.bundle(n.private)) }),
		n.specimen("bundle after a change of keys", func(w io.Writer) error { return WriteBundle(w, n.bundle(n.newPrivate)) }),
	}
	var genuine []part
	for _, s := range all {
		genuine = append(genuine, s.parts...)
	}
	for i := range all {
		all[i].genuine = genuine
	}
	return all
}

func (n *nursery) bundle(signer string) Bundle {
	attachment := NewMember("", []byte("a photo"))
	attachment.Name = AttachmentName(attachment.SHA256)
	members := []Member{NewMember("case.html", []byte("<title>案卷</title>")), NewMember("case.pdf", []byte("%PDF-1.7")), attachment}
	if signer == n.newPrivate {
		m, err := RotationMember(n.rotation(6))
		n.must(err)
		members = append(members, m)
	}
	_, mark, err := Manifest([]int64{2, 3, 7}, members)
	n.must(err)
	after, err := json.Marshal(mark)
	n.must(err)
	var records [][]byte
	for no := 1; no <= 12; no++ {
		if no == 11 {
			records = append(records, n.record(no, ActionCaseExport, after))
			continue
		}
		records = append(records, n.record(no, "start", nil))
	}
	stored := n.tree(records)
	return Bundle{Public: n.public + "\n" + n.newPublic, Checkpoint: n.cosign(n.note(12, stored, signer)), Hashes: stored,
		Records: sequence(records[1], records[2], records[6], records[10]), Members: members}
}

func files(parts []part) []file {
	var all []file
	for _, p := range parts {
		all = append(all, file{p.name, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(p.text)), nil }})
	}
	return all
}

func parse(raw []byte) ([]part, error) {
	all, err := openArchive(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, err
	}
	var parts []part
	for _, f := range all {
		r, err := f.open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{f.name, text})
	}
	return parts, nil
}

func content(parts []part) map[string]string {
	out := make(map[string]string)
	for _, p := range parts {
		out[p.name] = string(p.text)
	}
	return out
}

func identical(a, b []part) bool {
	return len(a) == len(b) && maps.Equal(content(a), content(b))
}

// harmless says why an accepted mutant proves nothing that the specimen did not: nothing in it was changed, and what is missing is
// missing in the report too. "" means that it must not have been accepted.
func (s specimen) harmless(mutant []part, r Report) string {
	is, was := content(mutant), content(s.parts)
	if len(is) != len(mutant) {
		return ""
	}
	less := ""
	for name, text := range is {
		before := was[name]
		switch {
		case text == before && was[name] != "":
		case r.Uncovered > 0 && (name == journalMember || name == leavesMember) && sameLines(text, before, int(r.Covered)):
			less = "only records after the last checkpoint"
		case strings.HasPrefix(name, checkpointFolder) && sameEvidence(text, s.genuine, s.signers):
			less = "a genuine checkpoint"
		case name == checkpointMember && sameEvidence(text, s.parts, s.signers):
			less = "only lines of witnesses"
		case name == keyMember && subset(text, before):
			less = "a key less in the list"
		default:
			return ""
		}
	}
	for name := range was {
		if _, ok := is[name]; ok {
			continue
		}
		if r.Kind == KindBundle || name == journalMember || name == leavesMember {
			return ""
		}
		less = "a checkpoint, a statement or the readme less"
	}
	return less
}

func sameLines(a, b string, n int) bool {
	x, y := strings.SplitAfterN(a, "\n", n+1), strings.SplitAfterN(b, "\n", n+1)
	return len(x) > n && len(y) > n && slices.Equal(x[:n], y[:n])
}

// sameEvidence reports whether a note is one of the parts but for signatures by others than the given keys.
func sameEvidence(note string, parts []part, keys []publicKey) bool {
	head := func(s string) string {
		text, signatures, err := splitNote([]byte(s))
		if err != nil {
			return s
		}
		for _, g := range signatures {
			if slices.ContainsFunc(keys, func(k publicKey) bool { return k.KeyHash() == g.hash && k.Name() == g.name }) {
				text += string(g.line())
			}
		}
		return text
	}
	return slices.ContainsFunc(parts, func(p part) bool { return head(string(p.text)) == head(note) })
}

func subset(a, b string) bool {
	for line := range strings.Lines(a) {
		if !strings.Contains(b, line) {
			return false
		}
	}
	return true
}

// tallies count what became of the mutants.
type tallies struct {
	sync.Mutex
	broken, unreadable, same int
	less                     map[string]int
}

// TestMutations: of some 10,000 mutants of exports and bundles, or as many as BATTLEMAP_TEST_MUTATIONS says, none passes for sound.
// Mutant number i is the same in every run.
func TestMutations(t *testing.T) {
	count := 10_000
	if s := os.Getenv("BATTLEMAP_TEST_MUTATIONS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		count = n
	}
	n := newNursery(t)
	all := n.specimens()
	pool := n.pool(all)
	sums := &tallies{less: make(map[string]int)}
	var work sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		work.Go(func() {
			for i := w; i < count; i += workers {
				if !mutateOnce(t, all, pool, uint64(i), sums) {
					return
				}
			}
		})
	}
	work.Wait()
	t.Logf("%d mutants: %d judged broken, %d unreadable, 0 accepted; besides, %d came out identical and were made anew, and %v passed because they claim less",
		count, sums.broken, sums.unreadable, sums.same, sums.less)
	if sums.broken+sums.unreadable != count && !t.Failed() {
		t.Errorf("%d mutants were judged, want %d", sums.broken+sums.unreadable, count)
	}
	if sums.broken < count/2 {
		t.Errorf("only %d of %d could be read: the mutations are too coarse", sums.broken, count)
	}
}

// mutateOnce makes mutant number i and has it judged; what is identical or claims less is made anew.
func mutateOnce(t *testing.T, all []specimen, pool *pool, i uint64, sums *tallies) (going bool) {
	s := all[i%uint64(len(all))]
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("mutant %d of the %s: panic: %v", i, s.name, p)
			going = false
		}
	}()
	for again := uint64(0); ; again++ {
		r := rand.New(rand.NewPCG(i, again))
		parts, how := mutate(r, s, pool)
		if parts != nil && identical(parts, s.parts) {
			sums.Lock()
			sums.same++
			sums.Unlock()
			continue
		}
		report, err := Report{}, error(errArchive)
		if parts != nil {
			report, err = verifyFiles(files(parts), Input{Key: s.key, Witnesses: s.witnesses})
		}
		sums.Lock()
		switch {
		case err != nil:
			sums.unreadable++
		case !report.Sound:
			sums.broken++
		default:
			why := s.harmless(parts, report)
			sums.less[why]++
			sums.Unlock()
			if why == "" {
				t.Errorf("mutant %d.%d of the %s is sound: %s", i, again, s.name, how)
				return false
			}
			continue
		}
		sums.Unlock()
		return !t.Failed()
	}
}

// FuzzBundle: any bytes are judged or refused, and sound only if nothing in them differs from a sound archive.
func FuzzBundle(f *testing.F) {
	n := newNursery(f)
	all := n.specimens()
	for _, s := range all {
		f.Add(s.raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		parts, err := parse(raw)
		if err != nil {
			return
		}
		for _, key := range []string{n.public, ""} {
			r, err := Verify(Input{Key: key, Export: bytes.NewReader(raw), ExportSize: int64(len(raw))})
			if err != nil {
				continue
			}
			if _, err := r.Text(""); err != nil {
				t.Fatal(err)
			}
			fits := func(s specimen) bool { return identical(parts, s.parts) || s.harmless(parts, r) != "" }
			if r.Sound && key != "" && !slices.ContainsFunc(all, fits) {
				t.Fatalf("sound: %+v", r)
			}
		}
	})
}
