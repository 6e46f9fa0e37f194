package calendar

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func with(t testing.TB, c *Calendar, n Notice) *Calendar {
	t.Helper()
	out, err := c.With(n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestExtensionOf2020: the vendored data without the extension, and the extension layered over it, give the vendored data.
func TestExtensionOf2020(t *testing.T) {
	o, err := Vendored()
	if err != nil {
		t.Fatal(err)
	}
	o.Off = slices.DeleteFunc(o.Off, func(d NamedDay) bool { return d.Date >= MakeDate(2020, 1, 31) && d.Date <= MakeDate(2020, 2, 2) })
	o.MakeUp = append(o.MakeUp, MakeDate(2020, 2, 1))
	before, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	after := with(t, before, Notice{Title: "延长2020年春节假期", Number: "国办发明电〔2020〕1号",
		Rest: []NamedDay{{MakeDate(2020, 1, 31), "春节"}, {MakeDate(2020, 2, 1), "春节"}, {MakeDate(2020, 2, 2), "春节"}}, Work: []Date{MakeDate(2020, 2, 3)}})
	want := vendored(t)
	for d := MakeDate(2019, 12, 1); d <= MakeDate(2020, 4, 1); d++ {
		got := after.Day(d)
		got.Notice = ""
		if diff := cmp.Diff(want.Day(d), got); diff != "" {
			t.Errorf("%s (-vendored +layered):\n%s", d, diff)
		}
	}
	if got := before.Day(MakeDate(2020, 2, 1)).Kind; got != KindMakeUp {
		t.Errorf("the calendar below the notice changed: 1 February is %s", got)
	}
	if got := after.Day(MakeDate(2020, 2, 1)).Notice; got != "国办发明电〔2020〕1号" {
		t.Errorf("1 February rests on %q", got)
	}
	start := MakeDate(2020, 1, 20)
	if one, two := before.Workdays(start, MakeDate(2020, 2, 10)), after.Workdays(start, MakeDate(2020, 2, 10)); one-two != 2 {
		t.Errorf("%d and %d working days, want two fewer under the extension", one, two)
	}
}

// TestYearlyNotice: 2027 is provisional until its notice is loaded, and so are the last days of 2026.
func TestYearlyNotice(t *testing.T) {
	c := vendored(t)
	later := with(t, c, Notice{Number: "示例〔2028〕1号", First: MakeDate(2028, 1, 1), Last: MakeDate(2028, 12, 31), Rest: []NamedDay{{MakeDate(2028, 1, 3), "元旦"}}})
	loaded := with(t, c, Notice{Title: "2027", Number: "示例〔2026〕1号", First: MakeDate(2027, 1, 1), Last: MakeDate(2027, 12, 31),
		Rest: []NamedDay{{MakeDate(2026, 12, 31), "元旦"}, {MakeDate(2027, 1, 1), "元旦"}}, Work: []Date{MakeDate(2027, 1, 2)}})
	for _, test := range []struct {
		c      *Calendar
		date   string
		unsure bool
	}{
		{c, "2026-12-24", false}, {c, "2026-12-28", true}, {c, "2027-01-01", true},
		{loaded, "2026-12-28", false}, {loaded, "2026-12-31", false}, {loaded, "2027-06-01", false}, {loaded, "2027-12-24", false}, {loaded, "2027-12-31", true},
		{later, "2026-12-28", true}, {later, "2027-06-01", true}, {later, "2028-01-01", false}, {later, "2028-12-31", true},
	} {
		if got := test.c.Day(date(t, test.date)).Provisional; got != test.unsure {
			t.Errorf("%s under %s: provisional %t", test.date, test.c.Version(), got)
		}
	}
	if got := loaded.Sources(2027); !slices.Equal(got, []string{"示例〔2026〕1号"}) {
		t.Errorf("sources of 2027: %q", got)
	}
	if got := loaded.Sources(2026); !slices.Contains(got, "示例〔2026〕1号") {
		t.Errorf("sources of 2026: %q", got)
	}
}

func TestWithRefuses(t *testing.T) {
	c, d := vendored(t), MakeDate(2027, 5, 1)
	for says, n := range map[string]Notice{
		"no document number":  {Rest: []NamedDay{{d, "劳动节"}}},
		"changes nothing":     {Number: "1"},
		"named twice":         {Number: "1", Rest: []NamedDay{{d, "劳动节"}}, Work: []Date{d}},
		"has no name":         {Number: "1", Rest: []NamedDay{{d, ""}}},
		"is not a span":       {Number: "1", First: d, Last: d - 1},
		"missing":             {Number: "1", Work: []Date{0}},
		"up to 73200 days":    {Number: "1", Work: []Date{MakeDate(2900, 1, 1)}},
		"no working time":     {Number: "1", Office: &Hours{}},
		"does not lie inside": {Number: "1", Office: &Hours{Clock{8, 0}, Clock{17, 0}, Break{Clock{7, 0}, Clock{9, 0}}}},
	} {
		if out, err := c.With(n); out != nil || !errors.Is(err, ErrData) || !strings.Contains(err.Error(), says) {
			t.Errorf("want an ErrData that says %q, got %v", says, err)
		}
	}
	var idle []NamedDay
	for i := range 400 {
		idle = append(idle, NamedDay{d.AddDays(i), "停工"})
	}
	if _, err := c.With(Notice{Number: "1", Rest: idle}); !errors.Is(err, ErrNoWorkingTime) {
		t.Errorf("400 rest days: %v", err)
	}
}

// anyNotice draws a notice about days of one month of spring 2030; even months and odd months never overlap.
func anyNotice(t *rapid.T, label string, month int) Notice {
	n := Notice{Number: label}
	for d := MakeDate(2030, 1, 1).AddMonths(month); d < MakeDate(2030, 1, 1).AddMonths(month+1); d++ {
		switch rapid.IntRange(0, 3).Draw(t, label) {
		case 0:
			n.Rest = append(n.Rest, NamedDay{d, label})
		case 1:
			n.Work = append(n.Work, d)
		}
	}
	return n
}

func TestLayersCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar().Draw(t, "base")
		one, two := anyNotice(t, "一", rapid.IntRange(-2, 1).Draw(t, "first")), anyNotice(t, "二", rapid.IntRange(2, 30).Draw(t, "second"))
		layer := func(notices ...Notice) *Calendar {
			out := c
			for _, n := range notices {
				var err error
				if out, err = out.With(n); errors.Is(err, ErrData) && len(n.Days()) == 0 {
					t.Skip("a notice that changes nothing")
				} else if err != nil {
					t.Fatal(err)
				}
			}
			return out
		}
		ab, ba := layer(one, two), layer(two, one)
		from, to := MakeDate(2029, 1, 1), MakeDate(2033, 1, 1)
		if diff := cmp.Diff(ab.Days(from, to), ba.Days(from, to)); diff != "" {
			t.Fatalf("two notices about different days (-one way +the other):\n%s", diff)
		}
		for _, day := range one.Rest {
			if ab.Day(day.Date).Working {
				t.Fatalf("%s is worked under a notice that gives it off", day.Date)
			}
		}
		for _, d := range one.Work {
			if !ab.Day(d).Working {
				t.Fatalf("%s is a rest day under a notice that has it worked", d)
			}
		}
		if twice, err := ab.With(one); err == nil {
			if diff := cmp.Diff(dayKinds(ab, from, to), dayKinds(twice, from, to)); diff != "" {
				t.Fatalf("the same notice twice changes something:\n%s", diff)
			}
		}
		start, n := MakeDate(2030, 1, 1).AddDays(rapid.IntRange(-40, 100).Draw(t, "start")), rapid.IntRange(-300, 300).Draw(t, "n")
		end, err := ab.AddWorkdays(start, n)
		if err != nil || !ab.Day(end).Working || n > 0 && ab.Workdays(start, end) != n {
			t.Fatalf("%s + %d = %s, %v", start, n, end, err)
		}
	})
}

func dayKinds(c *Calendar, from, to Date) []Kind {
	var out []Kind
	for _, d := range c.Days(from, to) {
		out = append(out, d.Kind)
	}
	return out
}

// TestMonotone: who starts later is never due earlier, and who has more time neither.
func TestMonotone(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		a, b := dates.Draw(t, "a"), dates.Draw(t, "b")
		term := Term{N: rapid.IntRange(0, 40).Draw(t, "n"), Unit: rapid.SampledFrom(Units()[:6]).Draw(t, "unit")}
		first, err1 := c.Due(min(a, b), term)
		second, err2 := c.Due(max(a, b), term)
		if err1 != nil || err2 != nil || first > second {
			t.Fatalf("%s from %s is due %s, from %s %s (%v, %v)", term, min(a, b), first, max(a, b), second, err1, err2)
		}
		term.N++
		longer, err := c.Due(min(a, b), term)
		if err != nil || longer < first {
			t.Fatalf("%s from %s is due %s, before %s (%v)", term, min(a, b), longer, first, err)
		}
	})
}
