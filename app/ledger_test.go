package app_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// faultKind is the kind of the first fault, "" for none.
func faultKind(err error) app.Kind {
	if faults := app.AsFaults(err); faults != nil {
		return faults[0].Kind
	}
	return ""
}

// outcome claims every letter that is due and settles each as told; what is not named is accepted.
func (st *stage) outcome(by map[string]app.Outcome) map[string]string {
	st.t.Helper()
	ids := map[string]string{}
	for {
		got := claim(st.t, st.w.App, 1)
		if len(got) == 0 {
			return ids
		}
		account, to := got[0].Recipient.Account, app.Outcome("accepted")
		if o, ok := by[account]; ok {
			to = o
		}
		ids[account] = got[0].MessageID("battlemap.example")
		apptest.Must(st.t, st.w.App.Settle(context.Background(), got[0], to, errors.New("far end says "+string(to))), "settle")
	}
}

// dead lists the letters that the account may decide about.
func (st *stage) dead(account string) (rows []app.Reminder, letters []app.DeadLetter) {
	st.t.Helper()
	ctx, as := context.Background(), st.w.As(st.t, account)
	rows, err := st.w.App.Ledger(ctx, as, app.LedgerFilter{Status: "dead", Limit: 100})
	apptest.Must(st.t, err, "ledger")
	picks, err := st.w.App.Decidable(ctx, as, rows)
	apptest.Must(st.t, err, "decidable")
	for _, r := range rows {
		if seen, ok := picks[r.ID]; ok {
			letters = append(letters, app.DeadLetter{Reminder: r.ID, Seen: seen})
		}
	}
	return rows, letters
}

// A letter that failed or may have arrived waits for a supervisor: sent again it keeps its Message-ID, and what arrived is never sent again.
func TestDeadLettersAreDecided(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := withMail(t, w), context.Background()
		st.issue(1)
		before := st.outcome(map[string]app.Outcome{"gxj.lead": "failed", "gxj.hand": "unknown"})
		rows, letters := st.dead("sup")
		if len(rows) != 2 || len(letters) != 2 {
			t.Fatalf("dead letters %+v, decidable %v", rows, letters)
		}
		if n, err := w.App.DeadLetters(ctx, w.As(t, "sup")); n != 2 || err != nil {
			t.Errorf("desk counts %d, %v", n, err)
		}
		if _, own := st.dead("tf1"); len(own) != 0 {
			t.Error("the leader of a task force may decide about letters")
		}
		for _, account := range []string{"tf1", "gxj.lead", "admin"} {
			if err := w.App.SendAgain(ctx, w.As(t, account), letters); faultKind(err) != app.Denied {
				t.Errorf("%s sends again: %v", account, err)
			}
		}
		failed := letters[slices.IndexFunc(rows, func(r app.Reminder) bool { return r.Status == "failed" })]
		unknown := letters[slices.IndexFunc(rows, func(r app.Reminder) bool { return r.Status == "unknown" })]
		if err := w.App.LettersArrived(ctx, w.As(t, "sup"), app.LettersArrived{Letters: []app.DeadLetter{unknown}, How: "phone"}); faultKind(err) != app.Invalid {
			t.Errorf("arrived without a reason: %v", err)
		}
		apptest.Must(t, w.App.LettersArrived(ctx, w.As(t, "sup"), app.LettersArrived{Letters: []app.DeadLetter{unknown}, How: "phone", Reason: "当面核实"}), "arrived")
		if err := w.App.SendAgain(ctx, w.As(t, "dir"), letters); faultKind(err) != app.Stale {
			t.Errorf("one of the letters was decided meanwhile: %v", err)
		}
		apptest.Must(t, w.App.SendAgain(ctx, w.As(t, "dir"), []app.DeadLetter{failed, failed}), "again")
		if err := w.App.SendAgain(ctx, w.As(t, "dir"), []app.DeadLetter{failed}); faultKind(err) != app.Stale {
			t.Errorf("sent again twice: %v", err)
		}
		after := st.outcome(nil)
		if len(after) != 1 || after["gxj.lead"] != before["gxj.lead"] {
			t.Errorf("sent again %v, first as %v", after, before)
		}
		f, err := w.App.LedgerFile(ctx, w.As(t, "sup"), failed.Reminder)
		apptest.Must(t, err, "file")
		var told []string
		for _, a := range f.Attempts {
			told = append(told, a.Outcome)
		}
		if want := []string{"begun", "failed", "again", "begun", "accepted"}; !slices.Equal(told, want) || f.May && f.Reminder.Dead() {
			t.Errorf("attempts %v, want %v", told, want)
		}
		if n := lookAside(t, w).number("SELECT COUNT(*) FROM journal WHERE action IN ('reminder.again', 'reminder.arrived')"); n != 2 {
			t.Errorf("%d decisions in the journal", n)
		}
	})
}

