package app_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
	"pgregory.net/rapid"

	"battlemap/app"
	"battlemap/app/apptest"
)

func TestMatcher(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, query string
		want        bool
	}{
		{"重庆路综合管廊", "庆路", true}, {"重庆路综合管廊", "zq", true}, {"重庆路综合管廊", "cq", true}, {"重庆路综合管廊", "chongqinglu", true}, {"重庆路综合管廊", "ZhongQ", true},
		{"重庆路综合管廊", "cql", true}, {"重庆路综合管廊", "lzh", true}, {"重庆路综合管廊", "xq", false}, {"重庆路综合管廊", "庆综", false}, {"重庆路综合管廊", "ongqing", false},
		{"绿化提升", "lvhua", true}, {"绿化提升", "luhua", true}, {"绿化提升", "lühua", true},
		{"G324国道改造", "g324gd", true}, {"G324国道改造", "g324国", true}, {"Ｇ３２４国道改造", "g324", true}, {"督办项", "dbx", true}, {"督办项", "d", true}, {"督办项", "项 督", true}, {"督办项", "项 空", false},
		{"2023-001", "001", true}, {"2023-001", "2023-1", true}, {"2023-001", "〔2023〕001号", true}, {"2023-001", "〔2023〕1号", true}, {"2023-001", "2023-2", false}, {"2023-001", "", true},
	}
	for _, c := range tests {
		if got := app.NewMatcher(c.query).Matches(c.text); got != c.want {
			t.Errorf("%q finds %q: %t, want %t", c.query, c.text, got, c.want)
		}
	}
}

// naive tells, with nothing but trying everything, whether a word without blanks can be said from some character of a text on.
func naive(text, word string) bool {
	text, word = strings.ToLower(text), strings.ToLower(word)
	if strings.Contains(text, word) {
		return true
	}
	if strings.ContainsFunc(word, func(r rune) bool { return r >= 0x4e00 }) {
		return false
	}
	for text != "" {
		if says(text, word) {
			return true
		}
		_, n := utf8.DecodeRuneInString(text)
		text = text[n:]
	}
	return false
}

func says(text, word string) bool {
	if word == "" {
		return true
	}
	if text == "" {
		return false
	}
	r, n := utf8.DecodeRuneInString(text)
	ways := []string{string(r)}
	for _, reading := range pinyin.SinglePinyin(r, pinyin.Args{Style: pinyin.Normal, Heteronym: true}) {
		ways = append(ways, reading, strings.ReplaceAll(reading, "v", "u"), reading[:1])
	}
	return slices.ContainsFunc(ways, func(way string) bool {
		return strings.HasPrefix(way, word) || strings.HasPrefix(word, way) && says(text[n:], word[len(way):])
	})
}

// Whatever stands in the table, what a list finds by text is what trying every text finds: no hit too many, none missed.
func TestTextSearchIsExact(t *testing.T) {
	for name, value := range map[string]string{"rapid.checks": "60", "rapid.nofailfile": "true"} {
		apptest.Must(t, flag.Set(name, value), "set %s", name)
	}
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		actor, all := w.As(t, "dir"), map[string][]string{} // by code
		title := rapid.StringOfN(rapid.RuneFrom([]rune("重庆路长乐行绿吕石狮市电商园安恩额嗯aAnegG3240-·（ ")), 1, 8, -1)
		rapid.Check(t, func(r *rapid.T) {
			name, owner := strings.TrimSpace("示"+title.Draw(r, "name")), strings.TrimSpace("企"+title.Draw(r, "owner"))
			p, err := w.App.AddProject(ctx, actor, app.AddProject{Name: name, Enterprise: owner, TaskForceID: s.Forces["1"], Level: "city", InvestFen: 1, Year: 2023})
			apptest.Must(t, err, "add %q", name)
			all[p.Code] = []string{p.Code, name, owner}
			query := queryFrom(r, name+owner)
			got, err := w.App.Projects(ctx, actor, app.ProjectFilter{Text: query})
			apptest.Must(t, err, "look for %q", query)
			var found, want []string
			for _, c := range got {
				found = append(found, c.Project.Code)
			}
			for code, fields := range all {
				if standsIn(fields, query) {
					want = append(want, code)
				}
			}
			slices.Sort(found)
			slices.Sort(want)
			if !slices.Equal(found, want) {
				r.Fatalf("%q finds %v, want %v", query, found, want)
			}
		})
	})
}

