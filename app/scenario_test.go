package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// TestScenarios plays every testdata/scenarios/*.txtar on both databases: the specification, as a supervisor would tell it.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			var first []string
			apptest.Each(t, os.Getenv("BATTLEMAP_TEST_POSTGRES"), func(t *testing.T, w *apptest.World) {
				w.At(t, opens(t, file))
				play(t, file, newStage(t, w))
				healthy(t, w)
				journal := journalBytes(t, w)
				if first == nil {
					first = journal
				}
				sameLines(t, "the journal on either database", first, journal)
			})
		})
	}
}

// opens is when the small district is set up: as the archive's "opens" file says, or on the morning of the ceremony.
func opens(t *testing.T, file string) string {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range archive.Files {
		if part.Name == "opens" {
			return strings.TrimSpace(string(part.Data))
		}
	}
	return "2023-03-13 09:00"
}

// stage is where a scenario is played.
type stage struct {
	t        *testing.T
	w        *apptest.World
	s        *apptest.Small
	tickets  map[string]int64
	notices  map[string]int64
	meetings map[string]int64
	asked    int    // requests so far
	looked   int    // how often the map was held against the journal
	sweep    func() // how the bell is rung; a test may kill the process after every step
}

func newStage(t *testing.T, w *apptest.World) *stage {
	st := &stage{t: t, w: w, s: w.Seed(t), tickets: map[string]int64{}, notices: map[string]int64{}, meetings: map[string]int64{}}
	st.sweep = func() {
		swept, err := w.App.Sweep(context.Background(), app.System("sweep"), 0)
		apptest.Must(t, err, "sweep")
		if swept.Failed > 0 {
			t.Fatalf("sweep failed on %d items: %s", swept.Failed, w.Log)
		}
	}
	return st
}

// play runs the lines of the archive's "story" file. A line that begins with "refuse KEY" must fail with that fault.
func play(t *testing.T, file string, st *stage) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range archive.Files {
		if part.Name != "story" {
			continue
		}
		for i, line := range strings.Split(string(part.Data), "\n") {
			line, _, _ = strings.Cut(line, "#")
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if err := st.line(line); err != nil {
				t.Fatalf("%s: story line %d: %s\n\t%v", file, i+1, line, err)
			}
			if differs := st.pastDiffers(); differs != "" {
				t.Fatalf("%s: after story line %d: %s\nthe map is not what the journal tells:\n%s", file, i+1, line, differs)
			}
		}
	}
}

// pastDiffers holds the map against the one that the journal tells; "" too where a scenario began on a day that lies before the district's set-up.
func (st *stage) pastDiffers() string {
	first, err := st.w.App.FirstDay(context.Background())
	apptest.Must(st.t, err, "first day")
	if st.w.App.Today() < first {
		return ""
	}
	st.looked++
	others := []string{"gxj.hand", "zjj.lead", "tf1m", "leader"}
	for _, account := range []string{"dir", others[st.looked%len(others)]} {
		as := st.w.As(st.t, account)
		if differs := apptest.ShownLive(st.t, st.w.App, as).Differs(apptest.ShownAt(st.t, st.w.App, as, st.w.App.Today())); differs != "" {
			return account + " sees " + differs
		}
	}
	return ""
}

func (st *stage) line(line string) error {
	if rest, ok := strings.CutPrefix(line, "refuse "); ok {
		key, command, _ := strings.Cut(rest, " ")
		return wantFault(key, st.do(command))
	}
	return st.do(line)
}

func wantFault(key string, err error) error {
	var keys []string
	for _, f := range app.AsFaults(err) {
		keys = append(keys, f.Key)
	}
	if !slices.Contains(keys, key) {
		return fmt.Errorf("want refusal %q, got %v", key, err)
	}
	return nil
}

// words splits a command into its plain words and its name=value options; values may be quoted.
func words(line string) (plain []string, opt map[string]string) {
	opt = map[string]string{}
	for _, m := range regexp.MustCompile(`([a-z_]+)=("[^"]*"|\S+)|"[^"]*"|\S+`).FindAllStringSubmatch(line, -1) {
		if m[1] != "" {
			opt[m[1]] = strings.Trim(m[2], `"`)
			continue
		}
		plain = append(plain, strings.Trim(m[0], `"`))
	}
	return plain, opt
}

