package audit

import (
	"fmt"
	"slices"
	"time"
)

// Witnessed is what the report says about one witness.
type Witnessed struct {
	Name        string `json:"name"`
	Checkpoints int    `json:"checkpoints"` // that bear its valid co-signature
	Size        int64  `json:"size"`        // of the longest of them
	At          string `json:"at,omitempty"`
}

// noteReader opens checkpoints with the trusted keys and those that rotation adds, and looks for witnesses' co-signatures on them.
type noteReader struct {
	keys      []publicKey
	witnesses []witness
	seen      []Witnessed // in step with witnesses
	rotated   []string    // keys trusted by rotation that signed something
	faults    []finding
}

func newNoteReader(keys []publicKey, rotations []Text, witnesses string) (*noteReader, error) {
	all, refused, err := trust(keys, rotations)
	if err != nil {
		return nil, err
	}
	n := &noteReader{keys: all, faults: refused}
	if n.witnesses, err = parseWitnesses(witnesses); err != nil {
		return nil, err
	}
	for _, w := range n.witnesses {
		n.seen = append(n.seen, Witnessed{Name: w.String()})
	}
	return n, nil
}

// read opens a note. One that does not open is a fault.
func (n *noteReader) read(name string, msg []byte) (signed, bool) {
	c, signer, err := openCheckpoint(msg, n.keys)
	if err != nil || len(msg) > maxSmall {
		size := claimedSize(msg)
		code, detail := noteCode(err)
		n.faults = append(n.faults, finding{Fault{Code: code, First: size, Last: size, File: name}, detail})
		return signed{}, false
	}
	if k := n.keys[indexKey(n.keys, signer)]; k.rotated && !slices.Contains(n.rotated, k.String()) {
		n.rotated = append(n.rotated, k.String())
	}
	good, bad := cosigned(msg, n.witnesses)
	for _, w := range bad {
		n.faults = append(n.faults, finding{Fault{Code: CosignatureAltered, First: c.Size, Last: c.Size, File: name}, w.String()})
	}
	for _, g := range good {
		i := slices.IndexFunc(n.seen, func(w Witnessed) bool { return w.Name == g.Witness })
		n.seen[i].Checkpoints++
		if c.Size >= n.seen[i].Size {
			n.seen[i].Size, n.seen[i].At = c.Size, g.At.Format(time.RFC3339)
		}
	}
	return signed{c, name, signer}, true
}

// finish puts the faults into words and completes the report.
func (n *noteReader) finish(r Report, faults []finding) (Report, error) {
	told, err := tell(append(slices.Clone(n.faults), faults...))
	if err != nil {
		return Report{}, err
	}
	n.note(&r)
	r.Faults, r.Sound = told, len(told) == 0
	return r, nil
}

func (n *noteReader) note(r *Report) {
	r.Witnesses, r.Rotated = n.seen, n.rotated
}

func (k publicKey) String() string { return fmt.Sprintf("%s+%08x", printable(k.Name()), k.KeyHash()) }
