package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"battlemap/app/apptest"
)

// loadNode is one battlemap as a process of its own.
type loadNode struct {
	name, address  string // HOST:PORT
	cmd            *exec.Cmd
	log            *strings.Builder
	up             bool
	resident, peak int64 // bytes
}

// buildLoad builds the program as it is shipped.
func buildLoad(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "battlemap")
	out, err := exec.Command("go", "build", "-o", program, "battlemap/cmd/battlemap").CombinedOutput()
	apptest.Must(t, err, "build: %s", out)
	return program
}

// start starts a node in a place among the nodes, and lets browsers know of it once it has printed its address.
func (l *crowd) start(place int) {
	l.t.Helper()
	n := &loadNode{name: fmt.Sprint("node", place+1), log: &strings.Builder{}}
	args := []string{"serve", "--listen", "127.0.0.1:0", "--data", l.dir, "--node", n.name}
	args = append(args, l.mail.flags(l.t)...)
	n.cmd = exec.Command(l.program, args...)
	n.cmd.Env = os.Environ()
	if strings.HasPrefix(l.database, "postgres") {
		n.cmd.Env = append(n.cmd.Env, "BATTLEMAP_DATABASE="+l.database)
	}
	if folder := os.Getenv("BATTLEMAP_TEST_LOAD_PROFILE"); folder != "" {
		program, err := os.Executable()
		apptest.Must(l.t, err, "executable")
		file := filepath.Join(folder, filepath.Base(l.t.Name())+"-"+n.name)
		env := append(n.cmd.Env, loadServe+"="+strings.Join(args, "\x1f"), loadHeap+"="+file+".heap")
		n.cmd = exec.Command(program, "-test.run=^TestLoadServe$", "-test.cpuprofile="+file+".cpu", "-test.memprofile="+file+".mem", "-test.timeout=1h")
		n.cmd.Env = env
	}
	n.cmd.Stderr = n.log
	out, err := n.cmd.StdoutPipe()
	apptest.Must(l.t, err, "stdout")
	apptest.Must(l.t, n.cmd.Start(), "start %s", n.name)
	l.t.Cleanup(func() { _ = n.cmd.Process.Kill() }) // of a test that failed; a process that has ended hears nothing
	lines := bufio.NewScanner(out)
	for n.address == "" && lines.Scan() {
		n.address, _ = strings.CutPrefix(lines.Text(), "http://")
	}
	if n.address == "" {
		l.t.Fatalf("%s printed no address: %s", n.name, n.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	l.tell(place, n, true)
}

// loadServe is the command line of a node that runs in the test's own program.
const loadServe, loadHeap = "BATTLEMAP_TEST_LOAD_SERVE", "BATTLEMAP_TEST_LOAD_HEAP"

// TestLoadServe is not a test of its own: it is a node in the test's program, so that go test's own flags profile it. The product has no such door.
func TestLoadServe(t *testing.T) {
	line := os.Getenv(loadServe)
	if line == "" {
		t.Skip("runs only as a node of another test")
	}
	heap := make(chan os.Signal, 1)
	signal.Notify(heap, syscall.SIGUSR1) // asks for what is held just now
	go func() {
		for range heap {
			f, err := os.Create(os.Getenv(loadHeap))
			apptest.Must(t, err, "profile")
			apptest.Must(t, pprof.Lookup("heap").WriteTo(f, 0), "profile")
			apptest.Must(t, f.Close(), "profile")
		}
	}()
	os.Args = append([]string{"battlemap"}, strings.Split(line, "\x1f")...)
	main()
}

// tell says that a node is there, or is not there any more.
func (l *crowd) tell(place int, n *loadNode, up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.nodes) <= place {
		l.nodes = append(l.nodes, nil)
	}
	n.up, l.nodes[place] = up, n
	close(l.moved)
	l.moved = make(chan struct{})
}

// stop ends a node as an operator does.
func (l *crowd) stop(place int) {
	l.t.Helper()
	n := l.nodes[place]
	l.tell(place, n, false)
	apptest.Must(l.t, n.cmd.Process.Signal(syscall.SIGTERM), "stop %s", n.name)
	if err := n.cmd.Wait(); err != nil {
		l.t.Errorf("%s ended with %v", n.name, err)
	}
	for line := range strings.Lines(n.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "broken off") {
			l.t.Errorf("%s logged %s", n.name, line)
		}
	}
}

// kill ends a node in the middle of whatever it does.
func (l *crowd) kill(place int) {
	l.t.Helper()
	n := l.nodes[place]
	l.tell(place, n, false)
	apptest.Must(l.t, n.cmd.Process.Kill(), "kill %s", n.name)
	_ = n.cmd.Wait() // says that it was killed
}

// node is the address at which a browser finds a node: its own if that is there, otherwise any, and if there is none it waits. "" when ctx is over.
func (l *crowd) node(ctx context.Context, i int) string {
	for {
		l.mu.Lock()
		moved := l.moved
		for j := range l.nodes {
			if n := l.nodes[(i+j)%len(l.nodes)]; n.up {
				l.mu.Unlock()
				return n.address
			}
		}
		l.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ""
		}
	}
}

// there tells whether a node with that address is still meant to be there.
func (l *crowd) there(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.nodes {
		if n.up && n.address == address {
			return true
		}
	}
	return false
}

// measure reads from the system how much memory the node holds, and how much it held at most.
func (n *loadNode) measure(t *testing.T) {
	t.Helper()
	if os.Getenv("BATTLEMAP_TEST_LOAD_PROFILE") != "" {
		apptest.Must(t, n.cmd.Process.Signal(syscall.SIGUSR1), "profile %s", n.name)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.cmd.Process.Pid))
	apptest.Must(t, err, "read the memory of %s", n.name)
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		for name, into := range map[string]*int64{"VmRSS:": &n.resident, "VmHWM:": &n.peak} {
			if f[0] == name {
				kb, err := strconv.ParseInt(f[1], 10, 64)
				apptest.Must(t, err, "read %s", line)
				*into = kb << 10
			}
		}
	}
}
