package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"
)

// scripts are 30 ways in which a text has become a script on somebody's page; each calls hit.
func scripts() []string {
	return []string{`<script>hit()</script>`, `"><script>hit()</script>`, `'><script>hit()</script>`, `<img src=x onerror=hit()>`, `"><img src=x onerror=hit()>`, `<svg onload=hit()>`, `<svg/onload=hit()//`, `javascript:hit()`, `JaVaScRiPt:hit()`, `java&#9;script:hit()`,
		`<a href="javascript:hit()">x</a>`, `" onmouseover="hit()`, `' onfocus='hit()' autofocus='`, `<iframe srcdoc="<script>parent.hit()</script>">`, `<details open ontoggle=hit()>`, `{{hit()}}`, `${hit()}`, `<!--`, `--><script>hit()</script>`, `</textarea><script>hit()</script>`,
		`</title><script>hit()</script>`, `</script><script>hit()</script>`, `]]><script>hit()</script>`, `&lt;script&gt;hit()&lt;/script&gt;`, `\u003cscript\u003ehit()`, `<math><mi xlink:href="javascript:hit()">`, `<style>@import'//x'</style>`, `<base href="//x.invalid/">`, `<template><img src=x onerror=hit()>`, `{a|b<b onclick=hit()>}`}
}

// marked are the scripts, each between words by which it is found again.
func marked() []string {
	out := scripts()
	for i := range out {
		out[i] = fmt.Sprintf("zq%02d%s%02dqz", i, out[i], i)
	}
	return out
}

// left is what the clerks don't send: it would end what they need.
func left(p *paper) bool {
	return regexp.MustCompile(`^/(?:login|logout|prefs|setup|demo|me/password|me/sessions|confirm|people/users/(?:disable|invite)|people/grants/end|wall/links/revoke|journal/export|archive/package)|case\.zip$`).MatchString(p.action)
}

// rest are values for fields that take no free text, by what their name ends in.
func rest(name string, n int) string {
	switch {
	case strings.Contains(name, "term"):
		return "15 workdays"
	case strings.Contains(name, "code") || name == "account" || name == "number":
		return fmt.Sprintf("c%d", n)
	case strings.Contains(name, "_on") || strings.Contains(name, "date"):
		return "2023-06-30"
	case strings.HasPrefix(name, "text"): // of a notice of holidays
		return "2027-02-05~2027-02-11 休 春节"
	case name == "item_no" || name == "pasted" || strings.Contains(name, "key"):
		return ""
	}
	return "1"
}

// guesses are values for a field that is no text and was refused, one after the other.
func guesses(name string) []string {
	if strings.Contains(name, "_on") || strings.Contains(name, "date") {
		return []string{"2023-06-30", "2023-07-14", ""}
	}
	return []string{"0", "100", ""}
}

// filler fills in all forms that people come upon, and remembers which fields kept what was typed.
type filler struct {
	t     *testing.T
	sent  map[string]int  // by kind of form: how often it was taken
	tried map[string]int  // by kind of form
	kept  map[string]bool // "form field" whose text was taken
	next  int
}

// text is what is typed into a field: so many scripts, or one of the shortest.
func (f *filler) text(length int, brief bool) string {
	f.next++
	all := marked()
	if brief {
		slices.SortFunc(all, func(a, b string) int { return len(a) - len(b) })
		return all[f.next%3]
	}
	var text []string
	for i := range length {
		text = append(text, all[(f.next*7+i)%len(all)])
	}
	return strings.Join(text, " ")
}

// fill sends a form with scripts in all its text fields, fewer and fewer where they are too many; a field that takes none of them gets a plain value, and then none.
func (f *filler) fill(c *clerk, p *paper) {
	f.tried[p.key()]++
	refused := map[string]int{} // by field: how often, since only one script is sent
	for _, length := range []int{30, 6, 2, 1, 1, 1, 1} {
		typed := map[string]bool{}
		for _, name := range p.texts {
			switch refused[name] {
			case 0, 1:
				p.fields.Set(name, f.text(length, refused[name] == 1))
				typed[name] = true
			case 2:
				f.next++
				p.fields.Set(name, rest(name, f.next))
			default:
				p.fields.Set(name, "")
			}
		}
		kind, body := p.body(f.t)
		status, text, _ := c.send(p.action, kind, body)
		switch {
		case status >= 500:
			f.t.Errorf("%s %s as %s: status %d", p.action, p.fields.Encode(), c.role, status)
		case status == 303 || status == 200:
			for name := range typed {
				f.kept[p.key()+" "+name] = true
			}
			f.sent[p.key()]++
			return
		}
		if status != 422 || !p.again(papers(f.t, text), length == 1, refused) {
			return
		}
	}
}

// again gets a form that was refused ready for the next try; it tells whether there can be one.
func (p *paper) again(answer []*paper, last bool, refused map[string]int) bool {
	wrong := map[string]bool{}
	for _, a := range answer {
		if a.action != p.action {
			continue
		}
		for _, name := range a.wrong {
			wrong[name] = true
		}
		if v := a.fields.Get("version"); v != "" {
			p.fields.Set("version", v)
		}
	}
	if !last {
		return true
	}
	for name := range wrong {
		refused[name]++
		if !slices.Contains(p.texts, name) {
			values := guesses(name)
			p.fields.Set(name, values[min(refused[name], len(values))-1])
		}
	}
	return len(wrong) > 0
}

