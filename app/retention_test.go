package app_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/media"
)

// archived writes the package of a year and returns it; it must be sound to the verifier.
func archived(t *testing.T, w *apptest.World, account string, year int) []byte {
	t.Helper()
	ctx, as := context.Background(), w.As(t, account)
	r, err := w.App.OpenArchive(ctx, as, year)
	apptest.Must(t, err, "open %d", year)
	data, err := r.Data()
	apptest.Must(t, err, "data")
	var out bytes.Buffer
	apptest.Must(t, w.App.ExportArchive(ctx, as, r, []audit.Member{audit.NewMember("case.json", data)}, &out), "archive %d", year)
	report, err := audit.Verify(audit.Input{Key: w.Public, Export: bytes.NewReader(out.Bytes()), ExportSize: int64(out.Len())})
	apptest.Must(t, err, "verify")
	if !report.Sound {
		t.Errorf("the package of %d is not sound: %+v", year, report.Faults)
	}
	return out.Bytes()
}

func packed(t *testing.T, pack []byte) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	apptest.Must(t, err, "open the package")
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	return names
}

// Bytes of old files go only when the law, the year's package and two persons allow it; the row, the hash and the reason stay.
func TestDisposalTakesTwoPersonsAndKeepsTheHash(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		files := newDisposing(t, w)
		ctx, side := context.Background(), lookAside(t, w)
		attach := func(ticket, text string) string {
			a, err := files.attach(t, ticket, text)
			apptest.Must(t, err, "attach")
			return a.Code
		}
		old, open := attach("T", "已了结"), attach("U", "未了结")
		files.end(t)
		admin, dir := w.As(t, "admin"), w.As(t, "dir")
		for _, months := range []int{-1, 1, 5, 1201} {
			wantKind(t, "a retention below six months", w.App.SetRetention(ctx, admin, months), app.Invalid, "retention_short")
		}
		ask := func(as app.Actor, before string) (*app.Disposal, error) {
			return w.App.AskDisposal(ctx, as, app.AskDisposal{BeforeOn: date(before), Basis: "示例档〔2025〕1号", Reason: "期满"})
		}
		_, err := ask(admin, "2023-01-01")
		wantKind(t, "while everything is kept for ever", err, app.Refused, "kept_for_ever")
		apptest.Must(t, w.App.SetRetention(ctx, admin, 12), "set the retention")
		w.At(t, "2025-01-06 09:00")
		_, err = ask(admin, "2024-03-01")
		wantKind(t, "what is too young", err, app.Invalid, "retention_runs")
		_, err = ask(admin, "2024-01-01")
		wantKind(t, "before the year is archived", err, app.Invalid, "year_not_archived")
		before := packed(t, archived(t, w, "insp", 2023))
		d, err := ask(dir, "2024-01-01")
		apptest.Must(t, err, "ask")
		decide := app.DecideDisposal{Disposal: d.ID, Version: d.Version, Approve: true}
		wantKind(t, "one's own", w.App.DecideDisposal(ctx, dir, decide), app.Refused, "own_disposal")
		wantKind(t, "an administrator's word", w.App.DecideDisposal(ctx, admin, decide), app.Denied, "denied")
		if _, data, err := w.App.File(ctx, dir, old, false); err != nil || string(data) != "已了结" {
			t.Errorf("before the decision: %s %v", data, err)
		}
		apptest.Must(t, w.App.DecideDisposal(ctx, w.As(t, "leader"), decide), "approve")
		_, _, err = w.App.File(ctx, dir, old, false)
		wantKind(t, "a disposed file", err, app.Refused, "file_disposed")
		if args := app.AsFaults(err)[0].Args; args["Basis"] != "示例档〔2025〕1号" || args["Approved"] != "示例区领导" || args["Asked"] != "示例督查主任" || args["On"] != "2025-01-06" {
			t.Errorf("it says %v", args)
		}
		if _, data, err := w.App.File(ctx, dir, open, false); err != nil || string(data) != "未了结" {
			t.Errorf("the file of an open ticket: %s %v", data, err)
		}
		if n := side.number("SELECT COUNT(*) FROM attachments WHERE sha256 = (SELECT sha256 FROM disposed_files)"); n != 1 {
			t.Errorf("the hash is kept in %d rows", n)
		}
		for _, attack := range []string{"DELETE FROM disposed_files", "UPDATE disposed_files SET at = 0", "DELETE FROM disposals", "UPDATE disposals SET basis = 'x'", "INSERT INTO disposals SELECT * FROM disposals"} {
			if side.try(attack) == nil {
				t.Errorf("%s: went through", attack)
			}
		}
		wantKind(t, "twice", w.App.DecideDisposal(ctx, w.As(t, "leader"), app.DecideDisposal{Disposal: d.ID, Version: d.Version + 1, Approve: true}), app.Refused, "disposal_decided")
		healthy(t, w)
		after := packed(t, archived(t, w, "dir", 2023))
		if len(after) != len(before)-1 {
			t.Errorf("members before %v, after %v", before, after)
		}
	})
}

// disposing is a district in which the files of ticket T, once it is over, can be disposed of; ticket U stays open.
type disposing struct {
	w  *apptest.World
	st *stage
}

func newDisposing(t *testing.T, w *apptest.World) *disposing {
	t.Helper()
	d := &disposing{w: w, st: &stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}}}
	for _, line := range []string{`ticket T term="15 workdays"`, "move T submit_draft as=sup", "move T approve as=dir", `ticket U term="15 workdays"`} {
		apptest.Must(t, d.st.line(line), "%s", line)
	}
	return d
}

