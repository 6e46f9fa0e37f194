package web_test

import (
	"net/http"
	"net/url"
	"testing"
)

func TestCalendarNoticeGoesItsWay(t *testing.T) {
	w, _, srv := site(t)
	w.At(t, "2026-11-23 09:00")
	sup, dir, hand := as(t, w, srv, "sup"), as(t, w, srv, "dir"), as(t, w, srv, "gxj.hand")
	hand.get("/calendar?year=2023").has(t, http.StatusOK, "249 天", "国办发明电〔2022〕16号", "劳动节", "班").lacks(t, "/calendar/new")
	hand.get("/calendar?year=2027").has(t, http.StatusOK, "暂定")
	hand.get("/calendar/new").has(t, http.StatusNotFound)
	hand.get("/calendar?tf=nowhere").has(t, http.StatusNotFound)
	sup.get("/calendar/new").has(t, http.StatusOK, "识读并核对")

	before := size(t, w)
	form := url.Values{"task_force_id": {"0"}, "replaces_id": {"0"}, "text": {"2027-02-05~2027-02-11 休 春节\n2027/02/14 班"}, "number": {"示例〔2026〕1号"}, "title": {"示例通知"}, "covers": {"2027"}, "step": {"keep"}}
	sup.post("/calendar/new", form).has(t, http.StatusUnprocessableEntity, "第 2 行“2027/02/14 班”无法识别", "2027-02-05~2027-02-11 休 春节", "示例〔2026〕1号")
	form.Set("text", "2027-02-05~2027-02-11 休 春节\n2027-02-14 班")
	hand.post("/calendar/new", form).has(t, http.StatusNotFound)
	form.Set("step", "read")
	sup.post("/calendar/new", form).has(t, http.StatusOK, "系统这样理解", "放假 7 天，上班 1 天")
	if after := size(t, w); after != before {
		t.Errorf("%d records were written by refused and by read forms", after-before)
	}
	form.Set("step", "keep")
	sup.post("/calendar/new", form).went(t, "/calendar/versions/1")
	hand.get("/calendar/versions/1").has(t, http.StatusNotFound)
	sup.post("/calendar/versions/1", url.Values{"version": {"1"}, "decision": {"approve"}}).has(t, http.StatusNotFound)
	dir.get("/calendar/versions/1").has(t, http.StatusOK, "批准后将变动 0 个日期", "批准执行", "春节")
	dir.post("/calendar/versions/1", url.Values{"version": {"9"}, "decision": {"approve"}}).has(t, http.StatusConflict)
	dir.post("/calendar/versions/1", url.Values{"version": {"1"}, "decision": {"approve"}}).went(t, "/calendar/versions/1")
	dir.post("/calendar/versions/1", url.Values{"version": {"1"}, "decision": {"approve"}}).has(t, http.StatusConflict)
	hand.get("/calendar?year=2027").has(t, http.StatusOK, "示例〔2026〕1号", "春节", "执行中")
}
