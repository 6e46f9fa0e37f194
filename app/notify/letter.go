package notify

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wneessen/go-mail"
)

// Mail is one finished message to one recipient.
type Mail struct {
	MessageID string    // without angle brackets, such as "outbox-17@battlemap.example"; the same on every attempt, so that a second copy is recognised
	Thread    string    // id that all letters about one thing refer to, so that a mail program keeps them together; empty: none
	Date      time.Time // of the message, the same on every attempt; zero: the moment of sending
	From      string    // "name <address>" or an address; empty: Options.From
	To        string    // "name <address>" or an address, exactly one
	Subject   string    // one line
	Text      string    // plain text
	HTML      string    // empty: the message is plain text only
	Files     []File    // go along unchanged, to the byte
}

// File is an attachment: what it is called, its media type and its bytes.
type File struct {
	Name, Type string
	Data       []byte
}

// letter is a Mail as it goes over the wire: the two envelope addresses in angle brackets, and the MIME text.
type letter struct {
	from, to string
	text     []byte
}

// The dot-atom form of RFC 5322 section 3.6.4.
var messageID = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,128}$")

// compose refuses whatever could add a header line of its own, and writes the rest as MIME.
func compose(m Mail, defaultFrom string) (letter, error) {
	if m.From == "" {
		m.From = defaultFrom
	}
	from, err := address(m.From)
	if err != nil {
		return letter{}, fmt.Errorf("sender: %w", err)
	}
	to, err := address(m.To)
	if err != nil {
		return letter{}, fmt.Errorf("recipient: %w", err)
	}
	if !messageID.MatchString(m.MessageID) {
		return letter{}, fmt.Errorf("message id %q is not of the form left@right", m.MessageID)
	}
	if m.Thread != "" && !messageID.MatchString(m.Thread) {
		return letter{}, fmt.Errorf("thread %q is not of the form left@right", m.Thread)
	}
	if !printable(m.Subject) {
		return letter{}, errors.New("control character in the subject")
	}

	// Base64, not quoted-printable: Chinese text becomes nine bytes a character in the latter, four in the former.
	msg := mail.NewMsg(mail.WithEncoding(mail.EncodingB64), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	msg.Subject(plainSubject(m.Subject))
	msg.SetMessageIDWithValue(m.MessageID)
	if m.Thread != "" {
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+m.Thread+">")
		msg.SetGenHeader(mail.HeaderReferences, "<"+m.Thread+">")
	}
	if !m.Date.IsZero() {
		msg.SetDateWithValue(m.Date)
	}
	// RFC 3834 section 5: holiday replies to a machine's letter help nobody.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	for _, f := range m.Files {
		if !printable(f.Name) || strings.ContainsAny(f.Name, `/\"`) {
			return letter{}, fmt.Errorf("attachment %q: not a file's name", f.Name)
		}
		// Base64 keeps line ends; a note whose line ends a mail server rewrites is no evidence any more.
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Data), mail.WithFileContentType(mail.ContentType(f.Type)), mail.WithFileEncoding(mail.EncodingB64)); err != nil {
			return letter{}, fmt.Errorf("attachment %q: %w", f.Name, err)
		}
	}
	var text bytes.Buffer
	if _, err := msg.WriteTo(&text); err != nil {
		return letter{}, fmt.Errorf("write MIME: %w", err)
	}
	envelope := func(a *netmail.Address) string { return (&netmail.Address{Address: a.Address}).String() }
	return letter{from: envelope(from), to: envelope(to), text: text.Bytes()}, nil
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, unicode.IsControl)
}

// plainSubject writes a subject that holds what looks like an encoded word as encoded words, so that it is read as it was written: what stands inside, a line end
// perhaps, is nobody's to decode. Other subjects are left to the library.
func plainSubject(text string) string {
	if !strings.Contains(text, "=?") {
		return text
	}
	var words []string
	for rest := text; rest != ""; {
		n := 0
		for n < len(rest) && n <= 40 { // bytes, so that a word stays within the 75 characters of RFC 2047
			_, size := utf8.DecodeRuneInString(rest[n:])
			n += size
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(rest[:n]))+"?=")
		rest = rest[n:]
	}
	return strings.Join(words, " ")
}
