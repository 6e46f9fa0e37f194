package calendar

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCounted(t *testing.T) {
	c := vendored(t)
	for _, test := range []struct{ start, term, want string }{
		{"2023-04-28", "3 workdays", "04-28 start 0|04-29 skipped 0 劳动节|04-30 skipped 0 劳动节|05-01 skipped 0 劳动节|05-02 skipped 0 劳动节|05-03 skipped 0 劳动节|05-04 counted 1|05-05 counted 2|05-06 due 3"},
		{"2026-09-21", "10 days", "09-21 start 0|09-22 counted 1|09-23 counted 2|09-24 counted 3|09-25 counted 4 中秋|09-26 counted 5 中秋|09-27 counted 6 中秋|09-28 counted 7|09-29 counted 8|09-30 counted 9|" +
			"10-01 last 10 国庆节|10-02 moved 10 国庆节|10-03 moved 10 国庆节|10-04 moved 10 国庆节|10-05 moved 10 国庆节|10-06 moved 10 国庆节|10-07 moved 10 国庆节|10-08 due 10"},
		{"2023-09-05", "1 month", "09-05 start 0|10-05 last 1 国庆节|10-06 moved 1 国庆节|10-07 due 1"},
		{"2023-05-08", "-1 workday", "05-08 start 0|05-07 skipped 0|05-06 due 1"},
		{"2023-05-08", "-2 days", "05-08 start 0|05-07 counted 1|05-06 due 2"},
		{"2023-03-13", "0 workdays", "03-13 start 0|03-13 due 0"},
		{"2023-03-11", "0 days", "03-11 start 0|03-12 moved 0|03-13 due 0"},
		{"2023-05-08", "1 week", "05-08 start 0|05-09 counted 1|05-10 counted 2|05-11 counted 3|05-12 counted 4|05-13 counted 5|05-14 counted 6|05-15 due 7"},
	} {
		term, err := ParseTerm(test.term)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := c.Counted(date(t, test.start), term)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range steps {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", s.Date.String()[5:], s.Mark, s.N, s.Name)))
		}
		if diff := cmp.Diff(strings.Split(test.want, "|"), got); diff != "" {
			t.Errorf("%s + %s (-want +got):\n%s", test.start, test.term, diff)
		}
	}
	if _, err := c.Counted(MakeDate(2023, 3, 13), Term{3, UnitHour}); !errors.Is(err, ErrUnit) {
		t.Errorf("hours: %v", err)
	}
	if _, err := c.Counted(MakeDate(2023, 3, 13), Term{9000, UnitDay}); !errors.Is(err, ErrRange) {
		t.Errorf("25 years: %v", err)
	}
}

// TestCountedEndsWhereDueDoes: the explanation and the due date never disagree.
func TestCountedEndsWhereDueDoes(t *testing.T) {
	check(t, func(t *rapid.T, c *Calendar, dates *rapid.Generator[Date]) {
		start := dates.Draw(t, "start")
		term := Term{N: rapid.IntRange(-30, 60).Draw(t, "n"), Unit: rapid.SampledFrom(Units()[:5]).Draw(t, "unit")}
		steps, err := c.Counted(start, term)
		if err != nil {
			if far := term.N; term.Unit == UnitQuarter && (far > 35 || far < -35) {
				return
			}
			t.Fatal(err)
		}
		want, err := c.Shift(start, term)
		if term.N >= 0 && err == nil {
			want, err = c.Due(start, term)
		}
		last := steps[len(steps)-1]
		if err != nil || last.Mark != MarkDue || last.Date != want {
			t.Fatalf("%s from %s: the account ends with %+v, the date is %s, %v", term, start, last, want, err)
		}
		n := 0
		for i, s := range steps {
			if s.Mark == MarkCounted || s.Mark == MarkDue && term.Unit == UnitWorkday && term.N != 0 {
				n++
			}
			if term.Unit == UnitWorkday && term.N != 0 && s.N != n || i > 0 && s.N < steps[i-1].N {
				t.Fatalf("%s from %s: step %+v after %d counted days", term, start, s, n)
			}
		}
	})
}
