package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	signatureMark = "— "
	maxSignatures = 100
)

// signature is one signature line of a note.
type signature struct {
	name string
	hash uint32 // of the key
	raw  []byte // what the key's algorithm made
}

// splitNote reads a signed note (C2SP signed-note) more strictly than it must: two byte strings must not pass for one note, so base64 has
// one form only and no key may sign twice.
func splitNote(msg []byte) (text string, signatures []signature, err error) {
	split := bytes.LastIndex(msg, []byte("\n\n"))
	if split < 0 || !utf8.Valid(msg) || !bytes.HasSuffix(msg, []byte("\n")) || bytes.ContainsFunc(msg, func(r rune) bool { return r < ' ' && r != '\n' }) {
		return "", nil, fmt.Errorf("not a signed note: %w", errForm)
	}
	lines := strings.Split(strings.TrimSuffix(string(msg[split+2:]), "\n"), "\n")
	if len(lines) > maxSignatures {
		return "", nil, fmt.Errorf("%d signatures: %w", len(lines), errForm)
	}
	type signer struct {
		name string
		hash uint32
	}
	seen := make(map[signer]bool)
	for _, line := range lines {
		s, err := parseSignature(line)
		if err != nil {
			return "", nil, err
		}
		if seen[signer{s.name, s.hash}] {
			return "", nil, fmt.Errorf("two signatures by one key: %w", errForm)
		}
		seen[signer{s.name, s.hash}] = true
		signatures = append(signatures, s)
	}
	return string(msg[:split+1]), signatures, nil
}

func parseSignature(line string) (signature, error) {
	rest, marked := strings.CutPrefix(line, signatureMark)
	name, text, two := strings.Cut(rest, " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if !marked || !two || err != nil || len(raw) < 5 || !validName(name) || base64.StdEncoding.EncodeToString(raw) != text {
		return signature{}, fmt.Errorf("signature line: %w", errForm)
	}
	return signature{name, binary.BigEndian.Uint32(raw), raw[4:]}, nil
}

// validName reports whether a key may bear the name.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsSpace) && !strings.Contains(name, "+")
}
