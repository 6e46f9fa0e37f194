package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// offline cuts a browser off, or lets it on again.
func (b *browser) offline(off bool) {
	b.t.Helper()
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		rules := []*network.Conditions{}
		if off {
			rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
		}
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
		return chromedp.Void{}, err
	})
}

// keeps says what a browser keeps of a site beside its cookies.
const keeps = `(async () => {
  const workers = navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0;
  const caches_ = window.caches ? (await caches.keys()).length : 0;
  const bases = indexedDB.databases ? (await indexedDB.databases()).length : 0;
  return JSON.stringify({ workers, caches_, bases, local: { ...localStorage }, session: { ...sessionStorage } });
})()`

// Check 34 (ASVS 14.3.1, 14.3.2): while somebody is at work nothing of a page is kept but the names of the things last opened, for the tab; once they have left,
// nothing is, and neither the back button nor a browser without a network shows a page again.
func TestCheck34NothingStaysAfterLeaving(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := s.as(t, chromium, "supervision_director")
	for _, path := range []string{"/map", "/projects/P-001", "/tickets/2023-001", "/journal", "/charts", "/projects/P-002"} {
		b.visit(path)
	}
	secret := ask(b, evaluate[string](`document.querySelector('h1').innerText`))
	if kept := ask(b, chromedp.Evaluate[string](keeps, chromedp.EvalAwaitPromise)); !strings.HasPrefix(kept, `{"workers":0,"caches_":0,"bases":0,"local":{},`) {
		t.Errorf("at work the browser keeps %s", kept)
	}
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`document.querySelector('.rail-foot form[action="/logout"]').requestSubmit()`)))
	if !strings.HasPrefix(b.path(), "/login") {
		t.Fatalf("left to %s", b.path())
	}
	if kept := ask(b, chromedp.Evaluate[string](keeps, chromedp.EvalAwaitPromise)); kept != `{"workers":0,"caches_":0,"bases":0,"local":{},"session":{"htmx-current-path-for-history":"/login"}}` { // which is where we are now
		t.Errorf("after leaving the browser keeps %s", kept)
	}
	b.expect("ERR_INTERNET_DISCONNECTED")
	for _, off := range []bool{false, true} {
		b.offline(off)
		for range 2 {
			if text := b.back(); strings.Contains(text, secret) || strings.Contains(text, "P-00") || strings.Contains(text, "2023-001") {
				t.Errorf("going back, without a network %t, the browser shows %.300s", off, text)
			}
		}
	}
	b.offline(false)
}

// back goes back, which may fail where there is no network, and returns what a person reads then.
func (b *browser) back() string {
	b.t.Helper()
	going, stop := context.WithTimeout(b.ctx, 10*time.Second)
	defer stop()
	_, went := chromedp.Run(going, chromedp.NavigateBack())
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if text, err := chromedp.Run(ctx, evaluate[string](`document.body ? document.body.innerText : ''`)); err == nil {
			return text
		}
	}
	b.t.Fatalf("after going back (%v) there is no page", went)
	return ""
}

// Check 34: every page of somebody who is signed in forbids every cache to keep it, and leaving has the browser clear what it has.
func TestCheck34PagesAreNotStored(t *testing.T) {
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	c := s.clerk(t, "supervision_director")
	for _, path := range startOf("supervision_director") {
		r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
	r, err := http.NewRequest(http.MethodPost, s.url+"/logout", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := c.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
		t.Errorf("leaving says %q", got)
	}
	if status, _ := c.get("/desk"); status != http.StatusSeeOther {
		t.Errorf("after leaving: %d", status)
	}
}
