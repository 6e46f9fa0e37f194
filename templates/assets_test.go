package templates

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

type vendored struct {
	Path, Source, Version, Licence, LicenceText, SHA256 string
}

func readManifest(t *testing.T) (all []vendored, own []string) {
	t.Helper()
	text, err := fs.ReadFile(Static(), "manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Vendored []vendored
		Own      []string
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	return m.Vendored, m.Own
}

// Every static file is our own, or is listed with its source, version, licence and hash; nothing is listed that is not there.
func TestManifestCoversStaticFiles(t *testing.T) {
	third, own := readManifest(t)
	known := slices.Clone(own)
	for _, v := range third {
		known = append(known, v.Path, v.LicenceText)
		text, err := fs.ReadFile(Static(), v.Path)
		if err != nil {
			t.Errorf("%s: %v", v.Path, err)
			continue
		}
		sum := sha256.Sum256(text)
		if got := hex.EncodeToString(sum[:]); got != v.SHA256 {
			t.Errorf("%s has the hash %s, the manifest says %s", v.Path, got, v.SHA256)
		}
		if v.Source == "" || v.Version == "" || v.Licence == "" {
			t.Errorf("%s: source, version and licence must be given, got %+v", v.Path, v)
		}
		if licence, err := fs.ReadFile(Static(), v.LicenceText); err != nil || len(licence) < 300 {
			t.Errorf("%s: the licence text %s is missing or too short (%d bytes, %v)", v.Path, v.LicenceText, len(licence), err)
		}
	}
	var found []string
	err := fs.WalkDir(Static(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		if !slices.Contains(known, name) {
			t.Errorf("static/%s is neither vendored nor own in manifest.json", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(found, name) {
			t.Errorf("manifest.json lists %s, which is not there", name)
		}
	}
}

func TestAssetServesWhatIsEmbedded(t *testing.T) {
	set := newSet(t)
	for _, name := range []string{"app.css", "htmx.min.js", "sprite.svg", "app.js", "licences/htmx.txt"} {
		want, err := fs.ReadFile(Static(), name)
		if err != nil {
			t.Fatal(err)
		}
		plain, gz, contentType, etag, ok := set.Asset(name)
		if !ok || !bytes.Equal(plain, want) {
			t.Errorf("Asset(%q) differs from the file (ok %v)", name, ok)
		}
		if !strings.Contains(contentType, "charset=utf-8") {
			t.Errorf("Asset(%q) has the content type %q, without a charset", name, contentType)
		}
		if path := set.AssetPath(name); path != "/static/"+strings.Trim(etag, `"`)+"/"+name {
			t.Errorf("AssetPath(%q) = %q does not carry the hash of the ETag %s", name, path, etag)
		}
		if gz == nil {
			t.Errorf("Asset(%q) is not compressed", name)
			continue
		}
		if got := gunzip(t, gz); !bytes.Equal(got, want) {
			t.Errorf("Asset(%q): the gzip bytes unpack to something else", name)
		}
	}
	if _, _, _, _, ok := set.Asset("../templates.go"); ok {
		t.Error("Asset serves a file outside static")
	}
	if got := set.AssetPath("none.css"); got != "/static/missing/none.css" {
		t.Errorf("AssetPath of an unknown file = %q", got)
	}
}

// Pages link one sheet, which holds every sheet once and the layers' order first; the wall has its own.
func TestPagesLinkOneSheet(t *testing.T) {
	set := newSet(t)
	plain, gz, contentType, _, ok := set.Asset(styleSheet)
	if !ok || gz == nil || contentType != "text/css; charset=utf-8" {
		t.Fatalf("the sheet is not served as a compressed style sheet: ok %v, %s", ok, contentType)
	}
	names, err := fs.Glob(Static(), "*.css")
	if err != nil {
		t.Fatal(err)
	}
	length := 0
	for _, name := range names {
		text, err := fs.ReadFile(Static(), name)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(plain, text); name == "wall.css" && n != 0 || name != "wall.css" && n != 1 {
			t.Errorf("%s stands in the sheet %d times", name, n)
		}
		if name != "wall.css" {
			length += len(text)
		}
	}
	if length != len(plain) {
		t.Errorf("the sheet has %d bytes, its parts have %d", len(plain), length)
	}
	first, err := fs.ReadFile(Static(), "app.css")
	if err != nil || !bytes.HasPrefix(plain, first) {
		t.Errorf("the sheet does not begin with app.css, which orders the layers (%v)", err)
	}
	layout, err := fs.ReadFile(embedded, "html/layout.html")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(layout, []byte(`rel="stylesheet"`)); n != 1 {
		t.Errorf("the frame links %d sheets", n)
	}
}

func gunzip(t *testing.T, gz []byte) []byte {
	t.Helper()
	zr, err := gzip.NewReader(bytes.NewReader(gz))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestAssetPathChangesWithContent(t *testing.T) {
	tree := kitchenTree(t)
	before := newSet(t).AssetPath("app.css")
	tree["static/app.css"] = &fstest.MapFile{Data: append(slices.Clone(tree["static/app.css"].Data), '\n')}
	set, err := New(Options{Files: tree})
	if err != nil {
		t.Fatal(err)
	}
	if after := set.AssetPath("app.css"); after == before {
		t.Errorf("AssetPath stays %q although the file changed", after)
	}
}

func TestUnknownKindOfStaticFileIsRefused(t *testing.T) {
	tree := kitchenTree(t)
	tree["static/font.exe"] = &fstest.MapFile{Data: []byte("x")}
	if _, err := New(Options{Files: tree}); err == nil || !strings.Contains(err.Error(), "font.exe") {
		t.Errorf("New accepts static/font.exe: %v", err)
	}
}

// Scripts and sprite must work under "default-src 'self'" and must not make HTML out of text.
func TestScriptsNeedNoEval(t *testing.T) {
	text, err := fs.ReadFile(Static(), "app.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"eval(", "Function(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", ".style."} {
		if strings.Contains(string(text), bad) {
			t.Errorf("app.js uses %s", bad)
		}
	}
	outside := regexp.MustCompile(`https?://`)
	for _, name := range []string{"app.js", "app.css", "places.css", "print.css", "wall.css"} {
		text, err := fs.ReadFile(Static(), name)
		if err != nil {
			t.Fatal(err)
		}
		if at := outside.FindIndex(text); at != nil {
			t.Errorf("%s names an outside address at byte %d", name, at[0])
		}
	}
}

func newSet(t *testing.T) *Set {
	t.Helper()
	set, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
