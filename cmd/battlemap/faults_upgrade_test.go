package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// F7: a notice of days off, a rule set and a workflow come into force while tickets are on their way, and the server is killed again and again in the middle: people
// look whether it was done, and do it again if it was not. The district ends as one in which nobody was killed.

// upgrade is one playing of it.
type upgrade struct {
	*district
	server *server
	dice   *rand.Rand
	kills  int // of each step, at most
	steps  int // so far
	killed int
	acked  int
}

// newUpgrade founds a district with six more tickets, whose term ends after the days off.
func newUpgrade(t *testing.T, engine string, kills int) *upgrade {
	t.Helper()
	u := &upgrade{district: newDistrict(t, engine), kills: kills, dice: rand.New(rand.NewPCG(7, uint64(kills)))}
	opt, clock := apptest.Options(t, u.dsn())
	opt.Files, opt.Mail = filepath.Join(u.data, "files"), true
	a, err := app.Open(context.Background(), opt)
	apptest.Must(t, err, "open")
	ctx, w := context.Background(), &apptest.World{App: a, Clock: clock, Options: opt}
	apptest.Must(t, a.ResetPassword(ctx, app.Setup("test"), "leader", folksPassword), "password")
	for i := range 6 {
		hand := w.As(t, []string{"gxj.hand", "zjj.hand"}[i%2])
		k, err := a.DraftTicket(ctx, w.As(t, "sup"), app.DraftTicket{Kind: "assignment", Title: fmt.Sprint("示例长期事项", i), Basis: "示例依据", TaskForceID: 1, LeadUnitID: hand.UnitID, DueTerm: "30 workdays"})
		apptest.Must(t, err, "draft")
		for _, step := range []struct{ as, move string }{{"sup", "submit_draft"}, {"dir", "approve"}} {
			_, err := a.MoveTicket(ctx, w.As(t, step.as), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step.move})
			apptest.Must(t, err, "%s", step.move)
			k.Version++
		}
	}
	apptest.Must(t, a.Close(), "close")
	u.server = u.up()
	u.server.signInAll()
	u.server.signIn("leader")
	return u
}

// at winds the clock to a day's morning.
func (u *upgrade) at(day calendar.Date) { u.wind(u.calendar.At(day, 9, 0)) }

// number asks the database a question with one number as its answer.
func (u *upgrade) number(query string) (n int64) {
	u.t.Helper()
	u.aside(func(db *sql.DB) {
		apptest.Must(u.t, db.QueryRow(query).Scan(&n), "%s", query)
	})
	return n
}

// anHourLater winds the clock on: a password counts as tried before it is compared, so where the server is killed in between again and again, people wait as they are told.
func (u *upgrade) anHourLater() { u.wind(u.shows().Add(time.Hour)) }

// post sends a form as a person; 0 when there was no answer.
func (u *upgrade) post(account, path string, form url.Values) int {
	if u.cookie[account] == "" && u.server.trySignIn(account) != nil {
		u.anHourLater()
		return 0
	}
	r, err := http.NewRequest(http.MethodPost, u.server.url+path, strings.NewReader(form.Encode()))
	apptest.Must(u.t, err, "%s", path)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", u.cookie[account])
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	if strings.HasPrefix(answer.Header.Get("Location"), "/login") { // killed after the session was renewed, before the answer bore the new one
		delete(u.cookie, account)
		return 0
	}
	for _, c := range answer.Cookies() {
		if c.Name == "battlemap" && c.Value != "" {
			u.cookie[account] = c.Name + "=" + c.Value
		}
	}
	if answer.StatusCode == http.StatusTooManyRequests {
		u.anHourLater()
	}
	return answer.StatusCode
}

