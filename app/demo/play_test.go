package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// TestYear plays the whole year once and looks at it: what is lit, who is told, what is closed, and that the journal is sound.
func TestYear(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	states := map[string]bool{} // of tickets, as they stood at the end of some day
	var april [][]byte
	halfYear := func() {
		for d := day(time.March, 13); d <= day(time.June, 30); d = d.AddDays(1) {
			if d >= day(time.May, 24) {
				playTwice(t, st, d)
			}
			apptest.Must(t, st.play.FastForward(ctx, d), "play to %s", d)
			for _, k := range st.tickets() {
				states[k.State] = true
			}
			if d == day(time.April, 14) {
				april = st.records()
			}
		}
	}
	halfYear()
	t.Run("half year", func(t *testing.T) { lookAtHalfYear(t, st, states) })
	for _, d := range []calendar.Date{day(time.August, 15), day(time.August, 16), day(time.September, 11)} { // suspended and resumed
		apptest.Must(t, st.play.FastForward(ctx, d-1), "play to %s", d-1)
		playTwice(t, st, d)
	}
	apptest.Must(t, st.play.FastForward(ctx, day(time.December, 31)), "play to the end")
	if refused := st.play.Refused(); len(refused) > 0 {
		t.Errorf("nobody interfered, and yet: %s", strings.Join(refused, "\n"))
	}
	if status := st.play.Status(); !status.Over || status.Day != day(time.December, 31) {
		t.Errorf("status at the end: %+v", status)
	}
	t.Run("only samples slip", func(t *testing.T) { lookAtSlips(t, st) })
	t.Run("the script was played", func(t *testing.T) { lookAtEnd(t, st) })
	t.Run("duty is separated", func(t *testing.T) { lookAtDuties(t, st) })
	t.Run("reminders", func(t *testing.T) { lookAtReminders(t, st) })
	t.Run("sound", func(t *testing.T) { lookAtJournal(t, st) })
	t.Run("again", func(t *testing.T) { playAgain(t, newStage(t), april) })
	t.Run("again on postgres", func(t *testing.T) {
		postgres := os.Getenv("BATTLEMAP_TEST_POSTGRES")
		if postgres == "" {
			t.Skip("no PostgreSQL server given in BATTLEMAP_TEST_POSTGRES; make check starts one")
		}
		st := openStage(t, t.TempDir(), apptest.Schema(t, postgres))
		apptest.Must(t, Load(ctx, st.app), "load")
		st.start()
		playAgain(t, st, april)
	})
}

// playTwice plays every moment of a day twice: the second time, nothing is done.
func playTwice(t *testing.T, st *stage, d calendar.Date) {
	t.Helper()
	for _, m := range st.play.Moments(d) {
		apptest.Must(t, st.play.Act(context.Background(), m), "act at %s", m.At)
		last := st.newest().No
		apptest.Must(t, st.play.Act(context.Background(), m), "act at %s again", m.At)
		if now := st.newest(); now.No != last {
			t.Fatalf("played again, %s did something: %s", m.At, now.Record)
		}
	}
}

// lookAtHalfYear is what the thirtieth of June must show at least.
func lookAtHalfYear(t *testing.T, st *stage, states map[string]bool) {
	lights, lifted := map[workflows.Light]int{}, 0
	for _, c := range st.cards() {
		lights[c.Project.Light]++
		for _, e := range st.dossier(c.Project.Code).Escalations {
			if e.ItemKind == "project" && e.LiftedWhy == "cured" {
				lifted++
			}
		}
	}
	if lights[workflows.LightYellow] < 3 || lights[workflows.LightRed] < 1 || lifted == 0 {
		t.Errorf("lights %v, %d lifted; want 3 yellow, 1 red and some lifted", lights, lifted)
	}
	if len(states) < 7 {
		t.Errorf("tickets were only seen in the states %v", states)
	}
	for _, want := range []string{"pending", "disputed", "returned", "paused", "verified", "closed", "terminated"} {
		if !states[want] {
			t.Errorf("no ticket was ever %s at the end of a day", want)
		}
	}
	started := 0
	for _, c := range st.cards() {
		if c.Project.SpringStart && c.Project.StartedOn == day(time.March, 13) {
			started++
		}
	}
	if started != 22 {
		t.Errorf("%d projects started together on the day of the ceremony, want 22", started)
	}
}

