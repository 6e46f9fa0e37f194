package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestInspectorComparesTwoDays plays the inspector's way: the map as of a day, what changed until another, a line's journal record, and the list as a file.
func TestInspectorComparesTwoDays(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "inspector")
	words := map[string][2]string{"zh-CN": {"2023年4月21日", "日志"}, "en": {"21 Apr 2023", "journal"}}
	for _, lang := range []string{"zh-CN", "en"} {
		b.visit("/me")
		b.setLanguage(lang)
		for _, view := range []string{"stages", "months", "tickets"} {
			b.visit("/map?view=" + view + "&on=2023-04-21")
			b.reads(words[lang][0])
			b.js(`!document.querySelector('#board form, #board button.move')`)
		}
		b.visit("/map?view=stages&on=2023-04-21")
		b.js(`document.querySelectorAll('#board .card').length > 20`)
		link := ask(b, evaluate[string](`document.querySelector('main a[href^="/changes?from=2023-04-21"]').getAttribute('href')`))
		b.visit(link)
		b.js(`document.querySelectorAll('main a[href^="/journal/"]').length > 5`)
		b.follow(`main a[href^="/journal/"]`)
		if !strings.HasPrefix(b.path(), "/journal/") {
			t.Errorf("%s: the line leads to %s", lang, b.path())
		}
		b.js(`document.body.innerText.toLowerCase().includes(` + fmt.Sprintf("%q", words[lang][1]) + `) || document.querySelector('main h1')`)
	}
	// A day that there was not yet is refused at the field, and what was asked for stays there.
	b.expect("422")
	b.visit("/map?view=stages&on=2031-01-01")
	b.js(`document.querySelector('main input[name=on]').value === '2031-01-01'`)
	csv := ask(b, promised[string](`fetch('/changes/csv?from=2023-05-31&to=2023-06-30').then(r => r.status + ' ' + r.headers.get('content-type'))`))
	if !strings.HasPrefix(csv, "200 text/csv") {
		t.Errorf("the list as a file: %s", csv)
	}
	b.run(chromedp.EmulateViewport(390, 844))
	b.visit("/changes?from=2023-05-31&to=2023-06-30")
	b.js(`document.documentElement.scrollWidth <= window.innerWidth + 1`)
}
