package main

import (
	"os"
	"strings"
	"testing"

	"battlemap/app/calendar"
)

func TestCalendarDays(t *testing.T) {
	c, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := countDays(&out, c, "2023-04-28", "+3 workdays"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2023-04-28 Fri       start", "2023-05-01 Mon       left out: 劳动节", "2023-05-04 Thu    1  counted", "2023-05-06 Sat    3  due: make-up working day", "2023-04-28 + 3 workdays = 2023-05-06"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	for _, bad := range [][2]string{{"2023-04-31", "3 workdays"}, {"2023-04-28", "three days"}, {"2023-04-28", "3 hours"}} {
		if err := countDays(&out, c, bad[0], bad[1]); err == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

func TestCalendarCheck(t *testing.T) {
	c, err := calendar.Default()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../app/calendar/testdata/notices/2023.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := checkNotice(&out, string(text), 0, c); err != nil || !strings.Contains(out.String(), "2023-01-01 to 2023-12-31: 249 working days") {
		t.Errorf("%v in\n%s", err, out.String())
	}
	if err := checkNotice(&out, "2027-02-30 班", 2027, c); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a day that does not exist: %v", err)
	}
}
