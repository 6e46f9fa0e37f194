package web_test

import (
	"net/url"
	"strings"
	"testing"

	"battlemap/app"
)

// slip is a ticket in progress on which a supervisor has issued a blue slip through the page.
func slip(t *testing.T) (sup, head, hand, dir *browser, base string) {
	t.Helper()
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "assignment", Title: "示例管线迁改", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
	sup, head, hand, dir = as(t, w, srv, "sup"), as(t, w, srv, "gxj.lead"), as(t, w, srv, "gxj.hand"), as(t, w, srv, "dir")
	sup.get("/tickets/"+k.No).has(t, 200, "印发文书", `/papers/new?ticket=`+k.No)
	head.get("/papers/new?ticket="+k.No).has(t, 404)
	head.post("/papers/new?ticket="+k.No, url.Values{"form": {"blue_slip"}, "facts": {"示例"}}).has(t, 404)
	sup.get("/papers/new?ticket="+k.No).has(t, 200, "蓝色督办单", "一般事项，5 个工作日内回复", "重要事项", "橙色督办单")
	sup.post("/papers/new?ticket="+k.No, url.Values{"form": {"orange_slip"}, "require": {"限期整改"}}).has(t, 422, "请填写此项", "限期整改</textarea>", `value="orange_slip" checked`)
	sup.post("/papers/new?ticket="+k.No, url.Values{"form": {"blue_slip"}, "facts": {"四月份无实质进展。"}}).went(t, "/papers/blue_slip-2023-1")
	sup.post("/papers/new?ticket="+k.No, url.Values{"form": {"supervision_form"}, "facts": {"同一事项"}}).has(t, 422, "督蓝〔2023〕1号", "不重复督办", "同一事项</textarea>")
	return sup, head, hand, dir, "/papers/blue_slip-2023-1"
}

func TestPaperGoesItsWay(t *testing.T) {
	sup, head, hand, dir, base := slip(t)
	hand.get("/desk").has(t, 200, "文书待签收", base+"?do=receive#moves")
	hand.get("/papers").has(t, 200, "督蓝〔2023〕1号", "待签收", "示例工信局")
	hand.get(base).has(t, 200, "四月份无实质进展。", "签收", "2023年3月20日前书面回复", "打印（A4）")
	sup.post(base+"/receive", url.Values{"version": {"1"}}).has(t, 404)
	hand.post(base+"/receive", url.Values{"version": {"7"}}).has(t, 409, "他人刚办理过这份文书")
	hand.post(base+"/receive", url.Values{"version": {"1"}}).went(t, base)
	hand.post(base+"/promise", url.Values{"version": {"2"}, "promised_on": {"2023-03-16"}}).has(t, 422, "请填写此项", `value="2023-03-16"`, `id="move-promise" open`)
	hand.post(base+"/promise", url.Values{"version": {"2"}, "promised_on": {"下周"}, "next_step": {"现场会商"}}).has(t, 422, "现场会商</textarea>")
	hand.post(base+"/promise", url.Values{"version": {"2"}, "promised_on": {"2023-03-16"}, "next_step": {"现场会商"}}).went(t, base)
	hand.get(base).has(t, 200, "已承诺", "现场会商")
	head.get("/desk").has(t, 200, "文书待回复")
	head.post(base+"/answer", url.Values{"version": {"3"}, "answer": {"已完成迁改方案"}}).went(t, base)
	head.post(base+"/decide", url.Values{"version": {"4"}, "verdict": {"accept"}}).has(t, 404)
	sup.get("/desk").has(t, 200, "回复待审核")
	sup.post(base+"/decide", url.Values{"version": {"4"}, "verdict": {"return"}}).has(t, 422, "请填写此项", `id="move-decide" open`)
	sup.post(base+"/decide", url.Values{"version": {"4"}, "verdict": {"return"}, "note": {"缺图纸"}}).went(t, base)
	head.get(base).has(t, 200, "退回重复", "缺图纸")
	head.post(base+"/answer", url.Values{"version": {"5"}, "answer": {"已补图纸"}}).went(t, base)
	dir.post(base+"/decide", url.Values{"version": {"6"}, "verdict": {"accept"}}).went(t, base)
	dir.get(base).has(t, 200, "已销单", "已补图纸", "文书已了结")
	dir.get("/papers").lacks(t, "督蓝〔2023〕1号")
	dir.get("/papers?all=1&kind=blue_slip&state=accepted").has(t, 200, "督蓝〔2023〕1号")
	dir.get("/papers?late=1").has(t, 200, "没有符合条件的文书")
}

func TestForeignPapersAreNotThere(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "assignment", Title: "示例管线迁改", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
	as(t, w, srv, "sup").post("/papers/new?ticket="+k.No, url.Values{"form": {"red_slip"}, "facts": {"示例"}}).went(t, "/papers/red_slip-2023-1")
	zjj := as(t, w, srv, "zjj.lead")
	zjj.get("/papers").has(t, 200, "没有未了结的文书")
	for _, path := range []string{"/papers/red_slip-2023-1", "/papers/print?code=red_slip-2023-1", "/papers/new?ticket=" + k.No, "/papers/nonsense"} {
		zjj.get(path).has(t, 404)
	}
	before := size(t, w)
	for _, verb := range []string{"receive", "promise", "answer", "decide", "record"} {
		zjj.post("/papers/red_slip-2023-1/"+verb, url.Values{"version": {"1"}}).has(t, 404)
	}
	zjj.post("/papers/prefix", url.Values{"prefix": {"伪"}}).has(t, 404)
	if size(t, w) != before {
		t.Error("a refused POST was recorded")
	}
}

// The sheet is Chinese in both languages of the frame, names what a document names, and several papers come out at once.
func TestPapersArePrinted(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "assignment", Title: "示例管线迁改", Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "3 months"})
	admin := as(t, w, srv, "admin")
	admin.post("/papers/prefix", url.Values{"prefix": {""}}).has(t, 422, "请填写此项")
	admin.post("/papers/prefix", url.Values{"prefix": {"南岗"}}).went(t, "/papers")
	sup := as(t, w, srv, "sup")
	sup.post("/papers/new?ticket="+k.No, url.Values{"form": {"blue_slip"}, "facts": {"四月份无实质进展。"}}).went(t, "/papers/blue_slip-2023-1")
	sup.post("/papers/new?ticket="+k.No, url.Values{"form": {"supervision_form"}, "facts": {"另一问题。"}, "anyway": {"1"}}).went(t, "/papers/supervision_form-2023-1")
	one := sup.get("/papers/print?code=blue_slip-2023-1")
	one.has(t, 200, "南岗督蓝〔2023〕1号", "关于“示例管线迁改”的蓝色督办单", "示例工信局：", "四月份无实质进展。", "联系人：示例督查员", "示例政府督查室", "2023年3月13日", `class="doc-seal"`)
	both := sup.get("/papers/print?all=1")
	both.has(t, 200, "南岗督蓝〔2023〕1号", "南岗督〔2023〕1号")
	if n := strings.Count(both.body, `<article class="doc"`); n != 2 {
		t.Errorf("%d sheets, want 2", n)
	}
	sup.post("/prefs", url.Values{"lang": {"en"}, "next": {"/papers"}})
	sup.get("/papers").has(t, 200, "Supervision papers", "Addressed to")
	sup.get("/papers/blue_slip-2023-1").has(t, 200, "Blue slip", "Superseded", "Where it stands")
	sup.get("/papers/print?code=blue_slip-2023-1").has(t, 200, "联系人：示例督查员", "Seal")
}
