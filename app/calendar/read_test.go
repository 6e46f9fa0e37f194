package calendar

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// without makes the vendored calendar without the days of some years, which then follow Monday to Friday.
func without(t testing.TB, from, to Date) *Calendar {
	t.Helper()
	o, err := Vendored()
	if err != nil {
		t.Fatal(err)
	}
	o.Off = slices.DeleteFunc(o.Off, func(d NamedDay) bool { return d.Date >= from && d.Date <= to })
	o.MakeUp = slices.DeleteFunc(o.MakeUp, func(d Date) bool { return d >= from && d <= to })
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestReadNotices: the published text of a notice, read over a calendar that does not know the year, gives the vendored days.
func TestReadNotices(t *testing.T) {
	for _, test := range []struct {
		file     string
		notices  []string
		from, to Date
		number   string
	}{
		{"2020.txt", []string{"2020.txt", "2020-extension.txt"}, MakeDate(2020, 1, 1), MakeDate(2020, 12, 31), "国办发明电〔2020〕1号"},
		{"2022.txt", []string{"2022.txt"}, MakeDate(2022, 1, 1), MakeDate(2022, 12, 30), "国办发明电〔2021〕11号"},
		{"2023.txt", []string{"2023.txt"}, MakeDate(2022, 12, 31), MakeDate(2023, 12, 31), "国办发明电〔2022〕16号"},
		{"2026.txt", []string{"2026.txt"}, MakeDate(2026, 1, 1), MakeDate(2026, 12, 31), "国办发明电〔2025〕7号"},
	} {
		t.Run(test.file, func(t *testing.T) {
			c := without(t, test.from, test.to)
			var got Reading
			for _, name := range test.notices {
				text, err := os.ReadFile("testdata/notices/" + name)
				if err != nil {
					t.Fatal(err)
				}
				if got, err = Read(string(text), 0, c); err != nil {
					t.Fatal(err)
				}
				c = with(t, c, got.Notice)
			}
			if got.Notice.Number != test.number || !strings.HasPrefix(got.Notice.Title, "国务院办公厅关于") {
				t.Errorf("number %q, title %q", got.Notice.Number, got.Notice.Title)
			}
			want := vendored(t)
			for d := test.from; d <= test.to; d++ {
				if got, want := c.Day(d).Kind, want.Day(d).Kind; got != want {
					t.Errorf("%s is %s, vendored %s", d, got, want)
				}
			}
		})
	}
}

func TestReadLines(t *testing.T) {
	text := "# 2027年\n2027-02-05~2027-02-11 休 春节\n\n2027-02-14 班\n2027-04-05 休 清明\r\n2027-05-01至2027-05-02　休\n"
	got, err := Read(text, 2027, vendored(t))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range got.Lines {
		lines = append(lines, fmt.Sprintf("%d %d %v", l.No, len(l.Rest), l.Work))
	}
	if diff := cmp.Diff([]string{"2 7 []", "4 0 [2027-02-14]", "5 1 []", "6 2 []"}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if n := got.Notice; n.First != MakeDate(2027, 1, 1) || n.Last != MakeDate(2027, 12, 31) || n.Rest[0].Name != "春节" || n.Rest[9].Name != unnamed {
		t.Errorf("read %+v", n)
	}
	file, err := os.ReadFile("data/holidays.json")
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Read(string(file), 0, vendored(t)); err != nil || len(r.Notice.Work) == 0 || r.Notice.Last != MakeDate(2026, 12, 31) {
		t.Errorf("the vendored file: %v, %+v", err, r.Notice.Last)
	}
}

// TestReadSentence is the sentence of the brief: no year and no holiday's name in it.
func TestReadSentence(t *testing.T) {
	got, err := Read("10月1日（周四）至7日（周三）放假调休，共7天。9月27日（周日）、10月10日（周六）上班。", 2020, nil)
	if err != nil || len(got.Notice.Rest) != 7 || !slices.Equal(got.Notice.Work, []Date{MakeDate(2020, 9, 27), MakeDate(2020, 10, 10)}) {
		t.Errorf("read %+v, %v", got.Notice, err)
	}
}

func TestReadNamesTheLine(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"2027-02-05 休 春节\n2027-02-30 班", `line 2 "2027-02-30 班" names a day that does not exist: 2027-02-30`},
		{"2027-02-05 放", `line 1 "2027-02-05 放" is not like`},
		{"2027/02/05 休", `line 1 "2027/02/05 休" is not like`},
		{"二月五日 休", `line 1 "二月五日 休" is not like`},
		{"2027-02-11~2027-02-05 休 春节", "line 1 \"2027-02-11~2027-02-05 休 春节\" ends before it begins"},
		{"2027-02-05 休\n2027-02-05 班", `line 2 "2027-02-05 班" names 2027-02-05 again`},
		{"10月1日（周五）至7日放假调休，共7天。", "calls 2026-10-01 a 星期五, but it is a 星期四"},
		{"10月1日至7日放假调休，共8天。", "says 8 days, but there are 7"},
		{"10月1日至7日另行安排。", "does not say whether it is worked"},
		{"2月30日放假", "names a day that does not exist: 2月30日"},
		{"延长中秋假期至5月2日。", "extends a holiday that the calendar does not know"},
		{"", "the text names no day"},
		{"节假日期间，各单位要妥善安排好值班。", "the text names no day"},
		{"{\"years\": 3}", "the text calendar: bad data"},
	} {
		r, err := Read(test.text, 2026, vendored(t))
		if err == nil || !strings.Contains(err.Error(), test.want) || len(Problems(err)) != 1 {
			t.Errorf("%q: read %+v, %d problems, %v; want %q", test.text, r.Notice, len(Problems(err)), err, test.want)
		}
	}
	if _, err := Read("10月1日放假", 0, vendored(t)); err == nil || Problems(err)[0].Kind != "year" {
		t.Errorf("no year: %v", err)
	}
}

// TestReadWhatIsWritten: any notice, written as lines, is read back; and no text makes the reader panic or run on.
func TestReadWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := anyNotice(t, "节", 3)
		var b strings.Builder
		for _, d := range n.Rest {
			fmt.Fprintf(&b, "%s 休 %s\n", d.Date, d.Name)
		}
		for _, d := range n.Work {
			fmt.Fprintf(&b, "%s 班\n", d)
		}
		got, err := Read(b.String(), 0, nil)
		if len(n.Days()) == 0 {
			return
		}
		if diff := cmp.Diff(n.Days(), got.Notice.Days()); err != nil || diff != "" {
			t.Fatalf("%v (-written +read):\n%s", err, diff)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"1月", "2月", "3日", "31日", "至", "、", "。", "（周一）", "放假", "上班", "共3天", "2027年", "\n", "一、春节：", "延长春节假期至", "2027-01-01", "~", " 休", " 班", "{", "}", "\x00"}), 0, 12)
		text := strings.Join(pieces.Draw(t, "text"), "")
		r, err := Read(text, rapid.SampledFrom([]int{0, 2027}).Draw(t, "year"), nil)
		if err == nil && len(r.Notice.Days()) == 0 {
			t.Fatalf("%q is neither read nor refused", text)
		}
	})
}
