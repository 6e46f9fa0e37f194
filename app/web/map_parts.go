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

// lightChips narrow the map by light and to the person's own projects; each says how many cards it leaves.
func (c *call) lightChips(m app.Map, f mapFilter, own int) []templates.Chip {
	counts := map[workflows.Light]int{}
	all := 0
	for _, row := range m.Rows {
		for l, n := range row.Lights {
			if f.force == "" || f.force == row.TaskForce.Code {
				counts[l] += n
				all += n
			}
		}
	}
	to := func(light string) string { return mapFilter{light, f.force, f.mine}.path() }
	chips := []templates.Chip{{Text: c.T("map.all_lights"), Href: to(""), Count: c.Count(all), On: f.light == ""}}
	for _, l := range lightsInOrder() {
		kind := lightKind(l)
		if counts[l] > 0 || f.light == kind {
			chips = append(chips, templates.Chip{Text: c.Light(l).Word, Href: to(kind), Light: kind, Count: c.Count(counts[l]), On: f.light == kind})
		}
	}
	if own > 0 || f.mine {
		chips = append(chips, templates.Chip{Text: c.T("map.mine"), Href: mapFilter{f.light, f.force, !f.mine}.path(), Count: c.Count(own), On: f.mine})
	}
	return chips
}

// forceChips narrow the map to one task force.
func (c *call) forceChips(m app.Map, f mapFilter) []templates.Chip {
	chips := []templates.Chip{{Text: c.T("map.all_forces"), Href: mapFilter{f.light, "", f.mine}.path(), On: f.force == ""}}
	for _, row := range m.Rows {
		n := 0
		for l, count := range row.Lights {
			if f.keeps(l) {
				n += count
			}
		}
		if n > 0 || f.force == row.TaskForce.Code {
			chips = append(chips, templates.Chip{Text: row.TaskForce.Name, Href: mapFilter{f.light, row.TaskForce.Code, f.mine}.path(), Count: c.Count(n), On: f.force == row.TaskForce.Code})
		}
	}
	if len(chips) < 3 {
		return nil // one task force alone is no choice
	}
	return chips
}

// mapCard is a project as a card.
func (c *call) mapCard(card app.Card, dir app.Directory) templates.Card {
	p := card.Project
	path := projectPath(p.Code)
	out := templates.Card{Locale: c.Locale, ID: "card-" + p.Code, Href: path, Panel: path, Why: whyPath("project", p.Code), Light: p.Light, Name: p.Name, Code: p.Code,
		Person: dir.Users[card.Responsible].Name, Unit: dir.Units[p.UnitID].Name, Days: card.Days, Limit: card.Limit, Tags: c.cardTags(card)}
	if card.Next != nil {
		out.NextWhy = whyPath("milestone", id64(card.Next.ID)) + "#due"
		out.Next, out.NextPast = c.ShortDay(card.Next.DueOn())+" "+card.Next.Name, card.Next.DueOn() < c.s.App.Today()
	}
	if p.YearPlanFen > 0 {
		out.Invest = c.Invest(percent(p.VerifiedFen, p.YearPlanFen), percent(card.PlanFen, p.YearPlanFen), lightTone(p.Light))
	}
	return out
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
