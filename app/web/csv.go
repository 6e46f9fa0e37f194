package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// csvFile is a table on its way to a spreadsheet: UTF-8 with the mark by which Excel knows it, and no cell that would be taken for a formula.
type csvFile struct{ w *csv.Writer }

// openCSV begins the answer; name is the file's, without its ending. To a HEAD only the head is sent.
func (c *call) openCSV(name string) (csvFile, error) {
	head := c.Response().Header()
	head.Set("Content-Type", "text/csv; charset=utf-8")
	head.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name+".csv"))
	head.Set("Cache-Control", "no-store")
	c.Response().WriteHeader(statusPage)
	var out io.Writer = c.Response()
	if c.Request().Method == http.MethodHead {
		out = io.Discard
	}
	f := csvFile{csv.NewWriter(out)}
	f.w.UseCRLF = true
	_, err := io.WriteString(out, "\ufeff")
	return f, err
}

// row writes one line; numbers stay numbers.
func (f csvFile) row(cells ...string) error {
	line := make([]string, len(cells))
	for i, text := range cells {
		if line[i] = text; !isNumber(text) {
			line[i] = plainCell(text)
		}
	}
	return f.w.Write(line)
}

// close sends what is left.
func (f csvFile) close() error {
	f.w.Flush()
	return f.w.Error()
}

// sendCSV sends a whole table.
func (c *call) sendCSV(name string, lines [][]string) error {
	f, err := c.openCSV(name)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := f.row(line...); err != nil {
			return err
		}
	}
	return f.close()
}

var digits = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func isNumber(text string) bool { return digits.MatchString(text) }

// plainCell keeps a spreadsheet from taking text for a formula: an apostrophe stands before what begins like one, in half or full width, whatever cannot be seen stands before it.
func plainCell(text string) string {
	seen := strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	if strings.ContainsAny(firstOf(seen), "=+-@＝＋－＠") || strings.ContainsAny(firstOf(text), "\t\r\n") {
		return "'" + text
	}
	return text
}

// firstOf is the first character of a text, "" of an empty one.
func firstOf(text string) string {
	_, size := utf8.DecodeRuneInString(text)
	return text[:size]
}
