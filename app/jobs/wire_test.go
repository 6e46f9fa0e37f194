package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	netmail "net/mail"
	netsmtp "net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"battlemap/app"
	"battlemap/app/apptest"
)

// mailServer is a real SMTP server on loopback that answers each recipient as it is told to.
type mailServer struct {
	at      string
	mu      sync.Mutex
	answers map[string]*smtp.SMTPError // by address
	letters []string                   // "recipient message-id"
}

// openMailServer starts the server; it is closed when the test ends.
func openMailServer(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{answers: map[string]*smtp.SMTPError{}}
	server := smtp.NewServer(m)
	server.Domain, server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	m.at = listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close()
		<-done
	})
	return m
}

func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: m}, nil
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.to = to
	if no := s.server.answers[to]; no != nil {
		return no
	}
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.letters = append(s.server.letters, s.to+" "+m.Header.Get("Message-Id"))
	return nil
}

// post hands one mail to the server with the standard library's client. Floor 3 does not import app/notify; cmd ties the two together.
func (m *mailServer) post(_ context.Context, d app.Delivery) (app.Outcome, error) {
	text := fmt.Sprintf("Message-ID: <%s>\r\nTo: %s\r\n\r\n%s\r\n", d.MessageID("battlemap.example"), d.Recipient.Email, d.Reminder.Subject)
	err := netsmtp.SendMail(m.at, nil, "battlemap@battlemap.example", []string{d.Recipient.Email}, []byte(text))
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 {
		return "failed", err
	} else if err != nil {
		return "retry", err
	}
	return "accepted", nil
}

// The whole way over a real connection: accepted, greylisted and then accepted under the same message id, and refused for good.
func TestPostOverARealConnection(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		mailing(t, w, 1)
		server := openMailServer(t)
		server.answers["gxj.hand@example.org"] = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
		server.answers["dir@example.org"] = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		ring(t, w, "deliver", server.post)
		if len(server.letters) != 2 || strings.Contains(strings.Join(server.letters, " "), "gxj.hand") {
			t.Errorf("arrived %v", server.letters)
		}
		server.mu.Lock()
		delete(server.answers, "gxj.hand@example.org")
		server.mu.Unlock()
		for range 3 {
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
			ring(t, w, "deliver", server.post)
		}
		ids := map[string]int{}
		for _, letter := range server.letters {
			ids[letter]++
			if to, id, _ := strings.Cut(letter, " "); !strings.HasPrefix(id, "<reminder-") || to == "dir@example.org" {
				t.Errorf("arrived %s", letter)
			}
		}
		if len(ids) != 3 || len(server.letters) != 3 {
			t.Errorf("arrived %v, want three different letters", server.letters)
		}
	})
}
