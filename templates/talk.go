package templates

// TalkBox is what people have put on the page of a project or ticket: photos, documents and words, with the forms that add to them.
type TalkBox struct {
	Locale
	Photos    []PhotoLine
	Documents []FileLine
	Comments  []CommentLine
	Forms     []ProjectForm // a photo, a document
	Say       []ProjectForm
	Off       string // why nothing can be handed in, "" when it can
}

// PhotoLine is one photo in the strip.
type PhotoLine struct {
	Href, Thumb, Caption, Note string
	Width, Height              int // of the small view
	Gone                       string
	Withdraw                   []ProjectForm
}

// FileLine is one document. Gone says by whom and why it was withdrawn.
type FileLine struct {
	Href, Name, Caption, Note, Sum string
	Gone                           string
	Withdraw                       []ProjectForm
}

// CommentLine is what somebody said. Gone takes the place of the words once they were withdrawn.
type CommentLine struct {
	ID, Who, Unit, At, Body, Gone string
	Answers, AnswersTo            string // whom it answers, and where that stands
	Own                           bool
	Withdraw                      []ProjectForm
}
