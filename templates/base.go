package templates

// Base is what every page has around its own content. Make it with Set.Base and fill it once per request.
type Base struct {
	Locale            // language and words: T, Day, Money and the other formats
	Kind      string  // class of the page, "map" "wall" and so on; "wall" loads the wall's style sheet
	Theme     string  // "light", "dark", or "" to follow the system
	Density   string  // "comfortable" for 16 px text, "compact" for cards of two lines on the map, "" for 14 px
	Place     string  // name of the district, from the settings
	Title     string  // what the page is; stands in the tab and as heading
	Lead      string  // whose view it is, one line beside the heading
	Path      string  // address of this page with its query, for coming back
	Find      string  // what was searched for
	Crumbs    []Crumb // the way here; the top line shows the place when there are none
	User      *User   // who is signed in, nil for nobody
	Nav       []NavItem
	Today     Today
	Inbox     int      // unread messages
	Demo      *DemoBar // the banner of the simulation, nil outside the demo
	Flash     []Notice // what just happened
	Live      Live
	RequestID string // shown in the foot so that a person can quote it
}

// Live is what the page's script needs to hear the live feed: whose it is, which program drew the page, and on which day (2023-03-15), since what is left of a term ages.
type Live struct{ Key, Version, Day string }

// User is the signed-in person as the frame shows them.
type User struct{ Name, Unit, Initials string }

// NavItem is one place in the rail; only places that the person may use are given.
type NavItem struct {
	Head             string // heading of the group that begins here, or ""
	Href, Icon, Word string
	Count            int  // what waits there, 0 shows nothing
	Urgent           bool // the count holds something overdue
	Current          bool
	Bar              bool // stands in the bottom bar of a phone; set it on three
}

// Today is the district's day in words: the date with its weekday as Locale.Day writes it, and what kind of day it is
// ("工作日 · 明日起放假 5 天").
type Today struct{ Day, Sentence string }

// DemoBar is the strip that says "simulation" on every page and drives the simulated clock.
type DemoBar struct {
	Clock   string // the simulated moment
	Speed   string // how long a simulated day takes
	Paused  bool
	Actions []DemoAction
}

// DemoAction is one button of the strip; it posts Name=Value to Path.
type DemoAction struct {
	Path, Name, Value, Icon, Label string
	On, Off                        bool // pressed; not available
}

// OtherTheme is the theme that the switch of the frame asks for when it works without JavaScript.
func (b Base) OtherTheme() string {
	if b.Theme == "dark" {
		return "light"
	}
	return "dark"
}

// OtherLang is the language that the switch of the frame asks for.
func (b Base) OtherLang() string {
	if b.Lang == langEnglish {
		return langChinese
	}
	return langEnglish
}
