package main

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/jobs"
	"battlemap/app/notify"
)

// badWitness is an https witness that co-signs, when it does not misbehave by a seed. Its book says which notes it has seen.
type badWitness struct {
	t       *testing.T
	server  *httptest.Server
	cosign  func(note []byte) ([]byte, error)
	mu      sync.Mutex
	dice    *rand.Rand
	deck    []string
	chance  float64
	tried   map[string]int
	seen    map[string]int // by note: how often it came
	co      map[string]int // by note: how often it was co-signed
	leaving chan struct{}  // closed at the end: whoever is left without an answer goes then
}

func witnessFaults() []string {
	return []string{"500", "429", "503", "200 with nonsense", "200 and empty", "a co-signature of another note", "a login page", "reset before the answer", "reset within the answer", "silence", "half a line", "a redirect",
		"byte by byte"}
}

func openBadWitness(t *testing.T, seed uint64, cosign func([]byte) ([]byte, error)) *badWitness {
	t.Helper()
	b := &badWitness{t: t, cosign: cosign, dice: rand.New(rand.NewPCG(61, seed)), tried: map[string]int{}, seen: map[string]int{}, co: map[string]int{}, leaving: make(chan struct{})}
	b.server = httptest.NewUnstartedServer(http.HandlerFunc(b.answer))
	b.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	b.server.StartTLS()
	t.Cleanup(func() { close(b.leaving); b.server.Close() })
	return b
}

func (b *badWitness) draw(note string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seen[note]++
	fault := "none"
	if b.dice.Float64() < b.chance {
		if len(b.deck) == 0 {
			b.deck = witnessFaults()
			b.dice.Shuffle(len(b.deck), func(i, j int) { b.deck[i], b.deck[j] = b.deck[j], b.deck[i] })
		}
		fault, b.deck = b.deck[0], b.deck[1:]
	}
	b.tried[fault]++
	return fault
}

func (b *badWitness) answer(w http.ResponseWriter, r *http.Request) {
	note, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Errorf("read the note: %v", err)
		return
	}
	whole, err := b.cosign(note)
	if err != nil {
		b.t.Errorf("what came is no note of this journal: %v\n%s", err, note)
		return
	}
	line := whole[len(note):]
	switch fault := b.draw(string(note)); fault {
	case "500", "429", "503":
		http.Error(w, "sorry", map[string]int{"500": 500, "429": 429, "503": 503}[fault])
	case "200 with nonsense":
		_, _ = w.Write([]byte("\x00\xff{\"errcode\":40013}\r\n\u2014 \n\u2014 witness.example AAAA\n"))
	case "200 and empty":
	case "a co-signature of another note":
		_, _ = w.Write([]byte("— witness.example " + strings.Repeat("A", 104) + "\n"))
	case "a login page":
		_, _ = io.WriteString(w, "<!doctype html><title>请登录</title>")
	case "reset before the answer":
		panic(http.ErrAbortHandler)
	case "reset within the answer":
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(line)
		panic(http.ErrAbortHandler)
	case "silence":
		b.silent(r)
	case "half a line":
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(line[:len(line)/2])
		_ = http.NewResponseController(w).Flush()
		b.silent(r)
	case "a redirect":
		http.Redirect(w, r, b.server.URL+"/elsewhere", http.StatusTemporaryRedirect)
	default:
		b.mu.Lock()
		b.co[string(note)]++
		b.mu.Unlock()
		for _, one := range line {
			_, _ = w.Write([]byte{one})
			if fault == "byte by byte" {
				_ = http.NewResponseController(w).Flush()
			}
		}
	}
}

// silent says nothing until the sender has hung up.
func (b *badWitness) silent(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-b.leaving:
	}
}

