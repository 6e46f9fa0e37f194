package notify_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"battlemap/app/notify"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// post is a mail server on loopback. Its hooks stand for what a real one may do; a nil hook agrees.
type post struct {
	host     string
	port     int
	auth     func(username, password string) error
	rcpt     func(to string) error
	data     func(c *smtp.Conn, r io.Reader) error
	mu       sync.Mutex
	sessions int
	letters  []received
	heard    *wire // what came in over the wire; nil: nobody listens in
}

type received struct{ from, to, text string }

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions++
	return &session{post: p, conn: c}, nil
}

func (p *post) taken() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.letters...)
}

type session struct {
	post     *post
	conn     *smtp.Conn
	from, to string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error { return s.post.auth(username, password) }), nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.post.rcpt != nil {
		return s.post.rcpt(to)
	}
	return nil
}
func (s *session) Data(r io.Reader) error {
	if s.post.data != nil {
		return s.post.data(s.conn, r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	s.post.letters = append(s.post.letters, received{s.from, s.to, string(text)})
	return nil
}

// open starts the server; certificate nil means no TLS, tlsFirst means TLS from the first byte.
func (p *post) open(t *testing.T, certificate *tls.Certificate, tlsFirst bool) *post {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain = "post.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.host, p.port = "127.0.0.1", listener.Addr().(*net.TCPAddr).Port
	if p.heard != nil {
		listener = tap{listener, p.heard}
	}
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	}
	if tlsFirst {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // nil after Close
	}()
	t.Cleanup(func() {
		server.Close()
		listener.Close() // Serve may not have told the server of it yet
		<-done
	})
	return p
}

func (p *post) options() notify.Options {
	return notify.Options{Host: p.host, Port: p.port, TLS: "none", From: "挂图作战 <battlemap@example.cn>",
		Timeout: time.Minute, LocalName: "battlemap.example"}
}

func sender(t *testing.T, o notify.Options) *notify.SMTP {
	t.Helper()
	s, err := notify.NewSMTP(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func letter() notify.Mail {
	return notify.Mail{
		MessageID: "outbox-17@battlemap.example",
		Date:      time.Date(2023, 3, 20, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)),
		To:        "李四 <lisi@example.cn>",
		Subject:   "督办提醒：南岗金融发展中心连续两个月未达序时进度，请于五个工作日内反馈整改方案",
		Text:      "您好：\n\n项目已亮黄灯。\n.\n以点开头的行\n",
		HTML:      "<p>项目已亮<b>黄灯</b>。</p>",
	}
}

func wants(t *testing.T, got notify.Outcome, err error, want notify.Outcome) {
	t.Helper()
	if got != want || (err == nil) != (want == notify.Accepted) {
		t.Fatalf("outcome %q, error %v; want %q", got, err, want)
	}
}

func TestChineseLetterArrivesWhole(t *testing.T) {
	p := (&post{}).open(t, nil, false)
	m := letter()
	outcome, err := sender(t, p.options()).Send(t.Context(), m)
	wants(t, outcome, err, notify.Accepted)

	letters := p.taken()
	if len(letters) != 1 || letters[0].from != "battlemap@example.cn" || letters[0].to != "lisi@example.cn" {
		t.Fatalf("envelopes: %+v", letters)
	}
	got, err := netmail.ReadMessage(strings.NewReader(letters[0].text))
	if err != nil {
		t.Fatal(err)
	}
	decoded := func(name string) string {
		t.Helper()
		s, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, want := range map[string]string{
		"Subject":        m.Subject,
		"From":           "挂图作战 <battlemap@example.cn>",
		"To":             "李四 <lisi@example.cn>",
		"Message-Id":     "<outbox-17@battlemap.example>",
		"Date":           "Mon, 20 Mar 2023 09:00:00 +0800",
		"Auto-Submitted": "auto-generated",
	} {
		if decoded(name) != want {
			t.Errorf("%s is %q, want %q", name, decoded(name), want)
		}
	}
	parts := bodies(t, got)
	if text := strings.ReplaceAll(parts["text/plain"], "\r\n", "\n"); text != m.Text {
		t.Errorf("text is %q, want %q", text, m.Text)
	}
	if parts["text/html"] != m.HTML {
		t.Errorf("html is %q, want %q", parts["text/html"], m.HTML)
	}
}

// bodies decodes the parts of a multipart/alternative letter by media type.
func bodies(t *testing.T, m *netmail.Message) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q: %v", m.Header.Get("Content-Type"), err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := part.Header.Get("Content-Transfer-Encoding"); enc != "base64" {
			t.Fatalf("transfer encoding %q", enc)
		}
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		parts[kind] = string(text)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name       string
		rcpt, data *smtp.SMTPError
		want       notify.Outcome
	}{
		{"no such recipient", &smtp.SMTPError{Code: 550, Message: "no such user"}, nil, notify.Failed},
		{"mailbox busy", &smtp.SMTPError{Code: 451, Message: "try later"}, nil, notify.Retry},
		{"wants authentication", &smtp.SMTPError{Code: 530, Message: "log in first"}, nil, notify.Down},
		{"closes for maintenance", &smtp.SMTPError{Code: 421, Message: "come back later"}, nil, notify.Down},
		{"letter refused", nil, &smtp.SMTPError{Code: 552, Message: "too big"}, notify.Failed},
		{"letter put off", nil, &smtp.SMTPError{Code: 452, Message: "disk full"}, notify.Retry},
		{"senseless answer to the letter", nil, &smtp.SMTPError{Code: 299, Message: "perhaps"}, notify.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &post{}
			if c.rcpt != nil {
				p.rcpt = func(string) error { return c.rcpt }
			}
			if c.data != nil {
				p.data = func(_ *smtp.Conn, r io.Reader) error {
					if _, err := io.Copy(io.Discard, r); err != nil {
						return err
					}
					return c.data
				}
			}
			outcome, err := sender(t, p.open(t, nil, false).options()).Send(t.Context(), letter())
			wants(t, outcome, err, c.want)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{host: "127.0.0.1", port: listener.Addr().(*net.TCPAddr).Port}
	listener.Close()
	outcome, err := sender(t, p.options()).Send(t.Context(), letter())
	wants(t, outcome, err, notify.Down)
}

func TestConnectionLost(t *testing.T) {
	small, big := letter(), letter()
	big.Text = strings.Repeat("督办", 1<<20) // more than the two socket buffers hold, so the sender must notice
	for _, c := range []struct {
		name string
		mail notify.Mail
		data func(c *smtp.Conn, r io.Reader) error
		want notify.Outcome
	}{
		{"after the closing dot", small, func(c *smtp.Conn, r io.Reader) error {
			if _, err := io.Copy(io.Discard, r); err != nil {
				return err
			}
			return c.Conn().Close()
		}, notify.Unknown},
		{"in the middle of the letter", big, func(c *smtp.Conn, r io.Reader) error {
			if _, err := r.Read(make([]byte, 1)); err != nil {
				return err
			}
			return c.Conn().Close()
		}, notify.Retry},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := (&post{data: c.data}).open(t, nil, false)
			outcome, err := sender(t, p.options()).Send(t.Context(), c.mail)
			wants(t, outcome, err, c.want)
			if letters := p.taken(); len(letters) != 0 {
				t.Fatalf("delivered %d letters", len(letters))
			}
		})
	}
}

