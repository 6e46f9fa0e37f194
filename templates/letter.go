package templates

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"battlemap/app"
	"battlemap/workflows"
)

// Letter is a mail in words.
type Letter struct{ Subject, Text string }

// Letter words a delivery as plain text: one reminder, or all those that the letter of the day carries. base is the address before a page's path, and ticket the
// workflow of tickets.
func (l Locale) Letter(d app.Delivery, base string, ticket *workflows.Machine) (Letter, error) {
	if len(d.Carried) > 0 {
		return l.digest(d.Carried, base, ticket)
	}
	w, err := l.Reminder(d.Reminder, d.Escalation, ticket)
	if err != nil {
		return Letter{}, err
	}
	return Letter{Subject: oneLine(w.Subject), Text: l.block(w, d.Reminder, d.Escalation) + "\n" + base + d.Reminder.Link + "\n"}, nil
}

// oneLine is a text without line ends and other characters that no header may hold: who writes them into a title must not keep the letter from being sent.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}

// matter is everything that a letter of the day says about one item.
type matter struct {
	kind  string
	id    int64
	link  string
	light workflows.Light
	item  string
	text  string
}

// digest words a letter of the day: one paragraph an item, the gravest first.
func (l Locale) digest(carried []app.Carried, base string, ticket *workflows.Machine) (Letter, error) {
	var matters []matter
	for _, c := range carried {
		w, err := l.Reminder(c.Reminder, c.Escalation, ticket)
		if err != nil {
			return Letter{}, err
		}
		i := slices.IndexFunc(matters, func(m matter) bool { return m.kind == c.Reminder.ItemKind && m.id == c.Reminder.ItemID })
		if i < 0 {
			i = len(matters)
			matters = append(matters, matter{kind: c.Reminder.ItemKind, id: c.Reminder.ItemID, link: c.Reminder.Link, item: w.Item})
		}
		m := &matters[i]
		if w.Light.Worse(m.light) {
			m.light = w.Light
		}
		m.text += w.What + "\n" + l.block(w, c.Reminder, c.Escalation)
	}
	slices.SortStableFunc(matters, func(a, b matter) int {
		return cmp.Or(-compareLights(a.light, b.light), cmp.Compare(a.item, b.item))
	})
	out := Letter{Subject: l.T("notice.digest", "N", len(matters))}
	if worst := matters[0].light; worst.Worse(workflows.LightGreen) {
		out.Subject += l.T("notice.digest_worst", "Light", l.T("light."+string(worst)))
	}
	var b strings.Builder
	b.WriteString(l.T("notice.digest_intro") + "\n")
	for i, m := range matters {
		b.WriteString("\n" + l.T("notice.digest_item", "I", i+1, "Item", m.item) + "\n" + m.text + base + m.link + "\n")
	}
	out.Text = b.String()
	return out, nil
}

func compareLights(a, b workflows.Light) int {
	switch {
	case a.Worse(b):
		return 1
	case b.Worse(a):
		return -1
	}
	return 0
}

// block is why, with the dates and facts, one a line.
func (l Locale) block(w Wording, r app.Reminder, e *app.Escalation) string {
	var b strings.Builder
	b.WriteString(w.Body + "\n")
	facts := w.Facts
	if e != nil && !r.DueOn.IsZero() {
		facts = append([]Def{{Name: l.T("notice.due"), Text: l.Day(r.DueOn)}}, facts...)
	}
	for _, f := range facts {
		if f.Note == "" {
			b.WriteString(l.T("notice.fact", "Name", f.Name, "Text", f.Text) + "\n")
			continue
		}
		b.WriteString(l.T("notice.fact_note", "Name", f.Name, "Text", f.Text, "Note", f.Note) + "\n")
	}
	return b.String()
}
