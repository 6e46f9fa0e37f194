package workflows

import (
	"errors"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// MaxText is the largest definition that is read, in bytes.
const MaxText = maxFileBytes

// ReadRuleset reads and checks one rule set from its text; name is what problems call the file.
func ReadRuleset(name, text string) (*Ruleset, error) { return readOne(name, text, readRuleset) }

// ReadMachine reads and checks one state machine from its text; name is what problems call the file.
func ReadMachine(name, text string) (*Machine, error) { return readOne(name, text, readMachine) }

// reader makes a definition of a sheet; what is wrong stands in the sheet's problems.
type reader[T any] func(s *sheet, root *yaml.Node, voc *vocabulary) *T

func readOne[T any](name, text string, read reader[T]) (*T, error) {
	voc, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	s, root := newSheet(name, []byte(text), true)
	var out *T
	if root != nil {
		out = read(s, root, voc)
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, err
	}
	return out, nil
}

// loadAll reads every YAML file below dir by the name that each definition gives itself; twice reports a name that the file first has taken.
func loadAll[T any](fsys fs.FS, dir string, columns bool, read reader[T], id func(*T) string, twice func(s *sheet, at *yaml.Node, id, first string)) (map[string]*T, error) {
	voc, err := readVocabulary()
	if err != nil {
		return nil, err
	}
	names, err := yamlFiles(fsys, dir)
	if err != nil {
		return nil, err
	}
	all, files := map[string]*T{}, map[string]string{}
	var problems []error
	for _, name := range names {
		s, root, err := openSheet(fsys, name, columns)
		if err != nil {
			return nil, err
		}
		if root != nil {
			one := read(s, root, voc)
			if first := files[id(one)]; first != "" && id(one) != "" {
				twice(s, root, id(one), first)
			}
			all[id(one)], files[id(one)] = one, name
		}
		problems = append(problems, s.errors()...)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return all, nil
}
