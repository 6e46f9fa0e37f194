// Package audit is the journal as evidence: how a record is written down, how records become a Merkle tree, how the head
// of the tree is signed, and how a stranger checks all of it from an export. It is pure: no database, no HTTP, no clock.
package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

const (
	// Version is the record format that Encode writes and the only one that Verify reads.
	Version = 1
	// Algorithm names the hash that Encode writes into a record; a record names its own so that SM3 can follow.
	Algorithm = "sha256"
	// MaxRecord is the largest stored record in bytes, without its newline.
	MaxRecord = 1 << 20

	timeLayout = "2006-01-02T15:04:05Z"
	maxDigits  = 18 // of a record number, so that it always fits an int64
)

// Record is one line of the journal: who did what to which object, when, why and under which rule.
type Record struct {
	V         int             `json:"v"`
	Alg       string          `json:"alg"`
	No        int64           `json:"no"` // from 1, without gaps
	At        string          `json:"at"` // RFC 3339 in UTC, whole seconds: 2023-03-13T00:30:00Z
	Actor     Actor           `json:"actor"`
	Action    string          `json:"action"`
	Object    Object          `json:"object"`
	TaskForce int64           `json:"task_force,omitempty"`
	Project   int64           `json:"project,omitempty"`
	Ticket    int64           `json:"ticket,omitempty"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Basis     string          `json:"basis,omitempty"`
	Rule      string          `json:"rule,omitempty"` // "id@version"
	Request   string          `json:"request,omitempty"`
	Address   string          `json:"address,omitempty"`
}

// Actor is who acted: a person ("user"), a job ("system") or the first set-up ("setup"), named as they were called at that time.
type Actor struct {
	Kind string `json:"kind"`
	ID   int64  `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Unit string `json:"unit,omitempty"`
}

// Object is what was acted on, with the number that people see.
type Object struct {
	Kind string `json:"kind"`
	ID   int64  `json:"id,omitempty"`
	No   string `json:"no,omitempty"`
}

// Encode writes r as the one line of JSON (no newline) that is stored and hashed: fixed field order, empty optional fields left
// out, Before and After compacted. It fills in V and Alg, and refuses text that is not UTF-8, a time that is not whole seconds
// in UTC, a missing number, actor kind or action, and a record above MaxRecord.
func Encode(r Record) ([]byte, error) {
	if err := r.complete(); err != nil {
		return nil, fmt.Errorf("encode journal record %d: %w", r.No, err)
	}
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("encode journal record %d: %w", r.No, err)
	}
	line := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if len(line) > MaxRecord {
		return nil, fmt.Errorf("encode journal record %d: %d bytes are more than %d", r.No, len(line), MaxRecord)
	}
	return line, nil
}

// complete fills in the version and the algorithm and refuses what must not reach the journal.
func (r *Record) complete() error {
	if r.V == 0 {
		r.V = Version
	}
	if r.Alg == "" {
		r.Alg = Algorithm
	}
	if r.V != Version || r.Alg != Algorithm {
		return fmt.Errorf("version %d with %q: only version %d with %q is written", r.V, r.Alg, Version, Algorithm)
	}
	if r.No < 1 || len(strconv.FormatInt(r.No, 10)) > maxDigits {
		return errors.New("the number must be between 1 and 999999999999999999")
	}
	at, err := time.Parse(timeLayout, r.At)
	if err != nil || at.Format(timeLayout) != r.At {
		return fmt.Errorf("time %q: want whole seconds in UTC like %s", r.At, timeLayout)
	}
	if r.Actor.Kind == "" || r.Action == "" {
		return errors.New("actor kind and action must be given")
	}
	for name, raw := range map[string]json.RawMessage{"before": r.Before, "after": r.After} {
		if len(raw) > 0 && (!json.Valid(raw) || !utf8.Valid(raw)) {
			return fmt.Errorf("%s is not valid JSON in UTF-8", name)
		}
	}
	// encoding/json would put U+FFFD in the place of a broken byte, and the journal would then hold what nobody wrote.
	for _, s := range []string{r.Actor.Kind, r.Actor.Name, r.Actor.Unit, r.Action, r.Object.Kind, r.Object.No,
		r.Reason, r.Basis, r.Rule, r.Request, r.Address} {
		if !utf8.ValidString(s) {
			return fmt.Errorf("text %q is not UTF-8", s)
		}
	}
	return nil
}

