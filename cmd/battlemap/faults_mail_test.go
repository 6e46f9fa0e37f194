package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	netmail "net/mail"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/templates"
)

// What the mail server does to a letter, drawn anew for each attempt. It speaks SMTP by hand, since no library lets itself be broken off in the middle of a line.
const (
	mailFine       = "taken"
	mailBusy       = "451 after the letter"
	mailNever      = "550 after the letter"
	mailClosing    = "421 after the letter"
	mailGreylisted = "450 at the recipient"
	mailSilent     = "taken, then silence"
	mailDropped    = "dropped, then silence"
	mailReset      = "taken, then reset"
	mailBroken     = "reset in the middle of the letter"
	mailSlow       = "taken, answered byte by byte"
	mailHalf       = "taken, stops in the middle of the answer"
	mailNonsense   = "taken, answered with nonsense"
	mailRude       = "451 in bytes that are no text"
	mailEmpty      = "no greeting"
)

func mailFaults() []string {
	return []string{mailBusy, mailNever, mailClosing, mailGreylisted, mailSilent, mailDropped, mailReset, mailBroken, mailSlow, mailHalf, mailNonsense, mailRude, mailEmpty}
}

// badPost is a mail server on loopback that misbehaves by a seed, and keeps a book of what it took, whatever it told the sender.
type badPost struct {
	t      *testing.T
	at     net.Listener
	mu     sync.Mutex
	dice   *rand.Rand
	chance float64
	deck   []string            // of faults
	took   map[string][]string // by message id: how each letter that it took was answered
	dates  map[string]string   // by message id: the first one's date
	tried  map[string]int      // faults
	wait   sync.WaitGroup
}

func openBadPost(t *testing.T, seed uint64) *badPost {
	t.Helper()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	p := &badPost{t: t, at: at, dice: rand.New(rand.NewPCG(6, seed)), took: map[string][]string{}, dates: map[string]string{}, tried: map[string]int{}}
	p.wait.Go(func() {
		for {
			conn, err := at.Accept()
			if err != nil {
				return
			}
			p.wait.Go(func() { defer conn.Close(); p.talk(conn, p.draw()) })
		}
	})
	t.Cleanup(func() { _ = at.Close(); p.wait.Wait() })
	return p
}

// draw says what becomes of the next conversation.
func (p *badPost) draw() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := mailFine
	if p.dice.Float64() < p.chance {
		if len(p.deck) == 0 { // each fault once before any comes again
			p.deck = mailFaults()
			p.dice.Shuffle(len(p.deck), func(i, j int) { p.deck[i], p.deck[j] = p.deck[j], p.deck[i] })
		}
		fault, p.deck = p.deck[0], p.deck[1:]
	}
	p.tried[fault]++
	return fault
}

func (p *badPost) misbehave(chance float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chance = chance
}

// talk holds one conversation. It ends when the sender hangs up, at the latest by its own patience.
func (p *badPost) talk(conn net.Conn, fault string) {
	in := bufio.NewReader(conn)
	if fault == mailEmpty {
		_, _ = io.Copy(io.Discard, in)
		return
	}
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 post.example")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(line[:min(4, len(line))]); {
		case verb == "EHLO":
			say("250 post.example")
		case verb == "RCPT" && fault == mailGreylisted:
			say("450 4.7.1 greylisted")
		case verb == "DATA":
			say("354 go on")
			if !p.letter(conn, in, fault) {
				return
			}
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// letter reads a letter and answers it, or does not; false ends the conversation.
func (p *badPost) letter(conn net.Conn, in *bufio.Reader, fault string) bool {
	reset := func() bool {
		_ = conn.(*net.TCPConn).SetLinger(0)
		return false
	}
	if fault == mailBroken {
		_, _ = in.ReadByte()
		return reset()
	}
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(line)
	}
	wait := func() bool { _, _ = io.Copy(io.Discard, in); return false }
	answers := map[string]string{mailBusy: "451 4.3.0 try later\r\n", mailNever: "550 5.7.1 not here\r\n", mailClosing: "421 4.3.2 going down\r\n", mailRude: "451 4.3.0 \xff\xfe\x00\x80 later\r\n"}
	if answer := answers[fault]; answer != "" {
		_, _ = io.WriteString(conn, answer)
		return true
	}
	if fault == mailDropped {
		return wait()
	}
	p.keep(text.String(), fault)
	switch fault {
	case mailSilent:
		return wait()
	case mailReset:
		return reset()
	case mailHalf:
		_, _ = io.WriteString(conn, "25")
		return wait()
	case mailNonsense:
		_, _ = io.WriteString(conn, "\x00\xff 再见\r\n")
		return true
	case mailSlow:
		for _, b := range []byte("250 taken\r\n") {
			if _, err := conn.Write([]byte{b}); err != nil {
				return false
			}
		}
		return true
	}
	_, _ = io.WriteString(conn, "250 taken\r\n")
	return true
}

