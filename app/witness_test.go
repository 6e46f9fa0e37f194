package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
)

// stand enters a witness.
func stand(t *testing.T, w *apptest.World, rhythm, key string) *app.Witness {
	t.Helper()
	one, err := w.App.AddWitness(context.Background(), w.As(t, "dir"), app.AddWitness{Name: "示例 " + rhythm, Kind: "https", Address: "https://witness.example/" + rhythm, PublicKey: key, Rhythm: rhythm})
	apptest.Must(t, err, "enter a witness")
	return one
}

// carry rings the bell of the witnesses once: what is due is queued, taken and answered. It returns who received which size.
func carry(t *testing.T, w *apptest.World, answer func(app.Publication) app.Answer) (took []string) {
	t.Helper()
	ctx := context.Background()
	_, err := w.App.QueueWitnesses(ctx)
	apptest.Must(t, err, "queue")
	for {
		p, err := w.App.ClaimPublication(ctx)
		apptest.Must(t, err, "claim")
		if p == nil {
			return took
		}
		took = append(took, fmt.Sprintf("%s %d", p.Witness.Rhythm, p.Delivery.Size))
		apptest.Must(t, w.App.SettlePublication(ctx, *p, answer(*p)), "settle")
	}
}

func accepts(app.Publication) app.Answer { return app.Answer{Outcome: "accepted", Text: "HTTP 200"} }

// grow makes one more record and signs the journal; it returns its size.
func grow(t *testing.T, w *apptest.World) int64 {
	t.Helper()
	ctx := context.Background()
	apptest.Must(t, app.Write(ctx, w.App, app.System("test"), func(tx *app.Tx) error { app.Note(tx, "test.note"); return nil }), "record")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign")
	size, err := w.App.JournalSize(ctx)
	apptest.Must(t, err, "size")
	return size
}

func wantTook(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("%s: went to %q, want %q", what, got, want)
	}
}

func TestWitnessRhythms(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		w.At(t, "2023-03-20 07:00") // a Monday, before work
		for _, rhythm := range app.WitnessRhythms() {
			stand(t, w, rhythm, "")
		}
		wantTook(t, "nothing signed", carry(t, w, accepts))
		a := grow(t, w)
		wantTook(t, "before work", carry(t, w, accepts), fmt.Sprint("hourly ", a), fmt.Sprint("every ", a))
		wantTook(t, "again", carry(t, w, accepts))
		w.At(t, "2023-03-20 08:35")
		b := grow(t, w)
		wantTook(t, "at work", carry(t, w, accepts), fmt.Sprint("daily ", b), fmt.Sprint("hourly ", b), fmt.Sprint("every ", b))
		w.At(t, "2023-03-20 09:00")
		c := grow(t, w)
		wantTook(t, "half an hour later", carry(t, w, accepts), fmt.Sprint("every ", c))
		w.At(t, "2023-03-20 10:00")
		apptest.Must(t, w.App.PublishCheckpoint(context.Background(), w.As(t, "insp")), "on demand")
		d := c + 1
		wantTook(t, "on demand", carry(t, w, accepts), fmt.Sprint("daily ", d), fmt.Sprint("hourly ", d), fmt.Sprint("every ", d), fmt.Sprint("demand ", d))
		w.At(t, "2023-03-21 08:35")
		e := grow(t, w)
		wantTook(t, "the next day, whatever was asked for", carry(t, w, accepts), fmt.Sprint("daily ", e), fmt.Sprint("hourly ", e), fmt.Sprint("every ", e))
		w.At(t, "2023-03-25 10:00") // a Saturday
		f := grow(t, w)
		wantTook(t, "a day off", carry(t, w, accepts), fmt.Sprint("hourly ", f), fmt.Sprint("every ", f))
		sound(t, w)
	})
}

