package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// CaseReport is what the report says about a bundle besides what it says about every journal.
type CaseReport struct {
	Object    string `json:"object"`       // what was exported, in the words of the export's own record
	No        int64  `json:"no"`           // the number of that record
	At        string `json:"at"`           // its time
	By        string `json:"by"`           // its actor
	Documents int    `json:"documents"`    // members that the manifest covers
	Unmatched int    `json:"not_compared"` // checkpoints given beside the bundle that say nothing about it, because they are of another size
}

// isBundle tells a bundle from an export by its members.
func isBundle(files []file) bool {
	bundle := false
	for _, f := range files {
		switch f.name {
		case journalMember, leavesMember:
			return false
		case recordsMember, proofsMember, checkpointMember, manifestMember:
			bundle = true
		}
	}
	return bundle
}

// caseFile is a bundle on its way through the verifier.
type caseFile struct {
	in      Input
	members map[string]func() (io.ReadCloser, error)
	absent  map[string]bool
	faults  []finding
	keys    []publicKey
	reader  *noteReader
	report  Report

	checkpoint Checkpoint
	opened     bool // the checkpoint could be opened
	numbers    *numberList
	last       []byte // the record that the bundle ends with
	lastNo     int64
}

// fault notes a damage once. A bundle that is spoilt from end to end is reported in so many lines and no more.
func (c *caseFile) fault(code Code, first, last int64, file, detail string) {
	if len(c.faults) >= maxSpans {
		return
	}
	for _, f := range c.faults {
		if f.Code == code && f.First == first && f.Last == last && f.File == printable(file) {
			return
		}
	}
	c.faults = append(c.faults, finding{Fault{Code: code, First: first, Last: last, File: printable(file)}, detail})
}

// bundleMembers lists the members, each once.
func (c *caseFile) bundleMembers(files []file) {
	c.members = make(map[string]func() (io.ReadCloser, error))
	for _, f := range files {
		if c.members[f.name] != nil {
			c.fault(MemberTwice, 0, 0, f.name, "")
			continue
		}
		c.members[f.name] = f.open
	}
}

func verifyBundle(files []file, in Input) (Report, error) {
	c := &caseFile{in: in}
	c.bundleMembers(files)
	return c.verify()
}

func (c *caseFile) verify() (Report, error) {
	c.report.Case = &CaseReport{}
	c.numbers, c.absent = newNumberList(), make(map[string]bool)
	for _, step := range []func() error{c.required, c.readKeys, c.readCheckpoint, c.readRecords, c.readMark, c.checkManifest} {
		if err := step(); err != nil {
			return Report{}, fmt.Errorf("verify the bundle: %w", err)
		}
	}
	r := c.report
	r.Kind, r.KeyFromExport = KindBundle, c.in.Key == ""
	r, err := c.reader.finish(r, c.faults)
	if err != nil {
		return Report{}, fmt.Errorf("verify the bundle: %w", err)
	}
	r.Sound = r.Sound && c.opened
	return r, nil
}

// required names the members that no bundle may lack.
func (c *caseFile) required() error {
	for _, name := range []string{readmeMember, keyMember, checkpointMember, recordsMember, proofsMember, manifestMember} {
		if c.members[name] == nil {
			c.fault(MemberMissing, 0, 0, name, "")
			c.absent[name] = true
		}
	}
	return nil
}

// open opens a member; one that is missing has been named and reads as empty.
func (c *caseFile) open(name string) (io.ReadCloser, error) {
	if c.absent[name] {
		return io.NopCloser(strings.NewReader("")), nil
	}
	return c.members[name]()
}

