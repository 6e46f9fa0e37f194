package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Reading is what was understood of a text that a clerk gave: a file shaped like data/holidays.json,
// lines such as "2027-02-05~2027-02-11 休 春节", or the sentences of a notice.
type Reading struct {
	Notice Notice
	Lines  []ReadLine // the lines that say something about days
}

// ReadLine is one line of the text and the days that it was understood to decide.
type ReadLine struct {
	No   int
	Text string
	Rest []NamedDay
	Work []Date
}

// Problem is a line that was not understood. Kind is "line", "date", "order", "weekday", "count",
// "year", "extension", "unread", "twice", "json" or "empty"; Date, Want and Got go with some of them.
type Problem struct {
	Line      int // from 1; 0 for the whole text
	Text      string
	Kind      string
	Date      Date
	Want, Got string
}

// Error says it in English, for the log and the command line.
func (p *Problem) Error() string {
	what := map[string]string{
		"line": "is not like \"2027-02-05~2027-02-11 休 春节\" or \"2027-02-14 班\"", "date": "names a day that does not exist: " + p.Got,
		"order": "ends before it begins", "weekday": fmt.Sprintf("calls %s a %s, but it is a %s", p.Date, p.Got, p.Want),
		"count": fmt.Sprintf("says %s days, but there are %s", p.Want, p.Got), "year": "does not say which year it means",
		"extension": "extends a holiday that the calendar does not know", "unread": "names a day, but does not say whether it is worked",
		"twice": fmt.Sprintf("names %s again", p.Date), "json": p.Got, "empty": "names no day",
	}[p.Kind]
	if p.Line == 0 {
		return "the text " + what
	}
	return fmt.Sprintf("line %d %q %s", p.Line, p.Text, what)
}

// Unwrap makes every Problem an ErrData.
func (p *Problem) Unwrap() error { return ErrData }

// Read understands a text, as a notice for a year (covers > 0) or as an amendment. A notice of the
// State Council says itself which year it is for. base is the calendar that the text would change.
// The error joins one *Problem for each line that was not understood; what was understood comes too.
func Read(text string, covers int, base *Calendar) (Reading, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return readFile(text)
	}
	r := reader{base: base, year: covers}
	r.frame(text, covers)
	for i, line := range strings.Split(text, "\n") {
		r.line = ReadLine{No: i + 1, Text: strings.TrimSpace(line)}
		r.read(r.line.Text)
		if len(r.line.Rest)+len(r.line.Work) > 0 {
			r.out.Lines = append(r.out.Lines, r.line)
		}
	}
	r.gather()
	return r.out, errors.Join(r.problems...)
}

// readFile reads the shape of the vendored data, which decides every day from its first to its last.
func readFile(text string) (Reading, error) {
	o, err := ReadOptions(bytes.NewReader([]byte(text)))
	if err != nil {
		return Reading{}, &Problem{Kind: "json", Got: err.Error()}
	}
	n := Notice{Title: o.Version, First: o.First, Last: o.Last, Rest: o.Off, Work: o.MakeUp}
	if err := (Notice{Number: "0", First: n.First, Last: n.Last, Rest: n.Rest, Work: n.Work}).check(); err != nil {
		return Reading{}, &Problem{Kind: "json", Got: err.Error()}
	}
	return Reading{Notice: n, Lines: []ReadLine{{No: 1, Text: o.Version, Rest: o.Off, Work: o.MakeUp}}}, nil
}

// reader goes through a text line by line.
type reader struct {
	base     *Calendar
	year     int    // that days without a year lie in; 0: not known
	name     string // of the holiday under whose heading the sentences stand
	line     ReadLine
	out      Reading
	problems []error
}

