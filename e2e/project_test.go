package e2e

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestUnitReportsFromThePhone: a handler reports a month with a photo on a phone and sees both on the project's page, talks with the supervisor on a ticket, and the
// project prints on two sheets of A3.
func TestUnitReportsFromThePhone(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	unit := s.as(t, chromium, "unit_handler")
	unit.run(chromedp.EmulateViewport(390, 844))
	unit.visit("/projects/P-001")
	unit.js(`(document.querySelector('#report details').open = true)`)
	unit.js(`document.documentElement.scrollWidth <= 390`)
	unit.js(`[...document.querySelectorAll('#report-form :is(input:not([type=hidden]), select, .btn)')].every(e => e.getBoundingClientRect().height >= 44)`)
	unit.run(chromedp.SetUploadFiles(chromedp.CSS("#report-form-camera"), []string{photo(t)}))
	unit.send("#report-form", map[string]string{"amount": "0", "text": "示例：春节停工", "caption": "示例：手机上拍的工地"})
	unit.reads("示例：春节停工", "示例：手机上拍的工地", "待核验")
	unit.js(`document.querySelector('.strip img').alt === '示例：手机上拍的工地'`)
	unit.run(chromedp.EmulateViewport(1440, 900))

	unit.visit("/tickets")
	tickets := unit.links("/tickets?all=1", `main a[href^="/tickets/2023-"]`, 1)
	if len(tickets) == 0 {
		t.Fatalf("the unit has no ticket:\n%s", unit.text())
	}
	ticket := tickets[0]
	unit.visit(ticket)
	unit.js(`document.querySelectorAll('.state.now').length === 1 && document.querySelector('svg.states').getAttribute('aria-label') !== ''`)
	unit.send("#say", map[string]string{"body": "示例：材料已备齐"})
	supervisor := s.as(t, chromium, "supervisor")
	supervisor.visit(ticket)
	supervisor.reads("示例：材料已备齐")
	supervisor.send("#say", map[string]string{"body": "示例：请补一张照片"})
	unit.visit(ticket + "?history=talk")
	unit.reads("示例：请补一张照片")
	unit.js(`[...document.querySelectorAll('#history .timeline li')].filter(l => /材料已备齐|请补一张照片/.test(l.textContent)).length === 2`)

	supervisor.visit("/projects/P-001")
	prefer := true
	sheet, err := chromedp.Call(supervisor.ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &prefer})
	if err != nil {
		t.Fatal(err)
	}
	sizes := regexp.MustCompile(`/MediaBox \[[^\]]*\]`).FindAllString(string(sheet.Data), -1)
	if len(sizes) < 1 || len(sizes) > 2 {
		t.Errorf("the project prints on %d sheets", len(sizes))
	}
	for _, size := range sizes {
		if !strings.HasPrefix(size, "/MediaBox [0 0 119") {
			t.Errorf("a sheet is no A3 landscape: %s", size)
		}
	}
}

// photo is a picture in a file, as a phone hands it in.
func photo(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 320, 240))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "工地.png")
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