// A witness that does not answer is asked again at longer and longer intervals; a later checkpoint takes the place of what still waits.
func TestWitnessIsAskedAgain(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		one := stand(t, w, "demand", "")
		refuses := func(app.Publication) app.Answer { return app.Answer{Outcome: "retry", Text: "HTTP 503"} }
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		side := lookAside(t, w)
		tries, at := 0, w.Clock.Now()
		for range 400 {
			tries += len(carry(t, w, refuses))
			w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
		}
		if tries != 16 {
			t.Errorf("%d attempts in %s, want 16", tries, w.Clock.Now().Sub(at))
		}
		if side.number("SELECT COUNT(*) FROM witness_deliveries WHERE status = 'failed' AND attempts = 16 AND answer = 'HTTP 503'") != 1 || side.number("SELECT COUNT(*) FROM witness_attempts") != 32 {
			t.Errorf("deliveries %v", side.rows("SELECT status, attempts, answer FROM witness_deliveries"))
		}
		down := func(app.Publication) app.Answer { return app.Answer{Outcome: "down", Text: "no mail server"} }
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		wantNumber(t, "tried while down", len(carry(t, w, down)), 1)
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish a later one")
		if side.number("SELECT COUNT(*) FROM witness_deliveries WHERE status = 'superseded' AND attempts = 0") != 1 {
			t.Errorf("deliveries %v", side.rows("SELECT status, attempts FROM witness_deliveries"))
		}
		apptest.Must(t, w.App.RevokeWitness(ctx, w.As(t, "admin"), app.RevokeWitness{ID: one.ID, Version: one.Version, Reason: "示例"}), "revoke")
		wantNumber(t, "sent to a revoked witness", len(carry(t, w, accepts)), 0)
		if side.number("SELECT COUNT(*) FROM witness_deliveries WHERE status = 'withdrawn'") != 1 {
			t.Errorf("deliveries %v", side.rows("SELECT status, attempts FROM witness_deliveries"))
		}
	})
}

// A witness that is revoked while something is on its way to it receives nothing more, even where that did not arrive.
func TestWitnessIsRevokedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		one := stand(t, w, "demand", "")
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		p, err := w.App.ClaimPublication(ctx)
		apptest.Must(t, err, "claim")
		apptest.Must(t, w.App.RevokeWitness(ctx, w.As(t, "admin"), app.RevokeWitness{ID: one.ID, Version: one.Version, Reason: "示例"}), "revoke")
		apptest.Must(t, w.App.SettlePublication(ctx, *p, app.Answer{Outcome: "retry", Text: "HTTP 503"}), "settle")
		w.At(t, "2023-03-21 09:00")
		wantNumber(t, "sent after it was revoked", len(carry(t, w, accepts)), 0)
		if side := lookAside(t, w); side.number("SELECT COUNT(*) FROM witness_deliveries WHERE status = 'withdrawn'") != 1 {
			t.Errorf("deliveries %v", side.rows("SELECT status, attempts FROM witness_deliveries"))
		}
	})
}

func wantNumber(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// A sender that dies leaves a letter unknown, which nobody sends again unasked; a POST is tried again. A late answer changes nothing.
func TestSenderOfANoteDies(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Options.Mail = true
		w.Reopen(t)
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		stand(t, w, "demand", "")
		_, err := w.App.AddWitness(ctx, w.As(t, "insp"), app.AddWitness{Name: "示例", Kind: "mail", Address: "witness@example.org", Rhythm: "demand"})
		apptest.Must(t, err, "enter a witness by mail")
		apptest.Must(t, w.App.PublishCheckpoint(ctx, w.As(t, "dir")), "publish")
		var lost []app.Publication
		for range 2 {
			p, err := w.App.ClaimPublication(ctx)
			apptest.Must(t, err, "claim")
			lost = append(lost, *p)
		}
		w.Clock.Set(w.Clock.Now().Add(10 * time.Minute))
		wantNumber(t, "sent again", len(carry(t, w, accepts)), 1)
		for _, p := range lost {
			apptest.Must(t, w.App.SettlePublication(ctx, p, app.Answer{Outcome: "failed", Text: "late"}), "settle late")
		}
		side := lookAside(t, w)
		if got := side.rows("SELECT w.kind, d.status FROM witness_deliveries d JOIN witnesses w ON w.id = d.witness_id ORDER BY w.id"); len(got) != 2 || !strings.Contains(got[0], "accepted") || !strings.Contains(got[1], "unknown") {
			t.Errorf("deliveries %q", got)
		}
	})
}

