package main

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"battlemap/app"
	"battlemap/app/notify"
	"battlemap/templates"
)

// mailer words a reminder, or the letter of the day, in the recipient's language and hands it to the mail server.
type mailer struct {
	app  *app.App
	set  *templates.Set
	smtp *notify.SMTP
	base string // address for links
	from string
}

// post is a jobs.Post. The message id and the date stay the same over all attempts, so that a second one can be recognised.
func (m mailer) post(ctx context.Context, d app.Delivery) (app.Outcome, error) {
	locale := m.set.Words().Locale(d.Recipient.Lang)
	w, err := locale.Letter(d, m.base, m.app.Machine("ticket"))
	if err != nil {
		return "failed", fmt.Errorf("word reminder %d: %w", d.Reminder.ID, err)
	}
	outcome, err := m.smtp.Send(ctx, notify.Mail{MessageID: d.MessageID(m.domain()), Thread: d.Thread(m.domain()), Date: time.Unix(d.Reminder.BegunAt, 0), From: m.from,
		To: d.Recipient.Email, Subject: w.Subject, Text: w.Text})
	return app.Outcome(outcome), err
}

// domain is the right side of message ids: the sender's.
func (m mailer) domain() string {
	if a, err := mail.ParseAddress(m.from); err == nil {
		if _, domain, ok := strings.Cut(a.Address, "@"); ok {
			return domain
		}
	}
	return "battlemap.invalid"
}
