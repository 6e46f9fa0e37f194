package web

import (
	"strconv"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// simulatePage replays a version over recorded history; the address holds the question, so that the answer can be shared.
func (s *server) simulatePage(c *call) error {
	w, laws, err := c.laws()
	if err != nil {
		return err
	}
	today := s.App.Today()
	from, to, faults := calendar.MakeDate(today.Year(), 1, 1), today, templates.Faults{}
	from = c.queryDay("from", from, faults)
	to = c.queryDay("to", to, faults)
	page := templates.SimulatePage{}
	status := statusPage
	if c.QueryParam("law") != "" && c.QueryParam("from") != "" {
		err := s.simulate(c, w, &page, from, to, faults)
		if f := app.AsFaults(err); f != nil && f[0].Kind != app.Denied && f[0].Kind != app.Missing {
			for field, text := range c.faults(f) {
				faults[field] = text
			}
		} else if err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		status = statusInvalid
	}
	var options []templates.Option
	for _, l := range laws {
		if l.Kind == "ruleset" {
			options = append(options, templates.Option{Value: strconv.FormatInt(l.ID, 10), Text: w.name(l) + " · " + c.T("law_state."+l.State)})
		}
	}
	page.Law = c.Field("law", "simulate.of", c.QueryParam("law")).Choose(options).Fails(faults)
	page.From = c.Field("from", "simulate.from", from.String()).As("date").Between("", today.String()).Fails(faults)
	page.To = c.Field("to", "simulate.to", to.String()).As("date").Between("", today.String()).Fails(faults)
	page.Faults = faults
	base, err := c.base(c.T("simulate.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("simulate.lead")
	return showBase(c, status, s.Set.Pages.Law.Simulate, base, page)
}

// queryDay is a day of the address; what is no day is a fault at the field, and the usual day stays.
func (c *call) queryDay(name string, usual calendar.Date, faults templates.Faults) calendar.Date {
	text := c.QueryParam(name)
	if text == "" {
		return usual
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		faults[name] = c.T("fault.date_form")
		return usual
	}
	return d
}

func (s *server) simulate(c *call, w lawWords, page *templates.SimulatePage, from, to calendar.Date, faults templates.Faults) error {
	f, err := s.App.LawFile(c.ctx(), c.actor, number(c.QueryParam("law")))
	if err != nil || len(faults) > 0 {
		return err
	}
	if f.Rules == nil {
		return missingPage()
	}
	list, err := s.App.SimulateRules(c.ctx(), c.actor, f.Rules, from, to)
	if err != nil {
		return err
	}
	page.Ran = true
	page.Summary = c.T("simulate.summary", "N", len(list), "From", c.Day(from), "To", c.Day(to))
	page.Rows, page.More = w.turns(list, true)
	page.Empty = templates.Empty{Icon: "check", Text: c.T("simulate.same"), Next: c.T("simulate.same_next")}
	return nil
}
