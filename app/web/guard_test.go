package web_test

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

// What the doctor found stands above every page of those who may see it, and its page says what; others see nothing of it.
func TestTheDoctorsFindingIsShown(t *testing.T) {
	w, _, srv := site(t)
	ctx := context.Background()
	insp, admin, sup := as(t, w, srv, "insp"), as(t, w, srv, "admin"), as(t, w, srv, "sup")
	insp.get("/doctor").has(t, 200, "还没有做过体检", "battlemap job doctor")
	_, err := w.App.Examine(ctx, app.System("doctor"), true)
	apptest.Must(t, err, "examine")
	sound := insp.get("/doctor")
	sound.has(t, 200, "最近体检：完好", "全检", "业务数据与日志所述的最后状态一致", "未给出早先外发的检查点")
	sound.lacks(t, "已停签")
	edit(t, w, "UPDATE units SET name = '示例改名' WHERE code = 'gxj'")
	_, err = w.App.Examine(ctx, app.System("doctor"), true)
	apptest.Must(t, err, "examine")
	for _, b := range []*browser{insp, admin} {
		b.get("/desk").has(t, 200, "数据库体检发现问题", `href="/doctor"`)
		page := b.get("/doctor")
		page.has(t, 200, "最近体检：有问题，已停签检查点", "1 处不符", "gxj 的", "示例改名")
		page.lacks(t, "数据库体检发现问题，已停签新的检查点")
	}
	sup.get("/desk").lacks(t, "数据库体检")
	sup.get("/doctor").has(t, 404)
	sup.get("/archive").has(t, 404)
	insp.get("/journal?kind=doctor").has(t, 200, "体检发现问题，停签检查点")
}

// A journal that takes no record any more is when an inspector must be able to read it.
func TestABrokenJournalCanBeRead(t *testing.T) {
	w, _, srv := site(t)
	insp := as(t, w, srv, "insp")
	edit(t, w, "UPDATE journal_head SET size = (size + 5) | 1") // the next record is the right one of a pair whose left one is not there
	insp.get("/journal").has(t, 500)
	_, err := w.App.Examine(context.Background(), app.System("doctor"), true)
	apptest.Must(t, err, "examine")
	insp.get("/journal").has(t, 200, "数据库体检发现问题")
	insp.get("/journal/1").has(t, 200)
}

// Retention and disposals are asked for in a form that says at its field what the law allows; the package of a year is a download.
func TestArchivePage(t *testing.T) {
	w, _, srv := site(t)
	admin, leader, insp := as(t, w, srv, "admin"), as(t, w, srv, "leader"), as(t, w, srv, "insp")
	admin.get("/archive").has(t, 200, "2023", "年度未结束", "附件内容永久保存", "日志记录、检查点、散列与登录记录永久保存", "申请处置")
	admin.post("/archive/retention", url.Values{"months": {"3"}}).has(t, 422, "法律要求不少于 6 个月", `value="3"`)
	admin.post("/archive/retention", url.Values{"months": {"many"}}).has(t, 422, "法律要求不少于 6 个月")
	admin.post("/archive/disposals", url.Values{"before_on": {"2021-01-01"}, "basis": {"示例文"}, "reason": {"示例"}}).has(t, 422, "现为永久保存")
	admin.post("/archive/retention", url.Values{"months": {"12"}}).has(t, 303)
	admin.post("/archive/disposals", url.Values{"before_on": {"2023-03-01"}, "basis": {"示例文"}, "reason": {"示例"}}).has(t, 422, "至少保存 12 个月", `value="示例文"`)
	admin.post("/archive/disposals", url.Values{"before_on": {"2021-01-01"}, "basis": {"示例文"}, "reason": {"示例"}}).has(t, 303)
	admin.get("/archive").lacks(t, "批准处置")
	leader.get("/archive").has(t, 200, "批准处置", "示例管理员", "待批准")
	insp.get("/archive").lacks(t, "批准处置", "申请处置</h2>")
	insp.post("/archive/disposals/decide", url.Values{"disposal": {"1"}, "version": {"1"}, "decision": {"approve"}}).has(t, 404)
	leader.post("/archive/disposals/decide", url.Values{"disposal": {"1"}, "version": {"1"}, "decision": {"approve"}}).has(t, 303)
	leader.get("/archive").has(t, 200, "已批准", "已删除 0 个附件的内容")
	leader.post("/archive/package", url.Values{"year": {"2023"}}).has(t, 404)
	admin.post("/archive/package", url.Values{"year": {"2023"}}).has(t, 404) // it holds the whole journal of the year
	pack := insp.post("/archive/package", url.Values{"year": {"2023"}})
	if got := pack.header.Get("Content-Disposition"); pack.status != 200 || got != `attachment; filename="battlemap-archive-2023.zip"` {
		t.Errorf("package: %d %s", pack.status, got)
	}
	insp.post("/archive/package", url.Values{"year": {"2019"}}).has(t, 422, "该年度没有日志记录")
	insp.get("/archive").has(t, 200, "示例巡察员")
}

// edit changes the database by hand.
func edit(t *testing.T, w *apptest.World, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(w.Options.Database, "sqlite:")+"?_busy_timeout=5000")
	apptest.Must(t, err, "open the database")
	done, err := db.Exec(statement)
	apptest.Must(t, err, "%s", statement)
	n, err := done.RowsAffected()
	apptest.Must(t, errors.Join(err, db.Close()), "%s", statement)
	if n == 0 {
		t.Fatalf("%s: changed nothing", statement)
	}
}
