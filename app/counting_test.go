package app_test

import (
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

func TestOfficeHours(t *testing.T) {
	cal, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	minute := func(s string) int {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, cal.Location())
		if err != nil {
			t.Fatal(err)
		}
		return app.RuleMinute(cal, at)
	}
	for _, tc := range []struct{ from, term, want string }{
		{"2023-04-28 16:30", "1 hour", "2023-04-28 17:30"},
		{"2023-04-28 23:30", "2 hours", "2023-04-29 01:30"},
		{"2023-04-28 16:30", "1 workhour", "2023-04-28 17:30"},
		{"2023-04-28 16:30", "2 workhours", "2023-05-04 09:30"}, // over the May holiday
		{"2023-04-28 18:00", "1 workhour", "2023-05-04 09:30"},
		{"2023-04-30 10:00", "1 workhour", "2023-05-04 09:30"},
		{"2023-04-28 07:00", "1 workhour", "2023-04-28 09:30"},
		{"2023-05-05 17:00", "1 workhour", "2023-05-06 09:00"}, // a make-up Saturday
	} {
		term, err := workflows.ParseTerm(tc.term)
		if err != nil {
			t.Fatal(err)
		}
		got, err := app.RulesCalendar(cal).Hours(minute(tc.from), term)
		if err != nil || got != minute(tc.want) {
			t.Errorf("%s from %s: %d, %v; want %d", tc.term, tc.from, got, err, minute(tc.want))
		}
	}
}
