package web

import (
	"net/url"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// sheetOf reads the sheet that an address names: input is "scope/name" or "", last the period's last day or "".
func (s *server) sheetOf(c *call, input, last string) (app.FigureSheet, error) {
	scope, name, _ := strings.Cut(input, "/")
	var day calendar.Date
	if last != "" {
		var err error
		if day, err = calendar.ParseDate(last); err != nil {
			return app.FigureSheet{}, missingPage()
		}
	}
	return s.App.FigureSheet(c.ctx(), c.actor, scope, name, day)
}

func (s *server) figuresPage(c *call) error {
	input, last := c.QueryParam("input"), c.QueryParam("last")
	sheet, err := s.sheetOf(c, input, last)
	if f := app.AsFaults(err); f != nil && input != "" && last != "" { // the period belongs to another input: show this one's newest
		sheet, err = s.sheetOf(c, input, "")
	}
	if err != nil {
		return err
	}
	return s.showFigures(c, statusPage, sheet, typedFigures{}, nil)
}

// typedFigures is what a person has typed, or pasted and not yet kept.
type typedFigures struct {
	values         map[int64]string
	editions       map[int64]string // as they stood on the form that was sent
	source, reason string
	pasted         string
	unknown        []string
	read           string
}

// enterFigures keeps what was typed; the button for a pasted table only fills it into the fields, so that a person sees it before it counts.
func (s *server) enterFigures(c *call) error {
	f, err := c.form()
	if err != nil {
		return err
	}
	input := f.text("scope") + "/" + f.text("input")
	sheet, err := s.sheetOf(c, input, f.text("last"))
	if err != nil {
		return err
	}
	typed := typedFigures{values: map[int64]string{}, editions: map[int64]string{}, source: f.text("source"), reason: f.text("reason"), pasted: f.text("pasted")}
	cmd := app.EnterFigures{Scope: sheet.Input.Scope, Input: sheet.Input.Name, Last: sheet.Last, Source: typed.source, Reason: typed.reason}
	for name := range c.Request().PostForm {
		if rest, ok := strings.CutPrefix(name, "v-"); ok {
			id, err := strconv.ParseInt(rest, 10, 64)
			if err != nil {
				return missingPage()
			}
			typed.values[id], typed.editions[id] = f.text(name), f.text("e-"+rest)
		}
	}
	for _, row := range sheet.Rows { // in the order of the table: the journal keeps it
		if text, ok := typed.values[row.Subject.ID]; ok {
			cmd.Cells = append(cmd.Cells, app.FigureCell{Subject: row.Subject.ID, Edition: int(number(typed.editions[row.Subject.ID])), Value: text})
		}
	}
	if f.text("act") == "read" {
		return s.readPasted(c, sheet, typed)
	}
	to := figuresHref(input, sheet.Last)
	err = s.App.EnterFigures(c.ctx(), c.actor, cmd)
	if f := app.AsFaults(err); f != nil && f[0].Kind == app.Stale {
		typed.editions = nil // the page shows what the other person entered: saving again is a correction of that
	}
	return c.after(err, to, "figures_kept", func(status int, faults templates.Faults) error {
		return s.showFigures(c, status, sheet, typed, faults)
	})
}

func figuresHref(input string, last calendar.Date) string {
	return "/figures?" + url.Values{"input": {input}, "last": {last.String()}}.Encode()
}

func (s *server) readPasted(c *call, sheet app.FigureSheet, typed typedFigures) error {
	if strings.TrimSpace(typed.pasted) == "" {
		return s.showFigures(c, statusInvalid, sheet, typed, templates.Faults{"pasted": c.T("fault.required")})
	}
	read := app.ReadPasted(typed.pasted, sheet.Rows)
	for id, value := range read.Values {
		typed.values[id] = value
	}
	typed.unknown, typed.read = read.Unknown, c.T("figures.was_read", "N", len(read.Values))
	status := statusPage
	if len(read.Unknown) > 0 {
		status = statusInvalid
	} else {
		typed.pasted = ""
	}
	return s.showFigures(c, status, sheet, typed, nil)
}

func (s *server) showFigures(c *call, status int, sheet app.FigureSheet, typed typedFigures, faults templates.Faults) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.FiguresPage{}
	if len(sheet.Inputs) == 0 {
		page.Empty = []templates.Empty{{Icon: "pencil", Text: c.T("figures.none"), Next: c.T("figures.none_next"), Href: "/rules", Action: c.T("nav.rules")}}
	} else {
		c.fillFigures(&page, sheet, typed, dir, faults)
	}
	base, err := c.base(c.T("figures.title"))
	if err != nil {
		return err
	}
	base.Lead = c.T("figures.lead")
	return showBase(c, status, s.Set.Pages.Scope.Figures, base, page)
}