// lookAtSlips looks that named projects were never lit, and that projects with a smooth script never were either.
func lookAtSlips(t *testing.T, st *stage) {
	slipped := 0
	for _, x := range parsed(t).projects {
		d := st.dossier(x.Code)
		if d.Project.Sample == x.Named {
			t.Errorf("%s: sample is %t", x.Name, d.Project.Sample)
		}
		for _, e := range d.Escalations {
			grave := e.Light.Worse(workflows.LightBlue)
			if x.Named || grave && x.smooth() {
				t.Errorf("%s was lit %s by %s on %s", x.Name, e.Light, e.RuleID, e.BeganOn)
			}
			if grave {
				slipped++
			}
		}
		if x.Named && (d.Project.Light != workflows.LightNone || d.Project.Stage != "signed" || len(d.Tickets) > 0) {
			t.Errorf("%s is %s, %s, with %d tickets", x.Name, d.Project.Stage, d.Project.Light, len(d.Tickets))
		}
	}
	if slipped == 0 {
		t.Error("nothing slipped in the whole year")
	}
}

// smooth tells whether the script lets nothing of the project be late.
func (p *project) smooth() bool {
	late := slices.ContainsFunc(p.Milestones, func(m milestone) bool { return !m.Reached.IsZero() })
	b := p.Behave
	return !late && b.Late == 0 && b.Share == nil && b.Silent == nil && b.Verified == nil && b.Stalls == 0 && b.Rejected == ""
}

// lookAtEnd looks that every step of the script was taken: no milestone of the year is open, no claim waits, every ticket ends where its last step leads.
func lookAtEnd(t *testing.T, st *stage) {
	d := parsed(t)
	for _, x := range d.projects {
		now := st.dossier(x.Code)
		for _, m := range now.Milestones {
			if m.BaselineOn < d.Over && m.ActualOn.IsZero() {
				t.Errorf("%s: %s was not reached", x.Code, m.Name)
			}
		}
		if slices.ContainsFunc(now.Claims, claimed) {
			t.Errorf("%s: a claim waits", x.Code)
		}
		for _, line := range now.Months {
			if line.Entry != nil && line.Entry.State != "verified" {
				t.Errorf("%s: the report of %s is %s", x.Code, line.Month, line.Entry.State)
			}
		}
		if x.planned() && now.Months[11].Entry == nil {
			t.Errorf("%s did not report December", x.Code)
		}
		if x.Handover != nil && len(now.Assignments) != 2 {
			t.Errorf("%s was not handed over", x.Code)
		}
	}
	machine := st.app.Machine("ticket")
	all := st.tickets()
	for _, k := range d.tickets {
		moves := strings.Fields(k.Steps[len(k.Steps)-1].Do)
		law, ok := machine.Move(moves[len(moves)-1])
		got := find(all, func(r app.Ticket) bool { return r.Title == k.Title })
		if !ok || got == nil || got.State != law.To {
			t.Errorf("%s: its last step is %v, it is %+v", k.Title, moves, got)
		}
	}
}

