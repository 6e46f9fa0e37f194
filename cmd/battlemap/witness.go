package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"battlemap/app"
	"battlemap/app/jobs"
	"battlemap/app/notify"
)

// witnessing says where checkpoints may go beside mail and the public network.
type witnessing struct {
	WitnessFolder []string      `name:"witness-folder" help:"Folders on another medium or machine that people may name as witnesses of checkpoints." env:"BATTLEMAP_WITNESS_FOLDER" type:"path"`
	WitnessHost   []string      `name:"witness-host" help:"Hosts of the intranet, NAME or NAME:PORT, that may be witnesses although their address is not public." env:"BATTLEMAP_WITNESS_HOST"`
	WitnessWait   time.Duration `name:"witness-timeout" help:"How long an https witness may take." default:"20s" env:"BATTLEMAP_WITNESS_TIMEOUT"`
}

// courier takes checkpoints to witnesses: as an attachment, as a file, or by POST.
type courier struct {
	mailer mailer // its smtp is nil where no mail server is configured
	http   *notify.Outbound
	folder notify.Folder
	log    *slog.Logger
}

// carry is a jobs.Carry.
func (c courier) carry(ctx context.Context, p app.Publication) app.Answer {
	var outcome notify.Outcome
	var reply notify.Reply
	var err error
	switch p.Witness.Kind {
	case "mail":
		outcome, err = c.letter(ctx, p)
	case "folder":
		outcome, err = c.folder.Put(p.Witness.Address, p.FileName(), []byte(p.Note))
	default:
		outcome, reply, err = c.http.Post(ctx, p.Witness.Address, "text/plain; charset=utf-8", []byte(p.Note))
	}
	answer := app.Answer{Outcome: app.Outcome(outcome), Body: reply.Body}
	if reply.Status != 0 {
		answer.Text = fmt.Sprintf("HTTP %d", reply.Status)
	}
	if err != nil {
		answer.Text = err.Error()
		c.log.Warn("checkpoint not delivered", "size", p.Delivery.Size, "witness", p.Witness.ID, "outcome", string(outcome), "error", err)
	}
	return answer
}

// letter mails the note as it is, to the byte; the message id stays the same over all attempts.
func (c courier) letter(ctx context.Context, p app.Publication) (notify.Outcome, error) {
	if c.mailer.smtp == nil {
		return notify.Down, errors.New("no mail server is configured")
	}
	place, err := c.mailer.app.Place(ctx)
	if err != nil {
		return notify.Retry, err
	}
	w := c.mailer.set.WitnessLetter(p, place)
	return c.mailer.smtp.Send(ctx, notify.Mail{MessageID: p.MessageID(c.mailer.domain()), Date: time.Unix(p.Delivery.CreatedAt, 0), From: c.mailer.from, To: p.Witness.Address,
		Subject: w.Subject, Text: w.Text, Files: []notify.File{{Name: p.FileName(), Type: "text/plain", Data: []byte(p.Note)}}})
}

// publishing is the bell of the witnesses.
func (w witnessing) publishing(a *app.App, m mailer, log *slog.Logger) (jobs.Job, error) {
	out, err := notify.NewOutbound(notify.OutboundOptions{Allowed: w.WitnessHost, Timeout: w.WitnessWait})
	if err != nil {
		return jobs.Job{}, err
	}
	c := courier{mailer: m, http: out, folder: notify.Folder{Folders: w.WitnessFolder}, log: log}
	return jobs.Publishing(a, c.carry), nil
}
