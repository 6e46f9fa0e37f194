package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axeFolder holds axe-core, which looks for what keeps people with disabilities out. It is for tests only.
const axeFolder = "testdata/axe"

// The program that judges our pages is the one that the manifest names, with its licence beside it.
func TestAxeIsWhatItSays(t *testing.T) {
	var m struct{ Path, Source, Version, Licence, LicenceText, SHA256 string }
	text, err := os.ReadFile(filepath.Join(axeFolder, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(axeFolder, m.Path))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(script); hex.EncodeToString(sum[:]) != m.SHA256 || !strings.Contains(string(script[:300]), "axe v"+m.Version) {
		t.Errorf("%s is not axe-core %s with the hash %s", m.Path, m.Version, m.SHA256)
	}
	if licence, err := os.ReadFile(filepath.Join(axeFolder, m.LicenceText)); err != nil || !strings.Contains(string(licence), "Mozilla Public License") || !strings.Contains(m.Licence, "MPL-2.0") || m.Source == "" {
		t.Errorf("the licence of axe-core: %+v, %v", m, err)
	}
}

// axeRun asks axe-core for all rules of WCAG 2.0, 2.1 and 2.2 A and AA and its best practices; with colours, only for those that a theme can change.
const axeRun = `(async (colours) => {
  const options = { resultTypes: ['violations'], preload: false, elementRef: false, rules: { 'target-size': { enabled: true } } };
  options.runOnly = colours ? { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  if (colours) delete options.rules;
  const found = await axe.run(document, options);
  return found.violations.flatMap(v => v.nodes.slice(0, 4).map(n => ({ rule: v.id, help: v.help, target: n.target.join(' '), html: n.html.slice(0, 220), why: (n.failureSummary || '').slice(0, 400) })));
})`

// varying is what tells apart things that are alike: texts, numbers, addresses.
var varying = regexp.MustCompile(`>[^<]*<|[0-9]+|href="[^"]*"`)

// barrier is one thing that axe-core found.
type barrier struct{ Rule, Help, Target, HTML, Why string }

// axeCheck is the state of one test: what was found already is not said again.
type axeCheck struct {
	mu   sync.Mutex
	seen map[string]int
}

// TestNothingIsInaccessible runs axe-core on every page, with every fold open, and on every dialog, panel and menu, in both languages, themes and widths.
// Only the rules about colours are asked again in the dark, and not again in English: the others can't come out another way there.
func TestNothingIsInaccessible(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	c := &axeCheck{seen: map[string]int{}}
	done := map[string]bool{}
	var tours []axeTour
	add := func(role string, addresses []string) {
		tour := axeTour{role: role}
		for _, address := range addresses {
			if !done[address] {
				done[address] = true
				tour.addresses = append(tour.addresses, address)
			}
		}
		tours = append(tours, tour)
	}
	roles := byRole()
	add("supervision_director", append(everyone(), roles["supervision_director"]...))
	for _, role := range []string{"supervisor", "administrator", "inspector", "taskforce_leader", "unit_leader", "unit_handler"} {
		add(role, roles[role])
	}
	t.Run("pages", func(t *testing.T) {
		for _, tour := range halves(tours) {
			for _, lang := range []string{"zh-CN", "en"} {
				t.Run(fmt.Sprintf("%s %s %d", tour.role, lang, len(tour.addresses)), func(t *testing.T) {
					t.Parallel()
					c.walk(t, s, chromium, tour, lang)
				})
			}
		}
	})
}

// axeTour is what one person looks at in one tab.
type axeTour struct {
	role      string
	addresses []string
	finds     bool // pages of single things too
	opens     bool // dialogs and panels too
	strangers bool // pages that need no session
}

// halves deals a long tour out to two tabs, and gives the tabs what they look for besides.
func halves(tours []axeTour) []axeTour {
	first := tours[0]
	n := len(first.addresses) / 2
	out := []axeTour{{role: first.role, addresses: first.addresses[:n], opens: true}, {role: first.role, addresses: first.addresses[n:], finds: true}}
	for _, t := range tours[1:] {
		t.finds = t.role == "unit_handler" // forms that only those see who do the work
		t.strangers = t.role == "inspector"
		out = append(out, t)
	}
	return out
}

func (c *axeCheck) walk(t *testing.T, s *site, chromium context.Context, tour axeTour, lang string) {
	b := s.as(t, chromium, tour.role)
	b.expect("404")
	b.withAxe()
	b.visit("/me")
	b.setLanguage(lang)
	pages := tour.addresses
	if tour.finds {
		pages = append(append([]string{}, pages...), b.found()...)
	}
	if tour.strangers {
		pages = append(append([]string{}, pages...), "/nothing")
	}
	for _, address := range pages {
		b.visit(address)
		c.look(b, lang+" "+address, true)
	}
	if tour.opens {
		for _, o := range openings() {
			c.open(b, lang, o)
		}
	}
	if tour.strangers {
		b.visit("/me")
		b.send(`.rail-foot form[action="/logout"]`, nil)
		b.visit("/login")
		c.look(b, lang+" /login", true)
	}
}

// withAxe gives every page of this tab axe-core.
func (b *browser) withAxe() {
	b.t.Helper()
	script, err := os.ReadFile(filepath.Join(axeFolder, "axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, target, page.Enable, page.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		// A colour on its way to another one would be read half-way.
		calm := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
		if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, calm); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: string(script)})
		return chromedp.Void{}, err
	})
}

// look runs axe-core on the page as it is, at both widths and in both themes.
func (c *axeCheck) look(b *browser, where string, unfold bool) {
	b.t.Helper()
	if unfold {
		b.run(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('main details').forEach(d => d.open = true)`))
	}
	for _, size := range [][2]int64{{1440, 900}, {390, 844}} {
		b.run(chromedp.EmulateViewport(size[0], size[1]))
		for _, theme := range []string{"light", "dark"} {
			if theme == "dark" && strings.HasPrefix(where, "en ") {
				continue
			}
			b.run(chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = '` + theme + `'`))
			for _, found := range ask(b, promised[[]barrier](fmt.Sprintf("%s(%v)", axeRun, theme == "dark"))) {
				c.report(b, fmt.Sprintf("%s at %d, %s", where, size[0], theme), found)
			}
		}
	}
	b.run(chromedp.EmulateViewport(1440, 900))
}

// open looks at what opens on a page, at the width at which it is there.
func (c *axeCheck) open(b *browser, lang string, o opening) {
	b.t.Helper()
	b.visit(o.address)
	if ask(b, evaluate[bool](fmt.Sprintf(`!document.querySelector(%q)`, o.needs))) {
		return
	}
	b.run(chromedp.Evaluate[chromedp.Void](o.script))
	ask(b, chromedp.Poll[bool](o.ready))
	c.look(b, lang+" "+o.name, false)
}

func (c *axeCheck) report(b *browser, where string, found barrier) {
	b.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	key := found.Rule + " " + varying.ReplaceAllString(found.HTML, "")
	c.seen[key]++
	if c.seen[key] == 1 {
		b.t.Errorf("%s: %s (%s)\n  %s\n  %s\n  %s", where, found.Help, found.Rule, found.Target, found.HTML, found.Why)
	}
}
