package templates

// GuardPages are the pages on which the district looks after its evidence: what the doctor found, and the archive with its disposals.
type GuardPages struct {
	Doctor  Page[DoctorPage]
	Archive Page[ArchivePage]
}

func newGuardPages(p *parser) GuardPages {
	return GuardPages{Doctor: page[DoctorPage](p, "pages/guard/doctor.html"), Archive: page[ArchivePage](p, "pages/guard/archive.html")}
}

// DoctorPage is one examination with its findings, and the last ones.
type DoctorPage struct {
	State    []Notice // whether checkpoints are signed
	When     string   // which examination is shown, "" for none
	Findings []DoctorFinding
	Runs     []DoctorRunLine
	Empty    []Empty
}

// DoctorRunLine is one examination in the list.
type DoctorRunLine struct {
	Href, At, Note string // Note: what was looked at, how many records, on which node
	State          Tag
	On             bool // shown above
}

// ArchivePage lists years with their packages, the retention, and disposals.
type ArchivePage struct {
	MayMake   bool
	Years     []ArchiveYear
	Retention string  // in a sentence
	Term      []Field // to set it; none for those who may not
	Ask       []Field // to ask for a disposal
	Faults    Faults
	Problem   string
	Disposals []DisposalLine
	Empty     []Empty
	NoneAsked []Empty
}

// ArchiveYear is a year with the packages that were made of it.
type ArchiveYear struct {
	Year, Note string
	Made       []ArchiveMade
}

// ArchiveMade is one package: when, by whom, with how many records; Href is the record of it.
type ArchiveMade struct{ At, Who, Records, Href, No string }

// DisposalLine is one request. A request that waits for this person has a version.
type DisposalLine struct {
	ID, Version        string
	Before, Basis, Why string
	Asked, Decided     string
	Result             string
	State              Tag
	Own                bool // asked by the reader: somebody else must decide
}
