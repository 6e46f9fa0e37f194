package audit_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"battlemap/app/audit"
)

func TestAppendAndProve(t *testing.T) {
	var stored hashes
	var records [][]byte
	for no := 1; no <= 40; no++ {
		r := record(t, no, "start")
		if got, want := int64(len(stored)), tlog.StoredHashIndex(0, int64(no-1)); got != want {
			t.Fatalf("record %d goes to index %d, want %d", no, got, want)
		}
		more, err := audit.Append(int64(no-1), r, stored)
		if err != nil {
			t.Fatal(err)
		}
		if more[0] != audit.LeafHash(r) {
			t.Fatalf("record %d: the first stored hash is not its leaf hash", no)
		}
		stored, records = append(stored, more...), append(records, r)
	}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Int64Range(1, 40).Draw(t, "size")
		older := rapid.Int64Range(1, size).Draw(t, "older")
		no := rapid.Int64Range(1, size).Draw(t, "no")
		c, before := checkpointAt(t, stored, size), checkpointAt(t, stored, older)
		proof, err := audit.Prove(size, no, stored)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckRecord(proof, c, no, records[no-1]); err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckRecord(proof, c, no, append([]byte(" "), records[no-1]...)); err == nil {
			t.Fatalf("a changed record %d passes in %d", no, size)
		}
		grown, err := audit.ProveConsistency(size, older, stored)
		if err != nil {
			t.Fatal(err)
		}
		if err := audit.CheckConsistency(grown, c, before); err != nil {
			t.Fatal(err)
		}
		before.Root[0] ^= 1
		if err := audit.CheckConsistency(grown, c, before); err == nil {
			t.Fatalf("%d passes as a continuation of another %d", size, older)
		}
	})
	for _, no := range []int64{0, 41} {
		if _, err := audit.Prove(40, no, stored); err == nil {
			t.Errorf("record %d of 40 was proven", no)
		}
	}
	if _, err := audit.ProveConsistency(40, 41, stored); err == nil {
		t.Error("40 records were proven to begin with 41")
	}
}

func checkpointAt(t *rapid.T, stored hashes, size int64) audit.Checkpoint {
	root, err := audit.Root(size, stored)
	if err != nil {
		t.Fatal(err)
	}
	return audit.Checkpoint{Origin: origin, Size: size, Root: root, At: start()}
}

func TestAppendRefusesWhatCannotBeVerified(t *testing.T) {
	good := record(t, 1, "start")
	for name, bad := range map[string][]byte{
		"another number": record(t, 2, "start"),
		"a newline":      append(bytes.Clone(good), '\n'),
		"no record":      []byte("hello"),
		"too long":       append(bytes.Clone(good), bytes.Repeat([]byte(" "), audit.MaxRecord)...),
	} {
		if _, err := audit.Append(0, bad, hashes{}); err == nil {
			t.Errorf("%s: appended", name)
		}
	}
	if _, err := audit.Append(1, record(t, 2, "start"), hashes{}); err == nil {
		t.Error("appended to a tree whose hashes are missing")
	}
	if _, err := audit.Root(1, hashes{}); err == nil {
		t.Error("a root without hashes")
	}
}

func TestCheckpointGolden(t *testing.T) {
	c := audit.Checkpoint{Origin: origin, Size: 0, At: time.Date(2023, 3, 13, 8, 30, 0, 0, time.FixedZone("", 8*3600))}
	c.Root, _ = audit.Root(0, nil)
	msg, err := audit.SignCheckpoint(c, private)
	if err != nil {
		t.Fatal(err)
	}
	text := origin + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nat 2023-03-13T00:30:00Z\n\n— " + origin + " "
	if !strings.HasPrefix(string(msg), text) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", msg, text)
	}
	back, err := audit.OpenCheckpoint(msg, otherPublic+"\n"+public+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if !back.At.Equal(c.At) || back.Origin != origin || back.Size != 0 || back.Root != c.Root {
		t.Errorf("got %+v, want %+v", back, c)
	}
}