// until does something until done says that it is done; the first times the server is killed within a few milliseconds, whatever it does then, and started again.
// What was acknowledged must be done.
func (u *upgrade) until(what string, do func() int, done func() bool) {
	u.t.Helper()
	u.steps++
	kills := u.kills
	if !long() && u.steps%3 > 0 {
		kills = 0 // the short form kills at every third step
	}
	for try := 0; ; try++ {
		answered := make(chan int, 1)
		go func() { answered <- do() }()
		if try < kills {
			time.AfterFunc(time.Duration(u.dice.IntN(30000))*time.Microsecond, u.server.kill)
			<-u.server.ended
			u.killed++
		}
		status := <-answered
		if u.server.gone() {
			u.server = u.up()
		}
		yes := done()
		if status == http.StatusSeeOther {
			if u.acked++; !yes {
				u.t.Errorf("%s was acknowledged and is not there", what)
			}
		}
		if yes {
			return
		}
		if try > kills+3 {
			u.t.Fatalf("%s: answered %d, and is not done\n%s", what, status, u.server.log.String())
		}
	}
}

// bell lets a job run to its end, however often the server is killed meanwhile.
func (u *upgrade) bell(job string) {
	u.t.Helper()
	said := ""
	u.until(job, func() int {
		if said = u.server.ring(job); said == "held" { // by one that was killed
			u.wind(u.shows().Add(6 * time.Minute))
			said = u.server.ring(job)
		}
		return 0
	}, func() bool { return said == "ok" })
}

// move makes a move with a ticket.
func (u *upgrade) move(no, move, as string) {
	u.t.Helper()
	version := u.number("SELECT version FROM tickets WHERE no = '" + no + "'")
	form := url.Values{"item": {"ticket/" + no}, "version": {fmt.Sprint(version)}, "move": {move}, "feedback": {"示例反馈"}, "note": {"示例"}, "reason": {"示例"}, "sure": {"on"}}
	u.until(no+" "+move, func() int { return u.post(as, "/move", form) }, func() bool { return u.number("SELECT version FROM tickets WHERE no = '"+no+"'") > version })
}

// enact drafts a law, and lets another person approve it.
func (u *upgrade) enact(kind, text string, from calendar.Date) {
	u.t.Helper()
	before := u.number("SELECT COUNT(*) FROM laws")
	form := url.Values{"kind": {kind}, "text": {text}, "reason": {"示例：修订"}, "effective_from": {from.String()}}
	u.until("draft of a "+kind, func() int { return u.post("dir", "/rules/drafts/new", form) }, func() bool { return u.number("SELECT COUNT(*) FROM laws") > before })
	id := u.number("SELECT MAX(id) FROM laws WHERE state = 'draft'")
	form = url.Values{"version": {"1"}, "decision": {"approve"}, "confirm_password": {folksPassword}}
	u.until("approval of a "+kind, func() int { return u.post("leader", "/rules/drafts/"+strconv.FormatInt(id, 10)+"/decide", form) },
		func() bool { return u.number("SELECT COUNT(*) FROM laws WHERE state = 'draft'") == 0 })
}

