package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/audit"
	"battlemap/app/calendar"
	"battlemap/app/web"
	"battlemap/templates"
)

// district is the small one with a project, a plan and a ticket in it, and the journal signed so far.
func district(t *testing.T, w *apptest.World, s *apptest.Small) {
	t.Helper()
	ctx := context.Background()
	p, err := w.App.AddProject(ctx, w.As(t, "tf1"), app.AddProject{Name: "示例金融中心", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 5_000_000_000, Year: 2023, YearPlanFen: 1_200_000_000,
		SignedOn: calendar.MakeDate(2023, 3, 13), Stage: "signed"})
	apptest.Must(t, err, "add a project")
	_, err = w.App.DraftTicket(ctx, w.As(t, "tf1m"), app.DraftTicket{Kind: "instruction", Title: "加快示例供热管线迁改", Basis: "区长批示", Instruction: "五一前拿出方案。", TaskForceID: s.Forces["1"], ProjectID: p.ID,
		LeadUnitID: s.Units["gxj"], DueTerm: "15 workdays"})
	apptest.Must(t, err, "draft a ticket")
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign a checkpoint")
}

func TestJournalPage(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	insp := as(t, w, srv, "insp")
	page := insp.get("/journal")
	page.has(t, 200, "审计日志", "全区全部记录", "拟办事项", "加快示例供热管线迁改", `href="/tickets/2023-001"`, "登记项目", `href="/projects/P-001"`, "示例金融中心", "5,000 万元", "示例班长一", "示例工信局", "领导批示",
		"区长批示", "初始化 · test", "导出核验包", "auditverify -key checkpoint.pub journal.zip")
	covered := size(t, w) - 2 // the signing in and this reading came after the checkpoint
	page.has(t, 200, fmt.Sprintf("最新检查点覆盖前 %d 条记录", covered), "其后 2 条记录尚未覆盖")

	only := insp.get("/journal?project=p-001&kind=project")
	only.has(t, 200, "登记项目", `value="p-001"`, "清除筛选")
	only.lacks(t, "拟办事项</div>", "开立账号</div>")
	insp.get("/journal?person=tf1m").lacks(t, "登记项目</div>")
	insp.get("/journal?ticket=2023-001").has(t, 200, "拟办事项")
	insp.get("/journal?taskforce=10").has(t, 200, "设立专班")
	wrong := insp.get("/journal?ticket=2023-999&person=nobody&before=x")
	wrong.has(t, 200, "没有这个编号", "请填写记录编号", "没有符合条件的记录", `value="2023-999"`)
	wrong.lacks(t, "开立账号</div>")
}

func TestJournalGoesBackByNumber(t *testing.T) {
	w, _, srv := site(t)
	for i := range 60 {
		_, err := w.App.AddUnit(context.Background(), app.Setup("test"), app.AddUnit{Code: fmt.Sprintf("u%02d", i), Name: fmt.Sprintf("示例单位%02d", i), Kind: "street"})
		apptest.Must(t, err, "add a unit")
	}
	b := as(t, w, srv, "insp")
	n := size(t, w)
	first := b.get("/journal?kind=unit")
	first.has(t, 200, "示例单位59", "更早", fmt.Sprintf("?before=%d&kind=unit", n-1-49))
	first.lacks(t, "示例单位09<small", "最新</a>")
	second := b.get(fmt.Sprintf("/journal?kind=unit&before=%d", n-1-49))
	second.has(t, 200, "示例单位09<small", "最新")
	second.lacks(t, "示例单位10<small")
}

func TestJournalShowsOnlyWhatOneMaySee(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	b := as(t, w, srv, "zjj.hand")
	page := b.get("/journal")
	page.has(t, 200, "仅列出您有权查看的记录")
	page.lacks(t, "示例金融中心", "加快示例供热管线迁改", "开立账号</div>", "导出核验包")
	b.get("/journal?project=P-001").has(t, 200, "没有这个编号")
	b.get("/journal/1").has(t, 404)
	b.get("/journal/nonsense").has(t, 404)
	before := size(t, w)
	b.post("/journal/export", nil).has(t, 404)
	if size(t, w) != before {
		t.Error("a refused export left a record")
	}
}

