package templates

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Static returns the static files as built into the program.
func Static() fs.FS {
	sub, err := fs.Sub(embedded, "static")
	if err != nil {
		return embedded // fs.Sub refuses only names that are not valid paths
	}
	return sub
}

// styleSheet is the one that pages link: all sheets of static in one file, but for the wall's, which has a page of its own.
const styleSheet = "battlemap.css"

// sheetOrder is the order in which the sheets stand in it, since later rules win within a layer. One that is not named here follows by its name.
func sheetOrder() []string {
	return []string{"app.css", "places.css", "print.css", "project.css", "work.css", "law.css", "admin.css", "paper.css", "calendar.css", "board.css", "moves.css",
		"charts.css", "triage.css", "time.css", "meet.css", "talk.css", "guard.css", "questions.css", "proof.css"}
}

// files is every static file in memory, plain and compressed.
type files struct{ byName map[string]file }

type file struct {
	plain, gz         []byte
	contentType, hash string
}

// Asset returns a static file by name, such as "app.css": its bytes, its gzip bytes (nil when compressing does not pay),
// its content type with charset, and a strong ETag with quotes for the plain bytes; ok is false for an unknown name.
func (s *Set) Asset(name string) (plain, gz []byte, contentType, etag string, ok bool) {
	f, ok := s.files.byName[name]
	if !ok {
		return nil, nil, "", "", false
	}
	return f.plain, f.gz, f.contentType, `"` + f.hash + `"`, true
}

// AssetPath returns the address of a static file with its content hash in it, "/static/<hash>/app.css",
// which may be cached for ever; an unknown name gets the hash "missing".
func (s *Set) AssetPath(name string) string {
	f, ok := s.files.byName[name]
	if !ok {
		return "/static/missing/" + name
	}
	return "/static/" + f.hash + "/" + name
}

func loadFiles(tree fs.FS) (*files, error) {
	sub, err := fs.Sub(tree, "static")
	if err != nil {
		return nil, fmt.Errorf("open static files: %w", err)
	}
	all := &files{byName: map[string]file{}}
	var errs []error
	walkErr := fs.WalkDir(sub, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := loadFile(sub, name)
		if err != nil {
			errs = append(errs, err)
		}
		all.byName[name] = f
		return nil
	})
	if err := errors.Join(append(errs, walkErr)...); err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	one, err := newFile(styleSheet, all.joined())
	all.byName[styleSheet] = one
	return all, err
}

// joined is the text of all sheets of the pages, in their order.
func (f *files) joined() []byte {
	names := sheetOrder()
	for _, name := range slices.Sorted(maps.Keys(f.byName)) {
		if path.Ext(name) == ".css" && name != "wall.css" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	var text []byte
	for _, name := range names {
		text = append(text, f.byName[name].plain...)
	}
	return text
}

func loadFile(tree fs.FS, name string) (file, error) {
	plain, err := fs.ReadFile(tree, name)
	if err != nil {
		return file{}, fmt.Errorf("read %s: %w", name, err)
	}
	return newFile(name, plain)
}

func newFile(name string, plain []byte) (file, error) {
	contentType, err := contentTypeOf(name)
	if err != nil {
		return file{}, err
	}
	gz, err := compress(plain)
	if err != nil {
		return file{}, fmt.Errorf("compress %s: %w", name, err)
	}
	sum := sha256.Sum256(plain)
	return file{plain: plain, gz: gz, contentType: contentType, hash: hex.EncodeToString(sum[:8])}, nil
}

// contentTypeOf does not ask the operating system, whose tables differ from host to host.
func contentTypeOf(name string) (string, error) {
	switch ext := path.Ext(name); strings.ToLower(ext) {
	case ".css":
		return "text/css; charset=utf-8", nil
	case ".js":
		return "text/javascript; charset=utf-8", nil
	case ".svg":
		return "image/svg+xml; charset=utf-8", nil
	case ".json":
		return "application/json; charset=utf-8", nil
	case ".txt":
		return "text/plain; charset=utf-8", nil
	case ".webmanifest":
		return "application/manifest+json; charset=utf-8", nil
	case ".png":
		return "image/png", nil
	default:
		return "", fmt.Errorf("static file %s: no content type is known for %q", name, ext)
	}
}

// compress returns nil when the result is not at least a tenth smaller.
func compress(plain []byte) ([]byte, error) {
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(plain); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	if buf.Len() > len(plain)*9/10 {
		return nil, nil
	}
	return buf.Bytes(), nil
}
