package templates

// AdminPages are the pages about the system itself: the journal, the rules, the people, and one's own account.
type AdminPages struct {
	Journal Page[JournalPage]
	Record  Page[RecordPage]
	Rules   Page[RulesPage]
	People  Page[PeoplePage]
	Me      Page[MePage]
}

func newAdminPages(p *parser) AdminPages {
	return AdminPages{
		Journal: page[JournalPage](p, "pages/admin/journal.html"),
		Record:  page[RecordPage](p, "pages/admin/record.html"),
		Rules:   page[RulesPage](p, "pages/admin/rules.html"),
		People:  page[PeoplePage](p, "pages/admin/people.html"),
		Me:      page[MePage](p, "pages/admin/me.html"),
	}
}

// JournalPage is the ledger: the newest checkpoint, the filters, and one line a record.
type JournalPage struct {
	Checkpoint Notice
	MayExport  bool
	Filters    []Field
	Filtered   bool
	Download   string // address of these records as a file, "" for those who may not take them away
	Year       string // address of the year of the person or unit asked for, "" where neither is
	Searched   Notice // how far back a search for words has looked, empty where it looked at all
	Lines      []JournalLine
	Range      string // "第 951–1000 号"
	Newest     string // address of the first page, "" on it
	Older      string // address of the page before, "" on the last
	Empty      Empty
}

// JournalLine is one record in words.
type JournalLine struct {
	Locale
	No, Href, At     string
	Who, Unit        string
	System           bool // done by a rule or a job, not by a person
	What             string
	Kind             string // of the object
	Object, OnPage   string // what it is called, and the page where it stands
	Changes          []JournalChange
	More             string // how many columns the ledger leaves out
	Reason, Basis    string
	Rule, RuleOnPage string
	Address, Request string
	Damaged          bool // the stored bytes are not a record
}

// New says that the record is about something new: there is nothing before.
func (l JournalLine) New() bool { return len(l.Changes) > 0 && l.Changes[0].New }

// JournalChange is one column before and after; Before is "" when the thing is new.
type JournalChange struct {
	Name, Before, After string
	New                 bool
}

// RecordPage is one record with everything that proves it.
type RecordPage struct {
	Line       JournalLine
	Facts      []Def
	Changes    Table
	Pretty     string // the stored bytes, indented
	Raw        string // the stored bytes
	Size       string // how many they are
	Hashes     []Def  // of the leaf
	Verdict    Notice // what is proven
	Checkpoint []Def
	Note       string // the signed note; "" when no checkpoint covers the record
	Proof      []ProofStep
	Prev, Next string
}

// ProofStep is one hash of an inclusion proof: on which side it is joined, and the hash in base64.
type ProofStep struct{ N, Side, Hash string }

// RulesPage shows the law: the rule set in one tab, a state machine in each of the others.
type RulesPage struct {
	Tabs    []Segment
	Set     []Def
	Default Notice // what [P] means
	Rules   []RuleSheet
	Machine *MachineSheet // nil in the tab of the rules
}

// RuleSheet is one rule in words, with the expressions of its definition beside them.
type RuleSheet struct {
	ID, Title string
	Default   bool // the source says [P] somewhere
	Facts     []Def
	When      []Condition
	Steps     Table
	Cases     Table
	CasesHead string
}

// Condition is an expression in words and as the definition writes it.
type Condition struct{ Words, Code string }

// MachineSheet is one state machine as tables.
type MachineSheet struct {
	Set           []Def
	Default       bool // the source says [P] somewhere
	States, Moves Table
	Mermaid       string
}

// PeoplePage shows units, people and task forces, each in a tab, with the forms for those who administer them.
type PeoplePage struct {
	Tabs     []Segment
	ReadOnly bool
	Link     *OneTimeLink
	People   []PersonLine
	Units    Table
	Forces   []ForceLine
	Forms    []AdminForm
}

// OneTimeLink is shown once, to the administrator who made it.
type OneTimeLink struct{ Name, Address, Note string }

// PersonLine is one person; the buttons are left out where the account can't be changed.
type PersonLine struct {
	ID                  string
	Name, Account, Post string
	Unit                string
	State               Tag
	Own, Off, NoGrant   bool
	GrantPage           string // the form for a role, with this person chosen
	Grants              []GrantLine
}

// GrantLine is one role of a person.
type GrantLine struct{ ID, Role, Scope, Days string }

// ForceLine is one task force.
type ForceLine struct {
	Flag                               Pennant
	OnPage                             string
	Code, Leader, Deputy, Office, Duty string
	Document, Flagged                  string
	ChangePage                         string // "" where the reader can't change it
}

// AdminForm is one form of the page; it stands open when it was refused or asked for.
type AdminForm struct {
	ID, Title, Action, Submit string
	Hidden                    []Hidden
	Controls                  []Control
	Open                      bool
	Problem                   string // what is wrong with the form as a whole
}

// Hidden is a value that a form sends along.
type Hidden struct{ Name, Value string }

// Control is a field, or a select with its options in groups.
type Control struct {
	Field  Field
	Groups []OptionGroup
}

// OptionGroup is a named group of a select's options.
type OptionGroup struct {
	Name    string
	Options []Option
}

// MePage is one's own account.
type MePage struct {
	Facts  []Def
	Grants Table
	Empty  Empty // where there are no roles
	Langs  []Choice
	Themes []Choice
	Form   AdminForm // of the password
	Mail   AdminForm
	Open   OwnSessions
}

// Choice is a button that sends one value; On is the present one.
type Choice struct {
	Name, Value, Text, Icon string
	On                      bool
}
