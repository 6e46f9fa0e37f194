package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/templates"
)

// ledgerQuery is what the address asks of the journal.
type ledgerQuery struct {
	values url.Values
	filter app.JournalFilter
	dir    app.Directory
	faults templates.Faults
}

// ledgerQuery reads the address: public numbers and accounts, never ids of rows.
func (c *call) ledgerQuery() (ledgerQuery, error) {
	q := ledgerQuery{values: url.Values{}, faults: templates.Faults{}}
	for _, name := range []string{"project", "ticket", "taskforce", "person", "unit", "kind", "action", "rule", "from", "to", "text", "before"} {
		if v := strings.TrimSpace(c.QueryParam(name)); v != "" {
			q.values.Set(name, v)
		}
	}
	var err error
	if q.dir, err = c.s.App.Directory(c.ctx()); err != nil {
		return q, err
	}
	q.filter.Kind, q.filter.Action, q.filter.Rule, q.filter.Text = q.values.Get("kind"), q.values.Get("action"), q.values.Get("rule"), q.values.Get("text")
	q.filter.From, q.filter.To = c.queryDay("from", 0, q.faults), c.queryDay("to", 0, q.faults)
	if !q.filter.To.IsZero() && q.filter.To < q.filter.From {
		q.faults["to"] = c.T("fault.ends_before_start")
	}
	if code := q.values.Get("unit"); code != "" {
		if id := idOf(q.dir.Units, func(u app.Unit) bool { return u.Code == code }); id != 0 {
			q.filter.Unit = q.dir.Units[id].Name
		}
		if q.filter.Unit == "" {
			q.faults["unit"] = c.T("journal.no_such")
		}
	}
	if before := q.values.Get("before"); before != "" {
		if q.filter.Before = number(before); q.filter.Before < 1 {
			q.faults["before"] = c.T("journal.no_number")
		}
	}
	if code := q.values.Get("taskforce"); code != "" {
		q.filter.TaskForce = idOf(q.dir.TaskForces, func(f app.TaskForce) bool { return f.Code == code })
		q.known(c, "taskforce", q.filter.TaskForce)
	}
	if account := q.values.Get("person"); account != "" {
		q.filter.Person = idOf(q.dir.Users, func(u app.User) bool { return u.Account == account })
		q.known(c, "person", q.filter.Person)
	}
	return q, q.numbers(c)
}

// numbers finds the project and the ticket among those that the actor may see.
func (q *ledgerQuery) numbers(c *call) error {
	if no := q.values.Get("project"); no != "" {
		titles, err := c.s.App.ProjectTitles(c.ctx(), c.actor, nil)
		if err != nil {
			return err
		}
		q.filter.Project = titleID(titles, no)
		q.known(c, "project", q.filter.Project)
	}
	if no := q.values.Get("ticket"); no != "" {
		titles, err := c.s.App.TicketTitles(c.ctx(), c.actor, nil)
		if err != nil {
			return err
		}
		q.filter.Ticket = titleID(titles, no)
		q.known(c, "ticket", q.filter.Ticket)
	}
	return nil
}

func (q *ledgerQuery) known(c *call, field string, id int64) {
	if id == 0 {
		q.faults[field] = c.T("journal.no_such")
	}
}

// titleID finds a public number, however its letters are written.
func titleID(titles []app.Title, no string) int64 {
	for _, t := range titles {
		if strings.EqualFold(t.No, no) {
			return t.ID
		}
	}
	return 0
}

func idOf[T any](rows map[int64]T, match func(T) bool) int64 {
	for id, row := range rows {
		if match(row) {
			return id
		}
	}
	return 0
}

func (q ledgerQuery) filtered() bool { return len(q.values) > 0 }

// address is this ledger from another number on; 0 is the newest page.
func (q ledgerQuery) address(before int64) string {
	values := url.Values{}
	for name := range q.values {
		values.Set(name, q.values.Get(name))
	}
	values.Del("before")
	if before > 0 {
		values.Set("before", strconv.FormatInt(before, 10))
	}
	if len(values) == 0 {
		return "/journal"
	}
	return "/journal?" + values.Encode()
}

// file is the address of these records as a file: all of them, not only this page's.
func (q ledgerQuery) file() string {
	return "/journal.csv" + strings.TrimPrefix(q.address(0), "/journal")
}

// year is the address of the year of the person or unit that is asked for, "" where neither is.
func (q ledgerQuery) year() string {
	switch {
	case q.filter.Person != 0:
		return "/journal/people/" + url.PathEscape(q.values.Get("person"))
	case q.filter.Unit != "":
		return "/journal/units/" + url.PathEscape(q.values.Get("unit"))
	}
	return ""
}

