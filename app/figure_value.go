package app

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

// maxFigure is the greatest number that a figure holds either way; ten billion 万元 are more than any district has.
const maxFigure = 1e10

// readFigure reads what was typed or pasted for an input and returns it as its type writes it, or the key of what is wrong.
func readFigure(m workflows.Measure, typed string) (value, key string) {
	typed = strings.TrimSpace(typed)
	switch m.Type {
	case "percent", "amount":
		return readNumber(m.Type, typed)
	case "int":
		n, err := strconv.ParseInt(plainNumber(typed), 10, 32)
		if err != nil {
			return "", "figure_int"
		}
		return strconv.FormatInt(n, 10), ""
	case "bool":
		switch strings.ToLower(typed) {
		case "是", "true", "yes", "1", "√", "有":
			return "true", ""
		case "否", "false", "no", "0", "×", "无":
			return "false", ""
		}
		return "", "figure_bool"
	case "day":
		d, err := calendar.ParseDate(plainDay(typed))
		if err != nil {
			return "", "date_form"
		}
		return d.String(), ""
	}
	switch {
	case !isText(typed):
		return "", "not_text"
	case len([]rune(typed)) > 200:
		return "", "figure_long"
	case len(m.Values) > 0 && !slices.Contains(m.Values, typed):
		return "", "figure_value"
	}
	return typed, ""
}

// readNumber reads a per cent with up to two decimals, or an amount in 万元 with up to six.
func readNumber(kind, typed string) (value, key string) {
	decimals, wrong := 2, "figure_percent"
	if kind == "amount" {
		decimals, wrong = 6, "figure_amount"
	}
	text := plainNumber(typed)
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseFloat(text, 64)
	digits := strings.TrimLeft(whole+fraction, "-+")
	if err != nil || len(fraction) > decimals || math.Abs(n) > maxFigure || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", wrong
	}
	return strconv.FormatFloat(n, 'f', -1, 64), ""
}

// plainNumber writes a number as Excel and Chinese keyboards give it the way that Go reads it.
func plainNumber(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '．':
			return '.'
		case r == '－':
			return '-'
		case strings.ContainsRune(",，  　%％", r):
			return -1
		}
		return r
	}, text)
	return strings.TrimPrefix(text, "+")
}

// plainDay writes 2023/3/31 and 2023年3月31日 as 2023-03-31.
func plainDay(text string) string {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/.-年月日", r) })
	if len(parts) != 3 {
		return text
	}
	for i, part := range parts[1:] {
		if len(part) == 1 {
			parts[i+1] = "0" + part
		}
	}
	return strings.Join(parts, "-")
}

// Pasted is what was understood of a table that was pasted from a spreadsheet.
type Pasted struct {
	Values  map[int64]string // by subject, as typed
	Unknown []string         // lines whose first cells name nothing that the table holds, and lines that name the same thing twice
}

// ReadPasted reads lines of cells parted by tabs (as Excel copies them) or commas: each names a subject by its number or name, and its last cell is the figure.
// The head is passed over where it has no value.
func ReadPasted(text string, rows []FigureRow) Pasted {
	out := Pasted{Values: map[int64]string{}}
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		cells := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' })
		if len(cells) < 2 {
			cells = strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == '，' })
		}
		id, ok := namedBy(cells, rows)
		_, twice := out.Values[id]
		switch {
		case len(cells) < 2 || !ok && i > 0 || ok && twice:
			out.Unknown = append(out.Unknown, strings.TrimSpace(line))
		case ok:
			out.Values[id] = strings.TrimSpace(cells[len(cells)-1])
		}
	}
	return out
}

// namedBy finds the subject that a cell before the last one names.
func namedBy(cells []string, rows []FigureRow) (int64, bool) {
	for _, cell := range cells[:max(len(cells)-1, 0)] {
		cell = strings.TrimSpace(cell)
		i := slices.IndexFunc(rows, func(r FigureRow) bool { return cell != "" && (r.Subject.No == cell || r.Subject.Name == cell) })
		if i >= 0 {
			return rows[i].Subject.ID, true
		}
	}
	return 0, false
}
