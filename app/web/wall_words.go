package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/templates"
	"battlemap/workflows"
)

// How much fits on a screen that is read from six metres.
const (
	wallCards = 6 // large cards of a task force, two in a row
	wallDates = 8 // its next dates, two fewer for each row of cards
	wallReds  = 4 // red matters on a page
)

// wallWords words a wall.
type wallWords struct {
	c    *call
	dir  app.Directory
	wall app.Wall
}

// wallDrawn draws a wall for a view: its frame and its page.
func (s *server) wallDrawn(c *call, v wallView, w app.Wall) (templates.Base, templates.WallPage, error) {
	base := s.Set.Base(c.Lang)
	base.Kind, base.Theme, base.Today, base.Demo = "wall", "dark", c.today(), c.demoBar()
	place, err := s.App.Place(c.ctx())
	if err != nil {
		return base, templates.WallPage{}, err
	}
	base.Place, base.Title = place, c.T("wall.title", "Place", place)
	words := wallWords{c: c, wall: w}
	if words.dir, err = s.App.Directory(c.ctx()); err != nil {
		return base, templates.WallPage{}, err
	}
	if w.TaskForce != 0 {
		base.Title = c.T("wall.title_force", "Place", place, "Name", words.dir.TaskForces[w.TaskForce].Name)
	}
	page := words.page(v.ask)
	page.Build = s.build()
	lang := ""
	if c.QueryParam("lang") != "" {
		lang = c.Lang
	}
	page.Next = v.ask.next(lang)
	return base, page, nil
}

func (w wallWords) page(ask wallAsk) templates.WallPage {
	c := w.c
	now := c.local(c.s.App.Now())
	_, zone := now.Zone()
	page := templates.WallPage{Now: strconv.FormatInt(now.Unix(), 10), Zone: strconv.Itoa(zone), Stands: c.s.Demo != nil, Clock: c.Clock(now), Every: strconv.Itoa(ask.every),
		Figures: w.figures(), Red: w.red(ask), Last: c.T("wall.last", "At", c.at(w.wall.At), "No", c.Count(int(w.wall.Size)))}
	rows := w.wall.Rows
	if only := w.only(ask.force); only != nil {
		rows = []app.WallRow{*only}
	} else if len(rows) > 1 {
		page.Map = true
		page.Stages, page.Rows = w.stages(), w.lines()
		page.Flags = append(page.Flags, templates.WallFlag{})
	}
	for _, row := range rows {
		if row.Projects > 0 || !page.Map {
			page.Slides = append(page.Slides, w.slide(row))
			page.Flags = append(page.Flags, templates.WallFlag{Hue: pennant(row.TaskForce).Hue})
		}
	}
	w.choose(&page, ask.slide)
	return page
}

// only is the task force that the address asks for, nil for all or for one that is not seen.
func (w wallWords) only(code string) *app.WallRow {
	for i := range w.wall.Rows {
		if code != "" && w.wall.Rows[i].TaskForce.Code == code {
			return &w.wall.Rows[i]
		}
	}
	return nil
}

// choose marks the slide that is shown at first; the page's script turns on from there.
func (w wallWords) choose(page *templates.WallPage, slide int) {
	c, n := w.c, len(page.Flags)
	if n == 0 {
		page.Empty = []templates.Empty{{Icon: "flag", Text: c.T("wall.no_forces"), Next: c.T("wall.no_forces_next")}}
		return
	}
	at := slide % n
	page.Flags[at].On = true
	if page.Map {
		page.First = at == 0
		at--
	}
	if at >= 0 {
		page.Slides[at].On = true
	}
	if n == 1 {
		page.Flags = nil
	}
}

// figures are the totals and the four rates on the left; a rate's tick stands at its goal.
func (w wallWords) figures() []templates.Figure {
	c, t := w.c, w.wall.Totals
	verified, unit := c.Amount(t.Verified)
	out := []templates.Figure{
		{Value: c.Count(t.Planned), Unit: c.T("wall.projects"), Label: c.T("wall.invest", "Sum", c.Money(t.PlannedInvest)), Tone: "large"},
		{Value: verified, Unit: unit, Label: c.T("wall.year_plan", "Sum", c.Money(t.YearPlan)), Tone: "large"},
	}
	for _, r := range w.wall.Rates {
		out = append(out, c.rateFigure(r))
	}
	return out
}

// stages are the columns of the map with how many projects stand in each.
func (w wallWords) stages() []templates.WallStage {
	var out []templates.WallStage
	for i, st := range w.wall.Stages {
		n := 0
		for _, row := range w.wall.Rows {
			n += row.Count(i)
		}
		out = append(out, templates.WallStage{Name: st.Title.In(w.c.Lang), Count: w.c.Count(n)})
	}
	return out
}

func (w wallWords) lines() []templates.WallLine {
	var out []templates.WallLine
	for _, row := range w.wall.Rows {
		line := templates.WallLine{Flag: pennant(row.TaskForce)}
		for _, cell := range row.Cells {
			line.Cells = append(line.Cells, w.counts(cell))
		}
		out = append(out, line)
	}
	return out
}

// counts are numbers behind the shapes of the lights; the word is there for screen readers.
func (w wallWords) counts(of map[workflows.Light]int) []templates.LightCount {
	var out []templates.LightCount
	for _, l := range lightsInOrder() {
		if of[l] > 0 {
			out = append(out, templates.LightCount{Mark: w.c.Light(l).Bare(), Text: w.c.Count(of[l])})
		}
	}
	return out
}