// small reads a member that holds no more than a few lines; a manifest has one for each attachment.
func (c *caseFile) small(name string) ([]byte, error) {
	limit := maxSmall
	if name == manifestMember {
		limit = maxManifest
	}
	r, err := c.open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// readKeys takes the trusted keys, or for want of any the one in the bundle.
func (c *caseFile) readKeys() error {
	public := c.in.Key
	if public == "" {
		key, err := c.small(keyMember)
		if err != nil {
			return err
		}
		public = string(key)
	}
	var err error
	if c.keys, err = parseKeys(public); err != nil {
		return err
	}
	c.report.Origin = printable(c.keys[0].Name())
	rotations := slices.Clone(c.in.Rotations)
	for _, name := range slices.Sorted(maps.Keys(c.members)) {
		if !memberName.MatchString(name) || !strings.HasPrefix(name, rotationFolder) {
			continue
		}
		msg, err := c.small(name)
		if err != nil {
			return err
		}
		rotations = append(rotations, Text{name, bytes.NewReader(msg)})
	}
	c.reader, err = newNoteReader(c.keys, rotations, c.in.Witnesses)
	return err
}

// readCheckpoint opens the note; key.txt must hold the key that signed it and nothing else.
func (c *caseFile) readCheckpoint() error {
	msg, err := c.small(checkpointMember)
	if err != nil {
		return err
	}
	key, err := c.small(keyMember)
	if err != nil {
		return err
	}
	if c.absent[checkpointMember] {
		return nil
	}
	point, good := c.reader.read(checkpointMember, msg)
	if !good {
		return nil
	}
	if string(key) != point.signer+"\n" {
		c.fault(WrongKey, 0, 0, keyMember, fmt.Sprintf("%.90q", key))
	}
	c.checkpoint, c.opened = point.Checkpoint, true
	c.report.Checkpoints, c.report.Covered, c.report.CoveredAt = 1, point.Size, point.At.Format(time.RFC3339)
	return c.outside()
}

// outside holds the checkpoints given beside the bundle against its own.
func (c *caseFile) outside() error {
	for _, t := range c.in.Notes {
		msg, err := readSmall(t)
		if err != nil {
			return err
		}
		other, good := c.reader.read(t.Name, msg)
		switch {
		case !good:
		case other.Size != c.checkpoint.Size:
			c.report.Case.Unmatched++
		case other.Root != c.checkpoint.Root:
			c.fault(Forked, 1, other.Size, t.Name, "")
		default:
			c.report.Checkpoints++
		}
	}
	return nil
}

// readRecords reads the records and their proofs in step.
func (c *caseFile) readRecords() error {
	r, err := c.open(recordsMember)
	if err != nil {
		return fmt.Errorf("%s: %w", recordsMember, err)
	}
	defer r.Close()
	p, err := c.open(proofsMember)
	if err != nil {
		return fmt.Errorf("%s: %w", proofsMember, err)
	}
	defer p.Close()
	records, proofs := newLines(r), newLines(p)
	var e entry
	var before header
	for {
		line, whole, err := records.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", recordsMember, err)
		}
		e.load(line, whole)
		c.report.Records++
		if c.report.Records > 1 {
			c.numbers.add(c.lastNo)
		}
		c.last, c.lastNo = append(c.last[:0], e.bytes...), e.head.no
		proof, proofWhole, err := proofs.next()
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", proofsMember, err)
		}
		c.checkRecord(&e, before, proof, proofWhole && err == nil)
		if e.known {
			before = e.head
		}
	}
	if _, _, err := proofs.next(); err != io.EOF {
		if err != nil {
			return fmt.Errorf("%s: %w", proofsMember, err)
		}
		c.fault(ProofAltered, c.lastNo, c.lastNo, proofsMember, "")
	}
	return nil
}

// checkRecord judges one record by itself, against the one before, and by its proof. Damage is named once a record.
func (c *caseFile) checkRecord(e *entry, before header, proof []byte, whole bool) {
	no := e.head.no
	switch {
	case e.whole && errors.Is(e.err, errUnsupported):
		c.fault(Unsupported, c.report.Records, c.report.Records, recordsMember, "")
		return
	case !e.known:
		c.fault(Malformed, c.report.Records, c.report.Records, recordsMember, "")
		return
	case no <= before.no:
		c.fault(Reordered, no, before.no, recordsMember, "")
		return
	case string(e.head.at[:]) < string(before.at[:]):
		c.fault(ClockBack, no, no, recordsMember, "")
	}
	p, ok := parseProof(proof)
	switch {
	case !whole || !ok || p.No != no:
		c.fault(ProofAltered, no, no, proofsMember, "")
	case p.Leaf != e.hash:
		c.fault(Edited, no, no, proofsMember, "")
	case !c.opened: // the checkpoint has been named
	case no > c.checkpoint.Size:
		c.fault(Unproven, no, no, checkpointMember, "")
	case tlog.CheckRecord(p.Proof, c.checkpoint.Size, c.checkpoint.Root, no-1, p.Leaf) != nil:
		c.fault(Unproven, no, no, checkpointMember, "")
	}
}

