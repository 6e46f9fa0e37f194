package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

// boardWorld is the small district with three projects: P-001 is being built by the industry bureau and planned for the year, P-002 is another task force's, P-003 is signed only.
type boardWorld struct {
	*apptest.World
	small    *apptest.Small
	srv      *httptest.Server
	projects map[string]*app.Project
}

const wan = 1_000_000

func newBoard(t *testing.T) *boardWorld {
	t.Helper()
	w, small, srv := site(t)
	d := &boardWorld{World: w, small: small, srv: srv, projects: map[string]*app.Project{}}
	add := func(account string, cmd app.AddProject) {
		cmd.Level, cmd.Year, cmd.Sample = "city", 2023, true
		p, err := w.App.AddProject(context.Background(), w.As(t, account), cmd)
		apptest.Must(t, err, "add project %s", cmd.Name)
		d.projects[p.Code] = p
	}
	start := calendar.MakeDate(2023, 3, 1)
	add("tf1", app.AddProject{Name: "示例产线", TaskForceID: small.Forces["1"], InPlan: true, InvestFen: 30000 * wan, YearPlanFen: 12000 * wan, PlannedStartOn: start, Stage: "building"})
	add("tf10", app.AddProject{Name: "示例考评平台", TaskForceID: small.Forces["10"], InPlan: true, InvestFen: 5000 * wan, YearPlanFen: 1000 * wan, PlannedStartOn: start, Stage: "landed"})
	add("tf1", app.AddProject{Name: "示例签约项目", TaskForceID: small.Forces["1"], InvestFen: 7000 * wan, SignedOn: calendar.MakeDate(2023, 3, 13), Stage: "signed"})
	ctx := context.Background()
	apptest.Must(t, w.App.Assign(ctx, w.As(t, "tf1"), app.Assign{Project: d.projects["P-001"].ID, GuaranteeLeaderID: small.Users["guar"], LeadUnitID: small.Units["gxj"],
		UnitID: small.Units["gxj"], ResponsibleID: small.Users["gxj.hand"]}), "assign")
	var months [12]int64
	for i := range months {
		months[i] = 1000 * wan
	}
	apptest.Must(t, w.App.SetPlan(ctx, w.As(t, "tf1"), app.SetPlan{Project: d.projects["P-001"].ID, Months: months}), "plan")
	apptest.Must(t, w.App.AddMilestone(ctx, w.As(t, "tf1"), app.AddMilestone{Project: d.projects["P-001"].ID, Name: "主体封顶", BaselineOn: calendar.MakeDate(2023, 6, 30)}), "add milestone")
	return d
}

// read is the project's page as the machine sees it.
func (d *boardWorld) read(t *testing.T, code string) app.Dossier {
	t.Helper()
	got, err := d.App.ProjectDossier(context.Background(), d.As(t, "dir"), code)
	apptest.Must(t, err, "read %s", code)
	return got
}

func (d *boardWorld) as(t *testing.T, account string) *browser { return as(t, d.World, d.srv, account) }

// quiet fails the test when f adds a record to the journal.
func (d *boardWorld) quiet(t *testing.T, doing string, f func()) {
	t.Helper()
	before := size(t, d.World)
	f()
	if after := size(t, d.World); after != before {
		t.Errorf("%s added %d records", doing, after-before)
	}
}

func text(n int64) string { return fmt.Sprint(n) }

