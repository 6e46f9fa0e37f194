package audit_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"battlemap/app/audit"
)

var thirdPrivate, thirdPublic = mustKey(origin, 'd')

func rotation(t testing.TB, from int, older, newer, olderPrivate, newerPrivate string) []byte {
	t.Helper()
	msg, err := audit.SignRotation(audit.Rotation{Old: older, New: newer, From: int64(from), At: instant(from)}, olderPrivate, newerPrivate)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// rotated is an export signed by three keys one after the other, from 20 and from 40 on.
func rotated(t testing.TB) (m material, first, second []byte) {
	t.Helper()
	m = journal(t, 50, 10, 20)
	m.sign(t, 30, otherPrivate)
	m.sign(t, 40, otherPrivate)
	m.sign(t, 50, thirdPrivate)
	return m, rotation(t, 20, public, otherPublic, private, otherPrivate), rotation(t, 40, otherPublic, thirdPublic, otherPrivate, thirdPrivate)
}

func rotationText(msg []byte, from int) audit.Text {
	return audit.Text{Name: fmt.Sprintf("rotations/%012d.txt", from), Body: bytes.NewReader(msg)}
}

// Whichever of the three keys is trusted, the statements lead to the others; each key signs only its own stretch.
func TestRotation(t *testing.T) {
	m, first, second := rotated(t)
	for _, key := range []string{public, otherPublic, thirdPublic} {
		r := verify(t, audit.Input{Key: key, Journal: strings.NewReader(lines(m.records)), Notes: texts(t, m.notes),
			Rotations: []audit.Text{rotationText(second, 40), rotationText(first, 20)}})
		if !r.Sound || len(r.Rotated) != 2 || r.Covered != 50 {
			t.Errorf("%s: %v, by rotation %v", key, found(r), r.Rotated)
		}
		text, err := r.Text("")
		if err != nil || !strings.Contains(text, "Trusted by a statement of rotation: the key "+r.Rotated[0]) || strings.ContainsAny(text, "{}") {
			t.Errorf("%v: %s", err, text)
		}
	}
}

func TestRotationInAnExport(t *testing.T) {
	m, first, second := rotated(t)
	var buf bytes.Buffer
	if err := audit.WriteExport(&buf, audit.Export{Public: thirdPublic + "\n" + public + "\n" + otherPublic, Records: each(m.records), Checkpoints: signedNotes(t, m),
		Rotations: [][]byte{first, second}}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{public, thirdPublic, ""} {
		if r := verify(t, zipInput(key, buf.Bytes())); !r.Sound {
			t.Errorf("%v", found(r))
		}
	}
}

func TestRefusedRotations(t *testing.T) {
	m, first, second := rotated(t)
	strange, strangePublic := mustKey("battlemap.example/elsewhere", 'c')
	late := journal(t, 50, 21) // the first key signs after it was replaced
	early := material{records: m.records}
	early.sign(t, 19, otherPrivate)
	for _, c := range []struct {
		name       string
		notes      []audit.Text
		statements [][]byte
		want       []string
	}{
		{"the chain is broken", m.notes[:2], [][]byte{second}, []string{"rotation_refused 40-40"}},
		{"one byte changed", m.notes[:2], [][]byte{bytes.Replace(first, []byte("from 20"), []byte("from 21"), 1)}, []string{"rotation_refused 0-0"}},
		{"two followers", m.notes[:2], [][]byte{first, rotation(t, 30, public, thirdPublic, private, thirdPrivate)}, []string{"rotation_refused 30-30"}},
		{"a checkpoint for a statement", m.notes[:2], [][]byte{m.note(t, 10, instant(10), private)}, []string{"rotation_refused 0-0"}},
		{"not signed by the new key", m.notes[:2], [][]byte{withoutLast(first)}, []string{"rotation_refused 0-0"}},
		{"an old key signs late", late.notes, [][]byte{first}, []string{"key_retired 21-21"}},
		{"a new key signs early", early.notes, [][]byte{first}, []string{"key_retired 19-19"}},
	} {
		var rotations []audit.Text
		for i, s := range c.statements {
			rotations = append(rotations, audit.Text{Name: fmt.Sprintf("rotation-%d.txt", i), Body: bytes.NewReader(s)})
		}
		r := verify(t, audit.Input{Key: public, Journal: strings.NewReader(lines(m.records)), Notes: texts(t, c.notes), Rotations: rotations})
		if diff := cmp.Diff(c.want, found(r)); diff != "" {
			t.Errorf("%s, want -, got +:\n%s", c.name, diff)
		}
	}
	if msg, err := audit.SignRotation(audit.Rotation{Old: public, New: strangePublic, From: 1, At: start()}, private, strange); err == nil {
		t.Errorf("a key of another name follows: %s", msg)
	}
	if msg, err := audit.SignRotation(audit.Rotation{Old: public, New: otherPublic, From: 1, At: start()}, otherPrivate, otherPrivate); err == nil {
		t.Errorf("signed by the wrong key: %s", msg)
	}
}

func withoutLast(msg []byte) []byte {
	end := bytes.LastIndexByte(msg[:len(msg)-1], '\n')
	return msg[:end+1]
}
