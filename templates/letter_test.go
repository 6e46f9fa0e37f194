package templates

import (
	"encoding/json"
	"strings"
	"testing"

	"battlemap/app"
	"battlemap/app/calendar"
	"battlemap/workflows"
)

// The letter of the day has one paragraph an item, the gravest first, and says in its subject how many there are.
func TestLetterOfTheDay(t *testing.T) {
	finding, err := json.Marshal(workflows.Finding{Rule: "r", RuleTitle: workflows.Words{"zh": "未按时签收", "en": "Not accepted"}, Why: workflows.Words{"zh": "已过两个工作日", "en": "two working days have passed"},
		Source: "示例依据", Ruleset: "default", Version: 1})
	if err != nil {
		t.Fatal(err)
	}
	due := calendar.MakeDate(2023, 6, 13)
	light := func(l workflows.Light) *app.Escalation {
		return &app.Escalation{RuleID: "r", Light: l, Finding: string(finding)}
	}
	carried := []app.Carried{
		{Reminder: app.Reminder{ItemKind: "ticket", ItemID: 1, DueOn: due, Light: workflows.LightYellow, Detail: `{"no":"2023-001","title":"甲事项"}`, Link: "/tickets/2023-001"}, Escalation: light(workflows.LightYellow)},
		{Reminder: app.Reminder{ItemKind: "ticket", ItemID: 2, DueOn: due, Light: workflows.LightRed, Detail: `{"no":"2023-002","title":"乙事项"}`, Link: "/tickets/2023-002"}, Escalation: light(workflows.LightRed)},
		{Reminder: app.Reminder{ItemKind: "ticket", ItemID: 1, Detail: `{"no":"2023-001","title":"甲事项","move":"hand","part":"sweep"}`, Link: "/tickets/2023-001"}},
	}
	set := newSet(t)
	for lang, want := range map[string]struct {
		subject string
		text    []string
	}{
		"zh-CN": {"今日督办提醒 2 件 · 最重：红灯", []string{"1. 〔2023〕002号 乙事项", "亮红灯：未按时签收", "期限：2023年6月13日", "依据：示例依据", "https://b.example/tickets/2023-002", "2. 〔2023〕001号 甲事项", "亮黄灯：未按时签收", "转交承办人"}},
		"en":    {"2 matters to attend to today · gravest: Red light", []string{"1. ", "乙事项", "Red light: Not accepted", "https://b.example/tickets/2023-002", "2. ", "Yellow light: Not accepted"}},
	} {
		got, err := set.Words().Locale(lang).Letter(app.Delivery{Reminder: app.Reminder{ItemKind: "digest"}, Carried: carried}, "https://b.example", &workflows.Machine{})
		if err != nil {
			t.Fatal(err)
		}
		if got.Subject != want.subject {
			t.Errorf("subject %q, want %q", got.Subject, want.subject)
		}
		at := 0
		for _, part := range want.text {
			i := strings.Index(got.Text[at:], part)
			if i < 0 {
				t.Fatalf("%s: %q is missing or out of order in\n%s", lang, part, got.Text)
			}
			at += i
		}
		if strings.Count(got.Text, "/tickets/2023-001") != 1 {
			t.Errorf("an item has more than one paragraph:\n%s", got.Text)
		}
	}
}
