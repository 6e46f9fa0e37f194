package templates

// ScopePages are the pages of figures and of the subjects of rules that are no project, milestone or ticket.
type ScopePages struct {
	Figures  Page[FiguresPage]
	Subjects Page[SubjectsPage]
}

func newScopePages(p *parser) ScopePages {
	return ScopePages{
		Figures:  page[FiguresPage](p, "pages/scope/figures.html"),
		Subjects: page[SubjectsPage](p, "pages/scope/subjects.html"),
	}
}

// FiguresPage is the table in which an input of a period is entered.
type FiguresPage struct {
	Empty    []Empty // no published rule set asks for figures
	Input    Field
	Period   Field
	Heading  string
	Hint     string // what the input holds, and how often
	Lines    []FigureLine
	None     []Empty // there is nothing of this scope
	May      bool
	Scope    string // hidden fields of the form
	Name     string
	Last     string
	Source   Field
	Reason   Field
	Pasted   Field
	Unknown  []string // pasted lines that were not understood
	Read     string   // how many were, "" before anything was pasted
	Download string   // address of the table as CSV
	Problem  Notice
}

// FigureLine is one subject; Field has no control where the actor may not enter it.
type FigureLine struct {
	No, Name string
	Field    Field
	Edition  string
	EditName string // name of the hidden field with the edition
	May      bool
	Now      string // what counts
	Note     string // who entered it, when, from which document
	Before   []string
}

// PartLine is a unit's part in a ticket: its light and date where the rule set has rules about parts, its reply, or the form for it.
type PartLine struct {
	Def
	Light   LightMark
	Due     string
	Replied string
	Reply   string
	Field   []Field // of the form; none where the person may not reply
	ID      string
	Version int64
	Open    bool
	Problem string
}

// SubjectsPage lists the task forces, units and the district that rules judge.
type SubjectsPage struct {
	Table Table
	Empty Empty
}
