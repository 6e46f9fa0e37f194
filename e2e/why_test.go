package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestEveryLightExplainsItself follows the link behind a light, an overdue flag, a due date and a missing light: one click leads to the explanation, which names the
// rule with its version, the dates, and the holidays that were counted.
func TestEveryLightExplainsItself(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervisor")
	words := map[string]struct{ holiday, due string }{"zh-CN": {"期间节假日：", "期限的由来"}, "en": {"Holidays: ", "How the date came about"}}
	for _, lang := range []string{"zh-CN", "en"} {
		b.visit("/me")
		b.setLanguage(lang)
		for _, c := range []struct{ kind, from, link, want string }{
			{"light on the map", "/map", `.card-red a.light-why`, "default/"},
			{"missing light on the map", "/map", `.card-green a.light-why`, "default/"},
			{"due date on a card", "/map", `a.card-next`, words[lang].due},
			{"overdue flag on a card", "/map", `a.card-next.late`, words[lang].due},
			{"light in the list", "/projects", `main td a.light-why`, "default/"},
			{"due date in the list", "/projects", `main td small a[href^="/why/milestones/"]`, words[lang].due},
			{"light of a ticket", "/tickets", `main td a.light-why`, "default/"},
			{"due date of a ticket", "/tickets", `main td a[href$="#due"]`, words[lang].due},
			{"overdue flag of a ticket", "/tickets", `main td.late a[href$="#due"]`, words[lang].due},
			{"holidays of a ticket", "/tickets?all=1&q=2023-002", `main td a[href$="#due"]`, words[lang].holiday},
			{"light on the desk", "/desk", `.desk-line a.light-why[href^="/why/"]`, "default/"},
			{"milestone of a project", "/projects/P-001", `#milestones td a.light-why`, "default/"},
			{"judged month of a project", "/projects/P-001", `#months a.light-why`, "default/"},
		} {
			b.visit(c.from)
			b.follow(c.link)
			if !strings.HasPrefix(b.path(), "/why/") {
				t.Errorf("%s, %s: leads to %s", lang, c.kind, b.path())
				continue
			}
			b.js(`/第 1 版|version 1/i.test(document.querySelector('.law-rule[id] h3 small').textContent)`)
			b.js(`(document.querySelectorAll('details').forEach(d => d.open = true), true)`)
			b.reads("@1", "2023", c.want)
		}
	}
}

// follow presses Enter on the first link that a selector finds, which must be one that the keyboard reaches (on a board by way of its card) and that has a name.
func (b *browser) follow(link string) {
	b.t.Helper()
	b.js(`(() => { const a = document.querySelector(` + "`" + link + "`" + `); if (!a) return false; const card = a.closest('#board [data-item]'); if (card) card.focus(); if (a.tabIndex < 0) return false; a.focus(); return document.activeElement === a && a.textContent.trim() !== ''; })()`)
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`document.activeElement.click()`)))
	b.run(chromedp.WaitReady(chromedp.CSS("main")))
}
