package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
)

func TestProofPage(t *testing.T) {
	d := newBoard(t)
	dir := t.TempDir()
	d.Options.WitnessFolders = []string{dir}
	d.Reopen(t)
	w, ctx := d.World, context.Background()
	srv := serve(t, w)
	insp, director := as(t, w, srv, "insp"), as(t, w, srv, "dir")
	for _, account := range []string{"tf1", "gxj.hand", "leader", "sup"} {
		stranger := as(t, w, srv, account)
		for _, path := range []string{"/proof", "/proof/checkpoints/1", "/proof/consistency?from=1&to=2", "/proof/consistency/file?from=1&to=2"} {
			if got := stranger.get(path).status; got != http.StatusNotFound {
				t.Errorf("%s by %s: %d", path, account, got)
			}
		}
		for path, form := range map[string]url.Values{"/proof/checkpoints": {}, "/proof/witnesses": {"name": {"示例"}}, "/proof/witnesses/revoke": {"witness": {"1"}}} {
			if got := stranger.post(path, form).status; got != http.StatusNotFound {
				t.Errorf("POST %s by %s: %d", path, account, got)
			}
		}
	}
	insp.get("/proof").has(t, http.StatusOK, "还没有检查点", "检查点没有送出楼外", "还没有见证人", w.Options.PublicKey, dir)
	director.post("/proof/witnesses", url.Values{"name": {"示例见证人"}, "kind": {"https"}, "address": {"http://witness.example"}, "rhythm": {"daily"}}).has(t, http.StatusUnprocessableEntity, "须为 https://", "http://witness.example")
	director.post("/proof/witnesses", url.Values{"name": {"示例见证人"}, "kind": {"folder"}, "address": {dir}, "rhythm": {"daily"}}).went(t, "/proof#witnesses")
	insp.post("/proof/checkpoints", nil).went(t, "/proof")
	insp.get("/proof").has(t, http.StatusOK, "示例见证人", "待送", "第 1 至").lacks(t, "检查点没有送出楼外")
	p, err := w.App.ClaimPublication(ctx)
	apptest.Must(t, err, "claim")
	apptest.Must(t, w.App.SettlePublication(ctx, *p, app.Answer{Outcome: "failed", Text: "示例缘故"}), "settle")
	insp.get("/proof").has(t, http.StatusOK, "示例见证人没有收到检查点", "未送达", "示例缘故")
	farBehind(t, d, insp)
	first, err := w.App.Checkpoints(ctx, 1)
	apptest.Must(t, err, "checkpoints")
	a := insp.get("/proof/checkpoints/" + itoa(first[0].Size))
	if a.status != http.StatusOK || a.body != first[0].Note {
		t.Errorf("the note came as %d %q", a.status, a.body)
	}
	insp.post("/proof/checkpoints", nil).went(t, "/proof")
	second, err := w.App.Checkpoints(ctx, 1)
	apptest.Must(t, err, "checkpoints")
	query := "?from=" + itoa(first[0].Size) + "&to=" + itoa(second[0].Size)
	insp.get("/proof/consistency"+query).has(t, http.StatusOK, "一致：前", "auditverify -key checkpoint.pub -proof consistency-")
	proof := insp.get("/proof/consistency/file" + query)
	verifies(t, w, proof.body)
	insp.get("/proof/consistency?from=1&to=999999").has(t, http.StatusNotFound)
	record := insp.get("/proof/records/1")
	verifies(t, w, record.body)
	insp.get("/proof/records/"+itoa(second[0].Size+100)).has(t, http.StatusNotFound)
	insp.get("/journal/1").has(t, http.StatusOK, `href="/proof/records/1"`)
	director.post("/proof/witnesses/revoke", url.Values{"witness": {"1"}, "version": {"1"}}).has(t, http.StatusUnprocessableEntity)
	director.post("/proof/witnesses/revoke", url.Values{"witness": {"1"}, "version": {"1"}, "reason": {"示例"}}).went(t, "/proof#witnesses")
	insp.get("/proof").has(t, http.StatusOK, "撤销：示例", "检查点没有送出楼外")
}

func verifies(t *testing.T, w *apptest.World, text string) {
	t.Helper()
	r, err := audit.VerifyProof(audit.ProofInput{Key: w.Options.PublicKey, Proof: audit.Text{Name: "proof.txt", Body: strings.NewReader(text)}})
	if err != nil || !r.Sound {
		t.Errorf("the proof %.80q: %+v, %v", text, r, err)
	}
}

