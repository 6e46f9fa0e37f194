package e2e

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// clerk is a person who fills in forms over HTTP.
type clerk struct {
	t      testing.TB
	role   string
	base   string
	client *http.Client
}

func (s *site) clerk(t testing.TB, role string) *clerk {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &clerk{t: t, role: role, base: s.url, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	account := s.account[role]
	if status, _, _ := c.send("/login", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"account": {account}, "password": {s.password[account]}}.Encode())); status != http.StatusSeeOther {
		t.Fatalf("%s could not sign in: %d", role, status)
	}
	return c
}

func (c *clerk) ask(r *http.Request) (status int, body, location string) {
	c.t.Helper()
	answer, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if kind := answer.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		text = nil
	}
	return answer.StatusCode, string(text), answer.Header.Get("Location")
}

func (c *clerk) get(path string) (status int, body string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodGet, c.base+path, nil)
	if err != nil {
		return 0, ""
	}
	status, body, _ = c.ask(r)
	return status, body
}

func (c *clerk) send(path, kind string, body io.Reader) (status int, text, location string) {
	c.t.Helper()
	r, err := http.NewRequest(http.MethodPost, c.base+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.ask(r)
}

// nodes are the elements of a page, in order.
func nodes(t testing.TB, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(root.Descendants())
}

// attr is an attribute's value, "" where there is none.
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func inside(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// paper is a form of a page: where it goes, and what it holds.
type paper struct {
	action string
	multi  bool
	fields url.Values
	texts  []string // names of fields for free text
	files  []string
	wrong  []string // names of fields that were refused
}

var numbers = regexp.MustCompile(`P-[0-9]+|[0-9a-f]{32}|[a-z_]+-20[0-9]{2}-[0-9]+|20[0-9]{2}-[0-9]+|[0-9]+`)

// shape is an address without what names a single thing.
func shape(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return numbers.ReplaceAllString(path, "N")
}

// key names the forms that are one kind.
func (p *paper) key() string {
	button := ""
	for _, name := range []string{"move", "verb", "act", "decision", "step", "do", "kind", "form", "way"} {
		if v := p.fields.Get(name); v != "" && len(v) < 40 {
			button += " " + name + "=" + v
		}
	}
	return shape(p.action) + button
}

// papers are the forms of a page that send something.
func papers(t testing.TB, page string) []*paper {
	t.Helper()
	var out []*paper
	for _, n := range nodes(t, page) {
		if n.Type == html.ElementNode && n.Data == "form" && strings.EqualFold(attr(n, "method"), "post") {
			out = append(out, readPaper(n)...)
		}
	}
	return out
}

// readPaper reads a form, once for each of its named buttons.
func readPaper(form *html.Node) []*paper {
	p := &paper{action: attr(form, "action"), multi: attr(form, "enctype") == "multipart/form-data", fields: url.Values{}}
	var buttons [][2]string
	for n := range form.Descendants() {
		name := attr(n, "name")
		if n.Type != html.ElementNode || name == "" || has(n, "disabled") {
			continue
		}
		if attr(n, "aria-invalid") == "true" {
			p.wrong = append(p.wrong, name)
		}
		switch n.Data {
		case "textarea":
			p.texts = append(p.texts, name)
			p.fields.Set(name, inside(n))
		case "select":
			p.fields.Set(name, chosen(n))
		case "button":
			buttons = append(buttons, [2]string{name, attr(n, "value")})
		case "input":
			p.input(n, name)
		}
	}
	if len(buttons) == 0 {
		return []*paper{p}
	}
	var out []*paper
	for _, b := range buttons {
		one := *p
		one.fields = url.Values{}
		for k, v := range p.fields {
			one.fields[k] = slices.Clone(v)
		}
		one.fields.Set(b[0], b[1])
		out = append(out, &one)
	}
	return out
}

func (p *paper) input(n *html.Node, name string) {
	switch kind := attr(n, "type"); kind {
	case "hidden":
		p.fields.Add(name, attr(n, "value"))
	case "checkbox":
		p.fields.Set(name, attr(n, "value"))
	case "radio":
		if has(n, "checked") || !p.fields.Has(name) {
			p.fields.Set(name, attr(n, "value"))
		}
	case "file":
		p.files = append(p.files, name)
	case "", "text", "search":
		p.texts = append(p.texts, name)
		p.fields.Set(name, attr(n, "value"))
	default:
		value := attr(n, "value")
		if value == "" && has(n, "required") {
			value = map[string]string{"date": "2023-07-14", "month": "2023-06", "number": "1", "time": "", "email": "example@example.org", "tel": "0451-00000000"}[kind]
		}
		p.fields.Set(name, value)
	}
}

// chosen is what a browser would send of a select; where that says nothing and something is needed, the first option that says something.
func chosen(n *html.Node) string {
	var values []string
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		if values = append(values, attr(o, "value")); has(o, "selected") {
			values[0] = attr(o, "value")
		}
	}
	if len(values) == 0 {
		return ""
	}
	says := slices.IndexFunc(values, func(v string) bool { return v != "" && v != "0" })
	if values[0] != "" && values[0] != "0" || !has(n, "required") || says < 0 {
		return values[0]
	}
	return values[says]
}

// body is the form as it is sent.
func (p *paper) body(t testing.TB) (kind string, body io.Reader) {
	t.Helper()
	if !p.multi {
		return "application/x-www-form-urlencoded", strings.NewReader(p.fields.Encode())
	}
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	for name, values := range p.fields {
		for _, v := range values {
			if err := m.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(p.files) > 0 && p.fields.Get("kind") != "" {
		name, data := "说明.txt", []byte("示例 "+p.fields.Encode())
		if p.fields.Get("kind") == "photo" {
			var picture bytes.Buffer
			if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
				t.Fatal(err)
			}
			name, data = "现场.png", picture.Bytes()
		}
		w, err := m.CreateFormFile(p.files[0], name)
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), &out
}
