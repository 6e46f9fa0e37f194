package calendar

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func vendored(t testing.TB) *Calendar {
	t.Helper()
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefault(t *testing.T) {
	c := vendored(t)
	first, last := c.Covers()
	opens, closes := c.Hours()
	got := []string{c.Version(), c.Location().String(), first.String(), last.String(), opens.String(), closes.String()}
	want := []string{"chinese-days-1.5.7", "Asia/Shanghai", "2007-01-01", "2026-12-31", "08:30", "17:30"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("default calendar (-want +got):\n%s", diff)
	}
}

// TestDue holds the cases of domain.md section 4 and the calendar's share of rules.md.
func TestDue(t *testing.T) {
	c := vendored(t)
	tests := []struct{ start, term, due, why string }{
		{"2023-01-20", "1 workday", "2023-01-28", "make-up Saturday after the spring festival"},
		{"2023-04-28", "3 workdays", "2023-05-06", ""},
		{"2024-02-09", "1 workday", "2024-02-18", "make-up Sunday"},
		{"2024-12-31", "1 workday", "2025-01-02", ""},
		{"2025-09-26", "2 workdays", "2025-09-29", "make-up Sunday between"},
		{"2025-09-30", "1 workday", "2025-10-09", ""},
		{"2025-12-31", "1 workday", "2026-01-04", "make-up Sunday"},
		{"2026-02-13", "15 workdays", "2026-03-12", ""},
		{"2026-01-31", "15 days", "2026-02-24", "15 February falls in the holiday"},
		{"2026-09-21", "10 days", "2026-10-08", ""},

		{"2023-04-26", "5 workdays", "2023-05-06", "rules.md 4: blue slip, due on a make-up Saturday"},
		{"2023-05-06", "1 workday", "2023-05-08", "rules.md 4: orange not before"},
		{"2022-09-27", "3 workdays", "2022-09-30", "rules.md 5: assisting unit"},
		{"2022-09-27", "7 workdays", "2022-10-11", "rules.md 5: lead unit"},
		{"2022-09-27", "1 workday", "2022-09-28", "rules.md 5: objection"},

		{"2020-01-23", "1 workday", "2020-02-03", "the extension of 2020"},
		{"2020-01-17", "1 workday", "2020-01-19", "make-up Sunday"},
		{"2007-12-28", "1 workday", "2007-12-29", "a make-up Saturday from the next year's notice"},
		{"2007-12-29", "1 workday", "2008-01-02", "30 and 31 December from the next year's notice"},
		{"2022-12-30", "1 workday", "2023-01-03", ""},

		{"2023-01-31", "1 month", "2023-02-28", "no 31 February"},
		{"2023-09-05", "1 month", "2023-10-07", "make-up Saturday after the holiday of 5 October"},
		{"2023-03-11", "0 days", "2023-03-13", "a rest day rolls also without a term"},
		{"2023-03-13", "0 workdays", "2023-03-13", ""},
		{"2027-04-30", "1 workday", "2027-05-03", "beyond the data: Monday to Friday"},
	}
	for _, test := range tests {
		term, err := ParseTerm(test.term)
		if err != nil {
			t.Fatal(err)
		}
		due, err := c.Due(date(t, test.start), term)
		if err != nil || due.String() != test.due {
			t.Errorf("%s + %s = %s, %v, want %s (%s)", test.start, term, due, err, test.due, test.why)
		}
	}
}

func TestShift(t *testing.T) {
	c := vendored(t)
	tests := []struct{ start, term, want, why string }{
		{"2022-10-11", "-1 workday", "2022-10-10", "rules.md 5: the last day to ask for an extension"},
		{"2022-10-10", "-1 workday", "2022-10-09", "make-up Sunday"},
		{"2022-10-08", "-1 workday", "2022-09-30", "over the holiday"},
		{"2023-03-12", "-1 workday", "2023-03-10", "from a Sunday back"},
		{"2023-03-12", "0 workdays", "2023-03-13", "rolls forward"},
		{"2023-03-05", "1 month", "2023-04-05", "rules.md 3: a holiday, and not rolled"},
		{"2023-03-05", "2 months", "2023-05-05", ""},
		{"2023-03-31", "-1 month", "2023-02-28", ""},
		{"2026-01-31", "15 days", "2026-02-15", "in the holiday, and not rolled"},
		{"2023-03-13", "-13 days", "2023-02-28", ""},
	}
	for _, test := range tests {
		term, err := ParseTerm(test.term)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Shift(date(t, test.start), term)
		if err != nil || got.String() != test.want {
			t.Errorf("%s shifted by %s = %s, %v, want %s (%s)", test.start, term, got, err, test.want, test.why)
		}
	}
}

// TestWorkdaysAYear holds the yearly sums of domain.md section 4.
func TestWorkdaysAYear(t *testing.T) {
	c := vendored(t)
	want := []int{250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248}
	var got []int
	for year := 2016; year <= 2026; year++ {
		got = append(got, c.Workdays(MakeDate(year-1, 12, 31), MakeDate(year, 12, 31)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("working days of 2016 to 2026 (-want +got):\n%s", diff)
	}
	if back := c.Workdays(MakeDate(2023, 12, 31), MakeDate(2022, 12, 31)); back != -249 {
		t.Errorf("2023 backwards has %d working days, want -249", back)
	}
	if none := c.Workdays(0, MakeDate(2023, 1, 1)) + c.Workdays(MakeDate(2023, 1, 1), 0); none != 0 {
		t.Errorf("%d working days from or to no date", none)
	}
}

func TestDay(t *testing.T) {
	c := vendored(t)
	tests := []struct {
		date string
		want Day
	}{
		{"2023-03-13", Day{Working: true, Kind: KindWeekday}},
		{"2023-03-11", Day{Kind: KindWeekend}},
		{"2023-01-23", Day{Kind: KindHoliday, Name: "春节"}},
		{"2023-01-22", Day{Kind: KindHoliday, Name: "春节"}}, // a Sunday inside the holiday
		{"2023-01-28", Day{Working: true, Kind: KindMakeUp}},
		{"2023-10-05", Day{Kind: KindHoliday, Name: "国庆节"}},
		{"2025-10-06", Day{Kind: KindHoliday, Name: "中秋"}},
		{"2015-09-04", Day{Kind: KindHoliday, Name: "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"}},
		{"2020-02-01", Day{Kind: KindHoliday, Name: "春节"}},   // a make-up day before the extension
		{"2019-05-05", Day{Working: true, Kind: KindMakeUp}}, // the amended notice of 2019
		{"2013-04-07", Day{Working: true, Kind: KindMakeUp}}, // 国办发明电〔2012〕33号
		{"2007-12-31", Day{Kind: KindHoliday, Name: "元旦"}},   // the notice for 2008
		{"2007-01-01", Day{Kind: KindHoliday, Name: "元旦"}},   // the first day of the data
		{"2026-12-24", Day{Working: true, Kind: KindWeekday}},
		{"2026-12-25", Day{Working: true, Kind: KindWeekday, Provisional: true}}, // the notice for 2027 may decide it
		{"2026-12-31", Day{Working: true, Kind: KindWeekday, Provisional: true}}, // the last of the data
		{"2006-12-30", Day{Kind: KindWeekend, Provisional: true}},                // before the data
		{"2027-01-01", Day{Working: true, Kind: KindWeekday, Provisional: true}},
		{"2027-01-02", Day{Kind: KindWeekend, Provisional: true}},
	}
	for _, test := range tests {
		test.want.Date = date(t, test.date)
		if diff := cmp.Diff(test.want, c.Day(test.want.Date)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.date, diff)
		}
	}
	if got := c.Day(0); got != (Day{}) {
		t.Errorf("no date is %+v", got)
	}
}

func TestDaysExplainADeadline(t *testing.T) {
	c := vendored(t)
	from, to := date(t, "2023-04-26"), date(t, "2023-05-06")
	var skipped []string
	for _, day := range c.Days(from, to) {
		if !day.Working {
			skipped = append(skipped, day.Date.String()+" "+string(day.Kind)+" "+day.Name)
		}
	}
	want := []string{
		"2023-04-29 holiday 劳动节", "2023-04-30 holiday 劳动节", "2023-05-01 holiday 劳动节", "2023-05-02 holiday 劳动节", "2023-05-03 holiday 劳动节",
	}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Errorf("rest days of the blue slip (-want +got):\n%s", diff)
	}
	for _, none := range [][]Day{c.Days(to, from), c.Days(to, to), c.Days(0, to), c.Days(from, 0), c.Days(from, maxDate+1)} {
		if none != nil {
			t.Errorf("%d days in an empty span", len(none))
		}
	}
}

func TestCountingRefuses(t *testing.T) {
	c := vendored(t)
	start := date(t, "2023-03-13")
	_, hours := c.Due(start, Term{2, UnitHour})
	_, nothing := c.Shift(start, Term{})
	for name, err := range map[string]error{"hours": hours, "no unit": nothing} {
		if !errors.Is(err, ErrUnit) {
			t.Errorf("%s: %v, want ErrUnit", name, err)
		}
	}
	_, backwards := c.Due(start, Term{-1, UnitWorkday})
	_, noStart := c.Due(0, Term{1, UnitDay})
	_, noStartWorkdays := c.AddWorkdays(0, 1)
	_, tooLate := c.AddWorkdays(start, 1<<62)
	_, tooEarly := c.AddWorkdays(start, -1<<63)
	_, months := c.Shift(start, Term{maxTerm, UnitMonth})
	_, epoch := c.Shift(date(t, "1970-01-02"), Term{-1, UnitDay})
	_, lastDay := c.AddWorkdays(maxDate, 1)
	for name, err := range map[string]error{
		"deadline before its start": backwards, "no start": noStart, "no start for workdays": noStartWorkdays, "too late": tooLate,
		"too early": tooEarly, "far months": months, "1970-01-01": epoch, "after the year 9999": lastDay,
	} {
		if !errors.Is(err, ErrRange) {
			t.Errorf("%s: %v, want ErrRange", name, err)
		}
	}
	all := c.Workdays(start, maxDate)
	if got, err := c.AddWorkdays(start, all); err != nil || got != maxDate {
		t.Errorf("%d working days from %s end on %s, %v, want %s", all, start, got, err, maxDate)
	}
	if got, err := c.AddWorkdays(start, all+1); !errors.Is(err, ErrRange) {
		t.Errorf("%d working days from %s end on %s, %v, want ErrRange", all+1, start, got, err)
	}
	first := c.Workdays(start, minDate)
	if got, err := c.AddWorkdays(start, first); err != nil || got != minDate {
		t.Errorf("%d working days from %s end on %s, %v, want %s", first, start, got, err, minDate)
	}
	if got, err := c.AddWorkdays(start, first-1); !errors.Is(err, ErrRange) {
		t.Errorf("%d working days from %s end on %s, %v, want ErrRange", first-1, start, got, err)
	}
	if c.Roll(0) != 0 {
		t.Error("no date rolled to a date")
	}
}

// TestEveryVendoredDay compares the lookup table with a walk through the file's own lists.
func TestEveryVendoredDay(t *testing.T) {
	o, err := Vendored()
	if err != nil {
		t.Fatal(err)
	}
	c := vendored(t)
	sum := 0
	for d := o.First; d <= o.Last; d++ {
		want := plainKind(d).kind()
		if slices.ContainsFunc(o.Off, func(day NamedDay) bool { return day.Date == d }) {
			want = KindHoliday
		}
		if slices.Contains(o.MakeUp, d) {
			want = KindMakeUp
		}
		if want == KindWeekday || want == KindMakeUp {
			sum++
		}
		if got := c.Day(d); got.Kind != want || got.Provisional != (d >= MakeDate(2026, 12, lateDecember)) || (got.Name != "") != (want == KindHoliday) {
			t.Errorf("%s is %+v, want %s", d, got, want)
		}
		if got := c.Workdays(o.First-1, d); got != sum {
			t.Fatalf("%d working days up to %s, want %d", got, d, sum)
		}
	}
}
