package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// setMail changes the account's own choice.
func (st *stage) setMail(account string, single bool, from, to string) error {
	st.t.Helper()
	ctx, as := context.Background(), st.w.As(st.t, account)
	now, err := st.w.App.Mail(ctx, as)
	apptest.Must(st.t, err, "read the choice")
	return st.w.App.SetMail(ctx, as, app.SetMail{Version: now.Version, Single: single, QuietFrom: from, QuietTo: to})
}

// mailed counts the letters that come now, by account; every one is accepted.
func (st *stage) mailed() map[string]int {
	st.t.Helper()
	out := map[string]int{}
	for {
		got := claim(st.t, st.w.App, 1)
		if len(got) == 0 {
			return out
		}
		out[got[0].Recipient.Account]++
		apptest.Must(st.t, st.w.App.Settle(context.Background(), got[0], "accepted", nil), "settle")
	}
}

// In quiet hours no mail comes but that of a red light; it comes when they end.
func TestQuietHours(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		for _, bad := range [][2]string{{"11:30", ""}, {"mittags", "13:00"}, {"08:00", "17:00"}, {"17:00", "16:00"}} {
			if err := st.setMail("gxj.lead", false, bad[0], bad[1]); faultKind(err) != app.Invalid {
				t.Errorf("quiet from %s to %s: %v", bad[0], bad[1], err)
			}
		}
		if err := w.App.SetMail(context.Background(), w.As(t, "gxj.lead"), app.SetMail{Version: 99}); faultKind(err) != app.Stale {
			t.Errorf("a stale form: %v", err)
		}
		apptest.Must(t, st.setMail("gxj.lead", false, "11:30", "13:30"), "quiet at noon")
		apptest.Must(t, st.setMail("gxj.hand", false, "20:00", "09:30"), "quiet over night")
		w.At(t, "2023-03-14 11:45")
		st.issue(2)
		side := lookAside(t, w)
		side.exec(fmt.Sprintf("UPDATE reminders SET light = 'red' WHERE channel = 'mail' AND recipient_id = %d AND id = (SELECT MAX(id) FROM reminders WHERE channel = 'mail' AND recipient_id = %d)",
			st.s.Users["gxj.lead"], st.s.Users["gxj.lead"]))
		if got := st.mailed(); got["gxj.lead"] != 1 || got["gxj.hand"] != 2 {
			t.Errorf("at noon: %v", got)
		}
		w.At(t, "2023-03-14 13:29")
		if got := st.mailed(); len(got) != 0 {
			t.Errorf("before the quiet hours end: %v", got)
		}
		w.At(t, "2023-03-14 13:30")
		if got := st.mailed(); got["gxj.lead"] != 1 || len(got) != 1 {
			t.Errorf("after the quiet hours: %v", got)
		}
		w.At(t, "2023-03-14 17:30")
		st.issue(1)
		for at, want := range map[string]int{"2023-03-15 08:30": 0, "2023-03-15 09:29": 0} {
			w.At(t, at)
			if got := st.mailed(); got["gxj.hand"] != want {
				t.Errorf("at %s: %v", at, got)
			}
		}
		w.At(t, "2023-03-15 09:30")
		if got := st.mailed(); got["gxj.hand"] != 1 {
			t.Errorf("after a quiet night: %v", got)
		}
	})
}

// Whoever changes between single letters and the letter of the day loses nothing and gets nothing twice.
func TestChangingHowMailComes(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, side := withMail(t, w), lookAside(t, w)
		st.issue(3)
		st.mailed()
		waits := func(daily bool) int64 {
			t.Helper()
			return side.number(fmt.Sprintf("SELECT COUNT(*) FROM reminders WHERE channel = 'mail' AND status = 'queued' AND daily = %t AND recipient_id = %d", daily, st.s.Users["gxj.hand"]))
		}
		w.At(t, "2023-03-15 08:30")
		st.sweep() // three tickets not accepted for two working days
		if waits(true) != 3 {
			t.Fatalf("%d wait for the letter of the day", waits(true))
		}
		apptest.Must(t, st.setMail("gxj.hand", true, "", ""), "single")
		if waits(true) != 0 || waits(false) != 3 {
			t.Errorf("single: %d still wait for the letter of the day", waits(true))
		}
		apptest.Must(t, st.setMail("gxj.hand", false, "", ""), "daily")
		if waits(true) != 3 {
			t.Errorf("back again: %d wait for the letter of the day", waits(true))
		}
		apptest.Must(t, st.setMail("gxj.hand", true, "", ""), "single")
		if got := st.mailed(); got["gxj.hand"] != 3 {
			t.Errorf("single letters: %v", got)
		}
		apptest.Must(t, st.setMail("gxj.hand", false, "", ""), "daily")
		if got := st.mailed(); len(got) != 0 {
			t.Errorf("came twice: %v", got)
		}
		if n := side.number("SELECT COUNT(*) FROM reminders WHERE channel = 'mail' AND status NOT IN ('accepted', 'digested', 'withdrawn')"); n != 0 {
			t.Errorf("%d letters are left", n)
		}
	})
}

