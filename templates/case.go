package templates

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed print/case.html
var caseSheet string

// CaseDoc is a case as a document to take away: everything in words, so that it can be read in any browser and on paper, without this program and without a network.
type CaseDoc struct {
	Locale
	Place, No, Name, Kind string
	Facts                 []Def // what this document is: by whom, when, how many records
	How                   []string
	Parts                 []CasePart
	Records               []CaseRecord // the oldest first
}

// Title is what the document is called.
func (d CaseDoc) Title() string { return d.T("case.title", "No", d.No, "Name", d.Name) }

// CasePart is one part of a case: names and values, a table, or texts one after the other.
type CasePart struct {
	Name  string // of its heading: a key below "case."
	Note  string
	Defs  []Def
	Table Table
	Texts []CaseText
	Empty string // instead of all of them
}

// CaseText is something that somebody said or wrote, with who and when.
type CaseText struct{ Head, Body, Note string }

// CaseRecord is one record of the journal in words.
type CaseRecord struct {
	JournalLine
	Action, Address, Request string
	Leaf                     string // its hash, as the proof names it
}

// Heading is a part's heading, in the document's language.
func (d CaseDoc) Heading(key string) string { return d.T("case." + key) }

// Also is the same in English where the document is in Chinese, for a reader elsewhere.
func (d CaseDoc) Also(key string) string {
	if d.Lang == "en" {
		return ""
	}
	return d.words.Locale("en").T("case." + key)
}

// HTML draws the document as one file that needs no other.
func (d CaseDoc) HTML() ([]byte, error) {
	t, err := template.New("case").Parse(caseSheet)
	if err != nil {
		return nil, fmt.Errorf("parse the sheet of a case: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, d); err != nil {
		return nil, fmt.Errorf("draw case %s: %w", d.No, err)
	}
	return out.Bytes(), nil
}
