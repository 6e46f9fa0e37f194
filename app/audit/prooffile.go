package audit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A proof by itself is a small text: a title, the hashes, and the parts that they connect, each behind a line of its own.
const (
	consistencyTitle = "battlemap consistency v1"
	recordTitle      = "battlemap record v1"
	olderPart        = "--- older checkpoint"
	newerPart        = "--- newer checkpoint"
	recordPart       = "--- record"
	checkpointPart   = "--- checkpoint"
)

const maxProofFile = MaxRecord + 3*maxSmall

var errProofFile = errors.New("not in the form of a proof")

// ConsistencyFile is the proof that the newer checkpoint only adds to the older one, with both notes, as a text to hand out.
func ConsistencyFile(older, newer []byte, r tlog.HashReader) ([]byte, error) {
	before, now, err := claims(older, newer)
	if err != nil {
		return nil, fmt.Errorf("write a consistency proof: %w", err)
	}
	var proof tlog.TreeProof
	if before.Size > 0 {
		if proof, err = ProveConsistency(now.Size, before.Size, r); err != nil {
			return nil, fmt.Errorf("write a consistency proof: %w", err)
		}
	}
	return proofText(consistencyTitle, proof, olderPart, older, newerPart, newer), nil
}

// RecordFile is the proof that a record, as stored, is in the journal that the note signs, with both, as a text to hand out.
func RecordFile(record, msg []byte, r tlog.HashReader) ([]byte, error) {
	h, err := scanHeader(record)
	if err != nil {
		return nil, fmt.Errorf("write the proof of a record: %w", err)
	}
	c, _, err := claims(msg, msg)
	if err != nil {
		return nil, fmt.Errorf("write the proof of record %d: %w", h.no, err)
	}
	proof, err := Prove(c.Size, h.no, r)
	if err != nil {
		return nil, err
	}
	return proofText(recordTitle, proof, recordPart, append(record[:len(record):len(record)], '\n'), checkpointPart, msg), nil
}

// claims reads what two notes state, whoever signed them.
func claims(older, newer []byte) (a, b Checkpoint, err error) {
	for _, n := range []struct {
		msg []byte
		c   *Checkpoint
	}{{older, &a}, {newer, &b}} {
		text, _, err := splitNote(n.msg)
		if err != nil {
			return a, b, err
		}
		if *n.c, err = parseBody(text); err != nil {
			return a, b, err
		}
	}
	return a, b, nil
}

func proofText(title string, hashes []tlog.Hash, firstPart string, first []byte, secondPart string, second []byte) []byte {
	text := []byte(title + "\n")
	for _, h := range hashes {
		text = fmt.Appendf(text, "%s\n", h)
	}
	text = fmt.Appendf(text, "%s\n%s%s\n%s", firstPart, first, secondPart, second)
	return text
}

// splitProof reads what proofText writes. A part can't hold the line that begins the next one: a checkpoint has no line with a space in
// the first three, its last are signatures or begin with "at", and a record is one line that begins with a brace.
func splitProof(text []byte, title, firstPart, secondPart string) (hashes []tlog.Hash, first, second []byte, err error) {
	rest, ok := strings.CutPrefix(string(text), title+"\n")
	if !ok || len(text) > maxProofFile {
		return nil, nil, nil, errProofFile
	}
	head, rest, ok := strings.Cut("\n"+rest, "\n"+firstPart+"\n")
	if !ok {
		return nil, nil, nil, errProofFile
	}
	for _, line := range strings.Split(head, "\n")[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return nil, nil, nil, errProofFile
		}
		hashes = append(hashes, h)
	}
	a, b, ok := strings.Cut(rest, "\n"+secondPart+"\n")
	if !ok {
		return nil, nil, nil, errProofFile
	}
	return hashes, []byte(a + "\n"), []byte(b), nil
}

// consistency is a consistency proof in pieces.
type consistency struct {
	hashes       []tlog.Hash
	older, newer []byte
}

func parseConsistency(text []byte) (p consistency, err error) {
	p.hashes, p.older, p.newer, err = splitProof(text, consistencyTitle, olderPart, newerPart)
	return p, err
}

// checkGrowth is CheckConsistency, and knows that every journal begins with the empty one.
func checkGrowth(proof []tlog.Hash, newer, older Checkpoint) error {
	if older.Size > 0 {
		return CheckConsistency(proof, newer, older)
	}
	empty := frontier{}
	if len(proof) > 0 || older.Root != empty.root() {
		return fmt.Errorf("check that %d journal records begin with none: %w", newer.Size, errProofFile)
	}
	return nil
}

// ProofInput is a proof by itself and what it is held against.
type ProofInput struct {
	Key       string // trusted public keys, one a line
	Proof     Text   // what ConsistencyFile or RecordFile wrote
	Notes     []Text // checkpoints that left the building: those of the same size as one in the proof must be the same
	Rotations []Text
	Witnesses string // their public keys, one a line
}

