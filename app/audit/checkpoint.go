package audit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says that the journal called Origin had Size records with the tree hash Root at the instant At (whole seconds).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	At     time.Time
}

var (
	errForeign   = errors.New("the origin is not the name of the key")
	errAltered   = errors.New("the signature does not fit the text")
	errForm      = errors.New("not in the form of a checkpoint")
	errNoKey     = errors.New("no public key given")
	errKeyFormat = errors.New("not a public key of the form name+hash+base64")
)

// unsignedError is a note that bears no signature of a trusted key.
type unsignedError struct{ by string }

func (e *unsignedError) Error() string { return "signed by no trusted key but by " + e.by }

// retiredError is a note signed by a key that, by a statement of rotation, may not sign that size.
type retiredError struct{ by string }

func (e *retiredError) Error() string {
	return "signed by a key that was replaced or not yet in force: " + e.by
}

// NewKey makes an Ed25519 key pair in the encodings of sumdb/note from 32 bytes of rand; name becomes the origin of the journal and must hold
// no space and no plus sign.
func NewKey(name string, rand io.Reader) (private, public string, err error) {
	private, public, err = note.GenerateKey(rand, name)
	if err != nil {
		return "", "", fmt.Errorf("make a key named %q: %w", name, err)
	}
	if _, err := note.NewVerifier(public); err != nil {
		return "", "", fmt.Errorf("make a key named %q: %w", name, err)
	}
	return private, public, nil
}

// body is the text that is signed: the three lines of C2SP tlog-checkpoint and the time as an extension line.
func (c Checkpoint) body() string {
	return fmt.Sprintf("%s\n%d\n%s\nat %s\n", c.Origin, c.Size, c.Root, c.At.UTC().Format(timeLayout))
}

// SignCheckpoint returns c as a signed note. The origin must be the name of the key, so that a note can't speak for another journal.
func SignCheckpoint(c Checkpoint, private string) ([]byte, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	if c.Origin != signer.Name() {
		return nil, fmt.Errorf("sign a checkpoint of %q with the key of %q: %w", c.Origin, signer.Name(), errForeign)
	}
	if _, err := parseBody(c.body()); err != nil || c.At.Nanosecond() != 0 {
		return nil, fmt.Errorf("sign a checkpoint of %d records at %s: want a size from 0 and a time in whole seconds", c.Size, c.At)
	}
	msg, err := note.Sign(&note.Note{Text: c.body()}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign a checkpoint: %w", err)
	}
	return msg, nil
}

// OpenCheckpoint checks the signature of msg against the public keys, one a line, and reads the checkpoint; anything that
// SignCheckpoint would not have written is an error, but further signatures by others (witnesses) are allowed.
func OpenCheckpoint(msg []byte, public string) (Checkpoint, error) {
	keys, err := parseKeys(public)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("open a checkpoint: %w", err)
	}
	c, _, err := openCheckpoint(msg, keys)
	return c, err
}

// openCheckpoint also returns the public key that signed.
func openCheckpoint(msg []byte, keys []publicKey) (c Checkpoint, signer string, err error) {
	text, signatures, err := splitNote(msg)
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("open a checkpoint: %w", err)
	}
	c, err = parseBody(text)
	if err != nil {
		return Checkpoint{}, "", fmt.Errorf("open a checkpoint: %w", err)
	}
	for _, s := range signatures {
		i := slices.IndexFunc(keys, func(k publicKey) bool { return k.Name() == s.name && k.KeyHash() == s.hash })
		switch {
		case i < 0: // a witness, or a stranger
		case !keys[i].Verify([]byte(text), s.raw):
			return Checkpoint{}, "", fmt.Errorf("open a checkpoint: %w", errAltered)
		case s.name != c.Origin:
			return Checkpoint{}, "", fmt.Errorf("open a checkpoint of %q signed by %q: %w", c.Origin, s.name, errForeign)
		case c.Size < keys[i].from || c.Size > keys[i].until:
			return Checkpoint{}, "", fmt.Errorf("open a checkpoint of %d records: %w", c.Size, &retiredError{keys[i].String()})
		default:
			signer = keys[i].text
		}
	}
	if signer == "" {
		return Checkpoint{}, "", fmt.Errorf("open a checkpoint: %w", &unsignedError{signers(signatures)})
	}
	return c, signer, nil
}

// parseBody reads exactly what body writes.
func parseBody(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" || lines[0] == "" {
		return Checkpoint{}, fmt.Errorf("four lines expected: %w", errForm)
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("root: %w", errForm)
	}
	at, err := time.Parse("at "+timeLayout, lines[3])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("time: %w", errForm)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, At: at}
	if c.body() != text {
		return Checkpoint{}, errForm
	}
	return c, nil
}

func parseSize(s string) (int64, error) {
	size, err := strconv.ParseInt(s, 10, 64)
	if err != nil || size < 0 || len(s) > maxDigits || strconv.FormatInt(size, 10) != s {
		return 0, fmt.Errorf("size: %w", errForm)
	}
	return size, nil
}

// claimedSize is the size that a note states, signed or not, or 0: good enough to name a file or a damaged note.
func claimedSize(msg []byte) int64 {
	lines := bytes.SplitN(msg, []byte("\n"), 3)
	if len(lines) < 3 {
		return 0
	}
	size, err := parseSize(string(lines[1]))
	if err != nil {
		return 0
	}
	return size
}

// publicKey is a key that checkpoints may be signed with, and the text that it was read from.
type publicKey struct {
	note.Verifier
	text        string
	from, until int64 // the sizes of the checkpoints that it may sign
	rotated     bool  // trusted because a statement of rotation links it with a trusted key
	follows     bool  // such a statement names it as the new key
	followed    bool  // as the old key
}

// parseKeys reads public keys, one a line; the text of a key must be the only way to write it.
func parseKeys(public string) ([]publicKey, error) {
	var keys []publicKey
	for _, line := range strings.Fields(public) {
		v, err := note.NewVerifier(line)
		if err != nil || !strings.HasPrefix(line, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
			return nil, fmt.Errorf("%q: %w", line, errKeyFormat)
		}
		keys = append(keys, publicKey{Verifier: v, text: line, until: math.MaxInt64})
	}
	if len(keys) == 0 {
		return nil, errNoKey
	}
	return keys, nil
}

// printable is s, or s in quotes if it holds characters that could play tricks on a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

func signers(all []signature) string {
	var names []string
	for _, s := range all {
		names = append(names, fmt.Sprintf("%s+%08x", printable(s.name), s.hash))
	}
	return strings.Join(names, ", ")
}
