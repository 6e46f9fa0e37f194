package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/jobs"
	"battlemap/app/notify"
	"battlemap/templates"
)

// postOffice is a real SMTP server that keeps whole letters.
type postOffice struct{ letters []string }

func (p *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return p, nil }
func (p *postOffice) Reset()                                      {}
func (p *postOffice) Logout() error                               { return nil }
func (p *postOffice) Mail(string, *smtp.MailOptions) error        { return nil }
func (p *postOffice) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (p *postOffice) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	p.letters = append(p.letters, string(text))
	return err
}

func (p *postOffice) open(t *testing.T) (host string, port int) {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain = "post.example"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() { _ = server.Close(); _ = listener.Close(); <-done })
	return "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
}

// A checkpoint reaches a witness by each way over the real wire: the note to the byte, the co-signature back, and the bundle bears it.
func TestCheckpointsReachTheirWitnesses(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	folder := t.TempDir()
	w.Options.Mail, w.Options.WitnessFolders = true, []string{folder}
	w.Reopen(t)
	w.Seed(t)
	ctx, insp := context.Background(), w.As(t, "insp")
	private, public, err := audit.NewWitnessKey("witness.example", strings.NewReader(strings.Repeat("w", 64)))
	apptest.Must(t, err, "make a witness's key")
	var posted []string
	outside := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		note, err := io.ReadAll(r.Body)
		apptest.Must(t, err, "read the note")
		posted = append(posted, string(note))
		whole, err := audit.Cosign(note, audit.Cosigning{Public: w.Options.PublicKey, Private: private, At: w.Clock.Now()})
		apptest.Must(t, err, "co-sign")
		_, _ = rw.Write(whole[len(note):])
	}))
	t.Cleanup(outside.Close)
	for _, one := range []app.AddWitness{{Kind: "mail", Address: "witness@example.org"}, {Kind: "folder", Address: folder}, {Kind: "https", Address: outside.URL, PublicKey: public}} {
		one.Name, one.Rhythm = "示例 "+one.Kind, "demand"
		apptest.Must(t, second(w.App.AddWitness(ctx, w.As(t, "dir"), one)), "enter a witness by %s", one.Kind)
	}
	office := &postOffice{}
	ring := publishBell(t, w, office, outside, folder)
	apptest.Must(t, w.App.PublishCheckpoint(ctx, insp), "publish")
	ring()
	ring() // there is nothing left
	newest, err := w.App.Checkpoints(ctx, 1)
	apptest.Must(t, err, "checkpoints")
	name := app.CheckpointFile("test.battlemap", newest[0].Size)
	if text, err := os.ReadFile(filepath.Join(folder, name)); string(text) != newest[0].Note || err != nil {
		t.Errorf("the folder holds %q, %v", text, err)
	}
	if len(posted) != 1 || posted[0] != newest[0].Note {
		t.Errorf("posted %q", posted)
	}
	if len(office.letters) != 1 || attached(t, office.letters[0], name) != newest[0].Note {
		t.Errorf("mailed %q", office.letters)
	}
	c, err := w.App.CheckpointAt(ctx, insp, newest[0].Size)
	apptest.Must(t, err, "read the checkpoint")
	if got, err := audit.Cosignatures([]byte(c.Note), public); len(got) != 1 || err != nil {
		t.Errorf("co-signatures %v, %v", got, err)
	}
	p, err := w.App.Proofs(ctx, insp, 0, 1)
	apptest.Must(t, err, "read the deliveries")
	for _, d := range p.Deliveries[newest[0].Size] {
		if d.Status != "accepted" || len(p.Attempts[d.ID]) != 2 {
			t.Errorf("delivery %+v with %d attempts", d, len(p.Attempts[d.ID]))
		}
	}
}