func (c *call) fillFigures(page *templates.FiguresPage, sheet app.FigureSheet, typed typedFigures, dir app.Directory, faults templates.Faults) {
	in := sheet.Input
	var inputs, periods []templates.Option
	for _, one := range sheet.Inputs {
		inputs = append(inputs, templates.Option{Value: one.Scope + "/" + one.Name, Text: c.T("scope."+one.Scope) + " · " + c.inputTitle(one) + " · " + c.T("period."+one.Every)})
	}
	for _, last := range sheet.Periods {
		periods = append(periods, templates.Option{Value: last.String(), Text: c.period(in.Every, last)})
	}
	page.Input = c.Field("input", "figures.input", in.Scope+"/"+in.Name).Choose(inputs)
	page.Period = c.Field("last", "figures.period", sheet.Last.String()).Choose(periods)
	page.Heading = c.inputTitle(in) + " · " + c.period(in.Every, sheet.Last)
	page.Hint = c.T("figures.type."+in.Type) + " " + c.T("figures.blank")
	page.Scope, page.Name, page.Last, page.May = in.Scope, in.Name, sheet.Last.String(), sheet.May
	for _, row := range sheet.Rows {
		page.Lines = append(page.Lines, c.figureLine(in, row, typed, dir, faults))
	}
	if len(page.Lines) == 0 {
		page.None = []templates.Empty{{Icon: "pencil", Text: c.T("figures.no_rows"), Next: c.T("figures.no_rows_next")}}
	}
	page.Source = c.Field("source", "figures.source", typed.source).Need().Whole().Hinted("figures.source_hint").Fails(faults)
	page.Reason = c.Field("reason", "figures.reason", typed.reason).Whole().Hinted("figures.reason_hint").Fails(faults)
	page.Pasted = c.Field("pasted", "figures.pasted", typed.pasted).Lines(6).Whole().Hinted("figures.pasted_hint").Fails(faults)
	page.Unknown, page.Read = typed.unknown, typed.read
	page.Download = "/figures/csv?" + url.Values{"input": {in.Scope + "/" + in.Name}, "last": {sheet.Last.String()}}.Encode()
	for _, field := range []string{"", "last", "input"} {
		if text := faults[field]; text != "" {
			page.Problem = templates.Notice{Tone: "bad", Text: text}
		}
	}
}

func (c *call) inputTitle(in workflows.Input) string {
	if title := in.Title.In(c.Lang); title != "" {
		return title
	}
	return in.Name
}

// period names a period by its last day: 2023年3月, 2023年第一季度.
func (c *call) period(every string, last calendar.Date) string {
	first := c.Day(calendar.Date(workflows.PeriodBefore(every, int(last))).AddDays(1))
	switch every {
	case "month":
		return c.Locale.Month(last.Month())
	case "quarter":
		return c.T("period.of_quarter", "Year", last.Year(), "N", (last.Month().Number()+2)/3)
	case "half_year":
		if last.Month().Number() <= 6 {
			return c.T("period.first_half", "Year", last.Year())
		}
		return c.T("period.second_half", "Year", last.Year())
	case "year":
		return c.T("period.of_year", "Year", last.Year())
	case "week":
		return c.T("period.of_week", "From", first, "To", c.Day(last))
	}
	return c.Day(last)
}

