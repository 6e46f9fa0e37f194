package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/media"
)

// bundle exports a case with one document and verifies it with the key of the installation.
func bundle(t *testing.T, w *apptest.World, actor app.Actor, kind, no string) (map[string]string, audit.Report) {
	t.Helper()
	ctx := context.Background()
	c, err := w.App.OpenCase(ctx, actor, kind, no)
	apptest.Must(t, err, "open the case")
	var out bytes.Buffer
	documents := []audit.Member{audit.NewMember("case.html", []byte("<!doctype html><title>示例</title>"))}
	apptest.Must(t, w.App.ExportCase(ctx, actor, c, documents, &out), "export the case")
	return members(t, out.Bytes()), verified(t, w, out.Bytes())
}

func verified(t *testing.T, w *apptest.World, data []byte) audit.Report {
	t.Helper()
	r, err := audit.Verify(audit.Input{Key: w.Options.PublicKey, Export: bytes.NewReader(data), ExportSize: int64(len(data))})
	apptest.Must(t, err, "verify")
	return r
}

func members(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	apptest.Must(t, err, "open the zip")
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		apptest.Must(t, err, "open %s", f.Name)
		text, err := io.ReadAll(r)
		apptest.Must(t, err, "read %s", f.Name)
		out[f.Name] = string(text)
	}
	return out
}

func TestCaseBundle(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		c := newScene(t, w)
		k := c.ticket(c.running)
		attach := func(kind string, item int64, name, text string) *app.Attachment {
			t.Helper()
			one, err := w.App.AddAttachment(ctx, w.As(t, "gxj.hand"), app.AddAttachment{ItemKind: kind, Item: item, Kind: "document", Name: name, Caption: "示例", Data: []byte(text)})
			apptest.Must(t, err, "attach %s", name)
			return one
		}
		stays, again := attach("ticket", k.ID, "一.txt", "示例一"), attach("ticket", k.ID, "又一.txt", "示例一")
		gone := attach("ticket", k.ID, "二.txt", "示例二")
		apptest.Must(t, w.App.WithdrawAttachment(ctx, w.As(t, "gxj.hand"), app.WithdrawAttachment{ItemKind: "ticket", Item: k.ID, Code: again.Code, Reason: "重复"}), "withdraw")
		side := lookAside(t, w)
		inspector := w.As(t, "insp")
		files, report := bundle(t, w, inspector, "ticket", k.No)
		if !report.Sound || report.Kind != audit.KindBundle || report.Case == nil || report.Case.By == "" {
			t.Errorf("report %+v", report)
		}
		want := side.number("SELECT COUNT(*) FROM journal WHERE ticket_id = ?", k.ID)
		lines := strings.Split(strings.TrimSuffix(files["records.ndjson"], "\n"), "\n")
		if int64(len(lines)) != want+1 || want == 0 {
			t.Errorf("%d records, want %d and the export's own", len(lines), want)
		}
		var last struct {
			Action, Reason string
			No             int64
			Object         struct{ Kind, No string }
			Ticket         int64
		}
		apptest.Must(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last), "read the last record")
		if last.Action != "case.export" || last.Object.Kind != "case" || last.Object.No != k.No || last.Ticket != 0 {
			t.Errorf("the last record is %+v", last)
		}
		for _, a := range []*app.Attachment{stays, gone} {
			if _, ok := files["attachments/"+a.SHA256]; !ok {
				t.Errorf("attachment %s is missing", a.Name)
			}
		}
		told, err := w.App.Journal(ctx, w.As(t, "gxj.hand"), app.JournalFilter{Kind: "case", Limit: 10})
		if len(told) != 0 || err != nil {
			t.Errorf("who is looked into sees %v, %v", told, err)
		}
		sound(t, w)
	})
}

// A project's case holds the records and files of its tickets too.
func TestCaseOfAProject(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		c := newScene(t, w)
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "blocker", Cause: "land", Title: "示例", Basis: "示例", TaskForceID: c.s.Forces["1"], ProjectID: c.project.ID,
			LeadUnitID: c.s.Units["gxj"], DueTerm: "5 workdays"})
		apptest.Must(t, err, "draft")
		one, err := w.App.AddAttachment(ctx, w.As(t, "sup"), app.AddAttachment{ItemKind: "ticket", Item: k.ID, Kind: "document", Name: "一.txt", Caption: "示例", Data: []byte("示例")})
		apptest.Must(t, err, "attach")
		files, report := bundle(t, w, w.As(t, "dir"), "project", "P-001")
		if !report.Sound || report.Case.Documents < 3 {
			t.Errorf("report %+v", report)
		}
		if !strings.Contains(files["records.ndjson"], fmt.Sprintf(`"ticket":%d`, k.ID)) || files["attachments/"+one.SHA256] != "示例" {
			t.Error("the project's ticket is not in its case")
		}
	})
}

