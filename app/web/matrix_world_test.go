package web_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// The places of objects in the matrix. "own" is of task force 1 and of unit gxj, to which the people of the matrix belong; "unit" is of task force 1 and of another unit;
// "force" is of task force 10 and its unit; "none" does not exist.
func matrixPlaces() []string { return []string{"own", "unit", "force", "none"} }

// stock is what the matrix is tried on: by place, the words that stand between braces in testdata/matrix.txt.
type stock struct {
	w     *apptest.World
	s     *apptest.Small
	t     *testing.T
	words map[string]map[string]string
}

// query reads one value past the App.
func (k *stock) query(one func(string, ...any) string, place, name, sql string, args ...any) {
	k.words[place][name] = one(sql, args...)
}

// placed says where the objects of a place belong.
type placed struct{ place, force, lead, unit, other string }

func stocked(t *testing.T, w *apptest.World, s *apptest.Small, asset string, one func(string, ...any) string) map[string]map[string]string {
	t.Helper()
	k := &stock{w: w, s: s, t: t, words: map[string]map[string]string{"none": {}}}
	for _, p := range []placed{{"own", "1", "tf1", "gxj", "zjj"}, {"unit", "1", "tf1", "zjj", "kpb"}, {"force", "10", "tf10", "kpb", "zjj"}} {
		k.words[p.place] = map[string]string{"tf": p.force, "tf.id": num(s.Forces[p.force]), "unit.id": num(s.Units[p.unit]), "unit.code": p.unit, "hand": num(s.Users[p.unit+".hand"]),
			"account": p.unit + ".hand", "other.id": num(s.Units[p.other])}
		k.projects(p, one)
		k.tickets(p, one)
		k.meetings(p, one)
	}
	k.district(one)
	k.words["own"]["hash"], k.words["own"]["asset"], _ = strings.Cut(asset, "/")
	for name := range k.words["own"] {
		k.words["none"][name] = missingWord(name)
	}
	return k.words
}

// missingWord is what names no object, as long as what does.
func missingWord(name string) string {
	switch name {
	case "ticket", "asked", "slipped", "shared", "draft", "answeredticket":
		return "2023-999"
	case "project", "claimed":
		return "P-999"
	case "paper", "answered":
		return "blue_slip-2023-9"
	case "meeting", "held":
		return "2023-99"
	case "file":
		return "ffffffffffffffffffffffffffffffff"
	case "account":
		return "nobody1"
	case "unit.code", "tf", "chart", "question", "demo":
		return "zz"
	case "asset":
		return "none.css"
	}
	return "9999"
}

