package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// lines reads a text line by line and never holds more than one line of MaxRecord bytes.
type lines struct {
	r    *bufio.Reader
	long []byte
}

func newLines(r io.Reader) *lines {
	return &lines{r: bufio.NewReaderSize(r, 1<<16)}
}

// next returns a line without its newline, valid until the next call; whole is false when the newline is missing or when the line was
// longer than MaxRecord and the rest of it was skipped. The error is io.EOF after the last line.
func (l *lines) next() (line []byte, whole bool, err error) {
	part, err := l.r.ReadSlice('\n')
	if err == nil {
		return part[:len(part)-1], true, nil
	}
	l.long = l.long[:0]
	whole = true
	for {
		l.long = append(l.long, part...)
		if len(l.long) > MaxRecord+1 {
			l.long, whole = l.long[:MaxRecord+1], false
		}
		if err == nil || !errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		part, err = l.r.ReadSlice('\n')
	}
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	if err == io.EOF && len(l.long) == 0 {
		return nil, false, io.EOF
	}
	line, ended := bytes.CutSuffix(l.long, []byte("\n"))
	return line, whole && ended, nil
}

// entry is one record on its way through the verifier.
type entry struct {
	buf   []byte // a zero byte and the record: what the leaf hash is taken of
	bytes []byte // the record
	head  header
	known bool  // the head could be read and the line is whole
	whole bool  // the line ends in a newline and is not too long
	err   error // why the head could not be read
	hash  tlog.Hash
}

func (e *entry) load(line []byte, whole bool) {
	e.buf = append(append(e.buf[:0], 0), line...)
	e.bytes = e.buf[1:]
	e.whole = whole
	e.head, e.err = scanHeader(e.bytes)
	e.known = whole && e.err == nil
	e.hash = sha256.Sum256(e.buf) // the same as LeafHash, without copying it once more
}

const (
	lineOfHash = 45 // bytes of a line in a list of hashes

	ringSize = 64 // leaf hashes of a list that stay at hand around the place that is being read
	maxShift = 8  // records that may have been taken out or put in before later numbers are no longer recognised
	maxTries = 1000
)

// leafList is a list of leaf hashes read in step with the journal: the one in the export, or one that left with an earlier export.
// While it agrees with the journal it shares the journal's tree; from the first difference on it grows its own, so that the signed
// checkpoints can say which of the two is right.
type leafList struct {
	name string
	own  bool // it came in the same export and must have a line for each record

	lines  *lines
	strict *base64.Encoding
	ring   [ringSize]tlog.Hash
	read   int64
	ended  bool

	forked bool
	tree   frontier
	tally  tally

	shift      int64 // the journal's numbers plus this are the list's
	tries      int
	differ     spans // the journal's record does not give the list's hash
	renumbered spans // it does under another number
	garbled    spans // the list's line is no hash
	astray     spans // the record's hash stands in another line of the list
}

func newLeafList(name string, own bool, r io.Reader) *leafList {
	return &leafList{name: name, own: own, lines: newLines(r), strict: base64.StdEncoding.Strict()}
}

// advance reads one line; at the end it sets ended.
func (l *leafList) advance(notes []signed) error {
	line, whole, err := l.lines.next()
	if err == io.EOF {
		l.ended = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", l.name, err)
	}
	l.read++
	h, ok := l.decode(line)
	if !ok || !whole {
		l.garbled.add(l.read)
		h = tlog.Hash{} // no leaf has this hash
	}
	l.ring[l.read%ringSize] = h
	if l.forked {
		l.grow(h, notes)
	}
	return nil
}

func (l *leafList) decode(line []byte) (h tlog.Hash, ok bool) {
	if len(line) != l.strict.EncodedLen(len(h)) {
		return h, false
	}
	var raw [tlog.HashSize + 1]byte
	n, err := l.strict.Decode(raw[:], line)
	copy(h[:], raw[:])
	return h, err == nil && n == len(h)
}

func (l *leafList) grow(h tlog.Hash, notes []signed) {
	l.tree.append(h)
	l.tally.meet(&l.tree, notes)
}