// lookAtDuties looks that nobody of 考评督导 verified or closed a ticket or a report of its own.
func lookAtDuties(t *testing.T, st *stage) {
	own := st.as("kpb.sup").UnitID
	closedByLeader := 0
	for _, k := range st.tickets() {
		if k.LeadUnitID != own {
			continue
		}
		f, err := st.app.TicketFile(context.Background(), app.System("test"), k.No)
		apptest.Must(t, err, "file of %s", k.No)
		for _, r := range f.Journal {
			record, err := r.Decoded()
			apptest.Must(t, err, "record %d", r.No)
			if (r.Action == "ticket.verify" || r.Action == "ticket.close") && record.Actor.Unit == "考评督导专班办公室" {
				t.Errorf("record %d: %s by %s", r.No, r.Action, record.Actor.Name)
			}
			if r.Action == "ticket.close" && r.ActorID == st.as("leader").ID {
				closedByLeader++
			}
		}
	}
	if closedByLeader == 0 {
		t.Error("no ticket of 考评督导 was closed by a district leader")
	}
	for _, line := range st.dossier("P-030").Months {
		if line.Entry != nil && line.Entry.VerifiedBy == st.as("kpb.sup").ID {
			t.Errorf("考评督导 verified its own report of %s", line.Month)
		}
	}
}

// lookAtReminders looks that people were told, in working time only and never in the May holiday.
func lookAtReminders(t *testing.T, st *stage) {
	ctx, cal, n := context.Background(), st.app.Calendar(), 0
	dir, err := st.app.Directory(ctx)
	apptest.Must(t, err, "directory")
	for _, u := range dir.UserList() {
		rows, err := st.app.Inbox(ctx, st.as(u.Account), 0, 10000)
		apptest.Must(t, err, "inbox of %s", u.Account)
		for _, r := range rows {
			at := time.Unix(r.SettledAt, 0)
			if d := cal.Today(at); d >= day(time.April, 29) && d <= day(time.May, 3) || !cal.Open(at) {
				t.Errorf("%s was told of %s on %s", u.Name, r.RuleID, at.In(cal.Location()))
			}
		}
		n += len(rows)
	}
	if n == 0 {
		t.Error("nobody was told anything")
	}
}

// lookAtJournal exports the journal and verifies it with the public key.
func lookAtJournal(t *testing.T, st *stage) {
	var zip bytes.Buffer
	apptest.Must(t, st.app.ExportJournal(context.Background(), st.as("inspector"), &zip), "export")
	report, err := audit.Verify(audit.Input{Key: st.public, Export: bytes.NewReader(zip.Bytes()), ExportSize: int64(zip.Len())})
	apptest.Must(t, err, "verify")
	if !report.Sound || report.Uncovered != 0 || report.Records == 0 {
		t.Errorf("the journal is not sound: %+v", report)
	}
}

