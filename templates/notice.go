package templates

import (
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// Wording is one reminder in words, for the inbox and for mail.
type Wording struct {
	Light   workflows.Light
	Item    string // what it is about: number and title
	What    string // the light with its rule, or the move
	Subject string // Item and What in one line
	Body    string // why, with the values that the rule looked at
	Facts   []Def  // rule, version, paper, interview, answer, vacancies
}

// TicketNo writes a public number such as "2023-001" as documents do: 〔2023〕001号.
func (l Locale) TicketNo(no string) string {
	for i, r := range no {
		if r == '-' {
			return l.T("ticket.no", "Year", no[:i], "N", no[i+1:])
		}
	}
	return no
}

// Part names a part of the system that acts by itself, such as "sweep" or "rules".
func (l Locale) Part(name string) string {
	if key := "system." + strings.NewReplacer(" ", "_", "-", "_").Replace(name); l.T(key) != key {
		return l.T(key)
	}
	return name
}

// DayNumber writes a rule's day number; it is what workflows.Finding.Sentence wants.
func (l Locale) DayNumber(day int) string { return l.Day(calendar.Date(day)) }

// Reminder words a reminder; e is its escalation, nil for a move that somebody made, and ticket is the workflow of tickets.
func (l Locale) Reminder(r app.Reminder, e *app.Escalation, ticket *workflows.Machine) (Wording, error) {
	n, err := r.Notice()
	if err != nil {
		return Wording{}, err
	}
	no := n.No
	if r.ItemKind == "ticket" {
		no = l.TicketNo(n.No)
	}
	w := Wording{Light: r.Light, Item: l.T("notice.item", "No", no, "Title", n.Title)}
	if e == nil {
		title := n.Move
		if move, ok := ticket.Move(n.Move); ok {
			title = move.Title.In(l.Lang)
		} else if n.Move != "" {
			title = l.T("move." + n.Move)
		}
		who := n.By
		if n.Part != "" {
			who = l.Part(n.Part)
		}
		w.What, w.Subject = title, l.T("notice.event", "No", no, "Title", n.Title, "Move", title)
		w.Body = l.T("notice.by", "Who", who, "Move", title)
		if n.Reason != "" {
			w.Body += l.T("notice.reason", "Reason", n.Reason)
		}
		return w, nil
	}
	f, err := e.Explain()
	if err != nil {
		return w, err
	}
	light, rule := l.T("light."+string(e.Light)), f.RuleTitle.In(l.Lang)
	w.What = l.T("notice.lit", "Light", light, "Rule", rule)
	w.Subject = l.T("notice.light", "Light", light, "No", no, "Title", n.Title, "Rule", rule)
	w.Body = f.Sentence(l.Lang, l.DayNumber)
	w.Facts = l.Consequences(*e, f)
	for i, rung := range n.Vacant {
		text := l.T("notice.vacant_up", "Rung", l.recipient(rung))
		if i < len(n.Up) && n.Up[i] != "" { // reminders of before did not keep to whom they went
			text = l.T("notice.vacant_to", "Rung", l.recipient(rung), "Up", l.recipient(n.Up[i]))
		}
		w.Facts = append(w.Facts, Def{Name: l.T("notice.vacant"), Text: text, Tone: "late"})
	}
	return w, nil
}

// Consequences lists what a rung brings: the rule with its version and source, the paper, the interview and the day by which to answer.
func (l Locale) Consequences(e app.Escalation, f workflows.Finding) []Def {
	defs := []Def{{Name: l.T("why.rule"), Text: f.RuleTitle.In(l.Lang), Note: f.Ruleset + "/" + f.Stamp()}, {Name: l.T("why.source"), Text: f.Source}}
	if e.Paper != "" {
		defs = append(defs, Def{Name: l.T("why.paper"), Text: named(workflows.Papers(), e.Paper, l.Lang)})
	}
	if e.Interview != "" {
		defs = append(defs, Def{Name: l.T("why.interview"), Text: l.recipient(e.Interview), Tone: "late"})
	}
	if !e.AnswerBy.IsZero() {
		defs = append(defs, Def{Name: l.T("why.answer_by"), Text: l.Day(e.AnswerBy)})
	}
	return defs
}

func (l Locale) recipient(id string) string { return named(workflows.Recipients(), id, l.Lang) }

// named is the title of one entry of a list of the vocabulary, or its id when the list has lost it.
func named(list []workflows.Named, id, lang string) string {
	for _, n := range list {
		if n.ID == id {
			return n.Title.In(lang)
		}
	}
	return id
}
