package calendar

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// near draws dates in and around the vendored years, wide draws any date at all.
func near() *rapid.Generator[Date] {
	return rapid.Map(rapid.Int32Range(int32(MakeDate(2004, 1, 1)), int32(MakeDate(2030, 1, 1))), func(n int32) Date { return Date(n) })
}

func wide() *rapid.Generator[Date] {
	return rapid.Map(rapid.Int32Range(int32(minDate), int32(maxDate)), func(n int32) Date { return Date(n) })
}

// anyCalendar draws holidays and make-up days over a few weeks of 2030.
func anyCalendar() *rapid.Generator[*Calendar] {
	return rapid.Custom(func(t *rapid.T) *Calendar {
		o := plain()
		o.Last = o.First.AddDays(rapid.IntRange(0, 60).Draw(t, "days"))
		for d := o.First; d <= o.Last; d++ {
			switch rest := plainKind(d) == weekend; {
			case rapid.IntRange(0, 2).Draw(t, "off") == 0:
				o.Off = append(o.Off, NamedDay{d, "假"})
			case rest && rapid.Bool().Draw(t, "make-up"):
				o.MakeUp = append(o.MakeUp, d)
			}
		}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
}

// check runs a property on the vendored calendar with dates near its data, and on drawn calendars.
func check(t *testing.T, property func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date])) {
	t.Helper()
	c := vendored(t)
	t.Run("vendored", rapid.MakeCheck(func(t *rapid.T) { property(t, c, near()) }))
	spring := rapid.Map(rapid.IntRange(-20, 90), func(n int) Date { return MakeDate(2030, 1, 1+n) })
	t.Run("drawn", rapid.MakeCheck(func(t *rapid.T) { property(t, anyCalendar().Draw(t, "calendar"), spring) }))
}

func TestAddWorkdaysAndWorkdaysAreInverses(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		d := dates.Draw(t, "date")
		n := rapid.IntRange(-600, 600).Draw(t, "workdays")
		got, err := c.AddWorkdays(d, n)
		if err != nil {
			t.Fatal(err)
		}
		if !c.Day(got).Working {
			t.Fatalf("%s + %d = %s, which is a rest day", d, n, got)
		}
		if n > 0 || c.Day(d).Working {
			if back := c.Workdays(d, got); back != n {
				t.Fatalf("%s + %d = %s, but %d working days between", d, n, got, back)
			}
		}
		start, other := c.Roll(d), c.Roll(dates.Draw(t, "other"))
		if back, err := c.AddWorkdays(start, c.Workdays(start, other)); err != nil || back != other {
			t.Fatalf("from %s over the %d working days to %s comes to %s, %v", start, c.Workdays(start, other), other, back, err)
		}
		there, err := c.AddWorkdays(start, n)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := c.AddWorkdays(there, -n); err != nil || back != start {
			t.Fatalf("%s + %d - %d = %s, %v", start, n, n, back, err)
		}
	})
}

func TestWorkdaysCountsDays(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		from, to := dates.Draw(t, "from"), dates.Draw(t, "to")
		if to < from {
			from, to = to, from
		}
		count := 0
		for _, day := range c.Days(from, to) {
			if day.Working {
				count++
			}
		}
		if got := c.Workdays(from, to); got != count {
			t.Fatalf("%d working days from %s to %s, want %d", got, from, to, count)
		}
		if got := c.Workdays(to, from); got != -count {
			t.Fatalf("%d working days from %s back to %s, want %d", got, to, from, -count)
		}
	})
}

func TestRollIsIdempotentAndNearest(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		d := dates.Draw(t, "date")
		rolled := c.Roll(d)
		if c.Roll(rolled) != rolled || rolled < d || !c.Day(rolled).Working {
			t.Fatalf("%s rolls to %s and then to %s", d, rolled, c.Roll(rolled))
		}
		if between := c.Workdays(d-1, rolled); between != 1 {
			t.Fatalf("%s rolls to %s over %d working days", d, rolled, between-1)
		}
	})
}

func TestDueIsNeverARestDay(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		start := dates.Draw(t, "start")
		term := Term{N: rapid.IntRange(0, 60).Draw(t, "n"), Unit: rapid.SampledFrom([]Unit{UnitWorkday, UnitDay, UnitWeek, UnitMonth, UnitQuarter, UnitYear}).Draw(t, "unit")}
		due, err := c.Due(start, term)
		if err != nil {
			t.Fatal(err)
		}
		if !c.Day(due).Working || due < start {
			t.Fatalf("%s from %s is due on %s", term, start, due)
		}
		shifted, err := c.Shift(start, term)
		if err != nil || c.Roll(shifted) != due {
			t.Fatalf("%s from %s shifts to %s, %v, but is due on %s", term, start, shifted, err, due)
		}
	})
}

