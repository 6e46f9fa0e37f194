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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
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

// axeRun asks axe-core for the rules of WCAG 2.0, 2.1 and 2.2 A and AA and its best practices: all of them, "colours" for those that a theme can change, "words" for
// the others, "sizes" for those that a width can change. That nothing scrolls sideways on a phone is a rule of ours (reflow, WCAG 1.4.10).
const axeRun = `(async (which) => {
  const options = { resultTypes: ['violations'], preload: false, elementRef: false, rules: { 'target-size': { enabled: true } } }, colours = ['color-contrast', 'link-in-text-block'];
  options.runOnly = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  const few = { colours, sizes: ['target-size', 'scrollable-region-focusable'] }[which];
  if (few) { options.runOnly = { type: 'rule', values: few }; delete options.rules; }
  if (which === 'words') for (const rule of colours) options.rules[rule] = { enabled: false };
  const found = (await axe.run(document, options)).violations.flatMap(v => v.nodes.slice(0, 4).map(n => ({ rule: v.id, help: v.help, target: n.target.join(' '), html: n.html.slice(0, 220), why: (n.failureSummary || '').slice(0, 400) })));
  const over = document.documentElement.scrollWidth - innerWidth;
  if (which === 'sizes' && over > 1) found.push({ rule: 'reflow', help: 'The page scrolls sideways by ' + over + ' px', target: location.pathname, html: [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll')).slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join('\n'), why: '' });
  return found;
})`

// varying is what tells apart things that are alike: texts, numbers, addresses.
var varying = regexp.MustCompile(`>[^<]*<|[0-9]+|href="[^"]*"`)

// barrier is one thing that axe-core found.
type barrier struct{ Rule, Help, Target, HTML, Why string }

// axePass is one way to look at a page.
type axePass struct {
	width, height int64
	theme, rules  string
}

// axePasses are the ways to look in a language. Only the rules about colours are asked again in the dark, and only those about sizes on a phone; English changes words
// and lengths and no colour.
func axePasses(lang, address string) []axePass {
	switch {
	case strings.HasPrefix(address, "/wall") && address != "/wall/links":
		return []axePass{{1920, 1080, "dark", "all"}} // a screen on a wall has one theme and no phone
	case lang == "en":
		return []axePass{{390, 844, "light", "sizes"}, {1440, 900, "light", "words"}}
	}
	return []axePass{{390, 844, "light", "sizes"}, {1440, 900, "light", "all"}, {1440, 900, "dark", "colours"}}
}

// axeCheck is the state of one test: what was found already is not said again.
type axeCheck struct {
	t        *testing.T
	s        *site
	chromium context.Context
	only     string // the one address or opening that somebody mends
	mu       sync.Mutex
	seen     map[string]int
	idle     map[string][]*browser // by role, signed in
}

// TestNothingIsInaccessible runs axe-core on every page, with every fold open, and on every dialog, panel and menu, in both languages, themes and widths, in two tabs at a
// time. BATTLEMAP_AXE_ONLY=/address (or the name of an opening) looks at that alone.
func TestNothingIsInaccessible(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	c := &axeCheck{t: t, s: demo(t, battlemap, "2023-06-30"), chromium: chromium, only: os.Getenv("BATTLEMAP_AXE_ONLY"), seen: map[string]int{}, idle: map[string][]*browser{}}
	tours := axeTours(c.furnish(t))
	for _, lang := range []string{"zh-CN", "en"} { // one after the other: the language belongs to the person, not to the tab
		queue := make(chan axeTour, len(tours))
		for _, tour := range tours {
			if tour = c.wanted(tour); len(tour.addresses)+len(tour.opens) > 0 {
				queue <- tour
			}
		}
		if close(queue); len(queue) == 0 {
			t.Fatalf("there is no %s", c.only)
		}
		t.Run(lang, func(t *testing.T) {
			for tab := range 2 {
				t.Run(fmt.Sprint("tab ", tab+1), func(t *testing.T) {
					t.Parallel()
					for tour := range queue {
						c.walk(t, tour, lang)
					}
				})
			}
		})
	}
}

// wanted is what is left of a tour where only one page is asked for.
func (c *axeCheck) wanted(tour axeTour) axeTour {
	if c.only == "" {
		return tour
	}
	other := func(address string) bool {
		path, _, _ := strings.Cut(address, "?")
		return address != c.only && path != c.only
	}
	tour.addresses = slices.DeleteFunc(slices.Clone(tour.addresses), other)
	tour.opens = slices.DeleteFunc(slices.Clone(tour.opens), func(o opening) bool { return o.name != c.only && other(o.address) })
	return tour
}

// take gives the browser of somebody with that role, signed in where it is not ""; back lays it down for the next tour, since to sign in costs more than to look at a page.
func (c *axeCheck) take(t *testing.T, role string) *browser {
	t.Helper()
	c.mu.Lock()
	if idle := c.idle[role]; len(idle) > 0 {
		c.idle[role] = idle[1:]
		c.mu.Unlock()
		idle[0].t = t
		return idle[0]
	}
	c.mu.Unlock()
	b := open(c.t, c.chromium, c.s.url)
	b.t = t
	b.expect("404")
	if role != "" {
		b.signIn(c.s.account[role], c.s.password[c.s.account[role]])
	}
	b.withAxe()
	return b
}

func (c *axeCheck) back(role string, b *browser) {
	b.t.Helper()
	b.run(chromedp.Navigate("about:blank"))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle[role] = append(c.idle[role], b)
}

// walk is one person's tour through the product, or that of somebody without a session.
func (c *axeCheck) walk(t *testing.T, tour axeTour, lang string) {
	t.Helper()
	start := time.Now()
	b := c.take(t, tour.role)
	defer c.back(tour.role, b)
	if tour.role == "" {
		b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: "lang", Value: lang, URL: b.url})
			return chromedp.Void{}, err
		})
	} else {
		b.visit("/me")
		b.setLanguage(lang)
	}
	for _, address := range tour.addresses {
		b.visit(address)
		if got := ask(b, evaluate[string](`document.documentElement.lang`)); got != lang && !strings.HasPrefix(address, "/wall/") {
			t.Errorf("%s speaks %s, not %s", address, got, lang)
		}
		b.run(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('main details').forEach(d => d.open = true)`))
		c.look(b, lang, address, address)
	}
	for _, o := range tour.opens {
		b.visit(o.address)
		b.run(until(o.needs), chromedp.Evaluate[chromedp.Void](o.script), until(o.ready))
		c.look(b, lang, o.address, o.name)
	}
	t.Logf("%s %s: %d pages, %d openings in %.1f s", tour.role, lang, len(tour.addresses), len(tour.opens), time.Since(start).Seconds())
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

// look runs axe-core on the page as it is.
func (c *axeCheck) look(b *browser, lang, address, where string) {
	b.t.Helper()
	for _, pass := range axePasses(lang, address) {
		b.run(chromedp.EmulateViewport(pass.width, pass.height), chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = '`+pass.theme+`'`))
		for _, found := range ask(b, promised[[]barrier](fmt.Sprintf("%s(%q)", axeRun, pass.rules))) {
			c.report(b, fmt.Sprintf("%s %s at %d, %s", lang, where, pass.width, pass.theme), found)
		}
	}
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
