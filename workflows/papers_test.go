package workflows

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestPaperFormsOfTheProduct(t *testing.T) {
	f, err := LoadPaperForms()
	if err != nil {
		t.Fatal(err)
	}
	for _, named := range Papers() { // whatever a rule may send beside a mere reminder has a form
		if _, ok := f.Form(named.ID); !ok && named.ID != "reminder" {
			t.Errorf("the paper %s has no form", named.ID)
		}
	}
	words := map[string]string{}
	for _, form := range f.Forms {
		if other := words[form.Word]; other != "" {
			t.Errorf("%s and %s carry the same word, so their numbers would meet", form.ID, other)
		}
		words[form.Word] = form.ID
	}
	blue, _ := f.Form("blue_slip")
	if got := f.Number("PREFIX-", blue, 2023, 5); !strings.HasPrefix(got, "PREFIX-"+blue.Word) || !strings.Contains(got, "2023") || !strings.Contains(got, "5") {
		t.Errorf("number %q", got)
	}
	_, body := blue.Write(map[string]string{"item": "I", "facts": "F", "basis": "B", "require": "R"})
	for _, line := range body {
		if strings.Contains(line, "{") || strings.TrimSpace(line) == "" {
			t.Errorf("a place was left in %q", line)
		}
	}
	if with := len(body); with != len(blue.Body)-1 {
		t.Errorf("%d of %d paragraphs without a deadline: only that one is left out", with, len(blue.Body))
	}
}

func TestPaperFormsSayWhatIsWrong(t *testing.T) {
	text, err := paperFiles.ReadFile("papers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for from, want := range map[string]string{
		"form: orange_slip, at: +1 workday": `unknown form "orange_slop"`,
		"start: blue_slip":                  `unknown form "blue_slop"`,
	} {
		broken := strings.Replace(string(text), from, strings.Replace(from, "_slip", "_slop", 1), 1)
		_, err := loadPaperForms(fstest.MapFS{"papers.yaml": {Data: []byte(broken)}}, "papers.yaml")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "papers.yaml:") {
			t.Errorf("%s: %v, want %s", from, err, want)
		}
	}
}
