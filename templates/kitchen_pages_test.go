package templates

import (
	"battlemap/app/calendar"
	"battlemap/workflows"
)

type ticketPage struct {
	Words struct {
		Why, Feedback, Extend, Blocker, Pause, End, Instruction, Send, History, HistoryNote, Due, Units, Chain, Rule, Papers string
	}
	No             string
	Light          LightMark
	Tags           []Tag
	Steps          []Step
	Quote, QuoteBy string
	Fields         []Field
	Events         []Event
	Clocks         []ticketClock
	Units          []Def
	Chain          []Holder
	Rule, Papers   []Def
}
type ticketClock struct {
	Day, Text string
	Late      bool
}

func ticketSample(s say) (Base, ticketPage) {
	b := sampleBase(s, "ticket")
	b.Title = s.is("加快路网改造二期供热管线迁改,确保 6 月底前具备道路施工条件", "Move the heating pipes of road works phase 2 so that building can begin by the end of June")
	b.Crumbs = []Crumb{{s.is("督办", "Tickets"), "#"}, {s.is("建筑房地产和项目落地", "Construction"), "#"}, {"〔2023〕018号", ""}}
	d := ticketPage{No: s.is("督办 〔2023〕018号", "Ticket 〔2023〕018"), Light: s.Light(workflows.LightOrange), Steps: sampleSteps(s), Events: sampleEvents(s), Chain: sampleChain(s)}
	w := &d.Words
	w.Why, w.Feedback, w.Extend, w.Blocker, w.Pause, w.End = s.is("为什么?", "Why?"), s.is("反馈进展", "Report progress"), s.is("申请延期", "Ask for more time"), s.is("上报堵点", "Report a blocker"), s.is("申请暂停", "Ask for a pause"), s.is("终止", "Terminate")
	w.Instruction, w.Send, w.History, w.HistoryNote = s.is("批示原文", "Instruction, verbatim"), s.is("提交,送单位负责人签发", "Submit for signature"), s.is("历史", "History"), s.is("每行后面是审计日志编号", "each line ends with its journal number")
	w.Due, w.Units, w.Chain, w.Rule, w.Papers = s.is("期限", "Due"), s.is("承办单位", "Units"), s.is("责任链", "Chain of responsibility"), s.is("规则", "Rule"), s.is("文书", "Papers")
	d.Tags = []Tag{{Text: s.is("领导批示", "Instruction"), Tone: "line"}, {Text: s.is("二级协调", "Level 2"), Tone: "line"}, {Text: s.is("阻断 2 件", "Blocks 2"), Icon: "ban"}}
	d.Quote = s.is("请城管局牵头,住建局、供热公司配合,五一前拿出停暖后的施工安排,逐日调度。六月底前必须具备道路施工条件。", "City Management leads, Housing and the heating company assist. Give me the works plan after heating ends before 1 May and steer it daily. Road building must be possible by the end of June.")
	d.QuoteBy = s.is("示例甲 · 2023年4月3日 · 批示在《关于路网改造二期推进情况的报告》", "Sample Jia · 3 Apr 2023 · on the report on road works phase 2")
	text := s.Field("text", "field.need", s.is("管线迁改完成 2.1 公里,剩余 0.4 公里待供热公司停暖后施工。", "2.1 km of pipes moved; the last 0.4 km wait until heating ends.")).Lines(3).Need()
	text.Label, text.Hint = s.is("进展情况", "Progress"), s.is("只填一次:数字会自动进入项目进展和台账", "Enter it once: the figures reach the project and the ledger by themselves")
	d.Fields = []Field{text}
	d.Clocks = []ticketClock{{s.is("4月26日", "26 Apr"), s.DueIn(-2), true}, {s.is("4月20日", "20 Apr"), s.is("原定日期,按此考核", "original date, by which it is judged"), false}, {s.is("5月4日", "4 May"), s.is("橙色督办单答复 · ", "answer to the orange form · ") + s.DueIn(2), false}}
	d.Units = []Def{{Name: s.is("区城市管理局", "City Management"), Text: s.is("牵头 · 4月7日领办", "leads · accepted 7 Apr")}, {Name: s.is("区住房和城乡建设局", "Housing Bureau"), Text: s.is("协办 · 4月7日领办", "assists · accepted 7 Apr")}, {Name: s.is("哈西街道办事处", "Haxi Subdistrict"), Text: s.is("协办 · 未领办", "assists · not accepted"), Tone: "late"}}
	d.Rule = []Def{{Name: s.is("亮灯规则", "Light rule"), Text: s.is("督办时限 第 3 版", "ticket time limit, version 3"), Href: "#"}, {Name: s.is("依据", "Source"), Text: s.is("三明市 2017 年办法第九条", "Sanming 2017, article 9")}, {Name: s.is("下一步", "Next step"), Text: s.is("5月5日 红", "5 May: red"), Note: s.is("如橙色督办单到期仍未答复", "if the orange form stays unanswered")}}
	d.Papers = []Def{{Name: s.is("橙色督办单", "Orange form"), Text: s.is("第 7 号", "No. 7"), Href: "#", Note: s.is("4月27日发出,3 人已阅", "sent 27 Apr, read by 3")}, {Name: s.is("提醒函", "Letter"), Text: s.is("第 12 号", "No. 12"), Href: "#", Note: s.is("4月21日发出", "sent 21 Apr")}}
	return b, d
}