func TestRecordIsProven(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	b := as(t, w, srv, "dir")
	rows, err := w.App.Journal(context.Background(), w.As(t, "dir"), app.JournalFilter{Kind: "ticket", Limit: 1})
	apptest.Must(t, err, "read the journal")
	row := rows[0]
	leaf := audit.LeafHash(row.Record)
	page := b.get(fmt.Sprintf("/journal/%d", row.No))
	page.has(t, 200, "已证明", string(row.Record), fmt.Sprintf("%x", leaf[:]), leaf.String(), "test.battlemap", "\n  \"action\": \"ticket.draft\"", "接在左侧", fmt.Sprintf("/journal/%d", row.No-1), "15 个工作日")
	proof, err := w.App.JournalProof(context.Background(), w.As(t, "dir"), row.No)
	apptest.Must(t, err, "prove the record")
	for _, hash := range proof.Proof {
		page.has(t, 200, hash.String())
	}
	page.has(t, 200, strings.TrimSpace(proof.Checkpoint.Note))

	late := b.get(fmt.Sprintf("/journal/%d", size(t, w)))
	late.has(t, 200, "尚未被检查点覆盖")
	late.lacks(t, "已证明")
	b.get(fmt.Sprintf("/journal/%d", size(t, w)+1)).has(t, 404)
}

// A journal that was signed with another key, or changed, must not be called proven.
func TestRecordThatDoesNotFitIsNamed(t *testing.T) {
	w, _, _ := site(t)
	ctx := context.Background()
	apptest.Must(t, w.App.SignCheckpoint(ctx), "sign a checkpoint")
	r, err := w.App.JournalProof(ctx, app.System("test"), 3)
	apptest.Must(t, err, "prove a record")
	if _, err := w.App.CheckProof(r); err != nil {
		t.Errorf("a sound record: %v", err)
	}
	r.Leaf[0] ^= 1
	if _, err := w.App.CheckProof(r); err == nil {
		t.Error("a changed record passes")
	}
	_, w.Options.PublicKey, err = audit.NewKey("test.battlemap", bytes.NewReader(bytes.Repeat([]byte{8}, 64)))
	apptest.Must(t, err, "make a key")
	w.Reopen(t)
	b := as(t, w, serve(t, w), "insp")
	b.get("/journal/3").has(t, 200, "与检查点不符", "立即导出日志")
	if !strings.Contains(w.Log.String(), "record does not fit its checkpoint") {
		t.Error("the log says nothing of it")
	}
}

func TestExportIsSound(t *testing.T) {
	w, s, srv := site(t)
	district(t, w, s)
	b := as(t, w, srv, "insp")
	file := b.post("/journal/export", nil)
	file.has(t, 200)
	if got := file.header.Get("Content-Disposition"); got != `attachment; filename="battlemap-journal-2023-03-13.zip"` {
		t.Errorf("Content-Disposition: %s", got)
	}
	if got := file.header.Get("Content-Type"); got != "application/zip" {
		t.Errorf("Content-Type: %s", got)
	}
	z, err := zip.NewReader(strings.NewReader(file.body), int64(len(file.body)))
	apptest.Must(t, err, "open the zip")
	f, err := z.Open("journal.ndjson")
	apptest.Must(t, err, "open the journal")
	lines, err := io.ReadAll(f)
	apptest.Must(t, err, "read the journal")
	if n := int64(bytes.Count(lines, []byte("\n"))); n != size(t, w) {
		t.Errorf("the export has %d records, the journal %d", n, size(t, w))
	}
	b.get("/journal").has(t, 200, "导出日志", "其后 1 条记录尚未覆盖") // this reading
}

