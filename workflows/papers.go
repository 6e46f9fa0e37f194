package workflows

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed papers.yaml
var paperFiles embed.FS

// PaperForms is how papers are written and numbered, and which paper of a supervisor's own follows which.
type PaperForms struct {
	Version    int
	Title      Words
	Source     string
	Importance []Importance
	Forms      []PaperForm

	number, date, vacant, nobody, unanswered, and, whole, byRule, byHand string
}

// Importance is what a supervisor takes a matter for; it names the form to begin with.
type Importance struct {
	Named
	Start string // id of a form
}

// PaperForm is the form of one kind of paper.
type PaperForm struct {
	ID      string
	Title   Words
	Word    string // 代字, the word in the number
	Light   Light  // that it lights when it is issued by hand; "" for none
	Answer  *Term  // how long there is to answer one issued by hand; nil for no answer
	Next    string // the form that follows one issued by hand that nobody answered; "" for none
	NextAt  *Term  // after the last day to answer
	Tell    []string
	Heading string
	Body    []string
	Require string // what it asks for where nobody wrote anything else
	Record  bool   // something is to be held or published, and put on record
}

// Whole names the extent of a notice that is made known to everybody.
func (f *PaperForms) Whole() string { return f.whole }

// LoadPaperForms reads the forms that ship with the product; the error joins everything that is wrong with them.
func LoadPaperForms() (*PaperForms, error) { return loadPaperForms(paperFiles, "papers.yaml") }

func loadPaperForms(fsys fs.FS, name string) (*PaperForms, error) {
	s, root, err := openSheet(fsys, name, true)
	if err != nil {
		return nil, fmt.Errorf("read the forms of papers: %w", err)
	}
	f := &PaperForms{}
	if root != nil {
		voc, err := readVocabulary()
		if err != nil {
			return nil, err
		}
		f.read(s, root, voc)
	}
	if err := errors.Join(s.errors()...); err != nil {
		return nil, fmt.Errorf("read the forms of papers: %w", err)
	}
	return f, nil
}

func (f *PaperForms) read(s *sheet, root *yaml.Node, voc *vocabulary) {
	const right = "write it as the papers of this place do"
	top := s.table(root, say("the forms"), "papers", "version", "title", "source", "number", "date", "vacant", "nobody", "unanswered", "and", "whole", "by_rule", "by_hand", "importance", "forms")
	f.Version, f.Title, f.Source = top.count("version"), top.words("title"), top.must("source", "name the document it comes from, or say that it is a default of this product")
	f.number, f.date, f.vacant, f.nobody = top.must("number", right), top.must("date", right), top.must("vacant", right), top.must("nobody", right)
	f.unanswered, f.and, f.whole = top.must("unanswered", right), top.must("and", right), top.must("whole", right)
	f.byRule, f.byHand = top.must("by_rule", right), top.must("by_hand", right)
	seen := map[string]*yaml.Node{}
	for _, row := range top.rows("forms") {
		f.Forms = append(f.Forms, readForm(s, row, seen, voc))
	}
	var known []string
	for _, form := range f.Forms {
		known = append(known, form.ID)
	}
	for i, form := range f.Forms {
		if form.Next != "" && !slices.Contains(known, form.Next) {
			top.fail(top.rows("forms")[i], "form %q: unknown form %q in next%s", form.ID, form.Next, choose(form.Next, known))
		}
	}
	levels := map[string]*yaml.Node{}
	for _, row := range top.rows("importance") {
		t := s.table(row, say("an importance"), "id", "title", "start")
		f.Importance = append(f.Importance, Importance{Named{t.id("id", levels), t.words("title")}, t.choice("start", "form", known)})
	}
}