// parseProof reads exactly what writeProofs writes.
func parseProof(line []byte) (p proofLine, ok bool) {
	if len(line) > maxSmall || json.Unmarshal(line, &p) != nil || p.Proof == nil {
		return p, false
	}
	again, err := json.Marshal(p)
	return p, err == nil && bytes.Equal(again, line)
}

// readMark reads what the last record says about this export.
func (c *caseFile) readMark() error {
	r, mark, err := readMark(c.last)
	if err != nil {
		c.fault(NoCaseMark, c.lastNo, c.lastNo, recordsMember, "")
		return nil
	}
	object := strings.TrimSpace(r.Object.Kind + " " + r.Object.No)
	if r.Object.No == "" {
		object = fmt.Sprintf("%s %d", r.Object.Kind, r.Object.ID)
	}
	by := strings.TrimSpace(r.Actor.Name + " " + r.Actor.Unit)
	c.report.Case.Object, c.report.Case.No, c.report.Case.At, c.report.Case.By = printable(object), r.No, r.At, printable(by)
	text, err := c.small(manifestMember)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if mark.Manifest != hex.EncodeToString(sum[:]) || len(text) > maxManifest {
		c.fault(ManifestAltered, 0, 0, manifestMember, "")
	}
	if mark.Records != c.numbers.count {
		c.fault(RecordsMissing, 0, 0, recordsMember, fmt.Sprintf("%d / %d", c.numbers.count, mark.Records))
	}
	return nil
}

// checkManifest writes the manifest anew from what is in the bundle: it must come out the same, byte for byte.
func (c *caseFile) checkManifest() error {
	given, err := c.small(manifestMember)
	if err != nil {
		return err
	}
	all, err := c.hashMembers()
	if err != nil {
		return err
	}
	made := manifest(c.numbers, all)
	if bytes.Equal(made, given) {
		return nil
	}
	for _, f := range differences(strings.Split(string(made), "\n"), strings.Split(string(given), "\n")) {
		c.fault(f.Code, 0, 0, f.File, "")
	}
	return nil
}

// differences names what the manifest that was made does not share with the one that was given; there is at least one.
func differences(made, given []string) (out []Fault) {
	listed, there := make(map[string]bool), make(map[string]bool) // lines and names in one: no name is a line
	for _, line := range given {
		listed[line], listed[lastWord(line)] = true, true
	}
	for i, line := range made {
		member := lastWord(line)
		there[member] = true
		switch {
		case listed[line]:
		case i < 2:
			out = append(out, Fault{Code: RecordsMissing, File: recordsMember})
		case listed[member]:
			out = append(out, Fault{Code: MemberAltered, File: member})
		default:
			out = append(out, Fault{Code: MemberUnknown, File: member})
		}
	}
	for i, line := range given {
		if member := lastWord(line); i >= 2 && !there[member] {
			out = append(out, Fault{Code: MemberMissing, File: member})
		}
	}
	if len(out) == 0 {
		out = append(out, Fault{Code: ManifestAltered, File: manifestMember})
	}
	return out
}

func lastWord(line string) string { return line[strings.LastIndexByte(line, ' ')+1:] }

// hashMembers hashes what the manifest must list. A name that no bundle may hold is a fault at once.
func (c *caseFile) hashMembers() ([]Member, error) {
	var all []Member
	for name, open := range c.members {
		switch name {
		case keyMember, checkpointMember, recordsMember, proofsMember, manifestMember:
			continue
		}
		if name != readmeMember && !memberName.MatchString(name) {
			c.fault(MemberUnknown, 0, 0, name, "")
			continue
		}
		r, err := open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, r)
		r.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m := Member{Name: name, Size: n, SHA256: [32]byte(sum.Sum(nil))}
		if strings.HasPrefix(name, attachmentFolder) && name != AttachmentName(m.SHA256) {
			c.fault(MemberAltered, 0, 0, name, "")
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	c.report.Case.Documents = len(all)
	return all, nil
}
