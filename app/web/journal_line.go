package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/templates"
	"battlemap/workflows"
)

// ledgerColumns is how many columns of a record the ledger shows; the record's own page shows all.
const ledgerColumns = 4

// ledgerKinds lists the kinds of object that records are about, as the filter offers them.
func ledgerKinds() []string {
	return []string{"project", "ticket", "progress", "milestone", "assignment", "exemption", "paper", "task_force", "unit", "user", "grant", "enterprise", "account", "setting", "journal", "law", "figure", "meeting", "agenda_item", "decision", "wall_link", "attachment", "comment", "saved_view", "cell_limit", "ticket_unit", "calendar", "reminder", "witness", "key", "case", "archive", "disposal", "disposed_file", "doctor"}
}

// ledger words records: it holds the names that their ids stand for.
type ledger struct {
	c        *call
	dir      app.Directory
	projects map[int64]app.Title
	tickets  map[int64]app.Title
	grants   map[int64]app.RoleGrant
}

func newLedger(c *call, rows []app.JournalRow) (*ledger, error) {
	l := &ledger{c: c, projects: map[int64]app.Title{}, tickets: map[int64]app.Title{}}
	var err error
	if l.dir, err = c.s.App.Directory(c.ctx()); err != nil {
		return nil, err
	}
	projects, tickets := map[int64]bool{}, map[int64]bool{}
	var grants []int64
	for _, r := range rows {
		projects[r.ProjectID], tickets[r.TicketID] = true, true
		for _, id := range kinOf(r) {
			tickets[id] = true
		}
		if r.ObjectKind == "grant" {
			grants = append(grants, r.ObjectID)
		}
	}
	if l.grants, err = c.s.App.GrantsAmong(c.ctx(), grants); err != nil {
		return nil, err
	}
	found, err := c.s.App.ProjectTitles(c.ctx(), c.actor, slices.Sorted(maps.Keys(projects)))
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		l.projects[t.ID] = t
	}
	if found, err = c.s.App.TicketTitles(c.ctx(), c.actor, slices.Sorted(maps.Keys(tickets))); err != nil {
		return nil, err
	}
	for _, t := range found {
		l.tickets[t.ID] = t
	}
	return l, nil
}

// line words one record. The ledger shows at most limit columns, 0 shows all. A record that can't be read is shown as what it is.
func (l *ledger) line(row app.JournalRow, limit int) templates.JournalLine {
	line := templates.JournalLine{Locale: l.c.Locale, No: strconv.FormatInt(row.No, 10), Href: recordPath(row.No), At: l.c.at(row.At)}
	r, err := row.Decoded()
	if err != nil {
		line.Who, line.What, line.Damaged = l.c.T("journal.nobody"), l.c.T("journal.damaged"), true
		return line
	}
	line.Who, line.Unit, line.System = l.who(r.Actor)
	line.What = l.what(r.Action)
	line.Kind, line.Object, line.OnPage = l.object(row, r)
	line.Changes, line.More = l.changes(r, limit)
	line.Reason, line.Basis = l.reason(r.Reason), r.Basis
	line.Rule, line.RuleOnPage = l.rule(r.Rule)
	line.Address, line.Request = r.Address, r.Request
	return line
}

// who is the actor as they were called at that time.
func (l *ledger) who(a audit.Actor) (name, unit string, system bool) {
	if a.Kind == "user" {
		return a.Name, a.Unit, false
	}
	return l.c.actorName(a), "", true
}

// actorName is what an actor is called on a page: a person's name, or the words for a part of the system.
func (c *call) actorName(a audit.Actor) string {
	switch a.Kind {
	case "user":
		return a.Name
	case "setup":
		return c.T("journal.setup", "Part", c.Part(a.Name))
	}
	return c.T("journal.system", "Part", c.Part(a.Name))
}

// what is the action in words.
func (l *ledger) what(action string) string {
	if key := "action." + action; l.c.T(key) != key {
		return l.c.T(key)
	}
	if id, ok := strings.CutPrefix(action, "ticket."); ok {
		if move, ok := l.c.s.App.Machine("ticket").Move(id); ok {
			return move.Title.In(l.c.Lang)
		}
	}
	return action
}

