package templates

import (
	"reflect"
	"strings"
	"testing"

	"battlemap/app/calendar"
	"battlemap/workflows"
)

func TestCardSaysWhatItDraws(t *testing.T) {
	zh := newSet(t).Words().Locale("zh-CN")
	card := Card{Locale: zh, Light: workflows.LightRed, Name: "示例", Code: "P-011", Unit: "区住建局", Days: 64, Limit: 60}
	if got := card.Meta(); got != "P-011 · 区住建局" {
		t.Errorf("Meta leaves out an empty person: %q", got)
	}
	if !card.TooLong() || card.DaysText() != "64/60 天" {
		t.Errorf("64 of 60 days: too long %v, %q", card.TooLong(), card.DaysText())
	}
	if bar := card.DaysBar(); bar.Tone != "red" || bar.DoneX() != "100.00%" {
		t.Errorf("the bar of 64 of 60 days is %q, %s wide", bar.Tone, bar.DoneX())
	}
	card.Days = 60
	if card.TooLong() {
		t.Error("60 of 60 days is not too long")
	}
	card.Limit = 0
	if card.TooLong() || card.DaysText() != "本阶段 60 天" || card.DaysBar().DoneX() != "0.00%" {
		t.Errorf("without a limit: %v %q", card.TooLong(), card.DaysText())
	}
	if mark := card.Mark(); mark.Kind != "red" || mark.Word != "红" || !mark.Alone {
		t.Errorf("Mark = %+v", mark)
	}
	if bar := zh.Invest(34.25, 27, ""); bar.Label != "年度投资完成 34.2%，序时 27.0%" || bar.DoneX() != "34.25%" || bar.PlanX() != "27.00%" {
		t.Errorf("Invest = %+v", bar)
	}
	if bar := zh.Invest(-3, 130, ""); bar.DoneX() != "0.00%" || bar.PlanX() != "100.00%" {
		t.Errorf("a bar outside 0 to 100 is drawn from %s to %s", bar.DoneX(), bar.PlanX())
	}
}

func TestFieldKeepsWhatWasTyped(t *testing.T) {
	zh := newSet(t).Words().Locale("zh-CN")
	faults := Faults{"account": "请填写账号。"}
	f := zh.Field("account", "login.account", "shili").Hinted("login.code_hint").Fails(faults).Need()
	if f.Label != "账号" || f.Value != "shili" || f.Error != "请填写账号。" || !f.Required {
		t.Errorf("field = %+v", f)
	}
	if f.About() != "f-account-hint f-account-error" {
		t.Errorf("About = %q", f.About())
	}
	if f.Fails(nil).Error != "" || f.Fails(nil).About() != "f-account-hint" {
		t.Error("a field without a fault must not show one")
	}
	if zh.Field("p", "login.password", "secret").As("password").KeepsValue() {
		t.Error("a password field would show its value")
	}
	options := []Option{{Value: "1"}, {Value: "2"}}
	chosen := zh.Field("level", "login.account", "2").Choose(options)
	if chosen.Options[0].On || !chosen.Options[1].On {
		t.Errorf("the option with the field's value must be on: %+v", chosen.Options)
	}
	if options[1].On {
		t.Error("Choose changed the caller's options")
	}
	if radio := zh.Field("level", "login.account", "1").Pick(options); radio.Kind != "radio" || !radio.Options[0].On {
		t.Errorf("Pick = %+v", radio)
	}
}

func TestMonthsChart(t *testing.T) {
	zh := newSet(t).Words().Locale("zh-CN")
	first := calendar.MakeMonth(2023, 1)
	m := zh.Months([]MonthFigures{{first, 100 * fenPerWan, 50 * fenPerWan}, {first.Add(1), 100 * fenPerWan, 200 * fenPerWan}, {first.Add(2), 0, 999 * fenPerWan}}, first.Add(1))
	row := func(i int) []string {
		var all []string
		for _, c := range m.Rows[i].Cells {
			all = append(all, c.Text)
		}
		return all
	}
	for i, want := range [][]string{{"100", "100", "0"}, {"50", "200", ""}, {"100", "200", "200"}, {"50", "250", ""}, {"−50.0", "+25.0", ""}} {
		if got := row(i); !reflect.DeepEqual(got, want) {
			t.Errorf("row %s = %q, want %q", m.Rows[i].Name, got, want)
		}
	}
	if m.Rows[4].Cells[0].Class != "late" || m.Rows[4].Cells[1].Class != "" {
		t.Error("only the month behind its plan is marked late")
	}
	if !m.Columns[0].Behind || m.Columns[1].Behind || m.Columns[2].Behind {
		t.Error("only January is behind")
	}
	if m.Columns[2].DoneH != "0.00" || !m.Columns[1].Now || m.Columns[1].Name != "2月" || m.Width != 300 {
		t.Errorf("columns = %+v", m.Columns)
	}
	if strings.Count(m.DoneLine, ",") != 2 || strings.Count(m.PlanLine, ",") != 3 {
		t.Errorf("the line of what is done ends now: %q, %q", m.DoneLine, m.PlanLine)
	}
	empty := zh.Months([]MonthFigures{{Month: first}}, first)
	if empty.Columns[0].PlanH != "0.00" || empty.Rows[4].Cells[0].Text != "" {
		t.Errorf("a month without figures: %+v", empty)
	}
}

func TestTrackIsCutToItsMonths(t *testing.T) {
	first, last := calendar.MakeMonth(2023, 1), calendar.MakeMonth(2023, 4) // 120 days
	day := calendar.MakeDate
	track := NewTrack("x", first, last, day(2023, 3, 2), []Span{
		{"plan", day(2022, 6, 1), day(2023, 1, 30)}, // cut at the left: 30 days
		{"done", day(2023, 4, 29), day(2024, 1, 1)}, // cut at the right: 2 days
		{"late", day(2024, 1, 1), day(2024, 2, 1)},  // outside
	}, []Stone{{On: day(2023, 1, 1)}, {On: day(2023, 5, 1)}})
	want := []DrawnSpan{{"plan", "0.00%", "25.00%", "25%", "50%"}, {"done", "98.33%", "1.67%", "38%", "24%"}}
	if !reflect.DeepEqual(track.Spans, want) {
		t.Errorf("spans = %+v, want %+v", track.Spans, want)
	}
	if len(track.Stones) != 1 || track.Stones[0].X != "0.00%" || track.Today != "50.00%" {
		t.Errorf("stones = %+v, today %s", track.Stones, track.Today)
	}
	if none := NewTrack("x", first, last, 0, nil, nil); none.Today != "" {
		t.Errorf("no day draws the line at %s", none.Today)
	}
	heads := newSet(t).Words().Locale("en").MonthsBetween(calendar.MakeMonth(2022, 12), calendar.MakeMonth(2023, 2), day(2023, 2, 3))
	if len(heads) != 3 || !heads[0].Opens || !heads[1].Opens || heads[2].Opens || !heads[2].Now || heads[1].Name != "Jan" || heads[1].Year != "2023" {
		t.Errorf("heads = %+v", heads)
	}
}
