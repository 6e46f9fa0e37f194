package templates

import "battlemap/app/calendar"

// WorkPages are the pages of the daily work: the desk, the inbox, the search, and the tickets.
type WorkPages struct {
	Desk      Page[DeskPage]
	Inbox     Page[InboxPage]
	Search    Page[SearchPage]
	Tickets   Page[TicketsPage]
	NewTicket Page[NewTicketPage]
	Ticket    Page[TicketPage]
}

func newWorkPages(p *parser) WorkPages {
	return WorkPages{
		Desk:      page[DeskPage](p, "pages/work/desk.html"),
		Inbox:     page[InboxPage](p, "pages/work/inbox.html"),
		Search:    page[SearchPage](p, "pages/work/search.html"),
		Tickets:   page[TicketsPage](p, "pages/work/tickets.html"),
		NewTicket: page[NewTicketPage](p, "pages/work/ticket_new.html"),
		Ticket:    page[TicketPage](p, "pages/work/ticket.html"),
	}
}

// DeskPage is one person's desk: three groups, the most urgent line first.
type DeskPage struct {
	Notices []Notice // what the last move from the list has led to
	Seen    int64    // size of the journal when the page was drawn
	Groups  []DeskGroup
}

// DeskGroup is one of 该我办, 等别人 and 将到期; an empty one says what would stand in it.
type DeskGroup struct {
	ID, Name, Note string
	Lines          []DeskLine
	Empty          Empty
}

// DeskLine is one thing on the desk. Do is the usual move, nil where there is none to make.
type DeskLine struct {
	Light        LightMark
	No, Title    string
	Href         string
	Asked, Turn  string // what is asked; whose turn it is
	Due, DueNote string
	DueHref      string // of the explanation of the date, "" where there is none
	Late         bool
	Do           *DeskMove
}

// DeskMove is the usual move of a line: a button that posts Move with Version to Path, or, where it asks for facts, a link to its form.
type DeskMove struct {
	Title, Href string
	Path, Move  string
	Version     int64
}

// InboxPage is a person's reminders, the newest first. UpTo marks all of them as read.
type InboxPage struct {
	Tabs   []Segment
	Lines  []InboxLine
	Unread int
	UpTo   int64
	Pager  *Pager
	Empty  Empty
}

// InboxLine is one reminder in words, with the rule that fired.
type InboxLine struct {
	ID            int64
	Light         LightMark
	At            string
	Subject, Body string
	Facts         []Def
	Unread        bool
	Href          string
}

// SearchPage is what was found for Q, grouped.
type SearchPage struct {
	Q      string
	Go     []PaletteGroup // pages, actions, people and units that the text names
	Groups []SearchGroup
	Empty  Empty
}

// SearchGroup is what was found of one kind.
type SearchGroup struct {
	Name, Note string
	Table      Table
}

// TicketsPage is the list of tickets with its filters; All and Light travel with the form.
type TicketsPage struct {
	Shows                     []Segment
	Lights                    []Chip
	All, Light                string
	Kind, State, Force, Asks  Field
	Text                      string
	Table                     Table
	Empty                     Empty
	Filtered, MayDraft, Found bool
	Back                      string // address of this list with its filters
}

// NewTicketPage is the form of a new ticket with what was typed.
type NewTicketPage struct {
	Problems []Notice
	Twins    *TicketTwins
	Faults   Faults
	Kind, Title, Basis, Instruction, TaskForce, Project, LeadUnit, Leader,
	DueTerm, DueOn, Cause, Level, DecisionFrom, Urgency, Importance string
	Complex                                                                                                  bool
	Kinds, TaskForces, ProjectChoices, Units, Assist, Leaders, Terms, Causes, Levels, Urgencies, Importances []Option
	Today                                                                                                    string // the earliest date that can be given
}

// TicketTwins are open tickets of the same kind on the same project: one matter must not be supervised twice (《政府督查工作条例》第 15 条).
type TicketTwins struct {
	Notice Notice
	Other  Field // the box that says that this is another matter
}

// TicketPage is one ticket: what was asked, where it stands, who answers, and what may be done now.
type TicketPage struct {
	Case     string // address to export the case, "" for who may not
	No       string
	Light    LightMark
	Tags     []Tag
	Notices  []Notice
	Kept     []Def // what was typed for a move that can't be made any more
	Steps    []Step
	Drawing  States
	Path     string // address of the ticket
	Version  int64
	Seen     int64 // size of the journal when the page was drawn
	Moves    []TicketMove
	MoveNote string // why there is no move, or whose turn it is
	Why      WhyBrief
	Quote    string
	QuoteBy  string
	Feedback string
	FeedNote string
	About    []Def
	Due      TicketDue
	Memory   *TicketMemory // nil while it is a draft
	Units    []PartLine
	Kin      []Def       // tickets that belong to this one: the whole, its parts, the original, what waits for what
	Unlink   *TicketHand // ends a link; nil where there is none to end
	Undo     *TicketUndo // takes the last move back; nil where that can't be
	Triage   string      // address of the acts beside the moves, "" for those who have none
	Chain    []Holder
	Hand     *TicketHand
	Law      []Def
	Told     ToldBox
	Talk     TalkBox
	Issued   PaperBox
	Views    []Segment
	Events   []Event
	Older    string // address of the journal, where more records stand
}

// TicketMove is one allowed move: a button where nothing is asked, else a form that opens below it.
type TicketMove struct {
	ID, Title           string
	Usual, Grave, Plain bool // Plain: nothing is asked
	Open                bool
	Note                string // until when it can be made, or what it asks once more
	Problem             string
	Fields              []Field
}

// TicketDue is the due date with how it was counted.
type TicketDue struct {
	Day, Words string
	Href       string // of its explanation
	Late       bool
	Defs       []Def
}

// TicketUndo is the offer to take the person's last move back; Till says how long it stands.
type TicketUndo struct{ Item, Title, Till string }

// TicketHand is the form that hands the ticket to somebody of the lead unit.
type TicketHand struct {
	Fields []Field
	Open   bool
}

// Term writes a due term: 15 个工作日, 1 个月; 15 working days, 1 month; "" for none.
func (l Locale) Term(t calendar.Term) string {
	if t.N == 0 {
		return ""
	}
	return l.T("term."+string(t.Unit), "N", t.N)
}