// What a witness answers is believed only if its own key signed this very note.
func TestCosignatureIsChecked(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		w.At(t, "2023-03-20 09:00")
		private, public, err := audit.NewWitnessKey("witness.example", bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
		apptest.Must(t, err, "make a key")
		foreign, _, err := audit.NewWitnessKey("witness.example", bytes.NewReader(bytes.Repeat([]byte{8}, 64)))
		apptest.Must(t, err, "make another key")
		stand(t, w, "every", public)
		side := lookAside(t, w)
		cosign := func(note []byte, key string) []byte {
			t.Helper()
			whole, err := audit.Cosign(note, audit.Cosigning{Public: w.Options.PublicKey, Private: key, At: w.Clock.Now()})
			apptest.Must(t, err, "co-sign")
			return whole
		}
		first := grow(t, w)
		var kept []byte
		carry(t, w, func(p app.Publication) app.Answer {
			kept = cosign([]byte(p.Note), private)
			return app.Answer{Outcome: "accepted", Body: cosign([]byte(p.Note), foreign)}
		})
		if side.number("SELECT COUNT(*) FROM cosignatures") != 0 {
			t.Error("another key's line was kept")
		}
		second := grow(t, w)
		carry(t, w, func(p app.Publication) app.Answer { return app.Answer{Outcome: "accepted", Body: kept} })
		if side.number("SELECT COUNT(*) FROM cosignatures") != 0 {
			t.Error("a line for another checkpoint was kept")
		}
		third := grow(t, w)
		carry(t, w, func(p app.Publication) app.Answer {
			return app.Answer{Outcome: "accepted", Body: bytes.TrimPrefix(cosign([]byte(p.Note), private), []byte(p.Note))}
		})
		fourth := grow(t, w)
		carry(t, w, func(p app.Publication) app.Answer {
			return app.Answer{Outcome: "accepted", Body: cosign([]byte(p.Note), private)}
		})
		for size, want := range map[int64]int{first: 0, second: 0, third: 1, fourth: 1} {
			c, err := w.App.CheckpointAt(ctx, w.As(t, "insp"), size)
			apptest.Must(t, err, "read the checkpoint of %d", size)
			if got, err := audit.Cosignatures([]byte(c.Note), public); len(got) != want || err != nil {
				t.Errorf("checkpoint of %d: %v, %v, want %d co-signatures", size, got, err, want)
			}
		}
		_, report := bundle(t, w, w.As(t, "insp"), "ticket", newTicket(t, w))
		if !report.Sound {
			t.Errorf("report %+v", report)
		}
		sound(t, w)
	})
}

// newTicket drafts a ticket and returns its number.
func newTicket(t *testing.T, w *apptest.World) string {
	t.Helper()
	dir, err := w.App.Directory(context.Background())
	apptest.Must(t, err, "directory")
	k, err := w.App.DraftTicket(context.Background(), w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: "示例", Basis: "示例", TaskForceID: dir.TaskForceList()[0].ID,
		LeadUnitID: w.As(t, "gxj.hand").UnitID, DueTerm: "5 workdays"})
	apptest.Must(t, err, "draft")
	return k.No
}

// Addresses that lead nowhere, or that the operator has not named, are refused at their field.
func TestWitnessAddresses(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	w.Options.WitnessFolders = []string{"/mnt/stick"}
	w.Reopen(t)
	w.Seed(t)
	ctx, dir := context.Background(), w.As(t, "dir")
	add := func(kind, address, key string) error {
		return second(w.App.AddWitness(ctx, dir, app.AddWitness{Name: "示例", Kind: kind, Address: address, PublicKey: key, Rhythm: "daily"}))
	}
	for _, c := range []struct{ kind, address, key, fault string }{
		{"folder", "/mnt/other", "", "witness_no_folder"}, {"folder", "/mnt/stick/../other", "", "witness_no_folder"},
		{"https", "http://witness.example", "", "witness_url"}, {"https", "https://a:b@witness.example", "", "witness_url"}, {"https", "witness.example", "", "witness_url"},
		{"https", "https://", "", "witness_url"}, {"https", "https://witness.example/#x", "", "witness_url"}, {"https", "file:///etc/passwd", "", "witness_url"},
		{"mail", "witness@example.org", "", "witness_no_mail"}, {"fax", "1", "", "choose"},
		{"https", "https://witness.example", "witness.example+00000000+AAAA", "witness_key"}, {"folder", "/mnt/stick", w.Options.PublicKey, "witness_key"},
	} {
		wantKind(t, c.kind+" "+c.address, add(c.kind, c.address, c.key), app.Invalid, c.fault)
	}
	apptest.Must(t, add("folder", "/mnt/stick", ""), "a folder that was named")
	wantKind(t, "twice", add("folder", "/mnt/stick", ""), app.Invalid, "witness_there")
}

