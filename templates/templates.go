// Package templates draws every page of the product: html/template files parsed once at start, one type for each page,
// the words of both languages, and the static files with their hashes. It holds no state after New and knows no HTTP.
package templates

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
)

//go:embed html locales static
var embedded embed.FS

// Options say where the files come from.
type Options struct {
	Files fs.FS // a tree with html, locales and static in it; nil takes the files built into the program
}

// Set is every page, word and static file of the product, parsed and ready; it is safe for concurrent use.
type Set struct {
	Pages Pages
	words *Words
	files *files
}

// New parses all templates, catalogs and static files and returns every error it finds in them, joined.
func New(o Options) (*Set, error) {
	tree := o.Files
	if tree == nil {
		tree = embedded
	}
	words, wordsErr := loadWords(tree)
	static, staticErr := loadFiles(tree)
	if err := errors.Join(wordsErr, staticErr); err != nil {
		return nil, err
	}
	s := &Set{words: words, files: static}
	p, err := newParser(tree, template.FuncMap{"asset": s.AssetPath})
	if err != nil {
		return nil, err
	}
	s.Pages = newPages(p)
	return s, errors.Join(p.errs...)
}

// Base returns the start of a page in the language, which is "zh-CN" or "en"; the caller fills the rest.
func (s *Set) Base(lang string) Base { return Base{Locale: s.words.Locale(lang)} }

// Words returns the catalogs, for mail and messages that are not pages.
func (s *Set) Words() *Words { return s.words }

// parser holds the frames and parts that every page is parsed on top of, and collects errors.
type parser struct {
	tree   fs.FS
	common *template.Template
	errs   []error
}

func newParser(tree fs.FS, funcs template.FuncMap) (*parser, error) {
	common, err := template.New("common").Funcs(funcs).ParseFS(tree, "html/*.html", "html/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse frames and parts: %w", err)
	}
	return &parser{tree: tree, common: common}, nil
}

// page parses one page file, relative to html, on a copy of the frames and parts.
func page[T any](p *parser, file string) Page[T] {
	t, err := p.common.Clone()
	if err == nil {
		t, err = t.ParseFS(p.tree, path.Join("html", file))
	}
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("parse page %s: %w", file, err))
		return Page[T]{}
	}
	return Page[T]{file: file, tmpl: t.Lookup(path.Base(file))}
}
