package e2e

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// before runs a script in every document before the page's own scripts.
func (b *browser) before(script string) {
	b.t.Helper()
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	})
}

// handClock puts a clock that the test winds in the place of the page's: wind.clock moves Date, wind.up moves what is counted from the loading, in milliseconds. Chance
// is the same every time, wind.asked counts what the page asked the server, wind.ticks its seconds, and wind.away lets the server be gone.
// The server's clock is wound with it, and goes on: the example's stands.
const handClock = `(() => {
  const Real = Date, up = performance.now.bind(performance), ask = window.fetch.bind(window), every = window.setInterval.bind(window);
  window.wind = { clock: 0, up: 0, asked: 0, ticks: 0, away: false };
  window.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + wind.clock); }
    static now() { return Real.now() + wind.clock; }
  };
  performance.now = () => up() + wind.up;
  Math.random = () => .5;
  window.fetch = async (...what) => {
    wind.asked++;
    if (wind.away) throw new TypeError('away');
    const answer = await ask(...what), headers = new Headers(answer.headers), text = await answer.text();
    headers.set('X-Wall-Now', Number(headers.get('X-Wall-Now')) + Math.round(wind.clock / 1e3));
    return new Response(answer.status === 304 ? null : text.replace(' data-stands', ''), { status: answer.status, headers });
  };
  window.setInterval = (what, ms) => every(() => { what(); wind.ticks++; }, Math.min(ms, 100));
  sessionStorage.setItem('loads', Number(sessionStorage.getItem('loads') || 0) + 1);
})()`

// ticks is a promise that some seconds of the page pass.
const ticks = `(() => { const t = wind.ticks; return new Promise(done => { const look = () => wind.ticks > t + 5 ? done(true) : setTimeout(look, 20); look(); }); })()`

// TestWallNight leaves a screen alone over a night, by its clock: it loads itself anew at three, not before it has stood for six hours and not while the server is away.
func TestWallNight(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervision_director")
	b.before(handClock)
	b.visit("/wall?every=300")
	b.until(`wind.ticks > 2 && document.querySelector('.wall-page')`)
	loads := ask(b, evaluate[int](`Number(sessionStorage.getItem('loads'))`))
	stays := func(why string) {
		t.Helper()
		b.run(chromedp.Evaluate[chromedp.Void](ticks+`.then(() => null)`, chromedp.EvalAwaitPromise))
		if got := ask(b, evaluate[int](`Number(sessionStorage.getItem('loads'))`)); got != loads {
			t.Fatalf("%s, the screen loaded itself anew", why)
		}
	}
	// Half past three is its minute, since chance is one half.
	b.js(`(() => { const at = new Date(), to = new Date(at); to.setHours(3, 30, 5); wind.clock += to - at; return true; })()`)
	stays("a few minutes after it was hung")
	b.js(`(wind.away = true, wind.up = 7 * 3600e3, true)`)
	b.until(`!document.querySelector('.wall-stale').hidden`)
	stays("while the server was away")
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`(wind.away = false, window.dispatchEvent(new Event('online')), null)`)))
	b.until(`wind.ticks > 2`)
	if got := ask(b, evaluate[int](`Number(sessionStorage.getItem('loads'))`)); got != loads+1 {
		t.Errorf("the screen loaded itself %d times in one night", got-loads)
	}
}

// TestWallMidnight lets a day end on a screen: it asks for the page of the new day, and tells the new date by itself while nobody answers.
func TestWallMidnight(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervision_director")
	b.before(handClock)
	b.visit("/wall?every=300")
	b.until(`wind.asked > 0 && !('stands' in document.querySelector('.wall-page').dataset) && document.querySelector('[data-day]').textContent.includes('6月30日')`)
	toMidnight := `(() => { const [hours, minutes] = document.querySelector('[data-clock]').textContent.split(':').map(Number);
  wind.clock += ((23 - hours) * 60 + 59 - minutes) * 60e3; return true; })()`
	b.js(toMidnight)
	b.until(`document.querySelector('[data-clock]').textContent === '23:59'`)
	b.run(chromedp.Evaluate[chromedp.Void](ticks+`.then(() => null)`, chromedp.EvalAwaitPromise)) // what the jump made it ask is asked
	asked := ask(b, evaluate[int](`wind.asked`))
	for range 5 { // less than a sleep each
		b.js(`(wind.clock += 14e3, true)`)
		b.run(chromedp.Evaluate[chromedp.Void](ticks+`.then(() => null)`, chromedp.EvalAwaitPromise))
	}
	b.until(`document.querySelector('[data-clock]').textContent === '00:00'`)
	b.until(fmt.Sprintf(`wind.asked > %d`, asked))

	b.js(`(wind.away = true, window.dispatchEvent(new Event('online')), true)`)
	b.until(`!document.querySelector('.wall-stale').hidden`)
	b.js(`(wind.clock += 24 * 3600e3, true)`)
	b.until(`document.querySelector('[data-day]').textContent.includes('7月2日')`)
	b.js(`(wind.away = false, window.dispatchEvent(new Event('online')), true)`)
	b.until(`document.querySelector('.wall-stale').hidden`)
}

// TestLiveWithoutSharedWorker looks at a board in browsers that have no SharedWorker: one page leads by a lock, or, without locks, each listens for itself.
func TestLiveWithoutSharedWorker(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	sup := s.as(t, chromium, "supervisor")
	unit := sup.unitOf(s, chromium, "unit_handler")
	for name, script := range map[string]string{
		"a page leads":     `delete window.SharedWorker`,
		"everyone listens": `delete window.SharedWorker; Object.defineProperty(navigator, 'locks', { value: undefined })`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := s.as(t, chromium, "supervision_director")
			dir.before(script + `; addEventListener('DOMContentLoaded', () => document.body.addEventListener('journal', (e) => { window.heardNo = e.detail.no; }))`)
			dir.onBoard()
			dir.until(`!window.SharedWorker && window.battlemapFeed`)
			item := "ticket/" + sup.draft("示例："+name, unit)
			dir.until(`window.heardNo > 0`)
			dir.stands(item, "draft")
		})
	}
}