type projectPage struct {
	Words   struct{ Why, Invest, Stones string }
	No      string
	Light   LightMark
	Tags    []Tag
	Figures []Figure
	Steps   []Step
	Chain   []Holder
	Months  Months
	Stones  Table
}

func projectSample(s say) (Base, projectPage) {
	b := sampleBase(s, "project")
	b.Title = s.is("示例:东北亚跨境电子商务综合服务平台及配套仓储物流中心(二期)", "示例: Northeast Asia cross-border commerce platform with storage (phase 2)")
	b.Crumbs = []Crumb{{s.is("项目", "Projects"), "#"}, {s.is("扩工业", "Industry"), "#"}, {"P-006", ""}}
	d := projectPage{No: "P-006", Light: s.Light(workflows.LightYellow), Chain: sampleChain(s), Stones: sampleTable(s)}
	d.Words.Why, d.Words.Invest, d.Words.Stones = s.is("为什么?", "Why?"), s.is("年度投资:计划与完成", "Investment of the year: plan and actual"), s.is("节点", "Milestones")
	d.Tags = []Tag{{Text: s.is("市级重点", "City level"), Tone: "line"}, {Text: s.is("已纳统", "In statistics"), Tone: "green"}, {Text: s.is("堵点 1", "1 blocker"), Tone: "yellow"}}
	day := func(m, d int) string { return s.ShortDay(calendar.MakeDate(2023, 0, 1).AddMonths(m).AddDays(d - 1)) }
	d.Steps = []Step{{Name: s.is("谋划", "Conceived"), Date: "2021", State: "done"}, {Name: s.is("洽谈", "Negotiating"), Date: "2021", State: "done"}, {Name: s.is("签约", "Signed"), Date: "2022", State: "done"}, {Name: s.is("落地", "Landed"), Date: day(1, 16), State: "done"}, {Name: s.is("开工", "Started"), Date: day(3, 1), State: "done"}, {Name: s.is("在建", "Building"), Date: s.is("第 58 天,上限 240", "day 58 of 240"), State: "now"}, {Name: s.is("竣工", "Completed"), Date: s.is("计划 11月30日", "planned 30 Nov"), State: "next"}, {Name: s.is("投产", "In production"), State: "next"}, {Name: s.is("达产", "Full capacity"), State: "next"}}
	d.Figures = []Figure{{Label: s.is("总投资", "Total investment"), Value: "3.2", Unit: s.is("亿元", "× 100 m")}, {Label: s.is("年度计划", "Planned this year"), Value: "12,000", Unit: s.is("万元", "× 10,000")}, {Label: s.is("年度完成", "Done this year"), Value: "1,830", Unit: s.is("万元", "× 10,000"), Note: s.is("核验 1,650", "verified 1,650")}, {Label: s.is("投资完成率", "Investment done"), Value: s.Percent(15.3), Note: s.is("序时 26.7%", "schedule 26.7%"), Tone: "yellow", Bar: s.Invest(15.3, 26.7, "yellow")}, {Label: s.is("形象进度", "Physical progress"), Value: s.Percent(22), Note: s.is("计划 30.0%", "plan 30.0%"), Bar: s.Invest(22, 30, "")}, {Label: s.is("资金到位率", "Funds in place"), Value: s.Percent(64), Note: s.is("目标 80.0%", "goal 80.0%"), Bar: s.Invest(64, 80, "")}}
	plan := []int64{200, 300, 1200, 1500, 1500, 1500, 1400, 1300, 1200, 900, 600, 400}
	done := []int64{260, 310, 640, 620}
	var figures []MonthFigures
	for i, p := range plan {
		f := MonthFigures{Month: calendar.MakeMonth(2023, 1).Add(i), Plan: p * fenPerWan}
		if i < len(done) {
			f.Done = done[i] * fenPerWan
		}
		figures = append(figures, f)
	}
	d.Months = s.Months(figures, calendar.MakeMonth(2023, 4))
	return b, d
}

type deskPage struct {
	Views  []Segment
	Groups []deskGroup
}
type deskGroup struct {
	Name, Note string
	Lines      []deskLine
	Empty      Empty
}
type deskLine struct {
	Light                    LightMark
	Title, Sub, Due, DueNote string
	Late                     bool
	Moves                    []string
}