// Bytes that are gone are said to be gone, and the bundle is whole without them.
func TestCaseWithoutBytes(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	ctx := context.Background()
	c := newScene(t, w)
	k := c.ticket(c.running)
	for _, text := range []string{"示例一", "示例二", "示例三"} {
		_, err := w.App.AddAttachment(ctx, w.As(t, "gxj.hand"), app.AddAttachment{ItemKind: "ticket", Item: k.ID, Kind: "document", Name: text + ".txt", Caption: "示例", Data: []byte(text)})
		apptest.Must(t, err, "attach")
	}
	side := lookAside(t, w)
	side.exec("INSERT INTO disposals (version, before_on, basis, reason, state, asked_by, asked_at, decided_by, decided_at, note, files, bytes) VALUES (1, '2023-01-01', '示例', '示例', 'approved', 1, 1, 2, 1, '', 1, 1)")
	side.exec("INSERT INTO disposed_files (disposal_id, attachment_id, sha256, thumb_sha256, size, at) SELECT 1, MAX(id) - 1, 'x', '', 1, 1 FROM attachments")
	lose(t, w, "示例三")
	read, err := w.App.OpenCase(ctx, w.As(t, "insp"), "ticket", k.No)
	apptest.Must(t, err, "open the case")
	var fates []string
	for _, f := range read.Attachments {
		fates = append(fates, f.Fate)
	}
	if !slices.Equal(fates, []string{"", "disposed", "lost"}) {
		t.Errorf("fates %q", fates)
	}
	files, report := bundle(t, w, w.As(t, "insp"), "ticket", k.No)
	if !report.Sound || report.Case.Documents != 3 || len(files) != 8 {
		t.Errorf("report %+v of %d files", report, len(files))
	}
}

// Who may not export learns nothing, and nothing may be recorded between the documents and the export.
func TestCaseIsGuarded(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		c := newScene(t, w)
		k := c.ticket(c.running)
		for _, account := range []string{"sup", "gxj.hand", "tf1", "admin", "leader"} {
			_, err := w.App.OpenCase(ctx, w.As(t, account), "ticket", k.No)
			wantKind(t, "open by "+account, err, app.Denied, "denied")
		}
		insp := w.As(t, "insp")
		_, err := w.App.OpenCase(ctx, insp, "ticket", "2099-001")
		wantKind(t, "a ticket that there is not", err, app.Missing, "missing")
		_, err = w.App.OpenCase(ctx, insp, "meeting", "1")
		wantKind(t, "a kind that there is not", err, app.Missing, "missing")
		read, err := w.App.OpenCase(ctx, insp, "ticket", k.No)
		apptest.Must(t, err, "open")
		_, err = w.App.AddComment(ctx, w.As(t, "sup"), app.AddComment{ItemKind: "ticket", Item: k.ID, Body: "示例"})
		apptest.Must(t, err, "comment")
		wantKind(t, "a case that is behind", w.App.ExportCase(ctx, insp, read, nil, io.Discard), app.Stale, "stale")
		wantKind(t, "export by a stranger", w.App.ExportCase(ctx, w.As(t, "sup"), read, nil, io.Discard), app.Denied, "denied")
		side := lookAside(t, w)
		side.exec("INSERT INTO doctor_runs (at, scope, node, size, sound, findings) VALUES (1, 'whole', 'test', 1, FALSE, '[]')")
		read, err = w.App.OpenCase(ctx, insp, "ticket", k.No)
		apptest.Must(t, err, "open again")
		wantKind(t, "an unsound journal", w.App.ExportCase(ctx, insp, read, nil, io.Discard), app.Refused, "journal_unsound")
		wantKind(t, "a checkpoint of an unsound journal", w.App.SignCheckpoint(ctx), app.Refused, "journal_unsound")
		before := side.number("SELECT COUNT(*) FROM checkpoints")
		apptest.Must(t, w.App.ExportJournal(ctx, insp, io.Discard), "what is unsound must be able to leave")
		if side.number("SELECT COUNT(*) FROM checkpoints") != before {
			t.Error("an unsound journal was signed")
		}
	})
}

// lose removes the stored bytes of a text behind the product's back.
func lose(t *testing.T, w *apptest.World, text string) {
	t.Helper()
	sum := media.Sum([]byte(text))
	apptest.Must(t, os.Remove(filepath.Join(w.Options.Files, sum[:2], sum[2:])), "lose the bytes")
}
