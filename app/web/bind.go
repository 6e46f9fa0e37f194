package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"battlemap/app"
	"battlemap/app/calendar"
)

// form is the body of a POST. Values come from the body only, never from the address: there is one source for each, and ids of rows that a path names come from the path.
type form struct {
	c      *call
	faults app.Faults
}

// form reads the body.
func (c *call) form() (*form, error) {
	if err := c.Request().ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, echo.ErrStatusRequestEntityTooLarge
		}
		return nil, echo.ErrBadRequest
	}
	return &form{c: c}, c.onceInForm()
}

// text is a field as typed.
func (f *form) text(name string) string { return f.c.Request().PostForm.Get(name) }

// all are the values of a field that may be given several times.
func (f *form) all(name string) []string { return f.c.Request().PostForm[name] }

// on tells whether a box was ticked.
func (f *form) on(name string) bool { return f.text(name) != "" }

// file is a file that came with the form, and how it was called; nothing where none was chosen. A form may offer several ways to choose it.
func (f *form) file(name string) (called string, data []byte, err error) {
	many := f.c.Request().MultipartForm
	if many == nil {
		return "", nil, nil
	}
	for _, head := range many.File[name] {
		if head.Filename == "" {
			continue
		}
		file, err := head.Open()
		if err != nil {
			return "", nil, err
		}
		data, err := io.ReadAll(file)
		return head.Filename, data, errors.Join(err, file.Close())
	}
	return "", nil, nil
}

// number is a row's number or version; 0 when there is none.
func (f *form) number(name string) int64 { return number(f.text(name)) }

func number(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// day is a date field; what is no date is a fault at the field.
func (f *form) day(name string) calendar.Date {
	text := strings.TrimSpace(f.text(name))
	if text == "" {
		return 0
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		f.fault(name, "date_form")
	}
	return d
}

// month is a month field; what is no month is a fault at the field.
func (f *form) month(name string) calendar.Month {
	text := strings.TrimSpace(f.text(name))
	if text == "" {
		return 0
	}
	m, err := calendar.ParseMonth(text)
	if err != nil {
		f.fault(name, "month_form")
	}
	return m
}

// fenPerWan is how many fen 1 万元 has.
const fenPerWan = 1_000_000

// wan is an amount typed in 万元 with up to six decimals, as fen; "" is nothing.
func (f *form) wan(name string) int64 {
	text := strings.NewReplacer(",", "", "，", "", " ", "").Replace(strings.TrimSpace(f.text(name)))
	if text == "" {
		return 0
	}
	fen, ok := parseWan(text)
	if !ok {
		f.fault(name, "amount_form")
	}
	return fen
}

// wanIf is an amount typed in 万元 that may be left out, as fen; nil where nothing was typed.
func (f *form) wanIf(name string) *int64 {
	if strings.TrimSpace(f.text(name)) == "" {
		return nil
	}
	fen := f.wan(name)
	return &fen
}

func parseWan(text string) (fen int64, ok bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > 6 || len(whole) > 12 {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 6-len(fraction)), 10, 64)
	if err != nil || strings.HasPrefix(fraction, "-") || strings.HasPrefix(fraction, "+") {
		return 0, false
	}
	return n, true
}

func (f *form) fault(field, key string) {
	f.faults = append(f.faults, &app.Fault{Kind: app.Invalid, Key: key, Field: field})
}

// err is what was wrong with the typing itself, nil when nothing was.
func (f *form) err() error {
	if len(f.faults) == 0 {
		return nil
	}
	return f.faults
}

// once refuses values that say something twice: a field with two values, unless the table lists it, and another object than the path names. This is the only place
// that decides about duplicates, in the query before any handler runs, and in the body when it is read: 400, never the first or the last one.
func (c *call) once(values url.Values) error {
	for name, all := range values {
		if len(all) > 1 && !slices.Contains(c.route.lists, name) {
			return echo.ErrBadRequest
		}
		if slices.Contains(c.ParamNames(), name) && slices.ContainsFunc(all, func(v string) bool { return v != c.Param(name) }) {
			return echo.ErrBadRequest
		}
	}
	return nil
}

// onceInForm is the same for the body, whose fields must not stand in the query as well.
func (c *call) onceInForm() error {
	query := c.QueryParams()
	for name := range c.Request().PostForm {
		if query.Has(name) {
			return echo.ErrBadRequest
		}
	}
	return c.once(c.Request().PostForm)
}
