package audit

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// LeafHash is the RFC 6962 leaf hash of a record's stored bytes, without a newline: SHA-256 of a zero byte and the bytes.
func LeafHash(record []byte) tlog.Hash {
	return tlog.RecordHash(record)
}

// Append returns the hashes to store, from index tlog.StoredHashIndex(0, size) on, when record becomes number size+1 of a tree of
// size records. It refuses bytes that no verifier could read back: another number, a newline, or more than MaxRecord.
func Append(size int64, record []byte, r tlog.HashReader) ([]tlog.Hash, error) {
	h, err := scanHeader(record)
	if err != nil {
		return nil, fmt.Errorf("append journal record %d: %w", size+1, err)
	}
	if h.no != size+1 || len(record) > MaxRecord || bytes.IndexByte(record, '\n') >= 0 {
		return nil, fmt.Errorf("append journal record %d: got number %d in %d bytes, want one line of at most %d", size+1, h.no, len(record), MaxRecord)
	}
	stored, err := tlog.StoredHashes(size, record, r)
	if err != nil {
		return nil, fmt.Errorf("append journal record %d: %w", size+1, err)
	}
	return stored, nil
}

// Root is the RFC 6962 hash of the tree of the first size records.
func Root(size int64, r tlog.HashReader) (tlog.Hash, error) {
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return tlog.Hash{}, fmt.Errorf("root of %d journal records: %w", size, err)
	}
	return root, nil
}

// Prove returns the proof that record number no (from 1) is in the tree of the first size records.
func Prove(size, no int64, r tlog.HashReader) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(size, no-1, r)
	if err != nil {
		return nil, fmt.Errorf("prove journal record %d of %d: %w", no, size, err)
	}
	return proof, nil
}

// CheckRecord returns nil if proof shows that record, as stored, is number no (from 1) of the tree that c signs.
func CheckRecord(proof tlog.RecordProof, c Checkpoint, no int64, record []byte) error {
	if err := tlog.CheckRecord(proof, c.Size, c.Root, no-1, LeafHash(record)); err != nil {
		return fmt.Errorf("check journal record %d of %d: %w", no, c.Size, err)
	}
	return nil
}

// ProveConsistency returns the proof that the tree of the first size records begins with the tree of the first older ones.
func ProveConsistency(size, older int64, r tlog.HashReader) (tlog.TreeProof, error) {
	proof, err := tlog.ProveTree(size, older, r)
	if err != nil {
		return nil, fmt.Errorf("prove that %d journal records begin with %d: %w", size, older, err)
	}
	return proof, nil
}

// CheckConsistency returns nil if proof shows that the journal of checkpoint c only added records to the journal of the older one.
func CheckConsistency(proof tlog.TreeProof, c, older Checkpoint) error {
	if err := tlog.CheckTree(proof, c.Size, c.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("check that %d journal records begin with %d: %w", c.Size, older.Size, err)
	}
	return nil
}

// frontier is the right edge of a growing tree: the roots of its complete subtrees, the largest first. It needs one hash for each
// binary one in size, where tlog's readers need every stored hash.
type frontier struct {
	size int64
	edge []tlog.Hash
}

// nodeHash is tlog.NodeHash in one call of SHA-256.
func nodeHash(left, right tlog.Hash) tlog.Hash {
	var b [1 + 2*tlog.HashSize]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+tlog.HashSize:], right[:])
	return sha256.Sum256(b[:])
}

func (f *frontier) append(leaf tlog.Hash) {
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.edge) - 1
		leaf = nodeHash(f.edge[last], leaf)
		f.edge = f.edge[:last]
	}
	f.edge = append(f.edge, leaf)
	f.size++
}

func (f *frontier) root() tlog.Hash {
	if len(f.edge) == 0 {
		return sha256.Sum256(nil) // RFC 6962, 2.1: the hash of an empty list is the hash of an empty string
	}
	last := len(f.edge) - 1
	root := f.edge[last]
	for i := last - 1; i >= 0; i-- {
		root = nodeHash(f.edge[i], root)
	}
	return root
}

func (f *frontier) clone() frontier {
	return frontier{size: f.size, edge: append([]tlog.Hash(nil), f.edge...)}
}