func TestNextOpenIsOpenAndNotBefore(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		at := dates.Draw(t, "date").In(c.Location()).Add(time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "time")))
		next := c.NextOpen(at)
		if !c.Open(next) || next.Before(at) {
			t.Fatalf("next open after %s is %s (open: %t)", at, next, c.Open(next))
		}
		if !next.Equal(at) && c.Open(next.Add(-time.Nanosecond)) {
			t.Fatalf("next open after %s is %s, but it was open before", at, next)
		}
	})
}

// TestEverySearchEnds: whatever days are off, New refuses or every search comes to an answer.
func TestEverySearchEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := plain()
		o.Last = o.First.AddDays(rapid.IntRange(0, 800).Draw(t, "days"))
		idle := o.First.AddDays(rapid.IntRange(0, 800).Draw(t, "idle"))
		for d := o.First; d <= o.Last && d <= idle; d++ {
			o.Off = append(o.Off, NamedDay{d, "假"})
		}
		c, err := New(o)
		if len(o.Off) > maxRest {
			if !errors.Is(err, ErrNoWorkingTime) {
				t.Fatalf("%d days off in a row: %v", len(o.Off), err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		d := o.First.AddDays(rapid.IntRange(-10, 800).Draw(t, "date"))
		if next := c.NextOpen(d.In(time.UTC)); !c.Open(next) || !c.Day(c.Roll(d)).Working {
			t.Fatalf("from %s: next open %s, rolled %s", d, next, c.Roll(d))
		}
		n := rapid.Int().Draw(t, "n")
		if got, err := c.AddWorkdays(d, n); err != nil && !errors.Is(err, ErrRange) || err == nil && !c.Day(got).Working {
			t.Fatalf("%s + %d = %s, %v", d, n, got, err)
		}
	})
}

func TestDateRoundTrips(t *testing.T) {
	shanghai := vendored(t).Location()
	rapid.Check(t, func(t *rapid.T) {
		d := wide().Draw(t, "date")
		value, err := d.Value()
		if err != nil {
			t.Fatal(err)
		}
		text, err := d.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		sources := []any{value, text, d.In(shanghai)}
		if at := d.In(time.UTC); d.IsZero() || !at.IsZero() { // 0001-01-01 in UTC is Go's zero time
			sources = append(sources, at)
		}
		for _, src := range sources {
			got := Date(1)
			if err := got.Scan(src); err != nil || got != d {
				t.Fatalf("%s read back from %v is %s, %v", d, src, got, err)
			}
		}
		var got Date
		if err := got.UnmarshalText(text); err != nil || got != d {
			t.Fatalf("%s read back from text is %s, %v", d, got, err)
		}
		if !d.IsZero() && MakeDate(d.Year(), time.Month(d.Month().Number()), d.Day()) != d {
			t.Fatalf("%s is not made of its parts", d)
		}
		if got := Date(1); got.Scan(nil) != nil || got != 0 {
			t.Fatalf("NULL is read as %s", got)
		}
	})
}

func TestDatesSortAsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := wide().Draw(t, "a"), wide().Draw(t, "b")
		if !a.IsZero() && !b.IsZero() && (a < b) != (a.String() < b.String()) {
			t.Fatalf("%s and %s sort differently as text", a, b)
		}
	})
}

func TestMonthRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := MakeMonth(rapid.IntRange(1, 9999).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")))
		value, err := m.Value()
		if err != nil {
			t.Fatal(err)
		}
		text, err := m.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(m.Year(), time.Month(m.Number()), 1, 0, 0, 0, 0, time.FixedZone("", 8*60*60))
		for _, src := range []any{value, text, at} {
			got := Month(1)
			if got.Scan(src) != nil || got != m {
				t.Fatalf("%s read back from %v is %s", m, src, got)
			}
		}
		if got := Month(1); got.Scan(nil) != nil || got != 0 {
			t.Fatalf("NULL is read as %s", got)
		}
		n := rapid.IntRange(-100000, 100000).Draw(t, "n")
		if m.Add(n).Add(-n) != m && m.Add(n) != 0 {
			t.Fatalf("%s + %d - %d = %s", m, n, n, m.Add(n).Add(-n))
		}
		if !m.First().IsZero() && (m.First().Month() != m || m.Last().Month() != m || m.Last()+1 != m.Add(1).First()) {
			t.Fatalf("%s runs from %s to %s", m, m.First(), m.Last())
		}
	})
}

func TestTermRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		term := Term{N: rapid.IntRange(-maxTerm, maxTerm).Draw(t, "n"), Unit: rapid.SampledFrom(Units()).Draw(t, "unit")}
		if got, err := ParseTerm(term.String()); err != nil || got != term {
			t.Fatalf("%+v reads back as %+v, %v", term, got, err)
		}
	})
}
