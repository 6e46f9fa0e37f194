package calendar

import (
	"errors"
	"testing"
	"time"
)

func instantOf(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestOpenAndNextOpen(t *testing.T) {
	c := vendored(t)
	tests := []struct {
		at   string
		open bool
		next string // "" when open
	}{
		{"2023-03-13T08:29:59+08:00", false, "2023-03-13T08:30:00+08:00"},
		{"2023-03-13T08:30:00+08:00", true, ""},
		{"2023-03-13T17:29:59+08:00", true, ""},
		{"2023-03-13T17:30:00+08:00", false, "2023-03-14T08:30:00+08:00"},
		{"2023-03-13T00:30:00Z", true, ""},                           // 08:30 in the district
		{"2023-03-12T20:00:00Z", false, "2023-03-13T08:30:00+08:00"}, // Sunday in UTC, Monday 04:00 there
		{"2023-03-10T18:00:00+08:00", false, "2023-03-13T08:30:00+08:00"},
		{"2023-01-20T18:00:00+08:00", false, "2023-01-28T08:30:00+08:00"}, // the make-up Saturday
		{"2023-01-28T10:00:00+08:00", true, ""},
		{"2023-01-23T10:00:00+08:00", false, "2023-01-28T08:30:00+08:00"}, // a Monday in the holiday
	}
	for _, test := range tests {
		at := instantOf(t, test.at)
		if got := c.Open(at); got != test.open {
			t.Errorf("open at %s: %t", test.at, got)
		}
		want := at
		if test.next != "" {
			want = instantOf(t, test.next)
		}
		if got := c.NextOpen(at); !got.Equal(want) {
			t.Errorf("next open after %s is %s, want %s", test.at, got, want)
		}
	}
	if got := c.NextOpen(time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)); !got.IsZero() {
		t.Errorf("opens at %s", got)
	}
}

func TestTodayAndAt(t *testing.T) {
	c := vendored(t)
	if got := c.Today(instantOf(t, "2023-03-12T16:00:00Z")); got.String() != "2023-03-13" {
		t.Errorf("midnight in the district belongs to %s", got)
	}
	if got := c.Today(instantOf(t, "2023-03-12T15:59:59Z")); got.String() != "2023-03-12" {
		t.Errorf("the last second of the day belongs to %s", got)
	}
	d := date(t, "2023-03-13")
	if got := c.At(d, 9, 15); !got.Equal(instantOf(t, "2023-03-13T01:15:00Z")) {
		t.Errorf("09:15 is %s", got)
	}
	if got := c.At(d, 24, 0); !got.Equal(d.AddDays(1).In(c.Location())) {
		t.Errorf("24:00 is %s, want the next midnight", got)
	}
	if got := c.At(0, 9, 15); !got.IsZero() {
		t.Errorf("09:15 of no date is %s", got)
	}
}

// TestClockChanges: a district elsewhere may set its clocks, and Apia once left out a whole day.
func TestClockChanges(t *testing.T) {
	tests := []struct{ zone, opens, at, next string }{
		{"America/New_York", "02:30", "2024-03-09T20:00:00-05:00", "2024-03-11T02:30:00-04:00"}, // Saturday to Monday, over the change
		{"Pacific/Apia", "08:30", "2011-12-29T20:00:00-10:00", "2012-01-02T08:30:00+14:00"},     // no Friday 30 December
	}
	for _, test := range tests {
		loc, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		o := plain()
		o.Location = loc
		o.Opens, err = ParseClock(test.opens)
		if err != nil {
			t.Fatal(err)
		}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.NextOpen(instantOf(t, test.at)), instantOf(t, test.next); !got.Equal(want) {
			t.Errorf("%s: next open after %s is %s, want %s", test.zone, test.at, got, want)
		}
	}
}

func TestAtInASkippedHour(t *testing.T) {
	for zone, tests := range map[string]map[string]string{
		"America/New_York": {"2024-03-10": "2024-03-10T03:00:00-04:00"}, // 02:00 to 03:00 left out
		"Europe/Berlin":    {"2024-03-31": "2024-03-31T03:00:00+02:00"},
	} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		o := plain()
		o.Location = loc
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for day, want := range tests {
			if got := c.At(date(t, day), 2, 30); !got.Equal(instantOf(t, want)) {
				t.Errorf("02:30 on %s in %s is %s, want %s", day, zone, got, want)
			}
		}
	}
}

func TestParseClock(t *testing.T) {
	for _, s := range []string{"00:00", "08:30", "23:59"} {
		if k, err := ParseClock(s); err != nil || k.String() != s {
			t.Errorf("ParseClock(%q) = %s, %v", s, k, err)
		}
	}
	for _, s := range []string{"", "8:30", "24:00", "08:60", "08:30:00", "0830", "08:3"} {
		if k, err := ParseClock(s); !errors.Is(err, ErrFormat) {
			t.Errorf("ParseClock(%q) = %s, %v, want ErrFormat", s, k, err)
		}
	}
}