func TestRulesPage(t *testing.T) {
	w, _, srv := site(t)
	b := as(t, w, srv, "zjj.hand")
	page := b.get("/rules")
	page.has(t, 200, "示例区亮灯规则", "第 1 版", "2023年1月1日", "示例推演，未经任何机关批准", `id="project.behind"`, "银川市2025年", "“是否已开工”为否 且 “有已认可的正当理由”为否 且 项目阶段 不属于 停缓建、调出",
		`not started and not exempt and stage not in ["suspended", "removed"]`, "落后序时进度（百分点） ≥ 10", "落后序时进度（百分点） > 30", "现行办理期限之前 3 个工作日", "最近一次核验进展日期之后 25 个工作日",
		"责任单位负责人、包保领导、督查负责人、区领导", "红色督办单", "[P] 表示", "2023年4月18日", "不亮灯")
	page.lacks(t, "{due}", "{behind}")
	b.get("/rules?of=ticket").has(t, 200, "督办事项", "审签交办", "待审签 → 已交办", "督查负责人、专班班长", "交办日期起 5 个工作日内", "牵头单位、承办单位、本专班的人员回避", "呈批示领导阅示日期（当事项类别 为 领导批示）", "stateDiagram-v2")
	b.get("/rules?of=project").has(t, 200, "认定开工", "签约、落地 → 开工", "督办员、督查负责人", "180 天", "暂停前的状态", "取得施工许可证并进场施工 / 主体工程基坑开挖")
	b.get("/rules?of=weather").has(t, 404)
	b.post("/prefs", url.Values{"lang": {"en"}, "theme": {"dark"}, "next": {"/rules"}}).went(t, "/rules")
	b.get("/rules").has(t, 200, "Rules of the example district", "'started' is not true and 'has an accepted reason' is not true and stage is none of Suspended, Removed from the plan", "25 working days after: last verified progress")
}

func TestPeopleAreForAdministratorsAndInspectors(t *testing.T) {
	w, s, srv := site(t)
	for _, account := range []string{"leader", "dir", "tf1", "gxj.lead", "zjj.hand"} {
		b := as(t, w, srv, account)
		for _, path := range []string{"/people", "/people?show=units", "/people?show=taskforces"} {
			b.get(path).has(t, 404)
		}
	}
	insp := as(t, w, srv, "insp")
	page := insp.get("/people")
	page.has(t, 200, "您可以查看，不能修改", "示例工信经办", "承办人", "单位 · 示例工信局", "2023年3月13日起")
	page.lacks(t, `action="/people`, "停用</button>")
	before := size(t, w)
	id := fmt.Sprint(s.Users["zjj.hand"])
	for path, form := range map[string]url.Values{
		"/people/units":              {"code": {"x"}, "name": {"示例"}, "kind": {"bureau"}},
		"/people/users":              {"account": {"xx"}, "name": {"示例"}, "unit_id": {fmt.Sprint(s.Units["gxj"])}},
		"/people/users/disable":      {"user": {id}, "off": {"1"}},
		"/people/users/invite":       {"user": {id}},
		"/people/grants":             {"user_id": {id}, "role": {"supervisor"}, "scope": {"district:0"}, "valid_from": {"nonsense"}},
		"/people/grants/end":         {"grant": {"2"}},
		"/people/taskforces":         {"code": {"11"}, "name": {"示例"}, "leader_id": {id}, "flagged_on": {"nonsense"}},
		"/people/taskforces/change":  {"force": {"1"}, "version": {"1"}, "leader_id": {id}, "reason": {"示例"}},
		"/people/taskforces/change ": nil,
	} {
		insp.post(strings.TrimSpace(path), form).has(t, 404)
	}
	if got := size(t, w); got != before {
		t.Errorf("refused forms left %d records", got-before)
	}
}

func TestAddUnitAndPerson(t *testing.T) {
	w, _, srv := site(t)
	b := as(t, w, srv, "admin")
	b.post("/people/units", url.Values{"code": {"jtj"}, "name": {"示例交通局"}, "kind": {"bureau"}}).went(t, "/people?show=units")
	b.get("/people?show=units").has(t, 200, "单位已新增", "示例交通局", "区直部门")
	again := b.post("/people/units", url.Values{"code": {"jtj2"}, "name": {"示例交通局"}, "kind": {"bureau"}})
	again.has(t, 422, "已被使用", `value="jtj2"`, `value="示例交通局"`)
	b.post("/people/units", url.Values{}).has(t, 422, "请填写此项", "请从列表中选择")

	unit := ""
	if m := regexp.MustCompile(`<option value="(\d+)">示例交通局`).FindStringSubmatch(b.get("/people").body); m != nil {
		unit = m[1]
	}
	bad := b.post("/people/users", url.Values{"account": {"交通"}, "name": {"示例新人"}, "title": {"科员"}, "email": {"nobody"}, "unit_id": {unit}})
	bad.has(t, 422, "账号为 2 至 40 位", "邮箱地址格式不正确", `value="交通"`, `value="示例新人"`, `value="科员"`, `<option value="`+unit+`" selected>`)
	if done := b.post("/people/users", url.Values{"account": {"jtj.hand"}, "name": {"示例新人"}, "title": {"科员"}, "unit_id": {unit}}); !strings.HasPrefix(done.location, "/people#u-") {
		t.Errorf("status %d to %s", done.status, done.location)
	}
	b.get("/people").has(t, 200, "人员已新增", "示例新人", "jtj.hand · 科员", "尚未设置密码", "没有角色")
}

