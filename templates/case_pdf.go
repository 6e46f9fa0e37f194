package templates

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/sfnt"
)

//go:embed print/NotoSerifSC-Regular.ttf.gz
var serifSC []byte

// The sheet is A4 with the type area of GB/T 9704-2012, in millimetres; a case is a register and not a letter, so its letters are smaller.
const (
	sheetWide    = 210.0
	sheetHigh    = 297.0
	typeLeft     = 28.0
	typeTop      = 37.0
	typeWide     = 156.0
	typeHigh     = 225.0
	sheetFace    = "serif"
	mmPerPoint   = 25.4 / 72
	lineSpacing  = 1.5
	pagesMark    = "{pages}"
	notAtStart   = "，。、；：？！）》」』】〕”’％…—,.;:?!)]}%"
	notAtLineEnd = "（《「『【〔“‘([{"
)

// PDF draws the document as a PDF with its own letters in it; at is when it was made, which the file states.
func (d CaseDoc) PDF(at time.Time) ([]byte, error) {
	out, err := d.pdf(at)
	if err != nil {
		return nil, fmt.Errorf("draw case %s as PDF: %w", d.No, err)
	}
	return out, nil
}

func (d CaseDoc) pdf(at time.Time) ([]byte, error) {
	s, err := newSheet(d.Locale)
	if err != nil {
		return nil, err
	}
	s.pdf.SetTitle(d.Title(), true)
	s.pdf.SetCreator(d.T("brand.name"), true)
	s.pdf.SetLang(d.Lang)
	s.pdf.SetCreationDate(at.UTC())
	s.pdf.SetModificationDate(at.UTC())
	s.pdf.AddPage()
	s.centred(12, d.Place)
	s.centred(20, d.Title())
	s.centred(9, d.T("case.lead"))
	s.gap(3)
	s.defs(d.Facts)
	s.heading(d.Heading("how"), d.Also("how"))
	for _, p := range d.How {
		s.paragraph(10.5, 0, p)
	}
	for _, part := range d.Parts {
		s.part(d, part)
	}
	s.heading(d.Heading("records"), d.Also("records"))
	s.paragraph(9, 0, d.T("case.records_note"))
	for _, r := range d.Records {
		s.record(d.Locale, r)
	}
	var out bytes.Buffer
	if err := s.pdf.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// sheet draws text downwards and turns the page by itself.
type sheet struct {
	pdf    *fpdf.Fpdf
	face   *sfnt.Font
	buffer sfnt.Buffer
	known  map[rune]bool
	wide   map[rune]float64 // width of a character, of the letter's size
}

func newSheet(l Locale) (*sheet, error) {
	z, err := gzip.NewReader(bytes.NewReader(serifSC))
	if err != nil {
		return nil, err
	}
	letters, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	face, err := sfnt.Parse(letters)
	if err != nil {
		return nil, err
	}
	s := &sheet{pdf: fpdf.New("P", "mm", "A4", ""), face: face, known: map[rune]bool{}, wide: map[rune]float64{}}
	s.pdf.SetCatalogSort(true)
	s.pdf.AddUTF8FontFromBytes(sheetFace, "", letters)
	s.pdf.SetMargins(typeLeft, typeTop, sheetWide-typeLeft-typeWide)
	s.pdf.SetAutoPageBreak(false, 0)
	s.pdf.SetCellMargin(0)
	s.pdf.AliasNbPages(pagesMark)
	s.pdf.SetFooterFunc(func() {
		s.pdf.SetFont(sheetFace, "", 9)
		s.pdf.SetXY(typeLeft, typeTop+typeHigh+7)
		s.pdf.CellFormat(typeWide, 6, l.T("case.page", "No", s.pdf.PageNo(), "Of", pagesMark), "", 0, "C", false, 0, "")
	})
	return s, s.pdf.Error()
}

// readable writes what these letters can't show as its number, so that nothing becomes an empty box or is lost.
func (s *sheet) readable(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
			out.WriteRune(' ')
		case s.shows(r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "〔U+%04X〕", r)
		}
	}
	return out.String()
}

func (s *sheet) shows(r rune) bool {
	shows, asked := s.known[r]
	if !asked {
		index, err := s.face.GlyphIndex(&s.buffer, r)
		shows = err == nil && index != 0 && r <= 0xFFFF && !unicode.IsControl(r) // fpdf draws the basic plane only
		s.known[r] = shows
	}
	return shows
}

// width is that of a character at a size in points, in millimetres.
func (s *sheet) width(r rune, size float64) float64 {
	w, known := s.wide[r]
	if !known {
		s.pdf.SetFont(sheetFace, "", 100)
		w = s.pdf.GetStringWidth(string(r)) / 100
		s.wide[r] = w
	}
	return w * size
}

// lines breaks text where Chinese may be broken: anywhere but before closing and after opening marks, and not within a word of another script if that fits a line.
func (s *sheet) lines(text string, size, wide float64) []string {
	var out []string
	line, at := []rune{}, 0.0
	for _, r := range s.readable(text) {
		w := s.width(r, size)
		if at+w > wide && len(line) > 0 {
			cut := breakBefore(line, r)
			rest := append([]rune{}, line[cut:]...)
			out = append(out, strings.TrimRight(string(line[:cut]), " "))
			line, at = rest, 0
			for _, kept := range rest {
				at += s.width(kept, size)
			}
			if len(line) == 0 && r == ' ' {
				continue
			}
		}
		line, at = append(line, r), at+w
	}
	return append(out, string(line))
}

