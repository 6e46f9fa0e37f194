package templates

import (
	"fmt"
	"strconv"
	"strings"

	"battlemap/app"
	"battlemap/app/calendar"
)

// WhyCount is a count, day by day: what is counted, a sentence that names the holidays and make-up days, and every day.
type WhyCount struct {
	Head, Sentence string
	Days           Table
}

func (l Locale) whyDue(p *WhyPage, w app.Why) {
	d := w.Due
	if d == nil {
		return
	}
	add := func(key, text, tone string) { p.Due = append(p.Due, Def{Name: l.T(key), Text: text, Tone: tone}) }
	add("whypage.due", l.Day(d.On), "")
	if d.Baseline != d.On {
		add("whypage.baseline", l.Day(d.Baseline), "")
	}
	add("memory.judged_on", l.Day(d.Judged), "")
	if d.Judged == d.Baseline && d.Baseline != d.On {
		p.Due[len(p.Due)-1].Note = l.T("whypage.judged_note")
	}
	if d.Term != "" {
		add("whypage.counted", l.T("whypage.counted_from", "Day", l.Day(d.From), "Term", l.termText(d.Term)), "")
	} else {
		add("whypage.counted", l.T("whypage.fixed"), "")
	}
	switch {
	case d.Met:
		add("whypage.overdue", l.T("whypage.met"), "")
	case d.Late > 0:
		add("whypage.overdue", l.T("whypage.late", "N", d.Late), "late")
	default:
		add("whypage.overdue", l.T("whypage.not_late"), "")
	}
	if c := l.dayCount(l.T("whypage.count_due"), d.Count); c != nil {
		p.DueCounts = append(p.DueCounts, *c)
	}
	head := "whypage.count_left"
	if d.Late > 0 {
		head = "whypage.count_late"
	}
	if c := l.dayCount(l.T(head), d.Gap); c != nil {
		p.DueCounts = append(p.DueCounts, *c)
	}
}

// termText writes a term such as "15 workdays" in words; one that can't be read is shown as it is.
func (l Locale) termText(text string) string {
	t, err := calendar.ParseTerm(text)
	if err != nil {
		return text
	}
	return l.Term(t)
}

// ruleCount says how the days or hours behind a rule's deadline, step or answer were counted.
func (l Locale) ruleCount(c app.Count) WhyCount {
	head := l.T("whypage.count_of."+c.What, "Term", l.Term(calendar.Term{N: c.Term.N, Unit: calendar.Unit(c.Term.Unit)}), "Light", l.Light(c.Light).Word)
	if len(c.Hours) > 0 {
		return l.hourCount(head, c.Hours)
	}
	if count := l.dayCount(head, c.Days); count != nil {
		return *count
	}
	return WhyCount{Head: head, Sentence: l.T("whypage.count_same")}
}

// dayCount words a count in days; nil where there is nothing to count.
func (l Locale) dayCount(head string, steps []calendar.Step) *WhyCount {
	if len(steps) < 2 {
		return nil
	}
	c := &WhyCount{Head: head, Days: Table{Columns: l.countHeads()}}
	named, n, rest, rolled := passed{l: l}, 0, 0, ""
	for _, s := range steps {
		counted := s.Mark == calendar.MarkCounted || s.Mark == calendar.MarkDue
		if !counted && s.Mark != calendar.MarkStart {
			rest++
		}
		named.add(s.Day, s.Mark == calendar.MarkStart)
		text := ""
		if s.N > 0 && counted {
			text = strconv.Itoa(s.N)
		}
		if n = s.N; s.Mark == calendar.MarkLast {
			rolled = l.T("whypage.count_rolled", "Day", l.Day(s.Date))
		}
		l.countLine(&c.Days, s.Day, l.T("whypage.mark."+string(s.Mark)), text)
	}
	c.Sentence = l.T("whypage.count", "From", l.Day(steps[0].Date), "To", l.Day(steps[len(steps)-1].Date), "N", n, "Rest", rest) + rolled + named.sentence()
	return c
}