func deskSample(s say) (Base, deskPage) {
	b := sampleBase(s, "desk")
	b.Title, b.Lead = s.is("我的工作台", "My desk"), s.is("示例甲 · 区工业和信息化局", "Sample Jia · Industry and IT Bureau")
	line := func(l workflows.Light, title, sub string, wd int, on string, moves ...string) deskLine {
		return deskLine{s.Light(l).Bare(), title, sub, s.DueIn(wd), on, wd < 0, moves}
	}
	report, accept, answer, urge, look := s.is("反馈", "Report"), s.is("领办", "Accept"), s.is("答复", "Answer"), s.is("催办", "Urge"), s.is("查看", "Open")
	mine := []deskLine{
		line(workflows.LightRed, s.is("答复红色督办单第 3 号:示例:股权投资基金园未按期开工", "Answer red form no. 3: 示例: fund park did not start in time"), s.is("〔2023〕009号 · 兴金融 · 交办人 示例辰", "〔2023〕009 · Finance · issued by Sample Chen"), -2, s.is("应于 4月26日", "was due 26 Apr"), answer, s.is("延期", "Extend")),
		line(workflows.LightOrange, s.is("反馈进展:加快路网改造二期供热管线迁改,确保 6 月底前具备道路施工条件", "Report: heating pipes of road works phase 2"), s.is("〔2023〕018号 · 建筑房地产和项目落地", "〔2023〕018 · Construction"), -1, s.is("应于 4月27日", "was due 27 Apr"), report, s.is("堵点", "Blocker")),
		line(workflows.LightBlue, s.is("领办:特斯联哈尔滨区域总部办公用房装修协调", "Accept: offices of the Terminus regional headquarters"), s.is("〔2023〕022号 · 招商引资", "〔2023〕022 · Investment promotion"), 0, s.is("4月28日 17:30", "28 Apr 17:30"), accept, s.is("异议", "Dispute")),
		line(workflows.LightStale, s.is("填报 4 月进展:示例:医药中间体", "Report April: 示例: pharmaceuticals"), s.is("P-021 · 两周未报", "P-021 · no report for two weeks"), 1, s.is("5月4日", "4 May"), report),
	}
	others := []deskLine{
		line(workflows.LightGreen, s.is("等待核验:南岗金融发展中心选址意见", "Waits for verification: site of the Finance Centre"), s.is("〔2023〕013号 · 区政府督查室 示例辰 · 已等 2 个工作日", "〔2023〕013 · Supervision Office, Sample Chen · for 2 working days"), 3, s.is("5月6日(星期六,调休上班)", "Sat 6 May (make-up day)"), urge, look),
		line(workflows.LightYellow, s.is("等待协办单位领办:哈西地块城市更新征拆", "Waits for the assisting unit: Haxi demolition"), s.is("〔2023〕020号 · 哈西街道办事处", "〔2023〕020 · Haxi Subdistrict"), 2, s.is("5月5日", "5 May"), urge, look),
	}
	d := deskPage{Views: []Segment{{Text: s.is("我的", "Mine"), Href: "#", On: true}, {Text: s.is("本单位", "My unit"), Href: "#"}, {Text: s.is("已办", "Done"), Href: "#"}}}
	d.Groups = []deskGroup{{Name: s.is("该我办", "My move"), Note: s.is("4 件,2 件逾期", "4, of which 2 overdue"), Lines: mine}, {Name: s.is("等别人", "Waiting for others"), Note: s.is("2 件", "2"), Lines: others}, {Name: s.is("将到期", "Due soon"), Note: s.is("三个工作日内", "within three working days"), Empty: Empty{Icon: "calendar-clock", Text: s.is("三个工作日内没有其他到期事项", "Nothing else is due within three working days"), Next: s.is("5月1日至3日放假,提醒顺延到 5月4日。", "Holiday from 1 to 3 May: reminders wait until 4 May.")}}}
	return b, d
}

type ledgerPage struct {
	Words struct{ Export, Proof string }
	Chips []Chip
	Heads []string
	Lines []ledgerLine
	Pager Pager
}
type ledgerLine struct {
	No, At, What, Object, Before, After string
	Who                                 Person
}

