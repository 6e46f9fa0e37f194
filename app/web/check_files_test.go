package web_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"battlemap/app/apptest"
	"battlemap/app/media"
)

// namesOfFiles are how a file may call itself that wants to be something else, or somewhere else.
func namesOfFiles() []string {
	return []string{"../../etc/passwd.txt", `..\..\windows\system.txt`, `C:\autoexec.txt`, "/etc/cron.d/x.txt", strings.Repeat("长", 300) + ".txt", `x"; filename="y.html.txt`, "x.txt\r\nSet-Cookie: a=b.txt", "\u202etxt.exe.txt",
		"中文名 与空格.txt", "%2e%2e%2fetc.txt", ".htaccess.txt", "CON.txt", "a/b/c.txt", "=1+1.txt", "<script>alert(1)</script>.txt", "é́.txt", "a;b=c.txt", "-rf.txt", "~.txt"}
}

// Checks 19 and 20 (ASVS 3.2.1, 5.4.1, 5.3.2): a file lies under the hash of its bytes, whatever it was called; its row keeps a name that can do nothing; it is only ever
// saved, under that name, and nothing in it can act.
func TestCheck19DownloadsAreOnlySaved(t *testing.T) {
	d := newBoard(t)
	unit := d.as(t, "gxj.hand")
	for i, name := range namesOfFiles() {
		unit.upload("/projects/P-001/files", name, []byte("<script>alert("+itoa(int64(i))+")</script>"), url.Values{"kind": {"document"}}).went(t, "/projects/P-001")
	}
	talk, err := d.App.Talk(context.Background(), d.As(t, "dir"), "project", d.projects["P-001"].ID)
	apptest.Must(t, err, "read the files")
	if len(talk.Documents) != len(namesOfFiles()) {
		t.Fatalf("%d files were kept", len(talk.Documents))
	}
	for _, one := range talk.Documents {
		a := unit.get("/files/" + one.Code)
		kind, params, err := mime.ParseMediaType(a.header.Get("Content-Disposition"))
		if a.status != http.StatusOK || err != nil || kind != "attachment" || len(params) > 1 || params["filename"] != one.Name || len(a.header.Values("Content-Disposition")) != 1 || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%q is sent with %d %q", one.Name, a.status, a.header)
		}
		if strings.ContainsAny(one.Name, "/\\\x00\r\n\":;<>|*?\u202e") || len([]rune(one.Name)) > 120 || strings.HasPrefix(one.Name, ".") || !strings.HasSuffix(one.Name, ".txt") {
			t.Errorf("the row keeps the name %q", one.Name)
		}
		if a.header.Get("Content-Type") != "text/plain; charset=utf-8" || a.header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q is sent with %v", one.Name, a.header)
		}
	}
}

// Check 20 (ASVS 5.3.2): the folder of files holds hashes, and nothing lies outside of it.
func TestCheck20FilesLieUnderTheirHash(t *testing.T) {
	d := newBoard(t)
	parent := filepath.Join(t.TempDir(), "data")
	d.Options.Files = filepath.Join(parent, "files")
	d.Reopen(t)
	d.srv.Close()
	d.srv = serve(t, d.World)
	unit := d.as(t, "gxj.hand")
	for i, name := range namesOfFiles() {
		unit.upload("/projects/P-001/files", name, []byte("示例"+itoa(int64(i))), url.Values{"kind": {"document"}}).went(t, "/projects/P-001")
	}
	kept := 0
	pattern := regexp.MustCompile(`^files/[0-9a-f]{2}/[0-9a-f]{62}$`)
	apptest.Must(t, filepath.WalkDir(parent, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		kept++
		rel, err := filepath.Rel(parent, path)
		if !pattern.MatchString(filepath.ToSlash(rel)) {
			t.Errorf("a file lies at %s", rel)
		}
		text, readErr := os.ReadFile(path)
		if readErr == nil && media.Sum(text) != strings.ReplaceAll(strings.TrimPrefix(filepath.ToSlash(rel), "files/"), "/", "") {
			t.Errorf("%s is not named by its bytes", rel)
		}
		return err
	}), "walk")
	if kept != len(namesOfFiles()) {
		t.Errorf("%d files lie there", kept)
	}
	for _, code := range []string{"..%2f..%2fweb.go", "../../etc/passwd", "%00", strings.Repeat("0", 32), "'%20OR%201=1"} {
		if a := unit.get("/files/" + code); a.status != http.StatusNotFound {
			t.Errorf("/files/%s: status %d", code, a.status)
		}
	}
}

// painted is a picture in a format, with bytes of another kind behind it.
func painted(t *testing.T, format, behind string) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 32+len(behind), 24)) // no two are the same
	for x := range 32 {
		img.Set(x, x%24, color.RGBA{R: uint8(8 * x), A: 255})
	}
	var out bytes.Buffer
	var err error
	switch format {
	case "gif":
		err = gif.Encode(&out, img, nil)
	default:
		err = jpeg.Encode(&out, img, nil)
	}
	apptest.Must(t, err, "draw")
	out.WriteString(behind)
	return out.Bytes()
}

