package templates

// WallPages are the big screen, what is fetched anew of it, what a dead link shows, and the links of screens.
type WallPages struct {
	Screen Page[WallPage]
	Main   Page[WallPage] // what stands in <main> of Screen
	Dark   Page[WallDark]
	Shade  Page[WallDark] // what stands in <main> of Dark
	Links  Page[WallLinksPage]
}

func newWallPages(p *parser) WallPages {
	return WallPages{
		Screen: page[WallPage](p, "pages/wall/screen.html"),
		Main:   page[WallPage](p, "pages/wall/main.html"),
		Dark:   page[WallDark](p, "pages/wall/dark.html"),
		Shade:  page[WallDark](p, "pages/wall/shade.html"),
		Links:  page[WallLinksPage](p, "pages/wall/links.html"),
	}
}

// WallPage is the big screen: figures on the left, in the middle one slide after the other, what is red on the right.
type WallPage struct {
	Build   string // changes with the program; the screen then loads itself anew
	Next    string // address of the next slide, for browsers without JavaScript
	Now     string // Unix seconds of the server's clock
	Zone    string // seconds that the district is ahead of UTC
	Stands  bool   // the clock does not run between two looks: the simulation
	Clock   string
	Every   string // seconds a slide
	Figures []Figure
	Stages  []WallStage
	Rows    []WallLine
	Map     bool // the first slide is the map
	First   bool // it is shown at first
	Slides  []WallSlide
	Flags   []WallFlag // which slides there are, when there are several
	Empty   []Empty    // instead of slides
	Red     WallRed
	Last    string // when the newest record was made
}

// WallStage is a column of the map.
type WallStage struct{ Name, Count string }

// WallLine is a task force on the map: counts by light in every stage.
type WallLine struct {
	Flag  Pennant
	Cells [][]LightCount
}

// WallFlag stands for one slide below the slides; Hue is 0 for the map.
type WallFlag struct {
	Hue int
	On  bool
}

// WallSlide is one task force large.
type WallSlide struct {
	Flag   Pennant
	Lead   string
	On     bool // shown at first
	Counts []LightCount
	Stages []WallStage // how many projects stand where
	Cards  []WallCard
	Rest   string // how many more are lit
	Calm   string // says that nothing is lit
	Soon   string // heading of Next
	Next   []WallDue
}

// WallCard is a project under a light, large. Tone is the kind of the light.
type WallCard struct {
	Tone              string
	Mark              LightMark
	Name, Where, Next string
	Late              string // instead of Next: the milestone whose date is past
}

// WallDue is a date that comes, with what is due. Late says that it is past.
type WallDue struct {
	On, Of, Name string
	Late         bool
}

// WallRed is the list of what is red, on pages that are turned; without any, what is due next.
type WallRed struct {
	Mark  LightMark
	Title string
	Pages []WallRedPage
	Calm  string
	Next  []WallDue
	Soon  string // heading of Next
	Rest  string // how many the pages leave out
}

// WallRedPage is one page of the list.
type WallRedPage struct {
	No    string // "2 / 3", "" for a single one
	On    bool   // shown at first
	Items []WallItem
}

// WallItem is a matter under a red light: which, by which rule and why, for how long, and who answers. Why may be "".
type WallItem struct{ Name, Rule, Why, Days, Who string }

// WallDark is what a screen shows whose link opens nothing any more.
type WallDark struct{ Build string }

// WallLinksPage lists the links of screens, with the form for another one.
type WallLinksPage struct {
	Link    *OneTimeLink // just made, shown this once
	Fields  []Field
	Problem string // what is wrong with the form as a whole
	Lines   []WallLinkLine
	Empty   []Empty
}

// WallLinkLine is one link. A link that is over has no version: it can't be revoked.
type WallLinkLine struct {
	ID, Version                string
	Name, Shows, Lang          string
	Maker, Made, Expires, Seen string
	State                      Tag
	Off                        bool
}