// One damaged row fails by itself: its light is gone, or its facts can't be read. It stops nobody, and the ledger shows it.
func TestPoisonStopsNobody(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, side, ctx := withMail(t, w), lookAside(t, w), context.Background()
		st.issue(1)
		columns := "item_kind, item_id, rule_id, due_on, recipient_id, light, subject, link, status, created_at, not_before, attempts, claimed_until, settled_at, read_at, error, ruleset, ruleset_version, withdrawn_why, daily, collected_on, digest_id, begun_at, item_no, task_force_id, unit_id"
		for step, spoil := range map[string]string{"x1": "'mail', 0, '{'", "x2": "'mail', 999999, detail", "x3": "'inbox', 0, '{'", "x4": "'inbox', 999999, detail"} {
			side.exec("INSERT INTO reminders (step, channel, escalation_id, detail, " + columns + ") SELECT '" + step + "', " + spoil + ", " + columns +
				" FROM reminders WHERE id = (SELECT MIN(id) FROM reminders WHERE status = 'queued')")
		}
		want := side.number("SELECT COUNT(*) FROM reminders WHERE channel = 'mail' AND step NOT LIKE 'x%'")
		sent := 0
		for _, n := range st.mailed() {
			sent += n
		}
		_, err := w.App.DeliverInbox(ctx)
		apptest.Must(t, err, "inbox")
		if int64(sent) != want || want < 4 {
			t.Errorf("%d of %d sound letters went out", sent, want)
		}
		if got := side.rows("SELECT step, status FROM reminders WHERE step LIKE 'x%' AND channel = 'mail' ORDER BY step"); !slices.Equal(got, []string{"step=x1 status=failed", "step=x2 status=failed"}) {
			t.Errorf("the damaged letters: %v", got)
		}
		if n := side.number("SELECT COUNT(*) FROM reminders WHERE channel = 'inbox' AND status = 'queued'"); n != 0 {
			t.Errorf("%d do not appear in the inbox", n)
		}
		rows, err := w.App.Ledger(ctx, w.As(t, "sup"), app.LedgerFilter{Status: "dead", Limit: 10})
		if len(rows) != 2 || err != nil {
			t.Errorf("the ledger shows %d, %v", len(rows), err)
		}
	})
}

// A vain attempt at a mail server that is down costs nothing: the letter waits for as long as it takes.
func TestDownIsNotCounted(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st := withMail(t, w)
		apptest.Must(t, st.line(`ticket T term="3 months"`), "draft")
		apptest.Must(t, st.line("move T submit_draft as=sup"), "submit")
		for range 12 {
			for _, d := range claim(t, w.App, 10) {
				if d.Reminder.Attempts != 1 {
					t.Fatalf("attempt %d is counted", d.Reminder.Attempts)
				}
				apptest.Must(t, w.App.Settle(context.Background(), d, "down", errors.New("connection refused")), "settle")
			}
			w.Clock.Set(w.Clock.Now().Add(5 * time.Minute))
		}
		if got := st.mailed(); len(got) != 2 {
			t.Errorf("when the server is back: %v", got)
		}
	})
}

