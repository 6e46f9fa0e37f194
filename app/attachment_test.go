package app_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	apptest.Must(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, 64, 48))), "draw a picture")
	return out.Bytes()
}

func (c *scene) file(name string) app.AddAttachment {
	return app.AddAttachment{ItemKind: "ticket", Item: c.running, Kind: "document", Name: name, Data: []byte("示例：办理情况")}
}

// A file is provable: the journal has its name, size and hash, nothing about it changes or goes away, and withdrawing it keeps the row and the bytes.
func TestFilesStay(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, ctx, hand := newScene(t, w), context.Background(), w.As(t, "gxj.hand")
		got, err := w.App.AddAttachment(ctx, hand, c.file("../../etc/说明.txt"))
		apptest.Must(t, err, "add a document")
		if got.Name != "说明.txt" || len(got.Code) != 32 || got.SHA256 != got.SentSHA256 {
			t.Errorf("kept as %+v", got)
		}
		side := lookAside(t, w)
		if n := side.number("SELECT COUNT(*) FROM journal WHERE action = 'attachment.add' AND object_id = ?", got.ID); n != 1 {
			t.Errorf("%d records of the file", n)
		}
		for _, change := range []string{"UPDATE attachments SET caption = 'x' WHERE id = ?", "DELETE FROM attachments WHERE id = ?", "UPDATE attachments SET sha256 = 'x' WHERE id = ?"} {
			if err := side.try(change, got.ID); err == nil {
				t.Errorf("%s went through", change)
			}
		}
		apptest.Must(t, w.App.WithdrawAttachment(ctx, hand, app.WithdrawAttachment{ItemKind: "ticket", Item: c.running, Code: got.Code, Reason: "示例：传错"}), "withdraw")
		if err := side.try("UPDATE attachments SET withdrawn_at = 0 WHERE id = ?", got.ID); err == nil {
			t.Error("a file was taken up again")
		}
		if _, data, err := w.App.File(ctx, w.As(t, "insp"), got.Code, false); err != nil || string(data) != "示例：办理情况" {
			t.Errorf("a withdrawn file is %q, %v", data, err)
		}
		wantKind(t, "withdrawing twice", w.App.WithdrawAttachment(ctx, hand, app.WithdrawAttachment{ItemKind: "ticket", Item: c.running, Code: got.Code, Reason: "示例"}), app.Refused, "already_withdrawn")
		sound(t, w)
	})
}

func TestFilesOfOthersAreMissing(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	c, ctx, hand := newScene(t, w), context.Background(), w.As(t, "gxj.hand")
	cmd := c.file("现场.png")
	cmd.Kind, cmd.Caption, cmd.Data = "photo", "示例：现场", picture(t)
	got, err := w.App.AddAttachment(ctx, hand, cmd)
	apptest.Must(t, err, "add a photo")
	_, _, err = w.App.File(ctx, w.As(t, "kpb.hand"), got.Code, true)
	wantKind(t, "a file of a ticket that is not theirs", err, app.Missing, "missing")
	_, _, err = w.App.File(ctx, hand, "0123", false)
	wantKind(t, "a file that there is not", err, app.Missing, "missing")
	// The file belongs to the ticket: it can't be withdrawn by way of the project.
	wantKind(t, "another parent", w.App.WithdrawAttachment(ctx, w.As(t, "sup"), app.WithdrawAttachment{ItemKind: "project", Item: c.project.ID, Code: got.Code, Reason: "示例"}), app.Missing, "missing")
	wantKind(t, "who only inspects", w.App.WithdrawAttachment(ctx, w.As(t, "insp"), app.WithdrawAttachment{ItemKind: "ticket", Item: c.running, Code: got.Code, Reason: "示例"}), app.Denied, "denied")
	apptest.Must(t, os.Remove(filepath.Join(w.Options.Files, got.SHA256[:2], got.SHA256[2:])), "lose the bytes")
	_, _, err = w.App.File(ctx, hand, got.Code, false)
	wantKind(t, "lost bytes", err, app.Refused, "file_lost")
	if !strings.Contains(w.Log.String(), got.SHA256) {
		t.Error("nobody is told that the bytes are gone")
	}
	w.Options.Files = ""
	w.Reopen(t)
	_, err = w.App.AddAttachment(ctx, hand, c.file("说明.txt"))
	wantKind(t, "without a folder", err, app.Refused, "uploads_off")
}

// A comment tells those whom it names if they may see the matter, and nobody else; the journal keeps what was withdrawn.
func TestComments(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c, ctx, hand := newScene(t, w), context.Background(), w.As(t, "gxj.hand")
		side := lookAside(t, w)
		first, err := w.App.AddComment(ctx, w.As(t, "sup"), app.AddComment{ItemKind: "ticket", Item: c.running, Body: "@示例工信经办 请补材料 @示例考评办经办"})
		apptest.Must(t, err, "comment")
		told := side.rows("SELECT recipient_id FROM reminders WHERE subject = 'comment.mention' AND channel = 'inbox' ORDER BY id")
		if len(told) != 1 || first.Mentions != strconv.FormatInt(c.s.Users["gxj.hand"], 10) {
			t.Errorf("told %v, mentions %q", told, first.Mentions)
		}
		answer, err := w.App.AddComment(ctx, hand, app.AddComment{ItemKind: "ticket", Item: c.running, ReplyTo: first.ID, Body: "已补"})
		apptest.Must(t, err, "answer")
		if answer.Mentions != strconv.FormatInt(c.s.Users["sup"], 10) {
			t.Errorf("the answer tells %q", answer.Mentions)
		}
		_, err = w.App.AddComment(ctx, hand, app.AddComment{ItemKind: "project", Item: c.project.ID, ReplyTo: first.ID, Body: "示例"})
		wantKind(t, "an answer elsewhere", err, app.Missing, "missing")
		_, err = w.App.AddComment(ctx, hand, app.AddComment{ItemKind: "ticket", Item: c.draft, Body: "示例"})
		wantKind(t, "a draft", err, app.Missing, "missing")
		_, err = w.App.AddComment(ctx, hand, app.AddComment{ItemKind: "ticket", Item: c.running, Body: " "})
		wantKind(t, "nothing", err, app.Invalid, "required")
		wantKind(t, "another's words", w.App.WithdrawComment(ctx, w.As(t, "dir"), app.WithdrawComment{ItemKind: "ticket", Item: c.running, Comment: answer.ID}), app.Missing, "missing")
		apptest.Must(t, w.App.WithdrawComment(ctx, hand, app.WithdrawComment{ItemKind: "ticket", Item: c.running, Comment: answer.ID, Reason: "示例"}), "withdraw")
		if err := side.try("UPDATE comments SET body = 'x' WHERE id = ?", first.ID); err == nil {
			t.Error("words were changed")
		}
		rows, err := w.App.Journal(ctx, hand, app.JournalFilter{Ticket: c.running, Prefix: "comment.", Limit: 10})
		apptest.Must(t, err, "journal")
		if len(rows) != 3 {
			t.Errorf("%d records of comments", len(rows))
		}
	})
}
