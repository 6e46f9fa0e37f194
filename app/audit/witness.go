package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

const (
	cosignAlgorithm = 4 // C2SP tlog-cosignature: Ed25519 with a timestamp
	cosignTitle     = "cosignature/v1"
	privatePrefix   = "PRIVATE+KEY+"
)

var (
	errWitnessKey = errors.New("not a witness's key of the form name+hash+base64 with algorithm 4")
	errCosigned   = errors.New("the co-signature does not fit the text")
)

// Cosignature says that a witness signed the checkpoint too, at an instant by its own clock.
type Cosignature struct {
	Witness string
	At      time.Time
}

// witness is the public key of somebody who co-signs checkpoints.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func witnessHash(name string, key ed25519.PublicKey) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), append([]byte{cosignAlgorithm}, key...)...))
	return binary.BigEndian.Uint32(sum[:])
}

func (w witness) String() string { return fmt.Sprintf("%s+%08x", printable(w.name), w.hash) }

// NewWitnessKey makes a key pair to co-sign with from 32 bytes of rand, in the encodings of C2SP signed-note with algorithm 4.
func NewWitnessKey(name string, rand io.Reader) (private, public string, err error) {
	if !validName(name) {
		return "", "", fmt.Errorf("make a witness's key named %q: no space and no plus sign may be in it", name)
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return "", "", fmt.Errorf("make a witness's key named %q: %w", name, err)
	}
	key := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	encode := func(b []byte) string {
		return fmt.Sprintf("%s+%08x+%s", name, witnessHash(name, key), base64.StdEncoding.EncodeToString(append([]byte{cosignAlgorithm}, b...)))
	}
	return privatePrefix + encode(seed), encode(key), nil
}

// parseWitnessKey returns the name, the hash and the 32 bytes of a key.
func parseWitnessKey(text string) (name string, hash uint32, raw []byte, err error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 || !validName(parts[0]) || len(parts[1]) != 8 {
		return "", 0, nil, errWitnessKey
	}
	raw, err = base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != cosignAlgorithm || base64.StdEncoding.EncodeToString(raw) != parts[2] {
		return "", 0, nil, errWitnessKey
	}
	if _, err := fmt.Sscanf(parts[1], "%08x", &hash); err != nil || fmt.Sprintf("%08x", hash) != parts[1] {
		return "", 0, nil, errWitnessKey
	}
	return parts[0], hash, raw[1:], nil
}

// parseWitnesses reads witnesses' public keys, one a line.
func parseWitnesses(public string) ([]witness, error) {
	var all []witness
	for _, line := range strings.Fields(public) {
		name, hash, raw, err := parseWitnessKey(line)
		if err != nil || witnessHash(name, raw) != hash {
			return nil, fmt.Errorf("%.90q: %w", line, errWitnessKey)
		}
		all = append(all, witness{name, hash, raw})
	}
	return all, nil
}

func cosignMessage(text string, at uint64) []byte {
	return fmt.Appendf(nil, "%s\ntime %d\n%s", cosignTitle, at, text)
}

// verify returns the instant of the co-signature.
func (w witness) verify(text string, raw []byte) (time.Time, error) {
	if len(raw) != 8+ed25519.SignatureSize {
		return time.Time{}, errCosigned
	}
	at := binary.BigEndian.Uint64(raw)
	if at > maxUnix || !ed25519.Verify(w.key, cosignMessage(text, at), raw[8:]) {
		return time.Time{}, errCosigned
	}
	return time.Unix(int64(at), 0).UTC(), nil
}

const maxUnix = 253402300799 // the end of the year 9999

// cosigned returns the witnesses' co-signatures on a note, and the witnesses whose line on it does not hold.
func cosigned(msg []byte, witnesses []witness) (good []Cosignature, bad []witness) {
	text, signatures, err := splitNote(msg)
	if err != nil {
		return nil, nil
	}
	for _, s := range signatures {
		i := slices.IndexFunc(witnesses, func(w witness) bool { return w.name == s.name && w.hash == s.hash })
		if i < 0 {
			continue
		}
		at, err := witnesses[i].verify(text, s.raw)
		if err != nil {
			bad = append(bad, witnesses[i])
			continue
		}
		good = append(good, Cosignature{witnesses[i].String(), at})
	}
	return good, bad
}

// Cosignatures returns the co-signatures on a note by the witnesses whose public keys are given, one a line. One that does not hold is
// an error; those of others are ignored.
func Cosignatures(msg []byte, witnesses string) ([]Cosignature, error) {
	all, err := parseWitnesses(witnesses)
	if err != nil {
		return nil, fmt.Errorf("read co-signatures: %w", err)
	}
	good, bad := cosigned(msg, all)
	if len(bad) > 0 {
		return nil, fmt.Errorf("read co-signatures: %s: %w", bad[0], errCosigned)
	}
	return good, nil
}