func TestInvitedPersonSetsAPassword(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "admin")
	page := b.post("/people/users/invite", url.Values{"user": {fmt.Sprint(s.Users["gxj.hand"])}})
	page.has(t, 200, "给 示例工信经办 的一次性链接", "只显示这一次")
	link := regexp.MustCompile(`value="` + regexp.QuoteMeta(srv.URL) + `(/setup/[A-Za-z0-9_-]{43})"`).FindStringSubmatch(page.body)
	if link == nil {
		t.Fatal("no link on the page")
	}
	b.get("/people").lacks(t, "/setup/")
	guest := newBrowser(t, w, srv)
	form := guest.get(link[1])
	form.has(t, 200, "设置密码", "示例工信经办，您的账号是 gxj.hand", `name="again"`)
	form.lacks(t, `name="place"`, `name="unit"`)
	token := strings.TrimPrefix(link[1], "/setup/")
	own := "many words that nobody guesses"
	wrong := guest.post("/setup", url.Values{"token": {token}, "account": {"gxj.hand"}, "name": {"示例工信经办"}, "password": {own}, "again": {own + "."}})
	wrong.has(t, 422, "两次输入的密码不一致", "示例工信经办，您的账号是 gxj.hand", token)
	wrong.lacks(t, own)
	guest.post("/setup", url.Values{"token": {token}, "account": {"admin"}, "password": {own}, "again": {own}}).went(t, "/login")
	guest.get("/login").has(t, 200, "密码已设置，请登录")
	guest.post("/login", url.Values{"account": {"gxj.hand"}, "password": {own}}).went(t, "/")
	guest.get(link[1]).has(t, 404)
	guest.post("/setup", url.Values{"token": {token}, "password": {own}, "again": {own}}).has(t, 404)
}

func TestFirstAdministrator(t *testing.T) {
	w := apptest.Open(t, "sqlite:"+t.TempDir()+"/test.db")
	token, err := w.App.FirstLink(context.Background())
	apptest.Must(t, err, "make the first link")
	srv := serve(t, w)
	b := newBrowser(t, w, srv)
	b.get("/setup/"+token).has(t, 200, "首次设置", `name="place"`, `name="unit"`, `name="again"`, `value="`+token+`"`)
	form := url.Values{"token": {token}, "place": {"示例区"}, "unit": {"区政府办公室"}, "name": {"示例管理员"}, "account": {"admin"}, "password": {"short"}, "again": {"short"}}
	b.post("/setup", form).has(t, 422, "密码至少 12 位", `value="示例区"`, `value="区政府办公室"`, `value="示例管理员"`, `value="admin"`, `value="`+token+`"`)
	form["password"], form["again"] = []string{password}, []string{password}
	b.post("/setup", form).went(t, "/login")
	b.post("/login", url.Values{"account": {"admin"}, "password": {password}}).went(t, "/")
	b.get("/me").has(t, 200, "管理员", "全区", "初始化")
}