func TestCaseOverHTTP(t *testing.T) {
	d := newBoard(t)
	w := d.World
	ctx := context.Background()
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例<b>镕𠮷", Basis: "示例", TaskForceID: d.small.Forces["1"], LeadUnitID: d.small.Units["gxj"], DueTerm: "5 workdays"})
	apptest.Must(t, err, "draft")
	for _, text := range []string{"示例一", "示例二"} {
		one, err := w.App.AddAttachment(ctx, w.As(t, "sup"), app.AddAttachment{ItemKind: "ticket", Item: k.ID, Kind: "document", Name: text + ".txt", Caption: text, Data: []byte(text)})
		apptest.Must(t, err, "attach")
		if text == "示例二" {
			apptest.Must(t, os.Remove(filepath.Join(w.Options.Files, one.SHA256[:2], one.SHA256[2:])), "lose the bytes")
			continue
		}
		apptest.Must(t, w.App.WithdrawAttachment(ctx, w.As(t, "sup"), app.WithdrawAttachment{ItemKind: "ticket", Item: k.ID, Code: one.Code, Reason: "示例撤回"}), "withdraw")
	}
	_, err = w.App.AddComment(ctx, w.As(t, "sup"), app.AddComment{ItemKind: "ticket", Item: k.ID, Body: "示例<script>的话"})
	apptest.Must(t, err, "comment")
	for _, account := range []string{"tf1", "gxj.hand", "leader", "sup", "admin"} {
		stranger := d.as(t, account)
		for _, path := range []string{"/tickets/" + k.No, "/projects/P-001"} {
			if got := stranger.post(path+"/case.zip", nil).status; got != http.StatusNotFound {
				t.Errorf("%s/case.zip by %s: %d", path, account, got)
			}
		}
		stranger.get("/projects/P-001").lacks(t, "case.zip")
	}
	insp := d.as(t, "insp")
	insp.get("/tickets/"+k.No).has(t, http.StatusOK, `action="/tickets/`+k.No+`/case.zip"`)
	insp.get("/projects/P-001").has(t, http.StatusOK, `action="/projects/P-001/case.zip"`)
	insp.post("/tickets/2099-001/case.zip", nil).has(t, http.StatusNotFound)
	html := caseSound(t, w, insp.post("/tickets/"+k.No+"/case.zip", nil))
	for _, want := range []string{"示例&lt;b&gt;镕𠮷", "示例&lt;script&gt;的话", "示例撤回", "内容缺失或已损坏", "责任链", "Chain of responsibility", "拟办事项"} {
		if !strings.Contains(html, want) {
			t.Errorf("case.html lacks %q", want)
		}
	}
	html = caseSound(t, w, insp.post("/projects/P-001/case.zip", nil))
	if !strings.Contains(html, "P-001") {
		t.Error("case.html of the project lacks its number")
	}
	insp.get("/journal").has(t, http.StatusOK, "导出案卷")
}

// caseSound verifies a bundle as it came over HTTP and returns its document.
func caseSound(t *testing.T, w *apptest.World, a answer) string {
	t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("status %d, type %s", a.status, a.header.Get("Content-Type"))
	}
	data := []byte(a.body)
	r, err := audit.Verify(audit.Input{Key: w.Options.PublicKey, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
	if err != nil || !r.Sound || r.Kind != audit.KindBundle {
		t.Fatalf("report %+v, %v", r, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	apptest.Must(t, err, "open the zip")
	f, err := z.Open("case.html")
	apptest.Must(t, err, "open the document")
	html, err := io.ReadAll(f)
	apptest.Must(t, err, "read the document")
	p, err := z.Open("case.pdf")
	apptest.Must(t, err, "open the PDF")
	head := make([]byte, 5)
	if _, err := io.ReadFull(p, head); err != nil || string(head) != "%PDF-" {
		t.Errorf("case.pdf begins with %q, %v", head, err)
	}
	return string(html)
}

// farBehind looks at a witness that was reached once and never since, while more checkpoints are signed than the page shows and every delivery gives way to a later one.
func farBehind(t *testing.T, d *boardWorld, insp *browser) {
	t.Helper()
	w, ctx := d.World, context.Background()
	settle := func(outcome app.Outcome) int64 {
		t.Helper()
		p, err := w.App.ClaimPublication(ctx)
		apptest.Must(t, err, "claim")
		apptest.Must(t, w.App.SettlePublication(ctx, *p, app.Answer{Outcome: outcome, Text: "HTTP 503"}), "settle")
		return p.Delivery.Size
	}
	insp.post("/proof/checkpoints", nil).went(t, "/proof")
	reached := settle("accepted")
	insp.get("/proof").has(t, http.StatusOK, "前 "+itoa(reached)+" 号").lacks(t, "没有收到检查点")
	for range 2 {
		insp.post("/proof/checkpoints", nil).went(t, "/proof")
		settle("retry")
	}
	for i := range 25 {
		insp.get("/journal?text=" + itoa(int64(i))) // a reading is on record
		apptest.Must(t, w.App.SignCheckpoint(ctx), "sign")
	}
	insp.get("/proof").has(t, http.StatusOK, "示例见证人没有收到检查点", "前 "+itoa(reached)+" 号")
}
