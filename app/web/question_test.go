package web_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

func TestQuestionsAreForInspectors(t *testing.T) {
	w, _, srv := site(t)
	insp, dir, lead := as(t, w, srv, "insp"), as(t, w, srv, "dir"), as(t, w, srv, "gxj.lead")
	insp.get("/questions").has(t, 200, "改动过的期限", "某日谁能办什么")
	dir.get("/questions").has(t, 200, "改动过的期限")
	lead.get("/questions").has(t, 404)
	for _, name := range []string{"dates", "lights", "amounts", "late", "same-unit", "disputed", "exemptions", "reminders", "vacancies", "grants"} {
		path := "/questions/" + name
		page := insp.get(path)
		page.has(t, 200, "怎样得出")
		if name != "grants" {
			page.has(t, 200, "没有发现", "已查看")
		}
		lead.get(path).has(t, 404)
		lead.get(path+"/csv").has(t, 404)
	}
	insp.get("/questions/nothing").has(t, 404)
	wrong := insp.get("/questions/late?from=x&to=2020-01-01&days=-1&unit=nobody")
	wrong.has(t, 422, "没有这个编号", "0 到 3660")
}

// A reading of an inspector is recorded once an hour and address, a list taken away every time; nobody else's reading is.
func TestReadingsAreRecorded(t *testing.T) {
	w, _, srv := site(t)
	insp, dir := as(t, w, srv, "insp"), as(t, w, srv, "dir")
	kinds := func(account, action string) int {
		rows, err := w.App.Journal(context.Background(), w.As(t, "dir"), app.JournalFilter{Person: w.As(t, account).ID, Action: action, Limit: 100})
		apptest.Must(t, err, "journal")
		return len(rows)
	}
	for range 3 {
		insp.get("/questions/grants").has(t, 200)
		dir.get("/questions/grants").has(t, 200)
	}
	insp.get("/questions/grants?on=2023-03-13").has(t, 200)
	if n, m := kinds("insp", "journal.read"), kinds("dir", "journal.read"); n != 2 || m != 0 {
		t.Errorf("%d readings of the inspector, %d of the director", n, m)
	}
	w.At(t, "2023-03-13 10:30")
	insp.get("/questions/grants").has(t, 200)
	for range 2 {
		file := insp.get("/questions/grants/csv")
		file.has(t, 200, "巡察", "示例班长一")
		if !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") {
			t.Errorf("the file is %s", file.header.Get("Content-Type"))
		}
	}
	list := insp.get("/journal.csv?action=grant.give")
	list.has(t, 200, "示例班长一")
	if strings.Count(list.body, "\r\n") != 16 { // the head and fifteen roles
		t.Errorf("%d lines", strings.Count(list.body, "\r\n"))
	}
	if n, m := kinds("insp", "journal.read"), kinds("insp", "journal.extract"); n != 3 || m != 3 {
		t.Errorf("%d readings and %d lists", n, m)
	}
	insp.get("/journal?action=journal.extract").has(t, 200, "导出清单", "/questions/grants/csv")
	as(t, w, srv, "tf1").get("/journal.csv").has(t, 404)
}

// Not only the pages of the audit: whatever single thing an inspector opens or takes away is on record, and nobody else's reading is.
func TestWhatAnInspectorOpensIsRecorded(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	insp, dir := as(t, w, srv, "insp"), as(t, w, srv, "dir")
	for _, address := range []string{"/projects/P-001", "/tickets/2023-001", "/journal/1", "/journal/people/dir", "/journal/units/gxj", "/questions", "/proof", "/doctor", "/archive", "/changes/csv", "/charts/rates/csv", "/ledger/csv"} {
		dir.get(address).has(t, 200)
		insp.get(address).has(t, 200)
		rows, err := w.App.Journal(context.Background(), app.System("test"), app.JournalFilter{Limit: 1})
		apptest.Must(t, err, "journal")
		if rows[0].Action != "journal.read" || !strings.Contains(string(rows[0].Record), `"after":{"address":"`+address+`"}`) {
			t.Errorf("after %s the newest record is %s", address, rows[0].Record)
		}
	}
}

func TestJournalIsFound(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	b := as(t, w, srv, "insp")
	unit := b.get("/journal?unit=gxj")
	unit.has(t, 200, "登记项目</div>", "拟办事项</div>", "/journal/units/gxj")
	unit.lacks(t, "开立账号</div>")
	b.get("/journal?unit=zjj").has(t, 200, "没有符合条件的记录")
	words := b.get("/journal?text=区长批示")
	words.has(t, 200, "拟办事项</div>")
	words.lacks(t, "登记项目</div>")
	as(t, w, srv, "dir").get("/journal?text=basis").has(t, 200, "没有符合条件的记录") // the name of a field is no word of a record; the address of a reading would be
	b.get("/journal?from=2023-03-13&to=2023-03-13&action=ticket.draft").has(t, 200, "拟办事项</div>")
	b.get("/journal?from=2023-03-14").has(t, 200, "没有符合条件的记录")
	b.get("/journal?from=2023-03-14&to=2023-03-13").has(t, 200, "没有符合条件的记录")
	year := b.get("/journal/people/tf1?year=2023")
	year.has(t, 200, "示例班长一的记录", "kind=project", "示例工信局")
	b.get("/journal/units/gxj").has(t, 200, "示例工信局的记录", "kind=ticket")
	b.get("/journal/people/tf1?year=2019").has(t, 404)
	b.get("/journal/people/nobody").has(t, 404)
	as(t, w, srv, "zjj.hand").get("/journal/people/tf1").has(t, 404)
}

// A list that breaks off on its way must not pass for a whole one.
func TestAListThatBreaksOff(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	insp := as(t, w, srv, "insp")
	// A record that can't be read, and so many above it that it comes when the head of the answer is long away.
	edit(t, w, `WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 1200)
INSERT INTO journal (no, at, actor_kind, actor_id, action, object_kind, object_id, task_force_id, project_id, ticket_id, record)
SELECT n + 100000, CASE n WHEN 0 THEN 'x' ELSE 1700000000 END, 'system', 0, 'test.note', 'test', 0, 0, 0, 0, '' FROM s`)
	r, err := http.NewRequest(http.MethodGet, srv.URL+"/journal.csv?action=test.note", nil)
	apptest.Must(t, err, "ask")
	answer, err := insp.client.Do(r)
	apptest.Must(t, err, "get the list")
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err == nil || answer.StatusCode != http.StatusOK {
		t.Errorf("status %d, %d bytes, and no sign that the rest is missing: %v", answer.StatusCode, len(body), err)
	}
}