func (c *call) figureLine(in workflows.Input, row app.FigureRow, typed typedFigures, dir app.Directory, faults templates.Faults) templates.FigureLine {
	id := strconv.FormatInt(row.Subject.ID, 10)
	line := templates.FigureLine{No: row.Subject.No, Name: row.Subject.Name, EditName: "e-" + id, Edition: "0", May: row.May}
	if in.Scope == "district" && line.Name == "" {
		line.Name = c.T("scope.district")
	}
	value := ""
	if row.Now != nil {
		line.Edition, value = strconv.Itoa(row.Now.Edition), row.Now.Value
		line.Now, line.Note = c.figureValue(in, value), c.figureNote(*row.Now, dir)
	}
	for _, f := range row.Before {
		line.Before = append(line.Before, c.figureValue(in, f.Value)+" · "+c.figureNote(f, dir))
	}
	if text, ok := typed.values[row.Subject.ID]; ok {
		value = text
		if edition := typed.editions[row.Subject.ID]; edition != "" && faults != nil {
			line.Edition = edition
		}
	}
	field := c.Field("v-"+id, "figures.value", value).Fails(faults)
	field.Label = line.Name
	field.Complete = "off"
	switch {
	case in.Type == "bool":
		field = field.Choose([]templates.Option{{}, {Value: "true", Text: c.T("value.yes")}, {Value: "false", Text: c.T("value.no")}})
	case len(in.Values) > 0:
		options := []templates.Option{{}}
		for _, v := range in.Values {
			options = append(options, templates.Option{Value: v, Text: v})
		}
		field = field.Choose(options)
	case in.Type == "day":
		field = field.As("date")
	}
	line.Field = field
	return line
}

// figureValue is a figure as its input is read: with the sign of per cent, a day in words.
func (c *call) figureValue(in workflows.Input, value string) string {
	switch in.Type {
	case "percent":
		return value + "%"
	case "amount":
		return value + " " + c.T("money.middle_unit")
	case "bool":
		if value == "true" {
			return c.T("value.yes")
		}
		return c.T("value.no")
	case "day":
		if d, err := calendar.ParseDate(value); err == nil {
			return c.Day(d)
		}
	}
	return value
}

func (c *call) figureNote(f app.Figure, dir app.Directory) string {
	note := c.T("figures.by", "Who", dir.Users[f.EnteredBy].Name, "At", c.at(f.EnteredAt), "Source", f.Source)
	if f.Reason != "" {
		note += " " + c.T("figures.because", "Reason", f.Reason)
	}
	return note
}

// figuresCSV is the table that the page shows as a file that a spreadsheet opens, with the mark by which Excel knows UTF-8.
func (s *server) figuresCSV(c *call) error {
	sheet, err := s.sheetOf(c, c.QueryParam("input"), c.QueryParam("last"))
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	lines := [][]string{{c.T("figures.no"), c.T("figures.subject"), c.T("figures.input"), c.T("figures.period"), c.T("figures.source"), c.T("figures.who"), c.T("figures.at"), c.T("figures.value")}}
	for _, row := range sheet.Rows {
		line := []string{row.Subject.No, row.Subject.Name, c.inputTitle(sheet.Input), c.period(sheet.Input.Every, sheet.Last), "", "", "", ""}
		if row.Now != nil {
			line[4], line[5], line[6], line[7] = row.Now.Source, dir.Users[row.Now.EnteredBy].Name, c.at(row.Now.EnteredAt), row.Now.Value
		}
		lines = append(lines, line)
	}
	return c.sendCSV("figures-"+sheet.Input.Name+"-"+sheet.Last.String(), lines)
}
