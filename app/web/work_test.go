package web_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// draft is a form of a new ticket that can be accepted; changes are names and values in turn.
func draft(s *apptest.Small, changes ...string) url.Values {
	form := url.Values{"kind": {"instruction"}, "title": {"加快示例供热管线迁改"}, "basis": {"区长批示〔2023〕12号"}, "instruction": {"五一前拿出方案。"},
		"task_force_id": {num(s.Forces["1"])}, "lead_unit_id": {num(s.Units["gxj"])}, "due_term": {"15 workdays"}, "leader_id": {num(s.Users["leader"])}}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func num(n int64) string { return fmt.Sprint(n) }

var hidden = regexp.MustCompile(`name="(version|seen)" value="(\d+)"`)

// move posts a move of a ticket with the version and the journal size of the page that the person has before them, which is read when form has none.
func (b *browser) move(no, move string, form url.Values) answer {
	b.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if form.Get("version") == "" {
		b.see(no, form)
	}
	form.Set("move", move)
	return b.post("/tickets/"+no+"/move", form)
}

// see reads a ticket's page and takes over what its forms carry along.
func (b *browser) see(no string, form url.Values) {
	b.t.Helper()
	page := b.get("/tickets/" + no)
	for _, m := range hidden.FindAllStringSubmatch(page.body, -1) {
		form.Set(m[1], m[2])
	}
}

// issued is a ticket that was drafted, submitted and approved by those who may.
func issued(t *testing.T, w *apptest.World, s *apptest.Small, cmd app.DraftTicket) *app.Ticket {
	t.Helper()
	ctx := context.Background()
	if cmd.Kind == "" {
		cmd.Kind, cmd.Title, cmd.Basis = "decision", "示例事项", "会议纪要"
	}
	if cmd.TaskForceID == 0 {
		cmd.TaskForceID, cmd.LeadUnitID = s.Forces["1"], s.Units["gxj"]
	}
	if cmd.DueTerm == "" {
		cmd.DueTerm = "5 workdays"
	}
	k, err := w.App.DraftTicket(ctx, w.As(t, "sup"), cmd)
	apptest.Must(t, err, "draft")
	for _, step := range [][2]string{{"sup", "submit_draft"}, {"dir", "approve"}} {
		k, err = w.App.MoveTicket(ctx, w.As(t, step[0]), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step[1]})
		apptest.Must(t, err, "%s", step[1])
	}
	return k
}

// A ticket goes its whole way through the pages, each step by the person whose turn it is.
func TestTicketGoesItsWay(t *testing.T) {
	w, s, srv := site(t)
	member, leader := as(t, w, srv, "tf1m"), as(t, w, srv, "tf1")
	handler, head := as(t, w, srv, "gxj.hand"), as(t, w, srv, "gxj.lead")
	sup, dir := as(t, w, srv, "sup"), as(t, w, srv, "dir")

	member.post("/tickets/new", draft(s)).went(t, "/tickets/2023-001")
	member.get("/tickets/2023-001").has(t, 200, "〔2023〕001号", "已拟办并编号", "五一前拿出方案。", "区长批示〔2023〕12号", "交办后 15 个工作日", "送审", "示例区领导")
	head.get("/tickets/2023-001").has(t, 404) // a draft does not exist for the units
	desk := member.get("/desk")
	desk.has(t, 200, "该我办", "加快示例供热管线迁改", "轮到您", `name="move" value="submit_draft"`, `action="/tickets/2023-001/move"`)
	member.move("2023-001", "submit_draft", url.Values{"from": {"desk"}}).went(t, "/desk?moved=2023-001")
	member.get("/desk?moved=2023-001").has(t, 200, "〔2023〕001号 加快示例供热管线迁改，现为：待审签", "等别人")

	leader.get("/desk").has(t, 200, "审签交办")
	leader.move("2023-001", "approve", nil).went(t, "/tickets/2023-001")
	handler.get("/desk").has(t, 200, "已交办", "领办", `value="accept"`)
	handler.move("2023-001", "accept", nil).went(t, "/tickets/2023-001")
	handler.get("/tickets/2023-001").has(t, 200, "示例工信经办 领办", "已交办", "已领办")
	handler.move("2023-001", "start", nil).went(t, "/tickets/2023-001")
	handler.move("2023-001", "draft_feedback", url.Values{"feedback": {"管线方案已完成。"}}).went(t, "/tickets/2023-001")
	head.get("/desk").has(t, 200, "签发反馈", `href="/tickets/2023-001?do=submit#moves"`)
	page := head.get("/tickets/2023-001?do=submit")
	page.has(t, 200, "管线方案已完成。</textarea>", "草稿，尚未签发", `id="move-submit" open`)
	head.move("2023-001", "submit", url.Values{"feedback": {"管线方案已完成并报批。"}}).went(t, "/tickets/2023-001")
	sup.get("/desk").has(t, 200, "核验通过", `href="/tickets/2023-001?do=verify#moves"`)
	sup.move("2023-001", "return", url.Values{"reason": {"缺少图纸"}}).went(t, "/tickets/2023-001")
	head.get("/tickets/2023-001").has(t, 200, "退回重办 · 示例督查员", "缺少图纸", "签发，已退回", "退回重办 3月13日")
	handler.move("2023-001", "resume_work", nil).went(t, "/tickets/2023-001")
	head.move("2023-001", "submit", url.Values{"feedback": {"管线方案已报批，附图纸。"}}).went(t, "/tickets/2023-001")
	sup.move("2023-001", "verify", nil).went(t, "/tickets/2023-001")

	dir.move("2023-001", "close", nil).has(t, 422, "请填写此项", "呈批示领导阅示日期") // a leader's instruction is first shown to that leader
	dir.move("2023-001", "close", url.Values{"shown_to_leader": {"2023-03-14"}}).has(t, 422, "日期不能晚于今天", `value="2023-03-14"`)
	dir.move("2023-001", "close", url.Values{"shown_to_leader": {"2023-03-13"}}).went(t, "/tickets/2023-001")
	dir.get("/tickets/2023-001").has(t, 200, "3月13日 已销号", "已办结，规则不再适用", "签发反馈", "销号")
	dir.get("/tickets").lacks(t, "加快示例供热管线迁改")
	dir.get("/tickets?all=1").has(t, 200, "加快示例供热管线迁改")
}

