package audit

// span is a run of record numbers, both ends included.
type span struct{ first, last int64 }

// spans is a rising list of spans that stays short: past maxSpans the last one is stretched, so that a wholly spoilt journal costs no memory.
type spans []span

const maxSpans = 1000

func (s *spans) add(n int64) {
	if k := len(*s) - 1; k >= 0 && ((*s)[k].last >= n-1 || k+1 >= maxSpans) {
		(*s)[k].last = max((*s)[k].last, n)
		return
	}
	*s = append(*s, span{n, n})
}

func (s spans) contain(n int64) bool {
	return s.meet(n-1, n)
}

// meet reports whether any number in (after, last] is in s.
func (s spans) meet(after, last int64) bool {
	for _, p := range s {
		if p.last > after && p.first <= last {
			return true
		}
	}
	return false
}

// signed is a checkpoint whose signature holds.
type signed struct {
	Checkpoint
	file   string
	signer string
}

// contradiction is a signed checkpoint that a tree does not give; after is the size of the last one before it that the tree did give.
type contradiction struct {
	note  int // index
	after int64
}

// tally is how a growing tree fares against the signed checkpoints, which are in order of size.
type tally struct {
	next   int   // the first checkpoint not reached yet
	agreed int64 // the size of the last checkpoint that the tree gives, 0 if none
	at     int   // its index
	checks int
	broken []contradiction
}

func (t *tally) meet(f *frontier, notes []signed) {
	if t.next >= len(notes) || notes[t.next].Size != f.size {
		return
	}
	root, after := f.root(), t.agreed
	for ; t.next < len(notes) && notes[t.next].Size == f.size; t.next++ {
		t.checks++
		if notes[t.next].Root == root {
			t.agreed, t.at = f.size, t.next
			continue
		}
		t.broken = append(t.broken, contradiction{t.next, after})
	}
}

func (t *tally) clone() tally {
	c := *t
	c.broken = append([]contradiction(nil), t.broken...)
	return c
}