// Numbers in titles are found like a ticket's own: what a title holds is found by any piece of it, however many digits it shares with others.
func TestNumbersInTitles(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		sup := w.As(t, "sup")
		titles := []string{"落实〔2022〕000123号", "复核2022-0001234项", "编号12022-2023-0001", "沿用2022—000123", "第2022-12项", "２０２２－０００１２３"}
		for _, title := range titles {
			_, err := w.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: title, Basis: "示例依据", TaskForceID: s.Forces["1"], LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"})
			apptest.Must(t, err, "draft %s", title)
		}
		var queries []string
		for _, title := range titles {
			runes := []rune(title)
			for from := range runes {
				for to := from + 1; to <= len(runes); to++ {
					queries = append(queries, string(runes[from:to]))
				}
			}
		}
		slices.Sort(queries)
		for _, query := range slices.Compact(queries) {
			found, err := w.App.Tickets(ctx, sup, app.TicketFilter{Text: query})
			apptest.Must(t, err, "look for %q", query)
			m := app.NewMatcher(query)
			var got, want []string
			for _, k := range found {
				got = append(got, k.Title)
			}
			for i, title := range titles {
				if no := fmt.Sprintf("2023-%03d", i+1); m.Matches(no, "〔2023〕"+no[5:]+"号", title) {
					want = append(want, title)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", query, got, want)
			}
		}
	})
}

func standsIn(fields []string, query string) bool {
	for word := range strings.FieldsSeq(query) {
		if !slices.ContainsFunc(fields, func(f string) bool { return naive(strings.Join(strings.Fields(f), " "), word) }) {
			return false
		}
	}
	return true
}

// queryFrom takes a piece of a text as it is written, or spells it out, or makes up letters.
func queryFrom(r *rapid.T, text string) string {
	runes := []rune(strings.ReplaceAll(text, "（", ""))
	from := rapid.IntRange(0, len(runes)-1).Draw(r, "from")
	piece := runes[from : from+rapid.IntRange(1, min(5, len(runes)-from)).Draw(r, "length")]
	switch rapid.IntRange(0, 3).Draw(r, "way") {
	case 0:
		return string(piece)
	case 1:
		return rapid.StringMatching(`[a-z]{1,4}`).Draw(r, "letters")
	}
	var b strings.Builder
	for _, c := range piece {
		ways := pinyin.SinglePinyin(c, pinyin.Args{Style: pinyin.Normal, Heteronym: true})
		if len(ways) == 0 {
			b.WriteRune(c)
			continue
		}
		way := rapid.SampledFrom(ways).Draw(r, "reading")
		b.WriteString(way[:rapid.SampledFrom([]int{1, len(way)}).Draw(r, "letters of it")])
	}
	return b.String()
}

// A changed text is found by its new words only, and a table of an older version is written anew at the start.
func TestTheIndexFollowsTheText(t *testing.T) {
	each(t, func(t *testing.T, w *apptest.World) {
		s, ctx := w.Seed(t), context.Background()
		sup := w.As(t, "sup")
		k, err := w.App.DraftTicket(ctx, sup, app.DraftTicket{Kind: "assignment", Title: "督办项一", Basis: "示例依据", Instruction: "示例", TaskForceID: s.Forces["1"],
			LeadUnitID: s.Units["gxj"], DueTerm: "5 workdays"})
		apptest.Must(t, err, "draft")
		finds := func(when, query string, want int) {
			t.Helper()
			got, err := w.App.Tickets(ctx, sup, app.TicketFilter{Text: query})
			apptest.Must(t, err, "look for %q", query)
			if len(got) != want {
				t.Errorf("%s: %q finds %d tickets, want %d", when, query, len(got), want)
			}
		}
		finds("drafted", "dbx", 1)
		finds("drafted", "001", 1)
		finds("drafted", "督", 1)
		apptest.Must(t, app.Write(ctx, w.App, sup, func(tx *app.Tx) error {
			app.Note(tx, "test.rename")
			return app.Retitle(tx, k.ID, "征拆收尾")
		}), "retitle")
		finds("retitled", "dbx", 0)
		finds("retitled", "zcsw", 1)
		apptest.Must(t, app.Chore(ctx, w.App, func(tx *app.Tx) error {
			return app.Exec(tx, "UPDATE search_index SET version = 0")
		}), "age the table")
		apptest.Must(t, app.Chore(ctx, w.App, func(tx *app.Tx) error { return app.Exec(tx, "DELETE FROM search_grams") }), "lose the table")
		w.Reopen(t)
		finds("written anew", "zcsw", 1)
	})
}

func TestTicketNumber(t *testing.T) {
	for text, want := range map[string]string{
		"2023-1": "2023-001", "2023-001": "2023-001", "2023-0001": "2023-001", "2023-12345": "2023-12345", "〔2023〕001号": "2023-001", "〔2023〕 1 号": "2023-001", "[2023]7": "2023-007",
		"（2023）7号": "2023-007", "［２０２３］１２": "2023-012", "2023/4": "2023-004", "2023年4号": "2023-004", " 2023－4 ": "2023-004", "【2023】4号": "2023-004",
		"2023": "", "2023001": "", "P-2023-1": "", "2023-1-1": "", "2023年1月": "", "2023-1号文": "", "123-1": "", "2023a1": "", "2023-1234567890": "", "": "",
	} {
		if no, ok := app.TicketNumber(text); no != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", text, no, ok, want)
		}
	}
}
