package templates

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Every page fits its type, and every page file belongs to a page.
func TestPagesFitTheirTypes(t *testing.T) {
	used := fitPages(t, "Pages", reflect.ValueOf(newSet(t).Pages))
	for _, dir := range []string{"pages", "fragments"} {
		for name := range readAll(t, "html") {
			rel := strings.TrimPrefix(name, "html/")
			if strings.HasPrefix(rel, dir+"/") && !slices.Contains(used, rel) {
				t.Errorf("%s belongs to no page", name)
			}
		}
	}
}

// fitPages checks every page of a struct, and of the structs of single areas inside it, and returns their files.
func fitPages(t *testing.T, name string, pages reflect.Value) (used []string) {
	t.Helper()
	for i := range pages.NumField() {
		name := name + "." + pages.Type().Field(i).Name
		p, ok := pages.Field(i).Interface().(interface {
			check() error
			path() string
		})
		switch {
		case !ok && strings.HasSuffix(pages.Type().Field(i).Type.Name(), "Pages"):
			used = append(used, fitPages(t, name, pages.Field(i))...)
			continue
		case !ok:
			t.Errorf("%s is not a Page", name)
			continue
		case p.path() == "":
			t.Errorf("%s is not built in newPages", name)
			continue
		}
		used = append(used, p.path())
		if err := p.check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return used
}

// The check itself must be able to fail.
func TestMisspeltFieldIsFound(t *testing.T) {
	tree := fstest.MapFS{"html/layout.html": {Data: []byte("")}, "html/parts/p.html": {Data: []byte("")}, "html/pages/x.html": {Data: []byte("{{.Data.Acount}}")}}
	p, err := newParser(tree, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := page[LoginPage](p, "pages/x.html").check(); err == nil || !strings.Contains(err.Error(), "Acount") {
		t.Errorf("a misspelt field is not found: %v", err)
	}
}

func TestBrokenPageIsNamed(t *testing.T) {
	tree := kitchenTree(t)
	tree["html/pages/login.html"] = &fstest.MapFile{Data: []byte("{{if}}")}
	tree["html/pages/error.html"] = &fstest.MapFile{Data: []byte("{{end}}")}
	_, err := New(Options{Files: tree})
	if err == nil || !strings.Contains(err.Error(), "login.html") || !strings.Contains(err.Error(), "error.html") {
		t.Errorf("New must name both broken pages: %v", err)
	}
}

type failingWriter struct{}

var errRefused = errors.New("refused")

func (failingWriter) Write([]byte) (int, error) { return 0, errRefused }

func TestRenderWritesAllOrNothing(t *testing.T) {
	set := newSet(t)
	var out bytes.Buffer
	if err := set.Pages.Login.Render(&out, Base{}, LoginPage{}); err == nil || out.Len() > 0 {
		t.Errorf("a base without words gave %d bytes and the error %v", out.Len(), err)
	}
	if err := (Page[LoginPage]{}).Render(&out, set.Base("en"), LoginPage{}); err == nil {
		t.Error("a page that was never parsed must not render")
	}
	if err := set.Pages.Login.Render(failingWriter{}, set.Base("en"), LoginPage{}); !errors.Is(err, errRefused) {
		t.Errorf("the writer's error is lost: %v", err)
	}
	if err := set.Pages.Login.Render(&out, set.Base("en"), LoginPage{Account: `"><script>`}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `value="&#34;&gt;&lt;script&gt;"`) {
		t.Error("what was typed is not escaped")
	}
	if strings.Contains(out.String(), `type="password" id="f-password" name="password" value`) {
		t.Error("a password field shows its value")
	}
}

// Words come from the catalogs, style and behaviour from files: a page holds neither, and nothing from elsewhere.
func TestTemplatesHoldNoForeignMatter(t *testing.T) {
	comment := regexp.MustCompile(`(?s)\{\{-? ?/\*.*?\*/ ?-?\}\}`)
	rules := map[string]*regexp.Regexp{
		"Chinese text, which belongs into the catalogs": regexp.MustCompile(`[\p{Han}\x{3000}-\x{303F}\x{FF00}-\x{FFEF}]`),
		"a style attribute or element":                  regexp.MustCompile(`(?i)\sstyle\s*=|<style`),
		"an inline script":                              regexp.MustCompile(`(?i)<script(?:\s+(?:defer|async|type="[^"]*"))*\s*>|javascript:`),
		"an event attribute":                            regexp.MustCompile(`(?i)\s(?:on[a-z]+|hx-on[^=\s]*)\s*=`),
		"an outside address":                            regexp.MustCompile(`(?i)(?:https?:)?//[a-z0-9]`),
	}
	for name, text := range htmlFiles(t) {
		bare := comment.ReplaceAll(text, nil)
		for what, rule := range rules {
			if hit := rule.Find(bare); hit != nil {
				t.Errorf("%s holds %s: %q", name, what, hit)
			}
		}
	}
}

func htmlFiles(t *testing.T) map[string][]byte {
	t.Helper()
	all := readAll(t, "html")
	for name, text := range readAll(t, "testdata/kitchen") {
		all[name] = text
	}
	return all
}

// template.HTML switches the escaping off, so it is made in one place only.
func TestOnlyPageMakesHTML(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	unsafe := regexp.MustCompile(`template\.(?:HTML|HTMLAttr|JS|JSStr|CSS|URL|Srcset)\(`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if hit := unsafe.Find(text); hit != nil && name != "page.go" && !strings.HasSuffix(name, "_test.go") {
			t.Errorf("%s makes %s: only page.go may", name, hit)
		}
	}
}
