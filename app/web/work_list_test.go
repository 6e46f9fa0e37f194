package web_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"testing"

	"battlemap/app"
	"battlemap/app/apptest"
	"battlemap/app/calendar"
)

func TestNewTicketKeepsWhatWasTyped(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "tf1m")
	b.get("/tickets/new").has(t, 200, "拟办督办事项", "15 个工作日", "3 个月", "二级协调（责任单位负责人）", "示例区领导", "扩工业")
	b.get("/tickets/new").lacks(t, ">考评督导<") // only the task forces in which the person may draft
	before := size(t, w)
	form := draft(s, "kind", "blocker", "title", "", "due_on", "2023-04-31", "coordination_level", "3", "decision_from", "市资规局")
	form["assist_unit_ids"] = []string{num(s.Units["zjj"]), num(s.Units["dcs"])}
	page := b.post("/tickets/new", form)
	page.has(t, 422, "没有保存", "日期格式应为 2023-03-13", `value="2023-04-31"`)
	form.Set("due_on", "2023-04-30")
	page = b.post("/tickets/new", form)
	page.has(t, 422, "请填写此项", "请从列表中选择", "二选一", `value="blocker" selected`, `value="区长批示〔2023〕12号"`, "五一前拿出方案。</textarea>", `value="2023-04-30"`,
		`value="15 workdays" selected`, `value="3" selected`, `value="市资规局"`, fmt.Sprintf(`value="%d" selected>示例工信局`, s.Units["gxj"]),
		fmt.Sprintf(`value="%d" checked`, s.Units["zjj"]), fmt.Sprintf(`value="%d" checked`, s.Units["dcs"]), fmt.Sprintf(`value="%d" selected>扩工业`, s.Forces["1"]))
	page.lacks(t, fmt.Sprintf(`value="%d" checked`, s.Units["kpb"]))
	if size(t, w) != before {
		t.Error("a refused draft left a record")
	}
	form.Set("title", "示例堵点")
	form.Set("cause", "land")
	form.Set("due_term", "")
	b.post("/tickets/new", form).went(t, "/tickets/2023-001")
	b.get("/tickets/2023-001").has(t, 200, "示例住建局", "示例政府督查室", "协办", "土地", "市资规局", "三级协调（联系区领导）", "2023年4月30日 星期日", "人工确定的日期")
}

// One matter is not to be supervised twice (regulations on government supervision, article 15): the drafter has to say that it is another.
func TestTwinsAreShown(t *testing.T) {
	w, s, srv := site(t)
	p, err := w.App.AddProject(context.Background(), w.As(t, "tf1"), app.AddProject{Name: "示例金融中心", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 5_000_000_000, Year: 2023,
		YearPlanFen: 1_200_000_000, SignedOn: calendar.MakeDate(2023, 3, 13), Stage: "signed"})
	apptest.Must(t, err, "add a project")
	b := as(t, w, srv, "tf1m")
	b.get("/tickets/new?project="+p.Code).has(t, 200, fmt.Sprintf(`value="%d" selected>%s`, p.ID, p.Code))
	b.get("/tickets/new?project=P-999").has(t, 404)
	form := draft(s, "project_id", num(p.ID))
	b.post("/tickets/new", form).went(t, "/tickets/2023-001")
	b.post("/tickets/new", form).has(t, 422, "不得重复督办", "〔2023〕001号 加快示例供热管线迁改", "五一前拿出方案。</textarea>")
	form.Set("other_matter", "1")
	b.post("/tickets/new", form).went(t, "/tickets/2023-002")
}

func TestTicketList(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "dir")
	b.get("/tickets").has(t, 200, "没有未办结的督办事项", "拟办第一件")
	issued(t, w, s, app.DraftTicket{Kind: "blocker", Title: "示例用电报装", Basis: "会议纪要", Cause: "utilities"})
	issued(t, w, s, app.DraftTicket{Kind: "decision", Title: "示例考评办法", Basis: "会议纪要", TaskForceID: s.Forces["10"], LeadUnitID: s.Units["kpb"], DueTerm: "30 days"})
	all := b.get("/tickets")
	all.has(t, 200, "示例用电报装", "示例考评办法", "〔2023〕001号", "共 2 件", "全区范围", "2023年3月20日 星期一", "还有 5 个工作日", "拟办事项")
	for query, found := range map[string]bool{
		"?kind=blocker": true, "?kind=appeal": false, "?state=issued": true, "?state=closed": false, "?light=green": true, "?light=red": false,
		"?force=" + num(s.Forces["1"]): true, "?force=" + num(s.Forces["10"]): false, "?q=" + url.QueryEscape("用电"): true, "?q=2023-1": true,
		"?q=" + url.QueryEscape("〔2023〕001号"): true, "?q=2023-002": false, "?q=%25": false,
	} {
		page := b.get("/tickets" + query)
		if found {
			page.has(t, 200, "示例用电报装")
			continue
		}
		page.has(t, 200)
		page.lacks(t, "示例用电报装")
	}
	b.get("/tickets?kind=appeal").has(t, 200, "没有符合条件的事项", "清除")
	as(t, w, srv, "zjj.hand").get("/tickets").has(t, 200, "没有未办结的督办事项", "本人职责范围")
	as(t, w, srv, "kpb.hand").get("/tickets").lacks(t, "示例用电报装", `href="/tickets/new"`)
}