// playAgain plays the spring on another database, every moment twice and with a restart every week; the journal must come out the same, byte for byte.
func playAgain(t *testing.T, st *stage, want [][]byte) {
	ctx := context.Background()
	for d := day(time.March, 13); d <= day(time.April, 14); d = d.AddDays(1) {
		for i, m := range st.play.Moments(d) {
			apptest.Must(t, st.play.Act(ctx, m), "act at %s", m.At)
			if d.Weekday() == time.Wednesday && i == 3 {
				st.restart()
			}
			apptest.Must(t, st.play.Act(ctx, m), "act at %s again", m.At)
			if refused := st.play.Refused(); len(refused) > 0 {
				t.Fatalf("tried again what was done: %v", refused)
			}
		}
	}
	got := st.records()
	for i := range min(len(got), len(want)) {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("record %d differs:\n%s\n%s", i+1, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d records the second time, %d the first", len(got), len(want))
	}
}

// TestScriptKeepsWorkingDays looks that everybody of the script acts on working days, from the ceremony to the end of the script.
func TestScriptKeepsWorkingDays(t *testing.T) {
	st := newStage(t)
	n := 0
	for d, acts := range st.play.acts {
		if !st.app.Calendar().Day(d).Working {
			t.Errorf("%s: somebody acts on a rest day: %s", d, acts[0].what)
		}
		if d < day(time.March, 13) || st.play.Over(d) {
			t.Errorf("%s: outside the script: %s", d, acts[0].what)
		}
		n += len(acts)
	}
	if n < 700 {
		t.Errorf("only %d acts", n)
	}
}

// TestVisitors lets people who signed in be quicker than the script: the rest of the play goes on.
func TestVisitors(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	apptest.Must(t, st.play.FastForward(ctx, day(time.March, 17)), "play")
	p := st.dossier("P-002").Project
	hand, lead := st.as("gxj.hand"), st.as("gxj.lead")
	apptest.Must(t, st.app.ReportProgress(ctx, hand, app.ReportProgress{Project: p.ID, Month: calendar.MakeMonth(2023, time.March), Fen: 5000 * wan, Text: "示例：访客先行填报"}), "report")
	apptest.Must(t, st.app.Disable(ctx, st.as("admin"), lead.ID, true), "disable")
	apptest.Must(t, st.play.FastForward(ctx, day(time.April, 21)), "play on")
	d := st.dossier("P-002")
	if d.Months[2].Entry.VerifiedFen != 5000*wan || d.Months[3].Entry == nil || d.Months[3].Entry.ReportedFen < 5000*wan {
		t.Errorf("March: %+v, April: %+v", d.Months[2].Entry, d.Months[3].Entry)
	}
	// A visitor's own claim is in the way of the script's: the script's is not made.
	q := st.dossier("P-001").Project
	apptest.Must(t, st.app.MoveProject(ctx, st.as("yqj.lead"), app.MoveProject{Project: q.ID, Version: q.Version, Move: "suspend", Reason: "示例：访客申请停缓建"}), "suspend")
	apptest.Must(t, st.play.FastForward(ctx, day(time.May, 16)), "play on")
	claims := st.dossier("P-001").Claims
	if len(claims) != 2 || claims[0].State != "claimed" || claims[0].Move != "suspend" {
		t.Errorf("claims: %+v", claims)
	}
}

// TestRefusalsAreNoted lets a verb refuse a scripted person: it is noted with the moment, and the play goes on.
func TestRefusalsAreNoted(t *testing.T) {
	ctx := context.Background()
	st := newStage(t)
	grants, err := st.app.Grants(ctx, st.as("admin"))
	apptest.Must(t, err, "grants")
	for _, g := range grants {
		if g.UserID == st.as("gxj.hand").ID {
			apptest.Must(t, st.app.Revoke(ctx, st.as("admin"), g.ID), "revoke")
		}
	}
	apptest.Must(t, st.play.FastForward(ctx, day(time.March, 13)), "play")
	refused := st.play.Refused()
	if len(refused) != 3 || !strings.HasPrefix(refused[0], "2023-03-13 09:30 P-002 claim start: ") {
		t.Errorf("refused: %q", refused)
	}
	if got := st.dossier("P-001").Project.Stage; got != "started" {
		t.Errorf("P-001 is %s", got)
	}
	if got := st.dossier("P-002").Project.Stage; got != "landed" {
		t.Errorf("P-002 is %s", got)
	}
}

// TestRecordsNameTheirActors looks that projects are moved by their own people and verified by others, and only the inventory by the set-up.
func TestRecordsNameTheirActors(t *testing.T) {
	st := newStage(t)
	loaded := len(st.records())
	apptest.Must(t, st.play.FastForward(context.Background(), day(time.March, 14)), "play")
	for _, line := range st.records()[loaded:] {
		var r audit.Record
		apptest.Must(t, json.Unmarshal(line, &r), "record")
		if r.Actor.Kind == "setup" {
			t.Errorf("record %d: %s by the set-up", r.No, r.Action)
		}
		if r.Action == "project.verify" && r.Actor.Unit != "区政府督查室" && r.Actor.Unit != "考评督导专班办公室" {
			t.Errorf("record %d: verified by %s of %s", r.No, r.Actor.Name, r.Actor.Unit)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		st := emptyStage(b, b.TempDir())
		apptest.Must(b, Load(context.Background(), st.app), "load")
	}
}

func BenchmarkYear(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		st := newStage(b)
		b.StartTimer()
		apptest.Must(b, st.play.FastForward(context.Background(), day(time.December, 31)), "play")
	}
}