var (
	numberForm  = regexp.MustCompile(`[^\s，。：、（）()]{1,12}〔\d{4}〕\d+号`)
	yearlyForm  = regexp.MustCompile(`(\d{4})年\s*部分节假日安排`)
	currentForm = regexp.MustCompile(`(?:现将|延长)(\d{4})年`)
	plainForm   = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:\s*(?:~|～|至|到)\s*(\d{4}-\d{2}-\d{2}))?\s*(休|班)(?:\s+(\S+))?$`)
	plainBegin  = regexp.MustCompile(`^\d{4}\s*[-/.]`)
	strayForm   = regexp.MustCompile(`[\d一二三四五六七八九十].{0,16}[\s　](?:休|班)(?:[\s　]+\S{1,8})?$`)
	headingForm = regexp.MustCompile(`^[一二三四五六七八九十]+、\s*([^：:。，0-9]{1,12})[：:]`)
	dayForm     = regexp.MustCompile(`(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(]([^）)]*)[）)])?(?:\s*(?:至|到|—+|-|~|～)\s*(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(]([^）)]*)[）)])?)?`)
	signedForm  = regexp.MustCompile(`^[^，。：]{0,20}\d{4}年\d{1,2}月\d{1,2}日$`)
	weekdayForm = regexp.MustCompile(`(?:星期|周)([一二三四五六日天])`)
	totalForm   = regexp.MustCompile(`(?:共|放假)\s*(\d+)\s*天`)
	longerForm  = regexp.MustCompile(`延长(?:\d{4}年)?([^0-9，。]{1,8}?)假期(?:至|到)\s*$`)
	workedWords = regexp.MustCompile(`上班|补班`)
	restWords   = regexp.MustCompile(`放假|休息|调休|补休|公休`)
	noDecision  = regexp.MustCompile(`施行|印发|发布|电$|讯$`)
)

// frame takes title, number and year from the text as a whole.
func (r *reader) frame(text string, covers int) {
	n := &r.out.Notice
	n.Number = numberForm.FindString(text)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); n.Title == "" && strings.HasSuffix(line, "通知") {
			n.Title = line
		}
	}
	if m := currentForm.FindStringSubmatch(text); m != nil && r.year == 0 {
		r.year, _ = strconv.Atoi(m[1])
	}
	if m := yearlyForm.FindStringSubmatch(text); m != nil && covers == 0 {
		covers, _ = strconv.Atoi(m[1])
		r.year = covers
	}
	if covers > 0 {
		n.First, n.Last = MakeDate(covers, 1, 1), MakeDate(covers, 12, 31)
	}
}

func (r *reader) problem(p Problem) {
	p.Line, p.Text = r.line.No, r.line.Text
	r.problems = append(r.problems, &p)
}

func (r *reader) read(line string) {
	switch {
	case line == "" || strings.HasPrefix(line, "#") || signedForm.MatchString(line):
	case plainBegin.MatchString(line):
		r.plain(line)
	case dayForm.MatchString(line):
		if m := headingForm.FindStringSubmatch(line); m != nil {
			r.name, line = strings.TrimSpace(m[1]), line[len(m[0]):]
		}
		for _, sentence := range strings.FieldsFunc(line, func(c rune) bool { return c == '。' || c == '；' || c == ';' }) {
			r.sentence(sentence)
		}
		r.name = ""
	case strayForm.MatchString(line):
		r.problem(Problem{Kind: "line"})
	default:
		if m := headingForm.FindStringSubmatch(line + "："); m != nil {
			r.name = strings.TrimSpace(m[1]) // a heading on a line of its own
		}
	}
}

// plain reads "2027-02-05~2027-02-11 休 春节" or "2027-02-14 班".
func (r *reader) plain(line string) {
	m := plainForm.FindStringSubmatch(strings.ReplaceAll(line, "　", " "))
	if m == nil {
		r.problem(Problem{Kind: "line"})
		return
	}
	from, err := ParseDate(m[1])
	to, err2 := from, error(nil)
	if m[2] != "" {
		to, err2 = ParseDate(m[2])
	}
	switch {
	case err != nil || err2 != nil:
		r.problem(Problem{Kind: "date", Got: strings.Trim(m[1]+"~"+m[2], "~")})
	case to < from || to-from > maxRest:
		r.problem(Problem{Kind: "order"})
	case m[3] == "班":
		r.worked(from, to)
	default:
		r.name = m[4]
		r.rests(from, to)
		r.name = ""
	}
}

func (r *reader) worked(from, to Date) {
	for d := from; d <= to; d++ {
		r.line.Work = append(r.line.Work, d)
	}
}

// unnamed is what a day off is called when the text does not say.
const unnamed = "放假"

func (r *reader) rests(from, to Date) {
	name := r.name
	if name == "" {
		name = unnamed
	}
	for d := from; d <= to; d++ {
		r.line.Rest = append(r.line.Rest, NamedDay{d, name})
	}
}

// dates is a day or a range as a sentence names it.
type dates struct{ from, to Date }

// sentence reads "10月1日（周四）至7日（周三）放假调休，共7天": days, then what they are.
func (r *reader) sentence(text string) {
	var waiting []dates
	month, days := "", 0
	found := dayForm.FindAllStringSubmatchIndex(text, -1)
	for i, at := range found {
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return text[at[2*n]:at[2*n+1]]
		}
		if part(2) != "" {
			month = part(2)
		}
		span, ok := r.span(part, month)
		if part(6) != "" {
			month = part(6)
		}
		if !ok {
			return
		}
		if m := longerForm.FindStringSubmatch(text[:at[0]]); m != nil && i == 0 {
			if span, ok = r.longer(m[1], span.to); !ok {
				return
			}
		}
		waiting = append(waiting, span)
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		after := text[at[1]:end]
		switch {
		case workedWords.MatchString(after):
			for _, s := range waiting {
				r.worked(s.from, s.to)
			}
			waiting = nil
		case restWords.MatchString(after) || longerForm.MatchString(text[:at[0]]):
			days = 0
			for _, s := range waiting {
				r.rests(s.from, s.to)
				days += int(s.to-s.from) + 1
			}
			waiting = nil
		}
		if m := totalForm.FindStringSubmatch(after); m != nil && m[1] != strconv.Itoa(days) {
			r.problem(Problem{Kind: "count", Want: m[1], Got: strconv.Itoa(days)})
		}
	}
	if len(waiting) > 0 && !noDecision.MatchString(text) {
		r.problem(Problem{Kind: "unread"})
	}
}

// span makes dates of one match; what the end leaves out is as in the beginning.
func (r *reader) span(part func(int) string, month string) (dates, bool) {
	year := strconv.Itoa(r.year)
	if part(1) != "" {
		year = part(1)
	}
	from, ok := r.day(year, month, part(3), part(4))
	if !ok || part(7) == "" {
		return dates{from, from}, ok
	}
	if part(5) != "" {
		year = part(5)
	}
	if part(6) != "" {
		month = part(6)
	}
	to, ok := r.day(year, month, part(7), part(8))
	if ok && (to < from || to-from > maxRest) {
		r.problem(Problem{Kind: "order"})
		return dates{}, false
	}
	return dates{from, to}, ok
}

// day checks one date, and the day of the week in the brackets after it.
func (r *reader) day(year, month, day, note string) (Date, bool) {
	if year == "0" {
		r.problem(Problem{Kind: "year"})
		return 0, false
	}
	d, err := ParseDate(fmt.Sprintf("%s-%02s-%02s", year, month, day))
	if err != nil {
		r.problem(Problem{Kind: "date", Got: strings.TrimLeft(month+"月"+day+"日", "月")})
		return 0, false
	}
	if m := weekdayForm.FindStringSubmatch(note); m != nil {
		want := []string{"日", "一", "二", "三", "四", "五", "六"}[d.Weekday()]
		if got := strings.ReplaceAll(m[1], "天", "日"); got != want {
			r.problem(Problem{Kind: "weekday", Date: d, Want: "星期" + want, Got: "星期" + got})
			return 0, false
		}
	}
	return d, true
}

// longer is the time by which a holiday of the base is made longer, up to and with its new last day.
func (r *reader) longer(name string, to Date) (dates, bool) {
	from := Date(0)
	for d := to.AddDays(-60); d <= to && r.base != nil; d++ {
		if got := r.base.Day(d); got.Kind == KindHoliday && (strings.HasPrefix(got.Name, name) || strings.HasPrefix(name, got.Name)) {
			from = d + 1
		}
	}
	if from.IsZero() {
		r.problem(Problem{Kind: "extension"})
		return dates{}, false
	}
	r.name = name
	return dates{min(from, to), to}, true
}

// gather joins the lines' days and complains about days that are named twice.
func (r *reader) gather() {
	n, seen := &r.out.Notice, map[Date]bool{}
	for _, line := range r.out.Lines {
		n.Rest, n.Work = append(n.Rest, line.Rest...), append(n.Work, line.Work...)
		for _, d := range (Notice{Rest: line.Rest, Work: line.Work}).Days() {
			if seen[d] {
				r.line = line
				r.problem(Problem{Kind: "twice", Date: d})
			}
			seen[d] = true
		}
	}
	slices.SortFunc(n.Rest, func(a, b NamedDay) int { return int(a.Date) - int(b.Date) })
	slices.Sort(n.Work)
	if len(seen) == 0 && len(r.problems) == 0 {
		r.line = ReadLine{}
		r.problem(Problem{Kind: "empty"})
	}
}

// Problems lists the problems that an error of Read joins, in the order of their lines.
func Problems(err error) []*Problem {
	if one, ok := errors.AsType[*Problem](err); ok && one == err {
		return []*Problem{one}
	}
	var out []*Problem
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			out = append(out, Problems(e)...)
		}
	}
	slices.SortStableFunc(out, func(a, b *Problem) int { return a.Line - b.Line })
	return out
}
