package templates

// MeetPages are the pages of meetings and of the supervision desk, and their documents for the printer.
type MeetPages struct {
	List        Page[MeetingsPage]
	New         Page[NewMeetingPage]
	Meeting     Page[MeetingPage]
	Supervision Page[SupervisionPage]
	Doc         Page[MeetDocPage]
}

func newMeetPages(p *parser) MeetPages {
	return MeetPages{
		List:        page[MeetingsPage](p, "pages/meet/meetings.html"),
		New:         page[NewMeetingPage](p, "pages/meet/new.html"),
		Meeting:     page[MeetingPage](p, "pages/meet/meeting.html"),
		Supervision: page[SupervisionPage](p, "pages/meet/supervision.html"),
		Doc:         page[MeetDocPage](p, "pages/meet/doc.html"),
	}
}

// MeetingsPage is the list of meetings; NewHref is "" for those who may not convene one.
type MeetingsPage struct {
	Table   Table
	Found   bool
	Empty   Empty
	NewHref string
}

// NewMeetingPage is the form that plans a meeting, with what was typed.
type NewMeetingPage struct {
	Problems []Notice
	Fields   []Field
}

// MeetingPage is one meeting: its agenda in order, each item with the form that notes a decision, and what was decided.
type MeetingPage struct {
	Path      string
	Version   int64
	State     Tag
	Facts     []Def
	Notices   []Notice
	Hold      bool // the button that opens it
	Close     bool
	Prints    []Segment
	Groups    []AgendaGroup
	Decisions []DecisionLine
	None      string // said where nothing was decided yet
	Free      *DecisionForm
	Add       *MeetForm
}

// AgendaGroup is one part of an agenda; Empty is said where it has no items.
type AgendaGroup struct {
	ID, Title, Empty string
	Lines            []AgendaLine
}

// AgendaLine is one item of an agenda with its frozen facts, and what it is now where that differs.
type AgendaLine struct {
	ID, N       string
	Light       LightMark
	Title, Href string
	Facts       []Def
	Form        *DecisionForm // nil for those who may not, and before the opening
	Carry       *MeetForm
}

// DecisionForm notes a decision: Enter in it makes it a ticket.
type DecisionForm struct {
	Locale
	Path, Item string
	Open       bool
	Problem    string
	Text       Field
	Fields     []Field
}

// MeetForm is a small form that unfolds below its button.
type MeetForm struct {
	Locale
	Path, Title, Go, Stroke string
	Open                    bool
	Problem                 string
	Hidden                  []Hidden
	Fields                  []Field
}

// DecisionLine is one decision with what has become of it.
type DecisionLine struct {
	ID, N   string
	Text    string
	Tag     Tag
	Light   LightMark
	Facts   []Def
	Problem string
	Path    string
	Version int64
	Issue   bool // a button makes it a ticket
	Finish  *MeetForm
}

// SupervisionPage is the supervision desk. Issued is the slip just issued, with the link that prints it.
type SupervisionPage struct {
	Issued   *Notice
	PackHref string
	Units    Table
	UnitNone string
	Rungs    []RungGroup
	RungNone string
	Sent     Table
	Ledger   string
	Papers   Table
	PaperNo  string
	Slips    []SlipLine
	SlipNone Empty
	May      bool // somebody may issue; else the lines are only read
}

// RungGroup is one step of a rule with its items.
type RungGroup struct {
	Light LightMark
	Title string
	Count string
	Items []Def
}

// SlipLine is one item that is due for a 督办单, with the form prepared; Form is nil for those who may not issue it.
type SlipLine struct {
	ID          string
	Light       LightMark
	Title, Href string
	Facts       string
	Note        string
	Form        *MeetForm
}

// MeetDocPage is a document for the printer: an agenda, the minutes or a pack. Running repeats at the head of every sheet.
type MeetDocPage struct {
	Back     string
	Running  string
	Sample   string
	Heading  string
	No       string
	About    []string
	Sections []DocSection
	Sign     []string
}

// DocSection is a part of such a document; Empty is said where it has no items.
type DocSection struct {
	Title, Empty string
	Lead         string // what the part is of
	Items        []DocItem
	Tables       []Table
	Href         string // a page that says more, not printed
}

// DocItem is one item of such a document; it is kept on one sheet where it fits.
type DocItem struct {
	Title string
	Light LightMark
	Lines []Def
}
