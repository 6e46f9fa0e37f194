package templates

import (
	"math"
	"strconv"
	"strings"
	"time"

	"battlemap/app/calendar"
)

// Amounts of money are in fen, a hundredth of a yuan.
const (
	fenPerYuan    = 100
	fenPerWan     = 10_000 * fenPerYuan
	fenPerMillion = 1_000_000 * fenPerYuan
	fenPerYi      = 100_000_000 * fenPerYuan
	fenPerBillion = 1_000_000_000 * fenPerYuan
)

// Day writes a date with its weekday: 2023年4月28日 星期五, Fri 28 Apr 2023; "" for no date.
func (l Locale) Day(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.day", "Year", d.Year(), "Month", d.Month().Number(), "Day", d.Day(), "MonthName", l.monthName(d.Month()), "Weekday", l.Weekday(d))
}

// FullDay writes a date without its weekday: 2023年4月28日, 28 Apr 2023.
func (l Locale) FullDay(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.full", "Year", d.Year(), "Month", d.Month().Number(), "Day", d.Day(), "MonthName", l.monthName(d.Month()))
}

// ShortDay writes a date without its year: 4月28日, 28 Apr.
func (l Locale) ShortDay(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("date.short", "Month", d.Month().Number(), "Day", d.Day(), "MonthName", l.monthName(d.Month()))
}

// Weekday writes the day of the week: 星期五, Fri.
func (l Locale) Weekday(d calendar.Date) string {
	return l.T("weekday." + strconv.Itoa(int(d.Weekday())))
}

// Month writes a month of a year: 2023年4月, Apr 2023.
func (l Locale) Month(m calendar.Month) string {
	if m.IsZero() {
		return ""
	}
	return l.T("date.month", "Year", m.Year(), "Month", m.Number(), "MonthName", l.monthName(m))
}

// ShortMonth writes a month without its year, for the head of a column: 4月, Apr.
func (l Locale) ShortMonth(m calendar.Month) string {
	if m.IsZero() {
		return ""
	}
	return l.T("date.short_month", "Month", m.Number(), "MonthName", l.monthName(m))
}

func (l Locale) monthName(m calendar.Month) string { return l.T("month." + strconv.Itoa(m.Number())) }

// Clock writes the time of day of t in t's own location: 09:32.
func (l Locale) Clock(t time.Time) string { return t.Format("15:04") }

// Moment writes a date and time of day in t's own location: 2023年4月28日 09:32, 28 Apr 2023 09:32.
func (l Locale) Moment(t time.Time) string {
	return l.FullDay(calendar.DateOf(t)) + " " + l.Clock(t)
}

// Money writes an amount of fen with its unit and up to two decimals: 1,200 万元, 145.5 亿元, 600 元; CNY 12 million.
func (l Locale) Money(fen int64) string {
	size, unit := l.magnitude(fen)
	return l.T("money."+size, "V", decimal(fen, unit, 2, false))
}

// Amount is Money in two pieces, for figures that print the number large: "145.5" and "亿元"; "14.55" and "bn CNY".
func (l Locale) Amount(fen int64) (value, unit string) {
	size, per := l.magnitude(fen)
	return decimal(fen, per, 2, false), l.T("money." + size + "_unit")
}

// PartOf writes a part and its whole in the unit of the whole: 13.31/16.1 亿元.
func (l Locale) PartOf(part, whole int64) string {
	size, per := l.magnitude(whole)
	return decimal(part, per, 2, false) + "/" + decimal(whole, per, 2, false) + " " + l.T("money."+size+"_unit")
}

// magnitude picks the unit that an amount is told in, and the fen in one of it.
func (l Locale) magnitude(fen int64) (size string, unit int64) {
	middle, large := int64(fenPerWan), int64(fenPerYi)
	if l.Lang == langEnglish {
		middle, large = fenPerMillion, fenPerBillion
	}
	switch {
	case abs(fen) >= large:
		return "large", large
	case abs(fen) >= middle:
		return "middle", middle
	default:
		return "small", fenPerYuan
	}
}

// Wan writes an amount of fen as a number of 万元 with the given decimals, for columns whose head names the unit: 1,200.0.
func (l Locale) Wan(fen int64, decimals int) string { return decimal(fen, fenPerWan, decimals, true) }

// Yi writes an amount of fen as a number of 亿元 with up to two decimals, for figures whose unit stands beside them: 145.5.
func (l Locale) Yi(fen int64) string { return decimal(fen, fenPerYi, 2, false) }

// Percent writes points of a hundred with one decimal: 21.0%.
func (l Locale) Percent(points float64) string { return strconv.FormatFloat(points, 'f', 1, 64) + "%" }

// Count writes a whole number with thousands set off: 18,204.
func (l Locale) Count(n int) string { return grouped(strconv.Itoa(n)) }

// DueIn says how far a due date is in working days: 还有 3 个工作日, 今日到期, 已逾期 3 个工作日.
func (l Locale) DueIn(workdays int) string {
	switch {
	case workdays > 0:
		return l.T("due.in", "N", workdays)
	case workdays == 0:
		return l.T("due.today")
	default:
		return l.T("due.late", "N", -workdays)
	}
}

// decimal divides n by unit, rounds half away from zero to the given decimals and groups thousands; padded keeps closing zeros.
func decimal(n, unit int64, decimals int, padded bool) string {
	scale := int64(math.Pow10(decimals))
	whole, rest := abs(n)/unit, abs(n)%unit
	part := (rest*scale*2 + unit) / (unit * 2)
	if part == scale {
		whole, part = whole+1, 0
	}
	text := grouped(strconv.FormatInt(whole, 10))
	if decimals > 0 {
		text += "." + strings.Repeat("0", decimals-len(strconv.FormatInt(part, 10))) + strconv.FormatInt(part, 10)
	}
	if decimals > 0 && !padded {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	if n < 0 && strings.ContainsAny(text, "123456789") {
		text = "−" + text
	}
	return text
}

func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
