package templates

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// What is vendored for printing is listed as the static files are.
func TestPrintManifest(t *testing.T) {
	text, err := os.ReadFile("print/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Vendored []vendored }
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(serifSC)
	licence, err := os.ReadFile("print/" + m.Vendored[0].LicenceText)
	if len(m.Vendored) != 1 || hex.EncodeToString(sum[:]) != m.Vendored[0].SHA256 || err != nil || len(licence) < 300 || m.Vendored[0].Source == "" || m.Vendored[0].Version == "" {
		t.Errorf("the manifest says %+v, the letters have the hash %x, the licence %d bytes, %v", m.Vendored, sum, len(licence), err)
	}
	entries, err := os.ReadDir("print")
	if err != nil || len(entries) != 5 {
		t.Errorf("print holds %v, %v", entries, err)
	}
}

// caseDoc is a case with everything that could trouble a sheet: long words, rare characters, markup, and more records than a page holds.
func caseDoc(t *testing.T, lang string) CaseDoc {
	t.Helper()
	l := newSet(t).Words().Locale(lang)
	d := CaseDoc{Locale: l, Place: "示例区", No: "〔2023〕001号", Name: `<script>alert(1)</script>`, Kind: "督办事项", Facts: []Def{{Name: "导出人", Text: "示例", Note: "示例单位"}},
		How: []string{strings.Repeat("如何核对，见说明。", 30)}}
	d.Parts = []CasePart{{Name: "object", Defs: []Def{{Name: strings.Repeat("名称", 20), Text: strings.Repeat("内容", 2000), Was: "从前", Tone: "late"}}},
		{Name: "files", Empty: "没有附件。"},
		{Name: "talk", Texts: []CaseText{{Head: "示例 · 2023年", Body: "镕玥𠮷😀\u200d\nattachments/" + strings.Repeat("0a", 200), Note: "撤回"}}},
		{Name: "milestones", Table: Table{Columns: []Column{{Text: "节点"}, {Text: "日期"}}, Rows: [][]Cell{{{Text: "封顶", Note: "照片"}, {Text: "2023年10月31日"}}}}}}
	for range 60 {
		d.Records = append(d.Records, CaseRecord{JournalLine: JournalLine{Locale: l, No: "12", At: "2023年3月13日 08:30", Who: "示例甲", Unit: "示例单位", What: "拟办", Object: "〔2023〕001号", Reason: "理由",
			Changes: []JournalChange{{Name: "状态", Before: "拟办", After: "已交办"}}}, Action: "ticket.move", Leaf: strings.Repeat("0f", 32)})
	}
	return d
}

func TestCaseAsHTML(t *testing.T) {
	for _, lang := range []string{langChinese, "en"} {
		page, err := caseDoc(t, lang).HTML()
		if err != nil {
			t.Fatal(err)
		}
		for what, rule := range map[string]string{"a script": `<script`, "an outside address": `(?:src|href)\s*=|https?://|url\(|@import`, "an event": `\son[a-z]+\s*=`} {
			if hit := regexp.MustCompile(rule).Find(page); hit != nil {
				t.Errorf("%s: the document holds %s: %q", lang, what, hit)
			}
		}
		for _, want := range []string{"&lt;script&gt;", "镕玥𠮷😀", `id="record-12"`, strings.Repeat("0f", 32), "default-src 'none'"} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("%s: the document lacks %q", lang, want)
			}
		}
	}
}

func TestCaseAsPDF(t *testing.T) {
	at := time.Date(2023, 6, 30, 9, 0, 0, 0, time.UTC)
	d := caseDoc(t, langChinese)
	one, err := d.PDF(at)
	if err != nil {
		t.Fatal(err)
	}
	two, err := d.PDF(at)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same document is not the same bytes twice: %v", err)
	}
	pages := len(regexp.MustCompile(`/Type /Page\b[^s]`).FindAll(one, -1))
	if !bytes.HasPrefix(one, []byte("%PDF-")) || pages < 8 || !bytes.Contains(one, []byte("/ToUnicode")) || len(one) > 1<<20 {
		t.Errorf("%d bytes, %d pages", len(one), pages)
	}
}

// What the letters lack is written as its number, so that nothing is an empty box or gone; rare characters that they have are shown as they are.
func TestSheetShowsEveryCharacter(t *testing.T) {
	s, err := newSheet(newSet(t).Words().Locale(langChinese))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"镕玥堃喆燚": "镕玥堃喆燚", "吉𠮷": "吉〔U+20BB7〕", "a\u0000b": "a〔U+0000〕b", "\U0001F600": "〔U+1F600〕", "一\n二\t三": "一 二 三", "→〔2023〕《》￥½": "→〔2023〕《》￥½"} {
		if got := s.readable(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestSheetBreaksLines(t *testing.T) {
	s, err := newSheet(newSet(t).Words().Locale(langChinese))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{strings.Repeat("应于五月六日反馈，已逾期；", 20), strings.Repeat("见 manifest.txt（清单），", 20), strings.Repeat("0af3", 100), strings.Repeat("《示例》", 60), ""} {
		lines := s.lines(text, 10.5, 60)
		for i, l := range lines {
			wide := 0.0
			for _, r := range l {
				wide += s.width(r, 10.5)
			}
			first := []rune(l + " ")[0]
			if wide > 60.01 || i > 0 && strings.ContainsRune(notAtStart, first) {
				t.Errorf("%q is %.1f mm wide", l, wide)
			}
			if strings.HasSuffix(l, "manifest.") {
				t.Errorf("a word is cut: %q", l)
			}
		}
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.ReplaceAll(text, " ", ""); got != want {
			t.Errorf("%q became %q", want, got)
		}
	}
}

// The letters are whole as they came.
func TestLettersUnpack(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(serifSC))
	if err != nil {
		t.Fatal(err)
	}
	letters, err := io.ReadAll(z)
	sum := sha256.Sum256(letters)
	if err != nil || hex.EncodeToString(sum[:]) != "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742" {
		t.Errorf("%d bytes with the hash %x, %v", len(letters), sum, err)
	}
}
