package e2e

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFirstDay is a district without an administrator's help: the program is started on an empty folder, whoever started it opens the link that it printed, and
// reads the pages of a district that is no simulation.
func TestFirstDay(t *testing.T) {
	chromium := startChromium(t)
	battlemap, _ := binaries(t)
	cmd := exec.Command(battlemap, "serve", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil || strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("the program ended with %v\n%s", err, &log)
		}
	})
	var url, link string
	for lines := bufio.NewScanner(out); link == "" && lines.Scan(); {
		address, secret, found := strings.Cut(lines.Text(), "/setup/")
		if found && strings.HasPrefix(address, "http://") {
			url, link = address, "/setup/"+secret
		}
	}
	if link == "" {
		t.Fatalf("no link was printed\n%s", &log)
	}
	b := open(t, chromium, url)
	b.visit(link)
	b.send(`form[action="/setup"]`, map[string]string{"place": "示例市示例区", "unit": "区政府办公室", "name": "示例人", "account": "first.one", "password": "春江潮水连海平-2026", "again": "春江潮水连海平-2026"})
	if strings.HasPrefix(b.path(), "/login") {
		b.signIn("first.one", "春江潮水连海平-2026")
	}
	for _, path := range []string{"/map", "/tickets", "/people", "/me", "/doctor", "/calendar"} {
		for _, width := range []int64{1440, 390} {
			b.run(chromedp.EmulateViewport(width, 900))
			b.visit(path)
			b.reads("示例市示例区")
			b.js(`!document.querySelector('.demo')`)
			b.js(standsBelowEachOther)
		}
	}
}

// standsBelowEachOther tells that the page begins below the top line, holds what is on it, and ends above the foot.
const standsBelowEachOther = `(() => {
  const box = selector => document.querySelector(selector).getBoundingClientRect();
  const main = document.querySelector('main');
  return box('main').top >= box('.top').bottom - 1 && box('.foot').top >= box('main').bottom - 1 && main.scrollHeight <= main.clientHeight + 1;
})()`