// walk opens pages from a few on, at most so many of a shape, and hands each to look.
func (c *clerk) walk(from []string, most int, look func(address, body string)) {
	c.t.Helper()
	seen, of := map[string]bool{}, map[string]int{}
	queue := slices.Clone(from)
	for len(queue) > 0 {
		address := queue[0]
		queue = queue[1:]
		address, _, _ = strings.Cut(address, "#")
		if seen[address] || !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "/static/") || strings.HasPrefix(address, "/files/") || strings.Contains(address, "csv") || strings.HasSuffix(strings.Split(address, "?")[0], "/live") {
			continue
		}
		seen[address] = true
		_, query, _ := strings.Cut(address, "?")
		values, _ := url.ParseQuery(query)
		kind := shape(address) + " " + strings.Join(slices.Sorted(maps.Keys(values)), " ")
		if of[kind]++; of[kind] > most {
			continue
		}
		status, body := c.get(address)
		if status >= 500 {
			c.t.Errorf("%s as %s: status %d", address, c.role, status)
		}
		if status != 200 || body == "" {
			continue
		}
		look(address, body)
		for _, n := range nodes(c.t, body) {
			if n.Type == html.ElementNode && n.Data == "a" {
				if to, err := url.Parse(attr(n, "href")); err == nil && to.Scheme == "" {
					if to.Path == "" {
						to.Path = strings.Split(address, "?")[0]
					}
					queue = append(queue, to.RequestURI())
				}
			}
		}
	}
}

// startOf are the pages that a role begins with.
func startOf(role string) []string { return append(everyone(), byRole()[role]...) }

var mark = regexp.MustCompile(`zq([0-9]{2})`)

// reads fails the test where a page shows one of the scripts otherwise than as it was written, or holds what only a script of a person could have put there. It
// returns whether any was on the page.
func reads(t *testing.T, where, body string) bool {
	t.Helper()
	all, found := marked(), false
	check := func(text string) {
		for _, at := range mark.FindAllStringSubmatchIndex(text, -1) {
			var n int
			if _, err := fmt.Sscanf(text[at[2]:at[3]], "%d", &n); err != nil || n >= len(all) {
				continue
			}
			found = true
			got, want := text[at[0]:], all[n]
			if !strings.HasPrefix(got, want) && !cutShort(got, want) && !(strings.HasPrefix(where, "/journal/") && quoted(got, want)) {
				t.Errorf("%s shows %.120q, want %q", where, got, want)
			}
		}
	}
	for _, n := range nodes(t, body) {
		switch n.Type {
		case html.TextNode:
			check(n.Data)
		case html.CommentNode:
			t.Errorf("%s holds the comment %.80q", where, n.Data)
		case html.ElementNode:
			if mark.MatchString(n.Data) || n.Data == "script" && (!strings.HasPrefix(attr(n, "src"), "/static/") || inside(n) != "") || slices.Contains([]string{"iframe", "base", "style", "math", "template", "object", "embed"}, n.Data) && n.Data != "template" {
				t.Errorf("%s holds an element %s %v", where, n.Data, n.Attr)
			}
			for _, a := range n.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				if strings.HasPrefix(a.Key, "on") || mark.MatchString(a.Key) || (a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction") && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:")) {
					t.Errorf("%s holds %s with %s=%q", where, n.Data, a.Key, a.Val)
				}
				if a.Key != "href" && a.Key != "action" && !strings.HasPrefix(a.Key, "hx-") { // addresses hold texts in their own way
					check(a.Val)
				}
			}
		}
	}
	return found
}

// quoted tells whether a text is what was written, or was cut short, as JSON holds it: the page of a record shows the record's own bytes.
func quoted(got, want string) bool {
	var b strings.Builder
	for _, escaped := range []bool{true, false} {
		b.Reset()
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(escaped)
		if err := e.Encode(want); err != nil {
			continue
		}
		want := strings.TrimSuffix(strings.TrimSpace(b.String()), `"`)[1:]
		if strings.HasPrefix(got, want) || cutShort(got, want) {
			return true
		}
	}
	return false
}

// cutShort tells whether a text is the beginning of what was written, cut with a mark of omission, by the end of what stands there, or at the end of a clause: that
// is what a ticket is called that came out of a meeting's decision.
func cutShort(got, want string) bool {
	n := 0
	for n < len(got) && n < len(want) && got[n] == want[n] {
		n++
	}
	return n == len(got) || n < len(want) && want[n] == ';' || strings.HasPrefix(got[n:], "…") || strings.HasPrefix(got[n:], "...")
}

