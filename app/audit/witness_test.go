package audit_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"battlemap/app/audit"
)

var witnessPrivate, witnessPublic = mustWitness("witness.example/bureau", 'w')

func mustWitness(name string, seed byte) (private, public string) {
	private, public, err := audit.NewWitnessKey(name, strings.NewReader(strings.Repeat(string(seed), 32)))
	if err != nil {
		panic(err)
	}
	return private, public
}

func cosign(t testing.TB, msg []byte) []byte {
	t.Helper()
	out, err := audit.Cosign(msg, audit.Cosigning{Public: public, Private: witnessPrivate, At: instant(100)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lastLine is the last line of a note, without its newline.
func lastLine(msg []byte) string {
	all := strings.Split(strings.TrimSuffix(string(msg), "\n"), "\n")
	return all[len(all)-1]
}

func TestWitness(t *testing.T) {
	m := journal(t, 50, 20)
	plain := m.note(t, 50, instant(50), private)
	msg := cosign(t, plain)
	input := func(note []byte, key string) audit.Input {
		return audit.Input{Key: public, Journal: strings.NewReader(lines(m.records)), Notes: append(texts(t, m.notes), audit.Text{Name: "note.txt", Body: bytes.NewReader(note)}),
			Witnesses: key}
	}
	r := verify(t, input(msg, witnessPublic))
	name := strings.Join(strings.Split(witnessPublic, "+")[:2], "+")
	if diff := cmp.Diff([]audit.Witnessed{{Name: name, Checkpoints: 1, Size: 50, At: instant(100).Format(time.RFC3339)}}, r.Witnesses); diff != "" || !r.Sound {
		t.Errorf("%v, want -, got +:\n%s", found(r), diff)
	}
	if text, _ := r.Text("en"); !strings.Contains(text, "Co-signed by the witness "+name) {
		t.Error(text)
	}
	r = verify(t, input(plain, witnessPublic))
	if text, _ := r.Text("en"); !r.Sound || !strings.Contains(text, "Not co-signed by the witness "+name) {
		t.Error(text)
	}
	line := lastLine(msg)
	raw, err := base64.StdEncoding.DecodeString(line[strings.LastIndexByte(line, ' ')+1:])
	if err != nil {
		t.Fatal(err)
	}
	for i := 4; i < len(raw); i++ { // the first four bytes say whose it is
		raw[i] ^= 1
		bad := strings.Replace(string(msg), line, line[:strings.LastIndexByte(line, ' ')+1]+base64.StdEncoding.EncodeToString(raw), 1)
		raw[i] ^= 1
		if r := verify(t, input([]byte(bad), witnessPublic)); fmt.Sprint(found(r)) != "[cosignature_altered 50-50]" {
			t.Fatalf("byte %d: %v", i, found(r))
		}
		if r := verify(t, input([]byte(bad), "")); !r.Sound {
			t.Fatalf("byte %d of a stranger: %v", i, found(r))
		}
	}
	if _, err := audit.Verify(input(msg, public)); err == nil {
		t.Error("a journal's key passes for a witness's")
	}
}

// A witness signs what continues the checkpoint that it signed last, and nothing else.
func TestWitnessWantsContinuity(t *testing.T) {
	m := journal(t, 50)
	stored := m.tree(t)
	twenty, fifty := m.note(t, 20, instant(20), private), m.note(t, 50, instant(50), private)
	last := cosign(t, twenty)
	proof, err := audit.ConsistencyFile(twenty, fifty, stored)
	if err != nil {
		t.Fatal(err)
	}
	forged := journal(t, 50)
	forged.records[10] = record(t, 11, "forged")
	other := forged.note(t, 50, instant(50), private)
	forgedProof, err := audit.ConsistencyFile(twenty, other, forged.tree(t))
	if err != nil {
		t.Fatal(err)
	}
	base := audit.Cosigning{Public: public, Private: witnessPrivate, Last: last, Proof: proof, At: instant(60)}
	msg, err := audit.Cosign(fifty, base)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := audit.Cosign(twenty, audit.Cosigning{Public: public, Private: witnessPrivate, Last: last, At: instant(60)}); err != nil {
		t.Errorf("the same size again: %v %s", err, again)
	}
	for name, c := range map[string]struct {
		msg  []byte
		edit func(c *audit.Cosigning)
	}{
		"no proof":                  {fifty, func(c *audit.Cosigning) { c.Proof = nil }},
		"another journal":           {other, func(c *audit.Cosigning) { c.Proof = forgedProof }},
		"the proof of another note": {other, func(c *audit.Cosigning) {}},
		"shorter":                   {m.note(t, 19, instant(19), private), func(c *audit.Cosigning) {}},
		"not the last of this one":  {fifty, func(c *audit.Cosigning) { c.Last = twenty }},
		"a foreign key":             {m.note(t, 50, instant(50), otherPrivate), func(c *audit.Cosigning) {}},
		"co-signed already":         {msg, func(c *audit.Cosigning) {}},
		"a journal's private key":   {fifty, func(c *audit.Cosigning) { c.Private = private }},
		"before 1970":               {fifty, func(c *audit.Cosigning) { c.At = time.Unix(-1, 0) }},
	} {
		in := base
		c.edit(&in)
		if out, err := audit.Cosign(c.msg, in); err == nil {
			t.Errorf("%s: signed\n%s", name, out)
		}
	}
}

func TestAddCosignatures(t *testing.T) {
	m := journal(t, 20)
	plain := m.note(t, 20, instant(20), private)
	msg := cosign(t, plain)
	got, err := audit.AddCosignatures(plain, msg, witnessPublic)
	if err != nil || !bytes.Equal(got, msg) {
		t.Fatalf("%v\n%s", err, got)
	}
	if got, err = audit.AddCosignatures(msg, msg, witnessPublic); err != nil || !bytes.Equal(got, msg) {
		t.Errorf("added twice: %v\n%s", err, got)
	}
	if got, err = audit.AddCosignatures(plain, msg, ""); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("added a stranger's: %v\n%s", err, got)
	}
	if got, err = audit.AddCosignatures(m.note(t, 19, instant(19), private), msg, witnessPublic); err == nil {
		t.Errorf("added to another checkpoint:\n%s", got)
	}
	all, err := audit.Cosignatures(msg, witnessPublic)
	if err != nil || len(all) != 1 || !all[0].At.Equal(instant(100)) {
		t.Errorf("%v %v", all, err)
	}
}
