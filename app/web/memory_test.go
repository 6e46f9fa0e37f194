package web_test

import (
	"net/url"
	"testing"

	"battlemap/app"
)

// An extension is asked for, decided and taken back on the ticket's page; wrong people, old pages and bad input are answered like everywhere, and nothing typed is lost.
func TestExtensionGoesItsWay(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例事项", Basis: "会议纪要", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["zjj"], DueTerm: "15 workdays"})
	path := "/tickets/" + k.No + "/extension"
	head, tf, dir := as(t, w, srv, "zjj.lead"), as(t, w, srv, "tf1"), as(t, w, srv, "dir")
	head.get("/tickets/"+k.No).has(t, 200, "申请延期", "最迟 2023年3月31日 星期五 提出", "期限变更记录", "交办时确定")
	ask := url.Values{"wanted_on": {"2023-04-14"}, "reason": {"等待图审"}, "progress": {""}}
	head.see(k.No, ask)
	head.post(path, ask).has(t, 422, "请填写此项", "等待图审")
	ask.Set("progress", "已完成七成")
	ask.Set("wanted_on", "14/4")
	head.post(path, ask).has(t, 422, "日期格式应为", "已完成七成")
	ask.Set("wanted_on", "2023-06-14")
	head.post(path, ask).has(t, 422, "最长可延至 2023年5月4日 星期四", "default/extension@1", "已完成七成")
	ask.Set("wanted_on", "2023-04-14")
	as(t, w, srv, "sup").post(path, ask).has(t, 404)
	as(t, w, srv, "kpb.lead").post(path, ask).has(t, 404)
	old := url.Values{"version": {"1"}, "seen": {"1"}, "wanted_on": {"2023-04-14"}, "reason": {"等待图审"}, "progress": {"已完成七成"}}
	head.post(path, old).has(t, 409, "已有变动", "已完成七成")
	head.post(path, ask).went(t, "/tickets/"+k.No+"#extension")

	tf.get("/desk").has(t, 200, "申请延期至 4月14日，待您审批", "去审批")
	tf.get("/tickets?asks=extension").has(t, 200, "示例事项")
	tf.get("/tickets?asks=pause").lacks(t, "示例事项")
	decide := url.Values{"verdict": {"refuse"}, "note": {""}}
	tf.see(k.No, decide)
	tf.post(path+"/decide", decide).has(t, 422, "请填写此项")
	head.post(path+"/decide", decide).has(t, 404)
	stale := url.Values{"verdict": {"grant"}, "version": {"1"}, "note": {"情况属实"}}
	tf.post(path+"/decide", stale).has(t, 409, "情况属实")
	decide.Set("verdict", "grant")
	tf.post(path+"/decide", decide).went(t, "/tickets/"+k.No+"#extension")
	decide = url.Values{"verdict": {"grant"}, "granted_on": {"2023-04-20"}}
	dir.see(k.No, decide)
	dir.post(path+"/decide", decide).has(t, 422, "须晚于 2023年4月3日 星期一，且不晚于 2023年4月14日 星期五")
	decide.Set("granted_on", "2023-04-12")
	dir.post(path+"/decide", decide).went(t, "/tickets/"+k.No+"#extension")
	head.get("/tickets/"+k.No).has(t, 200, "2023年4月12日 星期三", "按原定时间考核", "准予延期", "同一事项最多 1 次")
	dir.post(path+"/decide", decide).has(t, 409)
}

// Who asked takes it back; what was typed for a request that is gone is kept to be copied.
func TestExtensionIsTakenBack(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例事项", Basis: "会议纪要", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["zjj"], DueTerm: "15 workdays"})
	path := "/tickets/" + k.No + "/extension"
	head, tf := as(t, w, srv, "zjj.lead"), as(t, w, srv, "tf1")
	ask := url.Values{"wanted_on": {"2023-04-14"}, "reason": {"等待图审"}, "progress": {"已完成七成"}}
	head.see(k.No, ask)
	head.post(path, ask).went(t, "/tickets/"+k.No+"#extension")
	decide := url.Values{"verdict": {"grant"}, "note": {"情况属实"}}
	tf.see(k.No, decide)
	back := url.Values{"reason": {"已能按期"}}
	head.see(k.No, back)
	tf.post(path+"/withdraw", back).has(t, 404)
	head.post(path+"/withdraw", back).went(t, "/tickets/"+k.No+"#extension")
	tf.post(path+"/decide", decide).has(t, 409, "情况属实")
	tf.see(k.No, decide)
	tf.post(path+"/decide", decide).has(t, 422, "没有等待审批的延期申请", "情况属实")
	as(t, w, srv, "dir").get("/tickets/"+k.No).has(t, 200, "已撤回", "撤回延期申请")
}

// A milestone's new date needs its reason, and the final one far later a decision on record; both dates, the reason and the decision stand on the project's page.
func TestMilestoneDatesAreRemembered(t *testing.T) {
	d := newBoard(t)
	tf, hand := d.as(t, "tf1"), d.as(t, "gxj.hand")
	tf.post("/projects/P-001/milestones", url.Values{"name": {"竣工验收"}, "baseline_on": {"2023-10-31"}, "final": {"1"}}).went(t, "/projects/P-001")
	stones := d.read(t, "P-001").Milestones
	last := stones[len(stones)-1]
	move := url.Values{"do": {"revise"}, "milestone": {num(last.ID)}, "version-" + num(last.ID): {num(last.Version)}, "revised_on": {"2023-12-15"}, "reason": {"设备到货延迟"}}
	hand.post("/projects/P-001/milestones/move", move).has(t, 422, "此项必须填写", "节点改期", "设备到货延迟")
	move.Set("decision", "专题会议纪要〔2023〕7号")
	hand.post("/projects/P-001/milestones/move", move).went(t, "/projects/P-001")
	hand.get("/projects/P-001").has(t, 200, "最终节点", "节点改期记录", "2023年10月31日 星期二", "2023年12月15日 星期五", "设备到货延迟", "专题会议纪要〔2023〕7号")
}
