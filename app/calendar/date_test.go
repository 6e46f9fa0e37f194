package calendar

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"
)

func date(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseDateIsStrict(t *testing.T) {
	for _, s := range []string{
		"", " ", "2023-3-13", "2023-03-13 ", " 2023-03-13", "2023/03/13", "2023-02-29", "2023-13-01", "2023-00-10", "2023-04-31",
		"23-03-13", "+2023-03-13", "-2023-03-13", "12023-03-13", "2023-03-13T00:00:00Z", "２０２３-03-13", "2023-03",
	} {
		if d, err := ParseDate(s); !errors.Is(err, ErrFormat) || d != 0 {
			t.Errorf("ParseDate(%q) = %v, %v, want ErrFormat", s, d, err)
		}
	}
	for _, s := range []string{"0000-01-01", "1970-01-01"} {
		if d, err := ParseDate(s); !errors.Is(err, ErrRange) || d != 0 {
			t.Errorf("ParseDate(%q) = %v, %v, want ErrRange", s, d, err)
		}
	}
}

func TestDateParts(t *testing.T) {
	tests := []struct {
		text             string
		number           Date
		year, month, day int
		weekday          time.Weekday
	}{
		{"0001-01-01", minDate, 1, 1, 1, time.Monday},
		{"1969-12-31", -1, 1969, 12, 31, time.Wednesday},
		{"1970-01-02", 1, 1970, 1, 2, time.Friday},
		{"2000-02-29", 11016, 2000, 2, 29, time.Tuesday},
		{"2023-03-13", 19429, 2023, 3, 13, time.Monday},
		{"9999-12-31", maxDate, 9999, 12, 31, time.Friday},
	}
	for _, test := range tests {
		d := date(t, test.text)
		if d != test.number || d.Year() != test.year || d.Month().Number() != test.month || d.Day() != test.day || d.Weekday() != test.weekday {
			t.Errorf("%s = day %d: %d %d %d %s, want %+v", test.text, int32(d), d.Year(), d.Month().Number(), d.Day(), d.Weekday(), test)
		}
	}
}

func TestZeroDateIsNoDate(t *testing.T) {
	var d Date
	if !d.IsZero() || d.String() != "" || d.Year() != 0 || d.Month() != 0 || d.Day() != 0 {
		t.Errorf("the zero date shows %q, %d %s %d", d, d.Year(), d.Month(), d.Day())
	}
	if d.AddDays(5) != 0 || d.AddMonths(5) != 0 || !d.In(time.UTC).IsZero() || DateOf(time.Time{}) != 0 {
		t.Error("no date became a date")
	}
	var m Month
	if !m.IsZero() || m.String() != "" || m.Year() != 0 || m.Number() != 0 || m.Add(3) != 0 || m.First() != 0 || m.Last() != 0 {
		t.Errorf("the zero month shows %q, %d %d", m, m.Year(), m.Number())
	}
}

// TestNoDateIsStoredAsEmptyText: one text for "none" in every column, and NULL reads the same.
func TestNoDateIsStoredAsEmptyText(t *testing.T) {
	if v, err := Date(0).Value(); v != "" || err != nil {
		t.Errorf("no date is stored as %v, %v", v, err)
	}
	if v, err := Month(0).Value(); v != "" || err != nil {
		t.Errorf("no month is stored as %v, %v", v, err)
	}
	for _, src := range []any{"", []byte{}, []byte(nil), nil} {
		d, m := Date(1), Month(1)
		if err := errors.Join(d.Scan(src), m.Scan(src)); err != nil || d != 0 || m != 0 {
			t.Errorf("%#v is read as %s and %s, %v", src, d, m, err)
		}
	}
	if Date(0).GormDataType() != "text" || Month(0).GormDataType() != "text" {
		t.Error("dates and months are columns of text")
	}
}

func TestAddMonths(t *testing.T) {
	tests := []struct {
		from   string
		months int
		want   string
	}{
		{"2023-01-31", 1, "2023-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2023-03-31", -1, "2023-02-28"},
		{"2023-12-15", 1, "2024-01-15"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2023-05-31", -18, "2021-11-30"},
		{"2023-03-05", 0, "2023-03-05"},
	}
	for _, test := range tests {
		if got := date(t, test.from).AddMonths(test.months); got.String() != test.want {
			t.Errorf("%s + %d months = %s, want %s", test.from, test.months, got, test.want)
		}
	}
}

func TestDateArithmeticDoesNotWrapRound(t *testing.T) {
	d := date(t, "2023-03-13")
	for _, n := range []int{math.MaxInt, math.MaxUint32, math.MaxInt32} {
		if got := d.AddDays(n); got != math.MaxInt32 {
			t.Errorf("%s + %d days = day %d, want the latest", d, n, int32(got))
		}
		if got := d.AddDays(-n); got > minDate {
			t.Errorf("%s - %d days = day %d, want one before the year 1", d, n, int32(got))
		}
		if later, earlier := d.AddMonths(n), d.AddMonths(-n); later <= maxDate || earlier >= minDate {
			t.Errorf("%s ± %d months = day %d and day %d", d, n, int32(earlier), int32(later))
		}
	}
	if _, err := Date(math.MaxInt32).Value(); !errors.Is(err, ErrRange) {
		t.Errorf("a date after the year 9999 was written: %v", err)
	}
	if _, err := MakeMonth(10000, 1).Value(); !errors.Is(err, ErrRange) {
		t.Errorf("a month after the year 9999 was written: %v", err)
	}
}

func TestMonths(t *testing.T) {
	tests := []struct {
		text        string
		add         int
		sum         string
		first, last string
	}{
		{"2023-03", 1, "2023-04", "2023-03-01", "2023-03-31"},
		{"2023-12", 1, "2024-01", "2023-12-01", "2023-12-31"},
		{"2024-02", -2, "2023-12", "2024-02-01", "2024-02-29"},
		{"2023-02", -24, "2021-02", "2023-02-01", "2023-02-28"},
		{"0001-01", 9998 * 12, "9999-01", "0001-01-01", "0001-01-31"},
		{"1970-01", 1, "1970-02", "", "1970-01-31"}, // a Date cannot express 1970-01-01
	}
	for _, test := range tests {
		m, err := ParseMonth(test.text)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.String() != test.text || m.Add(test.add).String() != test.sum || m.First().String() != test.first || m.Last().String() != test.last {
			t.Errorf("%s: + %d = %s, from %q to %q, want %+v", m, test.add, m.Add(test.add), m.First(), m.Last(), test)
		}
	}
	for _, s := range []string{"", "2023-3", "2023-13", "2023-00", "2023-03-13", "2023-03 ", "202303"} {
		if m, err := ParseMonth(s); !errors.Is(err, ErrFormat) || m != 0 {
			t.Errorf("ParseMonth(%q) = %v, %v, want ErrFormat", s, m, err)
		}
	}
	if m, err := ParseMonth("0000-02"); !errors.Is(err, ErrRange) || m != 0 {
		t.Errorf("ParseMonth of the year 0 = %v, %v, want ErrRange", m, err)
	}
	if m := Month(-1); m.Year() != -1 || m.Number() != 12 {
		t.Errorf("the month before the year 0 is %d of %d", m.Number(), m.Year())
	}
}

func TestScanRefusesAndKeeps(t *testing.T) {
	d, m := date(t, "2023-03-13"), MakeMonth(2023, 3)
	for _, src := range []any{int64(19429), 1.5, true, "13.03.2023", []byte("x")} {
		if err := d.Scan(src); !errors.Is(err, ErrFormat) {
			t.Errorf("a date was read from %v: %v", src, err)
		}
		if err := m.Scan(src); !errors.Is(err, ErrFormat) {
			t.Errorf("a month was read from %v: %v", src, err)
		}
	}
	if d.String() != "2023-03-13" || m.String() != "2023-03" {
		t.Errorf("a failed scan left %s and %s", d, m)
	}
}

func TestScanShowsTheDayOfTheTimesOwnZone(t *testing.T) {
	late := time.Date(2023, 3, 31, 23, 30, 0, 0, time.FixedZone("", -5*60*60)) // already April in UTC
	var d Date
	var m Month
	if err := errors.Join(d.Scan(late), m.Scan(late)); err != nil || d.String() != "2023-03-31" || m.String() != "2023-03" {
		t.Errorf("scanned %s and %s: %v", d, m, err)
	}
	if err := errors.Join(d.Scan(time.Time{}), m.Scan(time.Time{})); err != nil || d != 0 || m != 0 {
		t.Errorf("scanned the zero time as %s and %s: %v", d, m, err)
	}
}

func TestJSON(t *testing.T) {
	type paper struct {
		Due   Date  `json:"due"`
		None  Date  `json:"none"`
		Gone  Date  `json:"gone,omitzero"`
		Month Month `json:"month"`
	}
	in := paper{Due: date(t, "2023-05-06"), Month: MakeMonth(2023, 5)}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"due":"2023-05-06","none":"","month":"2023-05"}`; string(text) != want {
		t.Errorf("encoded as %s, want %s", text, want)
	}
	var out paper
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("decoded %+v, %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"due":"2023-5-6"}`), &out); !errors.Is(err, ErrFormat) {
		t.Errorf("a loose date was decoded: %v", err)
	}
}