func TestSignRefuses(t *testing.T) {
	good := audit.Checkpoint{Origin: origin, Size: 1, At: start()}
	for name, spoil := range map[string]func(c *audit.Checkpoint){
		"foreign origin":   func(c *audit.Checkpoint) { c.Origin = "battlemap.example/elsewhere" },
		"negative size":    func(c *audit.Checkpoint) { c.Size = -1 },
		"part of a second": func(c *audit.Checkpoint) { c.At = c.At.Add(time.Millisecond) },
		"far year":         func(c *audit.Checkpoint) { c.At = c.At.AddDate(9000, 0, 0) },
	} {
		c := good
		spoil(&c)
		if msg, err := audit.SignCheckpoint(c, private); err == nil {
			t.Errorf("%s: signed\n%s", name, msg)
		}
	}
	if _, err := audit.SignCheckpoint(good, public); err == nil {
		t.Error("signed with a public key")
	}
	for _, name := range []string{"", "two words", "a+b"} {
		if _, _, err := audit.NewKey(name, strings.NewReader(strings.Repeat("x", 32))); err == nil {
			t.Errorf("a key named %q", name)
		}
	}
	if _, _, err := audit.NewKey(origin, strings.NewReader("short")); err == nil {
		t.Error("a key without enough chance")
	}
}

// Text that a key signed but that is not exactly a checkpoint must not pass.
func TestOpenRefuses(t *testing.T) {
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	const root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	for name, text := range map[string]string{
		"three lines":     origin + "\n1\n" + root + "\n",
		"a fifth line":    origin + "\n1\n" + root + "\nat 2023-03-13T00:30:00Z\nmore\n",
		"a leading zero":  origin + "\n01\n" + root + "\nat 2023-03-13T00:30:00Z\n",
		"a negative size": origin + "\n-1\n" + root + "\nat 2023-03-13T00:30:00Z\n",
		"stray bits":      origin + "\n1\n" + strings.Replace(root, "FU=", "FV=", 1) + "\nat 2023-03-13T00:30:00Z\n",
		"a short root":    origin + "\n1\n" + root[4:] + "\nat 2023-03-13T00:30:00Z\n",
		"a zone":          origin + "\n1\n" + root + "\nat 2023-03-13T08:30:00+08:00\n",
		"no time":         origin + "\n1\n" + root + "\nsometime\n",
		"another origin":  "elsewhere\n1\n" + root + "\nat 2023-03-13T00:30:00Z\n",
	} {
		msg, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := audit.OpenCheckpoint(msg, public); err == nil {
			t.Errorf("%s: opened as %+v", name, c)
		}
	}
	good, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: 1, At: start()}, private)
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range []string{"", otherPublic, "no key", strings.ToUpper(public), public + "x"} {
		if _, err := audit.OpenCheckpoint(good, keys); err == nil {
			t.Errorf("opened with keys %q", keys)
		}
	}
}

// A witness may add a signature of its own.
func TestOpenAllowsWitnesses(t *testing.T) {
	msg, err := audit.SignCheckpoint(audit.Checkpoint{Origin: origin, Size: 1, At: start()}, private)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := note.NewSigner(strangePrivate)
	if err != nil {
		t.Fatal(err)
	}
	key, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(msg, note.VerifierList(key))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(n, witness)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(both, msg) {
		t.Fatal("the witness did not sign")
	}
	if _, err := audit.OpenCheckpoint(both, public); err != nil {
		t.Error(err)
	}
}

// A second reading of RFC 6962, 2.1, straight from its text.
func TestRootIsRFC6962(t *testing.T) {
	m := journal(t, 13)
	stored := m.tree(t)
	for size := 1; size <= 13; size++ {
		got, err := audit.Root(int64(size), stored)
		if err != nil {
			t.Fatal(err)
		}
		if want := rfc6962(m.records[:size]); fmt.Sprintf("%x", got[:]) != want {
			t.Errorf("size %d: %x, want %s", size, got[:], want)
		}
	}
}

func rfc6962(records [][]byte) string {
	var mth func(d [][]byte) []byte
	mth = func(d [][]byte) []byte {
		if len(d) == 1 {
			sum := sha256.Sum256(append([]byte{0}, d[0]...))
			return sum[:]
		}
		k := 1
		for k*2 < len(d) {
			k *= 2
		}
		sum := sha256.Sum256(slices.Concat([]byte{1}, mth(d[:k]), mth(d[k:])))
		return sum[:]
	}
	return fmt.Sprintf("%x", mth(records))
}