// Check 10 (ASVS 1.2.1, 1.2.2, 1.3; of peers: Vikunja GHSA-m4g2-2q66-vc9v, Gitea CVE-2025-68946, Redmine CVE-2023-47258): whatever people write into whichever field
// of whichever form, every page of every role shows it as it was written. In Chromium, with the content security policy switched off so that a hole would be seen,
// nothing of it runs: not on pages, not on what moves and opens on them, not in tooltips, the palette or what comes in live.
func TestCheck10WhatPeopleWriteIsOnlyRead(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	roles := []string{"taskforce_leader", "taskforce_member", "unit_handler", "unit_leader", "supervisor", "supervision_director", "district_leader", "administrator", "inspector"}
	most := 1 // pages of a shape, and forms of a kind, that each role opens and sends
	if os.Getenv("BATTLEMAP_TEST_CORPUS") != "" {
		most = 4
	}
	f := &filler{t: t, sent: map[string]int{}, tried: map[string]int{}, kept: map[string]bool{}}
	clerks, fields := map[string]*clerk{}, map[string]bool{}
	for _, role := range roles {
		c := s.clerk(t, role)
		clerks[role] = c
		c.walk(startOf(role), most, func(address, body string) {
			for _, p := range papers(t, body) {
				if len(p.texts) == 0 || left(p) {
					continue
				}
				for _, name := range p.texts {
					fields[p.key()+" "+name] = true
				}
				if f.sent[p.key()] >= most || f.tried[p.key()] >= most+3 {
					continue
				}
				_, now := c.get(address) // another form may have changed what this one is about
				again := papers(t, now)
				if at := slices.IndexFunc(again, func(o *paper) bool { return o.action == p.action && o.key() == p.key() }); at >= 0 {
					f.fill(c, again[at])
				}
			}
		})
	}
	var others []string // dates, amounts, codes and terms in text fields, and forms whose other fields could not be guessed
	for field := range fields {
		if !f.kept[field] {
			others = append(others, field)
		}
	}
	slices.Sort(others)
	t.Logf("%d kinds of forms, %d text fields, %d took a script; none was taken by:\n%s", len(f.tried), len(fields), len(f.kept), strings.Join(others, "\n"))
	shown := map[string]string{} // by shape: role and address
	pages := 0
	for _, role := range roles {
		clerks[role].walk(startOf(role), most, func(address, body string) {
			pages++
			if reads(t, address+" as "+role, body) && shown[shape(address)] == "" {
				shown[shape(address)] = role + " " + address
			}
		})
	}
	if pages < 150 || len(shown) < 20 || len(f.kept) < 50 {
		t.Errorf("%d pages, scripts on %d shapes of them, taken by %d fields", pages, len(shown), len(f.kept))
	}
	inChromium(t, chromium, s, shown)
}

// hook counts what runs.
const hook = `window.hits = 0; window.hit = () => { window.hits++; }; window.alert = window.prompt = window.confirm = window.hit;`

// stir moves over everything, opens everything, and shows the tooltips of charts; then it says what ran and what should not be there.
const stir = `(() => {
  for (const d of document.querySelectorAll('details')) d.open = true;
  for (const e of document.querySelectorAll('main *')) for (const kind of ['mouseover', 'mouseenter', 'pointerover', 'focusin']) e.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
  for (const e of document.querySelectorAll('figure[data-chart] div')) { const chart = window.echarts && echarts.getInstanceByDom(e); if (chart) chart.dispatchAction({ type: 'showTip', seriesIndex: 0, dataIndex: 0 }); }
  const odd = [...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on')) || e.matches('iframe, base, script:not([src]), a[href^="javascript:" i], img[src="x"]'));
  return (window.hits ? window.hits + ' ran; ' : '') + odd.map((e) => e.outerHTML.slice(0, 120)).join('; ');
})()`

// inChromium opens one page of each shape on which scripts are shown, as the role that saw it.
func inChromium(t *testing.T, chromium chromiumContext, s *site, shown map[string]string) {
	t.Helper()
	byRole := map[string][]string{}
	for _, one := range shown {
		role, address, _ := strings.Cut(one, " ")
		byRole[role] = append(byRole[role], address)
	}
	for _, role := range slices.Sorted(maps.Keys(byRole)) {
		b := s.as(t, chromium, role)
		b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
			if _, err := cdp.Call(ctx, target, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}); err != nil {
				return chromedp.Void{}, err
			}
			_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: hook})
			return chromedp.Void{}, err
		})
		for _, address := range byRole[role] {
			b.run(chromedp.Navigate(b.url + address))
			if odd := ask(b, evaluate[string](stir)); odd != "" {
				t.Errorf("%s as %s: %s", address, role, odd)
			}
		}
		b.visit("/desk")
		b.js(`window.hits === 0`) // the hook is there
		b.run(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-palette]').click(); const q = document.getElementById('palette-q'); q.value = 'zq0'; q.dispatchEvent(new Event('input', { bubbles: true }));`))
		b.run(chromedp.Poll[chromedp.Void](`document.getElementById('palette-list').dataset.q === 'zq0'`))
		if odd := ask(b, evaluate[string](stir)); odd != "" {
			t.Errorf("the palette of %s: %s", role, odd)
		}
	}
}
