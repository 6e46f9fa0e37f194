package audit

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The second verifier agrees on random damage too, where nobody thought of the case.
func TestSecondVerifierOnMutants(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have python3; .ci/install brings it")
		}
		t.Skip("python3 is not installed; .ci/install brings it")
	}
	n, dir := newNursery(t), t.TempDir()
	key := filepath.Join(dir, "pub.txt")
	n.must(os.WriteFile(key, []byte(n.public+"\n"), 0o600))
	args, sound, how := []string{"../../cmd/auditverify/testdata/verify.py", key}, make(map[string]bool), make(map[string]string)
	all := n.specimens()
	forgers := n.pool(all)
	for i := range 300 {
		raw, done := mutantZip(rand.New(rand.NewPCG(uint64(i), 1)), all[i%len(all)], forgers)
		path := filepath.Join(dir, fmt.Sprintf("%d.zip", i))
		n.must(os.WriteFile(path, raw, 0o600))
		r, err := Verify(Input{Key: n.public, Export: bytes.NewReader(raw), ExportSize: int64(len(raw))})
		args, sound[path], how[path] = append(args, path), err == nil && r.Sound, done
	}
	out, err := exec.Command(python, args...).Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	said := 0
	for line := range strings.Lines(string(out)) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		path, _, zipped := strings.Cut(rest, ".zip")
		first, known := sound[path+".zip"]
		if !zipped || !known {
			continue // the rest of a sentence about an odd name
		}
		if said++; first != (word == "sound") {
			t.Errorf("%sbut the first verifier: sound %v; mutated: %s", line, first, how[path+".zip"])
		}
	}
	if said != len(sound) {
		t.Errorf("%d of %d were judged:\n%s", said, len(sound), out)
	}
}

// mutantZip is a mutant as a zip, damaged above or below the members.
func mutantZip(r *rand.Rand, s specimen, p *pool) ([]byte, string) {
	parts, how := mutate(r, s, p)
	if parts == nil || r.IntN(3) == 0 {
		return mutateRaw(r, s.raw)
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name})
		if err != nil {
			return mutateRaw(r, s.raw)
		}
		if _, err := w.Write(m.text); err != nil {
			return mutateRaw(r, s.raw)
		}
	}
	if err := z.Close(); err != nil {
		return mutateRaw(r, s.raw)
	}
	return buf.Bytes(), how
}
