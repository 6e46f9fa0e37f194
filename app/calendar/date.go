package calendar

import (
	"database/sql/driver"
	"fmt"
	"math"
	"time"
)

const (
	dateLayout  = "2006-01-02"
	monthLayout = "2006-01"

	secondsPerDay = 24 * 60 * 60

	minDate Date = -719162 // 0001-01-01
	maxDate Date = 2932896 // 9999-12-31
)

// Date is a day without time or zone, counted in days from 1970-01-01; the zero Date means "no
// date", so that 1970-01-01 itself cannot be expressed.
type Date int32

// MakeDate returns the given day; out-of-range months and days are carried over as time.Date does.
func MakeDate(year int, month time.Month, day int) Date {
	return clampDate(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// ParseDate reads "2023-03-13" and nothing looser; its errors wrap ErrFormat or ErrRange.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a date like 2023-03-13", ErrFormat, s)
	}
	d := MakeDate(t.Date())
	if err := d.check(); err != nil {
		return 0, err
	}
	return d, nil
}

// DateOf returns the day that t shows in its own location, and the zero Date for the zero time.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	return MakeDate(t.Date())
}

// String returns "2023-03-13", and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(dateLayout)
}

// IsZero reports whether d means "no date".
func (d Date) IsZero() bool { return d == 0 }

// Year returns the year, and 0 for the zero Date.
func (d Date) Year() int {
	if d.IsZero() {
		return 0
	}
	return d.utc().Year()
}

// Month returns the calendar month that d lies in, and the zero Month for the zero Date.
func (d Date) Month() Month {
	if d.IsZero() {
		return 0
	}
	year, month, _ := d.utc().Date()
	return MakeMonth(year, month)
}

// Day returns the day of the month from 1 to 31, and 0 for the zero Date.
func (d Date) Day() int {
	if d.IsZero() {
		return 0
	}
	return d.utc().Day()
}

// Weekday returns the day of the week; the zero Date, which has none, answers Thursday as 1970-01-01 would.
func (d Date) Weekday() time.Weekday {
	// 1970-01-01 was a Thursday (4); the second remainder makes days before it positive.
	return time.Weekday(((int(d)+4)%7 + 7) % 7)
}

// AddDays returns the day n days later, or earlier when n is negative; no date stays no date.
func (d Date) AddDays(n int) Date {
	if d.IsZero() {
		return 0
	}
	return d.plus(n)
}

// AddMonths returns the same day of the month n months later, or that month's last day when it is
// shorter (民法典 202); no date stays no date.
func (d Date) AddMonths(n int) Date {
	if d.IsZero() {
		return 0
	}
	year, month, day := d.utc().Date()
	target := MakeMonth(year, month).Add(n)
	y, m := target.Year(), time.Month(target.Number())
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return MakeDate(y, m, min(day, last))
}

// In returns the first instant of d in loc: midnight, or the end of the gap where the clocks skip
// midnight; the zero Date gives the zero time.
func (d Date) In(loc *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return instant(d, 0, 0, loc)
}

// Value implements driver.Valuer with TEXT "2023-03-13", or "" for no date, so that dates sort as text.
func (d Date) Value() (driver.Value, error) {
	text, err := d.MarshalText()
	return string(text), err
}

// Scan implements sql.Scanner for TEXT as Value writes it, for NULL (no date) and for a driver's
// time.Time (the day that it shows).
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = 0
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	case time.Time:
		*d = DateOf(v)
		return nil
	}
	return fmt.Errorf("%w: cannot read a date from %T", ErrFormat, src)
}

// MarshalText returns "2023-03-13", or no bytes for no date; a day outside the years 1 to 9999 is an ErrRange.
func (d Date) MarshalText() ([]byte, error) {
	if d.IsZero() {
		return []byte{}, nil
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes and leaves d alone on an error.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// GormDataType tells gorm that a Date is stored as text.
func (Date) GormDataType() string { return "text" }

// check returns an ErrRange unless d can be written as text and read back.
func (d Date) check() error {
	if d.IsZero() {
		return fmt.Errorf("%w: the day is missing or 1970-01-01", ErrRange)
	}
	if d < minDate || d > maxDate {
		return fmt.Errorf("%w: day number %d lies outside the years 1 to 9999", ErrRange, int32(d))
	}
	return nil
}

func (d Date) utc() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

// plus is AddDays for the arithmetic inside this package, where day 0 is a day like any other.
func (d Date) plus(n int) Date {
	const most = math.MaxUint32 // the widest distance between two dates
	return clampDate(int64(d) + int64(max(-most, min(n, most))))
}

// clampDate keeps a day number inside int32: a date too far away must not wrap round to a near one.
func clampDate(n int64) Date {
	return Date(max(math.MinInt32, min(n, math.MaxInt32)))
}
