package templates

import (
	"cmp"
	"slices"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// WhyBrief is an explanation in short, as the item's own page shows it: a line a rule, each leading to the whole. It is worded by Why, so that there is one source.
type WhyBrief struct {
	Lead  string
	Alarm bool // something graver than a reminder is lit
	Lines []WhyLine
	Href  string // of the whole
}

// WhyLine is one rule in short. Of says which milestone it is about, "" for the item itself.
type WhyLine struct {
	Light     LightMark
	Rule, Of  string
	Stamp     string // rule set, rule and version
	Short     string // the version in words
	Sentence  string
	Since     string
	Brings    []Def
	Next      []WhyNext
	Href      string // of the rule's explanation
	Last      string // lit, and no step follows
	nextBegin calendar.Date
}

// Brief words an explanation in short: what is lit, its milestones too, and where nothing of the item's own is lit, why not. href is the address of a whole
// explanation by its kind and number.
func (l Locale) Brief(w app.Why, codes Codes, href func(w app.Why) string) WhyBrief {
	page := l.Why(w, codes)
	b := WhyBrief{Lead: page.Lead, Href: href(w)}
	lit := b.add(l, w, page, "", href)
	for _, stone := range w.Stones {
		b.add(l, stone, l.Why(stone, codes), l.T("project.stone_of", "Name", stone.Milestone.Name), href)
	}
	if lit > 0 {
		return b
	}
	for _, group := range page.Groups {
		if group.Key == whyCalm && !w.Paused {
			b.lines(l, w, group.Rules, "", href)
		}
	}
	return b
}

// add takes over what is lit on one item, and returns how many rules that are.
func (b *WhyBrief) add(l Locale, w app.Why, page WhyPage, of string, href func(app.Why) string) int {
	for _, group := range page.Groups {
		if group.Key == whyLit {
			b.lines(l, w, group.Rules, of, href)
			b.Alarm = b.Alarm || w.Light.Worse(workflows.LightBlue)
			return len(group.Rules)
		}
	}
	return 0
}

// lines adds a line a rule, those whose next step comes first before the others.
func (b *WhyBrief) lines(l Locale, w app.Why, rules []WhyRule, of string, href func(app.Why) string) {
	from := len(b.Lines)
	for _, r := range rules {
		line := WhyLine{Light: r.Light, Rule: r.Title, Of: of, Stamp: r.Stamp, Short: r.Short, Sentence: r.Sentence, Brings: r.Brings, Next: r.Next, Href: href(w) + "#" + r.ID, nextBegin: 1 << 30}
		if r.Since.Text != "" {
			line.Since = l.T("ticket.since", "Day", r.Since.Text)
			if len(r.Next) == 0 {
				line.Last = l.T("ticket.next_none")
			}
		}
		if len(r.Next) > 0 && r.Next[0].On != 0 {
			line.nextBegin = r.Next[0].On
		}
		b.Lines = append(b.Lines, line)
	}
	slices.SortStableFunc(b.Lines[from:], func(x, y WhyLine) int { return cmp.Compare(x.nextBegin, y.nextBegin) })
}
