package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// questionShown is how many lines of an answer stand on the page; the file has all.
const questionShown = 300

// questionKind is one question: its name is the last part of its address and of its words' keys.
type questionKind struct {
	name, icon string
	filters    []string // beside the period
	usual      string   // how the sort is called in the address, "" where there is none
	sorts      func(*call) []templates.Option
	ask        func(*questionCall) error
}

// questionKinds are the questions in the order of the index.
func questionKinds() []questionKind {
	period := []string{"from", "to", "taskforce", "unit"}
	return []questionKind{
		{name: "dates", icon: "calendar-clock", filters: period, ask: askDates},
		{name: "lights", icon: "octagon-alert", filters: period, ask: askLights},
		{name: "amounts", icon: "banknote", filters: period, ask: askAmounts},
		{name: "late", icon: "history", filters: append(slices.Clone(period), "days", "sort"), sorts: lateSorts, ask: askLate},
		{name: "same-unit", icon: "scale", filters: period, ask: askSameUnit},
		{name: "disputed", icon: "undo-2", filters: period, ask: askDisputed},
		{name: "exemptions", icon: "stamp", filters: period, ask: askExemptions},
		{name: "reminders", icon: "send", filters: period, ask: askReminders},
		{name: "vacancies", icon: "user-x", filters: []string{"from", "to", "taskforce", "sort"}, sorts: vacancySorts, ask: askVacancies},
		{name: "grants", icon: "key-round", filters: []string{"on", "unit", "person", "sort"}, sorts: grantSorts, ask: askGrants},
	}
}

// key is the question's name in the keys of its words.
func (k questionKind) key(rest string) string {
	return "question." + strings.ReplaceAll(k.name, "-", "_") + "." + rest
}

func (k questionKind) path() string { return "/questions/" + k.name }

// questionCall is one question being asked: what the address says, and the answer as it grows.
type questionCall struct {
	*call
	kind    questionKind
	values  url.Values
	faults  templates.Faults
	filter  app.QuestionFilter
	dir     app.Directory
	l       *ledger
	columns []templates.Column
	lines   []questionLine
	tally   tally
}

// questionLine is a line with the numbers of its records.
type questionLine struct {
	cells   []templates.Cell
	records []int64
}

// tally counts lines by a word, and adds up something about them.
type tally struct {
	head, count, sum string // heads of its columns; sum is "" where nothing is added up
	words            []string
	counts           map[string]int
	sums             map[string]int64
	write            func(int64) string
}

func (t *tally) add(word string, amount int64) {
	if t.counts == nil {
		t.counts, t.sums = map[string]int{}, map[string]int64{}
	}
	if t.counts[word] == 0 {
		t.words = append(t.words, word)
	}
	t.counts[word]++
	t.sums[word] += amount
}

func (s *server) questionsPage(c *call) error {
	if !c.rights.Audit {
		return missingPage()
	}
	page := templates.QuestionsPage{}
	for _, k := range questionKinds() {
		page.Questions = append(page.Questions, templates.QuestionLink{Href: k.path(), Icon: k.icon, Title: c.T(k.key("title")), Text: c.T(k.key("lead"))})
	}
	base, err := c.base(c.T("questions.title"))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "questions", c.T("questions.lead")
	return showBase(c, statusPage, s.Set.Pages.Question.Index, base, page)
}

func (s *server) questionPage(c *call) error {
	q, err := c.question()
	if err != nil {
		return err
	}
	if err := q.answer(); err != nil {
		return err
	}
	base, err := c.base(c.T(q.kind.key("title")))
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "question", c.T(q.kind.key("lead"))
	base.Crumbs = []templates.Crumb{{Text: c.T("questions.title"), Href: "/questions"}, {Text: c.T(q.kind.key("title"))}}
	status := statusPage
	if len(q.faults) > 0 {
		status = statusInvalid
	}
	return showBase(c, status, s.Set.Pages.Question.One, base, q.page())
}