// at is the hash in line n, if that line exists and is not too far behind.
func (l *leafList) at(n int64, notes []signed) (h tlog.Hash, ok bool, err error) {
	for l.read < n && !l.ended {
		if err := l.advance(notes); err != nil {
			return h, false, err
		}
	}
	if n < 1 || n > l.read || n <= l.read-ringSize {
		return h, false, nil
	}
	return l.ring[n%ringSize], true, nil
}

// fork gives the list its own tree: the journal's so far, which has the same leaves, and what the list has read beyond it.
func (l *leafList) fork(journal *frontier, t tally, notes []signed) {
	if l.forked {
		return
	}
	l.forked = true
	if l.ended && l.read < journal.size {
		return // an earlier, shorter list: all of it agreed
	}
	l.tree, l.tally = journal.clone(), t.clone()
	for n := journal.size + 1; n <= l.read; n++ {
		l.grow(l.ring[n%ringSize], notes)
	}
}

// agrees reads the next line if it is the one for record n and all is well so far, and reports whether it is exactly what the record
// gives. To write the hash and compare the text is quicker than to read the text.
func (l *leafList) agrees(n int64, e *entry) (bool, error) {
	if l.forked || l.ended || l.shift != 0 || l.read != n-1 {
		return false, nil
	}
	peek, err := l.lines.r.Peek(lineOfHash)
	if err != nil { // the end, which advance will find, or a fault of the disk, which it will name
		return false, nil
	}
	var text [lineOfHash]byte
	base64.StdEncoding.Encode(text[:], e.hash[:])
	text[lineOfHash-1] = '\n'
	if !bytes.Equal(peek, text[:]) {
		return false, nil
	}
	if _, err := l.lines.r.Discard(lineOfHash); err != nil {
		return false, fmt.Errorf("read %s: %w", l.name, err)
	}
	l.read++
	l.ring[l.read%ringSize] = e.hash
	return true, nil
}

// compare holds e, the record numbered n, against the list.
func (l *leafList) compare(n int64, e *entry, w *walk) error {
	if same, err := l.agrees(n, e); err != nil || same {
		return err
	}
	if w.count < n+l.shift && l.read < w.count { // a gap: perhaps the list has it too
		h, ok, err := l.at(w.count, w.notes)
		if err != nil {
			return err
		}
		if ok && h == e.hash {
			l.shift = w.count - n
		}
	}
	h, ok, err := l.at(n+l.shift, w.notes)
	if err != nil {
		return err
	}
	if h == e.hash || !ok {
		return nil
	}
	l.fork(&w.tree, w.tally, w.notes)
	if h == (tlog.Hash{}) {
		return nil
	}
	if e.known && l.shift != 0 && h == LeafHash(e.head.renumbered(e.bytes, n+l.shift)) {
		l.renumbered.add(n)
		return nil
	}
	found, renumbered, err := l.findShift(n, e, w.notes)
	switch {
	case err != nil:
		return err
	case !found:
		l.differ.add(n)
	case renumbered:
		l.renumbered.add(n)
	}
	return nil
}

// findShift looks whether e gives one of the neighbouring hashes, as it is (the list has lost or gained lines along with the journal) or
// under that neighbour's number: the sign that a record was taken out or put in and the later ones were given new numbers.
func (l *leafList) findShift(n int64, e *entry, notes []signed) (found, renumbered bool, err error) {
	if !e.known || l.tries >= maxTries {
		return false, false, nil
	}
	l.tries++
	for k := int64(1); k <= maxShift; k++ {
		for _, shift := range [2]int64{l.shift + k, l.shift - k} {
			h, ok, err := l.at(n+shift, notes)
			if err != nil {
				return false, false, err
			}
			same := h == e.hash
			if ok && (same || h == LeafHash(e.head.renumbered(e.bytes, n+shift))) {
				if l.shift = shift; same && shift != 0 {
					l.astray.add(n)
				}
				return true, !same, nil
			}
		}
	}
	return false, false, nil
}

// finish reads the list to its end, so that a journal that was cut off is still held against the rest of the list.
func (l *leafList) finish(w *walk) error {
	l.fork(&w.tree, w.tally, w.notes)
	for !l.ended {
		if err := l.advance(w.notes); err != nil {
			return err
		}
	}
	return nil
}

// differs reports whether the list has another record number n than the journal.
func (l *leafList) differs(n int64) bool {
	return l.differ.contain(n) || l.renumbered.contain(n)
}
