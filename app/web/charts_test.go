package web_test

import (
	"encoding/csv"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
)

func TestFundsAreReportedAndVerifiedApart(t *testing.T) {
	d := newBoard(t)
	hand, sup := d.as(t, "gxj.hand"), d.as(t, "sup")
	report := url.Values{"month": {"2023-03"}, "amount": {"2500"}, "funds": {"2200"}, "version-2023-03": {"0"}}
	hand.post("/projects/P-001/report", url.Values{"month": {"2023-03"}, "amount": {"2500"}, "funds": {"-1"}}).has(t, 422, "示例产线")
	hand.post("/projects/P-001/report", report).has(t, 303)
	sup.get("/projects/P-001").has(t, 200, "到位资金", "2,200 万元", "核验到位资金")
	e := d.read(t, "P-001").Months[2].Entry
	verify := url.Values{"month": {"2023-03"}, "version": {strconv.FormatInt(e.Version, 10)}, "amount": {"2500"}, "do": {"accept"}}
	sup.post("/projects/P-001/verify", verify).has(t, 422, "必填") // funds were reported, so they are to be verified
	verify.Set("funds", "1800")
	sup.post("/projects/P-001/verify", verify).has(t, 422) // less than reported needs a note
	verify.Set("note", "示例：到账凭证不全")
	sup.post("/projects/P-001/verify", verify).has(t, 303)
	if e := d.read(t, "P-001").Months[2].Entry; *e.ReportedFundsFen != 2200*wan || *e.VerifiedFundsFen != 1800*wan {
		t.Errorf("funds %d and %d", *e.ReportedFundsFen, *e.VerifiedFundsFen)
	}
	sup.get("/projects/P-001").has(t, 200, "2,200 万元", "1,800 万元")
	sup.get("/journal?project=P-001").has(t, 200, "到位资金")
	d.At(t, "2023-03-31 20:00")
	d.as(t, "sup").get("/charts").has(t, 200, "重点项目四率", `data-goal="90"`, "60.0%", "1,800 / 3,000")
}

func TestChartsAndTheirFiles(t *testing.T) {
	d := newBoard(t)
	force, err := d.App.AddTaskForce(t.Context(), d.As(t, "admin"), app.AddTaskForce{Code: "11", Name: "=1+1专班", LeaderID: d.small.Users["tf10"], UnitID: d.small.Units["kpb"]})
	apptest.Must(t, err, "add a task force")
	_, err = d.App.AddProject(t.Context(), d.As(t, "dir"), app.AddProject{Name: "示例", TaskForceID: force.ID, Level: "city", InvestFen: wan, Year: 2023})
	apptest.Must(t, err, "add a project")
	sup := d.as(t, "sup")
	sup.get("/charts").has(t, 200, "投资与序时计划", "亮灯变化", `<script src="/static/`, "没有可以画的数据")
	sup.get("/charts?from=2023-13").has(t, 422, "月")
	sup.get("/charts?from=2023-03&to=2023-01").has(t, 422)
	sup.get("/charts?from=2018-01").has(t, 422)
	sup.get("/charts/nothing/csv").has(t, 404)
	sup.get("/charts/rates/csv?from=x").has(t, 404)
	lines := func(account, path string) [][]string {
		t.Helper()
		a := d.as(t, account).get(path)
		a.has(t, 200)
		if !strings.HasPrefix(a.body, "\ufeff") || a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.header.Get("Content-Disposition"), ".csv") {
			t.Errorf("%s: %v", path, a.header)
		}
		all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
		apptest.Must(t, err, "read %s", path)
		return all
	}
	rates := lines("sup", "/charts/rates/csv")
	if len(rates) != 5 || rates[0][1] != "开工率" || rates[4][0] != "'=1+1专班" {
		t.Errorf("rates: %q", rates)
	}
	if own := lines("tf1", "/charts/rates/csv"); len(own) != 2 || own[1][0] != "扩工业" {
		t.Errorf("a task force sees %q", own)
	}
	if other := lines("zjj.hand", "/charts/lights/csv"); len(other) != 1 {
		t.Errorf("a unit without projects sees %q", other)
	}
	if lights := lines("sup", "/charts/lights/csv"); len(lights) != 2 || lights[1][len(lights[1])-1] != "4" {
		t.Errorf("lights: %q", lights)
	}
}
