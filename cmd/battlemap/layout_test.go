// Package main_test holds the rules of the house that a machine can check, for the whole tree.
package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type listed struct {
	ImportPath, Dir                                                    string
	GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles, Deps []string
}

// list reads `go list -json ./...`; -e, because a package that does not compile is another test's business.
func list(t *testing.T, root string) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles,Deps", "./...")
	cmd.Dir = root
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &complaints)
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func load(t *testing.T, p listed) []*file {
	t.Helper()
	pkg := strings.TrimPrefix(p.ImportPath, module+"/")
	var files []*file
	gorm := false
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
		source, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := parse(pkg, path.Join(pkg, name), source)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, full := range f.imports() {
			gorm = gorm || strings.HasPrefix(full, "gorm.io/")
		}
		files = append(files, f)
	}
	for _, f := range files {
		f.gorm = gorm
	}
	return files
}

// folders lists the top-level folders under version control, or all of them where git does not answer.
func folders(t *testing.T, root string) []string {
	t.Helper()
	var names []string
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		for _, name := range strings.Split(string(out), "\x00") {
			if top, _, deeper := strings.Cut(name, "/"); deeper {
				names = append(names, top)
			}
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestLayout(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// go test keeps results by the files that the test itself opened; looking into every folder makes a new file count.
	err = filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == ".git" {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stray(folders(t, root)) {
		t.Errorf("%s: no such folder at the top of the tree; there are %s", name, strings.Join(topFolders(), " "))
	}
	packages := list(t, root)
	if len(packages) == 0 {
		t.Fatal("go list found no package")
	}
	for _, p := range packages {
		if p.ImportPath == module+"/cmd/auditverify" {
			for _, dep := range accused(p.Deps) {
				t.Errorf("cmd/auditverify depends on %s; of ours only on app/audit", dep)
			}
		}
		for _, f := range load(t, p) {
			for _, check := range rules() {
				for _, wrong := range check(f) {
					t.Error(wrong)
				}
			}
		}
	}
}