func TestReportAndVerify(t *testing.T) {
	d := newBoard(t)
	unit, sup := d.as(t, "gxj.hand"), d.as(t, "sup")
	unit.get("/projects/P-001").has(t, http.StatusOK, "示例产线", `action="/projects/P-001/report"`, "责任链", "空缺")

	long := url.Values{"month": {"2023-03"}, "amount": {"9000"}, "problems": {"示例：设备未到"}}
	d.quiet(t, "a report above the plan without a word", func() {
		unit.post("/projects/P-001/report", long).has(t, http.StatusUnprocessableEntity, "大于累计计划", `value="9000"`, "示例：设备未到")
	})
	d.quiet(t, "an amount that is none", func() {
		unit.post("/projects/P-001/report", url.Values{"month": {"2023-03"}, "amount": {"很多"}}).has(t, http.StatusUnprocessableEntity, "请填写数字", `value="很多"`)
	})
	unit.post("/projects/P-001/report", url.Values{"month": {"2023-03"}, "amount": {"2,500.5"}, "text": {"示例：主体施工"}}).went(t, "/projects/P-001")
	unit.get("/projects/P-001").has(t, http.StatusOK, "待核验", "2,500.50 万元", "进展已提交")

	verify := url.Values{"month": {"2023-03"}, "version": {"1"}, "amount": {"2000"}, "do": {"accept"}}
	d.quiet(t, "verifying another amount without a note", func() {
		sup.post("/projects/P-001/verify", verify).has(t, http.StatusUnprocessableEntity, "请填写此项", `value="2000"`)
	})
	for name, own := range map[string]*browser{"the unit itself": d.as(t, "gxj.lead"), "its task force": d.as(t, "tf1")} {
		d.quiet(t, name, func() { own.post("/projects/P-001/verify", verify).has(t, http.StatusNotFound) })
	}
	verify.Set("do", "return")
	verify.Set("note", "示例：请附凭证")
	sup.post("/projects/P-001/verify", verify).went(t, "/projects/P-001")
	unit.get("/projects/P-001").has(t, http.StatusOK, "已退回", "示例：请附凭证", `value="2500.5"`)

	d.quiet(t, "a stale verification", func() {
		sup.post("/projects/P-001/verify", verify).has(t, http.StatusConflict, "退回进展", "示例：请附凭证")
	})
	d.quiet(t, "a stale report", func() {
		unit.post("/projects/P-001/report", url.Values{"month": {"2023-03"}, "version-2023-03": {"1"}, "amount": {"2400"}}).has(t, http.StatusConflict, `value="2400"`)
	})
	unit.post("/projects/P-001/report", url.Values{"month": {"2023-03"}, "version-2023-03": {"2"}, "amount": {"2400"}}).went(t, "/projects/P-001")
	sup.post("/projects/P-001/verify", url.Values{"month": {"2023-03"}, "version": {"3"}, "amount": {"2400"}, "do": {"accept"}}).went(t, "/projects/P-001")
	if got := d.read(t, "P-001").Project; got.VerifiedFen != 2400*wan {
		t.Errorf("verified %d fen", got.VerifiedFen)
	}
	sup.post("/projects/P-001/verify", url.Values{"month": {"2023-04"}}).has(t, http.StatusNotFound)
}

func TestStageIsClaimedAndDecided(t *testing.T) {
	d := newBoard(t)
	unit, sup := d.as(t, "gxj.hand"), d.as(t, "sup")
	version := text(d.read(t, "P-001").Project.Version)
	claim := url.Values{"move": {"complete"}, "version": {version}, "occurred_on": {"2023-03-12"}, "criterion": {"accepted"}}
	d.quiet(t, "a claim without evidence", func() {
		unit.post("/projects/P-001/move", claim).has(t, http.StatusUnprocessableEntity, "请填写此项", `value="2023-03-12"`, `<details class="fold no-print" open><summary>`)
	})
	claim.Set("evidence", "示例：验收报告")
	claim.Set("version", text(d.read(t, "P-001").Project.Version-1))
	d.quiet(t, "a stale claim", func() {
		unit.post("/projects/P-001/move", claim).has(t, http.StatusConflict, "示例：验收报告", "增设节点")
	})
	claim.Set("version", version)
	unit.post("/projects/P-001/move", claim).went(t, "/projects/P-001")
	d.quiet(t, "a second claim", func() {
		unit.post("/projects/P-001/move", url.Values{"move": {"complete"}, "occurred_on": {"2023-03-12"}, "criterion": {"accepted"}, "evidence": {"示例：再次申报"}}).
			has(t, http.StatusUnprocessableEntity, "已有一项阶段认定等待核验", "示例：再次申报")
	})
	unit.get("/projects/P-001").has(t, http.StatusOK, "等待核验", "由专班和责任单位以外的")

	pending := d.read(t, "P-001").Claims[0]
	decide := url.Values{"claim": {text(pending.ID)}, "version": {text(pending.Version)}, "do": {"reject"}}
	d.quiet(t, "deciding one's own claim", func() { unit.post("/projects/P-001/decide", decide).has(t, http.StatusNotFound) })
	d.quiet(t, "a rejection without a reason", func() {
		sup.post("/projects/P-001/decide", decide).has(t, http.StatusUnprocessableEntity, "请填写此项")
	})
	d.quiet(t, "a claim of another project", func() { sup.post("/projects/P-002/decide", decide).has(t, http.StatusNotFound) })
	decide.Set("do", "accept")
	sup.post("/projects/P-001/decide", decide).went(t, "/projects/P-001")
	if got := d.read(t, "P-001").Project.Stage; got != "completed" {
		t.Errorf("the project is in stage %s", got)
	}
	d.quiet(t, "deciding twice", func() {
		sup.post("/projects/P-001/decide", decide).has(t, http.StatusConflict, "日志第")
	})
}

