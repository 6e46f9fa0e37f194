package app_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// verb is one way to change something. by may do it with exactly these arguments, which shows that a refusal to others is for who they are.
type verb struct {
	name string
	by   string // account
	call func(as app.Actor) error
}

// ownMatters are verbs that everybody may use, on what is theirs: language, inbox, mail, session and password.
func ownMatters() []string {
	return []string{"Confirm", "DropView", "EndOtherSessions", "EndSession", "MarkRead", "RecordReading", "SaveView", "SetMail", "SetPassword", "SetTaste", "SignOut"}
}

// machineOnly are verbs of the machine itself: ResetPassword, RotateKey and MoveDates refuse people; Sweep and Examine are rung by the timetable.
func machineOnly() []string {
	return []string{"Examine", "MoveDates", "ResetPassword", "RotateKey", "Sweep"}
}

// scene is a district in the middle of its work, so that every verb has something to act on.
type scene struct {
	w                     *apptest.World
	s                     *apptest.Small
	project, claimed      *app.Project
	draft, running, extra int64    // a drafted ticket, one in progress; a user without roles
	slip, notice          int64    // papers that a supervisor issued
	extended, withdrawn   int64    // tickets on which requests for an extension wait
	law, holidays         int64    // drafts that wait for a second person
	dead                  [2]int64 // letters that were given up
	undo                  int64    // a ticket that was accepted a moment ago
	meetings              [4]int64 // one planned and three open
	decisions             [3]int64 // of the second meeting, no tickets yet
	disposal              int64    // that the administrator asked for
}

func newScene(t *testing.T, w *apptest.World) *scene {
	t.Helper()
	c := &scene{w: w, s: w.Seed(t)}
	ctx, hand := context.Background(), w.As(t, "gxj.hand")
	c.project, c.claimed = addProject(t, w, c.s, "P-001", "gxj"), addProject(t, w, c.s, "P-002", "gxj")
	apptest.Must(t, w.App.AddMilestone(ctx, w.As(t, "tf1"), app.AddMilestone{Project: c.project.ID, Name: "封顶", BaselineOn: date("2023-10-31")}), "milestone")
	apptest.Must(t, w.App.ReportProgress(ctx, hand, app.ReportProgress{Project: c.project.ID, Month: calendar.MakeMonth(2023, 2), Fen: 0}), "report")
	d, err := w.App.ProjectDossier(ctx, hand, "P-002")
	apptest.Must(t, err, "dossier")
	apptest.Must(t, w.App.MoveProject(ctx, hand, c.complete(d)), "claim")
	st := stage{t: t, w: w, s: c.s, tickets: map[string]int64{}}
	for _, line := range []string{`ticket D term="3 months"`, `ticket R term="3 months" assist=zjj`, "move R submit_draft as=sup", "move R approve as=dir", "move R accept as=zjj.hand", "move R accept", "move R start",
		`ticket E term="3 months" lead=zjj`, "move E submit_draft as=sup", "move E approve as=dir", "extend E to=2023-06-20 reason=示例 progress=示例 as=zjj.lead",
		`ticket W term="3 months" lead=zjj`, "move W submit_draft as=sup", "move W approve as=dir", "extend W to=2023-06-20 reason=示例 progress=示例 as=zjj.lead"} {
		apptest.Must(t, st.line(line), "%s", line)
	}
	c.draft, c.running, c.extended, c.withdrawn = st.tickets["D"], st.tickets["R"], st.tickets["E"], st.tickets["W"]
	slip, err := w.App.IssuePaper(ctx, w.As(t, "sup"), app.IssuePaper{ItemKind: "ticket", Item: c.running, Form: "blue_slip", Facts: "示例"})
	apptest.Must(t, err, "issue a slip")
	notice, err := w.App.IssuePaper(ctx, w.As(t, "dir"), app.IssuePaper{ItemKind: "project", Item: c.project.ID, Form: "public_notice", Facts: "示例"})
	apptest.Must(t, err, "issue a notice")
	c.slip, c.notice = slip.ID, notice.ID
	l, err := w.App.DraftLaw(ctx, w.As(t, "admin"), draftOfSecond("示例"))
	apptest.Must(t, err, "draft a law")
	v, err := w.App.UploadCalendar(ctx, w.As(t, "sup"), springFestival(2027, "2027-02-05~2027-02-11 休 春节\n2027-02-14 班"))
	apptest.Must(t, err, "upload a calendar")
	c.law, c.holidays = l.ID, v.ID
	u, err := w.App.AddUser(ctx, app.Setup("test"), app.AddUser{Account: "extra", Name: "示例新人", UnitID: c.s.Units["gxj"]})
	apptest.Must(t, err, "add user")
	c.extra = u.ID
	enact(t, w, "figures.yaml")
	c.givenUp(t)
	c.askDisposal(t)
	c.undo = c.accepted(t).ID
	c.meets(t)
	c.hangWall(t)
	c.standWitness(t)
	return c
}

