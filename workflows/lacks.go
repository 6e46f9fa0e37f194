package workflows

import "slices"

// Lacks returns the measures that the rule asks for and that these facts neither hold nor give by a formula, in the order of their names: figures that nobody has
// entered, shares of nothing. A rule that lacks one can't be judged: it reaches nothing, and what it lit stays. What the program knows by itself is never lacking.
func (r *Rule) Lacks(f Facts) []Measure {
	var out []Measure
	for _, name := range r.asks {
		m, ok := r.scope.measure(name)
		if _, given := f[name]; given || !ok || m.known {
			continue
		}
		if formula := r.scope.formulas[name]; m.Formula == "" || formula == nil || !hasAll(f, formula.uses) {
			out = append(out, m)
		}
	}
	return out
}

// given are the measures that the rule asks for and that the facts hold or give.
func (l *look) given() []string {
	if len(l.lacks) == 0 {
		return l.r.asks
	}
	return slices.DeleteFunc(slices.Clone(l.r.asks), func(name string) bool {
		return slices.ContainsFunc(l.lacks, func(m Measure) bool { return m.Name == name })
	})
}

// Unknown says whether the rule could not be judged, since its facts lack something; WhyNot says what.
func (f Finding) Unknown() bool {
	return slices.ContainsFunc(f.Gaps, func(g Gap) bool { return g.Op == "absent" })
}

func hasAll(f Facts, names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		_, ok := f[name]
		return !ok
	})
}

// Asks says whether the rule asks for a measure anywhere.
func (r *Rule) Asks(measure string) bool { return slices.Contains(r.asks, measure) }

// AsksInput says whether the rule asks for a figure that people enter.
func (r *Rule) AsksInput() bool {
	return slices.ContainsFunc(r.asks, func(name string) bool { m, _ := r.scope.measure(name); return m.entered })
}

// PeriodBefore returns the last day of the period before the one that ends on last; the period is one of Periods.
func PeriodBefore(period string, last int) int { return periodBefore(period, last) }
