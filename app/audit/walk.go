package audit

import (
	"errors"
	"io"
)

// maxRuns bounds the breaks in the numbering that are told apart.
const maxRuns = 2000

// run is a stretch of lines whose numbers follow one another.
type run struct{ line, first, last int64 }

func (r run) length() int64 { return r.last - r.first + 1 }

// walk goes through the journal once and notes what does not fit, in memory that does not grow with the journal.
type walk struct {
	notes []signed
	lists []*leafList

	count    int64 // records so far
	tree     frontier
	tally    tally
	runs     []run
	crowded  bool  // there were more than maxRuns
	front    int64 // the highest number that stands in its place so far
	lastAt   [len(timeLayout)]byte
	lastSeen int64 // the number of the record before, if its time could be read

	malformed   spans // cut in the middle, longer than MaxRecord, or not a record
	unsupported spans // a version or an algorithm that this verifier does not know
	backwards   spans // the time is before that of the record before
}

// read takes the whole journal. A record is judged when the next one is at hand, because a number that is too high is a gap or a record
// in the wrong place, and only the next number tells which.
func (w *walk) read(r io.Reader) error {
	in := newLines(r)
	var pair [2]entry
	var held *entry
	w.tally.meet(&w.tree, w.notes)
	for k := 0; ; k = 1 - k {
		line, whole, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		pair[k].load(line, whole)
		if held != nil {
			if err := w.step(held, &pair[k]); err != nil {
				return err
			}
		}
		held = &pair[k]
	}
	if held != nil {
		if err := w.step(held, nil); err != nil {
			return err
		}
	}
	for _, l := range w.lists {
		if err := l.finish(w); err != nil {
			return err
		}
	}
	return nil
}

// step judges e, knowing the record after it, or nil at the end.
func (w *walk) step(e, next *entry) error {
	w.count++
	n := e.head.no
	if !e.known {
		n = w.expected()
		w.blame(e, n)
	}
	w.number(n)
	w.clock(e, n)
	if w.inPlace(n, next) {
		w.front = n
		if err := w.compare(e, n); err != nil {
			return err
		}
	} else {
		for _, l := range w.lists {
			l.fork(&w.tree, w.tally, w.notes)
		}
	}
	w.tree.append(e.hash)
	w.tally.meet(&w.tree, w.notes)
	return nil
}

func (w *walk) expected() int64 {
	if len(w.runs) == 0 {
		return 1
	}
	return w.runs[len(w.runs)-1].last + 1
}

// inPlace reports whether number n follows what came before, or leaves a gap that what comes after it respects.
func (w *walk) inPlace(n int64, next *entry) bool {
	if n <= w.front {
		return false
	}
	return n == w.front+1 || next == nil || !next.known || next.head.no > n
}

func (w *walk) compare(e *entry, n int64) error {
	for _, l := range w.lists {
		if n != w.count {
			l.fork(&w.tree, w.tally, w.notes)
		}
		if err := l.compare(n, e, w); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) blame(e *entry, n int64) {
	if e.whole && errors.Is(e.err, errUnsupported) {
		w.unsupported.add(n)
		return
	}
	w.malformed.add(n)
}

func (w *walk) number(n int64) {
	k := len(w.runs) - 1
	switch {
	case k >= 0 && n == w.runs[k].last+1:
		w.runs[k].last = n
	case len(w.runs) < maxRuns:
		w.runs = append(w.runs, run{w.count, n, n})
	default:
		w.crowded = true
		w.runs[k].last = max(w.runs[k].last, n)
	}
}

// clock holds the time against the record before, if that is the one numbered before: elsewhere the numbering is already at fault.
func (w *walk) clock(e *entry, n int64) {
	if !e.known {
		w.lastSeen = 0
		return
	}
	if w.lastSeen > 0 && w.lastSeen == n-1 && string(e.head.at[:]) < string(w.lastAt[:]) {
		w.backwards.add(n)
	}
	w.lastAt, w.lastSeen = e.head.at, n
}
