package web

import (
	"net/url"
	"strings"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// projectBase is the frame of a page of this area.
func (c *call) projectBase(kind, title string, crumbs ...templates.Crumb) (templates.Base, error) {
	b, err := c.base(title)
	b.Kind, b.Crumbs = kind, crumbs
	return b, err
}

func forcePath(tf app.TaskForce) string { return "/taskforces/" + url.PathEscape(tf.Code) }

func projectPath(code string) string { return "/projects/" + url.PathEscape(code) }

// hues is how many hues of pennants there are.
const hues = 10

func pennant(tf app.TaskForce) templates.Pennant {
	return templates.Pennant{Name: tf.Name, Hue: (tf.Position+hues-1)%hues + 1}
}

// nameOr is a person's name, or the words for a vacancy.
func (c *call) nameOr(dir app.Directory, user int64) string {
	if u, ok := dir.Users[user]; ok {
		return u.Name
	}
	return c.T("project.vacant")
}

// lightsInOrder lists the lights from grave to none.
func lightsInOrder() []workflows.Light {
	lit := workflows.Lights()
	out := make([]workflows.Light, 0, len(lit)+1)
	for i := len(lit) - 1; i >= 0; i-- {
		out = append(out, lit[i])
	}
	return append(out, workflows.LightNone)
}

func (c *call) lightCounts(counts map[workflows.Light]int) []templates.LightCount {
	var out []templates.LightCount
	for _, l := range lightsInOrder() {
		if n := counts[l]; n > 0 {
			mark := c.Light(l)
			out = append(out, templates.LightCount{Mark: mark.Bare(), Text: mark.Word + " " + c.Count(n)})
		}
	}
	return out
}

func (c *call) countsInWords(counts map[workflows.Light]int) string {
	var words []string
	for _, l := range c.lightCounts(counts) {
		words = append(words, l.Text)
	}
	return strings.Join(words, c.T("project.comma"))
}

// mapCard is a project as a card.
func (c *call) mapCard(card app.Card) templates.Card {
	p := card.Project
	path := projectPath(p.Code)
	out := templates.Card{Locale: c.Locale, ID: "card-" + p.Code, Href: path, Panel: path, Why: whyPath("project", p.Code), Light: p.Light, Name: p.Name, Code: p.Code,
		Person: card.Person, Unit: card.Unit, Days: card.Days, Limit: card.Limit, Tags: c.cardTags(card), Item: "project/" + p.Code, At: p.Stage, Version: id64(p.Version)}
	if card.Next != nil {
		out.NextWhy = whyPath("milestone", id64(card.Next.ID)) + "#due"
		out.Next, out.NextPast = c.ShortDay(card.Next.DueOn())+" "+card.Next.Name, card.Next.DueOn() < c.s.App.Today()
	}
	if p.YearPlanFen > 0 {
		out.Invest = c.Invest(percent(p.VerifiedFen, p.YearPlanFen), percent(card.PlanFen, p.YearPlanFen), lightTone(p.Light))
	}
	return out
}

// ticketCard is a ticket as a card.
func (c *call) ticketCard(card app.TicketCard) templates.Card {
	k := card.Ticket
	path := "/tickets/" + k.No
	out := templates.Card{Locale: c.Locale, ID: "card-" + k.No, Href: path, Why: whyPath("ticket", k.No), Light: k.Light, Name: k.Title, Code: c.TicketNo(k.No),
		Person: card.Handler, Unit: card.LeadUnit, Days: card.Days, Ticket: true, Item: "ticket/" + k.No, At: k.State, Version: id64(k.Version), NextPast: card.Late}
	if !k.DueOn.IsZero() {
		out.Next, out.NextWhy = c.T("board.due", "Day", c.ShortDay(k.DueOn)), whyPath("ticket", k.No)+"#due"
	}
	out.Tags = append(out.Tags, templates.Tag{Text: c.T("kind." + k.Kind), Tone: "line"})
	if len(card.Parts) > 1 {
		out.Tags = append(out.Tags, templates.Tag{Text: c.T("board.accepted", "N", card.Accepted, "Of", len(card.Parts))})
	}
	if card.Project != "" {
		out.Tags = append(out.Tags, templates.Tag{Text: card.Project})
	}
	return out
}

// leaderOf is who leads a task force, or that nobody does.
func (c *call) leaderOf(name string) string {
	if name == "" {
		name = c.T("project.vacant")
	}
	return c.T("map.leader", "Name", name)
}

// lightTone is the colour of a bar under a light; only lights that complain colour it.
func lightTone(l workflows.Light) string {
	switch l {
	case workflows.LightRed:
		return "red"
	case workflows.LightOrange, workflows.LightYellow:
		return "yellow"
	}
	return ""
}

func (c *call) cardTags(card app.Card) []templates.Tag {
	var tags []templates.Tag
	if card.Papers > 0 {
		tone := string(card.Project.Light)
		if lightTone(card.Project.Light) == "" {
			tone = "yellow" // the paper is about a milestone
		}
		tags = append(tags, templates.Tag{Text: c.T("map.papers", "N", card.Papers), Tone: tone})
	}
	if card.Blockers > 0 {
		tags = append(tags, templates.Tag{Text: c.T("map.blockers", "N", card.Blockers), Icon: "construction"})
	}
	if card.Responsible == 0 {
		tags = append(tags, templates.Tag{Text: c.T("map.no_one"), Tone: "line", Icon: "user-x"})
	}
	return tags
}