// Who may not see a ticket, or may not make a move, learns nothing and changes nothing.
func TestForeignTicketsAreNotThere(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	stranger, handler := as(t, w, srv, "zjj.hand"), as(t, w, srv, "gxj.hand")
	before := size(t, w)
	stranger.get("/tickets/"+k.No).has(t, 404)
	stranger.get("/tickets/2023-999").has(t, 404)
	stranger.get("/tickets?all=1&q="+k.No).has(t, 200, "没有符合条件的事项")
	stranger.get("/search?q="+k.No).has(t, 200, "没有找到")
	stranger.get("/desk?moved="+k.No).lacks(t, k.Title)
	stranger.move(k.No, "accept", url.Values{"version": {num(k.Version)}}).has(t, 404)
	stranger.post("/tickets/"+k.No+"/hand", url.Values{"version": {num(k.Version)}, "handler_id": {num(s.Users["zjj.hand"])}}).has(t, 404)
	handler.move(k.No, "terminate", url.Values{"version": {num(k.Version)}, "reason": {"不办了"}, "sure": {"1"}}).has(t, 404)
	handler.move(k.No, "nonsense", url.Values{"version": {num(k.Version)}}).has(t, 422, "没有这种操作")
	stranger.get("/tickets/new").has(t, 404)
	stranger.post("/tickets/new", draft(s)).has(t, 404)
	if size(t, w) != before {
		t.Error("a refused form left a record")
	}
}

// What lies with one's own unit or task force is judged by others, and the page says so.
func TestRecusalIsSaid(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例考评办法", Basis: "会议纪要", TaskForceID: s.Forces["10"], LeadUnitID: s.Units["kpb"]})
	for _, step := range [][2]string{{"kpb.lead", "accept"}, {"kpb.lead", "start"}, {"kpb.lead", "submit"}} {
		var err error
		k, err = w.App.MoveTicket(context.Background(), w.As(t, step[0]), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: step[1], Feedback: "已印发。"})
		apptest.Must(t, err, "%s", step[1])
	}
	b := as(t, w, srv, "kpb.sup")
	b.get("/tickets/"+k.No).lacks(t, `value="verify"`)
	before := size(t, w)
	b.move(k.No, "verify", url.Values{"version": {num(k.Version)}, "note": {"办得好"}}).has(t, 422, "没有办理：核验通过", "请回避", "办得好")
	if size(t, w) != before {
		t.Error("a recused person's form left a record")
	}
}