// draftOfSecond drafts the second version of the rule set in testdata.
func draftOfSecond(reason string) app.DraftLaw {
	text, err := os.ReadFile("testdata/laws/second.yaml")
	if err != nil {
		panic(err)
	}
	return app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: reason, EffectiveFrom: date("2023-05-01")}
}

func springFestival(year int, text string) app.UploadCalendar {
	return app.UploadCalendar{Title: "示例放假通知", Number: fmt.Sprintf("示例〔%d〕1号", year-1), Covers: year, Text: text}
}

func (c *scene) complete(d app.Dossier) app.MoveProject {
	return app.MoveProject{Project: d.Project.ID, Version: d.Project.Version, Move: "complete", OccurredOn: date("2023-03-13"), Criterion: "accepted", Evidence: "示例"}
}

// read is the project as it is now.
func (c *scene) read(code string) app.Dossier {
	d, err := c.w.App.ProjectDossier(context.Background(), app.System("test"), code)
	if err != nil {
		panic(err)
	}
	return d
}

func (c *scene) ticket(id int64) app.Ticket {
	all, err := c.w.App.Tickets(context.Background(), app.System("test"), app.TicketFilter{})
	if err != nil {
		panic(err)
	}
	return all[slices.IndexFunc(all, func(k app.Ticket) bool { return k.ID == id })]
}

func (c *scene) force() app.TaskForce {
	d, err := c.w.App.Directory(context.Background())
	if err != nil {
		panic(err)
	}
	return d.TaskForces[c.s.Forces["10"]]
}

// verbs is every verb that is neither everybody's nor the machine's, in an order in which all of them succeed.
func (c *scene) verbs() []verb {
	return slices.Concat(c.peopleVerbs(), c.projectVerbs(), c.ticketVerbs(), c.paperVerbs(), c.lawVerbs(), c.scopeVerbs(), c.ledgerVerbs(), c.boardVerbs(), c.triageVerbs(), c.moveVerbs(), c.meetVerbs(), c.fileVerbs(), c.wallVerbs(), c.proofVerbs(), c.guardVerbs(), c.journalVerbs())
}

func (c *scene) peopleVerbs() []verb {
	ctx, a, s := context.Background(), c.w.App, c.s
	return []verb{
		{"SetPlace", "admin", func(as app.Actor) error { return a.SetPlace(ctx, as, "示例区") }},
		{"AddUnit", "admin", func(as app.Actor) error {
			return second(a.AddUnit(ctx, as, app.AddUnit{Code: "new", Name: "示例新单位", Kind: "bureau"}))
		}},
		{"AddUser", "admin", func(as app.Actor) error {
			return second(a.AddUser(ctx, as, app.AddUser{Account: "newcomer", Name: "示例", UnitID: s.Units["gxj"]}))
		}},
		{"Grant", "admin", func(as app.Actor) error {
			return second(a.Grant(ctx, as, app.Grant{UserID: c.extra, Role: workflows.RoleSupervisor, Scope: "district"}))
		}},
		{"Revoke", "admin", func(as app.Actor) error { return a.Revoke(ctx, as, 2) }},
		{"InviteLink", "admin", func(as app.Actor) error { return second(a.InviteLink(ctx, as, c.extra)) }},
		{"Disable", "admin", func(as app.Actor) error { return a.Disable(ctx, as, c.extra, true) }},
		{"AddTaskForce", "admin", func(as app.Actor) error {
			return second(a.AddTaskForce(ctx, as, app.AddTaskForce{Code: "4", Name: "兴金融", LeaderID: s.Users["tf1"]}))
		}},
		{"ChangeTaskForce", "admin", func(as app.Actor) error {
			f := c.force()
			return a.ChangeTaskForce(ctx, as, app.ChangeTaskForce{ID: f.ID, Version: f.Version, LeaderID: s.Users["tf10"], DeputyID: s.Users["kpb.lead"], UnitID: f.UnitID, Reason: "示例"})
		}},
		{"ExportJournal", "dir", func(as app.Actor) error { return a.ExportJournal(ctx, as, io.Discard) }},
	}
}