// Check 18 (ASVS 5.2.2, 14.2.8): what is two kinds of file at once is refused, or loses the other kind: a photo is drawn anew and shares no tail with what was sent.
func TestCheck18NothingIsTwoKindsOfFile(t *testing.T) {
	d := newBoard(t)
	unit := d.as(t, "gxj.hand")
	const script = "<html><script>alert(document.domain)</script>"
	comment := append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, byte(len(script) + 2)}, script...)
	inside := append(comment, painted(t, "jpeg", "")[2:]...)
	for name, data := range map[string][]byte{"x.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "x.jpg": []byte(script), "x.gif": painted(t, "gif", script), "gif.jpg": painted(t, "gif", "/*"+script), "x.html": inside[:40]} {
		unit.upload("/projects/P-001/files", name, data, url.Values{"kind": {"photo"}, "caption": {"示例"}}).has(t, http.StatusUnprocessableEntity)
	}
	for name, data := range map[string][]byte{"a.html": inside, "b.pdf": append([]byte(script), "%PDF-1.7\n/JS (app.alert(1))"...), "c.svg": []byte("<svg onload=alert(1)>"), "d.htm": []byte(script), "e.exe.docx": []byte("MZ\x90\x00"), "f.xml": []byte("<?xml version='1.0'?><x/>"),
		"g.zip": []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "h.js": []byte("alert(1)"), "i.jpg": inside, "j.pdf.html": []byte("%PDF-1.7\n" + script), "k": []byte("示例"), "l.docm": []byte("PK\x03\x04")} {
		unit.upload("/projects/P-001/files", name, data, url.Values{"kind": {"document"}, "caption": {"示例"}}).has(t, http.StatusUnprocessableEntity)
	}
	taken := 0
	for _, sent := range [][]byte{inside, painted(t, "jpeg", script), painted(t, "jpeg", "%PDF-1.7\n/JS"), painted(t, "jpeg", "PK\x03\x04")} {
		a := unit.upload("/projects/P-001/files", "现场.jpg", sent, url.Values{"kind": {"photo"}, "caption": {"示例"}})
		if a.status == http.StatusSeeOther {
			taken++
		} else if a.status != http.StatusUnprocessableEntity { // refusing is as good as drawing anew
			t.Errorf("%d bytes: status %d", len(sent), a.status)
		}
		talk, err := d.App.Talk(context.Background(), d.As(t, "dir"), "project", d.projects["P-001"].ID)
		apptest.Must(t, err, "read the photos")
		for _, one := range talk.Photos {
			a := unit.get("/files/" + one.Code)
			if media.Sum(sent) == one.SHA256 || media.Sum([]byte(a.body)) != one.SHA256 || strings.Contains(a.body, "script") || strings.Contains(a.body, "PDF") || strings.Contains(a.body, "PK\x03\x04") || a.header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("a photo of %d bytes came back as %d bytes, %s", len(sent), len(a.body), a.header.Get("Content-Type"))
			}
		}
	}
	if taken < 2 {
		t.Errorf("%d photos were taken", taken)
	}
	// What a PDF holds is nobody's to judge: it is kept as it is, and only ever saved.
	unit.upload("/projects/P-001/files", "图纸.pdf", []byte("%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>"), url.Values{"kind": {"document"}}).went(t, "/projects/P-001")
}

// Check 17 (ASVS 5.2.1): a form with a file is read up to its limit and no further, where no file is expected much less; nothing of what was refused is kept.
func TestCheck17FormsAreReadToALimit(t *testing.T) {
	d := newBoard(t)
	unit := d.as(t, "gxj.hand")
	d.quiet(t, "a file beyond the limit", func() {
		unit.upload("/projects/P-001/files", "太大.txt", bytes.Repeat([]byte("a"), 21<<20), url.Values{"kind": {"document"}}).has(t, http.StatusUnprocessableEntity, "20 MB")
		unit.upload("/projects/P-001/files", "太大.txt", bytes.Repeat([]byte("a"), 23<<20), url.Values{"kind": {"document"}}).has(t, http.StatusRequestEntityTooLarge)
		unit.upload("/projects/P-001/comments", "x.txt", bytes.Repeat([]byte("a"), 2<<20), url.Values{"body": {"示例"}}).has(t, http.StatusRequestEntityTooLarge)
		unit.upload("/me/mail", "x.txt", bytes.Repeat([]byte("a"), 2<<20), nil).has(t, http.StatusRequestEntityTooLarge)
	})
	files := 0
	apptest.Must(t, filepath.WalkDir(d.Options.Files, func(_ string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			files++
		}
		return err
	}), "walk")
	if files != 0 {
		t.Errorf("%d files of refused forms lie there", files)
	}
	many := url.Values{"body": {"示例"}}
	for i := range 20_000 {
		many.Set("field"+itoa(int64(i)), "x")
	}
	if a := unit.post("/projects/P-001/comments", many); a.status >= 500 {
		t.Errorf("20,000 fields: status %d", a.status)
	}
}
