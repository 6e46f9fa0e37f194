package templates

// TriagePages are the triage desk, whole and its pieces as triage.js asks for them, and the palette.
type TriagePages struct {
	Desk    Page[TriagePage]
	Detail  Page[TriageDetail]
	Line    Page[TriageLine]
	Palette Page[PalettePage]
}

func newTriagePages(p *parser) TriagePages {
	return TriagePages{
		Desk:    page[TriagePage](p, "pages/triage/desk.html"),
		Detail:  page[TriageDetail](p, "pages/triage/detail.html"),
		Line:    page[TriageLine](p, "pages/triage/line.html"),
		Palette: page[PalettePage](p, "pages/triage/palette.html"),
	}
}

// TriagePage is the queue with its four parts, and the chosen ticket beside it.
type TriagePage struct {
	Notices []Notice
	Parts   []TriagePart
	Keys    []TriageKey
	Count   int
	Detail  *TriageDetail // nil where the queue is empty
	Chosen  bool          // the ticket was asked for by its address: a phone shows it then
	Empty   Empty
}

// TriagePart is one of 待处理, 异议, 堵点 and 逾期.
type TriagePart struct {
	ID, Name, Note string
	Lines          []TriageLine
}

// TriageKey says what a key does on the page.
type TriageKey struct{ Key, Text string }

// TriageLine is one ticket of the queue: what is stuck, why, and whose move it is since when.
type TriageLine struct {
	No, Ref, Title string // Ref is the number in addresses
	Light          LightMark
	Why, Turn      string
	Tags           []Tag
	Href           string
	Version        int64
	On             bool   // its detail is beside the queue
	Usual          string // the move that a selected line makes without asking anything, "" for none
	Done           string // what has just happened to it
}

// TriageDetail is the preview of a ticket with everything that can be done with it.
type TriageDetail struct {
	Locale
	Title, Ref string
	Head       string // its number as documents write it
	Light      LightMark
	Tags       []Tag
	Why, Turn  string
	Due        string
	Late       bool
	Notices    []Notice
	Kept       []Def
	Version    int64
	Seen       int64
	Acts       []TriageAct
	Quote      string
	About, Kin []Def
	Feedback   string
	Events     []Event
}

// TriageAct is something that can be done: a button where nothing is asked, else a form that opens in place.
type TriageAct struct {
	ID, Key, Title      string
	Usual, Grave, Plain bool
	Open                bool
	Note, Problem       string
	Fields              []Field
}

// PalettePage is what the palette offers for Q, group by group.
type PalettePage struct {
	Q      string
	Groups []PaletteGroup
	Empty  string
}

// PaletteGroup is one kind of thing that the palette offers.
type PaletteGroup struct {
	Name  string
	Items []PaletteItem
}

// PaletteItem is one thing to go to or to do.
type PaletteItem struct{ Icon, Text, Note, Href string }