func TestSilentServer(t *testing.T) {
	t.Run("before the letter", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0") // the kernel connects, nobody ever greets
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		o := (&post{host: "127.0.0.1", port: listener.Addr().(*net.TCPAddr).Port}).options()
		o.Timeout = 50 * time.Millisecond
		outcome, err := sender(t, o).Send(t.Context(), letter())
		wants(t, outcome, err, notify.Down)
		if !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
			t.Fatalf("error does not tell of a timeout: %v", err)
		}
	})
	t.Run("after the letter", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		p := (&post{data: func(_ *smtp.Conn, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			cancel() // the sender's patience ends exactly when the whole letter is here
			<-release
			return err
		}}).open(t, nil, false)
		outcome, err := sender(t, p.options()).Send(ctx, letter())
		close(release)
		wants(t, outcome, err, notify.Unknown)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error does not tell of the end: %v", err)
		}
	})
}

func isTimeout(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout()
}

// Check 15 (ASVS 1.3.11): nothing that could add a line to a header, a recipient or a command is handed to a mail server; no connection is made for it.
func TestCheck15BadLettersAreNotSent(t *testing.T) {
	p := (&post{}).open(t, nil, false)
	s := sender(t, p.options())
	for name, spoil := range map[string]func(m *notify.Mail){
		"subject":             func(m *notify.Mail) { m.Subject = "hi\r\nBcc: eve@example.cn" },
		"subject, C1":         func(m *notify.Mail) { m.Subject = "hi\u0085Bcc: eve@example.cn" },
		"recipient":           func(m *notify.Mail) { m.To = "lisi@example.cn\r\nBcc: eve@example.cn" },
		"two recipients":      func(m *notify.Mail) { m.To = "lisi@example.cn, eve@example.cn" },
		"no recipient":        func(m *notify.Mail) { m.To = "" },
		"not an address":      func(m *notify.Mail) { m.To = "李四" },
		"address not ASCII":   func(m *notify.Mail) { m.To = "李四@example.cn" },
		"quoted line break":   func(m *notify.Mail) { m.To = "\"a\r\nRCPT TO:<eve@example.cn>\"@example.cn" },
		"encoded line break":  func(m *notify.Mail) { m.To = "=?utf-8?q?a=0D=0ABcc:_eve@example.cn?= <lisi@example.cn>" },
		"sender":              func(m *notify.Mail) { m.From = "a@example.cn\nBcc: eve@example.cn" },
		"message id":          func(m *notify.Mail) { m.MessageID = "a@b>\r\nBcc: eve@example.cn" },
		"message id missing":  func(m *notify.Mail) { m.MessageID = "" },
		"message id no right": func(m *notify.Mail) { m.MessageID = "outbox-17" },
	} {
		m := letter()
		spoil(&m)
		outcome, err := s.Send(t.Context(), m)
		if outcome != notify.Failed || err == nil {
			t.Errorf("%s: outcome %q, error %v", name, outcome, err)
		}
	}
	if p.sessions != 0 {
		t.Errorf("%d connections were made", p.sessions)
	}
}