// breakBefore is where a full line is cut when r comes next: as late as the rules allow, at its end if they allow nothing.
func breakBefore(line []rune, r rune) int {
	next := r
	for cut := len(line); cut > len(line)/2; cut-- {
		last := line[cut-1]
		word := inWord(next) && (inWord(last) || strings.ContainsRune("._-/", last)) // manifest.txt is one word
		if !word && !strings.ContainsRune(notAtStart, next) && !strings.ContainsRune(notAtLineEnd, last) {
			return cut
		}
		next = last
	}
	return len(line)
}

// inWord tells whether a character is part of a word of letters or of a number.
func inWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}

// need turns the page unless so many millimetres are left on it.
func (s *sheet) need(high float64) {
	if s.pdf.GetY()+high > typeTop+typeHigh {
		s.pdf.AddPage()
	}
}

func (s *sheet) gap(high float64) { s.pdf.SetY(s.pdf.GetY() + high) }

// line draws one line and goes to the next.
func (s *sheet) line(size, left, wide float64, align, text string) {
	high := size * mmPerPoint * lineSpacing
	s.need(high)
	s.pdf.SetFont(sheetFace, "", size)
	s.pdf.SetX(typeLeft + left)
	s.pdf.CellFormat(wide, high, text, "", 1, align, false, 0, "")
}

func (s *sheet) centred(size float64, text string) {
	for _, l := range s.lines(text, size, typeWide) {
		s.line(size, 0, typeWide, "C", l)
	}
}

func (s *sheet) paragraph(size, left float64, text string) {
	for _, one := range strings.Split(text, "\n") {
		for _, l := range s.lines(one, size, typeWide-left) {
			s.line(size, left, typeWide-left, "L", l)
		}
	}
}

// grey draws in a softer ink what stands beside the matter.
func (s *sheet) grey(draw func()) {
	s.pdf.SetTextColor(90, 90, 90)
	draw()
	s.pdf.SetTextColor(0, 0, 0)
}

func (s *sheet) heading(text, also string) {
	s.gap(4)
	s.need(22)
	if also != "" {
		text += "　" + also
	}
	s.paragraph(14, 0, text)
	s.rule(0.4)
	s.gap(1.5)
}

func (s *sheet) rule(thick float64) {
	s.pdf.SetLineWidth(thick)
	s.pdf.Line(typeLeft, s.pdf.GetY(), typeLeft+typeWide, s.pdf.GetY())
}

// defs draws names on the left and values beside them.
func (s *sheet) defs(list []Def) {
	const name, size = 38.0, 10.5
	for _, d := range list {
		names := s.lines(d.Name, size, name-3)
		s.need(float64(len(names)) * size * mmPerPoint * lineSpacing)
		page, top := s.pdf.PageNo(), s.pdf.GetY()
		s.grey(func() {
			for _, l := range names {
				s.line(size, 0, name-3, "L", l)
			}
		})
		below := s.pdf.GetY()
		s.pdf.SetY(top)
		text := d.Text
		if d.Was != "" {
			text += " (" + d.Was + ")"
		}
		s.paragraph(size, name, text)
		if d.Note != "" {
			s.grey(func() { s.paragraph(9, name, d.Note) })
		}
		if s.pdf.PageNo() == page {
			s.pdf.SetY(max(s.pdf.GetY(), below))
		}
	}
}

func (s *sheet) part(d CaseDoc, p CasePart) {
	s.heading(d.Heading(p.Name), d.Also(p.Name))
	for _, note := range []string{p.Note, p.Empty} {
		if note != "" {
			s.grey(func() { s.paragraph(9, 0, note) })
		}
	}
	s.defs(p.Defs)
	for _, row := range p.Table.Rows {
		s.row(p.Table.Columns, row)
	}
	for _, t := range p.Texts {
		s.need(14)
		s.paragraph(10.5, 0, t.Head)
		s.paragraph(10.5, 8, t.Body)
		if t.Note != "" {
			s.grey(func() { s.paragraph(9, 8, t.Note) })
		}
		s.gap(1.5)
	}
}

// row draws one line of a table as names and values: so a table of any width fits the sheet.
func (s *sheet) row(columns []Column, cells []Cell) {
	var parts []string
	for i, c := range cells {
		text := c.Text
		if c.Note != "" {
			text += " (" + c.Note + ")"
		}
		if text != "" && i < len(columns) {
			parts = append(parts, columns[i].Text+" "+text)
		}
	}
	s.paragraph(10.5, 0, strings.Join(parts, "　"))
	s.gap(0.8)
	s.rule(0.1)
	s.gap(0.8)
}

// record draws one record of the journal.
func (s *sheet) record(l Locale, r CaseRecord) {
	s.gap(1.2)
	s.rule(0.1)
	s.need(20)
	s.gap(1.2)
	who := r.Who
	if r.Unit != "" {
		who += " (" + r.Unit + ")"
	}
	s.paragraph(10.5, 0, l.T("case.record", "No", r.No, "At", r.At, "Who", who, "What", r.What))
	s.paragraph(10.5, 8, strings.TrimSpace(r.Kind+" "+r.Object))
	for _, c := range r.Changes {
		text := c.Name + " "
		if !r.New() {
			text += c.Before + " → "
		}
		s.paragraph(10.5, 8, text+c.After)
	}
	for _, ground := range []struct{ key, text string }{{"journal.reason", r.Reason}, {"journal.basis", r.Basis}, {"journal.rule", r.Rule}, {"record.address", r.Address}} {
		if ground.text != "" {
			s.paragraph(10.5, 8, l.T(ground.key)+" "+ground.text)
		}
	}
	s.grey(func() { s.paragraph(7, 8, r.Action+"  "+r.Leaf) })
}
