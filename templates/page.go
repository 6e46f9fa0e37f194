package templates

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
)

// Page is a template tied to the type of its data. It is a whole page, or a fragment of one that htmx swaps in.
type Page[T any] struct {
	file string
	tmpl *template.Template
}

// View is what a page template sees as dot: the fields and words of Base, and the page's own Data.
type View[T any] struct {
	Base
	Data T
}

// Render draws the page into memory and writes it only when all of it could be drawn, so that a failure never sends half a page.
func (p Page[T]) Render(w io.Writer, b Base, data T) error {
	page, err := p.draw(b, data)
	if err != nil {
		return err
	}
	if _, err := w.Write(page); err != nil {
		return fmt.Errorf("write page %s: %w", p.file, err)
	}
	return nil
}

// HTML draws a fragment for use inside another page, for instance a card that is kept by version and language.
// This is the only place that makes template.HTML, and its text comes out of html/template.
func (p Page[T]) HTML(b Base, data T) (template.HTML, error) {
	fragment, err := p.draw(b, data)
	return template.HTML(fragment), err
}

func (p Page[T]) draw(b Base, data T) ([]byte, error) {
	if p.tmpl == nil {
		return nil, fmt.Errorf("page %q was not parsed", p.file)
	}
	if b.words == nil {
		return nil, fmt.Errorf("page %s: the base has no words, make it with Set.Base", p.file)
	}
	var page bytes.Buffer
	if err := p.tmpl.Execute(&page, View[T]{Base: b, Data: data}); err != nil {
		return nil, fmt.Errorf("draw page %s: %w", p.file, err)
	}
	return page.Bytes(), nil
}
