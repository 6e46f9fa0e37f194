package templates

// ConfirmPage asks somebody who is signed in for the password once more, and sends what they typed before along.
type ConfirmPage struct {
	Action string // the address that it came from
	Back   string // the page before, "" when unknown
	Hidden []Hidden
	Faults Faults
}

// OwnSessions are the browsers in which a person is signed in.
type OwnSessions struct {
	Rows    []OwnSession
	Others  bool // there are others than the present one
	Problem string
}

// OwnSession is one of them; the code names it for its owner and opens nothing.
type OwnSession struct {
	Code, Agent, Address, Since, Seen string
	Present                           bool
}
