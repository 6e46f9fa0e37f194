package audit

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// The verifier's small tree must be tlog's tree at every size.
func TestFrontierIsTheTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 8), 0, 200).Draw(t, "leaves")
		var f frontier
		var stored []tlog.Hash
		r := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			var out []tlog.Hash
			for _, x := range indexes {
				out = append(out, stored[x])
			}
			return out, nil
		})
		for i, leaf := range append(leaves, nil) {
			want, err := tlog.TreeHash(int64(i), r)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.root(); got != want || f.size != int64(i) {
				t.Fatalf("size %d: root %s, want %s", i, got, want)
			}
			more, err := tlog.StoredHashes(int64(i), leaf, r)
			if err != nil {
				t.Fatal(err)
			}
			stored = append(stored, more...)
			f.append(LeafHash(leaf))
		}
	})
}

func runsOf(numbers []int64) []run {
	w := walk{}
	for _, n := range numbers {
		w.count++
		w.number(n)
	}
	return w.runs
}

// Whatever is done to the numbering, it is either in order or something is named; and what is named as missing or doubled is.
func TestUntangleNamesEveryBreak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var numbers []int64
		for n := range rapid.Int64Range(0, 30).Draw(t, "count") {
			numbers = append(numbers, n+1)
		}
		for range rapid.IntRange(0, 4).Draw(t, "damages") {
			if len(numbers) == 0 {
				break
			}
			i := rapid.IntRange(0, len(numbers)-1).Draw(t, "i")
			j := rapid.IntRange(0, len(numbers)-1).Draw(t, "j")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				numbers = slices.Delete(numbers, i, i+1)
			case 1:
				numbers = slices.Insert(numbers, i, numbers[j])
			case 2:
				numbers[i], numbers[j] = numbers[j], numbers[i]
			case 3:
				numbers[i] = rapid.Int64Range(1, 99).Draw(t, "number")
			}
		}
		limit := rapid.SampledFrom([]int64{0, 30}).Draw(t, "limit")
		out := untangle(runsOf(numbers), limit)
		inOrder := true
		for i, n := range numbers {
			inOrder = inOrder && n == int64(i+1)
		}
		named := len(out.dropped) + len(out.duplicated) + len(out.renumbered) + len(out.inserted) + len(out.swapped) + len(out.reordered)
		if inOrder != (named == 0) && !(limit > 0 && int64(len(numbers)) > limit) {
			t.Fatalf("%v: in order %v, found %+v", numbers, inOrder, out)
		}
		for _, s := range out.dropped {
			for n := s.first; n <= s.last; n++ {
				if slices.Contains(numbers, n) && len(out.renumbered) == 0 && len(out.inserted) == 0 {
					t.Fatalf("%v: %d is there, found %+v", numbers, n, out)
				}
			}
		}
	})
}

func TestSpansStayShort(t *testing.T) {
	var s spans
	for n := int64(2); n < 10*maxSpans; n += 2 {
		s.add(n)
	}
	if len(s) != maxSpans || s[len(s)-1].last != 10*maxSpans-2 {
		t.Errorf("%d spans to %d", len(s), s[len(s)-1].last)
	}
	if s.contain(3) || !s.contain(4) || !s.meet(2, 4) || s.meet(2, 3) {
		t.Error("spans contain the wrong numbers")
	}
}

func TestWordsAreWhole(t *testing.T) {
	w, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	for key, said := range w {
		if said["zh"] == "" || said["en"] == "" || len(said) != 2 {
			t.Errorf("%s: %v", key, said)
		}
	}
}

// A bundle that is spoilt from end to end is reported in so many lines and no more.
func TestFaultsOfABundleStayFew(t *testing.T) {
	n := newNursery(t)
	parts := []part{{recordsMember, bytes.Repeat([]byte("x\n"), 5*maxSpans)}, {manifestMember, bytes.Repeat([]byte("a 1 b\n"), 5*maxSpans)}, {checkpointMember, nil}}
	r, err := verifyFiles(files(parts), Input{Key: n.public})
	if err != nil {
		t.Fatal(err)
	}
	if r.Sound || len(r.Faults) < 10 || len(r.Faults) > maxSpans+10 {
		t.Errorf("sound %v, %d faults", r.Sound, len(r.Faults))
	}
}

// Each byte of a time is judged by itself, wherever it stands and whatever its neighbours are.
func TestIsTime(t *testing.T) {
	for _, good := range []string{"2023-03-13T00:30:00Z", timeLeast, timeMost} {
		for i := range good {
			for c := range 256 {
				text := []byte(good)
				text[i] = byte(c)
				if got, want := isTime(text), timeLeast[i] <= byte(c) && byte(c) <= timeMost[i]; got != want {
					t.Errorf("%q: a time %t, want %t", text, got, want)
				}
			}
		}
	}
	if isTime(bytes.Repeat([]byte{0xff}, len(timeLayout))) || isTime(make([]byte, len(timeLayout))) {
		t.Error("no byte fits, and it is a time")
	}
}
