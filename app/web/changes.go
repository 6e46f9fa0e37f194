package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// sinceDays is how far back changes are looked for where no meeting was held.
const sinceDays = 7

// changeQuery is the question as the address has it, and its answer.
type changeQuery struct {
	*call
	from, to calendar.Date
	force    string
	kind     string
	faults   templates.Faults
	app.Changes
}

// askChanges reads the address and asks; a fault stands at its field and leaves the answer empty.
func (c *call) askChanges() (*changeQuery, error) {
	today := c.s.App.Today()
	q := &changeQuery{call: c, faults: templates.Faults{}, force: c.QueryParam("force"), kind: c.QueryParam("kind")}
	since, err := c.s.App.LastMeeting(c.ctx())
	if err != nil {
		return nil, err
	}
	first, err := c.s.App.FirstDay(c.ctx())
	if err != nil {
		return nil, err
	}
	if since.IsZero() || since >= today {
		since = max(today.AddDays(-sinceDays), first)
	}
	q.to = c.queryDay("to", today, q.faults)
	q.from = c.queryDay("from", min(since, q.to), q.faults)
	f := app.ChangeFilter{Kind: q.kind}
	if !slices.Contains(app.ChangeKinds(), q.kind) {
		f.Kind, q.kind = "", ""
	}
	dir, err := c.s.App.Directory(c.ctx())
	if err != nil {
		return nil, err
	}
	if f.TaskForce = -1; q.force == "" {
		f.TaskForce = 0
	}
	for _, tf := range dir.TaskForces {
		if tf.Code == q.force {
			f.TaskForce = tf.ID
		}
	}
	if len(q.faults) > 0 {
		return q, nil
	}
	q.Changes, err = c.s.App.ChangesBetween(c.ctx(), c.actor, q.from, q.to, f)
	if list := app.AsFaults(err); list != nil && list[0].Kind == app.Invalid {
		q.faults = c.faults(list)
		return q, nil
	}
	return q, err
}

// address is the page, or its file, with the question in it.
func (q *changeQuery) address(path string, narrowed bool) string {
	v := url.Values{"from": {q.from.String()}, "to": {q.to.String()}}
	if narrowed && q.force != "" {
		v.Set("force", q.force)
	}
	if narrowed && q.kind != "" {
		v.Set("kind", q.kind)
	}
	return path + "?" + v.Encode()
}

// changesPage shows what changed between the ends of two days.
func (s *server) changesPage(c *call) error {
	q, err := c.askChanges()
	if err != nil {
		return err
	}
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.ChangesPage{Locale: c.Locale, Fields: q.fields(dir)}
	status := statusInvalid
	if len(q.faults) == 0 {
		status = statusPage
		q.show(&page, dir)
	}
	if q.force != "" || q.kind != "" {
		page.Filtered = q.address("/changes", false)
	}
	base, err := c.base(c.T("time.changes_title"))
	if err != nil {
		return err
	}
	base.Lead = c.whose()
	return showBase(c, status, s.Set.Pages.Time.Changes, base, page)
}

func (q *changeQuery) fields(dir app.Directory) []templates.Field {
	today := q.s.App.Today().String()
	forces, kinds := []templates.Option{{Text: q.T("map.all_forces")}}, []templates.Option{{Text: q.T("time.all_kinds")}}
	for _, tf := range dir.TaskForceList() {
		forces = append(forces, templates.Option{Value: tf.Code, Text: tf.Name})
	}
	for _, kind := range app.ChangeKinds() {
		kinds = append(kinds, templates.Option{Value: kind, Text: q.T("change." + kind)})
	}
	text := func(name string, d calendar.Date) string {
		if given := q.QueryParam(name); given != "" {
			return dayText(given)
		}
		return d.String()
	}
	return []templates.Field{q.Field("from", "time.from", text("from", q.from)).As("date").Between("", today).Fails(q.faults),
		q.Field("to", "time.to", text("to", q.to)).As("date").Between("", today).Fails(q.faults),
		q.Field("force", "map.corner", q.force).Choose(forces), q.Field("kind", "time.kind", q.kind).Choose(kinds)}
}