// attach hands a text in.
func (d *disposing) attach(t *testing.T, ticket, text string) (*app.Attachment, error) {
	t.Helper()
	k, err := d.st.find(ticket)
	apptest.Must(t, err, "find %s", ticket)
	return d.w.App.AddAttachment(context.Background(), d.w.As(t, "sup"), app.AddAttachment{ItemKind: "ticket", Item: k.ID, Kind: "document", Name: "示例.txt", Caption: "示例", Data: []byte(text)})
}

// end ends ticket T.
func (d *disposing) end(t *testing.T) {
	t.Helper()
	apptest.Must(t, d.st.line("move T terminate as=dir reason=示例"), "terminate")
}

// ask hands the texts in with ticket T, ends it, and asks for the disposal of its files.
func (d *disposing) ask(t *testing.T, texts ...string) app.DecideDisposal {
	t.Helper()
	for _, text := range texts {
		_, err := d.attach(t, "T", text)
		apptest.Must(t, err, "attach")
	}
	d.end(t)
	apptest.Must(t, d.w.App.SetRetention(context.Background(), d.w.As(t, "admin"), 12), "set the retention")
	d.w.At(t, "2025-01-06 09:00")
	archived(t, d.w, "insp", 2023)
	asked, err := d.w.App.AskDisposal(context.Background(), d.w.As(t, "dir"), app.AskDisposal{BeforeOn: date("2024-01-01"), Basis: "示例档〔2025〕1号", Reason: "期满"})
	apptest.Must(t, err, "ask")
	return app.DecideDisposal{Disposal: asked.ID, Version: asked.Version, Approve: true}
}

// beside runs one again and again while other runs, and at least once.
func beside(one func(), other func()) {
	var running sync.WaitGroup
	done := make(chan struct{})
	running.Go(func() {
		for going := true; going; {
			select {
			case <-done:
				going = false
			default:
			}
			one()
		}
	})
	other()
	close(done)
	running.Wait()
}

// Somebody hands in the bytes of a disposed file again, while what a disposal has left behind is removed: what was acknowledged stays readable, whichever comes first.
func TestBytesHandedInAgainAreNotRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		d, ctx := newDisposing(t, w), context.Background()
		var texts []string
		for i := range 20 {
			texts = append(texts, strings.Repeat("示例", i+1))
		}
		apptest.Must(t, w.App.DecideDisposal(ctx, w.As(t, "leader"), d.ask(t, texts...)), "approve")
		for i, text := range texts {
			var a *app.Attachment
			var err error
			beside(func() {
				if err := w.App.RemoveDisposed(ctx); err != nil {
					t.Errorf("remove: %v", err)
				}
			}, func() { a, err = d.attach(t, "U", text) })
			apptest.Must(t, err, "hand in again")
			if _, data, err := w.App.File(ctx, w.As(t, "dir"), a.Code, false); err != nil || string(data) != text {
				t.Fatalf("file %d, handed in again: %v", i, err)
			}
		}
		healthy(t, w)
	})
}

// A doctor who began before a disposal sees files that are kept and finds their bytes gone: nothing is broken. The first file is a pipe, so that the doctor is at the files
// when the disposal comes.
func TestTheDoctorKnowsOfADisposalSinceItBegan(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		d, ctx := newDisposing(t, w), context.Background()
		approve := d.ask(t, "示例一", "示例二")
		sum := media.Sum([]byte("示例一"))
		first := filepath.Join(w.Options.Files, sum[:2], sum[2:])
		apptest.Must(t, os.Remove(first), "take the first file away")
		apptest.Must(t, syscall.Mkfifo(first, 0o600), "lay a pipe")
		var found []app.Finding
		var err error
		var running sync.WaitGroup
		running.Go(func() { found, _, err = w.App.Diagnose(ctx, true, w.Public, nil) })
		pipe, opened := os.OpenFile(first, os.O_WRONLY, 0) // when the doctor opens it to read
		apptest.Must(t, opened, "open the pipe")
		apptest.Must(t, w.App.DecideDisposal(ctx, w.As(t, "leader"), approve), "approve")
		_, wrote := pipe.WriteString("示例一")
		apptest.Must(t, errors.Join(wrote, pipe.Close()), "hand the first file over")
		running.Wait()
		apptest.Must(t, err, "diagnose")
		for _, line := range offenders(found) {
			t.Errorf("doctor: %s", line)
		}
	})
}

// Whoever signed in or failed to stays known for ever, whatever is tidied.
func TestTheLogOfSignInsIsNotPurged(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx := context.Background()
		password(t, w, "sup", goodPassword)
		_, err := enter(w, "sup", goodPassword, "192.0.2.7", "test")
		apptest.Must(t, err, "sign in")
		if _, err := enter(w, "sup", "wrong password", "192.0.2.8", "test"); err == nil {
			t.Error("a wrong password opens")
		}
		w.At(t, "2033-01-03 09:00")
		apptest.Must(t, w.App.PurgeSessions(ctx), "purge")
		var said []string
		for _, r := range records(t, w) {
			if strings.HasPrefix(r.Action, "session.") {
				said = append(said, r.Action+" "+r.Address)
			}
		}
		if strings.Join(said, ", ") != "session.begin 192.0.2.7, session.refuse 192.0.2.8" {
			t.Errorf("after ten years the journal says %v", said)
		}
	})
}
