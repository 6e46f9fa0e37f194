package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInspectorsDay plays done-when (c): a unit enters that a milestone was reached weeks ago; the inspector asks for facts entered late, opens the line's record,
// takes the case of the project with its button, verifies it with the binary away from the server, sees a changed byte found, and finds the export in the journal.
func TestInspectorsDay(t *testing.T) {
	chromium := startChromium(t)
	battlemap, auditverify := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	const happened, evidence = "2023-06-05", "示例：节点验收单，补录"

	unit := s.as(t, chromium, "unit_handler")
	project := unit.enterLate(t, happened, evidence)

	b := s.as(t, chromium, "inspector")
	b.visit("/questions")
	b.reads("事后补录", "某日谁能办什么")
	b.follow(`main a[href="/questions/late"]`)
	b.reads("怎样得出", evidence, "2023年6月5日")
	line := fmt.Sprintf(`[...document.querySelectorAll('main tbody tr')].find(r => r.innerText.includes(%q))`, evidence)
	b.js(line + `.querySelector('a[href^="/projects/"]').getAttribute('href') === ` + fmt.Sprintf("%q", project))
	record := ask(b, evaluate[string](line+`.querySelector('a.journal-no').getAttribute('href')`))
	b.visit(record)
	b.reads("完成节点", evidence, "sha256")

	b.visit(project)
	bundle := b.takeCase(t, project)
	key := filepath.Join(s.data, "checkpoint.pub")
	verify(t, auditverify, key, bundle, 0, "")
	verify(t, auditverify, key, alter(t, bundle, ""), 0, "")
	verify(t, auditverify, key, alter(t, bundle, evidence), 1, "")

	b.visit("/journal?action=case.export")
	b.js(fmt.Sprintf(`[...document.querySelectorAll('main tbody tr')].some(r => r.innerText.includes(%q))`, strings.TrimPrefix(project, "/projects/")))
	b.visit("/journal?action=journal.read")
	b.reads("/questions/late", record)
}

// enterLate says on the unit's own project page that an open milestone was reached on an earlier day, and returns the project's page.
func (b *browser) enterLate(t *testing.T, on, evidence string) string {
	t.Helper()
	for _, page := range b.links("/projects", `main a[href^="/projects/P"]`, 40) {
		b.visit(page)
		const form = `form:has([name=do][value=reach])`
		if !ask(b, evaluate[bool](fmt.Sprintf(`!!document.querySelector(%q)`, form))) {
			continue
		}
		stone := ask(b, evaluate[string](fmt.Sprintf(`([...document.querySelector(%q).elements.milestone.options || []].find(o => o.value) || {value: ''}).value`, form)))
		if stone == "" {
			continue
		}
		b.send(form, map[string]string{"milestone": stone, "actual_on": on, "reason": evidence})
		b.reads(evidence)
		return page
	}
	t.Fatal("the unit has no project with an open milestone")
	return ""
}

// takeCase presses the button of the case as a browser would send it, and keeps the file.
func (b *browser) takeCase(t *testing.T, project string) string {
	t.Helper()
	b.js(fmt.Sprintf(`!!document.querySelector('form[action="%s/case.zip"] button')`, project))
	text := ask(b, promised[string](fmt.Sprintf(`fetch(%q, { method: 'POST' }).then(r => r.ok ? r.blob() : Promise.reject(r.status)).then(blob => new Promise(done => {
  const reader = new FileReader(); reader.onload = () => done(reader.result.split(',')[1]); reader.readAsDataURL(blob);
}))`, project+"/case.zip")))
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatalf("the case as it came: %v", err)
	}
	file := filepath.Join(t.TempDir(), "case.zip")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// alter writes the bundle anew, with one byte of the record that says the word changed; without a word nothing is changed, so that the writing itself is not what is found.
func alter(t *testing.T, bundle, word string) string {
	t.Helper()
	in, err := zip.OpenReader(bundle)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var out bytes.Buffer
	w, changed := zip.NewWriter(&out), word == ""
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(data, []byte(word)); f.Name == "records.ndjson" && word != "" && at >= 0 {
			data[at+2] ^= 1 // the last byte of a Chinese character: it is another one then, and the line is still text
			changed = true
		}
		m, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method, Modified: f.Modified})
		if err == nil {
			_, err = m.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !changed {
		t.Fatalf("no record of the case says %q", word)
	}
	altered := filepath.Join(t.TempDir(), "altered.zip")
	if err := os.WriteFile(altered, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return altered
}
