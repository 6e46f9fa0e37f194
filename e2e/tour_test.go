package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// view is one picture of docs/tour.md: who looks at which page, on what screen.
type view struct {
	name, role, address string
	width, height       int64
	dark                bool
	ready               string // a condition on the page: what the picture is about is there
	act                 string // a script that a person's hand stands behind, such as opening a dialog
}

// tour are the pictures of docs/tour.md, in its order.
func tour() []view {
	return []view{
		{name: "map-stages", role: "supervision_director", address: "/map?view=stages", width: 1440, height: 900, ready: `document.querySelectorAll('#board .card').length > 10`},
		{name: "map-months", role: "supervision_director", address: "/map?view=months", width: 1440, height: 900, ready: `document.querySelectorAll('#board .track').length > 10`},
		{name: "map-tickets", role: "supervision_director", address: "/map?view=tickets", width: 1440, height: 900, dark: true, ready: `document.querySelectorAll('#board .card').length > 3`},
		{name: "wall", role: "district_leader", address: "/wall", width: 1920, height: 1080, dark: true, ready: `document.querySelector('.wall-map')`},
		{name: "triage", role: "supervision_director", address: "/triage", width: 1440, height: 900, ready: `document.querySelector('[data-line]')`},
		{name: "supervision", role: "supervisor", address: "/supervision", width: 1440, height: 900, ready: `document.querySelector('main table')`},
		{name: "meeting", role: "supervision_director", address: "/meetings", width: 1440, height: 900, ready: `document.querySelector('main')`},
		{name: "project", role: "supervision_director", address: "/projects/P-005", width: 1440, height: 900, ready: `document.querySelector('main h1')`},
		{name: "ticket", role: "supervision_director", address: "/tickets/2023-002", width: 1440, height: 900, dark: true, ready: `document.querySelector('main h1')`},
		{name: "changes", role: "inspector", address: "/changes?from=2023-05-31&to=2023-06-30", width: 1440, height: 900, ready: `document.querySelector('main h1')`},
		{name: "charts", role: "district_leader", address: "/charts", width: 1440, height: 900, ready: `document.querySelector('main canvas')`},
		{name: "phone", role: "unit_handler", address: "/desk", width: 390, height: 844, ready: `document.querySelector('.desk-line')`},
	}
}

// TestTour opens every page that docs/tour.md shows and finds the pictures there, in their order. With BATTLEMAP_TOUR=DIR it takes them anew (make tour).
func TestTour(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	text, err := os.ReadFile("../docs/tour.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(text)
	for _, v := range tour() {
		t.Run(v.name, func(t *testing.T) {
			picture := "tour/" + v.name + ".jpg"
			_, after, found := strings.Cut(rest, picture)
			if !found {
				t.Errorf("docs/tour.md does not show %s, or not in this order", picture)
			} else {
				rest = after
			}
			s.take(t, chromium, v)
			if _, err := os.Stat(filepath.Join("../docs", picture)); err != nil {
				t.Error(err)
			}
		})
	}
}

// take opens the page of a picture and, when somebody wants it, takes it.
func (s *site) take(t *testing.T, chromium chromiumContext, v view) {
	b := s.as(t, chromium, v.role)
	theme := map[bool]string{false: "light", true: "dark"}[v.dark]
	b.js(`(document.cookie = 'theme=` + theme + `;path=/', true)`)
	b.run(chromedp.EmulateViewport(v.width, v.height))
	b.visit(v.address)
	if v.act != "" {
		b.js(v.act)
	}
	b.run(chromedp.Poll[chromedp.Void](`!!(` + v.ready + `)`))
	dir := os.Getenv("BATTLEMAP_TOUR")
	if dir == "" {
		return
	}
	b.run(chromedp.Poll[chromedp.Void](`document.fonts.status === 'loaded'`))
	if err := os.WriteFile(filepath.Join(dir, v.name+".jpg"), b.jpeg(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// jpeg is what the screen shows, as a picture of modest size.
func (b *browser) jpeg() []byte {
	b.t.Helper()
	return ask(b, func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatJpeg, Quality: new(int64(82))})
		return r.Data, err
	})
}