func TestGrantAndEndRole(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "admin")
	id := fmt.Sprint(s.Users["zjj.hand"])
	scope := fmt.Sprintf("task_force:%d", s.Forces["10"])
	b.get("/people?form=grant&user="+id).has(t, 200, `<option value="`+id+`" selected>`, `<optgroup label="专班"><option value="`+fmt.Sprintf("task_force:%d", s.Forces["1"])+`">扩工业`)
	bad := b.post("/people/grants", url.Values{"user_id": {id}, "role": {"taskforce_member"}, "scope": {scope}, "valid_from": {"13.3.2023"}, "valid_to": {"2023-04-01"}})
	bad.has(t, 422, "日期格式应为 2023-03-13", `value="13.3.2023"`, `value="2023-04-01"`, `<option value="taskforce_member" selected>`, `<option value="`+scope+`" selected>`, `<option value="`+id+`" selected>`)
	b.post("/people/grants", url.Values{"user_id": {id}, "role": {"taskforce_member"}, "scope": {""}}).has(t, 422, "请从列表中选择")
	b.post("/people/grants", url.Values{"user_id": {id}, "role": {"taskforce_member"}, "scope": {"task_force:999"}}).has(t, 422, "请从列表中选择")
	b.post("/people/grants", url.Values{"user_id": {id}, "role": {"taskforce_member"}, "scope": {scope}, "valid_to": {"2023-04-01"}}).went(t, "/people#u-"+id)
	b.get("/people").has(t, 200, "角色已授予", "专班 · 考评督导", "2023年3月13日至2023年4月1日")

	grants, err := w.App.Grants(context.Background(), w.As(t, "admin"))
	apptest.Must(t, err, "read grants")
	newest := grants[0]
	for _, g := range grants {
		if g.ID > newest.ID {
			newest = g
		}
	}
	b.post("/people/grants/end", url.Values{"grant": {fmt.Sprint(newest.ID)}}).went(t, "/people")
	b.get("/people").lacks(t, "专班 · 考评督导<small>2023年3月13日至2023年4月1日")
	as(t, w, srv, "insp").get("/journal?kind=grant").has(t, 200, "示例住建经办 · 专班成员", "结束角色")
	b.post("/people/grants/end", url.Values{"grant": {"99999"}}).has(t, 404)
}

func TestOwnAccountStays(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "admin")
	me := fmt.Sprint(s.Users["admin"])
	grants, err := w.App.OwnGrants(context.Background(), w.As(t, "admin"))
	apptest.Must(t, err, "read own grants")
	before := size(t, w)
	b.post("/people/users/disable", url.Values{"user": {me}, "off": {"1"}}).has(t, 422, "不能停用自己的账号")
	b.post("/people/users/invite", url.Values{"user": {me}}).has(t, 422, "不能为自己生成链接")
	b.post("/people/grants", url.Values{"user_id": {me}, "role": {"inspector"}, "scope": {"district:0"}}).has(t, 422, "不能给自己授权")
	b.post("/people/grants/end", url.Values{"grant": {fmt.Sprint(grants[0].ID)}}).has(t, 422, "不能给自己授权")
	if got := size(t, w); got != before {
		t.Errorf("refused forms left %d records", got-before)
	}
	b.get("/people").has(t, 200, "本人：由另一名管理员办理")
}

func TestShutAccountIsOutAtOnce(t *testing.T) {
	w, s, srv := site(t)
	admin, hand := as(t, w, srv, "admin"), as(t, w, srv, "gxj.hand")
	id := url.Values{"user": {fmt.Sprint(s.Users["gxj.hand"])}}
	hand.get("/me").has(t, 200)
	admin.post("/people/users/disable", url.Values{"user": id["user"], "off": {"1"}}).went(t, "/people")
	hand.get("/me").went(t, "/login?next=%2Fme")
	admin.get("/people").has(t, 200, "账号已停用", "已停用</span>")
	admin.post("/people/users/disable", id).went(t, "/people")
	admin.get("/people").has(t, 200, "账号已启用")
	admin.post("/people/users/disable", url.Values{"user": {"99999"}, "off": {"1"}}).has(t, 404)
}