func (st *stage) do(line string) error {
	w, opt := words(line)
	if known, err := st.paperWord(w, opt); known {
		return err
	}
	if known, err := st.scopeWord(w, opt); known {
		return err
	}
	if known, err := st.boardWord(w, opt); known {
		return err
	}
	if known, err := st.triageWord(w, opt); known {
		return err
	}
	if known, err := st.meetWord(w, opt); known {
		return err
	}
	switch w[0] {
	case "at":
		st.at(w[1:])
	case "after":
		return st.after(w[1], w[2])
	case "tick":
		return st.tick()
	case "daily":
		return st.daily(w[1])
	case "project":
		return st.project(w[1], opt)
	case "plan":
		d, err := st.dossier(w[1])
		if err != nil {
			return err
		}
		return st.plan(d.Project.ID, d.Project.YearPlanFen, opt)
	case "milestone":
		return st.milestone(w[1], w[2], w[3])
	case "reach", "revise":
		return st.moveMilestone(w[0], w[1], w[2], w[3], opt)
	case "report", "verify", "return":
		return st.progress(w[0], w[1], w[2], w[3], opt)
	case "claim":
		return st.claim(w[1], w[2], opt)
	case "decide":
		return st.decide(w[1], w[2], opt)
	case "exempt":
		return st.exempt(w[1], w[2], w[3], opt)
	case "ticket":
		return st.ticket(w[1], opt)
	case "move":
		return st.move(w[1], w[2], opt)
	case "undo":
		return st.undo(w[1], opt)
	case "extend", "decide_extension", "withdraw_extension", "hand":
		return st.remember(w, opt)
	case "law":
		return st.law(w[1:], opt)
	case "disable":
		return st.w.App.Disable(context.Background(), st.w.As(st.t, "admin"), st.s.Users[w[1]], true)
	case "expect":
		return st.expect(w[1:], opt)
	default:
		if known, err := st.worktime(w, opt); known {
			return err
		}
		return fmt.Errorf("unknown command %q", w[0])
	}
	return nil
}

func (st *stage) at(w []string) {
	clock := "09:00"
	if len(w) > 1 {
		clock = w[1]
	}
	st.w.At(st.t, w[0]+" "+clock)
}

func (st *stage) after(n, unit string) error {
	term, err := calendar.ParseTerm(n + " " + unit)
	if err != nil {
		return err
	}
	cal := st.w.Options.Calendar
	day, err := cal.Due(cal.Today(st.w.Clock.Now()), term)
	if err != nil {
		return err
	}
	st.w.Clock.Set(cal.At(day, 9, 0))
	return nil
}

// tick rings the bells once.
func (st *stage) tick() error {
	st.sweep()
	_, err := st.w.App.DeliverInbox(context.Background())
	return err
}

