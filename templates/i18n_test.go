package templates

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"battlemap/app/calendar"
)

func TestMatchLanguage(t *testing.T) {
	words := newSet(t).Words()
	for header, want := range map[string]string{
		"":                                    "zh-CN",
		"zh-CN,zh;q=0.9,en;q=0.8":             "zh-CN",
		"zh-TW,zh-Hant;q=0.9,en;q=0.8":        "zh-CN",
		"zh-Hant-HK,en-US;q=0.9":              "zh-CN",
		"zh-Hant":                             "zh-CN",
		"en-GB,en;q=0.9":                      "en",
		"en-US;q=0.9,zh-CN;q=1.0":             "zh-CN",
		"fr-FR,fr;q=0.9,en;q=0.5,zh-CN;q=0.2": "en",
		"fr-FR,fr;q=0.9":                      "zh-CN",
		"*":                                   "zh-CN",
		"=;q=,,":                              "zh-CN",
	} {
		if got := words.Match(header); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
	if got := words.Locale("de").Lang; got != "zh-CN" {
		t.Errorf("an unknown language gets %q", got)
	}
}

func TestWords(t *testing.T) {
	words := newSet(t).Words()
	zh, en := words.Locale("zh-CN"), words.Locale("en")
	for _, c := range []struct{ got, want string }{
		{zh.T("top.inbox"), "消息"},
		{en.T("top.inbox"), "Messages"},
		{zh.T("top.inbox_count", "N", 1), "未读消息 1 条"},
		{en.T("top.inbox_count", "N", 1), "1 unread message"},
		{en.T("top.inbox_count", "N", 2), "2 unread messages"},
		{en.T("no.such_key"), "no.such_key"},
		{Locale{}.T("top.inbox"), "top.inbox"},
		{zh.T("brand.full", "Place", "<南岗区>"), "<南岗区>重点项目作战图"},
		{zh.Light("red").Word, "红"},
		{en.Light("stale").Word, "Stale"},
		{zh.Light("").Kind, "none"},
		{zh.Light("purple").Kind, "none"},
		{zh.Pager(51, 100, 18204, "", "").Range, "第 51–100 条，共 18,204 条"},
		{en.Pager(1, 50, 18204, "", "").Range, "1–50 of 18,204"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	words := newSet(t).Words()
	zh, en := words.Locale("zh-CN"), words.Locale("en")
	day, month := calendar.MakeDate(2023, time.April, 28), calendar.MakeMonth(2023, time.April)
	at := time.Date(2023, 4, 28, 1, 32, 5, 0, time.UTC).In(time.FixedZone("CST", 8*3600))
	for _, c := range []struct{ got, want string }{
		{zh.Day(day), "2023年4月28日 星期五"}, {en.Day(day), "Fri 28 Apr 2023"},
		{zh.FullDay(day), "2023年4月28日"}, {en.FullDay(day), "28 Apr 2023"},
		{zh.ShortDay(day), "4月28日"}, {en.ShortDay(day), "28 Apr"},
		{zh.Weekday(calendar.MakeDate(2023, time.May, 7)), "星期日"}, {en.Weekday(calendar.MakeDate(2023, time.May, 6)), "Sat"},
		{zh.Month(month), "2023年4月"}, {en.Month(month), "Apr 2023"},
		{zh.ShortMonth(month), "4月"}, {en.ShortMonth(month), "Apr"},
		{zh.Clock(at), "09:32"}, {zh.Moment(at), "2023年4月28日 09:32"}, {en.Moment(at), "28 Apr 2023 09:32"},
		{zh.Day(0), ""}, {zh.FullDay(0), ""}, {zh.ShortDay(0), ""}, {zh.Month(0), ""}, {zh.ShortMonth(0), ""},
		{zh.DueIn(3), "还有 3 个工作日"}, {zh.DueIn(0), "今日到期"}, {zh.DueIn(-3), "已逾期 3 个工作日"},
		{en.DueIn(1), "1 working day left"}, {en.DueIn(0), "Due today"}, {en.DueIn(-1), "1 working day overdue"}, {en.DueIn(-2), "2 working days overdue"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMoneyAndNumbers(t *testing.T) {
	words := newSet(t).Words()
	zh, en := words.Locale("zh-CN"), words.Locale("en")
	const yuan, wan, yi = 100, 1_000_000, 10_000_000_000
	for _, c := range []struct{ got, want string }{
		{zh.Money(1200 * wan), "1,200 万元"}, {zh.Money(14_550_000_000 * yuan), "145.5 亿元"}, {zh.Money(4_830_000_000 * yuan), "48.3 亿元"},
		{zh.Money(5_145_000_000 * yuan), "51.45 亿元"}, {zh.Money(600 * yuan), "600 元"}, {zh.Money(12_345_678 * yuan), "1,234.57 万元"},
		{zh.Money(1 * yi), "1 亿元"}, {zh.Money(yi - 1), "10,000 万元"}, {zh.Money(wan), "1 万元"}, {zh.Money(-60 * wan), "−60 万元"},
		{zh.Money(0), "0 元"}, {zh.Money(5), "0.05 元"}, {zh.Money(-1), "−0.01 元"},
		{en.Money(1200 * wan), "CNY 12 million"}, {en.Money(14_550_000_000 * yuan), "CNY 14.55 billion"}, {en.Money(60 * wan), "CNY 600,000"},
		{zh.Wan(1200*wan, 0), "1,200"}, {zh.Wan(1200*wan, 2), "1,200.00"}, {zh.Wan(335_000*yuan, 1), "33.5"}, {zh.Wan(-4_999*yuan, 0), "0"}, {zh.Wan(-5_000*yuan, 0), "−1"},
		{zh.Yi(14_550_000_000 * yuan), "145.5"}, {zh.Percent(21.04), "21.0%"}, {zh.Percent(100), "100.0%"},
		{zh.Count(18204), "18,204"}, {zh.Count(999), "999"}, {zh.Count(-1234567), "−1,234,567"}, {zh.Count(0), "0"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if value, unit := zh.Amount(14_550_000_000 * yuan); value != "145.5" || unit != "亿元" {
		t.Errorf("Amount = %q %q", value, unit)
	}
}

func TestBrokenCatalogIsNamed(t *testing.T) {
	for _, name := range []string{"locales/en.yaml", "locales/zh-CN.yaml"} {
		tree := kitchenTree(t)
		tree[name] = &fstest.MapFile{Data: []byte("a: [")}
		if _, err := New(Options{Files: tree}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New accepts a broken %s: %v", name, err)
		}
		lang := strings.TrimSuffix(name, "yaml")
		maps.DeleteFunc(tree, func(file string, _ *fstest.MapFile) bool { return strings.HasPrefix(file, lang) })
		if _, err := New(Options{Files: tree}); err == nil || !strings.Contains(err.Error(), "catalogs of") {
			t.Errorf("New accepts a tree without any %s: %v", name, err)
		}
	}
}