// After a change of keys the old checkpoints verify, a process with the old key signs nothing, and who holds only the old key is led to the new one.
func TestKeyIsReplaced(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		ctx := context.Background()
		w.Seed(t)
		grow(t, w)
		old := w.Options.PublicKey
		private, public, err := audit.NewKey("test.battlemap", bytes.NewReader(bytes.Repeat([]byte{9}, 64)))
		apptest.Must(t, err, "make a key")
		wantKind(t, "a person", w.App.RotateKey(ctx, w.As(t, "admin"), app.RotateKey{Private: private, Public: public}), app.Denied, "denied")
		for range 2 { // the second time it has nothing left to do
			apptest.Must(t, w.App.RotateKey(ctx, app.Setup("test"), app.RotateKey{Private: private, Public: public}), "rotate")
		}
		if err := w.App.SignCheckpoint(ctx); err == nil || !strings.Contains(err.Error(), "replaced") {
			t.Errorf("the old key signs on: %v", err)
		}
		w.Options.SigningKey, w.Options.PublicKey = private, public
		w.Reopen(t)
		grow(t, w)
		for _, key := range []string{old, public, old + "\n" + public} {
			var out bytes.Buffer
			apptest.Must(t, w.App.ExportJournal(ctx, w.As(t, "insp"), &out), "export")
			r, err := audit.Verify(audit.Input{Key: key, Export: bytes.NewReader(out.Bytes()), ExportSize: int64(out.Len())})
			if !r.Sound || err != nil || r.Checkpoints < 3 {
				text, _ := json.Marshal(r)
				t.Errorf("with key %.60s: %s, %v", key, text, err)
			}
		}
		w.Options.PublicKey = old // what an inspector holds who was there before
		if _, report := bundle(t, w, w.As(t, "insp"), "ticket", newTicket(t, w)); !report.Sound {
			t.Errorf("a case under the old key: %+v", report)
		}
		w.Options.PublicKey = public
		if r, err := w.App.JournalProof(ctx, w.As(t, "insp"), 1); err != nil || second(w.App.CheckProof(r)) != nil {
			t.Errorf("the proof of a record: %v", errors.Join(err, second(w.App.CheckProof(r))))
		}
		g, err := w.App.ProveGrowth(ctx, w.As(t, "insp"), checkpointSize(t, w, 0), checkpointSize(t, w, 2))
		if err != nil || g.Fits != nil {
			t.Errorf("growth over the change: %v, %v", err, g.Fits)
		}
		w.Public = old + "\n" + public
		sound(t, w)
	})
}

// A key is not replaced while the doctor's word is that the database is not sound: the last checkpoint of the old one would vouch for the damage.
func TestKeyOfAnUnsoundJournal(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		x := tamper(t, w)
		ctx := context.Background()
		x.side.exec("UPDATE tickets SET due_on = '2023-12-31'")
		_, err := w.App.Examine(ctx, app.System("doctor"), true)
		apptest.Must(t, err, "examine")
		private, public, err := audit.NewKey("test.battlemap", bytes.NewReader(bytes.Repeat([]byte{9}, 64)))
		apptest.Must(t, err, "make a key")
		wantKind(t, "a new key", w.App.RotateKey(ctx, app.Setup("test"), app.RotateKey{Private: private, Public: public}), app.Refused, "journal_unsound")
	})
}

// checkpointSize is the size of the i-th newest checkpoint.
func checkpointSize(t *testing.T, w *apptest.World, i int) int64 {
	t.Helper()
	all, err := w.App.Checkpoints(context.Background(), i+1)
	apptest.Must(t, err, "checkpoints")
	return all[i].Size
}