// The due date says how it was counted: what was left out, what was worked to make up, and where it was moved.
func TestDueDateIsExplained(t *testing.T) {
	w, s, srv := site(t)
	w.At(t, "2023-04-28 09:00")
	b := as(t, w, srv, "dir")
	for _, c := range []struct {
		term string
		want []string
	}{
		{"3 workdays", []string{"2023年5月6日 星期六 （调休上班）", "计 3 日，不计 5 日", "期间节假日：劳动节 5 日", "调休上班（计入）：5月6日", `href="/why/tickets/2023-001#due"`}},
		{"1 workdays", []string{"2023年5月4日 星期四", "还有 1 个工作日"}},
		{"2 days", []string{"2023年5月4日 星期四", "末日2023年4月30日 星期日为休息日，顺延"}},
		{"12 months", []string{"2024年4月28日 星期日", "12 个月"}},
		{"15 months", []string{"2024年7月29日 星期一", "末日2024年7月28日 星期日"}},
		{"60 months", []string{"2028年4月28日 星期五 （暂定）"}},
	} {
		k := issued(t, w, s, app.DraftTicket{DueTerm: c.term})
		b.get("/tickets/"+k.No).has(t, 200, c.want...)
	}
}

// A late ticket says so in words, explains each light with its rule, tells who was told, and what comes next.
func TestLateTicketExplainsItself(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{})
	ctx := context.Background()
	_, err := w.App.MoveTicket(ctx, w.As(t, "gxj.hand"), app.MoveTicket{Ticket: k.ID, Version: k.Version, Move: "accept"})
	apptest.Must(t, err, "accept")
	b := as(t, w, srv, "gxj.lead")
	b.get("/tickets/"+k.No).has(t, 200, "没有规则亮灯", "下一步", "2023年3月15日 星期三", "2023年3月21日 星期二", "黄色督办单", "责任单位负责人")
	w.At(t, "2023-03-22 09:00")
	swept, err := w.App.Sweep(ctx, app.System("sweep"), 0)
	apptest.Must(t, err, "sweep")
	if swept.Failed > 0 {
		t.Fatal(w.Log.String())
	}
	_, err = w.App.DeliverInbox(ctx)
	apptest.Must(t, err, "deliver")
	b = as(t, w, srv, "gxj.lead")
	page := b.get("/tickets/" + k.No)
	page.has(t, 200, "原定办理期限为 2023年3月20日 星期一", "已逾期 2 个工作日", "default/ticket.overdue@1", "按原定时间考核", "黄色督办单 · 事项逾期", "示例班长一、示例工信局长", "已送达 3月22日 09:00",
		"2023年3月27日 星期一", "红色督办单", "区领导约谈", "系统 · 亮灯规则", "亮灯")
	b.get("/tickets/"+k.No+"?history=people").lacks(t, "重新亮灯", "亮灯规则</b>")
	b.get("/tickets/"+k.No+"?history=rules").lacks(t, "审签交办</p>")
	b.get("/desk").has(t, 200, "1 件已逾期", "已逾期 2 个工作日", "开始办理", "黄")

	inbox := b.get("/inbox")
	inbox.has(t, 200, "亮黄灯 · 〔2023〕001号 示例事项：事项逾期", "未读", "default/ticket.overdue@1", `href="/tickets/2023-001"`, "2023年3月27日 星期一", "全部标为已读")
	b.post("/inbox/read", url.Values{"up_to": {regexp.MustCompile(`name="up_to" value="(\d+)"`).FindStringSubmatch(inbox.body)[1]}}).went(t, "/inbox")
	read := b.get("/inbox")
	read.has(t, 200, "未读 0 条", "已标为已读")
	read.lacks(t, "全部标为已读")
}

