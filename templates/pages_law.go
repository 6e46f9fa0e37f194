package templates

// LawPages are the pages on which the law is explained, drafted, published and tried.
type LawPages struct {
	Why      Page[WhyPage]
	Laws     Page[LawsPage]
	Edit     Page[LawEditPage]
	One      Page[LawPage]
	Simulate Page[SimulatePage]
}

func newLawPages(p *parser) LawPages {
	return LawPages{
		Why:      page[WhyPage](p, "pages/law/why.html"),
		Laws:     page[LawsPage](p, "pages/law/laws.html"),
		Edit:     page[LawEditPage](p, "pages/law/edit.html"),
		One:      page[LawPage](p, "pages/law/one.html"),
		Simulate: page[SimulatePage](p, "pages/law/simulate.html"),
	}
}

// LawsPage lists every version of the rule sets and workflows: drafts that wait, and what is approved.
type LawsPage struct {
	May      bool // draft
	Waiting  Table
	Approved Table
	Past     Table // rejected and withdrawn
	Empty    Empty // no draft waits
}

// LawEditPage is the form for a new draft, or for changing one.
type LawEditPage struct {
	Action      string
	ID, Version string
	Kind        Field
	Text        Field
	File        Field
	Reason      Field
	From        Field
	Base        Notice   // which version the text began with
	Problems    []string // line, column, what is wrong and what would be right
	Faults      Faults
}

// LawPage is one version: where it stands, what differs from the one before, what it would change today, its text, and the decision.
type LawPage struct {
	Set         []Def
	State       Tag
	Changes     []string // in words
	Diff        []DiffLine
	Before      string // the version that it is compared with
	Preview     []string
	Turns       Table
	MoreTurns   string
	Cases       string
	Rules       []RuleSheet
	Machine     *MachineSheet
	Text        string
	Edit        string // address of the form, "" where the actor may not
	Withdraw    bool
	Decide      bool
	Own         Notice // shown to who drafted it
	Note        Field
	ID, Version string
	Action      string
	Simulate    string // address
	Faults      Faults
	Problem     Notice
}

// DiffLine is one line of two texts: Mark is "+", "-", " " or "…".
type DiffLine struct{ Mark, Class, Text, Word string }

// SimulatePage replays a version over recorded history.
type SimulatePage struct {
	Law, From, To Field
	Ran           bool
	Summary       string
	Rows          Table
	More          string
	Empty         Empty
	Faults        Faults
}