// object is what was acted on: its kind, what it is called, and the page where it stands.
func (l *ledger) object(row app.JournalRow, r audit.Record) (kind, name, page string) {
	kind, name = l.word("object.", r.Object.Kind), r.Object.No
	switch {
	case r.Object.Kind == "reminder":
		return kind, l.c.T("ledger.no", "No", r.Object.ID), "/ledger/" + strconv.FormatInt(r.Object.ID, 10)
	case row.TicketID != 0 && l.tickets[row.TicketID].No != "":
		t := l.tickets[row.TicketID]
		return kind, l.c.TicketNo(t.No) + " " + t.Name, "/tickets/" + t.No
	case row.ProjectID != 0 && l.projects[row.ProjectID].No != "":
		p := l.projects[row.ProjectID]
		name = p.No + " " + p.Name
		if rest, ok := strings.CutPrefix(r.Object.No, p.No+" "); ok {
			if m, err := calendar.ParseMonth(rest); err == nil {
				rest = l.c.Locale.Month(m)
			}
			name += " · " + rest // a month or a milestone of the project
		}
		return kind, name, "/projects/" + p.No
	case r.Object.Kind == "task_force" && l.dir.TaskForces[r.Object.ID].Code != "":
		f := l.dir.TaskForces[r.Object.ID]
		return kind, f.Name, "/taskforces/" + f.Code
	case r.Object.Kind == "unit" && l.dir.Units[r.Object.ID].Code != "":
		return kind, l.dir.Units[r.Object.ID].Name, ""
	case r.Object.Kind == "user" && l.dir.Users[r.Object.ID].Account != "":
		u := l.dir.Users[r.Object.ID]
		return kind, u.Name + " (" + u.Account + ")", ""
	case r.Object.Kind == "figure":
		after := object(r.After)
		last, err := calendar.ParseDate(rawText(after["last_on"]))
		if err != nil {
			return kind, name, ""
		}
		return kind, name, figuresHref(rawText(after["scope"])+"/"+rawText(after["input"]), last)
	case r.Object.Kind == "grant" && l.grants[r.Object.ID].UserID != 0:
		g := l.grants[r.Object.ID]
		return kind, l.dir.Users[g.UserID].Name + " · " + l.c.Role(g.Role), ""
	case r.Object.Kind == "enterprise" && name == "":
		return kind, rawText(object(r.After)["name"]), ""
	}
	if name == "" {
		name, kind = kind, ""
	}
	return kind, name, ""
}

// rule is the rule that acted, "default/project.behind@1", with its place on the page of the rules.
func (l *ledger) rule(stamp string) (words, page string) {
	if stamp == "" {
		return "", ""
	}
	name, version, _ := strings.Cut(stamp, "@")
	set, id, _ := strings.Cut(name, "/")
	if rule, ok := l.c.s.App.Ruleset().Rule(id); ok {
		return l.c.T("journal.rule_version", "Rule", rule.Title.In(l.c.Lang), "Version", version), "/rules#" + id
	}
	if set == l.c.s.App.Ruleset().ID {
		return l.c.T("journal.rule_version", "Rule", l.c.s.App.Ruleset().Title.In(l.c.Lang), "Version", version), "/rules"
	}
	return stamp, ""
}

// reason is what was typed, or why a rule put a light out.
func (l *ledger) reason(text string) string { return l.word("lifted.", text) }

// changes are the columns before and after; of a new thing the ones that hold something. The ledger, which has a limit, leaves out what the line says elsewhere.
func (l *ledger) changes(r audit.Record, limit int) (list []templates.JournalChange, more string) {
	before, after := object(r.Before), object(r.After)
	kind := kindOfChange(r)
	for _, column := range l.order(before, after) {
		was, is := l.value(kind, column, before), l.value(kind, column, after)
		if hidden(kind, column) || names(before, after, column) || len(before) == 0 && (is == "" || blank(after[column])) || limit > 0 && (quiet(column) || is == r.Reason) {
			continue
		}
		list = append(list, templates.JournalChange{Name: l.column(kind, column), Before: l.orNone(was), After: l.orNone(is), New: len(before) == 0})
	}
	if left := len(list) - limit; limit > 0 && left > 1 { // one more line is as short as the words that something is left out
		list, more = list[:limit], l.c.T("journal.more", "N", left)
	}
	return list, more
}

