package audit

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The members of an export.
const (
	journalMember    = "journal.ndjson"
	leavesMember     = "leaves.txt"
	keyMember        = "key.txt"
	readmeMember     = "README.txt"
	checkpointFolder = "checkpoints/"
)

const (
	maxSmall    = 1 << 16 // bytes of a note or of a file of keys
	maxManifest = 1 << 24 // bytes of a manifest: some 100,000 attachments
)

// Text is a file given beside the journal; Name is what the report calls it.
type Text struct {
	Name string
	Body io.Reader
}

// Input is what Verify looks at: an export, a bundle, or a journal by itself, and whatever left the building earlier.
type Input struct {
	Key        string      // trusted public keys, one a line; "" takes the one in the export, which proves less
	Export     io.ReaderAt // the zip of WriteExport or WriteBundle, or nil
	ExportSize int64       // in bytes
	Journal    io.Reader   // one record a line, when there is no Export
	Leaves     []Text      // lists of leaf hashes from earlier exports
	Notes      []Text      // checkpoints that left the building
}

// Verify reads everything once, in memory that does not grow with the journal, and reports what is wrong. An error means that something
// could not be read at all, not that it is unsound.
func Verify(in Input) (Report, error) {
	var z *zip.Reader
	if in.Export != nil {
		var err error
		if z, err = zip.NewReader(in.Export, in.ExportSize); err != nil {
			return Report{}, fmt.Errorf("open the export: %w", err)
		}
		if isBundle(z) {
			return verifyBundle(z, in)
		}
	}
	return verifyJournal(z, in)
}

// verifyJournal verifies an export, or without one the files by themselves.
func verifyJournal(z *zip.Reader, in Input) (Report, error) {
	e, err := gather(z, in)
	if err != nil {
		return Report{}, fmt.Errorf("verify the journal: %w", err)
	}
	defer e.close()
	w := walk{notes: e.notes, lists: e.lists}
	if err := w.read(e.journal); err != nil {
		return Report{}, fmt.Errorf("verify the journal: read the records: %w", err)
	}
	faults, err := newVerdict(&w, e.faults).report()
	if err != nil {
		return Report{}, fmt.Errorf("verify the journal: %w", err)
	}
	r := Report{Kind: KindJournal, Origin: printable(e.keys[0].Name()), Records: w.count, Checkpoints: w.tally.checks, Covered: w.tally.agreed,
		Uncovered: w.count - w.tally.agreed, KeyFromExport: in.Key == "", Faults: faults}
	if w.tally.agreed > 0 {
		r.CoveredAt = e.notes[w.tally.at].At.Format(time.RFC3339)
	}
	// The last two hold whenever there is no fault; they stand here so that a gap in the naming of damage can't make it pass.
	r.Sound = len(faults) == 0 && len(w.tally.broken) == 0 && len(w.runs) <= 1
	return r, nil
}

// evidence is an Input opened: what will be read in step, and the faults that the small files already showed.
type evidence struct {
	keys    []publicKey
	journal io.Reader
	lists   []*leafList
	notes   []signed
	faults  []finding
	closers []io.Closer
}

func (e *evidence) close() {
	for _, c := range e.closers {
		c.Close()
	}
}