func TestPlanAssignmentMilestonesAndReasons(t *testing.T) {
	d := newBoard(t)
	tf, dir, unit := d.as(t, "tf1"), d.as(t, "dir"), d.as(t, "gxj.hand")
	plan := url.Values{"version": {text(d.read(t, "P-001").Project.Version)}, "reason": {"示例：工期调整"}}
	for i := range 12 {
		plan.Set(fmt.Sprintf("month_%d", i+1), "900")
	}
	d.quiet(t, "a plan that does not add up", func() {
		tf.post("/projects/P-001/plan", plan).has(t, http.StatusUnprocessableEntity, "不符", "示例：工期调整", `value="900"`)
	})
	plan.Set("month_1", "1000") // January and February are over: they were judged by this plan
	plan.Set("month_2", "1000")
	plan.Set("month_12", "1900")
	tf.post("/projects/P-001/plan", plan).went(t, "/projects/P-001")
	plan.Set("month_11", "1800")
	d.quiet(t, "a stale plan", func() {
		tf.post("/projects/P-001/plan", plan).has(t, http.StatusConflict, `value="1800"`, "确定月度计划")
	})

	hand := url.Values{"version": {text(d.read(t, "P-001").Project.Version)}, "unit_id": {text(d.small.Units["zjj"])}, "responsible_id": {text(d.small.Users["zjj.hand"])}, "duties": {"示例：具体落实"}}
	d.quiet(t, "a hand-over without a reason", func() {
		tf.post("/projects/P-001/assign", hand).has(t, http.StatusUnprocessableEntity, "请填写此项", "示例：具体落实")
	})
	hand.Set("reason", "示例：职责划转")
	d.quiet(t, "a hand-over by the unit", func() { unit.post("/projects/P-001/assign", hand).has(t, http.StatusNotFound) })
	tf.post("/projects/P-001/assign", hand).went(t, "/projects/P-001")
	tf.get("/projects/P-001").has(t, http.StatusOK, "示例住建经办", "移交记录", "示例：职责划转", "空缺")

	tf.post("/projects/P-001/milestones", url.Values{"name": {""}, "baseline_on": {"2023-9-1"}}).has(t, http.StatusUnprocessableEntity, "日期格式应为")
	tf.post("/projects/P-001/milestones", url.Values{"name": {"竣工验收"}, "baseline_on": {"2023-11-30"}}).went(t, "/projects/P-001")
	stone := d.read(t, "P-001").Milestones[0]
	id := text(stone.ID)
	revise := url.Values{"do": {"revise"}, "milestone": {id}, "version-" + id: {text(stone.Version)}, "revised_on": {"2023-08-31"}}
	d.quiet(t, "a new date without a reason", func() {
		tf.post("/projects/P-001/milestones/move", revise).has(t, http.StatusUnprocessableEntity, `value="2023-08-31"`)
	})
	revise.Set("reason", "示例：图纸变更")
	tf.post("/projects/P-001/milestones/move", revise).went(t, "/projects/P-001")
	d.quiet(t, "a stale date", func() {
		tf.post("/projects/P-001/milestones/move", revise).has(t, http.StatusConflict, "示例：图纸变更", "调整节点日期")
	})
	d.quiet(t, "another project's milestone", func() { dir.post("/projects/P-002/milestones/move", revise).has(t, http.StatusNotFound) })
	tf.post("/projects/P-001/milestones/move", url.Values{"do": {"reach"}, "milestone": {id}, "version-" + id: {text(stone.Version + 1)}, "actual_on": {"2023-03-10"}, "reason": {"示例：监理签认"}}).went(t, "/projects/P-001")

	reason := url.Values{"rule_id": {"project.behind"}, "month": {"2023-03"}, "reason": {"示例：冬季停工"}}
	d.quiet(t, "a reason accepted by the task force", func() { tf.post("/projects/P-001/exempt", reason).has(t, http.StatusNotFound) })
	dir.post("/projects/P-001/exempt", reason).went(t, "/projects/P-001")
	dir.get("/projects/P-001").has(t, http.StatusOK, "示例：冬季停工", "有正当理由", "示例督查主任")
	d.quiet(t, "the same reason twice", func() {
		dir.post("/projects/P-001/exempt", reason).has(t, http.StatusUnprocessableEntity, "已被使用", "示例：冬季停工")
	})
}

func TestForeignProjectIsMissing(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "zjj.hand")
	b.get("/projects/P-001").has(t, http.StatusNotFound)
	b.get("/projects/P-999").has(t, http.StatusNotFound)
	for _, path := range []string{"report", "verify", "move", "decide", "plan", "assign", "exempt", "milestones", "milestones/move"} {
		d.quiet(t, path, func() {
			b.post("/projects/P-001/"+path, url.Values{"month": {"2023-03"}, "amount": {"1"}}).has(t, http.StatusNotFound)
		})
	}
	b.get("/projects").has(t, http.StatusOK, "没有您可见的项目").lacks(t, "示例产线")
	b.get("/projects/new").has(t, http.StatusNotFound)
}