// hourCount words a count in hours: the part of every day that counts.
func (l Locale) hourCount(head string, steps []app.HourStep) WhyCount {
	c := WhyCount{Head: head, Days: Table{Columns: l.countHeads()}}
	named, rest := passed{l: l}, 0
	for _, s := range steps {
		if s.Minutes == 0 {
			rest++
		}
		named.add(s.Day, false)
		l.countLine(&c.Days, s.Day, clockSpan(s.From, s.To), l.hours(s.Sum))
	}
	first, last := steps[0], steps[len(steps)-1]
	c.Sentence = l.T("whypage.count_hours", "From", l.Day(first.Date)+" "+clockText(first.From), "To", l.Day(last.Date)+" "+clockText(last.To), "Hours", l.hours(last.Sum), "Rest", rest) + named.sentence()
	return c
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func clockSpan(from, to int) string { return clockText(from) + "–" + clockText(to) }

// hours writes minutes as hours, to one decimal.
func (l Locale) hours(minutes int) string {
	return l.T("whypage.hours", "N", strings.TrimSuffix(strconv.FormatFloat(float64(minutes)/60, 'f', 1, 64), ".0"))
}

func (l Locale) countHeads() []Column {
	return []Column{{Text: l.T("whypage.day")}, {Text: l.T("whypage.kind")}, {Text: l.T("whypage.n"), Num: true}}
}

func (l Locale) countLine(t *Table, d calendar.Day, note, n string) {
	kind := l.T("day." + string(d.Kind))
	if d.Name != "" {
		kind += " · " + l.Holiday(d.Name)
	}
	t.Rows = append(t.Rows, []Cell{{Text: l.Day(d.Date), Head: t.Columns[0].Text, Class: "name"}, {Text: kind, Note: note, Head: t.Columns[1].Text}, {Text: n, Head: t.Columns[2].Text, Class: "num"}})
}

// passed names the holidays that a count passes over, each once with its days, and the make-up days that it counts.
type passed struct {
	l        Locale
	holidays []string
	days     []int
	makeUp   []string
}

func (p *passed) add(d calendar.Day, start bool) {
	switch {
	case d.Kind == calendar.KindHoliday && d.Name != "" && !start:
		name := p.l.Holiday(d.Name)
		if last := len(p.holidays) - 1; last >= 0 && p.holidays[last] == name {
			p.days[last]++
			return
		}
		p.holidays, p.days = append(p.holidays, name), append(p.days, 1)
	case d.Kind == calendar.KindMakeUp && !start:
		p.makeUp = append(p.makeUp, p.l.ShortDay(d.Date))
	}
}

func (p *passed) sentence() string {
	text, names := "", []string{}
	for i, name := range p.holidays {
		names = append(names, p.l.T("whypage.holiday_days", "Name", name, "N", p.days[i]))
	}
	if len(names) > 0 {
		text = p.l.T("whypage.count_holidays", "Names", strings.Join(names, p.l.T("whypage.comma")))
	}
	if len(p.makeUp) > 0 {
		text += p.l.T("whypage.count_make_up", "Days", strings.Join(p.makeUp, p.l.T("whypage.comma")))
	}
	return text
}

// Holiday is the name of a holiday in the reader's language; the names of notices that were uploaded stay as they were written.
func (l Locale) Holiday(name string) string {
	known := []struct{ name, key string }{{"元旦", "new_year"}, {"春节", "spring"}, {"清明", "qingming"}, {"劳动节", "labour"}, {"端午", "dragon_boat"}, {"中秋", "mid_autumn"}, {"国庆", "national"}}
	parts := strings.Split(name, "、")
	for i, part := range parts {
		for _, k := range known {
			if strings.HasPrefix(part, k.name) && len([]rune(part)) <= len([]rune(k.name))+1 {
				parts[i] = l.T("holiday." + k.key)
			}
		}
	}
	return strings.Join(parts, l.T("whypage.comma"))
}