// keep enters a letter into the book.
func (p *badPost) keep(text, fault string) {
	m, err := netmail.ReadMessage(strings.NewReader(text))
	if err != nil {
		p.t.Errorf("a letter can't be read: %v", err)
		return
	}
	id, _, _ := strings.Cut(strings.Trim(m.Header.Get("Message-Id"), "<>"), "@")
	p.mu.Lock()
	defer p.mu.Unlock()
	if was, again := p.dates[id]; again && was != m.Header.Get("Date") {
		p.t.Errorf("%s has the date %q, and had %q", id, m.Header.Get("Date"), was)
	}
	p.dates[id] = m.Header.Get("Date")
	p.took[id] = append(p.took[id], fault)
}

// posting is a district whose bells are wired as the product's, to a mail server of the test's.
type posting struct {
	t    *testing.T
	w    *apptest.World
	s    *apptest.Small
	side *sql.DB
	ring func(job string) error
}

// newPosting wires the bells. The sender's patience is short, since many letters are met with silence.
func newPosting(t *testing.T, w *apptest.World, at string) *posting {
	t.Helper()
	w.Options.Mail = true
	w.Reopen(t)
	p := &posting{t: t, w: w, s: w.Seed(t)}
	driver, dsn := "pgx", w.Options.Database
	if path, lite := strings.CutPrefix(dsn, "sqlite:"); lite {
		driver, dsn = "sqlite3", "file:"+path+"?_busy_timeout=5000"
	}
	var err error
	p.side, err = sql.Open(driver, dsn)
	apptest.Must(t, err, "open")
	t.Cleanup(func() { apptest.Must(t, p.side.Close(), "close") })
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "templates")
	host, port, err := net.SplitHostPort(at)
	apptest.Must(t, err, "mail server")
	number, err := strconv.Atoi(port)
	apptest.Must(t, err, "mail server's port")
	serve := serveCommand{mailing: mailing{SMTPHost: host, SMTPPort: number, SMTPTLS: "none", SMTPFrom: "battlemap@battlemap.example", SMTPTimeout: 400 * time.Millisecond},
		witnessing: witnessing{WitnessWait: time.Minute}}
	bells, err := serve.bells(w.App, set, slog.New(slog.DiscardHandler))
	apptest.Must(t, err, "bells")
	p.ring = func(job string) error { return bells.Once(context.Background(), job) }
	return p
}

// rows answers a query with one line a row.
func (p *posting) rows(query string) []string {
	p.t.Helper()
	rows, err := p.side.Query(query)
	apptest.Must(p.t, err, "%s", query)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		apptest.Must(p.t, rows.Scan(&text), "scan")
		out = append(out, text)
	}
	apptest.Must(p.t, rows.Err(), "%s", query)
	return out
}

func (p *posting) count(what string) int {
	p.t.Helper()
	n, err := strconv.Atoi(p.rows("SELECT COUNT(*) FROM " + what)[0])
	apptest.Must(p.t, err, "count")
	return n
}

