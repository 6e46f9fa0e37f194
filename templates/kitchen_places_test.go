package templates

import (
	"fmt"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

type partsPage struct {
	Words struct {
		Print, New, Lights, Cards, Buttons, Usual, Other, Quiet, Grave, Off, Small, Pressed, Ask, AskText, Form, Report, History, Figures, Chain, Facts, Flags, Steps string
	}
	Views, Tabs []Segment
	Lights      []LightMark
	Cards       []Card
	Chips       []Chip
	Tags        []Tag
	Fields      []Field
	Table       Table
	Pager       Pager
	Events      []Event
	Figures     []Figure
	Notices     []Notice
	Empty       Empty
	Chain       []Holder
	Defs        []Def
	Person      Person
	Pennants    []Pennant
	Steps       []Step
}

func partsSample(s say) (Base, partsPage) {
	b := sampleBase(s, "parts")
	b.Title, b.Lead = s.is("部件", "Parts"), s.is("每一种部件的每一种状态", "every part in every state")
	b.Crumbs = []Crumb{{s.is("设置", "Settings"), "#"}, {s.is("部件", "Parts"), ""}}
	b.Flash = []Notice{{Tone: "good", Text: s.is("〔2023〕018号 已反馈,等待区政府督查室核验。", "〔2023〕018 was submitted and waits for verification.")}}
	d := partsPage{Views: sampleViews(s, 0), Cards: sampleCards(s), Chips: sampleChips(s), Events: sampleEvents(s), Figures: sampleFigures(s), Chain: sampleChain(s), Steps: sampleSteps(s)}
	w := &d.Words
	w.Print, w.New, w.Lights, w.Cards, w.Buttons, w.Usual = s.is("打印", "Print"), s.is("新建事项", "New ticket"), s.is("亮灯", "Lights"), s.is("卡片", "Cards"), s.is("按钮", "Buttons"), s.is("反馈进展", "Report progress")
	w.Other, w.Quiet, w.Grave, w.Off, w.Small, w.Pressed = s.is("申请延期", "Ask for more time"), s.is("转交", "Hand over"), s.is("终止", "Terminate"), s.is("销号", "Close"), s.is("催办", "Urge"), s.is("已暂停", "Paused")
	w.Ask, w.AskText, w.Form, w.Report = s.is("打开对话框", "Open dialog"), s.is("销号后 180 天内可以重启。", "A closed ticket can be reopened within 180 days."), s.is("表单", "Form"), s.is("报表", "Report")
	w.History, w.Figures, w.Chain, w.Facts, w.Flags, w.Steps = s.is("历史", "History"), s.is("数字", "Figures"), s.is("责任链", "Chain"), s.is("要点", "Facts"), s.is("专班旗", "Flags"), s.is("状态", "State")
	for _, l := range append([]workflows.Light{workflows.LightNone}, workflows.Lights()...) {
		d.Lights = append(d.Lights, s.Light(l))
	}
	d.Tabs = []Segment{{Text: s.is("概况", "Overview"), Href: "#", On: true}, {Text: s.is("进展", "Progress"), Href: "#", Count: "12"}, {Text: s.is("堵点", "Blockers"), Href: "#", Count: "2"}, {Text: s.is("督办", "Tickets"), Href: "#", Count: "3"}, {Text: s.is("附件", "Files"), Href: "#"}, {Text: s.is("历史", "History"), Href: "#", Icon: "history"}}
	for _, tone := range []string{"", "red", "orange", "yellow", "green", "blue", "line"} {
		d.Tags = append(d.Tags, Tag{Text: s.is("红色督办单 待反馈", "Answer due"), Tone: tone})
	}
	d.Tags = append(d.Tags, Tag{Text: s.is("阻断 2 件", "blocks 2"), Icon: "ban"})
	d.Fields = sampleFields(s)
	d.Table, d.Pager = sampleTable(s), s.Pager(51, 100, 18204, "#", "#")
	d.Notices = []Notice{{Text: s.is("2027年的节假日尚未公布,到期日为暂定。", "The holidays of 2027 are not decreed yet: due dates are provisional."), Href: "#", Action: s.is("查看", "Show")}, {Tone: "warn", Text: s.is("同一事项不得重复督办。", "One matter must not be supervised twice."), Items: []string{s.is("〔2023〕011号 路网改造二期管线迁改", "〔2023〕011 pipes of road works"), s.is("〔2023〕014号 供热管线停暖施工", "〔2023〕014 heating pipes")}}, {Tone: "bad", Text: s.is("没有保存:第 3 行的完成投资大于累计计划。", "Not saved: line 3 exceeds the plan."), Detail: s.is("完成投资 1,200 万元大于累计计划 800 万元:如属实,请填写说明。", "If that is true, give the reason.")}}
	d.Empty = Empty{Icon: "inbox", Text: s.is("没有待办事项", "Nothing to do"), Next: s.is("到期前三个工作日的事项会出现在这里。", "Tickets appear here three working days before they are due."), Href: "#", Action: s.is("看全部督办事项", "All tickets")}
	d.Defs = []Def{{Name: s.is("立项依据", "Basis"), Text: s.is("区政府第 12 次常务会议议定事项第 3 条", "Decision 3 of the 12th meeting")}, {Name: s.is("办理期限", "Due"), Text: s.is("2023年5月6日(星期六,调休上班)", "Sat 6 May 2023 (make-up day)"), Was: s.is("4月28日", "28 Apr"), Note: s.is("按原定时间考核", "judged by the original date"), Tone: "late"}, {Name: s.is("协调级别", "Coordination"), Text: s.is("二级", "Level 2"), Href: "#"}}
	d.Person = Person{s.is("示例卯", "Sample Mao"), s.is("责任人", "Responsible"), s.is("区城市管理局", "City Management Bureau"), "0451-8000 0000"}
	for i, name := range sampleTaskForces(s) {
		d.Pennants = append(d.Pennants, Pennant{name, i + 1})
	}
	return b, d
}

func sampleTaskForces(s say) []string {
	if s.Lang == langEnglish {
		return []string{"Industry", "Commerce", "Technology", "Finance", "Creative design", "Culture and tourism", "Construction, real estate and landing of projects", "Investment promotion", "Taxes and finance service", "Evaluation and supervision"}
	}
	return []string{"扩工业", "复商业", "强科技", "兴金融", "创意设计", "文化旅游", "建筑房地产和项目落地", "招商引资", "财税服务保障", "考评督导"}
}

func sampleFields(s say) []Field {
	fill := func(f Field, label, hint, fault string) Field {
		f.Label, f.Hint, f.Error = label, hint, fault
		return f
	}
	causes := []Option{{Value: "land", Text: s.is("土地", "Land")}, {Value: "demolition", Text: s.is("征拆", "Demolition")}, {Value: "funds", Text: s.is("资金", "Funds")}}
	amount := fill(s.Field("amount", "field.need", "1200").As("number").Need(), s.is("本月完成投资", "Invested this month"), "", s.is("完成投资 1,200 万元大于累计计划 800 万元:如属实,请填写说明。", "1,200 exceeds the cumulative plan of 800: if true, give the reason."))
	amount.Unit = s.is("万元", "10,000")
	return []Field{
		fill(s.Field("title", "field.need", s.is("路网改造二期供热管线迁改", "Move the heating pipes")).Need().Whole(), s.is("事项名称", "Title"), "", ""), amount,
		fill(s.Field("day", "field.need", "2023-05-06").As("date"), s.is("预计完成日期", "Expected on"), s.is("休息日顺延到下一个工作日", "A rest day moves to the next working day"), ""),
		fill(s.Field("cause", "field.need", "demolition").Choose(causes), s.is("堵点类型", "Cause of the blocker"), "", ""),
		fill(s.Field("level", "field.need", "2").Pick([]Option{{Value: "1", Text: s.is("一级", "Level 1"), Note: s.is("项目负责人", "project leader")}, {Value: "2", Text: s.is("二级", "Level 2"), Note: s.is("牵头单位负责人", "head of the lead unit")}}), s.is("协调级别", "Coordination"), "", ""),
		fill(s.Field("text", "field.need", "").Lines(3).Whole(), s.is("说明", "Explanation"), s.is("写清原因、已做的工作和下一步", "Cause, what was done, next step"), ""),
		fill(s.Field("file", "field.need", "").As("file"), s.is("附件", "File"), s.is("不得上传涉密文件", "No classified files"), ""),
		fill(s.Field("same", "field.need", "").Tick(true), s.is("同时抄送协办单位", "Copy to the assisting units"), "", ""),
	}
}

func sampleTable(s say) Table {
	heads := []Column{{Text: s.is("节点", "Milestone"), Href: "#", Order: "ascending"}, {Text: s.is("原定", "Baseline")}, {Text: s.is("调整后", "Revised")}, {Text: s.is("实际", "Actual")}, {Text: s.is("偏差(工作日)", "Deviation (wd)"), Num: true}}
	row := func(light workflows.Light, name, note, base, now, actual, dev string, late bool) []Cell {
		cells := []Cell{{Text: name, Note: note, Class: "name", Light: s.Light(light).Bare()}, {Text: base}, {Text: now}, {Text: actual}, {Text: dev, Class: "num"}}
		if late {
			cells[4].Class = "num late"
		}
		for i := range cells {
			cells[i].Head = heads[i].Text
		}
		return cells
	}
	return Table{Columns: heads, Rows: [][]Cell{
		row(workflows.LightGreen, s.is("立项备案", "Filed"), "", "2023-01-16", "", "2023-01-13", "−1", false),
		row(workflows.LightYellow, s.is("施工许可", "Building permit"), s.is("主管单位 区住房和城乡建设局", "Housing Bureau"), "2023-03-31", "2023-04-21", "2023-04-24", "+16", true),
		row(workflows.LightRed, s.is("管线迁改", "Pipes moved"), s.is("依赖供热停暖", "after heating ends"), "2023-04-07", "2023-05-06", "", "+14", true),
		row(workflows.LightNone, s.is("主体封顶", "Topped out"), "", "2023-09-28", "", "", "", false),
	}, Total: []Cell{{Text: s.is("合计 4 个节点", "4 milestones")}, {}, {}, {Text: "2"}, {Text: "+30", Class: "num"}}}
}

type mapPage struct {
	Views   []Segment
	Figures []Figure
	Chips   []Chip
	Corner  string
	Stages  []mapStage
	Rows    []mapRow
}
type mapStage struct {
	Name, Note string
	Over       bool
}
type mapRow struct {
	Flag   Pennant
	Lead   string
	Lights []mapCount
	Cells  []mapCell
}
type mapCount struct {
	Mark LightMark
	Text string
}
type mapCell struct {
	Head, More string
	Cards      []Card
}

func mapSample(s say) (Base, mapPage) {
	b := sampleBase(s, "map")
	b.Title, b.Lead = s.is("作战图", "Battle map"), s.is("全区 · 10 个专班 · 30 个省市重点项目", "whole district · 10 task forces · 30 key projects")
	d := mapPage{Views: sampleViews(s, 0), Figures: sampleFigures(s), Chips: sampleChips(s), Corner: s.is("工作专班", "Task force")}
	d.Stages = []mapStage{{s.is("签约", "Signed"), s.is("20 个", "20"), false}, {s.is("落地", "Landed"), s.is("9 个", "9"), false}, {s.is("开工", "Started"), s.is("9 个 超上限 8", "9, limit 8"), true}, {s.is("在建", "Building"), s.is("14 个", "14"), false}, {s.is("投产", "In production"), s.is("2 个", "2"), false}}
	cards := sampleCards(s)
	at := map[int][][]int{3: {{0}, {}, {1}, {4}, {}}, 0: {{4, 0}, {5}, {}, {2, 0}, {0}}, 4: {{3}, {0}, {}, {}, {}}, 6: {{}, {3}, {0, 6}, {1, 2, 4}, {}}, 1: {{}, {0}, {0}, {}, {}}}
	for _, i := range []int{3, 0, 4, 6, 1} {
		row := mapRow{Flag: Pennant{sampleTaskForces(s)[i], i + 1}, Lead: s.is("班长 示例乙", "Lead: Sample Yi")}
		for _, l := range []workflows.Light{workflows.LightGreen, workflows.LightYellow, workflows.LightRed} {
			row.Lights = append(row.Lights, mapCount{s.Light(l).Bare(), s.Light(l).Word + " " + fmt.Sprint(i%3+1)})
		}
		for c, list := range at[i] {
			cell := mapCell{Head: d.Stages[c].Name}
			for _, n := range list {
				cell.Cards = append(cell.Cards, cards[n])
			}
			if len(list) == 3 {
				cell.More = s.is("还有 3 个(绿 3)", "3 more (green 3)")
			}
			row.Cells = append(row.Cells, cell)
		}
		d.Rows = append(d.Rows, row)
	}
	return b, d
}

type yearsPage struct {
	Words  struct{ Plan, Done, Late, Stone, Today, Project string }
	Views  []Segment
	Months []MonthHead
	Span   int
	Groups []yearsGroup
}
type yearsGroup struct {
	Flag  Pennant
	Lines []yearsLine
}
type yearsLine struct {
	Light      LightMark
	Name, Note string
	Track      Track
}

func yearsSample(s say) (Base, yearsPage) {
	b := sampleBase(s, "map")
	b.Title, b.Lead = s.is("作战图", "Battle map"), s.is("按月份 · 2023年", "by month · 2023")
	first, last := calendar.MakeMonth(2023, 1), calendar.MakeMonth(2024, 3)
	d := yearsPage{Views: sampleViews(s, 1), Months: s.MonthsBetween(first, last, sampleDay())}
	d.Span = len(d.Months) + 1
	w := &d.Words
	w.Plan, w.Done, w.Late, w.Stone, w.Today, w.Project = s.is("计划", "plan"), s.is("完成", "done"), s.is("滞后", "late"), s.is("节点", "milestone"), s.is("今天", "today"), s.is("项目", "Project")
	day := calendar.MakeDate
	for g, i := range []int{3, 0, 6} {
		group := yearsGroup{Flag: Pennant{sampleTaskForces(s)[i], i + 1}}
		for n, c := range sampleCards(s)[g*2 : g*2+3] {
			start := day(2023, 1, 10).AddDays(25*n + 15*g)
			late := c.Light == workflows.LightRed || c.Light == workflows.LightOrange
			spans := []Span{{"plan", start, start.AddDays(210 + 60*n)}, {"done", start, sampleDay()}}
			if late {
				spans = []Span{spans[0], {"late", start.AddDays(51), sampleDay()}, {"done", start, start.AddDays(50)}}
			}
			var stones []Stone
			for _, after := range []int{20, 55, 190} {
				stone := Stone{On: start.AddDays(after), Title: c.Next}
				switch {
				case stone.On < sampleDay() && late && after > 50:
					stone.Tone = "late"
				case stone.On < sampleDay():
					stone.Tone = "done"
				}
				stones = append(stones, stone)
			}
			group.Lines = append(group.Lines, yearsLine{s.Light(c.Light).Bare(), c.Name, c.Next, NewTrack(s.is("计划 1月至9月,完成到4月", "planned January to September, done to April"), first, last, sampleDay(), spans, stones)})
		}
		d.Groups = append(d.Groups, group)
	}
	return b, d
}