func (k *stock) projects(p placed, one func(string, ...any) string) {
	ctx, a, words := context.Background(), k.w.App, k.words[p.place]
	lead, hand := k.w.As(k.t, p.lead), k.w.As(k.t, p.unit+".hand")
	for _, name := range []string{"project", "claimed"} {
		row, err := a.AddProject(ctx, lead, app.AddProject{Name: "示例" + name + p.place, Level: "city", Year: 2023, Sample: true, TaskForceID: k.s.Forces[p.force], InPlan: true, InvestFen: 30000 * wan,
			YearPlanFen: 12000 * wan, PlannedStartOn: calendar.MakeDate(2023, 3, 1), Stage: "building"})
		apptest.Must(k.t, err, "add a project")
		apptest.Must(k.t, a.Assign(ctx, lead, app.Assign{Project: row.ID, LeadUnitID: k.s.Units[p.unit], UnitID: k.s.Units[p.unit], ResponsibleID: k.s.Users[p.unit+".hand"]}), "assign")
		words[name], words[name+".id"], words[name+".name"] = row.Code, num(row.ID), row.Name
	}
	id := number64(words["project.id"])
	var months [12]int64
	for i := range months {
		months[i] = 1000 * wan
	}
	apptest.Must(k.t, a.SetPlan(ctx, lead, app.SetPlan{Project: id, Months: months}), "plan")
	apptest.Must(k.t, a.AddMilestone(ctx, lead, app.AddMilestone{Project: id, Name: "主体封顶", BaselineOn: calendar.MakeDate(2023, 6, 30)}), "add a milestone")
	apptest.Must(k.t, a.ReportProgress(ctx, hand, app.ReportProgress{Project: id, Month: calendar.MakeMonth(2023, 3), Fen: 2500 * wan, Text: "示例"}), "report")
	_, err := a.AddComment(ctx, hand, app.AddComment{ItemKind: "project", Item: id, Body: "示例：一句话"})
	apptest.Must(k.t, err, "comment")
	file, err := a.AddAttachment(ctx, hand, app.AddAttachment{ItemKind: "project", Item: id, Kind: "document", Name: "示例.txt", Data: []byte("示例")})
	apptest.Must(k.t, err, "hand a file in")
	words["file"] = file.Code
	claimed := number64(words["claimed.id"])
	version := number64(one("SELECT version FROM projects WHERE id = ?", claimed))
	apptest.Must(k.t, a.MoveProject(ctx, hand, app.MoveProject{Project: claimed, Version: version, Move: "complete", OccurredOn: calendar.MakeDate(2023, 3, 12), Criterion: "accepted", Evidence: "示例：验收报告"}), "claim a stage")
	for name, sql := range map[string]string{"stone": "SELECT id FROM milestones WHERE project_id = ?", "stone.v": "SELECT version FROM milestones WHERE project_id = ?",
		"entry.v": "SELECT version FROM progress_entries WHERE project_id = ?", "project.v": "SELECT version FROM projects WHERE id = ?",
		"comment": "SELECT id FROM comments WHERE item_kind = 'project' AND item_id = ?", "record": "SELECT MIN(no) FROM journal WHERE project_id = ?"} {
		k.query(one, p.place, name, sql, id)
	}
	for name, sql := range map[string]string{"claim": "SELECT id FROM stage_claims WHERE project_id = ?", "claim.v": "SELECT version FROM stage_claims WHERE project_id = ?"} {
		k.query(one, p.place, name, sql, claimed)
	}
}

