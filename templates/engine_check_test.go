package templates

import "github.com/jba/templatecheck"

// check compares the template with the type of its page; it lives here because only tests need templatecheck.
// It must run before the first Render, which lets the escaper rewrite the template.
func (p Page[T]) check() error {
	var v View[T]
	return templatecheck.CheckHTMLStrict(p.tmpl, v)
}

// path is the page's file, relative to html.
func (p Page[T]) path() string { return p.file }
