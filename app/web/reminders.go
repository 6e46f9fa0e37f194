package web

import (
	"net/url"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// remindersShown is how many rows one page of the reminder ledger shows.
const remindersShown = 50

// reminderQuery is a filter of the ledger as the address says it.
type reminderQuery struct {
	c      *call
	path   string
	own    bool // one's own list
	values url.Values
	filter app.LedgerFilter
	faults templates.Faults
}

func (c *call) reminderQuery(path string, own bool) reminderQuery {
	q := reminderQuery{c: c, path: path, own: own, values: url.Values{}, faults: templates.Faults{}}
	get := func(name string) string {
		text := strings.TrimSpace(c.QueryParam(name))
		if text != "" {
			q.values.Set(name, text)
		}
		return text
	}
	f := &q.filter
	f.Status, f.Channel, f.Rule, f.Item = get("status"), get("channel"), get("rule"), plainNumber(get("item"))
	f.Person, f.Unit = number(get("person")), number(get("unit"))
	f.From, f.To = q.day("from", get("from")), q.day("to", get("to"))
	if !f.From.IsZero() && !f.To.IsZero() && f.To < f.From {
		q.faults["to"] = c.T("fault.ends_before_start")
	}
	at, id, _ := strings.Cut(c.QueryParam("before"), "-")
	f.Before = app.LedgerPlace{CreatedAt: number(at), ID: number(id)}
	f.Limit = remindersShown + 1
	return q
}

func (q *reminderQuery) day(name, text string) calendar.Date {
	if text == "" {
		return 0
	}
	d, err := calendar.ParseDate(text)
	if err != nil {
		q.faults[name] = q.c.T("fault.date_form")
	}
	return d
}

// address is the list with one value changed; "" takes it out. Every change but that of the place begins on the first page.
func (q *reminderQuery) address(path, name, value string) string {
	v := url.Values{}
	for key, all := range q.values {
		v[key] = all
	}
	v.Del(name)
	if value != "" {
		v.Set(name, value)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

func (q *reminderQuery) rows() ([]app.Reminder, error) {
	if q.own {
		return q.c.s.App.Told(q.c.ctx(), q.c.actor, q.filter)
	}
	return q.c.s.App.Ledger(q.c.ctx(), q.c.actor, q.filter)
}

func (q *reminderQuery) counts() (map[string]int, error) {
	if q.own {
		return q.c.s.App.ToldCounts(q.c.ctx(), q.c.actor, q.filter)
	}
	return q.c.s.App.LedgerCounts(q.c.ctx(), q.c.actor, q.filter)
}

func (s *server) remindersPage(c *call) error {
	return s.showReminders(c, statusPage, c.reminderQuery("/ledger", false), refusedLetters{})
}

// toldPage lists everything that the person was told, by every channel.
func (s *server) toldPage(c *call) error {
	return s.showReminders(c, statusPage, c.reminderQuery("/me/told", true), refusedLetters{})
}

// showReminders draws the list; refused is what a decision that was refused had chosen.
func (s *server) showReminders(c *call, status int, q reminderQuery, refused refusedLetters) error {
	dir, err := s.App.Directory(c.ctx())
	if err != nil {
		return err
	}
	page := templates.LedgerPage{Locale: c.Locale, Path: q.path, Filters: q.fields(dir), Filtered: len(q.values) > 0}
	if len(q.faults) == 0 {
		if err := q.fill(&page, dir, refused); err != nil {
			return err
		}
	} else {
		status = statusInvalid
	}
	title, lead := c.T("ledger.title"), c.whose()
	page.Empty = templates.Empty{Icon: "send", Text: c.T("ledger.empty"), Next: c.T("ledger.empty_next")}
	if q.own {
		title, lead, page.Tabs = c.T("ledger.own"), c.T("ledger.own_lead", "Who", c.user.Name), c.inboxTabs(true)
	} else if page.Notices, err = c.mailNotices(); err != nil {
		return err
	}
	if page.Filtered {
		page.Empty = templates.Empty{Icon: "send", Text: c.T("ledger.empty_filtered"), Next: c.T("ledger.empty_filtered_next"), Href: q.path, Action: c.T("ledger.clear")}
	}
	base, err := c.base(title)
	if err != nil {
		return err
	}
	base.Kind, base.Lead = "reminders", lead
	return showBase(c, status, s.Set.Pages.Ledger.List, base, page)
}

// fill reads one row more than a page holds, to know whether there are older ones.
func (q *reminderQuery) fill(page *templates.LedgerPage, dir app.Directory, refused refusedLetters) error {
	rows, err := q.rows()
	if err != nil {
		return err
	}
	if page.Counts, err = q.chips(); err != nil {
		return err
	}
	if q.filter.Status != "" {
		page.Hidden = []templates.Hidden{{Name: "status", Value: q.filter.Status}}
	}
	if len(rows) > remindersShown {
		rows = rows[:remindersShown]
		last := rows[len(rows)-1].Place()
		page.Older = q.address(q.path, "before", strconv.FormatInt(last.CreatedAt, 10)+"-"+id64(last.ID))
	}
	if q.filter.Before.ID != 0 {
		page.Newest = q.address(q.path, "", "")
	}
	if len(rows) == 0 {
		return nil
	}
	page.Range = q.c.T("ledger.range", "N", len(rows), "From", q.c.when(rows[len(rows)-1].CreatedAt), "To", q.c.when(rows[0].CreatedAt))
	if !q.own {
		page.Download = q.address("/ledger/csv", "", "")
	}
	if page.Lines, err = q.c.reminderLines(rows, dir); err != nil {
		return err
	}
	return q.offer(page, rows, refused)
}

// offer puts a box beside every letter that the person may decide about, and the form below.
func (q *reminderQuery) offer(page *templates.LedgerPage, rows []app.Reminder, refused refusedLetters) error {
	if q.own {
		return nil
	}
	picks, err := q.c.s.App.Decidable(q.c.ctx(), q.c.actor, rows)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if seen, ok := picks[r.ID]; ok {
			page.Lines[i].Pick = pickOf(r.ID, seen)
			page.Lines[i].Picked = refused.picked(r.ID)
		}
	}
	if len(picks) > 0 || refused.faults != nil {
		page.Decide = q.c.decideForm(q.address("/ledger/decide", "", ""), refused)
		page.Decide.Letter = ""
	}
	return nil
}

// chips are the counts by status; each is the list of that status.
func (q *reminderQuery) chips() ([]templates.Chip, error) {
	counts, err := q.counts()
	if err != nil {
		return nil, err
	}
	c := q.c
	chips := []templates.Chip{{Text: c.T("ledger.all"), Href: q.address(q.path, "status", ""), On: q.filter.Status == ""}}
	if n := counts["failed"] + counts["unknown"]; !q.own {
		chips = append(chips, templates.Chip{Text: c.T("ledger.dead"), Href: q.address(q.path, "status", "dead"), Count: c.countUpTo(n), On: q.filter.Status == "dead"})
	}
	for _, status := range app.LedgerStatuses() {
		chips = append(chips, templates.Chip{Text: c.T("ledger_status." + status), Href: q.address(q.path, "status", status), Count: c.countUpTo(counts[status]), On: q.filter.Status == status})
	}
	return chips, nil
}

// countUpTo writes a count that stopped at app.LedgerMost.
func (c *call) countUpTo(n int) string {
	if n >= app.LedgerMost {
		return c.T("ledger.most", "N", c.Count(app.LedgerMost))
	}
	return c.Count(n)
}

func (q *reminderQuery) fields(dir app.Directory) []templates.Field {
	c, f := q.c, q.filter
	channels := []templates.Option{{Text: c.T("ledger.any")}}
	for _, ch := range app.Channels() {
		channels = append(channels, templates.Option{Value: ch, Text: c.T("channel." + ch)})
	}
	fields := []templates.Field{c.Field("channel", "ledger.channel", f.Channel).Choose(channels)}
	if !q.own {
		people, units := []templates.Option{{Text: c.T("ledger.any")}}, []templates.Option{{Text: c.T("ledger.any")}}
		for _, u := range dir.UserList() {
			people = append(people, templates.Option{Value: id64(u.ID), Text: u.Name, Note: dir.Units[u.UnitID].Name})
		}
		for _, u := range dir.UnitList() {
			units = append(units, templates.Option{Value: id64(u.ID), Text: u.Name})
		}
		fields = append(fields, c.Field("person", "ledger.person", chosen(f.Person)).Choose(people), c.Field("unit", "ledger.unit", chosen(f.Unit)).Choose(units))
	}
	return append(fields, c.Field("rule", "ledger.rule", f.Rule).Choose(q.rules()), c.Field("item", "ledger.item", q.values.Get("item")),
		c.Field("from", "ledger.from", q.values.Get("from")).As("date").Fails(q.faults), c.Field("to", "ledger.to", q.values.Get("to")).As("date").Fails(q.faults))
}

// rules are the rules in force; one that is not any more can stand in the address.
func (q *reminderQuery) rules() []templates.Option {
	c := q.c
	out := []templates.Option{{Text: c.T("ledger.any")}, {Value: "event", Text: c.T("ledger.rule_event")}, {Value: "digest", Text: c.T("ledger.rule_digest")}}
	known := q.filter.Rule == "" || q.filter.Rule == "event" || q.filter.Rule == "digest"
	for _, r := range c.s.App.Ruleset().Rules {
		out = append(out, templates.Option{Value: r.ID, Text: r.Title.In(c.Lang)})
		known = known || r.ID == q.filter.Rule
	}
	if !known {
		out = append(out, templates.Option{Value: q.filter.Rule, Text: q.filter.Rule})
	}
	return out
}

// mailNotices say what stands between the letters and the people.
func (c *call) mailNotices() ([]templates.Notice, error) {
	if !c.s.App.Mails() {
		return []templates.Notice{{Text: c.T("ledger.no_mail"), Detail: c.T("ledger.no_mail_next")}}, nil
	}
	since, err := c.s.App.MailDown(c.ctx())
	if err != nil || since.IsZero() {
		return nil, err
	}
	return []templates.Notice{{Tone: "bad", Text: c.T("ledger.mail_down", "Since", c.Moment(c.local(since))), Detail: c.T("ledger.mail_down_next")}}, nil
}

// inboxTabs are the inbox and the list of all that one was told.
func (c *call) inboxTabs(told bool) []templates.Segment {
	return []templates.Segment{{Text: c.T("nav.inbox"), Href: "/inbox", On: !told}, {Text: c.T("ledger.own"), Href: "/me/told", On: told}}
}