// names tells whether a column did not change and stands in the record to tell which of several rows it is about.
func names(before, after map[string]any, column string) bool {
	old, both := before[column]
	return both && reflect.DeepEqual(old, after[column])
}

func (l *ledger) orNone(text string) string {
	if text == "" {
		return l.c.T("journal.none")
	}
	return text
}

// order puts what a reader looks for first, then the rest by name.
func (l *ledger) order(before, after map[string]any) []string {
	all := maps.Clone(after)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, before)
	first := []string{"light", "finding", "state", "stage", "from_stage", "to_stage", "kind", "month", "invest_fen", "year_plan_fen", "done_bp", "schedule_bp", "reported_fen", "verified_fen", "text", "due_on", "answer_by", "paper",
		"user_id", "role", "scope", "scope_id", "account", "guarantee_leader_id", "unit_id", "responsible_id", "baseline_on", "revised_on", "actual_on", "reason", "instruction"}
	place := func(column string) int {
		if i := slices.Index(first, column); i >= 0 {
			return i
		}
		return len(first)
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// facts are everything of a record that is not a change.
func (l *ledger) facts(row app.JournalRow, line templates.JournalLine) []templates.Def {
	defs := []templates.Def{{Name: l.c.T("journal.at"), Text: line.At}, {Name: l.c.T("journal.who"), Text: line.Who, Note: line.Unit}, {Name: l.c.T("journal.what"), Text: line.What, Note: row.Action}}
	if line.Object != "" {
		defs = append(defs, templates.Def{Name: l.c.T("journal.object"), Text: line.Object, Href: line.OnPage, Note: line.Kind})
	}
	r, err := row.Decoded()
	if err != nil {
		return defs
	}
	for _, d := range []templates.Def{{Name: l.c.T("journal.reason"), Text: line.Reason}, {Name: l.c.T("journal.basis"), Text: line.Basis},
		{Name: l.c.T("journal.rule"), Text: line.Rule, Href: line.RuleOnPage, Note: r.Rule}, {Name: l.c.T("record.address"), Text: r.Address}, {Name: l.c.T("record.request"), Text: r.Request}} {
		if d.Text != "" {
			defs = append(defs, d)
		}
	}
	before, after, kind := object(r.Before), object(r.After), kindOfChange(r)
	for _, column := range l.order(before, after) {
		if names(before, after, column) && !hidden(kind, column) {
			defs = append(defs, templates.Def{Name: l.column(kind, column), Text: l.value(kind, column, after)})
		}
	}
	return defs
}

// changeTable is all columns before and after.
func (l *ledger) changeTable(line templates.JournalLine) templates.Table {
	t := templates.Table{Columns: []templates.Column{{Text: l.c.T("record.column")}, {Text: l.c.T("record.before")}, {Text: l.c.T("record.after")}}}
	for _, ch := range line.Changes {
		before := ch.Before
		if ch.New {
			before = ""
		}
		t.Rows = append(t.Rows, []templates.Cell{{Text: ch.Name, Class: "name"}, {Text: before, Head: t.Columns[1].Text}, {Text: ch.After, Head: t.Columns[2].Text}})
	}
	return law{l.c}.trimmed(t)
}

// object unpacks a record's before or after; numbers keep their digits.
func object(raw json.RawMessage) map[string]any {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return nil // there is none, or it is no object: then there are no columns to show, and the page has the bytes
	}
	return m
}

// indented is the stored bytes with line breaks, in the order in which they are stored.
func indented(record []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, record, "", "  "); err != nil {
		return string(record)
	}
	return out.String()
}

// explained is the sentence of a rule's finding, with the values that it looked at.
func (l *ledger) explained(finding string) string {
	f, err := app.Escalation{Finding: finding}.Explain()
	if err != nil {
		return ""
	}
	return f.Sentence(l.c.Lang, l.c.DayNumber)
}

// word is a value's name, or the value where it has none.
func (l *ledger) word(prefix, value string) string {
	if text := l.c.T(prefix + value); text != prefix+value {
		return text
	}
	return value
}

// titled is the title of a state, a move or any other thing that a definition names.
func titled(title workflows.Words, found bool, lang, id string) string {
	if !found {
		return id
	}
	return title.In(lang)
}

func rawText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
