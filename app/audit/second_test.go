package audit_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"battlemap/app/audit"
)

// dossier is a set of archives in a folder, and what the first verifier says about each.
type dossier struct {
	dir   string
	paths []string
	sound map[string]bool
	why   map[string]string
}

func (d *dossier) add(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(d.dir, fmt.Sprintf("%03d %s.zip", len(d.paths), strings.ReplaceAll(name, "/", "-")))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := audit.Verify(zipInput(public, data))
	d.paths = append(d.paths, path)
	d.sound[path] = err == nil && r.Sound
	d.why[path] = fmt.Sprint(err, found(r))
}

// A second verifier, in Python and from docs/journal.md alone, says of every fixture whether it is sound, and says the same.
func TestSecondVerifier(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have python3; .ci/install brings it")
		}
		t.Skip("python3 is not installed; .ci/install brings it")
	}
	d := &dossier{dir: t.TempDir(), sound: make(map[string]bool), why: make(map[string]string)}
	d.exports(t)
	d.bundles(t)
	key := filepath.Join(d.dir, "pub.txt")
	if err := os.WriteFile(key, []byte(public+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, append([]string{"../../cmd/auditverify/testdata/verify.py", key}, d.paths...)...).CombinedOutput()
	if err == nil {
		t.Error("exit code 0 although some are broken")
	}
	said := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		word, rest, _ := strings.Cut(line, " ")
		path, _, _ := strings.Cut(rest, ".zip")
		said[path+".zip"] = word
		if (word == "sound") != d.sound[path+".zip"] {
			t.Errorf("%s\nbut the first verifier: sound %v, %s", line, d.sound[path+".zip"], d.why[path+".zip"])
		}
	}
	sound := 0
	for _, path := range d.paths {
		if said[path] == "" {
			t.Errorf("nothing about %s:\n%s", path, out)
		}
		if d.sound[path] {
			sound++
		}
	}
	t.Logf("%d archives, %d of them sound", len(d.paths), sound)
	if sound < 5 || len(d.paths)-sound < 50 {
		t.Errorf("%d of %d are sound: too few on one side", sound, len(d.paths))
	}
}

func (d *dossier) exports(t *testing.T) {
	for _, damage := range damages() {
		m := journal(t, 50, 12, 24, 36, 48)
		damage.do(t, &m)
		d.add(t, damage.name, zipped(t, m.members(t)))
	}
	m, first, second := rotated(t)
	for name, statements := range map[string][][]byte{"two changes of keys": {first, second}, "a change too few": {first}, "a broken chain": {second}} {
		var buf bytes.Buffer
		if err := audit.WriteExport(&buf, audit.Export{Public: public, Records: each(m.records), Checkpoints: signedNotes(t, m), Rotations: statements}); err != nil {
			t.Fatal(err)
		}
		d.add(t, name, buf.Bytes())
	}
	m = journal(t, 5, 3)
	var buf bytes.Buffer
	if err := audit.WriteExport(&buf, audit.Export{Public: public, Records: each(m.records), Checkpoints: signedNotes(t, m)}); err != nil {
		t.Fatal(err)
	}
	d.add(t, "as written", buf.Bytes())
	d.rawDamages(t, buf.Bytes())
	for _, extra := range []string{"README.txt", "note.txt", "checkpoints/", "checkpoints/000000000004.txt", "key.txt"} {
		members := m.members(t)
		members[extra] += "x"
		d.add(t, "with "+extra, zipped(t, members))
	}
	d.add(t, "no zip", []byte("hello"))
}

// rawDamages are done below the members.
func (d *dossier) rawDamages(t *testing.T, data []byte) {
	d.add(t, "with a comment", append(append(bytes.Clone(data[:len(data)-2]), 1, 0), 'x'))
	d.add(t, "something in front", append([]byte("x"), data...))
	d.add(t, "something behind", append(bytes.Clone(data), 'x'))
	d.add(t, "cut", data[:len(data)-1])
	name := bytes.Index(data, []byte("key.txt"))
	for at, other := range map[int]string{name: "in front", bytes.LastIndex(data, []byte("key.txt")): "in the directory"} {
		changed := bytes.Clone(data)
		changed[at] = 'K'
		d.add(t, "another name "+other, changed)
	}
	for i := 0; i < len(data); i += 1 + len(data)/60 {
		changed := bytes.Clone(data)
		changed[i] ^= 0x10
		d.add(t, fmt.Sprintf("byte %d", i), changed)
	}
}

func (d *dossier) bundles(t *testing.T) {
	c := newCase(t)
	data := c.write(t)
	d.add(t, "bundle as written", data)
	d.rawDamages(t, data)
	whole := unzipped(t, data)
	for _, damage := range bundleDamages(t, c) {
		members := maps.Clone(whole)
		damage.do(members)
		d.add(t, "bundle, "+damage.name, zipped(t, members))
	}
	c.bundle.Checkpoint = cosign(t, c.bundle.Checkpoint)
	d.add(t, "bundle, co-signed", c.write(t))
	for name := range whole {
		members := maps.Clone(whole)
		members[name] += "\n"
		d.add(t, "bundle, a newline more in "+name, zipped(t, members))
		delete(members, name)
		d.add(t, "bundle without "+name, zipped(t, members))
	}
}
