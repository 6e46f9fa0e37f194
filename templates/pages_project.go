package templates

// ProjectPages are the battle map, the task forces and the projects.
type ProjectPages struct {
	Map       Page[MapPage]
	MapUpdate Page[MapPage] // what the map asks for every few seconds: its pieces without the frame
	Forces    Page[TaskForcesPage]
	Force     Page[TaskForcePage]
	List      Page[ProjectsPage]
	New       Page[NewProjectPage]
	One       Page[ProjectPage]
	Panel     Page[ProjectPanel]
}

func newProjectPages(p *parser) ProjectPages {
	return ProjectPages{
		Map:       page[MapPage](p, "pages/project/map.html"),
		MapUpdate: page[MapPage](p, "pages/project/map_update.html"),
		Forces:    page[TaskForcesPage](p, "pages/project/forces.html"),
		Force:     page[TaskForcePage](p, "pages/project/force.html"),
		List:      page[ProjectsPage](p, "pages/project/list.html"),
		New:       page[NewProjectPage](p, "pages/project/new.html"),
		One:       page[ProjectPage](p, "pages/project/one.html"),
		Panel:     page[ProjectPanel](p, "pages/project/panel.html"),
	}
}

// LightCount is how many things show a light.
type LightCount struct {
	Mark LightMark
	Text string
}

// TaskForcesPage lists the task forces.
type TaskForcesPage struct {
	Columns []Column
	Lines   []TaskForceLine
	Empty   []Empty
}

// TaskForceLine is one task force in the list; Heads repeat the columns' heads for phones.
type TaskForceLine struct {
	Flag     Pennant
	Href     string
	Cells    []Cell
	Lights   []LightCount
	LightsIn string // head of the lights' column
}

// TaskForcePage is one task force: who leads it, its cards by stage and its open tickets.
type TaskForcePage struct {
	Flag    Pennant
	Facts   []Def
	Lights  []LightCount
	Own     []LightMark // of the task force itself, where rules judge it
	Stages  []TaskForceStage
	NoCards []Empty
	Tickets []Table // one, or none when there is no open ticket
	Quiet   []Empty
}

// TaskForceStage is the cards of a task force in one stage.
type TaskForceStage struct {
	Name, Note string
	Cards      []Card
}

// ProjectsPage is the list of projects, narrowed by the filters.
type ProjectsPage struct {
	Fields []Field
	Mine   Field
	Reset  string // address without filters, "" when none is set
	Table  []Table
	Pager  []Pager
	Empty  []Empty
	New    string // address of the form for a new project, "" for those who may not
}

// NewProjectPage is the form that puts a project on the map.
type NewProjectPage struct{ Form ProjectForm }

// ProjectForm is one form of the area; on a project's page it is folded until it is wanted. ID is its anchor.
type ProjectForm struct {
	ID, Title, Note, Hint string
	Action                string
	Open                  bool
	Problems              []Notice // faults that stand at no field
	Files                 bool     // a file can be handed in with it
	Hidden                []HiddenField
	Fields                []Field
	Buttons               []FormButton
}

// HiddenField is a value that travels with a form.
type HiddenField struct{ Name, Value string }

// FormButton sends the form; Name and Value say which of several buttons was pressed. Tone is a class of .btn.
type FormButton struct{ Text, Name, Value, Tone string }

// ProjectPage is one project with everything about it.
type ProjectPage struct {
	Case     string // address to export the case, "" for who may not
	Code     string
	Light    LightMark
	Flag     Pennant
	Force    string // address of the task force
	Tags     []Tag
	Why      WhyBrief
	Figures  []Figure
	Notices  []Notice
	Steps    []Step
	Claim    []StageClaim // the one that waits for verification
	Moves    []ProjectForm
	Chain    []Holder
	Duties   string
	Handed   []Table // the assignments before this one
	Assign   []ProjectForm
	Months   ProjectMonths
	Plan     []ProjectForm
	Reports  []ProjectReport
	Report   []ProjectForm
	NoReport []Empty
	Stones   []Table
	// StoneDates lists the changes of the milestones' dates, empty while none was moved.
	StoneDates []Table
	NoStones   []Empty
	Stone      []ProjectForm
	Tickets    []Table
	Quiet      []Empty
	Issued     PaperBox
	Told       ToldBox
	Talk       TalkBox
	Life       LifeLine
	Blockers   []Table
	NewIssue   string // address of the form for a ticket about this project, "" for those who may not
	Facts      []Def
	Exempt     []Def
	Exempts    []ProjectForm
	Events     []Event
	Journal    string // address of all records about the project
}

// StageClaim is a stage that waits to be verified from outside.
type StageClaim struct {
	Lead   string
	Facts  []Def
	Decide []ProjectForm
	Wait   string // who may verify it, for everyone else
}

// ProjectMonths is the year: the drawing, the figures and the light that each month was judged with.
type ProjectMonths struct {
	Months
	Judged []MonthLight
}

// MonthLight is the judged light of a month; Mark has no Kind for months that were not judged.
type MonthLight struct {
	Mark   LightMark
	Exempt bool
}

// ProjectReport is one month's report with its verification, which never merge.
type ProjectReport struct {
	Month        string
	State        Tag
	Amount, By   string // "1,200 万元"; who reported and when
	Texts        []Def
	Verified, At string // the verified amount or that there is none; who verified and when, "" before that
	// VerifiedFunds is one line where funds in place were verified.
	VerifiedFunds []Def
	Note          string
	Verify        []ProjectForm
}

// ProjectPanel is a project in the side panel of the map.
type ProjectPanel struct {
	Code, Name, Href string
	Light            LightMark
	Why              []WhyLine
	Figures          []Figure
	Facts            []Def
	Chain            []Holder
	Tickets          []Def
}
