package workflows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxFileBytes caps a definition file; the largest that ships is a tenth of it.
const maxFileBytes = 256 << 10

// maxProblems is how many problems of one file are told: who writes has enough to mend, and who attacks can't make one small file cost a report of gigabytes.
const maxProblems = 100

// sheet is one YAML file while it is read: it collects problems instead of stopping at the first.
type sheet struct {
	file     string
	text     string
	lines    []string
	columns  bool // problems name the column as well
	problems []*Problem
}

// yamlFiles lists the YAML files below dir in a fixed order.
func yamlFiles(fsys fs.FS, dir string) ([]string, error) {
	var names []string
	err := fs.WalkDir(fsys, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ext := path.Ext(name); !entry.IsDir() && (ext == ".yaml" || ext == ".yml") {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the YAML files in %s: %w", dir, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no YAML file in %s", dir)
	}
	return names, nil
}

// openSheet reads and parses one file; the node is nil when the problems already say why there is nothing to read.
func openSheet(fsys fs.FS, name string, columns bool) (*sheet, *yaml.Node, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	s, root := newSheet(name, data, columns)
	return s, root, nil
}

// newSheet parses the bytes of one file.
func newSheet(name string, data []byte, columns bool) (*sheet, *yaml.Node) {
	s := &sheet{file: name, columns: columns}
	if len(data) > maxFileBytes {
		s.failAt(1, 1, "the file is larger than %d KiB: split it", maxFileBytes>>10)
		return s, nil
	}
	s.text = strings.ReplaceAll(string(data), "\r\n", "\n")
	s.lines = strings.Split(s.text, "\n")
	return s, s.parse(data)
}

var (
	yamlLinePattern   = regexp.MustCompile(`^yaml: (?:line ([0-9]+): )?(.*)$`)
	yamlParserPattern = regexp.MustCompile(`^(did not find expected (node content|key|<|'-'|',')|found (undefined tag|duplicate %))`)
)

func (s *sheet) parse(data []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		s.failSyntax(err)
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		s.fail(&second, "a second document begins here: put it into a file of its own")
		return nil
	} else if !errors.Is(err, io.EOF) {
		s.failSyntax(err)
		return nil
	}
	root := doc.Content[0]
	if s.refuseAliases(root) {
		return nil
	}
	return root
}

func (s *sheet) failSyntax(err error) {
	if errors.Is(err, io.EOF) {
		s.failAt(1, 1, "the file is empty")
		return
	}
	line, text := 0, err.Error()
	if parts := yamlLinePattern.FindStringSubmatch(text); parts != nil {
		text = parts[2]
		if n, err := strconv.Atoi(parts[1]); err == nil {
			line = n
		}
	}
	if yamlParserPattern.MatchString(text) {
		line++ // the library counts the lines of its parser's errors, not of its scanner's, from 0
	}
	s.failAt(line, 1, "this is not YAML: %s; look at the indentation, the colons and the quotes around here; inside {...} put a condition with commas or brackets in single quotes", text)
}

// refuseAliases keeps a small file from meaning a huge one (alias bombs), and every value readable where it stands.
func (s *sheet) refuseAliases(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		s.fail(n, "anchors (&) and aliases (*) are not allowed: write the value out")
		return true
	}
	found := false
	for _, child := range n.Content {
		if found = s.refuseAliases(child) || found; len(s.problems) >= maxProblems {
			break
		}
	}
	return found
}

func (s *sheet) fail(at *yaml.Node, format string, args ...any) {
	s.failAt(at.Line, at.Column, format, args...)
}

func (s *sheet) failAt(line, column int, format string, args ...any) {
	if len(s.problems) >= maxProblems {
		return
	}
	said := say(format, args...)
	p := &Problem{File: s.file, Line: max(line, 1), Text: said.Error(), said: said}
	if s.columns {
		p.Column = max(column, 1)
	}
	s.problems = append(s.problems, p)
}

// errors returns the problems in the order of the file.
func (s *sheet) errors() []error {
	slices.SortStableFunc(s.problems, func(a, b *Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	list := make([]error, len(s.problems))
	for i, p := range s.problems {
		list[i] = p
	}
	return list
}

// locate returns the line and column in the file of a place inside a text value, counted in characters from its start;
// where quoting makes that uncertain it returns the start of the value.
func (s *sheet) locate(n *yaml.Node, offset int) (line, column int) {
	text := []rune(n.Value)
	line, column = n.Line, n.Column
	block := n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		column++
	}
	if block {
		line, column = line+1, 0
	}
	for pos := 0; line <= len(s.lines); line, column = line+1, 0 {
		raw := []rune(s.lines[line-1])
		if column == 0 {
			column = len(raw) - len([]rune(strings.TrimLeft(string(raw), " "))) + 1
		}
		same := 0
		for column-1+same < len(raw) && pos+same < len(text) && raw[column-1+same] == text[pos+same] {
			same++
		}
		if offset <= pos+same {
			return line, column + offset - pos
		}
		if pos+same < len(text) && text[pos+same] != ' ' && text[pos+same] != '\n' {
			break
		}
		pos += same + 1
	}
	return n.Line, n.Column
}
