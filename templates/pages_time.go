package templates

// TimePages are the pages that look back: what changed between two days. The map of a past day is the map's own page.
type TimePages struct {
	Changes Page[ChangesPage]
}

func newTimePages(p *parser) TimePages {
	return TimePages{Changes: page[ChangesPage](p, "pages/time/changes.html")}
}

// TimeBanner says that the map is that of a past day, and leads to others.
type TimeBanner struct {
	Locale
	Text       string
	Record     string // address of the last record, "" before the first
	RecordText string
	Day        Field
	Hidden     []HiddenField
	Steps      []DayLink // to days beside it
	Today      string    // address of the map of today
	Compare    string    // address of what changed since then, "" for a day that can't be shown
}

// DayLink is a link to another day.
type DayLink struct{ Text, Href string }

// ChangesPage is what changed between the ends of two days.
type ChangesPage struct {
	Locale
	Fields   []Field
	Filtered string // address without the filters of task force and kind, "" when none is set
	Text     string
	Download string
	Links    []DayLink // the maps of the two days, the meetings
	Figures  *Table    // before and after; nil where the days can't be compared
	Groups   []ChangeGroup
	Empty    []Empty // one when nothing changed
}

// ChangeGroup is what changed in one task force.
type ChangeGroup struct {
	Flag     Pennant
	Href     string
	Count    string
	Sections []ChangeSection
}

// ChangeSection are the changes of one kind.
type ChangeSection struct {
	Locale
	Title, Count string
	Rows         []ChangeRow
}

// ChangeRow is one change: what it was and what it is.
type ChangeRow struct {
	No, Name, Href string
	Was, Is        ChangeSide
	Note           string // how often a light wavered
	Rule, Why      string // the rule's title and the explanation's address
	Reason         string
	Records        []DayLink
}

// ChangeSide is one side of a change: a light, or words.
type ChangeSide struct {
	Light LightMark
	Text  string
}
