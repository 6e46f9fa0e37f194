package audit

import (
	"cmp"
	"slices"
)

// finding is a fault and a detail for its sentence.
type finding struct {
	Fault
	detail string
}

// verdict turns what a walk noticed into named damage, each damage once.
type verdict struct {
	w      *walk
	own    *leafList // of the export, or nil
	order  numbering
	faults []finding
}

func newVerdict(w *walk, found []finding) *verdict {
	v := &verdict{w: w, faults: found}
	for _, l := range w.lists {
		if l.own {
			v.own = l
		}
	}
	return v
}

func (v *verdict) add(code Code, first, last int64, file string) {
	for _, f := range v.faults {
		if f.Code == code && f.First == first && f.Last == last && code != Forked {
			return
		}
	}
	v.faults = append(v.faults, finding{Fault{Code: code, First: first, Last: last, File: file}, ""})
}

// judge names all damage.
func (v *verdict) judge() {
	v.numbers()
	for _, l := range v.w.lists {
		v.list(l)
	}
	v.ends()
	v.lines()
	v.signatures()
}

// tell puts the findings in order and into words.
func tell(found []finding) ([]Fault, error) {
	w, err := loadWords()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Last, b.Last), cmp.Compare(a.Code, b.Code), cmp.Compare(a.File, b.File))
	})
	faults := []Fault{}
	for _, f := range found {
		f.Zh, f.En = w.fault(f.Fault, "zh", f.detail), w.fault(f.Fault, "en", f.detail)
		faults = append(faults, f.Fault)
	}
	return faults, nil
}

// numbers names what the numbering shows.
func (v *verdict) numbers() {
	if v.w.crowded {
		var last int64
		for _, r := range v.w.runs {
			last = max(last, r.last)
		}
		v.order = numbering{top: last}
		v.add(Reordered, v.w.runs[1].line, last, journalMember)
		return
	}
	var limit int64
	if v.own != nil && v.own.read >= v.w.count && v.own.shift == 0 {
		limit = v.own.read // nobody took lines out of the list
	}
	v.order = untangle(v.w.runs, limit)
	for code, found := range map[Code][]span{Dropped: v.order.dropped, Duplicated: v.order.duplicated, Renumbered: v.order.renumbered,
		Inserted: v.order.inserted, Swapped: v.order.swapped, Reordered: v.order.reordered} {
		for _, s := range found {
			v.add(code, s.first, s.last, journalMember)
		}
	}
}

// list names the records that a list of leaf hashes does not bear out. A list that a signed checkpoint confirms is believed before the
// journal; if no checkpoint confirms it but one confirms the journal, the list is the one at fault.
func (v *verdict) list(l *leafList) {
	found := make(map[Code]*spans)
	note := func(code Code, n int64) {
		if l.tally.agreed < n && v.w.tally.agreed >= n {
			code = LeavesAltered
		}
		if found[code] == nil {
			found[code] = &spans{}
		}
		found[code].add(n)
	}
	for _, s := range l.differ {
		for n := s.first; n <= s.last; n++ {
			if v.own != nil && !v.own.differs(n) {
				note(Rehashed, n)
			} else {
				note(Edited, n)
			}
		}
	}
	for _, s := range l.renumbered {
		for n := s.first; n <= s.last; n++ {
			note(Renumbered, n)
		}
	}
	if len(v.w.runs) <= 1 && len(v.w.malformed) == 0 { // the journal is in order, so the list is not
		for _, s := range l.astray {
			v.add(LeavesAltered, s.first, s.last, l.name)
		}
	}
	for _, s := range l.garbled {
		v.add(LeavesAltered, s.first, s.last, l.name)
	}
	for code, s := range found {
		for _, p := range *s {
			v.add(code, p.first, p.last, l.name)
		}
	}
}

// ends names records that are missing at the end of the journal or of the export's own list.
func (v *verdict) ends() {
	top, last, file := v.order.top, int64(0), ""
	for _, l := range v.w.lists {
		if l.own && l.read < v.order.top+l.shift {
			v.add(LeavesAltered, l.read+1, v.order.top, l.name)
		}
		if len(l.garbled) > 0 {
			continue // its count is not to be trusted
		}
		top = max(top, v.order.top+l.shift)
		if l.read > last {
			last, file = l.read, l.name
		}
	}
	for _, n := range v.w.notes {
		if n.Size > last {
			last, file = n.Size, n.file
		}
	}
	if last > top {
		v.add(CutOff, top+1, last, file)
	}
}

// lines names what is wrong with single records, unless a list has already shown that they were changed.
func (v *verdict) lines() {
	changed := func(after, last int64) bool {
		for _, l := range v.w.lists {
			if l.differ.meet(after, last) || l.renumbered.meet(after, last) {
				return true
			}
		}
		return false
	}
	for code, found := range map[Code]spans{Malformed: v.w.malformed, Unsupported: v.w.unsupported} {
		for _, s := range found {
			if !changed(s.first-1, s.last) {
				v.add(code, s.first, s.last, journalMember)
			}
		}
	}
	for _, s := range v.w.backwards {
		if !changed(s.first-2, s.last) {
			v.add(ClockBack, s.first, s.last, journalMember)
		}
	}
}

// signatures names what only the signed checkpoints show.
func (v *verdict) signatures() {
	journal := &v.w.tally
	for i, b := range journal.broken {
		n := v.w.notes[b.note]
		twice := false // two roots for one size, and the journal gives neither
		if i > 0 {
			other := v.w.notes[journal.broken[i-1].note]
			twice = other.Size == n.Size && other.Root != n.Root
		}
		if n.Size <= journal.agreed || twice {
			v.add(Forked, b.after+1, n.Size, n.file)
		}
	}
	v.interval(journal)
	for _, l := range v.w.lists {
		v.interval(&l.tally)
	}
}

// interval names the records between the last checkpoint that a tree gives and the first that it does not give, unless something
// within them has been named already. A list that breaks where the journal holds is no matter of the journal.
func (v *verdict) interval(t *tally) {
	for _, b := range t.broken {
		n := v.w.notes[b.note]
		journal := slices.ContainsFunc(v.w.tally.broken, func(j contradiction) bool { return j.note == b.note })
		if n.Size <= t.agreed || !journal {
			continue
		}
		if !v.explained(b.after, n.Size) {
			v.add(Rehashed, b.after+1, n.Size, n.file)
		}
		return
	}
}

func (v *verdict) explained(after, last int64) bool {
	for i, r := range v.w.runs {
		if (i > 0 || r.first != 1) && r.line > after && r.line <= last {
			return true
		}
	}
	for _, l := range v.w.lists {
		if l.differ.meet(after, last) || l.renumbered.meet(after, last) {
			return true
		}
	}
	return v.w.malformed.meet(after, last) || v.w.unsupported.meet(after, last)
}