func (k *stock) tickets(p placed, one func(string, ...any) string) {
	ctx, a, words := context.Background(), k.w.App, k.words[p.place]
	head := k.w.As(k.t, p.unit+".lead")
	for _, name := range []string{"ticket", "asked", "slipped", "answeredticket", "shared", "draft"} {
		cmd := app.DraftTicket{Kind: "decision", Title: "示例" + name + p.place, Basis: "会议纪要", TaskForceID: k.s.Forces[p.force], LeadUnitID: k.s.Units[p.unit], DueTerm: "15 workdays"}
		if name == "shared" {
			cmd.LeadUnitID, cmd.AssistUnitIDs = k.s.Units[p.other], []int64{k.s.Units[p.unit]}
		}
		row, err := a.DraftTicket(ctx, k.w.As(k.t, "sup"), cmd)
		apptest.Must(k.t, err, "draft")
		for _, step := range [][2]string{{"sup", "submit_draft"}, {"dir", "approve"}} {
			if name == "draft" && step[1] == "approve" {
				break
			}
			row, err = a.MoveTicket(ctx, k.w.As(k.t, step[0]), app.MoveTicket{Ticket: row.ID, Version: row.Version, Move: step[1]})
			apptest.Must(k.t, err, "%s", step[1])
		}
		words[name], words[name+".id"], words[name+".title"] = row.No, num(row.ID), row.Title
	}
	id := func(name string) int64 { return number64(words[name+".id"]) }
	apptest.Must(k.t, a.AskExtension(ctx, head, app.AskExtension{Ticket: id("asked"), Version: number64(one("SELECT version FROM tickets WHERE id = ?", id("asked"))),
		WantedOn: calendar.MakeDate(2023, 4, 14), Reason: "等待图审", Progress: "已完成七成"}), "ask for more time")
	for name, on := range map[string]string{"paper": "slipped", "answered": "answeredticket"} {
		paper, err := a.IssuePaper(ctx, k.w.As(k.t, "sup"), app.IssuePaper{ItemKind: "ticket", Item: id(on), Form: "blue_slip", Facts: "示例：无进展"})
		apptest.Must(k.t, err, "issue a paper")
		words[name], words[name+".id"] = paper.Code, num(paper.ID)
	}
	apptest.Must(k.t, a.AnswerPaper(ctx, head, app.AnswerPaper{Paper: number64(words["answered.id"]), Version: 1, Text: "示例：已办"}), "answer a paper")
	apptest.Must(k.t, a.LinkTickets(ctx, k.w.As(k.t, "sup"), app.LinkTickets{Ticket: id("ticket"), Version: number64(one("SELECT version FROM tickets WHERE id = ?", id("ticket"))),
		Other: id("slipped"), Reason: "示例"}), "link")
	_, err := a.AddComment(ctx, head, app.AddComment{ItemKind: "ticket", Item: id("ticket"), Body: "示例：一句话"})
	apptest.Must(k.t, err, "comment")
	for _, name := range []string{"ticket", "asked", "slipped", "shared", "draft"} {
		k.query(one, p.place, name+".v", "SELECT version FROM tickets WHERE id = ?", id(name))
	}
	k.query(one, p.place, "link", "SELECT id FROM ticket_links WHERE ticket_id = ? OR blocks_id = ?", id("ticket"), id("ticket"))
	k.query(one, p.place, "remark", "SELECT id FROM comments WHERE item_kind = 'ticket' AND item_id = ?", id("ticket"))
	k.query(one, p.place, "part", "SELECT id FROM ticket_units WHERE ticket_id = ? AND part = 'assist'", id("shared"))
	k.query(one, p.place, "leadpart", "SELECT id FROM ticket_units WHERE ticket_id = ? AND part = 'lead'", id("ticket"))
	k.query(one, p.place, "letter", "SELECT MIN(id) FROM reminders WHERE task_force_id = ? AND item_no = ?", k.s.Forces[p.force], words["ticket"])
	k.query(one, p.place, "event", "SELECT MIN(no) - 1 FROM journal WHERE ticket_id = ?", id("draft"))
}

func (k *stock) meetings(p placed, one func(string, ...any) string) {
	ctx, a, words := context.Background(), k.w.App, k.words[p.place]
	chair, cmd := k.w.As(k.t, p.lead), app.PlanMeeting{Kind: "special", TaskForceID: k.s.Forces[p.force], HeldOn: a.Today(), ChairID: k.s.Users[p.lead]}
	if p.place == "unit" { // no meeting is a unit's: the district's stands here
		chair, cmd.Kind, cmd.TaskForceID, cmd.ChairID = k.w.As(k.t, "dir"), "dispatch", 0, k.s.Users["leader"]
	}
	for _, name := range []string{"meeting", "held"} {
		cmd.Title = "示例" + name + p.place
		m, err := a.PlanMeeting(ctx, chair, cmd)
		apptest.Must(k.t, err, "plan a meeting")
		words[name], words[name+".id"], words[name+".title"], words[name+".v"] = m.No, num(m.ID), m.Title, num(m.Version)
	}
	held := number64(words["held.id"])
	apptest.Must(k.t, a.HoldMeeting(ctx, chair, app.HoldMeeting{Meeting: held, Version: number64(words["held.v"])}), "hold it")
	_, err := a.RecordDecision(ctx, chair, app.RecordDecision{Meeting: held, Text: "示例决定", LeadUnitID: k.s.Units[p.unit], TaskForceID: k.s.Forces[p.force]})
	apptest.Must(k.t, err, "decide")
	k.query(one, p.place, "held.v", "SELECT version FROM meetings WHERE id = ?", held)
	k.query(one, p.place, "decision", "SELECT id FROM decision_items WHERE meeting_id = ?", held)
	k.query(one, p.place, "decision.v", "SELECT version FROM decision_items WHERE meeting_id = ?", held)
}