// show fills the page with the answer.
func (q *changeQuery) show(page *templates.ChangesPage, dir app.Directory) {
	page.Download = q.address("/changes/csv", true)
	page.Text = q.T("time.between", "From", q.FullDay(q.from), "To", q.FullDay(q.to), "FromNo", q.Count(int(q.FromNo)), "ToNo", q.Count(int(q.ToNo)), "N", len(q.Lines))
	page.Figures = q.figures()
	mapOn := func(d calendar.Date) string { return "/map?on=" + d.String() + "&view=stages" }
	page.Links = []templates.DayLink{{Text: q.T("time.map_of", "Day", q.ShortDay(q.from)), Href: mapOn(q.from)}, {Text: q.T("time.map_of", "Day", q.ShortDay(q.to)), Href: mapOn(q.to)}}
	for _, tf := range q.Forces {
		lines := slices.DeleteFunc(slices.Clone(q.Lines), func(l app.Change) bool { return l.TaskForceID != tf.ID })
		if len(lines) > 0 {
			page.Groups = append(page.Groups, q.group(tf, lines, dir))
		}
	}
	if rest := slices.DeleteFunc(slices.Clone(q.Lines), func(l app.Change) bool { return l.TaskForceID != 0 }); len(rest) > 0 {
		page.Groups = append(page.Groups, q.group(app.TaskForce{Name: q.T("time.district"), Position: 1}, rest, dir))
	}
	if len(q.Lines) == 0 {
		page.Empty = []templates.Empty{{Icon: "check", Text: q.T("time.same"), Next: q.T("time.same_next")}}
	}
}

func (q *changeQuery) group(tf app.TaskForce, lines []app.Change, dir app.Directory) templates.ChangeGroup {
	out := templates.ChangeGroup{Flag: pennant(tf), Href: forcePath(tf), Count: q.T("time.count", "N", len(lines))}
	if tf.Code == "" {
		out.Href = "/subjects"
	}
	for _, kind := range app.ChangeKinds() {
		section := templates.ChangeSection{Locale: q.Locale, Title: q.T("change." + kind)}
		for _, l := range lines {
			if l.Kind == kind {
				section.Rows = append(section.Rows, q.row(l, dir))
			}
		}
		if n := len(section.Rows); n > 0 {
			section.Count = q.T("time.count", "N", n)
			out.Sections = append(out.Sections, section)
		}
	}
	return out
}

// row words a change.
func (q *changeQuery) row(l app.Change, dir app.Directory) templates.ChangeRow {
	row := templates.ChangeRow{No: l.No, Name: l.Title, Was: q.side(l, l.Was, dir), Is: q.side(l, l.Is, dir), Reason: l.Reason}
	switch l.Item {
	case "ticket":
		row.No, row.Href, row.Why = q.TicketNo(l.No), "/tickets/"+l.No, whyPath("ticket", l.No)
	case "task_force":
		row.Href = forcePath(app.TaskForce{Code: l.No})
	case "paper":
		row.Href = recordPath(l.Records[0])
	case "milestone":
		row.Href, row.Why = projectPath(l.No), whyPath("milestone", id64(l.ID))
	default:
		row.Href, row.Why = projectPath(l.No), whyPath("project", l.No)
	}
	if l.Rule != "" && row.Why != "" {
		row.Rule, row.Why = q.ruleTitle(l.Rule), row.Why+"?on="+q.to.String()
	}
	if slices.Contains([]string{"worse", "better", "lifted", "wavered"}, l.Kind) && l.Reason != "" {
		row.Reason = q.liftedWhy(l.Reason)
	}
	if l.Kind == "wavered" {
		row.Note = q.T("time.times", "N", l.Times)
	}
	for _, no := range l.Records {
		row.Records = append(row.Records, templates.DayLink{Text: strconv.FormatInt(no, 10), Href: recordPath(no)})
	}
	return row
}

// liftedWhy words why a light went out.
func (c *call) liftedWhy(why string) string {
	if words := c.T("lifted." + why); words != "lifted."+why {
		return words
	}
	return why
}