// tapped is a connection that keeps what came in over it.
type tapped struct {
	net.Conn
	heard *wire
}

func (c tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.heard.Write(p[:n])
	return n, err
}

// wire keeps what came in on any connection.
type wire struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *wire) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// tap is a listener whose connections are tapped.
type tap struct {
	net.Listener
	heard *wire
}

func (l tap) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return tapped{c, l.heard}, err
}

// Check 15, the raw dialogue: names and texts that look like commands and headers stay names and texts, to the byte on the wire.
func TestCheck15TheDialogueHoldsNothingElse(t *testing.T) {
	for name, change := range map[string]func(m *notify.Mail){
		"a quoted name":         func(m *notify.Mail) { m.To = `"RCPT TO:<eve@example.cn>, x" <lisi@example.cn>` },
		"a name with a bracket": func(m *notify.Mail) { m.To = `"<eve@example.cn>" <lisi@example.cn>` },
		"an encoded subject":    func(m *notify.Mail) { m.Subject = "=?utf-8?q?a=0D=0ABcc:_eve@example.cn?=" },
		"a long subject":        func(m *notify.Mail) { m.Subject = strings.Repeat("督办 Bcc: eve@example.cn ", 60) },
		"other ends of lines":   func(m *notify.Mail) { m.Subject = "示例\u2028Bcc: eve@example.cn" },
		"dots and commands": func(m *notify.Mail) {
			m.Text = ".\r\nRCPT TO:<eve@example.cn>\r\n.\r\nQUIT\r\n\n.\nMAIL FROM:<eve@example.cn>\r.\r"
		},
		"the end of a part":      func(m *notify.Mail) { m.Text = "--\r\n\r\n--x--\r\nContent-Type: text/html\r\n\r\n<script>" },
		"a sender with commands": func(m *notify.Mail) { m.From = `"DATA" <battlemap@example.cn>` },
	} {
		t.Run(name, func(t *testing.T) {
			p := &post{heard: &wire{}}
			p.open(t, nil, false)
			m := letter()
			change(&m)
			outcome, err := sender(t, p.options()).Send(t.Context(), m)
			wants(t, outcome, err, notify.Accepted)
			got, err := netmail.ReadMessage(strings.NewReader(p.taken()[0].text))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
			if err != nil || words(subject) != words(m.Subject) { // folding may turn one blank into another
				t.Errorf("the subject came as %q, want %q, %v", subject, m.Subject, err)
			}
			if to, err := got.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "lisi@example.cn" || got.Header.Get("Bcc") != "" || got.Header.Get("Cc") != "" {
				t.Errorf("the letter goes to %v, %v, with %v", to, err, got.Header)
			}
			if text := bodies(t, got)["text/plain"]; lines(text) != lines(m.Text) {
				t.Errorf("the text came as %q", text)
			}
			commands := 0
			before, _, _ := strings.Cut(p.heard.String(), "\r\nDATA\r\n")
			for _, line := range strings.Split(before, "\r\n") {
				if strings.HasPrefix(line, "MAIL FROM:") || strings.HasPrefix(line, "RCPT TO:") {
					commands++
				}
				if strings.Contains(line, "eve@") {
					t.Errorf("the dialogue holds %q", line)
				}
			}
			if commands != 2 || strings.Count(p.heard.String(), "\r\nDATA\r\n") != 1 || strings.Count(p.heard.String(), "\r\n.\r\n") != 1 {
				t.Errorf("the dialogue is\n%s", p.heard.String())
			}
		})
	}
}

