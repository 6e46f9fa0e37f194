package e2e

import (
	"bytes"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestSupervisorsDay finds what is overdue, issues and prints a 督办单 in three keys, holds a meeting whose decision becomes a ticket with one, and sees that decision
// first in the next meeting.
func TestSupervisorsDay(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervisor")
	b.visit("/me")
	b.setLanguage("zh-CN")

	b.visit("/supervision")
	b.reads("应发督办单", "逾期未回复", "各单位逾期", "近五个工作日的提醒")
	b.press("p")
	b.js(`document.activeElement.matches('[data-go]') && document.activeElement.form.elements.facts.value.includes('未反馈')`)
	b.pressAndLoad(kb.Enter)
	b.reads("已发出")
	b.js(`document.activeElement.matches('[data-print-key]')`)
	b.pressAndLoad(kb.Enter)
	b.reads("督办单", "未反馈", "〔2023〕")
	b.printsOn(t, 1)

	b.meets("浏览器调度会一")
	b.js(`document.querySelectorAll('#red [data-line]').length > 0`)
	b.press("j")
	b.press("n")
	b.js(`document.activeElement.matches('textarea')`)
	b.press("请牵头单位一周内报送整改方案。")
	b.pressAndLoad(kb.Enter)
	b.reads("议定事项已转为督办事项", "请牵头单位一周内报送整改方案", "待审签")
	b.follow(`main .tools a[href$="/minutes"]`)
	b.reads("会议纪要", "请牵头单位一周内报送整改方案", "示例推演")
	b.printsOn(t, 1)
	b.visit("/meetings")
	b.follow(`main td a[href^="/meetings/"]`)
	b.send(`form[action$="/close"]`, nil)

	b.meets("浏览器调度会二")
	b.js(`document.querySelector('.meet-agenda [data-line]').closest('section').id === 'last'`)
	b.js(`document.querySelector('.meet-agenda [data-line]').textContent.includes('请牵头单位一周内报送整改方案')`)
	b.follow(`main .tools a[href$="/pack"]`)
	b.reads("红灯事项", "待回复的文书")
	b.printsOn(t, 1)
}

// meets plans a meeting and opens it.
func (b *browser) meets(title string) {
	b.t.Helper()
	b.visit("/meetings/new")
	b.send(`form[action="/meetings/new"]`, map[string]string{"title": title})
	b.send(`form[action$="/hold"]`, nil)
	b.reads(title, "进行中")
}

// press sends keys to what has the focus.
func (b *browser) press(keys string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(keys))
}

// pressAndLoad presses a key that leads to another page.
func (b *browser) pressAndLoad(keys string) {
	b.t.Helper()
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(keys)))
	b.run(chromedp.WaitReady(chromedp.CSS("main")))
}

// printsOn prints the page as its style sheets say and wants at least so many sheets of A4.
func (b *browser) printsOn(t *testing.T, sheets int) {
	t.Helper()
	pdf := ask(b, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize()))
	boxes := bytes.Count(pdf, []byte("/MediaBox [0 0 594.95996 841.91998]")) + bytes.Count(pdf, []byte("/MediaBox [0 0 595 842]")) + bytes.Count(pdf, []byte("/MediaBox [0 0 594.95996 841.91998"))
	if boxes < sheets || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("%s prints on %d sheets of A4, want %d: %s", b.path(), boxes, sheets, bytes.Join(bytes.SplitN(pdf, []byte("/MediaBox"), 3), []byte("|"))[:200])
	}
}
