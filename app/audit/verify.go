package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
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
	Rotations  []Text      // statements of a change of keys, besides those in the zip
	Witnesses  string      // public keys of witnesses, one a line; co-signatures of others are ignored
}

// Verify reads everything once, in memory that does not grow with the journal, and reports what is wrong. An error means that something
// could not be read at all, not that it is unsound.
func Verify(in Input) (Report, error) {
	var files []file
	if in.Export != nil {
		var err error
		if files, err = openArchive(in.Export, in.ExportSize); err != nil {
			return Report{}, err
		}
	}
	return verifyFiles(files, in)
}

// verifyFiles verifies the members of an archive, or without one the files by themselves.
func verifyFiles(files []file, in Input) (Report, error) {
	if isBundle(files) {
		return verifyBundle(files, in)
	}
	e, err := gather(files, in)
	if err != nil {
		return Report{}, fmt.Errorf("verify the journal: %w", err)
	}
	defer e.close()
	w := walk{notes: e.notes, lists: e.lists}
	if err := w.read(e.journal); err != nil {
		return Report{}, fmt.Errorf("verify the journal: read the records: %w", err)
	}
	v := newVerdict(&w, e.faults)
	v.judge()
	r := Report{Kind: KindJournal, Origin: printable(e.keys[0].Name()), Records: w.count, Checkpoints: w.tally.checks, Covered: w.tally.agreed,
		Uncovered: w.count - w.tally.agreed, KeyFromExport: in.Key == ""}
	if w.tally.agreed > 0 {
		r.CoveredAt = e.notes[w.tally.at].At.Format(time.RFC3339)
	}
	if r, err = e.reader.finish(r, v.faults); err != nil {
		return Report{}, fmt.Errorf("verify the journal: %w", err)
	}
	// The last two hold whenever there is no fault; they stand here so that a gap in the naming of damage can't make it pass.
	r.Sound = r.Sound && len(w.tally.broken) == 0 && len(w.runs) <= 1
	return r, nil
}

// evidence is an Input opened: what will be read in step, and the faults that the small files already showed.
type evidence struct {
	keys    []publicKey // those that are trusted by themselves
	reader  *noteReader
	key     []byte // key.txt
	rotated []Text // statements of rotation inside
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

func gather(files []file, in Input) (*evidence, error) {
	e := &evidence{journal: in.Journal}
	if err := e.gather(files, in); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *evidence) gather(files []file, in Input) error {
	var notes []Text
	var err error
	if files != nil {
		if notes, err = e.open(files); err != nil {
			return err
		}
	}
	public := in.Key
	if public == "" {
		public = string(e.key)
	}
	if e.keys, err = parseKeys(public); err != nil {
		return err
	}
	if e.reader, err = newNoteReader(e.keys, append(e.rotated, in.Rotations...), in.Witnesses); err != nil {
		return err
	}
	if e.key != nil {
		e.checkKeys(string(e.key))
	}
	if e.journal == nil {
		return errors.New("no journal given")
	}
	for _, l := range in.Leaves {
		e.lists = append(e.lists, newLeafList(l.Name, false, l.Body))
	}
	return e.readNotes(append(notes, in.Notes...))
}

// open finds the members of an export and returns the checkpoints. What nothing speaks for is a fault.
func (e *evidence) open(files []file) (notes []Text, err error) {
	members := make(map[string]*member)
	for _, f := range files {
		if members[f.name] != nil {
			return nil, fmt.Errorf("open the export: %s is in it twice", printable(f.name))
		}
		m := &member{file: f}
		e.closers = append(e.closers, m)
		members[f.name] = m
		switch text := (Text{printable(f.name), m}); {
		case f.name == journalMember || f.name == leavesMember || f.name == keyMember || f.name == readmeMember:
		case checkpointName.MatchString(f.name):
			notes = append(notes, text)
		case memberName.MatchString(f.name) && strings.HasPrefix(f.name, rotationFolder):
			e.rotated = append(e.rotated, text)
		default:
			e.faults = append(e.faults, finding{Fault{Code: MemberUnknown, File: text.Name}, ""})
		}
	}
	if members[journalMember] == nil || members[leavesMember] == nil {
		return nil, fmt.Errorf("open the export: %s or %s is missing", journalMember, leavesMember)
	}
	e.journal = members[journalMember]
	e.lists = append(e.lists, newLeafList(leavesMember, true, members[leavesMember]))
	if m := members[readmeMember]; m != nil {
		text, err := readSmall(Text{readmeMember, m})
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(text); !knownReadme(hex.EncodeToString(sum[:])) {
			e.faults = append(e.faults, finding{Fault{Code: MemberAltered, File: readmeMember}, ""})
		}
	}
	if m := members[keyMember]; m != nil {
		e.key, err = readSmall(Text{keyMember, m})
	}
	return notes, err
}

// checkpointName is how a checkpoint in an export may be called; the number is the size that it states.
var checkpointName = regexp.MustCompile(`^checkpoints/([0-9]{12,18})(-[1-9][0-9]*)?\.txt$`)

// member opens its file at the first read, so that an export with many checkpoints does not hold as many open readers.
type member struct {
	file file
	r    io.ReadCloser
}

func (m *member) Read(p []byte) (int, error) {
	if m.r == nil {
		r, err := m.file.open()
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

// checkKeys compares the keys inside an export with those that are trusted, by themselves or by rotation: each line must be one of them,
// byte for byte, and the lines in rising order.
func (e *evidence) checkKeys(inside string) {
	lines := strings.SplitAfter(inside, "\n")
	for i, line := range lines[:len(lines)-1] {
		if indexKey(e.reader.keys, line[:len(line)-1]) < 0 || i > 0 && lines[i-1] >= line {
			e.faults = append(e.faults, finding{Fault{Code: WrongKey, File: keyMember}, fmt.Sprintf("%.90q", line[:len(line)-1])})
			return
		}
	}
	if last := lines[len(lines)-1]; last != "" || len(lines) == 1 {
		e.faults = append(e.faults, finding{Fault{Code: WrongKey, File: keyMember}, fmt.Sprintf("%.90q", last)})
	}
}

func readSmall(t Text) ([]byte, error) { return readUpTo(t, maxSmall) }

// readUpTo reads no more than one byte beyond limit, by which the caller sees that it is too long.
func readUpTo(t Text, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(t.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.Name, err)
	}
	return text, nil
}

// readNotes keeps the checkpoints whose signature holds, in order of size, each once.
func (e *evidence) readNotes(texts []Text) error {
	for _, t := range texts {
		msg, err := readSmall(t)
		if err != nil {
			return err
		}
		c, good := e.reader.read(t.Name, msg)
		if !good {
			continue
		}
		if name := checkpointName.FindStringSubmatch(t.Name); name != nil && name[1] != fmt.Sprintf("%012d", c.Size) {
			e.faults = append(e.faults, finding{Fault{Code: MemberUnknown, File: t.Name}, ""})
		}
		e.notes = append(e.notes, c)
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
	var retired *retiredError
	switch {
	case errors.As(err, &retired):
		return KeyRetired, retired.by
	case errors.As(err, &unsigned):
		return WrongKey, unsigned.by
	case errors.Is(err, errForeign):
		return ForeignOrigin, ""
	default:
		return CheckpointAltered, ""
	}
}
