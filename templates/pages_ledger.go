package templates

// LedgerPages are the pages of the reminder ledger: the list, for supervisors and for each person, and one reminder.
type LedgerPages struct {
	List     Page[LedgerPage]
	Reminder Page[LedgerReminderPage]
}

func newLedgerPages(p *parser) LedgerPages {
	return LedgerPages{
		List:     page[LedgerPage](p, "pages/ledger/list.html"),
		Reminder: page[LedgerReminderPage](p, "pages/ledger/one.html"),
	}
}

// LedgerPage is the list with its counts and filters.
type LedgerPage struct {
	Locale
	Tabs     []Segment // of the inbox, above one's own list
	Notices  []Notice
	Counts   []Chip
	Path     string   // of the list
	Hidden   []Hidden // what the counts have chosen, for the form of the filters
	Filters  []Field
	Filtered bool
	Download string
	Lines    []LedgerLine
	Range    string
	Newest   string // address of the first page, "" on it
	Older    string // address of the next page, "" on the last
	Empty    Empty
	Decide   *LedgerDecide // nil where nothing of the list can be decided
}

// LedgerLine is one reminder in words.
type LedgerLine struct {
	No, Href, At      string
	Who, Unit         string
	Item, OnPage      string // what it is about, and its page
	Light             LightMark
	What              string
	Why, Rule         string // address of the explanation; the rule's id with its version
	Channel           string
	Status            Tag
	Note              string // since when, why withdrawn, what the other side said
	Letter, LetterRef string // address and words of the letter of the day that carries it
	Tried, Settled    string
	Pick              string // what the box of a letter that can be decided sends; "" for others
	Picked            bool
}

// LedgerDecide is the form that decides about letters that did not arrive.
type LedgerDecide struct {
	Locale
	Path    string
	Letter  string // what is sent of a single letter; "" where boxes choose
	Problem string
	How     Field
	Reason  Field
}

// LedgerReminderPage is one reminder with all its attempts.
type LedgerReminderPage struct {
	Notices  []Notice
	Status   Tag
	Light    LightMark
	Facts    []Def // who was told what, and why
	Times    []Def
	Body     string
	Attempts Table
	None     string  // what is said where there are no attempts
	Carried  []Table // of a letter of the day: one table
	Decide   *LedgerDecide
}

// ToldBox is the argument of "told-box": who was told of an item, one group a step or move; Href is the item's ledger, "" for those who may not read it.
type ToldBox struct {
	Locale
	Groups []ToldGroup
	Href   string
}

// ToldGroup is one step or move with the people who were told of it.
type ToldGroup struct {
	Day, Text string
	Light     LightMark
	To        []Def // who, by which way, and what became of it
}