func (u *upgrade) play() {
	u.t.Helper()
	day := func(month time.Month, d int) calendar.Date { return calendar.MakeDate(2023, month, d) }
	u.at(day(time.March, 14))
	u.move("2023-013", "accept", "gxj.hand")
	u.move("2023-014", "accept", "zjj.hand")
	u.move("2023-013", "start", "gxj.hand")
	notice := url.Values{"task_force_id": {"0"}, "replaces_id": {"0"}, "number": {"示例〔2023〕1号"}, "title": {"示例通知"}, "text": {"2023-04-13~2023-04-14 休 示例"}, "step": {"keep"}}
	u.until("upload of a notice", func() int { return u.post("sup", "/calendar/new", notice) }, func() bool { return u.number("SELECT COUNT(*) FROM calendar_versions") == 1 })
	u.until("approval of a notice", func() int {
		return u.post("dir", "/calendar/versions/1", url.Values{"version": {"1"}, "decision": {"approve"}, "confirm_password": {folksPassword}})
	},
		func() bool { return u.number("SELECT COUNT(*) FROM calendar_versions WHERE state = 'draft'") == 0 })
	u.bell("sweep")
	u.at(day(time.April, 24))
	u.bell("sweep")
	rules, err := os.ReadFile("../../app/testdata/laws/second.yaml")
	apptest.Must(u.t, err, "rule set")
	u.enact("ruleset", string(rules), day(time.May, 1))
	machine, err := os.ReadFile("../../workflows/definitions/ticket.yaml")
	apptest.Must(u.t, err, "workflow")
	u.enact("machine", strings.Replace(string(machine), "\nversion: 3\n", "\nversion: 4\n", 1), day(time.May, 2))
	u.move("2023-014", "start", "zjj.hand")
	for _, d := range []calendar.Date{day(time.April, 28), day(time.May, 4), day(time.May, 9), day(time.May, 16)} {
		u.at(d)
		u.bell("sweep")
		u.bell("deliver")
	}
	u.move("2023-013", "submit", "gxj.lead")
	u.move("2023-015", "accept", "gxj.hand")
	u.until("a ticket under the new workflow", func() int {
		return u.post("sup", "/tickets/new", url.Values{"kind": {"assignment"}, "title": {"示例新事项"}, "basis": {"示例依据"}, "instruction": {"示例要求"}, "task_force_id": {"1"}, "lead_unit_id": {"1"},
			"due_term": {"5 workdays"}, "other_matter": {"on"}})
	}, func() bool { return u.number("SELECT COUNT(*) FROM tickets WHERE title = '示例新事项'") == 1 })
	u.at(day(time.May, 23))
	u.bell("sweep")
	u.bell("checkpoint")
}

// outcome is what the district has come to, line by line, without the numbers of rows and the hours, which a killed process may have used up.
func (u *upgrade) outcome() []string {
	u.t.Helper()
	var out []string
	for _, query := range []string{
		"SELECT 'ticket', no, state, machine_version, due_on, baseline_on, light, version FROM tickets",
		"SELECT 'moved', item_kind, item_id, from_on, to_on FROM calendar_moves", "SELECT 'notice', state, moving, moved FROM calendar_versions",
		"SELECT 'law', kind, name, edition, state, effective_from FROM laws", "SELECT 'step', item_kind, item_id, rule_id, ruleset_version, step, due_on, light, lifted_on FROM escalations",
		"SELECT 'told', item_kind, item_id, rule_id, due_on, recipient_id, channel FROM reminders WHERE item_kind <> 'digest'",
		"SELECT 'record', action, object_kind, object_id FROM journal WHERE action NOT LIKE 'session.%'",
	} {
		out = append(out, u.lines(query)...)
	}
	slices.Sort(out)
	return out
}

func TestFault07KilledInAnUpgrade(t *testing.T) {
	kills := 1
	engines := []string{"sqlite"}
	if long() {
		kills, engines = 8, []string{"sqlite", "postgres"}
	}
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			calm, wild := newUpgrade(t, engine, 0), newUpgrade(t, engine, kills)
			calm.play()
			wild.play()
			want, got := calm.outcome(), wild.outcome()
			r := result{fault: "F7 killed in an upgrade", engine: engine, times: wild.killed, acknowledged: wild.acked, linearizable: "-"}
			balance := map[string]int{}
			for _, line := range want {
				balance[line]++
			}
			for _, line := range got {
				balance[line]--
			}
			for line, n := range balance {
				if n != 0 {
					r.lost, r.duplicated = r.lost+max(n, 0), r.duplicated+max(-n, 0)
					t.Errorf("%+d (positive: missing): %s", n, line)
				}
			}
			if calm.number("SELECT COUNT(*) FROM calendar_moves") == 0 || calm.number("SELECT COUNT(*) FROM escalations WHERE ruleset_version = 2") == 0 ||
				calm.number("SELECT COUNT(*) FROM tickets WHERE machine_version = 4") != 1 || len(want) < 100 {
				t.Errorf("nothing happened that could be compared: %d lines", len(want))
			}
			calm.server.stop()
			wild.server.stop()
			r.doctor = wild.sound()
			report(t, r)
		})
	}
}