func ledgerSample(s say) (Base, ledgerPage) {
	b := sampleBase(s, "ledger")
	b.Title, b.Lead = s.is("审计日志", "Journal"), s.is("只增不改;每条可单独证明", "append-only; each record can be proved alone")
	d := ledgerPage{Pager: s.Pager(1, 50, 18204, "", "#"), Heads: []string{s.is("编号", "No."), s.is("时间", "Time"), s.is("由谁", "Who"), s.is("动作", "What"), s.is("对象", "Object"), s.is("变动", "Change")}}
	d.Words.Export, d.Words.Proof = s.is("导出", "Export"), s.is("查看证明", "Show the proof")
	d.Chips = []Chip{{Text: s.is("全部", "All"), Href: "#", On: true, Count: "18,204"}, {Text: s.is("亮灯", "Lights"), Href: "#", Count: "412"}, {Text: s.is("延期", "Extensions"), Href: "#", Count: "37"}, {Text: s.is("权限", "Permissions"), Href: "#", Count: "96"}, {Text: s.is("系统动作", "System"), Href: "#"}}
	who := Person{Name: s.is("示例辰", "Sample Chen"), Unit: s.is("区政府督查室", "Supervision Office")}
	system := Person{Name: s.is("系统", "System"), Unit: s.is("亮灯规则 第 3 版", "light rules version 3")}
	for i, e := range []ledgerLine{
		{What: s.is("反馈进展", "report"), Object: "P-004", Before: "38%", After: "45%", Who: Person{Name: s.is("示例卯", "Sample Mao"), Unit: s.is("区城市管理局", "City Management Bureau")}},
		{What: s.is("亮灯", "light"), Object: "〔2023〕018号", Before: s.is("黄", "yellow"), After: s.is("橙", "orange"), Who: system}, {What: s.is("发出橙色督办单第 7 号", "orange form no. 7"), Object: "〔2023〕018号", Who: system},
		{What: s.is("准予延期", "extension granted"), Object: "〔2023〕018号", Before: "2023-04-20", After: "2023-04-26", Who: who}, {What: s.is("核验通过", "verified"), Object: "〔2023〕013号", Before: s.is("已反馈", "submitted"), After: s.is("核验通过", "verified"), Who: who},
		{What: s.is("授权", "grant"), Object: s.is("示例巳", "Sample Si"), After: s.is("单位承办人(区工业和信息化局,至 2023-12-31)", "unit handler (Industry Bureau, until 2023-12-31)"), Before: s.is("无", "none"), Who: Person{Name: s.is("示例午", "Sample Wu"), Unit: s.is("系统管理员", "administrator")}},
		{What: s.is("移交责任人", "hand-over"), Object: "P-004", Before: s.is("示例巳", "Sample Si"), After: s.is("示例卯", "Sample Mao"), Who: who},
	} {
		e.No, e.At = s.Count(18204-i*19), s.is("4月28日 09:31", "28 Apr 09:31")
		d.Lines = append(d.Lines, e)
	}
	return b, d
}

type docPage struct {
	Words                                                          struct{ Print string }
	Mark, No, Title, To, Head1, Close, Signer, Day, CopyTo, Source string
	Body, List                                                     []string
	Table                                                          Table
}

func docSample(s say) (Base, docPage) {
	b := sampleBase(s, "doc")
	b.Title, b.Lead = s.is("督办单", "Supervision form"), s.is("橙色 · 第 7 号", "orange · no. 7")
	d := docPage{Mark: "哈尔滨市南岗区人民政府督查室", No: "南政督〔2023〕7号", Title: "关于路网改造二期供热管线迁改工作的督办单", To: "区城市管理局：", Head1: "一、办理要求", Close: "请于2023年5月4日前书面答复，答复须经主要负责同志签发。逾期未答复的，将按规定发出红色督办单。", Signer: "南岗区人民政府督查室", Day: "2023年4月27日", CopyTo: "抄送：区住房和城乡建设局，哈西街道办事处。", Source: "南岗区人民政府督查室 2023年4月27日印发"}
	d.Words.Print = s.is("打印", "Print")
	d.Body = []string{"2023年4月3日，区领导在《关于路网改造二期推进情况的报告》上批示，要求五一前拿出停暖后的施工安排，六月底前具备道路施工条件。该事项于4月6日交办你单位牵头办理，原定4月20日反馈，经批准延至4月26日。", "截至4月27日8时30分，未收到反馈，已逾期1个工作日。依据督办时限规则第3版，现对该事项亮橙灯，并发此督办单。"}
	d.List = []string{"（一）逐项列出剩余0.4公里管线的迁改安排，明确停暖日期、施工单位和完成日期。", "（二）说明未按期反馈的原因；如有正当理由，请附证明材料。", "（三）协调哈西街道办事处于两个工作日内领办其承担的事项。"}
	d.Table = Table{Columns: []Column{{Text: "序号"}, {Text: "事项"}, {Text: "责任单位"}, {Text: "原定期限"}, {Text: "现状"}}, Rows: [][]Cell{{{Text: "1"}, {Text: "供热管线迁改2.5公里"}, {Text: "区城市管理局"}, {Text: "2023-04-07"}, {Text: "完成2.1公里"}}, {{Text: "2"}, {Text: "沿线征拆收尾"}, {Text: "哈西街道办事处"}, {Text: "2023-04-20"}, {Text: "未领办"}}}}
	return b, d
}