func TestNewProject(t *testing.T) {
	d := newBoard(t)
	tf := d.as(t, "tf1")
	tf.get("/projects/new").has(t, http.StatusOK, "扩工业").lacks(t, "考评督导</option>")
	form := url.Values{"name": {"示例新线"}, "task_force_id": {text(d.small.Forces["1"])}, "level": {"city"}, "stage": {"signed"}, "invest": {"100"}, "year_plan": {"200"}, "year": {"2023"}, "in_plan": {"1"}}
	d.quiet(t, "a year's plan above the total", func() {
		tf.post("/projects/new", form).has(t, http.StatusUnprocessableEntity, "不能大于总投资", `value="示例新线"`, `value="200"`, `name="in_plan" value="1" checked`)
	})
	form.Set("year_plan", "50")
	tf.post("/projects/new", form).went(t, "/projects/P-004")
	form.Set("task_force_id", text(d.small.Forces["10"]))
	d.quiet(t, "a project of another task force", func() { tf.post("/projects/new", form).has(t, http.StatusNotFound) })
}

func TestProjectsList(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	b.get("/projects").has(t, http.StatusOK, "示例产线", "示例考评平台", "合计 3 个", "13,000").lacks(t, "/projects/new")
	b.get("/projects?force=10").has(t, http.StatusOK, "示例考评平台", "清除筛选").lacks(t, "示例产线")
	b.get("/projects?stage=signed").has(t, http.StatusOK, "示例签约项目").lacks(t, "示例产线")
	b.get("/projects?light=none").has(t, http.StatusOK, "示例签约项目").lacks(t, "示例产线")
	b.get("/projects?text="+url.QueryEscape("p-002")).has(t, http.StatusOK, "示例考评平台").lacks(t, "示例产线")
	b.get("/projects?light=red").has(t, http.StatusOK, "没有符合条件的项目")
	d.as(t, "guar").get("/projects?mine=1").has(t, http.StatusOK, "示例产线").lacks(t, "示例签约项目")
}

func TestTaskForcePages(t *testing.T) {
	d := newBoard(t)
	b := d.as(t, "leader")
	b.get("/taskforces").has(t, http.StatusOK, "扩工业", "示例班长一", "考评督导", "共 2 个专班")
	b.get("/taskforces/1").has(t, http.StatusOK, "扩工业专班", "示例产线", "示例签约项目", "没有未办结的督办事项").lacks(t, "示例考评平台")
	b.get("/taskforces/77").has(t, http.StatusNotFound)
	d.as(t, "zjj.hand").get("/taskforces/1").has(t, http.StatusOK, "示例班长一").lacks(t, "示例产线")
}

// Every page of the area in both languages: no key shows where words should be, and no form has two fields with one id.
func TestProjectPagesHaveWords(t *testing.T) {
	d := newBoard(t)
	key := regexp.MustCompile(`[>" ](?:map|project|force|card|months|value|rules|op|term|action|column|object|done)\.[a-z_.]+[<" ]`)
	rules := regexp.MustCompile(`project\.(not_started|behind|stalled)`)
	id := regexp.MustCompile(` id="([^"]+)"`)
	for _, account := range []string{"dir", "tf1", "gxj.hand", "insp"} {
		b := d.as(t, account)
		for _, lang := range []string{"zh-CN", "en"} {
			b.post("/prefs", url.Values{"lang": {lang}}).went(t, "/")
			for _, path := range []string{"/map?view=stages", "/map?light=green&mine=1", "/projects", "/projects?text=xyz", "/projects/P-001", "/projects/P-003", "/projects/new", "/taskforces", "/taskforces/1"} {
				a := b.get(path)
				if a.status == http.StatusNotFound && (path == "/projects/new" || account == "gxj.hand" && path == "/projects/P-003") {
					continue
				}
				a.has(t, http.StatusOK)
				if found := key.FindString(a.body); found != "" && !rules.MatchString(found) {
					t.Errorf("%s for %s in %s shows %q", path, account, lang, found)
				}
				seen := map[string]bool{}
				for _, m := range id.FindAllStringSubmatch(a.body, -1) {
					if seen[m[1]] {
						t.Errorf("%s for %s has the id %q twice", path, account, m[1])
					}
					seen[m[1]] = true
				}
			}
		}
	}
}
