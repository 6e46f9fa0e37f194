package calendar

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAddHours(t *testing.T) {
	plain := vendored(t)
	lunch := with(t, plain, Notice{Number: "作息", Office: &Hours{Clock{8, 30}, Clock{17, 30}, Break{Clock{12, 0}, Clock{13, 30}}}})
	for _, test := range []struct {
		c          *Calendar
		from, term string
		want, why  string
	}{
		{plain, "2023-05-05 16:30", "1 hour", "2023-05-05 17:30", "by the clock"},
		{plain, "2023-05-05 23:30", "2 hours", "2023-05-06 01:30", "by the clock, at night"},
		{plain, "2023-05-05 16:30", "1 workhour", "2023-05-05 17:30", "ends at the closing"},
		{plain, "2023-05-05 16:30", "2 workhours", "2023-05-06 09:30", "a make-up Saturday"},
		{plain, "2023-05-06 16:30", "2 workhours", "2023-05-08 09:30", "no work on Sunday"},
		{plain, "2023-04-28 20:00", "1 workhour", "2023-05-04 09:30", "begins with the next opening, after the holiday"},
		{plain, "2023-05-04 09:30", "-2 workhours", "2023-04-28 16:30", "back over the holiday"},
		{lunch, "2023-05-05 11:00", "1 workhour", "2023-05-05 12:00", "ends when the break begins"},
		{lunch, "2023-05-05 11:00", "2 workhours", "2023-05-05 14:30", "over the break"},
		{lunch, "2023-05-05 12:40", "0 workhours", "2023-05-05 13:30", "the next opening is after the break"},
		{lunch, "2023-05-05 14:30", "-1 workhour", "2023-05-05 13:30", "back to the end of the break"},
		{lunch, "2023-05-05 08:30", "15 workhours", "2023-05-06 17:30", "two whole days of seven and a half hours"},
	} {
		from, err := time.ParseInLocation("2006-01-02 15:04", test.from, test.c.Location())
		if err != nil {
			t.Fatal(err)
		}
		term, err := ParseTerm(test.term)
		if err != nil {
			t.Fatal(err)
		}
		got, err := test.c.AddHours(from, term.N, term.Unit)
		if err != nil || got.Format("2006-01-02 15:04") != test.want {
			t.Errorf("%s + %s = %s, %v, want %s (%s)", test.from, term, got.Format("2006-01-02 15:04"), err, test.want, test.why)
		}
	}
	now := MakeDate(2023, 5, 5).In(plain.Location())
	if _, err := plain.AddHours(now, 3, UnitDay); !errors.Is(err, ErrUnit) {
		t.Errorf("days as hours: %v", err)
	}
	if _, err := plain.AddHours(now, 2_000_000, UnitHour); !errors.Is(err, ErrRange) {
		t.Errorf("too many hours: %v", err)
	}
	if _, err := plain.AddHours(MakeDate(9999, 12, 30).In(plain.Location()), 1000, UnitWorkhour); !errors.Is(err, ErrRange) {
		t.Errorf("past the end: %v", err)
	}
}

// anyHours draws office hours with and without a break.
func anyHours(t *rapid.T) Hours {
	minutes := func(label string, from, to int) Clock {
		n := rapid.IntRange(from, to).Draw(t, label)
		return Clock{n / 60, n % 60}
	}
	h := Hours{Opens: minutes("opens", 0, 700), Closes: minutes("closes", 760, 1439)}
	if rapid.Bool().Draw(t, "break") {
		h.Lunch = Break{minutes("from", 701, 729), minutes("to", 730, 759)}
	}
	return h
}

func TestAddHoursAndWorkMinutesAreInverses(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		office := anyHours(t)
		c, err := c.With(Notice{Number: "作息", Office: &office})
		if err != nil {
			t.Fatal(err)
		}
		at := dates.Draw(t, "date").In(c.Location()).Add(time.Duration(rapid.IntRange(0, 86399).Draw(t, "time")) * time.Second)
		n := rapid.IntRange(-400, 400).Draw(t, "hours")
		end, err := c.AddHours(at, n, UnitWorkhour)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.WorkMinutes(at, end); got != 60*n {
			t.Fatalf("%s + %d workhours = %s, which is %d minutes away", at, n, end, got)
		}
		if n > 0 && !c.Open(end.Add(-time.Second)) || n < 0 && !c.Open(end) {
			t.Fatalf("%s + %d workhours = %s, outside of %s", at, n, end, office)
		}
		if back, err := ParseHours(office.String()); err != nil || back != office {
			t.Fatalf("%s reads back as %s, %v", office, back, err)
		}
		later, err := c.AddHours(at.Add(time.Hour), n, UnitWorkhour)
		if err != nil || later.Before(end) {
			t.Fatalf("an hour later it ends at %s, before %s (%v)", later, end, err)
		}
	})
}

// TestNothingWorkedIsRefused: whatever days and hours are taken away, there is an error at once and no search without end.
func TestNothingWorkedIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.Custom(func(t *rapid.T) Clock {
			return Clock{rapid.IntRange(-1, 25).Draw(t, "hour"), rapid.IntRange(-1, 61).Draw(t, "minute")}
		})
		office := Hours{clock.Draw(t, "opens"), clock.Draw(t, "closes"), Break{clock.Draw(t, "from"), clock.Draw(t, "to")}}
		n := Notice{Number: "停", Office: &office}
		for i := range rapid.IntRange(0, 500).Draw(t, "idle") {
			n.Rest = append(n.Rest, NamedDay{MakeDate(2030, 1, 1+i), "停"})
		}
		c, err := anyCalendar().Draw(t, "base").With(n)
		if err != nil {
			if !errors.Is(err, ErrData) {
				t.Fatal(err)
			}
			return
		}
		at := MakeDate(2030, 1, 1).AddDays(rapid.IntRange(-10, 500).Draw(t, "date")).In(c.Location())
		hours := rapid.IntRange(-2000, 2000).Draw(t, "hours")
		end, err := c.AddHours(at, hours, UnitWorkhour)
		if err != nil || c.WorkMinutes(at, end) != 60*hours || !c.Open(c.NextOpen(at)) {
			t.Fatalf("%s + %d workhours = %s, %v", at, hours, end, err)
		}
	})
	for _, text := range []string{"00:00-00:00", "17:30-08:30", "08:30-17:30 08:00-09:00", "", "8:30-17:30", "08:30", "08:30-12:00 13:30-17:30 18:00-19:00"} {
		if h, err := ParseHours(text); err == nil {
			t.Errorf("%q read as %s", text, h)
		}
	}
}
