package templates

// MovePages are the moves of one item or of several: whole pages without JavaScript, and the same as parts for the menu and the dialog of a board.
type MovePages struct {
	One      Page[MovePage]
	Part     Page[MovePage]
	Many     Page[ManyPage]
	ManyPart Page[ManyPage]
}

func newMovePages(p *parser) MovePages {
	return MovePages{
		One:      page[MovePage](p, "pages/move/one.html"),
		Part:     page[MovePage](p, "pages/move/part.html"),
		Many:     page[ManyPage](p, "pages/move/many.html"),
		ManyPart: page[ManyPage](p, "pages/move/many_part.html"),
	}
}

// MovePage is what one person may do with one item now; with Form it is the short form of one move.
type MovePage struct {
	Item, No, Name string // "ticket/2023-001", its number as people write it, its title
	State          string // where it stands
	Path           string // address of its own page
	Version, Back  string
	Notices        []Notice
	Kept           []Def // what was typed for a move that can't be made any more
	Choices        []MoveChoice
	None           string // why there is no move
	Form           *MoveForm
	Undo           string // the move that can still be taken back, "" for none
	UndoTill       string
}

// MoveChoice is one move in the menu; Plain is made at once, the others open their form.
type MoveChoice struct {
	ID, Title, To, Href, Note string
	Plain, Usual, Grave       bool
}

// MoveForm asks for the facts of one move and no more.
type MoveForm struct {
	Move, Title, To, Note, Problem, Button string
	Grave                                  bool
	Fields                                 []Field
}

// ManyPage is one move for several items: which moves there are, the form of one, or what came of it.
type ManyPage struct {
	Back    string
	Items   []ManyItem
	Moves   []MoveChoice // Note says for how many it can be made
	Form    *MoveForm
	Results []ManyResult
	Said    string // the sum of the results
	Notices []Notice
}

// ManyItem is one item that was chosen; Value is its name with the version that the person has seen.
type ManyItem struct{ Value, No, Name, Href, State, Problem string }

// ManyResult is what came of the move for one item.
type ManyResult struct {
	No, Name, Href string
	Done           bool
	Tag            Tag
	Said           string
}
