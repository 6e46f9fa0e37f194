package workflows

import "errors"

// MaxText is the largest definition that is read, in bytes.
const MaxText = maxFileBytes

// ReadRuleset reads and checks one rule set from its text; name is what problems call the file.
func ReadRuleset(name, text string) (*Ruleset, error) {
	voc, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	s, root := newSheet(name, []byte(text), true)
	var set *Ruleset
	if root != nil {
		set = readRuleset(s, root, voc)
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, err
	}
	return set, nil
}

// ReadMachine reads and checks one state machine from its text; name is what problems call the file.
func ReadMachine(name, text string) (*Machine, error) {
	voc, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	s, root := newSheet(name, []byte(text), true)
	var m *Machine
	if root != nil {
		m = readMachine(s, root, voc)
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, err
	}
	return m, nil
}
