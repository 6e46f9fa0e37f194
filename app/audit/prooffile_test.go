package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"battlemap/app/audit"
)

func verifyProof(t testing.TB, text []byte, notes ...[]byte) audit.Report {
	t.Helper()
	in := audit.ProofInput{Key: public, Proof: audit.Text{Name: "proof.txt", Body: bytes.NewReader(text)}}
	for i, n := range notes {
		in.Notes = append(in.Notes, audit.Text{Name: fmt.Sprintf("note-%d.txt", i), Body: bytes.NewReader(n)})
	}
	r, err := audit.VerifyProof(in)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := r.Text(""); err != nil || r.Sound && strings.ContainsAny(said, "{}") {
		t.Fatalf("%v: %s", err, said)
	}
	return r
}

// Between any two checkpoints there is a proof; with a byte changed, or a line lost, it proves nothing.
func TestConsistencyFile(t *testing.T) {
	m := journal(t, 21)
	stored := m.tree(t)
	notes := make([][]byte, 22)
	for size := range notes {
		notes[size] = m.note(t, size, instant(size), private)
	}
	for newer := range notes {
		for older := range newer + 1 {
			text, err := audit.ConsistencyFile(notes[older], notes[newer], stored)
			if err != nil {
				t.Fatal(err)
			}
			if r := verifyProof(t, text, notes[older], notes[newer]); !r.Sound || r.Proof.Unmatched != 0 {
				t.Fatalf("%d to %d: %v", older, newer, found(r))
			}
		}
	}
	text, err := audit.ConsistencyFile(notes[11], notes[20], stored)
	if err != nil {
		t.Fatal(err)
	}
	everyChange(t, text)
	forged := journal(t, 21)
	forged.records[3] = record(t, 4, "forged")
	bad, err := audit.ConsistencyFile(notes[11], forged.note(t, 20, instant(20), private), forged.tree(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(found(verifyProof(t, bad))); got != "[not_consistent 1-11]" {
		t.Error(got)
	}
	if got := fmt.Sprint(found(verifyProof(t, text, forged.note(t, 20, instant(20), private)))); got != "[forked 1-20]" {
		t.Error(got)
	}
	if r := verifyProof(t, text, notes[5]); !r.Sound || r.Proof.Unmatched != 1 {
		t.Errorf("%v, %d not compared", found(r), r.Proof.Unmatched)
	}
	if text, err := audit.ConsistencyFile(notes[20], notes[11], stored); err == nil {
		t.Errorf("backwards:\n%s", text)
	}
}

func TestRecordFile(t *testing.T) {
	m := journal(t, 21)
	stored, msg := m.tree(t), m.note(t, 20, instant(20), private)
	for no := 1; no <= 20; no++ {
		text, err := audit.RecordFile(m.records[no-1], msg, stored)
		if err != nil {
			t.Fatal(err)
		}
		if r := verifyProof(t, text); !r.Sound || r.Proof.No != int64(no) {
			t.Fatalf("%d: %v", no, found(r))
		}
		if no == 7 {
			everyChange(t, text)
		}
	}
	text, err := audit.RecordFile(record(t, 7, "forged"), msg, stored)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(found(verifyProof(t, text))); got != "[unproven 7-7]" {
		t.Error(got)
	}
	if text, err := audit.RecordFile(m.records[20], msg, stored); err == nil {
		t.Errorf("not covered:\n%s", text)
	}
}

// everyChange tries two bits of each byte, the lowest and another, or each when BATTLEMAP_TEST_MUTATIONS is set (make mutations), each line left out or doubled, and each cut.
func everyChange(t *testing.T, text []byte) {
	t.Helper()
	try := func(changed []byte) {
		if r := verifyProof(t, changed); r.Sound {
			t.Fatalf("sound:\n%s", changed)
		}
	}
	for i := range text {
		bits := []int{0, 1 + i%7}
		if os.Getenv("BATTLEMAP_TEST_MUTATIONS") != "" {
			bits = []int{0, 1, 2, 3, 4, 5, 6, 7}
		}
		for _, bit := range bits {
			changed := bytes.Clone(text)
			changed[i] ^= 1 << bit
			try(changed)
		}
		try(text[:i])
	}
	all := bytes.SplitAfter(text, []byte("\n"))
	for i := range len(all) - 1 {
		try(bytes.Join(append(all[:i:i], all[i+1:]...), nil))
		try(bytes.Join(append(all[:i+1:i+1], all[i:]...), nil))
	}
}
