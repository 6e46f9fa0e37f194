package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestPages opens every page as those who may, on a desk and on a phone, in both languages: nothing scrolls sideways, nothing is clipped, no word is missing.
// With BATTLEMAP_SHOTS=DIR it keeps a picture of each.
func TestPages(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	for role, more := range byRole() {
		t.Run(role, func(t *testing.T) {
			b := s.as(t, chromium, role)
			b.expect("404")
			pages := append(append(common(role), more...), b.found()...)
			for _, lang := range []string{"zh-CN", "en"} {
				b.run(chromedp.Navigate(b.url+"/me"), chromedp.WaitReady(chromedp.CSS("main")))
				b.setLanguage(lang)
				for _, address := range pages {
					b.look(role, lang, address)
				}
			}
		})
	}
}

// links are the first addresses on a page that a selector finds.
func (b *browser) links(address, selector string, n int) []string {
	b.t.Helper()
	b.visit(address)
	return ask(b, evaluate[[]string](fmt.Sprintf(`[...new Set([...document.querySelectorAll(%q)].map(a => a.getAttribute('href').split('#')[0]))].filter(h => h !== '/tickets/new' && h !== '/projects/new').slice(0, %d)`, selector, n)))
}

// setLanguage posts the language switch that every page has.
func (b *browser) setLanguage(lang string) {
	b.t.Helper()
	if ask(b, evaluate[string](`document.documentElement.lang`)) == lang {
		return
	}
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`document.querySelector('.rail-foot button[name=lang]').click()`)))
	b.run(chromedp.WaitReady(chromedp.CSS("main")))
}

var rawKey = regexp.MustCompile(`(?m)\b(?:nav|fault|done|action|kind|role|light|notice|why|column|error|term|cause|day)\.[a-z_]+(?:\.[a-z_]+)?\b`)

// look opens a page, looks at both widths and checks what a careful person would be ashamed of.
func (b *browser) look(role, lang, address string) {
	b.t.Helper()
	b.visit(address)
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		b.run(chromedp.EmulateViewport(size[0], size[1]))
		where := fmt.Sprintf("%s %s %s at %d", role, lang, address, size[0])
		if wide := ask(b, evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`)); wide > 1 {
			b.t.Errorf("%s: the page scrolls sideways by %d px", where, wide)
		}
		if h1 := ask(b, evaluate[int](`[...document.querySelectorAll('h1')].filter(h => h.innerText.trim()).length`)); h1 != 1 {
			b.t.Errorf("%s: %d headings of the first rank", where, h1)
		}
		text := b.text()
		if key := rawKey.FindString(text); key != "" && !strings.Contains(address, "/journal") && !strings.Contains(address, "/rules") {
			b.t.Errorf("%s: shows the key %q instead of words", where, key)
		}
		if strings.Contains(text, "%!") || strings.Contains(text, "<no value>") || strings.Contains(text, "ZgotmplZ") {
			b.t.Errorf("%s: shows a value that could not be written", where)
		}
		b.shoot(fmt.Sprintf("%s-%s-%d-%s", role, lang, size[0], address))
	}
	b.run(chromedp.EmulateViewport(1440, 900))
}

// shoot keeps a picture when somebody wants to look.
func (b *browser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("BATTLEMAP_SHOTS")
	if dir == "" {
		return
	}
	picture := ask(b, chromedp.FullScreenshot(90))
	name = regexp.MustCompile(`[^a-zA-Z0-9_-]+`).ReplaceAllString(name, "_") + ".jpg"
	if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
