package web

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// hidden tells which columns no reader needs in words: counters, and what the object or the rule beside it says already. The page of the record has the bytes.
func hidden(kind, column string) bool {
	always := []string{"version", "machine_version", "project_id", "ticket_id", "item_kind", "item_id", "position", "handed_from", "lifted_why", "ruleset"}
	ofLight := []string{"ruleset_version", "rule_id", "step", "task_force_id", "recorded_at"}
	ofPaper := []string{"code", "year", "seq", "escalation_id", "told", "step", "rule_id", "ruleset_version", "task_force_id", "resume", "paper_id"}
	ofFigure := []string{"scope", "subject_id", "input", "type", "every", "last_on", "edition", "source", "reason"} // the object, the basis and the reason say them
	ofMeeting := []string{"year", "seq", "meeting_id", "agenda_item_id", "decision_id", "carried_from"}
	if (kind == "meeting" || kind == "agenda_item" || kind == "decision") && slices.Contains(ofMeeting, column) {
		return true
	}
	if kind == "ticket_link" && column == "ticket_id" {
		return false
	}
	return kind == "figure" && slices.Contains(ofFigure, column) || slices.Contains(always, column) || kind == "paper" && slices.Contains(ofPaper, column) || kind == "escalation" && slices.Contains(ofLight, column) || column == "scope_id"
}

// quiet tells which columns the ledger leaves to the page of the record: name, who and when, which the line has, and dates that follow from the others.
func quiet(column string) bool {
	follows := []string{"name", "title", "no", "code", "account", "light_since", "stage_since", "state_since", "last_progress_on", "light_rule", "granted_by", "created_by", "began_on"}
	return slices.Contains(follows, column) || strings.HasSuffix(column, "_at") || slices.Contains([]string{"decided_by", "verified_by", "reported_by", "claimed_by", "approved_by"}, column)
}

// column is the name of a column, in words where there are some.
func (l *ledger) column(kind, name string) string {
	if m, err := calendar.ParseMonth(name); err == nil {
		return l.c.Locale.Month(m) // the monthly plan has a column for each month
	}
	if own := "column." + kind + "." + name; l.c.T(own) != own {
		return l.c.T(own)
	}
	return l.word("column.", name)
}

// value is one column's value as a reader writes it, "" when there is none.
func (l *ledger) value(kind, column string, all map[string]any) string {
	switch v := all[column].(type) {
	case nil:
		return ""
	case bool:
		if v {
			return l.c.T("value.yes")
		}
		return l.c.T("value.no")
	case json.Number:
		return l.number(column, v)
	case string:
		return l.text(kind, column, v, all)
	case []any:
		if column == "units" {
			return l.units(v)
		}
	}
	b, err := json.Marshal(all[column])
	if err != nil {
		return ""
	}
	return string(b)
}

// blank tells that a new thing's column says nothing worth a line.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case json.Number:
		return v.String() == "0"
	case string:
		return v == ""
	}
	return false
}

// number writes money, instants, shares and the names behind ids.
func (l *ledger) number(column string, v json.Number) string {
	n, err := v.Int64()
	_, monthErr := calendar.ParseMonth(column)
	switch {
	case err != nil:
		return v.String()
	case strings.HasSuffix(column, "_fen"), monthErr == nil:
		return l.c.Money(n)
	case n == 0 && (strings.HasSuffix(column, "_id") || strings.HasSuffix(column, "_by") || strings.HasSuffix(column, "_at")):
		return ""
	case strings.HasSuffix(column, "_at"):
		return l.c.at(n)
	case strings.HasSuffix(column, "_bp"):
		return l.c.Percent(float64(n) / 100)
	case strings.HasSuffix(column, "_id"), strings.HasSuffix(column, "_by"):
		return l.named(column, n)
	}
	return v.String()
}

// named is who or what an id stands for, "#12" when it is gone or not for this reader.
func (l *ledger) named(column string, id int64) string {
	name := ""
	switch {
	case column == "task_force_id":
		name = l.dir.TaskForces[id].Name
	case strings.HasSuffix(column, "unit_id"), column == "parent_id":
		name = l.dir.Units[id].Name
	case column == "project_id":
		name = l.projects[id].Name
	case column == "ticket_id", column == "parent_ticket_id", column == "duplicate_of_id", column == "blocks_id":
		name = l.ticketNamed(id)
	default:
		name = l.dir.Users[id].Name
	}
	if name == "" {
		return "#" + strconv.FormatInt(id, 10)
	}
	return name
}

