package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// until waits for a condition on the page; only the browser's own limit ends it.
func (b *browser) until(condition string) {
	b.t.Helper()
	ask(b, chromedp.Evaluate[bool](fmt.Sprintf(`new Promise(done => { const look = () => (%s) ? done(true) : setTimeout(look, 20); look(); })`, condition), chromedp.EvalAwaitPromise))
}

// spoken waits for the board's one live region to say a text.
func (b *browser) spoken(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.getElementById('board-say').textContent.includes(%q)`, text))
}

// onBoard opens the board of tickets' states with every card.
func (b *browser) onBoard() {
	b.t.Helper()
	b.visit("/map?view=tickets&all=1")
	b.until(`document.querySelector('#board [data-item][tabindex="0"]')`)
}

// stands waits until a card stands in a column.
func (b *browser) stands(item, column string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector('#board td[data-col="%s"] [data-item="%s"]')`, column, item))
}

// key presses a key on what has the focus.
func (b *browser) key(key string) {
	b.t.Helper()
	b.js(fmt.Sprintf(`(document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: %q, bubbles: true, cancelable: true })), true)`, key))
}

// pick brings a card into view and gives it the focus.
func (b *browser) pick(item string) {
	b.t.Helper()
	b.js(fmt.Sprintf(`(() => { const card = document.querySelector('[data-item="%s"]'); card.scrollIntoView({ block: 'center', inline: 'center' }); card.focus(); return document.activeElement === card; })()`, item))
}

// draft drafts a ticket for a unit and returns its name on the board.
func (b *browser) draft(title, unit string) string {
	b.t.Helper()
	b.visit("/tickets/new")
	form := `form[action="/tickets/new"]`
	b.send(form, map[string]string{"kind": "assignment", "title": title, "basis": "示例依据", "task_force_id": firstOption(b, form, "task_force_id"),
		"lead_unit_id": b.option(form, "lead_unit_id", unit), "due_term": "15 workdays"})
	return strings.TrimPrefix(b.path(), "/tickets/")
}

// point is where something is on the screen.
type point struct{ X, Y float64 }

// middle is the middle of a card, or of the head of a column, in the viewport.
func (b *browser) middle(selector string) point {
	b.t.Helper()
	return ask(b, evaluate[point](fmt.Sprintf(`(() => { const r = document.querySelector('%s').getBoundingClientRect(); return { X: r.x + r.width / 2, Y: r.y + r.height / 2 }; })()`, selector)))
}

// drag carries a card with the mouse to a column.
func (b *browser) drag(item, column string) {
	b.t.Helper()
	b.pick(item)
	from, to := b.middle(fmt.Sprintf(`[data-item="%s"]`, item)), b.middle(fmt.Sprintf(`thead th[data-col="%s"]`, column))
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, from.X, from.Y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, from.X+20, from.Y, chromedp.ButtonLeft))
	b.until(`document.body.classList.contains('dragging')`)
	b.until(fmt.Sprintf(`document.querySelector('thead th[data-col="%s"]').dataset.drop === 'yes'`, column))
	b.js(`[...document.querySelectorAll('thead th[data-drop=no]')].length > 0`)
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, to.X, from.Y, chromedp.ButtonLeft))
	b.until(fmt.Sprintf(`document.querySelector('thead th[data-col="%s"]').dataset.drop === 'over'`, column))
	b.run(chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, to.X, from.Y, chromedp.ButtonLeft))
}

// touch sends one touch event; without points it is the end of the touch.
func (b *browser) touch(kind input.DispatchTouchEventType, points ...point) {
	b.t.Helper()
	p := input.DispatchTouchEventParams{Type: kind, TouchPoints: []*input.TouchPoint{}}
	for _, at := range points {
		p.TouchPoints = append(p.TouchPoints, &input.TouchPoint{X: at.X, Y: at.Y})
	}
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, input.DispatchTouchEvent, p)
		return chromedp.Void{}, err
	})
}