// slide is one task force large: what is lit there, and what comes next.
func (w wallWords) slide(row app.WallRow) templates.WallSlide {
	c := w.c
	s := templates.WallSlide{Flag: pennant(row.TaskForce), Lead: c.T("map.leader", "Name", c.nameOr(w.dir, row.TaskForce.LeaderID)), Counts: w.counts(row.Lights), Soon: c.T("wall.milestones")}
	for i, st := range w.wall.Stages {
		s.Stages = append(s.Stages, templates.WallStage{Name: st.Title.In(c.Lang), Count: c.Count(row.Count(i))})
	}
	for _, card := range row.Lit[:min(len(row.Lit), wallCards)] {
		s.Cards = append(s.Cards, w.card(card))
	}
	switch more := len(row.Lit) - len(s.Cards); {
	case row.Projects == 0:
		s.Calm = c.T("wall.no_projects")
	case len(row.Lit) == 0:
		s.Calm = c.T("wall.no_lights")
	case more > 0:
		s.Rest = c.T("wall.more_lit", "N", more)
	}
	dates := wallDates - 2*((len(s.Cards)+1)/2)
	for _, stone := range row.Next {
		if len(s.Next) < dates && stone.On >= c.s.App.Today() {
			s.Next = append(s.Next, w.due(stone))
		}
	}
	return s
}

func (w wallWords) card(card app.Card) templates.WallCard {
	c, p := w.c, card.Project
	stage := c.stage(p.Stage)
	where := c.T("wall.in_stage", "Stage", stage, "N", card.Days)
	if card.Limit > 0 {
		where = c.T("wall.in_stage_of", "Stage", stage, "N", card.Days, "Limit", card.Limit)
	}
	out := templates.WallCard{Tone: string(p.Light), Mark: c.Light(p.Light).Bare(), Name: p.Name, Where: where + " · " + c.nameOr(w.dir, card.Responsible)}
	if card.Next == nil {
		return out
	}
	if card.Next.DueOn() < c.s.App.Today() {
		out.Late = c.T("wall.past", "Day", c.ShortDay(card.Next.DueOn()), "Name", card.Next.Name)
		return out
	}
	out.Next = c.T("wall.next", "Day", c.ShortDay(card.Next.DueOn()), "Name", card.Next.Name)
	return out
}

func (w wallWords) due(stone app.WallStone) templates.WallDue {
	d := templates.WallDue{On: w.c.ShortDay(stone.On), Of: stone.Of, Name: stone.Name}
	if stone.Ticket {
		d.Of = w.c.TicketNo(stone.Of)
	}
	return d
}

// red is the list of what is red on pages, or what is due next where nothing is.
func (w wallWords) red(ask wallAsk) templates.WallRed {
	c, all := w.c, w.redSeen(ask.force)
	r := templates.WallRed{Mark: c.Light(workflows.LightRed).Bare(), Title: c.T("wall.red_title", "N", len(all))}
	if w.wall.Reds > len(w.wall.Red) {
		r.Title = c.T("wall.red_title", "N", w.wall.Reds)
		r.Rest = c.T("wall.more_red", "N", w.wall.Reds-len(w.wall.Red))
	}
	pages := (len(all) + wallReds - 1) / wallReds
	each := (len(all) + max(pages, 1) - 1) / max(pages, 1) // five are three and two, not four and one
	for i := range pages {
		page := templates.WallRedPage{On: i == ask.slide%pages}
		if pages > 1 {
			page.No = c.T("wall.page", "No", i+1, "Of", pages)
		}
		for _, it := range all[min(len(all), i*each):min(len(all), (i+1)*each)] {
			page.Items = append(page.Items, w.redItem(it, each < wallReds))
		}
		r.Pages = append(r.Pages, page)
	}
	if pages > 0 {
		return r
	}
	r.Mark, r.Calm, r.Soon = c.Light(workflows.LightGreen).Bare(), c.T("wall.no_red"), c.T("wall.soon")
	for _, stone := range w.wall.Next {
		r.Next = append(r.Next, w.due(stone))
	}
	return r
}

// redSeen is what is red, of the one task force that the address asks for.
func (w wallWords) redSeen(force string) []app.RedItem {
	only := w.only(force)
	if only == nil {
		return w.wall.Red
	}
	var out []app.RedItem
	for _, it := range w.wall.Red {
		if it.TaskForce == only.TaskForce.ID {
			out = append(out, it)
		}
	}
	return out
}

// redItem is one matter; where few stand on a page, there is room for the reason.
func (w wallWords) redItem(it app.RedItem, few bool) templates.WallItem {
	c := w.c
	out := templates.WallItem{Name: it.Title, Days: c.T("wall.red_days", "N", it.Days)}
	if it.Kind == "ticket" {
		out.Name = c.TicketNo(it.No) + " " + it.Title
	}
	if f, err := it.Lit.Explain(); err == nil {
		out.Rule = f.RuleTitle.In(c.Lang)
		if few {
			out.Why = f.Sentence(c.Lang, c.DayNumber)
		}
	}
	key := "wall.leads"
	if it.Guarantee {
		key = "wall.guarantees"
	}
	out.Who = c.T(key, "Name", c.nameOr(w.dir, it.Leader))
	return out
}