// publishBell wires the bell of the witnesses as serve does, but for whose certificate is believed.
func publishBell(t *testing.T, w *apptest.World, office *postOffice, outside *httptest.Server, folder string) func() {
	t.Helper()
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "templates")
	host, port := office.open(t)
	from := "battlemap@battlemap.example"
	post, err := notify.NewSMTP(notify.Options{Host: host, Port: port, TLS: "none", From: from, Timeout: time.Minute, LocalName: "battlemap.example"})
	apptest.Must(t, err, "mail")
	roots := x509.NewCertPool()
	roots.AddCert(outside.Certificate())
	out, err := notify.NewOutbound(notify.OutboundOptions{Allowed: []string{outside.Listener.Addr().String()}, RootCAs: roots, Timeout: time.Minute})
	apptest.Must(t, err, "outbound")
	log := slog.New(slog.DiscardHandler)
	c := courier{mailer: mailer{app: w.App, set: set, smtp: post, from: from}, http: out, folder: notify.Folder{Folders: []string{folder}}, log: log}
	bells, err := jobs.New(w.App, log, []jobs.Job{jobs.Publishing(w.App, c.carry)})
	apptest.Must(t, err, "bells")
	return func() { apptest.Must(t, bells.Once(context.Background(), "publish"), "ring") }
}

func second[T any](_ T, err error) error { return err }

// attached is the attachment of a name in a letter.
func attached(t *testing.T, letter, name string) string {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(letter))
	apptest.Must(t, err, "read the letter")
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	apptest.Must(t, err, "read its type")
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := parts.NextPart()
		apptest.Must(t, err, "find the attachment")
		if part.FileName() == name {
			text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
			apptest.Must(t, err, "read the attachment")
			return string(text)
		}
	}
}

// The key is replaced on the command line; stopped at any point and asked again, it comes to the same.
func TestKeyIsRotated(t *testing.T) {
	for stop := range 4 {
		t.Run(strconv.Itoa(stop), func(t *testing.T) {
			ctx, log := context.Background(), slog.New(slog.DiscardHandler)
			s := storage{Data: t.TempDir(), Node: "test", KeyName: "test.battlemap"}
			apptest.Must(t, s.with(ctx, log, func(a *app.App) error { return second(a.FirstLink(ctx)) }), "first start")
			before, old, err := s.readKeys()
			apptest.Must(t, err, "read the keys")
			private, public := "", ""
			if stop > 0 { // after the new key was made
				private, public, err = s.nextKeys()
				apptest.Must(t, err, "make the next key")
			}
			if stop > 1 { // after the journal named it
				apptest.Must(t, s.with(ctx, log, func(a *app.App) error {
					return a.RotateKey(ctx, app.Setup("test"), app.RotateKey{Private: private, Public: public})
				}), "rotate")
			}
			if stop > 2 { // between the two halves
				hash := strings.SplitN(old, "+", 3)[1]
				apptest.Must(t, os.Link(s.privateFile(), filepath.Join(s.Data, "checkpoint-"+hash+".key")), "keep")
				apptest.Must(t, os.Link(s.publicFile(), filepath.Join(s.Data, "checkpoint-"+hash+".pub")), "keep")
				apptest.Must(t, os.Rename(s.nextPrivate(), s.privateFile()), "move")
			}
			apptest.Must(t, (&keyRotate{storage: s}).Run(ctx, log), "rotate on the command line")
			after, now, err := s.readKeys()
			apptest.Must(t, err, "read the keys again")
			kept, err := os.ReadFile(filepath.Join(s.Data, "checkpoint-"+strings.SplitN(old, "+", 3)[1]+".key"))
			if after == before || now == old || err != nil || strings.TrimSpace(string(kept)) != before || public != "" && (now != public || after != private) {
				t.Errorf("now %q, the old one kept as %q, %v", now, kept, err)
			}
			apptest.Must(t, s.with(ctx, log, func(a *app.App) error {
				keys, err := a.PublicKeys(ctx)
				if keys != old+"\n"+now+"\n" {
					t.Errorf("keys %q", keys)
				}
				return second(keys, err)
			}), "open with the new key")
		})
	}
}
