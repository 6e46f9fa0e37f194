package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// An inspector's laptop runs whatever it runs: the command builds for it without cgo, from any machine.
func TestBuildsForOtherSystems(t *testing.T) {
	dir := t.TempDir()
	for _, target := range []string{"windows/amd64", "darwin/arm64", "linux/arm64"} {
		system, processor, _ := strings.Cut(target, "/")
		path := filepath.Join(dir, system+"-"+processor)
		build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", path, ".")
		build.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", target, err, out)
			continue
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, nothing was built", target, err)
		}
	}
}
