package templates

// CalendarPages are the pages about working time.
type CalendarPages struct {
	Year    Page[CalendarPage]
	Upload  Page[CalendarUploadPage]
	Version Page[CalendarVersionPage]
}

func newCalendarPages(p *parser) CalendarPages {
	return CalendarPages{
		Year:    page[CalendarPage](p, "pages/calendar/year.html"),
		Upload:  page[CalendarUploadPage](p, "pages/calendar/upload.html"),
		Version: page[CalendarVersionPage](p, "pages/calendar/version.html"),
	}
}

// CalendarPage is a year on one sheet, with the notices that decide it.
type CalendarPage struct {
	Year, Prev, Next string
	PrevHref         string
	NextHref         string
	Scopes           []Segment
	Facts            []Def
	Warn             []Notice // what is provisional
	Weekdays         []string
	Months           []CalendarMonth
	Versions         Table
	Empty            Empty
	UploadHref       string // "" when the person may not
}

// CalendarMonth is one month; every week has seven days.
type CalendarMonth struct {
	Name, Count string
	Weeks       [][]CalendarDay
}

// CalendarDay is one day: Kind is "weekday", "weekend", "holiday", "make_up" or "" outside of the month, Mark its letter.
type CalendarDay struct {
	Day, Kind, Mark, Title string
	Today, Unsure          bool
}

// CalendarUploadPage is the form for a notice, with what was understood of it once it was read.
type CalendarUploadPage struct {
	Problems                                   []Notice
	Faults                                     Faults
	Title, Number, Covers, Text, Office, Scope string
	Replaces                                   string
	Scopes, Versions                           []Option
	Read                                       bool // what follows was understood
	Understood                                 Table
	Facts                                      []Def
	Back                                       string
}

// CalendarVersionPage is one notice: what it says, what it moves, and what may be done with it.
type CalendarVersionPage struct {
	Problems     []Notice
	Faults       Faults
	ID, Version  string
	Facts        []Def
	State        Tag
	Days         Table
	ShiftsHead   string
	ShiftsNote   string
	Shifts       Table
	NoShifts     Empty
	Source       string
	MayApprove   bool
	MayDiscard   bool
	Reason, Back string
}
