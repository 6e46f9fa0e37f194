package templates

import "battlemap/workflows"

type wallPage struct {
	Clock, Corner, RedTitle, Rest string
	Red                           LightMark
	Figures                       []Figure
	Stages                        []mapStage
	Rows                          []wallRow
	Items                         []Def
	Foot                          []string
}
type wallRow struct {
	Flag  Pennant
	Cells []wallCell
}
type wallCell struct {
	Marks []LightMark
	More  string
}

func wallSample(s say) (Base, wallPage) {
	b := sampleBase(s, "wall")
	b.Title = s.is("南岗区重点项目作战图", "Nangang key projects")
	d := wallPage{Clock: "09:32", Corner: s.is("工作专班", "Task force"), RedTitle: s.is("红灯 3 · 谁来答复", "3 red · who answers"), Rest: s.is("另有橙灯 1 件,由牵头单位答复", "and 1 orange, answered by the lead unit"), Red: s.Light(workflows.LightRed).Bare()}
	figures := sampleFigures(s)
	d.Figures = []Figure{{Value: "30", Unit: s.is("个重点项目", "key projects"), Label: s.is("总投资 145.5 亿元", "CNY 14.55 billion in all")}, {Value: "10.2", Unit: s.is("/ 48.3 亿元", "of 48.3 × 100 m"), Label: s.is("年度投资完成(序时 13.0)", "investment of the year (schedule 13.0)"), Bar: s.Invest(21.1, 27, "")}}
	for _, i := range []int{3, 5, 6} {
		f := figures[i]
		f.Bar = s.Invest([]float64{73.3, 64, 100}[len(d.Figures)-2], []float64{90, 80, 100}[len(d.Figures)-2], "")
		d.Figures = append(d.Figures, f)
	}
	d.Stages = []mapStage{{s.is("签约", "Signed"), "20", false}, {s.is("落地", "Landed"), "9", false}, {s.is("开工", "Started"), "6", false}, {s.is("在建", "Building"), "14", false}, {s.is("投产", "Production"), "2", false}}
	kinds := workflows.Lights()
	for i, name := range sampleTaskForces(s) {
		row := wallRow{Flag: Pennant{name, i + 1}}
		for j := range d.Stages {
			var cell wallCell
			for k := range (i*7 + j*5) % 6 {
				light := workflows.LightGreen
				if (i*3+j+k)%7 == 0 {
					light = kinds[(i+j+k)%len(kinds)]
				}
				cell.Marks = append(cell.Marks, s.Light(light).Bare())
			}
			if len(cell.Marks) == 5 {
				cell.More = "+2"
			}
			row.Cells = append(row.Cells, cell)
		}
		d.Rows = append(d.Rows, row)
	}
	d.Items = []Def{
		{Name: s.is("示例:股权投资基金园", "示例: equity fund park"), Text: s.is("应于 3月31日 开工,逾期 19 个工作日", "start was due 31 Mar: 19 working days overdue"), Note: s.is("包保领导 示例甲 · 督办单第 3 号 明日到期", "Sample Jia answers · form 3 due tomorrow")},
		{Name: s.is("示例:路网改造二期", "示例: road works phase 2"), Text: s.is("低于序时进度 31 个百分点", "31 points below schedule"), Note: s.is("包保领导 示例乙 · 连续两月黄灯,约谈", "Sample Yi answers · yellow twice, interview")},
		{Name: s.is("示例:哈西地块城市更新", "示例: Haxi renewal"), Text: s.is("征拆堵点逾期 4 个工作日", "demolition blocker 4 working days overdue"), Note: s.is("包保领导 示例丙 · 三级协调", "Sample Bing answers · level 3")},
		{Name: s.is("示例:供热管线迁改", "示例: heating pipes"), Text: s.is("反馈逾期 1 个工作日", "feedback 1 working day overdue"), Note: s.is("牵头 区城市管理局", "City Management leads"), Tone: "orange"},
	}
	d.Foot = []string{s.is("今日:督办单 2 份 · 销号 4 件 · 新增堵点 1 件", "Today: 2 forms · 4 closed · 1 new blocker"), s.is("末次变动 09:31 · 日志第 18,204 号", "Last change 09:31 · journal no. 18,204")}
	return b, d
}
