package main

import (
	"fmt"
	"io"
	"log"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"battlemap/app/apptest"
)

// office is a real SMTP server on loopback that keeps count of what arrived, and that may lose a sender or an answer at a letter.
type office struct {
	at      string
	mu      sync.Mutex
	arrived map[string]int // by "message-id recipient"
	order   []string
	trouble func() error // asked once at the next letter, after it was taken and under mu; nil for none
	refusal *smtp.SMTPError
}

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{arrived: map[string]int{}}
	server := smtp.NewServer(o)
	server.Domain, server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(t, err, "listen")
	o.at = listener.Addr().String()
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
	return o
}

// NewSession begins a conversation.
func (o *office) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &counter{office: o, conn: c}, nil
}

// counter is one conversation.
type counter struct {
	office *office
	conn   *smtp.Conn
	to     string
}

func (c *counter) Reset()                               {}
func (c *counter) Logout() error                        { return nil }
func (c *counter) Mail(string, *smtp.MailOptions) error { return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.to = to
	if no := c.office.refusal; no != nil {
		c.office.refusal = nil
		return no
	}
	return nil
}

func (c *counter) Data(r io.Reader) error {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	id := strings.Trim(m.Header.Get("Message-Id"), "<>") + " " + c.to
	c.office.arrived[id]++
	c.office.order = append(c.office.order, id)
	trouble := c.office.trouble
	c.office.trouble = nil
	if trouble == nil {
		return nil
	}
	if err := trouble(); err != nil {
		_ = c.conn.Close() // no answer
		return err
	}
	return nil
}

// counts sums up: letters, different message ids, and those that came more than once.
func (o *office) counts() (letters, ids int, twice []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, n := range o.arrived {
		letters += n
		if n > 1 {
			twice = append(twice, fmt.Sprintf("%s ×%d", id, n))
		}
	}
	return letters, len(o.arrived), twice
}
