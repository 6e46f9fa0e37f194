// Package e2e plays each role's day in a real Chromium against the real binary, and looks at every page.
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is one person's browser: own cookies, and a list of everything that a console or a policy complained about.
type browser struct {
	t   testing.TB
	ctx context.Context
	url string

	mu       sync.Mutex
	problems []string
	expected []string // parts of complaints that the test provokes on purpose
}

// startChromium starts one Chromium for a test; open gives browsers in it.
func startChromium(t testing.TB) context.Context {
	t.Helper()
	path := os.Getenv("BATTLEMAP_TEST_CHROMIUM")
	if path == "" {
		t.Skip("no Chromium given in BATTLEMAP_TEST_CHROMIUM; make check installs one")
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("accept-lang", "zh-CN"), chromedp.Env("LANGUAGE=zh_CN", "LANG=C.UTF-8"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// open opens a browser without cookies at the site.
func open(t testing.TB, chromium context.Context, url string) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	b := &browser{t: t, ctx: ctx, url: url}
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.problems) > 0 {
			t.Errorf("the browser complained:\n%s", strings.Join(b.problems, "\n"))
		}
	})
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatalf("listen to the browser: %v", err)
	}
	b.run(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, logErr := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		_, netErr := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return chromedp.Void{}, errors.Join(logErr, netErr)
	}, chromedp.EmulateViewport(1440, 900))
	return b
}

// hear collects exceptions, console errors, violations of the content security policy, and anything that left this host.
func (b *browser) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complain("exception: " + e.ExceptionDetails.Text + " at " + e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			text, _ := json.Marshal(e.Args)
			b.complain("console: " + string(text))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.complain(fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.url) && !strings.HasPrefix(e.Request.URL, "about:") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.complain("request to another host: " + e.Request.URL)
		}
	}
}

func (b *browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, part := range b.expected {
		if strings.Contains(text, part) {
			return
		}
	}
	b.problems = append(b.problems, text)
}

// expect says that the test provokes complaints with this part, such as a 422 answer.
func (b *browser) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, part)
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
}

// ask runs an action that has a result.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("in the browser: %v", err)
	}
	return got
}

// visit opens a page of the site.
func (b *browser) visit(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.url+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// text is what a person reads on the page.
func (b *browser) text() string {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[string](`document.body.innerText`))
}

// path is the address without the host.
func (b *browser) path() string {
	b.t.Helper()
	return strings.TrimPrefix(ask(b, chromedp.Location()), b.url)
}

// reads fails unless the page shows every one of the texts.
func (b *browser) reads(texts ...string) {
	b.t.Helper()
	page := b.text()
	for _, want := range texts {
		if !strings.Contains(page, want) {
			b.t.Fatalf("%s does not show %q; it shows:\n%s", b.path(), want, page)
		}
	}
}

// js evaluates an expression that must come out true.
func (b *browser) js(expression string) {
	b.t.Helper()
	if !ask(b, chromedp.Evaluate[bool](expression)) {
		b.t.Fatalf("%s: not true: %s", b.path(), expression)
	}
}

// send fills a form that the person can see (opening its <details> like a click would) and submits it by its button, so that the browser's own checks run.
// form is a CSS selector; button is the value of a named button, "" for the form's first one.
func (b *browser) send(form string, values map[string]string) {
	b.t.Helper()
	if values == nil {
		values = map[string]string{}
	}
	data, err := json.Marshal(values)
	if err != nil {
		b.t.Fatal(err)
	}
	script := fmt.Sprintf(`(() => {
  const form = document.querySelector(%q);
  if (!form) return 'no form';
  for (let d = form.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
  for (const d of form.querySelectorAll('details')) d.open = true;
  for (const [name, value] of Object.entries(%s)) {
    const found = [...form.elements].filter(e => e.name === name);
    if (!found.length) return 'no field ' + name;
    for (const e of found) {
      if (e.type === 'checkbox' || e.type === 'radio') { if (e.value === value) e.checked = true; }
      else e.value = value;
    }
  }
  const button = form.querySelector('button:not([type=button]), input[type=submit]');
  if (!button) return 'no button';
  if (!form.checkValidity()) return 'refused by the browser: ' + [...form.elements].filter(e => e.willValidate && !e.checkValidity()).map(e => e.name + ' ' + e.validationMessage).join(', ');
  window.theButton = button;
  return '';
})()`, form, data)
	if problem := ask(b, chromedp.Evaluate[string](script)); problem != "" {
		b.t.Fatalf("%s: form %s: %s\n%s", b.path(), form, problem, b.text())
	}
	ask(b, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Evaluate[chromedp.Void](`window.theButton.click()`)))
	b.run(chromedp.WaitReady(chromedp.CSS("main")))
}

// option is the value of the option of a select whose text contains the given one.
func (b *browser) option(form, name, text string) string {
	b.t.Helper()
	value := ask(b, chromedp.Evaluate[string](fmt.Sprintf(`([...document.querySelector(%q).elements[%q].options].find(o => o.text.includes(%q)) || {value: ''}).value`, form, name, text)))
	if value == "" {
		b.t.Fatalf("%s: select %s has no option %q", b.path(), name, text)
	}
	return value
}

// signIn signs in on the sign-in page.
func (b *browser) signIn(account, password string) {
	b.t.Helper()
	b.visit("/login")
	b.send(`form[action="/login"]:has(input[type=password])`, map[string]string{"account": account, "password": password})
	if strings.HasPrefix(b.path(), "/login") {
		b.t.Fatalf("%s could not sign in:\n%s", account, b.text())
	}
}

// chromiumContext is the running Chromium.
type chromiumContext = context.Context

func evaluate[T any](expression string) chromedp.Action[T] { return chromedp.Evaluate[T](expression) }

// setValue writes into a field, hidden ones too.
func setValue(selector, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).value = %q`, selector, value))
}

// firstOption is the first choice of a select that is not empty.
func firstOption(b *browser, form, name string) string {
	b.t.Helper()
	return ask(b, evaluate[string](fmt.Sprintf(`[...document.querySelector(%q).elements[%q].options].find(o => o.value && o.value !== '0').value`, form, name)))
}
