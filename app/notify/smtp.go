package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Options say how to reach the mail server of the house.
type Options struct {
	Host     string // name or address; with TLS the certificate must be for it
	Port     int    // 1 to 65535
	Username string // empty: no authentication
	Password string
	TLS      string         // "none", "starttls" (required, never skipped) or "tls" (from the first byte)
	RootCAs  *x509.CertPool // whom to believe about certificates; nil: what the system believes
	From     string         // sender of a Mail that names none, such as "挂图作战 <battlemap@example.cn>"
	Timeout  time.Duration  // for one message from dialling to the last answer; must be positive
	// LocalName is how the sender introduces itself (EHLO); empty: the host's name.
	LocalName string
}

// SMTP sends mail over one fresh connection a message; it may be used by several goroutines.
type SMTP struct{ options Options }

// NewSMTP checks the options without connecting: the server need not be up when the product starts.
func NewSMTP(o Options) (*SMTP, error) {
	s := &SMTP{options: o}
	switch {
	case o.Timeout <= 0:
		return nil, fmt.Errorf("mail: timeout %s is not positive", o.Timeout)
	case o.TLS != "none" && o.TLS != "starttls" && o.TLS != "tls":
		return nil, fmt.Errorf("mail: TLS is %q, not none, starttls or tls", o.TLS)
	case o.TLS == "none" && o.Username != "" && !loopback(o.Host):
		return nil, fmt.Errorf("mail: a password for %s needs starttls or tls", o.Host)
	}
	if _, err := address(o.From); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	if _, err := s.client(nil); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return s, nil
}

// Send makes one attempt at one message and says what became of it; the error is nil exactly when the outcome is Accepted.
// A done context, or the end of Options.Timeout, closes the connection at once.
func (s *SMTP) Send(ctx context.Context, m Mail) (Outcome, error) {
	l, err := compose(m, s.options.From)
	if err != nil {
		return Failed, fmt.Errorf("mail %s: %w", m.MessageID, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	outcome, err := s.deliver(ctx, l)
	if err != nil {
		// The connection's own error only says that it was closed; the context says why.
		if cause := context.Cause(ctx); cause != nil {
			err = fmt.Errorf("%w: %w", cause, err)
		}
		return outcome, fmt.Errorf("mail %s: %w", m.MessageID, err)
	}
	return outcome, nil
}

func (s *SMTP) deliver(ctx context.Context, l letter) (Outcome, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return Down, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	client, err := s.client(conn)
	if err != nil {
		return Down, err
	}
	// Greeting, STARTTLS and AUTH. Whatever is refused here, 5xx included, is about the channel and not about this message,
	// so a wrong password does not bury what waits in the outbox.
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return Down, fmt.Errorf("open session: %w", err)
	}
	return exchange(session, l)
}

// exchange hands one letter over. go-mail's own Send is not used for this: it turns the server's answer into text, and it says
// QUIT after a failed body, which ends the DATA phase properly and so delivers half a letter.
func exchange(session *smtp.Client, l letter) (Outcome, error) {
	if err := session.Mail(l.from); err != nil {
		// Every letter has this sender: a refusal is about the house, not about the letter.
		return Down, fmt.Errorf("MAIL FROM: %w", err)
	}
	if err := session.Rcpt(l.to); err != nil {
		return refusal(err), fmt.Errorf("RCPT TO: %w", err)
	}
	body, err := session.Data()
	if err != nil {
		return refusal(err), fmt.Errorf("DATA: %w", err)
	}
	// Flushed on its own, so that a connection lost by now is known to be lost before the closing dot.
	_, err = body.Write(l.text)
	if err == nil {
		err = session.Text.W.Flush()
	}
	if err != nil {
		return Retry, fmt.Errorf("send body: %w", err)
	}
	// Close sends the closing dot and waits for the answer; from here on silence proves nothing.
	if err := body.Close(); err != nil {
		if answer, ok := errors.AsType[*textproto.Error](err); !ok || answer.Code < 400 {
			return Unknown, fmt.Errorf("answer to the letter: %w", err)
		}
		return refusal(err), fmt.Errorf("answer to the letter: %w", err)
	}
	// The letter is accepted; how the goodbye goes does not matter.
	_ = session.Quit()
	return Accepted, nil
}

// refusal judges an error that came before the letter was handed over, or a server's answer to it. A 530 asks for
// authentication or TLS (RFC 4954 section 6, RFC 3207 section 4), and a 421 closes the connection: both are about the channel, not about the letter.
func refusal(err error) Outcome {
	answer, ok := errors.AsType[*textproto.Error](err)
	switch {
	case !ok:
		return Retry
	case answer.Code == 530 || answer.Code == 421:
		return Down
	case answer.Code >= 500:
		return Failed
	}
	return Retry
}

func (s *SMTP) dial(ctx context.Context) (net.Conn, error) {
	at := net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port))
	if s.options.TLS == "tls" {
		return (&tls.Dialer{Config: s.tlsConfig()}).DialContext(ctx, "tcp", at)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", at)
}

// client prepares go-mail for a connection that is already open, so that a failed greeting can not leak it.
func (s *SMTP) client(conn net.Conn) (*mail.Client, error) {
	o := s.options
	options := []mail.Option{
		mail.WithPort(o.Port),
		mail.WithTimeout(o.Timeout),
		mail.WithTLSConfig(s.tlsConfig()),
		mail.WithTLSPolicy(mail.NoTLS),
		mail.WithoutSMTPUTF8(), // addresses are ASCII (see address), so nothing here needs it
		mail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return conn, nil }),
	}
	if o.TLS == "starttls" {
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if o.LocalName != "" {
		options = append(options, mail.WithHELO(o.LocalName))
	}
	if o.Username != "" {
		options = append(options, mail.WithUsername(o.Username), mail.WithPassword(o.Password), mail.WithOpportunisticSMTPAuth(
			mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin))
	}
	return mail.NewClient(o.Host, options...)
}

func (s *SMTP) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.options.Host, RootCAs: s.options.RootCAs, MinVersion: tls.VersionTLS12}
}

func loopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

// address reads one mail address; outside ASCII only the display name may be, since few servers take SMTPUTF8.
func address(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", s, err)
	}
	if !printable(a.Name) {
		return nil, fmt.Errorf("address %q: control character in the name", s)
	}
	for _, r := range a.Address {
		if r <= ' ' || r >= 0x7f {
			return nil, fmt.Errorf("address %q: character %q is not allowed", s, r)
		}
	}
	return a, nil
}