func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// lines is a text with one kind of line end.
func lines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

func TestLoginAndTLS(t *testing.T) {
	certificate, roots := selfSigned(t)
	auth := func(username, password string) error {
		if username != "battlemap" || password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	for _, c := range []struct {
		name      string
		encrypted bool
		tlsFirst  bool
		change    func(o *notify.Options)
		want      notify.Outcome
	}{
		{"starttls", true, false, func(o *notify.Options) { o.TLS, o.RootCAs = "starttls", roots }, notify.Accepted},
		{"tls", true, true, func(o *notify.Options) { o.TLS, o.RootCAs = "tls", roots }, notify.Accepted},
		{"wrong password", true, true, func(o *notify.Options) { o.TLS, o.RootCAs, o.Password = "tls", roots, "wrong" }, notify.Down},
		{"unknown certificate", true, false, func(o *notify.Options) { o.TLS, o.RootCAs = "starttls", x509.NewCertPool() }, notify.Down},
		{"starttls not offered", false, false, func(o *notify.Options) { o.TLS = "starttls" }, notify.Down},
	} {
		t.Run(c.name, func(t *testing.T) {
			offered := &certificate
			if !c.encrypted {
				offered = nil
			}
			p := (&post{auth: auth}).open(t, offered, c.tlsFirst)
			o := p.options()
			o.Username, o.Password = "battlemap", "right"
			c.change(&o)
			outcome, err := sender(t, o).Send(t.Context(), letter())
			wants(t, outcome, err, c.want)
			if got := len(p.taken()); (got == 1) != (c.want == notify.Accepted) {
				t.Fatalf("%d letters arrived", got)
			}
			if err != nil && strings.Contains(err.Error(), o.Password) {
				t.Fatalf("the error shows the password: %v", err)
			}
		})
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "post.example"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestOptions(t *testing.T) {
	good := (&post{host: "mail.example.cn", port: 25}).options()
	sender(t, good)
	for name, spoil := range map[string]func(o *notify.Options){
		"no host":        func(o *notify.Options) { o.Host = "" },
		"no port":        func(o *notify.Options) { o.Port = 0 },
		"port too high":  func(o *notify.Options) { o.Port = 70000 },
		"no timeout":     func(o *notify.Options) { o.Timeout = 0 },
		"no sender":      func(o *notify.Options) { o.From = "" },
		"tls misspelt":   func(o *notify.Options) { o.TLS = "ssl" },
		"clear password": func(o *notify.Options) { o.Username, o.Password = "battlemap", "secret" },
	} {
		o := good
		spoil(&o)
		if _, err := notify.NewSMTP(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSeveralAtOnce(t *testing.T) {
	p := (&post{}).open(t, nil, false)
	s := sender(t, p.options())
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			m := letter()
			m.MessageID = fmt.Sprintf("outbox-%d@battlemap.example", i)
			if outcome, err := s.Send(t.Context(), m); outcome != notify.Accepted {
				t.Errorf("letter %d: %s, %v", i, outcome, err)
			}
		})
	}
	group.Wait()
	ids := map[string]bool{}
	for _, l := range p.taken() {
		got, err := netmail.ReadMessage(strings.NewReader(l.text))
		if err != nil {
			t.Fatal(err)
		}
		ids[got.Header.Get("Message-Id")] = true
	}
	if len(ids) != 8 {
		t.Errorf("%d different letters arrived, want 8", len(ids))
	}
}
