package calendar

import (
	"database/sql/driver"
	"fmt"
	"math"
	"time"
)

// Month is a calendar month, counted in months from January of the year 0, so that months are
// ordered with <; the zero Month means "no month".
type Month int32

// MakeMonth returns the given month; an out-of-range month is carried over into the years.
func MakeMonth(year int, month time.Month) Month {
	// Years beyond these bounds overflow int32 anyway and would overflow the product first.
	year = max(math.MinInt32, min(year, math.MaxInt32))
	return clampMonth(int64(year)*12 + int64(month) - 1)
}

// ParseMonth reads "2023-03" and nothing looser; its errors wrap ErrFormat or ErrRange.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse(monthLayout, s)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a month like 2023-03", ErrFormat, s)
	}
	m := MakeMonth(t.Year(), t.Month())
	if err := m.check(); err != nil {
		return 0, err
	}
	return m, nil
}

// String returns "2023-03", and "" for the zero Month.
func (m Month) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), m.Number())
}

// IsZero reports whether m means "no month".
func (m Month) IsZero() bool { return m == 0 }

// Add returns the month n months later, or earlier when n is negative; no month stays no month.
func (m Month) Add(n int) Month {
	if m.IsZero() {
		return 0
	}
	const most = math.MaxUint32 // the widest distance between two months
	return clampMonth(int64(m) + int64(max(-most, min(n, most))))
}

// First returns the first day of the month; the zero Month gives the zero Date, and so does
// January 1970, whose first day a Date cannot express.
func (m Month) First() Date {
	if m.IsZero() {
		return 0
	}
	return MakeDate(m.Year(), time.Month(m.Number()), 1)
}

// Last returns the last day of the month, and the zero Date for the zero Month.
func (m Month) Last() Date {
	if m.IsZero() {
		return 0
	}
	return MakeDate(m.Year(), time.Month(m.Number())+1, 0)
}

// Year returns the year, and 0 for the zero Month.
func (m Month) Year() int {
	if m >= 0 {
		return int(m) / 12
	}
	return (int(m) - 11) / 12 // Go divides towards zero; years before 0 need the floor
}

// Number returns the number of the month in its year from 1 to 12, and 0 for the zero Month.
func (m Month) Number() int {
	if m.IsZero() {
		return 0
	}
	return int(m) - m.Year()*12 + 1
}

// Value implements driver.Valuer with TEXT "2023-03", or "" for no month, so that months sort as text.
func (m Month) Value() (driver.Value, error) {
	text, err := m.MarshalText()
	return string(text), err
}

// Scan implements sql.Scanner for TEXT as Value writes it, for NULL (no month) and for a driver's
// time.Time (the month that it shows).
func (m *Month) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*m = 0
		return nil
	case string:
		return m.UnmarshalText([]byte(v))
	case []byte:
		return m.UnmarshalText(v)
	case time.Time:
		*m = 0
		if !v.IsZero() {
			*m = MakeMonth(v.Year(), v.Month())
		}
		return nil
	}
	return fmt.Errorf("%w: cannot read a month from %T", ErrFormat, src)
}

// MarshalText returns "2023-03", or no bytes for no month; a month outside the years 1 to 9999 is an ErrRange.
func (m Month) MarshalText() ([]byte, error) {
	if m.IsZero() {
		return []byte{}, nil
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes and leaves m alone on an error.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = 0
		return nil
	}
	parsed, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}

// GormDataType tells gorm that a Month is stored as text.
func (Month) GormDataType() string { return "text" }

// check returns an ErrRange unless m can be written as text and read back.
func (m Month) check() error {
	if y := m.Year(); y < 1 || y > 9999 {
		return fmt.Errorf("%w: month of the year %d lies outside the years 1 to 9999", ErrRange, y)
	}
	return nil
}

func clampMonth(n int64) Month {
	return Month(max(math.MinInt32, min(n, math.MaxInt32)))
}