// AddCosignatures returns msg with those lines of other, a copy of the same note, that witnesses signed. Lines that msg has already stay
// as they are. What does not hold, and what belongs to another checkpoint, is an error.
func AddCosignatures(msg, other []byte, witnesses string) ([]byte, error) {
	text, have, err := splitNote(msg)
	if err != nil {
		return nil, fmt.Errorf("add co-signatures: %w", err)
	}
	again, offered, err := splitNote(other)
	if err != nil {
		return nil, fmt.Errorf("add co-signatures: %w", err)
	}
	all, err := parseWitnesses(witnesses)
	if err != nil {
		return nil, fmt.Errorf("add co-signatures: %w", err)
	}
	if text != again {
		return nil, fmt.Errorf("add co-signatures: the co-signed note is another checkpoint: %w", errCosigned)
	}
	out := slices.Clone(msg)
	for _, s := range offered {
		known := func(w witness) bool { return w.name == s.name && w.hash == s.hash }
		i := slices.IndexFunc(all, known)
		if i < 0 || slices.ContainsFunc(have, func(h signature) bool { return h.name == s.name && h.hash == s.hash }) {
			continue
		}
		if _, err := all[i].verify(text, s.raw); err != nil {
			return nil, fmt.Errorf("add co-signatures: %s: %w", all[i], err)
		}
		out = append(out, s.line()...)
	}
	return out, nil
}

// Cosigning is what a witness needs to co-sign a checkpoint.
type Cosigning struct {
	Public  string // the journal's public keys, one a line
	Private string // the witness's
	// Last is the note that this witness co-signed last, with its line on it, or nil if it never did. Proof is the text of
	// ConsistencyFile from that one to the new one, needed if the sizes differ.
	Last, Proof []byte
	At          time.Time
}

// Cosign returns msg with the witness's line. It signs only a checkpoint of a trusted key that continues the one it signed last.
func Cosign(msg []byte, w Cosigning) ([]byte, error) {
	out, err := w.cosign(msg)
	if err != nil {
		return nil, fmt.Errorf("co-sign a checkpoint: %w", err)
	}
	return out, nil
}

func (w Cosigning) cosign(msg []byte) ([]byte, error) {
	name, hash, seed, err := parseWitnessKey(strings.TrimPrefix(w.Private, privatePrefix))
	if err != nil {
		return nil, errWitnessKey
	}
	private := ed25519.NewKeyFromSeed(seed)
	self := witness{name, hash, private.Public().(ed25519.PublicKey)}
	if !strings.HasPrefix(w.Private, privatePrefix) || witnessHash(name, self.key) != hash {
		return nil, errWitnessKey
	}
	c, err := OpenCheckpoint(msg, w.Public)
	if err != nil {
		return nil, err
	}
	if w.Last != nil {
		if err := w.continues(self, c, msg); err != nil {
			return nil, err
		}
	}
	text, have, err := splitNote(msg)
	if err != nil {
		return nil, err
	}
	at := w.At.Unix()
	if at < 0 || at > maxUnix || slices.ContainsFunc(have, func(s signature) bool { return s.name == name && s.hash == hash }) {
		return nil, errors.New("co-signed already, or at no time that can be written down")
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(at))
	raw = append(raw, ed25519.Sign(private, cosignMessage(text, uint64(at)))...)
	return append(slices.Clone(msg), signature{name, hash, raw}.line()...), nil
}

// continues reports whether c only adds to the checkpoint that this witness co-signed last.
func (w Cosigning) continues(self witness, c Checkpoint, msg []byte) error {
	last, err := OpenCheckpoint(w.Last, w.Public)
	if err != nil {
		return fmt.Errorf("the last one: %w", err)
	}
	if good, _ := cosigned(w.Last, []witness{self}); len(good) != 1 {
		return errors.New("the last one does not bear this witness's co-signature")
	}
	switch {
	case c.Size == last.Size && c.Root == last.Root:
		return nil
	case c.Size <= last.Size:
		return fmt.Errorf("%d records do not continue the %d that were co-signed last", c.Size, last.Size)
	}
	p, err := parseConsistency(w.Proof)
	if err != nil {
		return err
	}
	older, err := OpenCheckpoint(p.older, w.Public)
	if err != nil {
		return err
	}
	newer, err := OpenCheckpoint(p.newer, w.Public)
	if err != nil {
		return err
	}
	if older != last || newer != c {
		return errors.New("the consistency proof is between other checkpoints")
	}
	return checkGrowth(p.hashes, newer, older)
}

// line is the signature as a line of a note.
func (s signature) line() []byte {
	raw := binary.BigEndian.AppendUint32(nil, s.hash)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s %s\n", signatureMark, s.name, base64.StdEncoding.EncodeToString(append(raw, s.raw...)))
	return b.Bytes()
}
