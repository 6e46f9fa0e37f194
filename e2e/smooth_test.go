package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	_ "github.com/mattn/go-sqlite3" // the driver that fills the map while the demonstration stands still
)

// manyCards is how many projects the map holds in the benchmark.
const manyCards = 5000

// BenchmarkMapOf5000 opens a map of 5,000 cards, all of them drawn, in a real Chromium, scrolls it and drags a card over it. It reports what a person feels:
// the milliseconds until the page answers, and the longest task while scrolling and while dragging.
func BenchmarkMapOf5000(b *testing.B) {
	chromium := startChromium(b)
	battlemap, _ := binaries(b)
	s := crowdedDemo(b, battlemap)
	p := s.as(b, chromium, "supervision_director")
	p.expect("404") // a copied project has no page of its own
	p.run(chromedp.EmulateViewport(1440, 900))
	for b.Loop() {
		p.visit("/map?view=stages&all=1")
		p.until(`document.querySelectorAll('#board [data-item]').length >= 5000`)
		b.ReportMetric(ask(p, evaluate[float64](`(() => { const n = performance.getEntriesByType('navigation')[0]; return n.domContentLoadedEventEnd; })()`)), "ms-content")
		b.ReportMetric(p.settled(), "ms-interactive")
		p.watchTasks()
		p.wheel(60)
		b.ReportMetric(p.longestTask(), "ms-longest-scrolling")
		p.watchTasks()
		p.carry(120)
		b.ReportMetric(p.longestTask(), "ms-longest-dragging")
	}
}

// crowdedDemo is the example district with copies of its projects, put in while it stood still.
func crowdedDemo(b *testing.B, battlemap string) *site {
	b.Helper()
	const at = "2023-06-30"
	data := copyOf(b, played(b, battlemap, at))
	db, err := sql.Open("sqlite3", filepath.Join(data, "battlemap.db"))
	if err != nil {
		b.Fatal(err)
	}
	if err := fill(db); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	r, err := run(battlemap, data, at, "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { // rows without records are what the doctor is there to find
		if err := r.stop(); err == nil || !strings.Contains(err.Error(), "the database is not sound") {
			b.Errorf("the doctor did not find the copied projects: %v", err)
		}
	})
	r.site.wait(b)
	return r.site
}

// fill copies projects, with their assignments and next milestones, until there are manyCards.
func fill(db *sql.DB) error {
	columns := func(table string, change map[string]string) (names, values string, err error) {
		rows, err := db.Query("SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			return "", "", err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return "", "", err
			}
			value := change[name]
			if value == "" {
				value = "t." + name
			}
			names, values = names+", "+name, values+", "+value
		}
		return names[2:], values[2:], rows.Err()
	}
	const series = `WITH RECURSIVE copy(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copy WHERE k < 120) `
	for _, c := range []struct {
		table, where string
		change       map[string]string
	}{
		{"projects", fmt.Sprintf("t.id < 1000 AND (SELECT COUNT(*) FROM projects) + k * 50 <= %d + 50", manyCards), map[string]string{"id": "t.id + 1000 * k", "code": "t.code || '-' || k", "name": "t.name || ' ' || k",
			"task_force_id": "(t.task_force_id + k) % 10 + 1", "next_check_at": "0"}},
		{"assignments", "t.project_id < 1000 AND t.valid_to = '' AND EXISTS (SELECT 1 FROM projects p WHERE p.id = t.project_id + 1000 * k)", map[string]string{"id": "t.id + 10000 * k", "project_id": "t.project_id + 1000 * k"}},
		{"milestones", "t.project_id < 1000 AND EXISTS (SELECT 1 FROM projects p WHERE p.id = t.project_id + 1000 * k)", map[string]string{"id": "t.id + 10000 * k", "project_id": "t.project_id + 1000 * k", "next_check_at": "0"}},
	} {
		names, values, err := columns(c.table, c.change)
		if err != nil {
			return err
		}
		if _, err := db.Exec(series + "INSERT INTO " + c.table + " (" + names + ") SELECT " + values + " FROM copy, " + c.table + " t WHERE " + c.where); err != nil {
			return fmt.Errorf("fill %s: %w", c.table, err)
		}
	}
	return nil
}

// settled is the end of the last long task of the load, or of the content when there was none: from then on the page answers at once.
func (b *browser) settled() float64 {
	b.t.Helper()
	return ask(b, promised[float64](`new Promise((done) => {
  const ends = [performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd];
  new PerformanceObserver((list) => { for (const e of list.getEntries()) ends.push(e.startTime + e.duration); }).observe({ type: 'longtask', buffered: true });
  requestIdleCallback(() => requestIdleCallback(() => done(Math.max(...ends))));
})`))
}

// watchTasks begins to note tasks of 50 ms and more, which is what browsers call long.
func (b *browser) watchTasks() {
	b.t.Helper()
	b.js(`(() => {
  window.longest = 0;
  if (!window.watcher) { window.watcher = new PerformanceObserver((list) => { for (const e of list.getEntries()) window.longest = Math.max(window.longest, e.duration); }); window.watcher.observe({ type: 'longtask' }); }
  return true;
})()`)
}

// longestTask is the longest task since watchTasks in milliseconds, 0 when none was long.
func (b *browser) longestTask() float64 {
	b.t.Helper()
	return ask(b, promised[float64](`new Promise((done) => requestIdleCallback(() => setTimeout(() => done(window.longest), 0)))`))
}

// wheel scrolls the map step by step.
func (b *browser) wheel(steps int) {
	b.t.Helper()
	for range steps {
		b.mouse(input.DispatchMouseEventTypeMouseWheel, 800, 500, 120)
	}
}

// carry takes up the first card on the screen, carries it about the map and lets it go with Escape.
func (b *browser) carry(steps int) {
	b.t.Helper()
	at := ask(b, evaluate[[]float64](`(() => { for (const c of document.querySelectorAll('#board [data-item]')) { const r = c.getBoundingClientRect(); if (r.top > 260 && r.bottom < innerHeight - 20 && r.width > 0) return [r.left + r.width * 0.7, r.bottom - 8]; } return []; })()`))
	if len(at) != 2 {
		b.t.Fatal("no card is on the screen")
	}
	b.mouse(input.DispatchMouseEventTypeMousePressed, at[0], at[1], 0)
	for i := range steps {
		b.mouse(input.DispatchMouseEventTypeMouseMoved, at[0]+float64(i%80)*10, at[1]+float64(i%40)*6, 0)
	}
	if !ask(b, evaluate[bool](`!!document.querySelector('.ghost')`)) {
		b.t.Error("nothing was dragged")
	}
	b.run(chromedp.KeyEvent("\x1b"))
	b.mouse(input.DispatchMouseEventTypeMouseReleased, at[0], at[1], 0)
}

// mouse sends one event of the mouse; the left button is held while it moves.
func (b *browser) mouse(kind input.DispatchMouseEventType, x, y, wheel float64) {
	b.t.Helper()
	e := input.DispatchMouseEventParams{Type: kind, X: x, Y: y}
	if kind == input.DispatchMouseEventTypeMouseWheel {
		e.DeltaX, e.DeltaY = 0.01, wheel // the protocol wants both, and zero would be left out
	} else {
		e.Button, e.Buttons, e.ClickCount = input.MouseButtonLeft, 1, 1
	}
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, input.DispatchMouseEvent, e)
		return chromedp.Void{}, err
	})
}