// F6: an https witness that answers 500, 429 or nonsense with 200, sends elsewhere, breaks off or says nothing. A checkpoint stays on its way until the witness's own
// co-signature is there, at longer and longer intervals; each attempt hands over the same bytes, and one co-signature is kept for each checkpoint.
func TestFault06Witness(t *testing.T) {
	notes := 6
	if long() {
		notes = 60
	}
	apptest.Each(t, postgresURL(), func(t *testing.T, w *apptest.World) {
		w.Seed(t)
		ctx, insp := context.Background(), w.As(t, "insp")
		private, public, err := audit.NewWitnessKey("witness.example", strings.NewReader(strings.Repeat("w", 64)))
		apptest.Must(t, err, "make a witness's key")
		b := openBadWitness(t, uint64(notes), func(note []byte) ([]byte, error) {
			return audit.Cosign(note, audit.Cosigning{Public: w.Options.PublicKey, Private: private, At: w.Clock.Now()})
		})
		apptest.Must(t, second(w.App.AddWitness(ctx, w.As(t, "dir"), app.AddWitness{Name: "示例", Kind: "https", Address: b.server.URL, PublicKey: public, Rhythm: "demand"})), "enter the witness")
		ring := b.bell(t, w)
		waiting := func() int {
			p, err := w.App.Proofs(ctx, insp, 0, 500)
			apptest.Must(t, err, "read the deliveries")
			n := 0
			for _, all := range p.Deliveries {
				for _, d := range all {
					if d.Status == "queued" || d.Status == "sending" {
						n++
					}
				}
			}
			return n
		}
		b.chance = 0.75
		r := result{fault: "F6 https witness", engine: engineOf(w), linearizable: "-"}
		for range notes {
			apptest.Must(t, w.App.PublishCheckpoint(ctx, insp), "publish")
			for range 40 {
				_ = ring()
				if waiting() == 0 {
					break
				}
				w.Clock.Set(w.Clock.Now().Add(7 * time.Hour)) // longer than the longest pause
			}
		}
		p, err := w.App.Proofs(ctx, insp, 0, 500)
		apptest.Must(t, err, "read the deliveries")
		for size, all := range p.Deliveries {
			c, err := w.App.CheckpointAt(ctx, insp, size)
			apptest.Must(t, err, "read the checkpoint")
			lines, err := audit.Cosignatures([]byte(c.Note), public)
			apptest.Must(t, err, "co-signatures")
			for _, d := range all {
				switch {
				case d.Status == "accepted" && len(lines) == 1:
					r.acknowledged++
				case d.Status == "failed" && (d.Attempts == 16 || strings.Contains(d.Answer, "307")) && len(lines) == 0: // given up, and shown as such
				default:
					r.lost++
					t.Errorf("the delivery of %d: %+v with %d co-signatures", size, d, len(lines))
				}
			}
		}
		for note, n := range b.co {
			if n > 1 {
				r.duplicated++
				t.Errorf("co-signed %d times though the first answer was whole: %q", n, note)
			}
		}
		for fault, n := range b.tried {
			if fault != "none" {
				r.times += n
			}
		}
		r.doctor = diagnosed(t, w)
		t.Logf("what the witness did: %v; %d of %d checkpoints co-signed", b.tried, r.acknowledged, notes)
		if r.acknowledged*2 < notes || r.times < notes {
			t.Errorf("too few to prove anything: %+v", r)
		}
		report(t, r)
	})
}

// bell wires the bell of the witnesses with a short patience.
func (b *badWitness) bell(t *testing.T, w *apptest.World) func() error {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(b.server.Certificate())
	out, err := notify.NewOutbound(notify.OutboundOptions{Allowed: []string{b.server.Listener.Addr().(*net.TCPAddr).String()}, RootCAs: roots, Timeout: time.Second})
	apptest.Must(t, err, "outbound")
	log := slog.New(slog.DiscardHandler)
	bells, err := jobs.New(w.App, log, []jobs.Job{jobs.Publishing(w.App, courier{http: out, log: log}.carry)})
	apptest.Must(t, err, "bells")
	return func() error { return bells.Once(context.Background(), "publish") }
}