// issue issues a ticket, about which six letters go out.
func (p *posting) issue(n int) {
	p.t.Helper()
	ctx, w := context.Background(), p.w
	k, err := w.App.DraftTicket(ctx, w.As(p.t, "sup"), app.DraftTicket{Kind: "assignment", Title: fmt.Sprint("示例事项", n), Basis: "示例依据", TaskForceID: p.s.Forces["1"],
		LeadUnitID: p.s.Units["gxj"], AssistUnitIDs: []int64{p.s.Units["zjj"]}, DueTerm: "3 months"})
	apptest.Must(p.t, err, "draft")
	for _, step := range []struct{ as, move string }{{"sup", "submit_draft"}, {"dir", "approve"}} {
		_, err := w.App.MoveTicket(ctx, w.As(p.t, step.as), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
		apptest.Must(p.t, err, "%s", step.move)
		k.Version++
	}
}

// pass lets so much working time pass.
func (p *posting) pass(d time.Duration) {
	cal := p.w.Options.Calendar
	p.w.Clock.Set(cal.NextOpen(p.w.Clock.Now().Add(d)))
}

// F6: a mail server that takes a letter and says nothing, refuses, is slow, breaks off or answers nonsense. What the ledger calls accepted has arrived once; what may have
// arrived is called unknown and is not sent again unasked; every attempt bears the same Message-ID and date; and once people have asked for the unknown and the
// failed ones again and the server is well, every letter has arrived, twice only where it had been unknown.
func TestFault06MailServer(t *testing.T) {
	tickets := 6
	if long() {
		tickets = 120
	}
	apptest.Each(t, postgresURL(), func(t *testing.T, w *apptest.World) {
		post := openBadPost(t, uint64(tickets))
		p := newPosting(t, w, post.at.Addr().String())
		post.misbehave(0.6)
		rings := 0
		for n := range tickets {
			p.issue(n)
			_ = p.ring("deliver") // it says that the mail server can't be used, when it can't
			p.pass(4 * time.Minute)
			rings++
		}
		for range 40 * 8 {
			if p.count("reminders WHERE channel = 'mail' AND status IN ('queued', 'sending')") == 0 {
				break
			}
			_ = p.ring("deliver")
			p.pass(10 * time.Minute)
			rings++
		}
		unknown := map[string]bool{}
		for _, id := range p.rows(letterID + " WHERE channel = 'mail' AND status = 'unknown'") {
			unknown[id] = true
		}
		p.ledgerIsTrue(post)
		post.misbehave(0)
		r := result{fault: "F6 mail server", engine: engineOf(w), unknown: len(unknown), linearizable: "-"}
		for id := range unknown {
			if len(post.took[id]) == 0 {
				r.not++
			}
		}
		again := p.sendAgain()
		for range 40 {
			if p.count("reminders WHERE channel = 'mail' AND status IN ('queued', 'sending')") == 0 {
				break
			}
			apptest.Must(t, p.ring("deliver"), "deliver to a server that is well")
			p.pass(time.Hour)
		}
		p.everythingArrived(post, unknown, &r)
		r.doctor = diagnosed(t, w)
		for fault, n := range post.tried {
			if fault != mailFine {
				r.times += n
			}
		}
		t.Logf("%d bells; what the server did: %v; %d letters asked for again, %d of them unknown", rings, post.tried, again, len(unknown))
		if r.times < tickets || r.acknowledged < tickets || len(unknown) == 0 {
			t.Errorf("too few faults to prove anything: %+v", r)
		}
		report(t, r)
	})
}

const letterID = "SELECT CASE item_kind WHEN 'digest' THEN 'digest' ELSE 'reminder' END || '-' || id FROM reminders"

// ledgerIsTrue holds the ledger against the server's book while nobody has asked for anything again.
func (p *posting) ledgerIsTrue(post *badPost) {
	p.t.Helper()
	post.mu.Lock()
	defer post.mu.Unlock()
	seen := map[string]bool{}
	for _, status := range []string{"accepted", "unknown", "failed", "digested", "withdrawn"} {
		for _, id := range p.rows(letterID + " WHERE channel = 'mail' AND status = '" + status + "'") {
			seen[id] = true
			took := post.took[id]
			if want := map[string]int{"accepted": 1}[status]; len(took) != want && !(status == "unknown" && len(took) < 2) {
				p.t.Errorf("%s is %s and the server took it %d times: %v", id, status, len(took), took)
			}
			if status == "accepted" && len(took) == 1 && took[0] != mailFine && took[0] != mailSlow {
				p.t.Errorf("%s is called accepted though the server did this: %v", id, took)
			}
		}
	}
	for id := range post.took {
		if !seen[id] {
			p.t.Errorf("the server took %s, which is not in the ledger", id)
		}
	}
	if n := p.count("reminder_attempts a JOIN reminders r ON r.id = a.reminder_id WHERE a.outcome = 'begun' AND r.status = 'unknown' AND (SELECT COUNT(*) FROM reminder_attempts b WHERE b.reminder_id = r.id AND b.outcome = 'begun' AND b.id > (SELECT MIN(c.id) FROM reminder_attempts c WHERE c.reminder_id = r.id AND c.outcome = 'unknown')) > 0"); n > 0 {
		p.t.Errorf("%d letters were sent again unasked though they may have arrived", n)
	}
}

// sendAgain is a person who asks for every letter again that failed or may have arrived.
func (p *posting) sendAgain() int {
	p.t.Helper()
	var letters []app.DeadLetter
	for _, row := range p.rows("SELECT r.id || ' ' || MAX(a.id) FROM reminders r JOIN reminder_attempts a ON a.reminder_id = r.id WHERE r.status IN ('unknown', 'failed') GROUP BY r.id") {
		var l app.DeadLetter
		_, err := fmt.Sscan(row, &l.Reminder, &l.Seen)
		apptest.Must(p.t, err, "read %s", row)
		letters = append(letters, l)
	}
	for rest := letters; len(rest) > 0; rest = rest[min(100, len(rest)):] {
		apptest.Must(p.t, p.w.App.SendAgain(context.Background(), p.w.As(p.t, "dir"), rest[:min(100, len(rest))]), "send again")
	}
	return len(letters)
}

// everythingArrived counts what arrived in the end: a letter that the ledger does not call withdrawn or carried by another is lost when it never did, and
// doubled when it came twice without ever having been unknown.
func (p *posting) everythingArrived(post *badPost, unknown map[string]bool, r *result) {
	p.t.Helper()
	post.mu.Lock()
	defer post.mu.Unlock()
	for _, row := range p.rows("SELECT status || ' ' || CASE item_kind WHEN 'digest' THEN 'digest' ELSE 'reminder' END || '-' || id FROM reminders WHERE channel = 'mail'") {
		status, id, _ := strings.Cut(row, " ")
		switch n := len(post.took[id]); {
		case status == "digested" || status == "withdrawn":
		case status != "accepted" || n == 0:
			r.lost++
			p.t.Errorf("%s is %s in the end and arrived %d times", id, status, n)
		case n > 1 && !unknown[id]:
			r.duplicated++
			p.t.Errorf("%s arrived %d times and was never unknown: %v", id, n, post.took[id])
		case n > 2:
			r.duplicated++
			p.t.Errorf("%s arrived %d times: %v", id, n, post.took[id])
		default:
			r.acknowledged++
		}
	}
}

// diagnosed tells for the table what the doctor says of a world.
func diagnosed(t *testing.T, w *apptest.World) string {
	t.Helper()
	found, _, err := w.App.Diagnose(context.Background(), true, w.Options.PublicKey, nil)
	apptest.Must(t, err, "examine")
	if app.Sound(found) {
		return "sound"
	}
	t.Errorf("the doctor: %+v", found)
	return "broken"
}

// engineOf names the database of a world.
func engineOf(w *apptest.World) string {
	engine, _, _ := strings.Cut(w.Options.Database, ":")
	return engine
}

// postgresURL is the server of the tests, "" for none.
func postgresURL() string { return os.Getenv("BATTLEMAP_TEST_POSTGRES") }
