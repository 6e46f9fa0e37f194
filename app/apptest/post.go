package apptest

import (
	"io"
	"log"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Post is a real SMTP server on loopback that keeps count of what arrived, refuses whom it is told to refuse, and may lose a sender or its own answer at a letter.
type Post struct {
	At      string // host and port
	mu      sync.Mutex
	arrived []Letter
	refused map[string]*smtp.SMTPError
	once    *smtp.SMTPError
	trouble func() error
}

// Letter is what arrived: the message id without its brackets, and to whom.
type Letter struct{ ID, To string }

// OpenPost starts the server; it is closed when the test ends.
func OpenPost(t testing.TB) *Post {
	t.Helper()
	p := &Post{refused: map[string]*smtp.SMTPError{}}
	server := smtp.NewServer(p)
	server.Domain, server.ErrorLog = "post.example", log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Must(t, err, "listen")
	p.At = listener.Addr().String()
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
	return p
}

// Refuse answers every letter to an address with a code, an enhanced code such as 5, 1, 1, and a sentence; code 0 takes its letters again.
func (p *Post) Refuse(to string, code int, enhanced [3]int, sentence string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if code == 0 {
		delete(p.refused, to)
		return
	}
	p.refused[to] = &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: sentence}
}

// GreylistNext refuses the next recipient for now, whoever it is.
func (p *Post) GreylistNext() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"}
}

// TroubleNext is called at the next letter, once it was taken, with nobody else in the server; when it returns an error the sender gets no answer.
func (p *Post) TroubleNext(trouble func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = trouble
}

// Calm takes back a trouble or a greylisting that nobody has met yet.
func (p *Post) Calm() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble, p.once = nil, nil
}

// Arrived are the letters that were taken, in order.
func (p *Post) Arrived() []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.arrived)
}

// NewSession begins a conversation; the SMTP library calls it.
func (p *Post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &counter{post: p, conn: c}, nil }

// counter is one conversation.
type counter struct {
	post *Post
	conn *smtp.Conn
	to   string
}

func (c *counter) Reset()                               {}
func (c *counter) Logout() error                        { return nil }
func (c *counter) Mail(string, *smtp.MailOptions) error { return nil }

func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.post.mu.Lock()
	defer c.post.mu.Unlock()
	c.to = to
	if no := c.post.once; no != nil {
		c.post.once = nil
		return no
	}
	if no := c.post.refused[to]; no != nil {
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
	c.post.mu.Lock()
	defer c.post.mu.Unlock()
	c.post.arrived = append(c.post.arrived, Letter{ID: strings.Trim(m.Header.Get("Message-Id"), "<>"), To: c.to})
	trouble := c.post.trouble
	c.post.trouble = nil
	if trouble == nil {
		return nil
	}
	if err := trouble(); err != nil {
		_ = c.conn.Close() // no answer
		return err
	}
	return nil
}
