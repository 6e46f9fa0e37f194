package main

import (
	"context"
	"encoding/base64"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/notify"
	"battlemap/templates"
)

// mailed has a ticket with each of the titles issued, and returns every letter that went over the wire about them, by title.
func mailed(t *testing.T, titles []string) []*netmail.Message {
	t.Helper()
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	w.Options.Mail = true
	w.Reopen(t)
	s := w.Seed(t)
	ctx := context.Background()
	for _, title := range titles {
		k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "decision", Title: title, Basis: title, TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"})
		apptest.Must(t, err, "draft %q", title)
		for _, step := range [][2]string{{"sup", "submit_draft"}, {"dir", "approve"}} {
			k, err = w.App.MoveTicket(ctx, w.As(t, step[0]), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step[1]})
			apptest.Must(t, err, "%s", step[1])
		}
	}
	office := &postOffice{}
	host, port := office.open(t)
	sender, err := notify.NewSMTP(notify.Options{Host: host, Port: port, TLS: "none", From: "battlemap@example.org", Timeout: time.Minute, LocalName: "battlemap.example"})
	apptest.Must(t, err, "make the sender")
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "templates")
	m := mailer{app: w.App, set: set, smtp: sender, base: "https://battlemap.example", from: "battlemap@example.org"}
	for {
		due, err := w.App.ClaimMail(ctx, 1)
		apptest.Must(t, err, "claim")
		if len(due) == 0 {
			break
		}
		outcome, err := m.post(ctx, due[0])
		if outcome != "accepted" {
			t.Fatalf("a letter about %q: %s, %v", due[0].Reminder.Detail, outcome, err)
		}
		apptest.Must(t, w.App.Settle(ctx, due[0], outcome, nil), "settle")
	}
	var letters []*netmail.Message
	for _, text := range office.letters {
		one, err := netmail.ReadMessage(strings.NewReader(text))
		apptest.Must(t, err, "read a letter")
		letters = append(letters, one)
	}
	return letters
}

// read is what a person sees of a letter: its subject and its text.
func read(t *testing.T, letter *netmail.Message) (subject, text string) {
	t.Helper()
	subject, err := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	apptest.Must(t, err, "read the subject")
	body, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, letter.Body))
	apptest.Must(t, err, "read the text")
	return subject, strings.ReplaceAll(string(body), "\r\n", "\n")
}

// Check 10 (ASVS 1.2.1), mail: letters are plain text, and a title is read in them as it was written.
func TestCheck10LettersArePlainText(t *testing.T) {
	titles := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `{{.Name}}{{7*7}}`, `javascript:alert(1)`, `<!--`, `&lt;b&gt;&amp;`, `=?utf-8?q?a=0D=0ABcc:_eve@example.cn?=`, `]]><svg onload=alert(1)>`}
	letters := mailed(t, titles)
	seen := map[string]bool{}
	for _, letter := range letters {
		subject, _ := read(t, letter)
		if kind := letter.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain") {
			t.Errorf("a letter is %q", kind)
		}
		for _, title := range titles {
			if strings.Contains(subject, title) {
				seen[title] = true
			}
		}
	}
	if len(seen) != len(titles) {
		t.Errorf("titles that were read as written: %v", seen)
	}
}

// Check 15 (ASVS 1.3.11), from the form to the wire: a title with line ends neither adds a line to a letter's head nor keeps the letter from being sent.
func TestCheck15TitlesWithLineEnds(t *testing.T) {
	titles := []string{"示例\r\nBcc: eve@example.cn", "示例\nSubject: x", "示例\rX: y", "示例\u0085Bcc: eve@example.cn", "示例\x1b[31m\x07", "示例\u2028Bcc: x"}
	letters := mailed(t, titles)
	if len(letters) < len(titles) {
		t.Fatalf("%d letters for %d titles", len(letters), len(titles))
	}
	for _, letter := range letters {
		subject, _ := read(t, letter)
		if len(letter.Header["Subject"]) != 1 || letter.Header.Get("Bcc") != "" || letter.Header.Get("X") != "" || !strings.Contains(subject, "示例") || strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r == 0x85 || r == 0x2028 }) {
			t.Errorf("a letter has the head %v", letter.Header)
		}
	}
}