func readForm(s *sheet, row *yaml.Node, seen map[string]*yaml.Node, voc *vocabulary) PaperForm {
	t := s.table(row, say("a form"), "id", "title", "word", "light", "answer", "next", "tell", "heading", "body", "require", "record")
	form := PaperForm{ID: t.id("id", seen)}
	t.called("form", form.ID)
	form.Title, form.Word = t.words("title"), t.must("word", "write the word that its numbers carry")
	var lights []string
	for _, l := range Lights() {
		lights = append(lights, string(l))
	}
	form.Light, form.Answer, form.Record = Light(t.choice("light", "light", lights)), t.lengthOfTime("answer"), t.flag("record")
	form.Tell = t.choices("tell", "recipient", ids(voc.recipients))
	form.Heading, form.Require = t.must("heading", "write the title of the document"), t.must("require", "write what is asked for")
	for _, it := range t.items("body") {
		form.Body = append(form.Body, it.text)
	}
	if len(form.Body) == 0 {
		t.fail(t.at("body"), "%s has no body: list its paragraphs", t.what)
	}
	if t.has("next") {
		next := s.table(t.at("next"), say("%s: next", t.what), "form", "at")
		form.Next, form.NextAt = next.must("form", "name the form that follows"), next.lengthOfTime("at")
		if form.NextAt == nil {
			next.fail(next.at("at"), "%s: say when it follows after the last day to answer, such as +1 workday", t.what)
		}
	}
	return form
}

// Form returns the form of a paper by its id.
func (f *PaperForms) Form(id string) (PaperForm, bool) {
	i := slices.IndexFunc(f.Forms, func(p PaperForm) bool { return p.ID == id })
	if i < 0 {
		return PaperForm{}, false
	}
	return f.Forms[i], true
}

// Number writes the number of the n-th paper of a form in a year, such as 南岗督〔2023〕5号.
func (f *PaperForms) Number(prefix string, form PaperForm, year int, n int64) string {
	return fill(f.number, map[string]string{"prefix": prefix, "word": form.Word, "year": strconv.Itoa(year), "n": strconv.FormatInt(n, 10)})
}

// Date writes a day as the document does.
func (f *PaperForms) Date(year, month, day int) string {
	return fill(f.date, map[string]string{"year": strconv.Itoa(year), "month": strconv.Itoa(month), "day": strconv.Itoa(day)})
}

// Vacant says that nobody holds a rung and to whom the paper went instead; up is "" where nobody above holds one either.
func (f *PaperForms) Vacant(rung, up string) string {
	pattern := f.vacant
	if up == "" {
		pattern = f.nobody
	}
	return fill(pattern, map[string]string{"rung": rung, "up": up})
}

// Unanswered states the fact that brings the next paper.
func (f *PaperForms) Unanswered(previous, deadline string) string {
	return fill(f.unanswered, map[string]string{"previous": previous, "deadline": deadline})
}

// Basis says on what basis a paper is issued: a rule with its version and source, or, where rule is "", a supervisor's own judgement.
func (f *PaperForms) Basis(ruleset, rule, source string, version int) string {
	if rule == "" {
		return f.byHand
	}
	return fill(f.byRule, map[string]string{"ruleset": ruleset, "rule": rule, "source": source, "version": strconv.Itoa(version)})
}

// Join lists names as the document does.
func (f *PaperForms) Join(names []string) string { return strings.Join(names, f.and) }

// Write fills the places of a form: its heading and its paragraphs. A paragraph with a place that is empty is left out.
func (p PaperForm) Write(places map[string]string) (heading string, body []string) {
	for _, paragraph := range p.Body {
		empty := slices.ContainsFunc(placeholderPattern.FindAllString(paragraph, -1), func(hole string) bool { return places[strings.Trim(hole, "{}")] == "" })
		if !empty {
			body = append(body, fill(paragraph, places))
		}
	}
	return fill(p.Heading, places), body
}

// fill puts values into the places of a text; a place without a value becomes nothing.
func fill(text string, places map[string]string) string {
	return placeholderPattern.ReplaceAllStringFunc(text, func(hole string) string { return places[strings.Trim(hole, "{}")] })
}