// TestMoves plays a card's way over two screens: by keyboard with what is announced, taken back, by mouse, by touch, against somebody else's change, several at
// once, and over a restart of the server.
func TestMoves(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	r := restartable(t, battlemap, "2023-06-30")
	s := r.site
	sup, dir, hand := s.as(t, chromium, "supervisor"), s.as(t, chromium, "supervision_director"), s.as(t, chromium, "unit_handler")
	unit := sup.unitOf(s, chromium, "unit_handler")
	one, two, three := "ticket/"+sup.draft("示例：清运渣土", unit), "ticket/"+sup.draft("示例：核对台账", unit), "ticket/"+sup.draft("示例：修补围墙", unit)
	sup.onBoard()
	dir.onBoard()

	// By keyboard, announced, seen by the other, and taken back with one key.
	sup.pick(one)
	sup.key(" ")
	sup.spoken("已拿起")
	sup.key("Escape")
	sup.spoken("已取消")
	sup.stands(one, "draft")
	sup.key(" ")
	sup.spoken("待审签")
	sup.key("ArrowRight")
	sup.spoken("送审")
	sup.key("Enter")
	sup.stands(one, "pending")
	dir.stands(one, "pending")
	sup.until(`document.querySelector('.toast button')`)
	sup.key("z")
	sup.stands(one, "draft")
	dir.stands(one, "draft")
	sup.js(fmt.Sprintf(`document.activeElement.dataset.item === %q`, one))

	// Several at once.
	for _, item := range []string{one, two, three} {
		sup.pick(item)
		sup.key("x")
	}
	sup.js(`(document.querySelector('[data-many]').click(), true)`)
	sup.until(`document.querySelector('#move-dialog button[value=submit_draft]')`)
	sup.js(`(document.querySelector('#move-dialog button[value=submit_draft]').click(), true)`)
	sup.until(`document.querySelector('#move-dialog form[method=post] button[value=submit_draft]')`)
	sup.js(`(document.querySelector('#move-dialog form[method=post] button').click(), true)`)
	sup.until(`document.querySelectorAll('#move-dialog .move-results li .tag.green').length === 3`)
	dir.stands(three, "pending")

	// By mouse, and by touch.
	dir.drag(one, "issued")
	dir.stands(one, "issued")
	sup.stands(one, "issued")
	hand.run(chromedp.EmulateViewport(1440, 900, chromedp.EmulateTouch))
	hand.onBoard()
	hand.pick(one)
	from, to := hand.middle(fmt.Sprintf(`[data-item="%s"]`, one)), hand.middle(`thead th[data-col="accepted"]`)
	hand.touch(input.DispatchTouchEventTypeTouchStart, from)
	hand.until(`document.body.classList.contains('dragging')`)
	hand.touch(input.DispatchTouchEventTypeTouchMove, point{to.X, from.Y})
	hand.until(`document.querySelector('thead th[data-col="accepted"]').dataset.drop === 'over'`)
	hand.touch(input.DispatchTouchEventTypeTouchEnd)
	hand.stands(one, "accepted")
	dir.stands(one, "accepted")

	// Against somebody else's change: it says who, keeps the card, and goes through when it is tried again.
	hand.expect("409")
	hand.pick(one)
	hand.key(" ")
	hand.spoken("推进中")
	hand.js(fmt.Sprintf(`(document.querySelector('[data-item="%s"]').dataset.version = '1', true)`, one)) // while it is carried, so that no live update puts the newer one back
	hand.key("ArrowRight")
	hand.key(" ")
	hand.until(`document.querySelector('.toast.warn')`)
	hand.js(`document.querySelector('.toast.warn').textContent.includes('审签')`)
	hand.js(`(document.querySelector('.toast.warn button').click(), true)`)
	hand.until(`document.querySelector('#move-dialog form')`)
	hand.js(`(document.querySelector('#move-dialog form button').click(), true)`)
	hand.stands(one, "in_progress")

	// A restart: the page says that it may be old, and goes on where it was.
	for _, part := range []string{"ERR_", "Failed to load", "/live", "htmx:"} {
		sup.expect(part)
		dir.expect(part)
		hand.expect(part)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	sup.until(`!document.getElementById('live').hidden`)
	r.startAgain(t, battlemap, "2023-06-30")
	sup.until(`document.getElementById('live').hidden`)
	dir.drag(two, "issued")
	dir.stands(two, "issued")
	sup.stands(two, "issued")

	// Away over midnight: what is left of every term has changed, so everything is drawn anew.
	sup.js(`(document.body.addEventListener('journal', (e) => { window.turned = window.turned || e.detail.reload; }), true)`)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r.startAgain(t, battlemap, "2023-07-01")
	sup.until(`window.turned`)
}
