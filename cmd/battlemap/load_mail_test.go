package main

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/templates"
)

// loadPost is the mail server of a run: it takes every letter and counts what has arrived.
type loadPost struct{ *apptest.Post }

// mailing is how a node finds it.
func (p *loadPost) mailing(t *testing.T) mailing {
	t.Helper()
	host, port, err := net.SplitHostPort(p.At)
	apptest.Must(t, err, "mail server")
	number, err := strconv.Atoi(port)
	apptest.Must(t, err, "mail server's port")
	return mailing{SMTPHost: host, SMTPPort: number, SMTPTLS: "none", SMTPFrom: "battlemap@battlemap.example", SMTPTimeout: 30 * time.Second}
}

func (p *loadPost) flags(t *testing.T) []string {
	t.Helper()
	m := p.mailing(t)
	return []string{"--smtp-host", m.SMTPHost, "--smtp-port", strconv.Itoa(m.SMTPPort), "--smtp-tls", m.SMTPTLS, "--smtp-from", m.SMTPFrom}
}

// openOffice lets the office be open at any time of today and tomorrow, by a notice of the district: letters go out in working hours only, and a run takes place at any time.
func (l *crowd) openOffice(a *app.App, w *apptest.World) {
	t, ctx := l.t, context.Background()
	cmd := app.UploadCalendar{Title: "示例通知", Number: "示例〔2026〕1号", Office: "00:00-23:59"}
	for _, day := range []calendar.Date{a.Today(), a.Today() + 1} {
		if !a.Calendar().Day(day).Working {
			cmd.Text += day.String() + " 班\n"
		}
	}
	v, err := a.UploadCalendar(ctx, w.As(t, "sup"), cmd)
	apptest.Must(t, err, "upload a notice")
	apptest.Must(t, a.DecideCalendar(ctx, w.As(t, "dir"), app.DecideCalendar{ID: v.ID, Version: v.Version, Approve: true}), "approve the notice")
}

// sendRest rings the bell of the post when all nodes have stopped, on a clock that goes from one working time to the next, until no letter waits.
func (l *crowd) sendRest() {
	t := l.t
	set, err := templates.New(templates.Options{})
	apptest.Must(t, err, "templates")
	clock := &apptest.Clock{}
	clock.Set(time.Now())
	a := l.openAt(clock.Now, true)
	defer func() { apptest.Must(t, a.Close(), "close") }()
	serve := serveCommand{mailing: l.mail.mailing(t), witnessing: witnessing{WitnessWait: time.Minute}}
	bells, err := serve.bells(a, set, slog.New(slog.DiscardHandler))
	apptest.Must(t, err, "bells")
	waiting := func() (n int) {
		for _, status := range l.letters() {
			if status == "queued" || status == "sending" {
				n++
			}
		}
		return n
	}
	const rings = 2000                                                  // of fifty letters each
	clock.Set(a.Calendar().NextOpen(clock.Now().Add(10 * time.Minute))) // what a killed node held is free then
	for range rings {
		before := waiting()
		if before == 0 {
			return
		}
		apptest.Must(t, bells.Once(context.Background(), "deliver"), "deliver what waits")
		if waiting() == before { // tomorrow's letters
			clock.Set(a.Calendar().NextOpen(clock.Now().Add(6 * time.Hour)))
		}
	}
}

// letters is what the ledger says of each letter, by its message id.
func (l *crowd) letters() map[string]string {
	t := l.t
	db, _ := l.aside()
	defer db.Close()
	rows, err := db.Query("SELECT CASE item_kind WHEN 'digest' THEN 'digest' ELSE 'reminder' END, id, status FROM reminders WHERE channel = 'mail'")
	apptest.Must(t, err, "read the ledger")
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var kind, status string
		var id int64
		apptest.Must(t, rows.Scan(&kind, &id, &status), "read the ledger")
		out[kind+"-"+strconv.FormatInt(id, 10)] = status
	}
	apptest.Must(t, rows.Err(), "read the ledger")
	return out
}

// reportMail lets the rest go out, holds the ledger against what has arrived, and prints it: a letter that was accepted has arrived once; one whose sender was killed in the
// middle may have arrived, and is not sent again unasked; one that was withdrawn, or is carried by a digest, has not.
func (l *crowd) reportMail(during int) {
	t := l.t
	l.sendRest()
	arrived := map[string]int{}
	for _, letter := range l.mail.Arrived() {
		id, _, _ := strings.Cut(letter.ID, "@")
		arrived[id]++
	}
	lost, doubled, by := 0, 0, map[string]int{}
	for id, status := range l.letters() {
		by[status]++
		if arrived[id] == 0 && !slices.Contains([]string{"unknown", "digested", "withdrawn"}, status) {
			lost++
			t.Errorf("%s is %s and has not arrived", id, status)
		}
		if arrived[id] > 1 || arrived[id] > 0 && status != "accepted" && status != "unknown" {
			doubled++
			t.Errorf("%s is %s and has arrived %d times", id, status, arrived[id])
		}
		delete(arrived, id)
	}
	for id := range arrived {
		t.Errorf("%s has arrived and is not in the ledger", id)
	}
	t.Logf("letters: %d went out while they worked; in the end %v, lost %d, doubled %d", during, by, lost, doubled)
	if by["accepted"] == 0 {
		t.Error("no letter went out")
	}
}