// daily rings the bells at 08:30, 12:00, 17:00 and 22:00 of every day, rest days too, up to and with the given day.
func (st *stage) daily(until string) error {
	last, err := calendar.ParseDate(until)
	if err != nil {
		return err
	}
	cal := st.w.Options.Calendar
	now := st.w.Clock.Now()
	for day := cal.Today(now); day <= last; day = day.AddDays(1) {
		for _, at := range [][2]int{{8, 30}, {12, 0}, {17, 0}, {22, 0}} {
			ring := cal.At(day, at[0], at[1])
			if !ring.After(now) {
				continue
			}
			st.w.Clock.Set(ring)
			if err := st.tick(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (st *stage) actor(opt map[string]string, otherwise string) app.Actor {
	as := st.w.As(st.t, or(opt["as"], otherwise))
	st.asked++
	as.Request = fmt.Sprint("line ", st.asked) // as every request has its own
	return as
}

func date(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		return 0
	}
	return d
}

// yuan100m is money in 亿元.
func fen(yiYuan string) int64 {
	n, err := strconv.ParseFloat(yiYuan, 64)
	if err != nil {
		return 0
	}
	return int64(n*1e10 + 0.5)
}

// project P-001 stage=landed start=2023-03-20 year=1 plan=0,0,10,... : a project of task force 1 and unit gxj; the plan is in per cent of the year's 亿元 by month.
func (st *stage) project(code string, opt map[string]string) error {
	ctx, as := context.Background(), st.actor(opt, "tf1")
	year := fen(opt["year"])
	p, err := st.w.App.AddProject(ctx, as, app.AddProject{Code: code, Name: "示例项目" + code, Level: "city", TaskForceID: st.s.Forces["1"], Sample: true, InPlan: true,
		InvestFen: 3 * max(year, 1), YearPlanFen: year, Year: 2023, Stage: opt["stage"], PlannedStartOn: date(opt["start"]), Enterprise: "示例企业"})
	if err != nil {
		return err
	}
	err = st.w.App.Assign(ctx, as, app.Assign{Project: p.ID, UnitID: st.s.Units["gxj"], LeadUnitID: st.s.Units["gxj"],
		ResponsibleID: st.s.Users["gxj.hand"], GuaranteeLeaderID: st.s.Users["guar"]})
	if err != nil || opt["plan"] == "" {
		return err
	}
	return st.plan(p.ID, year, opt)
}

// plan sets the plan of a project's year, in per cent by month.
func (st *stage) plan(project, year int64, opt map[string]string) error {
	cmd := app.SetPlan{Project: project, Reason: opt["reason"]}
	for i, share := range strings.Split(opt["plan"], ",") {
		n, err := strconv.ParseInt(share, 10, 64)
		if err != nil {
			return err
		}
		cmd.Months[i] = n * year / 100
	}
	return st.w.App.SetPlan(context.Background(), st.actor(opt, "tf1"), cmd)
}

func (st *stage) dossier(code string) (app.Dossier, error) {
	return st.w.App.ProjectDossier(context.Background(), app.System("test"), code)
}

func (st *stage) milestone(code, name, on string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	return st.w.App.AddMilestone(context.Background(), st.w.As(st.t, "tf1"), app.AddMilestone{Project: d.Project.ID, Name: name, BaselineOn: date(on),
		Final: strings.HasPrefix(name, "竣工")})
}

func (st *stage) moveMilestone(verb, code, name, on string, opt map[string]string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Milestones, func(m app.Milestone) bool { return m.Name == name })
	if i < 0 {
		return fmt.Errorf("no milestone %s", name)
	}
	cmd := app.MoveMilestone{Milestone: d.Milestones[i].ID, Version: d.Milestones[i].Version, Reason: opt["reason"], Decision: opt["decision"]}
	if verb == "reach" {
		cmd.ActualOn = date(on)
	} else {
		cmd.RevisedOn = date(on)
	}
	return st.w.App.MoveMilestone(context.Background(), st.actor(opt, "gxj.hand"), cmd)
}

// progress: report|verify P-001 2023-03 45% funds=40% : cumulative per cent of the year's plan; funds in place are left out where not written.
func (st *stage) progress(verb, code, month, share string, opt map[string]string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	m, err := calendar.ParseMonth(month)
	if err != nil {
		return err
	}
	percent, err := strconv.ParseFloat(strings.TrimSuffix(share, "%"), 64)
	if err != nil {
		return err
	}
	amount := int64(percent*float64(d.Project.YearPlanFen)/100 + 0.5)
	var funds *int64
	if text := opt["funds"]; text != "" {
		percent, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
		if err != nil {
			return err
		}
		n := int64(percent*float64(d.Project.YearPlanFen)/100 + 0.5)
		funds = &n
	}
	entry := d.Months[m.Number()-1].Entry
	if entry == nil {
		entry = &app.ProgressEntry{}
	}
	ctx := context.Background()
	if verb == "report" {
		return st.w.App.ReportProgress(ctx, st.actor(opt, "gxj.hand"), app.ReportProgress{Project: d.Project.ID, Version: entry.Version, Month: m, Fen: amount, FundsFen: funds, Text: opt["text"]})
	}
	return st.w.App.VerifyProgress(ctx, st.actor(opt, "sup"), app.VerifyProgress{Entry: entry.ID, Version: entry.Version, Accept: verb == "verify", Fen: amount, FundsFen: funds, Note: opt["note"]})
}

func (st *stage) claim(code, move string, opt map[string]string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	return st.w.App.MoveProject(context.Background(), st.actor(opt, "gxj.hand"), app.MoveProject{Project: d.Project.ID, Version: d.Project.Version, Move: move,
		OccurredOn: date(opt["on"]), Criterion: opt["criterion"], Evidence: opt["evidence"], Reason: opt["reason"]})
}

func (st *stage) decide(code, verdict string, opt map[string]string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Claims, func(c app.StageClaim) bool { return c.State == "claimed" })
	if i < 0 {
		return fmt.Errorf("no claim waits on %s", code)
	}
	return st.w.App.DecideStage(context.Background(), st.actor(opt, "sup"), app.DecideStage{Claim: d.Claims[i].ID, Version: d.Claims[i].Version,
		Accept: verdict == "accept", Note: opt["note"]})
}

func (st *stage) exempt(code, rule, month string, opt map[string]string) error {
	d, err := st.dossier(code)
	if err != nil {
		return err
	}
	m, err := calendar.ParseMonth(month)
	if err != nil {
		return err
	}
	return st.w.App.AcceptReason(context.Background(), st.actor(opt, "dir"), app.AcceptReason{Project: d.Project.ID, RuleID: rule, Month: m, Reason: opt["reason"]})
}

// ticket NAME kind=assignment lead=gxj assist=zjj tf=1 term="5 workdays" as=sup
func (st *stage) ticket(name string, opt map[string]string) error {
	cmd := app.DraftTicket{Kind: opt["kind"], Title: name, Basis: "示例依据", Instruction: opt["instruction"], TaskForceID: st.s.Forces[or(opt["tf"], "1")],
		LeadUnitID: st.s.Units[or(opt["lead"], "gxj")], DueTerm: opt["term"], DueOn: date(opt["due"]), LeaderID: st.s.Users[opt["leader"]], Cause: opt["cause"],
		Complex: opt["complex"] == "yes", Urgency: opt["urgency"], Importance: opt["importance"]}
	if cmd.Kind == "" {
		cmd.Kind = "assignment"
	}
	if opt["assist"] != "" {
		cmd.AssistUnitIDs = []int64{st.s.Units[opt["assist"]]}
	}
	k, err := st.w.App.DraftTicket(context.Background(), st.actor(opt, "sup"), cmd)
	if err != nil {
		return err
	}
	st.tickets[name] = k.ID
	return nil
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func (st *stage) find(name string) (app.Ticket, error) {
	all, err := st.w.App.Tickets(context.Background(), app.System("test"), app.TicketFilter{})
	if err != nil {
		return app.Ticket{}, err
	}
	i := slices.IndexFunc(all, func(k app.Ticket) bool { return k.ID == st.tickets[name] })
	if i < 0 {
		return app.Ticket{}, fmt.Errorf("no ticket %s", name)
	}
	return all[i], nil
}

func (st *stage) move(name, move string, opt map[string]string) error {
	k, err := st.find(name)
	if err != nil {
		return err
	}
	version := k.Version
	if opt["version"] != "" {
		if version, err = strconv.ParseInt(opt["version"], 10, 64); err != nil {
			return err
		}
	}
	_, err = st.w.App.MoveTicket(context.Background(), st.actor(opt, "gxj.hand"), app.MoveTicket{Ticket: k.ID, Version: version, Move: move, Reason: opt["reason"],
		Feedback: opt["feedback"], Note: opt["note"], ExpectedEnd: date(opt["end"]), ShownOn: date(opt["shown"]),
		ReasonCode: or(opt["code"], "other"), DueOn: date(opt["due"])})
	return err
}

func (st *stage) expect(w []string, opt map[string]string) error {
	switch w[0] {
	case "light":
		return st.expectLight(w[1], w[2], opt)
	case "stage":
		d, err := st.dossier(w[1])
		return same(err, d.Project.Stage, w[2])
	case "state":
		k, err := st.find(w[1])
		return same(err, k.State, w[2])
	case "due":
		k, err := st.find(w[1])
		return same(err, k.DueOn.String(), w[2])
	case "baseline", "judged", "review", "dates", "date", "counts", "desk":
		return st.expectMemory(w, opt)
	case "reminders":
		return st.expectReminders(w[1], opt)
	case "quiet":
		return st.expectQuiet(date(w[1]), date(w[2]))
	case "law":
		return st.expectLaw(w[1], opt)
	case "steps":
		return st.expectSteps(w[1], w[2:])
	case "since":
		return st.expectSince(w[1], w[2])
	case "unique":
		return st.expectUnique()
	case "sound":
		return st.expectSound()
	}
	return fmt.Errorf("unknown expectation %q", w[0])
}

func same(err error, got, want string) error {
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

// expectLight looks at a project P-..., at one of its milestones (milestone=NAME) or at a ticket by its name.
func (st *stage) expectLight(what, want string, opt map[string]string) error {
	if want == "none" {
		want = ""
	}
	light, rule := workflows.LightNone, ""
	if _, ok := st.tickets[what]; ok {
		k, err := st.find(what)
		if err != nil {
			return err
		}
		light, rule = k.Light, k.LightRule
	} else {
		d, err := st.dossier(what)
		if err != nil {
			return err
		}
		light, rule = d.Project.Light, d.Project.LightRule
		for _, m := range d.Milestones {
			if m.Name == opt["milestone"] {
				light, rule = m.Light, m.LightRule
			}
		}
	}
	if opt["rule"] != "" && rule != opt["rule"] {
		return fmt.Errorf("light %q by rule %q, want rule %q", light, rule, opt["rule"])
	}
	return same(nil, string(light), want)
}

// expectReminders counts the reminders that have appeared in inboxes, by rule=, step=, due= and for=.
func (st *stage) expectReminders(want string, opt map[string]string) error {
	n := 0
	for _, r := range st.reminders() {
		if (opt["rule"] == "" || r.RuleID == opt["rule"]) && (opt["step"] == "" || r.Step == opt["step"]) && (opt["due"] == "" || r.DueOn.String() == opt["due"]) &&
			(opt["for"] == "" || r.RecipientID == st.s.Users[opt["for"]]) {
			n++
		}
	}
	return same(nil, strconv.Itoa(n), want)
}

// reminders are those that have appeared in somebody's inbox.
func (st *stage) reminders() []app.Reminder {
	st.t.Helper()
	var out []app.Reminder
	for account := range st.s.Users {
		rows, err := st.w.App.Inbox(context.Background(), st.w.As(st.t, account), 0, 10000)
		apptest.Must(st.t, err, "inbox of %s", account)
		out = append(out, rows...)
	}
	return out
}

func (st *stage) expectQuiet(from, to calendar.Date) error {
	cal := st.w.Options.Calendar
	for _, r := range st.reminders() {
		at := time.Unix(r.SettledAt, 0)
		if day := cal.Today(at); day >= from && day <= to {
			return fmt.Errorf("%s %s reached somebody on %s", r.RuleID, r.Step, day)
		}
		if !cal.Open(at) {
			return fmt.Errorf("%s %s reached somebody at %s, outside working time", r.RuleID, r.Step, at.In(cal.Location()))
		}
	}
	return nil
}

// expectUnique looks for two reminders of one (item, rule, step, due, recipient, channel).
func (st *stage) expectUnique() error {
	seen := map[string]bool{}
	for _, r := range st.reminders() {
		key := fmt.Sprint(r.ItemKind, r.ItemID, r.RuleID, r.Step, r.DueOn, r.RecipientID, r.Channel)
		if seen[key] {
			return fmt.Errorf("reminded twice: %s", key)
		}
		seen[key] = true
	}
	if len(seen) == 0 {
		return fmt.Errorf("nobody was reminded of anything")
	}
	return nil
}

// expectSound exports the journal and verifies it with the public key.
func (st *stage) expectSound() error {
	var zip bytes.Buffer
	if err := st.w.App.ExportJournal(context.Background(), st.w.As(st.t, "insp"), &zip); err != nil {
		return err
	}
	report, err := audit.Verify(audit.Input{Key: st.w.Public, Export: bytes.NewReader(zip.Bytes()), ExportSize: int64(zip.Len())})
	if err != nil {
		return err
	}
	if !report.Sound || report.Uncovered != 0 || report.Records == 0 {
		return fmt.Errorf("journal is not sound: %+v", report)
	}
	healthy(st.t, st.w)
	return nil
}
