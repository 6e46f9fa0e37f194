package templates

// PaperPages are the pages of papers: the list, one paper, the form that issues one, and the sheets for the printer.
type PaperPages struct {
	List  Page[PapersPage]
	Paper Page[PaperPage]
	New   Page[NewPaperPage]
	Print Page[PaperPrintPage]
}

func newPaperPages(p *parser) PaperPages {
	return PaperPages{
		List:  page[PapersPage](p, "pages/paper/papers.html"),
		Paper: page[PaperPage](p, "pages/paper/paper.html"),
		New:   page[NewPaperPage](p, "pages/paper/new.html"),
		Print: page[PaperPrintPage](p, "pages/paper/print.html"),
	}
}

// PapersPage is the list of papers with its filters; All travels with the form. Prefix is the district's word in the numbers, for administrators only.
type PapersPage struct {
	Shows             []Segment
	All, Late, Text   string
	Kind, State, Unit Field
	Table             Table
	Empty             Empty
	Found, Filtered   bool
	PrintHref         string // of all papers of the list
	Prefix            *Field
}

// PaperPage is one paper: what it says, what has become of it, and what may be done now.
type PaperPage struct {
	No, Path, PrintHref string
	Light               LightMark
	Tags                []Tag
	Notices             []Notice
	Steps               []Step
	Version             int64
	Moves               []PaperMove
	MoveNote            string
	Addressed           string
	Lines               []PaperLine
	About, Life, Law    []Def
	Acts                []PaperAct
	Told                ToldBox
}

// PaperMove is one thing that may be done to a paper: a button where nothing is asked, else a form that opens below it.
type PaperMove struct {
	ID, Title, Go, Path string
	Usual, Open         bool
	Problem             string
	Fields              []Field
}

// PaperLine is one paragraph of a document, or a heading in it.
type PaperLine struct {
	Text string
	Head bool
}

// PaperAct is one thing that happened to the paper, with what was said.
type PaperAct struct {
	At, Who, What string
	Defs          []Def
}

// NewPaperPage is the form that issues a paper, with what was typed.
type NewPaperPage struct {
	Problems []Notice
	Path     string
	About    []Def
	Open     []Notice // other papers on the matter are open
	Fields   []Field
	Back     string
}

// PaperPrintPage is the sheets of one or several papers.
type PaperPrintPage struct {
	Sheets []PaperSheet
	Back   string
	Head   Segment // the same sheets with or without the red head
	Sample string  // says that this is a simulation; "" in production
}

// PaperSheet is one paper as a document after GB/T 9704-2012. It is Chinese in every language of the frame.
type PaperSheet struct {
	Mark, No, Heading, To string
	Red                   bool
	Lines                 []PaperLine
	Issuer, Day           string
	Notes                 []string // vacancies, contact, copies, printed by
}

// PaperBox is the argument of "paper-box": the papers on a ticket or project; NewHref issues one, "" for those who may not.
type PaperBox struct {
	Locale
	Lines   []Def
	NewHref string
}
