package apptest

import (
	"slices"
	"testing"
)

// Turns are measurements of two sides that took turns in one run: the machine is never quiet, so a busy moment must meet both. Only the ratio of a turn counts.
type Turns struct{ ours, floor []float64 }

// Add notes one turn.
func (t *Turns) Add(ours, floor float64) {
	t.ours, t.floor = append(t.ours, ours), append(t.floor, floor)
}

// Report prints the least, the middle and the largest ratio of a turn, and the middle of either side, in the units given.
func (t *Turns) Report(b *testing.B, ratio, unit string) {
	b.Helper()
	ratios := make([]float64, len(t.ours))
	for i := range t.ours {
		ratios[i] = t.ours[i] / t.floor[i]
	}
	ReportSpread(b, ratio, ratios)
	b.ReportMetric(middle(t.ours), unit)
	b.ReportMetric(middle(t.floor), "floor-"+unit)
}

// ReportSpread prints the least, the middle and the largest of a list.
func ReportSpread(b *testing.B, unit string, list []float64) {
	b.Helper()
	b.ReportMetric(slices.Min(list), unit+"-min")
	b.ReportMetric(middle(list), unit+"-med")
	b.ReportMetric(slices.Max(list), unit+"-max")
	b.ReportMetric(0, "ns/op") // it would count what stands beside it too
}

// Middle is the median of our side.
func (t *Turns) Middle() float64 { return middle(t.ours) }

// Check fails a test in which a side did nothing.
func (t *Turns) Check(tb testing.TB) {
	tb.Helper()
	if len(t.ours) == 0 || slices.Min(t.ours) <= 0 || slices.Min(t.floor) <= 0 {
		tb.Errorf("measured %v against %v", t.ours, t.floor)
	}
}

// middle is the median, 0 of nothing.
func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	list = slices.Sorted(slices.Values(list))
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2
}