// fields are the filters, with what is asked for now.
func (q ledgerQuery) fields(c *call) []templates.Field {
	forces, people, units := []templates.Option{{Text: c.T("journal.any")}}, []templates.Option{{Text: c.T("journal.any")}}, []templates.Option{{Text: c.T("journal.any")}}
	for _, f := range q.dir.TaskForceList() {
		forces = append(forces, templates.Option{Value: f.Code, Text: f.Name})
	}
	for _, u := range q.dir.UserList() {
		people = append(people, templates.Option{Value: u.Account, Text: u.Name + " · " + q.dir.Units[u.UnitID].Name})
	}
	for _, u := range q.dir.UnitList() {
		units = append(units, templates.Option{Value: u.Code, Text: u.Name})
	}
	field := func(name, label string) templates.Field {
		return c.Field(name, label, q.values.Get(name)).Fails(q.faults)
	}
	day := func(name, label string) templates.Field {
		f := field(name, label).As("date").Between("", c.s.App.Today().String())
		f.Value = dayText(f.Value)
		return f
	}
	text, project, ticket := field("text", "journal.text").As("search"), field("project", "journal.project"), field("ticket", "journal.ticket")
	project.Example, ticket.Example = "P-001", "2023-001"
	return []templates.Field{text, day("from", "journal.from"), day("to", "journal.to"), project, ticket, field("taskforce", "journal.taskforce").Choose(forces),
		field("person", "journal.person").Choose(people), field("unit", "journal.unit").Choose(units), field("kind", "journal.kind").Choose(kindOptions(c, q.values.Get("kind"))),
		field("action", "journal.action").Choose(actionOptions(c, q.values.Get("action"))), field("rule", "journal.rule").Choose(ruleOptions(c, q.values.Get("rule"))),
		field("before", "journal.before").As("number").Between("1", "")}
}

// kindOptions are the kinds of object that somebody may look for, and the one that is asked for.
func kindOptions(c *call, asked string) []templates.Option {
	out, kinds := []templates.Option{{Text: c.T("journal.any")}}, ledgerKinds()
	if asked != "" && !slices.Contains(kinds, asked) {
		kinds = append(kinds, asked)
	}
	l := &ledger{c: c}
	for _, kind := range kinds {
		out = append(out, templates.Option{Value: kind, Text: l.word("object.", kind)})
	}
	return out
}

// actionOptions are all actions that have words, and the one that is asked for.
func actionOptions(c *call, asked string) []templates.Option {
	out := []templates.Option{{Text: c.T("journal.any")}}
	l := &ledger{c: c}
	actions := ledgerActions()
	for _, m := range c.s.App.Machine("ticket").Moves {
		if action := "ticket." + m.ID; !slices.Contains(actions, action) {
			actions = append(actions, action)
		}
	}
	if asked != "" && !slices.Contains(actions, asked) {
		actions = append(actions, asked)
	}
	slices.Sort(actions)
	for _, action := range actions {
		kind, _, _ := strings.Cut(action, ".")
		out = append(out, templates.Option{Value: action, Text: l.word("object.", kind) + " · " + l.what(action)})
	}
	return out
}

// ruleOptions are the rules in force, and the one that is asked for.
func ruleOptions(c *call, asked string) []templates.Option {
	out, set := []templates.Option{{Text: c.T("journal.any")}}, c.s.App.Ruleset()
	known := asked == ""
	for _, r := range set.Rules {
		id := set.ID + "/" + r.ID
		known = known || id == asked
		out = append(out, templates.Option{Value: id, Text: r.Title.In(c.Lang)})
	}
	if !known {
		out = append(out, templates.Option{Value: asked, Text: asked})
	}
	return out
}

// ledgerActions are actions that somebody may look for, beside the moves of a ticket.
func ledgerActions() []string {
	return []string{"project.add", "project.plan", "project.claim", "project.verify", "project.reject", "project.move", "project.judge", "assignment.make", "assignment.hand_over",
		"milestone.add", "milestone.revise", "milestone.reach", "progress.report", "progress.verify", "progress.return", "exemption.accept", "escalation.raise", "escalation.relight",
		"escalation.lift", "ticket.draft", "ticket.hand", "ticket.ask_extension", "ticket.grant_extension", "ticket.undo", "paper.issue", "paper.answer", "paper.accept", "paper.return", "paper.exempt",
		"comment.add", "comment.withdraw", "attachment.add", "attachment.withdraw", "reminder.again", "reminder.arrived", "grant.give", "grant.end", "user.add", "user.disable", "session.begin",
		"session.refuse", "session.confirm", "session.end", "journal.export", "journal.extract", "journal.read", "law.approve"}
}