// text writes dates, months and the words behind codes; anything else is what a person typed.
func (l *ledger) text(kind, column, v string, all map[string]any) string {
	if v == "" && column != "light" {
		return ""
	}
	if d, err := calendar.ParseDate(v); err == nil && dateColumn(column) {
		return l.c.FullDay(d)
	}
	if m, err := calendar.ParseMonth(v); err == nil && column == "month" {
		return l.c.Locale.Month(m)
	}
	if words, ok := l.c.paperValue(kind, column, v); ok {
		return words
	}
	switch column {
	case "light":
		return l.c.Light(workflows.Light(v)).Word
	case "role":
		return l.word("role.", v)
	case "scope":
		return l.scope(v, all)
	case "stage", "resume_stage", "from_stage", "to_stage", "state":
		return l.state(kind, v)
	case "move", "criterion":
		return l.move(column, v, all)
	case "rule_id", "light_rule":
		rule, ok := l.c.s.App.Ruleset().Rule(v)
		if !ok {
			return v
		}
		return rule.Title.In(l.c.Lang)
	case "paper":
		return l.entry(workflows.Papers(), v)
	case "interview":
		return l.entry(workflows.Recipients(), v)
	case "finding":
		return l.explained(v)
	case "due_term":
		if text := l.c.dueTerm(v); text != "" {
			return text
		}
	case "kind":
		if kind == "unit" {
			return l.word("unit_kind.", v)
		}
		return l.word("kind.", v)
	case "urgency", "importance", "charge":
		return l.word(column+".", v)
	case "cause":
		return l.word("cause.", v)
	case "level":
		return l.word("project.level.", v)
	case "chain":
		var names []string
		for _, role := range strings.Split(v, ",") {
			names = append(names, l.word("role.", role))
		}
		return strings.Join(names, " → ")
	case "pause_code":
		move, _ := l.c.s.App.Machine("ticket").Move("ask_pause")
		for _, need := range move.Needs {
			if need.Field == "reason_code" {
				return l.entry(need.Options, v)
			}
		}
	case "letter_status":
		return l.word("ledger_status.", v)
	case "lang", "theme", "mail_mode":
		return l.word("value."+column+".", v)
	}
	return v
}

func dateColumn(column string) bool {
	return strings.HasSuffix(column, "_on") || strings.HasSuffix(column, "_since") ||
		slices.Contains([]string{"valid_from", "valid_to", "pause_until", "answer_by", "expected_end"}, column)
}

// scope is a grant's scope with the unit, task force or project that it names.
func (l *ledger) scope(v string, all map[string]any) string {
	n, ok := all["scope_id"].(json.Number)
	if !ok {
		return l.word("scope.", v)
	}
	id, err := n.Int64()
	if err != nil || id == 0 {
		return l.word("scope.", v)
	}
	return l.word("scope.", v) + " " + scopeName(l.dir, l.projects, v, id)
}

// scopeName is the unit, task force or project of a scope.
func scopeName(dir app.Directory, projects map[int64]app.Title, scope string, id int64) string {
	name := ""
	switch scope {
	case "unit":
		name = dir.Units[id].Name
	case "task_force":
		name = dir.TaskForces[id].Name
	case "project":
		name = projects[id].Name
	}
	if name == "" && id != 0 {
		name = "#" + strconv.FormatInt(id, 10)
	}
	return name
}

// state is the name of a state: of the project's or the ticket's machine, or of a report or a claim.
func (l *ledger) state(kind, v string) string {
	machine := "project"
	if kind == "ticket" {
		machine = "ticket"
	}
	if st, ok := l.c.s.App.Machine(machine).State(v); ok {
		return st.Title.In(l.c.Lang)
	}
	return l.word("value.state.", v)
}

// move is the title of a stage's move, or of the criterion that it met.
func (l *ledger) move(column, v string, all map[string]any) string {
	move, ok := l.c.s.App.Machine("project").Move(rawText(all["move"]))
	if column == "move" {
		return titled(move.Title, ok, l.c.Lang, v)
	}
	for _, need := range move.Needs {
		if need.Field == column {
			return l.entry(need.Options, v)
		}
	}
	return v
}

func (l *ledger) entry(list []workflows.Named, id string) string {
	i := slices.IndexFunc(list, func(n workflows.Named) bool { return n.ID == id })
	if i < 0 {
		return id
	}
	return list[i].Title.In(l.c.Lang)
}
