package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Check 2: what every browser of these tests listens for is heard. A script, a handler and a style written into a page, and a picture from elsewhere, are kept from
// working by the policy, and each is a complaint that would fail the test it came up in.
func TestCheck02AViolationIsHeard(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	s := demo(t, battlemap, "2023-06-30")
	b := open(t, chromium, s.url)
	b.visit("/login")
	b.run(chromedp.Evaluate[chromedp.Void](`(() => {
  const script = document.createElement('script');
  script.textContent = 'window.ran = 1';
  document.body.append(script);
  document.body.insertAdjacentHTML('beforeend', '<p id="probe" onclick="window.ran = 2" style="color: red">x</p><img src="https://other.invalid/x.png">');
  document.getElementById('probe').click();
})()`))
	b.js(`window.ran === undefined && getComputedStyle(document.getElementById('probe')).color !== 'rgb(255, 0, 0)'`)
	b.visit("/login") // by now everything was told
	b.mu.Lock()
	defer b.mu.Unlock()
	heard := strings.Join(b.problems, "\n")
	for _, want := range []string{"inline script", "event handler", "inline style", "other.invalid"} {
		if !strings.Contains(heard, want) {
			t.Errorf("nobody heard of %q:\n%s", want, heard)
		}
	}
	b.problems = nil
}