func (c *scene) projectVerbs() []verb {
	ctx, a, s := context.Background(), c.w.App, c.s
	return []verb{
		{"AddProject", "tf1", func(as app.Actor) error {
			return second(a.AddProject(ctx, as, app.AddProject{Code: "P-009", Name: "示例", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 1, Year: 2023}))
		}},
		{"Assign", "tf1", func(as app.Actor) error {
			d := c.read("P-001")
			return a.Assign(ctx, as, app.Assign{Project: d.Project.ID, Version: d.Project.Version, UnitID: s.Units["gxj"], LeadUnitID: s.Units["gxj"], Reason: "示例"})
		}},
		{"SetPlan", "tf1", func(as app.Actor) error {
			d := c.read("P-001")
			return a.SetPlan(ctx, as, app.SetPlan{Project: d.Project.ID, Version: d.Project.Version, Months: [12]int64{3: d.Project.YearPlanFen}})
		}},
		{"AddMilestone", "tf1", func(as app.Actor) error {
			return a.AddMilestone(ctx, as, app.AddMilestone{Project: c.project.ID, Name: "试车", BaselineOn: date("2023-11-30")})
		}},
		{"MoveMilestone", "gxj.hand", func(as app.Actor) error {
			m := c.read("P-001").Milestones[0]
			return a.MoveMilestone(ctx, as, app.MoveMilestone{Milestone: m.ID, Version: m.Version, RevisedOn: date("2023-12-15"), Reason: "示例"})
		}},
		{"VerifyProgress", "sup", func(as app.Actor) error {
			e := c.read("P-001").Months[1].Entry
			return a.VerifyProgress(ctx, as, app.VerifyProgress{Entry: e.ID, Version: e.Version, Accept: true, Fen: e.ReportedFen})
		}},
		{"ReportProgress", "gxj.hand", func(as app.Actor) error {
			return a.ReportProgress(ctx, as, app.ReportProgress{Project: c.project.ID, Month: calendar.MakeMonth(2023, 3), Fen: 1, Text: "示例"})
		}},
		{"AcceptReason", "dir", func(as app.Actor) error {
			return a.AcceptReason(ctx, as, app.AcceptReason{Project: c.project.ID, RuleID: "project.behind", Month: calendar.MakeMonth(2023, 4), Reason: "示例"})
		}},
		{"MoveProject", "gxj.hand", func(as app.Actor) error { return a.MoveProject(ctx, as, c.complete(c.read("P-001"))) }},
		{"DecideStage", "sup", func(as app.Actor) error {
			claim := c.read("P-002").Claims[0]
			return a.DecideStage(ctx, as, app.DecideStage{Claim: claim.ID, Version: claim.Version, Accept: true})
		}},
	}
}

