package templates

// QuestionPages are the pages of an inspector's questions, and the year of a person or a unit in the journal.
type QuestionPages struct {
	Index Page[QuestionsPage]
	One   Page[QuestionPage]
	Year  Page[JournalYearPage]
}

func newQuestionPages(p *parser) QuestionPages {
	return QuestionPages{
		Index: page[QuestionsPage](p, "pages/questions/index.html"),
		One:   page[QuestionPage](p, "pages/questions/one.html"),
		Year:  page[JournalYearPage](p, "pages/questions/year.html"),
	}
}

// QuestionsPage lists the questions.
type QuestionsPage struct{ Questions []QuestionLink }

// QuestionLink is one question with what it answers.
type QuestionLink struct{ Href, Icon, Title, Text string }

// QuestionPage is the answer to one question: every line carries the records that it was read from.
type QuestionPage struct {
	Locale
	Path     string
	How      string // exactly how it is worked out
	Fields   []Field
	Clear    string // address without filters, "" when there are none
	Count    string
	More     string // that the page shows only some of the lines, "" when it shows all
	Summary  *Table
	Columns  []Column
	Lines    []QuestionLine
	Download string
	Empty    Empty
	Others   []Segment // the other questions
}

// QuestionLine is one line of an answer.
type QuestionLine struct {
	Cells   []Cell
	Records []DayLink // the journal's records, by number
}

// JournalYearPage counts what a person or a unit did in a year, by month and kind of object.
type JournalYearPage struct {
	Years []Segment
	Table Table
	Units string // the units under which a person has acted, as they were called
	All   string // address of all these records
	Empty Empty
}
