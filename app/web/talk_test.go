package web_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/media"
)

// upload posts a form with a file.
func (b *browser) upload(path, name string, data []byte, form url.Values) answer {
	b.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for key, values := range form {
		apptest.Must(b.t, m.WriteField(key, values[0]), "write the field %s", key)
	}
	part, err := m.CreateFormFile("file", name)
	apptest.Must(b.t, err, "write a file")
	_, err = part.Write(data)
	apptest.Must(b.t, err, "write a file")
	apptest.Must(b.t, m.Close(), "write a form")
	r, err := http.NewRequest(http.MethodPost, b.base+path, &body)
	apptest.Must(b.t, err, "post %s", path)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func smallPicture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	apptest.Must(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, 64, 48))), "draw a picture")
	return out.Bytes()
}

func TestReportWithPhoto(t *testing.T) {
	d := newBoard(t)
	unit := d.as(t, "gxj.hand")
	unit.get("/projects/P-001").has(t, http.StatusOK, `capture="environment"`, `enctype="multipart/form-data"`)
	form := url.Values{"month": {"2023-03"}, "amount": {"800"}, "text": {"示例：主体施工"}, "caption": {"示例：三号厂房"}}
	unit.upload("/projects/P-001/report", "x.jpg", []byte("GIF89a<script>alert(1)</script>"), form).has(t, http.StatusUnprocessableEntity, "不是 JPEG、PNG 或 WebP 照片", `value="示例：三号厂房"`, "待核验")
	form.Set("version-2023-03", "1")
	form.Set("amount", "900")
	unit.upload("/projects/P-001/report", "x.png", smallPicture(t), form).went(t, "/projects/P-001")
	page := unit.get("/projects/P-001")
	page.has(t, http.StatusOK, "示例：三号厂房", "900 万元")
	thumb := regexp.MustCompile(`/files/[0-9a-f]{32}/thumb`).FindString(page.body)
	got := unit.get(thumb)
	got.has(t, http.StatusOK)
	if h := got.header; h.Get("Content-Type") != "image/jpeg" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("sent with %v", h)
	}
	d.as(t, "zjj.hand").get(thumb).has(t, http.StatusNotFound)
	d.as(t, "zjj.hand").get(strings.TrimSuffix(thumb, "/thumb")).has(t, http.StatusNotFound)
}

func TestDocumentsAreOnlySaved(t *testing.T) {
	d := newBoard(t)
	unit := d.as(t, "gxj.hand")
	unit.upload("/projects/P-001/files", "页面.html", []byte("<script>alert(1)</script>"), url.Values{"kind": {"document"}, "caption": {"示例"}}).has(t, http.StatusUnprocessableEntity, "不接受这种文件", `value="示例"`)
	unit.upload("/projects/P-001/files", "会议（机密）.txt", []byte("示例"), url.Values{"kind": {"document"}}).has(t, http.StatusUnprocessableEntity, "密级标志")
	unit.upload("/projects/P-001/files", "太大.txt", bytes.Repeat([]byte("a"), 23<<20), url.Values{"kind": {"document"}}).has(t, http.StatusRequestEntityTooLarge)
	unit.upload("/projects/P-001/files", "../../etc/说明.txt", []byte("<script>alert(1)</script>"), url.Values{"kind": {"document"}}).went(t, "/projects/P-001")
	talk, err := d.App.Talk(context.Background(), d.As(t, "dir"), "project", d.projects["P-001"].ID)
	apptest.Must(t, err, "read the files")
	one := talk.Documents[0]
	got := unit.get("/files/" + one.Code)
	got.has(t, http.StatusOK)
	if h := got.header; !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; filename*=utf-8''") || strings.Contains(h.Get("Content-Disposition"), "etc") ||
		!strings.HasPrefix(h.Get("Content-Type"), "text/plain") || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
		t.Errorf("sent with %v", h)
	}
	withdraw := url.Values{"file": {one.Code}, "reason": {"示例：传错"}}
	d.as(t, "sup").post("/projects/P-002/files/withdraw", withdraw).has(t, http.StatusNotFound)
	unit.post("/projects/P-001/files/withdraw", url.Values{"file": {one.Code}}).has(t, http.StatusUnprocessableEntity, "请填写此项")
	unit.post("/projects/P-001/files/withdraw", withdraw).went(t, "/projects/P-001")
	unit.get("/projects/P-001").has(t, http.StatusOK, "示例：传错", one.SHA256)
}