func gather(z *zip.Reader, in Input) (*evidence, error) {
	e := &evidence{journal: in.Journal}
	public := in.Key
	var notes []Text
	if z != nil {
		inside, own, err := e.open(z, in)
		if err != nil {
			e.close()
			return nil, err
		}
		notes = own
		if public == "" {
			public = inside
		}
	}
	var err error
	if e.keys, err = parseKeys(public); err != nil {
		e.close()
		return nil, err
	}
	if e.journal == nil {
		e.close()
		return nil, errors.New("no journal given")
	}
	for _, l := range in.Leaves {
		e.lists = append(e.lists, newLeafList(l.Name, false, l.Body))
	}
	if err := e.readNotes(append(notes, in.Notes...)); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

// open finds the members of an export. It returns the text of the key inside and the checkpoints.
func (e *evidence) open(z *zip.Reader, in Input) (public string, notes []Text, err error) {
	members := make(map[string]io.Reader)
	for _, f := range z.File {
		single := f.Name == journalMember || f.Name == leavesMember || f.Name == keyMember
		if !single && (!strings.HasPrefix(f.Name, checkpointFolder) || strings.HasSuffix(f.Name, "/")) {
			continue
		}
		if members[f.Name] != nil {
			return "", nil, fmt.Errorf("open the export: %s is in it twice", f.Name)
		}
		lazy := &member{file: f}
		e.closers = append(e.closers, lazy)
		members[f.Name] = lazy
		if !single {
			notes = append(notes, Text{printable(f.Name), lazy})
		}
	}
	if members[journalMember] == nil || members[leavesMember] == nil {
		return "", nil, fmt.Errorf("open the export: %s or %s is missing", journalMember, leavesMember)
	}
	e.journal = members[journalMember]
	e.lists = append(e.lists, newLeafList(leavesMember, true, members[leavesMember]))
	if members[keyMember] == nil {
		return "", notes, nil
	}
	key, err := readSmall(Text{keyMember, members[keyMember]})
	if err != nil {
		return "", nil, err
	}
	e.checkKeys(string(key), in.Key)
	return string(key), notes, nil
}

// member opens its file at the first read, so that an export with many checkpoints does not hold as many open readers.
type member struct {
	file *zip.File
	r    io.ReadCloser
}

func (m *member) Read(p []byte) (int, error) {
	if m.r == nil {
		r, err := m.file.Open()
		if err != nil {
			return 0, err
		}
		m.r = r
	}
	return m.r.Read(p)
}

func (m *member) Close() error {
	if m.r == nil {
		return nil
	}
	return m.r.Close()
}

// checkKeys compares the keys inside an export with the trusted ones: each line must be one of them, byte for byte.
func (e *evidence) checkKeys(inside, trusted string) {
	if trusted == "" {
		return
	}
	known := strings.Fields(trusted)
	lines := strings.Split(inside, "\n")
	for i, line := range lines {
		last := i == len(lines)-1
		if last && line != "" || !last && !slices.Contains(known, line) || len(lines) == 1 {
			e.faults = append(e.faults, finding{Fault{Code: WrongKey, File: keyMember}, fmt.Sprintf("%.90q", line)})
			return
		}
	}
}

func readSmall(t Text) ([]byte, error) {
	msg, err := io.ReadAll(io.LimitReader(t.Body, maxSmall+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Name, err)
	}
	return msg, nil
}

// readNotes keeps the checkpoints whose signature holds, in order of size, each once.
func (e *evidence) readNotes(texts []Text) error {
	for _, t := range texts {
		msg, err := readSmall(t)
		if err != nil {
			return err
		}
		c, _, err := openCheckpoint(msg, e.keys)
		if err != nil || len(msg) > maxSmall {
			size := claimedSize(msg)
			code, detail := noteCode(err)
			e.faults = append(e.faults, finding{Fault{Code: code, First: size, Last: size, File: t.Name}, detail})
			continue
		}
		e.notes = append(e.notes, signed{c, t.Name})
	}
	slices.SortStableFunc(e.notes, func(a, b signed) int {
		return cmp.Or(cmp.Compare(a.Size, b.Size), a.At.Compare(b.At), slices.Compare(a.Root[:], b.Root[:]))
	})
	e.notes = slices.CompactFunc(e.notes, func(a, b signed) bool { return a.Checkpoint == b.Checkpoint })
	if len(texts) == 0 {
		e.faults = append(e.faults, finding{Fault{Code: NoCheckpoint}, ""})
	}
	for i := 1; i < len(e.notes); i++ {
		before, n := e.notes[i-1], e.notes[i]
		if n.Size > before.Size && n.At.Before(before.At) {
			e.faults = append(e.faults, finding{Fault{Code: CheckpointOrder, First: before.Size, Last: n.Size, File: n.file}, ""})
		}
	}
	return nil
}

// noteCode says what an error of openCheckpoint means, and who signed the note if that is the trouble.
func noteCode(err error) (code Code, detail string) {
	var unsigned *unsignedError
	switch {
	case errors.As(err, &unsigned):
		return WrongKey, unsigned.by
	case errors.Is(err, errForeign):
		return ForeignOrigin, ""
	default:
		return CheckpointAltered, ""
	}
}
