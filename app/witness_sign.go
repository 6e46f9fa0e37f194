package app

import (
	"bytes"
	"errors"
	"strings"

	"battlemap/app/audit"
)

// errNoCosignature means that a witness answered without a line that its key signed.
var errNoCosignature = errors.New("no valid co-signature in the answer")

// isWitnessKey tells whether text is the public key of one who co-signs: of any note it then finds no wrong line.
func isWitnessKey(text string) bool {
	_, err := audit.Cosignatures(nil, text)
	return err == nil && len(strings.Fields(text)) == 1
}

// cosignatureIn finds the line in an answer that the witness's key signed for a note. The answer is the bare line (C2SP tlog-witness) or a whole note with it.
func cosignatureIn(body []byte, note, key string) (string, error) {
	const mark = "\u2014 "
	for line := range bytes.Lines(body) {
		text := strings.TrimRight(string(line), "\r\n") + "\n"
		if !strings.HasPrefix(text, mark) || strings.Contains(note, text) {
			continue
		}
		if found, err := audit.Cosignatures([]byte(note+text), key); err == nil && len(found) == 1 {
			return text, nil
		}
	}
	return "", errNoCosignature
}
