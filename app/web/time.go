package web

import (
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// dayText is a day as the address has it, cut to what a day can be.
func dayText(text string) string {
	text = strings.TrimSpace(text)
	return text[:min(len(text), len("2023-04-21"))]
}

// yesterdayMap is the address of the map as of yesterday.
func (c *call) yesterdayMap(f mapFilter) string { return f.at(c.s.App.Today().AddDays(-1)).path() }

// at is the filter on another day; the zero day is today.
func (f mapFilter) at(day calendar.Date) mapFilter {
	f.on = day.String()
	return f
}

// pastMap shows the map as it stood at the end of a past day.
func (s *server) pastMap(c *call, f mapFilter) error {
	faults, status := templates.Faults{}, statusPage
	day := c.queryDay("on", 0, faults)
	b := app.BoardCards{Today: s.App.Today()}
	if len(faults) == 0 {
		var err error
		b, err = s.App.CardsAt(c.ctx(), c.actor, day)
		if list := app.AsFaults(err); list != nil && list[0].Kind == app.Invalid {
			faults, b = c.faults(list), app.BoardCards{Today: s.App.Today()}
		} else if err != nil {
			return err
		}
	}
	plan, d, err := c.planBoard(b, f)
	if err != nil {
		return err
	}
	if d.body, err = s.boards.draw(&keptBoard{}, plan.chunks); err != nil {
		return err
	}
	page, err := c.mapFrame(b, f, d, nil, nil)
	if err != nil {
		return err
	}
	page.Past, page.Update, page.Filter.Saved, page.Filter.Save = f.on, false, nil, nil
	if page.Then, err = c.timeBanner(b, f, faults); err != nil {
		return err
	}
	if len(faults) > 0 {
		status, page.Figures = statusInvalid, nil
		page.Empty = []templates.Empty{{Icon: "history", Text: c.T("time.no_day"), Next: c.T("time.no_day_next"), Href: f.at(0).path(), Action: c.T("time.today")}}
	}
	around, err := c.cutFrame(page)
	if err != nil {
		return err
	}
	return c.sendBoard(status, around, d)
}

// timeBanner says which day the map shows and by which record, and leads to the days around it.
func (c *call) timeBanner(b app.BoardCards, f mapFilter, faults templates.Faults) (*templates.TimeBanner, error) {
	today := c.s.App.Today()
	first, err := c.s.App.FirstDay(c.ctx())
	if err != nil {
		return nil, err
	}
	out := &templates.TimeBanner{Locale: c.Locale, Text: c.T("time.no_day"), Today: f.at(0).path(),
		Day: c.Field("on", "time.day", f.on).As("date").Between(first.String(), today.String()).Fails(faults)}
	for name, values := range f.at(0).values() {
		out.Hidden = append(out.Hidden, templates.HiddenField{Name: name, Value: values[0]})
	}
	if len(faults) > 0 {
		return out, nil
	}
	day := b.Today
	out.Text = c.T("time.then", "Day", c.FullDay(day), "No", c.Count(int(b.Journal)))
	if b.Journal > 0 {
		out.Record, out.RecordText = recordPath(b.Journal), c.T("time.record", "No", c.Count(int(b.Journal)))
	}
	out.Compare = "/changes?from=" + day.String() + "&to=" + today.String()
	meeting, err := c.s.App.LastMeeting(c.ctx())
	if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		key string
		day calendar.Date
	}{{"time.week_before", day.AddDays(-7)}, {"time.day_before", day.AddDays(-1)}, {"time.day_after", day.AddDays(1)}, {"time.week_after", day.AddDays(7)}, {"time.meeting", meeting}} {
		if !step.day.IsZero() && step.day != day && step.day >= first && step.day <= today {
			out.Steps = append(out.Steps, templates.DayLink{Text: c.T(step.key, "Day", c.ShortDay(step.day)), Href: f.at(step.day).path()})
		}
	}
	return out, nil
}

// thenWhy leads an explanation to the day that the board shows.
func (k *sketch) thenWhy(path string) string {
	if k.filter.on == "" || path == "" {
		return path
	}
	path, mark, _ := strings.Cut(path, "#")
	if mark != "" {
		mark = "#" + mark
	}
	return path + "?on=" + k.Today.String() + mark
}

// thenCard is a project as a card of the day that the board shows.
func (k *sketch) thenCard(card app.Card) templates.Card {
	out := k.then(k.mapCard(card))
	if card.Next != nil {
		out.NextPast = card.Next.DueOn() < k.Today
	}
	return out
}

// thenTicket is a ticket as a card of the day that the board shows.
func (k *sketch) thenTicket(card app.TicketCard) templates.Card { return k.then(k.ticketCard(card)) }

// then leads what a card explains to the day; a card of the past carries no version, so that nothing can be done with it.
func (k *sketch) then(out templates.Card) templates.Card {
	if k.filter.on != "" {
		out.Why, out.NextWhy, out.Version = k.thenWhy(out.Why), k.thenWhy(out.NextWhy), ""
	}
	return out
}