// ProofReport is what the report says about a proof by itself.
type ProofReport struct {
	Older     int64  `json:"older,omitempty"` // of a consistency proof: the sizes of the two checkpoints
	Newer     int64  `json:"newer,omitempty"`
	No        int64  `json:"no,omitempty"` // of the proof of a record: its number and time
	At        string `json:"at,omitempty"`
	Unmatched int    `json:"not_compared"` // checkpoints given beside it that are of another size
}

// VerifyProof verifies a consistency proof or the proof of one record.
func VerifyProof(in ProofInput) (Report, error) {
	v := &proofVerifier{in: in}
	r, err := v.verify()
	if err != nil {
		return Report{}, fmt.Errorf("verify the proof: %w", err)
	}
	return r, nil
}

type proofVerifier struct {
	in     ProofInput
	faults []finding
	notes  *noteReader
	report Report
}

func (v *proofVerifier) fault(code Code, first, last int64, file string) {
	v.faults = append(v.faults, finding{Fault{Code: code, First: first, Last: last, File: file}, ""})
}

func (v *proofVerifier) verify() (Report, error) {
	keys, err := parseKeys(v.in.Key)
	if err != nil {
		return Report{}, err
	}
	if v.notes, err = newNoteReader(keys, v.in.Rotations, v.in.Witnesses); err != nil {
		return Report{}, err
	}
	text, err := readUpTo(v.in.Proof, maxProofFile)
	if err != nil {
		return Report{}, err
	}
	v.report = Report{Origin: printable(keys[0].Name()), Proof: &ProofReport{}}
	var within []signed
	if strings.HasPrefix(string(text), recordTitle+"\n") {
		v.report.Kind = KindRecord
		within = v.record(text)
	} else {
		v.report.Kind = KindConsistency
		within = v.consistency(text)
	}
	if err := v.outside(within); err != nil {
		return Report{}, err
	}
	v.report.Checkpoints = len(within)
	return v.notes.finish(v.report, v.faults)
}

func (v *proofVerifier) consistency(text []byte) []signed {
	name := v.in.Proof.Name
	p, err := parseConsistency(text)
	if err != nil {
		v.fault(ProofAltered, 0, 0, name)
		return nil
	}
	older, good := v.notes.read(name+" (older)", p.older)
	newer, good2 := v.notes.read(name+" (newer)", p.newer)
	if !good || !good2 {
		return nil
	}
	r := v.report.Proof
	r.Older, r.Newer = older.Size, newer.Size
	v.report.Covered, v.report.CoveredAt = newer.Size, newer.At.Format(time.RFC3339)
	switch {
	case older.Size > newer.Size:
		v.fault(ProofAltered, 0, 0, name)
	case newer.Size > older.Size && newer.At.Before(older.At):
		v.fault(CheckpointOrder, older.Size, newer.Size, name)
	case checkGrowth(p.hashes, newer.Checkpoint, older.Checkpoint) != nil && older.Size == newer.Size && older.Root != newer.Root:
		v.fault(Forked, 1, newer.Size, name)
	case checkGrowth(p.hashes, newer.Checkpoint, older.Checkpoint) != nil:
		v.fault(NotConsistent, 1, older.Size, name)
	}
	return []signed{older, newer}
}

func (v *proofVerifier) record(text []byte) []signed {
	name := v.in.Proof.Name
	hashes, line, msg, err := splitProof(text, recordTitle, recordPart, checkpointPart)
	if err != nil {
		v.fault(ProofAltered, 0, 0, name)
		return nil
	}
	var e entry
	e.load(line[:len(line)-1], len(line) <= MaxRecord+1 && strings.Count(string(line), "\n") == 1)
	switch {
	case errors.Is(e.err, errUnsupported):
		v.fault(Unsupported, 0, 0, name)
		return nil
	case !e.known:
		v.fault(Malformed, 0, 0, name)
		return nil
	}
	r := v.report.Proof
	r.No, r.At, v.report.Records = e.head.no, string(e.head.at[:]), 1
	c, good := v.notes.read(name, msg)
	if !good {
		return nil
	}
	v.report.Covered, v.report.CoveredAt = c.Size, c.At.Format(time.RFC3339)
	if e.head.no > c.Size || tlog.CheckRecord(hashes, c.Size, c.Root, e.head.no-1, e.hash) != nil {
		v.fault(Unproven, e.head.no, e.head.no, name)
	}
	return []signed{c}
}

// outside holds the checkpoints given beside the proof against those within.
func (v *proofVerifier) outside(within []signed) error {
	for _, t := range v.in.Notes {
		msg, err := readSmall(t)
		if err != nil {
			return err
		}
		c, good := v.notes.read(t.Name, msg)
		if !good {
			continue
		}
		matched := false
		for _, w := range within {
			if matched = matched || w.Size == c.Size; w.Size == c.Size && w.Root != c.Root {
				v.fault(Forked, 1, c.Size, t.Name)
			}
		}
		if !matched {
			v.report.Proof.Unmatched++
		}
	}
	return nil
}
