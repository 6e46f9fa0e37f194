package workflows_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"battlemap/workflows"
)

var update = flag.Bool("update", false, "write the expected files anew; read the diff before you keep it")

// Every archive is a bad file and the problems it must be refused with.
func TestBadMachines(t *testing.T) {
	runBadFiles(t, "testdata/machines/*.txtar", func(fsys fs.FS) error {
		_, err := workflows.LoadMachines(fsys, ".")
		return err
	})
}

func TestBadRulesets(t *testing.T) {
	runBadFiles(t, "testdata/rulesets/*.txtar", func(fsys fs.FS) error {
		_, err := workflows.LoadRulesets(fsys, ".")
		return err
	})
}

func runBadFiles(t *testing.T, pattern string, load func(fs.FS) error) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives match %s: %v", pattern, err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys, want := fstest.MapFS{}, -1
			for i, f := range archive.Files {
				if f.Name == "want" {
					want = i
					continue
				}
				fsys[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			err = load(fsys)
			if err == nil {
				t.Fatal("the file was accepted")
			}
			got := err.Error() + "\n"
			if *update {
				archive.Files[want].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadRefusesWhatIsNotADefinition(t *testing.T) {
	big := bytes.Repeat([]byte("# "+strings.Repeat("x", 62)+"\n"), 5000)
	deep := []byte(strings.Repeat("[", 50_000))
	for name, tc := range map[string]struct {
		fsys fstest.MapFS
		dir  string
		want string
	}{
		"no directory": {fstest.MapFS{}, "missing", "list the YAML files in missing"},
		"no files":     {fstest.MapFS{"d/readme.md": {Data: []byte("x")}}, "d", "there is no YAML file in d"},
		"too large":    {fstest.MapFS{"a.yaml": {Data: big}}, ".", "a.yaml:1: the file is larger than 256 KiB"},
		"too deep":     {fstest.MapFS{"a.yaml": {Data: deep}}, ".", "this is not YAML"},
		"same machine twice": {fstest.MapFS{"a.yaml": {Data: shipped(t, "project")}, "b.yml": {Data: shipped(t, "project")}}, ".",
			`duplicate machine "project", also in a.yaml`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := workflows.LoadMachines(tc.fsys, tc.dir)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an error with %q", err, tc.want)
			}
		})
	}
	twice := fstest.MapFS{"a.yaml": {Data: defaultRules(t)}, "b.yaml": {Data: defaultRules(t)}}
	if _, err := workflows.LoadRulesets(twice, "."); err == nil || !strings.Contains(err.Error(), `duplicate rule set "default", also in a.yaml`) {
		t.Errorf("the same rule set twice: got %v", err)
	}
}

func shipped(t testing.TB, machine string) []byte {
	t.Helper()
	data, err := fs.ReadFile(workflows.Definitions(), "definitions/"+machine+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func defaultRules(t testing.TB) []byte {
	t.Helper()
	data, err := fs.ReadFile(workflows.Rulesets(), "rulesets/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A clerk's slip must never end in a panic, whatever it is.
func FuzzLoad(f *testing.F) {
	f.Add(shipped(f, "ticket"))
	f.Add(defaultRules(f))
	for _, pattern := range []string{"testdata/machines/*.txtar", "testdata/rulesets/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(archive.Files[0].Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{"a.yaml": {Data: data}}
		machines, err := workflows.LoadMachines(fsys, ".")
		if (machines == nil) == (err == nil) {
			t.Errorf("machines %v with error %v", machines, err)
		}
		for _, m := range machines {
			if m.Mermaid("zh") == "" || len(m.Path()) == 0 {
				t.Errorf("a machine that was accepted has no drawing or no path: %s", fmt.Sprint(m))
			}
		}
		sets, err := workflows.LoadRulesets(fsys, ".")
		if (sets == nil) == (err == nil) {
			t.Errorf("rule sets %v with error %v", sets, err)
		}
	})
}
