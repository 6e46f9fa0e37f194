package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
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

// binaries builds the product once for a test.
func binaries(t *testing.T) (battlemap, auditverify string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"battlemap", "auditverify"} {
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, name), "battlemap/cmd/"+name).CombinedOutput()
		if err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, out)
		}
	}
	return filepath.Join(dir, "battlemap"), filepath.Join(dir, "auditverify")
}

// demo starts the demonstration, paused on a day, and stops it when the test ends.
func demo(t *testing.T, battlemap, at string) *site {
	t.Helper()
	s := &site{data: t.TempDir(), password: map[string]string{}, account: map[string]string{}}
	cmd := exec.Command(battlemap, "demo", "--listen", "127.0.0.1:0", "--data", s.data, "--at", at, "--pause")
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
			t.Errorf("stop the demo: %v", err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo ended with %v\n%s", err, log.String())
		}
		if strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("the demo logged errors:\n%s", log.String())
		}
	})
	s.read(t, bufio.NewScanner(out))
	if s.url == "" || len(s.account) < 9 {
		t.Fatalf("the demo printed no address or not one account a role: %+v\n%s", s, log.String())
	}
	s.wait(t)
	return s
}

// read takes the address and the lines "role<TAB>account<TAB>password" from the demo's output; the address comes last of these.
func (s *site) read(t *testing.T, lines *bufio.Scanner) {
	t.Helper()
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
func (s *site) wait(t *testing.T) {
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
func (s *site) as(t *testing.T, chromium context.Context, role string) *browser {
	t.Helper()
	account := s.account[role]
	if account == "" {
		t.Fatal(fmt.Sprintf("the demo has no account for %s", role))
	}
	b := open(t, chromium, s.url)
	b.signIn(account, s.password[account])
	return b
}
