package templates

import "html/template"

// BoardPages are the pieces that a board is put together from. Each is drawn for itself, so that a change costs the pieces that show it and no more.
type BoardPages struct {
	Head   Page[BoardHead]
	Row    Page[BoardRow]
	Cell   Page[BoardCell]
	Card   Page[Card]
	Track  Page[BoardTrack]
	Limits Page[LimitsPage]
}

func newBoardPages(p *parser) BoardPages {
	return BoardPages{
		Head:   page[BoardHead](p, "pages/board/head.html"),
		Row:    page[BoardRow](p, "pages/board/row.html"),
		Cell:   page[BoardCell](p, "pages/board/cell.html"),
		Card:   page[Card](p, "pages/board/card.html"),
		Track:  page[BoardTrack](p, "pages/board/track.html"),
		Limits: page[LimitsPage](p, "pages/board/limits.html"),
	}
}

// MapPage is the battle map around its board: figures, filters and views. The board itself is drawn in pieces and takes the place of the mark in the page.
type MapPage struct {
	Update    bool // an answer to a refresh: the pieces take the place of those on the page
	Live      MapLive
	View      string      // "stages", "months" or "tickets"
	Journal   string      // size of the journal that the board shows
	Past      string      // the past day that it shows, "" for today
	Then      *TimeBanner // says that the day is past, and leads to others; nil for today
	Time      string      // address of the map as of yesterday
	Views     []Segment
	Figures   []Figure
	Chips     []Chip
	Filter    MapFilter
	Tools     []Segment // how much of a crowded cell is shown
	Densities []Segment // Href is the value of the form, Icon what is drawn
	Limits    string    // address of the cell limits
	Empty     []Empty   // one when there is nothing to show
}

// BoardCut stands in the drawn page where the board belongs.
const BoardCut = `<hr id="board-cut">`

// MapLive is the element that asks again; Headers is the JSON of the request headers that hold the tag of what is shown.
type MapLive struct{ Path, Headers, Text string }

// MapFilter is the form that narrows the map; it is open when one of its fields does.
type MapFilter struct {
	Open   bool
	Hidden []HiddenField
	Fields []Field
	Ticks  []Field
	Reset  string // address without them, "" when none is set
	Saved  []SavedView
	Save   []ProjectForm // the form that keeps this view, or none
}

// SavedView is a view that somebody keeps; Drop is its number for those who may drop it, or "".
type SavedView struct {
	Name, Href, Note string
	On               bool
	Drop, Version    string
}

// BoardHead is the head of a board: its columns. Months is set for the months view.
type BoardHead struct {
	Corner, Count string
	Columns       []BoardColumn
	Months        []MonthHead
	Done, Plan    string
}

// YearSpan is the head over the months of one year.
type YearSpan struct {
	Name   string
	Months int
}

// Years are the years that the months fall in, each with how many of them.
func (h BoardHead) Years() []YearSpan {
	var years []YearSpan
	for _, m := range h.Months {
		if m.Opens || len(years) == 0 {
			years = append(years, YearSpan{Name: m.Year})
		}
		years[len(years)-1].Months++
	}
	return years
}

// BoardColumn is the head of a column. Idle columns have no card in any row.
type BoardColumn struct {
	ID, Name, Note string
	Limit          string // "限 3 个", "" for none
	Idle           bool
	Share          string // "many" or "few" cards of the board, "" for neither: the paper is divided by it
}

// BoardRow begins a task force's row.
type BoardRow struct {
	First      bool
	Code       string
	Flag       Pennant
	Href, Lead string
	Count      string
	Lights     []LightCount
	Folded     bool
	Fold       string // address with this row folded, or unfolded
	Span       int    // months view: the row is a group's head over so many columns
}

// BoardCell is where a task force and a column cross: its cards as they were drawn, and a link to all of them where not all are shown.
type BoardCell struct {
	Row, Col, Head string
	Limit          string // the most that may stand here, "" for no limit
	Cap            string // "3/3", "" for no limit
	Full           bool
	Cards          []template.HTML
	More, Href     string
	Sum            string // how many stand here, for folded rows
}

// BoardTrack is one project in the months view.
type BoardTrack struct {
	Row, Item, At, Version string
	ID, Name, Meta, Href   string
	Mark                   LightMark
	Track                  Track
	Span                   int
	Note                   string // "完成 12.0% · 序时 16.0%"
	Late                   bool
	Folded                 bool
}

// LimitsPage is the limits of the cells of both boards, and the form for one of them.
type LimitsPage struct {
	Boards []Segment
	Table  Table
	Form   []ProjectForm
}
