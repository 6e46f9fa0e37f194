package web_test

import (
	"net/http"
	"net/url"
	"os"
	"testing"
)

func secondText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../testdata/laws/second.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A draft that is wrong comes back with its sentences and its text; the drafter can't approve; a second person can; strangers find nothing.
func TestLawIsDraftedAndDecidedOnPages(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	dir, leader, hand := as(t, w, srv, "dir"), as(t, w, srv, "leader"), as(t, w, srv, "gxj.hand")
	dir.get("/rules/drafts").has(t, http.StatusOK, "没有待审定的草案", "随系统提供")
	wrong := url.Values{"kind": {"ruleset"}, "text": {"ruleset: default\nversion: x\n"}, "reason": {"示例：修订"}, "effective_from": {"2023-05-01"}}
	dir.post("/rules/drafts/new", wrong).has(t, http.StatusUnprocessableEntity, "正文有以下问题", "第 2 行", "version: x", "示例：修订")
	draft := url.Values{"kind": {"ruleset"}, "text": {secondText(t)}, "reason": {"示例：修订"}, "effective_from": {"2023-05-01"}}
	hand.post("/rules/drafts/new", draft).has(t, http.StatusNotFound)
	hand.get("/rules/drafts").has(t, http.StatusNotFound)
	dir.post("/rules/drafts/new", draft).went(t, "/rules/drafts/4")
	dir.get("/rules/drafts/4").has(t, http.StatusOK, "须由另一位", "逐行比对", "删去规则", "按今日数据预演")
	dir.post("/rules/drafts/4/decide", url.Values{"version": {"1"}, "decision": {"approve"}}).has(t, http.StatusUnprocessableEntity, "不能审定自己的草案")
	leader.post("/rules/drafts/4/decide", url.Values{"version": {"9"}, "decision": {"approve"}}).has(t, http.StatusConflict)
	leader.post("/rules/drafts/4/decide", url.Values{"version": {"1"}, "decision": {"reject"}}).has(t, http.StatusUnprocessableEntity)
	hand.post("/rules/drafts/4/decide", url.Values{"version": {"1"}, "decision": {"approve"}}).has(t, http.StatusNotFound)
	leader.post("/rules/drafts/4/decide", url.Values{"version": {"1"}, "decision": {"approve"}}).went(t, "/rules/drafts/4")
	dir.get("/rules/drafts/4").has(t, http.StatusOK, "已审定", "示例区领导")
	dir.get("/rules/simulate?law=4&from=2023-03-01&to=2023-03-13").has(t, http.StatusOK, "处不同")
	dir.get("/rules/simulate?law=4&from=2023-03-01&to=2024-03-13").has(t, http.StatusUnprocessableEntity)
	dir.get("/why/projects/P-001").has(t, http.StatusOK, "依据说明", "default/project.behind@1", "不适用的规则")
	dir.get("/why/projects/P-001?on=x").has(t, http.StatusUnprocessableEntity)
	dir.get("/why/tickets/2023-001").has(t, http.StatusOK, "依据说明")
	dir.get("/why/projects/P-999").has(t, http.StatusNotFound)
	dir.get("/projects/P-001").has(t, http.StatusOK, `href="/why/projects/P-001"`)
}