// Decode reads a stored record for display. It is strict: unknown or repeated fields, another order or spacing, and any byte that
// Encode would not write are errors. Verify never calls it: the proof covers the stored bytes, whatever their fields mean.
func Decode(line []byte) (Record, error) {
	h, err := scanHeader(line)
	if err != nil {
		return Record{}, fmt.Errorf("decode journal record: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var r Record
	if err := d.Decode(&r); err != nil {
		return Record{}, fmt.Errorf("decode journal record %d: %w", h.no, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Record{}, fmt.Errorf("decode journal record %d: more text after the record", h.no)
	}
	again, err := Encode(r)
	if err != nil {
		return Record{}, fmt.Errorf("decode journal record %d: %w", h.no, err)
	}
	if !bytes.Equal(again, line) {
		return Record{}, fmt.Errorf("decode journal record %d: not in the form that the journal writes", h.no)
	}
	return r, nil
}

var (
	errMalformed   = errors.New("does not begin as a journal record does")
	errUnsupported = errors.New("names a version or an algorithm that is not known here")
)

// header is all that verification reads of a record: the number and the time, and where the number stands.
type header struct {
	no         int64
	start, end int                   // the digits of the number
	at         [len(timeLayout)]byte // comparable as text
}

const (
	headStart  = `{"v":1,"alg":"sha256","no":`
	headTime   = `,"at":"`
	headFinish = `",`
	timeLeast  = "0000-00-00T00:00:00Z" // each byte of a time lies between these two
	timeMost   = "9999-99-99T99:99:99Z"
)

// scanHeader reads the fixed beginning of a record by comparing bytes: no JSON reader has a say in what is sound, and a field that
// a later product adds behind the time does not trouble today's verifier.
func scanHeader(line []byte) (header, error) {
	if !bytes.HasPrefix(line, []byte(headStart)) {
		if bytes.HasPrefix(line, []byte(headStart[:len(`{"v":`)])) && bytes.Contains(line, []byte(`,"alg":"`)) {
			return header{}, errUnsupported
		}
		return header{}, errMalformed
	}
	h := header{start: len(headStart), end: len(headStart)}
	for h.end < len(line) && line[h.end] >= '0' && line[h.end] <= '9' && h.end-h.start < maxDigits {
		h.no = h.no*10 + int64(line[h.end]-'0')
		h.end++
	}
	rest := line[h.end:]
	if h.no < 1 || line[h.start] == '0' || !bytes.HasPrefix(rest, []byte(headTime)) {
		return header{}, errMalformed
	}
	rest = rest[len(headTime):]
	if len(rest) < len(timeLayout)+len(headFinish) || string(rest[len(timeLayout):len(timeLayout)+len(headFinish)]) != headFinish {
		return header{}, errMalformed
	}
	copy(h.at[:], rest)
	if !isTime(h.at[:]) {
		return header{}, errMalformed
	}
	return h, nil
}

// isTime reports whether b, as long as timeLayout, is in its form, eight bytes at a time: a journal is read by the million of records.
func isTime(b []byte) bool {
	least, most := []byte(timeLeast), []byte(timeMost)
	for _, i := range [...]int{0, 8, len(timeLayout) - 8} {
		if !within(binary.NativeEndian.Uint64(b[i:]), binary.NativeEndian.Uint64(least[i:]), binary.NativeEndian.Uint64(most[i:])) {
			return false
		}
	}
	return true
}

// within reports whether each byte of word lies between the same byte of least and of most, which are ASCII.
func within(word, least, most uint64) bool {
	const top = 0x8080808080808080 // the highest bit of each byte: set beforehand, it stays set in a difference that is not below zero
	return word&top == 0 && ((word|top)-least)&((most|top)-word)&top == top
}

// renumbered is line with its number replaced: the bytes that were stored if somebody changed nothing but the number.
func (h header) renumbered(line []byte, no int64) []byte {
	out := append([]byte(nil), line[:h.start]...)
	out = strconv.AppendInt(out, no, 10)
	return append(out, line[h.end:]...)
}
