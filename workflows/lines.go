package workflows

import (
	"slices"
	"strings"
)

// Line is one line of a comparison of two texts: Mark is '+', '-', ' ' or, for lines left out, '…'.
type Line struct {
	Mark rune
	Text string
}

// CompareLines lists what changed between two texts, line by line, with three lines around each change.
func CompareLines(old, new string) []Line {
	a, b := strings.Split(strings.TrimRight(old, "\n"), "\n"), strings.Split(strings.TrimRight(new, "\n"), "\n")
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var all []Line
	for _, text := range a[:head] {
		all = append(all, Line{' ', text})
	}
	all = append(all, changed(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, text := range a[len(a)-tail:] {
		all = append(all, Line{' ', text})
	}
	return around(all, 3)
}

// changed walks the longest common subsequence of lines.
func changed(a, b []string) []Line {
	const most = 16 << 20 // cells; two texts of 4,000 lines that have nothing in common
	if len(a)*len(b) > most {
		return append(marked('-', a), marked('+', b)...)
	}
	best := make([][]int32, len(a)+1)
	for i := range best {
		best[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if a[i] == b[j] {
				best[i][j] = best[i+1][j+1] + 1
			}
		}
	}
	var out []Line
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			out = append(out, Line{' ', a[i]})
			i, j = i+1, j+1
		case best[i+1][j] >= best[i][j+1]:
			out = append(out, Line{'-', a[i]})
			i++
		default:
			out = append(out, Line{'+', b[j]})
			j++
		}
	}
	out = append(out, marked('-', a[i:])...)
	return append(out, marked('+', b[j:])...)
}

func marked(mark rune, list []string) []Line {
	var out []Line
	for _, text := range list {
		out = append(out, Line{mark, text})
	}
	return out
}

// around keeps the changed lines with n lines before and after, and one mark for what is left out between.
func around(all []Line, n int) []Line {
	keep := make([]bool, len(all))
	for i, line := range all {
		for k := max(0, i-n); line.Mark != ' ' && k <= min(len(all)-1, i+n); k++ {
			keep[k] = true
		}
	}
	if !slices.Contains(keep, true) {
		return nil
	}
	var out []Line
	for i, line := range all {
		switch {
		case keep[i]:
			out = append(out, line)
		case len(out) == 0 || out[len(out)-1].Mark != '…':
			out = append(out, Line{'…', ""})
		}
	}
	return out
}
