package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// site is a running demonstration.
type site struct {
	url      string
	data     string
	password map[string]string // by account
	account  map[string]string // by role
}

// workshop is where the tests of this package find the programs, and the district as it was played to a day: both are made once, at the first asking.
type workshop struct {
	dir   string
	mu    sync.Mutex
	days  map[string]error
	build func() error
}

var shop = workshop{days: map[string]error{}}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "battlemap-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	shop.dir = dir
	shop.build = sync.OnceValue(func() error {
		for _, name := range []string{"battlemap", "auditverify"} {
			if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), "battlemap/cmd/"+name).CombinedOutput(); err != nil {
				return fmt.Errorf("build %s: %w\n%s", name, err, out)
			}
		}
		return nil
	})
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// binaries are the programs under test.
func binaries(t testing.TB) (battlemap, auditverify string) {
	t.Helper()
	if err := shop.build(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(shop.dir, "battlemap"), filepath.Join(shop.dir, "auditverify")
}

// played is the folder of the example district played to a day. Nobody writes there: each test gets a copy.
func played(t testing.TB, battlemap, at string) string {
	t.Helper()
	shop.mu.Lock()
	defer shop.mu.Unlock()
	dir := filepath.Join(shop.dir, "played-"+at)
	err, known := shop.days[at]
	if !known {
		var d *running
		if d, err = run(battlemap, dir, at, "127.0.0.1:0"); err == nil {
			d.site.wait(t)
			err = d.stop()
		}
		shop.days[at] = err
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// running is a demonstration as a process.
type running struct {
	site *site
	cmd  *exec.Cmd
	log  *strings.Builder
}

// run starts the demonstration on a folder, paused on a day, and returns when it has printed its address and accounts.
func run(battlemap, data, at, listen string) (*running, error) {
	r := &running{site: &site{data: data, password: map[string]string{}, account: map[string]string{}}, log: &strings.Builder{}}
	r.cmd = exec.Command(battlemap, "demo", "--listen", listen, "--data", data, "--at", at, "--pause")
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.cmd.Stderr = r.log
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	r.site.read(bufio.NewScanner(out))
	if r.site.url == "" || len(r.site.account) < 9 {
		return nil, errors.Join(fmt.Errorf("the demo printed no address or not one account a role: %+v\n%s", r.site, r.log), r.stop())
	}
	return r, nil
}

// stop ends the demonstration as an operator would, and returns what went wrong in its life.
func (r *running) stop() error {
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the demo: %w", err)
	}
	if err := r.cmd.Wait(); err != nil {
		return fmt.Errorf("the demo ended with %w\n%s", err, r.log)
	}
	if strings.Contains(r.log.String(), `"level":"ERROR"`) {
		return fmt.Errorf("the demo logged errors:\n%s", r.log)
	}
	return nil
}

// demo starts the demonstration, paused on a day, and stops it when the test ends.
func demo(t testing.TB, battlemap, at string) *site {
	t.Helper()
	return start(t, battlemap, copyOf(t, played(t, battlemap, at)), at)
}

// copyOf is a copy of a folder for one test.
func copyOf(t testing.TB, dir string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(data, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return data
}

// start starts the demonstration on a folder and stops it when the test ends.
func start(t testing.TB, battlemap, data, at string) *site {
	t.Helper()
	r, err := run(battlemap, data, at, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	r.site.wait(t)
	return r.site
}

// read takes the address and the lines "role<TAB>account<TAB>password" from the demo's output; the address comes last of these.
func (s *site) read(lines *bufio.Scanner) {
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "http://") {
			s.url = strings.TrimSuffix(line, "/")
		}
		if f := strings.Split(line, "\t"); len(f) == 3 {
			s.account[f[0]], s.password[f[1]] = f[1], f[2]
		}
		if s.url != "" && len(s.account) >= 9 {
			return
		}
	}
}

// wait asks until the site is ready.
func (s *site) wait(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(req)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("not ready in time: %v", err)
		}
	}
}

// as opens a browser and signs in as the demo's person with that role.
func (s *site) as(t testing.TB, chromium context.Context, role string) *browser {
	t.Helper()
	account := s.account[role]
	if account == "" {
		t.Fatal(fmt.Sprintf("the demo has no account for %s", role))
	}
	b := open(t, chromium, s.url)
	b.signIn(account, s.password[account])
	return b
}

// restartable starts the demonstration on a copy of a day, for a test that stops it and starts it again; whichever is the last one is stopped when the test ends.
func restartable(t testing.TB, battlemap, at string) *running {
	t.Helper()
	r, err := run(battlemap, copyOf(t, played(t, battlemap, at)), at, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	r.site.wait(t)
	return r
}

// startAgain starts the demonstration, which was stopped, on its folder and at the address that it had.
func (r *running) startAgain(t testing.TB, battlemap, at string) {
	t.Helper()
	again, err := run(battlemap, r.site.data, at, strings.TrimPrefix(r.site.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	*r = *again
	r.site.wait(t)
}
