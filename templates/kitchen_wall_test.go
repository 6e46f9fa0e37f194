package templates

import "battlemap/workflows"

// wallSample is the big screen as it is drawn for a whole district.
func wallSample(s say) (Base, WallPage) {
	b := sampleBase(s, "wall")
	b.Title = s.is("南岗区重点项目作战图", "Nangang key projects")
	d := WallPage{Build: "1", Next: "/wall?slide=1", Now: "1682645520", Zone: "28800", Clock: "09:32", Every: "20", Map: true, First: true,
		Last: s.is("末次变动 09:31 · 日志第 18,204 号", "Last change 09:31 · journal no. 18,204")}
	d.Figures = []Figure{{Value: "30", Unit: s.is("个重点项目", "key projects"), Label: s.is("总投资 145.5 亿元", "CNY 14.55 billion in all")}}
	for _, i := range []int{3, 5, 6} {
		f := sampleFigures(s)[i]
		f.Bar = s.Invest([]float64{73.3, 64, 100}[len(d.Figures)-1], []float64{90, 80, 100}[len(d.Figures)-1], "")
		d.Figures = append(d.Figures, f)
	}
	d.Stages = []WallStage{{s.is("签约", "Signed"), "20"}, {s.is("落地", "Landed"), "9"}, {s.is("开工", "Started"), "6"}, {s.is("在建", "Building"), "14"}, {s.is("投产", "Production"), "2"}}
	d.Flags = []WallFlag{{On: true}}
	kinds := workflows.Lights()
	for i, name := range sampleTaskForces(s) {
		line := WallLine{Flag: Pennant{name, i + 1}}
		for j := range d.Stages {
			var cell []LightCount
			for k := range (i*7 + j*5) % 4 {
				cell = append(cell, LightCount{Mark: s.Light(kinds[(i+j+k)%len(kinds)]).Bare(), Text: s.Count(k + 1)})
			}
			line.Cells = append(line.Cells, cell)
		}
		d.Rows, d.Flags = append(d.Rows, line), append(d.Flags, WallFlag{Hue: i + 1})
	}
	d.Slides = []WallSlide{{Flag: d.Rows[0].Flag, Lead: s.is("班长 示例甲", "Sample Jia leads"), Stages: d.Stages, Soon: s.is("近期节点", "Next milestones"),
		Cards: []WallCard{{Tone: "red", Mark: s.Light(workflows.LightRed).Bare(), Name: s.is("示例:股权投资基金园", "示例: equity fund park"), Where: s.is("签约 42 / 30 天 · 示例丑", "Signed, 42 / 30 d · Sample Chou"), Late: s.is("应于 3月31日 开工", "was due 31 Mar: start")}},
		Next:  []WallDue{{On: s.is("5月6日", "6 May"), Name: s.is("主体封顶", "Topping out"), Of: s.is("示例:路网改造二期", "示例: road works phase 2")}}}}
	item := func(name, rule, who string) WallItem {
		return WallItem{Name: name, Rule: rule, Days: s.is("第 28 天", "day 28"), Who: who}
	}
	d.Red = WallRed{Mark: s.Light(workflows.LightRed).Bare(), Title: s.is("红灯 3 · 谁来答复", "3 red · who answers"), Pages: []WallRedPage{{On: true, No: "1 / 2", Items: []WallItem{
		item(s.is("示例:股权投资基金园", "示例: equity fund park"), s.is("应开工未开工", "Not started in time"), s.is("包保领导 示例甲", "Sample Jia (guarantees)")),
		item(s.is("示例:路网改造二期", "示例: road works phase 2"), s.is("投资低于序时进度", "Investment behind schedule"), s.is("包保领导 示例乙", "Sample Yi (guarantees)")),
	}}}}
	return b, d
}
