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
	"text/template/parse"
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

// parser holds the frames and parts that pages are made of, and collects errors.
type parser struct {
	tree   fs.FS
	funcs  template.FuncMap
	common *template.Template
	errs   []error
}

func newParser(tree fs.FS, funcs template.FuncMap) (*parser, error) {
	common, err := template.New("common").Funcs(funcs).ParseFS(tree, "html/*.html", "html/parts/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse frames and parts: %w", err)
	}
	return &parser{tree: tree, funcs: funcs, common: common}, nil
}

// page parses one page file, relative to html, and lends it the frames and parts that it uses.
func page[T any](p *parser, file string) Page[T] {
	name := path.Base(file)
	t, err := template.New(name).Funcs(p.funcs).ParseFS(p.tree, path.Join("html", file))
	if err == nil {
		err = p.lend(t)
	}
	if err != nil {
		p.errs = append(p.errs, fmt.Errorf("parse page %s: %w", file, err))
		return Page[T]{}
	}
	return Page[T]{file: file, tmpl: t}
}

// lend adds to a page the frames and parts that it calls, and those that they call, except what it defines itself. A page has a copy of each, since escaping
// changes them: copies of all for every page took three times the memory.
func (p *parser) lend(page *template.Template) error {
	var wanted []string
	for _, t := range page.Templates() {
		wanted = called(wanted, t.Tree.Root)
	}
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		part := p.common.Lookup(name)
		if part == nil || part.Tree == nil || page.Lookup(name) != nil {
			continue // its own, lent before, or nobody's: the page's check says so
		}
		if _, err := page.AddParseTree(name, part.Tree.Copy()); err != nil {
			return err
		}
		wanted = called(wanted, part.Tree.Root)
	}
	return nil
}

// called adds the names of the templates that a node calls.
func called(names []string, node parse.Node) []string {
	branch := func(b parse.BranchNode) {
		names = called(names, b.List)
		if b.ElseList != nil {
			names = called(names, b.ElseList)
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			names = called(names, child)
		}
	case *parse.IfNode:
		branch(n.BranchNode)
	case *parse.RangeNode:
		branch(n.BranchNode)
	case *parse.WithNode:
		branch(n.BranchNode)
	case *parse.TemplateNode:
		names = append(names, n.Name)
	}
	return names
}