// Whoever closes, accepts or hands over while a letter is being claimed is quicker or comes after it: no letter about what was decided before it left.
func TestDecisionsRaceWithTheClaim(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, side, ctx := withMail(t, w), lookAside(t, w), context.Background()
		other := node(t, w, "second")
		for i := range 6 {
			st.issue(1)
			name := fmt.Sprint("T", i, ".0")
			k, err := st.find(name)
			apptest.Must(t, err, "find")
			decide := []app.MoveTicket{{Move: "terminate", Reason: "示例"}, {Move: "accept"}}[i%2]
			decide.Ticket, decide.Version = k.ID, k.Version
			as := w.As(t, []string{"dir", "gxj.hand"}[i%2])
			errs := together(3, func(n int) error {
				if n == 0 {
					_, err := w.App.MoveTicket(ctx, as, decide)
					return err
				}
				_, err := []*app.App{w.App, other}[n-1].ClaimMail(ctx, 10)
				return err
			})
			apptest.Must(t, errors.Join(errs...), "together")
			// What was not claimed by then lost its reason with the decision; only the decision itself is news.
			for _, d := range claim(t, w.App, 20) {
				n, err := d.Reminder.Notice()
				apptest.Must(t, err, "notice")
				if d.Reminder.ItemID == k.ID && n.Move == "approve" {
					t.Errorf("told of the issue of %s after %s", k.No, decide.Move)
				}
			}
		}
		if twice := side.rows("SELECT reminder_id FROM reminder_attempts WHERE outcome = 'begun' GROUP BY reminder_id HAVING COUNT(*) > 1"); len(twice) > 0 {
			t.Errorf("claimed twice: %v", twice)
		}
	})
}

// While somebody is changing the ticket a delivery steps aside instead of waiting; what they decided counts.
func TestDeliveryStepsAside(t *testing.T) {
	onPostgres(t, func(t *testing.T, w *apptest.World) {
		st, side := withMail(t, w), lookAside(t, w)
		st.issue(1)
		change, err := side.db.Begin()
		apptest.Must(t, err, "begin")
		_, err = change.Exec("UPDATE tickets SET handler_id = handler_id")
		apptest.Must(t, err, "a change in flight")
		if got := claim(t, w.App, 10); len(got) != 0 {
			t.Errorf("%d letters left while the ticket was being changed", len(got))
		}
		apptest.Must(t, change.Rollback(), "rollback")
		if got := claim(t, w.App, 10); len(got) != 4 {
			t.Errorf("%d letters afterwards, want 4", len(got))
		}
	})
}

// The letter of a date that was moved meanwhile does not go out.
func TestMovedDateWithdrawsItsLetter(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		st, side := withMail(t, w), lookAside(t, w)
		for _, line := range []string{`ticket T term="15 workdays"`, "move T submit_draft as=sup", "move T approve as=dir", "move T accept as=gxj.hand", "move T start as=gxj.hand"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		st.mailed()
		w.At(t, "2023-03-29 09:00")
		st.sweep() // due on 3 April: three working days before, the handler is to be told
		if n := side.number("SELECT COUNT(*) FROM reminders WHERE escalation_id > 0 AND status = 'queued' AND channel = 'mail'"); n == 0 {
			t.Fatal("nothing is about to be sent")
		}
		for _, line := range []string{"extend T to=2023-04-14 reason=示例 progress=示例 as=gxj.lead", "decide_extension T grant as=dir"} {
			apptest.Must(t, st.line(line), "%s", line)
		}
		st.mailed()
		if got := slices.Compact(side.rows("SELECT status, withdrawn_why FROM reminders WHERE escalation_id > 0 AND channel = 'mail'")); !slices.Equal(got, []string{"status=withdrawn withdrawn_why=date_changed"}) {
			t.Errorf("the letters of the old date: %v", got)
		}
	})
}

// A page of the ledger, by whatever it is filtered, is read in the order of an index and never sorted.
func TestLedgerReadsItsIndexes(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		side := lookAside(t, w)
		if side.postgres { // an empty table is read from end to end for choice
			side.db.SetMaxOpenConns(1)
			side.exec("SET enable_seqscan = off")
			side.exec("SET enable_bitmapscan = off")
		}
		for index, f := range map[string]app.LedgerFilter{"reminders_time": {}, "reminders_status": {Status: "failed"}, "reminders_recipient": {Person: 7}, "reminders_unit": {Unit: 7},
			"reminders_rule": {Rule: "default"}, "reminders_item": {Item: "2023-001"}} {
			f.Limit, f.Before = 51, app.LedgerPlace{CreatedAt: 1700000000, ID: 9}
			query, args := app.LedgerQuery(w.App, f, "1 = 1")
			for _, a := range args {
				text := fmt.Sprint(a)
				if _, ok := a.(string); ok {
					text = "'" + text + "'"
				}
				query = strings.Replace(query, "?", text, 1)
			}
			explain := "EXPLAIN "
			if !side.postgres {
				explain += "QUERY PLAN "
			}
			plan := strings.Join(side.rows(explain+query), "\n")
			if !strings.Contains(plan, index) || strings.Contains(plan, "Sort") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%+v is read by\n%s", f, plan)
			}
		}
	})
}