// question reads the address. Whose page it is not does not learn that it is there.
func (c *call) question() (*questionCall, error) {
	i := slices.IndexFunc(questionKinds(), func(k questionKind) bool { return k.name == c.Param("name") })
	if i < 0 || !c.rights.Audit {
		return nil, missingPage()
	}
	q := &questionCall{call: c, kind: questionKinds()[i], values: url.Values{}, faults: templates.Faults{}}
	var err error
	if q.dir, err = c.s.App.Directory(c.ctx()); err != nil {
		return nil, err
	}
	today := c.s.App.Today()
	for _, name := range q.kind.filters {
		text := strings.TrimSpace(c.QueryParam(name))
		if text != "" {
			q.values.Set(name, text)
		}
		q.read(name, text, today)
	}
	if !q.filter.From.IsZero() && q.filter.To < q.filter.From {
		q.faults["to"] = c.T("fault.ends_before_start")
	}
	return q, nil
}

// read takes one filter; an empty one has its usual value.
func (q *questionCall) read(name, text string, today calendar.Date) {
	switch name {
	case "from":
		q.filter.From = q.queryDay("from", calendar.MakeDate(today.Year(), 1, 1), q.faults)
	case "to":
		q.filter.To = q.queryDay("to", today, q.faults)
	case "on":
		if q.filter.To = q.queryDay("on", today, q.faults); q.filter.To > today {
			q.faults["on"] = q.T("fault.past_in_future", "Day", q.FullDay(q.filter.To), "Today", q.FullDay(today))
		}
	case "taskforce":
		q.filter.TaskForce = idOf(q.dir.TaskForces, func(f app.TaskForce) bool { return f.Code == text })
		q.known(name, text, q.filter.TaskForce)
	case "unit":
		q.filter.Unit = idOf(q.dir.Units, func(u app.Unit) bool { return u.Code == text })
		q.known(name, text, q.filter.Unit)
	case "person":
		q.filter.Person = idOf(q.dir.Users, func(u app.User) bool { return u.Account == text })
		q.known(name, text, q.filter.Person)
	case "days":
		q.filter.Days = app.UsualLate()
		if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 0 || n > 3660) {
			q.faults[name] = q.T("questions.days_range")
		} else if text != "" {
			q.filter.Days = n
		}
	case "sort":
		if slices.ContainsFunc(q.kind.sorts(q.call), func(o templates.Option) bool { return o.Value == text }) {
			q.filter.Sort = text
		}
	}
}

func (q *questionCall) known(name, text string, id int64) {
	if text != "" && id == 0 {
		q.faults[name] = q.T("journal.no_such")
	}
}

// answer asks, unless the address has a fault; a fault of the answer stands at its field.
func (q *questionCall) answer() error {
	if len(q.faults) > 0 {
		return nil
	}
	err := q.kind.ask(q)
	if list := app.AsFaults(err); list != nil && list[0].Kind == app.Invalid {
		q.faults = q.call.faults(list)
		return nil
	}
	return err
}

// address is a page of this question with the filters in it.
func (q *questionCall) address(path string) string {
	if len(q.values) == 0 {
		return path
	}
	return path + "?" + q.values.Encode()
}

func (q *questionCall) page() templates.QuestionPage {
	page := templates.QuestionPage{Locale: q.Locale, Path: q.kind.path(), How: q.T(q.kind.key("how")), Fields: q.fields(), Columns: q.columns, Summary: q.summary()}
	if len(q.values) > 0 {
		page.Clear = q.kind.path()
	}
	for i, line := range q.lines {
		if i == questionShown {
			page.More = q.T("questions.more", "N", questionShown)
			break
		}
		shown := templates.QuestionLine{Cells: line.cells}
		for j := range shown.Cells {
			shown.Cells[j].Head = q.columns[j].Text
		}
		for _, no := range line.records {
			shown.Records = append(shown.Records, templates.DayLink{Text: strconv.FormatInt(no, 10), Href: recordPath(no)})
		}
		page.Lines = append(page.Lines, shown)
	}
	page.Count = q.T("questions.count", "N", len(q.lines))
	if len(q.lines) > 0 {
		page.Download = q.address(q.kind.path() + "/csv")
	}
	page.Empty = templates.Empty{Icon: "check", Text: q.T("questions.nothing"), Next: q.looked()}
	for _, k := range questionKinds() {
		page.Others = append(page.Others, templates.Segment{Text: q.T(k.key("title")), Href: k.path(), On: k.name == q.kind.name})
	}
	return page
}