func TestStaleFormSaysWhoChangedWhat(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	handler, head := as(t, w, srv, "gxj.hand"), as(t, w, srv, "gxj.lead")
	handler.move(k.No, "accept", nil).went(t, "/tickets/"+k.No)
	handler.move(k.No, "start", nil).went(t, "/tickets/"+k.No)

	old := url.Values{"feedback": {"局长写的反馈"}}
	head.see(k.No, old)
	handler.move(k.No, "draft_feedback", url.Values{"feedback": {"经办写的草稿"}}).went(t, "/tickets/"+k.No)
	before := size(t, w)
	page := head.move(k.No, "submit", old)
	page.has(t, 409, "此事项已有变动", "示例工信经办 示例工信局 于 3月13日 09:00：起草反馈", "局长写的反馈</textarea>", `id="move-submit" open`, "可再次提交")
	page.lacks(t, "领办（日志") // what the person had seen already is not news
	if size(t, w) != before {
		t.Error("a stale form left a record")
	}
	again := url.Values{"feedback": {"局长写的反馈"}}
	for _, m := range hidden.FindAllStringSubmatch(page.body, -1) {
		again.Set(m[1], m[2])
	}
	head.move(k.No, "submit", again).went(t, "/tickets/"+k.No)

	// The move is gone: what was typed stays on the page.
	pause := url.Values{"version": {num(k.Version)}, "seen": {num(before)}, "reason": {"等供热结束"}, "expected_end": {"2023-05-04"}}
	head.move(k.No, "ask_pause", pause).has(t, 409, "这一步已不能再做", "您填写的内容", "等供热结束", "2023-05-04", "反馈（日志第")
}

func TestGraveMoveAsksOnceMore(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	dir := as(t, w, srv, "dir")
	dir.get("/tickets/"+k.No).has(t, 200, "我已核对，确认终止")
	before := size(t, w)
	dir.move(k.No, "terminate", url.Values{"reason": {"与另一事项合并"}}).has(t, 422, "请勾选确认", "与另一事项合并</textarea>", `id="move-terminate" open`)
	if size(t, w) != before {
		t.Error("a grave move without the box left a record")
	}
	dir.move(k.No, "terminate", url.Values{"reason": {"与另一事项合并"}, "sure": {"1"}}).went(t, "/tickets/"+k.No)
	page := dir.get("/tickets/" + k.No)
	page.has(t, 200, "终止 · 示例督查主任", "与另一事项合并", "终止 3月13日", "3月13日 已终止")
	page.lacks(t, `name="move"`)
}

func TestMoveOutOfTimeIsNotOffered(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{DueTerm: "15 workdays"})
	head := as(t, w, srv, "gxj.lead")
	head.get("/tickets/"+k.No).has(t, 200, "提出异议", "最迟 2023年3月20日 星期一 提出")
	w.At(t, "2023-03-21 09:00")
	head = as(t, w, srv, "gxj.lead") // the session was idle for too long
	head.get("/tickets/"+k.No).lacks(t, "提出异议")
	fresh := url.Values{"reason": {"不属本单位职责"}}
	head.see(k.No, fresh)
	head.move(k.No, "dispute", fresh).has(t, 422, "没有办理：提出异议", "最迟应于 2023年3月20日 星期一 提出", "不属本单位职责")
}

// The state beside the main line is drawn where the line goes on, with the reason for all to read.
func TestStateBesideTheLine(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	as(t, w, srv, "gxj.lead").move(k.No, "dispute", url.Values{"reason": {"应由住建局牵头"}}).went(t, "/tickets/"+k.No)
	page := as(t, w, srv, "dir").get("/tickets/" + k.No)
	page.has(t, 200, "异议 3月13日", "应由住建局牵头", "异议处理中", "异议不成立，维持交办")
	if i, j := strings.Index(page.text, `aria-current="step"`), strings.Index(page.text, "异议 3月13日"); i < 0 || j < i || j-i > 300 {
		t.Errorf("the note does not stand at the present step: %d, %d", i, j)
	}
}

func TestHandingOn(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	head := as(t, w, srv, "gxj.lead")
	head.get("/tickets/"+k.No).has(t, 200, "转交承办人", "示例工信经办")
	as(t, w, srv, "sup").get("/tickets/"+k.No).lacks(t, "转交承办人</summary>")
	form := url.Values{"handler_id": {num(s.Users["zjj.hand"])}, "reason": {"熟悉情况"}}
	head.see(k.No, form)
	before := size(t, w)
	head.post("/tickets/"+k.No+"/hand", form).has(t, 422, "请从列表中选择", `value="熟悉情况"`, `id="hand" open`)
	stale := url.Values{"handler_id": {num(s.Users["gxj.hand"])}, "version": {"1"}, "seen": {"1"}}
	head.post("/tickets/"+k.No+"/hand", stale).has(t, 409, "此事项已有变动", "审签交办")
	if size(t, w) != before {
		t.Error("a refused hand-on left a record")
	}
	form.Set("handler_id", num(s.Users["gxj.hand"]))
	head.post("/tickets/"+k.No+"/hand", form).went(t, "/tickets/"+k.No)
	head.get("/tickets/"+k.No).has(t, 200, "已转交承办人", "（现承办人）", "未指定", "熟悉情况")
}
