package templates

// TicketMemory is the part of a ticket's page about its deadlines: asking for more time, every date with who moved it and why, and what went back and forth.
type TicketMemory struct {
	Forms    []MemoryForm
	Note     string // why nothing can be asked for now, or until when it can
	Requests []MemoryRequest
	Dates    Table
	Counts   []Tag
	Events   []Event
	Pauses   Table
	Paused   bool // there is a pause to show
}

// MemoryForm is one form about an extension: to ask, to decide, to take back.
type MemoryForm struct {
	ID, Title, Path string
	Facts           []Def
	Problem, Hint   string
	Fields          []Field
	Buttons         []MemoryButton
	Open, Primary   bool
}

// MemoryButton sends Name=Value with its form.
type MemoryButton struct {
	Title, Name, Value string
	Primary            bool
}

// MemoryRequest is one request for an extension with the steps of its chain of approval.
type MemoryRequest struct {
	Title string
	State Tag
	Facts []Def
	Chain []Holder
}
