package e2e

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWallUnattended hangs a screen with a link of its own and leaves it alone: nothing scrolls or is too small to read from afar, the slides turn, a restart of the
// server shows and heals, and the screen goes dark when its link is revoked.
func TestWallUnattended(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	r := restartable(t, battlemap, "2023-06-30")
	director := r.site.as(t, chromium, "supervision_director")
	director.visit("/wall/links")
	director.send(`form[action="/wall/links"]`, map[string]string{"name": "示例大厅", "expires_on": "2023-07-31"})
	address := ask(director, evaluate[string](`document.querySelector('.admin-address').value`))
	path := strings.TrimPrefix(address, r.site.url)
	if !regexp.MustCompile(`^/wall/[A-Za-z0-9_-]{43}$`).MatchString(path) {
		t.Fatalf("the link is %q", address)
	}

	b := open(t, chromium, r.site.url)
	for _, part := range []string{"ERR_", "404", "Failed to load"} {
		b.expect(part) // the server is stopped and the link revoked on purpose
	}
	for _, size := range [][2]int64{{1920, 1080}, {3840, 2160}} {
		b.run(chromedp.EmulateViewport(size[0], size[1]))
		for slide := range 4 {
			b.visit(fmt.Sprintf("%s?every=300&slide=%d", path, slide))
			b.readable(fmt.Sprintf("slide %d at %d", slide, size[0]), float64(22*size[1])/1080)
			b.shoot(fmt.Sprintf("wall-%d-%d", size[0], slide))
		}
	}
	b.visit(path + "?every=5")
	b.run(until(`document.querySelector('[data-slide]:not([hidden]) h2')`), until(`document.querySelectorAll('[data-slide]:not([hidden])').length === 1`))

	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	b.run(until(`document.querySelector('.wall-stale:not([hidden])')?.innerText.includes('2023年6月30日')`))
	b.shoot("wall-stale")
	r.startAgain(t, battlemap, "2023-06-30")
	b.run(until(`document.querySelector('.wall-stale').hidden && document.querySelector('.wall-page:not(.is-stale)')`))

	director.visit("/wall/links")
	director.send(`form[action="/wall/links/revoke"]`, nil)
	b.run(until(`document.querySelector('.wall-shade h1')`))
	b.reads("此大屏链接已停用")
	b.shoot("wall-closed")
}

// readable fails when something scrolls, sticks out or is set smaller than least px.
func (b *browser) readable(where string, least float64) {
	b.t.Helper()
	problem := ask(b, evaluate[string](fmt.Sprintf(`(() => {
  const root = document.documentElement, bad = [];
  if (root.scrollWidth > innerWidth + 1 || root.scrollHeight > innerHeight + 1) bad.push('the page scrolls');
  for (const box of document.querySelectorAll('.wall-body > section, .wall-foot, .wall-head, [data-slide]:not([hidden]), [data-red]:not([hidden])'))
    if (box.scrollHeight > box.clientHeight + 2 || box.scrollWidth > box.clientWidth + 2) bad.push(box.className + ' is cut: ' + [box.scrollWidth, box.clientWidth, box.scrollHeight, box.clientHeight]);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; n = walk.nextNode();) {
    const e = n.parentElement, box = e.getBoundingClientRect();
    if (!n.data.trim() || e.closest('.sr, [hidden], noscript, title') || !box.width) continue;
    const px = parseFloat(getComputedStyle(e).fontSize);
    if (px < %f) bad.push(px + ' px: ' + n.data.trim().slice(0, 20));
  }
  if (document.querySelectorAll('h1').length !== 1) bad.push('not one h1');
  return [...new Set(bad)].join('\n');
})()`, least)))
	if problem != "" {
		b.t.Errorf("%s:\n%s", where, problem)
	}
}

// until waits for a condition of the page, as long as a test may take.
func until(condition string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise(done => { const look = () => { if (%s) done(null); else setTimeout(look, 100); }; look(); })`, condition), chromedp.EvalAwaitPromise)
}