func (c *scene) ticketVerbs() []verb {
	ctx, a, s := context.Background(), c.w.App, c.s
	return []verb{
		{"DraftTicket", "sup", func(as app.Actor) error {
			return second(a.DraftTicket(ctx, as, app.DraftTicket{Kind: "blocker", Cause: "land", Title: "示例", Basis: "示例", TaskForceID: s.Forces["1"],
				ProjectID: c.project.ID, LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"}))
		}},
		{"MoveTicket", "sup", func(as app.Actor) error {
			return second(a.MoveTicket(ctx, as, app.MoveTicket{Ticket: c.draft, Version: c.ticket(c.draft).Version, Move: "submit_draft"}))
		}},
		{"HandTicket", "gxj.lead", func(as app.Actor) error {
			return a.HandTicket(ctx, as, app.HandTicket{Ticket: c.running, Version: c.ticket(c.running).Version, HandlerID: s.Users["gxj.hand"]})
		}},
		{"AskExtension", "gxj.lead", func(as app.Actor) error {
			return a.AskExtension(ctx, as, app.AskExtension{Ticket: c.running, Version: c.ticket(c.running).Version, WantedOn: c.ticket(c.running).DueOn + 7, Reason: "示例", Progress: "示例"})
		}},
		{"DecideExtension", "tf1", func(as app.Actor) error {
			return a.DecideExtension(ctx, as, app.DecideExtension{Ticket: c.extended, Version: c.ticket(c.extended).Version, Grant: true})
		}},
		{"WithdrawExtension", "zjj.lead", func(as app.Actor) error {
			return a.WithdrawExtension(ctx, as, app.WithdrawExtension{Ticket: c.withdrawn, Version: c.ticket(c.withdrawn).Version})
		}},
	}
}

// life is a paper's life as it is now.
func (c *scene) life(paper int64) app.PaperLife {
	rows, err := c.w.App.Papers(context.Background(), app.System("test"), app.PaperFilter{})
	if err != nil {
		panic(err)
	}
	return rows[slices.IndexFunc(rows, func(r app.PaperRow) bool { return r.Paper.ID == paper })].Life
}

func (c *scene) paperVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"SetPaperPrefix", "admin", func(as app.Actor) error { return a.SetPaperPrefix(ctx, as, "示例") }},
		{"ReceivePaper", "gxj.hand", func(as app.Actor) error {
			return a.ReceivePaper(ctx, as, app.ReceivePaper{Paper: c.slip, Version: c.life(c.slip).Version})
		}},
		{"PromisePaper", "gxj.hand", func(as app.Actor) error {
			return a.PromisePaper(ctx, as, app.PromisePaper{Paper: c.slip, Version: c.life(c.slip).Version, On: a.Today().AddDays(3), NextStep: "示例"})
		}},
		{"AnswerPaper", "gxj.lead", func(as app.Actor) error {
			return a.AnswerPaper(ctx, as, app.AnswerPaper{Paper: c.slip, Version: c.life(c.slip).Version, Text: "示例"})
		}},
		{"DecidePaper", "sup", func(as app.Actor) error {
			return a.DecidePaper(ctx, as, app.DecidePaper{Paper: c.slip, Version: c.life(c.slip).Version, Verdict: "accept"})
		}},
		{"RecordPaper", "dir", func(as app.Actor) error {
			return a.RecordPaper(ctx, as, app.RecordPaper{Paper: c.notice, Version: c.life(c.notice).Version, On: a.Today(), Who: "示例", Facts: "示例", Requirements: "示例"})
		}},
		{"IssuePaper", "sup", func(as app.Actor) error {
			return second(a.IssuePaper(ctx, as, app.IssuePaper{ItemKind: "ticket", Item: c.running, Form: "supervision_form", Facts: "示例"}))
		}},
	}
}

func (c *scene) lawVerbs() []verb {
	ctx, a := context.Background(), c.w.App
	return []verb{
		{"DraftLaw", "admin", func(as app.Actor) error {
			cmd := draftOfSecond("示例：再改")
			cmd.Law, cmd.Version = c.law, c.lawVersion()
			return second(a.DraftLaw(ctx, as, cmd))
		}},
		{"DecideLaw", "dir", func(as app.Actor) error {
			return second(a.DecideLaw(ctx, as, app.DecideLaw{Law: c.law, Version: c.lawVersion(), Decision: "approve"}))
		}},
		{"UploadCalendar", "sup", func(as app.Actor) error {
			return second(a.UploadCalendar(ctx, as, springFestival(2028, "2028-01-25~2028-01-31 休 春节")))
		}},
		{"DecideCalendar", "dir", func(as app.Actor) error {
			return a.DecideCalendar(ctx, as, app.DecideCalendar{ID: c.holidays, Version: 1, Approve: true})
		}},
	}
}

