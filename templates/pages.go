package templates

// Pages holds every page of the product. To add one: a data type below, a field here, a line in newPages, a file in html/pages.
type Pages struct {
	Login    Page[LoginPage]
	Error    Page[ErrorPage]
	Setup    Page[SetupPage]
	Confirm  Page[ConfirmPage]
	Admin    AdminPages
	Work     WorkPages
	Project  ProjectPages
	Paper    PaperPages
	Law      LawPages
	Calendar CalendarPages
	Scope    ScopePages
	Ledger   LedgerPages
	Move     MovePages
	Board    BoardPages
	Wall     WallPages
	Charts   ChartPages
	Triage   TriagePages
	Time     TimePages
	Meet     MeetPages
	Guard    GuardPages
	Question QuestionPages
	Proof    ProofPages
}

func newPages(p *parser) Pages {
	return Pages{
		Login:    page[LoginPage](p, "pages/login.html"),
		Error:    page[ErrorPage](p, "pages/error.html"),
		Setup:    page[SetupPage](p, "pages/setup.html"),
		Confirm:  page[ConfirmPage](p, "pages/confirm.html"),
		Admin:    newAdminPages(p),
		Work:     newWorkPages(p),
		Project:  newProjectPages(p),
		Paper:    newPaperPages(p),
		Law:      newLawPages(p),
		Calendar: newCalendarPages(p),
		Scope:    newScopePages(p),
		Ledger:   newLedgerPages(p),
		Move:     newMovePages(p),
		Board:    newBoardPages(p),
		Wall:     newWallPages(p),
		Charts:   newChartPages(p),
		Triage:   newTriagePages(p),
		Time:     newTimePages(p),
		Meet:     newMeetPages(p),
		Guard:    newGuardPages(p),
		Question: newQuestionPages(p),
		Proof:    newProofPages(p),
	}
}

// LoginPage is the form for signing in; after a refusal it keeps the account that was typed.
type LoginPage struct {
	Account, Next string // Next is the page to go to afterwards
	AskCode       bool   // a one-time code is asked for as well
	Problems      []Notice
	Accounts      []SampleAccount // only in the simulation
}

// SampleAccount is a sample person of the simulation whom a visitor may be with one click.
type SampleAccount struct{ Account, Password, Name, Role, Unit string }

// ErrorPage says what went wrong, where, and what to do.
type ErrorPage struct {
	Status   string // "404"
	Heading  string
	Sentence string
	Facts    []Def  // for a conflict: who changed what, when
	Back     string // address of the page before, or ""
}

// SetupPage is what a one-time link opens: the first administrator of a fresh installation, or the first password of an invited person.
type SetupPage struct {
	Token, Place, Unit, Name, Account string
	Invited                           bool // the account is there, only the password is asked for
	Problems                          []Notice
	Faults                            Faults
}