// looked says in what nothing was found.
func (q *questionCall) looked() string {
	where := q.T(q.kind.key("where"))
	if q.kind.name == "grants" {
		return q.T("questions.looked_on", "Where", where, "Day", q.FullDay(q.filter.To))
	}
	return q.T("questions.looked", "Where", where, "From", q.FullDay(q.filter.From), "To", q.FullDay(q.filter.To))
}

// summary is the count by a word, the most first; nothing where it would have one line.
func (q *questionCall) summary() *templates.Table {
	t := q.tally
	if len(t.words) < 2 {
		return nil
	}
	out := &templates.Table{Columns: []templates.Column{{Text: t.head}, {Text: t.count, Num: true}}}
	if t.sum != "" {
		out.Columns = append(out.Columns, templates.Column{Text: t.sum, Num: true})
	}
	slices.SortStableFunc(t.words, func(x, y string) int { return cmp.Compare(t.counts[y], t.counts[x]) })
	for _, word := range t.words {
		row := []templates.Cell{{Text: word, Class: "name"}, {Text: q.Count(t.counts[word]), Class: "num", Head: t.count}}
		if t.sum != "" {
			row = append(row, templates.Cell{Text: t.write(t.sums[word]), Class: "num", Head: t.sum})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func (q *questionCall) fields() []templates.Field {
	today := q.s.App.Today().String()
	typed := func(name string, usual calendar.Date) string {
		if q.values.Has(name) {
			return dayText(q.values.Get(name))
		}
		return usual.String()
	}
	var out []templates.Field
	for _, name := range q.kind.filters {
		field := q.Field(name, "questions.by_"+name, q.values.Get(name))
		switch name {
		case "from":
			field = q.Field(name, "questions.by_from", typed(name, q.filter.From)).As("date").Between("", today)
		case "to", "on":
			field = q.Field(name, "questions.by_"+name, typed(name, q.filter.To)).As("date").Between("", today)
		case "taskforce":
			field = field.Choose(q.forceOptions())
		case "unit":
			field = field.Choose(q.unitOptions())
		case "person":
			field = field.Choose(q.personOptions())
		case "days":
			field.Value = cmp.Or(q.values.Get(name), strconv.Itoa(app.UsualLate()))
			field = field.As("number").Between("0", "3660").In("questions.workdays")
		case "sort":
			field = q.Field(name, q.kind.key("sort"), q.values.Get(name)).Choose(append([]templates.Option{{Text: q.T("journal.any")}}, q.kind.sorts(q.call)...))
		}
		out = append(out, field.Fails(q.faults))
	}
	return out
}

func (q *questionCall) forceOptions() []templates.Option {
	out := []templates.Option{{Text: q.T("journal.any")}}
	for _, f := range q.dir.TaskForceList() {
		out = append(out, templates.Option{Value: f.Code, Text: f.Name})
	}
	return out
}

func (q *questionCall) unitOptions() []templates.Option {
	out := []templates.Option{{Text: q.T("journal.any")}}
	for _, u := range q.dir.UnitList() {
		out = append(out, templates.Option{Value: u.Code, Text: u.Name})
	}
	return out
}

func (q *questionCall) personOptions() []templates.Option {
	out := []templates.Option{{Text: q.T("journal.any")}}
	for _, u := range q.dir.UserList() {
		out = append(out, templates.Option{Value: u.Account, Text: u.Name + " · " + q.dir.Units[u.UnitID].Name})
	}
	return out
}

func lateSorts(c *call) []templates.Option {
	var out []templates.Option
	for _, fact := range app.BackDatedSorts() {
		out = append(out, templates.Option{Value: fact, Text: c.T("question_late." + fact)})
	}
	return out
}

func vacancySorts(c *call) []templates.Option {
	var out []templates.Option
	for _, post := range app.VacantPosts() {
		out = append(out, templates.Option{Value: post, Text: c.postName(post)})
	}
	return out
}

func grantSorts(c *call) []templates.Option {
	var out []templates.Option
	for _, role := range app.Grantable() {
		out = append(out, templates.Option{Value: string(role), Text: c.Role(role)})
	}
	return out
}

// postName is what a post is called.
func (c *call) postName(post string) string {
	return c.T("question_post." + post)
}
