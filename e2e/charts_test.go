package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// painted tells whether a canvas of a figure holds more than one colour.
const painted = `((id) => {
  const c = document.querySelector('#' + id + ' canvas');
  if (!c || !c.width) return false;
  const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  [copy.canvas.width, copy.canvas.height] = [c.width, c.height];
  copy.drawImage(c, 0, 0);
  const px = copy.getImageData(0, 0, c.width, c.height).data, seen = new Set();
  for (let i = 0; i < px.length; i += 64) seen.add(px[i] + ',' + px[i + 1] + ',' + px[i + 2] + ',' + px[i + 3]);
  return seen.size > 4;
})`

// TestChartsAreDrawnFromTheirTables looks at every chart: drawn in both themes, readable as a table, kept as a picture and as a file.
func TestChartsAreDrawnFromTheirTables(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervisor")
	b.visit("/charts")
	b.reads("重点项目四率", "投资与序时计划", "亮灯变化", "未办结事项账龄", "事项逾期天数")
	charts := []string{"chart-rates", "chart-invest", "chart-lights", "chart-ages", "chart-overdue"}
	for _, theme := range []string{"light", "dark"} {
		b.js(`(document.documentElement.dataset.theme = '` + theme + `', true)`)
		for _, id := range charts {
			b.js(painted + `('` + id + `')`)
			b.js(`(() => { const c = document.querySelector('#` + id + ` .chart-canvas'); return c.getAttribute('role') === 'img' && c.getAttribute('aria-label').length > 10; })()`)
		}
		b.shoot("charts-" + theme)
	}
	// The colours follow the theme: the same place of the same chart has another colour.
	b.comes(`(() => {
  const ink = () => { const c = document.querySelector('#chart-invest canvas'); return c.toDataURL(); };
  document.documentElement.dataset.theme = 'light';
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => { const was = ink(); document.documentElement.dataset.theme = 'dark';
    requestAnimationFrame(() => requestAnimationFrame(() => done(was !== ink()))); })));
})()`)
	// By the keyboard from the drawing to the table and back.
	b.js(`(() => { const t = document.querySelector('#chart-rates [data-chart-switch]'); t.focus(); t.click(); return t.getAttribute('aria-pressed') === 'true' && document.querySelector('#chart-rates .chart-table').clientHeight > 60 && !document.querySelector('#chart-rates .chart-canvas').clientHeight; })()`)
	b.reads("分子 / 分母", "看图")
	b.js(`(() => { const t = document.querySelector('#chart-rates [data-chart-switch]'); t.click(); return t.getAttribute('aria-pressed') === 'false' && document.querySelector('#chart-rates .chart-canvas').clientHeight > 200; })()`)
	// The table is in the page for screen readers all the while.
	b.js(`(() => { const t = document.querySelector('#chart-lights .chart-table'); return getComputedStyle(t).display !== 'none' && getComputedStyle(t).visibility === 'visible' && t.querySelectorAll('tbody tr').length > 10; })()`)
	b.comes(`new Promise(done => { document.addEventListener('chart-picture', e => done(e.detail.name === 'rates-2023-06-30.png' && e.detail.bytes > 20000), { once: true }); document.querySelector('#chart-rates [data-chart-png]').click(); })`)
	csv := b.download(`#chart-rates a[href*="/csv"]`)
	if !strings.HasPrefix(csv, "\ufeff") || !strings.Contains(csv, "开工率") || strings.Count(csv, "\r\n") < 4 {
		t.Errorf("the file of the rates: %q", csv)
	}
	b.run(chromedp.EmulateViewport(390, 844))
	b.visit("/charts?from=2023-04&to=2023-05")
	b.js(`document.documentElement.scrollWidth <= window.innerWidth + 1`)
	b.js(painted + `('chart-rates')`)
	b.shoot("charts-phone")
	b.run(chromedp.EmulateViewport(1440, 900))
	b.visit("/projects/P-001")
	b.js(painted + `('months')`)
	b.shoot("charts-months")
}

// promised waits for what an expression promises.
func promised[T any](expression string) chromedp.Action[T] {
	return chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)
}

// comes evaluates a promise that must come out true.
func (b *browser) comes(expression string) {
	b.t.Helper()
	if !ask(b, promised[bool](expression)) {
		b.t.Fatalf("%s: not true: %s", b.path(), expression)
	}
}

// download follows a link as the browser would and returns what is sent.
func (b *browser) download(selector string) string {
	b.t.Helper()
	return ask(b, promised[string](fmt.Sprintf(`fetch(document.querySelector(%q).href).then(r => r.arrayBuffer()).then(a => new TextDecoder('utf-8', { ignoreBOM: true }).decode(a))`, selector)))
}