func TestInIsTheFirstInstant(t *testing.T) {
	tests := []struct{ zone, date, want string }{
		{"Asia/Shanghai", "2023-03-13", "2023-03-13T00:00:00+08:00"},
		{"UTC", "2023-03-13", "2023-03-13T00:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00"}, // midnight was skipped
		{"Asia/Beirut", "2021-03-28", "2021-03-28T01:00:00+03:00"},       // east of Greenwich
	}
	for _, test := range tests {
		loc, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		d := date(t, test.date)
		if got := d.In(loc); got.Format(time.RFC3339) != test.want || DateOf(got) != d {
			t.Errorf("%s in %s starts at %s, want %s", d, test.zone, got.Format(time.RFC3339), test.want)
		}
	}
}

func TestTerms(t *testing.T) {
	for text, want := range map[string]Term{
		"5 workdays": {5, UnitWorkday}, "1 workday": {1, UnitWorkday}, "-3 workdays": {-3, UnitWorkday}, "-1 workday": {-1, UnitWorkday},
		"0 days": {0, UnitDay}, "15 days": {15, UnitDay}, "1 month": {1, UnitMonth}, "2 hours": {2, UnitHour},
		"2 weeks": {2, UnitWeek}, "1 quarter": {1, UnitQuarter}, "-1 year": {-1, UnitYear}, "4 workhours": {4, UnitWorkhour},
	} {
		got, err := ParseTerm(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("ParseTerm(%q) = %q (%+v), %v", text, got, got, err)
		}
	}
	for _, text := range []string{
		"", "5", "workdays", "5workdays", "5  workdays", " 5 workdays", "5 workdays ", "+5 workdays", "5.5 days", "five days", "5 fortnights",
		"5 Days", "5 dayss", "5 s", "1000001 days", "-1000001 days", "99999999999999999999 days",
	} {
		if got, err := ParseTerm(text); !errors.Is(err, ErrFormat) {
			t.Errorf("ParseTerm(%q) = %+v, %v, want ErrFormat", text, got, err)
		}
	}
	if got := (Term{}).String(); got != "" {
		t.Errorf("the zero term shows %q", got)
	}
}