// district makes what belongs to the whole district, and to persons; it stands at "own".
func (k *stock) district(one func(string, ...any) string) {
	ctx, a, own := context.Background(), k.w.App, k.words["own"]
	text, err := os.ReadFile("../testdata/laws/second.yaml")
	apptest.Must(k.t, err, "read a rule set")
	law, err := a.DraftLaw(ctx, k.w.As(k.t, "dir"), app.DraftLaw{Kind: "ruleset", Text: string(text), Reason: "示例", EffectiveFrom: calendar.MakeDate(2023, 5, 1)})
	apptest.Must(k.t, err, "draft a law")
	own["foreign.unit"], own["foreign.tf"] = num(k.s.Units["kpb"]), num(k.s.Forces["10"])
	own["law.same"], own["law.next"] = url.QueryEscape(string(text)), url.QueryEscape(strings.Replace(string(text), "version: 2", "version: 3", 1))
	witness, err := a.AddWitness(ctx, k.w.As(k.t, "dir"), app.AddWitness{Name: "示例见证人", Kind: "https", Address: "https://witness.example/one", Rhythm: "daily"})
	apptest.Must(k.t, err, "add a witness")
	own["witness"], own["witness.v"] = num(witness.ID), num(witness.Version)
	days, err := a.UploadCalendar(ctx, k.w.As(k.t, "sup"), app.UploadCalendar{Title: "示例", Number: "示例〔2026〕1号", Covers: 2027, Text: "2027-02-05~2027-02-11 休 春节\n2027-02-14 班"})
	apptest.Must(k.t, err, "upload a calendar")
	apptest.Must(k.t, a.SetRetention(ctx, k.w.As(k.t, "admin"), 12), "keep files for a year")
	disposal, err := a.AskDisposal(ctx, k.w.As(k.t, "admin"), app.AskDisposal{BeforeOn: calendar.MakeDate(2021, 1, 1), Basis: "示例文", Reason: "示例"})
	apptest.Must(k.t, err, "ask for a disposal")
	apptest.Must(k.t, a.SignCheckpoint(ctx), "sign a checkpoint")
	own["law"], own["law.v"], own["days"], own["disposal"] = num(law.ID), num(law.Version), num(days.ID), num(disposal.ID)
	own["size"] = one("SELECT MAX(size) FROM checkpoints")
	for _, p := range []placed{{"own", "1", "tf1", "", ""}, {"force", "10", "tf10", "", ""}} {
		apptest.Must(k.t, a.SaveView(ctx, k.w.As(k.t, p.lead), app.SaveView{Name: "示例" + p.place, Query: "view=stages", Scope: "own"}), "save a view")
		token, err := a.AddWallLink(ctx, k.w.As(k.t, p.lead), app.AddWallLink{Name: "示例" + p.place, Lang: "en", TaskForceID: k.s.Forces[p.force], ExpiresOn: calendar.MakeDate(2023, 4, 30)})
		apptest.Must(k.t, err, "make a wall link")
		words := k.words[p.place]
		words["wall"] = token
		words["wall.id"] = one("SELECT id FROM wall_links WHERE task_force_id = ?", k.s.Forces[p.force])
		words["view"] = one("SELECT id FROM saved_views WHERE owner_id = ?", k.s.Users[p.lead])
	}
	own["grant"] = one("SELECT MAX(id) FROM role_grants WHERE user_id = ?", k.s.Users["zjj.hand"])
	own["user"] = num(k.s.Users["zjj.hand"])
	token, err := a.InviteLink(ctx, k.w.As(k.t, "admin"), k.s.Users["kpb.hand"])
	apptest.Must(k.t, err, "invite")
	own["token"], own["chart"], own["question"], own["demo"], own["subject"] = token, "rates", "dates", "pause", ""
	k.words["unit"]["wall"], k.words["unit"]["wall.id"], k.words["unit"]["view"] = "x", "9999", "9999"
}

func number64(text string) (n int64) {
	_, _ = fmt.Sscan(text, &n)
	return n
}
