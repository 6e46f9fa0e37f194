package templates

// ProofPages are the pages about checkpoints: which were signed, who received them, and how the journal grew from one to another.
type ProofPages struct {
	List   Page[ProofPage]
	Growth Page[GrowthPage]
}

func newProofPages(p *parser) ProofPages {
	return ProofPages{
		List:   page[ProofPage](p, "pages/proof/list.html"),
		Growth: page[GrowthPage](p, "pages/proof/growth.html"),
	}
}

// ProofPage lists checkpoints, witnesses and keys.
type ProofPage struct {
	Notices    []Notice
	MayPublish bool
	Notes      []CheckpointLine
	Older      string // address of the page before
	Empty      []Empty
	Compare    []Field // the two checkpoints between which growth is proven; none where there are not two
	Witnesses  []WitnessLine
	NoWitness  []Empty
	Fields     []Field // of a new witness; none where the person may not enter one
	Problem    string
	Keys       []KeyLine
}

// CheckpointLine is one checkpoint with what became of it.
type CheckpointLine struct {
	Size, At, Root, Href string
	Grown                string // address of the proof that it only adds to the one before, "" for the first on the page
	Sent                 []SentLine
	NotSent              string // instead of Sent
}

// SentLine is one delivery to a witness. Tried is its history, one attempt a line.
type SentLine struct {
	To, At string
	State  Tag
	Answer string
	Signed string // by the witness, at what instant; "" for no co-signature
	Tried  []string
}

// WitnessLine is one witness. A witness that is revoked has no version: it can't be revoked again.
type WitnessLine struct {
	ID, Version   string
	Name, Kind    string
	Address, Key  string
	Rhythm, Added string
	Last          string // what it received last
	State         Tag
	Off           bool
}

// KeyLine is a public key that signs, or signed.
type KeyLine struct {
	Key, Note string
	Now       bool
}

// GrowthPage is the proof that one checkpoint only adds to another.
type GrowthPage struct {
	Verdict      Notice
	Older, Newer []Def
	Hashes       []ProofStep
	File         string // address of the proof as a file
	Compare      []Field
	Command      string // that checks the file
}
