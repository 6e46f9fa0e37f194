package templates

import (
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// samplePerson and friends: all persons are 示例; projects that no source names carry 示例 in their names.

func sampleCards(s say) []Card {
	owner := func(zh, en string) string { return s.is("示例"+zh, "Sample "+en) }
	return []Card{
		{Locale: s.Locale, Href: "#", Light: workflows.LightGreen, Name: "南岗金融发展中心", Code: "P-003", Person: owner("甲", "Jia"), Unit: s.is("区金融服务中心", "Finance Office"), Days: 46, Limit: 90, Next: s.is("选址 5月12日", "Site 12 May"), Invest: s.Invest(0, 4, "")},
		{Locale: s.Locale, Href: "#", Light: workflows.LightRed, Name: "示例:股权投资基金园", Code: "P-011", Person: owner("乙", "Yi"), Unit: s.is("区金融服务中心", "Finance Office"), Days: 64, Limit: 60, Next: s.is("开工 3月31日", "Start 31 Mar"), NextPast: true, Invest: s.Invest(1, 27, "red"),
			Tags: []Tag{{Text: s.is("红色督办单 待反馈", "Red form, answer due"), Tone: "red"}, {Text: s.is("堵点 2", "2 blockers")}}},
		{Locale: s.Locale, Href: "#", Light: workflows.LightYellow, Name: "示例:东北亚跨境电子商务综合服务平台及配套仓储物流中心(二期)", Code: "P-006", Person: owner("庚", "Geng"), Unit: s.is("区发展和改革局", "Development and Reform Bureau"), Days: 58, Limit: 240, Next: s.is("主体 5月6日", "Frame 6 May"), Invest: s.Invest(15, 27, "yellow"),
			Tags: []Tag{{Text: s.is("堵点 1 · 二级协调", "1 blocker · level 2"), Tone: "yellow"}}},
		{Locale: s.Locale, Href: "#", Light: workflows.LightOrange, Name: "示例:哈西地块城市更新", Code: "P-027", Person: owner("丑", "Chou"), Unit: s.is("区住房和城乡建设局", "Housing Bureau"), Days: 57, Limit: 60, Next: s.is("征拆 4月25日", "Demolition 25 Apr"), NextPast: true, Invest: s.Invest(3, 11, "red"),
			Tags: []Tag{{Text: s.is("橙色督办单", "Orange form"), Tone: "orange"}}},
		{Locale: s.Locale, Href: "#", Light: workflows.LightBlue, Name: "示例:智能装备产线", Code: "P-019", Person: owner("戊", "Wu"), Unit: s.is("区工业和信息化局", "Industry Bureau"), Days: 41, Limit: 45, Next: s.is("落地 5月4日", "Landed 4 May"), Invest: s.Invest(2, 2, "")},
		{Locale: s.Locale, Href: "#", Light: workflows.LightStale, Name: "示例:医药中间体", Code: "P-021", Person: owner("己", "Ji"), Unit: s.is("区工业和信息化局", "Industry Bureau"), Days: 22, Limit: 60, Next: s.is("环评 5月18日", "EIA 18 May"), Invest: s.Invest(2, 9, ""), Tags: []Tag{{Text: s.is("两周未报", "No report for two weeks"), Tone: "line"}}},
		{Locale: s.Locale, Href: "#", Name: "示例:综合客运枢纽前期", Code: "P-030", Unit: s.is("区交通运输局", "Transport Bureau"), Days: 12, Next: s.is("可研 6月30日", "Study 30 Jun")},
	}
}

func sampleSteps(s say) []Step {
	return []Step{
		{Name: s.is("拟办", "Draft"), Date: s.ShortDay(calendar.MakeDate(2023, 4, 3)), State: "done"},
		{Name: s.is("待审签", "Pending approval"), Date: s.ShortDay(calendar.MakeDate(2023, 4, 4)), State: "done"},
		{Name: s.is("已交办", "Issued"), Date: s.ShortDay(calendar.MakeDate(2023, 4, 6)), State: "done"},
		{Name: s.is("已领办", "Accepted"), Date: s.ShortDay(calendar.MakeDate(2023, 4, 7)), State: "done", Note: s.is("3 个单位", "3 units")},
		{Name: s.is("推进中", "In progress"), Date: s.ShortDay(calendar.MakeDate(2023, 4, 7)), State: "now", Note: s.is("第 22 天", "day 22")},
		{Name: s.is("已反馈", "Submitted"), State: "next"},
		{Name: s.is("核验通过", "Verified"), State: "next"},
		{Name: s.is("销号", "Closed"), State: "next"},
	}
}

func sampleEvents(s say) []Event {
	return []Event{
		{No: "18,204", Href: "#", Proof: s.is("查看证明", "Show the proof"), At: s.is("4月28日 09:31", "28 Apr 09:31"), Who: s.is("示例卯", "Sample Mao"), Unit: s.is("区城市管理局", "City Management Bureau"), What: s.is("反馈进展", "reported progress"), Before: "38%", After: "45%", Text: s.is("管线迁改完成 2.1 公里,剩余 0.4 公里待供热公司停暖后施工。", "2.1 km of pipes moved; the last 0.4 km wait until heating ends.")},
		{No: "18,166", Href: "#", Proof: s.is("查看证明", "Show the proof"), At: s.is("4月27日 08:30", "27 Apr 08:30"), Who: s.is("系统 · 亮灯规则 第 3 版", "System · light rules version 3"), What: s.is("亮灯", "lit"), Light: s.Light(workflows.LightOrange), Before: s.is("黄", "Yellow"), After: s.is("橙", "Orange"), System: true, Text: s.is("应于 4月26日 反馈,已逾期 1 个工作日。", "Feedback was due on 26 Apr: 1 working day overdue.")},
		{No: "17,940", Href: "#", Proof: s.is("查看证明", "Show the proof"), At: s.is("4月19日 15:02", "19 Apr 15:02"), Who: s.is("示例辰", "Sample Chen"), Unit: s.is("区政府督查室", "Supervision Office"), What: s.is("准予延期", "granted the extension"), Before: s.is("4月20日", "20 Apr"), After: s.is("4月26日", "26 Apr"), Text: s.is("按原定时间考核。", "Judged by the original date.")},
		{No: "17,402", Href: "#", Proof: s.is("查看证明", "Show the proof"), At: s.is("4月6日 10:15", "6 Apr 10:15"), Who: s.is("示例辰", "Sample Chen"), Unit: s.is("区政府督查室", "Supervision Office"), What: s.is("交办,牵头单位 区城市管理局", "issued it, lead unit City Management Bureau")},
	}
}

func sampleChain(s say) []Holder {
	return []Holder{
		{Role: s.is("包保领导", "Guarantee leader"), Name: s.is("示例甲", "Sample Jia"), Unit: s.is("区政府", "District government"), Since: s.is("2023年3月起", "since Mar 2023")},
		{Role: s.is("牵头单位", "Lead unit"), Name: s.is("区城市管理局", "City Management Bureau"), Unit: s.is("示例寅 局长", "Sample Yin, director")},
		{Role: s.is("责任单位", "Assisting unit"), Name: s.is("区住房和城乡建设局", "Housing Bureau"), Unit: s.is("示例丑 副局长", "Sample Chou, deputy")},
		{Role: s.is("责任人", "Responsible person"), Name: s.is("示例卯", "Sample Mao"), Unit: s.is("工程科", "Works section"), Since: s.is("4月10日由示例巳移交", "handed over by Sample Si on 10 Apr")},
		{Role: s.is("专员", "Service officer"), Vacant: s.is("空缺 6 个工作日", "vacant for 6 working days"), Unit: s.is("须由牵头单位指定", "to be named by the lead unit")},
	}
}

func sampleChips(s say) []Chip {
	return []Chip{
		{Text: s.is("全部专班", "All task forces"), Href: "#", On: true}, {Text: s.is("红", "Red"), Href: "#", Light: "red", Count: "3"}, {Text: s.is("橙", "Orange"), Href: "#", Light: "orange", Count: "1"},
		{Text: s.is("黄", "Yellow"), Href: "#", Light: "yellow", Count: "7"}, {Text: s.is("数据陈旧", "Stale data"), Href: "#", Light: "stale", Count: "2"}, {Text: s.is("有堵点", "With blockers"), Href: "#", Count: "5"},
		{Text: s.is("我包保的", "Mine"), Href: "#", Count: "4"}, {Text: s.is("对比:上次调度会(4月21日)", "Compare: last meeting (21 Apr)"), Href: "#"},
	}
}

func sampleFigures(s say) []Figure {
	rate := func(zh, en string, done, goal float64, tone string) Figure {
		f := Figure{Label: s.is(zh, en), Value: s.Percent(done), Note: s.is("目标 ", "goal ") + s.Percent(goal), Bar: s.Invest(done, goal, "")}
		f.Bar.Tone = tone
		return f
	}
	amount := func(zh, en string, fen int64) Figure {
		value, unit := s.Amount(fen)
		return Figure{Label: s.is(zh, en), Value: value, Unit: unit}
	}
	return []Figure{
		{Label: s.is("省市重点项目", "Key projects"), Value: "30", Unit: s.is("个", "")}, amount("总投资", "Total investment", 14_550_000_000_00), amount("年度计划投资", "Planned this year", 4_830_000_000_00),
		rate("开工率", "Start rate", 73.3, 90, ""), rate("投资完成率", "Investment done", 21.1, 27, "yellow"), rate("资金到位率", "Funds in place", 64, 80, ""), rate("按期竣工率", "On-time completion", 100, 100, "green"),
	}
}

func sampleViews(s say, on int) []Segment {
	views := []Segment{{Text: s.is("按阶段", "By stage"), Href: "#", Icon: "layout-grid"}, {Text: s.is("按月份", "By month"), Href: "#", Icon: "chart-gantt"}, {Text: s.is("督办事项", "Tickets"), Href: "#", Icon: "clipboard-list"}}
	if on < len(views) {
		views[on].On = true
	}
	return views
}

func loginSample(s say) (Base, LoginPage) {
	b := sampleBase(s, "login")
	b.Title, b.User, b.Nav = s.T("login.title"), nil, nil
	return b, LoginPage{Account: "shili-jia", AskCode: true, Problems: []Notice{{Tone: "bad", Text: s.is("账号或密码不对。", "Account or password is wrong."), Detail: s.is("再错 3 次须等 15 分钟。", "After 3 more failures there is a wait of 15 minutes.")}}, Accounts: []SampleAccount{
		{"a", "sample", s.is("示例甲", "Sample Jia"), s.Role(workflows.RoleDistrictLeader), s.is("区政府", "District government")}, {"b", "sample", s.is("示例辰", "Sample Chen"), s.Role(workflows.RoleSupervisionDirector), s.is("区政府督查室", "Supervision Office")},
		{"c", "sample", s.is("示例乙", "Sample Yi"), s.Role(workflows.RoleTaskforceLeader), s.is("建筑房地产和项目落地专班", "Task force: construction")}, {"d", "sample", s.is("示例卯", "Sample Mao"), s.Role(workflows.RoleUnitHandler), s.is("区城市管理局", "City Management Bureau")},
	}}
}

func errorSample(s say) (Base, ErrorPage) {
	b := sampleBase(s, "error")
	b.Title, b.User, b.Nav = s.is("有人先改了", "Changed meanwhile"), nil, nil
	return b, ErrorPage{Status: "409", Heading: s.is("这件事项在您打开之后已有变动", "This ticket changed after you opened it"), Sentence: s.is("您填写的内容没有丢失。请看过下面的变动,再决定是否重新提交。", "What you typed is kept. Read the change below and decide whether to send it again."), Back: "#", Facts: []Def{
		{Name: s.is("事项", "Ticket"), Text: "〔2023〕018号", Href: "#"}, {Name: s.is("由谁", "By"), Text: s.is("示例辰(区政府督查室)", "Sample Chen (Supervision Office)")}, {Name: s.is("何时", "When"), Text: s.is("4月28日 09:31", "28 Apr 09:31")},
		{Name: s.is("改了什么", "What"), Text: s.is("推进中 → 暂停", "In progress → paused"), Was: s.is("推进中", "In progress")},
	}}
}

func setupSample(s say) (Base, SetupPage) {
	b := sampleBase(s, "setup")
	b.Title, b.User, b.Nav, b.Demo = s.T("setup.title"), nil, nil, nil
	return b, SetupPage{Token: "K7QM-2P4X", Place: s.is("哈尔滨市南岗区", "Nangang"), Account: "admin", Faults: Faults{"again": s.is("两次输入的密码不一致。", "The two passwords differ."), "name": s.is("请填写姓名。", "Please give a name.")}}
}
