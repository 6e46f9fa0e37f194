package web_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// later lets the year go on for a month on the board of newBoard: time passes, bells ring, a ticket whose name is a formula goes out to the unit gxj.
func later(t *testing.T, d *boardWorld) {
	t.Helper()
	ctx := context.Background()
	d.At(t, "2023-04-10 09:00")
	_, err := d.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	issued(t, d.World, d.small, app.DraftTicket{Kind: "assignment", Title: "=1+示例", Basis: "示例依据", TaskForceID: d.small.Forces["1"], LeadUnitID: d.small.Units["gxj"], DueTerm: "3 months"})
	d.At(t, "2023-05-20 09:00")
	_, err = d.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
}

func TestMapOfAPastDay(t *testing.T) {
	d := newBoard(t)
	later(t, d)
	b := d.as(t, "insp")
	for _, view := range []string{"stages", "months"} {
		b.get("/map?on=2023-03-14&view="+view).has(t, http.StatusOK, "此为 2023年3月14日", "日终的作战图，据日志第", "示例产线", `data-past="2023-03-14"`, "与今天比较", "on=2023-03-15", "on=2023-03-21").
			lacks(t, `id="map-live"`, "on=2023-03-12")
	}
	b.get("/map?on=2023-04-09&view=tickets").has(t, http.StatusOK).lacks(t, "=1+示例")
	b.get("/map?on=2023-04-10&view=tickets").has(t, http.StatusOK, "=1+示例")
	b.get("/map?view=stages").has(t, http.StatusOK, "时光机", "变化", "on=2023-05-19", `id="map-live"`).lacks(t, "data-past")
	b.get("/map?on=2023-05-21").has(t, http.StatusUnprocessableEntity, "不能晚于今天（", "返回今天")
	b.get("/map?on=2023-01-01").has(t, http.StatusUnprocessableEntity, "日志自", "不能早于这一天")
	b.get("/map?on=gestern").has(t, http.StatusUnprocessableEntity, "返回今天")
	// Only what is theirs today, and was theirs on that day.
	d.as(t, "tf10").get("/map?on=2023-03-14").has(t, http.StatusOK, "示例考评平台").lacks(t, "示例产线")
	d.as(t, "zjj.hand").get("/map?on=2023-04-10&view=tickets").has(t, http.StatusOK).lacks(t, "=1+示例")
	d.as(t, "gxj.hand").get("/map?on=2023-04-10&view=tickets").has(t, http.StatusOK, "=1+示例")
}

func TestChangesBetweenDays(t *testing.T) {
	d := newBoard(t)
	later(t, d)
	b := d.as(t, "insp")
	page := b.get("/changes?from=2023-03-20&to=2023-05-20")
	page.has(t, http.StatusOK, "调度会变化清单", "2023年3月20日", "新立事项", "=1+示例", "灯色加重", "/journal/", "在办事项", "扩工业")
	b.get("/changes").has(t, http.StatusOK, `value="2023-05-13"`, `value="2023-05-20"`)
	b.get("/changes?from=2023-03-20&to=2023-05-20&kind=opened").has(t, http.StatusOK, "=1+示例").lacks(t, "<h3>灯色加重")
	b.get("/changes?from=2023-03-20&to=2023-05-20&force=10").has(t, http.StatusOK).lacks(t, "=1+示例")
	b.get("/changes?from=2023-05-20&to=2023-05-20").has(t, http.StatusOK, "没有变化")
	b.get("/changes?from=2023-05-20&to=2023-03-20").has(t, http.StatusUnprocessableEntity, "比较的两日").lacks(t, "主要数字")
	b.get("/changes?from=2023-03-20&to=2024-01-01").has(t, http.StatusUnprocessableEntity, "不能晚于今天（")
	b.get("/changes?from=2020-03-20&to=2023-05-20").has(t, http.StatusUnprocessableEntity, "不能早于这一天")
	b.get("/changes?from=x&to=2023-05-20").has(t, http.StatusUnprocessableEntity, "比较的两日")
	b.get("/changes/csv?from=x").has(t, http.StatusUnprocessableEntity, "比较的两日")
	d.as(t, "gxj.hand").get("/changes?from=2023-03-20&to=2023-05-20").has(t, http.StatusOK, "=1+示例").lacks(t, "示例考评平台")
	d.as(t, "zjj.hand").get("/changes?from=2023-03-20&to=2023-05-20").has(t, http.StatusOK, "没有变化").lacks(t, "=1+示例", "示例产线")
}

func TestChangesAsAFile(t *testing.T) {
	d := newBoard(t)
	later(t, d)
	a := d.as(t, "insp").get("/changes/csv?from=2023-03-20&to=2023-05-20&kind=opened")
	a.has(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	apptest.Must(t, err, "read the file")
	if len(rows) != 2 || rows[1][3] != "'=1+示例" || rows[1][1] != "新立事项" || rows[1][9] == "" {
		t.Errorf("the file says %q", rows)
	}
	if kind := a.header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("content type %q", kind)
	}
}