func TestInboxGoesBackPageByPage(t *testing.T) {
	w, s, srv := site(t)
	b := as(t, w, srv, "gxj.lead")
	b.get("/inbox").has(t, 200, "没有消息", "工作时间")
	for range 85 {
		issued(t, w, s, app.DraftTicket{})
	}
	_, err := w.App.DeliverInbox(context.Background())
	apptest.Must(t, err, "deliver")
	first := b.get("/inbox")
	first.has(t, 200, "第 1–40 条，共 85 条", "〔2023〕085号")
	first.lacks(t, "〔2023〕045号", `rel="prev"`)
	next := func(a answer, rel string) string {
		t.Helper()
		m := regexp.MustCompile(`rel="` + rel + `" href="([^"]+)"`).FindStringSubmatch(a.text)
		if m == nil {
			t.Fatalf("no %s page", rel)
		}
		return m[1]
	}
	second := b.get(next(first, "next"))
	second.has(t, 200, "第 41–80 条，共 85 条", "〔2023〕045号", "〔2023〕006号", `rel="prev" href="/inbox"`)
	third := b.get(next(second, "next"))
	third.has(t, 200, "第 81–85 条，共 85 条", "〔2023〕001号")
	b.get(next(third, "prev")).has(t, 200, "第 41–80 条，共 85 条")
	b.post("/inbox/read", url.Values{"up_to": {regexp.MustCompile(`name="up_to" value="(\d+)"`).FindStringSubmatch(second.body)[1]}}).went(t, "/inbox")
	b.get("/inbox").has(t, 200, "未读 40 条")
	as(t, w, srv, "zjj.lead").get("/inbox").has(t, 200, "没有消息")
}

func TestSearch(t *testing.T) {
	w, s, srv := site(t)
	ctx := context.Background()
	p, err := w.App.AddProject(ctx, w.As(t, "tf1"), app.AddProject{Name: "示例金融中心", Level: "city", TaskForceID: s.Forces["1"], InvestFen: 5_000_000_000, Year: 2023,
		YearPlanFen: 1_200_000_000, SignedOn: calendar.MakeDate(2023, 3, 13), Stage: "signed"})
	apptest.Must(t, err, "add a project")
	apptest.Must(t, w.App.Assign(ctx, w.As(t, "tf1"), app.Assign{Project: p.ID, Version: p.Version, UnitID: s.Units["gxj"], LeadUnitID: s.Units["gxj"], ResponsibleID: s.Users["gxj.hand"],
		Duties: "包保到投产", Reason: "首次"}), "assign")
	k := issued(t, w, s, app.DraftTicket{Kind: "blocker", Title: "示例金融中心用电", Basis: "会议纪要", Cause: "utilities"})
	apptest.Must(t, w.App.HandTicket(ctx, w.As(t, "gxj.lead"), app.HandTicket{Ticket: k.ID, Version: k.Version, HandlerID: s.Users["gxj.hand"]}), "hand")
	b := as(t, w, srv, "leader")
	b.get("/search").has(t, 200, "输入编号、名称或姓名")
	both := b.get("/search?q=" + url.QueryEscape("金融"))
	both.has(t, 200, "示例金融中心用电", `href="/projects/P-001"`, `value="金融"`, "1 项")
	b.get("/search?q=p-001").has(t, 200, `href="/projects/P-001"`)
	for _, no := range []string{"2023-001", "2023-1", "〔2023〕001号", "[2023]1号", " 2023-001 "} {
		b.get("/search?q="+url.QueryEscape(no)).has(t, 200, `href="/tickets/2023-001"`)
	}
	person := b.get("/search?q=" + url.QueryEscape("工信经办"))
	person.has(t, 200, "责任人名下的项目", "承办人名下的事项", "示例工信经办")
	b.get("/search?q="+url.QueryEscape("<无>")).has(t, 200, "没有找到“<无>”", "查找")
	as(t, w, srv, "zjj.hand").get("/search?q="+url.QueryEscape("金融")).has(t, 200, "没有找到")
}

var rawKey = regexp.MustCompile(`>[^<]*\b(?:ticket|tickets|ticket_new|ticket_due|desk|desk_group|inbox|search|work|kind|cause|term|part|channel|delivery|lifted|notice|why|coordination|action)\.[a-z_]+`)

// stamp names a rule and its version, which pages show as they are.
var stamp = regexp.MustCompile(`[a-z_0-9]+/[a-z_.]+@[0-9]+`)

// Every page of the daily work is in English too, and no key shows.
func TestWorkPagesInEnglish(t *testing.T) {
	w, s, srv := site(t)
	k := issued(t, w, s, app.DraftTicket{Kind: "blocker", Title: "示例用电", Basis: "会议纪要", Cause: "utilities", CoordinationLevel: 2})
	_, err := w.App.DeliverInbox(context.Background())
	apptest.Must(t, err, "deliver")
	b := as(t, w, srv, "gxj.lead")
	b.post("/prefs", url.Values{"lang": {"en"}, "next": {"/desk"}}).went(t, "/desk")
	for path, want := range map[string]string{"/desk": "Waiting for others", "/inbox": "1 unread", "/search?q=qqqq": "Nothing found", "/tickets": "With closed ones", "/tickets/" + k.No: "Chain of responsibility"} {
		page := b.get(path)
		page.has(t, 200, want)
		if key := rawKey.FindString(stamp.ReplaceAllString(page.text, "")); key != "" {
			t.Errorf("%s shows %q", path, key)
		}
	}
	page := b.get("/tickets/" + k.No)
	page.has(t, 200, "〔2023〕001", "5 working days", "Utilities", "Object to the assignment")
}