// Where the disk does not take a file, its sender is told so and no row names it; once the disk does, it goes through.
func TestAFileThatCannotBeKept(t *testing.T) {
	d := newBoard(t)
	unit, data := d.as(t, "gxj.hand"), []byte("示例")
	inTheWay := filepath.Join(d.Options.Files, media.Sum(data)[:2]) // a file where the folder belongs
	apptest.Must(t, os.WriteFile(inTheWay, nil, 0o600), "stand in the way")
	send := func() answer {
		return unit.upload("/projects/P-001/files", "说明.txt", data, url.Values{"kind": {"document"}, "caption": {"示例说明"}})
	}
	send().has(t, http.StatusServiceUnavailable, "文件没有保存", "这个文件没有保存")
	unit.get("/projects/P-001").lacks(t, "示例说明")
	apptest.Must(t, os.Remove(inTheWay), "clear the way")
	send().went(t, "/projects/P-001")
	unit.get("/projects/P-001").has(t, http.StatusOK, "示例说明")
}

func TestConversation(t *testing.T) {
	d := newBoard(t)
	unit, sup := d.as(t, "gxj.hand"), d.as(t, "sup")
	sup.post("/projects/P-001/comments", url.Values{"body": {"@示例工信经办 请补照片\n<b>谢谢</b>"}}).went(t, "/projects/P-001")
	page := unit.get("/projects/P-001")
	page.has(t, http.StatusOK, "请补照片", `name="reply_to"`)
	if !strings.Contains(page.body, "&lt;b&gt;谢谢&lt;/b&gt;") {
		t.Error("words became markup")
	}
	_, err := d.App.DeliverInbox(context.Background())
	apptest.Must(t, err, "deliver")
	unit.get("/inbox").has(t, http.StatusOK, "在留言中提到您")
	d.as(t, "insp").get("/projects/P-001").has(t, http.StatusOK, "请补照片").lacks(t, `id="say"`)
	d.as(t, "insp").post("/projects/P-001/comments", url.Values{"body": {"示例"}}).has(t, http.StatusNotFound)
	d.as(t, "zjj.hand").post("/projects/P-001/comments", url.Values{"body": {"示例"}}).has(t, http.StatusNotFound)
	unit.post("/projects/P-001/comments", url.Values{"body": {strings.Repeat("长", 1001)}}).has(t, http.StatusUnprocessableEntity, "长长长")
	talk, err := d.App.Talk(context.Background(), d.As(t, "dir"), "project", d.projects["P-001"].ID)
	apptest.Must(t, err, "read the words")
	id := text(talk.Comments[0].ID)
	unit.post("/projects/P-001/comments/withdraw", url.Values{"comment": {id}}).has(t, http.StatusNotFound)
	sup.post("/projects/P-001/comments/withdraw", url.Values{"comment": {id}}).went(t, "/projects/P-001")
	unit.get("/projects/P-001").lacks(t, `work-lines talk-body`)
	rows, err := d.App.Journal(context.Background(), d.As(t, "dir"), app.JournalFilter{Project: d.projects["P-001"].ID, Prefix: "comment.", Limit: 9})
	apptest.Must(t, err, "read the journal")
	if len(rows) != 2 || !strings.Contains(string(rows[1].Record), "请补照片") {
		t.Errorf("the journal has %d records of the conversation", len(rows))
	}
}
