package audit

import (
	"archive/zip"
	"bufio"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

//go:embed export-readme.txt
var readme string

// knownReadme tells by its SHA-256 whether README.txt in an export ever was like this: it is no evidence, but nothing in an export may be
// changed unseen.
func knownReadme(sum string) bool {
	switch sum {
	case "21f93125ba04b1f501579d430cf1366832e8ca2589202aabd8e274696e7eda00", "30e04c982dba423e70157b4937903e5f76a73ee2f6d33f73f83085c1d531fee4":
		return true
	}
	return false
}

// Export is what an inspector takes away.
type Export struct {
	Public      string                   // public keys, one a line
	Records     iter.Seq2[[]byte, error] // the stored bytes of records 1, 2, 3, ..., in order
	Checkpoints iter.Seq2[[]byte, error] // signed notes, in order of size; nil for none
	Rotations   [][]byte                 // statements of a change of keys
	// Hashes reads the hashes that were stored when the records were appended, and Size is the number of records they cover. Given
	// both, a record that was changed in the database afterwards can be named exactly. Without, the hashes are computed anew.
	Hashes tlog.HashReader
	Size   int64
}

// WriteExport writes e as a zip: the journal, its leaf hashes, the checkpoints, the public key and how to verify them. It streams; only
// when e.Hashes is missing it holds 32 bytes a record. It writes what is stored, sound or not: to judge is the verifier's part.
// After an error the zip has no directory and can't be mistaken for a whole one.
func WriteExport(w io.Writer, e Export) error {
	z := zip.NewWriter(w)
	if err := writeMember(z, readmeMember, readme); err != nil {
		return err
	}
	if err := writeMember(z, keyMember, keyLines(e.Public)); err != nil {
		return err
	}
	leaves, err := e.writeJournal(z)
	if err != nil {
		return err
	}
	m, err := z.CreateHeader(&zip.FileHeader{Name: leavesMember, Method: zip.Store}) // hashes don't compress
	if err != nil {
		return fmt.Errorf("export %s: %w", leavesMember, err)
	}
	if e.Hashes != nil {
		err = WriteLeaves(m, e.Size, e.Hashes)
	} else {
		err = writeHashes(m, leaves)
	}
	if err != nil {
		return err
	}
	for _, msg := range e.Rotations {
		m, err := RotationMember(msg)
		if err != nil {
			return fmt.Errorf("export a change of keys: %w", err)
		}
		if err := writeMember(z, m.Name, string(msg)); err != nil {
			return err
		}
	}
	if err := e.writeCheckpoints(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("export the journal: %w", err)
	}
	return nil
}

// keyLines is the text of key.txt: each key once, in rising order.
func keyLines(public string) string {
	lines := strings.Fields(public)
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

func writeMember(z *zip.Writer, name, text string) error {
	m, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(m, text)
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", name, err)
	}
	return nil
}

// writeJournal returns the leaf hashes if they can't be had from e.Hashes.
func (e Export) writeJournal(z *zip.Writer) ([]tlog.Hash, error) {
	// Stored as it is: to unpack it would take the verifier as long as to hash it, and who wants it small can pack the whole file again.
	m, err := z.CreateHeader(&zip.FileHeader{Name: journalMember, Method: zip.Store})
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", journalMember, err)
	}
	out := bufio.NewWriterSize(m, 1<<16)
	var leaves []tlog.Hash
	for record, err := range e.Records {
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", journalMember, err)
		}
		if e.Hashes == nil {
			leaves = append(leaves, LeafHash(record))
		}
		out.Write(record) // a bufio.Writer keeps its first error for Flush
		out.WriteByte('\n')
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("export %s: %w", journalMember, err)
	}
	return leaves, nil
}

// WriteLeaves writes the first size stored leaf hashes as leaves.txt holds them: base64, one a line.
func WriteLeaves(w io.Writer, size int64, r tlog.HashReader) error {
	const batch = 1024
	for from := int64(0); from < size; from += batch {
		var indexes []int64
		for n := from; n < min(from+batch, size); n++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, n))
		}
		hashes, err := r.ReadHashes(indexes)
		if err == nil && len(hashes) != len(indexes) {
			err = fmt.Errorf("asked for %d hashes, got %d", len(indexes), len(hashes))
		}
		if err != nil {
			return fmt.Errorf("export %s: %w", leavesMember, err)
		}
		if err := writeHashes(w, hashes); err != nil {
			return err
		}
	}
	return nil
}

func writeHashes(w io.Writer, hashes []tlog.Hash) error {
	out := bufio.NewWriterSize(w, 1<<16)
	var line []byte
	for _, h := range hashes {
		line = base64.StdEncoding.AppendEncode(line[:0], h[:])
		out.Write(append(line, '\n'))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export %s: %w", leavesMember, err)
	}
	return nil
}

// writeCheckpoints names each note after its size; a second one of the same size gets a suffix.
func (e Export) writeCheckpoints(z *zip.Writer) error {
	if e.Checkpoints == nil {
		return nil
	}
	before, again := int64(-1), 0
	for msg, err := range e.Checkpoints {
		if err != nil {
			return fmt.Errorf("export the checkpoints: %w", err)
		}
		size := claimedSize(msg)
		name := fmt.Sprintf("%s%012d.txt", checkpointFolder, size)
		if again++; size != before {
			before, again = size, 1
		}
		if again > 1 {
			name = fmt.Sprintf("%s%012d-%d.txt", checkpointFolder, size, again)
		}
		if err := writeMember(z, name, string(msg)); err != nil {
			return err
		}
	}
	return nil
}