// Before a letter goes out again it is asked whether it still has a reason.
func TestSentAgainAfterTheClosing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := withMail(t, w), context.Background()
		apptest.Must(t, st.line(`ticket T term="3 months"`), "draft")
		for _, line := range []string{"move T submit_draft as=sup", "move T approve as=dir"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		st.outcome(map[string]app.Outcome{"gxj.lead": "failed", "gxj.hand": "failed"})
		apptest.Must(t, st.line("move T terminate reason=示例 as=dir"), "terminate")
		_, letters := st.dead("sup")
		apptest.Must(t, w.App.SendAgain(ctx, w.As(t, "sup"), letters), "again")
		again := st.outcome(nil)
		for _, l := range letters {
			f, err := w.App.LedgerFile(ctx, w.As(t, "sup"), l.Reminder)
			apptest.Must(t, err, "file")
			if f.Reminder.Status != "withdrawn" || f.Reminder.WithdrawnWhy != "closed" {
				t.Errorf("letter about a terminated ticket is %s %s; sent %v", f.Reminder.Status, f.Reminder.WithdrawnWhy, again)
			}
		}
	})
}

// The ledger shows each reader what is theirs to see: all at district level, a leader's own task force, a person's own; nothing to others.
func TestWhoReadsTheLedger(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := withMail(t, w), context.Background()
		st.issue(1)
		st.outcome(nil)
		_, err := w.App.DeliverInbox(ctx)
		apptest.Must(t, err, "inbox")
		all, err := w.App.Ledger(ctx, w.As(t, "sup"), app.LedgerFilter{Limit: 100})
		apptest.Must(t, err, "ledger")
		if n := lookAside(t, w).number("SELECT COUNT(*) FROM reminders"); int64(len(all)) != n || n < 6 {
			t.Errorf("a supervisor sees %d of %d", len(all), n)
		}
		for account, want := range map[string]int{"tf1": len(all), "tf10": 0, "insp": len(all)} {
			if rows, err := w.App.Ledger(ctx, w.As(t, account), app.LedgerFilter{Limit: 100}); len(rows) != want || err != nil {
				t.Errorf("%s sees %d, want %d; %v", account, len(rows), want, err)
			}
		}
		for _, account := range []string{"gxj.lead", "gxj.hand", "zjj.lead"} {
			if _, err := w.App.Ledger(ctx, w.As(t, account), app.LedgerFilter{Limit: 100}); faultKind(err) != app.Denied {
				t.Errorf("%s reads the ledger: %v", account, err)
			}
		}
		own, err := w.App.Told(ctx, w.As(t, "gxj.hand"), app.LedgerFilter{Limit: 100})
		apptest.Must(t, err, "told")
		if len(own) != 2 { // inbox and mail
			t.Errorf("the handler was told %d times", len(own))
		}
		for _, r := range own {
			if _, err := w.App.LedgerFile(ctx, w.As(t, "gxj.hand"), r.ID); err != nil {
				t.Errorf("one's own reminder: %v", err)
			}
			if _, err := w.App.LedgerFile(ctx, w.As(t, "zjj.lead"), r.ID); faultKind(err) != app.Missing {
				t.Errorf("another's reminder: %v", err)
			}
		}
		for name, f := range map[string]app.LedgerFilter{"channel": {Channel: "mail"}, "person": {Person: st.s.Users["gxj.hand"]}, "unit": {Unit: st.s.Units["gxj"]}, "rule": {Rule: "event"},
			"item": {Item: "2023-001"}, "status": {Status: "accepted"}, "days": {From: w.App.Today(), To: w.App.Today()}, "before": {Before: all[1].Place()}} {
			f.Limit = 100
			rows, err := w.App.Ledger(ctx, w.As(t, "sup"), f)
			counts, err2 := w.App.LedgerCounts(ctx, w.As(t, "sup"), f)
			if err := errors.Join(err, err2); err != nil || len(rows) == 0 || f.Before.ID == 0 && counts["accepted"] != len(rows) {
				t.Errorf("by %s: %d rows, counts %v, %v", name, len(rows), counts, err)
			}
		}
		none, err := w.App.Ledger(ctx, w.As(t, "sup"), app.LedgerFilter{From: w.App.Today().AddDays(1), Limit: 100})
		if len(none) != 0 || err != nil {
			t.Errorf("from tomorrow on: %d, %v", len(none), err)
		}
	})
}

// Since when the mail server is down is the first vain attempt after it last answered.
func TestMailServerDownSince(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, ctx := withMail(t, w), context.Background()
		st.issue(1)
		st.outcome(nil)
		down := func(want time.Time) {
			t.Helper()
			if since, err := w.App.MailDown(ctx); !since.Equal(want) || err != nil {
				t.Errorf("down since %v, %v; want %v", since, err, want)
			}
		}
		down(time.Time{})
		st.issue(1)
		begin := w.Clock.Now()
		for range 3 {
			got := claim(t, w.App, 1)
			apptest.Must(t, w.App.Settle(ctx, got[0], "down", errors.New("connection refused")), "settle")
			w.Clock.Set(w.Clock.Now().Add(6 * time.Minute))
		}
		down(begin.UTC().Truncate(time.Second))
		st.outcome(nil)
		down(time.Time{})
	})
}
