package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestBattleMap is the leader's map in a browser: its three views, what narrows it, a view that is kept, a row that folds, and a limit that a task force's leader sets.
func TestBattleMap(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-04-28")
	b := s.as(t, chromium, "district_leader")

	b.visit("/map?view=stages")
	b.js(`document.querySelectorAll('#board .card').length > 5 && document.querySelector('#board').dataset.view === 'stages'`)
	b.js(`[...document.querySelectorAll('#board .card')].every(c => c.dataset.item && c.dataset.at === c.closest('td').dataset.col && c.dataset.version > 0)`)
	b.js(`(() => { const f = document.getElementById('board'); f.scrollTop = 300; f.scrollLeft = 200; const head = f.querySelector('thead th + th').getBoundingClientRect(), side = f.querySelector('tbody th').getBoundingClientRect(), box = f.getBoundingClientRect(); return Math.abs(head.top - box.top) < 3 && Math.abs(side.left - box.left) < 3; })()`)

	// Filters stand in the address and can be taken back.
	b.send(`form.filters[action="/map"]`, map[string]string{"force": "1", "days": "1"})
	b.js(`new URL(location.href).searchParams.get('force') === '1' && document.querySelectorAll('#board tbody tr').length === 1`)
	b.send(`#save-view`, map[string]string{"name": "示例视图", "scope": "district"})
	b.reads("视图已保存")
	b.js(`[...document.querySelectorAll('.saved a')].some(a => a.textContent.trim() === '示例视图')`)

	// The map remembers, and others find a view that is shared.
	b.visit("/map")
	b.js(`new URL(location.href).searchParams.get('force') === '1'`)
	other := s.as(t, chromium, "taskforce_leader")
	other.visit("/map?view=stages")
	other.js(`[...document.querySelectorAll('.saved a')].some(a => a.textContent.trim() === '示例视图' && a.href.includes('force=1'))`)

	// A row folds at once, and stays folded.
	b.visit("/map?view=stages")
	b.js(`(document.querySelector('a[data-fold="1"]').click(), document.querySelector('#board tr[data-row="1"]').classList.contains('folded') && location.search.includes('fold=1'))`)
	b.visit("/map?view=stages&fold=1")
	b.js(`document.querySelector('#board tr[data-row="1"] .card').offsetParent === null && document.querySelector('#board tr[data-row="1"] .cell-sum').offsetParent !== null`)

	// Density, the months and the tickets.
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`document.querySelector('.density button[value=compact]').click()`)))
	b.js(`document.documentElement.dataset.density === 'compact' && getComputedStyle(document.querySelector('#board .card .card-meta')).display === 'none'`)
	b.visit("/map?view=months")
	b.js(`document.querySelectorAll('#board .track').length > 5 && !!document.querySelector('#board .today-line') && !!document.querySelector('#board .stone') && document.querySelectorAll('#board tr.group').length > 3`)
	b.visit("/map?view=tickets")
	b.js(`document.querySelectorAll('#board .card[data-item^="ticket/"]').length > 0`)

	// A limit shows in its cell and holds.
	other.visit("/map/limits?board=stages&force=1&state=building")
	other.send(`#limit`, map[string]string{"most": "1", "reason": "示例：一次建一个"})
	other.visit("/map?view=stages&force=1")
	other.js(`(() => { const cell = document.querySelector('td[data-row="1"][data-col="building"]'); return cell.dataset.limit === '1' && /\/1$/.test(cell.querySelector('.cap').textContent) && cell.classList.contains('full'); })()`)

	b.run(chromedp.EmulateViewport(360, 740))
	for _, view := range []string{"stages", "months", "tickets"} {
		b.visit("/map?view=" + view)
		b.js(`document.documentElement.scrollWidth <= 360`)
	}
}
