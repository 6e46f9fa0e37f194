package templates

import (
	"strconv"

	"battlemap/workflows"
)

// The types in this file are the arguments of the partials in html/parts. Their text is ready to be shown: a page formats
// dates and money through its Locale when it fills them. Types that bring words of their own embed Locale.

// LightMark is the argument of "light": the shape and the word of one light.
type LightMark struct {
	Kind, Word string
	Alone      bool   // the shape stands alone and the word is for screen readers only
	Why, Ask   string // address of its explanation and the words of that link, or ""
}

// Light returns the mark of a light in this language; no light and unknown lights get the hollow circle.
func (l Locale) Light(light workflows.Light) LightMark {
	kind := "none"
	for _, known := range workflows.Lights() {
		if light == known {
			kind = string(light)
		}
	}
	return LightMark{Kind: kind, Word: l.T("light." + kind)}
}

// Asked makes the mark a link to its explanation: why it is lit, or why not.
func (l Locale) Asked(m LightMark, href string) LightMark {
	m.Why, m.Ask = href, l.T("whypage.link")
	if m.Kind == "none" || m.Kind == "green" {
		m.Ask = l.T("whypage.link_calm")
	}
	return m
}

// Bare is the mark without its visible word, for places where the word stands elsewhere.
func (m LightMark) Bare() LightMark {
	m.Alone = true
	return m
}

// Pennant is the argument of "pennant": a task force's name behind its flag. Hue runs from 1 to 10.
type Pennant struct {
	Name string
	Hue  int
}

// Tag is the argument of "tag". Tone is "", "red", "orange", "yellow", "green", "blue" or "line".
type Tag struct{ Text, Tone, Icon string }

// Chip is the argument of "chip": a filter with its count, switched by following its link.
type Chip struct {
	Text, Href string
	Light      string // kind of a light to draw before the text, or ""
	Count      string
	On         bool
}

// Bar is the argument of "bar": done and planned in points of a hundred, clamped when drawn.
type Bar struct {
	Done, Plan float64
	Tick       bool   // draw the tick at Plan
	Tone       string // "", "red", "yellow", "green", "quiet"
	Label      string // the same in words
	DoneText   string // the number to print beside it
}

// DoneX is the drawn width.
func (b *Bar) DoneX() string { return share(b.Done) }

// PlanX is the drawn place of the tick.
func (b *Bar) PlanX() string { return share(b.Plan) }

// share writes points of a hundred as an SVG length, from 0% to 100%.
func share(points float64) string {
	return strconv.FormatFloat(min(max(points, 0), 100), 'f', 2, 64) + "%"
}

// Person is the argument of "person"; every part but the name may be "".
type Person struct{ Name, Role, Unit, Phone string }

// Crumb is a step of the way here; the last one has no address.
type Crumb struct{ Text, Href string }

// Segment is one choice in "segments" or "tabs".
type Segment struct {
	Text, Href, Icon string
	Count            string
	On               bool
}

// Notice is the argument of "notice". Tone is "", "good", "warn" or "bad".
type Notice struct {
	Tone, Text, Detail string
	Items              []string
	Href, Action       string // a next step, or ""
}

// Icon is the symbol that goes with the tone.
func (n Notice) Icon() string {
	switch n.Tone {
	case "good":
		return "check"
	case "warn":
		return "triangle-alert"
	case "bad":
		return "circle-alert"
	default:
		return "info"
	}
}

// Empty is the argument of "empty": what is not here, and the next step.
type Empty struct{ Icon, Text, Next, Href, Action string }

// Pager is the argument of "pager". Range is a sentence such as "第 51–100 条，共 312 条"; make it with Locale.Pager.
type Pager struct {
	Locale
	Range, Prev, Next string
}

// Pager returns the argument of "pager" for lines from to to (counted from 1) of total, with the neighbours' addresses or "".
func (l Locale) Pager(from, to, total int, prev, next string) Pager {
	words := l.T("pager.range", "From", l.Count(from), "To", l.Count(to), "Total", l.Count(total))
	return Pager{Locale: l, Range: words, Prev: prev, Next: next}
}

// Figure is the argument of "figure". Tone is "", "red", "yellow" or "green".
type Figure struct {
	Label, Value, Unit, Note, Tone string
	Hint                           string // what it is made of, in words
	Bar                            *Bar
}

// Step is one state in "steps". State is "done", "now" or "next".
type Step struct{ Name, Date, Note, State string }

// Holder is one link of the chain of responsibility; Vacant holds the words for an empty post.
type Holder struct{ Role, Name, Unit, Since, Vacant string }

// Event is one line of "timeline".
type Event struct {
	No, Href, Proof string // journal number, its address, words for the seal
	At              string
	Who, Unit       string
	What, Text      string // the verb with its object; the person's own words
	Before, After   string
	Light           LightMark // drawn when its Kind is set
	System          bool      // done by a rule, not by a person
}

// Def is one line of "defs". Was is a former value, struck through.
type Def struct{ Name, Text, Was, Note, Href, Tone string }

// Table is the argument of "table".
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell
	Total   []Cell
}

// Column is a head of a table. Order is "", "ascending" or "descending"; Href sorts by it.
type Column struct {
	Text, Href, Order string
	Num               bool
}

// Cell is a field of a table. Class is "num", "late", "name" or several of them; Head repeats the column's head for phones.
type Cell struct {
	Text, Note, Href, Class, Head string
	NoteHref                      string // of the explanation of the note, "" for none
	Light                         LightMark
	Pick                          *Pick // the line can be chosen, nil where it can't
}

// Pick is a box that chooses a line for a form elsewhere on the page.
type Pick struct{ Form, Value, Label string }

// Blank says that the cell shows nothing, so that a phone can leave it out.
func (c Cell) Blank() bool { return c.Text == "" && c.Note == "" && c.Light.Kind == "" }