func TestTaskForces(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "admin")
	leader, unit := fmt.Sprint(s.Users["guar"]), fmt.Sprint(s.Units["zjj"])
	form := url.Values{"code": {"3"}, "name": {"扩工业"}, "leader_id": {leader}, "unit_id": {unit}, "document_no": {"示例〔2023〕1号"}, "flagged_on": {"2023-03-13"}, "duty": {"示例职责"}}
	b.post("/people/taskforces", form).has(t, 422, "已被使用", `value="示例〔2023〕1号"`, `value="2023-03-13"`, "示例职责</textarea>", `<option value="`+leader+`" selected>`)
	form.Set("name", "强科技")
	b.post("/people/taskforces", form).went(t, "/people?show=taskforces")
	b.get("/people?show=taskforces").has(t, 200, "强科技", "示例包保领导", "示例〔2023〕1号", "2023年3月13日授旗", "示例职责")

	page := b.get("/people?show=taskforces&force=1")
	page.has(t, 200, "变更“扩工业”", `name="version" value="1"`, `<option value="`+fmt.Sprint(s.Users["tf1"])+`" selected>`)
	change := url.Values{"force": {"1"}, "version": {"1"}, "leader_id": {leader}, "unit_id": {unit}, "reason": {""}}
	b.post("/people/taskforces/change", change).has(t, 422, "请填写此项", `<option value="`+leader+`" selected>`)
	change.Set("reason", "示例：工作调整")
	b.post("/people/taskforces/change", change).went(t, "/people?show=taskforces")
	change.Set("reason", "示例：第二个窗口")
	stale := b.post("/people/taskforces/change", change)
	stale.has(t, 409, "刚被他人修改", "示例：第二个窗口</textarea>", `name="version" value="2"`)
	as(t, w, srv, "insp").get("/journal?kind=task_force").has(t, 200, "调整专班负责人", "示例：工作调整", "班长", "示例班长一", "示例包保领导")
	change.Set("force", "77")
	b.post("/people/taskforces/change", change).has(t, 404)
}

func TestMePage(t *testing.T) {
	w, _, srv := site(t)
	b := as(t, w, srv, "gxj.hand")
	page := b.get("/me")
	page.has(t, 200, "我的账号", "示例工信经办", "gxj.hand", "承办人", "单位 · 示例工信局", "国办函〔2026〕12号", "不得处理涉密信息")
	page.lacks(t, "示例住建经办")

	other := newBrowser(t, w, srv)
	other.enter("gxj.hand")
	other.get("/me").has(t, 200)
	fresh := "a new sentence with spaces"
	b.post("/me/password", url.Values{"current": {"wrong"}, "password": {fresh}, "again": {fresh}}).has(t, 422, ">密码不正确")
	b.post("/me/password", url.Values{"current": {password}, "password": {"short"}, "again": {"short"}}).has(t, 422, "密码至少 12 位")
	b.post("/me/password", url.Values{"current": {password}, "password": {fresh}, "again": {fresh + "."}}).has(t, 422, "两次输入的密码不一致")
	b.post("/me/password", url.Values{"current": {password}, "password": {fresh}, "again": {fresh}}).went(t, "/login")
	other.get("/me").went(t, "/login?next=%2Fme")
	b.post("/login", url.Values{"account": {"gxj.hand"}, "password": {password}}).has(t, 422)
	b.post("/login", url.Values{"account": {"gxj.hand"}, "password": {fresh}}).went(t, "/")
}

// One click on a sample person of the simulation sends account and password; without samples the page offers none.
func TestSamplePersonSignsInWithOneClick(t *testing.T) {
	w, _, srv := site(t, func(o *web.Options) {
		o.Samples = []templates.SampleAccount{{Account: "insp", Password: password, Name: "示例巡察员", Role: "inspector", Unit: "示例政府督查室"}}
	})
	apptest.Must(t, w.App.ResetPassword(context.Background(), app.Setup("test"), "insp", password), "set the password")
	b := newBrowser(t, w, srv)
	page := b.get("/login?next=/journal")
	page.has(t, 200, "示例巡察员", "巡察审计人员")
	_, section, _ := strings.Cut(page.text, `class="gate samples"`)
	section, _, _ = strings.Cut(section, "</section>")
	form := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`).FindAllStringSubmatch(section, -1) {
		form.Set(m[1], m[2])
	}
	if len(form) < 3 {
		t.Fatalf("the button sends %v", form)
	}
	b.post("/login", form).went(t, "/journal")
	b.get("/journal").has(t, http.StatusOK, "审计日志")
	plain := serve(t, w)
	newBrowser(t, w, plain).get("/login").lacks(t, "gate samples", password)
}
