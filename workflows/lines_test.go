package workflows_test

import (
	"strings"
	"testing"

	"battlemap/workflows"
)

func TestCompareLines(t *testing.T) {
	write := func(list []workflows.Line) string {
		var b strings.Builder
		for _, l := range list {
			b.WriteString(string(l.Mark) + l.Text + "|")
		}
		return b.String()
	}
	for _, c := range []struct{ old, new, want string }{
		{"a\nb\nc", "a\nb\nc\n", ""},
		{"a\nb\nc", "a\nB\nc", " a|-b|+B| c|"},
		{"1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n7", "…| 3| 4| 5|-6|+7|"},
		{"", "a", "-|+a|"},
		{"a\nb\nc\nd\ne\nf\ng\nh\ni", "A\nb\nc\nd\ne\nf\ng\nh\nI", "-a|+A| b| c| d|…| f| g| h|-i|+I|"},
	} {
		if got := write(workflows.CompareLines(c.old, c.new)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.old, c.new, got, c.want)
		}
	}
}