func (c *scene) lawVersion() int64 {
	f, err := c.w.App.LawFile(context.Background(), app.System("test"), c.law)
	if err != nil {
		panic(err)
	}
	return f.Law.Version
}

// changing are the verbs of the App that take an Actor and go through one of the doors, by themselves or by another verb, as the source has them.
func changing(t *testing.T) []string {
	t.Helper()
	all := source(t)
	var found []string
	for grown := true; grown; {
		grown = false
		for _, f := range all {
			through := slices.ContainsFunc(f.mentions, func(m string) bool {
				return m == "a.write" || m == "a.chore" || strings.HasPrefix(m, "a.") && slices.Contains(found, strings.TrimPrefix(m, "a."))
			})
			if f.receiver == "App" && through && !slices.Contains(found, f.name) {
				found, grown = append(found, f.name), true
			}
		}
	}
	return named(all, func(f function) bool {
		return f.receiver == "App" && f.actor && slices.Contains(found, f.name) && f.name[0] >= 'A' && f.name[0] <= 'Z'
	})
}

// A new verb must come with its place in these tests.
func TestEveryVerbIsTried(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	c := newScene(t, w)
	known := slices.Concat(ownMatters(), machineOnly())
	for _, v := range c.verbs() {
		known = append(known, v.name)
	}
	slices.Sort(known)
	if got := changing(t); !slices.Equal(got, known) {
		t.Errorf("verbs with an Actor that change something:\n    got %v\ntested %v", got, known)
	}
	for _, name := range known {
		if _, ok := reflect.TypeFor[*app.App]().MethodByName(name); !ok {
			t.Errorf("there is no verb %s", name)
		}
	}
}

// Inspectors look and export, administrators administer people, and strangers to a matter do nothing: every other verb is denied and leaves every table as it was.
func TestWhoChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		c := newScene(t, w)
		people := []string{"AddTaskForce", "AddUnit", "AddUser", "ChangeTaskForce", "Disable", "Grant", "InviteLink", "Revoke", "SetPaperPrefix", "SetPlace"}
		may := map[string][]string{"insp": {"AddWitness", "ExportArchive", "ExportCase", "ExportJournal", "PublishCheckpoint", "RecordExtract", "RevokeWitness"}, "admin": slices.Concat(people, []string{"AddWallLink", "AddWitness", "AskDisposal", "DraftLaw", "RevokeWallLink", "RevokeWitness", "SetRetention", "UploadCalendar"}), "kpb.hand": nil, "kpb.lead": nil, "tf10": nil,
			"leader": {"AddAttachment", "AddComment", "DecideCalendar", "DecideDisposal", "DecideLaw"}, "extra": nil}
		side := lookAside(t, w)
		before := side.sums()
		for account, allowed := range may {
			as := w.As(t, account)
			for _, v := range c.verbs() {
				if slices.Contains(allowed, v.name) {
					continue
				}
				err := v.call(as)
				if f := app.AsFaults(err); len(f) != 1 || f[0].Kind != app.Denied && f[0].Kind != app.Missing {
					t.Errorf("%s by %s: %v, want denied or missing", v.name, account, err)
				}
				if after := side.sums(); !reflect.DeepEqual(before, after) {
					t.Errorf("%s by %s was refused and changed %v", v.name, account, differ(before, after))
					before = after
				}
			}
			wantKind(t, "ResetPassword by "+account, w.App.ResetPassword(context.Background(), as, "extra", goodPassword), app.Denied, "denied")
		}
		for _, v := range c.verbs() {
			apptest.Must(t, v.call(w.As(t, v.by)), "%s by %s", v.name, v.by)
			if after := side.sums(); reflect.DeepEqual(before, after) {
				t.Errorf("%s by %s changed nothing", v.name, v.by)
			} else {
				before = after
			}
		}
		apptest.Must(t, c.peopleVerbs()[len(c.peopleVerbs())-1].call(w.As(t, "insp")), "ExportJournal by the inspector")
		sound(t, w)
	})
}