// side words one side of a change.
func (q *changeQuery) side(l app.Change, v app.ChangeValue, dir app.Directory) templates.ChangeSide {
	switch l.Kind {
	case "worse", "better", "lifted", "wavered":
		return templates.ChangeSide{Light: q.Light(v.Light)}
	case "stage", "added":
		return templates.ChangeSide{Text: q.stateName("project", v.State)}
	case "opened", "closed":
		return templates.ChangeSide{Text: q.stateName("ticket", v.State)}
	case "reached", "slipped":
		if v.Day.IsZero() {
			return templates.ChangeSide{}
		}
		return templates.ChangeSide{Text: q.Day(v.Day)}
	case "paper", "answer":
		if v.State != "" {
			return templates.ChangeSide{Text: q.T("action." + v.State)}
		}
		return templates.ChangeSide{}
	}
	words := []string{q.nameOr(dir, v.User)}
	if unit := dir.Units[v.Unit].Name; unit != "" {
		words = append(words, unit)
	}
	return templates.ChangeSide{Text: strings.Join(words, " · ")}
}

// stateName is what a stage or a state is called; "" for none.
func (c *call) stateName(machine, id string) string {
	if st, ok := c.s.App.Machine(machine).State(id); ok {
		return st.Title.In(c.Lang)
	}
	return id
}

// figures are the figures of the two days side by side.
func (q *changeQuery) figures() *templates.Table {
	t := &templates.Table{Columns: []templates.Column{{Text: q.T("time.figure")}, {Text: q.ShortDay(q.from), Num: true}, {Text: q.ShortDay(q.to), Num: true}, {Text: q.T("time.difference"), Num: true}}}
	row := func(name, was, is, differs string) {
		heads := t.Columns
		t.Rows = append(t.Rows, []templates.Cell{{Text: name, Class: "name"}, {Text: was, Class: "num", Head: heads[1].Text}, {Text: is, Class: "num", Head: heads[2].Text}, {Text: differs, Class: "num", Head: heads[3].Text}})
	}
	count := func(name string, was, is int) {
		if was != 0 || is != 0 {
			row(name, q.Count(was), q.Count(is), moreBy(was, is))
		}
	}
	for _, l := range lightsInOrder() {
		count(q.T("time.projects_lit", "Light", q.Light(l).Word), q.Changes.Was.Lights[l], q.Is.Lights[l])
	}
	for _, st := range q.s.App.Machine("project").States {
		count(q.T("time.in_stage", "Stage", st.Title.In(q.Lang)), q.Was.Stages[st.ID], q.Is.Stages[st.ID])
	}
	count(q.T("time.open"), q.Was.Open, q.Is.Open)
	count(q.T("time.closed"), q.Was.Closed, q.Is.Closed)
	if q.Was.Verified != 0 || q.Is.Verified != 0 {
		sign := "+"
		if q.Is.Verified < q.Was.Verified {
			sign = "−"
		}
		row(q.T("time.verified"), q.Money(q.Was.Verified), q.Money(q.Is.Verified), sign+q.Money(max(q.Is.Verified-q.Was.Verified, q.Was.Verified-q.Is.Verified)))
	}
	for i, is := range q.Is.Rates {
		if was := q.Was.Rates[i]; was.Known() || is.Known() {
			row(is.Title.In(q.Lang), q.ratePercent(was), q.ratePercent(is), pointsBy(was, is))
		}
	}
	return t
}

// ratePercent is a rate in per cent, a dash where nothing is due yet.
func (c *call) ratePercent(r app.Rate) string {
	if !r.Known() {
		return "—"
	}
	return c.Percent(r.Percent())
}

// pointsBy is by how many points of a hundred a rate differs, "" where one of the two is not known.
func pointsBy(was, is app.Rate) string {
	if !was.Known() || !is.Known() {
		return ""
	}
	return signed(is.Percent() - was.Percent())
}

// moreBy is how many more there are, with a sign; "0" for as many.
func moreBy(was, is int) string {
	switch {
	case is > was:
		return "+" + strconv.Itoa(is-was)
	case is < was:
		return "−" + strconv.Itoa(was-is)
	}
	return "0"
}
