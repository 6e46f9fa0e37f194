package workflows

import (
	"embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed problems.yaml
var problemFile embed.FS

// phrase is a message that is put together late, so that it can be said in more than one language: format and args as of
// fmt.Sprintf, the format in English. Arguments that are phrases are said in the same language.
type phrase struct {
	format string
	args   []any
}

func say(format string, args ...any) phrase { return phrase{format, args} }

// Error is the phrase in English.
func (p phrase) Error() string { return p.in(nil) }

// in says the phrase with the formats of a translation; a format that has none stays English.
func (p phrase) in(translation map[string]string) string {
	format := p.format
	if other, ok := translation[format]; ok {
		format = other
	}
	if len(p.args) == 0 && !strings.Contains(format, "%") {
		return format
	}
	args := make([]any, len(p.args))
	for i, arg := range p.args {
		switch inner := arg.(type) {
		case phrase:
			args[i] = inner.in(translation)
		case []phrase:
			var parts []string
			for _, part := range inner {
				parts = append(parts, part.in(translation))
			}
			args[i] = strings.Join(parts, say(", ").in(translation))
		default:
			args[i] = arg
		}
	}
	return fmt.Sprintf(format, args...)
}

// problemsIn returns the formats of messages in a language, by the English format; nil for English.
func problemsIn(lang string) map[string]string {
	if !strings.HasPrefix(strings.ToLower(lang), "zh") {
		return nil
	}
	data, err := problemFile.ReadFile("problems.yaml")
	if err != nil {
		return nil
	}
	formats := map[string]string{}
	if yaml.Unmarshal(data, &formats) != nil {
		return nil // a test reads the file, so this can't ship
	}
	return formats
}

// Problem is one thing that is wrong in a YAML file, and what would be right; Column is 0 where only the line is named.
type Problem struct {
	File         string
	Line, Column int
	Text         string // in English

	said phrase
}

// Error writes the problem in English as "file:line: text" or "file:line:column: text".
func (p *Problem) Error() string { return p.at(p.Text) }

// In writes the problem like Error, in the language of a tag such as "zh-CN" or "en".
func (p *Problem) In(lang string) string { return p.at(p.said.in(problemsIn(lang))) }

func (p *Problem) at(text string) string {
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, text)
}

// Problems unpacks the errors of a loader or of Prove; an error that is no *Problem is left out.
func Problems(err error) []*Problem {
	switch e := err.(type) {
	case nil:
		return nil
	case *Problem:
		return []*Problem{e}
	case interface{ Unwrap() []error }:
		var list []*Problem
		for _, one := range e.Unwrap() {
			list = append(list, Problems(one)...)
		}
		return list
	case interface{ Unwrap() error }:
		return Problems(e.Unwrap())
	}
	return nil
}
