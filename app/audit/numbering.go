package audit

import (
	"cmp"
	"math"
	"slices"
)

// numbering is what the order of the numbers alone says about a journal.
type numbering struct {
	top        int64 // the highest number that belongs to the sequence
	dropped    []span
	duplicated []span
	renumbered []span // the numbers that the records should have
	inserted   []span
	swapped    []span // two numbers, not a stretch
	reordered  []span
}

// untangle explains the runs of a journal. The heaviest rising chain of runs is taken as the journal as it was; every other run was
// moved (its number is missing in the chain), renumbered (a number is missing where it stands), duplicated or inserted.
// limit is the number of records there ought to be, or 0 if nothing says so.
func untangle(runs []run, limit int64) numbering {
	if limit == 0 {
		limit = math.MaxInt64
	}
	chain, strays := heaviest(runs, limit)
	var out numbering
	if len(chain) > 0 {
		out.top = chain[len(chain)-1].last
	}
	present := slices.Clone(chain)
	kept := slices.Clone(chain)
	var rest []run
	for _, r := range strays {
		moved, covered := split(r, present, out.top)
		kept = append(kept, moved...)
		present = insert(present, moved...)
		for _, m := range moved {
			out.top = max(out.top, m.last)
		}
		rest = append(rest, covered...)
	}
	for _, r := range rest {
		hole := place(r, chain, present, limit)
		switch {
		case hole.first > 0 && hole.last-hole.first+1 >= r.length():
			fill := run{r.line, hole.first, hole.first + r.length() - 1}
			out.renumbered = append(out.renumbered, span{fill.first, fill.last})
			kept, present = append(kept, fill), insert(present, fill)
			out.top = max(out.top, fill.last)
		case r.first > out.top:
			out.inserted = append(out.inserted, span{r.first, r.last})
		default:
			out.duplicated = append(out.duplicated, span{r.first, r.last})
		}
	}
	next := int64(1)
	for _, r := range present {
		if r.first > next {
			out.dropped = append(out.dropped, span{next, r.first - 1})
		}
		next = max(next, r.last+1)
	}
	out.displaced(kept)
	return out
}

// heaviest splits runs into the rising chain with the most records and the others, both in order of line.
func heaviest(runs []run, limit int64) (chain, strays []run) {
	best := make([]int64, len(runs))
	from := make([]int, len(runs))
	end := -1
	for i, r := range runs {
		from[i] = -1
		if r.first > limit {
			continue
		}
		for j := range i {
			if best[j] > 0 && runs[j].last < r.first && best[j] > best[i] {
				best[i], from[i] = best[j], j
			}
		}
		best[i] += r.length()
		if end < 0 || best[i] > best[end] {
			end = i
		}
	}
	in := make([]bool, len(runs))
	for ; end >= 0; end = from[end] {
		in[end] = true
	}
	for i, r := range runs {
		if in[i] {
			chain = append(chain, r)
		} else {
			strays = append(strays, r)
		}
	}
	return chain, strays
}

// split cuts r into the stretches that are missing in present, up to the number after top, and the others.
func split(r run, present []run, top int64) (missing, others []run) {
	at := r
	for _, p := range present {
		if p.last < at.first || p.first > at.last {
			continue
		}
		if p.first > at.first {
			missing = append(missing, run{at.line, at.first, p.first - 1})
		}
		lo, hi := max(at.first, p.first), min(at.last, p.last)
		others = append(others, run{at.line + lo - at.first, lo, hi})
		if at = (run{at.line + hi + 1 - at.first, hi + 1, at.last}); at.first > at.last {
			return missing, others
		}
	}
	if at.first > top+1 {
		return missing, append(others, at)
	}
	return append(missing, at), others
}

// place is the first stretch of numbers that is missing between the chain's runs before and after the line of r.
func place(r run, chain, present []run, limit int64) span {
	lo, hi := int64(1), limit
	for _, c := range chain {
		if c.line < r.line {
			lo = c.last + 1
		} else {
			hi = c.first - 1
			break
		}
	}
	if hi == math.MaxInt64 {
		return span{} // at the open end nothing is known to be missing
	}
	for _, p := range present {
		if p.last < lo {
			continue
		}
		if p.first > lo {
			hi = min(hi, p.first-1)
			break
		}
		lo = p.last + 1
	}
	if lo > hi {
		return span{}
	}
	return span{lo, hi}
}

// insert adds runs to present, which stays in order of number.
func insert(present []run, more ...run) []run {
	present = append(present, more...)
	slices.SortFunc(present, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	return present
}

// displaced finds the runs that do not stand where their numbers belong: pairs of single records that stand in each other's place are
// swapped, the others are reported as one stretch.
func (out *numbering) displaced(kept []run) {
	slices.SortFunc(kept, func(a, b run) int { return cmp.Compare(a.line, b.line) })
	sorted := slices.Clone(kept)
	slices.SortFunc(sorted, func(a, b run) int { return cmp.Compare(a.first, b.first) })
	stands := make(map[int64]int64) // first number -> position
	var at int64
	for _, r := range kept {
		stands[r.first] = at
		at += r.length()
	}
	belongs := make(map[int64]run) // position -> the run that belongs there
	var home []int64
	at = 0
	for _, r := range sorted {
		belongs[at] = r
		home = append(home, at)
		at += r.length()
	}
	var mess span
	for i, r := range sorted {
		if stands[r.first] == home[i] {
			continue
		}
		other, ok := belongs[stands[r.first]]
		if ok && r.length() == 1 && other.length() == 1 && stands[other.first] == home[i] {
			if r.first < other.first {
				out.swapped = append(out.swapped, span{r.first, other.first})
			}
			continue
		}
		if mess.first == 0 {
			mess.first = r.first
		}
		mess.last = max(mess.last, r.last)
	}
	if mess.first > 0 {
		out.reordered = append(out.reordered, mess)
	}
}
