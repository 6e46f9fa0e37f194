package audit

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Rotation is the statement that the key New follows the key Old: Old signs checkpoints up to the size From, New those from it on.
type Rotation struct {
	Old, New string // public keys of the same name
	From     int64
	At       time.Time // whole seconds
}

const rotationTitle = "rotation v1"

var errRotation = errors.New("not a statement of rotation signed by both its keys")

func (r Rotation) origin() string {
	name, _, _ := strings.Cut(r.Old, "+")
	return name
}

// body is the text that both keys sign. Its second line is no number, so that it can't pass for a checkpoint, nor a checkpoint for it.
func (r Rotation) body() string {
	return fmt.Sprintf("%s\n%s\nold %s\nnew %s\nfrom %d\nat %s\n", r.origin(), rotationTitle, r.Old, r.New, r.From, r.At.UTC().Format(timeLayout))
}

// SignRotation returns r as a note signed by the old key, which passes its trust on, and by the new key, which shows that it exists and
// lets those who trust only it accept what the old one signed.
func SignRotation(r Rotation, oldPrivate, newPrivate string) ([]byte, error) {
	older, err := note.NewSigner(oldPrivate)
	if err != nil {
		return nil, fmt.Errorf("sign a rotation: %w", err)
	}
	newer, err := note.NewSigner(newPrivate)
	if err != nil {
		return nil, fmt.Errorf("sign a rotation: %w", err)
	}
	msg, err := note.Sign(&note.Note{Text: r.body()}, older, newer)
	if err != nil {
		return nil, fmt.Errorf("sign a rotation: %w", err)
	}
	if _, err := OpenRotation(msg); err != nil || r.At.Nanosecond() != 0 {
		return nil, fmt.Errorf("sign a rotation from %.40s to %.40s at %d: %w", r.Old, r.New, r.From, errRotation)
	}
	return msg, nil
}

// OpenRotation reads exactly what SignRotation writes and checks both signatures. It does not know whether either key is to be trusted.
func OpenRotation(msg []byte) (Rotation, error) {
	fail := func(err error) (Rotation, error) { return Rotation{}, fmt.Errorf("open a rotation: %w", err) }
	text, signatures, err := splitNote(msg)
	if err != nil {
		return fail(err)
	}
	l := strings.Split(text, "\n")
	if len(l) != 7 {
		return fail(errRotation)
	}
	r := Rotation{Old: strings.TrimPrefix(l[2], "old "), New: strings.TrimPrefix(l[3], "new ")}
	if r.From, err = parseSize(strings.TrimPrefix(l[4], "from ")); err != nil {
		return fail(err)
	}
	if r.At, err = time.Parse("at "+timeLayout, l[5]); err != nil {
		return fail(errRotation)
	}
	keys, err := parseKeys(r.Old + "\n" + r.New)
	if err != nil {
		return fail(err)
	}
	if len(keys) != 2 || r.Old == r.New || keys[0].Name() != keys[1].Name() || r.body() != text || len(signatures) != 2 {
		return fail(errRotation)
	}
	for i, s := range signatures {
		if s.name != keys[i].Name() || s.hash != keys[i].KeyHash() || !keys[i].Verify([]byte(text), s.raw) {
			return fail(errRotation)
		}
	}
	return r, nil
}

// RotationMember is a statement of rotation as a member of a bundle.
func RotationMember(msg []byte) (Member, error) {
	r, err := OpenRotation(msg)
	if err != nil {
		return Member{}, err
	}
	return NewMember(rotationName(r), msg), nil
}

func rotationName(r Rotation) string { return fmt.Sprintf("%s%012d.txt", rotationFolder, r.From) }

// trust follows statements of rotation from the trusted keys, forwards and backwards. It returns all keys that are now trusted, each
// with the sizes that it may sign, and a finding for each statement that is none, contradicts another one or leads to no trusted key.
func trust(keys []publicKey, statements []Text) ([]publicKey, []finding, error) {
	keys = slices.Clone(keys)
	var refused []finding
	type named struct {
		Rotation
		file string
	}
	var open []named
	for _, t := range statements {
		msg, err := readSmall(t)
		if err != nil {
			return nil, nil, err
		}
		r, err := OpenRotation(msg)
		inside := strings.HasPrefix(t.Name, rotationFolder)
		if err != nil || inside && t.Name != rotationName(r) {
			refused = append(refused, finding{Fault{Code: RotationRefused, File: t.Name}, ""})
			continue
		}
		open = append(open, named{r, t.Name})
	}
	slices.SortStableFunc(open, func(a, b named) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.body(), b.body())) })
	open = slices.CompactFunc(open, func(a, b named) bool { return a.body() == b.body() })
	for again := true; again; {
		again = false
		var rest []named
		for _, r := range open {
			older, newer := indexKey(keys, r.Old), indexKey(keys, r.New)
			switch {
			case older < 0 && newer < 0:
				rest = append(rest, r)
				continue
			case older >= 0 && keys[older].followed || newer >= 0 && keys[newer].follows:
				refused = append(refused, finding{Fault{Code: RotationRefused, First: r.From, Last: r.From, File: r.file}, ""})
				continue
			case older < 0:
				keys = append(keys, rotatedKey(r.Old))
				older = len(keys) - 1
			case newer < 0:
				keys = append(keys, rotatedKey(r.New))
				newer = len(keys) - 1
			}
			keys[older].until, keys[older].followed = r.From, true
			keys[newer].from, keys[newer].follows = r.From, true
			again = true
		}
		open = rest
	}
	for _, r := range open {
		refused = append(refused, finding{Fault{Code: RotationRefused, First: r.From, Last: r.From, File: r.file}, ""})
	}
	return keys, refused, nil
}

func indexKey(keys []publicKey, text string) int {
	return slices.IndexFunc(keys, func(k publicKey) bool { return k.text == text })
}

// rotatedKey is a key that OpenRotation has read already.
func rotatedKey(text string) publicKey {
	v, _ := note.NewVerifier(text)
	return publicKey{Verifier: v, text: text, until: math.MaxInt64, rotated: true}
}
