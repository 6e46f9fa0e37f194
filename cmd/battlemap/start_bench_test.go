//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"battlemap/app"
	"battlemap/app/apptest"
)

// started is how a server of the real program did on a district of some size.
type started struct {
	seconds []float64 // from its start to its first answer
	mb      float64   // resident while sixteen browsers read the map of a thousand projects, as in P1
	boardMB float64   // resident once they have read the board of tickets as well, which shows five thousand
}

const startPassword = "eight dragons over the river"

// startServers makes a district of many tickets, which the doctor has found sound at night, and starts the program on it some times; the last one is asked for boards.
func startServers(tb testing.TB, tickets, projects, starts, asked int) (out started) {
	tb.Helper()
	dir := tb.TempDir()
	program := filepath.Join(dir, "battlemap")
	if text, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		tb.Fatalf("build: %v\n%s", err, text)
	}
	opt, clock := apptest.Options(tb, "sqlite:"+filepath.Join(dir, "battlemap.db"))
	clock.Set(time.Now().Add(-time.Hour)) // the program goes by the machine's clock, and nothing shall be due
	w := &apptest.World{Clock: clock, Options: opt, Log: &bytes.Buffer{}}
	w.Reopen(tb)
	small := w.Seed(tb)
	w.Generate(tb, small, apptest.Size{Tickets: tickets})
	run, err := w.App.Examine(context.Background(), app.System("doctor"), true)
	if err != nil || !run.Sound {
		tb.Fatalf("the doctor's night: %v, %s", err, run.Findings)
	}
	w.Projects(tb, small, projects)
	apptest.Must(tb, w.App.ResetPassword(context.Background(), app.Setup("bench"), "leader", startPassword), "set a password")
	apptest.Must(tb, w.App.Close(), "close")
	for i := range starts {
		s := startServer(tb, program, dir)
		out.seconds = append(out.seconds, s.took.Seconds())
		if i == starts-1 {
			cookie := s.signIn(tb)
			out.mb = s.serve(tb, cookie, "/map", asked)
			out.boardMB = s.serve(tb, cookie, "/map?view=tickets", asked)
		}
		s.stop(tb)
	}
	return out
}

// served is a process of the program.
type served struct {
	cmd  *exec.Cmd
	base string
	took time.Duration
	said *bytes.Buffer
}

func startServer(tb testing.TB, program, dir string) *served {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	apptest.Must(tb, err, "find a port")
	address := ln.Addr().String()
	apptest.Must(tb, ln.Close(), "free the port")
	s := &served{cmd: exec.Command(program, "serve", "--data", dir, "--listen", address), base: "http://" + address, said: &bytes.Buffer{}}
	s.cmd.Stderr = s.said
	begin := time.Now()
	apptest.Must(tb, s.cmd.Start(), "start")
	for {
		if resp, err := http.Get(s.base + "/healthz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				s.took = time.Since(begin)
				return s
			}
		}
		if time.Since(begin) > 5*time.Minute {
			s.stop(tb)
			tb.Fatalf("no answer: %s", s.said)
		}
	}
}

func (s *served) stop(tb testing.TB) {
	tb.Helper()
	apptest.Must(tb, s.cmd.Process.Signal(syscall.SIGTERM), "stop")
	apptest.Must(tb, s.cmd.Wait(), "end: %s", s.said)
}

// signIn is the cookie of somebody who sees everything.
func (s *served) signIn(tb testing.TB) string {
	tb.Helper()
	r, err := http.NewRequest(http.MethodPost, s.base+"/login", strings.NewReader(url.Values{"account": {"leader"}, "password": {startPassword}}.Encode()))
	apptest.Must(tb, err, "sign in")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(r)
	apptest.Must(tb, err, "sign in")
	resp.Body.Close()
	return strings.Split(resp.Header.Get("Set-Cookie"), ";")[0]
}

// serve lets sixteen browsers read a page and tells the resident memory then, in MB.
func (s *served) serve(tb testing.TB, cookie, path string, asked int) float64 {
	tb.Helper()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range asked / 16 {
				r, err := http.NewRequest(http.MethodGet, s.base+path, nil)
				if err != nil {
					tb.Error(err)
					return
				}
				r.Header.Set("Cookie", cookie)
				resp, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					tb.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					tb.Errorf("%s, %v", resp.Status, err)
				}
				resp.Body.Close()
			}
		})
	}
	wg.Wait()
	return s.resident(tb)
}

func (s *served) resident(tb testing.TB) float64 {
	tb.Helper()
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	apptest.Must(tb, err, "look at the process")
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(fields[1], 64)
			apptest.Must(tb, err, "read %s", fields[1])
			return kb / 1024
		}
	}
	tb.Fatal("the process has no size")
	return 0
}

// BenchmarkStart is goal P6: the program starts on BATTLEMAP_BENCH_TICKETS tickets (10,000 without), and what it takes while it serves boards.
func BenchmarkStart(b *testing.B) {
	tickets := 10_000
	if text := os.Getenv("BATTLEMAP_BENCH_TICKETS"); text != "" {
		var err error
		tickets, err = strconv.Atoi(text)
		apptest.Must(b, err, "BATTLEMAP_BENCH_TICKETS")
	}
	for b.Loop() {
		s := startServers(b, tickets, 1000, 5, 1600)
		apptest.ReportSpread(b, "s/start", s.seconds)
		b.ReportMetric(s.mb, "MB")
		b.ReportMetric(s.boardMB, "board-MB")
	}
}

// What the benchmark of starts does works, whatever it costs here.
func TestStartBenchmark(t *testing.T) {
	if s := startServers(t, 20, 12, 1, 32); len(s.seconds) != 1 || s.mb <= 0 || s.boardMB <= 0 {
		t.Errorf("started in %v, %v MB", s.seconds, s.mb)
	}
}