// What everybody may change is only theirs.
func TestOwnMattersTouchNobodyElse(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		newScene(t, w)
		ctx, side, insp := context.Background(), lookAside(t, w), w.As(t, "insp")
		password(t, w, "insp", goodPassword)
		password(t, w, "sup", goodPassword)
		token, others := signIn(t, w, "insp"), signIn(t, w, "sup")
		elsewhere := []string{signIn(t, w, "insp"), signIn(t, w, "insp")}
		if n, err := w.App.DeliverInbox(ctx); n == 0 || err != nil {
			t.Fatalf("%d reminders delivered, %v", n, err)
		}
		rest := func() []string {
			return slices.Concat(side.rows("SELECT * FROM users WHERE account <> 'insp' ORDER BY id"), side.rows("SELECT * FROM sessions WHERE user_id <> ?", insp.ID))
		}
		strangers := rest()
		for _, c := range []struct {
			name   string
			tables []string
			call   func() error
		}{
			{"SetTaste", []string{"register", "users"}, func() error { return w.App.SetTaste(ctx, insp, "en", "dark") }},
			{"MarkRead", nil, func() error { return w.App.MarkRead(ctx, insp, 1000) }},
			{"RecordReading", []string{"journal", "journal_hashes", "journal_head"}, func() error { return w.App.RecordReading(ctx, insp, "/journal") }},
			{"SaveView", []string{"counters", "journal", "journal_hashes", "journal_head", "saved_views"}, func() error {
				return w.App.SaveView(ctx, insp, app.SaveView{Name: "示例", Query: "view=tickets", Scope: "own"})
			}},
			{"DropView", []string{"journal", "journal_hashes", "journal_head", "saved_views"}, func() error {
				views, err := w.App.Views(ctx, insp)
				if err != nil || len(views) != 1 {
					return fmt.Errorf("%d views, %w", len(views), err)
				}
				return w.App.DropView(ctx, insp, app.DropView{ID: views[0].ID, Version: views[0].Version})
			}},
			{"Confirm", []string{"journal", "journal_hashes", "journal_head", "login_attempts", "sessions"}, func() (err error) {
				token, err = w.App.Confirm(ctx, insp, "insp", token, goodPassword)
				return err
			}},
			{"EndSession", []string{"journal", "journal_hashes", "journal_head", "sessions"}, func() error {
				return w.App.EndSession(ctx, insp, codeOf(t, w, "insp", elsewhere[0]))
			}},
			{"EndOtherSessions", []string{"journal", "journal_hashes", "journal_head", "sessions"}, func() error {
				return w.App.EndOtherSessions(ctx, insp, token)
			}},
			{"SetPassword", []string{"journal", "journal_hashes", "journal_head", "known_devices", "register", "sessions", "users"}, func() error {
				return w.App.SetPassword(ctx, insp, "insp", app.SetPassword{Current: goodPassword, New: "夏夜星河-2023-Ab", Again: "夏夜星河-2023-Ab"})
			}},
			{"SignOut", []string{"journal", "journal_hashes", "journal_head"}, func() error { return w.App.SignOut(ctx, insp, token) }},
		} {
			before := side.sums()
			apptest.Must(t, c.call(), "%s", c.name)
			if got := differ(before, side.sums()); !slices.Equal(got, c.tables) {
				t.Errorf("%s changed %v, want %v", c.name, got, c.tables)
			}
		}
		if !slices.Equal(strangers, rest()) || !alive(t, w, others) {
			t.Error("somebody else's account or session was touched")
		}
		wantKind(t, "a language that there is not", w.App.SetTaste(ctx, insp, "xx", ""), app.Invalid, "choose")
	})
}
